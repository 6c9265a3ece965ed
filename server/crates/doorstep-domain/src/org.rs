//! Who a row belongs to: the tenant's portfolios, agencies, teams and territories.

use crate::measure::Micros;

/// How old an amount may be before it is stale and may not be stated, where a portfolio does not say otherwise: 3 days.
pub const AMOUNT_AGE_MAX: Micros = Micros::from_seconds(3 * 86_400);

/// The largest number of persons whose names and addresses may be searched in memory in one scope.
pub const SEARCH_SCOPE_MAX: usize = 20_000;
