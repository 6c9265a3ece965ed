//! The section `[pay]`: how a person pays. Only to the portfolio, by its own reference or link; never to whoever visits.

use std::fmt::Write as _;

use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;
use serde::Deserialize;

use crate::document::Wrong;

/// What may stand in braces.
const PLACEHOLDERS: [&str; 4] = ["case_no", "portfolio", "currency", "amount"];
/// The longest of these texts, in characters: a QR code of it must fit a terminal.
const CHARS_MAX: usize = 200;
/// So many digits in a row, outside of placeholders, may be somebody's account, card or phone.
const DIGITS_MAX: usize = 7;
/// Services by which persons pay persons: a link to one of them is somebody's own purse.
const OF_PERSONS: [&str; 10] = [
    "paypal.me",
    "venmo.com",
    "cash.app",
    "revolut.me",
    "monzo.me",
    "qr.alipay.com",
    "wx.tenpay.com",
    "payapp.weixin.qq.com",
    "ko-fi.com",
    "buymeacoffee.com",
];

/// How a person pays. All empty: Doorstep names no way to pay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pay {
    /// Who is paid, as the person knows them: the creditor.
    pub payee: String,
    /// The reference to give, with `{case_no}`.
    pub reference: String,
    /// The creditor's own page for paying, `https` with `{case_no}`; may be empty.
    pub link: String,
}

/// Where one person pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayTo {
    /// Who is paid.
    pub payee: String,
    /// The reference.
    pub reference: String,
    /// The link, where there is one.
    pub link: Option<String>,
}

/// What stands for placeholders.
#[derive(Debug, Clone, Copy)]
pub struct PayOf<'a> {
    /// The lender's number of the case.
    pub case_no: &'a str,
    /// The portfolio's name.
    pub portfolio: &'a str,
    /// The currency.
    pub currency: Currency,
    /// How much, where it may be stated.
    pub amount: Option<Minor>,
}

impl Pay {
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem: &str| Err(Wrong::at("pay", key, problem));
        if *self == Self::default() {
            return Ok(());
        }
        for (key, text) in [
            ("payee", &self.payee),
            ("reference", &self.reference),
            ("link", &self.link),
        ] {
            check_text(text).map_err(|problem| Wrong::at("pay", key, problem))?;
        }
        if self.payee.trim().is_empty() || self.payee.contains('{') {
            return wrong(
                "payee",
                "say who is paid, as the person knows them: the creditor's name",
            );
        }
        if !self.reference.contains("{case_no}") {
            return wrong(
                "reference",
                "a payment is told by its reference: write `{case_no}` in it",
            );
        }
        if self.link.is_empty() {
            return Ok(());
        }
        let Some(rest) = self.link.strip_prefix("https://") else {
            return wrong(
                "link",
                "a link to pay begins with `https://` and leads to the creditor's own page",
            );
        };
        let host = rest
            .split(['/', '?', '#'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if host.is_empty() || host.contains(['{', '@']) || !host.contains('.') {
            return wrong("link", "the host of a link is the creditor's own, written out");
        }
        let is_of = |known: &&str| host == **known || host.ends_with(&format!(".{known}"));
        if OF_PERSONS.iter().any(is_of) {
            let problem = "with this service persons pay persons, so it could be a collector's own purse; \
                           name the creditor's page (docs/refused.md, 17)";
            return wrong("link", problem);
        }
        if !self.link.contains("{case_no}") {
            return wrong(
                "link",
                "a payment is told by its reference: write `{case_no}` in the link",
            );
        }
        Ok(())
    }

    /// How one person pays; `None` where the portfolio says nothing.
    #[must_use]
    pub fn of(&self, of: &PayOf<'_>) -> Option<PayTo> {
        if self.reference.is_empty() {
            return None;
        }
        let link = (!self.link.is_empty()).then(|| filled(&self.link, of, encoded));
        Some(PayTo {
            payee: self.payee.clone(),
            reference: filled(&self.reference, of, str::to_owned),
            link,
        })
    }
}

/// Whether a text is one that can stand here at all.
fn check_text(text: &str) -> Result<(), String> {
    if text.chars().count() > CHARS_MAX || text.chars().any(char::is_control) {
        return Err(format!("at most {CHARS_MAX} characters on one line"));
    }
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let known = PLACEHOLDERS
            .iter()
            .find_map(|name| after.strip_prefix(name)?.strip_prefix('}'));
        let Some(after) = known else {
            return Err(format!(
                "in braces stands only one of {}; staff have no place in a payment",
                PLACEHOLDERS.join(", ")
            ));
        };
        plain.push_str(before);
        plain.push(' ');
        rest = after;
    }
    plain.push_str(rest);
    if plain.contains('}') {
        return Err("a brace is closed that was not opened".to_owned());
    }
    let kept = |symbol: &char| !matches!(symbol, '-' | '.');
    let longest = plain
        .chars()
        .filter(kept)
        .fold((0, 0), |(run, most), symbol| {
            let run = if symbol.is_ascii_digit() { run + 1 } else { 0 };
            (run, most.max(run))
        })
        .1;
    if longest > DIGITS_MAX {
        return Err(format!(
            "{longest} digits in a row could be somebody's own account or phone; a case is told by `{{case_no}}` \
             (docs/refused.md, 17)"
        ));
    }
    Ok(())
}

fn filled(template: &str, of: &PayOf<'_>, written: impl Fn(&str) -> String) -> String {
    // One pass: what a number brings along is not filled again.
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        match name {
            "case_no" => text.push_str(&written(of.case_no)),
            "portfolio" => text.push_str(&written(of.portfolio)),
            "currency" => text.push_str(of.currency.code()),
            "amount" => text.push_str(&of.amount.map_or_else(String::new, |amount| of.currency.plain(amount))),
            _ => {}
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// As it may stand in a link: what is no letter or digit is escaped.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::Strategy;

    fn read(text: &str) -> Result<Pay, String> {
        let text = format!("format = 1\n[pay]\n{text}");
        Strategy::read("own.toml", &text)
            .map(|read| read.pay)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_person_pays_the_creditor_by_the_number_of_the_case() {
        let pay = read(
            "payee = \"Example Bank\"\nreference = \"{case_no}/{portfolio}\"\n\
             link = \"https://pay.bank.example/{case_no}?sum={amount}&cur={currency}\"\n",
        );
        let of = PayOf {
            case_no: "L 10/{amount}",
            portfolio: "card",
            currency: Currency::of("EUR").unwrap(),
            amount: Some(Minor(12_345)),
        };
        let to = pay.unwrap().of(&of).unwrap();
        assert_eq!(to.reference, "L 10/{amount}/card");
        let link = "https://pay.bank.example/L%2010%2F%7Bamount%7D?sum=123.45&cur=EUR";
        assert_eq!(to.link.as_deref(), Some(link));
        assert_eq!(Pay::default().of(&of), None);
    }

    #[test]
    fn what_could_be_a_collectors_own_is_refused() {
        let with = |link: &str| format!("payee = \"Bank\"\nreference = \"{{case_no}}\"\nlink = \"{link}\"\n");
        for (text, part) in [
            (with("http://bank.example/{case_no}"), "https"),
            (with("wxp://f2f0{case_no}"), "https"),
            (with("https://paypal.me/somebody/{case_no}"), "collector's own"),
            (with("https://www.venmo.com/u/{case_no}"), "collector's own"),
            (with("https://me@bank.example/{case_no}"), "host"),
            (with("https://{case_no}.example/"), "host"),
            (with("https://bank.example/13800138000/{case_no}"), "account or phone"),
            (with("https://bank.example/pay"), "{case_no}"),
            (with("https://bank.example/{staff}"), "staff have no place"),
            (
                "payee = \"Bank\"\nreference = \"{case_no} 138-0013-8000\"\n".to_owned(),
                "account or phone",
            ),
            ("payee = \"Bank\"\nreference = \"loan\"\n".to_owned(), "{case_no}"),
            ("payee = \"\"\nreference = \"{case_no}\"\n".to_owned(), "who is paid"),
            ("payee = \"Bank\"\nreference = \"{case_no\"\n".to_owned(), "in braces"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
