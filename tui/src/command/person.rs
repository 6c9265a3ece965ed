//! `person erase`.

use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::pick;
use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

/// Commands of persons.
#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Destroy a person's key: erases the person everywhere, and all proofs stay valid. Cannot be undone
    Erase {
        /// Id of the person, as `case show` names it
        person: Uuid,
        /// The approval by a second person (`approvals ask person.erase PERSON`)
        #[arg(long, value_name = "ID")]
        approval: Uuid,
    },
}

/// Carries out a command of persons.
pub(crate) async fn run(command: PersonCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let PersonCommand::Erase { person, approval } = command;
    let path = format!("persons/{person}/erase");
    context.client()?.post_empty(&path, &[("approval", approval)]).await?;
    let text = pick(
        context.lang,
        "The person is erased; the log keeps its proofs and says so.\n",
        "当事人信息已删除；日志保留证明并载明此事。\n",
    );
    Ok(Answer::new(
        &json!({ "person": person, "erased": true }),
        text.to_owned(),
    ))
}
