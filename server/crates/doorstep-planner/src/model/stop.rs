//! Where visits happen: doors in buildings on sites. Each level costs its access once while a crew stays in it.

use super::index::{BuildingIdx, PlaceIdx, SiteIdx};
use doorstep_domain::measure::Seconds;

/// What has one gate and one place to park.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Site {
    /// Seconds for gate and parking, from 0 to a day.
    pub access: Seconds,
}

/// A building of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Building {
    /// The site it stands on.
    pub site: SiteIdx,
    /// Seconds from the parking place into the building, from 0 to a day.
    pub access: Seconds,
}

/// A door of a building.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Door {
    /// Its row in every matrix.
    pub place: PlaceIdx,
    /// The building it is in.
    pub building: BuildingIdx,
    /// Seconds from the building's entrance to the door, from 0 to a day.
    pub access: Seconds,
}
