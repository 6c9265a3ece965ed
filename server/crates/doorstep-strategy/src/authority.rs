//! The sections `[[authority]]`: what each role may agree with a person alone, and what with a second person.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_domain::agreement::AgreementKind;
use doorstep_domain::agreement::schedule::COUNT_MAX;
use doorstep_domain::measure::Minor;
use doorstep_domain::money::{AmountParts, Currency};
use doorstep_domain::staff::Role;
use serde::Deserialize;

use crate::document::Wrong;

/// How the section is called.
const SECTION: &str = "authority";

/// Who may agree to what. A role that is not named for a kind may not agree to it at all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Authority(Vec<Grant>);

/// What one role may agree to of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Whose.
    pub role: Role,
    /// What kind of agreement.
    pub kind: AgreementKind,
    /// The most that one may agree to alone.
    #[serde(default)]
    pub alone: Limits,
    /// The most that one may agree to with a second person; without it nothing beyond `alone`.
    #[serde(default)]
    pub by_two: Option<Limits>,
}

/// How far an authority reaches. All of them hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The largest amount in minor units, by currency; a currency that is not named has no such limit.
    pub amount: BTreeMap<String, i64>,
    /// The longest time from today to the last day, in months begun.
    pub months: u16,
    /// The most of the principal that may be given up, in percent of what is owed of it.
    pub principal_percent: u8,
    /// The same of interest.
    pub interest_percent: u8,
    /// The same of penalty.
    pub penalty_percent: u8,
    /// The same of fees.
    pub fees_percent: u8,
}

/// How much an agreement is, as far as authority goes by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Its currency.
    pub currency: Currency,
    /// What is to be paid, or given up where nothing is to be paid.
    pub amount: Minor,
    /// Months begun until its last day.
    pub months: u16,
    /// What is given up, together with what was given up before: authority is no longer by being used twice.
    pub given_up: AmountParts,
    /// What is owed, together with what was given up before.
    pub owed: AmountParts,
}

/// Which limit something goes beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The role may not agree to this kind at all.
    Kind,
    /// The amount, with the most in minor units.
    Amount(Minor),
    /// The time, with the most months.
    Months(u16),
    /// A part that is given up, with the most percent.
    Part(&'static str, u8),
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kind => f.write_str("agreements of this kind"),
            Self::Amount(most) => write!(f, "at most {most} in minor units"),
            Self::Months(most) => write!(f, "at most {most} months"),
            Self::Part(part, most) => write!(f, "at most {most} % of the {part}"),
        }
    }
}

/// What a role may do about an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Agree to it alone.
    Alone,
    /// Only with a second person, because of this limit.
    ByTwo(Limit),
    /// Not even with a second person.
    Beyond(Limit),
}

impl Default for Authority {
    fn default() -> Self {
        let months = |months: u16| Limits {
            months,
            ..Limits::default()
        };
        let parts = |percent: [u8; 4]| Limits {
            months: 12,
            principal_percent: percent[0],
            interest_percent: percent[1],
            penalty_percent: percent[2],
            fees_percent: percent[3],
            ..Limits::default()
        };
        let grant = |role, kind, alone: Limits, by_two| Grant {
            role,
            kind,
            alone,
            by_two,
        };
        let (field, office) = (Role::Field, Role::Supervisor);
        let given_up = Some(parts([20, 100, 100, 100]));
        Self(vec![
            grant(field, AgreementKind::Promise, months(2), None),
            grant(field, AgreementKind::Plan, months(0), Some(months(36))),
            grant(office, AgreementKind::Promise, months(3), None),
            grant(office, AgreementKind::Plan, months(36), Some(months(60))),
            grant(
                office,
                AgreementKind::Waiver,
                parts([0, 20, 100, 100]),
                given_up.clone(),
            ),
            grant(
                office,
                AgreementKind::Settlement,
                parts([0, 20, 100, 100]),
                given_up.clone(),
            ),
            grant(office, AgreementKind::Reward, parts([0, 20, 100, 100]), given_up),
        ])
    }
}

impl Authority {
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let mut seen = BTreeSet::new();
        for (nth, grant) in self.0.iter().enumerate() {
            let wrong = |key: &'static str, problem: String| Wrong {
                section: SECTION,
                nth,
                key,
                problem,
            };
            if !seen.insert((grant.role, grant.kind)) {
                let problem = format!("{} and {} stand twice; keep one of the two", grant.role, grant.kind);
                return Err(wrong("kind", problem));
            }
            grant.alone.check().map_err(|problem| wrong("alone", problem))?;
            if let Some(by_two) = &grant.by_two {
                by_two.check().map_err(|problem| wrong("by_two", problem))?;
                if !by_two.holds(&grant.alone) {
                    let problem = "two persons would agree to less than one alone; raise `by_two` or leave it out";
                    return Err(wrong("by_two", problem.to_owned()));
                }
            }
            if matches!(grant.role, Role::Auditor | Role::Administrator) {
                let problem = format!("the role {} agrees to nothing; name field or supervisor", grant.role);
                return Err(wrong("role", problem));
            }
            if grant.role == Role::Field && grant.kind.gives_up() {
                // Nobody at a door can be made to feel that a better offer is theirs to give or to keep.
                let problem = format!("nothing is given up at a door; a {} is the office's", grant.kind);
                return Err(wrong("kind", problem));
            }
        }
        Ok(())
    }

    /// What is granted.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.0.iter()
    }

    /// What was granted to a role of a kind.
    #[must_use]
    pub fn of(&self, role: Role, kind: AgreementKind) -> Option<&Grant> {
        self.0.iter().find(|grant| (grant.role, grant.kind) == (role, kind))
    }

    /// What a role may do about an agreement of this kind and scale.
    #[must_use]
    pub fn reach(&self, role: Role, kind: AgreementKind, scale: &Scale) -> Reach {
        let Some(grant) = self.of(role, kind) else {
            return Reach::Beyond(Limit::Kind);
        };
        let Some(alone) = grant.alone.exceeded(scale) else {
            return Reach::Alone;
        };
        match grant.by_two.as_ref().map(|limits| limits.exceeded(scale)) {
            Some(None) => Reach::ByTwo(alone),
            Some(Some(limit)) => Reach::Beyond(limit),
            None => Reach::Beyond(alone),
        }
    }
}

impl Limits {
    const fn percents(&self) -> [(&'static str, u8); 4] {
        [
            ("principal", self.principal_percent),
            ("interest", self.interest_percent),
            ("penalty", self.penalty_percent),
            ("fees", self.fees_percent),
        ]
    }

    fn check(&self) -> Result<(), String> {
        if self.months > COUNT_MAX {
            return Err(format!("`months` is at most {COUNT_MAX}"));
        }
        if let Some((part, percent)) = self.percents().into_iter().find(|(_, percent)| *percent > 100) {
            return Err(format!("`{part}_percent` is {percent}; a share is at most 100"));
        }
        match self
            .amount
            .iter()
            .find(|(code, most)| Currency::of(code).is_none() || **most < 0)
        {
            Some((code, _)) => Err(format!(
                "`amount` has `{code}`; write a currency of ISO 4217 that Doorstep knows and minor units of 0 or more"
            )),
            None => Ok(()),
        }
    }

    /// Whether it reaches as far as another in everything.
    fn holds(&self, other: &Self) -> bool {
        let mut pairs = self.percents().into_iter().zip(other.percents());
        let reaches = |(code, most): (&String, &i64)| other.amount.get(code).is_some_and(|less| less <= most);
        self.months >= other.months && pairs.all(|(more, less)| more.1 >= less.1) && self.amount.iter().all(reaches)
    }

    /// The first limit that something goes beyond.
    fn exceeded(&self, scale: &Scale) -> Option<Limit> {
        let most = self.amount.get(scale.currency.code()).copied();
        if let Some(most) = most.filter(|most| scale.amount.get() > *most) {
            return Some(Limit::Amount(Minor(most)));
        }
        if scale.months > self.months {
            return Some(Limit::Months(self.months));
        }
        let parts = scale.given_up.numbers().into_iter().zip(scale.owed.numbers());
        let percents = [0, 1, 2, 3].map(|index| self.percents()[index]);
        parts.zip(percents).find_map(|((given_up, owed), (part, percent))| {
            let beyond = i128::from(given_up) * 100 > i128::from(owed) * i128::from(percent);
            beyond.then_some(Limit::Part(part, percent))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::Strategy;

    fn scale(amount: i64, months: u16, given_up: [i64; 4]) -> Scale {
        Scale {
            currency: Currency::of("CNY").unwrap(),
            amount: Minor(amount),
            months,
            given_up: AmountParts::of(given_up),
            owed: AmountParts::of([1_000, 100, 50, 10]),
        }
    }

    #[test]
    fn one_alone_two_together_and_nobody() {
        let text = "format = 1\n[[authority]]\nrole = \"supervisor\"\nkind = \"settlement\"\n\
                    alone = { months = 1, interest_percent = 20, penalty_percent = 100, amount = { CNY = 500 } }\n\
                    by_two = { months = 6, interest_percent = 50, penalty_percent = 100, principal_percent = 10 }\n";
        let strategy = Strategy::read("own.toml", text).unwrap();
        let reach = |scale| {
            strategy
                .authority
                .reach(Role::Supervisor, AgreementKind::Settlement, &scale)
        };
        assert_eq!(reach(scale(500, 1, [0, 20, 50, 0])), Reach::Alone);
        assert_eq!(reach(scale(501, 1, [0; 4])), Reach::ByTwo(Limit::Amount(Minor(500))));
        assert_eq!(reach(scale(500, 2, [0; 4])), Reach::ByTwo(Limit::Months(1)));
        assert_eq!(
            reach(scale(500, 1, [0, 21, 0, 0])),
            Reach::ByTwo(Limit::Part("interest", 20))
        );
        assert_eq!(reach(scale(500, 7, [0; 4])), Reach::Beyond(Limit::Months(6)));
        assert_eq!(
            reach(scale(500, 1, [101, 0, 0, 0])),
            Reach::Beyond(Limit::Part("principal", 10))
        );
        assert_eq!(
            reach(scale(500, 1, [0, 0, 0, 1])),
            Reach::Beyond(Limit::Part("fees", 0))
        );
        let field = strategy
            .authority
            .reach(Role::Field, AgreementKind::Promise, &scale(1, 0, [0; 4]));
        assert_eq!(field, Reach::Beyond(Limit::Kind));
    }

    #[test]
    fn what_cannot_be_meant_is_named_with_its_line() {
        let grant = |rest: &str| format!("format = 1\n[[authority]]\nrole = \"supervisor\"\nkind = \"waiver\"\n{rest}");
        let twice = grant("[[authority]]\nrole = \"supervisor\"\nkind = \"waiver\"\n");
        for (text, line, part) in [
            (twice, 7, "stand twice"),
            (grant("alone = { interest_percent = 101 }\n"), 5, "at most 100"),
            (grant("alone = { months = 61 }\n"), 5, "at most 60"),
            (grant("alone = { amount = { ZZZ = 1 } }\n"), 5, "ISO 4217"),
            (
                grant("alone = { months = 2 }\nby_two = { months = 1 }\n"),
                6,
                "less than one alone",
            ),
            (
                grant("alone = { amount = { CNY = 9 } }\nby_two = { amount = { CNY = 8 } }\n"),
                6,
                "less than one",
            ),
            (
                "format = 1\n[[authority]]\nrole = \"field\"\nkind = \"waiver\"\n".to_owned(),
                4,
                "at a door",
            ),
            (
                "format = 1\n[[authority]]\nrole = \"auditor\"\nkind = \"plan\"\n".to_owned(),
                3,
                "agrees to nothing",
            ),
            (
                "format = 1\n[[authority]]\nrole = \"boss\"\nkind = \"plan\"\n".to_owned(),
                3,
                "no role",
            ),
        ] {
            let error = Strategy::read("own.toml", &text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.problem.contains(part), "{text}: {error}");
        }
    }
}
