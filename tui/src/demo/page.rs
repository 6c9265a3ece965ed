//! The act of the person visited: a notice leaves the house, its page is opened without an account, and "not today" takes
//! the visit out of the plan.

use jiff::civil::Date;
use reqwest::header;
use serde_json::Value;

use super::stage::{Stage, items, text_of};
use crate::answer::Exit;
use crate::failure::Failure;
use crate::qr::{QrCode, QrStyle};

/// What a browser sends when the button is pressed.
const NOT_TODAY: &str = "what=not_today&lang=en";

/// Announces visits of a later day, opens one of their pages and says "not today"; shows the page of another as a QR code.
/// Returns that page's address; nothing where the file left nobody to announce a visit to.
pub(super) async fn show(stage: &mut Stage<'_>, day: Date) -> Result<Option<String>, Failure> {
    const WHAT: &str = "a notice leaves the house a day ahead, with a page for who gets it";
    let mut pages = announced(stage, day).await?;
    let Some((visit, name, page)) = pages.pop() else {
        stage.not_shown(WHAT, "no visit of a later day could be planned")?;
        return Ok(None);
    };
    stage.check(WHAT, page.contains("/n/"))?;
    let Ok(http) = reqwest::Client::builder().no_proxy().build() else {
        stage.check("this machine can open a page", false)?;
        return Ok(None);
    };
    let opened = http.get(&page).send().await;
    let html = match opened {
        Ok(answer) if answer.status().is_success() => answer.text().await.unwrap_or_default(),
        _ => String::new(),
    };
    stage.check(
        "the page opens without an account and names nobody",
        html.contains("</html>") && !html.contains(&name),
    )?;
    let request = http.post(&page).body(NOT_TODAY);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let taken = request.send().await.is_ok_and(|answer| answer.status().is_success());
    let day = day.to_string();
    let off = ["visit", "list", "--day", &day, "--state", "cancelled"];
    let off = stage.document("supervisor", &off, None).await?;
    let is_off = items(&off).iter().any(|one| text_of(one, "id") == visit);
    stage.check(
        "“not today” on that page takes the visit out of the plan",
        taken && is_off,
    )?;
    let wishes = stage.document("supervisor", &["wish", "list"], None).await?;
    let heard = items(&wishes).iter().any(|one| text_of(one, "visit") == visit);
    stage.check("the office sees what was said", heard)?;
    let Some((_, _, page)) = pages.pop() else {
        return Ok(None);
    };
    stage.say("\nThe page of another notice, as the code on its letter; choose “not today” there:")?;
    if let Ok(code) = QrCode::new(&page) {
        for line in code.lines(QrStyle::OnDark) {
            stage.say(&line)?;
        }
    }
    stage.say(&format!("{page}\n"))?;
    Ok(Some(page))
}

/// Plans and announces a day: the visit, the name and the page of each notice that left the house.
async fn announced(stage: &mut Stage<'_>, day: Date) -> Result<Vec<(String, String, String)>, Failure> {
    let day = day.to_string();
    let propose = ["plan", "propose", "--day", &day, "--iterations", "500"];
    if stage.command("supervisor", &propose).await?.exit != Exit::Done {
        return Ok(Vec::new());
    }
    let plans = stage.document("supervisor", &["plan", "list"], None).await?;
    let id = items(&plans).first().map_or("", |plan| text_of(plan, "id")).to_owned();
    stage.command("supervisor", &["plan", "publish", &id, "--yes"]).await?;
    let folder = stage.path("letters").display().to_string();
    stage
        .command("supervisor", &["notice", "dispatch", "--to", &folder])
        .await?;
    let list = ["notice", "list", "--state", "handed_over"];
    let notices = stage.document("supervisor", &list, None).await?;
    let mut pages = Vec::new();
    for notice in items(&notices).iter().take(2) {
        let shown = ["notice", "show", text_of(notice, "id")];
        let shown: Value = stage.document("supervisor", &shown, None).await?;
        let said = ["visit", "name", "page"].map(|part| text_of(&shown, part).to_owned());
        let [visit, name, page] = said;
        pages.push((visit, name, page));
    }
    Ok(pages)
}
