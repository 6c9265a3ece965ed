//! The export of one case: which leaves belong to it, and the file that says what was left out.
//!
//! Layout: `proofs/<log>/<index>.tlog-proof` with the leaf in `extra`, `<log>/checkpoint`, the same under `<log>-2/` and
//! on where a log was continued, `case.json`, and
//! `keys/`, `payloads/`, `openings.jsonl` and `MANIFEST` as in a whole export. Nothing in it may name another
//! person or case: which leaves may be in is decided here alone, for the writer and for the verifier.

use std::collections::BTreeMap;

use super::writer::{WriteError, Writer};
use super::{CASE_PATH, Generation, LogName};
use crate::canonical::{self, Value};
use crate::checkpoint::Checkpoint;
use crate::hash::empty_root;
use crate::leaf::{
    DEVICE_ENROLLED, DEVICE_LOST, DEVICE_REVOKED, Header, Leaf, LeafError, PARTNER_ADDED, PARTNER_REMOVED,
};
use crate::proof::Proof;

/// Kinds that make the keys of devices, and of partners on them, known or end them.
const OF_DEVICES: [&str; 5] = [
    DEVICE_ENROLLED,
    DEVICE_REVOKED,
    DEVICE_LOST,
    PARTNER_ADDED,
    PARTNER_REMOVED,
];

/// What `case.json` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseAbout {
    /// Alias of the case.
    pub case: String,
    /// Alias of its person.
    pub subj: String,
    /// Aliases of its visits, in order, each once.
    pub visits: Vec<String>,
    /// Events of its devices up to the checkpoint that concern other matters, as the operator states under its signature.
    pub gaps: Vec<ChainGap>,
    /// Leaves that name this person beside others and are therefore left out, per log in the order of
    /// [`LogName::ALL`].
    pub left_out: [u64; 2],
}

/// Consecutive events of a device that are not in the export.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainGap {
    /// Device.
    pub dev: String,
    /// Number of the first.
    pub from: u64,
    /// Number of the last.
    pub to: u64,
}

/// What a leaf is to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// It is about the case and names nobody else.
    Case,
    /// It makes the key of a device, or of a partner on it, known or ends it, and names no person.
    Device,
    /// An entry of the server that names the person beside others.
    Shared,
    /// It is about something else.
    Other,
}

impl CaseAbout {
    /// What `leaf` is to this case.
    pub fn belongs(&self, leaf: &Leaf) -> Belongs {
        match leaf {
            // Whom a device names beside the visit changes nothing: it happened at this door, or it did not.
            Leaf::Device(event) => match event.header() {
                Ok(Header { visit: Some(visit), .. }) if self.visits.contains(&visit) => Belongs::Case,
                Ok(header) => self.judge(header.visit.as_deref(), &header.subj, None),
                Err(_) => Belongs::Other,
            },
            Leaf::Server(entry) if OF_DEVICES.contains(&entry.t.as_str()) => Belongs::Device,
            Leaf::Server(entry) => {
                let case = entry.detail.get("case").and_then(Value::as_text);
                self.judge(entry.visit.as_deref(), &entry.subj, case)
            }
        }
    }

    /// A visit or case that a leaf names decides; what names neither belongs to whom it names.
    fn judge(&self, visit: Option<&str>, subj: &[String], case: Option<&str>) -> Belongs {
        let own = |alias: &String| *alias == self.subj || *alias == self.case;
        let visited = visit.is_some_and(|visit| self.visits.iter().any(|own| own == visit));
        let elsewhere = visit.is_some() && !visited || case.is_some_and(|case| case != self.case);
        let named = visited || case.is_some() || subj.iter().any(own);
        match (elsewhere || !named, subj.iter().all(own)) {
            (true, _) => Belongs::Other,
            (false, true) => Belongs::Case,
            (false, false) => Belongs::Shared,
        }
    }

    /// The file's bytes: canonical JSON.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        let number = |number: u64| {
            i64::try_from(number)
                .map(Value::Integer)
                .map_err(|_| LeafError::Wrong("number"))
        };
        let mut gaps = Vec::new();
        for gap in &self.gaps {
            gaps.push(object([
                ("dev", Value::from(gap.dev.as_str())),
                ("from", number(gap.from)?),
                ("to", number(gap.to)?),
            ]));
        }
        let mut left_out = BTreeMap::new();
        for (log, count) in LogName::ALL.iter().zip(self.left_out) {
            left_out.insert(log.as_str().to_owned(), number(count)?);
        }
        let visits = self.visits.iter().map(|visit| Value::from(visit.as_str()));
        let about = object([
            ("case", Value::from(self.case.as_str())),
            ("gaps", Value::Array(gaps)),
            ("left_out", Value::Object(left_out)),
            ("subj", Value::from(self.subj.as_str())),
            ("visits", Value::Array(visits.collect())),
        ]);
        Ok(canonical::encode(&about)?)
    }

    /// Reads [`CaseAbout::encode`] back; refuses every other text.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let value = canonical::decode(bytes)?;
        let text = |value: &Value, name: &'static str| {
            member(value, name)?
                .as_text()
                .map(str::to_owned)
                .ok_or(LeafError::Wrong(name))
        };
        let number = |value: &Value, name: &'static str| {
            let number = member(value, name)?.as_integer();
            number
                .and_then(|number| u64::try_from(number).ok())
                .ok_or(LeafError::Wrong(name))
        };
        let list = |name: &'static str| member(&value, name)?.as_array().ok_or(LeafError::Wrong(name));
        let gap = |gap: &Value| {
            Ok::<_, LeafError>(ChainGap {
                dev: text(gap, "dev")?,
                from: number(gap, "from")?,
                to: number(gap, "to")?,
            })
        };
        let visit = |visit: &Value| visit.as_text().map(str::to_owned).ok_or(LeafError::Wrong("visits"));
        let left_out = member(&value, "left_out")?;
        let about = Self {
            case: text(&value, "case")?,
            subj: text(&value, "subj")?,
            visits: list("visits")?.iter().map(visit).collect::<Result<_, _>>()?,
            gaps: list("gaps")?.iter().map(gap).collect::<Result<_, _>>()?,
            left_out: [number(left_out, "events")?, number(left_out, "access")?],
        };
        // What is read must be all there is: members that the format does not know would be somebody's to hide in.
        if about.encode()? == bytes {
            Ok(about)
        } else {
            Err(LeafError::Wrong("case"))
        }
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

fn member<'a>(value: &'a Value, name: &'static str) -> Result<&'a Value, LeafError> {
    let members = value.as_object().ok_or(LeafError::Wrong(name))?;
    members.get(name).ok_or(LeafError::Missing(name))
}

/// Path of the proof of one leaf.
pub fn proof_path(log: Generation, index: u64) -> String {
    format!("proofs/{log}/{index}.tlog-proof")
}

impl<F, E> Writer<'_, F>
where
    F: FnMut(&str, &[u8]) -> Result<(), E>,
{
    /// Adds one leaf of a case with its proof, which must lead to the published checkpoint of its generation.
    pub fn proof(&mut self, log: impl Into<Generation>, leaf: &[u8], proof: Proof) -> Result<(), WriteError<E>> {
        let log = log.into();
        let (index, key) = (proof.index, self.keys().generation(log)?.verifier());
        proof.verify(leaf, &[key]).map_err(|source| WriteError::Proof {
            log: log.log,
            index,
            source,
        })?;
        let whole = Proof {
            extra: Some(leaf.to_vec()),
            ..proof
        };
        self.file(&proof_path(log, index), &whole.encode())
    }

    /// Writes what is left of the export of a case: what it is about, checkpoints, keys, openings and last the
    /// manifest, which says that this is no whole log. `published` are the checkpoints of every generation of
    /// both logs; where there is none that of an empty log is signed. Gives back the number of files.
    pub fn finish_case(
        mut self,
        about: &CaseAbout,
        published: &[(Generation, Option<&[u8]>)],
    ) -> Result<usize, WriteError<E>> {
        for (log, note) in published {
            let signed = match note {
                Some(note) => note.to_vec(),
                None => self.empty_checkpoint(*log)?,
            };
            self.file(&log.path("checkpoint"), &signed)?;
        }
        self.file(CASE_PATH, &about.encode()?)?;
        self.seal()
    }

    fn empty_checkpoint(&self, log: Generation) -> Result<Vec<u8>, WriteError<E>> {
        let key = self.keys().generation(log)?;
        let empty = Checkpoint {
            origin: key.name().to_owned(),
            size: 0,
            root: empty_root(),
        };
        empty
            .sign(&[&key])
            .map_err(|source| WriteError::Checkpoint { log: log.log, source })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::leaf::ServerEntry;

    fn about() -> CaseAbout {
        CaseAbout {
            case: "c".to_owned(),
            subj: "p".to_owned(),
            visits: vec!["v1".to_owned(), "v2".to_owned()],
            gaps: vec![ChainGap {
                dev: "d".to_owned(),
                from: 1,
                to: 4,
            }],
            left_out: [3, 0],
        }
    }

    #[test]
    fn what_it_is_about_has_one_encoding() {
        let bytes = about().encode().unwrap();
        assert_eq!(CaseAbout::decode(&bytes), Ok(about()));
        let text = String::from_utf8(bytes).unwrap();
        for changed in [
            text.replace("\"p\"", "\"p\",\"x\":1"),
            text.replace("\"from\":1", "\"from\":-1"),
            text.replace("\"to\":4", "\"to\":4,\"why\":\"x\""),
            text.replace("\"events\":3", "\"events\":\"3\""),
            text.replace("\"subj\":\"p\",", ""),
            format!("{text}\n"),
        ] {
            assert!(CaseAbout::decode(changed.as_bytes()).is_err(), "{changed}");
        }
    }

    #[test]
    fn a_visit_decides_whose_an_event_of_a_device_is() {
        let event = |visit: Option<&str>, subj: &[&str]| {
            let header = Header {
                dev: "d".to_owned(),
                dseq: 1,
                prev: crate::hash::ZERO,
                eid: "e".to_owned(),
                kind: "visit.note".to_owned(),
                visit: visit.map(str::to_owned),
                subj: subj.iter().map(|alias| (*alias).to_owned()).collect(),
                wall_ms: 0,
                mono_ms: 0,
                boot: "b".to_owned(),
                tz_min: 0,
                loc_q: None,
                rules: None,
                app: "a".to_owned(),
                cp: None,
                pc: None,
                att: Vec::new(),
                extra: BTreeMap::new(),
            };
            about().belongs(&Leaf::Device(crate::leaf::DeviceEvent {
                ten: "t".to_owned(),
                seq_hint: 0,
                recv_ms: 0,
                hdr: header.encode().unwrap(),
                kid: "k".to_owned(),
                alg: crate::leaf::Algorithm::Ed25519,
                sig: vec![0; 64],
            }))
        };
        assert_eq!(event(Some("v1"), &["p"]), Belongs::Case);
        assert_eq!(event(Some("v1"), &[]), Belongs::Case);
        assert_eq!(
            event(Some("v1"), &["p", "q"]),
            Belongs::Case,
            "nobody is kept out by naming another"
        );
        assert_eq!(event(Some("v1"), &["q"]), Belongs::Case);
        assert_eq!(event(Some("v3"), &["p"]), Belongs::Other);
        assert_eq!(event(None, &["p"]), Belongs::Case);
        assert_eq!(event(None, &["q"]), Belongs::Other);
    }

    #[test]
    fn a_leaf_belongs_only_where_it_names_nobody_else() {
        let leaf = |t: &str, visit: Option<&str>, subj: &[&str], case: Option<&str>| {
            about().belongs(&Leaf::Server(ServerEntry {
                t: t.to_owned(),
                visit: visit.map(str::to_owned),
                subj: subj.iter().map(|alias| (*alias).to_owned()).collect(),
                detail: case
                    .map(|case| ("case".to_owned(), Value::from(case)))
                    .into_iter()
                    .collect(),
                ..ServerEntry::default()
            }))
        };
        assert_eq!(leaf("x", Some("v2"), &[], None), Belongs::Case);
        assert_eq!(leaf("x", None, &["p"], None), Belongs::Case);
        assert_eq!(leaf("x", None, &["p"], Some("c")), Belongs::Case);
        assert_eq!(leaf("x", None, &[], Some("c")), Belongs::Case);
        assert_eq!(leaf("x", None, &["p", "q"], None), Belongs::Shared);
        assert_eq!(leaf("x", Some("v1"), &["q"], None), Belongs::Shared);
        assert_eq!(leaf("x", None, &["p"], Some("c2")), Belongs::Other);
        assert_eq!(leaf("x", Some("v3"), &["p"], None), Belongs::Other);
        assert_eq!(leaf("x", None, &["q"], None), Belongs::Other);
        assert_eq!(leaf("x", None, &[], None), Belongs::Other);
        assert_eq!(leaf(DEVICE_ENROLLED, None, &[], None), Belongs::Device);
    }
}
