//! Papers: what letters, bundles and leaflets are printed with, and the words that stand on all of them.

use std::sync::Arc;

use doorstep_domain::measure::{Micros, Minor};
use doorstep_domain::money::Currency;
use doorstep_domain::words::Lang;
use doorstep_papers::{Fonts, Paper, PaperError, print};
use doorstep_wire::problem::ProblemCode;
use jiff::tz::TimeZone;

use crate::error::AppError;
use crate::letter::LetterTemplates;
use crate::{App, day};

/// What papers of a deployment are made with.
#[derive(Debug, Clone)]
pub struct PaperSettings {
    /// The fonts that were found; without one nothing is printed, and everything else works.
    pub fonts: Result<Arc<Fonts>, PaperError>,
    /// The sentences of letters.
    pub letters: LetterTemplates,
}

impl App {
    /// Prints a paper.
    pub(crate) fn print(&self, paper: &Paper) -> Result<Vec<u8>, AppError> {
        let printed = match &self.0.parts.papers.fonts {
            Ok(fonts) => print(paper, fonts),
            Err(error) => Err(error.clone()),
        };
        printed.map_err(|error| AppError::refuse(ProblemCode::NotPrintable, format!("{error} ({}).", error.code())))
    }
}

/// One of two texts.
pub(crate) const fn pick<'a>(lang: Lang, english: &'a str, chinese: &'a str) -> &'a str {
    match lang {
        Lang::En => english,
        Lang::Zh => chinese,
    }
}

/// A day as a person reads it.
pub(crate) fn long_day(day: jiff::civil::Date, lang: Lang) -> String {
    match lang {
        Lang::En => day.strftime("%-d %B %Y").to_string(),
        Lang::Zh => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
    }
}

/// The local day of an instant, as a person reads it.
pub(crate) fn long_day_of(at: Micros, zone: &TimeZone, lang: Lang) -> String {
    long_day(day::local(at, zone), lang)
}

/// The day of a paper.
pub(crate) fn paper_day(at: Micros, zone: &TimeZone) -> (u16, u8, u8) {
    let day = day::local(at, zone);
    let small = |number: i8| u8::try_from(number).unwrap_or(1);
    (
        u16::try_from(day.year()).unwrap_or(0),
        small(day.month()),
        small(day.day()),
    )
}

/// An amount with its currency.
pub(crate) fn money(minor: i64, currency: &str) -> String {
    let text = Currency::of(currency).map_or_else(|| minor.to_string(), |known| known.plain(Minor(minor)));
    // The two stay on one line.
    format!("{currency}\u{a0}{text}")
}

/// Total and parts of an amount, a line each.
pub(crate) fn amount_lines(total: i64, parts: Option<[i64; 4]>, currency: &str, lang: Lang) -> Vec<(String, String)> {
    let names = [
        ("Principal", "本金"),
        ("Interest", "利息"),
        ("Penalty", "违约金"),
        ("Fees", "费用"),
    ];
    let parts = parts.into_iter().flatten().zip(names);
    let mut lines: Vec<(String, String)> = parts
        .map(|(part, (english, chinese))| (pick(lang, english, chinese).to_owned(), money(part, currency)))
        .collect();
    lines.push((pick(lang, "Total", "合计").to_owned(), money(total, currency)));
    lines
}
