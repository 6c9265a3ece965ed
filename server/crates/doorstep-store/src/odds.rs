//! Chances of visits: what they are learned from, and the versions that were learned. Ids and codes only, nothing sealed is read.

use doorstep_domain::address::PlaceKind;
use doorstep_domain::case::Stage;
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::id::{AgencyId, PortfolioId, TeamId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::odds::{AmountBand, Reached};

use crate::db::{Row, Sql, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A visit that was made and reported, as far as chances learn from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeVisit {
    /// When it began.
    pub started_at: Micros,
    /// IANA name of the time zone at the address.
    pub zone: String,
    /// The kind of place.
    pub kind: PlaceKind,
    /// The country, where it is known.
    pub country: Option<String>,
    /// How the matter stood when it was planned, where that was noted.
    pub scene: Option<(Stage, AmountBand, Reached)>,
    /// What came of the contact.
    pub outcome: ContactOutcome,
    /// What came of the matter.
    pub matter: Option<MatterOutcome>,
    /// The portfolio of its case.
    pub portfolio: PortfolioId,
    /// The team of its case.
    pub team: TeamId,
}

/// How the matter of a visit stands when the visit is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitScene {
    /// The visit.
    pub visit: VisitId,
    /// The age of the debt.
    pub stage: Stage,
    /// How much is owed.
    pub amount: AmountBand,
    /// What came of other channels.
    pub reached: Reached,
}

/// A version of the chances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddsVersion {
    /// Counts the versions from 1.
    pub version: i64,
    /// When it was learned.
    pub trained_at: Micros,
    /// The day of the first visit it knows, in days since 1970-01-01.
    pub first_day: Option<i64>,
    /// The day of the last.
    pub last_day: Option<i64>,
    /// Visits that were made.
    pub visits: i64,
    /// Those that met somebody.
    pub met: i64,
    /// Those at which somebody came to the door and it was noted how the matter stood.
    pub at_the_door: i64,
    /// Those of them that ended in an agreement.
    pub agreed: i64,
    /// What was learned, as JSON of whole numbers.
    pub body: String,
    /// SHA-256 of what it was learned from, in hexadecimal.
    pub digest: String,
}

fn made_of(row: &Row) -> Result<MadeVisit, StoreError> {
    let unknown = |column| StoreError::Shape {
        column,
        expected: "known code",
    };
    let scene = match row.opt_text(4)? {
        None => None,
        Some(_) => Some((row.code(4)?, row.code(5)?, row.code(6)?)),
    };
    let matter = row.opt_text(8)?.map(|code| code.parse()).transpose();
    Ok(MadeVisit {
        started_at: Micros(row.int(0)?),
        zone: row.text(1)?,
        kind: row.code(2)?,
        country: row.opt_text(3)?,
        scene,
        outcome: row.code(7)?,
        matter: matter.map_err(|_| unknown(8))?,
        portfolio: PortfolioId(row.id(9)?),
        team: TeamId(row.id(10)?),
    })
}

fn version_of(row: &Row) -> Result<OddsVersion, StoreError> {
    Ok(OddsVersion {
        version: row.int(0)?,
        trained_at: Micros(row.int(1)?),
        first_day: row.opt_int(2)?,
        last_day: row.opt_int(3)?,
        visits: row.int(4)?,
        met: row.int(5)?,
        at_the_door: row.int(6)?,
        agreed: row.int(7)?,
        body: row.text(8)?,
        digest: row.text(9)?,
    })
}

macro_rules! version_sql {
    ($tail:literal) => {
        concat!(
            "SELECT version, trained_at, first_day, last_day, visits, met, at_the_door, agreed, body, digest ",
            "FROM odds_model WHERE tenant_id = $1 ORDER BY version DESC ",
            $tail
        )
    };
}

macro_rules! made_sql {
    ($agency:literal) => {
        concat!(
            "SELECT v.started_at, a.zone, a.kind, a.country, s.stage, s.amount, s.reached, v.outcome, v.matter, ",
            "c.portfolio_id, c.team_id FROM visit v ",
            "JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id ",
            "JOIN address a ON a.tenant_id = c.tenant_id AND a.address_id = c.address_id ",
            "LEFT JOIN visit_scene s ON s.tenant_id = v.tenant_id AND s.visit_id = v.visit_id ",
            "WHERE v.tenant_id = $1 AND v.started_at IS NOT NULL AND v.outcome IS NOT NULL AND ",
            $agency,
            " ORDER BY v.started_at, v.visit_id"
        )
    };
}

impl Store {
    /// All visits that were made and reported, of one agency's cases or of all, in the order in which they began.
    pub async fn odds_visits(&self, tenant: TenantId, agency: Option<AgencyId>) -> Result<Vec<MadeVisit>, StoreError> {
        let sql = Sql {
            lite: made_sql!("($2 IS NULL OR c.agency_id = $2)"),
            pg: made_sql!("($2::UUID IS NULL OR c.agency_id = $2)"),
        };
        let rows = self.db.fetch(sql, args![tenant.0, agency.map(|id| id.0)]).await?;
        rows.iter().map(made_of).collect()
    }

    /// The chances in force; `None` where none were learned yet.
    pub async fn odds_newest(&self, tenant: TenantId) -> Result<Option<OddsVersion>, StoreError> {
        let row = self.db.fetch_one(version_sql!("LIMIT 1"), args![tenant.0]).await?;
        row.as_ref().map(version_of).transpose()
    }

    /// The versions of the chances, newest first, at most 500.
    pub async fn odds_list(&self, tenant: TenantId) -> Result<Vec<OddsVersion>, StoreError> {
        let rows = self.db.fetch(version_sql!("LIMIT 500"), args![tenant.0]).await?;
        rows.iter().map(version_of).collect()
    }
}

impl WriteTx {
    /// Adds a version; `Changed` where somebody else added that one in the meantime.
    pub async fn odds_insert(&mut self, new: &OddsVersion) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            new.version,
            new.trained_at,
            new.first_day,
            new.last_day,
            new.visits,
            new.met,
            new.at_the_door,
            new.agreed,
            new.body.as_str(),
            new.digest.as_str()
        ];
        let sql = "INSERT INTO odds_model (tenant_id, version, trained_at, first_day, last_day, visits, met, at_the_door, \
                   agreed, body, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                   ON CONFLICT (tenant_id, version) DO NOTHING";
        match self.exec(sql, values).await? {
            1 => Ok(()),
            _ => Err(StoreError::Changed),
        }
    }

    /// Notes how the matters of visits stand that are planned.
    pub async fn scene_insert(&mut self, scenes: &[VisitScene]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let row = |scene: &VisitScene| {
            args![
                tenant,
                scene.visit.0,
                scene.stage.code(),
                scene.amount.code(),
                scene.reached.code()
            ]
        };
        let rows = scenes.iter().map(row).collect();
        let head = "INSERT INTO visit_scene (tenant_id, visit_id, stage, amount, reached)";
        self.insert_many(head, "", rows).await.map(drop)
    }
}
