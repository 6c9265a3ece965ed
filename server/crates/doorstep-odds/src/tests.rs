//! The model finds the truth of made-up histories again, keeps its calibration, and nothing that protects a person raises a chance.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use doorstep_domain::address::PlaceKind;
use doorstep_domain::case::Stage;
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::odds::{AmountBand, DayClass, HourBand, OddsFactor, OddsGroup, Reached};
use proptest::prelude::*;

use crate::sample::{Truth, classes, history};
use crate::{Model, Place, Report, Scene, Slot, Trial, VISITS_LEAST};

/// Parts that multiply, as the model assumes.
const REGULAR: Truth = Truth {
    meeting: |place, slot| {
        let base = if place.kind == PlaceKind::Home { 0.45 } else { 0.3 };
        let day = [1.0, 1.2, 1.4][slot.day as usize];
        base * day * if slot.hours >= HourBand::From16 { 1.3 } else { 0.8 }
    },
    agreement: |scene| {
        let stage = [0.5, 0.45, 0.4, 0.3, 0.2][scene.stage as usize];
        stage * if scene.reached == Reached::Reached { 1.3 } else { 0.9 }
    },
    spread: 0.0,
};

/// Nothing multiplies: hours turn around at the weekend and between kinds and countries, amounts matter in one stage alone, and
/// every visit lies apart from its class.
const TWISTED: Truth = Truth {
    meeting: |place, slot| {
        let late = slot.hours >= HourBand::From16;
        let home = place.kind == PlaceKind::Home;
        let high = (late == home) == (slot.day == DayClass::Workday);
        let china = if place.country == "CN" { 0.1 } else { -0.1 };
        (if high { 0.65 } else { 0.3 }) + china
    },
    agreement: |scene| match (scene.stage, scene.amount) {
        (Stage::M2, AmountBand::Under500) => 0.8,
        (Stage::M2, _) => 0.2,
        (_, amount) => 0.25 + 0.1 * f64::from(amount as u8 % 2),
    },
    spread: 0.15,
};

fn value(chance: doorstep_domain::odds::Chance) -> f64 {
    f64::from(chance.ppm()) / 1e6
}

/// The mean distance of both chances from the truth over all classes.
fn distance(model: &Model, truth: Truth) -> (f64, f64) {
    let (places, scenes) = classes();
    let meeting = places
        .iter()
        .map(|(place, slot)| (value(model.meeting(place, *slot)) - (truth.meeting)(place, *slot)).abs());
    let agreement = scenes
        .iter()
        .map(|scene| (value(model.agreement(*scene)) - (truth.agreement)(*scene)).abs());
    (
        meeting.sum::<f64>() / places.len() as f64,
        agreement.sum::<f64>() / scenes.len() as f64,
    )
}

#[test]
fn the_truth_is_found_again_as_visits_grow() {
    for (truth, tolerance) in [(REGULAR, 0.02), (TWISTED, 0.025)] {
        for seed in 1..=3 {
            let at = |visits| distance(&Model::learn(&history(seed, visits, truth)), truth);
            let (none, few, some, many) = (at(0), at(500), at(5_000), at(80_000));
            assert!(few.0 < none.0 && few.1 < none.1 + 0.01, "seed {seed}: {none:?} {few:?}");
            assert!(some.0 < few.0 && some.1 < few.1, "seed {seed}: {few:?} {some:?}");
            assert!(many.0 < some.0 && many.1 < some.1, "seed {seed}: {some:?} {many:?}");
            assert!(many.0 < tolerance && many.1 < tolerance, "seed {seed}: {many:?}");
        }
    }
}

#[test]
fn chances_keep_what_they_say_on_days_that_were_held_out() {
    for truth in [REGULAR, TWISTED] {
        for seed in 1..=3 {
            let report = Report::of(&history(seed, 24_000, truth));
            for judged in [report.meeting.unwrap(), report.agreement.unwrap()] {
                assert!(judged.skill_ppm > 20_000, "{judged:?}");
                assert!(judged.brier_ppm < judged.base_ppm, "{judged:?}");
                assert!(judged.gap_ppm < 25_000, "{judged:?}");
                for bin in judged.curve.iter().filter(|bin| bin.trials >= 400) {
                    let happened = bin.happened as f64 / bin.trials as f64;
                    // Four standard errors of a bin of 400 at the widest, and a little for what was not learned.
                    assert!((value(bin.said) - happened).abs() < 0.11, "{bin:?}");
                }
                assert_eq!(judged.curve.iter().map(|bin| bin.trials).sum::<u64>(), judged.trials);
                assert_eq!(
                    judged.curve.iter().map(|bin| bin.happened).sum::<u64>(),
                    judged.happened
                );
            }
        }
    }
}

#[test]
fn where_nothing_is_to_be_learned_it_is_hardly_worse_than_the_base_rate() {
    let flat = Truth {
        meeting: |_, _| 0.4,
        agreement: |_| 0.3,
        spread: 0.0,
    };
    let report = Report::of(&history(7, 8_000, flat));
    for judged in [report.meeting.unwrap(), report.agreement.unwrap()] {
        assert!(judged.skill_ppm.abs() < 20_000, "{judged:?}");
        assert!(judged.gap_ppm < 45_000, "{judged:?}");
    }
    assert!(
        report.groups.iter().all(|line| !line.differs || line.trials < 2_000),
        "{:?}",
        report.groups
    );
}

#[test]
fn without_visits_there_is_what_is_assumed_and_no_report() {
    let report = Report::of(&[]);
    assert_eq!((report.meeting, report.agreement), (None, None));
    assert!(report.hours.is_empty() && report.groups.is_empty());
    let place = Place {
        kind: PlaceKind::Home,
        country: "CN".to_owned(),
    };
    let at = |hours| Slot {
        day: DayClass::Workday,
        hours,
    };
    assert_eq!(report.model.meeting(&place, at(HourBand::From18)).ppm(), 550_000);
    assert!(report.model.meeting(&place, at(HourBand::From12)) < report.model.meeting(&place, at(HourBand::From18)));
    assert_eq!(report.model.span().first_day, None);
    let one_day = Report::of(&history(1, 30, REGULAR));
    assert_eq!(one_day.meeting, None, "a single day cannot be held out");
}

#[test]
fn the_order_of_visits_means_nothing_and_whole_numbers_are_kept() {
    let trials = history(3, 2_000, TWISTED);
    let mut turned = trials.clone();
    turned.reverse();
    let model = Model::learn(&trials);
    assert_eq!(model, Model::learn(&turned));
    let text = serde_json::to_string(&model).unwrap();
    assert!(!text.contains('.'), "parameters are whole numbers");
    assert_eq!(serde_json::from_str::<Model>(&text).unwrap(), model);
}

#[test]
fn cells_with_few_visits_are_neither_kept_nor_told() {
    let report = Report::of(&history(5, 300, REGULAR));
    let kept: serde_json::Value = serde_json::to_value(&report.model).unwrap();
    for of in ["meeting", "agreement"] {
        let groups = kept[of]["groups"].as_object().unwrap();
        assert!(!groups.is_empty());
        assert!(
            groups
                .values()
                .all(|group| group["visits"].as_u64().unwrap() >= VISITS_LEAST)
        );
    }
    assert!(report.hours.iter().all(|cell| cell.visits >= VISITS_LEAST));
}

#[test]
fn a_chance_is_the_product_of_its_factors() {
    let model = Model::learn(&history(2, 4_000, TWISTED));
    let (places, scenes) = classes();
    let product = |factors: Vec<crate::Factor>| {
        factors
            .iter()
            .fold(1e6, |chance, factor| chance * factor.ratio_ppm as f64 / 1e6)
    };
    for (place, slot) in places {
        let factors = model.factors_of_meeting(&place, slot);
        assert_eq!(factors[0].of, OddsFactor::Prior);
        assert_eq!(factors.last().unwrap().of, OddsFactor::Area);
        let said = f64::from(model.meeting(&place, slot).ppm());
        assert!((product(factors) - said).abs() < 10.0);
    }
    for scene in scenes {
        let said = f64::from(model.agreement(scene).ppm());
        assert!((product(model.factors_of_agreement(scene)) - said).abs() < 10.0);
    }
}

#[test]
fn groups_that_differ_are_told_with_their_interval() {
    let mut trials = history(9, 6_000, REGULAR);
    // One portfolio whose visits hardly meet anybody: no chance knows portfolios, so the report must say it.
    let portfolio = trials[0].portfolio;
    for trial in trials.iter_mut().filter(|trial| trial.portfolio == portfolio) {
        trial.met = trial.met && trial.slot.hours == HourBand::From18;
    }
    let report = Report::of(&trials);
    let line = |name: &str| report.groups.iter().find(|line| line.name == name).unwrap();
    let found = line(&portfolio.to_string());
    assert_eq!(found.by, OddsGroup::Portfolio);
    assert!(found.differs && found.rate.high < found.said.ppm() / 100, "{found:?}");
    assert!(
        report
            .groups
            .iter()
            .all(|line| line.rate.low <= line.rate.rate && line.rate.rate <= line.rate.high)
    );
}

/// What may come to be known of a visit and never raises a chance.
const PROTECTED: [MatterOutcome; 9] = [
    MatterOutcome::Hardship,
    MatterOutcome::Vulnerable,
    MatterOutcome::Dispute,
    MatterOutcome::PaidClaim,
    MatterOutcome::Refused,
    MatterOutcome::Complaint,
    MatterOutcome::PaidInFull,
    MatterOutcome::Partial,
    MatterOutcome::PromiseKept,
];

/// A visit with its outcomes, so that a history can be told again with another one.
type Told = (Trial, ContactOutcome, Option<MatterOutcome>);

fn told(seed: u64, visits: usize) -> Vec<Told> {
    let contacts = [
        ContactOutcome::NobodyHome,
        ContactOutcome::MetBorrower,
        ContactOutcome::MetRelated,
        ContactOutcome::AskedToLeave,
        ContactOutcome::DoorNotOpened,
    ];
    let matters = [
        Some(MatterOutcome::Promise),
        None,
        Some(MatterOutcome::Hardship),
        Some(MatterOutcome::PlanActive),
    ];
    let trials = history(seed, visits, TWISTED).into_iter().enumerate();
    trials
        .map(|(at, trial)| (trial, contacts[(at * 7 + seed as usize) % 5], matters[(at / 3) % 4]))
        .collect()
}

fn learned(told: &[Told]) -> Model {
    let trials: Vec<Trial> = told
        .iter()
        .filter_map(|(trial, contact, matter)| trial.clone().ended(*contact, *matter))
        .collect();
    Model::learn(&trials)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// For every history: hardship, vulnerability, a dispute, a refusal, a complaint or a payment, wherever it comes to be known,
    /// raises no chance of anybody.
    #[test]
    fn nothing_that_protects_a_person_raises_a_chance_of_anybody(
        seed in 0..1_000_u64,
        visits in 20..400_usize,
        changed in proptest::collection::vec((0..400_usize, 0..PROTECTED.len(), proptest::bool::ANY), 1..40),
    ) {
        let before = told(seed, visits);
        let mut after = before.clone();
        for (at, matter, refused) in changed {
            let (_, contact, outcome) = &mut after[at % visits];
            if refused {
                *contact = ContactOutcome::AskedToLeave;
            } else {
                *outcome = Some(PROTECTED[matter]);
            }
        }
        let (before, after) = (learned(&before), learned(&after));
        let (places, scenes) = classes();
        for (place, slot) in places {
            prop_assert!(after.meeting(&place, slot) <= before.meeting(&place, slot), "{place:?} {slot:?}");
        }
        for scene in scenes {
            prop_assert!(after.agreement(scene) <= before.agreement(scene), "{scene:?}");
            prop_assert!(after.agreement_at_least(scene) <= before.agreement_at_least(scene), "{scene:?}");
        }
    }

    /// For every case: whatever class it is in after it became known that somebody is protected or paid, the chance is not above
    /// the one from before.
    #[test]
    fn a_protected_case_never_has_a_higher_chance_than_before(
        seed in 0..1_000_u64, visits in 0..2_000_usize,
        (stage, less_stage) in (0..5_usize, 0..5_usize), (amount, less_amount) in (0..5_usize, 0..5_usize),
        (reached, other) in (0..3_usize, 0..3_usize),
    ) {
        let model = Model::learn(&history(seed, visits, TWISTED));
        let of = |stage: usize, amount: usize, reached: usize| Scene {
            stage: Stage::ALL[stage],
            amount: AmountBand::ALL[amount],
            reached: Reached::ALL[reached],
        };
        let before = of(stage, amount, reached);
        let after = of(stage.min(less_stage), amount.min(less_amount), other);
        prop_assert!(model.agreement_at_least(after) <= model.agreement(before));
        prop_assert!(model.agreement_at_least(after) <= model.agreement_at_least(before));
    }
}
