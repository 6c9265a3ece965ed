//! A model: both chances, learned from the visits of a span of days.

use std::collections::BTreeMap;

use doorstep_domain::address::PlaceKind;
use doorstep_domain::case::Stage;
use doorstep_domain::odds::{AmountBand, Chance, OddsFactor, Reached};
use serde::{Deserialize, Serialize};

use crate::VISITS_LEAST;
use crate::ladder::{Ladder, Leaf, rungs};
use crate::prior;
use crate::trial::{Place, Scene, Slot, Trial};

/// The weight of what is assumed of meetings, in expected ones: at a chance of 0.4, that of 40 visits.
const WEIGHT_OF_MEETING: f64 = 16.0;
/// The weight of what is assumed of agreements, in expected ones: at a chance of 0.3, that of 40 times somebody came to the door.
const WEIGHT_OF_AGREEMENT: f64 = 12.0;

/// What a chance of meeting somebody is made of, coarse to fine, after all visits.
const OF_MEETING: [OddsFactor; 4] = [OddsFactor::Place, OddsFactor::Day, OddsFactor::Hours, OddsFactor::Area];
/// What a chance of an agreement is made of, in the same way.
const OF_AGREEMENT: [OddsFactor; 3] = [OddsFactor::Stage, OddsFactor::Amount, OddsFactor::Reached];

/// What a model was learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// The day of the first visit, in days since 1970-01-01; `None` where there was none.
    pub first_day: Option<i64>,
    /// The day of the last.
    pub last_day: Option<i64>,
    /// Visits that were made.
    pub visits: u64,
    /// Those that met somebody.
    pub met: u64,
    /// Those at which somebody came to the door and it was noted how the matter stood.
    pub at_the_door: u64,
    /// Those that ended in an agreement, of these.
    pub agreed: u64,
}

/// Both chances. Deterministic: the same visits in any order give the same model.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Model {
    meeting: Ladder,
    agreement: Ladder,
    span: Span,
}

/// One part of a chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// What it is.
    pub of: OddsFactor,
    /// Of what, such as `home`; empty for all visits and for what is assumed.
    pub name: String,
    /// What it multiplies the chance before it by, in parts of a million; what is assumed itself for the first.
    pub ratio_ppm: u64,
    /// Visits behind it; 0 where there are too few to tell.
    pub visits: u64,
    /// Those of them that happened to end so.
    pub happened: u64,
}

fn path_of_meeting(place: &Place, slot: Slot) -> [&str; 4] {
    [
        place.kind.code(),
        slot.day.code(),
        slot.hours.code(),
        if place.country.is_empty() {
            "-"
        } else {
            place.country.as_str()
        },
    ]
}

const fn path_of_agreement(scene: Scene) -> [&'static str; 3] {
    [scene.stage.code(), scene.amount.code(), scene.reached.code()]
}

impl Model {
    /// Learns from visits.
    #[must_use]
    pub fn learn<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Self {
        let mut span = Span::default();
        let (mut meeting, mut agreement) = (BTreeMap::new(), BTreeMap::new());
        for trial in trials {
            span.first_day = Some(span.first_day.map_or(trial.day, |day: i64| day.min(trial.day)));
            span.last_day = span.last_day.max(Some(trial.day));
            span.visits += 1;
            span.met += u64::from(trial.met);
            let leaf: &mut Leaf = meeting
                .entry(rungs(&path_of_meeting(&trial.place, trial.slot)))
                .or_default();
            leaf.prior = prior::meeting(trial.place.kind, trial.slot);
            leaf.visits += 1;
            leaf.trials += 1;
            leaf.happened += u64::from(trial.met);
            let Some(scene) = trial.scene else { continue };
            let leaf: &mut Leaf = agreement.entry(rungs(&path_of_agreement(scene))).or_default();
            leaf.prior = prior::agreement(scene);
            leaf.visits += 1;
            if let Some(agreed) = trial.agreed {
                span.at_the_door += 1;
                span.agreed += u64::from(agreed);
                leaf.trials += 1;
                leaf.happened += u64::from(agreed);
            }
        }
        Self {
            meeting: Ladder::learn(&meeting, WEIGHT_OF_MEETING, VISITS_LEAST),
            agreement: Ladder::learn(&agreement, WEIGHT_OF_AGREEMENT, VISITS_LEAST),
            span,
        }
    }

    /// What it was learned from.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The chance that somebody is met at a kind of place.
    #[must_use]
    pub fn meeting(&self, place: &Place, slot: Slot) -> Chance {
        let names = rungs(&path_of_meeting(place, slot));
        self.meeting
            .chance(prior::meeting(place.kind, slot), &names, WEIGHT_OF_MEETING)
    }

    /// The same where the country is not looked at: what is told of kinds of places.
    #[must_use]
    pub fn meeting_anywhere(&self, kind: PlaceKind, slot: Slot) -> Chance {
        let names = rungs(&[kind.code(), slot.day.code(), slot.hours.code()]);
        self.meeting
            .chance(prior::meeting(kind, slot), &names, WEIGHT_OF_MEETING)
    }

    /// The chance that something is agreed once somebody came to the door.
    #[must_use]
    pub fn agreement(&self, scene: Scene) -> Chance {
        let names = rungs(&path_of_agreement(scene));
        self.agreement
            .chance(prior::agreement(scene), &names, WEIGHT_OF_AGREEMENT)
    }

    /// The chance of an agreement for somebody about whom something is known that must never raise it: hardship, vulnerability,
    /// a dispute, a refusal, a complaint, or a payment after a visit.
    ///
    /// Any of these may come with another class: whoever paid owes less for a shorter time, and whoever refused on the phone was
    /// reached. So the chance is the lowest of all classes that they can have come from: of this age of the debt and older ones,
    /// of this amount and higher ones, whatever came of other channels. It is never above the chance from before.
    #[must_use]
    pub fn agreement_at_least(&self, scene: Scene) -> Chance {
        let stages = Stage::ALL.iter().filter(|stage| **stage >= scene.stage);
        let scenes = stages.flat_map(|stage| {
            let amounts = AmountBand::ALL.iter().filter(move |amount| **amount >= scene.amount);
            amounts.flat_map(move |amount| {
                Reached::ALL.iter().map(move |reached| Scene {
                    stage: *stage,
                    amount: *amount,
                    reached: *reached,
                })
            })
        });
        scenes.map(|scene| self.agreement(scene)).min().unwrap_or(Chance::NEVER)
    }

    /// What the chance of meeting somebody is made of: its product, kept away from certainty, is [`Model::meeting`].
    #[must_use]
    pub fn factors_of_meeting(&self, place: &Place, slot: Slot) -> Vec<Factor> {
        factors(
            &self.meeting,
            (prior::meeting(place.kind, slot), WEIGHT_OF_MEETING),
            (&OF_MEETING, &path_of_meeting(place, slot)),
        )
    }

    /// What the chance at a kind of place is made of, where the country is not looked at.
    #[must_use]
    pub fn factors_of_hour(&self, kind: PlaceKind, slot: Slot) -> Vec<Factor> {
        factors(
            &self.meeting,
            (prior::meeting(kind, slot), WEIGHT_OF_MEETING),
            (&OF_MEETING[..3], &[kind.code(), slot.day.code(), slot.hours.code()]),
        )
    }

    /// What the chance of an agreement is made of, in the same way.
    #[must_use]
    pub fn factors_of_agreement(&self, scene: Scene) -> Vec<Factor> {
        factors(
            &self.agreement,
            (prior::agreement(scene), WEIGHT_OF_AGREEMENT),
            (&OF_AGREEMENT, &path_of_agreement(scene)),
        )
    }

    /// Visits and meetings behind a kind of place, class of day and band of hours, if there are enough to tell.
    #[must_use]
    pub fn behind(&self, kind: PlaceKind, slot: Slot) -> Option<(u64, u64)> {
        let name = format!("{kind}/{}/{}", slot.day, slot.hours);
        self.meeting.group(&name).map(|group| (group.visits, group.happened))
    }
}

fn factors(ladder: &Ladder, (prior, weight): (u32, f64), (parts, path): (&[OddsFactor], &[&str])) -> Vec<Factor> {
    let mut factors = vec![Factor {
        of: OddsFactor::Prior,
        name: String::new(),
        ratio_ppm: u64::from(prior),
        visits: 0,
        happened: 0,
    }];
    let named = std::iter::once((&OddsFactor::All, "")).chain(parts.iter().zip(path.iter().copied()));
    for ((of, name), rung) in named.zip(rungs(path)) {
        let group = ladder.group(&rung);
        factors.push(Factor {
            of: *of,
            name: name.to_owned(),
            ratio_ppm: group.map_or(1_000_000, |group| (group.ratio(weight) * 1e6).round() as u64),
            visits: group.map_or(0, |group| group.visits),
            happened: group.map_or(0, |group| group.happened),
        });
    }
    factors
}
