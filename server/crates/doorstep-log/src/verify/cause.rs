//! Which findings may only follow from a file of this copy that is damaged or missing, and from which.
//!
//! A file that is not the one in the signed list says nothing about the log: a disk, a cable or anybody on the way can have
//! changed it. What is found in it, or because of what it lacks, stays a finding and names that file. Only where the same is
//! found in a sound copy it is evidence. Files that the manifest lists as they are explain nothing: their signer vouches.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, FindingCode as Code, Report, Severity, Trust};
use crate::export::{CASE_PATH, KEYS_PATH, LogName, META_KEY_PATH, OPENINGS_PATH, POLICY_PATH, STAMP_CA_PATH};
use crate::tile::{TILE_WIDTH, TileId};

/// Notes with each finding the damaged file that it may follow from. `damaged` are the listed files that differ from the manifest
/// or are missing; `has_keys` says whether the reader held keys from elsewhere.
pub(super) fn mark(damaged: &BTreeSet<String>, has_keys: bool, trust: &Trust<'_>, report: &mut Report) {
    if damaged.is_empty() {
        return;
    }
    let damage = Damage {
        files: damaged,
        parts: parts_of(damaged),
        has_keys,
        has_policy: trust.policy.is_some(),
        has_authorities: trust.authorities.is_some(),
    };
    for finding in &mut report.findings {
        finding.follows_from = damage.cause(finding).map(str::to_owned);
    }
}

impl Report {
    /// Whether all that is wrong is that files of this copy are damaged, missing or added, and what may follow from that.
    pub fn is_only_damage(&self) -> bool {
        let of_files = |code: Code| matches!(code, Code::FileMissing | Code::FileChanged | Code::FileUnlisted);
        let errors = self.findings.iter().filter(|found| found.severity == Severity::Error);
        let kept = |code: Code| self.findings.iter().filter(|found| found.code == code).count() as u64;
        // Of those that were not kept nobody noted what they follow from.
        let all_kept = self
            .kinds
            .iter()
            .all(|(code, count)| of_files(*code) || *count == kept(*code));
        let mut errors = errors.map(|found| of_files(found.code) || found.follows_from.is_some());
        self.errors > 0 && all_kept && errors.all(|is_excused| is_excused)
    }
}

/// A damaged file that a log is read from.
enum Part<'a> {
    /// The signed head, without which nobody knows how much there is.
    Head(&'a str),
    /// Leaves from this place on.
    Leaves(u64, &'a str),
}

struct Damage<'a> {
    files: &'a BTreeSet<String>,
    /// What each generation of each log is read from.
    parts: BTreeMap<(LogName, u32), Vec<Part<'a>>>,
    has_keys: bool,
    has_policy: bool,
    has_authorities: bool,
}

impl Damage<'_> {
    fn cause(&self, finding: &Finding) -> Option<&str> {
        if is_of_the_copy(finding.code) {
            return None;
        }
        let own = finding.file.as_deref().and_then(|file| self.damaged(file));
        own.or_else(|| self.shared(finding.code))
            .or_else(|| self.beside(finding))
            .or_else(|| self.leaves(finding))
    }

    fn damaged(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Files that the whole export is judged by, where the reader held nothing better.
    fn shared(&self, code: Code) -> Option<&str> {
        let own_keys = (!self.has_keys).then_some(KEYS_PATH);
        let own_policy = (!self.has_policy).then_some(POLICY_PATH);
        let own_authorities = (!self.has_authorities).then_some(STAMP_CA_PATH);
        let paths = match code {
            Code::ManifestSignature | Code::CheckpointBad | Code::SinceUnusable | Code::GenerationBad => {
                [own_keys, None]
            }
            Code::MetaBad => [Some(META_KEY_PATH), None],
            Code::QuorumUnmet | Code::CosignatureBad => [own_policy, None],
            Code::StampBad => [own_keys, own_authorities],
            Code::PayloadMissing => [Some(OPENINGS_PATH), None],
            Code::CaseForeign | Code::CaseGap => [Some(CASE_PATH), None],
            _ => [None, None],
        };
        paths.into_iter().flatten().find_map(|path| self.damaged(path))
    }

    /// The other half of a pair of files.
    fn beside(&self, finding: &Finding) -> Option<&str> {
        let file = finding.file.as_deref()?;
        match finding.code {
            Code::StampBad => self.damaged(&format!("{}.checkpoint", file.strip_suffix(".tsr")?)),
            // The hashes of a bundle's leaves are the tile of the same name.
            Code::LeafChanged => self.damaged(&file.replacen("/tile/entries/", "/tile/0/", 1)),
            _ => None,
        }
    }

    /// Damaged leaves or heads that the finding can come from.
    fn leaves(&self, finding: &Finding) -> Option<&str> {
        let generation = finding.generation;
        // What the list of a case says of gaps is about the log of changes.
        let log = finding
            .log
            .or((finding.code == Code::CaseGap).then_some(LogName::Events));
        let of_log = |(found, _): &(&(LogName, u32), _)| log == Some(found.0);
        let parts = |is_meant: &dyn Fn(u32, &Part<'_>) -> bool| {
            let logs = self.parts.iter().filter(of_log);
            let mut meant = logs.flat_map(|((_, number), parts)| {
                let parts = parts.iter().filter(|part| is_meant(*number, part));
                parts.map(Part::path)
            });
            meant.next()
        };
        match finding.code {
            // They tell of the very file that they name, or of what is not there.
            Code::LeafChanged
            | Code::LeafMalformed
            | Code::CheckpointBad
            | Code::QuorumUnmet
            | Code::CosignatureBad
            | Code::StampBad
            | Code::StampAbsent
            | Code::LogAbsent
            | Code::MetaMissing => None,
            // A proof stands under a head, whatever else is there.
            Code::ProofBad => parts(&|number, part| generation == Some(number) && matches!(part, Part::Head(_))),
            Code::MetaBad => parts(&|_, part| matches!(part, Part::Head(_))),
            // A payload is excused by an erasure, and claimed by a leaf, wherever these stand.
            code if is_of_payloads(code) => self.parts.values().flatten().map(Part::path).next(),
            // Whether a device signed anything here any leaf can tell.
            Code::CaseForeign => parts(&|_, _| true),
            Code::RootMismatch | Code::SizeMismatch | Code::TileMismatch | Code::TileBad => {
                parts(&|number, _| generation == Some(number))
            }
            // A chain, or a tree that was seen, can lack anything that came before.
            _ => parts(&|number, part| match (generation, finding.index, part) {
                (Some(own), ..) if number != own => number < own,
                (_, Some(index), Part::Leaves(from, _)) => *from <= index,
                (_, Some(_), Part::Head(_)) => false,
                (_, None, _) => true,
            }),
        }
    }
}

impl<'a> Part<'a> {
    const fn path(&self) -> &'a str {
        match self {
            Self::Head(path) | Self::Leaves(_, path) => path,
        }
    }
}

/// What is found about the copy itself, or about what the reader gave, follows from nothing in it.
const fn is_of_the_copy(code: Code) -> bool {
    matches!(
        code,
        Code::ManifestMissing
            | Code::ManifestMalformed
            | Code::FolderUnreadable
            | Code::FileMissing
            | Code::FileUnlisted
            | Code::FileChanged
            | Code::KeyFromExport
            | Code::PolicyFromExport
            | Code::StampCaFromExport
            | Code::PolicyKey
            | Code::CaseOnly
            | Code::Stopped
    )
}

const fn is_of_payloads(code: Code) -> bool {
    matches!(
        code,
        Code::PayloadMissing
            | Code::PayloadUnnamed
            | Code::PayloadRepeated
            | Code::PayloadStray
            | Code::PayloadAfterErasure
            | Code::OpeningBad
            | Code::OpeningMismatch
    )
}

fn parts_of(damaged: &BTreeSet<String>) -> BTreeMap<(LogName, u32), Vec<Part<'_>>> {
    let mut parts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for path in damaged {
        if let Some((place, part)) = part_of(path) {
            parts.entry(place).or_default().push(part);
        }
    }
    parts
}

/// What of which generation is in a file.
fn part_of(path: &str) -> Option<((LogName, u32), Part<'_>)> {
    let (name, rest) = path.strip_prefix("proofs/").unwrap_or(path).split_once('/')?;
    let (log, number) = name
        .split_once('-')
        .map_or((name, Some(1)), |(log, number)| (log, number.parse().ok()));
    let log = LogName::ALL.into_iter().find(|one| one.as_str() == log)?;
    let part = if matches!(rest, "checkpoint" | "known") {
        Part::Head(path)
    } else if let Some(place) = rest.strip_prefix("tile/entries/") {
        let tile = TileId::parse(&format!("tile/0/{place}"))?;
        Part::Leaves(tile.index * u64::from(TILE_WIDTH), path)
    } else {
        Part::Leaves(rest.strip_suffix(".tlog-proof")?.parse().ok()?, path)
    };
    Some(((log, number?), part))
}
