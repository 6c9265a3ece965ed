//! Addresses: what is known of them in clear, and the keyed hash by which a file that names one again finds it.

use doorstep_domain::address::{AddressState, PlaceKind, Provenance};
use doorstep_domain::id::{AddressId, PersonId, TenantId};
use uuid::Uuid;

use crate::db::args;
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
}

impl Store {
    /// The countries in which a tenant has addresses, each once.
    pub async fn address_countries(&self, tenant: TenantId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT country FROM address WHERE tenant_id = $1 AND country IS NOT NULL ORDER BY country";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(|row| row.text(0)).collect()
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
                    address.place_digest
                ]
            })
            .collect();
        self.insert_many(
            "INSERT INTO address (tenant_id, address_id, person_id, state, provenance, kind, cell, zone, country, region, \
             place_digest)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// Addresses with one of these digests of their places, in the order in which they were made.
    pub async fn address_find(&mut self, places: &[Uuid]) -> Result<Vec<Address>, StoreError> {
        let tenant = self.tenant();
        let sql = "SELECT address_id, person_id, state, provenance, kind, cell, zone, country, region, place_digest \
                   FROM address WHERE tenant_id = $1 AND place_digest IN ({in}) ORDER BY address_id";
        let rows = self.fetch_in(sql, args![tenant], places).await?;
        rows.iter()
            .map(|row| {
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
                })
            })
            .collect()
    }
}
