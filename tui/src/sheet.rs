//! The day sheet: the stops of a day on paper, for a dead battery. Pure: what it is given is what it shows.
//!
//! Paper gets lost and is read over a shoulder. So it shows one person per door and nothing of the matter: no amount, no
//! lender, no number or kind of case, no phone; what may not be said and the outcomes are worded so that they do not tell
//! either. It says until when it is valid and that it is destroyed after.

use crate::qr::QrCode;
use crate::table::clean;
use crate::text::pick;
use doorstep_domain::case::Flag;
use doorstep_domain::door::Moment;
use doorstep_domain::place::Point;
use doorstep_domain::words::{Forbidden, Lang, word};
use std::fmt::Write as _;

/// Side of a code on paper, in millimetres.
const CODE_MM: u32 = 22;

/// A stop as the sheet shows it; times are texts in the zone of the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetStop {
    /// Its number in the route, from 1.
    pub number: usize,
    /// Planned start and end, like `10:25–10:50`.
    pub planned: String,
    /// Address text.
    pub address: String,
    /// Whom to ask for.
    pub name: String,
    /// Intervals in which the visit is allowed, like `08:00–20:00`.
    pub hours: Vec<String>,
    /// How many staff must be there.
    pub staff_min: u8,
    /// What may not be said or done.
    pub not_said: Vec<Forbidden>,
    /// Whether the permit forbids more, in words that this program does not know.
    pub more_forbidden: bool,
    /// What the case is marked with; only what concerns safety and the way is shown.
    pub notes: Vec<Flag>,
    /// Where it is.
    pub place: Point,
}

/// What stands above and below the stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetHead {
    /// The day, ISO.
    pub day: String,
    /// Until when the permit is valid, with its zone.
    pub expires: String,
    /// What may be said to whoever opens: moment, words, and the same in other languages of the day.
    pub said: Vec<(Moment, Vec<String>)>,
}

/// Outcomes as they stand on paper, in the order of their numbers: without a word on the matter.
const OUTCOMES: [(&str, &str); 9] = [
    ("met the person", "见到本人"),
    ("met somebody of the household", "见到同住人"),
    ("met somebody else", "见到其他人"),
    ("nobody home", "无人在家"),
    ("door not opened", "有人但未开门"),
    ("no way in", "门卫或门禁未放行"),
    ("no such address, or unknown there", "地址不存在或查无此人"),
    ("moved away", "已搬离"),
    ("asked to leave, or left for safety", "被要求离开或因安全离开"),
];

/// The sheet as one HTML file, without scripts and without anything from elsewhere.
pub fn sheet(stops: &[SheetStop], head: &SheetHead, lang: Lang) -> String {
    let title = format!("{} {}", pick(lang, "Day sheet", "路线单"), escaped(&head.day));
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p class=\"office\">{}: <span class=\"blank\"></span></p>\n",
        pick(lang, "en", "zh-Hans"),
        pick(lang, "Office phone", "办公室电话"),
    );
    for stop in stops {
        section(&mut html, stop, lang);
    }
    if stops.is_empty() {
        let _ = writeln!(
            html,
            "<p>{}</p>",
            pick(lang, "No stops on this device.", "本机没有外访任务。")
        );
    }
    outcomes(&mut html, lang);
    said(&mut html, &head.said, lang);
    let _ = write!(
        html,
        "<footer>{} {}: {}.</footer>\n</body>\n</html>\n",
        pick(
            lang,
            "Keep it with you, give it to nobody, destroy it after use.",
            "随身保管，不得交给他人，用后销毁。"
        ),
        pick(lang, "Not valid after", "失效时间"),
        escaped(&head.expires),
    );
    html
}

fn section(html: &mut String, stop: &SheetStop, lang: Lang) {
    let _ = write!(
        html,
        "<section>\n<div class=\"code\">{}</div>\n<h2>{:02} <small>{}</small> {}</h2>\n<dl>\n",
        code(stop.place),
        stop.number,
        escaped(&stop.planned),
        escaped(&stop.address),
    );
    let staff = match (lang, stop.staff_min) {
        (_, 0) => String::new(),
        (Lang::En, count) => format!("{count} must be there"),
        (Lang::Zh, count) => format!("须 {count} 人到场"),
    };
    let mut not_said: Vec<&str> = stop.not_said.iter().map(|code| on_paper(lang, *code)).collect();
    if stop.more_forbidden {
        not_said.push(pick(
            lang,
            "more, ask the office before you go in",
            "另有限制，到场前请询问办公室",
        ));
    }
    let notes: Vec<&str> = stop.notes.iter().filter_map(|note| safety(lang, *note)).collect();
    let comma = pick(lang, ", ", "、");
    let facts = [
        (("Ask for", "找"), stop.name.clone()),
        (("Allowed", "允许时段"), stop.hours.join(comma)),
        (("Staff", "人员"), staff),
        (("Never", "不得"), not_said.join(comma)),
        (("Mind", "注意"), notes.join(comma)),
    ];
    for ((english, chinese), value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(
            html,
            "<dt>{}</dt><dd>{}</dd>",
            pick(lang, english, chinese),
            escaped(&value)
        );
    }
    html.push_str("</dl>\n<p class=\"write\">");
    for (english, chinese) in [("In", "签到"), ("Out", "签退"), ("Outcome", "结果")] {
        let _ = write!(html, "{} <span class=\"short\"></span> ", pick(lang, english, chinese));
    }
    let _ = write!(
        html,
        "{} <span class=\"long\"></span></p>\n</section>\n",
        pick(lang, "Note", "备注")
    );
}

fn outcomes(html: &mut String, lang: Lang) {
    let list: Vec<String> = OUTCOMES
        .iter()
        .zip(1..)
        .map(|((english, chinese), number)| format!("{number} {}", pick(lang, english, chinese)))
        .collect();
    let _ = writeln!(
        html,
        "<p class=\"outcomes\">{}: {}</p>",
        pick(lang, "Outcome", "结果"),
        list.join(pick(lang, "; ", "；"))
    );
}

/// What may be said to whoever opens; what is for the person alone stands on no paper.
fn said(html: &mut String, said: &[(Moment, Vec<String>)], lang: Lang) {
    if said.is_empty() {
        return;
    }
    let _ = writeln!(html, "<dl class=\"said\">");
    for (moment, words) in said {
        let each: Vec<String> = words.iter().map(|words| escaped(words)).collect();
        let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", word(lang, *moment), each.join("<br/>"));
    }
    html.push_str("</dl>\n");
}

/// The place as a code for a phone's camera. A `geo:` link is far too short not to fit.
fn code(place: Point) -> String {
    QrCode::new(&format!("geo:{}", place.degrees())).map_or_else(|_| String::new(), |code| code.svg(CODE_MM))
}

/// What may not be said or done, without the word that it is about.
/// What must not be done, in words that anybody at the door may read; a code that this program does not know is left to the
/// office.
pub(crate) fn door_words(lang: Lang, code: &str) -> &'static str {
    code.parse().map_or_else(
        |_| pick(lang, "something else: ask the office", "其他事项：请询问内勤"),
        |forbidden| on_paper(lang, forbidden),
    )
}

fn on_paper(lang: Lang, forbidden: Forbidden) -> &'static str {
    match forbidden {
        Forbidden::StateAmount => pick(lang, "naming any figure", "提及任何数字"),
        Forbidden::DebtToOthers => pick(lang, "telling anybody else why you come", "向他人说明来意"),
        Forbidden::TakePayment => pick(lang, "taking anything", "收取任何财物"),
        Forbidden::PressForBorrowing => pick(lang, "pressing for anything", "施加任何压力"),
        Forbidden::ChargeFee => pick(lang, "asking for anything", "索要任何财物"),
        Forbidden::Enter
        | Forbidden::Stay
        | Forbidden::PostInPublic
        | Forbidden::PoseAsAuthority
        | Forbidden::PhotographInside
        | Forbidden::RecogniseFaces
        | Forbidden::TellOthers => word(lang, forbidden),
    }
}

/// Notes that keep the staff safe or help to find the door; others say something of the person.
fn safety(lang: Lang, note: Flag) -> Option<&'static str> {
    match note {
        Flag::DogAtGate => Some(word(lang, note)),
        Flag::AddressUnverified => Some(pick(lang, "address not verified", "地址未核实")),
        _ => None,
    }
}

/// A text as it may stand in HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for symbol in clean(text).chars() {
        match symbol {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

const STYLE: &str = "
@page { size: A4; margin: 15mm 15mm 18mm }
body { font: 10.5pt/1.4 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', Arial, sans-serif; color: #000 }
h1 { font-size: 15pt; margin: 0 0 2mm }
h2 { font-size: 11.5pt; margin: 0 }
h2 small { font-weight: normal }
section { border-top: 0.3mm solid #000; padding: 2mm 0; break-inside: avoid; overflow: hidden }
.code { float: right; margin-left: 4mm }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 3mm; margin: 1mm 0 }
dt { color: #444 } dd { margin: 0 }
.write { margin: 2mm 0 0 }
.blank, .short, .long { display: inline-block; border-bottom: 0.2mm solid #000; height: 5mm }
.blank { width: 60mm } .short { width: 18mm } .long { width: 70mm }
.said { font-size: 9pt; break-inside: avoid }
.outcomes { border-top: 0.3mm solid #000; padding-top: 2mm; font-size: 9pt }
footer { font-size: 9pt; font-weight: bold }
";

#[cfg(test)]
mod tests {
    use super::*;

    fn stop() -> SheetStop {
        SheetStop {
            number: 7,
            planned: "10:25–10:50".to_owned(),
            address: "林溪镇石桥街12号 <script>alert(1)</script>".to_owned(),
            name: "O'Neil & \"Söhne\"\u{1b}[2J".to_owned(),
            hours: vec!["08:00–12:00".to_owned(), "14:00–20:00".to_owned()],
            staff_min: 2,
            not_said: Forbidden::ALL.to_vec(),
            more_forbidden: true,
            notes: Flag::ALL.to_vec(),
            place: Point::new(300_500_000, 1_199_500_000).expect("on earth"),
        }
    }

    fn head() -> SheetHead {
        SheetHead {
            day: "2026-11-23".to_owned(),
            expires: "2026-11-23 20:00+08:00".to_owned(),
            said: vec![(
                Moment::Greeting,
                vec!["Good <day>.".to_owned(), "Guten Tag.".to_owned()],
            )],
        }
    }

    /// Whether every tag that opens is closed in order; comes back with the names of all tags.
    fn tags(html: &str) -> Vec<String> {
        let (mut open, mut all) = (Vec::new(), Vec::new());
        for part in html.split('<').skip(1) {
            let (tag, _) = part.split_once('>').expect("every < has its >");
            let name: String = tag
                .chars()
                .take_while(|symbol| !" />".contains(*symbol) || *symbol == '/')
                .collect();
            let name = name.trim_end_matches('/').to_owned();
            if let Some(closed) = name.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(closed), "{tag}");
            } else if !tag.ends_with('/') && !tag.starts_with('!') {
                open.push(name.clone());
            }
            all.push(name);
        }
        assert!(open.is_empty(), "{open:?} stay open");
        all
    }

    #[test]
    fn a_sheet_is_whole_html_in_both_languages() {
        for lang in [Lang::En, Lang::Zh] {
            let html = sheet(&[stop(), stop()], &head(), lang);
            let tags = tags(&html);
            assert_eq!(tags.iter().filter(|tag| *tag == "svg").count(), 2);
            assert!(
                !tags
                    .iter()
                    .any(|tag| ["script", "link", "img", "a"].contains(&tag.as_str()))
            );
            assert!(html.contains("O&#39;Neil &amp; &quot;Söhne&quot;[2J"), "{html}");
            assert!(html.contains("&lt;script&gt;") && !html.contains('\u{1b}'));
            assert!(html.contains("2026-11-23 20:00+08:00") && html.contains("@page { size: A4"));
            let outside = html.replace("http://www.w3.org/2000/svg", "");
            assert!(
                !outside.contains("http") && !outside.contains("url("),
                "nothing comes from elsewhere"
            );
        }
        assert!(sheet(&[stop()], &head(), Lang::Zh).contains("须 2 人到场"));
        assert!(sheet(&[], &head(), Lang::En).contains("No stops"));
    }

    #[test]
    fn nothing_tells_what_it_is_about() {
        let telling = [
            "debt", "owes", "loan", "lender", "borrow", "amount", "pay", "overdue", "case", "repay", "court",
            "hardship", "dispute", "custody", "债", "欠", "贷", "借", "金额", "款", "逾期", "案", "还", "异议", "困难",
            "失联", "拘", "羁押",
        ];
        for lang in [Lang::En, Lang::Zh] {
            let html = sheet(&[stop()], &head(), lang).to_lowercase();
            let text = html.replace(&STYLE.to_lowercase(), "");
            for tell in telling {
                assert!(!text.contains(tell), "{tell} in {text}");
            }
            assert!(text.contains(pick(lang, "dog at the gate", "门口有狗")));
        }
    }
}
