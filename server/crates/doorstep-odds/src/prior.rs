//! What is assumed before any visit was made, in parts of a million.
//!
//! The shape by day and hour follows what surveys at the door found (docs/odds.md names them): working people are met in the
//! evening and at the weekend, at work during working hours. The numbers are ours and on the low side, so that a tenant without
//! a history plans few visits rather than many. They fade as visits are made.

use doorstep_domain::address::PlaceKind;
use doorstep_domain::case::Stage;
use doorstep_domain::odds::{DayClass, HourBand};

use crate::trial::{Scene, Slot};

/// That somebody is met.
pub(crate) const fn meeting(kind: PlaceKind, slot: Slot) -> u32 {
    match kind {
        PlaceKind::Home => at_home(slot),
        PlaceKind::Workplace => match (slot.day, slot.hours) {
            (DayClass::Workday, HourBand::Before8 | HourBand::From18 | HourBand::From20) => 150_000,
            (DayClass::Workday, _) => 550_000,
            _ => 120_000,
        },
        PlaceKind::Other => 300_000,
    }
}

const fn at_home(slot: Slot) -> u32 {
    match (slot.day, slot.hours) {
        (DayClass::Workday, HourBand::Before8 | HourBand::From8) => 380_000,
        (DayClass::Workday, HourBand::From10 | HourBand::From12 | HourBand::From14) => 360_000,
        (DayClass::Workday, HourBand::From16) => 440_000,
        (DayClass::Workday, HourBand::From18 | HourBand::From20) => 550_000,
        (DayClass::Saturday, _) => 470_000,
        (DayClass::Sunday, _) => 500_000,
    }
}

/// That something is agreed once somebody came to the door.
pub(crate) const fn agreement(scene: Scene) -> u32 {
    match scene.stage {
        Stage::M0 | Stage::M1 => 320_000,
        Stage::M2 => 280_000,
        Stage::M3 => 230_000,
        Stage::M3Plus => 170_000,
    }
}
