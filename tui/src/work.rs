//! Carries out what the screens ask for: on the device, on the server, on the machine. Answers come back as events; the
//! screens never wait.

mod desk;
mod field;
mod machine;
mod office;
mod reads;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorstep_device::{Device, DeviceError, Transport};
use doorstep_domain::measure::Clock;
use doorstep_domain::words::Lang;
use doorstep_wire::sync::Position;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use crate::app::effect::{Answered, Ask, DemoAsk, Topic, Trouble};
use crate::app::event::Event;
use crate::command::log::Copied;
use crate::env::Machine;
use crate::failure::Failure;
use crate::map::Streets;
use crate::term::Worker;

/// What a demo can do besides, carried out by the demo itself.
pub(crate) trait Prompter: Send + Sync {
    /// Does it; what to say.
    fn act(&self, ask: DemoAsk, lang: Lang) -> Result<String, Failure>;
    /// What is done to the copy of the log that is verified: in a demo somebody may have changed a byte of it.
    fn tampering(&self) -> Option<Copied>;
    /// Where somebody is who stands at this door.
    fn position(&self, door: [i64; 2]) -> Position;
}

/// Where the map's streets come from.
#[derive(Clone)]
pub(crate) enum StreetSource {
    /// A file that may be missing: the map then has stops without streets.
    File(PathBuf),
    /// A made-up town: of the demo, which needs the server inside.
    #[cfg(feature = "server")]
    Made(Arc<dyn Fn() -> Streets + Send + Sync>),
}

impl StreetSource {
    /// Reads the streets. A file that is not one says so in the log; the map works without.
    pub(crate) fn read(&self) -> Option<Streets> {
        match self {
            #[cfg(feature = "server")]
            Self::Made(make) => Some(make()),
            Self::File(path) => {
                let text = std::fs::read_to_string(path).ok()?;
                let streets = Streets::from_geojson(&text);
                streets
                    .map_err(|error| tracing::warn!(error.code = error.code(), "the streets of the map cannot be read"))
                    .ok()
            }
        }
    }
}

/// What the worker works with.
pub(crate) struct Tools {
    /// The folder of the field device.
    pub(crate) device_dir: PathBuf,
    /// The clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// Another way to the server than the device's own.
    pub(crate) transport: Option<Arc<dyn Transport>>,
    /// The machine: where it is, where photos are.
    pub(crate) machine: Machine,
    /// The server of the office, and where its session is kept.
    pub(crate) server: String,
    /// Where the session is kept.
    pub(crate) session_file: PathBuf,
    /// Streets of the map.
    pub(crate) streets: StreetSource,
    /// The demo, where this is one.
    pub(crate) prompter: Option<Arc<dyn Prompter>>,
}

/// Carries out effects on tasks of its own.
#[derive(Clone)]
pub(crate) struct Hands(Arc<Inner>);

struct Inner {
    tools: Tools,
    events: UnboundedSender<Event>,
    device: tokio::sync::RwLock<Option<Arc<Device>>>,
    tasks: Mutex<BTreeMap<Topic, JoinHandle<()>>>,
    waker: Mutex<Option<JoinHandle<()>>>,
    waker_of_office: Mutex<Option<tokio::task::AbortHandle>>,
    office: office::Desk,
}

/// How long the server is waited for when it has nothing to say.
const WAKE: Duration = Duration::from_mins(10);

impl Hands {
    /// Hands that report to `events`.
    pub(crate) fn new(tools: Tools, events: UnboundedSender<Event>) -> Self {
        Self(Arc::new(Inner {
            tools,
            events,
            device: tokio::sync::RwLock::new(None),
            tasks: Mutex::new(BTreeMap::new()),
            waker: Mutex::new(None),
            waker_of_office: Mutex::new(None),
            office: office::Desk::default(),
        }))
    }

    /// Closes the device, so that everything is on the disk before the program ends.
    pub(crate) async fn close(self) {
        let tasks = std::mem::take(&mut *lock(&self.0.tasks));
        for (_, task) in tasks {
            stopped(task).await;
        }
        if let Some(waker) = lock(&self.0.waker_of_office).take() {
            waker.abort();
        }
        self.drop_device().await;
    }

    async fn drop_device(&self) {
        let waker = lock(&self.0.waker).take();
        if let Some(waker) = waker {
            stopped(waker).await;
        }
        let device = self.0.device.write().await.take();
        if let Some(device) = device.and_then(Arc::into_inner) {
            device.close().await;
        }
    }

    async fn device(&self) -> Result<Arc<Device>, Failure> {
        let device = self.0.device.read().await.clone();
        let dir = self.0.tools.device_dir.clone();
        device.ok_or_else(|| Failure::from(DeviceError::NotEnrolled { dir }))
    }

    async fn carry_out(&self, lang: Lang, ask: Ask) -> Result<Answered, Failure> {
        match ask {
            Ask::Office(ask) => office::carry_out(self, lang, ask).await,
            Ask::SignIn {
                login,
                password,
                renewed,
            } => office::sign_in(self, lang, (login, password, renewed)).await,
            Ask::Position(door) => Ok(Answered::Position(match &self.0.tools.prompter {
                Some(prompter) => Some(prompter.position(door)),
                None => machine::position(&self.0.tools.machine).await,
            })),
            Ask::CheckFile(path) => machine::check(path).map(Answered::FileFits),
            Ask::Files => Ok(Answered::Files(machine::photos(&self.0.tools.machine))),
            Ask::Demo(ask) => match &self.0.tools.prompter {
                Some(prompter) => prompter.act(ask, lang).map(Answered::Demo),
                None => Ok(Answered::Done),
            },
            ask => field::carry_out(self, lang, ask).await,
        }
    }

    /// Listens for the server's word that something changed, until there is no network. The next exchange that works
    /// begins again.
    fn listen(&self, device: &Arc<Device>) {
        let mut waker = lock(&self.0.waker);
        if waker.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let (device, events) = (Arc::downgrade(device), self.0.events.clone());
        let task = tokio::spawn(async move {
            while let Some(device) = device.upgrade() {
                match device.wake(WAKE).await {
                    Ok(true) if events.send(Event::Woken).is_err() => return,
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        });
        *waker = Some(task);
    }
}

impl Worker for Hands {
    fn begin(&self, lang: Lang, request: u64, topic: Topic, ask: Ask) {
        let hands = self.clone();
        let recorded = topic == Topic::Record || topic == Topic::Sos;
        let task = tokio::spawn(async move {
            let result = hands.carry_out(lang, ask).await;
            let result = result.map_err(|failure| trouble(&failure, lang));
            // Nobody listens any more when the program ends; what was recorded is recorded.
            let _ = hands.0.events.send(Event::Answer { request, topic, result });
        });
        // What is recorded is never stopped half way.
        if !recorded {
            lock(&self.0.tasks).insert(topic, task);
        }
    }

    fn cancel(&self, topic: Topic) {
        if let Some(task) = lock(&self.0.tasks).remove(&topic) {
            task.abort();
        }
    }
}

/// Stops a task and waits until it has let go of the device, which is closed by whoever is the last to hold it.
async fn stopped(task: JoinHandle<()>) {
    task.abort();
    // It was stopped or had ended; there is nothing else to know.
    let _ = task.await;
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A failure as the screens show it.
pub(crate) fn trouble(failure: &Failure, lang: Lang) -> Trouble {
    let network = match failure {
        Failure::Unreachable { .. } => true,
        Failure::Device(error) => matches!(error.as_ref(), DeviceError::Network(_) | DeviceError::Busy),
        _ => false,
    };
    let text = failure.text(lang);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.pop();
    let (details, text): (Vec<&str>, Vec<&str>) = lines.into_iter().partition(|line| line.starts_with("- "));
    Trouble {
        code: failure.code().to_owned(),
        text: text.join("\n"),
        network,
        details: details
            .into_iter()
            .map(|line| line.trim_start_matches("- ").to_owned())
            .collect(),
    }
}
