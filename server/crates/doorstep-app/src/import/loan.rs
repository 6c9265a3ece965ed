//! Importing loan files.

use std::fs::File;

use doorstep_domain::words::Lang;
use doorstep_wire::import::{ImportOptions, ImportReport};
use doorstep_wire::problem::ProblemCode;
use sha2::{Digest, Sha256};

use super::{file_hash, read_whole};
use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::file::{FileKind, Loans};
use crate::land::{Landing, LandingInput};
use crate::policy::{self, Action};

/// The most rows of a loan file: all of them are held at once, to be judged loan by loan.
const LOAN_ROWS_MAX: u64 = 50_000;

impl App {
    /// Previews or lands a loan file. With an idempotency key the same request again gives the same answer.
    pub async fn import_loans(
        &self,
        actor: &Actor,
        mut file: File,
        options: &ImportOptions,
        lang: Lang,
        key: Option<String>,
    ) -> Result<ImportReport, AppError> {
        policy::check(actor, Action::ImportCases)?;
        if options.complete {
            let detail = "A loan file is never complete: what it does not list stays as it is.";
            return Err(AppError::at(ProblemCode::BadRequest, "complete", detail));
        }
        let mut read_options = self.read_options(options, FileKind::Loans)?;
        read_options.limits.rows_max = read_options.limits.rows_max.min(LOAN_ROWS_MAX);
        read_options.agencies = self.agencies_of(actor, options).await?;
        let team = self.importing_team(actor, options).await?;
        let hash = file_hash(&mut file)?;
        let request_hash = Sha256::new()
            .chain_update(&hash)
            .chain_update(format!("loans {options:?}"))
            .finalize()
            .to_vec();
        if let Some(report) = self.kept_answer(actor, key.as_deref(), &request_hash).await? {
            return Ok(report);
        }
        let file = read_whole::<Loans>(file, read_options).await?;
        let landing = Landing::new(LandingInput {
            app: self,
            actor,
            options,
            team,
            lang,
            file_hash: hash,
        });
        landing.run_loans(file, key.map(|key| (key, request_hash))).await
    }
}
