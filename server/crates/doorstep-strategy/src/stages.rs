//! The section `[stages]`: which stage a debt has by its days past due.

use doorstep_domain::case::Stage;
use serde::Deserialize;

use crate::document::Wrong;

/// The most days that a stage can end after, or M0 begin before: ten years.
const DAYS_MAX: u32 = 3_660;

/// The limits of the stages, in days past due. Without a section of its own a portfolio has those of practice (guide: 1 to 30,
/// 31 to 60, 61 to 90, more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stages {
    /// How many days before the due day a case is opened in M0, to prepare and to remind; 0: none is before it is overdue.
    pub m0_days_before: u32,
    /// The last day of M1.
    pub m1_until: u32,
    /// The last day of M2.
    pub m2_until: u32,
    /// The last day of M3; M3+ is everything after.
    pub m3_until: u32,
}

impl Default for Stages {
    fn default() -> Self {
        Self {
            m0_days_before: 5,
            m1_until: 30,
            m2_until: 60,
            m3_until: 90,
        }
    }
}

impl Stages {
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem: String| Err(Wrong::at("stages", key, problem));
        let ends = [
            ("m1_until", "M1", self.m1_until),
            ("m2_until", "M2", self.m2_until),
            ("m3_until", "M3", self.m3_until),
        ];
        if self.m1_until == 0 {
            return wrong(
                "m1_until",
                "M1 would have no day; let it end after day 1 or later".to_owned(),
            );
        }
        if self.m0_days_before > DAYS_MAX {
            return wrong(
                "m0_days_before",
                format!("M0 begins at most {DAYS_MAX} days before the due day"),
            );
        }
        for pair in ends.windows(2) {
            let ((_, before, end_before), (key, name, end)) = (pair[0], pair[1]);
            if end <= end_before {
                let problem = format!("{name} would end before {before} does, on day {end_before}; let it end later");
                return wrong(key, problem);
            }
        }
        match ends.iter().find(|(_, _, end)| *end > DAYS_MAX) {
            Some((key, name, _)) => wrong(key, format!("{name} ends at most {DAYS_MAX} days past due")),
            None => Ok(()),
        }
    }

    /// The stage of a debt that is so many days late. Nothing is late before its day: that is M0.
    #[must_use]
    pub fn of(&self, days_past_due: i64) -> Stage {
        match days_past_due {
            ..=0 => Stage::M0,
            days if days <= i64::from(self.m1_until) => Stage::M1,
            days if days <= i64::from(self.m2_until) => Stage::M2,
            days if days <= i64::from(self.m3_until) => Stage::M3,
            _ => Stage::M3Plus,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_change_at_their_own_limits() {
        let own = Stages {
            m1_until: 10,
            m2_until: 40,
            m3_until: 41,
            ..Stages::default()
        };
        let cases = [
            (i64::MIN, Stage::M0),
            (0, Stage::M0),
            (1, Stage::M1),
            (10, Stage::M1),
            (11, Stage::M2),
            (40, Stage::M2),
            (41, Stage::M3),
            (42, Stage::M3Plus),
            (i64::MAX, Stage::M3Plus),
        ];
        for (days, stage) in cases {
            assert_eq!(own.of(days), stage, "{days} days");
        }
    }

    #[test]
    fn the_limits_of_practice_are_those_that_cases_had_before() {
        for days in -3..200 {
            assert_eq!(Stages::default().of(days), Stage::of(days), "{days} days");
        }
    }
}
