//! Events of devices, stored as received.

use doorstep_domain::event::PushStatus;
use doorstep_domain::id::{DeviceId, EventId, TenantId, VisitId};
use doorstep_domain::measure::Micros;

use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::{Later, WriteTx};

/// An event as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its id, made by the device.
    pub id: EventId,
    /// The device.
    pub device: DeviceId,
    /// Its number in the device's chain.
    pub dseq: i64,
    /// The exact bytes that were signed; empty where they are sealed among the payloads.
    pub hdr: Vec<u8>,
    /// Their hash.
    pub hdr_hash: Vec<u8>,
    /// The signature.
    pub sig: Vec<u8>,
    /// Its kind; kept as text because newer devices may know more kinds.
    pub kind: String,
    /// The visit it belongs to.
    pub visit: Option<VisitId>,
    /// Accepted, held or quarantined.
    pub status: PushStatus,
    /// Codes of what is remarkable, comma-separated.
    pub flags: String,
    /// When it came.
    pub received_at: Micros,
}

fn event_of(row: &Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        id: EventId(row.id(0)?),
        device: DeviceId(row.id(1)?),
        dseq: row.int(2)?,
        hdr: row.blob(3)?,
        hdr_hash: row.blob(4)?,
        sig: row.blob(5)?,
        kind: row.text(6)?,
        visit: row.opt_id(7)?.map(VisitId),
        status: row.code(8)?,
        flags: row.text(9)?,
        received_at: Micros(row.int(10)?),
    })
}

macro_rules! event_sql {
    ($tail:literal) => {
        concat!(
            "SELECT event_id, device_id, dseq, hdr, hdr_hash, sig, kind, visit_id, status, flags, received_at ",
            "FROM event ",
            $tail
        )
    };
}

impl Store {
    /// The flags of the events of some visits, comma-separated as they are stored; events without any are left out.
    pub async fn event_flags(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<(VisitId, String)>, StoreError> {
        let sql = "SELECT visit_id, flags FROM event WHERE tenant_id = $1 AND flags <> '' AND visit_id IN ({in})";
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(|row| Ok((VisitId(row.id(0)?), row.text(1)?))).collect()
    }

    /// The events of a visit, in the order in which they came.
    pub async fn event_of_visit(&self, tenant: TenantId, visit: VisitId) -> Result<Vec<StoredEvent>, StoreError> {
        let sql = event_sql!("WHERE tenant_id = $1 AND visit_id = $2 ORDER BY received_at, device_id, dseq");
        self.db
            .fetch(sql, args![tenant.0, visit.0])
            .await?
            .iter()
            .map(event_of)
            .collect()
    }

    /// Some events by id.
    pub async fn event_get_many(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<StoredEvent>, StoreError> {
        let sql = event_sql!("WHERE tenant_id = $1 AND event_id IN ({in})");
        let rows = self.db.fetch_in(sql, args![tenant.0], ids).await?;
        rows.iter().map(event_of).collect()
    }

    /// Events that carry a remark, newest first, at most `limit`: the supervisor's review list.
    pub async fn event_flagged(&self, tenant: TenantId, limit: i64) -> Result<Vec<StoredEvent>, StoreError> {
        let sql = event_sql!("WHERE tenant_id = $1 AND flags <> '' ORDER BY received_at DESC, event_id LIMIT $2");
        self.db
            .fetch(sql, args![tenant.0, limit])
            .await?
            .iter()
            .map(event_of)
            .collect()
    }
}

impl WriteTx {
    /// The event of a device with a number, and any event with this id.
    pub async fn event_known(
        &mut self,
        device: DeviceId,
        dseq: i64,
        id: EventId,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.event_flush().await?;
        let values = args![self.tenant(), device.0, dseq, id.0];
        let sql = event_sql!("WHERE tenant_id = $1 AND ((device_id = $2 AND dseq = $3) OR event_id = $4)");
        self.fetch(sql, values).await?.iter().map(event_of).collect()
    }

    /// The events of a visit within the transaction, in the order in which they came.
    pub async fn event_read_visit(&mut self, visit: VisitId) -> Result<Vec<StoredEvent>, StoreError> {
        self.event_flush().await?;
        let values = args![self.tenant(), visit.0];
        let sql = event_sql!("WHERE tenant_id = $1 AND visit_id = $2 ORDER BY received_at, device_id, dseq");
        self.fetch(sql, values).await?.iter().map(event_of).collect()
    }

    /// The events of these ids, whoever sent them.
    pub async fn event_known_ids(&mut self, ids: &[Uuid]) -> Result<Vec<StoredEvent>, StoreError> {
        self.event_flush().await?;
        let values = args![self.tenant()];
        let sql = event_sql!("WHERE tenant_id = $1 AND event_id IN ({in})");
        self.fetch_in(sql, values, ids).await?.iter().map(event_of).collect()
    }

    /// Those of some ids under which something else than an event is kept.
    pub async fn event_ids_taken(&mut self, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        // Asked one after the other: together an engine may read both tables whole, with every push.
        let sql = "SELECT event_id FROM payload WHERE tenant_id = $1 AND event_id IN ({in})";
        let rows = self.fetch_in(sql, args![self.tenant()], ids).await?;
        let mut taken: Vec<Uuid> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
        if !taken.is_empty() {
            let sql = "SELECT event_id FROM event WHERE tenant_id = $1 AND event_id IN ({in})";
            let rows = self.fetch_in(sql, args![self.tenant()], &taken).await?;
            let of_devices: Vec<Uuid> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
            taken.retain(|id| !of_devices.contains(id));
        }
        Ok(taken)
    }

    /// Adds an event as received, with its sealed payload and whose it is. It is written with others before anything of
    /// this transaction reads events, and before the transaction commits; what the engine refuses shows then.
    pub fn event_add(&mut self, event: &StoredEvent, sealed: Option<(Uuid, Vec<u8>)>) {
        let tenant = self.tenant();
        let row = args![
            tenant,
            event.id.0,
            event.device.0,
            event.dseq,
            event.hdr.clone(),
            event.hdr_hash.clone(),
            event.sig.clone(),
            event.kind.as_str(),
            event.visit.map(|id| id.0),
            event.status.code(),
            event.flags.as_str(),
            event.received_at
        ];
        self.later().events.push(row);
        if let Some((subject, sealed)) = sealed {
            let row = args![tenant, event.id.0, subject, sealed];
            self.later().payloads.push(row);
        }
    }

    /// Writes the events that were added.
    pub(crate) async fn event_flush(&mut self) -> Result<(), StoreError> {
        if self.later().events.is_empty() {
            return Ok(());
        }
        let Later { events, payloads } = std::mem::take(self.later());
        let head = "INSERT INTO payload (tenant_id, event_id, subject_id, sealed)";
        self.insert_many(head, "", payloads).await?;
        let head = "INSERT INTO event (tenant_id, event_id, device_id, dseq, hdr, hdr_hash, sig, kind, visit_id, status, \
                    flags, received_at)";
        self.insert_many(head, "", events).await.map(drop)
    }
}
