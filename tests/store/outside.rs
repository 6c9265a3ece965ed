//! What witnesses and time-stamp authorities said of a log: kept once, whichever way its storing fails, and only of the log
//! of which it was said.

use doorstep_store::entry::{By, Entries, EntryKind, LogName};
use doorstep_store::stamp::LogStamp;
use doorstep_store::step::{Fault, Step};
use doorstep_store::witness::PublishedLog;
use doorstep_store::{Store, StoreError};

use super::engine::TestStore;
use super::sample::{NOW, Sample, entry, later};

stories!(
    what_outsiders_say_is_kept_whichever_way_its_storing_fails,
    what_outsiders_say_of_an_ended_log_is_not_kept_of_the_new_one,
);

const EVENTS: LogName = LogName::Events;
const STEPS: [Step; 3] = [Step::Cosign, Step::Quorum, Step::Stamp];

/// The log of changes with its newest checkpoint, which has grown.
async fn grown(store: &Store, sample: &Sample, second: i64) -> PublishedLog {
    let tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.commit(Entries::one(entry(EntryKind::OrgChanged))).await.unwrap();
    store.log_sequence_all(later(second)).await.unwrap();
    let is = |log: &PublishedLog| log.tenant == sample.tenant && log.name == EVENTS;
    let all = store.log_published().await.unwrap();
    all.into_iter().map(|(log, _)| log).find(is).unwrap()
}

/// Stores what an outsider said, by one of the steps.
async fn say(store: &Store, log: &PublishedLog, step: Step) -> Result<(), StoreError> {
    let now = later(3);
    match step {
        Step::Cosign => store.witness_cosigned(log, "w", (log.note_size, "line"), now).await,
        Step::Quorum => store.log_cosigned_set(log, &log.note, now).await,
        _ => {
            let stamp = LogStamp {
                size: log.note_size,
                note: log.note.clone(),
                response: vec![1],
                stamped_at: now,
                taken_at: now,
            };
            store.stamp_add(log.tenant, &log.origin, &stamp).await
        }
    }
}

/// Whether what was stored by a step is of this size.
async fn is_kept(store: &Store, log: &PublishedLog, step: Step) -> bool {
    let (tenant, size) = (log.tenant, log.note_size);
    match step {
        Step::Cosign => {
            let states = store.witness_states(tenant, EVENTS).await.unwrap();
            states.iter().any(|state| state.size == size)
        }
        Step::Quorum => store.log_cosigned(tenant, EVENTS).await.unwrap().size == size,
        _ => {
            let stamp = store.stamp_newest(tenant, EVENTS).await.unwrap();
            stamp.is_some_and(|stamp| stamp.size == size)
        }
    }
}

async fn what_outsiders_say_is_kept_whichever_way_its_storing_fails(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let mut second = 0;
    for step in STEPS {
        for fault in [Fault::Lost, Fault::Done] {
            second += 10;
            let log = grown(&test.store, &sample, second).await;
            test.store.fail_next(step, fault);
            let failed = say(&test.store, &log, step).await;
            assert!(
                matches!(failed, Err(StoreError::Busy)),
                "{step:?} {fault:?}: {failed:?}"
            );
            // The process ends here. The next one finds it or asks for it again.
            let next = test.second().await;
            assert_eq!(
                is_kept(&next, &log, step).await,
                fault == Fault::Done,
                "{step:?} {fault:?}"
            );
            say(&next, &log, step).await.unwrap();
            assert!(is_kept(&next, &log, step).await, "{step:?} {fault:?}");
            next.close().await;
        }
    }
    let rows = "SELECT (SELECT count(*) FROM log_witness) + (SELECT count(*) FROM log_stamp)";
    assert_eq!(
        test.store.number(rows).await.unwrap(),
        3,
        "one witness, and a stamp for each size"
    );
    test.end().await;
}

async fn what_outsiders_say_of_an_ended_log_is_not_kept_of_the_new_one(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let old = grown(&test.store, &sample, 1).await;
    let ahead = "UPDATE mark SET size = size + 1000 WHERE origin LIKE '%/events'";
    test.store.tamper_keys(ahead).await.unwrap();
    test.store.log_sequence_all(later(2)).await.unwrap();
    let (tenant, by) = (sample.tenant, By::PROGRAM);
    let goes_on = test.store.log_continue(tenant, EVENTS, old.note_size, by, later(3));
    goes_on.await.unwrap();
    // Answers come that were asked for before.
    for step in STEPS {
        say(&test.store, &old, step).await.unwrap();
        assert!(!is_kept(&test.store, &old, step).await, "{step:?}");
    }
    test.end().await;
}
