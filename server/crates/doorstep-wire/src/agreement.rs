//! Agreements about paying: promises, repayment plans, waivers, settlements and rewards; what a person says of their month; and
//! how they pay.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which agreements.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct AgreementQuery {
    /// Only those of this case.
    pub case: Option<Uuid>,
    /// `proposed`, `refused`, `promised`, `kept`, `partial`, `broken` or `ended`; all where absent.
    pub state: Option<String>,
    /// `promise`, `plan`, `waiver`, `settlement` or `reward`; all where absent.
    pub kind: Option<String>,
    /// Only those for which this is to be done next: `answer`, `wait`, `message` or `review`.
    pub next: Option<String>,
}

/// Principal, interest, penalty and fees, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PartsItem {
    /// Of the principal.
    pub principal: i64,
    /// Of the interest.
    pub interest: i64,
    /// Of the penalty.
    pub penalty: i64,
    /// Of the fees.
    pub fees: i64,
}

/// What is to be agreed. `POST /v1/agreements/schedule` says what it comes to and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposeAgreement {
    /// The case.
    pub case: Uuid,
    /// `promise`, `plan`, `waiver`, `settlement` or `reward`.
    pub kind: String,
    /// How it was agreed: `phone`, `letter` or `office`.
    pub agreed_by: String,
    /// The currency, which must be that of the case.
    pub currency: String,
    /// What is to be paid in all, in minor units, without interest; what is owed where absent. Not for waivers and rewards.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<i64>,
    /// The first day of paying.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first: Option<String>,
    /// How many instalments; 1 where absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub count: Option<u16>,
    /// How far apart: `week`, `fortnight` or `month`; a month where absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub every: Option<String>,
    /// What is given up by a waiver or reward, part by part.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub off: Option<PartsItem>,
    /// After how many instalments in time a reward is given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<u16>,
    /// What was said beside it; sealed under the person's key.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
    /// Whether it takes the place of a plan or settlement that stands.
    #[serde(default)]
    pub replace: bool,
}

/// One instalment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstalmentItem {
    /// Its number, from 1.
    pub number: i64,
    /// By when.
    pub day: String,
    /// How much, in minor units.
    pub amount: i64,
    /// How much of it is interest.
    pub interest: i64,
}

/// What an agreement would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleDetail {
    /// What it is of.
    pub kind: String,
    /// The currency.
    pub currency: String,
    /// What is to be paid in all, with interest.
    pub total: i64,
    /// The instalments.
    pub instalments: Vec<InstalmentItem>,
    /// What would be given up.
    pub off: PartsItem,
    /// What is owed now.
    pub owed: PartsItem,
    /// `alone`, `by-two` or `beyond`: whether the caller may agree to it.
    pub authority: String,
    /// Which limit it goes beyond.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<String>,
    /// What speaks against it, by what the person said last of their month: `nothing-left`, `above-share`, `before-pay-day`.
    /// Only a warning: it keeps nobody from agreeing.
    pub warnings: Vec<String>,
    /// The most of a month that is called safe, where the person said something of their month.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub safe: Option<i64>,
}

/// An agreement, without what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementItem {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// The lender's number of the case; empty where the person was erased.
    pub case_no: String,
    /// `promise`, `plan`, `waiver`, `settlement` or `reward`.
    pub kind: String,
    /// `proposed`, `refused`, `promised`, `kept`, `partial`, `broken` or `ended`.
    pub state: String,
    /// Since which day it stands so.
    pub state_day: String,
    /// `door`, `phone`, `letter`, `office` or `portfolio`.
    pub agreed_by: String,
    /// ISO 4217 code.
    pub currency: String,
    /// What is to be paid in all; what is given up where nothing is to be paid.
    pub amount: i64,
    /// The day of the agreement.
    pub made: String,
    /// The last day.
    pub last: String,
    /// How many instalments.
    pub count: usize,
    /// What was paid by it so far.
    pub paid: i64,
    /// What is behind, with the days of grace over.
    pub behind: i64,
    /// What is due next, and by when.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<InstalmentItem>,
    /// What is to be done next: `answer`, `wait`, `message`, `review` or `none`.
    pub next: String,
    /// The approval that a second person answers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approval: Option<Uuid>,
    /// Counts changes.
    pub version: i64,
}

/// An agreement in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementDetail {
    /// The same as in the list.
    #[serde(flatten)]
    pub item: AgreementItem,
    /// The instalments.
    pub instalments: Vec<InstalmentItem>,
    /// How many of them, from the first on, were paid in time.
    pub in_time: usize,
    /// What is given up by it.
    pub off: PartsItem,
    /// What was given up by it so far.
    pub waived: PartsItem,
    /// After how many instalments in time a reward is given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<i64>,
    /// The plan that a reward is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub plan: Option<Uuid>,
    /// For so many days after its day an instalment still counts as in time.
    pub grace_days: i64,
    /// So many instalments it may be behind before it is broken.
    pub missed_max: i64,
    /// Interest a year in parts per million.
    pub rate_ppm: i64,
    /// Staff number of who noted it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// The visit at which it was agreed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visit: Option<Uuid>,
    /// What was said; absent where nothing was, or the person was erased.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
    /// Why it ended: `person-asked`, `replaced`, `void` or `mistake`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end: Option<String>,
    /// What speaks against it, where it was just proposed; only a warning.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
}

/// Ends an agreement without blame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndAgreement {
    /// `person-asked`, `void` or `mistake`.
    pub reason: String,
}

/// What a person says of their month. Sealed under their key; used only to warn of a promise that is likely to fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoteMeans {
    /// The currency, which must be that of the case.
    pub currency: String,
    /// What comes in, in minor units.
    pub income: i64,
    /// What goes out, by what for: `housing`, `utilities`, `food`, `transport`, `health`, `dependants`, `education`, `duties`,
    /// `debts`, `other`.
    #[serde(default)]
    pub needs: BTreeMap<String, i64>,
    /// The day of the month on which money comes in, 1 to 31.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pay_day: Option<u8>,
    /// What was said beside it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
}

/// What is left of a person's month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeansDetail {
    /// What the person said.
    #[serde(flatten)]
    pub said: NoteMeans,
    /// When it was noted.
    pub made_at: i64,
    /// What is left after what a month needs; below zero where it does not suffice.
    pub left: i64,
    /// The most of a month that is called safe.
    pub safe: i64,
}

/// How a person pays: only to the creditor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PayItem {
    /// Who is paid.
    pub payee: String,
    /// The reference to give.
    pub reference: String,
    /// The creditor's page, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
    /// The currency.
    pub currency: String,
    /// What is owed, or due next where an agreement stands, in minor units; absent where the amount is too old to be stated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<i64>,
}

/// An agreement as it is printed for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementPrint {
    /// The agreement.
    pub id: Uuid,
    /// In which language: the person's where this program speaks it.
    pub language: String,
    /// The text, line by line.
    pub lines: Vec<String>,
    /// How to pay, where the portfolio says it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pay: Option<PayItem>,
}

/// In which language something is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PrintQuery {
    /// `en` or `zh-CN`; the person's where absent.
    pub language: Option<String>,
}
