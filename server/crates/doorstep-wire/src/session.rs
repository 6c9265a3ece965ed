//! Signing in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Login and password.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    /// The staff number or another login.
    pub login: String,
    /// The password, at least 8 characters.
    pub password: String,
    /// The tenant, where the same login exists in several.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tenant: Option<Uuid>,
    /// A new password in place of this one, 8 characters to 1,024 bytes; needed where an administrator set this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub new_password: Option<String>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn { … }")
    }
}

/// An opened session.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// Send it as `Authorization: Bearer …`. Shown once.
    pub token: String,
    /// When it ends at the latest.
    pub expires: i64,
    /// Who signed in.
    pub me: Me,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("me", &self.me).finish_non_exhaustive()
    }
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The tenant.
    pub tenant: Uuid,
    /// The staff member.
    pub staff: Uuid,
    /// `field`, `supervisor`, `auditor` or `administrator`.
    pub role: String,
    /// The team, if any.
    pub team: Option<Uuid>,
    /// The agency; absent for the creditor's own staff.
    pub agency: Option<Uuid>,
}
