//! Every value of every code has a label in both languages, and every sentence can be said.

use super::*;
use crate::{
    address, alarm, approval, case, conflict, contact, event, import, live, notice, person, place, plan, pressure,
    read, recording, restriction, retention, review, staff, visit, wish,
};
use std::collections::BTreeSet;

/// Checks the labels of the listed enums and gives back their names.
macro_rules! walk {
    ($($path:ty),* $(,)?) => {{
        let mut names = BTreeSet::new();
        $(
            for lang in Lang::ALL {
                let mut seen = BTreeSet::new();
                for value in <$path>::ALL {
                    let label = word(*lang, *value);
                    assert!(!label.trim().is_empty(), "{value:?} has no label in {lang}");
                    assert!(seen.insert(label), "{label} stands for two values of {} in {lang}", stringify!($path));
                }
                assert_eq!(seen.len(), <$path>::ALL.len());
            }
            names.insert(stringify!($path).rsplit("::").next().expect("a path has a last part").trim().to_owned());
        )*
        names
    }};
}

#[test]
fn every_code_has_distinct_words_in_both_languages() {
    let mut walked = walk!(
        address::AddressState,
        address::Provenance,
        address::PlaceKind,
        alarm::AlarmKind,
        alarm::AlarmState,
        alarm::AlarmEnd,
        approval::ApprovalKind,
        approval::ApprovalReason,
        approval::ApprovalState,
        case::CaseStatus,
        case::Flag,
        case::Stage,
        conflict::ContactField,
        conflict::ConflictKind,
        conflict::ConflictState,
        conflict::Side,
        conflict::ConflictRule,
        contact::Channel,
        contact::ContactOutcome,
        contact::MatterOutcome,
        event::EventKind,
        event::PushStatus,
        event::EventFlag,
        import::RowResult,
        import::RowReason,
        live::CrewState,
        crate::loan::LoanSource,
        crate::loan::PaymentKind,
        crate::loan::PaymentState,
        crate::loan::PostingKind,
        crate::money::AmountPart,
        person::PersonRole,
        place::Datum,
        read::Purpose,
        read::OutsidePurpose,
        read::FieldClass,
        read::ReadChannel,
        read::ReadFinding,
        read::ReadReason,
        plan::PlanState,
        plan::PlanChange,
        plan::PlanJobState,
        plan::PlanPhase,
        plan::PermitReason,
        plan::LeftOutReason,
        review::ReviewDecision,
        review::ReviewReason,
        review::FlagSource,
        staff::Role,
        staff::Travel,
        visit::VisitState,
    );
    walked.extend(of_verdicts());
    walked.extend(of_odds());
    walked.extend(words_of_rights_and_complaints());
    walked.extend(words_of_agreements());
    walked.extend(words_of_strategies());
    for name in declared_codes() {
        assert!(
            walked.contains(&name) || name == "ArgName",
            "the code {name} has no words: add them and list it here"
        );
    }
}

/// The codes of this module itself.
fn of_verdicts() -> BTreeSet<String> {
    walk!(
        Lang,
        Effect,
        Confidence,
        RuleStatus,
        Lift,
        ConsentScope,
        Weekday,
        Requirement,
        Forbidden,
        SentenceKey,
    )
}

fn words_of_strategies() -> BTreeSet<String> {
    use crate::step;
    walk!(
        step::StepChannel,
        step::StepWho,
        step::StepAfter,
        step::NextAction,
        step::NextWhy,
        step::LostAct,
        step::DefaultReason,
        step::VisitAskReason,
        step::CalmMode,
        step::CalmReason,
        step::CalmState,
        address::Verification,
        address::AddressConfidence,
        address::RefusedSource,
    )
}

/// The codes of chances and of what a visit is worth.
fn of_odds() -> BTreeSet<String> {
    use crate::{odds, worth};
    walk!(
        odds::OddsOf,
        odds::DayClass,
        odds::HourBand,
        odds::AmountBand,
        odds::Reached,
        odds::OddsFactor,
        odds::OddsGroup,
        worth::WorthItem,
    )
}

fn words_of_rights_and_complaints() -> BTreeSet<String> {
    use crate::{agency, complaint, credential, door, letter, quality, rate, receipt, report, training};
    walk!(
        agency::EvaluationResult,
        agency::RecallReason,
        agency::RecallState,
        agency::DestructionMethod,
        agency::CopiesKept,
        credential::CredentialKind,
        credential::CredentialEnd,
        restriction::RestrictionKind,
        restriction::RightSource,
        restriction::ConsentState,
        complaint::ComplaintState,
        letter::LetterKind,
        letter::LetterState,
        letter::Consequence,
        training::Grade,
        training::RunState,
        training::DebriefCause,
        training::DebriefState,
        training::HandedAt,
        complaint::ComplaintOutcome,
        complaint::ComplaintChannel,
        quality::DrawnBecause,
        quality::CheckState,
        quality::ItemFound,
        quality::AppealDecision,
        quality::WordingKind,
        rate::RateBy,
        rate::RateKind,
        report::ReportBy,
        report::FigureKind,
        report::FigureUnit,
        report::Rolled,
        report::TargetState,
        notice::NoticeChannel,
        notice::NoticeState,
        notice::NoticeWaiver,
        retention::RetentionState,
        retention::HoldReason,
        retention::ReleaseReason,
        recording::RecordingState,
        recording::IntervalSource,
        recording::RecordingMatch,
        recording::RecordingDue,
        wish::WishKind,
        wish::WishState,
        wish::Manner,
        pressure::PressureBand,
        door::Moment,
        door::Hearer,
        door::Saying,
        receipt::NextStep,
    )
}

fn words_of_agreements() -> BTreeSet<String> {
    use crate::agreement::{self, afford, schedule};
    walk!(
        agreement::AgreementKind,
        agreement::AgreementState,
        agreement::AgreementEnd,
        agreement::AgreedBy,
        agreement::AgreementNext,
        schedule::Every,
        schedule::Remainder,
        schedule::Shift,
        afford::Need,
        afford::AffordWarning,
    )
}

/// The names of all enums that this crate declares with `codes!`.
fn declared_codes() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let heads = text
                    .lines()
                    .filter(|line| line.starts_with("    ") && line.ends_with("\" {"));
                names.extend(heads.filter_map(|line| Some(line.trim().split_once(", \"")?.0.to_owned())));
            }
        }
    }
    assert!(
        names.len() >= 30,
        "the search for codes no longer finds them: {names:?}"
    );
    names
}

/// The names in braces of a template, in alphabetical order.
fn placeholders(template: &str) -> BTreeSet<&str> {
    template
        .split('{')
        .skip(1)
        .map(|part| part.split_once('}').unwrap().0)
        .collect()
}

#[test]
fn both_languages_of_a_sentence_take_the_same_arguments() {
    for key in SentenceKey::ALL {
        let english = placeholders(word(Lang::En, *key));
        assert_eq!(english, placeholders(word(Lang::Zh, *key)), "{key}");
        for name in english {
            assert!(
                name.parse::<ArgName>().is_ok(),
                "{key} uses the unknown argument {name}"
            );
        }
    }
}

#[test]
fn sentences_are_rendered_with_words_of_the_language() {
    let sentence = Sentence::new(
        SentenceKey::FlagStops,
        [(ArgName::Flag, Arg::Flag(crate::case::Flag::Disputed))],
    );
    assert_eq!(sentence.render(Lang::En), "Disputed: no visit.");
    assert_eq!(sentence.render(Lang::Zh), "有异议：不得外访。");
    let items = Arg::Requirements(vec![Requirement::Badge, Requirement::Recording]);
    let sentence = Sentence::new(SentenceKey::ItemsRequired, [(ArgName::Items, items)]);
    assert_eq!(sentence.render(Lang::Zh), "必须具备：出示证件、录音或录像。");
    let missing = Sentence::new(SentenceKey::NoticeMissing, []);
    assert_eq!(
        missing.render(Lang::En),
        "No notice was handed over hours hours before."
    );
    let json = serde_json::to_string(&sentence).unwrap();
    assert_eq!(serde_json::from_str::<Sentence>(&json).unwrap(), sentence);
}

#[test]
fn languages_are_read_in_the_shapes_people_write() {
    for (text, lang) in [
        ("en", Lang::En),
        ("zh", Lang::Zh),
        ("zh-CN", Lang::Zh),
        ("en_GB.UTF-8", Lang::En),
        ("ZH", Lang::Zh),
    ] {
        assert_eq!(text.parse::<Lang>().unwrap(), lang, "{text}");
    }
    for text in ["", "pt", "english", "中文"] {
        assert!(text.parse::<Lang>().is_err(), "{text}");
    }
}

#[test]
fn stronger_lifts_satisfy_weaker_ones_only() {
    assert!(Lift::WrittenConsent.satisfies(Lift::Consent));
    assert!(!Lift::Consent.satisfies(Lift::WrittenConsent));
    assert!(Lift::TwoPersons.satisfies(Lift::Supervisor));
    assert!(!Lift::Supervisor.satisfies(Lift::TwoPersons));
    assert!(!Lift::Nobody.satisfies(Lift::Nobody));
    assert!(!Lift::Court.satisfies(Lift::Consent));
}
