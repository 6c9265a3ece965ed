//! What a person agreed to, a court ordered, or two of the office approved: it lifts rules that say so, in one case and for
//! a time. A block that no one can lift is refused here, whoever asks. A withdrawal counts at once and cannot be refused.

mod rested;

use std::collections::HashMap;

use doorstep_domain::approval::{ApprovalKind, ApprovalReason};
use doorstep_domain::id::StaffId;
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::{ConsentState, RightSource};
use doorstep_domain::words::{ConsentScope, Lift};
use doorstep_store::approval::Approval;
use doorstep_store::case::CaseView;
use doorstep_store::consent::Consent;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::Page;
use doorstep_wire::problem::{Problem, ProblemCode};
use doorstep_wire::read::Opening;
use doorstep_wire::right::{AddConsent, ConsentItem};
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reads::purpose_of;
use crate::restriction::{code, keep_words, span};
use crate::{App, note};
pub(crate) use rested::withdraw_rested;

/// The longest that two of the office lift a rule: 30 days.
const OVERRIDE_MAX: Micros = Micros::from_seconds(30 * 86_400);

/// The consents of a case as the rules take them. One that was withdrawn ended then, whatever it said before.
pub(crate) fn of_case(consents: &[Consent], view: &CaseView) -> Vec<doorstep_rules::Consent> {
    let theirs = consents.iter().filter(|one| {
        one.case == view.case.id
            && one.address.is_none_or(|address| address == view.case.address)
            && matches!(one.state, ConsentState::Given | ConsentState::Withdrawn)
    });
    theirs
        .map(|one| doorstep_rules::Consent {
            scope: one.scope,
            given: one.given,
            rule: one.rule.as_deref().map(Into::into),
            from: one.starts,
            until: match (one.ends, one.withdrawn_at) {
                (Some(ends), Some(withdrawn)) => Some(ends.min(withdrawn)),
                (ends, withdrawn) => ends.or(withdrawn),
            },
        })
        .collect()
}

impl App {
    /// What was agreed to in a case, also what holds no more, oldest first.
    pub async fn list_consents(
        &self,
        actor: &Actor,
        case: Uuid,
        opening: &Opening,
    ) -> Result<Page<ConsentItem>, AppError> {
        policy::check(actor, Action::SeeCases)?;
        let view = self.case_in_reach(actor, case).await?;
        let outside = purpose_of(actor, &view, opening)?;
        let mut rows = self.store().consent_list(actor.tenant, &[view.case.person.0]).await?;
        rows.retain(|row| row.case == view.case.id);
        let words = self
            .words_of(actor, &view, rows.iter().filter_map(|row| row.event), outside)
            .await?;
        let asked = self.asked_for(actor, ApprovalKind::RuleOverride).await?;
        let staff = self.logins(actor).await?;
        let items = rows.iter().map(|row| item(row, &words, &asked, &staff));
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }

    /// Notes what somebody agreed to; what the office itself approves waits for a second person.
    pub async fn add_consent(
        &self,
        actor: &Actor,
        case: Uuid,
        request: &AddConsent,
    ) -> Result<Page<ConsentItem>, AppError> {
        policy::check(actor, Action::Restrict)?;
        let view = self.case_in_scope(actor, case).await?;
        let now = self.now();
        let words = note::checked("words", &request.words)?;
        let consent = self.consent_of(actor, &view, request, now)?;
        let approval = match consent.given {
            Lift::TwoPersons => {
                policy::check(actor, Action::LiftRestriction)?;
                let reason = request.reason.as_deref().unwrap_or_default();
                let reason: ApprovalReason = code("reason", reason)?;
                Some(crate::approval::asked(
                    ApprovalKind::RuleOverride,
                    consent.id,
                    actor.staff,
                    (reason, now),
                ))
            }
            _ => None,
        };
        let keys = self.store().sealing_keys(actor.tenant, &[view.case.person.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.case_lock(&[case]).await?;
        let (event, commitment) = keep_words(&mut tx, &view, words, &keys).await?;
        let consent = Consent {
            event: Some(event),
            ..consent
        };
        tx.consent_insert(&consent).await?;
        tx.case_touch(view.case.id).await?;
        let mut entries = Entries::one(noted(&consent, &view, actor).payload(event, commitment));
        if let Some(approval) = &approval {
            tx.approval_insert(approval).await?;
            entries = entries.and(crate::approval::asked_entry(approval, actor.by()).about(view.person_alias));
        }
        tx.commit(entries).await?;
        self.wake_devices();
        self.list_consents(actor, case, &Opening::default()).await
    }

    fn consent_of(
        &self,
        actor: &Actor,
        view: &CaseView,
        request: &AddConsent,
        now: Micros,
    ) -> Result<Consent, AppError> {
        let scope: ConsentScope = code("scope", &request.scope)?;
        let given: Lift = code("given", &request.given)?;
        let (starts, ends) = span(request.from, request.until, now)?;
        if starts < now {
            // Nobody clears afterwards what was forbidden when it happened.
            let detail = "A consent holds from now on at the earliest; leave `from` out, or name a later time.";
            return Err(AppError::at(ProblemCode::BadRequest, "from", detail));
        }
        if given == Lift::Court {
            policy::check(actor, Action::LiftRestriction)?;
        }
        if matches!(given, Lift::Nobody | Lift::Supervisor) {
            let detail =
                "Say `consent`, `written_consent`, `court` or `two_persons`: nobody of the office lifts a rule alone.";
            return Err(AppError::at(ProblemCode::BadRequest, "given", detail));
        }
        let names_rule = request.rule.is_some();
        if names_rule != (scope == ConsentScope::Rule) || given == Lift::TwoPersons && !names_rule {
            let detail = "Name one rule with scope `rule`; an approval of the office always does.";
            return Err(AppError::at(ProblemCode::BadRequest, "rule", detail));
        }
        if let Some(rule) = &request.rule {
            self.liftable(rule, given)?;
        }
        if given == Lift::TwoPersons && ends.is_none_or(|ends| ends - starts > OVERRIDE_MAX) {
            let detail = "An approval of the office ends: say until when, at most 30 days after it begins.";
            return Err(AppError::at(ProblemCode::BadRequest, "until", detail));
        }
        Ok(Consent {
            id: doorstep_store::fresh_id(now),
            case: view.case.id,
            person: view.case.person,
            address: (scope == ConsentScope::Place).then_some(view.case.address),
            scope,
            rule: request.rule.clone(),
            given,
            state: if given == Lift::TwoPersons {
                ConsentState::Asked
            } else {
                ConsentState::Given
            },
            starts,
            ends,
            source: RightSource::Office,
            staff: Some(actor.staff),
            event: None,
            made_at: now,
            withdrawn_at: None,
        })
    }

    /// Whether a rule can be lifted by what was given: a block cannot be forced where its pack says so.
    fn liftable(&self, id: &str, given: Lift) -> Result<(), AppError> {
        let Some((_, rule)) = self.packs().rule(id) else {
            let detail = "No rule in force has this id. `doorstep rules list` names them.";
            return Err(AppError::at(ProblemCode::BadRequest, "rule", detail));
        };
        if rule.lifted_by.iter().any(|asked| given.satisfies(*asked)) {
            return Ok(());
        }
        let by: Vec<&str> = rule.lifted_by.iter().map(|lift| lift.code()).collect();
        let by = if by.is_empty() {
            "nobody".to_owned()
        } else {
            by.join(", ")
        };
        let mut problem = Problem::new(
            ProblemCode::RuleBlocked,
            format!("{id} is lifted by: {by}. What was given does not lift it."),
        );
        problem.rules = vec![id.to_owned()];
        Err(AppError::Refused(Box::new(problem)))
    }

    /// A consent that was noted here. What somebody wrote into the database lifts nothing.
    async fn consent(&self, actor: &Actor, id: Uuid) -> Result<Consent, AppError> {
        match self.store().consent_get(actor.tenant, id).await {
            Err(StoreError::Forged(_)) => {
                tracing::error!(consent.id = %id, "a consent was written or changed by somebody else");
                let detail = "This consent was written or changed past Doorstep, so it lifts nothing. Tell whoever runs \
                              the server (`doorstep doctor`), and ask the person again.";
                Err(AppError::refuse(ProblemCode::ApprovalNeeded, detail))
            }
            found => Ok(found?),
        }
    }

    /// Ends a consent now.
    pub async fn withdraw_consent(&self, actor: &Actor, id: Uuid) -> Result<Page<ConsentItem>, AppError> {
        policy::check(actor, Action::Restrict)?;
        let consent = self.consent(actor, id).await?;
        let view = self.case_in_scope(actor, consent.case.0).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.ahead_lock(&[view.case.person.0], &[]).await?;
        let before = of_case(&tx.consent_list(&[view.case.person.0]).await?, &view);
        if tx.consent_withdraw(id, RightSource::Office, Some(actor.staff)).await? {
            tx.case_touch(view.case.id).await?;
            let entry = withdrawn(&consent, &view, RightSource::Office);
            let off = withdraw_rested(self, &mut tx, &view, (&before, actor.by())).await?;
            tx.entries_add(off).await?;
            tx.commit(Entries::one(ServerEntry {
                by: actor.by(),
                ..entry
            }))
            .await?;
            self.wake_devices();
        }
        self.list_consents(actor, view.case.id.0, &Opening::default()).await
    }

    /// What a second person answered about an override.
    pub(crate) async fn override_answered(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        (approval, agreed): (&Approval, bool),
    ) -> Result<ServerEntry, AppError> {
        let mut consent = self.consent(actor, approval.subject).await?;
        tx.ahead_lock(&[consent.person.0], &[]).await?;
        let view = tx.case_read(&[consent.case.0]).await?.pop();
        let view = view.ok_or_else(|| AppError::not_found("case"))?;
        let (state, kind) = if agreed {
            (ConsentState::Given, EntryKind::RuleOverridden)
        } else {
            (ConsentState::Refused, EntryKind::ConsentWithdrawn)
        };
        tx.consent_answer(&mut consent, state).await?;
        tx.case_touch(view.case.id).await?;
        let entry = ServerEntry::new(kind, actor.by()).about(view.person_alias);
        let rule = consent.rule.as_deref().unwrap_or_default();
        Ok(entry
            .with("case", view.case.alias.to_string())
            .with("consent", consent.id.to_string())
            .with("approval", approval.id.to_string())
            .with("rule", rule)
            .reason(approval.reason.as_str()))
    }
}

/// What the log says of a consent that was noted.
fn noted(consent: &Consent, view: &CaseView, actor: &Actor) -> ServerEntry {
    let entry = ServerEntry::new(EntryKind::ConsentNoted, actor.by()).about(view.person_alias);
    let entry = entry
        .with("case", view.case.alias.to_string())
        .with("consent", consent.id.to_string())
        .with("scope", consent.scope.code())
        .with("given", consent.given.code())
        .with("state", consent.state.code());
    match &consent.rule {
        Some(rule) => entry.with("rule", rule.as_str()),
        None => entry,
    }
}

/// What the log says of a consent that was withdrawn.
pub(crate) fn withdrawn(consent: &Consent, view: &CaseView, source: RightSource) -> ServerEntry {
    ServerEntry::new(EntryKind::ConsentWithdrawn, doorstep_store::entry::By::PROGRAM)
        .about(view.person_alias)
        .with("case", view.case.alias.to_string())
        .with("consent", consent.id.to_string())
        .with("source", source.code())
}

fn item(
    row: &Consent,
    words: &HashMap<Uuid, String>,
    asked: &HashMap<Uuid, Uuid>,
    staff: &HashMap<StaffId, String>,
) -> ConsentItem {
    ConsentItem {
        id: row.id,
        case: row.case.0,
        scope: row.scope.code().to_owned(),
        rule: row.rule.clone(),
        given: row.given.code().to_owned(),
        state: row.state.code().to_owned(),
        from: row.starts.get(),
        until: row.ends.map(Micros::get),
        source: row.source.code().to_owned(),
        by: row.staff.and_then(|id| staff.get(&id).cloned()),
        made_at: row.made_at.get(),
        words: row.event.and_then(|event| words.get(&event.0).cloned()),
        withdrawn_at: row.withdrawn_at.map(Micros::get),
        approval: asked.get(&row.id).copied().filter(|_| row.state == ConsentState::Asked),
    }
}
