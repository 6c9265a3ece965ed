//! The demo as screens: a town, a published plan and an enrolled device in seconds, then the program as field staff or
//! supervisors see it. Its palette can cut the network, mend it, and change a byte of the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorstep_device::{BoxFuture, HttpTransport, Request, Transport, TransportError, Waited};
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_domain::place::Point;
use doorstep_domain::words::Lang;
use doorstep_wire::sync::Position;
use serde_json::Value;

use super::partner::key_on_device;
use super::stage::{PARTNER_PIN, PIN, Stage, items, text_of};
use super::walk::Setting;
use super::{DemoArgs, town};
use crate::answer::Answer;
use crate::app::effect::DemoAsk;
use crate::app::form::Field;
use crate::app::model::{Model, Place, Toast};
use crate::cli::Globals;
use crate::command::log::Copied;
use crate::command::screen;
use crate::context::Context;
use crate::failure::Failure;
use crate::map::town::{TownPlan, town as made_town};
use crate::map::{Class, Street, Streets};
use crate::out::Captured;
use crate::text::pick;
use crate::work::{Prompter, StreetSource, Tools};

/// Iterations of the demo's planner: enough for a town of this size, and soon done.
const ITERATIONS: &str = "400";
/// Segments of the town's streets.
const SEGMENTS: usize = 12_000;
/// After a planned visit and the grace, silence is an alarm.
const SILENCE: Micros = Micros::from_seconds(30 * 60);
/// How long the first advice stays.
const WELCOME: Micros = Micros::from_seconds(20);
/// How far from the door somebody stands who rings the bell, in 1e-7 degrees: about 9 m.
const STEP_BACK: i64 = 800;

/// Makes the town and opens the screens.
pub(super) async fn open(args: &DemoArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let setting = Setting::of(args)?;
    if args.screen.snapshot.is_none() {
        let (english, chinese) = (
            "Making a town with people, a plan and a device ...\n",
            "正在生成城镇、人员、计划与设备…\n",
        );
        context.talk(pick(context.lang, english, chinese))?;
    }
    let globals = Globals {
        lang: Some(context.lang),
        ..Globals::default()
    };
    let mut unseen = Captured::default();
    let mut behind = Context::new(&globals, context.env, &mut unseen)?;
    let mut stage = Stage::new(&mut behind, setting.folder.clone(), Arc::clone(&setting.clock)).quietly();
    let login = prepare(&mut stage, &setting).await?;
    let network = Arc::new(Network::to(stage.address())?);
    let (field, office) = (stage.env(&login, None), stage.env("supervisor", None));
    let first = if args.supervisor { Place::Live } else { Place::Unlock };
    let mut model = Model::new(context.lang, context.zone.clone(), setting.clock.now(), first);
    model.zone = crate::times::zone("Asia/Shanghai");
    model.settings.demo = true;
    let (own, partners) = (
        pick(context.lang, "The demo's PIN:", "演示 PIN："),
        pick(context.lang, "the partner's:", "同行人员："),
    );
    model.settings.pin_hint = Some(format!("{own} {PIN}, {partners} {PARTNER_PIN}"));
    // Its people may be visited again after a week.
    model.settings.plan_ahead_days = 8;
    model.toast = Some(Toast {
        text: pick(
            context.lang,
            "Enter = next step   ? = keys   : = anything (go offline, become the other, tamper)",
            "Enter = 下一步   ? = 按键   : = 所有命令（断网、切换角色、篡改）",
        )
        .to_owned(),
        bad: false,
        until: setting.clock.now() + WELCOME,
    });
    "supervisor".clone_into(&mut model.office.role);
    model.pin = Field::new(PIN);
    let tools = Tools {
        device_dir: field.device_dir.clone(),
        clock: Arc::clone(&field.clock),
        transport: Some(Arc::<Network>::clone(&network)),
        machine: field.machine.clone(),
        server: stage.address().to_owned(),
        session_file: office.session_file,
        streets: StreetSource::Made(Arc::new(streets)),
        prompter: Some(network),
    };
    let mut front = Context::new(&globals, &field, &mut *context.out)?;
    let place = screen::place_of(&args.screen)?;
    let answer = Box::pin(screen::show(model, tools, &args.screen, place, &mut front)).await;
    stage.stop().await;
    if args.screen.snapshot.is_none() {
        context.talk(&goodbye(context.lang, args))?;
    }
    answer
}

/// What the demo leaves behind, and how to begin for real.
fn goodbye(lang: Lang, args: &DemoArgs) -> String {
    let kept = match (&args.dir, lang) {
        (Some(dir), Lang::En) => format!("The demo's data is in {}.", dir.display()),
        (Some(dir), Lang::Zh) => format!("演示数据位于 {}。", dir.display()),
        (None, Lang::En) => "The demo's data is gone with it.".to_owned(),
        (None, Lang::Zh) => "演示数据已删除。".to_owned(),
    };
    let next = pick(
        lang,
        "The same as commands: doorstep demo --walk    For real: doorstep init DIR --tenant NAME",
        "以命令方式演示：doorstep demo --walk    正式使用：doorstep init DIR --tenant NAME",
    );
    format!("{kept}\n{next}\n")
}

/// The streets of the town: those with names, and lanes between and around them.
fn streets() -> Streets {
    let named = town::streets();
    let names: Vec<(&str, &str)> = named.iter().map(|street| (street.english, street.chinese)).collect();
    let main: Vec<Street> = named.iter().map(main_street).collect();
    let Ok(centre) = Point::new(town::CENTRE[0], town::CENTRE[1]) else {
        return Streets::from_streets(&main);
    };
    let plan = TownPlan {
        centre,
        block_e7: town::BLOCK,
        main: &main,
        names: &names,
        segments: SEGMENTS,
        seed: 1,
    };
    Streets::from_streets(&made_town(&plan))
}

fn main_street(street: &town::Street) -> Street {
    Street {
        class: Class::Secondary,
        english: street.english.to_owned(),
        chinese: street.chinese.to_owned(),
        points: street
            .ends
            .iter()
            .filter_map(|[lat, lon]| Point::new(*lat, *lon).ok())
            .collect(),
    }
}

/// Sets up folder, server, people, cases, a published plan and one device. Returns whose device it is.
async fn prepare(stage: &mut Stage<'_>, setting: &Setting) -> Result<String, Failure> {
    let folder = stage.folder.display().to_string();
    let made = stage
        .document("owner", &["init", &folder, "--tenant", "Demo"], None)
        .await?;
    stage.serve().await?;
    stage.sign_in(&made).await?;
    let (staff, cases) = (
        setting.files.staff.display().to_string(),
        setting.files.cases.display().to_string(),
    );
    stage.document("admin", &["staff", "import", &staff], None).await?;
    stage.document("supervisor", &["case", "import", &cases], None).await?;
    let day = setting.today.to_string();
    let propose = [
        "plan",
        "propose",
        "--day",
        &day,
        "--iterations",
        ITERATIONS,
        "--without-notice",
    ];
    let plan = stage.document("supervisor", &propose, None).await?;
    let plan = text_of(&plan, "id").to_owned();
    // The day has begun and nobody real is visited.
    let publish = ["plan", "publish", &plan, "--yes", "--without-notice", "demonstration"];
    stage.document("supervisor", &publish, None).await?;
    let plan = stage.document("supervisor", &["plan", "show", &plan], None).await?;
    let staff = stage.document("admin", &["staff", "list"], None).await?;
    colleagues(stage, &plan, &staff).await?;
    let Some((login, starts)) = longest_route(&plan, &staff) else {
        let what = "a crew with a route";
        return Err(Failure::Unknown {
            kind: "crew",
            given: what.to_owned(),
        });
    };
    stage.wait_until(starts).await?;
    enrol(stage, &login).await?;
    if let Some(partner) = partner_of(&staff, &login) {
        key_on_device(stage, &login, &partner).await?;
    }
    Ok(login)
}

/// Another crew has begun its day: one visit so short that somebody should look at it, and one whose check-out stays away.
async fn colleagues(stage: &mut Stage<'_>, plan: &Value, staff: &Value) -> Result<(), Failure> {
    let routes = plan["routes"].as_array().map_or(&[][..], Vec::as_slice);
    let shortest = routes
        .iter()
        .filter(|route| route["visits"].as_array().is_some_and(|visits| visits.len() > 1))
        .min_by_key(|route| route["visits"].as_array().map_or(0, Vec::len));
    let Some(route) = shortest.filter(|_| routes.len() > 1) else {
        return Ok(());
    };
    let crew: Vec<&str> = items(staff)
        .iter()
        .filter(|one| one["crew"] == route["crew"])
        .map(|one| text_of(one, "login"))
        .collect();
    let [login, partner, ..] = crew[..] else { return Ok(()) };
    let (login, partner) = (login.to_owned(), partner.to_owned());
    let at = |place: usize| Micros(route["visits"][place]["starts"].as_i64().unwrap_or(0));
    enrol(stage, &login).await?;
    key_on_device(stage, &login, &partner).await?;
    stage.wait_until(at(0)).await?;
    let (first, second) = (
        text_of(&route["visits"][0], "visit"),
        text_of(&route["visits"][1], "visit"),
    );
    for visit in [first, second] {
        let start = ["visit", "start", visit, "--partner", &partner, "--identity-shown"];
        stage.document(&login, &start, None).await?;
        if visit == first {
            let finish = ["visit", "finish", visit, "--outcome", "NOBODY_HOME", "--anyway"];
            stage.document(&login, &finish, None).await?;
        }
    }
    stage.document(&login, &["sync"], None).await?;
    let silent = stage.now() + SILENCE;
    stage.wait_until(silent).await?;
    stage.look_for_overdue().await
}

/// Another one of somebody's crew.
fn partner_of(staff: &Value, login: &str) -> Option<String> {
    let own = items(staff).iter().find(|one| one["login"] == login)?;
    let crew = items(staff).iter().filter(|one| one["crew"] == own["crew"]);
    let mut others = crew.map(|one| text_of(one, "login")).filter(|other| *other != login);
    others.next().map(str::to_owned)
}

/// Enrols somebody's device and fetches its doors.
async fn enrol(stage: &mut Stage<'_>, login: &str) -> Result<(), Failure> {
    let code = stage.document("admin", &["device", "code", login], None).await?;
    let (code, tenant) = (text_of(&code, "code").to_owned(), text_of(&code, "tenant").to_owned());
    let enrol = ["device", "enrol", &code, "--tenant", &tenant];
    stage.document(login, &enrol, None).await?;
    stage.document(login, &["sync"], None).await?;
    Ok(())
}

/// Somebody of the crew with the longest route, whose certificate is valid, and when their first visit begins.
fn longest_route(plan: &Value, staff: &Value) -> Option<(String, Micros)> {
    let routes = plan["routes"].as_array()?;
    let route = routes
        .iter()
        .max_by_key(|route| route["visits"].as_array().map_or(0, Vec::len))?;
    let day = text_of(route, "day");
    let valid = |one: &&Value| one["certificate_until"].as_str().is_none_or(|until| until >= day);
    let one = items(staff)
        .iter()
        .filter(valid)
        .find(|one| one["crew"] == route["crew"])?;
    let starts = route["visits"][0]["starts"].as_i64()?;
    Some((text_of(one, "login").to_owned(), Micros(starts)))
}

/// The network between the demo's device and its server, which can be cut.
struct Network {
    there: HttpTransport,
    cut: AtomicBool,
    tampered: AtomicBool,
}

impl Network {
    fn to(server: &str) -> Result<Self, Failure> {
        Ok(Self {
            there: HttpTransport::new(server)?,
            cut: AtomicBool::new(false),
            tampered: AtomicBool::new(false),
        })
    }

    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

impl Transport for Network {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<doorstep_device::Answer, TransportError>> {
        if self.is_cut() {
            return Box::pin(async { Err(TransportError::Unreachable(None)) });
        }
        self.there.send(request)
    }

    fn wait(&self, request: Request, wait_max: Duration) -> BoxFuture<'_, Result<Waited, TransportError>> {
        if self.is_cut() {
            return Box::pin(async { Err(TransportError::Unreachable(None)) });
        }
        self.there.wait(request, wait_max)
    }
}

impl Prompter for Network {
    fn act(&self, ask: DemoAsk, lang: Lang) -> Result<String, Failure> {
        let said = match ask {
            DemoAsk::Offline => {
                self.cut.store(true, Ordering::SeqCst);
                pick(
                    lang,
                    "The network is cut: all field work goes on.",
                    "网络已断开：外访工作照常进行。",
                )
            }
            DemoAsk::Online => {
                self.cut.store(false, Ordering::SeqCst);
                pick(
                    lang,
                    "The network is back: s sends what waits.",
                    "网络已恢复：按 s 发送待发内容。",
                )
            }
            DemoAsk::Tamper => {
                self.tampered.store(true, Ordering::SeqCst);
                pick(
                    lang,
                    "One byte of the log's copy is changed: verify it.",
                    "日志副本的一个字节已被改动：请核验。",
                )
            }
        };
        Ok(said.to_owned())
    }

    fn tampering(&self) -> Option<Copied> {
        let flip: Copied = |folder| super::proof::flip_a_byte(folder).map(drop);
        self.tampered.load(Ordering::SeqCst).then_some(flip)
    }

    fn position(&self, door: [i64; 2]) -> Position {
        Position {
            lat_e7: door[0] - STEP_BACK,
            lon_e7: door[1],
            accuracy_m: 12,
            mock: false,
        }
    }
}
