//! Payments, money that waits for a person, and the books.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How a payment file is to be read; sent as query parameters beside the file itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PaymentImportOptions {
    /// Only preview: nothing changes.
    pub dry_run: bool,
    /// The team that the import belongs to; needed where the caller has none.
    pub team: Option<Uuid>,
    /// The portfolio, where the file has no such column.
    pub portfolio: Option<String>,
    /// ISO 4217 code, where the file has no such column.
    pub currency: Option<String>,
    /// Columns mapped by the user, `Their column=our_field`, separated by semicolons.
    pub map: Option<String>,
}

/// Which loan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LoanQuery {
    /// Its number, as in the loan file.
    pub number: String,
    /// Only of this portfolio: two may have one number.
    #[serde(default)]
    pub portfolio: Option<Uuid>,
}

/// A loan as its book has it, whether it is a case yet or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoanItem {
    /// Its number.
    pub number: String,
    /// The name of the portfolio.
    pub portfolio: String,
    /// ISO 4217 code of all its money.
    pub currency: String,
    /// As of when the lender stated it, in microseconds.
    pub as_of: i64,
    /// Its case; absent while the loan waits.
    pub case: Option<Uuid>,
    /// The status of the case.
    pub status: Option<String>,
    /// Days since the oldest instalment of which something is left, as of now; 0 where none is late.
    pub days_past_due: i64,
    /// The stage of that; absent where nothing is late.
    pub stage: Option<String>,
    /// The day on which the oldest instalment of which something is left makes it a case; absent where nothing is left.
    pub opens: Option<String>,
    /// What is due by now and not paid.
    pub owed: Parts,
    /// What is not paid of all instalments.
    pub left: Parts,
    /// What falls due, in the order of the days.
    pub instalments: Vec<InstalmentItem>,
    /// What was counted, in its order.
    pub payments: Vec<PaymentItem>,
}

/// An instalment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstalmentItem {
    /// The day on which it falls due, as an ISO date.
    pub due: String,
    /// The lender's number of it.
    pub number: Option<i64>,
    /// Whether it fell due in the books.
    pub fell_due: bool,
    /// What falls due.
    pub amount: Parts,
    /// What was paid of it.
    pub paid: Parts,
    /// What was given up of it.
    pub waived: Parts,
    /// What is left.
    pub left: Parts,
}

/// Which payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentQuery {
    /// The case.
    pub case: Uuid,
}

/// A payment or reversal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentItem {
    /// Its id.
    pub id: Uuid,
    /// The case, where one is known.
    pub case: Option<Uuid>,
    /// The day on which it was paid, as an ISO date.
    pub day: String,
    /// How much, above zero, in minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// `payment` or `reversal`.
    pub kind: String,
    /// `counted`, `held` or `refused`.
    pub state: String,
    /// Why it was held, as the code of a row's reason.
    pub reason: Option<String>,
    /// When it was brought in.
    pub received_at: i64,
    /// The import that brought it in.
    pub import: Uuid,
    /// Its line there.
    pub line: i64,
    /// What the file said of it, in the list of held money.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub said: Option<PaymentSaid>,
}

/// What a file said of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentSaid {
    /// The reference.
    pub reference: String,
    /// The number of the case.
    pub case_no: String,
    /// The portfolio; empty where it named none.
    pub portfolio: String,
}

/// Decides about held money: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SettlePayment {
    /// The case that it counts for.
    pub case: Option<Uuid>,
    /// Why it counts nowhere, in words; they are kept sealed.
    pub refuse: Option<String>,
}

/// Which books.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct BooksQuery {
    /// Only of this portfolio.
    pub portfolio: Option<Uuid>,
    /// The day, as an ISO date; today in UTC where absent.
    pub day: Option<String>,
}

/// An amount by part, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Parts {
    /// All parts together.
    pub total: i64,
    /// Principal.
    pub principal: i64,
    /// Interest.
    pub interest: i64,
    /// Penalty.
    pub penalty: i64,
    /// Fees.
    pub fees: i64,
}

/// The books of a portfolio in one currency on a day: opening + due + restated - payments + reversals - waivers = closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookItem {
    /// The portfolio.
    pub portfolio: Uuid,
    /// Its name.
    pub name: String,
    /// ISO 4217 code.
    pub currency: String,
    /// What was owed when the day began.
    pub opening: Parts,
    /// What fell due.
    pub due: Parts,
    /// What the lender stated anew, as a change.
    pub restated: Parts,
    /// What was paid.
    pub payments: Parts,
    /// What went back.
    pub reversals: Parts,
    /// What was waived.
    pub waivers: Parts,
    /// What is owed when the day ends.
    pub closing: Parts,
    /// Cases with something owed or paid ahead when the day ends.
    pub cases: u64,
}

/// Money that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldSum {
    /// ISO 4217 code.
    pub currency: String,
    /// How many payments and reversals.
    pub count: u64,
    /// The payments together, in minor units.
    pub payments: i64,
    /// The reversals together, in minor units.
    pub reversals: i64,
}

/// A case whose book does not balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Imbalance {
    /// The case.
    pub case: Uuid,
    /// What differs: `ledger` from the instalments, or `payments` from what was counted.
    pub what: String,
    /// By how much, in minor units.
    pub by: i64,
}

/// The books of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BooksReport {
    /// The day, as an ISO date.
    pub day: String,
    /// Whether every case balances.
    pub balanced: bool,
    /// By portfolio and currency.
    pub items: Vec<BookItem>,
    /// Money that waits for a person, by currency; in no balance.
    pub held: Vec<HeldSum>,
    /// Cases that do not balance.
    pub imbalances: Vec<Imbalance>,
}
