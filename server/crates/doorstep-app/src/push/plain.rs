//! What a header may say in a leaf: ids, numbers, hashes and short codes. The log keeps its leaves for ever and shows them
//! to strangers, so a text that could name or describe a person has no place in one.
//!
//! This is the form of the sync versions that this server takes; who adds a member to it raises the version.

use doorstep_log::canonical::Value;
use doorstep_log::leaf::Header;
use uuid::Uuid;

/// The most aliases that one event names.
const ALIASES_MAX: usize = 8;
/// Members beyond the format: what `day.open` and `day.close` count.
const COUNTS: [&str; 6] = ["doors", "unacknowledged", "events", "visits", "skipped", "begun"];
/// More than a device ever counts.
const COUNT_MAX: i64 = 1_000_000;
/// Further from UTC than any zone, in minutes.
const ZONE_MAX: i64 = 24 * 60;

/// Whether a header has the form that may stand in a leaf.
pub(super) fn is_plain(header: &Header) -> bool {
    let aliases = header.visit.iter().chain(&header.subj);
    let is_count = |(name, value): (&String, &Value)| {
        COUNTS.contains(&name.as_str()) && value.as_integer().is_some_and(|count| (0..=COUNT_MAX).contains(&count))
    };
    is_id(&header.eid)
        && header.subj.len() <= ALIASES_MAX
        && aliases.into_iter().all(|alias| is_id(alias))
        && is_code(&header.kind, 32, |c| c.is_ascii_lowercase() || matches!(c, '.' | '_'))
        && header
            .loc_q
            .iter()
            .all(|code| is_code(code, 16, |c| c.is_ascii_lowercase()))
        && is_code(&header.boot, 36, |c| matches!(c, '0'..='9' | 'a'..='f' | '-'))
        && is_program(&header.app)
        && (-ZONE_MAX..=ZONE_MAX).contains(&header.tz_min)
        && header.extra.iter().all(is_count)
}

/// A UUID in its one spelling.
fn is_id(text: &str) -> bool {
    text.parse().is_ok_and(|id: Uuid| id.to_string() == text)
}

fn is_code(text: &str, length_max: usize, is_part: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.len() <= length_max && text.chars().all(is_part)
}

/// `name/version`.
fn is_program(text: &str) -> bool {
    let is_name = |name| is_code(name, 24, |c| c.is_ascii_lowercase() || c == '-');
    let is_version = |version| {
        is_code(version, 24, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || ".+-".contains(c)
        })
    };
    text.split_once('/')
        .is_some_and(|(name, version)| is_name(name) && is_version(version))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use doorstep_log::hash::ZERO;

    use super::*;

    /// A member, and how it gets a text.
    type Change = (&'static str, fn(&mut Header, String));

    fn header() -> Header {
        let id = Uuid::from_u128(7).to_string();
        Header {
            dev: id.clone(),
            dseq: 1,
            prev: ZERO,
            eid: id.clone(),
            kind: "visit.en_route".to_owned(),
            visit: Some(id.clone()),
            subj: vec![id.clone()],
            wall_ms: 0,
            mono_ms: 0,
            boot: id,
            tz_min: 480,
            loc_q: Some("good".to_owned()),
            rules: None,
            app: "doorstep/0.1.0-rc.1".to_owned(),
            cp: None,
            pc: None,
            att: Vec::new(),
            extra: BTreeMap::from([("doors".to_owned(), Value::Integer(12))]),
        }
    }

    #[test]
    fn texts_of_every_kind_are_found_in_every_member() {
        assert!(is_plain(&header()));
        for text in [
            "Maria Silva",
            "+351 911 222 333",
            "张三",
            "urn:uuid:00000000-0000-0000-0000-000000000007",
            "",
        ] {
            let text = text.to_owned();
            let changed: [Change; 8] = [
                ("eid", |header, text| header.eid = text),
                ("type", |header, text| header.kind = text),
                ("visit", |header, text| header.visit = Some(text)),
                ("subj", |header, text| header.subj.push(text)),
                ("boot", |header, text| header.boot = text),
                ("loc_q", |header, text| header.loc_q = Some(text)),
                ("app", |header, text| header.app = text),
                ("extra", |header, text| {
                    header.extra.insert("doors".to_owned(), Value::from(text.as_str()));
                }),
            ];
            for (member, change) in changed {
                let mut header = header();
                change(&mut header, text.clone());
                assert!(!is_plain(&header), "{member}: {text:?}");
            }
        }
    }

    #[test]
    fn no_member_is_added_and_numbers_are_counts() {
        let with = |name: &str, count| {
            let mut header = header();
            header.extra.insert(name.to_owned(), Value::Integer(count));
            is_plain(&header)
        };
        assert!(with("begun", 0));
        assert!(!with("phone", 1) && !with("doors", -1) && !with("doors", 351_911_222_333));
        let upper = Header {
            visit: Some(Uuid::from_u128(0xabc).to_string().to_uppercase()),
            ..header()
        };
        assert!(!is_plain(&upper), "an id has one spelling");
        let far = Header {
            tz_min: i64::MIN,
            ..header()
        };
        assert!(!is_plain(&far));
    }
}
