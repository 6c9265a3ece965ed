//! Tests of the device against a fake server that can lose requests and answers.

mod conflicts;
mod fake;
mod help;
mod histories;
mod http;
mod interleavings;
mod joined;
mod kills;
mod leave;
mod outbox;
mod own;
mod packs;
mod place;
mod pulls;
mod route;
mod said;
mod sealing;
mod visits;

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::{Clock, Micros};
use doorstep_log::chain::{ChainVerifier, DeviceCertificate, public_key};
use doorstep_log::device_key::DeviceKey;
use doorstep_log::hash::base64url_encode;
use doorstep_log::joined::{Joining, sign_joined};
use doorstep_log::leaf::{Algorithm, DeviceEvent, Header, commitment};
use doorstep_log::stop::stop_hash;
use doorstep_wire::sync::{
    ContactVersions, Door, Joined, Permit, PermitDoor, PermitKey, PermitStaff, PermitStop, Position,
};
use sqlx::Row as _;
use tempfile::TempDir;
use uuid::Uuid;

use crate::event::Content;
use crate::{Device, Enrolment, FinishInput, KeyKind, Pin, StartInput};
use fake::FakeServer;

/// 2026-12-01T04:00:00Z, noon in Shanghai.
const NOON: i64 = 1_796_097_600_000_000;
const HOUR: i64 = 3_600_000_000;

/// A clock that tests set.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

impl TestClock {
    fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

/// An enrolled device, its server and its clock.
struct Scene {
    dir: TempDir,
    clock: Arc<TestClock>,
    server: Arc<FakeServer>,
    device: Device,
}

impl Scene {
    async fn new() -> Self {
        Self::with_key(KeyKind::Ed25519).await
    }

    async fn with_key(key: KeyKind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NOON)));
        let server = Arc::new(FakeServer::new());
        let enrolment = Enrolment {
            dir: dir.path().to_owned(),
            server_url: "http://127.0.0.1:1".to_owned(),
            tenant: fake::TENANT,
            code: "ABCD-1234".to_owned(),
            app: "test/1".to_owned(),
            pin: pin(),
            key,
        };
        let device = Device::enrol_through(enrolment, clock.clone(), server.clone())
            .await
            .unwrap();
        Self {
            dir,
            clock,
            server,
            device,
        }
    }

    /// With doors pulled for these visits.
    async fn with_doors(numbers: &[u128]) -> Self {
        let scene = Self::new().await;
        scene.server.offer(fake::pull_of(numbers));
        scene.device.pull().await.unwrap();
        scene
    }

    /// The device as a new process finds it.
    async fn reopened(&mut self) {
        self.device = reopen(self.dir.path(), &self.clock, &self.server).await;
    }
}

async fn reopen(dir: &Path, clock: &Arc<TestClock>, server: &Arc<FakeServer>) -> Device {
    Device::open_through(dir, &pin(), clock.clone(), server.clone())
        .await
        .unwrap()
}

fn pin() -> Pin {
    Pin::new("246813").unwrap()
}

fn visit(number: u128) -> Uuid {
    Uuid::from_u128(0x1000 + number)
}

fn alias(number: u128) -> Uuid {
    Uuid::from_u128(0x2000 + number)
}

fn door(number: u128) -> Door {
    Door {
        fields: ContactVersions::default(),
        visit: visit(number),
        visit_alias: alias(number),
        subject_alias: Uuid::from_u128(0x3000 + number),
        case_no: format!("C-{number}"),
        name: "王芳".to_owned(),
        phone: "13800000000".to_owned(),
        address: format!("{number} Example Road"),
        point: [312_000_000 + 100_000 * i64::try_from(number).unwrap(), 1_214_000_000],
        language: "zh-CN".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        position: i64::try_from(number).unwrap(),
        starts: NOON,
        ends: NOON + HOUR / 2,
        amount: None,
        notes: Vec::new(),
        facts: String::new(),
        pay: None,
        withdrawn: None,
    }
}

/// A permit from an hour before noon to six hours after it.
fn permit(numbers: &[u128]) -> Permit {
    let hours_ms = |hours: i64| (NOON + hours * HOUR) / 1_000;
    Permit {
        v: 1,
        id: Uuid::from_u128(0x4000),
        ten: fake::TENANT,
        office: None,
        crew: Uuid::from_u128(0x5000),
        day: "2026-12-01".to_owned(),
        as_of_ms: hours_ms(-4),
        expires_ms: hours_ms(6),
        rules: "ab".repeat(32),
        doors: numbers
            .iter()
            .map(|number| PermitDoor {
                visit: alias(*number),
                subj: Uuid::from_u128(0x3000 + number),
                allowed_ms: vec![[hours_ms(-1), hours_ms(6)]],
                staff_min: 2,
                required: vec![
                    "identity_check".to_owned(),
                    "outcome".to_owned(),
                    "check_out".to_owned(),
                ],
                not_said: vec!["amount".to_owned()],
                rules: vec!["CN-TIME-1".to_owned()],
                packs: Vec::new(),
                place: None,
                stops: vec![PermitStop {
                    visit: alias(*number),
                    hash: stop_hash(alias(*number).as_bytes(), "04HM-ASW9").unwrap().to_hex(),
                }],
            })
            .collect(),
        sentences: String::new(),
        staff: vec![on_permit(1, &[]), on_permit(2, &[own_key(&PARTNER_SEED)])],
    }
}

/// The seed of the key of the partner's own device.
const PARTNER_SEED: [u8; 32] = [9; 32];

/// One of the crew, with their keys.
fn on_permit(number: u128, keys: &[PermitKey]) -> PermitStaff {
    PermitStaff {
        id: Uuid::from_u128(number),
        login: format!("F0{number}"),
        certified: true,
        keys: keys.to_vec(),
    }
}

/// The key of somebody's own device.
fn own_key(seed: &[u8; 32]) -> PermitKey {
    PermitKey {
        kid: "partner/1".to_owned(),
        alg: "Ed25519".to_owned(),
        key: base64url_encode(&public_key(seed)),
        dev: None,
    }
}

/// What the partner signs on their own device at an instant.
fn partner_says(number: u128, at: Micros) -> Joined {
    partner_says_of(number, number, at)
}

/// The same about the person of another visit.
fn partner_says_of(number: u128, person: u128, at: Micros) -> Joined {
    let joining = Joining {
        visit: alias(number).to_string(),
        subj: Uuid::from_u128(0x3000 + person).to_string(),
        staff: Uuid::from_u128(2).to_string(),
        dev: None,
        at_ms: at.millis(),
        kid: "partner/1".to_owned(),
    };
    signed_by(&PARTNER_SEED, &joining)
}

fn signed_by(seed: &[u8; 32], joining: &Joining) -> Joined {
    let said = joining.encode().unwrap();
    Joined {
        sig: base64url_encode(&sign_joined(seed, &said)),
        said: String::from_utf8(said).unwrap(),
    }
}

/// Both are there, and the partner has just signed.
fn signed_input(device: &Device, number: u128) -> StartInput {
    StartInput {
        joined: vec![partner_says(number, device.now())],
        ..start_input()
    }
}

fn start_input() -> StartInput {
    StartInput {
        position: Some(Position {
            lat_e7: 312_000_000,
            lon_e7: 1_214_000_000,
            accuracy_m: 12,
            mock: false,
        }),
        staff: vec![Uuid::from_u128(1), Uuid::from_u128(2)],
        joined: Vec::new(),
        identity_shown: true,
        anyway: false,
    }
}

fn finish_input() -> FinishInput {
    FinishInput {
        position: None,
        outcome: ContactOutcome::MetBorrower,
        matter: None,
        promise: None,
        note: None,
        done: vec!["identity_check".to_owned()],
        evidence: Vec::new(),
        anyway: false,
    }
}

/// Every event of the device, its signature, link and commitment verified as a stranger would.
async fn verified_chain(device: &Device) -> Vec<Header> {
    let mut verifier = ChainVerifier::new();
    let alg = Algorithm::from_name(device.identity.secret.kind().code().to_owned());
    let certificate = DeviceCertificate {
        dev: device.id().to_string(),
        kid: device.identity.kid.clone(),
        key: DeviceKey::parse(&alg, &device.identity.secret.public_key().unwrap()).unwrap(),
    };
    verifier.enrol(certificate).unwrap();
    let sql = "SELECT hdr, sig, salt, payload, dseq FROM event ORDER BY dseq";
    let rows = sqlx::query(sql).fetch_all(device.db.pool()).await.unwrap();
    rows.iter()
        .map(|row| {
            let event = DeviceEvent {
                ten: "t".to_owned(),
                seq_hint: 0,
                recv_ms: 0,
                hdr: row.get(0),
                kid: device.identity.kid.clone(),
                alg: alg.clone(),
                sig: row.get(1),
            };
            let header = verifier.accept(&event).unwrap();
            if let Some(content) = Content::open(&device.key, row, row.get(4)).unwrap() {
                let salt: [u8; 32] = content.salt.as_slice().try_into().unwrap();
                assert_eq!(header.pc, Some(commitment(&salt, &content.payload)));
            }
            header
        })
        .collect()
}

/// The payloads of all events that still have one, opened.
async fn payloads(device: &Device) -> Vec<String> {
    let sql = "SELECT dseq, salt, payload FROM event ORDER BY dseq";
    let rows = sqlx::query(sql).fetch_all(device.db.pool()).await.unwrap();
    rows.iter()
        .filter_map(|row| Content::open(&device.key, row, row.get(0)).unwrap())
        .map(|content| String::from_utf8(content.payload.to_vec()).unwrap())
        .collect()
}

async fn kinds(device: &Device) -> Vec<String> {
    verified_chain(device)
        .await
        .into_iter()
        .map(|header| header.kind)
        .collect()
}

/// Polls a future at most `polls` times, then drops it: the caller was killed in the middle.
async fn killed_after<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(|context: &mut Context<'_>| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}
