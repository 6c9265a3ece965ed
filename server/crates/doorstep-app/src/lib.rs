//! Use cases: authorise, decide, write, audit. Knows storage and rules, but no HTTP and no screen.
//!
//! Start with [`App`], which holds what every use case needs, and [`policy`], which says who may do what. Each noun has a
//! file; a use case is named after what a person does (`import_cases`, `publish_plan`). [`mod@file`] turns an uploaded file
//! into rows. Time and randomness of decisions come from [`App`]'s clock and from arguments.

pub mod actor;
pub mod address;
pub mod agency;
pub mod agreement;
pub mod alarm;
pub mod approval;
pub mod books;
pub mod bundle;
mod called_off;
pub mod calm;
pub mod case;
pub mod complaint;
pub mod conflict;
pub mod consent;
pub mod contact;
pub mod contact_log;
pub mod credential;
pub mod daily;
pub mod device;
pub mod error;
pub mod export;
pub mod facts;
pub mod file;
pub mod flag;
pub mod import;
pub mod land;
pub mod leaflet;
pub mod letter;
pub mod live;
pub mod log;
pub mod notice;
pub mod odds;
pub mod org;
pub mod page;
pub mod papers;
pub mod payment;
pub mod plan;
pub mod planning;
pub mod policy;
pub mod pull;
pub mod push;
pub mod quality;
pub mod reads;
pub mod recall;
pub mod receipt;
pub mod recording;
pub mod report;
pub mod restriction;
pub mod retention;
pub mod review;
pub mod rules;
pub mod setup;
pub mod staff;
pub mod stamp;
pub mod strategy;
pub mod training;
pub mod visit;
pub mod whereabouts;
pub mod witness;
pub mod work;

mod book;
mod corrections;
mod cursor;
mod day;
mod door;
mod joined;
mod loan;
mod note;
mod reason;
mod records;
mod say;
mod scope;
mod session;
mod worth;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use doorstep_domain::measure::{Clock, Micros};
use doorstep_roads::Roads;
use doorstep_rules::PackSet;
use doorstep_store::Store;
use doorstep_store::blobs::Blobs;
use tokio::sync::{Notify, watch};

pub use actor::Actor;
pub use error::AppError;
pub use say::FileAnswer;

/// What the application is made of.
pub struct AppParts {
    /// Storage.
    pub store: Store,
    /// Where recordings lie, sealed.
    pub blobs: Arc<dyn Blobs>,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// The rule packs in force.
    pub packs: PackSet,
    /// Where travel times come from.
    pub roads: Arc<dyn Roads>,
    /// Name of the deployment, first part of the logs' origins.
    pub deployment: String,
    /// Where visited persons reach the server; empty where it is the address that devices have.
    pub public_url: String,
    /// What notices of visits are made with.
    pub notices: notice::NoticeSettings,
    /// What papers are made with.
    pub papers: papers::PaperSettings,
    /// What training is held with.
    pub training: training::TrainingSettings,
    /// The largest file that is imported, in bytes.
    pub import_bytes_max: u64,
    /// Which witnesses cosign the logs; nobody where absent.
    pub witness_policy: Option<witness::WitnessPolicy>,
    /// Who may vouch for time stamps; `None` where checkpoints are not stamped.
    pub stamps: Option<stamp::StampSettings>,
}

/// The application: cheap to clone, all clones are one.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: AppParts,
    whereabouts: whereabouts::Whereabouts,
    scopes: scope::Scopes,
    wake: watch::Sender<u64>,
    office: watch::Sender<u64>,
    plan_jobs: Notify,
    notices_queued: Notify,
    /// Whether witnesses were asked before the first signature of this process.
    witnesses_asked: AtomicBool,
}

impl App {
    /// Puts the application together.
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(Inner {
            parts,
            whereabouts: whereabouts::Whereabouts::new(),
            scopes: scope::Scopes::default(),
            wake: watch::Sender::new(0),
            office: watch::Sender::new(0),
            plan_jobs: Notify::new(),
            notices_queued: Notify::new(),
            witnesses_asked: AtomicBool::new(false),
        }))
    }
    /// Storage, for what administers it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }
    /// Where recordings lie, sealed.
    #[must_use]
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.0.parts.blobs
    }
    /// The rule packs in force.
    #[must_use]
    pub fn packs(&self) -> &PackSet {
        &self.0.parts.packs
    }
    pub(crate) fn roads(&self) -> &Arc<dyn Roads> {
        &self.0.parts.roads
    }
    pub(crate) fn whereabouts(&self) -> &whereabouts::Whereabouts {
        &self.0.whereabouts
    }
    pub(crate) fn scopes(&self) -> &scope::Scopes {
        &self.0.scopes
    }
    /// The present.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.0.parts.clock.now()
    }
    /// Changes whenever something changed that a device may pull.
    #[must_use]
    pub fn wake(&self) -> watch::Receiver<u64> {
        self.0.wake.subscribe()
    }
    /// Changes whenever something changed that the office may want to see at once.
    #[must_use]
    pub fn wake_of_office(&self) -> watch::Receiver<u64> {
        self.0.office.subscribe()
    }
    pub(crate) fn wake_devices(&self) {
        self.0.wake.send_modify(|count| *count += 1);
        self.wake_office();
    }
    pub(crate) fn wake_office(&self) {
        self.0.office.send_modify(|count| *count += 1);
    }
    pub(crate) fn plan_jobs(&self) -> &Notify {
        &self.0.plan_jobs
    }
    /// Told when notices wait to be handed over.
    #[must_use]
    pub fn notices_queued(&self) -> &Notify {
        &self.0.notices_queued
    }
    /// Whether storage answers.
    pub async fn ready(&self) -> Result<(), AppError> {
        Ok(self.store().ping().await?)
    }
    /// Gives queued entries their places and signs the heads; nothing before witnesses were asked what they hold, where
    /// there are any. Returns how many leaves were placed.
    pub async fn run_sequencer(&self) -> Result<usize, AppError> {
        // Every process runs this all the time, so nothing stays in memory longer than it may.
        self.scopes().expire(self.now());
        if !self.witnesses_were_asked() {
            return Ok(0);
        }
        Ok(self.store().log_sequence_all(self.now()).await?)
    }
}
