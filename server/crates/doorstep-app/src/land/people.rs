//! What is there already: cases by their numbers, persons by phone and name.

use std::collections::{HashMap, HashSet};

use doorstep_domain::id::{AgencyId, Alias, CaseId, PersonId, PortfolioId};
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::blind::{BLIND_CASE, BLIND_ERASED, BLIND_PERSON, blind_case, blind_person};
use doorstep_store::case::CaseView;
use doorstep_store::keys::SealingKeys;
use doorstep_store::loan::Loan;
use doorstep_store::seal::BlindKey;
use uuid::Uuid;

use super::Landing;
use crate::error::AppError;
use crate::file::{CaseRow, RowOutcome};

/// One row with what was found of it before.
pub(super) struct Candidate {
    pub(super) outcome: RowOutcome<CaseRow>,
    pub(super) portfolio: Option<PortfolioId>,
    pub(super) agency: Option<AgencyId>,
    pub(super) digest: Option<Uuid>,
    pub(super) existing: Option<CaseView>,
    pub(super) erased: bool,
    /// The loan with this number, where it waits for its case.
    pub(super) loan: Option<Loan>,
}

/// The persons of a slice of rows.
#[derive(Default)]
pub(super) struct People {
    /// The person of each row that makes a case.
    pub(super) of: HashMap<usize, PersonId>,
    pub(super) new: Vec<(PersonId, Alias)>,
    pub(super) blind: Vec<(Uuid, Uuid)>,
    pub(super) keys: SealingKeys,
    pub(super) aliases: HashMap<PersonId, Alias>,
}

impl Candidate {
    /// The id of the case that the row makes or changes; a loan that waits has it already.
    pub(super) fn case_id(&self, now: Micros) -> CaseId {
        let of_case = self.existing.as_ref().map(|view| view.case.id);
        let of_loan = self.loan.as_ref().map(|loan| loan.case);
        of_case
            .or(of_loan)
            .unwrap_or_else(|| CaseId(doorstep_store::fresh_id(now)))
    }

    /// Whom the row at `index` concerns: the person of its case, or whom `people` found or made for it.
    pub(super) fn person(&self, index: usize, people: &People) -> Option<PersonId> {
        let of_case = self.existing.as_ref().map(|view| view.case.person);
        let of_loan = self.loan.as_ref().map(|loan| loan.person);
        of_case.or(of_loan).or_else(|| people.of.get(&index).copied())
    }
}

impl Landing<'_> {
    /// Finds for each row whether its number is known.
    pub(super) async fn look_up(
        &mut self,
        tx: &mut WriteTx,
        blind_key: &BlindKey,
        rows: Vec<RowOutcome<CaseRow>>,
    ) -> Result<Vec<Candidate>, AppError> {
        let mut candidates = Vec::with_capacity(rows.len());
        for outcome in rows {
            let (mut portfolio, mut digest) = (None, None);
            if !outcome.number.is_empty() && !outcome.portfolio.is_empty() {
                let id = self.portfolio(tx, &outcome.portfolio).await?;
                portfolio = Some(id);
                digest = Some(blind_case(blind_key, id, &outcome.number));
            }
            let agency = self.agency(outcome.row.as_ref().and_then(|row| row.agency.as_deref()))?;
            if let (Some(portfolio), Some(_)) = (portfolio, &outcome.row) {
                self.scopes.insert((portfolio, agency));
            }
            candidates.push(Candidate {
                outcome,
                portfolio,
                agency,
                digest,
                existing: None,
                erased: false,
                loan: None,
            });
        }
        let digests: Vec<Uuid> = candidates.iter().filter_map(|candidate| candidate.digest).collect();
        let owners: HashMap<Uuid, Uuid> = tx.blind_read(BLIND_CASE, &digests).await?.into_iter().collect();
        let erased: HashSet<Uuid> = tx
            .blind_read(BLIND_ERASED, &digests)
            .await?
            .into_iter()
            .map(|(digest, _)| digest)
            .collect();
        let ids: Vec<Uuid> = owners.values().copied().collect();
        let mut views: HashMap<Uuid, CaseView> = tx
            .case_read(&ids)
            .await?
            .into_iter()
            .map(|view| (view.case.id.0, view))
            .collect();
        let loans = tx.loan_by_number(&digests).await?.into_iter();
        let mut loans: HashMap<Uuid, Loan> = loans.filter_map(|loan| Some((loan.number?, loan))).collect();
        for candidate in &mut candidates {
            let Some(digest) = candidate.digest else { continue };
            candidate.loan = loans.remove(&digest);
            candidate.erased = erased.contains(&digest);
            if let Some(owner) = owners.get(&digest) {
                self.listed.insert(CaseId(*owner));
                // A number stands in one row only: rows with the same number were judged before.
                candidate.existing = views.remove(owner);
            }
        }
        Ok(candidates)
    }

    /// Finds or makes the person of each row: the same phone and name are the same person.
    pub(super) async fn people(
        &self,
        tx: &mut WriteTx,
        blind_key: &BlindKey,
        candidates: &[Candidate],
    ) -> Result<People, AppError> {
        let mut wanted: Vec<(usize, Option<Uuid>)> = Vec::new();
        let mut old: Vec<Uuid> = Vec::new();
        for (index, candidate) in candidates.iter().enumerate() {
            let Some(row) = candidate.outcome.row.as_ref().filter(|_| !candidate.erased) else {
                continue;
            };
            match (&candidate.existing, &candidate.loan) {
                (Some(view), _) => old.push(view.case.person.0),
                (None, Some(loan)) => old.push(loan.person.0),
                (None, None) => wanted.push((index, blind_person(blind_key, &row.personal.phone, &row.personal.name))),
            }
        }
        let digests: Vec<Uuid> = wanted.iter().filter_map(|(_, digest)| *digest).collect();
        let mut known: HashMap<Uuid, Uuid> = tx.blind_read(BLIND_PERSON, &digests).await?.into_iter().collect();
        let mut people = People::default();
        for (index, digest) in wanted {
            if let Some(person) = digest.and_then(|digest| known.get(&digest)) {
                old.push(*person);
                people.of.insert(index, PersonId(*person));
                continue;
            }
            let person = PersonId(doorstep_store::fresh_id(self.now));
            people.new.push((person, doorstep_store::fresh_alias()));
            people.of.insert(index, person);
            if let Some(digest) = digest {
                known.insert(digest, person.0);
                people.blind.push((digest, person.0));
            }
        }
        if self.input.options.dry_run {
            return Ok(people);
        }
        let store = self.input.app.store();
        let tenant = self.input.actor.tenant;
        let new: Vec<_> = people
            .new
            .iter()
            .map(|(person, alias)| (person.0, Some(*alias)))
            .collect();
        people.keys = store.keys().subjects_create(tenant.0, &new).await?;
        people.keys.extend(store.sealing_keys(tenant, &old).await?);
        people.aliases = people.new.iter().copied().collect();
        for (person, alias) in tx.person_aliases(&old).await? {
            people.aliases.insert(person, alias);
        }
        Ok(people)
    }
}
