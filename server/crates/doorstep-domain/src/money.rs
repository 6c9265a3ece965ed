//! Money: integer minor units with a currency, and what a person owes as of a time.

use crate::measure::{Micros, Minor};
use serde::{Deserialize, Serialize};

/// A currency of ISO 4217 with its number of decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    code: &'static str,
    exponent: u8,
}

/// The currencies Doorstep takes: code and decimals (ISO 4217, minor unit column).
const CURRENCIES: &[(&str, u8)] = &[
    ("AUD", 2),
    ("BRL", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("CNY", 2),
    ("CZK", 2),
    ("DKK", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("HKD", 2),
    ("HUF", 2),
    ("IDR", 2),
    ("INR", 2),
    ("JPY", 0),
    ("KES", 2),
    ("KRW", 0),
    ("KWD", 3),
    ("MOP", 2),
    ("MXN", 2),
    ("MYR", 2),
    ("NGN", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("PHP", 2),
    ("PLN", 2),
    ("RON", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("THB", 2),
    ("TND", 3),
    ("TRY", 2),
    ("TWD", 2),
    ("UAH", 2),
    ("USD", 2),
    ("VND", 0),
    ("ZAR", 2),
];

impl Currency {
    /// The currency with this ISO 4217 code, in capitals; `None` where Doorstep does not know it.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        CURRENCIES
            .iter()
            .find(|(known, _)| *known == code)
            .map(|&(code, exponent)| Self { code, exponent })
    }
    /// The ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }
    /// How many decimals the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub const fn exponent(self) -> u8 {
        self.exponent
    }
    /// `amount` as text with a decimal point, for example `1542.29`.
    #[must_use]
    pub fn plain(self, amount: Minor) -> String {
        let scale = 10_i64.pow(u32::from(self.exponent));
        if scale == 1 {
            return amount.get().to_string();
        }
        let sign = if amount.get() < 0 { "-" } else { "" };
        let abs = amount.get().unsigned_abs();
        let scale = scale.unsigned_abs();
        format!(
            "{sign}{}.{:0width$}",
            abs / scale,
            abs % scale,
            width = usize::from(self.exponent)
        )
    }
}

/// The parts of an amount, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AmountParts {
    /// What was lent and not paid back.
    pub principal: Minor,
    /// Interest.
    pub interest: Minor,
    /// Penalty.
    pub penalty: Minor,
    /// Fees.
    pub fees: Minor,
}

crate::codes!(
    /// A part of an amount.
    AmountPart, "part of an amount" {
        /// What was lent and not paid back.
        Principal = "principal",
        /// Interest.
        Interest = "interest",
        /// Penalty.
        Penalty = "penalty",
        /// Fees.
        Fees = "fees",
    }
);

impl AmountParts {
    /// Nothing in any part.
    pub const ZERO: Self = Self {
        principal: Minor::ZERO,
        interest: Minor::ZERO,
        penalty: Minor::ZERO,
        fees: Minor::ZERO,
    };

    /// The parts as storage keeps them: principal, interest, penalty, fees.
    #[must_use]
    pub const fn of([principal, interest, penalty, fees]: [i64; 4]) -> Self {
        Self {
            principal: Minor(principal),
            interest: Minor(interest),
            penalty: Minor(penalty),
            fees: Minor(fees),
        }
    }
    /// As [`Self::of`], the other way round.
    #[must_use]
    pub const fn numbers(self) -> [i64; 4] {
        [
            self.principal.get(),
            self.interest.get(),
            self.penalty.get(),
            self.fees.get(),
        ]
    }
    /// All parts together.
    #[must_use]
    pub fn total(self) -> Minor {
        Minor(self.numbers().iter().sum())
    }
    /// One part.
    #[must_use]
    pub const fn part(self, part: AmountPart) -> Minor {
        match part {
            AmountPart::Principal => self.principal,
            AmountPart::Interest => self.interest,
            AmountPart::Penalty => self.penalty,
            AmountPart::Fees => self.fees,
        }
    }
    /// The place of one part.
    pub const fn part_mut(&mut self, part: AmountPart) -> &mut Minor {
        match part {
            AmountPart::Principal => &mut self.principal,
            AmountPart::Interest => &mut self.interest,
            AmountPart::Penalty => &mut self.penalty,
            AmountPart::Fees => &mut self.fees,
        }
    }
    /// Whether any part is below zero.
    #[must_use]
    pub fn any_negative(self) -> bool {
        self.numbers().iter().any(|part| *part < 0)
    }
}

impl std::ops::Add for AmountParts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            principal: self.principal + other.principal,
            interest: self.interest + other.interest,
            penalty: self.penalty + other.penalty,
            fees: self.fees + other.fees,
        }
    }
}
impl std::ops::Neg for AmountParts {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            principal: -self.principal,
            interest: -self.interest,
            penalty: -self.penalty,
            fees: -self.fees,
        }
    }
}
impl std::ops::Sub for AmountParts {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}
impl std::ops::AddAssign for AmountParts {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl std::iter::Sum for AmountParts {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, std::ops::Add::add)
    }
}

/// What is owed as of a time. A file that gives only a total makes an amount without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    total: Minor,
    parts: Option<AmountParts>,
    currency: Currency,
    as_of: Micros,
}

/// Why an amount cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// A part or the total is below zero.
    #[error("an amount due is never negative")]
    Negative,
    /// The parts do not add up to the total.
    #[error("principal, interest, penalty and fees do not add up to the total")]
    PartsDiffer,
}

impl Amount {
    /// An amount of which only the total is known.
    pub fn of_total(total: Minor, currency: Currency, as_of: Micros) -> Result<Self, AmountError> {
        if total < Minor::ZERO {
            return Err(AmountError::Negative);
        }
        Ok(Self {
            total,
            parts: None,
            currency,
            as_of,
        })
    }
    /// An amount with its parts, which must add up to `total`.
    pub fn of_parts(total: Minor, parts: AmountParts, currency: Currency, as_of: Micros) -> Result<Self, AmountError> {
        let all = [parts.principal, parts.interest, parts.penalty, parts.fees];
        if total < Minor::ZERO || all.iter().any(|part| *part < Minor::ZERO) {
            return Err(AmountError::Negative);
        }
        let sum = all.iter().try_fold(Minor::ZERO, |sum, part| sum.checked_add(*part));
        if sum != Some(total) {
            return Err(AmountError::PartsDiffer);
        }
        Ok(Self {
            total,
            parts: Some(parts),
            currency,
            as_of,
        })
    }
    /// The total in minor units.
    #[must_use]
    pub const fn total(&self) -> Minor {
        self.total
    }
    /// The parts, where the file gave them.
    #[must_use]
    pub const fn parts(&self) -> Option<AmountParts> {
        self.parts
    }
    /// The currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }
    /// The time as of which the amount was right.
    #[must_use]
    pub const fn as_of(&self) -> Micros {
        self.as_of
    }
    /// Whether the amount is older than `limit` at `now`; a stale amount may not be stated to anybody.
    #[must_use]
    pub fn stale(&self, now: Micros, limit: Micros) -> bool {
        now - self.as_of > limit
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn plain_text_follows_the_exponent() {
        let cases = [
            ("EUR", 154_229, "1542.29"),
            ("JPY", 5, "5"),
            ("KWD", 1_005, "1.005"),
            ("EUR", -7, "-0.07"),
        ];
        for (code, minor, text) in cases {
            assert_eq!(Currency::of(code).unwrap().plain(Minor(minor)), text);
        }
        assert_eq!(Currency::of("EU"), None);
    }

    #[test]
    fn parts_must_add_up_and_age_makes_stale() {
        let eur = Currency::of("EUR").unwrap();
        let parts = AmountParts {
            principal: Minor(70),
            interest: Minor(20),
            penalty: Minor(7),
            fees: Minor(3),
        };
        let amount = Amount::of_parts(Minor(100), parts, eur, Micros(0)).unwrap();
        assert!(!amount.stale(Micros(10), Micros(10)));
        assert!(amount.stale(Micros(11), Micros(10)));
        assert_eq!(
            Amount::of_parts(Minor(101), parts, eur, Micros(0)),
            Err(AmountError::PartsDiffer)
        );
        assert_eq!(Amount::of_total(Minor(-1), eur, Micros(0)), Err(AmountError::Negative));
    }
}
