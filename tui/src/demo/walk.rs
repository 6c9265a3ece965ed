//! The walk: from a case file to a verified log, step by step, with what each step must show.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_rules::{Facts, PackSet, intervals};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::DemoArgs;
use super::clock::DemoClock;
use super::partner::key_on_device;
use super::stage::{Stage, items, text_of};
use super::town::town;
use super::{page, proof, serving};
use crate::answer::{Answer, Exit};
use crate::clock::SystemClock;
use crate::context::Context;
use crate::failure::Failure;

/// Flags after which nobody may be visited, as the case list shows them.
const STOPS: [&str; 8] = [
    "disputed",
    "hardship",
    "vulnerable",
    "represented",
    "cease_contact",
    "plan_performing",
    "deceased",
    "moratorium",
];

/// What silence after a check-in must lead to.
const OVERDUE: &str = "the overdue check-out raised an alarm";

/// The next day, today included, on which the packs allow a visit in an ordinary case.
fn allowed_day(packs: &PackSet, from: Date) -> Date {
    let ordinary = |at: Micros| -> Option<Facts> {
        let text = json!({
            "subject": {"status": "open", "party": "debtor"},
            "address": {"country": "CN", "zone": "Asia/Shanghai", "state": "current", "kind": "home"},
            "notices": [{"handed_over_at": 0}],
            "attempt": {"start": at.get(), "end": at.get()},
            "as_of": at.get(),
        });
        serde_json::from_value(text).ok()
    };
    let mut day = from;
    for _ in 0..31 {
        let start = day
            .to_zoned(TimeZone::UTC)
            .map_or(0, |zoned| zoned.timestamp().as_microsecond());
        let open = ordinary(Micros(start)).is_some_and(|facts| {
            !intervals(packs, &facts, day, Micros::from_seconds(1_200))
                .intervals
                .is_empty()
        });
        if open {
            return day;
        }
        day = day.saturating_add(jiff::Span::new().days(1));
    }
    from
}

/// Just after midnight in Europe and the beginning of the working day in China.
fn morning(day: Date) -> Micros {
    let at = day.at(0, 10, 0, 0).to_zoned(TimeZone::UTC);
    at.map_or(Micros(0), |zoned| Micros(zoned.timestamp().as_microsecond()))
}

/// Where and when the demo plays.
pub(super) struct Setting {
    /// The day that is shown.
    pub(super) today: Date,
    /// The folder of its data.
    pub(super) folder: PathBuf,
    /// Its clock.
    pub(super) clock: Arc<DemoClock>,
    /// What is imported.
    pub(super) files: Files,
    /// Gone with the demo.
    pub(super) temporary: tempfile::TempDir,
}

impl Setting {
    /// What the arguments ask for.
    pub(super) fn of(args: &DemoArgs) -> Result<Self, Failure> {
        let real = jiff::Timestamp::from_microsecond(SystemClock.now().get()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let today = args
            .today
            .unwrap_or_else(|| allowed_day(&PackSet::builtin(), real.to_zoned(TimeZone::UTC).date()));
        let temporary = tempfile::Builder::new().prefix("doorstep-demo-").tempdir()?;
        let folder = match &args.dir {
            Some(dir) => std::path::absolute(dir)?,
            None => temporary.path().join("data"),
        };
        let files = Files::of(args, today, temporary.path())?;
        let clock = Arc::new(DemoClock::starting(morning(today)));
        Ok(Self {
            today,
            folder,
            clock,
            files,
            temporary,
        })
    }
}

/// Runs the demo.
pub(super) async fn run(args: &DemoArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let Setting {
        today,
        folder,
        clock,
        files,
        temporary: _temporary,
    } = Setting::of(args)?;
    let mut stage = Stage::new(context, folder, clock);
    prepare(&mut stage, &files, today).await?;
    let plan = plan(&mut stage, today).await?;
    field(&mut stage, &plan).await?;
    rights(&mut stage).await?;
    // Everybody was to be visited today, and nobody is twice within seven days.
    let later = allowed_day(&PackSet::builtin(), today.saturating_add(jiff::Span::new().days(8)));
    let page = page::show(&mut stage, later).await?;
    proof::show(&mut stage).await?;
    if args.headless {
        stage.stop().await;
        let (document, text) = stage.summary(today);
        return Ok(Answer::checked(&document, text, stage.held()));
    }
    serving::serve(&mut stage, today, page.as_deref()).await
}

/// The files that are imported.
pub(super) struct Files {
    pub(super) cases: PathBuf,
    pub(super) staff: PathBuf,
}

impl Files {
    fn of(args: &DemoArgs, today: Date, folder: &Path) -> Result<Self, Failure> {
        if let (Some(cases), Some(staff)) = (&args.cases, &args.staff) {
            return Ok(Self {
                cases: std::path::absolute(cases)?,
                staff: std::path::absolute(staff)?,
            });
        }
        let made = town(args.seed, today);
        let files = Self {
            cases: folder.join("town-cases.csv"),
            staff: folder.join("town-staff.csv"),
        };
        std::fs::write(&files.cases, made.cases)?;
        std::fs::write(&files.staff, made.staff)?;
        Ok(files)
    }
}

/// Sets up the folder, the server, the people, and imports the files.
async fn prepare(stage: &mut Stage<'_>, files: &Files, today: Date) -> Result<(), Failure> {
    stage.say(&format!("Doorstep demo: the day is {today}."))?;
    let folder = stage.folder.display().to_string();
    let made = stage
        .document("owner", &["init", &folder, "--tenant", "Demo"], None)
        .await?;
    stage.check(
        "a data folder with administrator, supervisor and auditor",
        !made["logins"].is_null(),
    )?;
    let server = stage.serve().await?;
    stage.say(&format!("serving at {server}"))?;
    stage.sign_in(&made).await?;
    let staff = files.staff.display().to_string();
    let done = stage.command("admin", &["staff", "import", &staff]).await?;
    stage.check("the staff file landed", done.exit == Exit::Done)?;
    let cases = files.cases.display().to_string();
    let preview = stage
        .document("supervisor", &["case", "import", &cases, "--dry-run"], None)
        .await?;
    let done = stage.command("supervisor", &["case", "import", &cases]).await?;
    stage.check("the case file landed", done.exit == Exit::Done)?;
    refused(stage).await?;
    let again = stage.document("supervisor", &["case", "import", &cases], None).await?;
    // What landed is known now; lines that the file itself has twice were so before.
    let known = preview["created"].as_u64().unwrap_or(0) + preview["counts"]["duplicate"].as_u64().unwrap_or(0);
    let same = again["created"] == 0 && again["updated"] == 0 && again["counts"]["duplicate"] == known;
    stage.check("the same file again changes nothing", same)?;
    let done = stage.command("supervisor", &["case", "list", "--limit", "5"]).await?;
    stage.check("cases are listed", done.exit == Exit::Done)
}

/// Shows what became of the rows that cannot be true: they are counted and given back, each with its reason.
async fn refused(stage: &mut Stage<'_>) -> Result<(), Failure> {
    const WHAT: &str = "a row that cannot be true is refused and given back with its reason";
    let imports = stage.document("supervisor", &["case", "imports"], None).await?;
    let id = items(&imports)
        .first()
        .map_or("", |import| text_of(import, "import"))
        .to_owned();
    let import = stage
        .document("supervisor", &["case", "show-import", &id], None)
        .await?;
    let rejected: Vec<&Value> = import["rows"].as_array().map_or(Vec::new(), |rows| {
        rows.iter().filter(|row| row["result"] == "reject").collect()
    });
    if rejected.is_empty() {
        return stage.not_shown(WHAT, "the file has no such row");
    }
    stage.say(&format!("  rows refused    {}", rejected.len()))?;
    let out = stage.path("given-back.csv");
    let done = stage
        .command("supervisor", &["case", "give-back", &id, &out.display().to_string()])
        .await?;
    // The file comes back as it was written, which need not be UTF-8; codes of reasons are plain in it.
    let rows = std::fs::read(&out).unwrap_or_default();
    let rows = String::from_utf8_lossy(&rows);
    let text = |value: &Value| value.as_str().is_none_or(|text| rows.contains(text));
    let reasons = rejected.iter().all(|row| {
        let why = row["reasons"].as_array().map_or(&[][..], Vec::as_slice);
        !why.is_empty() && why.iter().all(text)
    });
    stage.check(WHAT, done.exit == Exit::Done && reasons)
}

/// Proposes a plan, asks why one case is not in it, publishes. Returns the plan as a document.
async fn plan(stage: &mut Stage<'_>, today: Date) -> Result<Value, Failure> {
    let day = today.to_string();
    let done = stage
        .command(
            "supervisor",
            &[
                "plan",
                "propose",
                "--day",
                &day,
                "--iterations",
                "3000",
                "--without-notice",
            ],
        )
        .await?;
    stage.check("a plan is proposed", done.exit == Exit::Done)?;
    let plans = stage.document("supervisor", &["plan", "list"], None).await?;
    let id = items(&plans).first().map_or("", |plan| text_of(plan, "id")).to_owned();
    let detail = stage.document("supervisor", &["plan", "show", &id], None).await?;
    stage.check("it has visits", detail["planned"].as_u64().unwrap_or(0) > 0)?;
    stage.check(
        "the independent checker finds nothing",
        detail["findings"].as_array().is_some_and(Vec::is_empty),
    )?;
    stage.check("travel is labelled an estimate", detail["travel"] == "estimate")?;
    let cases = stage.document("supervisor", &["case", "list", "--all"], None).await?;
    let stopped = items(&cases).iter().find(|case| {
        case["flags"]
            .as_array()
            .is_some_and(|flags| flags.iter().any(|flag| STOPS.iter().any(|stop| flag == stop)))
    });
    let what = "a case that must not be visited is not planned, and the rule says why";
    if let Some(case) = stopped {
        let case = text_of(case, "id").to_owned();
        stage.command("supervisor", &["plan", "why", &id, &case]).await?;
        let why = stage.document("supervisor", &["plan", "why", &id, &case], None).await?;
        let blocked = why["planned"].is_null() && !why["verdict"]["findings"].is_null();
        stage.check(what, blocked)?;
    } else {
        stage.not_shown(what, "the file has no such case")?;
    }
    // The day has begun and nobody real is visited; elsewhere each visit is announced a day ahead.
    let publish = ["plan", "publish", &id, "--yes", "--without-notice", "demonstration"];
    let done = stage.command("supervisor", &publish).await?;
    stage.check("the plan is published", done.exit == Exit::Done)?;
    stage.document("supervisor", &["plan", "show", &id], None).await
}

/// Two devices of one crew carry out the route; they disagree once, and one check-out stays away.
async fn field(stage: &mut Stage<'_>, plan: &Value) -> Result<(), Failure> {
    let staff = stage.document("admin", &["staff", "list"], None).await?;
    let routes = plan["routes"].as_array().map_or(&[][..], Vec::as_slice);
    let crew_of = |route: &Value| -> Vec<String> {
        let mine = items(&staff).iter().filter(|one| one["crew"] == route["crew"]);
        // Somebody whose certificate is past by the day is sent to no door.
        let day = text_of(route, "day");
        let mine = mine.filter(|one| one["certificate_until"].as_str().is_none_or(|until| until >= day));
        mine.map(|one| text_of(one, "login").to_owned()).collect()
    };
    let longest = routes
        .iter()
        .filter(|route| crew_of(route).len() >= 2)
        .max_by_key(|route| route["visits"].as_array().map_or(0, Vec::len));
    let Some(route) = longest else {
        return stage.check("a crew of two has a route", false);
    };
    let crew = crew_of(route);
    let visits: Vec<&Value> = route["visits"]
        .as_array()
        .map_or(Vec::new(), |all| all.iter().take(3).collect());
    let planned = route["visits"].as_array().map_or(0, Vec::len);
    stage.say(&format!(
        "\ncrew {}: {planned} visits planned",
        text_of(route, "crew_name")
    ))?;
    for login in &crew[..2] {
        enrol(stage, login).await?;
    }
    let [first, second] = [crew[0].as_str(), crew[1].as_str()];
    let partner = |login: &str| if login == first { second } else { first };
    let starts = Micros(visits[0]["starts"].as_i64().unwrap_or(0));
    stage.wait_until(starts).await?;
    let stops = stage.command(first, &["visit", "route"]).await?;
    stage.check("the crew has its route", stops.exit == Exit::Done)?;
    let one = text_of(visits[0], "visit").to_owned();
    // Where two staff are required, each signs on their own device that they are there too.
    for login in [first, second] {
        let done = stage.command(login, &["visit", "confirm", &one]).await?;
        stage.check(
            &format!("{login} signs for the partner's check-in"),
            done.exit == Exit::Done,
        )?;
    }
    // Both carry out the same visit and say different things of it.
    visit(stage, first, partner(first), &one, &["--outcome", "MET_BORROWER"]).await?;
    visit(stage, second, partner(second), &one, &["--outcome", "NOBODY_HOME"]).await?;
    for login in [first, second] {
        let done = stage.command(login, &["sync"]).await?;
        stage.check(&format!("{login} sends what it recorded"), done.exit == Exit::Done)?;
    }
    stage.command("supervisor", &["conflicts"]).await?;
    let conflicts = stage.document("supervisor", &["conflicts"], None).await?;
    stage.check(
        "two devices disagree: one conflict, both sides kept",
        items(&conflicts).len() == 1,
    )?;
    match visits.get(1) {
        Some(next) => overdue(stage, first, partner(first), next).await,
        None => stage.not_shown(OVERDUE, "the file has no case for a second visit of this crew"),
    }
}

async fn enrol(stage: &mut Stage<'_>, login: &str) -> Result<(), Failure> {
    let code = stage.document("admin", &["device", "code", login], None).await?;
    let (tenant, code) = (text_of(&code, "tenant").to_owned(), text_of(&code, "code").to_owned());
    stage
        .document(login, &["device", "enrol", &code, "--tenant", &tenant], None)
        .await?;
    let done = stage.command(login, &["sync"]).await?;
    stage.check(
        &format!("{login}'s device is enrolled and fetched its doors"),
        done.exit == Exit::Done,
    )
}

/// Carries out one visit on one device: check-in, what the rules require, check-out.
async fn visit(
    stage: &mut Stage<'_>,
    who: &str,
    partner: &str,
    visit: &str,
    came_of_it: &[&str],
) -> Result<(), Failure> {
    let started = start(stage, who, visit, &["--staff", partner]).await?;
    let required: Vec<&str> = started["required"]
        .as_array()
        .map_or(Vec::new(), |all| all.iter().filter_map(Value::as_str).collect());
    let required = required.join(",");
    let mut args = vec!["visit", "finish", visit];
    args.extend(came_of_it);
    if !required.is_empty() {
        args.extend(["--done", &required]);
    }
    let done = stage.command(who, &args).await?;
    stage.check(&format!("{who} checks out"), done.exit == Exit::Done)
}

async fn start(stage: &mut Stage<'_>, who: &str, visit: &str, with: &[&str]) -> Result<Value, Failure> {
    let args = [&["visit", "start", visit, "--identity-shown"], with].concat();
    stage.say(&format!("\n{who} $ doorstep {}", args.join(" ")))?;
    let started = stage.document(who, &args, None).await?;
    stage.check(&format!("{who} checks in"), !started["event"].is_null())?;
    Ok(started)
}

/// A check-in without a check-out: silence raises the alarm.
async fn overdue(stage: &mut Stage<'_>, who: &str, partner: &str, next: &Value) -> Result<(), Failure> {
    let starts = Micros(next["starts"].as_i64().unwrap_or(0));
    stage.wait_until(starts).await?;
    key_on_device(stage, who, partner).await?;
    start(stage, who, text_of(next, "visit"), &["--partner", partner]).await?;
    stage.command(who, &["sync"]).await?;
    let later = stage.now() + Micros::from_seconds(40 * 60);
    stage.wait_until(later).await?;
    stage.say("\n… forty minutes later, nothing was heard")?;
    stage.look_for_overdue().await?;
    stage.command("supervisor", &["alarms"]).await?;
    let alarms = stage.document("supervisor", &["alarms"], None).await?;
    stage.check(OVERDUE, items(&alarms).len() == 1)
}

/// One person is erased after a second person's approval; cases go back to the lender.
async fn rights(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let cases = stage
        .document("supervisor", &["case", "list", "--limit", "1"], None)
        .await?;
    let case = items(&cases).first().map_or("", |case| text_of(case, "id")).to_owned();
    let shown = stage.document("supervisor", &["case", "show", &case], None).await?;
    let person = text_of(&shown, "person").to_owned();
    let asked = stage
        .document(
            "supervisor",
            &["approvals", "ask", "person.erase", &person, "--reason", "person-asked"],
            None,
        )
        .await?;
    let approval = text_of(&asked, "id").to_owned();
    stage
        .document("admin", &["approvals", "approve", &approval], None)
        .await?;
    let done = stage
        .command("supervisor", &["person", "erase", &person, "--approval", &approval])
        .await?;
    stage.check(
        "a person is erased after a second person agreed",
        done.exit == Exit::Done,
    )?;
    let out = stage.path("export-cases.csv").display().to_string();
    let done = stage.command("supervisor", &["case", "export", &out]).await?;
    stage.check("cases go back to the lender as a file", done.exit == Exit::Done)
}
