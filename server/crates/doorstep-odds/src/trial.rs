//! What is learned from one visit that was made.

use doorstep_domain::address::PlaceKind;
use doorstep_domain::case::Stage;
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::id::{PortfolioId, TeamId};
use doorstep_domain::odds::{AmountBand, DayClass, HourBand, Reached, agreed, met};

/// What sort of place was visited. Never which one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The kind of place.
    pub kind: PlaceKind,
    /// The country, as its ISO code; empty where none is known.
    pub country: String,
}

/// When, as coarse as a chance knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The class of day.
    pub day: DayClass,
    /// The band of hours.
    pub hours: HourBand,
}

/// How the matter stood when the visit was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scene {
    /// The age of the debt.
    pub stage: Stage,
    /// How much was owed.
    pub amount: AmountBand,
    /// What came of other channels.
    pub reached: Reached,
}

/// One visit that was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trial {
    /// Its day, in days since 1970-01-01.
    pub day: i64,
    /// Where.
    pub place: Place,
    /// When.
    pub slot: Slot,
    /// How the matter stood; `None` where nobody noted it. Such a visit teaches where people are met, nothing more.
    pub scene: Option<Scene>,
    /// Whether somebody was met.
    pub met: bool,
    /// Whether something was agreed; `None` where nobody came to the door.
    pub agreed: Option<bool>,
    /// The portfolio: for differences between groups alone, no chance depends on it.
    pub portfolio: PortfolioId,
    /// The team, in the same way.
    pub team: TeamId,
}

impl Trial {
    /// Sets what came of the visit. `None` where no visit was made.
    #[must_use]
    pub fn ended(mut self, contact: ContactOutcome, matter: Option<MatterOutcome>) -> Option<Self> {
        self.met = met(contact)?;
        self.agreed = agreed(contact, matter);
        Some(self)
    }

    /// A line that says all that is learned from it, for the digest of what a model was made from.
    #[must_use]
    pub fn line(&self) -> String {
        let scene = self.scene.map_or_else(
            || "-".to_owned(),
            |scene| format!("{},{},{}", scene.stage, scene.amount, scene.reached),
        );
        let agreed = self.agreed.map_or("-", |agreed| if agreed { "1" } else { "0" });
        format!(
            "{} {} {} {} {} {scene} {} {agreed}\n",
            self.day,
            self.place.kind,
            self.place.country,
            self.slot.day,
            self.slot.hours,
            u8::from(self.met)
        )
    }
}
