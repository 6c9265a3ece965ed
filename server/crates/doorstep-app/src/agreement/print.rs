//! An agreement on paper, in the person's language: what was agreed, by when, what follows, how to pay, and what nobody may ask.

use doorstep_domain::agreement::AgreementKind;
use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;
use doorstep_domain::words::{Lang, word};
use doorstep_store::agreement::{Agreement, InstalmentRow};
use doorstep_store::grant::Purpose;
use doorstep_strategy::Strategy;
use doorstep_wire::agreement::{AgreementPrint, PayItem, PrintQuery};
use doorstep_wire::read::Opening;
use uuid::Uuid;

use super::pay::{PayFor, pay_item};
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reads::purpose_of;
use crate::restriction::code;
use crate::{App, day};

impl App {
    /// An agreement as it is printed for the person. An entry in the access log.
    pub async fn print_agreement(
        &self,
        actor: &Actor,
        id: Uuid,
        (query, opening): (&PrintQuery, &Opening),
    ) -> Result<AgreementPrint, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let asked = query
            .language
            .as_deref()
            .map(|text| code::<Lang>("language", text))
            .transpose()?;
        let (one, view) = self.agreement_in_reach(actor, id).await?;
        let outside = purpose_of(actor, &view, opening)?;
        let known = self
            .know_outside(actor, vec![view], Purpose::Case, outside)
            .await?
            .pop();
        let known = known.ok_or(AppError::Fault("one case was asked for"))?;
        let Some(fields) = &known.fields else {
            return Err(doorstep_store::StoreError::Erased.into());
        };
        let lang = asked.or_else(|| fields.language.parse().ok()).unwrap_or_default();
        let strategy = self.strategy_of(actor.tenant, known.view.case.portfolio).await?;
        let dues = self.store().agreement_dues(actor.tenant, &[id]).await?;
        let pay = pay_item(
            &strategy,
            &PayFor {
                case_no: &fields.case_no,
                portfolio: &known.portfolio.name,
                currency: &one.currency,
                amount: dues.first().map(|due| due.amount),
            },
        );
        Ok(AgreementPrint {
            id,
            language: lang.code().to_owned(),
            lines: lines(lang, (&one, &dues), (&strategy, pay.as_ref())),
            pay,
        })
    }
}

fn pick(lang: Lang, english: &str, chinese: &str) -> String {
    match lang {
        Lang::En => english.to_owned(),
        Lang::Zh => chinese.to_owned(),
    }
}

fn lines(
    lang: Lang,
    (one, dues): (&Agreement, &[InstalmentRow]),
    (strategy, pay): (&Strategy, Option<&PayItem>),
) -> Vec<String> {
    let mut lines = vec![
        pick(lang, "What was agreed", "还款约定"),
        format!("{}: {}", pick(lang, "Kind", "类型"), word(lang, one.kind)),
        format!("{}: {}", pick(lang, "Agreed on", "约定日期"), day::text(one.made_day)),
        format!("{}: {}", pick(lang, "Stands", "状态"), word(lang, one.state)),
    ];
    let money = |amount: Minor| match Currency::of(&one.currency) {
        Some(currency) => format!("{} {}", currency.plain(amount), currency.code()),
        None => amount.to_string(),
    };
    if !dues.is_empty() {
        lines.push(String::new());
        lines.push(pick(lang, "To be paid", "应还款项"));
        for due in dues {
            let interest = match due.interest {
                Minor::ZERO => String::new(),
                interest => match lang {
                    Lang::En => format!("  (of it interest {})", money(interest)),
                    Lang::Zh => format!("（其中利息 {}）", money(interest)),
                },
            };
            let number = match lang {
                Lang::En => format!("{:>2}.", due.number),
                Lang::Zh => format!("第{}期", due.number),
            };
            lines.push(format!(
                "  {number}  {}  {}{interest}",
                day::text(due.day),
                money(due.amount)
            ));
        }
        let total: Minor = dues.iter().map(|due| due.amount).sum();
        lines.push(format!("  {}  {}", pick(lang, "In all", "合计"), money(total)));
    }
    lines.extend(given_up(lang, one, &money));
    lines.extend(follows(lang, one, strategy));
    if let Some(pay) = pay.filter(|_| !dues.is_empty()) {
        lines.push(String::new());
        lines.push(format!(
            "{}: {}",
            pick(lang, "Pay only to", "仅向以下机构还款"),
            pay.payee
        ));
        lines.push(format!("{}: {}", pick(lang, "Reference", "还款附言"), pay.reference));
        if let Some(link) = &pay.link {
            lines.push(format!("{}: {link}", pick(lang, "Or here", "或通过")));
        }
    }
    lines.push(String::new());
    lines.push(pick(
        lang,
        "Nobody who visits you takes money, cash or otherwise, and nobody may ask you to pay to themselves.",
        "任何来访人员均不得收取现金或任何款项，也不得要求您向其个人付款。",
    ));
    lines.push(pick(
        lang,
        "Whatever changes for you, you can ask the office for smaller instalments, a pause or an end of this at any time.",
        "如您的情况有变，可随时向机构申请减少每期金额、暂缓或终止本约定。",
    ));
    lines
}

/// What is given up, and when.
fn given_up(lang: Lang, one: &Agreement, money: &impl Fn(Minor) -> String) -> Vec<String> {
    if !one.kind.gives_up() {
        return Vec::new();
    }
    let parts = [
        ("principal", "本金", one.off.principal),
        ("interest", "利息", one.off.interest),
        ("penalty", "罚息", one.off.penalty),
        ("fees", "费用", one.off.fees),
    ];
    let mut lines = vec![String::new(), pick(lang, "Given up of what is owed", "减免金额")];
    for (english, chinese, amount) in parts.into_iter().filter(|(.., amount)| *amount > Minor::ZERO) {
        lines.push(format!("  {}  {}", pick(lang, english, chinese), money(amount)));
    }
    lines.push(match (lang, one.kind, one.after) {
        (Lang::En, AgreementKind::Reward, Some(after)) => {
            format!("This is given up once the first {after} instalments of the plan were paid in time, or all if it has fewer.")
        }
        (Lang::Zh, AgreementKind::Reward, Some(after)) => {
            format!("分期还款前 {after} 期（不足者为全部）均按时还款后生效。")
        }
        (Lang::En, AgreementKind::Settlement, _) => {
            "This is given up, and the matter is settled, once all of the above is paid.".to_owned()
        }
        (Lang::Zh, AgreementKind::Settlement, _) => "上述款项全部还清后生效，债务即告结清。".to_owned(),
        (Lang::En, ..) => "This is given up now.".to_owned(),
        (Lang::Zh, ..) => "即日生效。".to_owned(),
    });
    lines
}

/// What counts as in time, and who stays away.
fn follows(lang: Lang, one: &Agreement, strategy: &Strategy) -> Vec<String> {
    if !one.kind.is_paid() {
        return Vec::new();
    }
    let (grace, missed) = (one.grace_days, one.missed_max);
    let mut lines = vec![String::new()];
    lines.push(match lang {
        Lang::En => format!("What is paid within {grace} days after its day counts as in time."),
        Lang::Zh => format!("到期日后 {grace} 日内还款视为按时。"),
    });
    if one.kind.stops_visits() {
        lines.push(pick(
            lang,
            "Nobody visits you while this is kept.",
            "履行期间不安排上门。",
        ));
        lines.push(match lang {
            Lang::En => format!("It stays in force while it is no more than {missed} instalments behind."),
            Lang::Zh => format!("拖欠不超过 {missed} 期的，本约定继续有效。"),
        });
    }
    if one.rate_ppm > 0 {
        let percent = format!("{}.{:04}", one.rate_ppm / 10_000, one.rate_ppm % 10_000);
        lines.push(match lang {
            Lang::En => format!("Interest: {percent} % a year on what is left, by days, a year of 365, rounded down."),
            Lang::Zh => format!("利息：按剩余金额年利率 {percent}%，一年按365日、按日计算，向下取整。"),
        });
    }
    if one.every.is_some() {
        let (rest, shift) = (word(lang, strategy.plans.remainder), word(lang, strategy.plans.shift));
        lines.push(match lang {
            Lang::En => {
                format!("Instalments are rounded down, what is left over is {rest}; a day off work moves: {shift}.")
            }
            Lang::Zh => format!("每期金额向下取整，余数{rest}；遇非工作日{shift}。"),
        });
    }
    lines
}
