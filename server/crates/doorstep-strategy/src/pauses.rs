//! The sections `[rest]`, `[calm]`, `[address]` and `[[lost]]`: when nobody is bothered, and what follows when somebody was
//! not found where they were sought.

use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::step::LostAct;
use serde::Deserialize;

use crate::document::Wrong;

/// The most days of a pause: ten years.
const DAYS_MAX: u32 = 3_660;

/// How long nobody is bothered after something good or a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rest {
    /// Days after a payment.
    pub after_payment_days: u32,
    /// Days after somebody asked to be left in peace; visits and what is heavier.
    pub after_refusal_days: u32,
}

impl Default for Rest {
    fn default() -> Self {
        Self {
            after_payment_days: 14,
            after_refusal_days: 30,
        }
    }
}

impl Rest {
    pub(crate) fn check(self) -> Result<(), Wrong> {
        // The house rule of seven days holds whatever a strategy says; it may only ask for more.
        if !(7..=DAYS_MAX).contains(&self.after_refusal_days) {
            let problem = format!("a refusal is respected for 7 to {DAYS_MAX} days");
            return Err(Wrong::at("rest", "after_refusal_days", problem));
        }
        if !(1..=DAYS_MAX).contains(&self.after_payment_days) {
            let problem = format!("after a payment nothing is asked for 1 to {DAYS_MAX} days");
            return Err(Wrong::at("rest", "after_payment_days", problem));
        }
        Ok(())
    }
}

/// What a time of calm does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Calm {
    /// Where visits thin out: at most one in so many days.
    pub thin_days: u32,
    /// Whether lenient plans are offered meanwhile.
    pub lenient_plans: bool,
}

impl Default for Calm {
    fn default() -> Self {
        Self {
            thin_days: 30,
            lenient_plans: true,
        }
    }
}

impl Calm {
    pub(crate) fn check(self) -> Result<(), Wrong> {
        if (1..=DAYS_MAX).contains(&self.thin_days) {
            return Ok(());
        }
        let problem = format!("in a time of calm there is at most one visit in 1 to {DAYS_MAX} days");
        Err(Wrong::at("calm", "thin_days", problem))
    }
}

/// How long an address may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AddressUse {
    /// An address that was not confirmed for longer is confirmed before a visit.
    pub verify_days: u32,
}

impl Default for AddressUse {
    fn default() -> Self {
        Self { verify_days: 180 }
    }
}

impl AddressUse {
    pub(crate) fn check(self) -> Result<(), Wrong> {
        if (1..=DAYS_MAX).contains(&self.verify_days) {
            return Ok(());
        }
        let problem = format!("an address is good for 1 to {DAYS_MAX} days without being confirmed");
        Err(Wrong::at("address", "verify_days", problem))
    }
}

/// What follows after somebody was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// After which outcome of the last visit or call.
    pub on: ContactOutcome,
    /// What follows.
    pub then: LostAct,
    /// How many days it rests, or how long after the letter a visit may follow.
    #[serde(default)]
    pub days: u32,
}

/// The rules of the document that comes along.
pub(crate) fn default_lost() -> Vec<Lost> {
    #[derive(Deserialize)]
    struct Rules {
        lost: Vec<Lost>,
    }
    let rules: Rules = toml::from_str(crate::DEFAULT).expect("a test reads the document that comes along");
    rules.lost
}

/// Outcomes that say somebody was not found.
const LOST: &[ContactOutcome] = &[
    ContactOutcome::NobodyHome,
    ContactOutcome::DoorNotOpened,
    ContactOutcome::AccessDenied,
    ContactOutcome::AddrInvalid,
    ContactOutcome::UnknownHere,
    ContactOutcome::Moved,
    ContactOutcome::NumberInvalid,
    ContactOutcome::Returned,
];

pub(crate) fn check_lost(rules: &[Lost]) -> Result<(), Wrong> {
    for (nth, rule) in rules.iter().enumerate() {
        let wrong = |key, problem: String| {
            Err(Wrong {
                nth,
                ..Wrong::at("lost", key, problem)
            })
        };
        if !LOST.contains(&rule.on) {
            let codes: Vec<&str> = LOST.iter().map(|one| one.code()).collect();
            return wrong(
                "on",
                format!(
                    "`{}` is no way of not being found; one of: {}",
                    rule.on,
                    codes.join(", ")
                ),
            );
        }
        if rules[..nth].iter().any(|one| one.on == rule.on) {
            return wrong("on", format!("`{}` stands twice; keep one", rule.on));
        }
        if rule.days > DAYS_MAX {
            return wrong("days", format!("0 to {DAYS_MAX} days"));
        }
        if rule.then == LostAct::Rest && rule.days == 0 {
            return wrong("then", "say with `days` how long it rests; 1 day or more".to_owned());
        }
        if matches!(rule.then, LostAct::Verify | LostAct::Person) && rule.days > 0 {
            return wrong("days", format!("`{}` waits for no days; leave it out", rule.then));
        }
        if rule.on.not_found() && !matches!(rule.then, LostAct::Verify | LostAct::Person) {
            let problem = format!(
                "after `{}` nobody goes there again unconfirmed: `verify` or `person`",
                rule.on
            );
            return wrong("then", problem);
        }
        if rule.on.fits(Channel::Message) && matches!(rule.then, LostAct::Rest) {
            return wrong(
                "then",
                format!("`{}` does not mend by waiting: `verify`, `letter` or `person`", rule.on),
            );
        }
    }
    Ok(())
}
