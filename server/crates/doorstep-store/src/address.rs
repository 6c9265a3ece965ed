//! Addresses: what is known of them in clear, and the keyed hash by which a file that names one again finds it.

use doorstep_domain::address::{AddressState, PlaceKind, Provenance, Verification};
use doorstep_domain::id::{AddressId, EventId, PersonId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// An address as far as the database shows it in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its id.
    pub id: AddressId,
    /// Whose it is.
    pub person: PersonId,
    /// What is known of it.
    pub state: AddressState,
    /// Where it came from.
    pub provenance: Provenance,
    /// What sort of place it is.
    pub kind: PlaceKind,
    /// Coarse cell.
    pub cell: i64,
    /// IANA name of the time zone there.
    pub zone: String,
    /// ISO 3166-1 code of the country.
    pub country: Option<String>,
    /// ISO 3166-2 code of the region.
    pub region: Option<String>,
    /// Keyed hash of person and text, see [`crate::blind::blind_address`]; `None` where the person was erased.
    pub place_digest: Option<Uuid>,
    /// The sealed payload with its text, where it stands in no file and no correction.
    pub text: Option<EventId>,
    /// When it was confirmed last, and how.
    pub verified: Option<(Micros, Verification)>,
    /// When somebody said that it is not to be used any more.
    pub retired_at: Option<Micros>,
}

impl Address {
    /// When it became known; `None` where its id does not say.
    #[must_use]
    pub fn known_since(&self) -> Option<Micros> {
        known_since(self.id.0)
    }
}

/// When a row was made, by its id, which is ordered by time.
#[must_use]
pub fn known_since(id: Uuid) -> Option<Micros> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    let seconds = i64::try_from(seconds).ok()?;
    Some(Micros::from_seconds(seconds) + Micros(i64::from(nanos / 1_000)))
}

/// When an address was confirmed, and how, from two columns of a row.
pub(crate) fn verified_of(row: &Row, from: usize) -> Result<Option<(Micros, Verification)>, StoreError> {
    let how = row.opt_text(from + 1)?.map(|code| code.parse()).transpose();
    let how = how.map_err(|_| StoreError::Shape {
        column: from + 1,
        expected: "known code",
    })?;
    Ok(row.opt_int(from)?.map(Micros).zip(how))
}

fn address_of(row: &Row) -> Result<Address, StoreError> {
    Ok(Address {
        id: AddressId(row.id(0)?),
        person: PersonId(row.id(1)?),
        state: row.code(2)?,
        provenance: row.code(3)?,
        kind: row.code(4)?,
        cell: row.int(5)?,
        zone: row.text(6)?,
        country: row.opt_text(7)?,
        region: row.opt_text(8)?,
        place_digest: row.opt_id(9)?,
        text: row.opt_id(10)?.map(EventId),
        verified: verified_of(row, 11)?,
        retired_at: row.opt_int(13)?.map(Micros),
    })
}

macro_rules! address_sql {
    ($tail:literal) => {
        concat!(
            "SELECT address_id, person_id, state, provenance, kind, cell, zone, country, region, place_digest, text_id, ",
            "verified_at, verified_how, retired_at FROM address ",
            $tail
        )
    };
}

impl Store {
    /// The countries in which a tenant has addresses, each once.
    pub async fn address_countries(&self, tenant: TenantId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT country FROM address WHERE tenant_id = $1 AND country IS NOT NULL ORDER BY country";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// All addresses of a person, in the order in which they were made.
    pub async fn address_list(&self, tenant: TenantId, person: PersonId) -> Result<Vec<Address>, StoreError> {
        let sql = address_sql!("WHERE tenant_id = $1 AND person_id = $2 ORDER BY address_id");
        let rows = self.db.fetch(sql, args![tenant.0, person.0]).await?;
        rows.iter().map(address_of).collect()
    }
}

impl Store {
    /// The time zones that a tenant's addresses lie in.
    pub async fn address_zones(&self, tenant: TenantId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT zone FROM address WHERE tenant_id = $1 ORDER BY zone";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }
}

impl WriteTx {
    /// The time zones of some addresses.
    pub async fn address_zone(&mut self, addresses: &[Uuid]) -> Result<Vec<(AddressId, String)>, StoreError> {
        let values = args![self.tenant()];
        let sql = "SELECT address_id, zone FROM address WHERE tenant_id = $1 AND address_id IN ({in})";
        let rows = self.fetch_in(sql, values, addresses).await?;
        rows.iter()
            .map(|row| Ok((AddressId(row.id(0)?), row.text(1)?)))
            .collect()
    }

    /// Adds addresses.
    pub async fn address_insert(&mut self, addresses: &[Address]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = addresses
            .iter()
            .map(|address| {
                args![
                    tenant,
                    address.id.0,
                    address.person.0,
                    address.state.code(),
                    address.provenance.code(),
                    address.kind.code(),
                    address.cell,
                    address.zone.as_str(),
                    address.country.as_deref(),
                    address.region.as_deref(),
                    address.place_digest,
                    address.text.map(|id| id.0),
                    address.verified.map(|(at, _)| at.get()),
                    address.verified.map(|(_, how)| how.code()),
                    address.retired_at.map(Micros::get)
                ]
            })
            .collect();
        self.insert_many(
            "INSERT INTO address (tenant_id, address_id, person_id, state, provenance, kind, cell, zone, country, region, \
             place_digest, text_id, verified_at, verified_how, retired_at)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// Addresses with one of these digests of their places, in the order in which they were made.
    pub async fn address_find(&mut self, places: &[Uuid]) -> Result<Vec<Address>, StoreError> {
        let tenant = self.tenant();
        let sql = address_sql!("WHERE tenant_id = $1 AND place_digest IN ({in}) ORDER BY address_id");
        let rows = self.fetch_in(sql, args![tenant], places).await?;
        rows.iter().map(address_of).collect()
    }

    /// Notes that an address was confirmed: it is the person's one current address from now on.
    pub async fn address_verify(&mut self, address: &Address, how: Verification) -> Result<(), StoreError> {
        let values = args![self.tenant(), address.person.0, address.id.0];
        let sql = "UPDATE address SET state = 'unverified' WHERE tenant_id = $1 AND person_id = $2 AND address_id <> $3 \
                   AND state = 'current'";
        self.exec(sql, values).await?;
        let values = args![self.now(), how.code(), self.tenant(), address.id.0];
        self.exec_one(
            "UPDATE address SET state = 'current', verified_at = $1, verified_how = $2, retired_at = NULL \
             WHERE tenant_id = $3 AND address_id = $4",
            values,
        )
        .await
    }

    /// Notes that an address is not to be used any more, and why.
    pub async fn address_retire(&mut self, address: AddressId, state: AddressState) -> Result<(), StoreError> {
        let values = args![state.code(), self.now(), self.tenant(), address.0];
        self.exec_one(
            "UPDATE address SET state = $1, retired_at = $2 WHERE tenant_id = $3 AND address_id = $4",
            values,
        )
        .await
    }
}
