//! The sample files beside the checkout.

use std::path::{Path, PathBuf};

/// The folder with case and staff files.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/cases");

/// Where a sample file lies.
pub(crate) fn sample_path(name: &str) -> PathBuf {
    let path = Path::new(CASES).join(name);
    assert!(
        path.is_file(),
        "the sample file {} is missing: the folder `shared` belongs beside this checkout",
        path.display()
    );
    path
}

/// The bytes of a sample file.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(sample_path(name)).unwrap()
}

/// The header of a file in UTF-8 with those of its lines that `keep` takes, counted from 0 below the header.
pub(crate) fn lines_of(bytes: &[u8], keep: impl Fn(usize) -> bool) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut lines = text.split_inclusive('\n');
    let mut kept = lines.next().unwrap_or_default().to_owned();
    for (_, line) in lines.enumerate().filter(|(index, _)| keep(*index)) {
        kept.push_str(line);
    }
    kept.into_bytes()
}

/// The cells of a CSV file in UTF-8, with or without a byte order mark.
pub(crate) fn csv_cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let records = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect());
    records.collect()
}

/// Cells as a CSV file.
pub(crate) fn csv_text(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}
