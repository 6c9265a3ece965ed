//! The plain demo after the walk: everybody gets a password, and the server stays until somebody stops it. Knows no step
//! of the walk.

use jiff::civil::Date;
use serde_json::json;

use super::stage::{Stage, items, text_of};
use crate::answer::{Answer, Exit};
use crate::failure::Failure;

/// Passwords of the demo's people. The folder holds invented people, or a file that its owner gave to a demo.
const PASSWORD: &str = "demo-demo-demo";
/// What the administrator sets before everybody chooses the other.
const FIRST_PASSWORD: &str = "first-demo-demo";

/// Says where the server is and who may sign in, and serves until somebody stops it.
pub(super) async fn serve(stage: &mut Stage<'_>, today: Date, page: Option<&str>) -> Result<Answer, Failure> {
    let logins = people(stage).await?;
    let (mut document, text) = stage.summary(today);
    let server = stage.address().to_owned();
    document["serving"] = json!(server);
    document["logins"] = json!(logins);
    document["password"] = json!(PASSWORD);
    stage.document_out(&document)?;
    stage.say(&text)?;
    if !stage.held() {
        stage.say("Not every step held: look for ✗ above. The program will end with code 1.")?;
    }
    stage.say(&format!("Serving at {server} until you stop it with Ctrl-C."))?;
    stage.say(&format!("people      {}", logins.join(", ")))?;
    stage.say(&format!("password    {PASSWORD} for all of them"))?;
    stage.say(&format!(
        "sign in     doorstep login --user supervisor --server {server}"
    ))?;
    stage.say(&format!("interface   {server}/docs"))?;
    if let Some(page) = page {
        stage.say(&format!("a notice    {page}"))?;
    }
    let held = stage.held();
    stage.serve_on().await?;
    Ok(if held { Answer::Written } else { Answer::NotHeld })
}

/// Gives everybody the demo's password, the administrator last, whose session ends with it. A password that the
/// administrator set is changed at its first use, in the demo as everywhere.
async fn people(stage: &mut Stage<'_>) -> Result<Vec<String>, Failure> {
    let staff = stage.document("admin", &["staff", "list"], None).await?;
    let mut logins: Vec<String> = items(&staff)
        .iter()
        .map(|one| text_of(one, "login").to_owned())
        .collect();
    logins.sort_by_key(|login| login == "admin");
    for login in &logins {
        let own = login == "admin";
        let set = ["staff", "password", login, "--password-stdin"];
        let given = if own { PASSWORD } else { FIRST_PASSWORD };
        let mut done = stage.with_input("admin", &set, given).await == Exit::Done;
        if !own {
            let sign_in = ["login", "--user", login, "--new-password", "--password-stdin"];
            let chosen = format!("{FIRST_PASSWORD}\n{PASSWORD}\n");
            done &= stage.with_input(login, &sign_in, &chosen).await == Exit::Done;
        }
        stage.check(&format!("{login} has a password"), done)?;
    }
    Ok(logins)
}
