//! Tables that several processes share: sessions, throttles, leases, jobs, answers kept for repeats.

use doorstep_domain::id::SessionId;
use doorstep_domain::measure::Micros;
use doorstep_store::entry::EntryKind;
use doorstep_store::job::{ATTEMPTS_MAX, JobState, JobWish};
use doorstep_store::session::Session;
use doorstep_store::{StoreError, fresh_id};

use super::engine::TestStore;
use super::sample::{NOW, Sample, later, one};

stories!(
    a_session_lives_until_it_is_ended,
    attempts_are_counted_by_window,
    a_lease_is_taken_over_when_it_ran_out,
    a_job_is_taken_once_and_taken_over,
    whoever_waits_for_a_job_sees_it_and_may_stop_it,
    two_processes_never_take_the_same_job,
    an_answer_is_kept_for_a_day,
);

async fn a_session_lives_until_it_is_ended(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let session = |n: u8| Session {
        id: SessionId(fresh_id(NOW)),
        tenant: sample.tenant,
        staff: sample.staff,
        device: None,
        created_at: NOW,
        used_at: NOW,
        expires: later(3600 + i64::from(n)),
    };
    let (first, second, third) = (session(1), session(2), session(3));
    for (session, token) in [(&first, "one"), (&second, "two"), (&third, "tri")] {
        store.session_insert(session, token).await.unwrap();
    }
    assert_eq!(store.session_by_token("one").await.unwrap(), Some(first.clone()));
    assert_eq!(store.session_by_token("no").await.unwrap(), None);
    store.session_touch(&first, later(60)).await.unwrap();
    assert_eq!(store.session_by_token("one").await.unwrap().unwrap().used_at, later(60));
    store
        .session_end(sample.tenant, sample.staff, Some(first.id), later(61))
        .await
        .unwrap();
    assert_eq!(store.session_by_token("one").await.unwrap(), None);
    assert!(store.session_by_token("two").await.unwrap().is_some());
    store
        .session_end(sample.tenant, sample.staff, None, later(62))
        .await
        .unwrap();
    assert_eq!(store.session_by_token("two").await.unwrap(), None);
    test.end().await;
}

async fn attempts_are_counted_by_window(test: TestStore) {
    let store = &test.store;
    let window = Micros::from_seconds(900);
    let start = Micros(NOW.get() - NOW.get().rem_euclid(window.get()));
    let at = |seconds: i64| start + Micros::from_seconds(seconds);
    for expected in 1..=3 {
        assert_eq!(
            store.throttle_count(b"anna", at(expected), window).await.unwrap(),
            expected
        );
    }
    assert_eq!(store.throttle_count(b"bert", at(4), window).await.unwrap(), 1);
    assert_eq!(store.throttle_count(b"anna", at(899), window).await.unwrap(), 4);
    assert_eq!(store.throttle_count(b"anna", at(900), window).await.unwrap(), 1);
    store.throttle_uncount(b"anna").await.unwrap();
    assert_eq!(store.throttle_count(b"anna", at(900), window).await.unwrap(), 1);
    store.throttle_clear(b"anna").await.unwrap();
    store.throttle_uncount(b"anna").await.unwrap();
    assert_eq!(store.throttle_count(b"anna", at(901), window).await.unwrap(), 1);
    test.end().await;
}

async fn a_lease_is_taken_over_when_it_ran_out(test: TestStore) {
    let store = &test.store;
    let take = |holder, now, until| store.lease_take("overdue", holder, later(now), later(until));
    assert_eq!(take("left", 0, 10).await.unwrap(), Some(1));
    assert_eq!(take("right", 5, 15).await.unwrap(), None);
    assert_eq!(take("left", 5, 15).await.unwrap(), Some(1));
    assert_eq!(take("right", 14, 24).await.unwrap(), None);
    assert_eq!(take("right", 15, 25).await.unwrap(), Some(2));
    assert_eq!(take("left", 16, 26).await.unwrap(), None);
    // A little longer than it should last is another process's clock; days longer, one that was ahead.
    assert_eq!(take("right", 25, 35).await.unwrap(), Some(2));
    assert_eq!(take("left", 20, 30).await.unwrap(), None);
    assert_eq!(take("right", 90_000, 90_010).await.unwrap(), Some(2));
    assert_eq!(take("left", 26, 36).await.unwrap(), Some(3));
    assert_eq!(
        store.lease_take("other", "left", later(16), later(26)).await.unwrap(),
        Some(1)
    );
    test.end().await;
}

async fn a_job_is_taken_once_and_taken_over(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let id = store
        .job_add(sample.tenant, "plan", "{}", later(0), later(10))
        .await
        .unwrap();
    assert_eq!(store.job_take("plan", "left", later(9), later(20)).await.unwrap(), None);
    let job = store
        .job_take("plan", "left", later(10), later(20))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((job.id, job.attempts, job.kind.as_str()), (id, 1, "plan"));
    assert_eq!(
        store.job_take("plan", "right", later(19), later(30)).await.unwrap(),
        None
    );
    // The holder died; its end comes too late to count.
    let over = store
        .job_take("plan", "right", later(20), later(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((over.id, over.attempts), (id, 2));
    store.job_end(&job, "left", true, later(20)).await.unwrap();
    store.job_end(&over, "right", false, later(40)).await.unwrap();
    assert_eq!(
        store.job_take("plan", "left", later(39), later(50)).await.unwrap(),
        None
    );
    for attempt in 3..=ATTEMPTS_MAX {
        let job = store
            .job_take("plan", "left", later(40), later(50))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(job.attempts, attempt);
        store.job_end(&job, "left", false, later(40)).await.unwrap();
    }
    assert_eq!(
        store.job_take("plan", "left", later(99), later(100)).await.unwrap(),
        None
    );
    test.end().await;
}

async fn whoever_waits_for_a_job_sees_it_and_may_stop_it(test: TestStore) {
    let store = &test.store;
    let tenant = Sample::new(store).await.tenant;
    let id = store.job_add(tenant, "plan", "{}", later(0), later(0)).await.unwrap();
    assert_eq!(store.job_take("other", "left", later(1), later(9)).await.unwrap(), None);
    let job = store
        .job_take("plan", "left", later(1), later(9))
        .await
        .unwrap()
        .unwrap();
    let wish = store.job_beat(&job, "left", later(20), "half").await.unwrap();
    assert_eq!(wish, Some(JobWish::GoOn));
    let seen = store.job_get(tenant, id).await.unwrap();
    assert_eq!((seen.state, seen.progress.as_str()), (JobState::Running, "half"));
    assert_eq!(seen.lease_until, Some(later(20)));
    store.job_wish(tenant, id, JobWish::Discard).await.unwrap();
    store.job_wish(tenant, id, JobWish::Stop).await.unwrap();
    let wish = store.job_beat(&job, "left", later(20), "half").await.unwrap();
    assert_eq!(wish, Some(JobWish::Discard));
    // Taken over, it is no longer the first one's to speak of or to end.
    let over = store
        .job_take("plan", "right", later(20), later(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.job_beat(&job, "left", later(40), "late").await.unwrap(), None);
    store.job_close(&job, "left", true, "late").await.unwrap();
    let mut tx = store.write(tenant, later(21)).await.unwrap();
    assert!(matches!(
        tx.job_done(&job, "left", "late").await,
        Err(StoreError::Changed)
    ));
    drop(tx);
    store.job_close(&over, "right", false, "lost").await.unwrap();
    let seen = store.job_get(tenant, id).await.unwrap();
    assert_eq!((seen.state, seen.progress.as_str()), (JobState::Failed, "lost"));
    // One that nobody began ends at once.
    let id = store.job_add(tenant, "plan", "{}", later(0), later(0)).await.unwrap();
    store.job_wish(tenant, id, JobWish::Stop).await.unwrap();
    assert_eq!(store.job_get(tenant, id).await.unwrap().state, JobState::Done);
    assert_eq!(
        store.job_take("plan", "left", later(50), later(60)).await.unwrap(),
        None
    );
    test.end().await;
}

async fn two_processes_never_take_the_same_job(test: TestStore) {
    const JOBS: i64 = 40;
    let sample = Sample::new(&test.store).await;
    for n in 0..JOBS {
        test.store
            .job_add(sample.tenant, "plan", &n.to_string(), NOW, NOW)
            .await
            .unwrap();
    }
    let worker = |store: doorstep_store::Store, holder: &'static str| {
        tokio::spawn(async move {
            let mut taken = Vec::new();
            while let Some(job) = store.job_take("plan", holder, later(1), later(100)).await.unwrap() {
                store.job_end(&job, holder, true, later(1)).await.unwrap();
                taken.push(job.body.parse::<i64>().unwrap());
            }
            taken
        })
    };
    let other = test.second().await;
    let (left, right) = (worker(test.store.clone(), "left"), worker(other.clone(), "right"));
    let mut taken = [left.await.unwrap(), right.await.unwrap()].concat();
    taken.sort_unstable();
    assert_eq!(taken, (0..JOBS).collect::<Vec<_>>());
    other.close().await;
    test.end().await;
}

async fn an_answer_is_kept_for_a_day(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.answer_keep(sample.staff, "key", b"hash", "answer").await.unwrap();
    tx.commit(one(EntryKind::OrgChanged)).await.unwrap();
    let get = |key, hash: &'static [u8]| store.answer_get(sample.tenant, sample.staff, key, hash);
    assert_eq!(get("key", b"hash").await.unwrap().as_deref(), Some("answer"));
    assert_eq!(get("other", b"hash").await.unwrap(), None);
    assert!(matches!(get("key", b"another").await, Err(StoreError::Changed)));
    let mut tx = store.write(sample.tenant, later(86_401)).await.unwrap();
    tx.answer_keep(sample.staff, "next", b"hash", "answer").await.unwrap();
    tx.commit(one(EntryKind::OrgChanged)).await.unwrap();
    assert_eq!(get("key", b"hash").await.unwrap(), None);
    test.end().await;
}
