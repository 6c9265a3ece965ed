//! Exporting one case: its leaves, each with its own proof, its payloads, and the keys of the devices that signed.
//!
//! Nothing of another person goes out, whoever lives behind the same door: what a leaf names decides, and a leaf that
//! names several persons stays behind and is counted.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use doorstep_domain::id::{CaseId, EventId, PersonId, StaffId, TenantId};
use doorstep_domain::read::{FieldClass, OutsidePurpose, Purpose, ReadChannel};
use doorstep_log::chain::WithheldEvent;
use doorstep_log::export::{
    Belongs, CaseAbout, ChainGap, ExportKeys, Generation, LogName as ExportLog, Opening as Opened, WriteError, Writer,
};
use doorstep_log::leaf::Leaf;
use doorstep_store::StoreError;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entries, EntryKind, LogName, ServerEntry};
use doorstep_store::generation::LogGeneration;
use doorstep_store::grant::{GrantRequest, ReadGrant, Reader};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use uuid::Uuid;

use super::{ExportError, PAGE, failed, leave_unsigned, name_of, note_of, refuse_full, spool, write_file};
use crate::App;
use crate::actor::Actor;
use crate::case::in_scope;
use crate::error::AppError;
use crate::log::LogAltered;
use crate::policy::{self, Action};
use crate::reads::purpose_of;

/// Proofs that are made at once, from tiles that are read together: some megabytes of them at most.
const PROOFS_AT_ONCE: usize = 256;

/// Which case, and whether its payloads are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseOrder {
    /// The case.
    pub case: CaseId,
    /// Why its payloads are opened; `None`: they stay sealed.
    pub open: Option<Purpose>,
}

/// What was exported of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseExport {
    /// Its leaves in the events log, with those of its devices' keys.
    pub events: u64,
    /// Its leaves in the access log.
    pub access: u64,
    /// Leaves that name other persons too and are left out.
    pub left_out: u64,
    /// Sealed payloads.
    pub payloads: u64,
    /// Payloads in the clear.
    pub opened: u64,
    /// Files written.
    pub files: u64,
    /// The verifying keys, one a line.
    pub keys: String,
}

impl CaseOrder {
    /// An order as it was asked for. Only purposes for which a file is read out are taken.
    pub fn asked(case: Uuid, open: Option<&str>) -> Result<Self, AppError> {
        let purposes = [Purpose::Audit, Purpose::Case, Purpose::Review];
        let known = |code: &str| purposes.into_iter().find(|purpose| purpose.code() == code);
        let open = match open {
            None => None,
            Some(code) => Some(known(code).ok_or_else(|| {
                let detail = "Payloads are opened for `audit`, `case` or `review`. Name one of them.";
                AppError::at(ProblemCode::BadRequest, "open", detail)
            })?),
        };
        Ok(Self {
            case: CaseId(case),
            open,
        })
    }
}

/// Who exports.
struct Exporter {
    tenant: TenantId,
    reader: Reader,
    /// Why the person is opened, where they are outside the exporter's caseload.
    outside: Option<OutsidePurpose>,
    /// How the export itself is entered.
    kind: EntryKind,
}

impl App {
    /// Exports a case in the caller's scope. To open payloads outside the caller's caseload needs a purpose.
    pub async fn export_own_case(
        &self,
        actor: &Actor,
        order: CaseOrder,
        opening: &Opening,
        target: &Path,
    ) -> Result<CaseExport, ExportError> {
        policy::check(actor, Action::SeeLog)?;
        policy::check(actor, Action::SeeCases)?;
        let found = self.store().case_get_many(actor.tenant, &[order.case.0]).await?.pop();
        let view = found.filter(|view| in_scope(view, &policy::scope(actor)));
        let view = view.ok_or_else(no_such_case)?;
        let outside = match order.open {
            Some(_) => purpose_of(actor, &view, opening)?,
            None => None,
        };
        let exporter = Exporter {
            tenant: actor.tenant,
            reader: actor.reader(),
            outside,
            kind: EntryKind::Export,
        };
        self.export_case_view(exporter, &view, order.open, target).await
    }

    /// Exports a case of any scope. Only for commands that hold the data folder.
    pub async fn export_case_log(
        &self,
        tenant: TenantId,
        order: CaseOrder,
        target: &Path,
    ) -> Result<CaseExport, ExportError> {
        let view = self.store().case_get_many(tenant, &[order.case.0]).await?.pop();
        let exporter = Exporter {
            tenant,
            reader: Reader {
                staff: StaffId(Uuid::nil()),
                by: By::PROGRAM,
                role: None,
                channel: ReadChannel::Program,
            },
            outside: None,
            kind: EntryKind::FolderOpened,
        };
        self.export_case_view(exporter, &view.ok_or_else(no_such_case)?, order.open, target)
            .await
    }

    async fn export_case_view(
        &self,
        exporter: Exporter,
        view: &CaseView,
        open: Option<Purpose>,
        target: &Path,
    ) -> Result<CaseExport, ExportError> {
        refuse_full(target)?;
        let (tenant, now) = (exporter.tenant, self.now());
        let grant = self.grant_for(&exporter, view, open).await?;
        let entry = ServerEntry::new(exporter.kind, exporter.reader.by)
            .about(view.person_alias)
            .reason("case");
        let entry = entry
            .with("case", view.case.alias.to_string())
            .with("opened", i64::from(open.is_some()));
        self.store()
            .write(tenant, now)
            .await?
            .commit(Entries::one(entry))
            .await?;
        for log in ExportLog::ALL {
            self.place_now(tenant, name_of(log)).await?;
        }
        let keys = self.export_keys(tenant).await?;
        let mut chosen = self.choose(tenant, view).await?;
        let writer = Writer::of_case(&keys, now.millis(), spool(target)?, |path: &str, bytes: &[u8]| {
            write_file(target, path, bytes)
        });
        self.write_case((tenant, &keys), view, &mut chosen, (writer, grant.as_ref()))
            .await
    }

    async fn grant_for(
        &self,
        exporter: &Exporter,
        view: &CaseView,
        open: Option<Purpose>,
    ) -> Result<Option<ReadGrant>, ExportError> {
        let Some(purpose) = open else { return Ok(None) };
        // What leaves as a file cannot be called back, so its read must get its place in the log.
        let halt = self
            .store()
            .log_guard(exporter.tenant, LogName::Access, self.now())
            .await?;
        if let Some(halt) = halt {
            return Err(StoreError::Halted(halt).into());
        }
        let request = GrantRequest {
            reader: exporter.reader,
            purpose,
            classes: &[FieldClass::Identity, FieldClass::Words],
            outside: exporter.outside,
            persons: vec![(view.case.person, view.person_alias)],
            plan: None,
        };
        Ok(Some(self.store().grant(exporter.tenant, request, self.now()).await?))
    }

    /// Looks through both logs for what belongs to a case.
    async fn choose(&self, tenant: TenantId, view: &CaseView) -> Result<Chosen, ExportError> {
        let visits = self.store().visit_of_cases(tenant, &[view.case.id.0]).await?;
        let mut visits: Vec<String> = visits.iter().map(|visit| visit.alias.to_string()).collect();
        visits.sort_unstable();
        let mut chosen = Chosen {
            about: CaseAbout {
                case: view.case.alias.to_string(),
                subj: view.person_alias.to_string(),
                visits,
                ..CaseAbout::default()
            },
            ..Chosen::default()
        };
        for (log, name) in ExportLog::ALL.into_iter().enumerate() {
            let mut generations = self.store().log_ended(tenant, name_of(name)).await?;
            let head = self.head_to_export(tenant, name_of(name)).await?;
            generations.retain(|ended| ended.generation < head.generation);
            generations.push(LogGeneration::present(tenant, name_of(name), &head));
            leave_unsigned(&mut generations);
            for (number, generation) in generations.iter().enumerate() {
                let mut from = 0;
                while from < generation.size {
                    let span = (from, PAGE.min(generation.size - from));
                    let leaves = self.store().generation_leaves(generation, span).await?;
                    for (index, leaf) in (from..).zip(leaves) {
                        chosen.take(log, (number, index), leaf);
                    }
                    from += span.1;
                }
            }
            chosen.generations[log] = generations;
        }
        chosen.keep_signers();
        // A payload to which two leaves lead is one file.
        let mut seen = HashSet::new();
        chosen.payloads.retain(|event| seen.insert(*event));
        Ok(chosen)
    }

    async fn write_case<F>(
        &self,
        (tenant, keys): (TenantId, &ExportKeys),
        view: &CaseView,
        chosen: &mut Chosen,
        (mut writer, grant): (Writer<'_, F>, Option<&ReadGrant>),
    ) -> Result<CaseExport, ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        for (log, name) in ExportLog::ALL.into_iter().enumerate() {
            let leaves = std::mem::take(&mut chosen.leaves[log]);
            let mut left = leaves.as_slice();
            for (number, generation) in chosen.generations[log].iter().enumerate() {
                let count = left.partition_point(|((at, _), _)| *at == number);
                let (own, later) = left.split_at(count);
                for some in own.chunks(PROOFS_AT_ONCE) {
                    self.prove(&mut writer, (generation_of(name, generation), generation), some)
                        .await?;
                }
                left = later;
            }
        }
        let (mut payloads, mut opened) = (0, 0);
        for some in chosen.payloads.chunks(PAGE as usize) {
            for (event, subject, sealed) in self.store().payload_get_many(tenant, some).await? {
                writer.payload(&event.to_string(), &sealed).map_err(failed)?;
                payloads += 1;
                let opening = opening_of(grant, (view.case.person, subject), event.0, &sealed)?;
                if let Some(opening) = opening {
                    writer.opening(&opening).map_err(failed)?;
                    opened += 1;
                }
            }
        }
        self.export_policy(&mut writer)?;
        let files = writer.finish_case(&chosen.about, &chosen.published()).map_err(failed)?;
        Ok(CaseExport {
            events: chosen.counts[0],
            access: chosen.counts[1],
            left_out: chosen.about.left_out.iter().sum(),
            payloads,
            opened,
            files: files as u64,
            keys: keys.vkey_lines(),
        })
    }
}

impl App {
    /// Writes leaves of one generation, each with its proof.
    async fn prove<F>(
        &self,
        writer: &mut Writer<'_, F>,
        (into, generation): (Generation, &LogGeneration),
        leaves: &[(Place, Vec<u8>)],
    ) -> Result<(), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        let indices: Vec<u64> = leaves.iter().map(|((_, index), _)| *index).collect();
        let proofs = self.store().generation_proofs(generation, &indices).await?;
        for (((_, index), leaf), proof) in leaves.iter().zip(proofs) {
            let altered = || LogAltered {
                origin: generation.origin.clone(),
                index: Some(*index),
            };
            let proof = proof.ok_or_else(altered)?;
            writer.proof(into, leaf, proof).map_err(|error| match error {
                WriteError::Proof { .. } => altered().into(),
                other => failed(other),
            })?;
        }
        Ok(())
    }
}

/// The payload in the clear, where it is the person's own and may be opened. What the office wrote stays sealed under the
/// key of whoever wrote it.
fn opening_of(
    grant: Option<&ReadGrant>,
    (person, subject): (PersonId, PersonId),
    event: Uuid,
    sealed: &[u8],
) -> Result<Option<Opened>, ExportError> {
    let Some(grant) = grant.filter(|_| person == subject) else {
        return Ok(None);
    };
    match grant.open(person, EventId(event), sealed) {
        Ok(opened) => Ok(Some(Opened {
            eid: event.to_string(),
            salt: opened.salt,
            payload: opened.payload,
        })),
        Err(StoreError::Erased) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn no_such_case() -> AppError {
    AppError::refuse(
        ProblemCode::NotFound,
        "There is no such case in your scope. Look for it with `doorstep case list`.",
    )
}

const fn generation_of(log: ExportLog, found: &LogGeneration) -> Generation {
    Generation {
        log,
        number: found.generation,
    }
}

/// The device and number of the event that a leaf is, or stands for.
fn place_in_chain(leaf: &Leaf) -> Option<(String, u64)> {
    match leaf {
        Leaf::Device(event) => event.header().ok().map(|header| (header.dev, header.dseq)),
        Leaf::Server(entry) => {
            let withheld = WithheldEvent::from_entry(entry)?.ok()?;
            Some((withheld.dev, withheld.dseq))
        }
    }
}

/// Where a leaf stands: in which of the generations of its log, and its number there.
type Place = (usize, u64);

/// What belongs to a case, from both logs.
#[derive(Default)]
struct Chosen {
    about: CaseAbout,
    /// Per log, oldest first.
    generations: [Vec<LogGeneration>; 2],
    /// Per log, in its order.
    leaves: [Vec<(Place, Vec<u8>)>; 2],
    /// How many of them.
    counts: [u64; 2],
    payloads: Vec<Uuid>,
    /// Leaves about the keys of devices, whether or not they signed anything here.
    devices: Vec<(String, Place, Vec<u8>)>,
    /// The last number in the case of each device that signed here.
    signers: BTreeMap<String, u64>,
    /// The last number in the log of every device.
    newest: BTreeMap<String, u64>,
}

impl Chosen {
    /// The checkpoints that the proofs lead to.
    fn published(&self) -> Vec<(Generation, Option<&[u8]>)> {
        let logs = ExportLog::ALL.into_iter().zip(&self.generations);
        let each = logs.flat_map(|(log, found)| found.iter().map(move |found| (log, found)));
        each.map(|(log, found)| (generation_of(log, found), note_of(&found.note)))
            .collect()
    }

    fn take(&mut self, log: usize, place: Place, bytes: Vec<u8>) {
        let Ok(leaf) = Leaf::decode(&bytes) else { return };
        let placed = place_in_chain(&leaf);
        if let Some((dev, dseq)) = placed.clone() {
            self.newest.insert(dev, dseq);
        }
        match self.about.belongs(&leaf) {
            Belongs::Case => {}
            Belongs::Device => {
                if let Leaf::Server(entry) = leaf {
                    let dev = entry.detail.get("dev").and_then(|dev| dev.as_text());
                    self.devices.push((dev.unwrap_or_default().to_owned(), place, bytes));
                }
                return;
            }
            Belongs::Shared => {
                self.about.left_out[log] += 1;
                return;
            }
            Belongs::Other => return,
        }
        if let Some((dev, dseq)) = placed {
            self.follow(dev, dseq);
        }
        let payload = match leaf {
            Leaf::Server(entry) => entry.pc.and(entry.eid),
            Leaf::Device(event) => event.header().ok().and_then(|header| header.pc.map(|_| header.eid)),
        };
        self.payloads.extend(payload.and_then(|eid| eid.parse::<Uuid>().ok()));
        self.leaves[log].push((place, bytes));
    }

    /// Notes the numbers between this event of a device and the one before it in the case: they concern other matters, or
    /// they would be here.
    fn follow(&mut self, dev: String, dseq: u64) {
        let last = self.signers.insert(dev.clone(), dseq).unwrap_or(0);
        self.gap(dev, last + 1, dseq.saturating_sub(1));
    }

    fn gap(&mut self, dev: String, from: u64, to: u64) {
        if from <= to {
            self.about.gaps.push(ChainGap { dev, from, to });
        }
    }

    /// Adds the keys of the devices that signed, and accounts for what they did after the case; of others nothing goes out.
    fn keep_signers(&mut self) {
        for (dev, last) in self.signers.clone() {
            let newest = self.newest.get(&dev).copied().unwrap_or(last);
            self.gap(dev, last + 1, newest);
        }
        let devices = std::mem::take(&mut self.devices);
        let signed = devices.into_iter().filter(|(dev, ..)| self.signers.contains_key(dev));
        self.leaves[0].extend(signed.map(|(_, place, bytes)| (place, bytes)));
        self.leaves[0].sort_unstable();
        self.counts = [self.leaves[0].len() as u64, self.leaves[1].len() as u64];
    }
}
