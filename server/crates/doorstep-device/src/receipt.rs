//! The receipt of a visited person: given out offline, and the same one again where it is asked for twice.
//!
//! It says who came, when, for whom, by whose authority, what follows and where to complain. What was agreed stands on it only
//! where the person was recognised and takes it themselves. It knows nothing else of the matter or of anybody else behind the
//! door, and does not name the person.

use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::event::EventKind;
use doorstep_domain::measure::{Micros, Minor};
use doorstep_domain::money::Currency;
use doorstep_domain::receipt::{NextStep, ReceiptRef};
use doorstep_wire::agreement::PayItem;
use doorstep_wire::sync::{Payload, Permit, PromiseMade, ReceiptAgreed, ReceiptSaid};
use sqlx::Row as _;
use uuid::Uuid;

use crate::begun::Begun;
use crate::clock::fill_random;
use crate::db::{Tx, id_of};
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::{Content, Draft};
use crate::visit::VisitState;

/// A receipt as it is given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What it says.
    pub said: ReceiptSaid,
    /// IANA time zone of the address.
    pub zone: String,
    /// Language tag of the person; empty where the door is not here any more.
    pub language: String,
    /// Name of the log in which it stands.
    pub log: String,
    /// The key of that log as the device has it (C2SP vkey).
    pub key: String,
    /// Where its holder reaches the server that hands it out.
    pub server_url: String,
    /// The event `receipt.given`.
    pub event: Uuid,
    /// How to pay what was agreed: only the creditor. Not of the receipt itself, which is sealed and proven without it.
    pub pay: Option<PayItem>,
}

impl Device {
    /// Gives out the receipt of a visit that has begun, also after its end. The first time is recorded; later ones give the
    /// same receipt. One that was given before the check-out does not say what came of the visit; asked for again after it,
    /// another one does.
    pub async fn receipt_give(&self, visit: Uuid) -> Result<Receipt, DeviceError> {
        self.enforce_lease().await?;
        let mut tx = self.db.begin().await?;
        let begun = Begun::load(&mut tx, visit).await?;
        let begun = begun.filter(|begun| begun.state != VisitState::Skipped);
        let begun = begun.ok_or(DeviceError::NotStarted { visit })?;
        let given = self.payload_of(&mut tx, visit, EventKind::ReceiptGiven).await?;
        let given = given.and_then(|(event, payload)| Some((event, payload.receipt?)));
        let came = self.came_of(&mut tx, visit, &begun).await?;
        let given = given.filter(|(_, said)| said.next.is_some() || came.next.is_none());
        let (event, said) = if let Some(given) = given {
            given
        } else {
            let said = self.receipt_of(&mut tx, visit, (&begun, came)).await?;
            let payload = Payload {
                receipt: Some(said.clone()),
                ..Payload::default()
            };
            let draft = Draft::new(EventKind::ReceiptGiven).about(&begun.about).payload(payload);
            (self.record(&mut tx, draft).await?, said)
        };
        let url = self.public_url(&mut tx, begun.about.visit_alias).await?;
        let door = self.door_get(&mut tx, visit).await?;
        let pay = door.as_ref().and_then(|door| door.pay.clone());
        let language = door.map(|door| door.language);
        tx.commit().await?;
        Ok(Receipt {
            // Whoever agreed to nothing has no need to know it from a paper that others may find.
            pay: pay.filter(|_| said.agreed.is_some()),
            said,
            zone: begun.about.zone,
            language: language.unwrap_or_default(),
            log: self.identity.log_key.name().to_owned(),
            key: self.identity.log_key.to_string(),
            server_url: url.unwrap_or_else(|| self.identity.server_url.clone()),
            event,
        })
    }

    /// Where the office says that visited persons reach its server.
    async fn public_url(&self, tx: &mut Tx, visit: Uuid) -> Result<Option<String>, DeviceError> {
        let permit = self.permit_for(tx, visit).await?;
        let url = permit.and_then(|permit| permit.office).map(|office| office.url);
        Ok(url.filter(|url| !url.is_empty()))
    }

    /// What came of the visit, as far as its holder may read it.
    async fn came_of(&self, tx: &mut Tx, visit: Uuid, begun: &Begun) -> Result<Came, DeviceError> {
        let told = self.payload_of(tx, visit, EventKind::VisitOutcome).await?;
        let Some((_, told)) = told.filter(|_| begun.state == VisitState::Finished) else {
            return Ok(Came::default());
        };
        let outcome = told.outcome.and_then(|code| code.parse::<ContactOutcome>().ok());
        let matter = told.matter.and_then(|code| code.parse::<MatterOutcome>().ok());
        let recognised = begun.confirmed_at.is_some();
        let theirs = recognised && outcome == Some(ContactOutcome::MetBorrower);
        let promise = self.payload_of(tx, visit, EventKind::VisitPromise).await?;
        let promise = promise.and_then(|(_, payload)| payload.promise).filter(|_| theirs);
        Ok(Came {
            agreed: promise.and_then(agreed),
            next: outcome.and_then(|outcome| NextStep::after(outcome, matter, recognised)),
        })
    }

    async fn receipt_of(
        &self,
        tx: &mut Tx,
        visit: Uuid,
        (begun, came): (&Begun, Came),
    ) -> Result<ReceiptSaid, DeviceError> {
        let permit = self.permit_for(tx, begun.about.visit_alias).await?;
        let office = permit.as_ref().and_then(|permit| permit.office.clone());
        let arrived = self.payload_of(tx, visit, EventKind::VisitArrived).await?;
        let (Some(permit), Some(office), Some((_, arrived))) = (permit, office, arrived) else {
            return Err(DeviceError::NoOffice { visit });
        };
        let mut random = [0; 16];
        fill_random(&mut random)?;
        Ok(ReceiptSaid {
            agreed: came.agreed,
            authority: Some(office.authority).filter(|name| !name.is_empty()),
            next: came.next.map(|next| next.code().to_owned()),
            at_ms: begun.started_at.unwrap_or(Micros::ZERO).millis(),
            complaints: office.complaints,
            office: office.name,
            reference: ReceiptRef::of_bytes(random).to_string(),
            staff: arrived.staff.iter().map(|id| badge(&permit, *id)).collect(),
        })
    }

    /// The newest event of a kind about a visit, where its content is still here.
    async fn payload_of(
        &self,
        tx: &mut Tx,
        visit: Uuid,
        kind: EventKind,
    ) -> Result<Option<(Uuid, Payload)>, DeviceError> {
        let sql = "SELECT dseq, eid, salt, payload FROM event WHERE visit = $1 AND kind = $2 \
                   AND payload IS NOT NULL ORDER BY dseq DESC LIMIT 1";
        let row = sqlx::query(sql)
            .bind(visit.as_bytes().as_slice())
            .bind(kind.code())
            .fetch_optional(&mut **tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let content = Content::open(&self.key, &row, row.try_get("dseq")?)?;
        let Some(content) = content else { return Ok(None) };
        let corrupt = |_| DeviceError::Corrupt { what: "payload" };
        let payload = serde_json::from_slice(&content.payload).map_err(corrupt)?;
        Ok(Some((id_of(row.try_get("eid")?, "event")?, payload)))
    }
}

/// What came of a visit, for its receipt.
#[derive(Default)]
struct Came {
    agreed: Option<ReceiptAgreed>,
    next: Option<NextStep>,
}

fn agreed(promise: PromiseMade) -> Option<ReceiptAgreed> {
    let currency = Currency::of(&promise.currency)?;
    Some(ReceiptAgreed {
        amount: currency.plain(Minor(promise.amount)),
        currency: promise.currency,
        day: promise.day,
    })
}

/// The badge number of one who came: the staff number. Of somebody whom the permit does not name only the id is known.
fn badge(permit: &Permit, id: Uuid) -> String {
    let known = permit.staff.iter().find(|one| one.id == id);
    known.map_or_else(|| id.to_string(), |one| one.login.clone())
}
