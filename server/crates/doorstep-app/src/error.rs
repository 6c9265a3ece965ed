//! What a use case can refuse, and the problem that a caller is shown for it. Inner causes are never shown.

use doorstep_domain::approval::ApprovalError;
use doorstep_store::StoreError;
use doorstep_wire::problem::{Problem, ProblemCode};

use crate::file::FileError;

/// A refusal or a failure of a use case.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Refused, with all that the caller should know.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// Storage failed.
    #[error("storage failed")]
    Store(#[from] StoreError),
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something that cannot happen happened.
    #[error("an inner fault: {0}")]
    Fault(&'static str),
}

impl AppError {
    /// A refusal with this code.
    #[must_use]
    pub fn refuse(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Refused(Box::new(Problem::new(code, detail)))
    }
    /// A refusal that names the place in the input.
    #[must_use]
    pub fn at(code: ProblemCode, place: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut problem = Problem::new(code, detail);
        problem.place = Some(place.into());
        Self::Refused(Box::new(problem))
    }
    /// There is no such thing, or not in the caller's scope; the two are not told apart.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::refuse(
            ProblemCode::NotFound,
            format!("There is no such {what} in your scope. Check the id."),
        )
    }

    /// What the caller is shown.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => (**problem).clone(),
            Self::File(error) => Problem::new(file_code(error), sentence(&error.to_string())),
            Self::Store(error) => store_problem(error),
            Self::Fault(_) => Problem::new(
                ProblemCode::Internal,
                "The fault was logged with the request's id. Try again; if it stays, tell your administrator the id.",
            ),
        }
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

fn file_code(error: &FileError) -> ProblemCode {
    match error.code() {
        "file-too-large" | "file-too-many-rows" | "workbook-too-large" => ProblemCode::TooLarge,
        "workbook-password-or-old" => ProblemCode::FileLocked,
        "file-wrong-encoding" => ProblemCode::FileEncoding,
        "file-missing-columns"
        | "file-no-header"
        | "file-two-columns"
        | "mapping-column-missing"
        | "mapping-column-refused"
        | "mapping-unreadable"
        | "file-datum-not-stated" => ProblemCode::ColumnsMissing,
        _ => ProblemCode::FileUnreadable,
    }
}

fn store_problem(error: &StoreError) -> Problem {
    let code = match error {
        StoreError::Busy => ProblemCode::Busy,
        StoreError::DiskFull => ProblemCode::DiskFull,
        StoreError::Changed => ProblemCode::Changed,
        StoreError::NotFound => ProblemCode::NotFound,
        StoreError::Erased => ProblemCode::Erased,
        StoreError::Halted(_) => ProblemCode::LogHalted,
        _ => ProblemCode::Internal,
    };
    let detail = match code {
        ProblemCode::Internal => {
            "Storage failed. The fault was logged with the request's id; `doorstep doctor` shows the state of the data."
                .to_owned()
        }
        ProblemCode::NotFound => "There is no such thing in your scope. Check the id or name.".to_owned(),
        _ => sentence(&error.to_string()),
    };
    Problem::new(code, detail)
}

impl From<ApprovalError> for AppError {
    fn from(error: ApprovalError) -> Self {
        Self::refuse(ProblemCode::ApprovalNeeded, sentence(&error.to_string()))
    }
}
