//! What field staff see: the route, one visit with what was entered, the outbox. Only what the device shows of itself:
//! of several persons behind one door, one at a time.

use std::collections::BTreeMap;
use std::path::PathBuf;

use doorstep_device::Day;
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Requirement;
use doorstep_rules::Closing;
use doorstep_wire::sync::Position;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::list::ListState;
use super::looked::Looked;
use super::model::Place;
use crate::said::Said;

/// How far a stop has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum StopState {
    /// Not begun.
    #[default]
    Ahead,
    /// Checked in.
    Begun,
    /// Checked out.
    Done,
    /// Left out.
    Skipped,
    /// Withdrawn before it began: nobody goes there, and nothing here names anybody.
    Off,
}

/// A stop of the route. Never an amount: that opens after check-in, when the person is identified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Stop {
    /// Its number in the route, from 1.
    pub(crate) number: usize,
    /// The visit.
    pub(crate) visit: Uuid,
    /// The lender's number.
    pub(crate) case_no: String,
    /// Whom to ask for.
    pub(crate) name: String,
    /// Where.
    pub(crate) address: String,
    /// Latitude and longitude in 1e-7 degrees, WGS-84.
    pub(crate) point: [i64; 2],
    /// IANA time zone of the address.
    pub(crate) zone: String,
    /// Planned start.
    pub(crate) starts: i64,
    /// Planned end.
    pub(crate) ends: i64,
    /// How far it has come.
    pub(crate) state: StopState,
    /// Why it may not begin now: rule and sentence; empty where it may.
    pub(crate) blocked: Vec<(String, String)>,
    /// When it may begin and end, in microseconds.
    pub(crate) allowed: Vec<[i64; 2]>,
    /// How many staff must be there.
    pub(crate) staff_min: u8,
    /// Safety notes as codes of flags.
    pub(crate) notes: Vec<String>,
    /// What must be done before check-out, by code.
    pub(crate) required: Vec<String>,
    /// What may not be said, by code.
    pub(crate) not_said: Vec<String>,
    /// Language tag of the person.
    pub(crate) language: String,
    /// The rule for which it was withdrawn.
    pub(crate) off: Option<String>,
}

/// The route of the day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Route {
    /// The stops in their order.
    pub(crate) stops: Vec<Stop>,
}

/// An alarm of somebody of the crew or team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TeamAlarm {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its kind, by code.
    pub(crate) kind: String,
    /// Staff number of who is silent or calls.
    pub(crate) staff: String,
    /// Since when.
    pub(crate) raised_at: i64,
    /// Where they were last, in 1e-7 degrees.
    pub(crate) point: Option<[i64; 2]>,
}

/// What the device knows of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct DeviceFacts {
    /// Staff number of its owner.
    pub(crate) login: String,
    /// The others of the crew: id and staff number.
    pub(crate) partners: Vec<(Uuid, String)>,
    /// Until when it may hold its cases; 0 before the first pull.
    pub(crate) lease_until: i64,
    /// When the permit in force ends.
    pub(crate) permit_expires: Option<i64>,
    /// As of when its facts are right.
    pub(crate) permit_as_of: Option<i64>,
    /// How many events wait.
    pub(crate) waiting: usize,
    /// Whether the server revoked the device.
    pub(crate) revoked: bool,
    /// How many notes of the server are kept as evidence against it.
    pub(crate) evidence: i64,
    /// Alarms of the crew's others.
    pub(crate) alarms: Vec<TeamAlarm>,
    /// The server.
    pub(crate) server: String,
    /// The visit that is begun, and when its check-out is expected.
    pub(crate) begun: Option<(Uuid, i64)>,
    /// What was said last of the day.
    pub(crate) day: Day,
}

/// A visit as its screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sheet {
    /// The stop.
    pub(crate) stop: Stop,
    /// When it was checked in.
    pub(crate) checked_in: Option<i64>,
    /// When check-out is expected.
    pub(crate) due_out: Option<i64>,
    /// Whether identity and authority were shown.
    pub(crate) identity_shown: bool,
    /// Whether the person was identified.
    pub(crate) identified: bool,
    /// What may be told the identified person, as text.
    pub(crate) amount: Option<String>,
    /// ISO 4217 code of the amount.
    pub(crate) currency: Option<String>,
    /// Phone, after identification.
    pub(crate) phone: Option<String>,
    /// What was entered before.
    pub(crate) draft: Draft,
    /// What is said at the door and what never is, in the order of a visit.
    pub(crate) said: Vec<Said>,
}

/// What was entered and not recorded yet; kept sealed on the device, so that a dead battery loses nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Draft {
    /// Who was met, by code.
    pub(crate) outcome: Option<ContactOutcome>,
    /// What came of the matter, by code.
    pub(crate) matter: Option<MatterOutcome>,
    /// Day of a promise, ISO date.
    pub(crate) promise_day: String,
    /// Amount of a promise, as typed.
    pub(crate) promise_amount: String,
    /// The note.
    pub(crate) note: String,
    /// Files.
    pub(crate) evidence: Vec<PathBuf>,
    /// What was required and is done, by code.
    pub(crate) done: Vec<String>,
}

/// An event that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Kind of event, by code.
    pub(crate) kind: String,
    /// Case it is about, where the device still holds it.
    pub(crate) case_no: Option<String>,
    /// When it was made.
    pub(crate) made_at: i64,
    /// State, by code.
    pub(crate) state: String,
    /// Why the server put it aside.
    pub(crate) code: Option<String>,
}

/// Two sides of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// Its id.
    pub(crate) id: Uuid,
    /// The case.
    pub(crate) case_no: String,
    /// The field, in words.
    pub(crate) field: String,
    /// What one says, who and when.
    pub(crate) left: (String, String),
    /// What the other says, who and when.
    pub(crate) right: (String, String),
    /// Which one counts until it is settled: `left` or `right`.
    pub(crate) current: String,
}

/// How something required stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tick {
    /// Done.
    Done,
    /// To be done.
    Open,
    /// Not to be done: nobody was met, or it is the check-out itself.
    Moot,
}

impl Tick {
    /// A sign for it.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Done => "[x]",
            Self::Open => "[ ]",
            Self::Moot => "[-]",
        }
    }
}

/// A step of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Step {
    /// May it begin.
    #[default]
    Permit,
    /// Who was met.
    Who,
    /// What came of the matter.
    Matter,
    /// What a rule requires.
    Proof,
    /// Check out.
    Out,
}

/// The steps in their order.
pub(crate) const STEPS: [Step; 5] = [Step::Permit, Step::Who, Step::Matter, Step::Proof, Step::Out];

/// What field staff see.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldModel {
    /// The route; nothing before the first answer.
    pub(crate) route: Option<Route>,
    /// The device.
    pub(crate) facts: DeviceFacts,
    /// The chosen stop.
    pub(crate) stops: ListState,
    /// What the list is filtered by.
    pub(crate) filter: String,
    /// The numbers under which visits that are on were shown last: whoever has seen one is told that it is off.
    pub(crate) seen: BTreeMap<Uuid, usize>,
    /// The visit that is open.
    pub(crate) sheet: Option<Sheet>,
    /// Which step of it is shown.
    pub(crate) step: Step,
    /// The chosen option of the step.
    pub(crate) options: ListState,
    /// Where the machine is, as it was asked for this moment; nothing while the answer is awaited.
    pub(crate) position: Option<Position>,
    /// When that was measured.
    pub(crate) positioned: Micros,
    /// The trouble that was said last, by code: it is not said again every minute.
    pub(crate) trouble: Option<String>,
    /// Whether the server said that something changed while an exchange was under way.
    pub(crate) woken: bool,
    /// The last call for help, and whether the server has it.
    pub(crate) sos: Option<(Micros, bool)>,
    /// What waits.
    pub(crate) waiting: Vec<Waiting>,
    /// Conflicts.
    pub(crate) conflicts: Vec<Conflict>,
    /// The chosen line of the outbox: conflicts first, then events.
    pub(crate) outbox: ListState,
    /// Who looked at whoever carries this device.
    pub(crate) looked: Looked,
    /// How many notes were kept as evidence when that was told last; nothing before the device answered.
    pub(crate) evidence_told: Option<i64>,
    /// The draft that is being kept.
    pub(crate) keeping: Option<(Uuid, Draft)>,
    /// Drafts that are kept next, by visit: they outlive the visit's screen.
    pub(crate) unkept: BTreeMap<Uuid, Draft>,
}

impl FieldModel {
    /// Stops that the filter leaves, by their place in the route.
    pub(crate) fn shown(&self) -> Vec<usize> {
        let stops = self.route.as_ref().map_or(&[][..], |route| &route.stops);
        let wanted = self.filter.to_lowercase();
        let fits = |stop: &Stop| {
            let has = |text: &str| text.to_lowercase().contains(&wanted);
            wanted.is_empty() || has(&stop.name) || has(&stop.case_no) || has(&stop.address)
        };
        (0..stops.len()).filter(|place| fits(&stops[*place])).collect()
    }

    /// The chosen stop.
    pub(crate) fn chosen(&self) -> Option<&Stop> {
        let place = *self.shown().get(self.stops.chosen)?;
        self.route.as_ref()?.stops.get(place)
    }

    /// The stop that the screen is about: of the open visit, otherwise the chosen one.
    pub(crate) fn stop_at(&self, place: Place) -> Option<&Stop> {
        match place {
            Place::Visit => self.sheet.as_ref().map(|sheet| &sheet.stop),
            _ => self.chosen(),
        }
    }

    /// The list of a screen with its length.
    pub(crate) fn list_mut(&mut self, place: Place) -> Option<(&mut ListState, usize)> {
        match place {
            Place::Today => {
                let len = self.shown().len();
                Some((&mut self.stops, len))
            }
            Place::Outbox => {
                let len = self.conflicts.len() + self.waiting.len();
                Some((&mut self.outbox, len))
            }
            Place::Visit => {
                let len = super::visit::options(self).len();
                Some((&mut self.options, len))
            }
            _ => None,
        }
    }

    /// The case of the chosen line of the outbox.
    pub(crate) fn case_in_outbox(&self) -> Option<String> {
        if let Some(conflict) = self.conflicts.get(self.outbox.chosen) {
            return Some(conflict.case_no.clone());
        }
        let line = self.outbox.chosen.saturating_sub(self.conflicts.len());
        self.waiting.get(line)?.case_no.clone()
    }

    /// What was entered for a visit and is not on the disk yet.
    pub(crate) fn newer_draft(&self, visit: Uuid) -> Option<&Draft> {
        let keeping = self.keeping.as_ref().filter(|(of, _)| *of == visit);
        self.unkept.get(&visit).or(keeping.map(|(_, draft)| draft))
    }

    /// The place of the first stop that is not done, for the cursor when the day is opened.
    pub(crate) fn first_open(&self) -> usize {
        let stops = self.route.as_ref().map_or(&[][..], |route| &route.stops);
        let open = |stop: &Stop| matches!(stop.state, StopState::Ahead | StopState::Begun);
        let begun = stops.iter().position(|stop| stop.state == StopState::Begun);
        begun.or_else(|| stops.iter().position(open)).unwrap_or(0)
    }
}

impl Sheet {
    /// What of the sentences belongs on the screen by who was met.
    pub(crate) fn words(&self) -> impl Iterator<Item = &Said> {
        self.said.iter().filter(|said| said.is_for(self.draft.outcome))
    }

    /// How a requirement stands: what nobody could do is not said to be done.
    pub(crate) fn tick(&self, code: &str, draft: &Draft) -> Tick {
        let known = code.parse::<Requirement>().ok();
        let recorded = [
            self.identity_shown.then_some(Requirement::Badge),
            self.identified.then_some(Requirement::IdentityCheck),
            draft.outcome.map(|_| Requirement::Outcome),
        ];
        let closing = Closing {
            present: recorded.into_iter().flatten().collect(),
            met: draft.outcome.is_none_or(ContactOutcome::contacted),
        };
        let is_present = |item| closing.present.contains(&item);
        let done = draft.done.iter().any(|done| done == code) || known.is_some_and(is_present);
        let moot = known.is_some_and(|item| item == Requirement::CheckOut || closing.settles(item));
        match (done, moot) {
            (true, _) => Tick::Done,
            (false, true) => Tick::Moot,
            (false, false) => Tick::Open,
        }
    }

    /// What is required, without the check-out, which is what all this leads to.
    pub(crate) fn items(&self) -> impl Iterator<Item = &String> {
        let check_out = Requirement::CheckOut.code();
        self.stop.required.iter().filter(move |code| *code != check_out)
    }

    /// What is required and open.
    pub(crate) fn open_items<'a>(&'a self, draft: &Draft) -> Vec<&'a str> {
        let codes = self.stop.required.iter().map(String::as_str);
        codes.filter(|code| self.tick(code, draft) == Tick::Open).collect()
    }
}
