//! Notices of visits: what is said, when it is queued, how it leaves the house, and what became of it.
//!
//! A notice counts for the day that it announces, whichever plan makes the visit. Its codes and texts are sealed under the
//! person's key; nobody but who opens them with a read entry sees them, and they die with that key.

mod announce;
mod dispatch;
mod render;
mod template;

use doorstep_domain::notice::NoticeChannel;
use doorstep_domain::notice::PageCode;
use doorstep_log::hash::{Hash, sha256_parts};
use serde::{Deserialize, Serialize};

pub(crate) use announce::withdraw_notices;
pub use dispatch::{Batch, BatchFile};
use render::Said;
pub use render::escaped;
pub(crate) use render::languages;
pub(crate) use template::{AUTHORITY_EN, AUTHORITY_ZH, DEBT_EN, DEBT_ZH, found, line_of, pieces};
pub use template::{TemplateError, Templates};

/// Keeps the hashes of page codes apart from every other.
const CODE_CONTEXT: &[u8] = b"doorstep notice 1\0";

/// What notices of a deployment are made with.
#[derive(Debug, Clone)]
pub struct NoticeSettings {
    /// What they say.
    pub templates: Templates,
    /// On which way they go; a message only where a phone is on file.
    pub channel: NoticeChannel,
    /// The address before `/n/CODE` where persons find the page of their notice.
    pub page_url: String,
}

/// What a page code is found by. The database alone opens no page.
#[must_use]
pub fn code_hash(code: &PageCode) -> Hash {
    sha256_parts(&[CODE_CONTEXT, code.bytes()])
}

/// What is sealed of a notice.
#[derive(Serialize, Deserialize)]
struct Sealed {
    name: String,
    phone: String,
    address: String,
    page: String,
    code: String,
    stop_code: String,
    said: Vec<Said>,
}

impl Sealed {
    /// All of the text, one language after the other.
    fn text(&self) -> String {
        let texts: Vec<&str> = self.said.iter().map(|one| one.text.as_str()).collect();
        texts.join("\n\n")
    }
}
