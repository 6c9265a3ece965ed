//! One visit from permit to check-out: what is asked now, what may be said and to whom, what is still required.

use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::words::{Lang, Requirement, word};
use ratatui_core::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::private;
use super::status::day_text;
use super::today::{permit_text, split_x, split_y};
use crate::app::field::{Draft, STEPS, Sheet, Step, Stop, StopState, Tick};
use crate::app::model::Model;
use crate::app::visit::{Choice, may_say, moments, options, step_of};
use crate::sheet::door_words;
use crate::text::{label, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, rows};

/// From this width on what is required stands beside the question.
const SIDE_BY_SIDE: u16 = 72;

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let Some(sheet) = &model.field.sheet else {
        let dim = painter.style(Role::Dim);
        painter.text(area, 1, 1, pick(model.lang, "opening ...", "正在打开…"), dim);
        return;
    };
    steps(model, sheet, painter, Rect::new(area.x, area.y, area.width, 1));
    let body = Rect::new(area.x, area.y + 1, area.width, area.height - 1);
    let note_rows = if area.width >= SIDE_BY_SIDE { 4 } else { 3 };
    let (body, note_area) = split_y(body, body.height.saturating_sub(note_rows));
    if area.width >= SIDE_BY_SIDE {
        let (left, right) = split_x(body, area.width * 5 / 8);
        question(model, sheet, painter, left);
        needed(model, sheet, painter, right);
    } else if model.field.step != Step::Permit {
        // On a narrow screen the question has all the room.
        question(model, sheet, painter, body);
    } else {
        let items = u16::try_from(sheet.stop.required.len()).unwrap_or(0) + 2;
        let (top, bottom) = split_y(body, body.height.saturating_sub(items.min(body.height / 2)));
        question(model, sheet, painter, top);
        needed(model, sheet, painter, bottom);
    }
    note(model, sheet, painter, note_area);
}

fn step_name(lang: Lang, step: Step) -> &'static str {
    let (english, chinese) = match step {
        Step::Permit => ("In", "签到"),
        Step::Who => ("Who", "接触对象"),
        Step::Matter => ("Matter", "沟通结果"),
        Step::Proof => ("Proof", "凭据"),
        Step::Out => ("Out", "签退"),
    };
    pick(lang, english, chinese)
}

fn steps(model: &Model, sheet: &Sheet, painter: &mut Painter<'_>, area: Rect) {
    let now = step_of(sheet);
    let mut x = 1;
    if area.width < SIDE_BY_SIDE {
        let number = STEPS.iter().position(|step| *step == model.field.step).unwrap_or(0) + 1;
        let text = format!("[{number}/5 {}]", step_name(model.lang, model.field.step));
        let strong = painter.style(Role::Strong);
        painter.text(area, x, 0, &text, strong);
        return;
    }
    for (number, step) in STEPS.iter().enumerate() {
        let done = *step < now || sheet.stop.state == StopState::Done;
        let name = format!("{} {}", number + 1, step_name(model.lang, *step));
        let text = if *step == model.field.step {
            format!("[{name}]")
        } else if done {
            format!("{name} {}", pick(model.lang, "ok", "完成"))
        } else {
            name
        };
        let role = match (*step == model.field.step, done) {
            (true, _) => Role::Strong,
            (false, true) => Role::Good,
            (false, false) => Role::Dim,
        };
        let style = painter.style(role);
        x += painter.text(area, x, 0, &text, style);
        if number + 1 < STEPS.len() {
            let dim = painter.style(Role::Dim);
            x += painter.text(area, x, 0, " > ", dim);
        }
    }
    let since = sheet.checked_in.map(|at| (model.now.get() - at).max(0) / 1_000_000);
    if let Some(since) = since.filter(|_| sheet.stop.state == StopState::Begun) {
        let minutes = since / 60;
        let text = match model.lang {
            Lang::En => format!("on site {minutes} min"),
            Lang::Zh => format!("已到场 {minutes} 分"),
        };
        if x + text.width() as u16 + 1 < area.width {
            let style = painter.style(Role::Plain);
            painter.text_right(area, 0, &text, style);
        }
    }
}

fn question(model: &Model, sheet: &Sheet, painter: &mut Painter<'_>, area: Rect) {
    let stop = &sheet.stop;
    let whom = match &stop.off {
        Some(rule) => format!("{} {rule}", pick(model.lang, "OFF, LEAVE NOW:", "已取消，请离开：")),
        None => private(model, &stop.name),
    };
    let title = format!("{:02} {whom}", stop.number);
    let inner = framed(painter, area, &title, &stop.case_no);
    if matches!(stop.state, StopState::Done | StopState::Skipped) {
        let text = match stop.state {
            StopState::Done => pick(
                model.lang,
                "This visit is done. Enter goes back.",
                "此次外访已完成。按 Enter 返回。",
            ),
            _ => pick(
                model.lang,
                "This stop was left out. Enter goes back.",
                "此处已跳过。按 Enter 返回。",
            ),
        };
        let plain = painter.style(Role::Plain);
        painter.paragraph(inner, 0, text, plain);
        return;
    }
    match model.field.step {
        Step::Permit => before(model, stop, painter, inner),
        Step::Out => summary(model, sheet, painter, inner),
        step => choices(model, sheet, step, painter, inner),
    }
}

/// Before check-in: where, whether, with whom.
fn before(model: &Model, stop: &Stop, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let mut y = 0;
    let mut say = |painter: &mut Painter<'_>, text: &str, role: Role| {
        if !text.is_empty() && y < area.height {
            let style = painter.style(role);
            y += painter.paragraph(area, y, text, style);
        }
    };
    say(painter, &private(model, &stop.address), Role::Plain);
    let zone = times::zone(&stop.zone);
    let planned = format!(
        "{} {}-{}",
        pick(lang, "Planned", "计划"),
        times::clock(stop.starts, &zone),
        times::clock(stop.ends, &zone)
    );
    say(painter, &planned, Role::Plain);
    let (text, role) = permit_text(lang, stop);
    say(painter, &text, role);
    for (rule, sentence) in stop.blocked.iter().skip(1) {
        say(painter, &format!("{sentence} [{rule}]"), Role::Bad);
    }
    if stop.blocked.is_empty() {
        let english = "Enter checks in. Amounts open only when you have met and identified the person.";
        say(
            painter,
            pick(lang, english, "按 Enter 签到。见到并核实本人之后才显示金额。"),
            Role::Dim,
        );
    } else {
        let english = "x leaves it out with the reason. w says why, and what to do where it has happened already.";
        say(
            painter,
            pick(
                lang,
                english,
                "按 x 跳过并说明原因。按 w 查看原因以及已发生时如何处理。",
            ),
            Role::Dim,
        );
    }
}

fn choices(model: &Model, sheet: &Sheet, step: Step, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let heading = match step {
        Step::Who => pick(
            lang,
            "Who did you meet?  digit, Enter",
            "见到了谁？ 数字键选择，Enter 确认",
        ),
        Step::Matter => pick(
            lang,
            "What came of it?  digit, Enter",
            "沟通结果？ 数字键选择，Enter 确认",
        ),
        _ => pick(lang, "What is done?  Space ticks", "已完成哪些？ 空格勾选"),
    };
    let accent = painter.style(Role::Accent);
    painter.text(area, 0, 0, heading, accent);
    let advice = may_say(lang, sheet);
    let told = told(model, sheet);
    let below = 2 + u16::try_from(told.len()).unwrap_or(0);
    let list = Rect::new(area.x, area.y + 1, area.width, area.height.saturating_sub(1 + below));
    let options = options(&model.field);
    let draft = &sheet.draft;
    rows(
        painter,
        list,
        &[column("", 3), column("", 0)],
        (options.len(), model.field.options),
        |at| {
            let Some(choice) = options.get(at) else {
                return Row::new([]);
            };
            let mark = match choice {
                Choice::Item(code) => sheet.tick(code, draft).sign().to_owned(),
                Choice::Outcome(outcome) if draft.outcome == Some(*outcome) => " * ".to_owned(),
                Choice::Matter(matter) if draft.matter == Some(*matter) => " * ".to_owned(),
                _ if at < 10 => format!(" {} ", (at + 1) % 10),
                _ => "   ".to_owned(),
            };
            Row::new([mark, choice.text(lang)])
        },
    );
    let mut y = area.height.saturating_sub(below);
    for line in &told {
        let style = painter.style(Role::Plain);
        painter.text(area, 0, y, line, style);
        y += 1;
    }
    let strong = painter.style(Role::Strong);
    painter.paragraph(area, y, &advice, strong);
}

/// The amount, for the identified person alone and only while it is them who was met; and what was promised.
fn told(model: &Model, sheet: &Sheet) -> Vec<String> {
    let lang = model.lang;
    let mut lines = Vec::new();
    let met = sheet.draft.outcome == Some(ContactOutcome::MetBorrower) && sheet.identified;
    if let Some(amount) = sheet.amount.as_ref().filter(|_| met && model.field.step != Step::Who) {
        lines.push(format!(
            "{} {}",
            pick(lang, "Amount due", "应还金额"),
            private(model, amount)
        ));
    }
    if !sheet.draft.promise_amount.is_empty() {
        lines.push(format!(
            "{} {}",
            pick(lang, "Promise", "承诺"),
            promise_text(lang, sheet)
        ));
    }
    lines
}

fn promise_text(lang: Lang, sheet: &Sheet) -> String {
    let draft = &sheet.draft;
    let currency = sheet.currency.as_deref().unwrap_or_default();
    let day = draft.promise_day.parse::<jiff::civil::Date>();
    let day = day.map_or_else(|_| draft.promise_day.clone(), |day| day_text(lang, day));
    format!("{} {currency}  {day}", draft.promise_amount)
}

/// What will be recorded at check-out.
fn summary(model: &Model, sheet: &Sheet, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let draft = &sheet.draft;
    let mut facts = Vec::new();
    if let Some(outcome) = draft.outcome {
        facts.push((pick(lang, "Met", "见到"), word(lang, outcome).to_owned()));
    }
    if let Some(matter) = draft.matter.filter(|matter| *matter != MatterOutcome::None) {
        facts.push((pick(lang, "Matter", "沟通结果"), word(lang, matter).to_owned()));
    }
    if !draft.promise_amount.is_empty() {
        facts.push((pick(lang, "Promise", "承诺"), promise_text(lang, sheet)));
    }
    for path in &draft.evidence {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        facts.push((pick(lang, "Evidence", "证据"), name));
    }
    let plain = painter.style(Role::Plain);
    let dim = painter.style(Role::Dim);
    let mut y = 0;
    for (name, text) in &facts {
        painter.text(area, 0, y, name, dim);
        let rest = Rect::new(area.x + 10, area.y, area.width.saturating_sub(10), area.height);
        y += painter.paragraph(rest, y, text, plain);
    }
    let strong = painter.style(Role::Strong);
    let text = pick(
        lang,
        "d or Enter checks out and records all this.",
        "按 d 或 Enter 签退并记录以上内容。",
    );
    painter.paragraph(area, y + 1, text, strong);
}

/// What rules require before check-out, ticked or not; what may not be said.
fn needed(model: &Model, sheet: &Sheet, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let title = if model.field.step == Step::Proof {
        pick(lang, "At the door", "现场须知")
    } else {
        pick(lang, "Needed before check-out", "签退前必须完成")
    };
    let inner = framed(painter, area, title, "");
    let mut y = 0;
    let proof = model.field.step == Step::Proof;
    for code in sheet.items().filter(|_| !proof) {
        if y >= inner.height {
            return;
        }
        let tick = sheet.tick(code, &sheet.draft);
        let mark = tick.sign();
        let role = if tick == Tick::Open { Role::Plain } else { Role::Dim };
        let style = painter.style(role);
        painter.text(
            inner,
            0,
            y,
            &format!("{mark} {}", label::<Requirement>(lang, code)),
            style,
        );
        y += 1;
    }
    let never = sheet.stop.not_said.iter();
    let never: Vec<String> = never.map(|code| format!("- {}", door_words(lang, code))).collect();
    y = listed(painter, inner, y, (pick(lang, "Never", "禁止"), &never, Role::Warn));
    let moments = moments(sheet, model.field.step);
    let now = sheet.words().filter(|said| moments.contains(&said.when));
    let lines: Vec<String> = now
        .map(|said| {
            said.own
                .clone()
                .map_or_else(|| said.line(lang), |own| format!("{} ({own})", said.line(lang)))
        })
        .collect();
    let head = pick(lang, "Now  (S all)", "此时  (S 全部)");
    listed(painter, inner, y, (head, &lines, Role::Plain));
}

/// Lines under a heading, as far as there is room for the heading and one of them. Returns the row below.
fn listed(painter: &mut Painter<'_>, area: Rect, y: u16, (head, lines, role): (&str, &[String], Role)) -> u16 {
    if lines.is_empty() || y + 2 >= area.height {
        return y;
    }
    let accent = painter.style(Role::Accent);
    painter.text(area, 0, y + 1, head, accent);
    let mut y = y + 2;
    let style = painter.style(role);
    for line in lines {
        if y >= area.height {
            break;
        }
        y += painter.paragraph(area, y, line, style);
    }
    y
}

fn note(model: &Model, sheet: &Sheet, painter: &mut Painter<'_>, area: Rect) {
    let count = sheet.draft.note.len();
    let kept = if is_kept(model) {
        pick(model.lang, "saved on this device", "已保存在本机")
    } else {
        ""
    };
    let title = pick(model.lang, "Note", "备注");
    let entered = sheet.draft != Draft::default();
    let right = if entered { kept } else { "" };
    let inner = framed(painter, area, title, right);
    if count == 0 {
        let dim = painter.style(Role::Dim);
        painter.text(inner, 0, 0, pick(model.lang, "t writes a note", "按 t 填写备注"), dim);
    } else {
        let plain = painter.style(Role::Plain);
        painter.paragraph(inner, 0, &private(model, &sheet.draft.note), plain);
    }
}

/// Whether what was entered is on the device.
fn is_kept(model: &Model) -> bool {
    model.running(crate::app::effect::Topic::Draft).is_none() && model.field.unkept.is_empty()
}
