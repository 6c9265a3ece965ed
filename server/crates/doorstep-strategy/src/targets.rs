//! The section `[targets]`: what a portfolio wants of those who work for it. Targets are of agreements that are kept and of fair
//! treatment. There is none on visits made or on money recovered alone, because whoever is measured by one of these presses
//! people for it (docs/refused.md 3, 19).

use doorstep_domain::report::{FigureKind, Target};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::document::Wrong;

/// The targets of a portfolio, in parts per 100. Without a section of its own a portfolio has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Targets {
    /// Of the visits at which the debtor was met, how many end with a promise at least.
    pub agreed_least_percent: Option<u32>,
    /// Of the agreements that payments decided about, how many are kept at least.
    pub kept_least_percent: Option<u32>,
    /// Of the visits, how many are complained about at most.
    pub complained_most_percent: Option<u32>,
    /// Of what rules forbid, how much is not done at least.
    pub blocks_respected_least_percent: Option<u32>,
    /// Of the visits, how many begin in the evening at most.
    pub evening_most_percent: Option<u32>,
}

/// What the section can say.
const KEYS: [&str; 5] = [
    "agreed_least_percent",
    "kept_least_percent",
    "complained_most_percent",
    "blocks_respected_least_percent",
    "evening_most_percent",
];
/// Parts of names that speak of how often somebody is visited or reached.
const OF_VISITS: [&str; 7] = ["visit", "contact", "cover", "door", "met", "call", "right_party"];
/// Parts of names that speak of money.
const OF_MONEY: [&str; 7] = ["money", "amount", "recover", "collect", "paid", "payment", "cash"];

impl Targets {
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let all = [
            self.agreed_least_percent,
            self.kept_least_percent,
            self.complained_most_percent,
            self.blocks_respected_least_percent,
            self.evening_most_percent,
        ];
        let over = KEYS
            .iter()
            .zip(all)
            .find(|(_, set)| set.is_some_and(|percent| percent > 100));
        over.map_or(Ok(()), |(key, _)| {
            Err(Wrong::at(
                "targets",
                key,
                "a share is 0 to 100 of 100; write a number of that kind",
            ))
        })
    }

    /// The target of a figure, where there is one.
    #[must_use]
    pub fn of(&self, figure: FigureKind) -> Option<Target> {
        match figure {
            FigureKind::Promised => self.agreed_least_percent.map(Target::Least),
            FigureKind::Kept => self.kept_least_percent.map(Target::Least),
            FigureKind::Complained => self.complained_most_percent.map(Target::Most),
            FigureKind::BlocksRespected => self.blocks_respected_least_percent.map(Target::Least),
            FigureKind::Evening => self.evening_most_percent.map(Target::Most),
            _ => None,
        }
    }
}

/// Why a key is no target.
fn refusal(key: &str) -> String {
    let has = |parts: &[&str]| parts.iter().any(|part| key.contains(part));
    let known = KEYS.join(", ");
    if has(&OF_MONEY) {
        format!(
            "`{key}` would be a target on money recovered, and whoever is paid by that one number presses people for it; \
             take it out, targets are {known}"
        )
    } else if has(&OF_VISITS) {
        format!(
            "`{key}` would be a target on visits, and a visit is a means that is hard on people, never a goal; take it out, \
             targets are {known}"
        )
    } else {
        format!("`{key}` is no target; targets are {known}")
    }
}

/// The value of a key that is no target: an error in its place, so that the line is known.
struct Refused<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Refused<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        IgnoredAny::deserialize(value)?;
        Err(D::Error::custom(refusal(self.0)))
    }
}

impl<'de> Deserialize<'de> for Targets {
    fn deserialize<D: Deserializer<'de>>(section: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Targets;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a section of targets")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Targets, A::Error> {
                let mut targets = Targets::default();
                while let Some(key) = map.next_key::<String>()? {
                    let target = match key.as_str() {
                        "agreed_least_percent" => &mut targets.agreed_least_percent,
                        "kept_least_percent" => &mut targets.kept_least_percent,
                        "complained_most_percent" => &mut targets.complained_most_percent,
                        "blocks_respected_least_percent" => &mut targets.blocks_respected_least_percent,
                        "evening_most_percent" => &mut targets.evening_most_percent,
                        other => {
                            map.next_value_seed(Refused(other))?;
                            continue;
                        }
                    };
                    *target = Some(map.next_value()?);
                }
                Ok(targets)
            }
        }
        section.deserialize_map(Keys)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::Strategy;

    #[test]
    fn targets_are_read_and_belong_to_their_figures() {
        let text = "format = 1\n[targets]\nagreed_least_percent = 30\nevening_most_percent = 10\n";
        let targets = Strategy::read("own.toml", text).unwrap().targets;
        assert_eq!(targets.of(FigureKind::Promised), Some(Target::Least(30)));
        assert_eq!(targets.of(FigureKind::Evening), Some(Target::Most(10)));
        assert_eq!(targets.of(FigureKind::Complained), None);
    }

    #[test]
    fn no_figure_of_visits_or_ways_can_have_a_target() {
        let all = Targets {
            agreed_least_percent: Some(1),
            kept_least_percent: Some(1),
            complained_most_percent: Some(1),
            blocks_respected_least_percent: Some(1),
            evening_most_percent: Some(1),
        };
        for kind in [
            FigureKind::Coverage,
            FigureKind::Contact,
            FigureKind::RightParty,
            FigureKind::CallContact,
            FigureKind::CallRightParty,
            FigureKind::TimePerVisit,
            FigureKind::WayPerVisit,
            FigureKind::CostPerVisit,
        ] {
            assert_eq!(all.of(kind), None, "{kind}");
        }
    }

    #[test]
    fn a_target_on_visits_or_money_is_refused_with_its_line_and_the_reason() {
        for (line, part) in [
            ("visits_least = 12", "a visit is a means"),
            ("contact_least_percent = 80", "a visit is a means"),
            ("coverage_least_percent = 90", "a visit is a means"),
            ("amount_recovered_least = 100000", "money recovered"),
            ("collected_least_percent = 10", "money recovered"),
            ("score = 3", "is no target"),
            ("evening_most_percent = 101", "0 to 100"),
            ("evening_most_percent = -1", "invalid value"),
        ] {
            let text = format!("format = 1\n[targets]\n# a remark\n{line}\n");
            let error = Strategy::read("own.toml", &text).unwrap_err();
            assert_eq!(error.line, 4, "{line}: {error}");
            assert!(error.problem.contains(part), "{line}: {error}");
        }
    }
}
