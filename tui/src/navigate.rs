//! Links that open a place in a phone's own navigation, each in the datum that the program behind it uses.
//!
//! A link leaves the device, so it says where and nothing else: no name, no case, no address text. Where a program demands a
//! title it is the word «destination».
//!
//! Street data of mainland China is drawn in GCJ-02 by law, also by Google and Apple, and Baidu's in BD-09; coordinates in
//! a link are put on it as they are. There every link but `geo:` (RFC 5870: always WGS-84) is converted here. Elsewhere all
//! get WGS-84, and Amap and Baidu are told so. The time zone of an address, which comes from its coordinates, says where it
//! lies: the two zones of the mainland are none of Hong Kong's, Macau's or Taiwan's, where the offset does not apply.

use doorstep_domain::datum::from_wgs84;
use doorstep_domain::place::{Datum, Point};

/// Zones of mainland China, with their older names.
const MAINLAND_ZONES: [&str; 7] = [
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Chongqing",
    "Asia/Chungking",
    "Asia/Harbin",
    "Asia/Kashgar",
    "PRC",
];

/// A program for navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NavApp {
    /// Whatever the phone opens for `geo:`.
    Geo,
    /// Amap, 高德地图.
    Amap,
    /// Baidu Maps, 百度地图.
    Baidu,
    /// Google Maps.
    Google,
    /// Apple Maps.
    Apple,
}

impl NavApp {
    /// All programs.
    pub const ALL: [Self; 5] = [Self::Geo, Self::Amap, Self::Baidu, Self::Google, Self::Apple];

    /// The code for commands and documents.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Geo => "geo",
            Self::Amap => "amap",
            Self::Baidu => "baidu",
            Self::Google => "google",
            Self::Apple => "apple",
        }
    }

    /// Its name, English and Chinese.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Geo => ("This phone's map", "本机地图"),
            Self::Amap => ("Amap", "高德地图"),
            Self::Baidu => ("Baidu Maps", "百度地图"),
            Self::Google => ("Google Maps", "谷歌地图"),
            Self::Apple => ("Apple Maps", "苹果地图"),
        }
    }

    /// The programs in the order in which they are offered at a place in this time zone: what works there first.
    pub fn offered(zone: &str) -> [Self; 5] {
        if in_mainland_china(zone) {
            [Self::Amap, Self::Baidu, Self::Geo, Self::Apple, Self::Google]
        } else {
            [Self::Geo, Self::Google, Self::Apple, Self::Amap, Self::Baidu]
        }
    }

    /// The datum of the coordinates in its links.
    pub fn datum(self, zone: &str) -> Datum {
        match self {
            _ if !in_mainland_china(zone) => Datum::Wgs84,
            Self::Geo => Datum::Wgs84,
            Self::Baidu => Datum::Bd09,
            Self::Amap | Self::Google | Self::Apple => Datum::Gcj02,
        }
    }
}

impl std::str::FromStr for NavApp {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|app| app.code() == text);
        known.ok_or_else(|| "expected geo, amap, baidu, google or apple".to_owned())
    }
}

/// A link to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavLink {
    /// The program that it opens.
    pub app: NavApp,
    /// The datum of its coordinates.
    pub datum: Datum,
    /// The link for every phone, with or without the program: for a QR code and for opening.
    pub url: String,
    /// Links that only the installed program takes; Android before iOS where they differ.
    pub app_urls: Vec<String>,
}

/// The links to a WGS-84 place in a time zone, the best for that place first.
pub fn links(place: Point, zone: &str) -> Vec<NavLink> {
    NavApp::offered(zone)
        .into_iter()
        .map(|app| link(app, place, zone))
        .collect()
}

/// The link to a WGS-84 place for one program.
pub fn link(app: NavApp, place: Point, zone: &str) -> NavLink {
    let datum = app.datum(zone);
    let there = from_wgs84(place, datum);
    let (lat, lon) = (degrees(there.lat_e7()), degrees(there.lon_e7()));
    let converted = datum != Datum::Wgs84;
    let (url, app_urls) = match app {
        NavApp::Geo => (format!("geo:{lat},{lon}"), Vec::new()),
        NavApp::Amap => {
            let (system, dev) = if converted { ("gaode", 0) } else { ("wgs84", 1) };
            let native = |scheme: &str| {
                format!("{scheme}://navi?sourceApplication=doorstep&lat={lat}&lon={lon}&dev={dev}&style=2")
            };
            let url =
                format!("https://uri.amap.com/navigation?to={lon},{lat}&mode=car&coordinate={system}&callnative=1");
            (url, vec![native("androidamap"), native("iosamap")])
        }
        NavApp::Baidu => {
            let system = if converted { "bd09ll" } else { "wgs84" };
            let url = format!(
                "https://api.map.baidu.com/marker?location={lat},{lon}&title=destination&content=destination\
                 &coord_type={system}&output=html&src=doorstep"
            );
            // The page without the program needs to know where one starts; the program does not.
            let native = format!(
                "baidumap://map/direction?destination={lat},{lon}&coord_type={system}&mode=driving&src=doorstep"
            );
            (url, vec![native])
        }
        NavApp::Google => {
            let url = format!("https://www.google.com/maps/dir/?api=1&destination={lat},{lon}");
            (url, Vec::new())
        }
        NavApp::Apple => (format!("https://maps.apple.com/?daddr={lat},{lon}"), Vec::new()),
    };
    NavLink {
        app,
        datum,
        url,
        app_urls,
    }
}

/// Whether a time zone is one of mainland China.
pub fn in_mainland_china(zone: &str) -> bool {
    MAINLAND_ZONES.contains(&zone)
}

/// Degrees with six decimals, about 0.1 m: more than a door needs, and as many as Amap takes.
fn degrees(e7: i64) -> String {
    let micro = (e7.abs() + 5) / 10;
    let sign = if e7 < 0 && micro > 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", micro / 1_000_000, micro % 1_000_000)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use doorstep_domain::datum::to_wgs84;

    fn coordinates(link: &NavLink, lat_first: bool) -> (f64, f64) {
        let marks = ["geo:", "to=", "location=", "destination=", "daddr="];
        let mark = marks.iter().find(|mark| link.url.contains(*mark)).unwrap();
        let text = link.url.split(mark).nth(1).unwrap().split('&').next().unwrap();
        let (one, other) = text.split_once(',').unwrap();
        let (one, other) = (one.parse().unwrap(), other.parse().unwrap());
        if lat_first { (one, other) } else { (other, one) }
    }

    #[test]
    fn each_link_is_in_its_datum() {
        // A pair that is published in many places: one spot in Beijing in GCJ-02 and in BD-09.
        let (gcj, bd) = ((39.915, 116.404), (39.921_336, 116.410_37));
        let place = to_wgs84(Point::new(399_150_000, 1_164_040_000).unwrap(), Datum::Gcj02);
        let wgs = (place.lat_e7() as f64 / 1e7, place.lon_e7() as f64 / 1e7);
        assert!((wgs.1 - gcj.1).abs() > 5e-3, "the offset is some 500 m here");
        for link in links(place, "Asia/Shanghai") {
            let (expected, datum) = match link.app {
                NavApp::Geo => (wgs, Datum::Wgs84),
                NavApp::Baidu => (bd, Datum::Bd09),
                NavApp::Amap | NavApp::Google | NavApp::Apple => (gcj, Datum::Gcj02),
            };
            let (lat, lon) = coordinates(&link, link.app != NavApp::Amap);
            assert_eq!(link.datum, datum);
            assert!(
                (lat - expected.0).abs() < 2e-5 && (lon - expected.1).abs() < 2e-5,
                "{}",
                link.url
            );
        }
        for link in links(place, "Asia/Hong_Kong") {
            assert_eq!(link.datum, Datum::Wgs84);
            let (lat, lon) = coordinates(&link, link.app != NavApp::Amap);
            assert!((lat - wgs.0).abs() < 1e-6 && (lon - wgs.1).abs() < 1e-6, "{}", link.url);
        }
    }

    #[test]
    fn the_programs_of_the_country_come_first() {
        let codes = |zone| NavApp::offered(zone).map(NavApp::code);
        assert_eq!(codes("Asia/Urumqi"), ["amap", "baidu", "geo", "apple", "google"]);
        assert_eq!(codes("Europe/Lisbon"), ["geo", "google", "apple", "amap", "baidu"]);
        for app in NavApp::ALL {
            assert_eq!(app.code().parse(), Ok(app));
        }
        assert!("waze".parse::<NavApp>().is_err());
    }

    #[test]
    fn links_say_where_and_nothing_else() {
        let place = Point::new(-86_000_004, -411_500_000).unwrap();
        let urls: Vec<String> = links(place, "America/Recife")
            .into_iter()
            .map(|link| link.url)
            .collect();
        assert_eq!(
            urls,
            [
                "geo:-8.600000,-41.150000",
                "https://www.google.com/maps/dir/?api=1&destination=-8.600000,-41.150000",
                "https://maps.apple.com/?daddr=-8.600000,-41.150000",
                "https://uri.amap.com/navigation?to=-41.150000,-8.600000&mode=car&coordinate=wgs84&callnative=1",
                "https://api.map.baidu.com/marker?location=-8.600000,-41.150000&title=destination&content=destination\
                 &coord_type=wgs84&output=html&src=doorstep",
            ]
        );
        assert_eq!(degrees(-4), "0.000000");
    }
}
