//! Follows a log through its generations: each later one must say in its first leaf what it continues, and be right.
//!
//! A log that lost entries in a restore is no fault of the export, but whoever reads the report must know: it is a warning
//! that says how many leaves that had been signed are gone.

use super::logs::{LogTrust, Tree, verify_log};
use super::{Content, DetailName, Files, Finding, FindingCode, Report, TenantKeys, continued};
use crate::checkpoint::Checkpoint;
use crate::export::{Continuation, Generation, LogName};
use crate::hash::Hash;
use crate::tree::root_at;

/// The generations of one log that could be read, oldest first.
#[derive(Default)]
pub(super) struct Lineage {
    pub(super) trees: Vec<Tree>,
    /// For each later generation the heads known and left of the one before, as its first leaf says.
    pub(super) losses: Vec<Loss>,
}

/// What was lost between two generations.
pub(super) struct Loss {
    pub(super) known: (u64, Hash),
    pub(super) left: (u64, Hash),
}

impl Loss {
    /// Whether a head may be one of the part that was lost: nobody can check it any more.
    pub(super) fn covers(&self, (size, root): (u64, Hash)) -> bool {
        size > self.left.0 && (size < self.known.0 || (size, root) == self.known)
    }
}

/// Verifies every generation of a log.
pub(super) fn verify_generations(
    log: LogName,
    keys: &TenantKeys,
    trust: &LogTrust<'_>,
    files: &mut Files<'_>,
    content: &mut Content,
    report: &mut Report,
) {
    let mut lineage = Lineage::default();
    let mut generation = Generation::from(log);
    loop {
        content.begin(generation.number);
        let Some(tree) = verify_log(generation, keys, trust, files, content, report) else {
            break;
        };
        let next = files.is_listed(&generation.next().path("checkpoint"));
        // One that ended before anything of it was signed is told of by the one after it.
        if generation.number > 1 && (tree.tiles.size() > 0 || !next) {
            continues(&tree, &mut lineage, (content, (keys, trust.continued)), files, report);
        }
        if generation.number == 1 && log == LogName::Events && tree.tiles.size() == 0 && !files.is_stopped() {
            let message = "the log of changes is empty; every tenant's begins with an entry, so it was cut".to_owned();
            report.add(Finding::error(FindingCode::LogEmpty, message).log(log));
        }
        lineage.trees.push(tree);
        generation = generation.next();
        if files.is_stopped() || !next {
            break;
        }
    }
    report.reading = None;
    unreached(generation, files, report);
    let since = trust.since;
    if let Some(since) = since.filter(|since| super::is_successor(&since.origin, &log.origin(&keys.origin))) {
        compare_since(log, &lineage, since, report);
    }
    if log == LogName::Events && !files.is_stopped() {
        content.compare_seen(&lineage, report);
    }
}

/// What is held against the words of a continuation: what was read, the keys, and the origins that the reader takes.
type Told<'a> = (&'a Content, (&'a TenantKeys, &'a [String]));

/// Compares what a later generation says of the one before with that one. Where that one was never signed, the leaf after
/// the first says what it continued, and so on.
fn continues(tree: &Tree, lineage: &mut Lineage, told: Told<'_>, files: &mut Files<'_>, report: &mut Report) {
    let is_unsigned = |tree: &&Tree| tree.tiles.size() == 0 && tree.generation.number > 1;
    let unsigned = lineage.trees.iter().rev().take_while(is_unsigned).count();
    let pairs = lineage.trees.iter().rev().take(unsigned + 1).zip(0..);
    let mut losses = Vec::new();
    for (before, place) in pairs {
        losses.extend(continuation(tree, (before, place), told, files, report));
    }
    losses.reverse();
    lineage.losses.append(&mut losses);
    for place in unsigned + 1..tree.continues.len() {
        let message = format!("{} says more than once what it continues", tree.generation);
        let finding = Finding::error(FindingCode::GenerationBad, message);
        report.add(finding.leaf(tree.generation.log, place as u64));
    }
}

/// Compares what a leaf says of a generation with that one.
fn continuation(
    tree: &Tree,
    (before, place): (&Tree, u64),
    (content, told): Told<'_>,
    files: &mut Files<'_>,
    report: &mut Report,
) -> Option<Loss> {
    let (id, next) = (tree.generation, before.generation.next());
    let bad = |message: String| {
        let finding = Finding::error(FindingCode::GenerationBad, message);
        finding.file(&id.path("checkpoint")).leaf(id.log, place)
    };
    let Some(found) = tree.continues.get(place as usize) else {
        report.add(bad(format!("{id} does not say which log {next} continues")));
        return None;
    };
    if content.tenant().is_some_and(|tenant| tenant != found.ten) {
        let message = format!("{id} continues a log of another tenant, {}", found.ten);
        report.add(bad(message).detail(DetailName::Tenant, &found.ten));
    }
    let Continuation { known, left, .. } = found;
    let same =
        before.origin == found.origin && (before.tiles.size(), root_at(&before.tiles, left.0)) == (left.0, Ok(left.1));
    // A head that this very tree contains is no other history.
    let contains = found.is_fork() && root_at(&before.tiles, known.0) == Ok(known.1);
    if !same || contains {
        let message = format!(
            "{id} says that {} was continued at {} leaves and root {}, which is not what the export holds of it",
            found.origin, left.0, left.1
        );
        let finding = bad(message).detail(DetailName::Origin, &found.origin);
        report.add(
            finding
                .detail(DetailName::Size, left.0)
                .detail(DetailName::Root, left.1),
        );
    }
    let finding = if found.is_fork() {
        let message = format!(
            "{} was closed and goes on as {next}: another tree of {} leaves with root {} had been signed under its name",
            found.origin, known.0, known.1
        );
        Finding::error(FindingCode::LogForked, message).detail(DetailName::Root, known.1)
    } else {
        let lost = found.lost();
        let message = format!(
            "{} was closed and goes on as {next} ({}): of {} leaves that were signed, {lost} are lost",
            found.origin, found.reason, known.0
        );
        let finding = Finding::warning(FindingCode::LogContinued, message).detail(DetailName::Lost, lost);
        finding.detail(DetailName::Reason, &found.reason)
    };
    let finding = finding.detail(DetailName::Origin, &found.origin);
    report.add(finding.detail(DetailName::Size, known.0).leaf(id.log, place));
    continued::take(
        before.generation,
        &next.origin(&told.0.origin),
        found,
        told,
        files,
        report,
    );
    Some(Loss {
        known: *known,
        left: *left,
    })
}

/// Files of a generation that nothing leads to.
pub(super) fn unreached(next: Generation, files: &Files<'_>, report: &mut Report) {
    let prefix = format!("{}-", next.log);
    // The proofs of a case stand apart, in the same folders.
    let number = |path: &str| {
        let path = path.strip_prefix("proofs/").unwrap_or(path);
        path.strip_prefix(&prefix)?.split('/').next()?.parse::<u32>().ok()
    };
    let mut found: Vec<u32> = files.listed().filter_map(number).collect();
    found.retain(|number| *number >= next.number || *number < 2);
    found.dedup();
    for number in found {
        let message = format!("{prefix}{number} does not follow the generation before it; export again");
        report.add(Finding::error(FindingCode::GenerationBad, message).log(next.log));
    }
}

fn compare_since(log: LogName, lineage: &Lineage, since: &Checkpoint, report: &mut Report) {
    let tree = lineage.trees.iter().find(|tree| tree.origin == since.origin);
    let size = tree.map_or(0, |tree| tree.tiles.size());
    let problem = match tree {
        None => format!(
            "the older checkpoint is of {}, which the export does not hold",
            since.origin
        ),
        Some(_) if since.size > size => format!(
            "the older checkpoint has {} leaves, the export {size}: the log was cut",
            since.size
        ),
        Some(tree) if root_at(&tree.tiles, since.size) == Ok(since.root) => {
            report.against.extended();
            return;
        }
        Some(_) => format!(
            "the first {} leaves are not those of the older checkpoint: history was rewritten",
            since.size
        ),
    };
    let finding = Finding::error(FindingCode::SinceInconsistent, problem).log(log);
    let finding = finding.detail(DetailName::Origin, &since.origin);
    report.add(
        finding
            .detail(DetailName::Size, since.size)
            .detail(DetailName::Read, size),
    );
}
