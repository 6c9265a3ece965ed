//! A partner's key on a colleague's device, as the demo makes it: the rules of its town ask for two signatures at each door.

use super::stage::Stage;
use crate::answer::Exit;
use crate::failure::Failure;

/// What the office gives somebody at first, and what they choose.
const FIRST: &str = "the office gave this";
const CHOSEN: &str = "the partner chose this";

/// Lets a partner sign on somebody's device with their PIN, also without a network.
pub(super) async fn key_on_device(stage: &mut Stage<'_>, owner: &str, partner: &str) -> Result<(), Failure> {
    let set = ["staff", "password", partner, "--password-stdin"];
    let given = stage.with_input("admin", &set, FIRST).await;
    let login = ["login", "--user", partner, "--password-stdin", "--new-password"];
    let chosen = stage.with_input(partner, &login, &format!("{FIRST}\n{CHOSEN}")).await;
    let add = ["device", "partner", "add", partner];
    let made = stage.document(owner, &add, Some(CHOSEN)).await?;
    let held = given == Exit::Done && chosen == Exit::Done && !made["kid"].is_null();
    stage.check(&format!("{partner} can sign on {owner}'s device with a PIN"), held)
}
