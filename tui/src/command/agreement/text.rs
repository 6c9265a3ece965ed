//! Agreements as text.

use crate::table::Table;
use crate::text::{Text, counted, label, labels, or_dash, pick};
use doorstep_domain::agreement::afford::{AffordWarning, Need};
use doorstep_domain::agreement::{AgreedBy, AgreementEnd, AgreementKind, AgreementNext, AgreementState};
use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;
use doorstep_domain::words::Lang;
use doorstep_wire::agreement::{
    AgreementDetail, AgreementItem, InstalmentItem, MeansDetail, PartsItem, PayItem, ScheduleDetail,
};

/// An amount with its currency.
fn money(currency: &str, amount: i64) -> String {
    match Currency::of(currency) {
        Some(known) => format!("{} {currency}", known.plain(Minor(amount))),
        None => format!("{amount} {currency}"),
    }
}

fn instalments(lang: Lang, currency: &str, dues: &[InstalmentItem]) -> Table {
    let head = [
        ("No.", "期数"),
        ("Day", "还款日"),
        ("Amount", "金额"),
        ("Interest", "其中利息"),
    ];
    let mut table = Table::new(head.map(|(english, chinese)| pick(lang, english, chinese).to_owned()));
    for due in dues {
        table.row([
            due.number.to_string(),
            due.day.clone(),
            money(currency, due.amount),
            money(currency, due.interest),
        ]);
    }
    table
}

fn parts(text: &mut Text, currency: &str, (english, chinese): (&str, &str), off: PartsItem) {
    let lang = text.lang;
    let named = [
        (pick(lang, "principal", "本金"), off.principal),
        (pick(lang, "interest", "利息"), off.interest),
        (pick(lang, "penalty", "罚息"), off.penalty),
        (pick(lang, "fees", "费用"), off.fees),
    ];
    let there = named.into_iter().filter(|(_, amount)| *amount != 0);
    let said: Vec<String> = there
        .map(|(part, amount)| format!("{part} {}", money(currency, amount)))
        .collect();
    if !said.is_empty() {
        text.fact(english, chinese, said.join(", "));
    }
}

fn warned(text: &mut Text, warnings: &[String]) {
    if !warnings.is_empty() {
        let said = labels::<AffordWarning>(text.lang, warnings);
        text.fact("likely to fail", "可能难以履行", said);
    }
}

/// What something would come to.
pub(super) fn schedule(lang: Lang, found: &ScheduleDetail) -> String {
    let mut text = Text::new(lang);
    text.fact("kind", "类型", label::<AgreementKind>(lang, &found.kind));
    if !found.instalments.is_empty() {
        text.table(&instalments(lang, &found.currency, &found.instalments));
        text.fact("in all", "合计", money(&found.currency, found.total));
    }
    parts(&mut text, &found.currency, ("given up", "减免"), found.off);
    parts(&mut text, &found.currency, ("owed", "尚欠"), found.owed);
    let authority = match found.authority.as_str() {
        "alone" => pick(lang, "you may agree to it", "可自行约定"),
        "by-two" => pick(lang, "a second person must agree", "须第二人批准"),
        _ => pick(lang, "beyond what may be agreed", "超出可约定范围"),
    };
    text.fact("authority", "权限", authority);
    if let Some(limit) = &found.limit {
        text.fact("limit", "限制", limit);
    }
    if let Some(safe) = found.safe {
        text.fact("safe in a month", "每月可承受", money(&found.currency, safe));
    }
    warned(&mut text, &found.warnings);
    text.finish()
}

/// Several in a table.
pub(super) fn list(lang: Lang, items: &[AgreementItem]) -> String {
    let head = [
        ("Agreement", "约定"),
        ("Case", "案件"),
        ("Kind", "类型"),
        ("State", "状态"),
        ("Since", "起始"),
        ("Amount", "金额"),
        ("Paid", "已还"),
        ("Due", "下期"),
        ("Next", "下一步"),
    ];
    let mut table = Table::new(head.map(|(english, chinese)| pick(lang, english, chinese).to_owned()));
    for item in items {
        let due = item
            .due
            .as_ref()
            .map(|due| format!("{} {}", due.day, money(&item.currency, due.amount)));
        table.row([
            item.id.to_string(),
            item.case_no.clone(),
            label::<AgreementKind>(lang, &item.kind),
            label::<AgreementState>(lang, &item.state),
            item.state_day.clone(),
            money(&item.currency, item.amount),
            money(&item.currency, item.paid),
            or_dash(due.as_deref()),
            label::<AgreementNext>(lang, &item.next),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    let count = items.len();
    text.say(&counted(count, "agreement", "agreements"), &format!("{count} 项约定"));
    text.finish()
}

/// One in full.
pub(super) fn full(lang: Lang, detail: &AgreementDetail) -> String {
    let item = &detail.item;
    let mut text = Text::new(lang);
    text.fact("agreement", "约定", item.id.to_string());
    text.fact("case", "案件", &item.case_no);
    text.fact("kind", "类型", label::<AgreementKind>(lang, &item.kind));
    let state = label::<AgreementState>(lang, &item.state);
    text.fact("state", "状态", format!("{state}, {}", item.state_day));
    text.fact(
        "agreed",
        "约定方式",
        format!("{}, {}", item.made, label::<AgreedBy>(lang, &item.agreed_by)),
    );
    text.fact("amount", "金额", money(&item.currency, item.amount));
    if !detail.instalments.is_empty() {
        text.table(&instalments(lang, &item.currency, &detail.instalments));
        text.fact("paid", "已还", money(&item.currency, item.paid));
        text.fact("in time", "按时期数", detail.in_time.to_string());
        text.fact("days of grace", "宽限天数", detail.grace_days.to_string());
    }
    if item.behind > 0 {
        text.fact("behind", "拖欠", money(&item.currency, item.behind));
    }
    parts(&mut text, &item.currency, ("given up by it", "约定减免"), detail.off);
    parts(&mut text, &item.currency, ("given up so far", "已减免"), detail.waived);
    if let Some(after) = detail.after {
        text.fact("after instalments in time", "按时还款期数", after.to_string());
    }
    text.fact("next", "下一步", label::<AgreementNext>(lang, &item.next));
    if let Some(approval) = item.approval {
        text.fact("approval", "复核", approval.to_string());
    }
    if let Some(end) = &detail.end {
        text.fact("ended", "终止原因", label::<AgreementEnd>(lang, end));
    }
    text.fact("by", "登记人", or_dash(detail.by.as_deref()));
    if let Some(words) = &detail.words {
        text.fact("said", "说明", words);
    }
    warned(&mut text, &detail.warnings);
    text.finish()
}

/// What is left of a month.
pub(super) fn means(lang: Lang, means: &MeansDetail) -> String {
    let said = &means.said;
    let mut text = Text::new(lang);
    text.fact("comes in", "收入", money(&said.currency, said.income));
    for (need, amount) in &said.needs {
        let need = label::<Need>(lang, need);
        text.fact(&need, &need, money(&said.currency, *amount));
    }
    text.fact("left", "结余", money(&said.currency, means.left));
    text.fact("safe in a month", "每月可承受", money(&said.currency, means.safe));
    if let Some(words) = &said.words {
        text.fact("said", "说明", words);
    }
    text.finish()
}

/// How a person pays.
pub(super) fn pay(lang: Lang, pay: &PayItem) -> Text {
    let mut text = Text::new(lang);
    text.fact("pay only to", "仅向以下机构还款", &pay.payee);
    text.fact("reference", "还款附言", &pay.reference);
    if let Some(link) = &pay.link {
        text.fact("or here", "或通过", link);
    }
    if let Some(amount) = pay.amount {
        text.fact("amount", "金额", money(&pay.currency, amount));
    }
    text.say(
        "Nobody who visits takes money, cash or otherwise.",
        "来访人员不得收取现金或任何款项。",
    );
    text
}
