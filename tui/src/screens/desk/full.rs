//! Something of the desk in full, as lines, and the question before something is done about it.

use doorstep_domain::approval::{ApprovalKind, ApprovalReason};
use doorstep_domain::complaint::ComplaintOutcome;
use doorstep_domain::notice::{NoticeChannel, NoticeState};
use doorstep_domain::quality::{AppealDecision, ItemFound};
use doorstep_domain::restriction::{RestrictionKind, RightSource};
use doorstep_domain::wish::WishKind;
use doorstep_domain::words::{Lang, Lift};
use doorstep_wire::case::CaseDetail;
use doorstep_wire::notice::NoticeDetail;
use doorstep_wire::org::ApprovalItem;
use doorstep_wire::quality::QualityDetail;
use doorstep_wire::right::{ConsentItem, RestrictionItem};
use doorstep_wire::wish::WishItem;
use jiff::tz::TimeZone;

use super::super::private;
use super::kind_word;
use crate::app::desk::{Opened, Standing, Step, Thing};
use crate::app::model::Model;
use crate::command::approval::agreement_asked;
use crate::command::contact::pressure_text;
use crate::command::right::{consent_stands, consented, stands, what};
use crate::command::{complaint, quality};
use crate::text::{Text, label, or_dash, pick};
use crate::times;
use crate::widgets::paint::wrapped;

/// Something in full: its title and lines.
pub(crate) fn opened_lines(model: &Model, opened: &Opened) -> (String, Vec<String>) {
    let lang = model.lang;
    let kind = match opened {
        Opened::Approval(..) => crate::app::desk::Kind::Approval,
        Opened::Wish(..) => crate::app::desk::Kind::Wish,
        Opened::Complaint(_) => crate::app::desk::Kind::Complaint,
        Opened::Check(_) => crate::app::desk::Kind::Check,
        Opened::Notice(_) => crate::app::desk::Kind::Notice,
    };
    let text = match opened {
        Opened::Approval(item, standing) => approval(model, item, standing.as_deref()),
        Opened::Wish(item, case) => wish(model, item, case),
        Opened::Complaint(detail) => complaint::full(lang, detail),
        Opened::Check(detail) => check(lang, detail),
        Opened::Notice(detail) => notice(model, detail),
    };
    let room = model.size.0.saturating_sub(6);
    let lines = text.lines().flat_map(|line| wrapped(line, room)).collect();
    (kind_word(lang, kind).to_owned(), lines)
}

/// Who the person is, for somebody who has to decide about them.
fn person(model: &Model, text: &mut Text, case: &CaseDetail) {
    let item = &case.item;
    text.fact("case", "案件", &item.case_no);
    text.fact("name", "姓名", private(model, &or_dash(item.name.as_deref())));
    if let Some(pressure) = pressure_text(model.lang, &case.pressure) {
        text.fact("pressure", "联系压力", pressure);
    }
}

fn approval(model: &Model, item: &ApprovalItem, standing: Option<&Standing>) -> String {
    let lang = model.lang;
    let mut text = Text::new(lang);
    text.fact("asked", "事项", label::<ApprovalKind>(lang, &item.kind));
    if let Some(asked) = &item.agreement {
        text.fact("what", "内容", agreement_asked(lang, asked));
    } else if let Some(what) = &item.what {
        text.fact("what", "内容", label::<RestrictionKind>(lang, what));
    }
    text.fact("why", "原因", label::<ApprovalReason>(lang, &item.reason));
    let who = item.asked_by_login.clone().unwrap_or_else(|| item.asked_by.to_string());
    text.fact("who", "提出人", who);
    text.fact("when", "时间", times::at(item.asked_at, &model.zone));
    text.fact("until", "有效至", times::at(item.expires, &model.zone));
    if let Some(standing) = standing {
        person(model, &mut text, &standing.case);
        text.line("");
        for line in rights((lang, &times::zone(&standing.case.zone)), standing) {
            text.line(&line);
        }
    } else {
        text.fact("subject", "对象", item.subject.to_string());
    }
    text.finish()
}

fn wish(model: &Model, item: &WishItem, case: &CaseDetail) -> String {
    let lang = model.lang;
    let mut text = Text::new(lang);
    text.fact("asked", "请求", label::<WishKind>(lang, &item.kind));
    text.fact("when", "时间", times::at(item.made_at, &times::zone(&case.zone)));
    text.fact("words", "说明", private(model, &or_dash(item.words.as_deref())));
    person(model, &mut text, case);
    let visit = case.visits.iter().find(|visit| visit.id == item.visit);
    if let Some(visit) = visit {
        let at = times::at(visit.planned_start, &times::zone(&case.zone));
        text.fact("visit", "外访", at);
    }
    text.finish()
}

/// A check with its sheet.
pub(crate) fn check(lang: Lang, detail: &QualityDetail) -> String {
    let mut text = Text::new(lang);
    quality::about(&mut text, detail);
    for line in &detail.sheet {
        let found = line.found.as_deref().map(|code| label::<ItemFound>(lang, code));
        let remark = line.remark.as_deref().map(|remark| format!(" ({remark})"));
        let found = found.unwrap_or_default();
        text.line(&format!("- [{found}] {}{}", line.text, remark.unwrap_or_default()));
    }
    quality::about_appeal(&mut text, detail);
    text.line(quality::for_learning(lang));
    text.finish()
}

fn notice(model: &Model, detail: &NoticeDetail) -> String {
    let lang = model.lang;
    let item = &detail.item;
    let mut text = Text::new(lang);
    text.fact("state", "状态", label::<NoticeState>(lang, &item.state));
    text.fact("announces", "通知日期", &item.day);
    text.fact("how", "方式", label::<NoticeChannel>(lang, &item.channel));
    text.fact("for", "收件人", private(model, &detail.name));
    text.fact("address", "地址", private(model, &detail.address));
    text.line("");
    text.line(notice_remedy(lang, &item.state));
    text.finish()
}

/// What holds the visit up, and what to do.
fn notice_remedy(lang: Lang, state: &str) -> &'static str {
    if state == NoticeState::Returned.code() {
        let english = "It came back: nobody was told, and the visit is not made. Check the address, then print it again: \
                       doorstep notice reprint ID --out FILE.";
        return pick(
            lang,
            english,
            "已退回：无人得知，外访不得进行。请核对地址后重新打印：doorstep notice reprint ID --out FILE。",
        );
    }
    let english = "It is still in the house: until it has left in time the visit is blocked. Hand over what waits: doorstep \
                   notice dispatch --to FOLDER.";
    pick(
        lang,
        english,
        "尚未寄出：未及时寄出前不得外访。请发出待寄通知：doorstep notice dispatch --to FOLDER。",
    )
}

/// What narrows and widens contacts with a person, a line each.
pub(crate) fn rights((lang, zone): (Lang, &TimeZone), standing: &Standing) -> Vec<String> {
    let mut lines = vec![pick(lang, "Restrictions", "限制").to_owned()];
    lines.extend(standing.restrictions.iter().map(|one| restriction((lang, zone), one)));
    if standing.restrictions.is_empty() {
        lines.push(or_dash(None));
    }
    lines.push(pick(lang, "Consents", "同意").to_owned());
    lines.extend(standing.consents.iter().map(|one| consent((lang, zone), one)));
    if standing.consents.is_empty() {
        lines.push(or_dash(None));
    }
    if !standing.notices.is_empty() {
        lines.push(pick(lang, "Notices", "通知").to_owned());
    }
    lines.extend(standing.notices.iter().map(|one| {
        let parts = [
            one.day.clone(),
            label::<NoticeState>(lang, &one.state),
            label::<NoticeChannel>(lang, &one.channel),
        ];
        format!("- {}", joined(&parts))
    }));
    lines
}

fn restriction((lang, zone): (Lang, &TimeZone), one: &RestrictionItem) -> String {
    let source = label::<RightSource>(lang, &one.source);
    let by = one.by.as_deref().unwrap_or_default();
    let words = one.words.as_deref().unwrap_or_default();
    let state = stands((lang, zone), one);
    let parts = [what(lang, one), state, format!("{source} {by}"), words.to_owned()];
    format!("- {}", joined(&parts))
}

fn consent((lang, zone): (Lang, &TimeZone), one: &ConsentItem) -> String {
    let until = one.withdrawn_at.or(one.until);
    let until = until.map(|until| format!("{} {}", pick(lang, "until", "至"), times::at(until, zone)));
    let parts = [
        consented(lang, one),
        label::<Lift>(lang, &one.given),
        consent_stands(lang, one),
        until.unwrap_or_default(),
        one.by.clone().unwrap_or_default(),
        one.words.clone().unwrap_or_default(),
    ];
    format!("- {}", joined(&parts))
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("  ")
}

/// What is asked before something is done about a thing.
pub(crate) fn question(model: &Model, thing: &Thing, step: Step) -> String {
    let lang = model.lang;
    let what = super::said(model, thing);
    let words = &model.office.desk.words;
    let (english, chinese) = match step {
        Step::Approve(true) => (
            "Approve as the second person? It takes effect at once, and you stand in the log.",
            "以第二人身份批准？立即生效，日志将记录您。",
        ),
        Step::Approve(false) => (
            "Refuse? Whoever asked sees it; it can be asked again.",
            "驳回？提出人可以看到，并可再次提出。",
        ),
        Step::Accept(true) => (
            "Accept? What was offered in place of the visit calls that visit off at once.",
            "接受？代替外访的提议将立即取消该次外访。",
        ),
        Step::Accept(false) => (
            "Decline? The visit stays as planned; the person reads it on the page.",
            "不接受？外访照旧；当事人可在页面看到。",
        ),
        Step::Take => (
            "Take it up? You own it and must answer in time; visits stay paused until then.",
            "受理？由您负责按期答复；在此之前外访暂停。",
        ),
        Step::Answer(_) => (
            "Answer so? The complaint is closed, and what it paused goes on.",
            "这样答复？投诉办结，暂停的外访恢复。",
        ),
        Step::Score => (
            "Keep these findings? Whose visit it was can read them and appeal once.",
            "保存评分结果？当事员工可以查看，并可申诉一次。",
        ),
        Step::Decide(_) => (
            "Decide so? It is final; what is struck counts nowhere.",
            "这样裁定？裁定为最终结果；被撤销的结果不计。",
        ),
    };
    let chosen = match step {
        Step::Answer(outcome) => format!(" {}: {words}", label::<ComplaintOutcome>(lang, outcome.code())),
        Step::Decide(decision) => format!(" {}: {words}", label::<AppealDecision>(lang, decision.code())),
        _ => String::new(),
    };
    format!("{what}.{chosen} {}", pick(lang, english, chinese))
}
