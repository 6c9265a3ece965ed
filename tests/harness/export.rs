//! An export of the logs in memory, so that a story can read, alter and verify it.

use std::collections::BTreeMap;
use std::path::Path;

use doorstep_log::leaf::Leaf;
use doorstep_log::note::VerifierKey;
use doorstep_log::stamp::Authorities;
use doorstep_log::verify::{Report, Trust, verify_export, verify_export_watched};

/// The files of an export by their paths.
#[derive(Debug, Clone)]
pub(crate) struct ExportInMemory {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// The keys, as whoever exported got them.
    keys: Vec<VerifierKey>,
}

impl ExportInMemory {
    /// Reads a folder; `keys` holds one verifying key a line.
    pub(crate) fn read(folder: &Path, keys: &str) -> Self {
        let mut files = BTreeMap::new();
        walk(folder, folder, &mut files);
        Self::of(files, keys)
    }

    /// Files that came another way.
    pub(crate) fn of(files: BTreeMap<String, Vec<u8>>, keys: &str) -> Self {
        let keys = keys.lines().map(|line| VerifierKey::parse(line).unwrap()).collect();
        Self { files, keys }
    }

    /// What a stranger who holds the keys finds.
    pub(crate) fn verify(&self) -> Report {
        verify_export(&self.files, Some(&self.keys), None)
    }

    /// What a stranger finds who also holds an older checkpoint.
    pub(crate) fn verify_since(&self, checkpoint: &[u8]) -> Report {
        verify_export(&self.files, Some(&self.keys), Some(checkpoint))
    }

    /// What a stranger finds who also holds the certificate of the time-stamp authority.
    pub(crate) fn verify_stamped(&self, authorities: &Authorities) -> Report {
        let trust = Trust {
            keys: Some(&self.keys),
            authorities: Some(authorities),
            ..Trust::default()
        };
        verify_export_watched(&self.files, &trust, &mut |_| true)
    }

    /// Verifies it and fails with all findings where it does not hold.
    pub(crate) fn holds(&self) -> Report {
        let report = self.verify();
        assert!(report.ok, "the export does not verify: {:#?}", report.findings);
        report
    }

    /// The bytes of all leaves of both logs.
    pub(crate) fn leaves(&self) -> Vec<Vec<u8>> {
        self.leaves_in(|path| path.contains("/tile/entries/"))
    }

    /// The bytes of the leaves in some files, in the order of the files.
    pub(crate) fn leaves_in(&self, wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
        let bundles = self.files.iter().filter(|(path, _)| wanted(path));
        bundles.flat_map(|(_, bytes)| entries_of(bytes)).collect()
    }

    /// Everything that a reader of both logs sees as text: leaves, and the headers that devices signed.
    pub(crate) fn log_text(&self) -> String {
        let mut text = String::new();
        for leaf in self.leaves() {
            text.push_str(std::str::from_utf8(&leaf).unwrap());
            if let Leaf::Device(event) = Leaf::decode(&leaf).unwrap() {
                text.push_str(std::str::from_utf8(&event.header().unwrap().encode().unwrap()).unwrap());
            }
        }
        text
    }

    /// The kinds of all entries and events, in the order of the files.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let leaves = self.leaves();
        let kind = |leaf: &Vec<u8>| match Leaf::decode(leaf).unwrap() {
            Leaf::Server(entry) => entry.t,
            Leaf::Device(event) => event.header().unwrap().kind,
        };
        leaves.iter().map(kind).collect()
    }

    /// How many entries or events are of this kind.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.kinds().iter().filter(|found| *found == kind).count()
    }
}

/// The entries of a bundle: each begins with its length in two bytes.
fn entries_of(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut entries) = (bytes, Vec::new());
    while let [high, low, tail @ ..] = rest {
        let (entry, after) = tail.split_at(usize::from(*high) << 8 | usize::from(*low));
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}
