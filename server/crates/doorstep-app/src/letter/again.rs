//! The same letter twice: a second one of a kind within days is a slip far more often than a wish, and each is one more paper at
//! somebody's door. It takes a word to want it.

use doorstep_domain::letter::LetterState;
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::letter::{Letter, LetterView};
use doorstep_wire::problem::ProblemCode;

use crate::day;
use crate::error::AppError;

/// Within how many days a letter of the same kind is the same again.
const SAME_DAYS: i64 = 7;

/// Refuses a letter where one of its kind waits to leave or was made within the last days. The caller holds the person's lock.
pub(super) async fn is_first(tx: &mut WriteTx, letter: &Letter) -> Result<(), AppError> {
    let made = tx.letters_of_case(letter.case).await?;
    match made.iter().rfind(|one| is_same(one, letter)) {
        None => Ok(()),
        Some(before) => Err(refused(&before.letter)),
    }
}

fn is_same(before: &LetterView, letter: &Letter) -> bool {
    let before = &before.letter;
    let since = letter.made_at - Micros::from_seconds(SAME_DAYS * 86_400);
    let stands = match before.state {
        LetterState::Made => true,
        LetterState::HandedOver | LetterState::Delivered => before.made_at > since,
        LetterState::Returned | LetterState::Withdrawn => false,
    };
    stands && before.kind == letter.kind
}

fn refused(before: &Letter) -> AppError {
    let what = match before.state {
        LetterState::Made => "waits to be handed over",
        _ => "was handed over",
    };
    let detail = format!(
        "A {} to this person was made at {} and {what} (letter {}). Nothing was made now. `doorstep letter list` shows it; where \
         a second one is wanted say `--again` (`again` in the request).",
        before.kind,
        day::timestamp(before.made_at),
        before.id
    );
    AppError::refuse(ProblemCode::LetterAgain, detail)
}
