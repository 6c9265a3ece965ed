//! How the page of a notice looks: headings, labels and buttons of plain HTML, in both languages, readable without a style
//! sheet and by a screen reader, usable by keyboard alone (WCAG 2.2, AA). Says nothing of a debt before somebody showed who
//! they are.

use std::fmt::Write as _;

use axum::http::StatusCode;
use doorstep_app::notice::escaped;
use doorstep_app::page::{Known, NoticePage};
use doorstep_domain::wish::{Manner, WishKind};
use doorstep_domain::words::{Lang, word};

/// Contrast of text at least 7 to 1, of borders and focus at least 4.5 to 1, in light and dark; targets 44 pixels high.
const STYLE: &str = "body{font:18px/1.6 system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;\
    max-width:40rem;margin:1.5rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}\
    h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem}form{margin:0 0 1rem}\
    label,legend{display:block;font-weight:600;margin:.6rem 0 .2rem}\
    input,select,textarea,button{font:inherit;color:inherit;background:transparent;border:2px solid #555;border-radius:6px;\
    padding:.5rem .7rem;min-height:44px;max-width:100%;box-sizing:border-box}\
    input[type=radio]{min-height:24px;width:24px;height:24px;vertical-align:middle}textarea{width:100%}\
    .one{display:flex;gap:.6rem;align-items:center;font-weight:400;min-height:44px}\
    fieldset{border:0;padding:0;margin:0}button{background:#0b4f8a;color:#fff;border-color:#0b4f8a;margin-top:.8rem;cursor:pointer}\
    button.stop{background:#8a1010;border-color:#8a1010}a{color:#0b4f8a}\
    :focus-visible,input:focus-within{outline:4px solid #b35900;outline-offset:2px}\
    .told{border-left:6px solid #14632b;padding:.4rem 1rem;margin:1rem 0}.trouble{border-color:#8a1010}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#111}input,select,textarea{border-color:#aaa}\
    button{background:#9cc9f5;color:#111;border-color:#9cc9f5}button.stop{background:#ffb3b3;color:#111;border-color:#ffb3b3}\
    a{color:#9cc9f5}:focus-visible,input:focus-within{outline-color:#ffb866}.told{border-color:#7fd39a}.trouble{border-color:#ffb3b3}}";

/// What the page says above everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    /// Whether somebody with that badge is expected.
    Badge(bool),
    /// What was taken.
    Taken(WishKind),
    /// What has to be put right.
    Refused(Trouble),
}

/// What has to be put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Badge,
    Digits,
    Identity,
    Words,
}

/// English or Chinese.
const fn pick(lang: Lang, english: &'static str, chinese: &'static str) -> &'static str {
    match lang {
        Lang::En => english,
        Lang::Zh => chinese,
    }
}

/// A page under way.
struct Writer {
    html: String,
    lang: Lang,
    pass: Option<String>,
}

impl Writer {
    fn new(lang: Lang, pass: Option<String>) -> Self {
        let title = pick(lang, "Your notice of a visit", "您的上门通知");
        let (code, query, other, label) = match lang {
            Lang::En => ("en", "zh", "zh-Hans", "中文"),
            Lang::Zh => ("zh-Hans", "en", "en", "English"),
        };
        let mut html = String::new();
        let _ = write!(
            html,
            "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
             <title>{title}</title><style>{STYLE}</style></head>\n<body>\n<main>\n\
             <p><a href=\"?lang={query}\" lang=\"{other}\" hreflang=\"{other}\">{label}</a></p>\n<h1>{title}</h1>\n"
        );
        Self { html, lang, pass }
    }

    fn pick(&self, english: &'static str, chinese: &'static str) -> &'static str {
        pick(self.lang, english, chinese)
    }

    fn heading(&mut self, english: &'static str, chinese: &'static str) {
        let _ = writeln!(self.html, "<h2>{}</h2>", self.pick(english, chinese));
    }

    fn paragraph(&mut self, english: &'static str, chinese: &'static str) {
        let _ = writeln!(self.html, "<p>{}</p>", self.pick(english, chinese));
    }

    /// A form with its fields and one button.
    fn form(&mut self, what: &str, fields: &str, (button, class): (&str, &str)) {
        let lang = match self.lang {
            Lang::En => "en",
            Lang::Zh => "zh",
        };
        let _ = write!(
            self.html,
            "<form method=\"post\" accept-charset=\"utf-8\"><input type=\"hidden\" name=\"what\" value=\"{what}\">\
             <input type=\"hidden\" name=\"lang\" value=\"{lang}\">"
        );
        if let Some(pass) = &self.pass {
            let _ = write!(
                self.html,
                "<input type=\"hidden\" name=\"pass\" value=\"{}\">",
                escaped(pass)
            );
        }
        let _ = writeln!(
            self.html,
            "{fields}<div><button class=\"{class}\" type=\"submit\">{button}</button></div></form>"
        );
    }

    fn words(&self, id: &str, english: &'static str, chinese: &'static str) -> String {
        let label = self.pick(english, chinese);
        format!(
            "<label for=\"{id}\">{label}</label><textarea id=\"{id}\" name=\"words\" rows=\"3\" maxlength=\"2000\"></textarea>"
        )
    }

    fn end(mut self) -> String {
        self.html.push_str("</main>\n</body>\n</html>\n");
        self.html
    }
}

/// The page.
pub(super) fn page(page: &NoticePage, told: Told, lang: Lang) -> String {
    let mut writer = Writer::new(lang, page.known.as_ref().map(|known| known.pass.clone()));
    tell(&mut writer, told);
    if page.ahead {
        badge(&mut writer);
        instead(&mut writer);
    } else {
        writer.paragraph(
            "The visit that this notice announced is not going to be made, or was made.",
            "该通知所述的上门已取消或已完成。",
        );
    }
    if page.made {
        feedback(&mut writer);
    }
    stop(&mut writer);
    complaint(&mut writer);
    match &page.known {
        Some(known) => matter(&mut writer, known),
        None if page.phoneless => unrecognised(&mut writer),
        None => identity(&mut writer, page.locked),
    }
    writer.paragraph(
        "You need not let anybody in. Nobody takes money at the door.",
        "您无需让任何人进门。上门人员不收取任何款项。",
    );
    writer.end()
}

fn tell(writer: &mut Writer, told: Told) {
    let (class, role, text) = match told {
        Told::Nothing => return,
        Told::Badge(true) => (
            "told",
            "status",
            writer
                .pick("Yes: this badge is expected on that day.", "是：该工号当天会上门。")
                .to_owned(),
        ),
        Told::Badge(false) => (
            "told trouble",
            "alert",
            writer
                .pick(
                    "No: this badge is not expected with this code on that day. Do not open the door.",
                    "否：该工号当天不会凭此通知上门。请勿开门。",
                )
                .to_owned(),
        ),
        Told::Taken(kind) => ("told", "status", taken(kind, writer.lang)),
        Told::Refused(trouble) => ("told trouble", "alert", refused(trouble, writer.lang).to_owned()),
    };
    let _ = writeln!(writer.html, "<p class=\"{class}\" role=\"{role}\">{text}</p>");
}

fn taken(kind: WishKind, lang: Lang) -> String {
    let what = word(lang, kind);
    let then = if kind.calls_off() {
        pick(
            lang,
            "It counts from now on: nobody comes on that day, and whoever was on the way is told at once.",
            "即刻生效：当天不会有人上门，已在途人员会立即收到通知。",
        )
    } else if kind == WishKind::Stop {
        pick(
            lang,
            "It counts from now on: nobody comes any more until you say otherwise.",
            "即刻生效：除非您另行说明，不会再有人上门。",
        )
    } else if kind.needs_answer() {
        pick(lang, "The office answers you.", "办公室会答复您。")
    } else {
        pick(lang, "Thank you. It was recorded.", "谢谢，已记录。")
    };
    let colon = pick(lang, ": ", "：");
    format!("{}{colon}{what}. {then}", pick(lang, "Taken", "已收到"))
}

const fn refused(trouble: Trouble, lang: Lang) -> &'static str {
    match trouble {
        Trouble::Badge => pick(
            lang,
            "Give the badge number and a day such as 2026-11-23.",
            "请填写工号和日期，如 2026-11-23。",
        ),
        Trouble::Digits => pick(
            lang,
            "These are not the last four digits of the phone number that the office has. Try again.",
            "与办公室登记电话的末四位不符，请重试。",
        ),
        Trouble::Identity => pick(
            lang,
            "First give the last four digits of the phone number that the office has.",
            "请先填写办公室登记电话的末四位。",
        ),
        Trouble::Words => pick(
            lang,
            "Say it in a few words, at most 2,000 characters.",
            "请用几句话说明，最多 2000 字。",
        ),
    }
}

fn badge(writer: &mut Writer) {
    writer.heading("Is this visitor expected?", "此人是否会上门？");
    let fields = format!(
        "<label for=\"badge\">{}</label><input id=\"badge\" name=\"badge\" required maxlength=\"40\" autocomplete=\"off\">\
         <label for=\"day\">{}</label><input id=\"day\" name=\"day\" type=\"date\" required>",
        writer.pick("Badge number", "工号"),
        writer.pick("Day", "日期"),
    );
    let button = writer.pick("Check the badge", "核对工号");
    writer.form("badge", &fields, (button, ""));
}

fn instead(writer: &mut Writer) {
    writer.heading("Not today", "当天不便");
    let button = writer.pick("Nobody shall come on that day", "当天请勿上门");
    writer.form(WishKind::NotToday.code(), "", (button, ""));
    writer.heading("Another time, place or visitor", "希望改时间、地点或人员");
    let asks = [
        (WishKind::OtherTime, "t", "Which time suits you?", "什么时间方便？"),
        (WishKind::OtherPlace, "p", "Where?", "在哪里？"),
        (
            WishKind::OtherVisitor,
            "v",
            "Should a woman or a man come?",
            "希望由女性还是男性上门？",
        ),
    ];
    for (kind, id, english, chinese) in asks {
        let fields = writer.words(&format!("words-{id}"), english, chinese);
        let button = writer.pick("Ask for this; nobody comes on that day", "提出请求，当天不上门");
        writer.form(kind.code(), &fields, (button, ""));
    }
}

fn feedback(writer: &mut Writer) {
    writer.heading("How was the visit?", "这次上门如何？");
    let one = |name: &str, value: &str, label: &str| {
        let id = format!("{name}-{value}");
        format!(
            "<div class=\"one\"><input type=\"radio\" id=\"{id}\" name=\"{name}\" value=\"{value}\" required>\
             <label for=\"{id}\">{label}</label></div>"
        )
    };
    let mut fields = format!(
        "<fieldset><legend>{}</legend>",
        writer.pick("Did they show a badge?", "是否出示证件？")
    );
    fields.push_str(&one("shown", "yes", writer.pick("Yes", "是")));
    fields.push_str(&one("shown", "no", writer.pick("No", "否")));
    let _ = write!(
        fields,
        "</fieldset><fieldset><legend>{}</legend>",
        writer.pick("How were they?", "态度如何？")
    );
    for manner in Manner::ALL {
        fields.push_str(&one("manner", manner.code(), word(writer.lang, *manner)));
    }
    fields.push_str("</fieldset>");
    let button = writer.pick("Send", "提交");
    writer.form(WishKind::Feedback.code(), &fields, (button, ""));
}

fn stop(writer: &mut Writer) {
    writer.heading("Nobody shall come any more", "请勿再上门");
    writer.paragraph(
        "You may say this without a reason. You will still get letters that the law asks for.",
        "无需说明理由。法律要求的信函仍会寄送。",
    );
    let button = writer.pick("Stop visits", "停止上门");
    writer.form(WishKind::Stop.code(), "", (button, "stop"));
    let button = writer.pick("Take back what I agreed to", "撤回我的同意");
    writer.form(WishKind::WithdrawConsent.code(), "", (button, ""));
}

fn complaint(writer: &mut Writer) {
    writer.heading("Complain", "投诉");
    let fields = writer.words("words-complaint", "What happened?", "发生了什么？");
    let button = writer.pick("Send the complaint", "提交投诉");
    writer.form(WishKind::Complaint.code(), &fields, (button, ""));
}

fn identity(writer: &mut Writer, locked: bool) {
    writer.heading("Who you are", "身份验证");
    if locked {
        writer.paragraph(
            "The digits were wrong five times, so this part is locked. The office was told; call it to go on. Everything above \
             still works.",
            "末四位已输错五次，此部分已锁定，并已告知办公室。请致电办公室。以上功能仍可使用。",
        );
        return;
    }
    writer.paragraph(
        "What the visit is about is shown only to the person it is meant for.",
        "来访事由只向本人显示。",
    );
    let fields = format!(
        "<label for=\"digits\">{}</label><input id=\"digits\" name=\"digits\" inputmode=\"numeric\" pattern=\"[0-9]{{4}}\" \
         maxlength=\"4\" required autocomplete=\"off\">",
        writer.pick(
            "Last four digits of the phone number that the office has",
            "办公室登记电话的末四位"
        )
    );
    let button = writer.pick("Go on", "继续");
    writer.form("identify", &fields, (button, ""));
}

/// Where no digits can show who it is: how else, and that nothing of what protects waits for it.
fn unrecognised(writer: &mut Writer) {
    writer.heading("Who you are", "身份验证");
    writer.paragraph(
        "The office has no phone number by which this page could know you. Call the office that the notice names, or write to where \
         the notice says one can complain: they ask you something else, and then tell you what the visit is about and take what you \
         propose or dispute. Everything above works all the same.",
        "办公室未登记可供本页核实身份的电话。请致电通知所载机构，或写信至通知所载投诉渠道：对方会以其他方式核实您的身份，\
         随后告知来访事由，并受理您的方案或异议。以上功能均可照常使用。",
    );
}

/// What only whoever it is meant for sees.
fn matter(writer: &mut Writer, known: &Known) {
    writer.heading("The visit", "上门安排");
    let from = writer.pick("For", "来访机构");
    let planned = writer.pick("Planned", "计划时间");
    let complaints = writer.pick("Complaints", "投诉渠道");
    let _ = write!(
        writer.html,
        "<p>{from}: {}<br>{planned}: {} – {}",
        escaped(&known.office),
        escaped(&known.planned[0]),
        escaped(&known.planned[1])
    );
    if !known.complaints.is_empty() {
        let _ = write!(writer.html, "<br>{complaints}: {}", escaped(&known.complaints));
    }
    writer.html.push_str("</p>\n");
    let asks: [(WishKind, &str, [&'static str; 2], [&'static str; 2]); 5] = [
        (
            WishKind::Payment,
            "Propose a date, an amount or instalments",
            ["What do you propose?", "您的还款方案？"],
            ["Propose", "提出方案"],
        ),
        (
            WishKind::Call,
            "A call in place of the visit",
            ["When and on which number?", "何时、哪个号码？"],
            ["Ask for a call", "希望电话沟通"],
        ),
        (
            WishKind::Appointment,
            "An appointment at the office",
            ["When?", "什么时间？"],
            ["Ask for an appointment", "希望预约面谈"],
        ),
        (
            WishKind::Dispute,
            "I do not owe this, or not so much",
            ["What is wrong?", "哪里有误？"],
            [
                "Dispute it; nobody comes until it is answered",
                "提出异议，答复前不上门",
            ],
        ),
        (
            WishKind::Hardship,
            "I cannot pay at the moment",
            ["What happened?", "目前的情况？"],
            [
                "Say so; nobody comes, another desk answers",
                "说明困难，不再上门，由专人答复",
            ],
        ),
    ];
    for (kind, english, label, button) in asks {
        let chinese = word(Lang::Zh, kind);
        writer.heading(english, chinese);
        let fields = writer.words(&format!("words-{kind}"), label[0], label[1]);
        let button = writer.pick(button[0], button[1]);
        writer.form(kind.code(), &fields, (button, ""));
    }
}

/// The page where there is none to show.
pub(super) fn refusal(status: StatusCode, lang: Lang) -> String {
    let mut writer = Writer::new(lang, None);
    match status {
        StatusCode::NOT_FOUND => writer.paragraph(
            "No notice has this code, or its time is over. Read the code again from the notice, or call the office that it names.",
            "没有此编号的通知，或已过期。请对照通知重新输入，或致电通知所载机构。",
        ),
        StatusCode::TOO_MANY_REQUESTS => writer.paragraph(
            "Too many requests came from your network, or from this page. Wait 15 minutes, or call the office.",
            "请求过多，请等待 15 分钟，或致电办公室。",
        ),
        _ => writer.paragraph(
            "This cannot be done at the moment. Try again in a minute, or call the office that the notice names.",
            "暂时无法处理，请一分钟后再试，或致电通知所载机构。",
        ),
    }
    writer.end()
}

#[cfg(test)]
#[path = "notice_html_tests.rs"]
mod tests;
