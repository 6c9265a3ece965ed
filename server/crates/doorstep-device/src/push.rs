//! Pushing: events go up in their order, as often as it takes, and count as delivered only under a signed
//! acknowledgement that fits the device's own chain.
//!
//! A lost request or answer changes nothing here: the same bytes go up again and the server says `duplicate`. A crash
//! before the answer is settled is the same as a lost answer.

use doorstep_domain::event::PushStatus;
use doorstep_log::hash::{ZERO, base64url_encode};
use doorstep_log::leaf::Algorithm;
use doorstep_wire::SYNC_VERSION;
use doorstep_wire::sync::{
    Acknowledgement, PUSH_BYTES_MAX, PUSH_EVENTS_MAX, PushAnswer, PushEvent, PushRequest, PushResult,
};
use sqlx::Row as _;

use crate::db::{Tx, hash_of};
use crate::device::{Device, json, parse};
use crate::error::DeviceError;
use crate::event::Content;
use crate::suspect::Suspicion;
use crate::transport::Method;
use crate::trust::{self, Doubt};

const REQUEST: &str = "POST /v1/sync/push";
/// Bytes of a push around its events.
const ENVELOPE_BYTES: usize = 128;

/// What a push did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushReport {
    /// Events that were sent.
    pub sent: usize,
    /// Events that a signed acknowledgement newly covers.
    pub acknowledged: usize,
    /// Events that the server holds until those before them arrive.
    pub held: usize,
    /// Events that the server put aside.
    pub quarantined: usize,
    /// Whether a note of the server does not hold; it is kept as evidence and reported in the chain.
    pub alarm: bool,
}

/// Events to send, with the number of the last.
struct Batch {
    events: Vec<PushEvent>,
    last: i64,
}

/// Which events go up.
#[derive(Clone, Copy)]
enum Wanted {
    /// Calls for help that were never sent.
    Urgent,
    /// What no acknowledgement covers, after this number.
    After(i64),
}

impl Wanted {
    const fn sql(self) -> &'static str {
        match self {
            Self::Urgent => {
                "SELECT dseq, hdr, sig, salt, payload FROM event WHERE dseq > $1 AND urgent = 1 AND \
                 state = 'waiting' ORDER BY dseq LIMIT $2"
            }
            // What was put aside is stored all the same; where no acknowledgement says so, it goes up again.
            Self::After(_) => {
                "SELECT dseq, hdr, sig, salt, payload FROM event WHERE dseq > $1 AND (state IN ('waiting', 'sent', \
                 'held') OR (state = 'quarantined' AND dseq > (SELECT upto_dseq FROM sync_state))) \
                 ORDER BY dseq LIMIT $2"
            }
        }
    }

    const fn after(self) -> i64 {
        match self {
            Self::Urgent => 0,
            Self::After(dseq) => dseq,
        }
    }
}

impl Device {
    /// Sends calls for help that were never sent, alone and before all others, then what is not acknowledged, in as many
    /// requests as the limits ask for. An error keeps everything that was not acknowledged before it.
    pub async fn push(&self) -> Result<PushReport, DeviceError> {
        // What is held for its gap goes up again with the chain.
        let mut report = PushReport {
            held: 0,
            ..self.push_urgent().await?
        };
        let mut after = 0;
        let mut may_start_over = true;
        while let Some(batch) = self.batch(Wanted::After(after)).await? {
            let last = batch.last;
            let withdrawn = self.send(batch, &mut report).await?;
            // A server that lost events says so by an older number: they go up again, once in a push.
            after = match withdrawn {
                Some(upto) if may_start_over => upto,
                _ => last,
            };
            may_start_over = may_start_over && withdrawn.is_none();
        }
        Ok(report)
    }

    /// Sends only calls for help that were never sent, ahead of their turn. The server holds what has a gap before it
    /// and hears of it all the same; they go up again with the chain.
    pub async fn push_urgent(&self) -> Result<PushReport, DeviceError> {
        let mut report = PushReport::default();
        if let Some(batch) = self.batch(Wanted::Urgent).await? {
            self.send(batch, &mut report).await?;
        }
        Ok(report)
    }

    /// Sends a batch and settles its answer; says from where on the server lost events.
    async fn send(&self, batch: Batch, report: &mut PushReport) -> Result<Option<i64>, DeviceError> {
        let body = PushRequest {
            sync_version: SYNC_VERSION,
            sent_wall_ms: self.now().millis(),
            events: batch.events,
        };
        report.sent += body.events.len();
        let size_asked = self.size_seen().await?;
        let mut request = self.request(Method::Post, "/v1/sync/push");
        request.body = Some(json(&body)?);
        let answer: PushAnswer = parse(&self.call(request).await?, REQUEST)?;
        self.settle(&answer, size_asked, report).await
    }

    /// The next wanted events that fit one push; always at least one where there are any.
    async fn batch(&self, wanted: Wanted) -> Result<Option<Batch>, DeviceError> {
        let limits = self.sync_status().await?.limits;
        let events_max = (limits.max_events as usize).clamp(1, PUSH_EVENTS_MAX);
        let bytes_max = (limits.max_bytes as usize).min(PUSH_BYTES_MAX);
        let rows = sqlx::query(wanted.sql())
            .bind(wanted.after())
            .bind(events_max as i64)
            .fetch_all(self.db.pool())
            .await?;
        let mut batch: Option<Batch> = None;
        let mut bytes = ENVELOPE_BYTES;
        for row in rows {
            let dseq: i64 = row.try_get(0)?;
            let content = Content::open(&self.key, &row, dseq)?;
            let event = PushEvent {
                hdr: base64url_encode(row.try_get(1)?),
                kid: self.identity.kid.clone(),
                alg: Algorithm::Ed25519.name().to_owned(),
                sig: base64url_encode(row.try_get(2)?),
                salt: content.as_ref().map(|content| base64url_encode(&content.salt)),
                payload: content.map(|content| base64url_encode(&content.payload)),
            };
            bytes += json(&event)?.len() + 1;
            if batch.is_some() && bytes > bytes_max {
                break;
            }
            let filled = batch.get_or_insert(Batch {
                events: Vec::new(),
                last: 0,
            });
            filled.events.push(event);
            filled.last = row.try_get(0)?;
        }
        Ok(batch)
    }

    /// Takes an answer in, in one transaction. An acknowledgement that does not hold refuses the whole answer.
    /// Returns the number that the server fell back to, where it did.
    async fn settle(
        &self,
        answer: &PushAnswer,
        size_asked: u64,
        report: &mut PushReport,
    ) -> Result<Option<i64>, DeviceError> {
        let read = match trust::acknowledgement(&answer.acknowledgement, &self.identity.permit_key) {
            Ok(stated) => self.fits_chain(&stated).await?.map(|()| stated),
            Err(doubt) => Err(doubt),
        };
        let stated = match read {
            Ok(stated) => stated,
            Err(doubt) => {
                return self
                    .refuse_note("acknowledgement", &answer.acknowledgement, doubt)
                    .await;
            }
        };
        let mut tx = self.db.begin().await?;
        for result in &answer.results {
            self.note_result(&mut tx, result, report).await?;
        }
        let withdrawn = self
            .note_acknowledgement(&mut tx, &stated, &answer.acknowledgement, report)
            .await?;
        self.note_limits(&mut tx, answer.limits).await?;
        report.alarm |= self
            .note_checkpoint(&mut tx, (&answer.checkpoint, &answer.continued), size_asked)
            .await?;
        report.alarm |= withdrawn.is_some();
        tx.commit().await?;
        Ok(withdrawn)
    }

    /// Whether an acknowledgement is about this device and about events that it made.
    async fn fits_chain(&self, stated: &Acknowledgement) -> Result<Result<(), Doubt>, DeviceError> {
        if stated.dev != self.identity.device {
            return Ok(Err(Doubt::Foreign));
        }
        let expected = if stated.upto_dseq == 0 {
            Some(ZERO)
        } else {
            let sql = "SELECT hdr_hash FROM event WHERE dseq = $1";
            let found: Option<Vec<u8>> = sqlx::query_scalar(sql)
                .bind(stated.upto_dseq)
                .fetch_optional(self.db.pool())
                .await?;
            found.map(|bytes| hash_of(&bytes, "event")).transpose()?
        };
        let fits = expected.is_some_and(|hash| hash.to_hex() == stated.head_hash);
        Ok(if fits { Ok(()) } else { Err(Doubt::OtherChain) })
    }

    async fn note_result(&self, tx: &mut Tx, result: &PushResult, report: &mut PushReport) -> Result<(), DeviceError> {
        // A status of a newer server changes nothing: the event waits for an acknowledgement.
        let Ok(status) = result.status.parse::<PushStatus>() else {
            return Ok(());
        };
        let state = match status {
            PushStatus::Accepted | PushStatus::Duplicate => "sent",
            PushStatus::Held => {
                report.held += 1;
                "held"
            }
            PushStatus::Quarantined => {
                report.quarantined += 1;
                "quarantined"
            }
        };
        sqlx::query("UPDATE event SET state = $1, code = $2, flags = $3 WHERE dseq = $4 AND state <> 'acknowledged'")
            .bind(state)
            .bind(result.code.as_deref())
            .bind(result.flags.join(","))
            .bind(result.dseq)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Marks what a verified acknowledgement covers. A newer one that covers less than an older one means that the
    /// server lost events: both notes are kept, and what is no longer covered goes up again.
    async fn note_acknowledgement(
        &self,
        tx: &mut Tx,
        stated: &Acknowledgement,
        signed: &str,
        report: &mut PushReport,
    ) -> Result<Option<i64>, DeviceError> {
        let row = sqlx::query("SELECT upto_dseq, acknowledged_ms, acknowledgement FROM sync_state")
            .fetch_one(&mut **tx)
            .await?;
        let (known, known_ms, note): (i64, i64, Option<String>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let withdrawn = stated.upto_dseq < known;
        if withdrawn && stated.recv_ms <= known_ms {
            // An answer that another process's push has overtaken.
            return Ok(None);
        }
        if withdrawn {
            let doubt = Doubt::Withdrawn {
                known,
                found: stated.upto_dseq,
            };
            let suspicion = Suspicion {
                noun: "acknowledgement",
                doubt: &doubt,
                note: signed,
                known: note.as_deref(),
            };
            self.suspect(tx, suspicion).await?;
            sqlx::query("UPDATE event SET state = 'waiting' WHERE dseq > $1 AND state = 'acknowledged'")
                .bind(stated.upto_dseq)
                .execute(&mut **tx)
                .await?;
        }
        let covered = sqlx::query(
            "UPDATE event SET state = 'acknowledged' WHERE dseq <= $1 AND state IN ('waiting', 'sent', 'held')",
        )
        .bind(stated.upto_dseq)
        .execute(&mut **tx)
        .await?;
        report.acknowledged += covered.rows_affected() as usize;
        sqlx::query("UPDATE sync_state SET upto_dseq = $1, acknowledged_ms = $2, acknowledgement = $3")
            .bind(stated.upto_dseq)
            .bind(stated.recv_ms)
            .bind(signed)
            .execute(&mut **tx)
            .await?;
        Ok(withdrawn.then_some(stated.upto_dseq))
    }
}
