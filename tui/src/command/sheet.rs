//! `visit sheet`: writes the day's stops for paper. Works offline; the file is the user's alone.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::sheet::{SheetHead, SheetStop, sheet};
use crate::text::{Text, counted};
use crate::times;
use clap::Args;
use doorstep_device::{Device, Stop};
use doorstep_domain::door::{Hearer, Moment, Saying};
use doorstep_domain::place::Point;
use doorstep_domain::words::{Forbidden, Lang};
use doorstep_rules::DoorSentence;
use serde_json::json;
use std::path::PathBuf;

/// Where the sheet goes.
#[derive(Debug, Args)]
pub(crate) struct SheetArgs {
    /// The file [default: day-sheet-DAY.html in the current folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over a file that exists
    #[arg(long)]
    force: bool,
}

/// Writes the sheet.
pub(crate) async fn run(args: SheetArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let written = write(&device, args.out, args.force, context.lang).await;
    device.close().await;
    let (path, count, expires) = written?;
    let file = path.display().to_string();
    let mut text = Text::new(context.lang);
    text.say(
        &format!(
            "{} written to {file}. Destroy the paper and the file after use.",
            counted(count, "stop", "stops")
        ),
        &format!("已将 {count} 处外访写入 {file}。用后请销毁纸张和文件。"),
    );
    Ok(Answer::new(
        &json!({ "file": file, "stops": count, "expires": expires }),
        text.finish(),
    ))
}

/// Writes the sheet of a device to a file of the user's alone. Returns the file, the number of stops, and until when the
/// permit holds.
pub(crate) async fn write(
    device: &Device,
    out: Option<PathBuf>,
    force: bool,
    lang: Lang,
) -> Result<(PathBuf, usize, String), Failure> {
    let (stops, head) = stops_of(device, lang).await?;
    let default = || PathBuf::from(format!("day-sheet-{}.html", head.day));
    let path = out.unwrap_or_else(default);
    files::refuse_existing_unless(force, &path)?;
    files::write_whole(&path, sheet(&stops, &head, lang).as_bytes())?;
    Ok((path, stops.len(), head.expires))
}

/// What the route shows: of several persons behind one door, one.
async fn stops_of(device: &Device, lang: Lang) -> Result<(Vec<SheetStop>, SheetHead), Failure> {
    let no_permit = || Failure::Unknown {
        kind: "permit",
        given: "today".to_owned(),
    };
    let permit = device.permit().await?.ok_or_else(no_permit)?;
    let route = device.route().await?;
    let mut packs: Vec<String> = route.stops.iter().flat_map(|stop| stop.gate.packs.clone()).collect();
    packs.sort_unstable();
    packs.dedup();
    let languages: Vec<String> = route.stops.iter().map(|stop| stop.language.clone()).collect();
    let sentences = device.said_to_anybody(&packs).await?;
    let zone = times::zone(route.stops.first().map_or("UTC", |stop| &stop.zone));
    let head = SheetHead {
        day: route.day.unwrap_or(permit.day),
        expires: times::at(permit.expires_ms.saturating_mul(1_000), &zone),
        said: on_paper_said(&sentences, lang, &languages),
    };
    Ok((route.stops.iter().filter_map(on_paper).collect(), head))
}

/// What may be said to whoever opens, moment by moment; also in the languages of the day's persons.
fn on_paper_said(sentences: &[DoorSentence], lang: Lang, languages: &[String]) -> Vec<(Moment, Vec<String>)> {
    let mut said: Vec<(Moment, Vec<String>)> = Vec::new();
    let open = |one: &&DoorSentence| one.to == Hearer::Anybody && one.how == Saying::Say;
    for sentence in sentences.iter().filter(open) {
        let own = languages.iter().filter_map(|tag| sentence.in_language(tag));
        let own = own.map(|(_, words)| words.to_owned());
        let mut words: Vec<String> = Vec::new();
        for each in [sentence.in_lang(lang).to_owned()].into_iter().chain(own) {
            if !words.contains(&each) {
                words.push(each);
            }
        }
        match said.iter_mut().find(|(moment, _)| *moment == sentence.when) {
            Some((_, all)) => all.extend(words),
            None => said.push((sentence.when, words)),
        }
    }
    said
}

fn on_paper(stop: &Stop) -> Option<SheetStop> {
    let zone = times::zone(&stop.zone);
    let span = |from: i64, to: i64| format!("{}–{}", times::clock(from, &zone), times::clock(to, &zone));
    let hours = stop.gate.allowed_ms.iter();
    let not_said = &stop.gate.not_said;
    let forbidden: Vec<Forbidden> = not_said.iter().filter_map(|code| known(code)).collect();
    Some(SheetStop {
        number: stop.number,
        planned: span(stop.starts.get(), stop.ends.get()),
        address: stop.address.clone(),
        name: stop.name.clone(),
        hours: hours
            .map(|[from, to]| span(from.saturating_mul(1_000), to.saturating_mul(1_000)))
            .collect(),
        staff_min: stop.gate.staff_min,
        more_forbidden: forbidden.len() < not_said.len(),
        not_said: forbidden,
        notes: stop.notes.iter().filter_map(|code| code.parse().ok()).collect(),
        place: Point::new(stop.point[0], stop.point[1]).ok()?,
    })
}

/// What a code of the permit forbids; an amount that is too old to be stated has a code of its own.
fn known(code: &str) -> Option<Forbidden> {
    match code {
        "amount" => Some(Forbidden::StateAmount),
        other => other.parse().ok(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#[path = "sheet_tests.rs"]
mod tests;
