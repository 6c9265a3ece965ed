//! Who looked at the owner of this device, as the server told it last: kept sealed, so that it can be shown without a
//! network, and wiped with everything else that the server lent.

use doorstep_domain::measure::Micros;
use doorstep_wire::Page;
use doorstep_wire::read::ReadItem;
use sqlx::Row as _;

use crate::device::{Device, json, parse};
use crate::error::DeviceError;
use crate::seal::Place;
use crate::transport::Method;
use crate::vault::{caseload, caseload_or_new};

/// How many are fetched, the newest first: what a screen shows, and no more than a weak link carries.
const READS_MAX: u32 = 200;
/// Where they lie sealed.
const BODY: Place<'static> = Place::new("own_read.body", b"1");

/// Who looked at the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReads {
    /// When the server was asked.
    pub fetched_at: Micros,
    /// The reads, newest first.
    pub items: Vec<ReadItem>,
    /// Whether the server has older ones.
    pub more: bool,
}

impl Device {
    /// Asks the server who looked at the owner of this device, and keeps the answer in the place of the one before.
    pub async fn fetch_own_reads(&self) -> Result<(), DeviceError> {
        let mut request = self.request(Method::Get, "/v1/staff/me/reads");
        request.query.push(("limit", READS_MAX.to_string()));
        let page: Page<ReadItem> = parse(&self.call(request).await?, "GET /v1/staff/me/reads")?;
        let body = json(&page)?;
        let mut tx = self.db.begin().await?;
        let key = caseload_or_new(&mut tx, &self.key).await?;
        sqlx::query(
            "INSERT INTO own_read (one, fetched_at, body) VALUES (1, $1, $2) ON CONFLICT (one) DO UPDATE SET \
             fetched_at = excluded.fetched_at, body = excluded.body",
        )
        .bind(self.now().get())
        .bind(key.seal(BODY, &body)?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was fetched last; `None` where nothing was, or where the lease has ended since.
    pub async fn own_reads(&self) -> Result<Option<OwnReads>, DeviceError> {
        self.enforce_lease().await?;
        let mut connection = self.db.pool().acquire().await?;
        let Some(key) = caseload(&mut connection, &self.key).await? else {
            return Ok(None);
        };
        let sql = "SELECT fetched_at, body FROM own_read";
        let Some(row) = sqlx::query(sql).fetch_optional(&mut *connection).await? else {
            return Ok(None);
        };
        let body = key.open(BODY, row.try_get(1)?)?;
        let corrupt = |_| DeviceError::Corrupt { what: "own_read" };
        let page: Page<ReadItem> = serde_json::from_slice(&body).map_err(corrupt)?;
        Ok(Some(OwnReads {
            fetched_at: Micros(row.try_get(0)?),
            more: page.next.is_some(),
            items: page.items,
        }))
    }
}
