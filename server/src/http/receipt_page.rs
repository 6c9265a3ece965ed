//! The page that the link on a receipt leads to: what the receipt says and how its holder checks it without trusting this
//! server. Plain HTML in both languages, without scripts and without anything from elsewhere. Like the paper it says of
//! the matter only what the recognised person agreed to, and not a word on anybody else.

use std::fmt::Write as _;

use axum::http::StatusCode;
use doorstep_app::notice::escaped;
use doorstep_app::receipt::GivenReceipt;
use doorstep_domain::receipt::NextStep;
use doorstep_domain::words::{Lang, word};
use doorstep_log::receipt::Said;
use jiff::Timestamp;
use jiff::tz::Offset;

const STYLE: &str = "body{font:16px/1.6 system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;max-width:40rem;\
    margin:2rem auto;padding:0 1rem}dt{color:#555}dd{margin:0 0 .6rem;font-weight:bold;overflow-wrap:anywhere}\
    code{font:14px ui-monospace,monospace;overflow-wrap:anywhere}\
    @media(prefers-color-scheme:dark){body{background:#111;color:#ddd}dt{color:#aaa}a{color:#8bf}}";

/// English or Chinese.
const fn pick(lang: Lang, english: &'static str, chinese: &'static str) -> &'static str {
    match lang {
        Lang::En => english,
        Lang::Zh => chinese,
    }
}

/// The page of a receipt.
pub(super) fn page(given: &GivenReceipt, lang: Lang) -> String {
    let mut html = head(lang);
    html.push_str("<dl>\n");
    for (label, value) in facts(given, lang) {
        let _ = writeln!(html, "<dt>{label}</dt><dd>{}</dd>", escaped(&value));
    }
    html.push_str("</dl>\n");
    if given.proven.said.is_none() {
        paragraph(
            &mut html,
            pick(
                lang,
                "The data of the person who was visited was erased. That this receipt was given stays proven; what it said \
                 is known to whoever has the paper.",
                "被访者的数据已删除。此回执确曾出具，仍可证明；其内容只有持有纸质回执者知晓。",
            ),
        );
    }
    paragraph(
        &mut html,
        pick(
            lang,
            "Compare this with your paper. Where anything differs, or is not what happened, complain where the paper says.",
            "请与纸质回执核对。若有出入或与事实不符，请向回执所载处投诉。",
        ),
    );
    answer(&mut html, given, lang);
    how(&mut html, given, lang);
    html.push_str("</body></html>\n");
    html
}

/// What it says, and where it stands in the log.
fn facts(given: &GivenReceipt, lang: Lang) -> Vec<(&'static str, String)> {
    let proven = &given.proven;
    let at = |ms| local(ms, proven.tz_min);
    let mut facts = Vec::new();
    if let Some(said) = &proven.said {
        let complaints = match said.complaints.as_str() {
            "" => pick(lang, "ask the office named above", "请向上述机构提出").to_owned(),
            known => known.to_owned(),
        };
        facts.extend([
            (pick(lang, "Date and time", "到访时间"), at(said.at_ms)),
            (
                pick(lang, "Badge numbers of who came", "来访人员工号"),
                said.staff.join(pick(lang, ", ", "、")),
            ),
            (pick(lang, "They came for", "来访机构"), said.office.clone()),
        ]);
        facts.extend(further(said, lang));
        facts.extend([
            (pick(lang, "To object or complain", "异议与投诉"), complaints),
            (pick(lang, "Reference", "回执编号"), said.reference.clone()),
        ]);
    }
    facts.extend([
        (
            pick(lang, "Recorded by the server", "服务器收到时间"),
            at(proven.recv_ms),
        ),
        (
            pick(lang, "Log, and place in it", "日志及位置"),
            format!("{}  {} / {}", proven.origin, proven.index, proven.size),
        ),
    ]);
    facts
}

/// By whose authority, what was agreed and what follows, as far as the receipt says it.
fn further(said: &Said, lang: Lang) -> Vec<(&'static str, String)> {
    let next = said.next.as_ref().map(|code| {
        let known = code.parse::<NextStep>();
        known.map_or_else(|_| code.clone(), |next| word(lang, next).to_owned())
    });
    let agreed = said.agreed.as_ref();
    let facts = [
        (pick(lang, "On behalf of", "委托方"), said.authority.clone()),
        (
            pick(lang, "Agreed", "约定"),
            agreed.map(|agreed| format!("{} {}, {}", agreed.amount, agreed.currency, agreed.day)),
        ),
        (pick(lang, "What follows", "后续"), next),
    ];
    let there = facts.into_iter().filter_map(|(label, value)| Some((label, value?)));
    there.collect()
}

/// Where its holder answers: the reference opens the page of the visit, as the code of a notice does.
fn answer(html: &mut String, given: &GivenReceipt, lang: Lang) {
    let Some(said) = &given.proven.said else { return };
    let text = pick(
        lang,
        "Object, dispute, complain, say that nobody shall come any more, or how the visit was",
        "提出异议、申诉、投诉，要求不再上门，或评价此次到访",
    );
    let _ = writeln!(html, "<p><a href=\"/n/{}\">{text}</a></p>", escaped(&said.reference));
}

/// How its holder checks it.
fn how(html: &mut String, given: &GivenReceipt, lang: Lang) {
    let title = pick(lang, "Check it yourself", "自行核验");
    let _ = writeln!(html, "<h2>{title}</h2>");
    paragraph(
        html,
        pick(
            lang,
            "This page is what the office's server says. The file below proves it: anybody whom you trust can check it \
             without this server and without a network, with the free program doorstep-verify.",
            "本页是该机构服务器的陈述。以下文件可作证明：您信任的任何人都可以用免费程序 doorstep-verify 离线核验，无需本服务器。",
        ),
    );
    let file = pick(lang, "the receipt as a file", "回执文件");
    let _ = writeln!(html, "<p><a href=\"?file=true\">{file}</a></p>");
    let key = escaped(&given.key.to_string());
    let _ = writeln!(html, "<p><code>doorstep-verify receipt-….json --key {key}</code></p>");
    paragraph(
        html,
        pick(
            lang,
            "The key must be the one on your paper, or one that you got from somebody other than this server.",
            "公钥须与纸质回执上的一致，或取自本服务器以外的来源。",
        ),
    );
}

/// The page where there is no receipt to show.
pub(super) fn refusal(status: StatusCode, lang: Lang) -> String {
    let text = match status {
        StatusCode::NOT_FOUND => pick(
            lang,
            "No receipt with this reference has arrived. Read it again from the paper. The device may also not have sent it \
             yet: try again tomorrow, then complain where the receipt says.",
            "尚未收到此编号的回执。请对照纸质回执重新输入；设备也可能尚未上传，请明天再试，仍无结果请向回执所载处投诉。",
        ),
        StatusCode::TOO_MANY_REQUESTS => pick(
            lang,
            "Too many receipts were asked for from your network. Wait 15 minutes.",
            "您所在网络的查询过多，请等待 15 分钟。",
        ),
        StatusCode::SERVICE_UNAVAILABLE => pick(
            lang,
            "The receipt cannot be shown at the moment. Try again in a minute.",
            "暂时无法显示回执，请一分钟后再试。",
        ),
        _ => pick(
            lang,
            "The server cannot show this receipt: its records do not hold, or it failed. Keep the paper, and complain where \
             it says.",
            "服务器无法出示此回执：其记录有误或发生故障。请保存好纸质回执，并向回执所载处投诉。",
        ),
    };
    let mut html = head(lang);
    paragraph(&mut html, text);
    html.push_str("</body></html>\n");
    html
}

fn head(lang: Lang) -> String {
    let title = pick(lang, "Receipt of a visit", "到访回执");
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n",
        pick(lang, "en", "zh-Hans"),
    )
}

fn paragraph(html: &mut String, text: &str) {
    let _ = writeln!(html, "<p>{text}</p>");
}

/// A time in the zone of the visit.
fn local(ms: i64, tz_min: i64) -> String {
    let seconds = i32::try_from(tz_min.saturating_mul(60)).unwrap_or(0);
    let (Ok(at), Ok(offset)) = (Timestamp::from_millisecond(ms), Offset::from_seconds(seconds)) else {
        return format!("{ms} ms");
    };
    let at = at.to_zoned(offset.to_time_zone());
    at.strftime("%Y-%m-%d %H:%M %:z").to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use doorstep_log::hash::Hash;
    use doorstep_log::note::SigningKey;
    use doorstep_log::receipt::Proven;

    use super::*;

    fn given() -> GivenReceipt {
        GivenReceipt {
            file: Vec::new(),
            proven: Proven {
                origin: "d/t/events".to_owned(),
                index: 3,
                size: 9,
                generation: 1,
                root: Hash([0; 32]),
                device: "dev".to_owned(),
                wall_ms: 1_795_400_000_000,
                tz_min: 480,
                recv_ms: 1_795_400_060_000,
                said: Some(Said {
                    reference: "7ZZZ-ZZZZ".to_owned(),
                    at_ms: 1_795_400_000_000,
                    staff: vec!["F01".to_owned(), "F02".to_owned()],
                    office: "North & <Co>".to_owned(),
                    complaints: String::new(),
                    authority: Some("River & Bank".to_owned()),
                    agreed: None,
                    next: Some("answer".to_owned()),
                }),
                key_from_receipt: false,
                cosigned: Vec::new(),
            },
            key: SigningKey::from_seed("d/t/events", &[7; 32]).unwrap().verifier(),
        }
    }

    #[test]
    fn it_says_what_the_paper_says_and_loads_nothing() {
        for (lang, complain) in [(Lang::En, "ask the office named above"), (Lang::Zh, "请向上述机构提出")] {
            let html = page(&given(), lang);
            for part in [
                "F01",
                "F02",
                "North &amp; &lt;Co&gt;",
                "7ZZZ-ZZZZ",
                "+08:00",
                complain,
                "?file=true",
            ] {
                assert!(html.contains(part), "{part} in {html}");
            }
            assert!(html.contains(&escaped(&given().key.to_string())));
            assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("url("));
            let mut erased = given();
            erased.proven.said = None;
            assert!(!page(&erased, lang).contains("F01"));
        }
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        for status in [404, 429, 503, 500] {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(refusal(status, Lang::Zh).contains("<p>"));
            assert_ne!(refusal(status, Lang::En), refusal(status, Lang::Zh));
        }
    }
}
