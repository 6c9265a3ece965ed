//! The first pass over all rows (which numbers occur how often, where most places lie, which day the file speaks of)
//! and the judgement of a single row with that knowledge.

use super::error::FileError;
use super::header::Columns;
use super::import_file::is_footer;
use super::options::ReadOptions;
use super::outcome::{RowOutcome, gravest};
use super::record::Record;
use super::row::{Draft, FileFacts, RowKind, RowReader};
use doorstep_domain::import::{RowReason, RowResult};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Places beyond this many do not move the middle; bounds memory.
const PLACES_MAX: usize = 20_000;
/// With fewer places there is no middle to speak of.
const PLACES_MIN: usize = 5;
/// A swapped point must come this near to the middle, in 1e-7 degrees (1°).
const NEAR_E7: i64 = 10_000_000;
/// A place farther than this from the middle gets a remark, in 1e-7 degrees (10°).
const FAR_E7: i64 = 100_000_000;
/// Lines that are named when a number occurs more than once.
const LINES_NAMED_MAX: usize = 10;

/// Half of a SHA-256: enough to tell rows apart, and half the memory.
type Key = [u8; 16];

struct Seen {
    content: Key,
    line: u64,
    more: Option<Box<More>>,
}

/// Only for numbers that occur more than once.
struct More {
    lines: Vec<u64>,
    differs: bool,
}

/// What the first pass found.
pub(super) struct Scan {
    numbers: HashMap<Key, Seen>,
    facts: FileFacts,
}

impl Scan {
    pub(super) const fn facts(&self) -> FileFacts {
        self.facts
    }
}

fn half(hash: [u8; 32]) -> Key {
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

fn key_of<Row>(draft: &Draft<Row>) -> Key {
    let mut hash = Sha256::new();
    hash.update((draft.portfolio.len() as u64).to_le_bytes());
    hash.update(draft.portfolio.as_bytes());
    hash.update(draft.number.as_bytes());
    half(hash.finalize().into())
}

/// Reads a row on its own; `None` where its fields do not fit the header.
fn draft_of<K: RowKind>(columns: &Columns, options: &ReadOptions, record: &Record) -> Option<Draft<K::Row>> {
    let extra = record.cells.get(columns.len()..).unwrap_or_default();
    let fits = record.cells.len() >= columns.len() && extra.iter().all(|cell| cell.trim().is_empty());
    if !fits || is_footer(columns, record) {
        return None;
    }
    let mut reader = RowReader::new(columns, options, record);
    let mut draft = K::read(&mut reader);
    reader.finish(&mut draft);
    Some(draft)
}

/// The first pass.
pub(super) fn scan<K: RowKind>(
    columns: &Columns,
    options: &ReadOptions,
    mut next: impl FnMut() -> Result<Option<Record>, FileError>,
) -> Result<Scan, FileError> {
    let mut numbers: HashMap<Key, Seen> = HashMap::new();
    let mut places: Vec<(i64, i64)> = Vec::new();
    let mut days: HashMap<Date, u64> = HashMap::new();
    while let Some(record) = next()? {
        let Some(draft) = draft_of::<K>(columns, options, &record) else {
            continue;
        };
        if let Some(given) = draft.given.filter(|_| places.len() < PLACES_MAX) {
            places.push(given);
        }
        if let Some(day) = draft.file_day {
            *days.entry(day).or_default() += 1;
        }
        if !draft.number.is_empty() {
            remember(&mut numbers, &draft, record.line);
        }
    }
    let usual_day = days
        .into_iter()
        .max_by_key(|(day, rows)| (*rows, *day))
        .map(|(day, _)| day);
    let file_day = options.file_day.or(usual_day).unwrap_or_else(|| day_of(options.as_of));
    let middle = middle(&mut places);
    Ok(Scan {
        numbers,
        facts: FileFacts { file_day, middle },
    })
}

fn remember<Row>(numbers: &mut HashMap<Key, Seen>, draft: &Draft<Row>, line: u64) {
    let content = half(draft.content_hash);
    let Some(seen) = numbers.get_mut(&key_of(draft)) else {
        numbers.insert(
            key_of(draft),
            Seen {
                content,
                line,
                more: None,
            },
        );
        return;
    };
    let first = seen.line;
    let more = seen.more.get_or_insert_with(|| {
        Box::new(More {
            lines: vec![first],
            differs: false,
        })
    });
    more.differs |= content != seen.content;
    if more.lines.len() <= LINES_NAMED_MAX {
        more.lines.push(line);
    }
}

fn day_of(instant: doorstep_domain::measure::Micros) -> Date {
    let timestamp = jiff::Timestamp::from_microsecond(instant.get()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn middle(places: &mut [(i64, i64)]) -> Option<(i64, i64)> {
    if places.len() < PLACES_MIN {
        return None;
    }
    let at = places.len() / 2;
    let lat = places.select_nth_unstable_by_key(at, |place| place.0).1.0;
    let lon = places.select_nth_unstable_by_key(at, |place| place.1).1.1;
    Some((lat, lon))
}

/// The outcome of one row.
pub(super) fn judge<K: RowKind>(
    columns: &Columns,
    options: &ReadOptions,
    scan: &Scan,
    record: Record,
) -> RowOutcome<K::Row> {
    let Some(mut draft) = draft_of::<K>(columns, options, &record) else {
        return misfit(columns, record);
    };
    check_place(&mut draft, scan.facts.middle);
    K::settle(&mut draft, &scan.facts);
    let mut same_number_lines = Vec::new();
    if let Some(seen) = scan.numbers.get(&key_of(&draft))
        && let Some(more) = seen.more.as_deref()
    {
        same_number_lines.extend(more.lines.iter().copied().filter(|line| *line != record.line));
        if more.differs {
            draft.reasons.push(RowReason::NumberConflict);
        } else if seen.line != record.line {
            draft.reasons.push(RowReason::AlreadyThere);
        }
    }
    let result = gravest(&draft.reasons);
    let taken = matches!(result, RowResult::Accept | RowResult::Warn | RowResult::Hold);
    RowOutcome {
        line: record.line,
        number: draft.number,
        portfolio: draft.portfolio,
        // A row is only built from what could be read, so a taken row always has one; without it, it goes back.
        result: if taken && draft.row.is_none() {
            RowResult::Reject
        } else {
            result
        },
        reasons: draft.reasons,
        at: draft.at,
        row: draft.row.filter(|_| taken),
        same_number_lines,
        cells: record.cells,
    }
}

fn misfit<Row>(columns: &Columns, record: Record) -> RowOutcome<Row> {
    let reason = if is_footer(columns, &record) {
        RowReason::NotARow
    } else {
        RowReason::FieldCount
    };
    let number = [super::field::Field::CaseNo, super::field::Field::StaffNo]
        .iter()
        .map(|field| columns.cell(*field, &record).trim())
        .find(|number| !number.is_empty() && reason == RowReason::FieldCount);
    RowOutcome {
        line: record.line,
        number: number.unwrap_or("").to_owned(),
        portfolio: String::new(),
        result: RowResult::Reject,
        reasons: vec![reason],
        at: Vec::new(),
        row: None,
        same_number_lines: Vec::new(),
        cells: record.cells,
    }
}

/// Latitude and longitude look swapped where the point is far from the file's middle and its mirror image is near.
fn check_place<Row>(draft: &mut Draft<Row>, middle: Option<(i64, i64)>) {
    let (Some((lat, lon)), Some(middle)) = (draft.given, middle) else {
        return;
    };
    let within = |lat: i64, lon: i64, limit: i64| (lat - middle.0).abs() <= limit && (lon - middle.1).abs() <= limit;
    if !within(lat, lon, NEAR_E7) && within(lon, lat, NEAR_E7) {
        draft
            .reasons
            .retain(|reason| *reason != RowReason::CoordinateOutOfRange);
        draft.reasons.push(RowReason::CoordinatesSwapped);
    } else if !within(lat, lon, FAR_E7) && !draft.reasons.contains(&RowReason::CoordinateOutOfRange) {
        draft.reasons.push(RowReason::CoordinatesFarAway);
    }
}
