//! Commands of loans, payments and books.

use serde_json::json;

use super::agreements::ahead;
use super::office::{Office, items, text};

/// A loan is imported, worked, paid and balanced; money that fits nowhere waits for a person, who decides.
pub(super) fn are_booked(office: &Office) {
    office.does("admin", &["portfolio", "add", "loans"]);
    is_imported(office);
    let head = "reference,case_no,portfolio,day,amount,currency,kind\n";
    let today = ahead(-1);
    let rows = [
        format!("B-1,LN-1,loans,{today},40.00,EUR,payment"),
        format!("B-2,NOBODY,loans,{today},7.50,EUR,payment"),
        format!("B-3,LN-1,loans,{today},5000.00,EUR,payment"),
        format!("B-4,LN-1,loans,{today},-3.00,EUR,payment"),
    ];
    let file = office.file("payments.csv", &format!("{head}{}\n", rows.join("\n")));
    let preview = office.does("supervisor", &["payment", "import", &file, "--dry-run"]);
    assert_eq!(
        (&preview["state"], &preview["import"]),
        (&json!("preview"), &json!(null)),
        "{preview}"
    );
    let back = office.at("payments-back.csv");
    let import = ["payment", "import", &file, "--give-back", &back];
    let ended = office.types("supervisor", &import, "");
    assert!(
        ended.data.contains("hold") || ended.data.contains("held"),
        "{}{}",
        ended.data,
        ended.talk
    );
    let given_back = std::fs::read_to_string(&back).unwrap();
    assert!(
        given_back.contains("B-4") && !given_back.contains("B-1"),
        "{given_back}"
    );
    let again = office.does("supervisor", &["payment", "import", &file]);
    assert_eq!(again["counts"], json!({"duplicate": 3, "reject": 1}), "{again}");
    office.refused("auditor", &["payment", "import", &file], 1, "not-allowed");
    let listed = office.does("supervisor", &["payment", "list", "--case", "LN-1"]);
    assert_eq!((items(&listed).len(), &items(&listed)[0]["amount"]), (1, &json!(4_000)));
    is_decided(office);
    balance(office);
}

fn is_imported(office: &Office) {
    let head =
        "loan_no,portfolio,name,phone,address,lat,lon,due_date,instalment,principal,interest,penalty,fees,currency\n";
    let row = |number: &str, due: &str, instalment: i64| {
        format!(
            "{number},loans,Ada Invented,+351912000001,Rua Inventada 9 Porto,41.1579,-8.6291,{due},{instalment},100,10,5,1,EUR\n"
        )
    };
    let (late, next) = (ahead(-20), ahead(11));
    let rows = [
        row("LN-1", &late, 1),
        row("LN-1", &next, 2),
        row("LN-2", &late, 1),
        row("LN-2", &next, 3),
    ];
    let file = office.file("loans.csv", &format!("{head}{}", rows.concat()));
    let preview = office.does("supervisor", &["loan", "import", &file, "--dry-run"]);
    assert_eq!(
        (&preview["state"], &preview["created"]),
        (&json!("preview"), &json!(1)),
        "{preview}"
    );
    let said = office.types("supervisor", &["loan", "import", &file, "--lang", "zh-CN"], "");
    assert!(
        said.data.contains("LN-2"),
        "the loan with a gap comes back: {}{}",
        said.data,
        said.talk
    );
    let again = office.does("supervisor", &["loan", "import", &file]);
    assert_eq!(
        (&again["created"], &again["counts"]["duplicate"]),
        (&json!(0), &json!(2)),
        "{again}"
    );
    office.refused("auditor", &["loan", "import", &file], 1, "not-allowed");
    let worked = office.does("supervisor", &["daily"]);
    assert_eq!(
        (&worked["steps"][0]["step"], &worked["steps"][0]["counts"]["opened"]),
        (&json!("age"), &json!(1))
    );
    let twice = office.types("supervisor", &["daily"], "");
    assert!(twice.data.contains("opened 0"), "{}", twice.data);
    office.refused("supervisor", &["daily", "--day", "2026-01-01"], 1, "day-over");
    let cases = office.does("supervisor", &["case", "list", "--all"]);
    let case = items(&cases).iter().find(|case| case["case_no"] == "LN-1").unwrap();
    assert_eq!(
        (&case["amount"]["total"], &case["days_past_due"]),
        (&json!(11_600), &json!(20)),
        "{case}"
    );
}

fn is_decided(office: &Office) {
    let held = office.does("supervisor", &["payment", "held"]);
    let id_of = |reason: &str| text(items(&held).iter().find(|one| one["reason"] == reason).unwrap(), "id");
    let (stray, much) = (id_of("unknown-case"), id_of("overpaid"));
    let shown = office.types("supervisor", &["payment", "held", "--lang", "zh-CN"], "");
    assert!(
        shown.data.contains("NOBODY") && shown.data.contains("B-2"),
        "{}",
        shown.data
    );
    office.refused(
        "supervisor",
        &["payment", "settle", &much, "--case", "LN-1"],
        1,
        "payment-unfit",
    );
    let neither = office.types("supervisor", &["payment", "settle", &much], "");
    assert_eq!(neither.code, Some(2), "{}", neither.talk);
    let refused = office.does(
        "supervisor",
        &["payment", "settle", &much, "--refuse", "given back to the payer"],
    );
    assert_eq!(refused["state"], "refused");
    let counted = office.does("supervisor", &["payment", "settle", &stray, "--case", "LN-1"]);
    assert_eq!(
        (&counted["state"], &counted["amount"]),
        (&json!("counted"), &json!(750))
    );
}

/// The books of the portfolio, to the minor unit; and their status is that of a check.
fn balance(office: &Office) {
    let books = office.does("supervisor", &["books", "--portfolio", "loans"]);
    assert_eq!(
        (&books["balanced"], &books["held"]),
        (&json!(true), &json!([])),
        "{books}"
    );
    let item = &books["items"][0];
    let sums =
        ["opening", "due", "payments", "reversals", "waivers", "closing"].map(|name| item[name]["total"].clone());
    assert_eq!(sums, [0, 11_600, 4_750, 0, 0, 6_850].map(|sum| json!(sum)), "{item}");
    let parts = ["principal", "interest", "penalty", "fees"].map(|part| item["closing"][part].clone());
    // Fees, penalty and interest first, and what is left of 47.50 is principal.
    assert_eq!(parts, [6_850, 0, 0, 0].map(|sum| json!(sum)), "{item}");
    let shown = office.types("supervisor", &["books", "--portfolio", "loans"], "");
    assert_eq!(shown.code, Some(0), "{}", shown.talk);
    assert!(
        shown.data.contains("68.50") && shown.data.contains("Every case balances."),
        "{}",
        shown.data
    );
    let all = office.does("auditor", &["books"]);
    assert_eq!(all["balanced"], true, "{all}");
    office.refused(
        "supervisor",
        &["books", "--portfolio", "nothing of the kind"],
        1,
        "not-found",
    );
}
