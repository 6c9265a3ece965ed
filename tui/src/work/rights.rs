//! What is asked of the server about restrictions and consents: the same as on the command line.

use doorstep_wire::right::{AddRestriction, LiftRestriction};

use crate::app::office::OfficeAnswer;
use crate::app::rights::RightStep;
use crate::client::Client;
use crate::command::right::{add, lift, withdraw};
use crate::failure::Failure;

/// Does it.
pub(super) async fn carry_out(client: &Client, step: RightStep, words: String) -> Result<OfficeAnswer, Failure> {
    match step {
        RightStep::Restrict(case, kind) => {
            let request = AddRestriction {
                kind: kind.code().to_owned(),
                words: Some(words),
                ..AddRestriction::default()
            };
            add(client, case, &request).await?;
        }
        RightStep::Lift(case, kind, id, reason) => {
            let request = LiftRestriction {
                kind: kind.code().to_owned(),
                id,
                reason: reason.code().to_owned(),
                words,
            };
            lift(client, case, &request).await?;
        }
        RightStep::Withdraw(consent) => drop(withdraw(client, consent).await?),
    }
    Ok(OfficeAnswer::Right)
}
