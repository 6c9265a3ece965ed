//! The lines of the list of files, in order of path, without holding them all: beyond a number of them they wait in a spool,
//! in runs that are ordered each, and are merged when they are handed out.
//!
//! A line waits as `<path> <hash> <bytes>`: a space is less than every character of a path, so lines are ordered as paths are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::ManifestFile;
use super::writer::WriteError;

/// Lines that are held in memory at most, some three megabytes of them.
pub(super) const LINES_MAX: usize = 16_384;
/// Bytes of a run that are read at once.
const READ_BYTES: u64 = 16 * 1024;

/// Where lines wait: a file of its own, which nobody else reads or writes and which goes when it is closed. In memory
/// (`Cursor<Vec<u8>>`) for what is known to be small.
pub trait Spool: Read + Write + Seek + Send {}

impl<S: Read + Write + Seek + Send> Spool for S {}

/// The lines of the list of files.
pub(super) struct Lines {
    spool: Box<dyn Spool>,
    /// Those that are in no run yet; at most [`LINES_MAX`].
    fresh: BTreeMap<String, ManifestFile>,
    /// Where each run ends in the spool; it begins where the one before it ends.
    ends: Vec<u64>,
    count: usize,
}

impl Lines {
    pub(super) fn new(spool: impl Spool + 'static) -> Self {
        Self {
            spool: Box::new(spool),
            fresh: BTreeMap::new(),
            ends: Vec::new(),
            count: 0,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether a path is among those in memory; one that is in a run already is found by [`Lines::each`].
    pub(super) fn holds(&self, path: &str) -> bool {
        self.fresh.contains_key(path)
    }

    /// Adds a line.
    pub(super) fn add(&mut self, path: &str, file: ManifestFile) -> io::Result<()> {
        self.fresh.insert(path.to_owned(), file);
        self.count += 1;
        if self.fresh.len() < LINES_MAX {
            return Ok(());
        }
        self.spill()
    }

    /// Hands out all lines, each `<hash> <bytes> <path>` with its newline, in order of path. May be called again.
    pub(super) fn each<E>(
        &mut self,
        mut take: impl FnMut(&str) -> Result<(), WriteError<E>>,
    ) -> Result<(), WriteError<E>> {
        if !self.fresh.is_empty() {
            self.spill()?;
        }
        let mut runs: Vec<Run> = Vec::with_capacity(self.ends.len());
        for end in &self.ends {
            let at = runs.last().map_or(0, |before| before.end);
            runs.push(Run::new(at, *end));
        }
        let mut heads = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next(&mut self.spool)?.map(|line| Reverse((line, number))));
        }
        let mut last = None;
        while let Some(Reverse((line, number))) = heads.pop() {
            let (path, rest) = line.split_once(' ').unwrap_or((&line, ""));
            if last.as_deref() == Some(path) {
                return Err(WriteError::Path(path.to_owned()));
            }
            take(&format!("{rest} {path}\n"))?;
            last = Some(path.to_owned());
            heads.extend(runs[number].next(&mut self.spool)?.map(|line| Reverse((line, number))));
        }
        Ok(())
    }

    /// Puts what is in memory away as a run.
    fn spill(&mut self) -> io::Result<()> {
        let mut run = String::new();
        for (path, file) in std::mem::take(&mut self.fresh) {
            run.extend([&path, " ", &file.to_string(), "\n"]);
        }
        let at = self.spool.seek(SeekFrom::End(0))?;
        self.spool.write_all(run.as_bytes())?;
        self.ends.push(at + run.len() as u64);
        Ok(())
    }
}

/// A run that is read.
struct Run {
    /// Where the rest of it begins that is not read yet.
    at: u64,
    end: u64,
    /// What is read of it, and how much of that was handed out.
    held: Vec<u8>,
    given: usize,
}

impl Run {
    const fn new(at: u64, end: u64) -> Self {
        Self {
            at,
            end,
            held: Vec::new(),
            given: 0,
        }
    }

    /// The next line without its newline.
    fn next(&mut self, spool: &mut Box<dyn Spool>) -> io::Result<Option<String>> {
        loop {
            let rest = &self.held[self.given..];
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let line = std::str::from_utf8(&rest[..length]).map_err(|_| io::ErrorKind::InvalidData)?;
                self.given += length + 1;
                return Ok(Some(line.to_owned()));
            }
            if self.at == self.end {
                return Ok(None);
            }
            self.held.drain(..self.given);
            self.given = 0;
            let (start, more) = (self.held.len(), READ_BYTES.min(self.end - self.at));
            self.held.resize(start + more as usize, 0);
            spool.seek(SeekFrom::Start(self.at))?;
            spool.read_exact(&mut self.held[start..])?;
            self.at += more;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::hash::sha256;
    use std::io::Cursor;

    /// Paths in no order: `number` is turned within 65,537, so none comes twice.
    fn path(number: usize) -> String {
        format!("payloads/{:05}.sealed", number * 40_503 % 65_537)
    }

    fn file(path: &str) -> ManifestFile {
        ManifestFile {
            hash: sha256(path.as_bytes()),
            size: path.len() as u64,
        }
    }

    #[test]
    fn lines_are_ordered_and_at_most_a_run_of_them_is_held() {
        let count = 2 * LINES_MAX + 5;
        let (mut lines, mut all) = (Lines::new(Cursor::new(Vec::new())), BTreeMap::new());
        for number in 0..count {
            let path = path(number);
            lines.add(&path, file(&path)).unwrap();
            assert!(lines.fresh.len() < LINES_MAX, "after line {number}");
            all.insert(path.clone(), file(&path));
        }
        assert_eq!((lines.count(), lines.ends.len()), (count, 2));
        let expected: Vec<String> = all.iter().map(|(path, file)| format!("{file} {path}\n")).collect();
        // It is handed out as often as it is asked for.
        for _ in 0..2 {
            let mut found = Vec::new();
            lines
                .each::<()>(|line| {
                    found.push(line.to_owned());
                    Ok(())
                })
                .unwrap();
            assert!(found == expected, "lines are lost or out of order");
        }
    }

    #[test]
    fn a_path_that_comes_again_in_another_run_is_refused() {
        let mut lines = Lines::new(Cursor::new(Vec::new()));
        for number in 0..LINES_MAX {
            let path = path(number);
            lines.add(&path, file(&path)).unwrap();
        }
        assert!(!lines.holds(&path(7)));
        lines.add(&path(7), file("another")).unwrap();
        let again = lines.each::<()>(|_| Ok(()));
        assert!(matches!(again, Err(WriteError::Path(found)) if found == path(7)));
    }
}
