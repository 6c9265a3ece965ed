//! Checkpoints are stamped by an authority that the operator does not run, and the stamps show when times are made up.

use doorstep_log::stamp::Authorities;
use doorstep_log::verify::{FindingCode, Report, Severity};
use doorstep_server::folder::doctor;
use doorstep_store::Engine;
use doorstep_store::step::{Fault, Step};
use serde_json::Value;

use crate::harness::authority::{AuthorityServer, Made, Manner, P256, RSA, configure, stamped_text, true_time};
use crate::harness::{Deployment, lines_of, sample};

const HOUR_S: i64 = 3_600;

/// Each story on each engine, at the true time: an authority knows no other.
macro_rules! stamped_stories {
    ($($name:ident with $made:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::told(super::Engine::Sqlite, super::$made, async |site, server| super::$name(site, server).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::told(super::Engine::Postgres, super::$made, async |site, server| super::$name(site, server).await).await;
            })+
        }
    };
}

stamped_stories!(
    an_export_proves_when_its_entries_came with RSA,
    entries_with_made_up_times_are_named with P256,
    what_an_authority_gets_wrong_is_not_kept_and_stops_nothing with P256,
    a_stamp_whose_storing_fails_either_way_is_kept_once with P256,
);

async fn told(engine: Engine, made: Made, story: impl AsyncFnOnce(&mut Deployment, &AuthorityServer)) {
    let server = AuthorityServer::start(made);
    let mut site = Deployment::start_at(engine, true_time()).await;
    site.stop().await;
    configure(&site.folder(), &server);
    site.restart().await;
    story(&mut site, &server).await;
    site.end().await;
}

/// The head of a log once its newest time stamp is of at least so many leaves.
async fn stamped(site: &Deployment, log: &str, least: u64) -> Value {
    for _ in 0..400 {
        let head = site.auditor.get(&format!("/v1/log/{log}")).await.done();
        if head["stamp"]["size"].as_u64().is_some_and(|size| size >= least) {
            return head;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no time stamp of {log}");
}

fn errors(report: &Report) -> Vec<FindingCode> {
    let errors = report.findings.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| found.code).collect()
}

async fn an_export_proves_when_its_entries_came(site: &mut Deployment, server: &AuthorityServer) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 5))
        .await;
    site.supervisor.case("PO-10001").await;
    for log in ["events", "access"] {
        let head = stamped(site, log, 1).await;
        assert!(head["stamp"]["size"].as_u64() <= head["size"].as_u64());
    }
    let export = site.export().await;
    let authorities = Authorities::from_pem(&server.authority().ca()).unwrap();
    let report = export.verify_stamped(&authorities);
    assert!(report.ok && report.findings.is_empty(), "{:#?}", report.findings);
    assert_eq!(report.stamps.len(), 2, "both logs have stamps");
    let places: Vec<&str> = export
        .files
        .keys()
        .filter_map(|path| path.strip_suffix(".tsr"))
        .collect();
    assert_eq!(
        places.len() as u64,
        report.stamps.iter().map(|log| log.stamps).sum::<u64>()
    );
    for place in &places {
        let file = |end| &export.files[&format!("{place}.{end}")];
        let (text, ca) = (stamped_text(file("checkpoint")), &export.files["stamps/ca.pem"]);
        assert!(
            server.authority().accepts(file("tsr"), &text, ca),
            "openssl refuses {place}"
        );
    }
    let mut changed = export.clone();
    let path = format!("{}.tsr", places[0]);
    *changed.files.get_mut(&path).unwrap().last_mut().unwrap() ^= 1;
    let found = errors(&changed.verify_stamped(&authorities));
    assert!(found.contains(&FindingCode::StampBad) && found.contains(&FindingCode::FileChanged));
    let clock = std::sync::Arc::clone(&site.clock);
    let looked = doctor(&site.folder(), clock).await;
    let stamps: Vec<_> = looked
        .checks
        .iter()
        .filter(|check| check.name.contains("time stamp"))
        .collect();
    assert_eq!(stamps.len(), 2, "{looked:#?}");
    assert!(stamps.iter().all(|check| check.ok), "{stamps:#?}");
}

async fn entries_with_made_up_times_are_named(site: &mut Deployment, server: &AuthorityServer) {
    let authorities = Authorities::from_pem(&server.authority().ca()).unwrap();
    stamped(site, "events", 1).await;
    let sound = site.export().await.verify_stamped(&authorities);
    assert!(sound.ok, "{:#?}", sound.findings);
    // An export leaves an entry of its own; its time is what the clock of the server is made to say.
    site.clock.forward(-3 * HOUR_S);
    let back_dated = site.export().await.verify_stamped(&authorities);
    assert_eq!(errors(&back_dated), [FindingCode::TimeBeforeStamp]);
    let named = back_dated.findings.iter().find_map(|found| found.index);
    assert_eq!(named, Some(back_dated.logs[0].size - 1), "the newest entry");
    site.clock.forward(3 * HOUR_S + 2 * HOUR_S);
    let unstamped = site.export().await.verify_stamped(&authorities);
    let size = unstamped.logs[0].size;
    // A stamp may have come before the export, and the next is due an hour after it.
    site.clock.forward(HOUR_S + 1);
    stamped(site, "events", size).await;
    let ahead = site.export().await.verify_stamped(&authorities);
    let named: Vec<_> = ahead
        .findings
        .iter()
        .filter(|found| found.code == FindingCode::TimeAfterStamp && found.log == Some(ahead.logs[0].log))
        .map(|found| found.index.unwrap())
        .collect();
    assert!(named.contains(&(size - 1)), "{named:?} lacks {}", size - 1);
}

async fn what_an_authority_gets_wrong_is_not_kept_and_stops_nothing(site: &mut Deployment, server: &AuthorityServer) {
    let first = stamped(site, "events", 1).await["stamp"].clone();
    let old = server.answers()[0].clone();
    // An old answer, an error: the log goes on, and the next honest answer is taken.
    for manner in [Manner::Always(old), Manner::Broken] {
        let asked = server.answers().len();
        server.behaves(manner);
        site.clock.forward(2 * HOUR_S);
        site.export().await;
        for _ in 0..400 {
            if server.answers().len() > asked {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(server.answers().len() > asked, "nobody asked");
        site.sign_everybody_in().await;
        let head = site.auditor.get("/v1/log/events").await.done();
        assert_eq!(head["stamp"], first);
    }
    server.behaves(Manner::Honest);
    let size = first["size"].as_u64().unwrap();
    stamped(site, "events", size + 1).await;
}

async fn a_stamp_whose_storing_fails_either_way_is_kept_once(site: &mut Deployment, server: &AuthorityServer) {
    // An hour and back again, so that a stamp is due each time and no time in the log is far from the authority's.
    for (fault, seconds) in [(Fault::Lost, -HOUR_S - 1), (Fault::Done, HOUR_S + 1)] {
        let before = stamped(site, "events", 1).await["stamp"]["size"].as_u64().unwrap();
        site.app().store().fail_next(Step::Stamp, fault);
        site.clock.forward(seconds);
        site.supervisor
            .import(lines_of(&sample("porto-cases.csv"), |line| line < 2))
            .await;
        stamped(site, "events", before + 1).await;
        assert!(site.app().store().has_failed(), "{fault:?}");
    }
    let authorities = Authorities::from_pem(&server.authority().ca()).unwrap();
    let report = site.export().await.verify_stamped(&authorities);
    assert!(report.ok, "{:#?}", report.findings);
}
