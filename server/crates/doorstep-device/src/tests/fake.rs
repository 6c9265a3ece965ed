//! A server in memory: verifies what devices send, keeps each event once, and loses messages when told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use doorstep_domain::words::Lang;
use doorstep_log::canonical;
use doorstep_log::chain::{ChainError, ChainHead, verify_header};
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::device_key::DeviceKey;
use doorstep_log::hash::{Hash, base64url_decode, leaf_hash, sha256};
use doorstep_log::leaf::{Algorithm, Header, Leaf, ServerEntry, commitment};
use doorstep_log::note::{self, SigningKey};
use doorstep_log::tree::{MemoryTiles, consistency_proof, root_at};
use doorstep_wire::Page;
use doorstep_wire::device::{AddPartner, Enrol, Enrolled, PartnerItem, RenewSession, RenewedSession, renewal_text};
use doorstep_wire::problem::{Problem, ProblemCode};
use doorstep_wire::read::ReadItem;
use doorstep_wire::session::Me;
use doorstep_wire::sync::{
    Acknowledgement, Limits, Payload, Permit, PermitKey, PullAnswer, PullOp, PushAnswer, PushEvent, PushRequest,
    PushResult,
};
use uuid::Uuid;

use super::{HOUR, NOON, door, permit};
use crate::{Answer, BoxFuture, Request, Transport, TransportError, Waited};

pub(super) const TENANT: Uuid = Uuid::from_u128(0x7e);
pub(super) const DEVICE: Uuid = Uuid::from_u128(0xde);
pub(super) const TOKEN: &str = "session-token";
const LIMITS: Limits = Limits {
    max_events: 3,
    max_bytes: 256 * 1024,
    next_poll_s: 30,
};

/// What happens to the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    LoseRequest,
    LoseAnswer,
    /// The answer breaks off in the middle.
    CutAnswer,
    /// Something on the way sends the request twice; the second answer arrives.
    Twice,
    /// The answer to the request of the same path before arrives in its place.
    OldAnswer,
}

/// How the server forges acknowledgements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forgery {
    None,
    OtherKey,
    OtherDevice,
    OtherHead,
}

pub(super) struct FakeServer(Mutex<State>);

struct State {
    device_key: Option<DeviceKey>,
    token: &'static str,
    events: BTreeMap<u64, Vec<u8>>,
    head: ChainHead,
    pulls: VecDeque<PullAnswer>,
    asked: Vec<Option<String>>,
    continued: Vec<String>,
    log: Option<(u64, History)>,
    proof: Proof,
    bad_note: Option<String>,
    revoked: bool,
    sizes: Vec<Option<u64>>,
    fault: Fault,
    forgery: Forgery,
    refusal: Option<ProblemCode>,
    quarantine: Option<u64>,
    pushes: Vec<usize>,
    heard: Vec<String>,
    answered: BTreeMap<String, Answer>,
    partner: Option<String>,
    recv_ms: i64,
    reads: Vec<u8>,
}

impl FakeServer {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            device_key: None,
            token: TOKEN,
            events: BTreeMap::new(),
            head: ChainHead::default(),
            pulls: VecDeque::new(),
            asked: Vec::new(),
            continued: Vec::new(),
            log: None,
            proof: Proof::Right,
            bad_note: None,
            revoked: false,
            sizes: Vec::new(),
            fault: Fault::None,
            forgery: Forgery::None,
            refusal: None,
            quarantine: None,
            pushes: Vec::new(),
            heard: Vec::new(),
            answered: BTreeMap::new(),
            partner: None,
            recv_ms: 0,
            reads: Vec::new(),
        }))
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }

    /// Answers the next pull with this; the last answer is repeated without its operations.
    pub(super) fn offer(&self, answer: PullAnswer) {
        self.with(|state| state.pulls.push_back(answer));
    }

    pub(super) fn set_fault(&self, fault: Fault) {
        self.with(|state| state.fault = fault);
    }

    pub(super) fn forge(&self, forgery: Forgery) {
        self.with(|state| state.forgery = forgery);
    }

    pub(super) fn refuse(&self, code: Option<ProblemCode>) {
        self.with(|state| state.refusal = code);
    }

    /// Ends the session: from now on only another token counts, as after a restored backup.
    pub(super) fn end_session(&self) {
        self.with(|state| state.token = "another-token");
    }

    pub(super) fn quarantine(&self, dseq: u64) {
        self.with(|state| state.quarantine = Some(dseq));
    }

    /// From now on the log has so many leaves of a history, proven rightly.
    pub(super) fn publish(&self, size: u64, history: History) {
        self.with(|state| {
            state.log = Some((size, history));
            state.proof = Proof::Right;
            state.bad_note = None;
        });
    }

    /// Proves it in another way.
    pub(super) fn prove(&self, proof: Proof) {
        self.with(|state| state.proof = proof);
    }

    /// Answers with this in the place of a checkpoint.
    pub(super) fn publish_note(&self, note: String) {
        self.with(|state| state.bad_note = Some(note));
    }

    /// Who looked at the owner, from now on.
    pub(super) fn tell_reads(&self, page: &Page<ReadItem>) {
        self.with(|state| state.reads = serde_json::to_vec(page).unwrap());
    }

    /// Takes what comes, and says that the device was revoked.
    pub(super) fn revoke(&self) {
        self.with(|state| state.revoked = true);
    }

    /// Sets the time of acknowledgements back.
    pub(super) fn turn_back(&self) {
        self.with(|state| state.recv_ms = -1_000);
    }

    /// With which sizes was pulled.
    pub(super) fn sizes(&self) -> Vec<Option<u64>> {
        self.with(|state| state.sizes.clone())
    }

    /// Answers with the checkpoint of another log, and with what should lead there.
    pub(super) fn proceed(&self, checkpoint: String, continued: Vec<String>) {
        self.with(|state| {
            state.bad_note = Some(checkpoint);
            state.continued = continued;
        });
    }

    /// Forgets everything after `dseq`, as a restored backup does.
    pub(super) fn lose_after(&self, dseq: u64) {
        self.with(|state| {
            state.events.retain(|number, _| *number <= dseq);
            let hash = state
                .events
                .get(&dseq)
                .map_or(ChainHead::default().hash, |hdr| sha256(hdr));
            state.head = ChainHead { dseq, hash };
        });
    }

    /// Kinds of the stored events in their order.
    pub(super) fn kinds(&self) -> Vec<String> {
        self.with(|state| {
            state
                .events
                .values()
                .map(|hdr| Header::decode(hdr).unwrap().kind)
                .collect()
        })
    }

    /// How many events each push had.
    pub(super) fn pushes(&self) -> Vec<usize> {
        self.with(|state| state.pushes.clone())
    }

    /// Kinds of all events as they came, again and again where they came again.
    pub(super) fn heard(&self) -> Vec<String> {
        self.with(|state| state.heard.clone())
    }

    /// The key that a partner registered, as a permit lists it.
    pub(super) fn partner_key(&self) -> PermitKey {
        PermitKey {
            kid: "lent/1".to_owned(),
            alg: "Ed25519".to_owned(),
            key: self.with(|state| state.partner.clone()).unwrap(),
            dev: Some(DEVICE),
        }
    }

    /// With which cursors was pulled.
    pub(super) fn asked(&self) -> Vec<Option<String>> {
        self.with(|state| state.asked.clone())
    }
}

impl Transport for FakeServer {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Answer, TransportError>> {
        let answer = self.with(|state| {
            let fault = std::mem::replace(&mut state.fault, Fault::None);
            if fault == Fault::LoseRequest {
                return Err(TransportError::Unreachable(None));
            }
            if fault == Fault::Twice {
                state.answer(&request);
            }
            let mut answer = state.answer(&request);
            let before = state.answered.insert(request.path.to_string(), answer.clone());
            match fault {
                Fault::LoseAnswer => return Err(TransportError::TimedOut),
                Fault::CutAnswer => answer.body.truncate(answer.body.len() / 2),
                Fault::OldAnswer => answer = before.unwrap_or(answer),
                _ => {}
            }
            Ok(answer)
        });
        Box::pin(async move { answer })
    }

    fn wait(&self, _: Request, _: Duration) -> BoxFuture<'_, Result<Waited, TransportError>> {
        let has_news = self.with(|state| !state.pulls.is_empty());
        Box::pin(async move {
            if has_news {
                Ok(Waited::Event(None))
            } else {
                Err(TransportError::TimedOut)
            }
        })
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        if let Some(code) = self.refusal {
            let body = serde_json::to_vec(&Problem::new(code, "as the test says")).unwrap();
            return Answer {
                status: code.status(),
                body,
            };
        }
        if request.path == "/v1/device-sessions" {
            return self.renew(request);
        }
        if request.path != "/v1/devices" && request.token.as_deref() != Some(self.token) {
            let body = serde_json::to_vec(&Problem::new(ProblemCode::NotSignedIn, "the session is over")).unwrap();
            return Answer { status: 401, body };
        }
        let body = match &*request.path {
            "/v1/devices" => self.enrol(request),
            "/v1/sync/pull" => self.pull(request),
            "/v1/sync/push" => self.push(request),
            "/v1/staff/me/reads" => {
                let limit = request.query.iter().find(|(name, _)| *name == "limit");
                assert_eq!(limit.map(|(_, value)| value.as_str()), Some("200"));
                self.reads.clone()
            }
            path if path.ends_with("/partners") => self.add_partner(request),
            path if path.ends_with(&format!("/partners/{}", Uuid::from_u128(0x6000))) => Vec::new(),
            path if path.starts_with("/v1/staff/me/quality-checks") => Self::checks(request),
            other => panic!("{other} is no path of the sync"),
        };
        Answer { status: 200, body }
    }

    /// The key of staff 2 on the device.
    fn add_partner(&mut self, request: &Request) -> Vec<u8> {
        let body: AddPartner = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        assert_eq!((body.login.as_str(), body.password.as_str()), ("F02", "of the partner"));
        self.partner = Some(body.public_key);
        let item = PartnerItem {
            id: Uuid::from_u128(0x6000),
            staff: Uuid::from_u128(2),
            kid: "lent/1".to_owned(),
            added_at: NOON,
        };
        serde_json::to_vec(&item).unwrap()
    }

    /// What was found about one's own visit: the list, one in the caller's language, and that with the appeal.
    fn checks(request: &Request) -> Vec<u8> {
        let mut check = serde_json::json!({"id": Uuid::nil(), "visit": Uuid::nil(), "case": Uuid::nil(), "staff": "F01",
            "week": "2026-W47", "started_at": null, "because": "sample", "state": "scored", "drawn_at": 1,
            "zone": "Europe/Lisbon"});
        if !request.path.ends_with("quality-checks") {
            for name in ["sheet", "flags", "notes", "hits"] {
                check[name] = serde_json::json!([]);
            }
            check["outcome"] = request.language.map(Lang::code).into();
            check["matter"] = serde_json::Value::Null;
            if let Some(body) = &request.body {
                let said: serde_json::Value = serde_json::from_slice(body).unwrap();
                check["appeal"] = said["words"].clone();
                check["state"] = "appealed".into();
            }
            return serde_json::to_vec(&check).unwrap();
        }
        serde_json::to_vec(&serde_json::json!({"items": [check], "next": null})).unwrap()
    }

    /// Opens a new session for a device whose signature holds.
    fn renew(&mut self, request: &Request) -> Answer {
        assert_eq!(request.token, None);
        let body: RenewSession = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        let text = renewal_text(body.tenant, body.device, body.sent_wall_ms);
        let sig = base64url_decode(&body.sig).unwrap();
        let holds = verify_header(self.key(), text.as_bytes(), &sig).is_ok();
        assert!(holds && (body.tenant, body.device) == (TENANT, DEVICE));
        let renewed = RenewedSession {
            token: self.token.to_owned(),
            expires: 0,
        };
        Answer {
            status: 201,
            body: serde_json::to_vec(&renewed).unwrap(),
        }
    }

    fn enrol(&mut self, request: &Request) -> Vec<u8> {
        let body: Enrol = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        let alg = Algorithm::from_name(body.alg.unwrap_or_else(|| "Ed25519".to_owned()));
        self.device_key = DeviceKey::parse(&alg, &base64url_decode(&body.public_key).unwrap());
        assert!(self.device_key.is_some(), "{alg:?}");
        let me = Me {
            tenant: body.tenant,
            staff: Uuid::from_u128(1),
            role: "field".to_owned(),
            team: None,
            agency: None,
        };
        let enrolled = Enrolled {
            device: DEVICE,
            kid: "kid-1".to_owned(),
            token: TOKEN.to_owned(),
            expires: NOON + 1_000 * HOUR,
            permit_key: permit_key().verifier().to_string(),
            log_key: log_key().verifier().to_string(),
            me,
        };
        serde_json::to_vec(&enrolled).unwrap()
    }

    fn pull(&mut self, request: &Request) -> Vec<u8> {
        self.asked.push(
            request
                .query
                .iter()
                .find(|(name, _)| *name == "cursor")
                .map(|(_, value)| value.clone()),
        );
        let size = request.query.iter().find(|(name, _)| *name == "size");
        let size: Option<u64> = size.map(|(_, size)| size.parse().unwrap());
        self.sizes.push(size);
        let mut answer = self.pulls.pop_front().unwrap_or_else(|| pull_of(&[]));
        answer.continued.clone_from(&self.continued);
        answer.checkpoint = self.checkpoint();
        answer.consistency = self.consistency(size.unwrap_or(0));
        answer.acknowledgement = self.acknowledgement();
        serde_json::to_vec(&answer).unwrap()
    }

    fn push(&mut self, request: &Request) -> Vec<u8> {
        let body: PushRequest = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        self.recv_ms += 1;
        self.pushes.push(body.events.len());
        let results = body.events.iter().map(|event| {
            let hdr = base64url_decode(&event.hdr).unwrap();
            assert_eq!(event.alg, self.key().algorithm().name());
            verify_header(self.key(), &hdr, &base64url_decode(&event.sig).unwrap()).unwrap();
            check_payload(event, &Header::decode(&hdr).unwrap());
            self.take(hdr)
        });
        let results = results.collect();
        let answer = PushAnswer {
            results,
            acknowledgement: self.acknowledgement(),
            continued: self.continued.clone(),
            checkpoint: self.checkpoint(),
            limits: LIMITS,
            revoked: self.revoked,
        };
        serde_json::to_vec(&answer).unwrap()
    }

    fn key(&self) -> &DeviceKey {
        self.device_key.as_ref().unwrap()
    }

    fn checkpoint(&self) -> String {
        let honest = self.log.map(|(size, history)| checkpoint(size, history));
        self.bad_note.clone().or(honest).unwrap_or_default()
    }

    fn consistency(&self, known: u64) -> Vec<String> {
        // A log that was continued has one leaf here, which nothing comes before.
        if !self.continued.is_empty() {
            return Vec::new();
        }
        let Some((size, history)) = self.log.filter(|(size, _)| (1..*size).contains(&known)) else {
            return Vec::new();
        };
        let mut proof = consistency_proof(&history.tiles(size), known, size).unwrap();
        match self.proof {
            Proof::Right => {}
            Proof::Missing => proof.clear(),
            Proof::Bent => proof[0].0[0] ^= 1,
            Proof::TooLong => proof.push(sha256(b"more")),
            Proof::Garbled => return vec!["not a hash".to_owned()],
        }
        proof.into_iter().map(Hash::to_base64).collect()
    }

    fn take(&mut self, hdr: Vec<u8>) -> PushResult {
        let header = Header::decode(&hdr).unwrap();
        self.heard.push(header.kind.clone());
        let (status, code) = match self.head.follow(&header, &hdr) {
            Ok(head) => {
                self.head = head;
                self.events.insert(header.dseq, hdr);
                match self.quarantine {
                    Some(dseq) if dseq == header.dseq => ("quarantined", Some("payload-unreadable")),
                    _ => ("accepted", None),
                }
            }
            Err(ChainError::Late { .. }) => {
                assert_eq!(self.events.get(&header.dseq), Some(&hdr), "two events with one number");
                ("duplicate", None)
            }
            Err(ChainError::Gap { .. }) => ("held", Some("gap")),
            Err(other) => panic!("{other}"),
        };
        PushResult {
            dseq: i64::try_from(header.dseq).unwrap(),
            status: status.to_owned(),
            code: code.map(str::to_owned),
            flags: vec!["not-planned".to_owned()],
        }
    }

    fn acknowledgement(&self) -> String {
        let mut content = Acknowledgement {
            v: 1,
            dev: DEVICE,
            upto_dseq: i64::try_from(self.head.dseq).unwrap(),
            head_hash: self.head.hash.to_hex(),
            recv_ms: self.recv_ms,
        };
        let mut key = permit_key();
        match self.forgery {
            Forgery::None => {}
            Forgery::OtherKey => key = SigningKey::from_seed("d/permits", &[9; 32]).unwrap(),
            Forgery::OtherDevice => content.dev = Uuid::from_u128(0xbad),
            Forgery::OtherHead => content.head_hash = "ef".repeat(32),
        }
        signed(&content, &key)
    }
}

/// What is sent must be what the header commits to.
fn check_payload(event: &PushEvent, header: &Header) {
    let (Some(salt), Some(payload)) = (&event.salt, &event.payload) else {
        assert!(event.salt.is_none() && event.payload.is_none());
        return;
    };
    let salt: [u8; 32] = base64url_decode(salt).unwrap().try_into().unwrap();
    let payload = base64url_decode(payload).unwrap();
    assert_eq!(header.pc, Some(commitment(&salt, &payload)));
    serde_json::from_slice::<Payload>(&payload).unwrap();
}

fn permit_key() -> SigningKey {
    SigningKey::from_seed("d/permits", &[1; 32]).unwrap()
}

fn log_key() -> SigningKey {
    SigningKey::from_seed("d/t/events", &[2; 32]).unwrap()
}

fn signed(content: &impl serde::Serialize, key: &SigningKey) -> String {
    let value: canonical::Value = serde_json::from_value(serde_json::to_value(content).unwrap()).unwrap();
    let text = String::from_utf8(canonical::encode(&value).unwrap()).unwrap();
    String::from_utf8(note::sign(&format!("{text}\n"), &[key]).unwrap()).unwrap()
}

/// A permit as the server signs it.
pub(super) fn signed_permit(permit: &Permit) -> String {
    signed(permit, &permit_key())
}

/// A log of made-up leaves.
#[derive(Debug, Clone, Copy)]
pub(super) struct History {
    /// From which leaf on it is another than the true one.
    pub(super) split: u64,
}

/// The history that all share.
pub(super) const TRUE: History = History { split: u64::MAX };

impl History {
    fn tiles(self, size: u64) -> MemoryTiles {
        let mut tiles = MemoryTiles::new();
        for leaf in 0..size {
            let name = if leaf < self.split { "true" } else { "other" };
            tiles.append(leaf_hash(format!("{name} {leaf}").as_bytes()));
        }
        tiles
    }
}

/// How the server proves that its log only grew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Right,
    Missing,
    Bent,
    TooLong,
    Garbled,
}

/// A checkpoint of the events log.
pub(super) fn checkpoint(size: u64, history: History) -> String {
    let checkpoint = Checkpoint {
        origin: "d/t/events".to_owned(),
        size,
        root: root_at(&history.tiles(size), size).unwrap(),
    };
    String::from_utf8(checkpoint.sign(&[&log_key()]).unwrap()).unwrap()
}

/// A log `d/t/events-2` with one leaf, which says that it continues `origin` at `left` of `known`: its checkpoint and the
/// proof of the leaf.
pub(super) fn continued(
    ten: uuid::Uuid,
    origin: &str,
    known: (u64, History),
    left: (u64, History),
) -> (String, String) {
    let text = |text: String| canonical::Value::Text(text);
    let root = |(size, history): (u64, History)| text(root_at(&history.tiles(size), size).unwrap().to_string());
    let detail = [
        ("left_root", root(left)),
        ("left_size", canonical::Value::Integer(left.0 as i64)),
        ("origin", text(origin.to_owned())),
        ("root", root(known)),
        ("size", canonical::Value::Integer(known.0 as i64)),
    ];
    let leaf = Leaf::Server(ServerEntry {
        ten: ten.to_string(),
        t: "log.continued".to_owned(),
        recv_ms: 1,
        actor: "program".to_owned(),
        reason: Some("rolled-back".to_owned()),
        detail: detail.map(|(name, value)| (name.to_owned(), value)).into(),
        ..ServerEntry::default()
    });
    let leaf = leaf.encode().unwrap();
    let checkpoint = Checkpoint {
        origin: "d/t/events-2".to_owned(),
        size: 1,
        root: leaf_hash(&leaf),
    };
    let key = log_key().renamed("d/t/events-2").unwrap();
    let checkpoint = checkpoint.sign(&[&key]).unwrap();
    let proof = doorstep_log::proof::Proof {
        extra: Some(leaf),
        index: 0,
        hashes: Vec::new(),
        checkpoint: checkpoint.clone(),
    };
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(checkpoint), text(proof.encode()))
}

/// A permit under the name of its crew, as the server puts it.
pub(super) fn put_permit(permit: &Permit) -> PullOp {
    PullOp {
        op: "put".to_owned(),
        bucket: "assignee".to_owned(),
        noun: "permit".to_owned(),
        id: permit.crew,
        body: Some(signed_permit(permit)),
    }
}

pub(super) fn put_door(door: &doorstep_wire::sync::Door) -> PullOp {
    PullOp {
        op: "put".to_owned(),
        bucket: "assignee".to_owned(),
        noun: "door".to_owned(),
        id: door.visit,
        body: Some(serde_json::to_string(door).unwrap()),
    }
}

/// An answer with these operations and a lease of three days.
pub(super) fn pull(ops: Vec<PullOp>, cursor: &str) -> PullAnswer {
    PullAnswer {
        ops,
        cursor: cursor.to_owned(),
        reset: false,
        checkpoint: String::new(),
        continued: Vec::new(),
        consistency: Vec::new(),
        acknowledgement: String::new(),
        lease_until: NOON + 72 * HOUR,
        limits: LIMITS,
    }
}

/// Doors and a permit for these visits.
pub(super) fn pull_of(numbers: &[u128]) -> PullAnswer {
    let mut ops: Vec<PullOp> = numbers.iter().map(|number| put_door(&door(*number))).collect();
    if !numbers.is_empty() {
        ops.push(put_permit(&permit(numbers)));
    }
    pull(ops, "cursor-1")
}
