//! Signs all events before the clock starts, as devices sign them: chains without gaps, payloads behind commitments.

use std::collections::BTreeMap;

use doorstep_domain::measure::Clock as _;
use doorstep_log::chain::sign_header;
use doorstep_log::hash::{ZERO, base64url_encode, sha256};
use doorstep_log::leaf::{Header, commitment};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Asked;
use crate::process::Shifted;
use crate::stage::Device;

/// Events of one push.
pub(crate) const PUSH: usize = 20;

/// What the events are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// The day of a device, and what it read: the work of the log alone.
    Chain,
    /// Visits from the way there to the way out, with rules, contacts and outcomes behind them.
    Door,
}

impl Mix {
    /// The kinds that follow each other, for each door again.
    const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Chain => &["day.open", "read", "read", "read", "day.close"],
            Self::Door => &[
                "read",
                "visit.en_route",
                "visit.arrived",
                "identity.confirmed",
                "visit.outcome",
                "visit.note",
                "visit.departed",
                "visit.closed",
            ],
        }
    }
}

/// One push, ready but for the time when it is sent.
pub(crate) struct Push {
    /// The number of its last event.
    pub(crate) upto: u64,
    /// Its events as JSON.
    pub(crate) events: String,
    /// Header and payload bytes of each, for the comparison.
    pub(crate) bytes: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Signs the events of all devices, each an equal share.
pub(crate) fn sign(devices: &[Device], clock: Shifted, asked: &Asked) -> Vec<Vec<Push>> {
    let pushes = asked.events / PUSH / devices.len();
    let begin_ms = clock.now().millis();
    std::thread::scope(|scope| {
        let signing: Vec<_> = devices
            .iter()
            .map(|device| scope.spawn(move || chain(device, asked.mix, (pushes, begin_ms))))
            .collect();
        signing.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

fn chain(device: &Device, mix: Mix, (pushes, begin_ms): (usize, i64)) -> Vec<Push> {
    assert!(mix == Mix::Chain || !device.doors.is_empty(), "a device without doors");
    let mut prev = ZERO;
    let mut dseq = 0;
    let push = |_| {
        let (mut events, mut bytes) = (Vec::new(), Vec::new());
        for _ in 0..PUSH {
            let (hdr, salt, payload) = event(device, mix, (dseq, begin_ms), prev);
            dseq += 1;
            prev = sha256(&hdr);
            events.push(json!({
                "hdr": base64url_encode(&hdr),
                "kid": device.kid,
                "alg": "Ed25519",
                "sig": base64url_encode(&sign_header(&device.seed, &hdr)),
                "salt": base64url_encode(&salt),
                "payload": base64url_encode(&payload),
            }));
            bytes.push((hdr, payload));
        }
        Push {
            upto: dseq,
            events: Value::Array(events).to_string(),
            bytes,
        }
    };
    (0..pushes).map(push).collect()
}

/// Header, salt and payload of the event after number `dseq`.
fn event(
    device: &Device,
    mix: Mix,
    (dseq, begin_ms): (u64, i64),
    prev: doorstep_log::hash::Hash,
) -> (Vec<u8>, [u8; 32], Vec<u8>) {
    let kinds = mix.kinds();
    let (round, step) = (dseq as usize / kinds.len(), dseq as usize % kinds.len());
    let door = match mix {
        Mix::Chain => None,
        Mix::Door => Some(&device.doors[round % device.doors.len()]),
    };
    let payload = serde_json::to_vec(&payload(device, kinds[step])).unwrap();
    // A salt that is not secret will do: what is measured are bytes.
    let salt = sha256(format!("{}/{dseq}", device.id).as_bytes()).0;
    let header = Header {
        dev: device.id.clone(),
        dseq: dseq + 1,
        prev,
        eid: Uuid::now_v7().to_string(),
        kind: kinds[step].to_owned(),
        visit: door.map(|(visit, _)| visit.clone()),
        subj: door.map(|(_, person)| person.clone()).into_iter().collect(),
        wall_ms: begin_ms,
        mono_ms: 86_400_000 + dseq,
        boot: "3f2f1ab4".to_owned(),
        tz_min: 0,
        loc_q: None,
        rules: Some(sha256(b"rules")),
        app: "doorstep-load/1".to_owned(),
        cp: None,
        pc: Some(commitment(&salt, &payload)),
        att: Vec::new(),
        extra: BTreeMap::new(),
    };
    (header.encode().unwrap(), salt, payload)
}

/// What an event of a kind says.
fn payload(device: &Device, kind: &str) -> Value {
    let position = json!({"lat_e7": 411_579_000, "lon_e7": -86_291_000, "accuracy_m": 9, "mock": false});
    match kind {
        "visit.arrived" => json!({"position": position, "staff": [device.staff], "identity_shown": true}),
        "visit.outcome" => json!({"outcome": "NOBODY_HOME", "done": ["identity", "notice-left"]}),
        "visit.note" => {
            json!({"note": "Nobody opened. The neighbour says that they come home after six in the evening."})
        }
        "visit.departed" => json!({"position": position, "done": ["identity", "notice-left", "outcome"]}),
        _ => json!({"position": position, "reason": kind}),
    }
}
