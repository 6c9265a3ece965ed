//! Turning what storage and rules know into what the interface shows.

use std::collections::{BTreeSet, HashMap};

use doorstep_domain::case::Flag;
use doorstep_domain::id::VisitId;
use doorstep_domain::measure::{Micros, Minor};
use doorstep_domain::money::Currency;
use doorstep_domain::words::Lang;
use doorstep_rules::Verdict;
use doorstep_store::case::Case;
use doorstep_store::visit::Visit;
use doorstep_wire::case::{AmountItem, RuleFinding, VerdictItem};
use doorstep_wire::visit::VisitItem;

use crate::day;

/// A file as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAnswer {
    /// A name for saving it.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

pub(crate) fn verdict(verdict: &Verdict, lang: Lang) -> VerdictItem {
    VerdictItem {
        effect: verdict.effect.code().to_owned(),
        findings: verdict
            .findings
            .iter()
            .map(|finding| RuleFinding {
                rule: finding.rule.to_string(),
                effect: finding.effect.code().to_owned(),
                sentence: finding.sentence.render(lang),
                citation: finding.citation.to_string(),
                confidence: finding.confidence.code().to_owned(),
                until: finding.until.map(Micros::get),
                lifted_by: finding.lifted_by.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        required: verdict.required.iter().map(|item| item.code().to_owned()).collect(),
        staff_min: verdict.min_staff,
        checked: verdict.checked.iter().map(ToString::to_string).collect(),
        packs: verdict.packs.iter().map(ToString::to_string).collect(),
        digest: verdict.digest.to_string(),
    }
}

pub(crate) fn amount(case: &Case, age_max: Micros, now: Micros) -> AmountItem {
    let text = Currency::of(&case.currency).map_or_else(String::new, |currency| currency.plain(Minor(case.amount)));
    AmountItem {
        total: case.amount,
        parts: case.parts,
        currency: case.currency.clone(),
        text,
        as_of: case.amount_as_of.get(),
        stale: now - case.amount_as_of > age_max,
        fresh_until: Some((case.amount_as_of + age_max).get()),
    }
}

pub(crate) fn flags(mask: i64) -> Vec<String> {
    Flag::of_mask(mask)
        .into_iter()
        .map(|flag| flag.code().to_owned())
        .collect()
}

pub(crate) fn visit(visit: &Visit, zone: &str, flags: &HashMap<VisitId, BTreeSet<String>>) -> VisitItem {
    VisitItem {
        id: visit.id.0,
        case: visit.case.0,
        crew: visit.crew.0,
        zone: zone.to_owned(),
        day: day::text(visit.day),
        state: visit.state.code().to_owned(),
        planned_start: visit.planned_start.get(),
        planned_end: visit.planned_end.get(),
        started_at: visit.started_at.map(Micros::get),
        due_out: visit.due_out.map(Micros::get),
        finished_at: visit.finished_at.map(Micros::get),
        outcome: visit.outcome.map(|code| code.code().to_owned()),
        matter: visit.matter.map(|code| code.code().to_owned()),
        flags: flags.get(&visit.id).into_iter().flatten().cloned().collect(),
        recording: None,
    }
}

/// What stands for a digit that is not shown.
pub(crate) const MASK: char = '•';

/// All but the last three digits of a phone number.
pub(crate) fn masked(phone: &str) -> String {
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let mut left = digits;
    phone
        .chars()
        .map(|letter| {
            if !letter.is_ascii_digit() {
                return letter;
            }
            left -= 1;
            if left < 3 { letter } else { MASK }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn masks_keep_shape_and_three_digits() {
        assert_eq!(super::masked("+351951202079"), "+•••••••••079");
        assert_eq!(super::masked("12"), "12");
        assert_eq!(super::masked(""), "");
    }
}
