//! The sections `[[step]]`: what is done with a case, stage by stage, the lighter first. `visits = false` above them makes a
//! portfolio that nobody visits for.

use std::collections::BTreeSet;

use doorstep_domain::case::Stage;
use doorstep_domain::codes;
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::step::{StepAfter, StepChannel, StepWho, order_of};
use serde::Deserialize;

use crate::document::Wrong;
use crate::next::ASIDE;

/// The most days that a step waits: ten years.
const DAYS_MAX: u32 = 3_660;
/// The most tries of one step.
const TIMES_MAX: u32 = 30;
/// The most steps of a strategy.
const STEPS_MAX: usize = 200;
/// The longest name of a step, in characters.
const ID_MAX: usize = 32;

codes!(
    /// Whether a step asks for the reason for default or goes by it.
    ReasonWanted, "what a step needs of the reason for default" {
        /// It is taken only where the reason is known.
        Known = "known",
        /// It is taken only until the reason is known: it asks for it.
        Unknown = "unknown",
    }
);

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, once in the document: small letters, digits and hyphens.
    pub id: String,
    /// In which stage.
    pub stage: Stage,
    /// How.
    pub channel: StepChannel,
    /// Who.
    pub who: StepWho,
    /// What its days are counted from.
    #[serde(default = "after_stage")]
    pub after: StepAfter,
    /// How many days it waits after that.
    #[serde(default)]
    pub wait_days: u32,
    /// How often it is tried at most while the case is in the stage.
    #[serde(default = "once")]
    pub times_max: u32,
    /// The days between two tries.
    #[serde(default)]
    pub every_days: u32,
    /// Only where at least so much is due, in minor units of the case's currency.
    #[serde(default)]
    pub amount_min: Option<i64>,
    /// What it needs of the reason for default; nothing where absent.
    #[serde(default)]
    pub reason: Option<ReasonWanted>,
    /// Only after a broken agreement.
    #[serde(default)]
    pub broken: bool,
    /// Only after so many tries in a row that reached nobody.
    #[serde(default)]
    pub unreached_min: u32,
    /// Only where the last try ended with one of these; empty for any end.
    #[serde(default)]
    pub outcomes: Vec<ContactOutcome>,
    /// The step that this one announces, for example `bureau`.
    #[serde(default)]
    pub notice_of: Option<StepChannel>,
    /// How many days after its notice it comes at the earliest.
    #[serde(default)]
    pub notice_days: u32,
}

const fn after_stage() -> StepAfter {
    StepAfter::Stage
}

const fn once() -> u32 {
    1
}

/// A portfolio that says nothing of visits makes them, by its steps.
pub(crate) const fn visits_are_made() -> bool {
    true
}

/// The steps of the document that comes along.
pub(crate) fn default_steps() -> Vec<Step> {
    #[derive(Deserialize)]
    struct Steps {
        step: Vec<Step>,
    }
    let steps: Steps = toml::from_str(crate::DEFAULT).expect("a test reads the document that comes along");
    steps.step
}

/// What is wrong with the step of a number.
fn wrong(nth: usize, key: &'static str, problem: impl Into<String>) -> Wrong {
    Wrong {
        nth,
        ..Wrong::at("step", key, problem)
    }
}

/// Checks all steps.
pub(crate) fn check(steps: &[Step], visits: bool) -> Result<(), Wrong> {
    if steps.len() > STEPS_MAX {
        let problem = format!("a strategy has at most {STEPS_MAX} steps; take some out");
        return Err(wrong(STEPS_MAX, "id", problem));
    }
    let mut ids = BTreeSet::new();
    for (nth, step) in steps.iter().enumerate() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if step.id.is_empty() || step.id.len() > ID_MAX || !step.id.chars().all(plain) {
            let problem = format!("a name has 1 to {ID_MAX} small letters, digits and hyphens");
            return Err(wrong(nth, "id", problem));
        }
        if step.id == ASIDE {
            let problem = format!("`{ASIDE}` names what carries out no step; choose another name");
            return Err(wrong(nth, "id", problem));
        }
        if !ids.insert(step.id.as_str()) {
            return Err(wrong(
                nth,
                "id",
                format!("`{}` stands twice; give each step its own name", step.id),
            ));
        }
        numbers(nth, step)?;
        by_channel(nth, step, visits)?;
        let before = &steps[..nth];
        placed(nth, step, before)?;
        noticed(nth, step, before)?;
    }
    lighter_first(steps)
}

fn numbers(nth: usize, step: &Step) -> Result<(), Wrong> {
    for (key, days) in [
        ("wait_days", step.wait_days),
        ("every_days", step.every_days),
        ("notice_days", step.notice_days),
    ] {
        if days > DAYS_MAX {
            return Err(wrong(nth, key, format!("a step waits 0 to {DAYS_MAX} days")));
        }
    }
    if !(1..=TIMES_MAX).contains(&step.times_max) {
        return Err(wrong(
            nth,
            "times_max",
            format!("a step is tried 1 to {TIMES_MAX} times"),
        ));
    }
    if step.unreached_min > TIMES_MAX {
        let problem = format!("a step needs 0 to {TIMES_MAX} tries that reached nobody");
        return Err(wrong(nth, "unreached_min", problem));
    }
    if step.times_max > 1 && step.every_days == 0 {
        let problem = "a step that is tried more than once says with `every_days` how far apart; 1 or more";
        return Err(wrong(nth, "times_max", problem));
    }
    if step.amount_min.is_some_and(|amount| amount < 0) {
        return Err(wrong(nth, "amount_min", "an amount is 0 or more, in minor units"));
    }
    Ok(())
}

fn by_channel(nth: usize, step: &Step, visits: bool) -> Result<(), Wrong> {
    use StepWho::{Agency, Field, Legal, Office};
    if step.channel == StepChannel::Visit && !visits {
        let problem = "`visits = false` forbids visits in this portfolio; take the step out, or the line";
        return Err(wrong(nth, "channel", problem));
    }
    let fitting: &[StepWho] = match step.channel {
        StepChannel::Message | StepChannel::Call => &[Office, Agency],
        StepChannel::Letter => &[Office, Agency, Legal],
        StepChannel::Visit => &[Field, Agency],
        StepChannel::Bundle | StepChannel::Bureau => &[Office, Legal],
    };
    if !fitting.contains(&step.who) {
        let names: Vec<&str> = fitting.iter().map(|who| who.code()).collect();
        let problem = format!("`{}` is carried out by one of: {}", step.channel, names.join(", "));
        return Err(wrong(nth, "who", problem));
    }
    let refusal = step.outcomes.iter().find(|outcome| outcome.refuses());
    if let (true, Some(refusal)) = (step.channel.weight() > 1, refusal) {
        let problem = format!("`{refusal}` is a wish to be left in peace; it never brings a visit or a heavier step");
        return Err(wrong(nth, "outcomes", problem));
    }
    Ok(())
}

/// Steps stand in the order of stages, no stage is left out between them, and what waits for a step has one before it.
fn placed(nth: usize, step: &Step, before: &[Step]) -> Result<(), Wrong> {
    let Some(last) = before.last() else {
        return match step.after {
            StepAfter::Stage => Ok(()),
            _ => Err(no_step_before(nth, step)),
        };
    };
    let (was, is) = (order_of(last.stage), order_of(step.stage));
    if is < was {
        let problem = format!(
            "{} stands after {}; put the steps in the order of their stages",
            step.stage, last.stage
        );
        return Err(wrong(nth, "stage", problem));
    }
    if is > was + 1 {
        let problem = format!(
            "there is no step between {} and {}: give each stage in between at least one, or begin later",
            last.stage, step.stage
        );
        return Err(wrong(nth, "stage", problem));
    }
    if step.after != StepAfter::Stage && last.stage != step.stage {
        return Err(no_step_before(nth, step));
    }
    Ok(())
}

fn no_step_before(nth: usize, step: &Step) -> Wrong {
    let problem = format!(
        "there is no step before it in {}; write `after = \"stage\"`",
        step.stage
    );
    wrong(nth, "after", problem)
}

/// A bureau hears of nobody who was not told before.
fn noticed(nth: usize, step: &Step, before: &[Step]) -> Result<(), Wrong> {
    if step.notice_of.is_some() {
        if step.channel != StepChannel::Letter {
            return Err(wrong(nth, "notice_of", "only a letter gives notice of another step"));
        }
        if step.notice_of != Some(StepChannel::Bureau) {
            return Err(wrong(
                nth,
                "notice_of",
                "notice is given of `bureau`; leave it out for others",
            ));
        }
    }
    if step.channel != StepChannel::Bureau {
        return if step.notice_days == 0 {
            Ok(())
        } else {
            Err(wrong(
                nth,
                "notice_days",
                "only a step that needs a notice waits for one; leave it out",
            ))
        };
    }
    if !before.iter().any(|one| one.notice_of == Some(StepChannel::Bureau)) {
        let problem =
            "the credit bureau is told only after a notice: put a letter with `notice_of = \"bureau\"` before it";
        return Err(wrong(nth, "channel", problem));
    }
    if step.notice_days == 0 {
        let problem = "say with `notice_days` how long after its notice the credit bureau is told; 1 day or more";
        return Err(wrong(nth, "notice_days", problem));
    }
    Ok(())
}

/// No channel comes before one that is lighter: not within a stage, and not over the stages where the lighter comes at all.
fn lighter_first(steps: &[Step]) -> Result<(), Wrong> {
    for (nth, step) in steps.iter().enumerate() {
        let heavier = steps[..nth]
            .iter()
            .find(|one| one.channel.weight() > step.channel.weight() && one.stage == step.stage);
        let first = |weight: u8| steps.iter().position(|one| one.channel.weight() == weight);
        if let Some(heavier) = heavier {
            let problem = format!(
                "`{}` comes after `{}` in {}, which is heavier on people; the lighter comes first",
                step.channel, heavier.channel, step.stage
            );
            return Err(wrong(nth, "channel", problem));
        }
        let lighter = (1..step.channel.weight()).find(|weight| first(*weight).is_some_and(|at| at > nth));
        if let Some(later) = lighter.and_then(first).and_then(|at| steps.get(at)) {
            let problem = format!(
                "`{}` comes before `{}`, which is lighter and comes only in {}; the lighter comes first",
                step.channel, later.channel, later.stage
            );
            return Err(wrong(nth, "channel", problem));
        }
    }
    Ok(())
}
