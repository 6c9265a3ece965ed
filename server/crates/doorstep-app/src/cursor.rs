//! Where a page of a list that goes by time went on: the last one's time and id, as one opaque word.

use doorstep_domain::measure::Micros;
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::error::AppError;

/// What `next` of a page says.
pub(crate) fn after(at: Micros, id: Uuid) -> String {
    format!("{}.{id}", at.get())
}

/// What comes back in `cursor`; before everything where there is none.
pub(crate) fn before(cursor: Option<&str>) -> Result<(Micros, Uuid), AppError> {
    let Some(text) = cursor else {
        return Ok((Micros(i64::MAX), Uuid::max()));
    };
    let found = text
        .split_once('.')
        .and_then(|(at, id)| Some((Micros(at.parse().ok()?), id.parse().ok()?)));
    found.ok_or_else(|| {
        let detail = "Use `next` of the page before, unchanged.";
        AppError::at(ProblemCode::BadRequest, "cursor", detail)
    })
}
