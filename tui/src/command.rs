//! Carries out the parsed command: one file per noun. Each hands back an answer and prints nothing itself.

pub(crate) mod agency;
pub(crate) mod alarm;
pub(crate) mod approval;
pub(crate) mod case;
pub(crate) mod complaint;
pub(crate) mod conflict;
pub(crate) mod contact;
pub(crate) mod credential;
pub(crate) mod day;
pub(crate) mod device;
pub(crate) mod evidence;
pub(crate) mod flags;
pub(crate) mod folder;
pub(crate) mod import;
pub(crate) mod joined;
pub(crate) mod keys;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod navigate;
pub(crate) mod notice;
pub(crate) mod org;
pub(crate) mod outbox;
pub(crate) mod partner;
pub(crate) mod person;
pub(crate) mod plan;
pub(crate) mod quality;
pub(crate) mod reads;
pub(crate) mod recall;
pub(crate) mod receipt;
pub(crate) mod recorder;
pub(crate) mod recording;
pub(crate) mod retention;
pub(crate) mod reviews;
pub(crate) mod right;
pub(crate) mod route;
pub(crate) mod rules;
pub(crate) mod screen;
pub(crate) mod session;
pub(crate) mod sheet;
pub(crate) mod sos;
pub(crate) mod staff;
pub(crate) mod strategy;
pub(crate) mod sync;
pub(crate) mod verify;
pub(crate) mod visit;
pub(crate) mod wish;
pub(crate) mod witness;

use crate::answer::Answer;
use crate::cli::Command;
use crate::context::Context;
use crate::demo;
use crate::failure::Failure;
use crate::local;

/// Carries out a command.
pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        Command::Screen(args) => screen::run(&args, context).await,
        Command::Keys => Ok(keys::run(context)),
        Command::Demo(args) => demo::run(args, context).await,
        Command::Init(args) => folder::init(&args, context).await,
        Command::Serve(args) => folder::serve(&args, context).await,
        Command::Backup(args) => folder::backup(&args, context).await,
        Command::Restore(args) => folder::restore(&args, context).await,
        Command::Doctor(args) => folder::doctor(&args, context).await,
        Command::Login(args) => session::login(&args, context).await,
        Command::Logout => session::logout(context).await,
        Command::Whoami => session::whoami(context).await,
        Command::Agency(command) => agency::run(command, context).await,
        Command::Portfolio(command) => org::portfolio(command, context).await,
        Command::Strategy(command) => strategy::run(command, context).await,
        Command::Staff(command) => staff::run(command, context).await,
        Command::Case(command) => case::run(command, context).await,
        Command::Contact(command) => contact::run(command, context).await,
        Command::Plan(command) => plan::run(command, context).await,
        Command::Notice(command) => notice::run(command, context).await,
        Command::Day(command) => day::run(command, context).await,
        Command::Device(command) => device::run(command, context).await,
        Command::Visit(command) => visit::run(command, context).await,
        Command::Sync(args) => sync::run(&args, context).await,
        Command::Sos(args) => sos::run(&args, context).await,
        Command::Outbox(args) => outbox::run(args, context).await,
        Command::Conflicts(args) => conflict::run(args, context).await,
        Command::Complaint(command) => complaint::run(command, context).await,
        Command::Retention(command) => retention::run(command, context).await,
        Command::Recorder(command) => recorder::run(command, context).await,
        Command::Evidence(command) => recording::run(command, context).await,
        Command::Review(command) => reviews::run(command, context).await,
        Command::Quality(command) => quality::run(command, context).await,
        Command::Reads(command) => reads::run(command, context).await,
        Command::Live(args) => live::run(&args, context).await,
        Command::Alarms(args) => alarm::run(args, context).await,
        Command::Approvals(args) => approval::run(args, context).await,
        Command::Rules(command) => rules::run(&command, context).await,
        Command::Restriction(command) => right::restriction(command, context).await,
        Command::Consent(command) => right::consent(command, context).await,
        Command::Wish(command) => wish::run(command, context).await,
        Command::Person(command) => person::run(command, context).await,
        Command::Log(command) => log::run(command, context).await,
        Command::Receipt(command) => receipt::run(command, context).await,
        Command::Verify(args) => verify::run(&args, context),
        Command::Witness(command) => local::witness(command, context).await,
    }
}
