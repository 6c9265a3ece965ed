//! Time zone, country and region of a place, from its coordinates and bundled boundaries; never from the machine.

use std::sync::OnceLock;

use country_boundaries::{BOUNDARIES_ODBL_360X180, CountryBoundaries, LatLon};
use doorstep_domain::place::Point;
use tzf_rs::EmbeddedFinder;

/// What coordinates tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabout {
    /// IANA name of the time zone.
    pub zone: String,
    /// ISO 3166-1 code of the country; `None` at sea.
    pub country: Option<String>,
    /// ISO 3166-2 code of the region, where the boundaries know one.
    pub region: Option<String>,
}

/// The bundled boundaries; loaded at the first question.
pub struct Whereabouts {
    zones: OnceLock<EmbeddedFinder>,
    countries: OnceLock<Option<CountryBoundaries>>,
}

impl Whereabouts {
    pub(crate) const fn new() -> Self {
        Self {
            zones: OnceLock::new(),
            countries: OnceLock::new(),
        }
    }

    /// Zone, country and region of a point. A point that no zone covers gets `Etc/UTC`, which no land has, so the rules
    /// see a place without a country and fall to the strictest reading.
    #[must_use]
    pub fn of(&self, point: Point) -> Whereabout {
        let (lat, lon) = (point.lat_e7() as f64 / 1e7, point.lon_e7() as f64 / 1e7);
        let zone = self.zones.get_or_init(EmbeddedFinder::new).get_tz_name(lon, lat);
        let zone = if zone.is_empty() { "Etc/UTC" } else { zone };
        let countries = self
            .countries
            .get_or_init(|| CountryBoundaries::from_reader(BOUNDARIES_ODBL_360X180).ok());
        let ids = match (countries, LatLon::new(lat, lon)) {
            (Some(known), Ok(at)) => known.ids(at),
            _ => Vec::new(),
        };
        // Hong Kong, Macau and Taiwan come with a country code of their own beside others; the smallest area is first.
        let country = ids.iter().find(|id| id.len() == 2).map(|id| (*id).to_owned());
        let region = ids.iter().find(|id| id.contains('-')).map(|id| (*id).to_owned());
        Whereabout {
            zone: zone.to_owned(),
            country,
            region,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn known_places_are_where_they_are() {
        let known = Whereabouts::new();
        let cases = [
            (411_456_000, -86_105_000, "Europe/Lisbon", Some("PT"), None),
            (302_500_000, 1_201_500_000, "Asia/Shanghai", Some("CN"), Some("CN-ZJ")),
            (423_600_000, -710_600_000, "America/New_York", Some("US"), Some("US-MA")),
            (515_000_000, -1_200_000, "Europe/London", Some("GB"), None),
        ];
        for (lat, lon, zone, country, region) in cases {
            let found = known.of(Point::new(lat, lon).unwrap());
            assert_eq!(found.zone, zone);
            assert_eq!(found.country.as_deref(), country);
            if region.is_some() {
                assert_eq!(found.region.as_deref(), region);
            }
        }
    }
}
