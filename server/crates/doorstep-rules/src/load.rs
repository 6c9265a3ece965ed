//! Reading a pack: strict, with errors that name file, line, rule and remedy. A pack of a newer format is read as far
//! as it is understood; each rule that is not becomes one that blocks.

use crate::hours::DayHours;
use crate::pack::{Kind, Pack, RetentionFrom, Rule, Window};
use crate::sentence::SentenceProblem;
use crate::text::{RuleId, SharedText};
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::words::{Confidence, Effect, Lift, RuleStatus};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The version of the pack format that this engine knows.
pub const FORMAT: u32 = 1;

/// The largest number of days that a rule may count or hold: ten years.
const DAYS_MAX: u32 = 3_660;

/// Why a pack cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{problem}", rule.as_ref().map(|rule| format!("{part} {rule}: ")).unwrap_or_default())]
pub struct PackError {
    /// The file as it was named by the caller.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The rule or sentence, where the problem lies in one.
    pub rule: Option<String>,
    /// Which of both it is.
    pub part: &'static str,
    /// What is wrong.
    pub problem: PackProblem,
}

/// What is wrong with a pack; each message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackProblem {
    /// No TOML, or not the shape of a pack.
    #[error("{0}; correct the line, the shape is that of the packs that come with Doorstep")]
    Shape(String),
    /// The format is newer and its frame cannot be read.
    #[error("the pack has format {0} and this program knows {FORMAT}; update Doorstep")]
    TooNew(u32),
    /// The format number is none.
    #[error("there is no pack format {0}; write `format = {FORMAT}`")]
    NoFormat(u32),
    /// An id has other letters than allowed, or none.
    #[error("`{0}` is no id; use letters, digits and hyphens")]
    BadId(String),
    /// A country or region is no code.
    #[error("`{0}` is no country (ISO 3166-1, like CN) or region of the pack's countries (ISO 3166-2, like US-MA)")]
    BadPlace(String),
    /// An id stands twice.
    #[error("the id `{0}` stands twice; give each pack and each rule its own")]
    Twice(String),
    /// A rule without anything to ask.
    #[error("the rule has no parameters; name at least one")]
    Empty,
    /// Hours that end before they start.
    #[error("the hours {0} do not end after they start; split hours that pass midnight")]
    HoursBackwards(String),
    /// Holidays that are not days of their year, one after the other.
    #[error("the holidays of {0} are not its days in order, each once; sort them")]
    Holidays(i16),
    /// A validity that ends before it starts.
    #[error("valid_to lies before valid_from; exchange them")]
    DatesBackwards,
    /// A number out of range.
    #[error("{what} must be between {min} and {max}")]
    OutOfRange {
        /// Which parameter.
        what: &'static str,
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// A rule of retention without a bound, or with two.
    #[error("a rule of retention has `days` or `at_most`, and `minimum_end` starts only `at_most`; write two rules")]
    Bounds,
    /// Somebody and nobody can lift it.
    #[error("`nobody` stands beside others in lifted_by; keep one of them")]
    LiftsContradict,
    /// The rule names no source.
    #[error("citation is empty; name the instrument, or `house rule`")]
    NoCitation,
    /// The effect does not fit.
    #[error("the effect `{0}` does nothing; use warn, require, route or block")]
    NoEffect(Effect),
    /// A certificate beside what only the members' records say.
    #[error(
        "certificates are counted: a rule of `certificate` has no other item, `months_max` or `if_recorded`; write two"
    )]
    CertificateAlone,
    /// A sentence that has no place at a door.
    #[error(transparent)]
    Sentence(#[from] SentenceProblem),
}

/// Reads one pack. `file` only serves for messages.
pub fn parse_pack(file: &str, text: &str) -> Result<Pack, PackError> {
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let shape = |error: &toml::de::Error| shape_error(file, text, error);
    let head: Head = toml::from_str(text).map_err(|error| shape(&error))?;
    let pack: Pack = match head.format {
        0 => return Err(plain_error(file, text, None, PackProblem::NoFormat(0))),
        FORMAT => toml::from_str(text).map_err(|error| shape(&error))?,
        newer => {
            let too_new = || plain_error(file, text, None, PackProblem::TooNew(newer));
            parse_newer(text).ok_or_else(too_new)?
        }
    };
    validate(&pack).map_err(|(rule, problem)| plain_error(file, text, rule, problem))?;
    Ok(pack)
}

/// Reads a pack of a newer format: unknown fields of its frame are left out, rules not understood become unknown.
fn parse_newer(text: &str) -> Option<Pack> {
    const FRAME: [&str; 14] = [
        "format",
        "id",
        "version",
        "title",
        "countries",
        "portfolio_kinds",
        "supplement",
        "except_portfolio_kinds",
        "status",
        "valid_from",
        "valid_to",
        "holidays",
        "rule",
        "sentence",
    ];
    let mut table: toml::Table = toml::from_str(text).ok()?;
    table.retain(|key, _| FRAME.contains(&key));
    let Some(toml::Value::Array(rules)) = table.remove("rule") else {
        return None;
    };
    let sentences = match table.remove("sentence") {
        Some(toml::Value::Array(sentences)) => sentences,
        _ => Vec::new(),
    };
    let mut pack: Pack = toml::Value::Table(table).try_into().ok()?;
    for (index, value) in rules.into_iter().enumerate() {
        let rule = value
            .clone()
            .try_into()
            .unwrap_or_else(|_| unknown_rule(&value, &pack.id, index));
        pack.rules.push(rule);
    }
    // Nothing is said of which this program cannot tell to whom.
    let sentences = sentences.into_iter().filter_map(|value| value.try_into().ok());
    pack.sentences.extend(sentences);
    Some(pack)
}

/// A rule that is not understood holds for everybody in the pack's countries, until the program is updated.
fn unknown_rule(value: &toml::Value, pack: &str, index: usize) -> Rule {
    let text = |key: &str| value.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let kind = value
        .get("kind")
        .and_then(toml::Value::as_table)
        .and_then(|kind| kind.keys().next().cloned());
    Rule {
        id: RuleId::from(text("id").unwrap_or_else(|| format!("{pack}-rule-{}", index + 1))),
        regions: Vec::new(),
        applies_to: crate::pack::AppliesTo {
            channels: doorstep_domain::contact::Channel::ALL.to_vec(),
            ..Default::default()
        },
        effect: Effect::Block,
        lifted_by: Vec::new(),
        valid_from: None,
        valid_to: None,
        status: RuleStatus::InForce,
        citation: SharedText::from(text("citation").unwrap_or_else(|| pack.to_owned())),
        source_url: text("source_url").unwrap_or_default(),
        confidence: Confidence::Memory,
        kind: Kind::Unknown(kind.unwrap_or_default()),
    }
}

type Problem = (Option<String>, PackProblem);

fn validate(pack: &Pack) -> Result<(), Problem> {
    let of_pack = |problem| (None, problem);
    check_id(&pack.id).map_err(of_pack)?;
    for country in &pack.countries {
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(of_pack(PackProblem::BadPlace(country.clone())));
        }
    }
    check_dates(pack.valid_from, pack.valid_to).map_err(of_pack)?;
    for year in &pack.holidays {
        check_regions(pack, &year.regions).map_err(of_pack)?;
        let sorted = year.days.is_sorted_by(|left, right| left < right);
        if !sorted || year.days.iter().any(|day| day.year() != year.year) {
            return Err(of_pack(PackProblem::Holidays(year.year)));
        }
    }
    let mut seen = BTreeSet::new();
    for rule in &pack.rules {
        let id = rule.id.as_str();
        let of_rule = |problem| (Some(id.to_owned()), problem);
        if !seen.insert(id) {
            return Err(of_rule(PackProblem::Twice(id.to_owned())));
        }
        validate_rule(pack, rule).map_err(of_rule)?;
    }
    validate_sentences(pack, seen)
}

/// `seen` are the ids of the rules: no sentence has one of them.
fn validate_sentences<'a>(pack: &'a Pack, mut seen: BTreeSet<&'a str>) -> Result<(), Problem> {
    let rules = seen.clone();
    for sentence in &pack.sentences {
        let id = sentence.id.as_str();
        let refused = |problem| Err((Some(id.to_owned()), problem));
        if let Err(problem) = check_id(id) {
            return refused(problem);
        }
        if !seen.insert(id) {
            return refused(PackProblem::Twice(id.to_owned()));
        }
        if let Some(stranger) = sentence.rules.iter().find(|rule| !rules.contains(rule.as_str())) {
            return refused(SentenceProblem::NoRule(stranger.to_string()).into());
        }
        if let Some(problem) = sentence.problem() {
            return refused(problem.into());
        }
    }
    Ok(())
}

fn validate_rule(pack: &Pack, rule: &Rule) -> Result<(), PackProblem> {
    check_id(rule.id.as_str())?;
    check_dates(rule.valid_from, rule.valid_to)?;
    check_regions(pack, &rule.regions)?;
    if rule.citation.as_str().trim().is_empty() {
        return Err(PackProblem::NoCitation);
    }
    if rule.lifted_by.contains(&Lift::Nobody) && rule.lifted_by.len() > 1 {
        return Err(PackProblem::LiftsContradict);
    }
    if rule.effect == Effect::Allow {
        return Err(PackProblem::NoEffect(rule.effect));
    }
    if rule.applies_to.channels.is_empty() {
        return Err(PackProblem::Empty);
    }
    validate_kind(&rule.kind)
}

fn check_regions(pack: &Pack, regions: &[String]) -> Result<(), PackProblem> {
    let is_of_pack = |region: &&String| {
        let country = region.split_once('-').map(|(country, _)| country);
        country.is_some_and(|country| pack.countries.iter().any(|known| known == country))
    };
    match regions.iter().find(|region| !is_of_pack(region)) {
        Some(stranger) => Err(PackProblem::BadPlace(stranger.clone())),
        None => Ok(()),
    }
}

fn validate_kind(kind: &Kind) -> Result<(), PackProblem> {
    let filled = |filled: bool| if filled { Ok(()) } else { Err(PackProblem::Empty) };
    match kind {
        Kind::HardStop {
            flags,
            statuses,
            address_states,
            parties,
        } => filled(!(flags.is_empty() && statuses.is_empty() && address_states.is_empty() && parties.is_empty())),
        Kind::TimeWindow { hours, holidays } => filled(!hours.is_empty()).and_then(|()| {
            let all = hours.iter().chain(holidays.iter().flatten());
            all.into_iter().try_for_each(check_hours)
        }),
        Kind::Counter { channels, window, .. } => filled(!channels.is_empty()).and_then(|()| match window {
            Window::RollingDays(days) => in_range("rolling_days", *days, DAYS_MAX),
            Window::CalendarDay | Window::CaseTotal => Ok(()),
        }),
        Kind::Staff { min } => in_range("min", u32::from(*min), 10),
        Kind::Length { max_minutes } => in_range("max_minutes", *max_minutes, 24 * 60),
        Kind::Place { forbidden } => filled(!forbidden.is_empty()),
        Kind::Credential {
            items,
            months_max,
            if_recorded,
        } => {
            let further = items.len() > 1 || months_max.is_some() || *if_recorded;
            if items.contains(&CredentialKind::Certificate) && further {
                return Err(PackProblem::CertificateAlone);
            }
            months_max.map_or(Ok(()), |months| in_range("months_max", months, 120))?;
            filled(!items.is_empty())
        }
        Kind::Agency { evaluated_days_max } => in_range("evaluated_days_max", *evaluated_days_max, DAYS_MAX),
        Kind::Evidence { items } => filled(!items.is_empty()),
        Kind::Notice { hours } => in_range("hours", *hours, DAYS_MAX * 24),
        Kind::Hold {
            after, channels, days, ..
        } => filled(!after.is_empty() && !channels.is_empty())
            .and_then(|()| days.map_or(Ok(()), |days| in_range("days", days, DAYS_MAX))),
        Kind::Retention {
            days, at_most, from, ..
        } => check_retention(*days, *at_most, *from),
        Kind::Content { forbid, .. } => filled(!forbid.is_empty()),
        Kind::StatedTimes {} | Kind::Bans {} | Kind::Unknown(_) => Ok(()),
    }
}

fn check_retention(days: Option<u32>, at_most: Option<u32>, from: RetentionFrom) -> Result<(), PackProblem> {
    match (days, at_most, from) {
        (None, Some(at_most), _) => in_range("at_most", at_most, DAYS_MAX * 10),
        (None, None, RetentionFrom::Settlement) => Ok(()),
        (Some(_), _, RetentionFrom::MinimumEnd) | (None, None, _) | (Some(_), Some(_), _) => Err(PackProblem::Bounds),
        (Some(days), None, _) => in_range("days", days, DAYS_MAX * 10),
    }
}

fn in_range(what: &'static str, value: u32, max: u32) -> Result<(), PackProblem> {
    if (1..=max).contains(&value) {
        Ok(())
    } else {
        Err(PackProblem::OutOfRange { what, min: 1, max })
    }
}

fn check_hours(hours: &DayHours) -> Result<(), PackProblem> {
    if hours.from < hours.to {
        Ok(())
    } else {
        Err(PackProblem::HoursBackwards(format!("{}–{}", hours.from, hours.to)))
    }
}

fn check_id(id: &str) -> Result<(), PackProblem> {
    let fits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits {
        Ok(())
    } else {
        Err(PackProblem::BadId(id.chars().take(40).collect()))
    }
}

fn check_dates(from: Option<jiff::civil::Date>, to: Option<jiff::civil::Date>) -> Result<(), PackProblem> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => Err(PackProblem::DatesBackwards),
        _ => Ok(()),
    }
}

/// An error that TOML itself found: the line comes from its span, the rule from the table around that line.
fn shape_error(file: &str, text: &str, error: &toml::de::Error) -> PackError {
    let offset = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
    let problem = PackProblem::Shape(error.message().replace('\n', " "));
    PackError {
        file: file.to_owned(),
        line,
        rule: rule_around(text, line),
        part: part_around(text, line),
        problem,
    }
}

/// An error in what was read: the line is that of the rule's id, or of the pack's head.
pub(crate) fn plain_error(file: &str, text: &str, rule: Option<String>, problem: PackProblem) -> PackError {
    let sets_id = |line: &str| rule.as_deref().is_some_and(|id| id_on(line) == Some(id));
    let last = text.lines().enumerate().filter(|(_, line)| sets_id(line)).last();
    let line = last.map_or(1, |(index, _)| index + 1);
    PackError {
        file: file.to_owned(),
        line,
        part: part_around(text, line),
        rule,
        problem,
    }
}

/// Whether a line begins a rule or a sentence, and which.
fn head(line: &str) -> Option<&'static str> {
    let heads = [("[[rule]]", "rule"), ("[[sentence]]", "sentence")];
    let found = heads.into_iter().find(|(head, _)| line.trim_start().starts_with(head));
    found.map(|(_, part)| part)
}

fn part_around(text: &str, line: usize) -> &'static str {
    text.lines().take(line).filter_map(head).last().unwrap_or("rule")
}

fn rule_around(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let is_head = |line: &&str| head(line).is_some();
    let start = lines.iter().take(line).rposition(is_head)?;
    lines[start + 1..]
        .iter()
        .take_while(|line| !is_head(line))
        .find_map(|line| id_on(line))
        .map(str::to_owned)
}

/// The id that a line sets, as text between quotes.
fn id_on(line: &str) -> Option<&str> {
    let value = line
        .trim_start()
        .strip_prefix("id")?
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    value.strip_prefix('"')?.split_once('"').map(|(id, _)| id)
}
