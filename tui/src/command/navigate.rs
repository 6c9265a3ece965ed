//! `visit navigate`: links that open a door in a phone's own navigation, and one of them as a QR code. Works offline.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::navigate::{NavApp, NavLink, links};
use crate::qr::{QrCode, QrStyle};
use crate::text::Text;
use clap::{Args, ValueEnum};
use doorstep_device::Device;
use doorstep_domain::place::Point;
use serde_json::{Value, json};
use uuid::Uuid;

/// Which links, and how the code is drawn.
#[derive(Debug, Args)]
pub(crate) struct NavigateArgs {
    /// Id of the visit, or number of its case
    visit: String,
    /// Only for this program: geo, amap, baidu, google or apple
    #[arg(long, value_name = "APP")]
    app: Option<NavApp>,
    /// Draw the first link as a QR code: dark for a terminal with a dark ground, light, or ascii
    #[arg(long, value_name = "GROUND")]
    qr: Option<Ground>,
}

/// The ground that a code is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ground {
    Dark,
    Light,
    Ascii,
}

/// Shows the links to a door on this device.
pub(crate) async fn run(args: NavigateArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let found = door_of(&device, &args.visit).await;
    device.close().await;
    let (visit, place, zone) = found?;
    let mut shown = links(place, &zone);
    shown.retain(|link| args.app.is_none_or(|app| app == link.app));
    let mut text = Text::new(context.lang);
    for link in &shown {
        let (english, chinese) = link.app.names();
        text.fact(english, chinese, &link.url);
    }
    // The link that is asked for, or the best for the place, is what a phone reads.
    if let (Some(ground), Some(link)) = (args.qr, shown.first()) {
        draw(&link.url, ground, &mut text);
    }
    let items: Vec<Value> = shown.iter().map(document).collect();
    Ok(Answer::new(&json!({ "visit": visit, "links": items }), text.finish()))
}

/// The visit with this id, or of the case with this number, as the route shows it: where it is, and in which time zone.
async fn door_of(device: &Device, given: &str) -> Result<(Uuid, Point, String), Failure> {
    let id: Option<Uuid> = given.parse().ok();
    let mut stops = device.route().await?.stops.into_iter();
    let stop = stops.find(|stop| Some(stop.visit) == id || stop.case_no == given);
    let found = stop.and_then(|stop| {
        let place = Point::new(stop.point[0], stop.point[1]).ok()?;
        Some((stop.visit, place, stop.zone))
    });
    found.ok_or_else(|| Failure::Unknown {
        kind: "visit",
        given: given.to_owned(),
    })
}

/// Draws a link as a code.
pub(crate) fn draw(url: &str, ground: Ground, text: &mut Text) {
    let style = match ground {
        Ground::Dark => QrStyle::OnDark,
        Ground::Light => QrStyle::OnLight,
        Ground::Ascii => QrStyle::Ascii,
    };
    match QrCode::new(url) {
        Ok(code) => code.lines(style).iter().for_each(|line| text.line(line)),
        Err(error) => text.line(&error.sentence(text.lang)),
    }
}

fn document(link: &NavLink) -> Value {
    json!({
        "app": link.app.code(),
        "datum": link.datum,
        "url": link.url,
        "app_urls": link.app_urls,
    })
}
