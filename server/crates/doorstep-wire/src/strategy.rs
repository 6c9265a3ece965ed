//! Strategies of portfolios.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The strategy of a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StrategyDetail {
    /// The portfolio.
    pub portfolio: Uuid,
    /// The creditor's name for it.
    pub name: String,
    /// Counts the versions from 1; 0 where the portfolio has none of its own, and the document is the one that comes along.
    pub version: i64,
    /// SHA-256 of the document, in hexadecimal.
    pub digest: String,
    /// The document, in TOML.
    pub document: String,
    /// Staff number of who set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
    /// When, in microseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_at: Option<i64>,
}

/// Sets the strategy of a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetStrategy {
    /// What the document is called in messages: the name of its file.
    pub file: String,
    /// The document, in TOML.
    pub document: String,
}
