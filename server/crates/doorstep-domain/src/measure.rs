//! Integer measures, each its own type: no bare number crosses a function border.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

macro_rules! measure {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(0);
            /// The largest value.
            pub const MAX: Self = Self(i64::MAX);
            /// The bare number, for storage and display.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
            /// The sum, or `None` where it would overflow.
            #[must_use]
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Some(Self(sum)),
                    None => None,
                }
            }
            /// The sum, or the nearest value where it would overflow: for numbers that others send.
            #[must_use]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
            /// The difference, or the nearest value where it would overflow: for numbers that others send.
            #[must_use]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }
        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }
        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }
        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.fold(Self::ZERO, Add::add)
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

measure!(
    /// A length in metres.
    Metres
);
measure!(
    /// A span of time in seconds. Within a plan also seconds since the plan's first midnight.
    Seconds
);
measure!(
    /// Money of the planner in millionths of the currency's main unit.
    MicroCost
);
measure!(
    /// A span of time, or an instant as the time since 1970-01-01T00:00Z, in microseconds.
    Micros
);
measure!(
    /// Money in minor units of a currency; the currency stands beside it.
    Minor
);

impl Micros {
    /// Whole seconds as microseconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * 1_000_000)
    }
    /// Whole milliseconds as microseconds; the nearest value where there are too many.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }
    /// Whole milliseconds, rounded towards the past.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    /// Whole seconds, rounded towards the past.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// Where time comes from. Everything that needs the present takes one of these, so that a day can be replayed.
pub trait Clock: Send + Sync {
    /// The present instant, in microseconds since 1970-01-01T00:00Z.
    fn now(&self) -> Micros;
}
