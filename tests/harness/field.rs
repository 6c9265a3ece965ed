//! The field: real devices of a published plan's crew, and a device in the raw whose pushes a story can bend.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use doorstep_device::{Device, Enrolment, FinishInput, HttpTransport, KeyKind, Pin, StartInput, Started};
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_log::chain::{self, ChainHead};
use doorstep_log::hash::{base64url_encode, sha256};
use doorstep_log::joined::{Joining, sign_joined};
use doorstep_log::leaf::{Header, commitment};
use doorstep_wire::SYNC_VERSION;
use doorstep_wire::sync::{Joined, Payload, PushEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answered, Client, Deployment, PASSWORD, TestClock, sample};

/// The day of the sample files.
const DAY: &str = "2026-11-23";

/// A crew of two with a route of a published plan.
pub(crate) struct CrewDay {
    /// The crew's visits in order, to persons who are alone behind their doors.
    pub(crate) visits: Vec<Value>,
    /// All of the crew's visits in order.
    pub(crate) all: Vec<Value>,
    /// The two who make up the crew.
    pub(crate) staff: [Value; 2],
}

impl Deployment {
    /// Imports cases and staff and publishes a plan for the day.
    pub(crate) async fn crew_day(&self, cases: Vec<u8>) -> CrewDay {
        self.supervisor.import(cases).await;
        self.crew_day_as_imported().await
    }

    /// Imports staff and publishes a plan for the day, of cases that are there.
    pub(crate) async fn crew_day_as_imported(&self) -> CrewDay {
        let staff = self.has_porto_staff().await;
        self.crew_day_of(&staff).await
    }

    /// A day in Hangzhou, where two staff are required, who both chose passwords.
    pub(crate) async fn crew_day_of_two(&self) -> CrewDay {
        self.supervisor.import(sample("hangzhou-cases-gb18030.csv")).await;
        let query = format!("/v1/staff/import?team={}", self.made.team);
        let file = sample("hangzhou-staff-gb18030.csv");
        self.administrator.upload(&query, file).await.done();
        let staff = self.administrator.items("/v1/staff").await;
        let day = self.crew_day_of(&staff).await;
        for one in &day.staff {
            self.chooses_password(one).await;
        }
        day
    }

    /// Publishes a plan for the day and picks a crew of these staff.
    async fn crew_day_of(&self, staff: &[Value]) -> CrewDay {
        let plan = self.published_plan().await;
        let (staff, all) = fullest_route(&plan, staff);
        let mut visits = all.clone();
        self.alone_behind_the_door(&plan, &mut visits).await;
        CrewDay { visits, all, staff }
    }

    /// Somebody of the field gets a password, and chooses their own.
    pub(crate) async fn chooses_password(&self, staff: &Value) {
        self.first_password(staff, PASSWORD).await.done();
        let chosen = json!({"login": staff["login"], "password": PASSWORD, "new_password": OWN_PASSWORD});
        self.anonymous.post("/v1/sessions", &chosen).await.done();
    }

    /// Leaves out who lives behind one door with others: of these a device shows one after the other, and which is the first
    /// follows from ids.
    async fn alone_behind_the_door(&self, plan: &Value, visits: &mut Vec<Value>) {
        /// 1e-7 degrees that are surely farther than what counts as one door.
        const APART_E7: i64 = 3_000;
        let path = format!("/v1/plans/{}/points", plan["id"].as_str().unwrap());
        let points = self.supervisor.get(&path).await.done();
        let points = points["visits"].as_array().unwrap();
        let at = |visit: &Value| {
            let at = points.iter().find(|point| point["visit"] == visit["visit"]).unwrap();
            [at["lat_e7"].as_i64().unwrap(), at["lon_e7"].as_i64().unwrap()]
        };
        let doors: Vec<[i64; 2]> = visits.iter().map(at).collect();
        visits.retain(|visit| {
            let own = at(visit);
            let near = |other: &&[i64; 2]| (0..2).all(|axis| (other[axis] - own[axis]).abs() < APART_E7);
            doors.iter().filter(near).count() == 1
        });
    }

    /// Proposes a plan for the day.
    pub(crate) async fn proposed_plan(&self) -> Value {
        self.proposed_plan_for(DAY).await
    }

    /// Proposes a plan for another day, as if its visits needed no notice.
    pub(crate) async fn proposed_plan_for(&self, day: &str) -> Value {
        let request = json!({"first_day": day, "iterations": 300, "without_notice": true});
        self.supervisor.post("/v1/plans", &request).await.done()
    }

    /// Proposes and publishes a plan for the day.
    pub(crate) async fn published_plan(&self) -> Value {
        let plan = self.proposed_plan().await;
        self.publish(&plan).await.done()
    }

    /// Publishes a plan at the version that was read. Stories begin their visits within the hour, so none is announced;
    /// `notices.rs` tells what notices do.
    pub(crate) async fn publish(&self, plan: &Value) -> Answered {
        self.publish_as(plan, "?without_notice=demonstration").await
    }

    /// Publishes a plan as a query asks.
    pub(crate) async fn publish_as(&self, plan: &Value, query: &str) -> Answered {
        let path = format!("/v1/plans/{}/publish{query}", plan["id"].as_str().unwrap());
        let request = self.supervisor.request(reqwest::Method::POST, &path);
        self.supervisor
            .send(request.header("If-Match", format!("\"{}\"", plan["version"])))
            .await
    }

    /// A one-time code for somebody's device.
    pub(crate) async fn device_code(&self, staff: &Value) -> Value {
        let request = json!({"staff": staff["id"]});
        self.administrator.post("/v1/device-codes", &request).await.done()
    }

    /// Enrols a real device.
    pub(crate) async fn device(&self, staff: &Value) -> Device {
        self.device_with(staff, KeyKind::Ed25519).await
    }

    /// Enrols a real device with a key of some kind.
    pub(crate) async fn device_with(&self, staff: &Value, key: KeyKind) -> Device {
        let code = self.device_code(staff).await;
        let dir: PathBuf = self.path(&format!("device-{}", staff["login"].as_str().unwrap()));
        let enrolment = Enrolment {
            dir,
            server_url: self.address(),
            tenant: self.made.tenant.0,
            code: code["code"].as_str().unwrap().to_owned(),
            app: "doorstep-tests/1".to_owned(),
            pin: pin(),
            key,
        };
        Device::enrol(enrolment, Arc::<TestClock>::clone(&self.clock))
            .await
            .unwrap()
    }

    /// Opens a real device again, on the server as it listens now.
    pub(crate) async fn reopened(&self, staff: &Value) -> Device {
        let dir = self.path(&format!("device-{}", staff["login"].as_str().unwrap()));
        let transport = Arc::new(HttpTransport::new(&self.address()).unwrap());
        Device::open_through(&dir, &pin(), Arc::<TestClock>::clone(&self.clock), transport)
            .await
            .unwrap()
    }

    /// Enrols a device in the raw.
    pub(crate) async fn wire(&self, staff: &Value, seed: u8) -> Wire {
        let code = self.device_code(staff).await;
        let seed = [seed; 32];
        let body = json!({
            "tenant": code["tenant"],
            "code": code["code"],
            "public_key": base64url_encode(&chain::public_key(&seed)),
            "app": "doorstep-tests/1",
            "sync_version": SYNC_VERSION,
        });
        let enrolled = self.anonymous.post("/v1/devices", &body).await.done();
        let subjects = self.subjects().await;
        Wire {
            subjects,
            client: self.anonymous.with_token(enrolled["token"].as_str().unwrap()),
            device: enrolled["device"].as_str().unwrap().to_owned(),
            kid: enrolled["kid"].as_str().unwrap().to_owned(),
            seed,
            head: ChainHead::default(),
            clock: Arc::clone(&self.clock),
        }
    }

    /// Who is visited, by the aliases of visits and persons.
    pub(crate) async fn subjects(&self) -> HashMap<Uuid, Uuid> {
        let (app, tenant) = (self.app(), self.made.tenant);
        let visits = app.store().visit_of_days(tenant, 0, i64::from(i32::MAX)).await.unwrap();
        let cases: Vec<Uuid> = visits.iter().map(|visit| visit.case.0).collect();
        let views = app.store().case_get_many(tenant, &cases).await.unwrap();
        let persons: HashMap<_, _> = views.iter().map(|view| (view.case.id, view.person_alias)).collect();
        visits
            .iter()
            .map(|visit| (visit.alias.0, persons[&visit.case].0))
            .collect()
    }

    /// Puts the clock to a visit's planned start.
    pub(crate) fn when_it_starts(&self, visit: &Value) {
        self.clock.set(Micros(visit["starts"].as_i64().unwrap()));
    }
}

/// What opens the devices of stories.
fn pin() -> Pin {
    Pin::new("246813").unwrap()
}

/// A visit's id.
pub(crate) fn id_of(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

/// Checks in at a visit with both of the crew, who both sign, as the rules ask.
pub(crate) async fn checked_in(device: &Device, visit: &Value, staff: &[Value]) -> Started {
    let input = StartInput {
        joined: both_sign(device, visit, staff).await,
        ..together(staff)
    };
    device.visit_start(id_of(&visit["visit"]), input).await.unwrap()
}

/// The crew of two with the most visits in a plan, and these. Somebody whose certificate is past is not sent; visits with them
/// would be flagged.
pub(crate) fn fullest_route(plan: &Value, staff: &[Value]) -> ([Value; 2], Vec<Value>) {
    let certified = |one: &&Value| one["certificate_until"].as_str().is_none_or(|until| until >= DAY);
    let crew_of = |route: &Value| -> Vec<Value> {
        let mine = staff.iter().filter(|one| one["crew"] == route["crew"]);
        mine.filter(certified).cloned().collect()
    };
    let routes = plan["routes"].as_array().unwrap().iter();
    let route = routes
        .filter(|route| crew_of(route).len() == 2)
        .max_by_key(|route| route["visits"].as_array().unwrap().len())
        .unwrap();
    (
        crew_of(route).try_into().unwrap(),
        route["visits"].as_array().unwrap().clone(),
    )
}

/// Ends a visit with all that the rules asked for, and nothing beside.
pub(crate) fn ending(started: &Started, outcome: ContactOutcome) -> FinishInput {
    FinishInput {
        position: None,
        outcome,
        matter: None,
        promise: None,
        note: None,
        done: started.required.clone(),
        evidence: Vec::new(),
        anyway: false,
    }
}

/// Both of the crew are there and identity was shown; who else than the owner signs is not said.
pub(crate) fn together(staff: &[Value]) -> StartInput {
    StartInput {
        staff: staff.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: true,
        ..StartInput::default()
    }
}

/// What the others of the crew sign on this device with their PIN, where two are required. The first time they make their
/// keys, for which the server must be there.
pub(crate) async fn both_sign(device: &Device, visit: &Value, staff: &[Value]) -> Vec<Joined> {
    let mut joined = Vec::new();
    let stops = device.route().await.unwrap().stops;
    let stop = stops.iter().find(|stop| stop.visit == id_of(&visit["visit"]));
    if stop.is_none_or(|stop| stop.gate.staff_min < 2) {
        return joined;
    }
    for one in staff {
        let id = id_of(&one["id"]);
        if id == device.me().staff {
            continue;
        }
        partner_key(device, one).await;
        let signed = device.partner_sign(id_of(&visit["visit"]), id, &partners_pin()).await;
        joined.push(signed.unwrap());
    }
    joined
}

/// Makes a key for somebody on a colleague's device, unless there is one.
pub(crate) async fn partner_key(device: &Device, staff: &Value) {
    let id = id_of(&staff["id"]);
    if device.partners().await.unwrap().iter().any(|one| one.staff == id) {
        return;
    }
    let login = staff["login"].as_str().unwrap();
    device.partner_add(login, OWN_PASSWORD, &partners_pin()).await.unwrap();
    device.pull().await.unwrap();
}

/// What opens the keys of partners in stories.
pub(crate) fn partners_pin() -> Pin {
    Pin::new("135792").unwrap()
}

/// The password that field staff of stories chose.
pub(crate) const OWN_PASSWORD: &str = "of the field 2026";

/// Checks out with everything done that was required.
pub(crate) async fn checked_out(
    device: &Device,
    visit: &Value,
    started: &Started,
    outcome: ContactOutcome,
) -> Vec<Uuid> {
    let input = FinishInput {
        note: Some("the gate is green".to_owned()),
        ..ending(started, outcome)
    };
    device.visit_finish(id_of(&visit["visit"]), input).await.unwrap().events
}

/// A device in the raw: it signs what the story wants and sends it in whatever order.
pub(crate) struct Wire {
    pub(crate) client: Client,
    pub(crate) device: String,
    kid: String,
    seed: [u8; 32],
    head: ChainHead,
    clock: Arc<TestClock>,
    /// Persons by the visits that were planned when it was enrolled, or that it was told of later.
    pub(crate) subjects: HashMap<Uuid, Uuid>,
}

impl Wire {
    /// A rightly signed request to renew the session, as of `sent_wall_ms`.
    pub(crate) fn renewal(&self, tenant: uuid::Uuid, sent_wall_ms: i64) -> Value {
        let device: uuid::Uuid = self.device.parse().unwrap();
        let text = doorstep_wire::device::renewal_text(tenant, device, sent_wall_ms);
        json!({
            "tenant": tenant,
            "device": device,
            "sent_wall_ms": sent_wall_ms,
            "sig": base64url_encode(&chain::sign_header(&self.seed, text.as_bytes())),
        })
    }

    /// What the device's owner signs who joins a visit, as of `at_ms`.
    pub(crate) fn joins(&self, visit: Uuid, staff: &Value, at_ms: i64) -> Joined {
        let joining = Joining {
            visit: visit.to_string(),
            subj: self.subject(visit).to_string(),
            staff: id_of(&staff["id"]).to_string(),
            dev: None,
            at_ms,
            kid: self.kid.clone(),
        };
        let said = joining.encode().unwrap();
        Joined {
            sig: base64url_encode(&sign_joined(&self.seed, &said)),
            said: String::from_utf8(said).unwrap(),
        }
    }

    /// The next event of the chain.
    pub(crate) fn event(&mut self, kind: &str, payload: Option<&Payload>) -> PushEvent {
        let event = self.signed(kind, payload);
        self.go_on(event)
    }

    fn go_on(&mut self, event: PushEvent) -> PushEvent {
        let hdr = doorstep_log::hash::base64url_decode(&event.hdr).unwrap();
        self.head = ChainHead {
            dseq: self.head.dseq + 1,
            hash: sha256(&hdr),
        };
        event
    }

    /// The next event of the chain, about a visit and at a time by the device's clock.
    pub(crate) fn event_at_door(&mut self, kind: &str, payload: &Payload, visit: Uuid, wall_ms: i64) -> PushEvent {
        let event = self.signed_as(kind, Some(payload), (Some(visit), wall_ms), |_| ());
        self.go_on(event)
    }

    /// The next event of the chain, about a visit, with a header such as no device of ours makes.
    pub(crate) fn event_with(
        &mut self,
        kind: &str,
        payload: &Payload,
        visit: Uuid,
        change: impl FnOnce(&mut Header),
    ) -> PushEvent {
        let told = (Some(visit), self.clock.now().millis());
        let event = self.signed_as(kind, Some(payload), told, change);
        self.go_on(event)
    }

    /// The alias of the person whom a visit is about.
    pub(crate) fn subject(&self, visit: Uuid) -> Uuid {
        self.subjects[&visit]
    }

    /// An event after the chain's head that the chain does not go on with: what a copy of the device would sign.
    pub(crate) fn signed(&self, kind: &str, payload: Option<&Payload>) -> PushEvent {
        self.signed_as(kind, payload, (None, self.clock.now().millis()), |_| ())
    }

    fn signed_as(
        &self,
        kind: &str,
        payload: Option<&Payload>,
        (visit, wall_ms): (Option<Uuid>, i64),
        change: impl FnOnce(&mut Header),
    ) -> PushEvent {
        let salt = [7; 32];
        let content = payload.map(|payload| serde_json::to_vec(payload).unwrap());
        let subject = visit.and_then(|visit| self.subjects.get(&visit));
        let mut header = Header {
            dev: self.device.clone(),
            dseq: self.head.dseq + 1,
            prev: self.head.hash,
            eid: Uuid::new_v4().to_string(),
            kind: kind.to_owned(),
            visit: visit.map(|alias| alias.to_string()),
            subj: subject.map(Uuid::to_string).into_iter().collect(),
            wall_ms,
            mono_ms: 1,
            boot: "b007".to_owned(),
            tz_min: 0,
            loc_q: None,
            rules: None,
            app: "doorstep-tests/1".to_owned(),
            cp: None,
            pc: content.as_ref().map(|content| commitment(&salt, content)),
            att: Vec::new(),
            extra: BTreeMap::new(),
        };
        change(&mut header);
        let hdr = header.encode().unwrap();
        PushEvent {
            sig: base64url_encode(&chain::sign_header(&self.seed, &hdr)),
            hdr: base64url_encode(&hdr),
            kid: self.kid.clone(),
            alg: "Ed25519".to_owned(),
            salt: content.as_ref().map(|_| base64url_encode(&salt)),
            payload: content.map(|content| base64url_encode(&content)),
        }
    }

    /// Sends events as the story puts them.
    pub(crate) async fn push(&self, events: &[&PushEvent]) -> Answered {
        self.push_as(SYNC_VERSION, self.clock.now(), events).await
    }

    /// Sends events in a sync version, at a time by the device's clock.
    pub(crate) async fn push_as(&self, version: u32, sent: Micros, events: &[&PushEvent]) -> Answered {
        let body = json!({"sync_version": version, "sent_wall_ms": sent.millis(), "events": events});
        self.client.post("/v1/sync/push", &body).await
    }

    /// Sends events and returns what became of each.
    pub(crate) async fn statuses(&self, events: &[&PushEvent]) -> Vec<String> {
        let answer = self.push(events).await.done();
        let results = answer["results"].as_array().unwrap();
        results
            .iter()
            .map(|result| result["status"].as_str().unwrap().to_owned())
            .collect()
    }
}
