//! Witnesses: a quorum of them cosigns every checkpoint, one that is down keeps nothing back, one that is killed before its
//! answer arrives is asked again, and a log that was rewritten is refused, kept as evidence, and said so everywhere.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use doorstep_domain::measure::Clock as _;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::cosignature::Cosigner;
use doorstep_log::hash::{leaf_hash, sha256};
use doorstep_log::note::VerifierKey;
use doorstep_log::policy::Policy;
use doorstep_log::tree::root;
use doorstep_log::verify::{Finding, FindingCode, Report, Trust, verify_export_watched};
use doorstep_log::witness::AddCheckpoint;
use doorstep_server::{folder, witness};
use doorstep_store::Engine;
use doorstep_store::entry::{By, Entries, EntryKind, LogName, OPERATOR, ServerEntry};
use doorstep_store::sign::Halt;
use doorstep_store::step::{Fault, Step};
use serde_json::Value;

use super::backup::{other_engine, without_database};
use crate::harness::process::{Process, command};
use crate::harness::{Deployment, ExportInMemory, TestClock, sample};

stories!(
    a_witness_that_does_not_cosign_is_named_with_the_reason,
    two_of_three_witnesses_are_enough_and_a_rewritten_log_is_refused,
    a_witness_that_is_killed_before_its_answer_arrives_is_asked_again,
    a_cosignature_whose_storing_fails_makes_its_quorum,
    two_histories_of_one_size_are_kept_as_a_proof,
    a_log_that_was_set_back_with_its_keys_signs_nothing,
    a_log_without_leaves_is_cosigned_as_one,
);

/// How long a story waits for what the server does by itself; the checks fail after it, they are not timed by it.
const PATIENCE: Duration = Duration::from_mins(1);

/// A witness in this process.
pub(super) struct Watcher {
    folder: PathBuf,
    pub(super) key: Cosigner,
    running: Option<witness::Running>,
}

impl Watcher {
    pub(super) fn new(site: &Deployment, name: &str, logs: &[VerifierKey]) -> Self {
        let folder = site.path(name);
        let key = witness::init(&folder, name).unwrap();
        for log in logs {
            witness::add_log(&folder, log).unwrap();
        }
        Self {
            folder,
            key,
            running: None,
        }
    }

    pub(super) async fn serve(&mut self, site: &Deployment) -> SocketAddr {
        self.serve_at(site, "127.0.0.1:0".parse().unwrap()).await
    }

    async fn serve_at(&mut self, site: &Deployment, listen: SocketAddr) -> SocketAddr {
        let start = witness::Start {
            folder: self.folder.clone(),
            listen,
            behind_proxy: false,
            clock: Arc::<TestClock>::clone(&site.clock),
        };
        let running = witness::start(start).await.unwrap();
        let address = running.addr();
        self.running = Some(running);
        address
    }

    pub(super) async fn stop(mut self) {
        self.running.take().unwrap().stop().await;
    }

    /// The size that it cosigned last, and how many refused requests it keeps.
    fn knows(&self, origin: &str) -> (u64, usize) {
        let (_, logs) = witness::show(&self.folder).unwrap();
        let log = logs.iter().find(|log| log.key.name() == origin).unwrap();
        (
            log.latest.as_ref().map_or(0, |latest| latest.checkpoint.size),
            log.refusals,
        )
    }
}

/// The keys of the tenant's logs, as its operator publishes them.
pub(super) async fn log_keys(site: &Deployment) -> Vec<VerifierKey> {
    let store = site.app().store();
    let mut keys = Vec::new();
    for name in LogName::OF_TENANT {
        keys.push(store.log_verifier(site.made.tenant, *name).await.unwrap());
    }
    keys
}

/// A policy of witnesses at addresses, of whom so many must cosign.
pub(super) fn policy_of(least: usize, witnesses: &[(&Cosigner, SocketAddr)]) -> String {
    let mut text = String::new();
    let mut names = String::new();
    for (number, (key, address)) in witnesses.iter().enumerate() {
        text = format!("{text}witness W{number} {key} http://{address}\n");
        names = format!("{names} W{number}");
    }
    format!("{text}group g {least}{names}\nquorum g\n")
}

/// Has the server take a policy, and starts it anew.
pub(super) async fn take_policy(site: &mut Deployment, policy: &str) {
    let data = site.folder();
    std::fs::write(data.join("policy"), policy).unwrap();
    let path = data.join("doorstep.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        config.replace("witness_policy = \"\"", "witness_policy = \"policy\""),
    )
    .unwrap();
    site.restart().await;
}

/// Asks for a log's head until it is as wanted.
#[allow(
    clippy::disallowed_methods,
    reason = "the patience with a server is time that really passes"
)]
pub(super) async fn head_until(site: &Deployment, log: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let head = site.auditor.get(&format!("/v1/log/{log}")).await.done();
        if wanted(&head) {
            return head;
        }
        assert!(began.elapsed() < PATIENCE, "{head:#}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) fn is_cosigned(head: &Value) -> bool {
    head["size"].as_u64() > Some(0) && head["cosigned"]["size"] == head["size"]
}

fn verify(export: &ExportInMemory, keys: &[VerifierKey], policy: &str) -> Report {
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    let trust = Trust {
        keys: Some(keys),
        policy: Some(&policy),
        ..Trust::default()
    };
    verify_export_watched(&export.files, &trust, &mut |_| true)
}

fn errors(report: &Report) -> Vec<FindingCode> {
    report.findings.iter().map(|finding| finding.code).collect()
}

async fn a_witness_that_does_not_cosign_is_named_with_the_reason(site: &mut Deployment) {
    let keys = log_keys(site).await;
    let mut watchers = ["w0", "w1"].map(|name| Watcher::new(site, name, &keys));
    let address = watchers[0].serve(site).await;
    let nowhere = "127.0.0.1:1".parse().unwrap();
    take_policy(
        site,
        &policy_of(1, &[(&watchers[0].key, address), (&watchers[1].key, nowhere)]),
    )
    .await;
    // Whoever asks is told why a witness is missing, also where the operator's log was not made known to it.
    let told = |head: &Value| {
        head["cosigned"]["witnesses"][1]["failed"] == "unreachable"
            && head["meta"]["cosigned"]["witnesses"][0]["failed"] == "unknown-log"
    };
    head_until(site, "events", told).await;
    site.clock.forward(600);
    let looked = folder::doctor(&site.folder(), Arc::<TestClock>::clone(&site.clock)).await;
    let of_meta = looked
        .checks
        .iter()
        .find(|check| check.name.starts_with("witnesses of") && check.name.ends_with("/meta"));
    let of_meta = of_meta.unwrap();
    assert!(!of_meta.ok && of_meta.found.contains("w0 (unknown-log)"), "{of_meta:?}");
    site.stop().await;
    watchers[0].running.take().unwrap().stop().await;
}

async fn two_of_three_witnesses_are_enough_and_a_rewritten_log_is_refused(site: &mut Deployment) {
    let keys = log_keys(site).await;
    let meta = site.app().store().log_verifier(OPERATOR, LogName::Meta).await.unwrap();
    let followed = [keys.as_slice(), std::slice::from_ref(&meta)].concat();
    let mut watchers = ["w0", "w1", "w2"].map(|name| Watcher::new(site, name, &followed));
    // Nothing ever listens on the first port: the third witness is down all the time.
    let mut places = vec!["127.0.0.1:1".parse().unwrap(); 3];
    for number in 0..2 {
        places[number] = watchers[number].serve(site).await;
    }
    let named: Vec<_> = watchers.iter().map(|watcher| &watcher.key).zip(places).collect();
    let (policy, all) = (policy_of(2, &named), policy_of(3, &named));
    take_policy(site, &policy).await;
    site.administrator
        .upload(
            &format!("/v1/staff/import?team={}", site.made.team),
            sample("porto-staff.csv"),
        )
        .await
        .done();
    site.administrator.items("/v1/staff").await;
    let head = head_until(site, "events", is_cosigned).await;
    let witnesses = head["cosigned"]["witnesses"].as_array().unwrap();
    assert_eq!(
        (&witnesses[0]["size"], &witnesses[2]["size"]),
        (&head["size"], &0.into()),
        "{head:#}"
    );

    let target = site.path("fetched");
    site.app().export_log(site.made.tenant, &target).await.unwrap();
    let export = ExportInMemory::read(&target, "");
    assert_eq!(export.files["policy"], policy.as_bytes());
    let report = verify(&export, &keys, &policy);
    assert!(
        !errors(&report).contains(&FindingCode::CosignatureBad),
        "{:?}",
        report.findings
    );
    let events = &report.witnessed[0];
    assert!(events.quorum && events.cosignatures.len() == 2, "{report:#?}");
    assert!(errors(&verify(&export, &keys, &all)).contains(&FindingCode::QuorumUnmet));
    // Each head is named in the operator's log, under a head of it that the same witnesses cosigned.
    assert_eq!(report.meta.len(), 2, "{report:#?}");
    let of_meta: Vec<_> = report.witnessed.iter().filter(|head| head.log.is_none()).collect();
    assert!(!of_meta.is_empty() && of_meta.iter().all(|head| head.quorum && head.origin == meta.name()));
    let trusted = verify(&export, &followed, &policy);
    assert!(
        trusted.ok && trusted.meta.iter().all(|head| head.key_trusted),
        "{trusted:#?}"
    );

    rewritten(site, &watchers, &keys, &policy).await;
    for watcher in &mut watchers[..2] {
        watcher.running.take().unwrap().stop().await;
    }
}

/// In the leaves and in the tree of a stopped server, and the key store forgets what was signed.
async fn two_leaves_change_places(site: &Deployment, size: u64) {
    let app = site.another_process().await;
    let [leaves, tile] = match site.engine {
        Engine::Sqlite => [
            "UPDATE log_leaf SET position = CASE position WHEN 2 THEN -3 ELSE -2 END WHERE name = 'events' AND position IN (2, 3)",
            "UPDATE log_tile SET hashes = CAST(substr(hashes, 1, 64) || substr(hashes, 97, 32) || substr(hashes, 65, 32) || \
             substr(hashes, 129) AS BLOB) WHERE name = 'events' AND level = 0 AND position = 0",
        ],
        Engine::Postgres => [
            "UPDATE log_leaf SET position = CASE position WHEN 2 THEN -3 ELSE -2 END WHERE name = 'events' AND position IN (2, 3)",
            "UPDATE log_tile SET hashes = substr(hashes, 1, 64) || substr(hashes, 97, 32) || substr(hashes, 65, 32) || \
             substr(hashes, 129) WHERE name = 'events' AND level = 0 AND position = 0",
        ],
    };
    assert_eq!(app.store().tamper(leaves).await.unwrap(), 2);
    let back = "UPDATE log_leaf SET position = -position WHERE name = 'events' AND position < 0";
    assert_eq!(app.store().tamper(back).await.unwrap(), 2);
    assert_eq!(app.store().tamper(tile).await.unwrap(), 1);
    let stored = app
        .store()
        .log_leaves(site.made.tenant, LogName::Events, 0, size)
        .await
        .unwrap();
    let hashes: Vec<_> = stored.iter().map(|leaf| leaf_hash(leaf)).collect();
    let root = root(&hashes).to_hex();
    let head = match site.engine {
        Engine::Sqlite => format!("UPDATE log SET root = x'{root}' WHERE name = 'events'"),
        Engine::Postgres => format!("UPDATE log SET root = '\\x{root}' WHERE name = 'events'"),
    };
    assert_eq!(app.store().tamper(head.leak()).await.unwrap(), 1);
    let mark = "DELETE FROM mark WHERE origin LIKE '%/events'";
    assert_eq!(app.store().tamper_keys(mark).await.unwrap(), 1);
    let note = "UPDATE log SET note = '', note_size = 0 WHERE name = 'events'";
    assert_eq!(app.store().tamper(note).await.unwrap(), 1);
    app.store().vouch_for_all().await.unwrap();
    app.store().close().await;
}

/// Two leaves change places: the log is whole in itself, its server signs it, and it is not what it was.
async fn rewritten(site: &mut Deployment, watchers: &[Watcher], keys: &[VerifierKey], policy: &str) {
    let head = head_until(site, "events", is_cosigned).await;
    let (origin, before) = (
        head["origin"].as_str().unwrap().to_owned(),
        head["size"].as_u64().unwrap(),
    );
    assert!(
        before < 256,
        "the story rewrites the first tile, so all leaves must be in it"
    );
    site.stop().await;
    two_leaves_change_places(site, before).await;

    site.restart().await;
    let refused = |head: &Value| {
        let witnesses = head["cosigned"]["witnesses"].as_array().unwrap();
        witnesses
            .iter()
            .filter(|witness| witness["found"] == "rewritten")
            .count()
            == 2
    };
    let head = head_until(site, "events", refused).await;
    assert_eq!(head["cosigned"]["size"], before, "{head:#}");
    for watcher in &watchers[..2] {
        let (size, refusals) = watcher.knows(&origin);
        assert_eq!(size, before);
        assert!(refusals > 0);
        let kept = witness::refusals(&watcher.folder).unwrap();
        let own = std::slice::from_ref(&keys[0]);
        assert_eq!((kept[0].status, kept[0].origin.as_str()), (422, origin.as_str()));
        assert_eq!(Checkpoint::open(kept[0].cosigned.as_bytes(), own).unwrap().size, before);
        assert!(Checkpoint::open(kept[0].refused.as_bytes(), own).unwrap().size > before);
    }
    // What the witnesses hold was signed too, so nothing more is signed of this tree.
    let forked = |head: &Value| head["halted"]["reason"] == "forked";
    let head = head_until(site, "events", forked).await;
    assert_eq!(head["halted"]["known_size"], before, "{head:#}");
    let doctor = folder::doctor(&site.folder(), Arc::<TestClock>::clone(&site.clock)).await;
    let is_of_events = |name: &str| name.starts_with("witnesses of") && name.ends_with("/events");
    let found = doctor.checks.iter().find(|check| is_of_events(&check.name)).unwrap();
    assert!(!found.ok && found.found.contains("w0 (rewritten)"), "{found:?}");
    let left = serde_json::json!({"left_size": head["halted"]["left_size"]});
    site.administrator.post("/v1/log/events/continue", &left).await.done();
    let target = site.path("rewritten");
    site.app().export_log(site.made.tenant, &target).await.unwrap();
    let export = ExportInMemory::read(&target, "");
    assert_eq!(export.count("witness.refused"), 2, "one entry for each witness");
    let report = verify(&export, keys, policy);
    let found = errors(&report);
    assert!(
        !report.ok && found.contains(&FindingCode::QuorumUnmet) && found.contains(&FindingCode::LogForked),
        "{:?}",
        report.findings
    );
}

async fn a_witness_that_is_killed_before_its_answer_arrives_is_asked_again(site: &mut Deployment) {
    let mut keys = log_keys(site).await;
    // The operator's log too, so that whatever is asked first is cosigned.
    let meta = site.app().store().log_verifier(OPERATOR, LogName::Meta).await;
    keys.push(meta.unwrap());
    let watcher = Watcher::new(site, "w0", &keys);
    let (process, address) = serve_in_a_process(&watcher.folder);
    let between = Between::new(address);
    take_policy(site, &policy_of(1, &[(&watcher.key, between.address)])).await;
    between.answered.recv_timeout(PATIENCE).unwrap();
    // Killed at once, as by `kill -9`; its answer stays where it is. What it cosigned is on the disk all the same.
    drop(process);
    let (_, logs) = witness::show(&watcher.folder).unwrap();
    assert!(logs.iter().any(|log| log.latest.is_some()));
    let (_again, address) = serve_in_a_process(&watcher.folder);
    between.go_on_with.send(address).unwrap();
    let head = head_until(site, "events", is_cosigned).await;
    let (size, refusals) = watcher.knows(head["origin"].as_str().unwrap());
    assert!(size >= head["size"].as_u64().unwrap());
    assert_eq!(refusals, 0, "asking again is no rewriting");
    site.stop().await;
}

async fn a_cosignature_whose_storing_fails_makes_its_quorum(site: &mut Deployment) {
    let keys = log_keys(site).await;
    let mut watcher = Watcher::new(site, "w0", &keys);
    let address = watcher.serve(site).await;
    take_policy(site, &policy_of(1, &[(&watcher.key, address)])).await;
    let mut before = head_until(site, "events", is_cosigned).await;
    for step in [Step::Cosign, Step::Quorum] {
        for fault in [Fault::Lost, Fault::Done] {
            let store = site.app().store();
            store.fail_next(step, fault);
            // One entry, and nothing after it that would make another checkpoint.
            let tx = store.write(site.made.tenant, site.clock.now()).await.unwrap();
            let entry = ServerEntry::new(EntryKind::OrgChanged, By::PROGRAM);
            tx.commit(Entries::one(entry)).await.unwrap();
            let grown = |head: &Value| head["size"].as_u64() > before["size"].as_u64();
            let head = head_until(site, "events", |head| grown(head) && is_cosigned(head)).await;
            assert!(store.has_failed(), "{step:?} {fault:?}");
            before = head;
        }
    }
    let (size, refusals) = watcher.knows(before["origin"].as_str().unwrap());
    assert_eq!(
        (Some(size), refusals),
        (before["size"].as_u64(), 0),
        "asking again is no rewriting"
    );
    let policy = policy_of(1, &[(&watcher.key, address)]);
    let target = site.path("cosigned");
    site.app().export_log(site.made.tenant, &target).await.unwrap();
    let report = verify(&ExportInMemory::read(&target, ""), &keys, &policy);
    assert!(report.ok && report.witnessed[0].quorum, "{report:#?}");
    site.stop().await;
    watcher.running.take().unwrap().stop().await;
}

fn serve_in_a_process(folder: &Path) -> (Process, SocketAddr) {
    let mut program = command("doorstep", folder);
    program
        .args(["witness", "serve"])
        .arg(folder)
        .args(["--listen", "127.0.0.1:0", "--json"]);
    let mut process = Process::start(program);
    let line: Value = serde_json::from_str(&process.line_with("serving")).unwrap();
    let address = line["serving"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    (process, address)
}

/// Stands between server and witness; the first answer never arrives.
struct Between {
    address: SocketAddr,
    /// Tells that the first answer left the witness.
    answered: mpsc::Receiver<()>,
    go_on_with: mpsc::Sender<SocketAddr>,
}

impl Between {
    fn new(first: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, answered) = mpsc::channel();
        let (go_on_with, next) = mpsc::channel::<SocketAddr>();
        std::thread::spawn(move || {
            let Ok((server, _)) = listener.accept() else { return };
            let mut witness = TcpStream::connect(first).unwrap();
            copy_in_the_background(server.try_clone().unwrap(), witness.try_clone().unwrap());
            // The answer's first byte shows that the decision was made; it goes no further.
            witness.read_exact(&mut [0]).unwrap();
            // Whoever waits for this may have given up; then the test has failed already.
            let _ = seen.send(());
            let Ok(again) = next.recv() else { return };
            drop((server, witness));
            for server in listener.incoming().flatten() {
                let Ok(witness) = TcpStream::connect(again) else { return };
                copy_in_the_background(server.try_clone().unwrap(), witness.try_clone().unwrap());
                copy_in_the_background(witness, server);
            }
        });
        Self {
            address,
            answered,
            go_on_with,
        }
    }
}

fn copy_in_the_background(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..length]).is_err() {
                return;
            }
        }
    });
}

async fn two_histories_of_one_size_are_kept_as_a_proof(site: &mut Deployment) {
    let keys = log_keys(site).await;
    let mut watcher = Watcher::new(site, "w0", &keys);
    let address = watcher.serve(site).await;
    take_policy(site, &policy_of(1, &[(&watcher.key, address)])).await;
    let head = head_until(site, "events", is_cosigned).await;
    // The operator holds the log's key and shows somebody else another tree of the same size.
    let key = site
        .app()
        .store()
        .log_key(site.made.tenant, LogName::Events)
        .await
        .unwrap();
    let (size, _) = watcher.knows(head["origin"].as_str().unwrap());
    let other = Checkpoint {
        origin: key.name().to_owned(),
        size,
        root: sha256(b"another history"),
    };
    for old_size in [size, 0] {
        let request = AddCheckpoint {
            old_size,
            proof: Vec::new(),
            checkpoint: other.sign(&[&key]).unwrap(),
        };
        let sent = reqwest::Client::builder().no_proxy().build().unwrap();
        let sent = sent
            .post(format!("http://{address}/add-checkpoint"))
            .body(request.encode());
        let status = sent.send().await.unwrap().status().as_u16();
        assert_eq!(status, 409);
    }
    let kept = witness::refusals(&watcher.folder).unwrap();
    assert_eq!(kept.len(), 1, "one tree, however it was sent: {kept:?}");
    assert!(kept[0].two_heads);
    let own = std::slice::from_ref(&keys[0]);
    let shown = [&kept[0].cosigned, &kept[0].refused].map(|note| Checkpoint::open(note.as_bytes(), own).unwrap());
    assert_eq!((shown[0].size, &shown[1]), (shown[1].size, &other));
    assert_ne!(shown[0].root, shown[1].root);
    site.stop().await;
    watcher.running.take().unwrap().stop().await;
}

/// What only witnesses remember: the key store forgets which heads were signed, and nobody says that anything was restored.
async fn forget(site: &Deployment) {
    let app = site.another_process().await;
    app.store().tamper_keys("DELETE FROM mark").await.unwrap();
    app.store().tamper("UPDATE log SET halted = NULL").await.unwrap();
    app.store().close().await;
}

async fn a_log_that_was_set_back_with_its_keys_signs_nothing(site: &mut Deployment) {
    let keys = log_keys(site).await;
    let mut watcher = Watcher::new(site, "w0", &keys);
    let address = watcher.serve(site).await;
    take_policy(site, &policy_of(1, &[(&watcher.key, address)])).await;
    let file = site.path("backup");
    folder::backup(&site.folder(), &file, Arc::<TestClock>::clone(&site.clock))
        .await
        .unwrap();
    let old = head_until(site, "events", is_cosigned).await;
    site.administrator
        .upload(
            &format!("/v1/staff/import?team={}", site.made.team),
            sample("porto-staff.csv"),
        )
        .await
        .done();
    let grown = |head: &Value| is_cosigned(head) && head["size"].as_u64() > old["size"].as_u64();
    let newest = head_until(site, "events", grown).await;
    site.stop().await;
    watcher.running.take().unwrap().stop().await;

    forget(site).await;
    let target = without_database(site, "set-back");
    let url = other_engine(site, &target).await;
    let clock = Arc::<TestClock>::clone(&site.clock);
    let sources = folder::Sources::default();
    let report = folder::restore(&target, &file, Some(&url), &sources, clock)
        .await
        .unwrap();
    let (origin, halt) = report
        .halted
        .iter()
        .find(|(origin, _)| origin.ends_with("/events"))
        .unwrap();
    assert_eq!(
        (origin.as_str().into(), *halt),
        (newest["origin"].clone(), Halt::Unasked)
    );
    site.move_to(target);
    site.restart().await;
    let waits = site.auditor.get("/v1/log/events").await.done();
    assert_eq!(waits["halted"]["reason"], "unasked", "the witness is down: {waits:#}");

    watcher.serve_at(site, address).await;
    let is_back = |head: &Value| head["halted"]["reason"] == "rolled-back";
    let halted = head_until(site, "events", is_back).await;
    assert_eq!(halted["halted"]["known_size"], newest["size"], "{halted:#}");
    assert_eq!(halted["checkpoint"], waits["checkpoint"], "nothing was signed");
    // The same where a whole machine was set back, which nothing here tells.
    site.stop().await;
    forget(site).await;
    site.restart().await;
    let again = head_until(site, "events", is_back).await;
    assert_eq!(again["checkpoint"], waits["checkpoint"], "{again:#}");
    let left = serde_json::json!({"left_size": again["halted"]["left_size"]});
    let gone_on = site.administrator.post("/v1/log/events/continue", &left).await.done();
    assert!(
        gone_on["origin"].as_str().unwrap().ends_with("/events-2"),
        "{gone_on:#}"
    );
    shows_what_was_cosigned(site, (&keys, &policy_of(1, &[(&watcher.key, address)])), &newest).await;
    site.stop().await;
    watcher.running.take().unwrap().stop().await;
}

async fn a_log_without_leaves_is_cosigned_as_one(site: &mut Deployment) {
    let keys = log_keys(site).await;
    let mut watcher = Watcher::new(site, "w0", &keys);
    let address = watcher.serve(site).await;
    let policy = policy_of(1, &[(&watcher.key, address)]);
    take_policy(site, &policy).await;
    let shown = |head: &Value| {
        head["cosigned"]["checkpoint"]
            .as_str()
            .is_some_and(|note| !note.is_empty())
    };
    let head = head_until(site, "access", shown).await;
    assert_eq!(
        (&head["size"], &head["cosigned"]["size"]),
        (&0.into(), &0.into()),
        "{head:#}"
    );
    let target = site.path("empty");
    site.app().export_log(site.made.tenant, &target).await.unwrap();
    let report = verify(&ExportInMemory::read(&target, ""), &keys, &policy);
    assert_eq!(report.errors, 0, "{:?}", report.findings);
    let access = report.witnessed.iter().find(|log| log.origin.ends_with("/access"));
    assert!(access.is_some_and(|log| log.quorum && log.size == 0), "{report:#?}");
    assert_eq!(watcher.knows(head["origin"].as_str().unwrap()), (0, 0));
    site.stop().await;
    watcher.running.take().unwrap().stop().await;
}

/// The export of a closed log shows the head that witnesses had cosigned, so that what is lost is more than the operator's word.
async fn shows_what_was_cosigned(site: &Deployment, (keys, policy): (&[VerifierKey], &str), newest: &Value) {
    let target = site.path("continued");
    site.app().export_log(site.made.tenant, &target).await.unwrap();
    let export = ExportInMemory::read(&target, "");
    let known = Checkpoint::open(&export.files["events/known"], keys).unwrap();
    assert_eq!(Some(known.size), newest["size"].as_u64());
    let report = verify(&export, keys, policy);
    assert_eq!(
        (report.continued.len(), report.continued[0].shown),
        (1, true),
        "{report:#?}"
    );
    let is_of_known = |found: &Finding| found.file.as_deref() == Some("events/known");
    assert!(!report.findings.iter().any(is_of_known), "{:?}", report.findings);
}
