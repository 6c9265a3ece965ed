//! The command line as data: global options and the list of commands. Each noun keeps its own part.

use crate::command::{
    agency, alarm, approval, case, complaint, conflict, contact, day, device, folder, live, log, notice, org, outbox,
    person, plan, quality, reads, receipt, recorder, recording, retention, reviews, right, rules, screen, session, sos,
    staff, strategy, sync, verify, visit, wish, witness,
};
use crate::demo::DemoArgs;
use clap::{Args, Parser, Subcommand};
use doorstep_domain::words::Lang;
use std::path::PathBuf;

/// Plans, routes and logs home visits, and afterwards proves what happened.
#[derive(Debug, Parser)]
#[command(name = "doorstep", version, max_term_width = 100)]
#[command(after_help = "Exit status: 0 done, 1 refused or a check failed, 2 wrong usage, 3 server not reached.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Default, Args)]
pub(crate) struct Globals {
    /// The server; also `DOORSTEP_SERVER` [default: the session's, or `http://127.0.0.1:7450`]
    #[arg(long, global = true, value_name = "URL", help_heading = "Everywhere")]
    pub(crate) server: Option<String>,
    /// Where the session is kept; also `DOORSTEP_SESSION`
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub(crate) session: Option<PathBuf>,
    /// The folder of the field device; also `DOORSTEP_DEVICE_DIR`
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub(crate) device_dir: Option<PathBuf>,
    /// One JSON document instead of text
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
    /// Language: en or zh-CN [default: the system's]
    #[arg(long, global = true, value_name = "TAG", help_heading = "Everywhere")]
    pub(crate) lang: Option<Lang>,
    /// Time zone for times whose own zone is not known; also `DOORSTEP_ZONE` [default: UTC]
    #[arg(long, global = true, value_name = "ZONE", help_heading = "Everywhere")]
    pub(crate) zone: Option<String>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open the screens: of field staff on an enrolled device, otherwise of the office
    Screen(screen::ScreenArgs),
    /// List what the screens can do: names, keys, and the same on the command line
    Keys,
    /// Open the screens in a made-up town, or walk the whole path in it as commands
    Demo(DemoArgs),
    /// Make a data folder with a tenant and its administrator
    Init(folder::InitArgs),
    /// Serve a data folder
    Serve(folder::ServeArgs),
    /// Copy a data folder while it is in use
    Backup(folder::BackupArgs),
    /// Make a data folder or database from a backup
    Restore(folder::RestoreArgs),
    /// Examine a data folder
    Doctor(folder::DoctorArgs),
    /// Sign in
    Login(session::LoginArgs),
    /// End the session
    Logout,
    /// Say who is signed in
    Whoami,
    /// Staff: import, list, passwords
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Agencies that visit for the creditor
    #[command(subcommand)]
    Agency(agency::AgencyCommand),
    /// Portfolios: what they ask of the rules, how old amounts may be
    #[command(subcommand)]
    Portfolio(org::PortfolioCommand),
    /// Strategies of portfolios: stages, and what follows from them
    #[command(subcommand)]
    Strategy(strategy::StrategyCommand),
    /// Cases: import, list, show, export
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// Calls, messages and letters: check before, add, list, import
    #[command(subcommand)]
    Contact(contact::ContactCommand),
    /// Plans: propose, explain, publish
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    /// Notices of visits: list, show, hand over, say what became of them, print again
    #[command(subcommand)]
    Notice(notice::NoticeCommand),
    /// The day on this device: open, close
    #[command(subcommand)]
    Day(day::DayCommand),
    /// Field devices
    #[command(subcommand)]
    Device(device::DeviceCommand),
    /// Visits: list, and start and finish them on this device
    #[command(subcommand)]
    Visit(visit::VisitCommand),
    /// Send this device's events and fetch its doors
    Sync(sync::SyncArgs),
    /// Call for help: kept without a network, sent before everything else
    Sos(sos::SosArgs),
    /// What waits on this device, and what its visits dispute: list, conflicts, settle
    Outbox(outbox::OutboxArgs),
    /// Two stories about one thing: list, show, settle
    Conflicts(conflict::ConflictArgs),
    /// Complaints: list, show, open, take, answer
    #[command(subcommand)]
    Complaint(complaint::ComplaintCommand),
    /// Body recorders and who carries them: add, assign, list, end
    #[command(subcommand)]
    Recorder(recorder::RecorderCommand),
    /// Recordings of visits: import, list, show, export, excuse
    #[command(subcommand)]
    Evidence(recording::EvidenceCommand),
    /// Visits with remarks: list, show, decide
    #[command(subcommand)]
    Review(reviews::ReviewCommand),
    /// Quality checks: draw, list, show, score, appeal, decide, rates
    #[command(subcommand)]
    Quality(quality::QualityCommand),
    /// Who opened persons outside their caseload: list, say what you found
    #[command(subcommand)]
    Reads(reads::ReadsCommand),
    /// The day as it goes: crews, where they are, what is late
    Live(live::LiveArgs),
    /// Alarms, for example overdue check-outs: list, acknowledge, extend, end
    Alarms(alarm::AlarmArgs),
    /// What needs a second person: list, ask, approve, refuse
    Approvals(approval::ApprovalArgs),
    /// How long persons are kept: list, purge, legal holds
    #[command(subcommand)]
    Retention(retention::RetentionCommand),
    /// Rule packs: list, explain, ask of facts, coverage
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// What narrows contacts with a person: list, add, lift
    #[command(subcommand)]
    Restriction(right::RestrictionCommand),
    /// What the person agreed to, and overrides of one rule: list, add, withdraw
    #[command(subcommand)]
    Consent(right::ConsentCommand),
    /// What persons said on the pages of their notices: list, accept, decline
    #[command(subcommand)]
    Wish(wish::WishCommand),
    /// Persons: edit, erase
    #[command(subcommand)]
    Person(person::PersonCommand),
    /// The tamper-evident log: head, proofs, export
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Receipts of visited persons, for whoever holds one
    #[command(subcommand)]
    Receipt(receipt::ReceiptCommand),
    /// Verify an export, a proof or a receipt, offline
    Verify(verify::VerifyArgs),
    /// Be a witness for logs of others: cosign what only grows, keep what was rewritten
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
}
