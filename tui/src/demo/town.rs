//! A town made by code: streets that a map can draw, people in two languages, crews. Pure: the same seed and day give
//! the same town. Nobody in it exists.

use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::Date;

/// Centre of the town, in 1e-7 degrees: between fields, where the Chinese rule pack applies.
pub(super) const CENTRE: [i64; 2] = [300_500_000, 1_199_500_000];
/// Distance between two streets, in 1e-7 degrees: about 350 m.
pub(super) const BLOCK: i64 = 32_000;
/// Streets in each direction.
const STREETS: i64 = 7;
/// Houses between two corners.
const HOUSES: i64 = 20;
/// Cases of the town.
const CASES: u64 = 48;

/// Names of streets, English and Chinese; the first half runs east, the second north.
const STREET_NAMES: [(&str, &str); 14] = [
    ("Mill Lane", "磨坊巷"),
    ("Orchard Street", "果园街"),
    ("Bridge Street", "石桥街"),
    ("Market Street", "集市街"),
    ("School Lane", "学堂巷"),
    ("Willow Street", "柳荫街"),
    ("Hill Road", "山前路"),
    ("Harbour Road", "码头路"),
    ("Station Road", "车站路"),
    ("Garden Row", "花园里"),
    ("Temple Road", "塔前路"),
    ("River Road", "沿河路"),
    ("Tea Lane", "茶园巷"),
    ("Bamboo Street", "竹林街"),
];
const SURNAMES: [(&str, &str); 10] = [
    ("Ash", "赵"),
    ("Birch", "钱"),
    ("Cole", "孙"),
    ("Dale", "李"),
    ("Elm", "周"),
    ("Frost", "吴"),
    ("Grove", "郑"),
    ("Hale", "王"),
    ("Ives", "冯"),
    ("Jay", "陈"),
];
const GIVEN: [(&str, &str); 10] = [
    ("Ada", "安"),
    ("Ben", "宁"),
    ("Cora", "晓兰"),
    ("Dora", "文"),
    ("Eli", "建国"),
    ("Finn", "小雨"),
    ("Gus", "志强"),
    ("Hana", "梅"),
    ("Ian", "思远"),
    ("June", "静"),
];

/// A street: its two names and its ends as latitude and longitude in 1e-7 degrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Street {
    pub(super) english: &'static str,
    pub(super) chinese: &'static str,
    pub(super) ends: [[i64; 2]; 2],
}

/// The town as files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Town {
    pub(super) streets: Vec<Street>,
    pub(super) cases: String,
    pub(super) staff: String,
}

/// Numbers that look random and follow from a seed (`SplitMix64`: Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.roll(len as u64)).unwrap_or(0)
    }
}

/// Makes the town for a day.
pub(super) fn town(seed: u64, today: Date) -> Town {
    let streets = streets();
    let mut dice = Dice(seed);
    let mut cases = "case_no,portfolio,name,phone,address,lat,lon,datum,principal,interest,penalty,fees,amount_due,\
                     currency,due_date,days_past_due,language,flags,available,last_visit,visits_so_far\n"
        .to_owned();
    let mut before = None;
    for number in 0..CASES {
        let home = home(number, &mut dice, before);
        case_line(&mut cases, number, &mut dice, (&streets[home.street], home), today);
        before = Some(home);
    }
    refused_line(&mut cases, &streets[0]);
    Town {
        cases,
        staff: staff(today),
        streets,
    }
}

/// The streets with names.
pub(super) fn streets() -> Vec<Street> {
    let span = BLOCK * (STREETS - 1) / 2;
    STREET_NAMES
        .iter()
        .zip(0..)
        .map(|(&(english, chinese), index)| {
            let offset = (index % STREETS) * BLOCK - span;
            let ends = if index < STREETS {
                [
                    [CENTRE[0] + offset, CENTRE[1] - span],
                    [CENTRE[0] + offset, CENTRE[1] + span],
                ]
            } else {
                [
                    [CENTRE[0] - span, CENTRE[1] + offset],
                    [CENTRE[0] + span, CENTRE[1] + offset],
                ]
            };
            Street { english, chinese, ends }
        })
        .collect()
}

/// A house on a street: its number decides how far along it stands.
fn house(street: &Street, number: i64) -> [i64; 2] {
    let most = HOUSES * (STREETS - 1);
    let along = |axis: usize| street.ends[0][axis] + (street.ends[1][axis] - street.ends[0][axis]) * number / most;
    [along(0), along(1)]
}

/// Where somebody lives, and in which language their address is written.
#[derive(Clone, Copy)]
struct Home {
    chinese: bool,
    street: usize,
    door: i64,
}

/// Every sixth case shares a door with the one before: several visits behind one door.
fn home(number: u64, dice: &mut Dice, before: Option<Home>) -> Home {
    let own = Home {
        chinese: dice.roll(5) < 3,
        street: dice.index(STREET_NAMES.len()),
        door: dice.roll(120) as i64,
    };
    before.filter(|_| number % 6 == 5).unwrap_or(own)
}

fn case_line(text: &mut String, number: u64, dice: &mut Dice, (street, home): (&Street, Home), today: Date) {
    let Home { chinese, door, .. } = home;
    let [lat, lon] = house(street, door);
    let (surname, given) = (SURNAMES[dice.index(10)], GIVEN[dice.index(10)]);
    let (name, address, language) = if chinese {
        (
            format!("{}{}", surname.1, given.1),
            format!("林溪镇{}{door}号", street.chinese),
            "zh",
        )
    } else {
        (
            format!("{} {}", given.0, surname.0),
            format!("{door} {}", street.english),
            "en",
        )
    };
    // The first cases carry what must never be visited, so that every demo shows it.
    let flags = match number {
        0 => "disputed",
        1 => "hardship",
        2 => "cease_contact",
        3 => "deceased",
        4 => "plan_performing",
        5 => "dog_at_gate",
        _ => "",
    };
    let available = match number {
        6 => "18:00-20:00",
        7 => "sat;sun",
        _ => "",
    };
    let days = 5 + dice.roll(110) as i64;
    let due = today.saturating_sub(days.days());
    let parts = [
        10_000 + dice.roll(900_000),
        dice.roll(20_000),
        dice.roll(5_000),
        dice.roll(500),
    ];
    let plain = |minor: u64| format!("{}.{:02}", minor / 100, minor % 100);
    let visited = if number % 9 == 8 {
        today.saturating_sub(3.days()).to_string()
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "DS-{:04},consumer-loan,{name},+86138{:08},{address},{},{},WGS-84,{},{},{},{},{},CNY,{due},{days},{language},\
         {flags},{available},{visited},{}",
        1000 + number,
        dice.roll(100_000_000),
        doorstep_domain::place::degrees(lat),
        doorstep_domain::place::degrees(lon),
        plain(parts[0]),
        plain(parts[1]),
        plain(parts[2]),
        plain(parts[3]),
        plain(parts.iter().sum()),
        u8::from(!visited.is_empty()),
    );
}

/// A line that cannot be true, so that every demo shows how it is refused: February has no 31st, and nobody owes less
/// than nothing.
fn refused_line(text: &mut String, street: &Street) {
    let [lat, lon] = house(street, 60).map(doorstep_domain::place::degrees);
    let _ = writeln!(
        text,
        "DS-{:04},consumer-loan,Eli Cole,+8613800000000,60 {},{lat},{lon},WGS-84,,,,,-75.00,CNY,2026-02-31,30,en,,,,0",
        1000 + CASES,
        street.english,
    );
}

/// Three crews of two; the certificate of one is past, so its crew goes nowhere where two must come.
fn staff(today: Date) -> String {
    let mut text = "staff_no,name,role,crew,home_lat,home_lon,shift,travel,languages,certificate_until\n".to_owned();
    let valid = today.saturating_add(200.days());
    let past = today.saturating_sub(20.days());
    let [lat, lon] = CENTRE.map(doorstep_domain::place::degrees);
    let crews = [
        ("C1", "car", "09:00-18:00"),
        ("C2", "moped", "10:00-19:00"),
        ("C3", "car", "11:00-20:00"),
    ];
    for (index, (crew, travel, shift)) in crews.into_iter().enumerate() {
        for member in 0..2 {
            let number = index * 2 + member + 1;
            let (surname, given) = (SURNAMES[number], GIVEN[number + 1]);
            let name = if member == 0 {
                format!("{} {}", given.0, surname.0)
            } else {
                format!("{}{}", surname.1, given.1)
            };
            let until = if number == 6 { past } else { valid };
            let _ = writeln!(
                text,
                "F{number:02},{name},field,{crew},{lat},{lon},{shift},{travel},zh en,{until}"
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_same_seed_makes_the_same_town() {
        let today = date(2026, 11, 23);
        assert_eq!(town(1, today), town(1, today));
        assert_ne!(town(1, today).cases, town(2, today).cases);
    }

    #[test]
    fn every_sixth_case_is_behind_the_door_of_the_one_before() {
        let text = town(1, date(2026, 11, 23)).cases;
        let cases: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
        // Address, latitude and longitude; the people are two.
        for pair in (5..CASES as usize).step_by(6).map(|number| &cases[number - 1..=number]) {
            assert_eq!(pair[0][4..7], pair[1][4..7]);
            assert_ne!(pair[0][3], pair[1][3]);
        }
    }

    #[test]
    fn streets_lie_in_a_grid_and_houses_on_them() {
        let town = town(1, date(2026, 11, 23));
        assert_eq!(town.streets.len(), 14);
        for street in &town.streets {
            assert!(street.ends[0] != street.ends[1]);
            assert_eq!(house(street, 0), street.ends[0]);
            assert_eq!(house(street, HOUSES * (STREETS - 1)), street.ends[1]);
        }
        // The header, the cases, and the line that is refused.
        assert_eq!(town.cases.lines().count() as u64, CASES + 2);
        assert_eq!(town.staff.lines().count(), 7);
    }
}
