//! The files of a witness: its key, and for each log the log's key, the newest cosigned note, and refused requests.
//!
//! `witness.key`; `logs/<SHA-256 of the origin>/` with `log.vkey`, `checkpoint` and `refused/*.json`. A file appears whole
//! and on the disk, or not at all. What is remembered is read from the disk for each request and must bear the witness's
//! own signature, so nothing is believed because it lies in the folder. Knows no HTTP.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::cosignature::{CosignatureError, Cosigner, CosignerKey};
use doorstep_log::hash::{base64_decode, base64_encode, sha256};
use doorstep_log::note::{VerifierKey, text_unverified};
use doorstep_log::witness::{AddCheckpoint, WitnessRefusal, Witnessed, claimed_origin, decide, origin_hash};
#[cfg(test)]
use doorstep_store::step::Fault;
use serde::{Deserialize, Serialize};

const KEY_FILE: &str = "witness.key";
const LOGS: &str = "logs";
const LOG_KEY_FILE: &str = "log.vkey";
const CHECKPOINT_FILE: &str = "checkpoint";
const REFUSED: &str = "refused";

/// Refused requests kept for one log; later ones are only answered. The first are the telling ones. Proofs and claims have
/// places of their own each, so that nobody keeps a proof out by filling the folder with claims.
const REFUSALS_MAX: usize = 1_000;

/// Why a witness cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The folder holds a witness already.
    #[error("`{0}` holds a witness already; its key must not be replaced, choose another folder")]
    Exists(PathBuf),
    /// There is no witness in the folder.
    #[error("there is no witness in `{0}`; name its folder, or make one with `doorstep witness init`")]
    Nothing(PathBuf),
    /// The name or the key file cannot be used.
    #[error("the witness's key cannot be used")]
    Key(#[source] CosignatureError),
    /// The key file is not one.
    #[error(
        "`{0}` is no witness's key; put it back from where you keep it, or `doorstep witness init` makes a new witness"
    )]
    KeyFile(PathBuf),
    /// The log is known with another key.
    #[error(
        "the log {0} is known here with another key; a log that changes its key is another log with another origin"
    )]
    OtherKey(String),
    /// A file of the folder says something that it must not say.
    #[error("`{0}` was changed or damaged; the witness cosigns nothing for this log until it is put back")]
    Damaged(PathBuf),
    /// A file cannot be read or written.
    #[error("`{path}` cannot be used; check the rights and the space on the disk")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The address can be reached from elsewhere, and nothing ends TLS.
    #[error(
        "this address can be reached from other machines, but a witness speaks no TLS itself; listen on 127.0.0.1, or put a proxy that ends TLS in front and say --behind-proxy"
    )]
    Open,
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on; choose another with --listen")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// A log that a witness knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLog {
    /// The log's key; its name is the origin.
    pub key: VerifierKey,
    /// What was cosigned last.
    pub latest: Option<Witnessed>,
    /// How many refused requests are kept.
    pub refusals: usize,
}

/// A refused request, with what the log had shown before: the log's key signed both notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The log.
    pub origin: String,
    /// When it was refused, seconds since 1970 UTC.
    pub time_s: u64,
    /// The status of the answer.
    pub status: u16,
    /// What is wrong, in English.
    pub reason: String,
    /// Whether the two notes alone prove two histories. Otherwise the log has to show that the one extends the other.
    pub two_heads: bool,
    /// What the witness had cosigned; empty where nothing.
    pub cosigned: String,
    /// The note that was refused.
    pub refused: String,
    /// The hashes that were to show consistency, base64.
    pub proof: Vec<String>,
}

/// Why a request was not cosigned: the log's fault or the witness's.
#[derive(Debug)]
pub(super) enum NotCosigned {
    Refused(WitnessRefusal),
    Failed(WitnessError),
}

/// The folder, with its key.
pub(super) struct Book {
    folder: PathBuf,
    key: CosignerKey,
    /// Held from reading what is remembered until the next is on the disk.
    deciding: Mutex<()>,
    /// How the next file that is written fails.
    #[cfg(test)]
    pub(super) fails: Mutex<Option<Fault>>,
}

impl Book {
    /// Makes the folder's key.
    pub(super) fn create(folder: &Path, name: &str) -> Result<Cosigner, WitnessError> {
        let path = folder.join(KEY_FILE);
        if path.exists() {
            return Err(WitnessError::Exists(folder.to_owned()));
        }
        let seed = doorstep_store::random_bytes::<32>();
        let key = CosignerKey::from_seed(name, &seed).map_err(WitnessError::Key)?;
        let logs = folder.join(LOGS);
        std::fs::create_dir_all(&logs).map_err(file(&logs))?;
        // The key comes last: a folder without it is no witness.
        write_whole(&path, format!("{name}\n{}\n", base64_encode(&seed)).as_bytes())?;
        Ok(key.cosigner())
    }

    /// Opens a witness's folder.
    pub(super) fn open(folder: &Path) -> Result<Self, WitnessError> {
        let path = folder.join(KEY_FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => WitnessError::Nothing(folder.to_owned()),
            _ => file(&path)(source),
        })?;
        let wrong = || WitnessError::KeyFile(path.clone());
        let (name, rest) = text.split_once('\n').ok_or_else(wrong)?;
        let seed = rest.strip_suffix('\n').and_then(base64_decode);
        let seed: [u8; 32] = seed.and_then(|seed| seed.try_into().ok()).ok_or_else(wrong)?;
        Ok(Self {
            folder: folder.to_owned(),
            key: CosignerKey::from_seed(name, &seed).map_err(WitnessError::Key)?,
            deciding: Mutex::new(()),
            #[cfg(test)]
            fails: Mutex::default(),
        })
    }

    pub(super) fn cosigner(&self) -> Cosigner {
        self.key.cosigner()
    }

    fn deciding(&self) -> MutexGuard<'_, ()> {
        // What a panic left undone is not on the disk, and the disk is all that counts.
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_folder(&self, origin: &str) -> PathBuf {
        self.folder.join(LOGS).join(origin_hash(origin))
    }

    /// Takes up a log; the same key again changes nothing.
    pub(super) fn add_log(&self, log: &VerifierKey) -> Result<(), WitnessError> {
        let _deciding = self.deciding();
        let folder = self.log_folder(log.name());
        match read_log_key(&folder)? {
            Some(known) if known == *log => return Ok(()),
            Some(known) => return Err(WitnessError::OtherKey(known.name().to_owned())),
            None => {}
        }
        std::fs::create_dir_all(&folder).map_err(file(&folder))?;
        sync_folder(&self.folder.join(LOGS))?;
        write_whole(&folder.join(LOG_KEY_FILE), format!("{log}\n").as_bytes())
    }

    /// All logs, by origin.
    pub(super) fn logs(&self) -> Result<Vec<KnownLog>, WitnessError> {
        let mut logs = Vec::new();
        for folder in entries(&self.folder.join(LOGS))? {
            let Some(key) = read_log_key(&folder)? else { continue };
            logs.push(KnownLog {
                latest: self.latest(&folder, &key)?,
                refusals: entries(&folder.join(REFUSED))?.len(),
                key,
            });
        }
        logs.sort_unstable_by(|left, right| left.key.name().cmp(right.key.name()));
        Ok(logs)
    }

    /// What is kept against logs.
    pub(super) fn refusals(&self) -> Result<Vec<Evidence>, WitnessError> {
        let mut all = Vec::new();
        for log in entries(&self.folder.join(LOGS))? {
            for path in entries(&log.join(REFUSED))? {
                let bytes = std::fs::read(&path).map_err(file(&path))?;
                let evidence: Evidence =
                    serde_json::from_slice(&bytes).map_err(|_| WitnessError::Damaged(path.clone()))?;
                all.push(evidence);
            }
        }
        all.sort_by(|left, right| (&left.origin, left.time_s).cmp(&(&right.origin, right.time_s)));
        Ok(all)
    }

    fn latest(&self, folder: &Path, log: &VerifierKey) -> Result<Option<Witnessed>, WitnessError> {
        let path = folder.join(CHECKPOINT_FILE);
        let Some(note) = read_if_there(&path)? else {
            return Ok(None);
        };
        match Witnessed::open(&note, log, &self.cosigner()) {
            Ok(latest) => Ok(Some(latest)),
            Err(_) => Err(WitnessError::Damaged(path)),
        }
    }

    /// The newest cosigned note of the log whose origin has this hash; for monitors.
    pub(super) fn checkpoint(&self, hash: &str) -> Result<Option<Vec<u8>>, WitnessError> {
        let is_hash = hash.len() == 64 && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hash {
            return Ok(None);
        }
        read_if_there(&self.folder.join(LOGS).join(hash).join(CHECKPOINT_FILE))
    }

    /// Decides about a request. The new state is on the disk before this gives back the cosignature line.
    pub(super) fn add_checkpoint(&self, body: &[u8], now_s: u64) -> Result<String, NotCosigned> {
        let request = AddCheckpoint::parse(body).map_err(|error| NotCosigned::Refused(error.into()))?;
        let origin = claimed_origin(&request).map_err(NotCosigned::Refused)?;
        let folder = self.log_folder(&origin);
        let _deciding = self.deciding();
        let log = read_log_key(&folder).map_err(NotCosigned::Failed)?;
        let log = log.ok_or(NotCosigned::Refused(WitnessRefusal::UnknownLog(origin)))?;
        let latest = self.latest(&folder, &log).map_err(NotCosigned::Failed)?;
        match decide(&request, &log, latest.as_ref(), &self.key, now_s) {
            Ok(accepted) => {
                let path = folder.join(CHECKPOINT_FILE);
                self.write(&path, &accepted.witnessed.note)
                    .map_err(NotCosigned::Failed)?;
                Ok(accepted.line)
            }
            Err(refusal) => {
                if refusal.is_evidence() {
                    let evidence = evidence(&request, &log, latest.as_ref(), &refusal, now_s);
                    self.keep(&folder, &evidence).map_err(NotCosigned::Failed)?;
                }
                Err(NotCosigned::Refused(refusal))
            }
        }
    }

    /// Keeps a refused request, once for each refused tree.
    fn keep(&self, log_folder: &Path, evidence: &Evidence) -> Result<(), WitnessError> {
        let folder = log_folder.join(REFUSED);
        let text = text_unverified(evidence.refused.as_bytes()).unwrap_or_default();
        let size = Checkpoint::parse(text).map_or(0, |checkpoint| checkpoint.size);
        let kind = if evidence.two_heads {
            "two-heads"
        } else {
            "inconsistent"
        };
        let path = folder.join(format!(
            "{size:020}-{kind}-{}.json",
            &sha256(text.as_bytes()).to_hex()[..16]
        ));
        let mark = format!("-{kind}-");
        let is_same_kind = |path: &&PathBuf| path.to_string_lossy().contains(&mark);
        if path.exists() || entries(&folder)?.iter().filter(is_same_kind).count() >= REFUSALS_MAX {
            return Ok(());
        }
        std::fs::create_dir_all(&folder).map_err(file(&folder))?;
        sync_folder(log_folder)?;
        let json = serde_json::to_vec_pretty(evidence).map_err(|error| file(&path)(error.into()))?;
        self.write(&path, &json)
    }

    /// Writes what must be on the disk before the answer.
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "tests make a write fail"))]
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), WitnessError> {
        #[cfg(test)]
        if let Some(fault) = self.fails.lock().unwrap_or_else(PoisonError::into_inner).take() {
            if fault == Fault::Done {
                write_whole(path, bytes)?;
            }
            return Err(file(path)(std::io::Error::other("a test made it fail")));
        }
        write_whole(path, bytes)
    }
}

fn evidence(
    request: &AddCheckpoint,
    log: &VerifierKey,
    latest: Option<&Witnessed>,
    refusal: &WitnessRefusal,
    now_s: u64,
) -> Evidence {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Evidence {
        origin: log.name().to_owned(),
        time_s: now_s,
        status: refusal.status(),
        reason: refusal.to_string(),
        two_heads: refusal.is_proof(),
        cosigned: latest.map(|latest| text(&latest.note)).unwrap_or_default(),
        refused: text(&request.checkpoint),
        proof: request.proof.iter().map(|hash| hash.to_base64()).collect(),
    }
}

fn read_log_key(folder: &Path) -> Result<Option<VerifierKey>, WitnessError> {
    let path = folder.join(LOG_KEY_FILE);
    let Some(bytes) = read_if_there(&path)? else {
        return Ok(None);
    };
    let line = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    match line.and_then(|line| VerifierKey::parse(line).ok()) {
        Some(key) => Ok(Some(key)),
        None => Err(WitnessError::Damaged(path)),
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, WitnessError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file(path)(error)),
    }
}

/// What lies in a folder, in the order of names; nothing where the folder is not there.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, WitnessError> {
    let found = match std::fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(file(folder)(error)),
    };
    let paths: std::io::Result<Vec<PathBuf>> = found.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(file(folder))?;
    // What a crash left of a file that was being written.
    paths.retain(|path| {
        !path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
    });
    paths.sort_unstable();
    Ok(paths)
}

/// Writes a file whole and on the disk, or not at all: readable to its owner only.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), WitnessError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map_err(file(path))?;
    sync_folder(folder)
}

/// Has the system write down which files a folder holds.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), WitnessError> {
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(file(folder))
}

#[cfg(not(unix))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "the same signature everywhere; folders cannot be synced here"
)]
fn sync_folder(_: &Path) -> Result<(), WitnessError> {
    Ok(())
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> WitnessError {
    let path = path.to_owned();
    move |source| WitnessError::File { path, source }
}
