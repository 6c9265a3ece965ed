//! A report as a page: one file without scripts and without anything from elsewhere, light and dark, to be printed. Each figure has
//! a chart with a title and a description for those who do not see it, and a table with the same numbers.

use std::fmt::Write as _;

use doorstep_domain::report::{FigureKind, ReportBy};
use doorstep_domain::words::Lang;
use doorstep_wire::report::{ReportFigure, ReportView};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{called, caution, formula, has_something, interval, roll, target, value};
use crate::text::{label, pick};

/// The width of a chart in its own units; a page scales it to its column.
const WIDTH: u64 = 360;
/// Where bars begin, and how long a bar of the whole is.
const LEFT: u64 = 110;
const LONG: u64 = 190;
/// The height of a bar with its gap, and of the picture of weeks.
const STEP: u64 = 26;
const TREND: u64 = 96;
/// The most cells of a name beside its bar, a Chinese sign taking two; the table has the whole.
const NAME_MAX: usize = 15;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#5a6470;--line:#d5dae0;--bar:#2f6f9f;--whisker:#14324a;--aim:#a3540a}\
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--paper:#15181c;--soft:#a2abb5;--line:#363d45;--bar:#4f93c6;--whisker:#dbe9f4;\
--aim:#f0a860}}\
*{box-sizing:border-box}body{margin:0 auto;max-width:76rem;padding:1.2rem 1rem 3rem;font:16px/1.45 system-ui,sans-serif;\
color:var(--ink);background:var(--paper)}h1{font-size:1.4rem;margin:0 0 .3rem}h2{font-size:1.05rem;margin:0}p{margin:.2rem 0 .6rem}\
.soft{color:var(--soft)}.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(21rem,100%),1fr));gap:1rem;\
margin-top:1rem}section{border:1px solid var(--line);border-radius:.5rem;padding:.8rem;min-width:0;break-inside:avoid}\
svg{display:block;width:100%;height:auto;margin:.4rem 0}svg text{fill:var(--ink);font:12px system-ui,sans-serif}\
.bar{fill:var(--bar)}.whisker{stroke:var(--whisker);stroke-width:2;fill:none}.axis{stroke:var(--line);fill:none}\
.aim{stroke:var(--aim);stroke-width:2;stroke-dasharray:4 3}.trend{stroke:var(--bar);stroke-width:2;fill:none}svg .faint{fill:var(--soft)}\
.wide{grid-column:1/-1}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.78rem}caption{text-align:left;color:var(--soft)}\
th,td{text-align:right;padding:.2rem .3rem;border-top:1px solid var(--line);font-variant-numeric:tabular-nums}\
td{white-space:nowrap}th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}\
@media print{:root{--ink:#000;--paper:#fff;--soft:#444;--line:#bbb;--bar:#555;--whisker:#000;--aim:#000}body{max-width:none;padding:0}}";

/// Text as it may stand in a page.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// A figure of a group or week, with what that is called.
type Named<'a> = (String, &'a ReportFigure);

/// The same figure of a group or week; of a cost the one in the same currency, so that no chart compares two.
fn find<'a>(figures: &'a [ReportFigure], like: &ReportFigure) -> Option<&'a ReportFigure> {
    let same = |figure: &&ReportFigure| figure.what == like.what && figure.currency == like.currency;
    figures.iter().find(same)
}

/// The page.
pub(super) fn page(view: &ReportView, lang: Lang) -> String {
    let title = pick(lang, "Doorstep: report", "Doorstep：报告");
    let tag = pick(lang, "en", "zh-CN");
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title} {from} – {to}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        from = safe(&view.from),
        to = safe(&view.to),
    );
    let portfolio = view
        .portfolio
        .as_deref()
        .map_or_else(String::new, |name| format!(" · {}", safe(name)));
    let by = label::<ReportBy>(lang, &view.by);
    let by_word = pick(lang, "by", "按");
    let _ = write!(
        page,
        "<p>{} – {}{portfolio} · {by_word} {}</p>\n<p class=\"soft\">{}</p>\n<div class=\"grid\">\n",
        safe(&view.from),
        safe(&view.to),
        safe(&by),
        safe(&caution(lang, view))
    );
    for (place, figure) in view.total.iter().filter(|figure| has_something(figure)).enumerate() {
        section(&mut page, (view, lang), (place, figure));
    }
    if !view.roll.is_empty() {
        rolls(&mut page, lang, view);
    }
    page.push_str("</div>\n</main>\n</body>\n</html>\n");
    page
}

/// One figure: what it is, its charts, and the table beside them.
fn section(page: &mut String, (view, lang): (&ReportView, Lang), (place, total): (usize, &ReportFigure)) {
    let mut name = label::<FigureKind>(lang, &total.what);
    if let Some(currency) = &total.currency {
        let _ = write!(name, ", {currency}");
    }
    let said = total.what.parse().map_or("", |kind| formula(kind, lang));
    let all = (pick(lang, "all", "全部").to_owned(), total);
    let groups = view.items.iter().filter_map(|group| {
        let figure = find(&group.figures, total).filter(|figure| has_something(figure))?;
        Some((called(lang, &view.by, group), figure))
    });
    let rows: Vec<Named<'_>> = std::iter::once(all).chain(groups).collect();
    let weeks = view.weeks.iter().filter_map(|week| {
        let figure = find(&week.figures, total)?;
        Some((week.monday.clone(), figure))
    });
    let weeks: Vec<Named<'_>> = weeks.filter(|(_, figure)| has_something(figure)).collect();
    let _ = write!(
        page,
        "<section>\n<h2>{}</h2>\n<p class=\"soft\">{}</p>\n",
        safe(&name),
        safe(said)
    );
    bars(page, lang, (place, name.as_str()), &rows);
    if weeks.len() > 1 {
        trend(page, lang, (place, name.as_str()), &weeks);
    }
    table(page, lang, &name, rows.iter().chain(&weeks));
    page.push_str("</section>\n");
}

/// The whole that bars are drawn in: of shares all, of averages and counts the longest.
fn whole(rows: &[Named<'_>]) -> u64 {
    let longest = rows.iter().map(|(_, figure)| plain(figure)).max().unwrap_or(0).max(1);
    let is_share = rows.iter().any(|(_, figure)| figure.unit.starts_with("of-"));
    if is_share { 10_000 } else { longest }
}

/// A figure as a number: parts of 10,000, an average, a count.
fn plain(figure: &ReportFigure) -> u64 {
    match (figure.rate, figure.mean) {
        (Some(rate), _) => u64::from(rate.rate),
        (None, Some(mean)) => mean,
        (None, None) if figure.of.is_none() => figure.count,
        (None, None) => 0,
    }
}

/// What a chart says, for those who hear it.
fn description(lang: Lang, rows: &[Named<'_>]) -> String {
    let said: Vec<String> = rows
        .iter()
        .map(|(name, figure)| match figure.rate {
            Some(_) => format!("{name}: {} ({})", value(lang, figure), interval(figure)),
            None => format!("{name}: {}", value(lang, figure)),
        })
        .collect();
    said.join("; ")
}

fn open(page: &mut String, id: &str, height: u64, (title, said): (&str, &str)) {
    let _ = write!(
        page,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
         <title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-d\">{}</desc>\n",
        safe(title),
        safe(said)
    );
}

fn short(name: &str) -> String {
    if name.width() <= NAME_MAX {
        return name.to_owned();
    }
    let mut used = 1;
    let fits = |letter: &char| {
        used += letter.width().unwrap_or(0);
        used <= NAME_MAX
    };
    let mut short: String = name.chars().take_while(fits).collect();
    short.push('…');
    short
}

/// A bar for each group, with its interval and the target.
fn bars(page: &mut String, lang: Lang, (place, name): (usize, &str), rows: &[Named<'_>]) {
    let height = rows.len() as u64 * STEP + 8;
    let whole = whole(rows);
    let at = |number: u64| LEFT + number.min(whole) * LONG / whole;
    open(
        page,
        &format!("f{place}"),
        height,
        (name, description(lang, rows).as_str()),
    );
    let _ = writeln!(page, "<path class=\"axis\" d=\"M{LEFT} 2V{}\"/>", height - 2);
    for (row, (group, figure)) in rows.iter().enumerate() {
        let top = row as u64 * STEP + 6;
        let _ = write!(
            page,
            "<text x=\"0\" y=\"{}\">{}</text><rect class=\"bar\" x=\"{LEFT}\" y=\"{top}\" width=\"{}\" height=\"16\"/>",
            top + 13,
            safe(&short(group)),
            at(plain(figure)) - LEFT
        );
        if let Some(rate) = figure.rate {
            let (low, high, middle) = (at(u64::from(rate.low)), at(u64::from(rate.high)), top + 8);
            let _ = write!(
                page,
                "<path class=\"whisker\" d=\"M{low} {middle}H{high}M{low} {}V{}M{high} {}V{}\"/>",
                top + 3,
                top + 13,
                top + 3,
                top + 13
            );
        }
        let aim = figure.target.as_ref();
        if let Some(percent) = aim.and_then(|aim| aim.least_percent.or(aim.most_percent)) {
            let x = at(u64::from(percent) * 100);
            let _ = write!(page, "<path class=\"aim\" d=\"M{x} {}V{}\"/>", top - 2, top + 18);
        }
        let _ = writeln!(
            page,
            "<text x=\"{WIDTH}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            top + 13,
            safe(&value(lang, figure))
        );
    }
    page.push_str("</svg>\n");
}

/// A line through the weeks, with the interval of each.
fn trend(page: &mut String, lang: Lang, (place, name): (usize, &str), weeks: &[Named<'_>]) {
    let (top, bottom, left) = (8, TREND - 20, 8);
    let whole = whole(weeks);
    let last = (weeks.len() as u64 - 1).max(1);
    let x = |week: usize| left + week as u64 * (WIDTH - 2 * left) / last;
    let y = |number: u64| bottom - number.min(whole) * (bottom - top) / whole;
    let title = format!("{name}, {}", pick(lang, "by week", "按周"));
    open(
        page,
        &format!("w{place}"),
        TREND,
        (title.as_str(), description(lang, weeks).as_str()),
    );
    let _ = writeln!(page, "<path class=\"axis\" d=\"M{left} {bottom}H{}\"/>", WIDTH - left);
    let told = weeks.iter().enumerate();
    let told: Vec<_> = told
        .filter(|(_, (_, one))| one.rate.is_some() || !one.unit.starts_with("of-"))
        .collect();
    for (week, (_, figure)) in &told {
        let (x, y_of) = (x(*week), y(plain(figure)));
        if let Some(rate) = figure.rate {
            let (low, high) = (y(u64::from(rate.low)), y(u64::from(rate.high)));
            let _ = write!(page, "<path class=\"whisker\" d=\"M{x} {low}V{high}\"/>");
        }
        let _ = write!(page, "<circle class=\"bar\" cx=\"{x}\" cy=\"{y_of}\" r=\"4\"/>");
    }
    let points: Vec<String> = told
        .iter()
        .map(|(week, (_, one))| format!("{} {}", x(*week), y(plain(one))))
        .collect();
    if points.len() > 1 {
        let _ = write!(page, "<path class=\"trend\" d=\"M{}\"/>", points.join("L"));
    }
    let first = weeks.first().map_or("", |(monday, _)| monday.as_str());
    let end = weeks.last().map_or("", |(monday, _)| monday.as_str());
    let _ = writeln!(
        page,
        "<text class=\"faint\" x=\"{left}\" y=\"{0}\">{1}</text><text class=\"faint\" x=\"{2}\" y=\"{0}\" \
         text-anchor=\"end\">{3}</text>",
        TREND - 4,
        safe(first),
        WIDTH - left,
        safe(end)
    );
    page.push_str("</svg>\n");
}

/// Where cases began and ended each month.
fn rolls(page: &mut String, lang: Lang, view: &ReportView) {
    let title = roll::title(lang);
    let _ = write!(
        page,
        "<section class=\"wide\">\n<h2>{title}</h2>\n<div class=\"scroll\"><table>\n<caption>{title}</caption>\n<thead><tr>"
    );
    for head in roll::heads(lang) {
        let _ = write!(page, "<th scope=\"col\">{}</th>", safe(&head));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for one in &view.roll {
        let mut cells = roll::cells(lang, one).into_iter();
        let month = cells.next().unwrap_or_default();
        let _ = write!(page, "<tr><th scope=\"row\">{}</th>", safe(&month));
        for cell in cells {
            let _ = write!(page, "<td>{}</td>", safe(&cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n</section>\n");
}

fn table<'a>(page: &mut String, lang: Lang, name: &str, rows: impl Iterator<Item = &'a Named<'a>>) {
    let rows: Vec<_> = rows.collect();
    let aims = rows.iter().any(|(_, figure)| figure.target.is_some());
    let mut heads = vec![
        pick(lang, "group or week", "分组或周"),
        pick(lang, "count", "分子"),
        pick(lang, "of", "分母"),
        pick(lang, "value", "数值"),
        "95 %",
    ];
    if aims {
        heads.push(pick(lang, "target", "目标"));
    }
    let _ = write!(
        page,
        "<div class=\"scroll\"><table>\n<caption>{}</caption>\n<thead><tr>",
        safe(name)
    );
    for head in heads {
        let _ = write!(page, "<th scope=\"col\">{head}</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (group, figure) in rows {
        let of = figure.of.map_or_else(|| "-".to_owned(), |of| of.to_string());
        let mut cells = vec![figure.count.to_string(), of, value(lang, figure), interval(figure)];
        if aims {
            cells.push(target(lang, figure));
        }
        let _ = write!(page, "<tr><th scope=\"row\">{}</th>", safe(group));
        for cell in cells {
            let _ = write!(page, "<td>{}</td>", safe(&cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
pub(super) mod tests {
    use doorstep_wire::rate::RateShown;
    use doorstep_wire::report::{ReportGroup, ReportRoll, ReportRolled, ReportTarget, ReportWeek};

    use super::*;

    fn share(count: u64, of: u64, [low, rate, high]: [u32; 3]) -> ReportFigure {
        ReportFigure {
            what: "contact".to_owned(),
            unit: "of-visits".to_owned(),
            count,
            of: Some(of),
            rate: Some(RateShown { low, rate, high }),
            mean: None,
            currency: None,
            target: None,
        }
    }

    fn roll(began: &str, cases: u64, ended: &[(&str, u64)]) -> ReportRoll {
        let ended = ended.iter().map(|(ended, cases)| ReportRolled {
            ended: (*ended).to_owned(),
            cases: *cases,
        });
        ReportRoll {
            from: "2026-11-02".to_owned(),
            to: "2026-11-29".to_owned(),
            began: began.to_owned(),
            cases,
            ended: ended.collect(),
        }
    }

    /// A report of one portfolio in two weeks.
    pub(crate) fn sample() -> ReportView {
        let contact = share(50, 100, [4_038, 5_000, 5_962]);
        let promised = ReportFigure {
            what: "promised".to_owned(),
            unit: "of-meetings".to_owned(),
            target: Some(ReportTarget {
                least_percent: Some(40),
                most_percent: None,
                state: "open".to_owned(),
            }),
            ..share(10, 30, [1_900, 3_333, 5_100])
        };
        let time = ReportFigure {
            what: "time-per-visit".to_owned(),
            unit: "seconds-per-visit".to_owned(),
            rate: None,
            mean: Some(1_265),
            ..share(126_500, 100, [0; 3])
        };
        let nothing = ReportFigure {
            what: "call-contact".to_owned(),
            unit: "of-calls".to_owned(),
            rate: None,
            ..share(0, 0, [0; 3])
        };
        let cost = |currency: &str, count: u64, of: u64| ReportFigure {
            what: "cost-per-visit".to_owned(),
            unit: "minor-per-visit".to_owned(),
            rate: None,
            mean: Some(count / of),
            currency: Some(currency.to_owned()),
            ..share(count, of, [0; 3])
        };
        let week = |monday: &str| ReportWeek {
            monday: monday.to_owned(),
            figures: vec![contact.clone()],
        };
        let figures = vec![
            contact.clone(),
            promised,
            time,
            cost("EUR", 61_700, 50),
            cost("JPY", 61_700, 50),
            nothing,
        ];
        ReportView {
            by: "portfolio".to_owned(),
            from: "2026-11-02".to_owned(),
            to: "2026-11-29".to_owned(),
            portfolio: None,
            evening_from_hour: 19,
            least: 20,
            cases_least: 5,
            total: figures.clone(),
            items: vec![ReportGroup {
                group: "cards <b>&\u{1b}[2J".to_owned(),
                with: Vec::new(),
                figures,
            }],
            weeks: vec![week("2026-11-02"), week("2026-11-09")],
            roll: vec![roll("M1", 9, &[("M2", 7), ("settled", 2)]), roll("M3", 4, &[])],
        }
    }

    #[test]
    fn a_page_stands_alone_and_says_with_words_what_it_draws() {
        for lang in [Lang::En, Lang::Zh] {
            let page = page(&sample(), lang);
            for foreign in [
                "<script", "http:", "https:", "url(", "@import", "<link", "<img", "<b>", "\u{1b}",
            ] {
                assert!(!page.contains(foreign), "{foreign}: {page}");
            }
            assert!(page.contains("cards &lt;b&gt;&amp; [2J"), "{page}");
            let count = |part: &str| page.matches(part).count();
            assert_eq!(count("<svg"), 6, "bars of five figures, and the weeks of one");
            assert_eq!(
                (count("<title id"), count("<desc id"), count("role=\"img\"")),
                (6, 6, 6)
            );
            assert_eq!(
                (count("<section"), count("<table>")),
                (6, 6),
                "of nothing none is drawn"
            );
            let cells = "<td>9</td><td>-</td><td>-</td><td>7</td><td>-</td><td>-</td><td>2</td><td>-</td>";
            assert!(page.contains(cells), "where those ended that began in M1: {page}");
            assert!(page.contains("12.34 EUR") && page.contains("1234 JPY"), "{page}");
            assert!(page.contains("40.38 – 59.62") && page.contains("≥ 40 %"), "{page}");
            assert!(
                page.contains("M186 9V19M223"),
                "the interval is drawn in whole units: {page}"
            );
        }
        assert!(page(&sample(), Lang::Zh).contains("<html lang=\"zh-CN\">"));
    }

    #[test]
    fn every_figure_has_a_formula_in_both_languages() {
        for kind in FigureKind::ALL {
            let [english, chinese] = [Lang::En, Lang::Zh].map(|lang| formula(*kind, lang));
            assert!(english.is_ascii() || english.contains('÷'), "{kind}: {english}");
            assert!(chinese.ends_with('。') && english.ends_with('.'), "{kind}");
        }
    }
}
