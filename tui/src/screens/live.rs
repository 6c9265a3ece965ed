//! Who is where: alarms first, crews in trouble next, the feed, and the map.

use doorstep_domain::alarm::AlarmKind;
use doorstep_domain::event::EventKind;
use doorstep_domain::live::CrewState;
use doorstep_domain::visit::VisitState;
use doorstep_domain::words::Lang;
use doorstep_wire::alarm::AlarmItem;
use doorstep_wire::live::{LiveCrew, LiveView};
use ratatui_core::layout::Rect;

use super::maps::{self, Views, point};
use super::today::{split_x, split_y};
use crate::app::model::Model;
use crate::map::{Person, PersonState, Scene, Stop, StopState};
use crate::text::{label, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, number, rows};

/// From this width on the map stands beside the crews.
const SIDE_BY_SIDE: u16 = 100;

/// Draws the screen.
pub(super) fn draw(model: &Model, views: &Views, painter: &mut Painter<'_>, area: Rect) {
    let Some(live) = &model.office.live else {
        super::waiting(model, painter, area);
        return;
    };
    if model.view.big {
        map(model, live, views, painter, area);
        return;
    }
    let (left, right) = if area.width >= SIDE_BY_SIDE {
        split_x(area, 56)
    } else {
        (area, Rect::new(area.right(), area.y, 0, area.height))
    };
    let shown = live.crews.len() + model.office.alarms.len() + 3;
    let (top, bottom) = split_y(
        left,
        (left.height * 3 / 5)
            .min(u16::try_from(shown).unwrap_or(u16::MAX))
            .max(6),
    );
    crews(model, live, painter, top);
    if right.width > 0 {
        feed(model, live, painter, bottom);
        map(model, live, views, painter, right);
    } else {
        let (feed_area, map_area) = split_y(bottom, (bottom.height / 2).min(6));
        feed(model, live, painter, feed_area);
        map(model, live, views, painter, map_area);
    }
}

fn crews(model: &Model, live: &LiveView, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let title = match lang {
        Lang::En => format!("{}  {} crews", live.day, live.crews.len()),
        Lang::Zh => format!("{}  {} 个小组", live.day, live.crews.len()),
    };
    let as_of = times::clock(live.as_of, &model.zone);
    let inner = framed(painter, area, &title, &as_of);
    let order = model.office.crew_order();
    let alarms = &model.office.alarms;
    let columns = [
        column("", 1),
        column(pick(lang, "Crew", "小组"), 14),
        number(pick(lang, "Done", "完成"), 5),
        number(pick(lang, "Late", "延误"), 6),
        column(pick(lang, "Heard", "上报"), 5),
        column(pick(lang, "Now", "状态"), 0),
    ];
    rows(
        painter,
        inner,
        &columns,
        (alarms.len() + order.len(), model.office.crews),
        |at| {
            if let Some(alarm) = alarms.get(at) {
                return alarm_row(model, alarm);
            }
            let crew = order.get(at - alarms.len()).and_then(|place| live.crews.get(*place));
            crew.map_or_else(|| Row::new([]), |crew| crew_row(lang, crew))
        },
    );
}

fn alarm_row(model: &Model, alarm: &AlarmItem) -> Row {
    let lang = model.lang;
    let open = alarm.state == "open";
    let zone = times::zone(&alarm.zone);
    let who: Vec<&str> = [&alarm.crew_name, &alarm.staff]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let who = who.join(" ");
    let what = label::<AlarmKind>(lang, &alarm.kind);
    let state = match (&alarm.acknowledged_by, open) {
        (Some(by), false) => format!("{what}, {by}  {}", pick(lang, "a ends it", "按 a 结束")),
        _ => format!("{what}  {}", pick(lang, "a takes it up", "按 a 处理")),
    };
    let row = Row::new([
        "!".to_owned(),
        who,
        String::new(),
        String::new(),
        times::clock(alarm.raised_at, &zone),
        state,
    ]);
    row.role(if open { Role::Bad } else { Role::Warn })
}

fn crew_row(lang: Lang, crew: &LiveCrew) -> Row {
    let zone = times::zone(&crew.zone);
    let (sign, role) = match crew.state.as_str() {
        "sos" | "overdue" => ("!", Role::Bad),
        "silent" => ("~", Role::Warn),
        "off-shift" | "done" => ("z", Role::Dim),
        "on-site" => (">", Role::Plain),
        _ => (" ", Role::Plain),
    };
    // Minutes behind the plan; who is ahead of it is not late.
    let late = crew.late_s.filter(|late| *late >= 60).map(|late| match lang {
        Lang::En => format!("{} min", late / 60),
        Lang::Zh => format!("{} 分", late / 60),
    });
    let case = crew
        .on_site
        .as_ref()
        .and_then(|site| site.case_no.clone())
        .unwrap_or_default();
    Row::new([
        sign.to_owned(),
        crew.crew_name.clone(),
        format!("{}/{}", crew.done, crew.planned),
        late.unwrap_or_default(),
        crew.heard_at.map(|at| times::clock(at, &zone)).unwrap_or_default(),
        format!("{} {case}", label::<CrewState>(lang, &crew.state)),
    ])
    .role(role)
}

fn feed(model: &Model, live: &LiveView, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let inner = framed(painter, area, pick(lang, "What happened", "动态"), "");
    if live.feed.is_empty() {
        let dim = painter.style(Role::Dim);
        let english = "Check-ins, outcomes and alarms of the day appear here as they come.";
        painter.paragraph(
            inner,
            0,
            pick(lang, english, "当天的签到、结果与警报会在此实时显示。"),
            dim,
        );
    }
    let name_of = |event: &doorstep_wire::live::LiveEvent| {
        let crew = live.crews.iter().find(|crew| crew.crew == event.crew);
        crew.map_or("", |crew| &crew.crew_name).to_owned()
    };
    let list = crate::app::list::ListState {
        chosen: usize::MAX,
        top: 0,
    };
    let columns = [column("", 1), column("", 5), column("", 12), column("", 0)];
    let shown = live.feed.len().min(usize::from(inner.height));
    rows(painter, inner, &columns, (shown, list), |at| {
        let Some(event) = live.feed.get(at) else {
            return Row::new([]);
        };
        let flagged = !event.flags.is_empty();
        let case = event.case_no.clone().unwrap_or_default();
        let row = Row::new([
            if flagged { "!".to_owned() } else { String::new() },
            times::clock(event.at, &model.zone),
            name_of(event),
            format!("{} {case}", label::<EventKind>(lang, &event.kind)),
        ]);
        if flagged { row.role(Role::Warn) } else { row }
    });
}

/// Crews where they were last, and their stops.
fn map(model: &Model, live: &LiveView, views: &Views, painter: &mut Painter<'_>, area: Rect) {
    let order = model.office.crew_order();
    let alarms = model.office.alarms.len();
    let mut people = Vec::new();
    let mut stops = Vec::new();
    let chosen = model
        .office
        .crews
        .chosen
        .checked_sub(alarms)
        .and_then(|row| order.get(row));
    for (place, crew) in live.crews.iter().enumerate() {
        let at = crew.position.and_then(|at| point([at.lat_e7, at.lon_e7]));
        if let Some(at) = at {
            let state = match crew.state.as_str() {
                "sos" | "overdue" => PersonState::Overdue,
                "silent" => PersonState::Silent,
                _ => PersonState::Team,
            };
            people.push(Person {
                place: at,
                name: &crew.crew_name,
                state,
            });
        }
        // The route of the chosen crew; of the others only where they are.
        if chosen.is_none_or(|chosen| *chosen == place) {
            stops.extend(crew.stops.iter().filter_map(|stop| {
                let place = point([stop.lat_e7?, stop.lon_e7?])?;
                let state = match stop.state.as_str() {
                    "planned" | "started" => StopState::Ahead,
                    _ => StopState::Done,
                };
                let number = u32::try_from(stop.position_in_route + 1).unwrap_or(0);
                Some(Stop { place, number, state })
            }));
        }
    }
    let scene = Scene {
        stops: &stops,
        chosen: None,
        legs: &[],
        people: &people,
        lang: model.lang,
    };
    maps::draw(
        model,
        views,
        &scene,
        (&[], pick(model.lang, "Map", "地图")),
        painter,
        area,
    );
}

/// The chosen alarm or crew in full: its title and lines.
pub(crate) fn live_lines(model: &Model) -> Option<(String, Vec<String>)> {
    let lang = model.lang;
    if let Some(alarm) = model.office.alarm() {
        let zone = times::zone(&alarm.zone);
        let facts = [
            (pick(lang, "Crew", "小组"), alarm.crew_name.clone()),
            (pick(lang, "Staff", "人员"), alarm.staff.clone()),
            (pick(lang, "Raised", "发出"), Some(times::at(alarm.raised_at, &zone))),
            (pick(lang, "Taken up by", "处理人"), alarm.acknowledged_by.clone()),
            (pick(lang, "Note", "备注"), alarm.note.clone()),
        ];
        let lines = facts
            .into_iter()
            .filter_map(|(name, text)| Some(format!("{name}: {}", text?)));
        return Some((label::<AlarmKind>(lang, &alarm.kind), lines.collect()));
    }
    let row = model.office.crews.chosen.checked_sub(model.office.alarms.len())?;
    let crew = model
        .office
        .live
        .as_ref()?
        .crews
        .get(*model.office.crew_order().get(row)?)?;
    let zone = times::zone(&crew.zone);
    let mut lines = vec![label::<CrewState>(lang, &crew.state)];
    lines.extend(crew.staff.iter().map(|one| format!("{}  {}", one.login, one.name)));
    lines.extend(crew.stops.iter().map(|stop| {
        let state = label::<VisitState>(lang, &stop.state);
        let number = stop.position_in_route + 1;
        format!(
            "{number:02}  {}  {}  {state}",
            times::clock(stop.planned_start, &zone),
            stop.case_no
        )
    }));
    Some((crew.crew_name.clone(), lines))
}
