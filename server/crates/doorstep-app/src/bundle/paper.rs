//! The paper of a bundle. Knows no storage.

use doorstep_domain::code::UnknownCode;
use doorstep_domain::complaint::ComplaintOutcome;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::letter::{LetterKind, LetterState};
use doorstep_domain::measure::Micros;
use doorstep_domain::notice::{NoticeChannel, NoticeState};
use doorstep_domain::restriction::RestrictionKind;
use doorstep_domain::words::{Lang, Words, word};
use doorstep_papers::{Block, Column, Paper};
use doorstep_store::agreement::{Agreement, Waived};
use doorstep_store::complaint::Complaint;
use doorstep_store::leaflet::LeafletGiven;
use doorstep_store::payment::Payment;
use doorstep_wire::case::CaseDetail;
use doorstep_wire::letter::LetterItem;
use doorstep_wire::notice::NoticeItem;
use doorstep_wire::right::RestrictionItem;
use jiff::tz::TimeZone;

use super::evidence::Evidence;
use crate::day;
use crate::papers::{amount_lines, long_day, long_day_of, money, paper_day, pick};

/// What is known of the case.
pub(super) struct Facts<'a> {
    pub(super) detail: &'a CaseDetail,
    pub(super) creditor: &'a str,
    pub(super) notices: Vec<NoticeItem>,
    pub(super) letters: Vec<LetterItem>,
    pub(super) complaints: Vec<Complaint>,
    pub(super) restrictions: Vec<RestrictionItem>,
    pub(super) leaflets: Vec<LeafletGiven>,
    pub(super) agreements: Vec<Agreement>,
    pub(super) payments: Vec<Payment>,
    pub(super) waived: Vec<Waived>,
    pub(super) now: Micros,
}

/// Words and times of one paper.
struct Page {
    lang: Lang,
    zone: TimeZone,
}

impl Page {
    fn say(&self, english: &str, chinese: &str) -> String {
        pick(self.lang, english, chinese).to_owned()
    }

    fn heading(&self, english: &str, chinese: &str) -> Block {
        Block::Heading(self.say(english, chinese))
    }

    fn at(&self, micros: i64) -> String {
        day::clock_text(Micros(micros), &self.zone)
    }

    fn maybe_at(&self, micros: Option<i64>) -> String {
        micros.map_or_else(|| "-".to_owned(), |at| self.at(at))
    }

    /// The words of a code; the code itself where a newer version wrote it.
    fn word<T: Words + std::str::FromStr<Err = UnknownCode>>(&self, code: &str) -> String {
        code.parse::<T>()
            .map_or_else(|_| code.to_owned(), |known| word(self.lang, known).to_owned())
    }

    /// A table, or the words that there is nothing.
    fn table(&self, columns: &[(&str, &str, u16)], rows: Vec<Vec<String>>) -> Block {
        if rows.is_empty() {
            return Block::Text(self.say("None is recorded.", "没有记录。"));
        }
        let column = |(english, chinese, share): &(&str, &str, u16)| Column {
            head: self.say(english, chinese),
            share: *share,
        };
        Block::Table {
            columns: columns.iter().map(column).collect(),
            rows,
        }
    }
}

/// The whole paper.
pub(super) fn paper(lang: Lang, facts: &Facts<'_>, evidence: &Evidence) -> Paper {
    let page = Page {
        lang,
        zone: day::zone(&facts.detail.zone),
    };
    let mut blocks = about(&page, facts);
    blocks.extend(stops(&page, facts));
    blocks.extend(contacts(&page, facts));
    blocks.extend(money_moved(&page, facts));
    blocks.extend(told(&page, facts));
    blocks.extend(complaints(&page, facts));
    blocks.extend(proofs(&page, evidence));
    let case_no = &facts.detail.item.case_no;
    Paper {
        title: page.say("Case file with evidence", "案件材料及证据清单"),
        language: lang.code().to_owned(),
        day: paper_day(facts.now, &page.zone),
        foot: format!("{} · {case_no}", facts.creditor),
        blocks,
    }
}

fn about(page: &Page, facts: &Facts<'_>) -> Vec<Block> {
    let (detail, item) = (facts.detail, &facts.detail.item);
    let pair = |english, chinese, value: &str| (page.say(english, chinese), value.to_owned());
    let gone = page.say("erased", "已删除");
    let name = item.name.as_deref().unwrap_or(&gone);
    let amount = &item.amount;
    let as_of = long_day_of(Micros(amount.as_of), &page.zone, page.lang);
    vec![
        Block::Title(page.say("Case file with evidence", "案件材料及证据清单")),
        Block::Pairs(vec![
            pair("Creditor", "债权人", facts.creditor),
            pair("Portfolio", "产品", &item.portfolio),
            pair("Case", "案件编号", &item.case_no),
            pair("Person", "当事人", name),
            pair("Address", "地址", item.address.as_deref().unwrap_or(&gone)),
            pair("Days past due", "逾期天数", &item.days_past_due.to_string()),
            pair("Made", "生成时间", &page.at(facts.now.get())),
            pair("Times are those of", "时间时区", &detail.zone),
        ]),
        Block::Heading(match page.lang {
            Lang::En => format!("Amount as of {as_of}"),
            Lang::Zh => format!("金额（截至{as_of}）"),
        }),
        Block::Pairs(amount_lines(amount.total, amount.parts, &amount.currency, page.lang)),
    ]
}

/// What stands against contacts with the person. It comes before everything that speaks for the creditor.
fn stops(page: &Page, facts: &Facts<'_>) -> Vec<Block> {
    let verdict = &facts.detail.verdict;
    let forbids = |effect: &str| !matches!(effect, "allow" | "warn" | "require");
    let findings = verdict.findings.iter().filter(|finding| forbids(&finding.effect));
    let mut points: Vec<String> = findings
        .map(|finding| format!("{} [{}: {}]", finding.sentence, finding.rule, finding.citation))
        .collect();
    let standing = facts.restrictions.iter().filter(|one| one.lifted_at.is_none());
    points.extend(standing.map(|one| page.word::<RestrictionKind>(&one.kind)));
    let mut blocks = vec![page.heading(
        "What stands against contacts with this person today",
        "目前限制与当事人联系的情形",
    )];
    if points.is_empty() {
        let none = page.say(
            "No rule and no restriction stands against contacts.",
            "没有规则或者限制。",
        );
        blocks.push(Block::Text(none));
    } else {
        blocks.push(Block::Points(points));
    }
    blocks
}

fn contacts(page: &Page, facts: &Facts<'_>) -> Vec<Block> {
    let outcome = |code: Option<&str>| code.map_or_else(|| "-".to_owned(), |code| page.word::<ContactOutcome>(code));
    let row = |one: &doorstep_wire::case::CaseContact| {
        let rules = one.rules.join(", ");
        vec![
            page.at(one.at),
            page.word::<Channel>(&one.channel),
            outcome(one.outcome.as_deref()),
            rules,
        ]
    };
    let rows = facts.detail.contacts.iter().map(row).collect();
    let columns = [
        ("When", "时间", 3),
        ("How", "方式", 2),
        ("Outcome", "结果", 4),
        ("Forbidden by", "违反的规则", 3),
    ];
    vec![
        page.heading("Contacts and visits", "联系与外访记录"),
        page.table(&columns, rows),
    ]
}

/// What was agreed, paid and given up: a court sees what speaks for the person as well.
fn money_moved(page: &Page, facts: &Facts<'_>) -> Vec<Block> {
    let on = |number: i64| long_day(day::of_number(number), page.lang);
    let agreed = facts.agreements.iter().map(|one| {
        vec![
            on(one.made_day),
            word(page.lang, one.kind).to_owned(),
            money(one.amount.get(), &one.currency),
            format!("{} ({})", word(page.lang, one.state), on(one.state_day)),
        ]
    });
    let paid = facts.payments.iter().map(|one| {
        let kind = word(page.lang, one.kind).to_owned();
        (one.paid_on, kind, money(one.amount, &one.currency))
    });
    let given = facts.waived.iter().map(|one| {
        let kind = page.say("given up", "减免");
        (one.day, kind, money(one.parts.total().get(), &one.currency))
    });
    let mut moved: Vec<_> = paid.chain(given).collect();
    moved.sort();
    let moved = moved.into_iter().map(|(day, kind, amount)| vec![on(day), kind, amount]);
    let agreements = [
        ("Day", "日期", 3),
        ("What", "内容", 2),
        ("Amount", "金额", 2),
        ("State", "状态", 4),
    ];
    let payments = [("Day", "日期", 3), ("What", "内容", 2), ("Amount", "金额", 3)];
    vec![
        page.heading("Agreements", "协议与承诺"),
        page.table(&agreements, agreed.collect()),
        page.heading("Payments and what was given up", "还款与减免"),
        page.table(&payments, moved.collect()),
    ]
}

/// Notices, letters and leaflets, with what became of them.
fn told(page: &Page, facts: &Facts<'_>) -> Vec<Block> {
    let notices = facts.notices.iter().map(|one| {
        let what = format!("{}: {}", page.say("notice of a visit on", "外访通知"), one.day);
        let what = format!("{what} ({})", page.word::<NoticeChannel>(&one.channel));
        let times = (one.handed_over_at, one.delivered_at, one.returned_at);
        (what, page.word::<NoticeState>(&one.state), times)
    });
    let letters = facts.letters.iter().map(|one| {
        let what = format!("{}: {}", page.say("letter", "信件"), page.word::<LetterKind>(&one.kind));
        let times = (one.handed_over_at, one.delivered_at, one.returned_at);
        (what, page.word::<LetterState>(&one.state), times)
    });
    let leaflets = facts.leaflets.iter().map(|one| {
        let what = format!("{}: {}", page.say("leaflet", "宣传页"), one.leaflet);
        (
            what,
            word(page.lang, one.place).to_owned(),
            (Some(one.at.get()), None, None),
        )
    });
    let rows = notices
        .chain(letters)
        .chain(leaflets)
        .map(|(what, state, (left, came, back))| {
            vec![
                what,
                state,
                page.maybe_at(left),
                page.maybe_at(came),
                page.maybe_at(back),
            ]
        });
    let columns = [
        ("What", "内容", 5),
        ("State", "状态", 2),
        ("Handed over", "交付时间", 3),
        ("Delivered", "送达时间", 3),
        ("Came back", "退回时间", 3),
    ];
    vec![
        page.heading("Notices, letters and leaflets", "通知、信件与宣传页"),
        page.table(&columns, rows.collect()),
    ]
}

fn complaints(page: &Page, facts: &Facts<'_>) -> Vec<Block> {
    let outcome = |one: Option<ComplaintOutcome>| one.map_or("-", |code| word(page.lang, code)).to_owned();
    let row = |one: &Complaint| {
        let (channel, state) = (word(page.lang, one.channel), word(page.lang, one.state));
        vec![
            page.at(one.received_at.get()),
            channel.to_owned(),
            state.to_owned(),
            outcome(one.outcome),
        ]
    };
    let columns = [
        ("Came in", "受理时间", 3),
        ("How", "渠道", 2),
        ("State", "状态", 2),
        ("Outcome", "结果", 3),
    ];
    let rows = facts.complaints.iter().map(row).collect();
    vec![page.heading("Complaints", "投诉"), page.table(&columns, rows)]
}

/// The list of evidence, and how to check it.
fn proofs(page: &Page, evidence: &Evidence) -> Vec<Block> {
    let how = page.say(
        "Each line is a leaf of a log that cannot be altered unseen. The folder beside this paper has, for each, the file that is \
         named: the leaf, its place, the hashes from it to the root, and the signed checkpoint. `doorstep-verify FOLDER --key \
         KEY` checks all of it without a network. Take the key from where the creditor published it, and compare it with the one \
         below.",
        "下面每一行都是防篡改日志中的一条记录。本文件旁边的文件夹中有对应的证明文件，包含该记录、其位置、到根哈希的路径以及签名的检查点。\
         运行 `doorstep-verify 文件夹 --key 公钥` 即可离线核验。请使用债权人公开发布的公钥，并与下面的公钥核对。",
    );
    let row = |item: &super::evidence::Item| {
        let mut hashes = vec![format!("{} {}", page.say("leaf", "记录"), item.leaf)];
        let attached = item.attached.iter();
        hashes.extend(attached.map(|hash| format!("{} {hash}", page.say("content", "内容"))));
        hashes.push(item.path.clone());
        vec![
            item.index.to_string(),
            page.at(item.at_ms * 1_000),
            item.kind.clone(),
            hashes.join("\n"),
        ]
    };
    let columns = [
        ("Index", "序号", 2),
        ("Time", "时间", 4),
        ("Event", "事件", 4),
        ("Hashes and proof", "哈希与证明文件", 12),
    ];
    let mut blocks = vec![
        Block::NewPage,
        page.heading("List of evidence", "证据清单"),
        Block::Text(how),
        page.table(&columns, evidence.items.iter().map(row).collect()),
        page.heading("Signed checkpoints", "签名的检查点"),
    ];
    for (log, checkpoint) in &evidence.checkpoints {
        blocks.push(Block::Small(format!("{log}\n{}", checkpoint.trim_end())));
    }
    blocks.push(page.heading("Keys", "公钥"));
    blocks.push(Block::Small(evidence.keys.trim_end().to_owned()));
    let columns = [("File", "文件", 4), ("SHA-256", "SHA-256", 5)];
    let files = evidence
        .files
        .iter()
        .map(|(path, hash)| vec![path.clone(), hash.clone()]);
    blocks.push(page.heading("Files beside this paper", "随附文件"));
    blocks.push(page.table(&columns, files.collect()));
    blocks
}
