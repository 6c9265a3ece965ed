//! Time stamps of checkpoints: which are due, and taking an authority's answer. Who asks the authority is not known here.
//!
//! A stamp says two things only if it is asked for in time: that the leaves under it existed, and that nothing older was
//! still to come. For the second, a checkpoint is offered only when every leaf that waited at that moment is under it.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::hash::{Hash, sha256};
use doorstep_log::note::text_unverified;
use doorstep_log::stamp::{Authorities, Expected, Stamp, StampError, request, verify};
use doorstep_store::entry::LogName;
use doorstep_store::stamp::LogStamp;

use crate::App;
use crate::error::AppError;

/// What stamping needs besides an authority to ask.
#[derive(Debug, Clone)]
pub struct StampSettings {
    pem: Vec<u8>,
    authorities: Authorities,
    every: Micros,
}

impl StampSettings {
    /// Settings with the certificates that may vouch for the authority, and the time between stamps of a log.
    pub fn new(pem: Vec<u8>, every: Micros) -> Result<Self, StampError> {
        Ok(Self {
            authorities: Authorities::from_pem(&pem)?,
            pem,
            every,
        })
    }
    /// The certificates as they were given.
    pub(crate) fn pem(&self) -> &[u8] {
        &self.pem
    }
    /// The time between stamps of a log.
    #[must_use]
    pub const fn every(&self) -> Micros {
        self.every
    }
}

/// A checkpoint that is to be stamped.
#[derive(Debug, Clone)]
pub struct StampWanted {
    /// What is to be sent to the authority.
    pub request: Vec<u8>,
    tenant: TenantId,
    origin: String,
    size: u64,
    note: String,
    imprint: Hash,
    nonce: u64,
}

/// Why an answer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum StampTakeError {
    /// It does not hold.
    #[error("the answer of the time-stamp authority does not hold")]
    Stamp(#[from] StampError),
    /// It could not be kept.
    #[error("the time stamp could not be kept")]
    App(#[from] AppError),
}

impl App {
    /// The settings, where checkpoints are stamped.
    #[must_use]
    pub fn stamp_settings(&self) -> Option<&StampSettings> {
        self.0.parts.stamps.as_ref()
    }

    /// The logs that are due: they have grown, and their last stamp is old enough.
    pub async fn stamps_due(&self) -> Result<Vec<(TenantId, LogName)>, AppError> {
        let Some(settings) = self.stamp_settings() else {
            return Ok(Vec::new());
        };
        let (now, every) = (self.now(), settings.every());
        // A clock that was set back must not end the stamps until it has caught up.
        Ok(self.store().stamps_due(now - every + Micros(1), now + every).await?)
    }

    /// The request for a log's newest checkpoint; `None` while a leaf that waits now is not under it.
    pub async fn stamp_wanted(&self, tenant: TenantId, name: LogName) -> Result<Option<StampWanted>, AppError> {
        let newest = self.store().log_newest_waiting(tenant, name).await?;
        self.run_sequencer().await?;
        let placed = self.store().log_placed(tenant, name, newest).await?;
        let head = self.store().log_head(tenant, name).await?;
        if placed.is_none_or(|size| size as u64 > head.note_size) {
            return Ok(None);
        }
        let text =
            text_unverified(head.note.as_bytes()).map_err(|_| AppError::Fault("checkpoints are signed notes"))?;
        let imprint = sha256(text.as_bytes());
        let nonce = u64::from_be_bytes(doorstep_store::random_bytes());
        Ok(Some(StampWanted {
            request: request(&imprint, nonce),
            tenant,
            origin: head.origin,
            size: head.note_size,
            note: head.note,
            imprint,
            nonce,
        }))
    }

    /// Verifies the answer to a request and keeps it.
    pub async fn stamp_take(&self, wanted: &StampWanted, response: &[u8]) -> Result<Stamp, StampTakeError> {
        let settings = self.stamp_settings().ok_or(StampError::Untrusted)?;
        let expected = Expected {
            imprint: wanted.imprint,
            nonce: Some(wanted.nonce),
            policy: None,
        };
        let stamp = verify(response, &expected, &settings.authorities)?;
        let kept = LogStamp {
            size: wanted.size,
            note: wanted.note.clone(),
            response: response.to_vec(),
            stamped_at: Micros::from_millis(stamp.at_ms),
            taken_at: self.now(),
        };
        let added = self.store().stamp_add(wanted.tenant, &wanted.origin, &kept).await;
        added.map_err(AppError::from)?;
        Ok(stamp)
    }

    /// The newest stamp of a log, verified anew against the certificates that are trusted now.
    pub async fn stamp_checked(
        &self,
        tenant: TenantId,
        name: LogName,
    ) -> Result<Option<(LogStamp, Result<Stamp, StampError>)>, AppError> {
        let (Some(settings), Some(kept)) = (self.stamp_settings(), self.store().stamp_newest(tenant, name).await?)
        else {
            return Ok(None);
        };
        let text = text_unverified(kept.note.as_bytes()).unwrap_or_default();
        let expected = Expected {
            imprint: sha256(text.as_bytes()),
            nonce: None,
            policy: None,
        };
        let checked = verify(&kept.response, &expected, &settings.authorities);
        Ok(Some((kept, checked)))
    }
}
