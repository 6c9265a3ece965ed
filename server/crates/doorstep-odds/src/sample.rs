//! Histories with a known truth, for the tests: a model must find the truth again.

use doorstep_domain::address::PlaceKind;
use doorstep_domain::case::Stage;
use doorstep_domain::id::{PortfolioId, TeamId};
use doorstep_domain::odds::{AmountBand, DayClass, HourBand, Reached};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use crate::trial::{Place, Scene, Slot, Trial};

/// The first day of every history.
pub(crate) const FIRST_DAY: i64 = 20_000;
/// How many visits are made on a day.
const VISITS_A_DAY: usize = 40;

/// What is true of a history.
#[derive(Clone, Copy)]
pub(crate) struct Truth {
    /// The chance that somebody is met.
    pub(crate) meeting: fn(&Place, Slot) -> f64,
    /// The chance that something is agreed.
    pub(crate) agreement: fn(Scene) -> f64,
    /// How far single visits lie from their class, either way: what no class knows.
    pub(crate) spread: f64,
}

fn one<'a, T>(dice: &mut impl Rng, of: &'a [T]) -> &'a T {
    &of[dice.random_range(0..of.len())]
}

fn happens(dice: &mut impl Rng, chance: f64) -> bool {
    dice.random_range(0.0..1.0) < chance
}

/// A history of so many visits.
pub(crate) fn history(seed: u64, visits: usize, truth: Truth) -> Vec<Trial> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    (0..visits)
        .map(|at| {
            let place = Place {
                // Homes are by far the most.
                kind: *one(
                    &mut dice,
                    &[PlaceKind::Home, PlaceKind::Home, PlaceKind::Home, PlaceKind::Workplace],
                ),
                country: (*one(&mut dice, &["CN", "CN", "GB"])).to_owned(),
            };
            let day = FIRST_DAY + (at / VISITS_A_DAY) as i64;
            let slot = Slot {
                day: *one(&mut dice, DayClass::ALL),
                hours: *one(&mut dice, &HourBand::ALL[1..7]),
            };
            let scene = Scene {
                stage: *one(&mut dice, &Stage::ALL[1..]),
                amount: *one(&mut dice, AmountBand::ALL),
                reached: *one(&mut dice, Reached::ALL),
            };
            let apart = truth.spread * (dice.random_range(0.0..2.0) - 1.0);
            let met = happens(&mut dice, (truth.meeting)(&place, slot) + apart);
            let agreed = happens(&mut dice, (truth.agreement)(scene) + apart);
            Trial {
                day,
                place,
                slot,
                scene: Some(scene),
                met,
                agreed: met.then_some(agreed),
                portfolio: PortfolioId(Uuid::from_u128(1 + (at % 2) as u128)),
                team: TeamId(Uuid::from_u128(3)),
            }
        })
        .collect()
}

/// Every class of a history's visits.
pub(crate) fn classes() -> (Vec<(Place, Slot)>, Vec<Scene>) {
    let mut places = Vec::new();
    for kind in [PlaceKind::Home, PlaceKind::Workplace] {
        for country in ["CN", "GB"] {
            for day in DayClass::ALL {
                for hours in &HourBand::ALL[1..7] {
                    let country = country.to_owned();
                    let slot = Slot {
                        day: *day,
                        hours: *hours,
                    };
                    places.push((Place { kind, country }, slot));
                }
            }
        }
    }
    let mut scenes = Vec::new();
    for stage in &Stage::ALL[1..] {
        for amount in AmountBand::ALL {
            for reached in Reached::ALL {
                scenes.push(Scene {
                    stage: *stage,
                    amount: *amount,
                    reached: *reached,
                });
            }
        }
    }
    (places, scenes)
}
