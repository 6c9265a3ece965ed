//! The course of a visit on its screen: which step comes next, what can be chosen, what is still missing.

use doorstep_domain::contact::{Channel, ContactOutcome, MatterOutcome};
use doorstep_domain::door::Moment;
use doorstep_domain::words::{Lang, Requirement, word};

use super::field::{Draft, FieldModel, Sheet, Step, StopState};
use crate::text::{label, pick};

/// What can be chosen in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Who was met.
    Outcome(ContactOutcome),
    /// What came of the matter.
    Matter(MatterOutcome),
    /// Something required, by code.
    Item(String),
}

impl Choice {
    /// What it says.
    pub(crate) fn text(&self, lang: Lang) -> String {
        match self {
            Self::Outcome(outcome) => word(lang, *outcome).to_owned(),
            Self::Matter(matter) => word(lang, *matter).to_owned(),
            Self::Item(code) => label::<Requirement>(lang, code),
        }
    }
}

/// What is said of the matter where the person was met and identified.
const OF_PERSON: [MatterOutcome; 14] = [
    MatterOutcome::None,
    MatterOutcome::Promise,
    MatterOutcome::PaidClaim,
    MatterOutcome::PlanActive,
    MatterOutcome::Refused,
    MatterOutcome::Dispute,
    MatterOutcome::Hardship,
    MatterOutcome::Vulnerable,
    MatterOutcome::Represented,
    MatterOutcome::CeaseContact,
    MatterOutcome::Complaint,
    MatterOutcome::FraudId,
    MatterOutcome::Moratorium,
    MatterOutcome::NoCapacity,
];
/// What somebody asks who wants the visitors to leave.
const OF_LEAVING: [MatterOutcome; 3] = [
    MatterOutcome::None,
    MatterOutcome::CeaseContact,
    MatterOutcome::Complaint,
];
/// What others can tell without a word about the debt.
const OF_OTHERS: [MatterOutcome; 7] = [
    MatterOutcome::None,
    MatterOutcome::Deceased,
    MatterOutcome::NoCapacity,
    MatterOutcome::Vulnerable,
    MatterOutcome::InCustody,
    MatterOutcome::Abroad,
    MatterOutcome::Complaint,
];

/// What can be chosen in the step that is shown.
pub(crate) fn options(field: &FieldModel) -> Vec<Choice> {
    let Some(sheet) = &field.sheet else { return Vec::new() };
    match field.step {
        Step::Permit | Step::Out => Vec::new(),
        Step::Who => outcomes().map(Choice::Outcome).collect(),
        Step::Matter => matters(sheet).iter().copied().map(Choice::Matter).collect(),
        Step::Proof => sheet.items().cloned().map(Choice::Item).collect(),
    }
}

/// Outcomes that people report; that a rule refused the visit is recorded by the gate, not by choice.
fn outcomes() -> impl Iterator<Item = ContactOutcome> {
    let all = ContactOutcome::ALL.iter().copied();
    all.filter(|outcome| outcome.fits(Channel::Visit) && *outcome != ContactOutcome::BlockedRule)
}

/// What can be said of the matter: everything by the identified person, what protects somebody by whoever asks to be left
/// alone, nothing of the debt by others.
fn matters(sheet: &Sheet) -> &'static [MatterOutcome] {
    match sheet.draft.outcome {
        Some(ContactOutcome::MetBorrower) if sheet.identified => &OF_PERSON,
        Some(ContactOutcome::MetBorrower | ContactOutcome::Rescheduled) => &OF_PERSON[..1],
        Some(ContactOutcome::AskedToLeave) => &OF_LEAVING,
        Some(ContactOutcome::MetRelated | ContactOutcome::MetUnrelated) => &OF_OTHERS,
        _ => &[],
    }
}

/// The first step that is not done.
pub(crate) fn step_of(sheet: &Sheet) -> Step {
    let draft = &sheet.draft;
    if sheet.stop.state != StopState::Begun {
        return Step::Permit;
    }
    if draft.outcome.is_none() {
        return Step::Who;
    }
    if draft.outcome == Some(ContactOutcome::MetBorrower) && !sheet.identified && draft.matter.is_none() {
        // Who they are comes before what it is about.
        return Step::Who;
    }
    if draft.matter.is_none() && !matters(sheet).is_empty() {
        return Step::Matter;
    }
    if sheet.open_items(draft).is_empty() {
        Step::Out
    } else {
        Step::Proof
    }
}

/// What may be said to whoever was met. The amount is for the identified person alone.
pub(crate) fn may_say(lang: Lang, sheet: &Sheet) -> String {
    match sheet.draft.outcome {
        Some(ContactOutcome::MetBorrower) if sheet.identified => {
            let english = "Speak quietly and out of others' hearing. Ask how they are and what is possible for them.";
            let chinese = "请低声、避开他人交谈。先询问对方状况以及可行的办法。";
            pick(lang, english, chinese).to_owned()
        }
        Some(ContactOutcome::MetBorrower) => {
            let english = "First make sure that this is the person. Until then only: who you are.";
            pick(lang, english, "请先核实是否本人。核实之前只说明自己的身份。").to_owned()
        }
        Some(ContactOutcome::AskedToLeave) => pick(lang, "Apologise and leave now.", "请致歉并立即离开。").to_owned(),
        Some(outcome) if outcome.contacted() => {
            let english = "Say only: who you are, please ask them to call back.";
            pick(lang, english, "只可说：您是谁，请转告本人回电。").to_owned()
        }
        Some(_) => pick(lang, "Leave nothing that others can read.", "不得留下他人可见的内容。").to_owned(),
        None => pick(lang, "Say who you are and show it.", "说明身份并出示证件。").to_owned(),
    }
}

/// The moments of a visit as it stands.
pub(crate) fn moments(sheet: &Sheet, step: Step) -> &'static [Moment] {
    if sheet.stop.state != StopState::Begun {
        return match sheet.stop.state {
            StopState::Ahead => &[Moment::Greeting],
            _ => &[],
        };
    }
    match sheet.draft.outcome {
        None => &[Moment::Greeting, Moment::Identify],
        Some(ContactOutcome::MetBorrower) if !sheet.identified => &[Moment::Identify],
        Some(ContactOutcome::MetBorrower) if matches!(step, Step::Who | Step::Matter) => {
            &[Moment::Matter, Moment::Payment]
        }
        Some(ContactOutcome::MetBorrower) => &[Moment::HandOver, Moment::Farewell],
        Some(ContactOutcome::MetRelated | ContactOutcome::MetUnrelated) => &[Moment::OtherPerson, Moment::Farewell],
        Some(ContactOutcome::AskedToLeave) => &[Moment::AskedToLeave],
        Some(ContactOutcome::AbortedSafety) => &[Moment::Danger],
        Some(outcome) if outcome.contacted() => &[Moment::Farewell],
        Some(_) => &[],
    }
}

/// Takes a choice of the step; what was chosen for another outcome does not stay.
pub(crate) fn choose(draft: &mut Draft, choice: &Choice) {
    match choice {
        Choice::Outcome(outcome) => {
            if draft.outcome != Some(*outcome) {
                draft.matter = None;
                draft.promise_day.clear();
                draft.promise_amount.clear();
            }
            draft.outcome = Some(*outcome);
        }
        Choice::Matter(matter) => draft.matter = Some(*matter),
        Choice::Item(code) => match draft.done.iter().position(|done| done == code) {
            Some(place) => drop(draft.done.remove(place)),
            None => draft.done.push(code.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::field::Stop;

    fn sheet(state: StopState) -> Sheet {
        Sheet {
            stop: Stop {
                state,
                required: vec!["badge".into(), "recording".into(), "outcome".into()],
                ..Stop::default()
            },
            ..Sheet::default()
        }
    }

    #[test]
    fn steps_follow_what_was_entered() {
        assert_eq!(step_of(&sheet(StopState::Ahead)), Step::Permit);
        let mut sheet = sheet(StopState::Begun);
        assert_eq!(step_of(&sheet), Step::Who);
        choose(&mut sheet.draft, &Choice::Outcome(ContactOutcome::NobodyHome));
        assert_eq!(
            (step_of(&sheet), sheet.open_items(&sheet.draft)),
            (Step::Proof, vec!["recording"])
        );
        choose(&mut sheet.draft, &Choice::Item("recording".into()));
        assert_eq!(step_of(&sheet), Step::Out);
        choose(&mut sheet.draft, &Choice::Outcome(ContactOutcome::MetBorrower));
        assert_eq!(step_of(&sheet), Step::Who, "who they are comes before what it is about");
        sheet.identified = true;
        assert_eq!(step_of(&sheet), Step::Matter);
        choose(&mut sheet.draft, &Choice::Matter(MatterOutcome::Hardship));
        assert_eq!(sheet.open_items(&sheet.draft), ["badge"]);
        choose(&mut sheet.draft, &Choice::Outcome(ContactOutcome::MetRelated));
        assert_eq!(
            sheet.draft.matter, None,
            "what one person said is not put into another's mouth"
        );
    }

    #[test]
    fn others_are_told_nothing_of_the_debt() {
        let mut sheet = sheet(StopState::Begun);
        sheet.draft.outcome = Some(ContactOutcome::MetUnrelated);
        assert!(
            matters(&sheet)
                .iter()
                .all(|matter| !matches!(matter, MatterOutcome::Promise))
        );
        assert!(may_say(Lang::En, &sheet).starts_with("Say only"));
        sheet.draft.outcome = Some(ContactOutcome::MetBorrower);
        assert!(may_say(Lang::En, &sheet).contains("make sure"));
    }
}
