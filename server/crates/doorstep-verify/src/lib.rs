//! Checks an export of the log, a proof, a receipt or a device's evidence offline, and says what was found in two languages.
//!
//! Behind the small program `doorstep-verify` and behind `doorstep verify`. Needs no configuration, no database and no
//! network; must not know any crate of Doorstep but the log's, so that whoever checks us has little to read and to build.

mod args;
mod check;
mod continued;
mod error;
mod evidence;
mod facts;
mod folder;
mod given;
mod keys;
mod kind;
mod progress;
mod proven;
mod text;
mod words;

pub use args::{Lang, TrustArgs, VerifyArgs};
pub use check::{Verified, verify};
pub use error::{OptionProblem, VerifyError};
pub use folder::ExportFolder;
pub use given::Given;
pub use keys::keys_of;
pub use kind::WrongKind;
pub use progress::{Progress, step_text};
pub use text::{facts_text, findings_text, report_text};
pub use words::{Words, words};
