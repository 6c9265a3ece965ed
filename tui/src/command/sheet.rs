//! `visit sheet`: writes the day's stops for paper. Works offline; the file is the user's alone.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::map::distance_m;
use crate::sheet::{SheetHead, SheetStop, sheet};
use crate::text::{Text, counted};
use crate::times;
use clap::Args;
use doorstep_device::Device;
use doorstep_domain::place::Point;
use doorstep_domain::words::Forbidden;
use doorstep_wire::sync::{Door, Permit, PermitDoor};
use serde_json::json;
use std::path::PathBuf;

/// Points this near each other are one door, as for the rest of the device.
const ONE_DOOR_M: u32 = 15;

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
    let held = stops_of(&device).await;
    device.close().await;
    let (stops, head) = held?;
    let default = || PathBuf::from(format!("day-sheet-{}.html", head.day));
    let path = args.out.unwrap_or_else(default);
    files::refuse_existing_unless(args.force, &path)?;
    files::write_whole(&path, sheet(&stops, &head, context.lang).as_bytes())?;
    let (file, count) = (path.display().to_string(), stops.len());
    let mut text = Text::new(context.lang);
    text.say(
        &format!(
            "{} written to {file}. Destroy the paper and the file after use.",
            counted(count, "stop", "stops")
        ),
        &format!("已将 {count} 处外访写入 {file}。用后请销毁纸张和文件。"),
    );
    Ok(Answer::new(
        &json!({ "file": file, "stops": count, "expires": head.expires }),
        text.finish(),
    ))
}

/// What the device would show today: the doors of the permit in force, one person per door.
async fn stops_of(device: &Device) -> Result<(Vec<SheetStop>, SheetHead), Failure> {
    let no_permit = || Failure::Unknown {
        kind: "permit",
        given: "today".to_owned(),
    };
    let permit = device.permit().await?.ok_or_else(no_permit)?;
    Ok(from_doors(&device.doors().await?, &permit))
}

fn from_doors(doors: &[Door], permit: &Permit) -> (Vec<SheetStop>, SheetHead) {
    let mut shown: Vec<(&Door, Point)> = Vec::new();
    let mut stops = Vec::new();
    for door in doors {
        let allowed = permit.doors.iter().find(|listed| listed.visit == door.visit_alias);
        let place = Point::new(door.point[0], door.point[1]).ok();
        let Some((allowed, place)) = allowed.zip(place) else {
            continue;
        };
        if shown.iter().any(|(other, at)| one_door((door, place), (other, *at))) {
            continue;
        }
        shown.push((door, place));
        stops.push(stop(shown.len(), door, allowed, place));
    }
    let zone = doors.first().map_or("UTC", |door| door.zone.as_str());
    let head = SheetHead {
        day: permit.day.clone(),
        expires: times::at(permit.expires_ms.saturating_mul(1_000), &times::zone(zone)),
    };
    (stops, head)
}

fn one_door((one, at): (&Door, Point), (other, there): (&Door, Point)) -> bool {
    let text = |door: &Door| -> String {
        let letters = door.address.chars().filter(|symbol| symbol.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let same_text = !text(one).is_empty() && text(one) == text(other);
    same_text || distance_m(at, there) <= ONE_DOOR_M
}

fn stop(number: usize, door: &Door, allowed: &PermitDoor, place: Point) -> SheetStop {
    let zone = times::zone(&door.zone);
    let span = |from: i64, to: i64| format!("{}–{}", times::clock(from, &zone), times::clock(to, &zone));
    let hours = allowed.allowed_ms.iter();
    let forbidden: Vec<Forbidden> = allowed.not_said.iter().filter_map(|code| known(code)).collect();
    SheetStop {
        number,
        planned: span(door.starts, door.ends),
        address: door.address.clone(),
        name: door.name.clone(),
        hours: hours
            .map(|[from, to]| span(from.saturating_mul(1_000), to.saturating_mul(1_000)))
            .collect(),
        staff_min: allowed.staff_min,
        more_forbidden: forbidden.len() < allowed.not_said.len(),
        not_said: forbidden,
        notes: door.notes.iter().filter_map(|code| code.parse().ok()).collect(),
        place,
    }
}

/// What a code of the permit forbids; an amount that is too old to be stated has a code of its own.
fn known(code: &str) -> Option<Forbidden> {
    match code {
        "amount" => Some(Forbidden::StateAmount),
        other => other.parse().ok(),
    }
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
