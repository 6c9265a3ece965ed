//! The rule packs by which a device looks again at a door: those of the program, and those that the server has beside.
//!
//! They come unsigned: the permit is signed and names the digest of all packs, and no others are asked. A pack with rules of a
//! newer kind can have no digest that both sides know; what this program does not understand of it forbids all the same.

use std::sync::{Arc, LazyLock, PoisonError};

use doorstep_domain::plan::PermitReason;
use doorstep_rules::{DoorSentence, Facts, Finding, Kind, PackProblem, PackSet, Rule, evaluate};
use sqlx::sqlite::SqliteConnection;

use crate::db::Tx;
use crate::device::Device;
use crate::error::DeviceError;

/// The packs that come with this program; read once, when a visit first begins.
static PROGRAM: LazyLock<PackSet> = LazyLock::new(PackSet::builtin);

/// The pack of what holds in every field of work and in every country.
const EVERYWHERE: &str = "rights";

/// The packs of one device.
#[derive(Debug, Default)]
pub(crate) struct Packs {
    /// What the server sent, in the order of its ids.
    texts: Vec<String>,
    sent: Sent,
}

/// What became of the packs that the server sent.
#[derive(Debug, Default)]
enum Sent {
    /// It sent none, or one that this program has itself: the server is older.
    #[default]
    Nothing,
    /// With those of the program.
    Read(Box<PackSet>),
    /// This program cannot read them.
    Unreadable,
}

impl Packs {
    fn of(texts: Vec<String>) -> Self {
        if texts.is_empty() {
            return Self::default();
        }
        let files: Vec<(&str, &str)> = texts
            .iter()
            .map(|text| ("a pack of the server", text.as_str()))
            .collect();
        let sent = match PackSet::with(&files) {
            Ok(set) => Sent::Read(Box::new(set)),
            Err(error) => {
                tracing::warn!(%error, "a rule pack of the server cannot be used");
                match error.problem {
                    PackProblem::Twice(_) => Sent::Nothing,
                    _ => Sent::Unreadable,
                }
            }
        };
        Self { texts, sent }
    }

    /// A rule of any of the packs.
    pub(crate) fn rule(&self, id: &str) -> Option<&Rule> {
        let sent = match &self.sent {
            Sent::Read(set) => set.rule(id),
            Sent::Nothing | Sent::Unreadable => None,
        };
        sent.or_else(|| PROGRAM.rule(id)).map(|(_, rule)| rule)
    }

    /// The sentences of packs by their names, `id@version`; without one that is here, what holds at every door.
    pub(crate) fn sentences(&self, names: &[String]) -> Vec<DoorSentence> {
        let set = match &self.sent {
            // It has those of the program too.
            Sent::Read(set) => set.as_ref(),
            Sent::Nothing | Sent::Unreadable => &PROGRAM,
        };
        let named: Vec<DoorSentence> = set.sentences(names).cloned().collect();
        if !named.is_empty() {
            return named;
        }
        let general = PROGRAM.packs().filter(|pack| pack.id == EVERYWHERE);
        general.flat_map(|pack| &pack.sentences).cloned().collect()
    }

    /// Why nothing may be decided by these packs.
    pub(crate) fn doubt(&self) -> Option<PermitReason> {
        matches!(self.sent, Sent::Unreadable).then_some(PermitReason::Packs)
    }

    /// Which of them are asked: those whose digest the permit names. Where this device has others the permit alone decides, and
    /// the rules of newer kinds.
    pub(crate) fn asked(&self, digest: &str) -> Option<Asked<'_>> {
        let whole = |set| Some(Asked { set, only_newer: false });
        match &self.sent {
            Sent::Read(set) if set.digest().as_str() == digest => whole(set.as_ref()),
            _ if PROGRAM.digest().as_str() == digest => whole(&PROGRAM),
            Sent::Read(set) if set.packs().any(|pack| pack.rules.iter().any(is_newer)) => {
                Some(Asked { set, only_newer: true })
            }
            _ => None,
        }
    }
}

/// The packs that are asked at a door.
pub(crate) struct Asked<'a> {
    set: &'a PackSet,
    /// Only the rules that this program does not know count.
    only_newer: bool,
}

impl Asked<'_> {
    /// What forbids.
    pub(crate) fn forbidding(&self, facts: &Facts) -> Vec<Finding> {
        let is_newer = |finding: &Finding| {
            self.set
                .rule(finding.rule.as_str())
                .is_some_and(|(_, rule)| is_newer(rule))
        };
        let mut findings = evaluate(self.set, facts).findings;
        findings.retain(|finding| finding.effect.forbids() && (!self.only_newer || is_newer(finding)));
        findings
    }
}

fn is_newer(rule: &Rule) -> bool {
    matches!(rule.kind, Kind::Unknown(_))
}

impl Device {
    /// The packs that this device holds now; read again only where they changed.
    pub(crate) async fn packs(&self, connection: &mut SqliteConnection) -> Result<Arc<Packs>, DeviceError> {
        let texts: Vec<String> = sqlx::query_scalar("SELECT body FROM rule_pack ORDER BY pack")
            .fetch_all(connection)
            .await?;
        let mut known = self.packs.lock().unwrap_or_else(PoisonError::into_inner);
        if known.texts != texts {
            *known = Arc::new(Packs::of(texts));
        }
        Ok(Arc::clone(&known))
    }
}

/// Keeps a pack of the server.
pub(crate) async fn pack_put(tx: &mut Tx, id: uuid::Uuid, text: &str) -> Result<(), DeviceError> {
    let sql =
        "INSERT INTO rule_pack (pack, body) VALUES ($1, $2) ON CONFLICT (pack) DO UPDATE SET body = excluded.body";
    let query = sqlx::query(sql).bind(id.as_bytes().as_slice()).bind(text);
    query.execute(&mut **tx).await?;
    Ok(())
}
