//! How good a model is: on days that it did not know, against the base rate, and for each group of visits.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_domain::address::PlaceKind;
use doorstep_domain::odds::{Chance, DayClass, HourBand, OddsGroup, OddsOf, WHOLE};
use doorstep_domain::rate::{Rate, rate};

use crate::VISITS_LEAST;
use crate::model::Model;
use crate::trial::{Slot, Trial};

/// Every day is held out once: the days are dealt into so many parts, and each visit is judged by a model that was learned from
/// the other parts and so knows no visit of its day.
const PARTS: usize = 5;
/// Bins of the calibration curve: tenths.
const BINS: u32 = 10;

/// What was found about a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The model that was learned from all the visits.
    pub model: Model,
    /// How good its chance of meeting somebody is; `None` where visits were made on fewer than two days.
    pub meeting: Option<Judged>,
    /// How good its chance of an agreement is; `None` where nobody came to a door on two days.
    pub agreement: Option<Judged>,
    /// Chances by kind of place, class of day and band of hours, only where enough visits stand behind them.
    pub hours: Vec<HourCell>,
    /// Differences between groups, only where enough visits stand behind them.
    pub groups: Vec<GroupLine>,
}

/// How good a chance is on days that were held out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How often it was put to the test.
    pub trials: u64,
    /// How often it happened.
    pub happened: u64,
    /// The mean square of chance less what happened, in parts of a million: 0 is perfect.
    pub brier_ppm: i64,
    /// The same for who always says the base rate of the other days.
    pub base_ppm: i64,
    /// The part of the base rate's error that the model saves, in parts of a million; below zero it is worse than the base rate.
    pub skill_ppm: i64,
    /// The mean distance of a bin's chance from what happened in it, by the size of the bins, in parts of a million.
    pub gap_ppm: i64,
    /// The calibration curve, lowest chance first; bins in which nothing fell are left out.
    pub curve: Vec<Bin>,
}

/// A bin of a calibration curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// From which chance.
    pub from: Chance,
    /// Below which chance.
    pub to: Chance,
    /// How often such a chance was given.
    pub trials: u64,
    /// The mean of the chances given.
    pub said: Chance,
    /// How often it happened.
    pub happened: u64,
}

/// A chance of meeting somebody by hour. It is told of kinds of places and never beside a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourCell {
    /// The kind of place.
    pub kind: PlaceKind,
    /// When.
    pub slot: Slot,
    /// The chance, where the country is not looked at.
    pub chance: Chance,
    /// Visits behind it.
    pub visits: u64,
    /// Those that met somebody.
    pub met: u64,
}

/// A group of visits: what was said of it and what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupLine {
    /// What the chance is of.
    pub of: OddsOf,
    /// By what it is a group.
    pub by: OddsGroup,
    /// Which: an id, or the code of a kind of place.
    pub name: String,
    /// How often the chance was put to the test.
    pub trials: u64,
    /// The mean of the chances that were given on held-out days.
    pub said: Chance,
    /// How often it happened, with its interval of 95 %.
    pub rate: Rate,
    /// Whether what was said lies outside the interval.
    pub differs: bool,
}

/// One time that a chance was put to the test.
struct Test<'a> {
    trial: &'a Trial,
    said: Chance,
    base: f64,
    happened: bool,
}

impl Report {
    /// Learns from visits and judges what was learned.
    #[must_use]
    pub fn of(trials: &[Trial]) -> Self {
        let (meeting, agreement) = held_out(trials);
        let model = Model::learn(trials);
        let mut groups = groups_of(OddsOf::Meeting, &meeting);
        groups.extend(groups_of(OddsOf::Agreement, &agreement));
        Self {
            hours: hours_of(&model),
            meeting: judged(&meeting),
            agreement: judged(&agreement),
            groups,
            model,
        }
    }
}

/// Every visit with what a model says that knows nothing of its day.
fn held_out(trials: &[Trial]) -> (Vec<Test<'_>>, Vec<Test<'_>>) {
    let days: BTreeSet<i64> = trials.iter().map(|trial| trial.day).collect();
    let part_of: BTreeMap<i64, usize> = days.iter().enumerate().map(|(at, day)| (*day, at % PARTS)).collect();
    let (mut meeting, mut agreement) = (Vec::new(), Vec::new());
    if days.len() < 2 {
        return (meeting, agreement);
    }
    for part in 0..PARTS.min(days.len()) {
        let model = Model::learn(trials.iter().filter(|trial| part_of[&trial.day] != part));
        let span = model.span();
        for trial in trials.iter().filter(|trial| part_of[&trial.day] == part) {
            meeting.push(Test {
                trial,
                said: model.meeting(&trial.place, trial.slot),
                base: share(span.met, span.visits),
                happened: trial.met,
            });
            if let (Some(scene), Some(agreed), true) = (trial.scene, trial.agreed, span.at_the_door > 0) {
                agreement.push(Test {
                    trial,
                    said: model.agreement(scene),
                    base: share(span.agreed, span.at_the_door),
                    happened: agreed,
                });
            }
        }
    }
    (meeting, agreement)
}

fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 0.5 } else { part as f64 / of as f64 }
}

fn ppm(value: f64) -> i64 {
    (value * f64::from(WHOLE)).round() as i64
}

fn chance(said: Chance) -> f64 {
    f64::from(said.ppm()) / f64::from(WHOLE)
}

fn judged(tests: &[Test<'_>]) -> Option<Judged> {
    if tests.is_empty() {
        return None;
    }
    let count = tests.len() as f64;
    let square = |said: f64, happened: bool| (said - f64::from(u8::from(happened))).powi(2);
    let brier: f64 = tests
        .iter()
        .map(|test| square(chance(test.said), test.happened))
        .sum::<f64>()
        / count;
    let base: f64 = tests.iter().map(|test| square(test.base, test.happened)).sum::<f64>() / count;
    let curve = curve_of(tests);
    let gaps = curve.iter().map(|bin| {
        let happened = share(bin.happened, bin.trials);
        (chance(bin.said) - happened).abs() * bin.trials as f64
    });
    Some(Judged {
        trials: tests.len() as u64,
        happened: tests.iter().filter(|test| test.happened).count() as u64,
        brier_ppm: ppm(brier),
        base_ppm: ppm(base),
        skill_ppm: if base > 0.0 { ppm(1.0 - brier / base) } else { 0 },
        gap_ppm: ppm(gaps.sum::<f64>() / count),
        curve,
    })
}

fn curve_of(tests: &[Test<'_>]) -> Vec<Bin> {
    let width = WHOLE / BINS;
    let mut bins: BTreeMap<u32, (u64, u64, u64)> = BTreeMap::new();
    for test in tests {
        let bin = (test.said.ppm() / width).min(BINS - 1);
        let (trials, happened, said) = bins.entry(bin).or_default();
        *trials += 1;
        *happened += u64::from(test.happened);
        *said += u64::from(test.said.ppm());
    }
    bins.into_iter()
        .map(|(bin, (trials, happened, said))| Bin {
            from: Chance::nearest(i64::from(bin * width)),
            to: Chance::nearest(i64::from((bin + 1) * width)),
            trials,
            said: Chance::nearest((said / trials) as i64),
            happened,
        })
        .collect()
}

fn hours_of(model: &Model) -> Vec<HourCell> {
    let mut cells = Vec::new();
    for kind in PlaceKind::ALL {
        for day in DayClass::ALL {
            for hours in HourBand::ALL {
                let slot = Slot {
                    day: *day,
                    hours: *hours,
                };
                if let Some((visits, met)) = model.behind(*kind, slot) {
                    cells.push(HourCell {
                        kind: *kind,
                        slot,
                        chance: model.meeting_anywhere(*kind, slot),
                        visits,
                        met,
                    });
                }
            }
        }
    }
    cells
}

fn groups_of(of: OddsOf, tests: &[Test<'_>]) -> Vec<GroupLine> {
    let mut groups: BTreeMap<(OddsGroup, String), (u64, u64, u64)> = BTreeMap::new();
    for test in tests {
        let names = [
            (OddsGroup::Portfolio, test.trial.portfolio.to_string()),
            (OddsGroup::Team, test.trial.team.to_string()),
            (OddsGroup::Place, test.trial.place.kind.code().to_owned()),
        ];
        for name in names {
            let (trials, happened, said) = groups.entry(name).or_default();
            *trials += 1;
            *happened += u64::from(test.happened);
            *said += u64::from(test.said.ppm());
        }
    }
    let enough = groups.into_iter().filter(|(_, (trials, _, _))| *trials >= VISITS_LEAST);
    enough
        .filter_map(|((by, name), (trials, happened, said))| {
            let said = Chance::nearest((said / trials) as i64);
            let rate = rate(happened, trials)?;
            Some(GroupLine {
                of,
                by,
                name,
                trials,
                said,
                rate,
                differs: is_beyond_chance(said, rate),
            })
        })
        .collect()
}

/// Whether what was said lies outside the interval of 95 % made half as wide again: about three standard errors, because
/// among dozens of groups some leave the interval itself by chance.
fn is_beyond_chance(said: Chance, rate: Rate) -> bool {
    let (middle, half) = (
        f64::from(rate.low + rate.high) / 2.0,
        f64::from(rate.high - rate.low) / 2.0,
    );
    (f64::from(said.ppm()) / 100.0 - middle).abs() > 1.5 * half
}
