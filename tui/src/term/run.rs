//! The loop: waits for a key, an answer, a signal or the next moment at which the screen changes by itself; updates the
//! model; draws one frame for all that came. Asleep otherwise.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use doorstep_domain::measure::{Clock, Micros};
use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::guard::{Guard, failure};
use super::input::{Input, listen};
use super::surface::Surface;
use crate::app::effect::{Ask, Effect, Topic};
use crate::app::event::{Event, Target};
use crate::app::model::Model;
use crate::app::update::{next_tick, update};
use crate::map::Streets;
use crate::screens::{self, Views};
use crate::theme::Theme;

/// The shortest time between two frames.
const FRAME: Micros = Micros(16_000);
/// How long the program waits at its end for what is being recorded, a call for help among it.
const FINISH: Duration = Duration::from_secs(6);
/// As many events go into one frame at most.
const EVENTS_A_FRAME: usize = 256;

/// Who carries out what the screens ask for. Answers come back as events.
pub(crate) trait Worker {
    /// Begins to do it; returns at once.
    fn begin(&self, lang: Lang, request: u64, topic: Topic, ask: Ask);
    /// Stops what runs under a topic.
    fn cancel(&self, topic: Topic);
}

/// What the loop needs besides the model.
pub(crate) struct Stage<W> {
    /// Carries out effects.
    pub(crate) worker: W,
    /// What the worker and others report.
    pub(crate) events: UnboundedReceiver<Event>,
    /// How things look.
    pub(crate) theme: Theme,
    /// The clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// What drawing keeps.
    pub(crate) views: Views,
    /// Streets, when they are read.
    pub(crate) streets: Option<tokio::task::JoinHandle<Option<Streets>>>,
    /// What to do before the first key.
    pub(crate) first: Vec<Effect>,
}

/// Shows the screens until the program is left.
pub(crate) async fn run<W: Worker>(model: Model, mut stage: Stage<W>) -> io::Result<Model> {
    let mut terminal = Terminal::open(model, &stage)?;
    let first = std::mem::take(&mut stage.first);
    terminal.apply(first, &stage)?;
    let mut signals = Signals::new()?;
    while !terminal.model.over {
        terminal.draw(&stage)?;
        let wait = next_tick(&terminal.model) - stage.clock.now();
        let wait = Duration::from_micros(u64::try_from(wait.get()).unwrap_or(0));
        let came = tokio::select! {
            biased;
            came = signals.next() => came,
            () = failure() => return Err(io::Error::other("a part of the program failed; its message is above")),
            input = terminal.inputs.recv() => input.map_or(Came::Event(Event::Terminate), Came::Input),
            Some(event) = stage.events.recv() => Came::Event(event),
            streets = read(&mut stage.streets) => {
                stage.streets = None;
                if let Some(streets) = streets {
                    stage.views.set_streets(Arc::new(streets));
                }
                Came::Event(Event::Tick)
            }
            () = tokio::time::sleep(wait) => Came::Event(Event::Tick),
        };
        terminal.take(came, &stage)?;
        terminal.settle(&mut stage).await?;
    }
    terminal.finish(&mut stage).await?;
    Ok(terminal.model)
}

/// The streets when they are read; never, where none are.
async fn read(streets: &mut Option<tokio::task::JoinHandle<Option<Streets>>>) -> Option<Streets> {
    match streets {
        Some(reading) => reading.await.ok().flatten(),
        None => std::future::pending().await,
    }
}

/// Something that came.
enum Came {
    Input(Input),
    Event(Event),
    /// The process was continued after a stop.
    Continued,
}

struct Terminal {
    guard: Option<Guard>,
    surface: Surface<io::Stdout>,
    model: Model,
    hits: Vec<(Rect, Target)>,
    inputs: UnboundedReceiver<Input>,
    drawn: Micros,
}

impl Terminal {
    fn open<W>(mut model: Model, stage: &Stage<W>) -> io::Result<Self> {
        let guard = Some(Guard::enter()?);
        let size = crossterm::terminal::size()?;
        model.size = size;
        let (sender, inputs): (UnboundedSender<Input>, _) = unbounded_channel();
        listen(sender);
        Ok(Self {
            guard,
            surface: Surface::new(io::stdout(), size.0, size.1),
            model,
            hits: Vec::new(),
            inputs,
            drawn: Micros(stage.clock.now().get() - FRAME.get()),
        })
    }

    fn draw<W>(&mut self, stage: &Stage<W>) -> io::Result<()> {
        let (columns, rows) = self.model.size;
        self.surface.resize(columns, rows);
        let model = &self.model;
        self.hits = self
            .surface
            .draw(|buf| screens::draw(model, &stage.views, stage.theme, buf))?
            .0;
        self.drawn = stage.clock.now();
        Ok(())
    }

    /// Takes what has come meanwhile, so that many keys or a storm of sizes make one frame.
    async fn settle<W: Worker>(&mut self, stage: &mut Stage<W>) -> io::Result<()> {
        let left = FRAME.get() - (stage.clock.now().get() - self.drawn.get());
        if (1..=FRAME.get()).contains(&left) {
            tokio::time::sleep(Duration::from_micros(left.unsigned_abs())).await;
        }
        for _ in 0..EVENTS_A_FRAME {
            let came = match (self.inputs.try_recv(), stage.events.try_recv()) {
                (Ok(input), Err(_)) => Came::Input(input),
                (Err(_), Ok(event)) => Came::Event(event),
                (Ok(input), Ok(event)) => {
                    self.take(Came::Input(input), stage)?;
                    Came::Event(event)
                }
                (Err(_), Err(_)) => return Ok(()),
            };
            self.take(came, stage)?;
        }
        Ok(())
    }

    /// What was entered or recorded when the program was left goes to the disk first.
    async fn finish<W: Worker>(&mut self, stage: &mut Stage<W>) -> io::Result<()> {
        let end = tokio::time::Instant::now() + FINISH;
        while self.model.is_recording() {
            match tokio::time::timeout_at(end, stage.events.recv()).await {
                Ok(Some(event)) => self.take(Came::Event(event), stage)?,
                Ok(None) | Err(_) => break,
            }
        }
        Ok(())
    }

    fn take<W: Worker>(&mut self, came: Came, stage: &Stage<W>) -> io::Result<()> {
        let event = match came {
            Came::Event(event) | Came::Input(Input::Event(event)) => event,
            Came::Input(Input::Click(x, y)) => {
                let hit = self.hits.iter().rev().find(|(area, _)| area.contains((x, y).into()));
                match hit {
                    Some((_, target)) => Event::Tap(*target),
                    None => return Ok(()),
                }
            }
            Came::Input(Input::StopProcess) => return self.stop_process(),
            Came::Continued => {
                self.surface.forget();
                return Ok(());
            }
        };
        let effects = update(&mut self.model, event, stage.clock.now());
        self.apply(effects, stage)
    }

    fn apply<W: Worker>(&mut self, effects: Vec<Effect>, stage: &Stage<W>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Ask { request, topic, ask } => stage.worker.begin(self.model.lang, request, topic, ask),
                Effect::Cancel(topic) => stage.worker.cancel(topic),
                Effect::Copy(text) => self.surface.copy(&text)?,
                Effect::Bell => self.surface.bell()?,
                Effect::Quit => self.model.over = true,
            }
        }
        Ok(())
    }

    #[cfg(unix)]
    fn stop_process(&mut self) -> io::Result<()> {
        if let Some(guard) = self.guard.take() {
            self.guard = Some(guard.stop_process()?);
        }
        self.model.size = crossterm::terminal::size()?;
        self.surface.forget();
        Ok(())
    }

    #[cfg(not(unix))]
    #[allow(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "the other systems know no stop"
    )]
    fn stop_process(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Signals that end or wake the screens.
#[cfg(unix)]
struct Signals {
    ends: [tokio::signal::unix::Signal; 3],
    continued: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let continued = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
        Ok(Self {
            ends: [
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
                signal(SignalKind::interrupt())?,
            ],
            continued: signal(continued)?,
        })
    }

    async fn next(&mut self) -> Came {
        let [terminate, hangup, interrupt] = &mut self.ends;
        tokio::select! {
            _ = terminate.recv() => Came::Event(Event::Terminate),
            _ = hangup.recv() => Came::Event(Event::Terminate),
            _ = interrupt.recv() => Came::Event(Event::Terminate),
            _ = self.continued.recv() => Came::Continued,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps, reason = "as where there are signals")]
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Came {
        let _ = tokio::signal::ctrl_c().await;
        Came::Event(Event::Terminate)
    }
}
