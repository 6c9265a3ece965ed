//! The day's opening and closing, and what the device keeps as evidence against the server.

use doorstep_device::Suspect;
use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;

use super::message;
use crate::app::day::{DayShown, DayState};
use crate::app::key::Key;
use crate::app::model::Model;
use crate::screens::today::day_words;
use crate::text::{counted, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::paint::Painter;

/// How many notes are listed; what was kept first is in the folder as well.
const LISTED: usize = 5;

/// Asks whether the day begins, or ends with what was counted. The counts are for the log; nothing here rates anybody.
pub(super) fn day(model: &Model, state: DayState, shown: &DayShown, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let back = (Key::Esc, pick(lang, "back", "返回"));
    if !state.is_open() {
        let english = "It goes into the log that work begins on this device. The office then sees that you work, and looks \
                       after you where nothing is heard for half an hour, until you close the day.";
        let chinese =
            "日志将记录本设备开始工作。此后办公室可看到您在工作；半小时没有消息时会关注您的安全，直到您结束这一天。";
        let lines = [(pick(lang, english, chinese).to_owned(), Role::Plain)];
        let (title, word) = match state {
            DayState::Closed(_) => (
                pick(lang, "Open the day again?", "重新开始这一天？"),
                pick(lang, "open again", "重新开始"),
            ),
            _ => (
                pick(lang, "Open the day?", "开始这一天？"),
                pick(lang, "open the day", "开始一天"),
            ),
        };
        let keys = [(Key::Enter, word), back];
        message(painter, area, (title, &day_words(model, state)), &lines, &keys, lang);
        return;
    }
    let close = pick(lang, "close the day", "结束一天");
    let title = pick(lang, "Close the day?", "结束这一天？");
    let lines = counts(model, shown);
    let right = day_words(model, state);
    if shown.begun.is_none() {
        let keys = [(Key::Enter, close), back];
        message(painter, area, (title, &right), &lines, &keys, lang);
    } else {
        let keys = [
            (Key::Enter, pick(lang, "to the visit", "前往该外访")),
            (Key::Char('F'), pick(lang, "close all the same", "仍然结束")),
            back,
        ];
        message(painter, area, (title, &right), &lines, &keys, lang);
    }
}

fn counts(model: &Model, shown: &DayShown) -> Vec<(String, Role)> {
    let lang = model.lang;
    let counts = &shown.counts;
    let head = pick(
        lang,
        "It goes into the log with these counts, so that nothing of it can get lost unnoticed:",
        "将连同以下计数记入日志，任何内容丢失都会被发现：",
    );
    let facts = [
        (
            pick(lang, "stops on this device", "本机外访地点"),
            i64::try_from(shown.stops).unwrap_or(i64::MAX),
        ),
        (pick(lang, "visits checked out", "已签退的外访"), counts.visits),
        (pick(lang, "stops left out", "已跳过的地点"), counts.skipped),
        (pick(lang, "visits begun", "进行中的外访"), counts.begun),
        (pick(lang, "events recorded", "已记录的事件"), counts.events),
        (pick(lang, "not with the server", "未送达服务器"), counts.unacknowledged),
    ];
    let mut lines = vec![(head.to_owned(), Role::Plain)];
    lines.extend(
        facts
            .into_iter()
            .map(|(name, number)| (format!("{name}{} {number}", pick(lang, ":", "：")), Role::Plain)),
    );
    if counts.begun > 0 {
        let english = "A visit has begun. Without a check-out its alarm is raised, also on a closed day.";
        let text = pick(lang, english, "有外访尚未签退；即使结束这一天，未签退仍会触发警报。");
        lines.push((text.to_owned(), Role::Bad));
    }
    if counts.unacknowledged > 0 {
        let waiting = counted(counts.unacknowledged, "event is", "events are");
        let text = match lang {
            Lang::En => format!("{waiting} not with the server yet: kept here, and sent when there is a network."),
            Lang::Zh => format!("{} 条记录保留在本机，有网络时自动发送。", counts.unacknowledged),
        };
        lines.push((text, Role::Warn));
    }
    let english = "They measure nobody. The day can be opened again.";
    lines.push((
        pick(lang, english, "计数不用于考核任何人。之后可以重新开始。").to_owned(),
        Role::Dim,
    ));
    lines
}

/// What is kept against the server, and what to do about it.
pub(super) fn kept(model: &Model, notes: &[Suspect], painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let plainly = |english: &str, chinese: &str| (pick(lang, english, chinese).to_owned(), Role::Plain);
    let mut lines = vec![plainly(
        "What the server signed does not hold, or contradicts what it signed before. This device keeps it, sealed:",
        "服务器签署的内容不成立，或与此前签署的内容矛盾。本机已封存留证：",
    )];
    lines.extend(notes.iter().take(LISTED).map(|note| {
        let at = times::at(note.seen_at.get(), &model.zone);
        let at: String = at.chars().take(16).collect();
        (format!("! {at}  {}", what(lang, note)), Role::Bad)
    }));
    if let Some(more) = notes.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let text = match lang {
            Lang::En => format!("  and {more} more"),
            Lang::Zh => format!("  另有 {more} 项"),
        };
        lines.push((text, Role::Bad));
    }
    lines.extend([
        plainly("What to do:", "请您："),
        plainly(
            "1. Go on working. What you record is safe here.",
            "1. 继续工作；您的记录在本机是安全的。",
        ),
        plainly(
            "2. Keep this device: do not hand it in or reset it before 3.",
            "2. 保管好本设备；完成第 3 步之前不要交回或重置。",
        ),
        plainly(
            "3. Have it written to a folder: doorstep device evidence FOLDER",
            "3. 导出到文件夹： doorstep device evidence FOLDER",
        ),
        plainly(
            "4. Give the folder to an auditor, not to whoever runs the server. They check it with doorstep verify.",
            "4. 将文件夹交给审计员，不要交给运行服务器的人；对方用 doorstep verify 核验。",
        ),
    ]);
    let title = pick(lang, "Kept as evidence", "留存的证据");
    let keys = [(Key::Enter, pick(lang, "understood", "知道了"))];
    message(painter, area, (title, ""), &lines, &keys, lang);
}

/// What is wrong with a note, in plain words.
fn what(lang: Lang, note: &Suspect) -> &'static str {
    let (english, chinese) = match (note.code.as_str(), note.noun.as_str()) {
        ("withdrawn", _) => (
            "it took back what it had acknowledged; that goes up again",
            "撤回了已签收的记录；这些记录将重新发送",
        ),
        ("two-roots", _) => ("it showed two different histories", "出示了两种不同的历史"),
        ("smaller", _) => ("the log has become shorter", "日志变短了"),
        ("not-extended", _) => ("nothing shows that the log only grew", "无法证明日志只增不减"),
        ("continued", _) => (
            "entries of the log are lost, as it says itself",
            "日志有条目丢失（服务器自己承认）",
        ),
        ("renamed", _) => ("the log goes under another name", "日志换了名称而未说明"),
        ("other-chain", _) => ("it acknowledged events that are not yours", "签收了并非本机产生的记录"),
        ("bad-signature", "permit") => ("a permit is signed wrongly", "许可的签名不成立"),
        ("bad-signature", _) => ("a signature does not hold", "签名不成立"),
        ("foreign", _) => ("it was meant for somebody else", "内容属于他人"),
        _ => ("it cannot be read", "内容无法读取"),
    };
    pick(lang, english, chinese)
}
