//! The one policy function: role × scope × purpose. Deny by default; every use case asks it first.
//!
//! Scope is narrowed by data as well: an agency's staff see only their agency's cases, field staff only what their crew
//! is sent for the day, administrators no case at all.

use doorstep_domain::codes;
use doorstep_domain::id::AgencyId;
use doorstep_domain::staff::Role;
use doorstep_store::case::{CaseScope, CaseView};
use doorstep_store::import::ImportScope;
use doorstep_wire::problem::ProblemCode;

use crate::actor::Actor;
use crate::error::AppError;

codes!(
    /// What may be asked for.
    Action, "action" {
        /// Import case files and take imports back.
        ImportCases = "import-cases",
        /// Import files of payments.
        ImportPayments = "import-payments",
        /// Decide about money that waits for a person.
        SettlePayments = "settle-payments",
        /// See payments, held money and the books.
        SeeBooks = "see-books",
        /// Do the work of a day.
        RunDaily = "run-daily",
        /// See imports and their rows.
        SeeImports = "see-imports",
        /// List and open cases.
        SeeCases = "see-cases",
        /// Correct phone, address or language of a person.
        EditContact = "edit-contact",
        /// Ask whether somebody may be called or written to, and record it.
        RecordContact = "record-contact",
        /// Agree with a person about paying, note what they say of their month, and end an agreement.
        Agree = "agree",
        /// Write letters to persons, and say what became of them.
        WriteLetter = "write-letters",
        /// Make a legal bundle of a case.
        MakeBundle = "make-bundles",
        /// See leaflets, and note that one was handed over.
        GiveLeaflet = "give-leaflets",
        /// Go through training scenarios, and see the own results.
        Train = "train",
        /// See what others passed in training and their debriefs, and note that a debrief was held.
        SeeTraining = "see-training",
        /// Say which side of a conflict holds.
        SettleConflict = "settle-conflict",
        /// Put on a case what narrows contacts, and note or withdraw what the person agreed to.
        Restrict = "restrict-contacts",
        /// Take off what narrows contacts, or ask a second person for what widens them.
        LiftRestriction = "lift-restrictions",
        /// Take cases out as a file.
        ExportCases = "export-cases",
        /// Have a portfolio or region calm, and end that.
        SetCalm = "set-calm",
        /// Make and publish plans.
        Plan = "plan",
        /// See plans, visits and conflicts.
        SeePlans = "see-plans",
        /// See how good chances of visits are.
        SeeOdds = "see-odds",
        /// See which chances were learned when.
        SeeOddsHistory = "see-odds-history",
        /// Have chances of visits learned anew.
        TrainOdds = "train-odds",
        /// See alarms.
        SeeAlarms = "see-alarms",
        /// See visits with remarks and what was decided about them.
        SeeReviews = "see-reviews",
        /// Decide about visits with remarks.
        Review = "review",
        /// See body recorders and who carries them.
        SeeRecorders = "see-recorders",
        /// Add and end body recorders, and give them to staff.
        ManageRecorders = "manage-recorders",
        /// Send recordings of visits.
        ImportRecordings = "import-recordings",
        /// See which visits have recordings and which owe one, and open a recording.
        SeeRecordings = "see-recordings",
        /// Say why a visit has no recording.
        ExcuseRecording = "excuse-recording",
        /// See complaints.
        SeeComplaints = "see-complaints",
        /// Write a complaint down.
        OpenComplaint = "open-complaint",
        /// Own and answer complaints.
        AnswerComplaint = "answer-complaint",
        /// See quality checks.
        SeeQuality = "see-quality",
        /// Draw visits for quality checks.
        DrawQuality = "draw-quality",
        /// Score visits of others, and decide appeals.
        ScoreQuality = "score-quality",
        /// See reports: figures of cases and visits.
        SeeReports = "see-reports",
        /// See reports by member of staff, so as to help; never as a ranking.
        SeeStaffReports = "see-reports-by-staff",
        /// See what notices say, hand them over, say what became of them.
        DispatchNotices = "dispatch-notices",
        /// See the day as it goes: crews, and where they were last heard of.
        SeeLive = "see-live",
        /// Acknowledge, extend and end alarms.
        AnswerAlarms = "answer-alarms",
        /// Add and change staff, set passwords.
        ManageStaff = "manage-staff",
        /// Add agencies, change portfolios.
        ManageOrg = "manage-organisation",
        /// Take cases back from an agency, and answer what it says of their destruction.
        RecallCases = "recall-cases",
        /// See how agencies destroyed what they had of recalled cases.
        SeeDestructions = "see-destructions",
        /// Say that an agency destroyed what it had.
        ConfirmDestruction = "confirm-destruction",
        /// See colleagues and teams.
        SeeStaff = "see-staff",
        /// Give out enrolment codes.
        ManageDevices = "manage-devices",
        /// End keys of partners on devices; field staff do so from the device itself.
        EndPartnerKeys = "end-partner-keys",
        /// See the list of devices.
        SeeDevices = "see-devices",
        /// Push and pull with one's own device.
        Sync = "sync",
        /// Ask for an approval.
        AskApproval = "ask-approval",
        /// Answer an approval as the second person.
        AnswerApproval = "answer-approval",
        /// Destroy a person's key after an approval.
        ErasePerson = "erase-person",
        /// Read the logs.
        SeeLog = "see-log",
        /// Have a log that lost entries go on as a new one.
        ContinueLog = "continue-log",
        /// See who looked at a case, and who opened persons outside their caseload.
        SeeReads = "see-reads",
        /// Say what was found about such a read.
        SettleReads = "settle-reads",
        /// See what is kept, how long and why, and legal holds.
        SeeRetention = "see-retention",
        /// Place and lift legal holds.
        HoldCase = "hold-case",
        /// Erase persons whose time for keeping is over, after an approval.
        Purge = "purge",
    }
);

/// Whether a role may do something at all.
#[must_use]
pub const fn may(role: Role, action: Action) -> bool {
    match role {
        Role::Supervisor => !matches!(
            action,
            Action::ManageStaff
                | Action::ManageOrg
                | Action::ManageDevices
                | Action::EndPartnerKeys
                | Action::Sync
                | Action::ContinueLog
                | Action::Purge
        ),
        Role::Administrator => matches!(
            action,
            Action::ManageStaff
                | Action::ManageOrg
                | Action::SeeStaff
                | Action::ManageDevices
                | Action::EndPartnerKeys
                | Action::SeeDevices
                | Action::AnswerApproval
                | Action::SeeLog
                | Action::ContinueLog
                // Whoever is there must be able to help, also where the supervisor is the one who calls.
                | Action::SeeAlarms
                | Action::SeeLive
                | Action::AnswerAlarms
                | Action::SeeRetention
                | Action::HoldCase
                | Action::Purge
                | Action::SeeRecorders
                | Action::ManageRecorders
                | Action::SeeDestructions
                | Action::Train
                | Action::SeeTraining
        ),
        Role::Auditor => matches!(
            action,
            Action::SeeImports
                | Action::SeeBooks
                | Action::SeeCases
                | Action::SeePlans
                | Action::SeeOdds
                | Action::SeeOddsHistory
                | Action::SeeAlarms
                | Action::SeeReviews
                | Action::SeeComplaints
                | Action::SeeQuality
                | Action::ScoreQuality
                | Action::SeeReports
                | Action::SeeStaff
                | Action::SeeDevices
                | Action::SeeLog
                | Action::SeeReads
                | Action::SettleReads
                | Action::SeeRetention
                | Action::SeeRecorders
                | Action::SeeRecordings
                | Action::SeeDestructions
                | Action::Train
                | Action::SeeTraining
        ),
        Role::Field => matches!(action, Action::Sync | Action::EndPartnerKeys | Action::Train),
    }
}

/// What stays with the creditor, whatever the role: the organisation, the logs of everybody, and how long persons are
/// kept, whose handler is the creditor and not who works for it.
const fn creditors_only(action: Action) -> bool {
    matches!(
        action,
        Action::ManageOrg
            | Action::SeeLog
            | Action::ContinueLog
            | Action::AskApproval
            | Action::AnswerApproval
            | Action::ErasePerson
            | Action::SeeRetention
            | Action::HoldCase
            | Action::Purge
            | Action::LiftRestriction
            // Whoever lives from visits does not end what pauses them, and does not score their own.
            | Action::AnswerComplaint
            | Action::ExcuseRecording
            // Money belongs to the creditor: whoever lives from what comes in does not decide what counts.
            | Action::SettlePayments
            | Action::RunDaily
            | Action::RecallCases
            | Action::SetCalm
            | Action::MakeBundle
            | Action::DrawQuality
            | Action::ScoreQuality
            // They are learned from the visits of all agencies.
            | Action::SeeOddsHistory
            | Action::TrainOdds
    )
}

/// Allows or refuses, with the role that would be needed.
pub fn check(actor: &Actor, action: Action) -> Result<(), AppError> {
    if actor.agency.is_some() && creditors_only(action) {
        return Err(AppError::refuse(
            ProblemCode::NotAllowed,
            format!(
                "Staff of an agency may not {}; ask the creditor that the agency works for.",
                action.code().replace('-', " ")
            ),
        ));
    }
    if actor.device.is_some() && action != Action::Sync {
        // Whoever gives out enrolment codes could otherwise act in everybody's name.
        return Err(AppError::refuse(
            ProblemCode::NotAllowed,
            "A device may only sync. Sign in with login and password: `doorstep login`.",
        ));
    }
    if may(actor.role, action) {
        return Ok(());
    }
    let who: Vec<&str> = Role::ALL
        .iter()
        .filter(|role| may(**role, action))
        .map(|role| role.code())
        .collect();
    Err(AppError::refuse(
        ProblemCode::NotAllowed,
        format!(
            "The role `{}` may not {}; ask one of: {}.",
            actor.role.code(),
            action.code().replace('-', " "),
            who.join(", ")
        ),
    ))
}

/// The widest set of cases that the actor may see.
#[must_use]
pub fn scope(actor: &Actor) -> CaseScope {
    CaseScope {
        agency: actor.agency,
        // A supervisor works one team's cases; auditors and creditors' staff without a team see all teams.
        team: if actor.role == Role::Supervisor {
            actor.team
        } else {
            None
        },
        ..CaseScope::default()
    }
}

/// Whether a case is what the actor's work is about: the team's for a supervisor, all of their side for one without a team,
/// what the crew is sent for field staff. It is never an auditor's or administrator's.
#[must_use]
pub fn in_caseload(actor: &Actor, view: &CaseView) -> bool {
    match actor.role() {
        Role::Supervisor => crate::case::in_scope(view, &scope(actor)),
        // Doors are sent to a crew and chosen by the roster; field staff ask for no case by themselves.
        Role::Field => true,
        Role::Auditor | Role::Administrator => false,
    }
}

/// The widest set of cases that the actor may open with a purpose: all of their side.
#[must_use]
pub fn reach(actor: &Actor) -> CaseScope {
    CaseScope {
        team: None,
        ..scope(actor)
    }
}

/// The widest set of imports that the actor may see, take back, and fetch the rows given back of: as with cases.
#[must_use]
pub fn import_scope(actor: &Actor) -> ImportScope {
    let CaseScope { agency, team, .. } = scope(actor);
    ImportScope { agency, team }
}

/// Whether somebody of this agency, or of the creditor itself, is in the caller's reach: an agency's staff see and change
/// nobody but their own.
#[must_use]
pub fn reaches(actor: &Actor, agency: Option<AgencyId>) -> bool {
    actor.agency.is_none() || actor.agency == agency
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_somebody_and_nobody_has_every_action() {
        for action in Action::ALL {
            assert!(Role::ALL.iter().any(|role| may(*role, *action)), "{action}");
        }
        for role in Role::ALL {
            assert!(Action::ALL.iter().any(|action| !may(*role, *action)), "{role}");
        }
    }

    #[test]
    fn those_who_run_or_check_the_system_change_no_case() {
        for role in [Role::Auditor, Role::Administrator, Role::Field] {
            for action in [
                Action::ImportCases,
                Action::Plan,
                Action::ErasePerson,
                Action::ExportCases,
                Action::EditContact,
                Action::RecordContact,
                Action::Agree,
                Action::SettleConflict,
                Action::Review,
                Action::Restrict,
                Action::LiftRestriction,
                Action::RecallCases,
                Action::ImportPayments,
                Action::SettlePayments,
                Action::RunDaily,
                Action::SetCalm,
                Action::TrainOdds,
                Action::WriteLetter,
                Action::MakeBundle,
            ] {
                assert!(!may(role, action), "{role} {action}");
            }
        }
        assert!(!may(Role::Administrator, Action::SeeCases));
    }
}
