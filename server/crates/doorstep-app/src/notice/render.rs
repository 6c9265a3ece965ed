//! What one notice says: a template with the words of one visit, and the page that is printed of it. Knows no storage.

use std::fmt::Write as _;

use doorstep_domain::measure::Micros;
use doorstep_domain::notice::NoticeChannel;
use doorstep_domain::words::Lang;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::template::{Templates, pieces};
use crate::day;

/// How far the hours that are told reach beyond those planned: a route runs early or late.
const AROUND: Micros = Micros::from_seconds(3_600);
/// The hours that are told begin and end at a half hour.
const HALF_HOUR: i64 = 1_800;
/// The tag of a notice in every language of the program.
pub(super) const EVERY: &str = "both";

/// What is said of a visit.
pub(super) struct Words<'a> {
    pub(super) name: &'a str,
    pub(super) office: &'a str,
    pub(super) badges: &'a [String],
    pub(super) starts: Micros,
    pub(super) ends: Micros,
    pub(super) zone: &'a TimeZone,
    pub(super) page: &'a str,
    pub(super) code: &'a str,
    pub(super) stop_code: &'a str,
    pub(super) complaints: &'a str,
}

/// A notice in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) lang: String,
    pub(super) title: String,
    pub(super) text: String,
}

/// In which languages a person is written to: their own, or all where theirs is none of the program's. The tag first.
pub(crate) fn languages(tag: &str) -> (&'static str, &'static [Lang]) {
    match tag.parse() {
        Ok(Lang::En) => (Lang::En.code(), &[Lang::En]),
        Ok(Lang::Zh) => (Lang::Zh.code(), &[Lang::Zh]),
        Err(_) => (EVERY, Lang::ALL),
    }
}

/// The notice in some languages.
pub(super) fn said(templates: &Templates, channel: NoticeChannel, langs: &[Lang], words: &Words<'_>) -> Vec<Said> {
    let found = langs
        .iter()
        .filter_map(|lang| Some((*lang, templates.of(*lang, channel)?)));
    found
        .map(|(lang, template)| Said {
            lang: lang.code().to_owned(),
            title: template.title.clone(),
            text: filled(&template.text, lang, words),
        })
        .collect()
}

/// Each placeholder is exchanged once: what a value holds is never read as one.
fn filled(text: &str, lang: Lang, words: &Words<'_>) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (before, name) in pieces(text) {
        out.push_str(before);
        out.push_str(&name.map_or_else(String::new, |name| value(name, lang, words)));
    }
    out
}

fn value(name: &str, lang: Lang, words: &Words<'_>) -> String {
    let separator = match lang {
        Lang::En => ", ",
        Lang::Zh => "、",
    };
    let half_hours = |seconds: i64| Micros::from_seconds(seconds * HALF_HOUR);
    match name {
        "name" => words.name.to_owned(),
        "office" => words.office.to_owned(),
        "badges" => words.badges.join(separator),
        "date" => date(words.starts, words.zone, lang),
        "from" => {
            let from = (words.starts - AROUND).seconds().div_euclid(HALF_HOUR);
            clock(
                half_hours(from).max(day::start(day::local(words.starts, words.zone), words.zone)),
                words.zone,
            )
        }
        "to" => clock(
            half_hours((words.ends + AROUND).seconds().div_euclid(HALF_HOUR) + 1),
            words.zone,
        ),
        "page" => words.page.to_owned(),
        "code" => words.code.to_owned(),
        "stop_code" => words.stop_code.to_owned(),
        // Where nothing was named, the office itself hears complaints.
        "complaints" if words.complaints.is_empty() => words.office.to_owned(),
        "complaints" => words.complaints.to_owned(),
        // Templates with others are refused.
        _ => String::new(),
    }
}

fn clock(at: Micros, zone: &TimeZone) -> String {
    day::timestamp(at).to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

fn date(at: Micros, zone: &TimeZone, lang: Lang) -> String {
    let local = day::timestamp(at).to_zoned(zone.clone());
    match lang {
        Lang::En => local.strftime("%A, %-d %B %Y").to_string(),
        Lang::Zh => {
            const DAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
            let weekday = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
            let weekday = DAYS.get(weekday).copied().unwrap_or_default();
            format!(
                "{}年{}月{}日（星期{weekday}）",
                local.year(),
                local.month(),
                local.day()
            )
        }
    }
}

/// The letter as a page for printing: who it is for stands where a window of an envelope shows it, the rest below the fold.
pub(super) fn page(name: &str, address: &str, said: &[Said]) -> String {
    let lang = said.first().map_or("en", |one| one.lang.as_str());
    let title = said.first().map_or("", |one| one.title.as_str());
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<style>\n\
         @page {{ size: A4; margin: 20mm; }}\n\
         body {{ font: 12pt/1.45 sans-serif; color: #000; max-width: 170mm; margin: 0 auto; }}\n\
         address {{ font-style: normal; height: 45mm; padding-top: 25mm; white-space: pre-line; }}\n\
         section + section {{ break-before: page; }}\n\
         </style>\n</head>\n<body>\n<address>{}\n{}</address>\n",
        escaped(lang),
        escaped(title),
        escaped(name),
        escaped(address)
    );
    for one in said {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<section lang=\"{}\">\n<h1>{}</h1>",
            escaped(&one.lang),
            escaped(&one.title)
        );
        for paragraph in one.text.split("\n\n") {
            let _ = writeln!(out, "<p>{}</p>", escaped(paragraph).replace('\n', "<br>\n"));
        }
        out.push_str("</section>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// Text as HTML shows it, also inside quotes.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn letter(tag: &str, name: &str) -> Vec<Said> {
        let zone = day::zone("Asia/Shanghai");
        // 2026-11-24, 10:10 to 10:30 in Shanghai.
        let starts = Micros::from_seconds(1_795_486_200);
        let words = Words {
            name,
            office: "Lender",
            badges: &["A1".to_owned(), "B2".to_owned()],
            starts,
            ends: starts + Micros::from_seconds(1_200),
            zone: &zone,
            page: "https://visits.example/n/CODE",
            code: "CODE",
            stop_code: "04HM-ASW9",
            complaints: "Tel. 12345",
        };
        let (_, langs) = languages(tag);
        said(&Templates::builtin().unwrap(), NoticeChannel::Letter, langs, &words)
    }

    #[test]
    fn a_letter_says_who_when_and_how_to_stop_it_in_the_persons_language() {
        let english = letter("en", "Ann").remove(0);
        for part in [
            "Tuesday, 24 November 2026",
            "between 09:00 and 12:00",
            "A1, B2",
            "https://visits.example/n/CODE",
            "04HM-ASW9",
            "Tel. 12345",
        ] {
            assert!(english.text.contains(part), "{part}: {}", english.text);
        }
        assert!(!english.text.contains('{'), "{}", english.text);
        assert_eq!((letter("en", "Ann").len(), letter("zh", "安").len()), (1, 1));
        let chinese = letter("zh", "安").remove(0);
        assert!(chinese.text.contains("2026年11月24日（星期二）"), "{}", chinese.text);
        assert_eq!(letter("pt", "Ana").len(), 2);
        assert_eq!(letter("", "Ana").len(), 2);
    }

    #[test]
    fn what_a_person_is_called_is_neither_markup_nor_placeholder() {
        let page = page("<b>{code}</b>", "1 & 2", &letter("en", "<b>{code}</b>"));
        assert!(page.contains("To &lt;b&gt;{code}&lt;/b&gt;, personally"), "{page}");
        assert!(page.contains("1 &amp; 2"), "{page}");
        assert!(!page.contains("<b>"), "{page}");
    }
}
