//! The receipt that a visited person keeps: a page for printing, lines for a screen, a code for a phone. Pure.
//!
//! It says who came, when, for whom, what follows, where to complain, and how to check all that. Of the matter only what the
//! person agreed to, where they were recognised and take it themselves; not a word on anybody else.

use crate::qr::QrCode;
use crate::sheet::escaped;
use crate::text::{label, pick};
use crate::times;
use doorstep_device::Receipt;
use doorstep_domain::receipt::NextStep;
use doorstep_domain::words::Lang;
use doorstep_wire::sync::ReceiptSaid;
use std::fmt::Write as _;

/// Side of the code on paper, in millimetres.
const CODE_MM: u32 = 34;

/// The address under which the receipt can be fetched, which the code says.
pub fn link(receipt: &Receipt) -> String {
    let server = receipt.server_url.trim_end_matches('/');
    format!("{server}/v1/receipts/{}", receipt.said.reference)
}

/// The address of the page where its holder objects, disputes, complains or says that nobody shall come any more.
pub fn page_link(receipt: &Receipt) -> String {
    let server = receipt.server_url.trim_end_matches('/');
    format!("{server}/n/{}", receipt.said.reference)
}

/// The language of the program in which its holder reads: theirs where it is one of both.
pub fn lang_of(receipt: &Receipt, otherwise: Lang) -> Lang {
    match receipt.language.split(['-', '_']).next().unwrap_or_default() {
        "en" => Lang::En,
        "zh" => Lang::Zh,
        _ => otherwise,
    }
}

/// What it says, as label and value.
pub fn facts(receipt: &Receipt, lang: Lang) -> Vec<(&'static str, String)> {
    let said = &receipt.said;
    let zone = times::zone(&receipt.zone);
    let complaints = if said.complaints.is_empty() {
        pick(lang, "ask the office named above", "请向上述机构提出").to_owned()
    } else {
        said.complaints.clone()
    };
    let comma = pick(lang, ", ", "、");
    let mut facts = vec![
        (
            pick(lang, "Date and time", "到访时间"),
            times::at(said.at_ms.saturating_mul(1_000), &zone),
        ),
        (
            pick(lang, "Badge numbers of who came", "来访人员工号"),
            said.staff.join(comma),
        ),
        (pick(lang, "They came for", "来访机构"), said.office.clone()),
    ];
    facts.extend(further(said, lang));
    facts.extend(pay(receipt, lang));
    facts.extend([
        (pick(lang, "To object or complain", "异议与投诉"), complaints),
        (pick(lang, "The same on a page", "网上办理"), page_link(receipt)),
        (pick(lang, "Reference", "回执编号"), said.reference.clone()),
        (pick(lang, "To see it", "查看地址"), link(receipt)),
        (pick(lang, "Log", "日志"), receipt.log.clone()),
    ]);
    facts
}

/// By whose authority, what was agreed and what follows, as far as the receipt says it.
fn further(said: &ReceiptSaid, lang: Lang) -> Vec<(&'static str, String)> {
    let agreed = said.agreed.as_ref();
    let facts = [
        (pick(lang, "On behalf of", "委托方"), said.authority.clone()),
        (
            pick(lang, "Agreed", "约定"),
            agreed.map(|agreed| format!("{} {}, {}", agreed.amount, agreed.currency, agreed.day)),
        ),
        (
            pick(lang, "What follows", "后续"),
            said.next.as_deref().map(|code| label::<NextStep>(lang, code)),
        ),
    ];
    let there = facts.into_iter().filter_map(|(label, value)| Some((label, value?)));
    there.collect()
}

/// How to pay what was agreed, and that nobody who visits takes money.
fn pay(receipt: &Receipt, lang: Lang) -> Vec<(&'static str, String)> {
    let Some(pay) = &receipt.pay else { return Vec::new() };
    let nobody = pick(lang, "nobody who visits takes money", "来访人员不收取任何款项");
    let mut facts = vec![
        (
            pick(lang, "Pay only to", "仅向以下机构还款"),
            format!("{} ({nobody})", pay.payee),
        ),
        (pick(lang, "With this reference", "还款附言"), pay.reference.clone()),
    ];
    facts.extend(pay.link.clone().map(|link| (pick(lang, "Or here", "或通过"), link)));
    facts
}

/// What a code for paying says: the link, or else the reference.
pub fn pay_code(receipt: &Receipt) -> Option<&str> {
    let pay = receipt.pay.as_ref()?;
    Some(pay.link.as_deref().unwrap_or(&pay.reference))
}

/// What its holder can do with it.
pub fn advice(lang: Lang) -> [&'static str; 2] {
    [
        pick(
            lang,
            "With the reference anybody whom you trust can check that this visit was recorded and not altered since.",
            "凭回执编号，您信任的任何人都可以核验此次到访已被记录且未被改动。",
        ),
        pick(
            lang,
            "Whoever holds the reference can read what stands here, and nothing else. Keep it.",
            "持有编号者只能看到本回执所载内容。请妥善保管。",
        ),
    ]
}

/// The receipt as one HTML file, without scripts and without anything from elsewhere.
pub fn page(receipt: &Receipt, lang: Lang) -> String {
    let title = pick(lang, "Receipt of a visit", "到访回执");
    let code = QrCode::new(&link(receipt)).map_or_else(|_| String::new(), |code| code.svg(CODE_MM));
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<div class=\"code\">{code}</div>\n<dl>\n",
        pick(lang, "en", "zh-Hans"),
    );
    for (label, value) in facts(receipt, lang) {
        let _ = writeln!(html, "<dt>{label}</dt><dd>{}</dd>", escaped(&value));
    }
    html.push_str("</dl>\n");
    if let Some(code) = pay_code(receipt).and_then(|text| QrCode::new(text).ok()) {
        let said = pick(lang, "To pay the creditor", "向债权机构还款");
        let _ = writeln!(html, "<p>{said}<br/>{}</p>", code.svg(CODE_MM));
    }
    for line in advice(lang) {
        let _ = writeln!(html, "<p>{line}</p>");
    }
    let _ = writeln!(
        html,
        "<p class=\"how\">doorstep receipt fetch {} --server {}<br/>doorstep verify receipt-{}.json --key {}</p>\n</body>\n</html>",
        escaped(&receipt.said.reference),
        escaped(&receipt.server_url),
        escaped(&receipt.said.reference),
        escaped(&receipt.key),
    );
    html
}

const STYLE: &str = "
@page { size: A6; margin: 8mm }
body { font: 9.5pt/1.4 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', Arial, sans-serif; color: #000 }
h1 { font-size: 13pt; margin: 0 0 2mm }
.code { float: right; margin-left: 3mm }
dt { color: #444 } dd { margin: 0 0 1.5mm; font-weight: bold; overflow-wrap: anywhere }
p { margin: 1.5mm 0 } .how { font: 7pt monospace; overflow-wrap: anywhere; clear: both }
";

#[cfg(test)]
mod tests {
    use super::*;
    use doorstep_wire::sync::ReceiptAgreed;

    fn receipt() -> Receipt {
        Receipt {
            said: ReceiptSaid {
                agreed: None,
                authority: Some("Hill & Sons".to_owned()),
                next: Some("pause".to_owned()),
                at_ms: 1_795_400_000_000,
                complaints: "Tel. 12345 <b>".to_owned(),
                office: "North & Co".to_owned(),
                reference: "7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ".to_owned(),
                staff: vec!["F01".to_owned(), "F02".to_owned()],
            },
            zone: "Asia/Shanghai".to_owned(),
            language: "zh-CN".to_owned(),
            log: "doorstep.local/t/events".to_owned(),
            key: "doorstep.local/t/events+00000000+AAAA".to_owned(),
            server_url: "https://visits.example/".to_owned(),
            event: uuid::Uuid::nil(),
            pay: None,
        }
    }

    #[test]
    fn it_says_who_came_and_where_to_complain_in_both_languages() {
        for lang in [Lang::En, Lang::Zh] {
            let html = page(&receipt(), lang);
            for part in [
                "F01",
                "F02",
                "North &amp; Co",
                "Tel. 12345 &lt;b&gt;",
                "7ZZZ-ZZZZ",
                "+08:00",
                "<svg",
                "Hill &amp; Sons",
                "https://visits.example/n/7ZZZ-ZZZZ",
                "doorstep.local/t/events",
                "https://visits.example/v1/receipts/7ZZZ-ZZZZ",
                "--key doorstep.local/t/events+00000000+AAAA",
            ] {
                assert!(html.contains(part), "{part} in {html}");
            }
            assert!(!html.contains("<script") && !html.contains("href") && !html.contains("url("));
        }
        assert_eq!(
            link(&receipt()),
            "https://visits.example/v1/receipts/7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ"
        );
        let mut agreed = receipt();
        agreed.said.agreed = Some(ReceiptAgreed {
            amount: "250.00".to_owned(),
            currency: "EUR".to_owned(),
            day: "2026-12-01".to_owned(),
        });
        assert!(page(&agreed, Lang::En).contains("<dt>Agreed</dt><dd>250.00 EUR, 2026-12-01</dd>"));
        assert_eq!(page(&agreed, Lang::En).matches("<svg").count(), 1);
        agreed.pay = Some(doorstep_wire::agreement::PayItem {
            payee: "Example Bank".to_owned(),
            reference: "L-1".to_owned(),
            link: None,
            currency: "EUR".to_owned(),
            amount: None,
        });
        let paper = page(&agreed, Lang::En);
        assert!(paper.contains("Example Bank (nobody who visits takes money)"));
        assert_eq!(paper.matches("<svg").count(), 2, "one code to check it, one to pay");
        assert!(!page(&receipt(), Lang::En).contains("Agreed"));
        assert_eq!(lang_of(&agreed, Lang::En), Lang::Zh, "in the language of who holds it");
        agreed.language = "pt".to_owned();
        assert_eq!(lang_of(&agreed, Lang::En), Lang::En);
        let mut silent = receipt();
        silent.said.complaints.clear();
        assert!(page(&silent, Lang::En).contains("ask the office named above"));
    }

    #[test]
    fn nothing_tells_what_it_is_about_or_that_there_are_others() {
        let telling = [
            "debt",
            "owe",
            "loan",
            "lender",
            "amount",
            "pay",
            "case",
            "due",
            "neighbour",
            "household",
            "other person",
            "债",
            "欠",
            "贷",
            "借",
            "金额",
            "款",
            "逾期",
            "案",
            "还款",
            "同住",
            "他人",
        ];
        for lang in [Lang::En, Lang::Zh] {
            let text = page(&receipt(), lang).replace(STYLE, "").to_lowercase();
            for tell in telling {
                assert!(!text.contains(tell), "{tell} in {text}");
            }
        }
    }
}
