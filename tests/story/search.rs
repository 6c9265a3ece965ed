//! Searching and sorting by name within one's own scope: what is found, what it leaves in the log, and what it forgets.

use serde_json::{Value, json};

use crate::harness::{Client, Deployment, lines_of, sample};

stories!(
    names_are_found_sorted_and_paged_within_the_scope,
    a_scope_in_memory_forgets_who_is_erased,
);

async fn all(client: &Client, more: &str) -> Vec<Value> {
    client.items(&format!("/v1/cases?{more}")).await
}

fn names(cases: &[Value]) -> Vec<String> {
    let name = |case: &Value| case["name"].as_str().unwrap().to_lowercase();
    cases.iter().map(name).collect()
}

async fn names_are_found_sorted_and_paged_within_the_scope(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 60))
        .await;
    let before = site.export().await.count("access");
    let by_name = all(&site.supervisor, "sort=name&limit=7").await;
    assert_eq!(by_name.len(), 60, "pages lose no case and double none");
    let mut sorted = names(&by_name);
    sorted.sort();
    assert_eq!(names(&by_name), sorted);
    // The scope was opened once; each of nine pages has an entry of its own.
    assert_eq!(site.export().await.count("access"), before + 1 + 9);
    let mut backwards = names(&all(&site.supervisor, "sort=name&order=desc&limit=500").await);
    backwards.reverse();
    assert_eq!(backwards, sorted);
    let days = all(&site.supervisor, "sort=days&order=asc&limit=500").await;
    let days: Vec<i64> = days
        .iter()
        .map(|case| case["days_past_due"].as_i64().unwrap())
        .collect();
    assert!(days.is_sorted(), "{days:?}");
    let wanted = &by_name[10];
    let found = all(
        &site.supervisor,
        &format!("search={}", wanted["name"].as_str().unwrap().to_uppercase()),
    )
    .await;
    assert!(
        found.iter().any(|case| case["id"] == wanted["id"]),
        "capital letters do not matter"
    );
    assert!(found.iter().all(|case| case["name"] == wanted["name"]));
    assert_eq!(
        all(&site.supervisor, "search=nobody-of-this-name").await,
        Vec::<Value>::new()
    );
    assert_eq!(
        all(&site.supervisor, "search=a&status=settled").await,
        Vec::<Value>::new()
    );
    // What is imported now is found now.
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| (60..70).contains(&line)))
        .await;
    assert_eq!(all(&site.supervisor, "sort=name&limit=500").await.len(), 70);
    for wrong in ["sort=phone", "sort=name&order=up", "sort=name&cursor=x"] {
        site.supervisor
            .get(&format!("/v1/cases?{wrong}"))
            .await
            .problem("bad-request");
    }
}

async fn a_scope_in_memory_forgets_who_is_erased(site: &mut Deployment) {
    site.supervisor
        .import(lines_of(&sample("porto-cases.csv"), |line| line < 30))
        .await;
    let gone = all(&site.supervisor, "sort=name&limit=1").await.remove(0);
    let search = format!("search={}", gone["name"].as_str().unwrap());
    let path = format!("/v1/cases/{}", gone["id"].as_str().unwrap());
    let person = site.supervisor.get(&path).await.done()["person"].clone();
    let ask = json!({"kind": "person.erase", "subject": person, "reason": "person-asked"});
    let approval = site.supervisor.post("/v1/approvals", &ask).await.done()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = format!("/v1/approvals/{approval}/answer");
    site.second_supervisor
        .post(&answer, &json!({"approve": true}))
        .await
        .done();
    assert!(!all(&site.supervisor, &search).await.is_empty());
    // The scope is in memory still when the person is erased.
    let erase = format!("/v1/persons/{}/erase?approval={approval}", person.as_str().unwrap());
    site.supervisor.post(&erase, &Value::Null).await.done();
    let left = all(&site.supervisor, &search).await;
    assert!(left.iter().all(|case| case["id"] != gone["id"]), "{left:?}");
}
