//! What the screens know. Plain data: changed by `update` only, read by the screens, made by nobody else.

use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use jiff::tz::TimeZone;

use super::day::DayState;
use super::effect::Topic;
use super::field::FieldModel;
use super::form::Field;
use super::layer::Layer;
use super::list::ListState;
use super::office::OfficeModel;
use std::collections::BTreeMap;

/// A screen; where an action works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    /// The PIN is asked for.
    Unlock,
    /// Login and password are asked for.
    SignIn,
    /// Field staff: the day's route.
    Today,
    /// Field staff: one visit.
    Visit,
    /// Field staff: what waits to be sent.
    Outbox,
    /// Field staff: device, permit, PIN.
    Me,
    /// Field staff: who looked at them.
    Looked,
    /// Field staff: what was found about their visits.
    Checks,
    /// Supervisors: who is where.
    Live,
    /// Supervisors: plans.
    Plan,
    /// Supervisors: cases.
    Cases,
    /// Supervisors: visits to look at.
    Review,
    /// Supervisors and auditors: the log.
    Log,
    /// Supervisors and auditors: who opened persons outside their caseload.
    Reads,
    /// The office: what waits for a person.
    Desk,
    /// Supervisors and auditors: what became of cases and visits.
    Measures,
    /// Everywhere, in a demo only.
    Demo,
}

/// Screens of field staff, in the order of their tabs.
pub(crate) const FIELD_TABS: [Place; 3] = [Place::Today, Place::Outbox, Place::Me];
/// Screens of the office, in the order of their tabs.
pub(crate) const OFFICE_TABS: [Place; 8] = [
    Place::Live,
    Place::Plan,
    Place::Cases,
    Place::Review,
    Place::Log,
    Place::Reads,
    Place::Desk,
    Place::Measures,
];

/// Below this a screen is one line, or a sentence.
pub(crate) const COLUMNS_MIN: u16 = 40;
/// As above.
pub(crate) const ROWS_MIN: u16 = 12;

/// Whether the server was reached the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Link {
    /// Nothing was tried yet.
    #[default]
    Unknown,
    /// Reached.
    Online,
    /// Not reached since.
    Offline {
        /// When it was first missed.
        since: Micros,
    },
}

/// A short message that goes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toast {
    /// What it says.
    pub(crate) text: String,
    /// Whether something went wrong.
    pub(crate) bad: bool,
    /// When it goes.
    pub(crate) until: Micros,
}

/// Who uses the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// Field staff with this device.
    Field,
    /// Somebody in the office.
    Office,
}

/// Login and password while they are typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SignInForm {
    /// Staff number.
    pub(crate) login: Field,
    /// Password.
    pub(crate) password: Field,
    /// A new password where the server asks for one.
    pub(crate) renewed: Option<Field>,
    /// Which of them is typed into.
    pub(crate) at: usize,
    /// Why the last attempt failed.
    pub(crate) trouble: Option<String>,
    /// Whether an answer is awaited.
    pub(crate) busy: bool,
}

/// Everything that the screens show.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// The language.
    pub(crate) lang: Lang,
    /// Zone for times whose own is not known.
    pub(crate) zone: TimeZone,
    /// The time of the last event.
    pub(crate) now: Micros,
    /// Columns and rows of the terminal.
    pub(crate) size: (u16, u16),
    /// Who uses it.
    pub(crate) party: Party,
    /// The screen.
    pub(crate) place: Place,
    /// What lies over the screen; the last is on top and gets the keys.
    pub(crate) layers: Vec<Layer>,
    /// Messages.
    pub(crate) toast: Option<Toast>,
    /// The server.
    pub(crate) link: Link,
    /// What was chosen for this run.
    pub(crate) settings: Settings,
    /// Where the map looks.
    pub(crate) view: MapView,
    /// What runs, by topic: the number of the newest request and when it left.
    pub(crate) pending: BTreeMap<Topic, (u64, Micros)>,
    /// The number of the next request.
    pub(crate) next_request: u64,
    /// The PIN while it is typed.
    pub(crate) pin: Field,
    /// What is said under the PIN.
    pub(crate) pin_trouble: Option<String>,
    /// Whether a call for help goes out as soon as the PIN is right.
    pub(crate) sos_wanted: bool,
    /// Login and password.
    pub(crate) sign_in: SignInForm,
    /// What field staff see.
    pub(crate) field: FieldModel,
    /// What the office sees.
    pub(crate) office: OfficeModel,
    /// Whether the program ends.
    pub(crate) over: bool,
}

/// What was chosen for this run of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Whether names are hidden.
    pub(crate) privacy: bool,
    /// Whether this is a demo, which has more commands.
    pub(crate) demo: bool,
    /// What is said under the PIN: a demo tells its own.
    pub(crate) pin_hint: Option<String>,
    /// How many days ahead a plan is offered.
    pub(crate) plan_ahead_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            privacy: false,
            demo: false,
            pin_hint: None,
            plan_ahead_days: 1,
        }
    }
}

/// Where the map looks: the camera itself is made from this where it is drawn, because it depends on the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MapView {
    /// Whether the map fills the screen.
    pub(crate) big: bool,
    /// Zoom steps nearer (positive) or farther than the whole route; `None` fits.
    pub(crate) zoom: Option<u8>,
    /// Quarter views that it was moved east and north.
    pub(crate) moved: (i32, i32),
}

impl Model {
    /// A model before anything is known.
    pub(crate) fn new(lang: Lang, zone: TimeZone, now: Micros, place: Place) -> Self {
        let party = if matches!(place, Place::Unlock | Place::Today) {
            Party::Field
        } else {
            Party::Office
        };
        Self {
            lang,
            zone,
            now,
            size: (80, 24),
            party,
            place,
            layers: Vec::new(),
            toast: None,
            link: Link::Unknown,
            settings: Settings::default(),
            view: MapView::default(),
            pending: BTreeMap::new(),
            next_request: 1,
            pin: Field::default(),
            pin_trouble: None,
            sos_wanted: false,
            sign_in: SignInForm::default(),
            field: FieldModel::default(),
            office: OfficeModel::default(),
            over: false,
        }
    }

    /// Whether the terminal is too small for screens: then nothing may be done that nobody sees.
    pub(crate) fn is_small(&self) -> bool {
        self.size.0 < COLUMNS_MIN || self.size.1 < ROWS_MIN
    }

    /// The tabs of whoever uses the program.
    pub(crate) fn tabs(&self) -> &'static [Place] {
        match self.party {
            Party::Field => &FIELD_TABS,
            Party::Office => self.office.tabs(),
        }
    }

    /// Whether something of this topic runs, and since when.
    pub(crate) fn running(&self, topic: Topic) -> Option<Micros> {
        self.pending.get(&topic).map(|(_, since)| *since)
    }

    /// Whether something that was entered or recorded is not on the disk yet.
    pub(crate) fn is_recording(&self) -> bool {
        [Topic::Draft, Topic::Record, Topic::Sos]
            .iter()
            .any(|topic| self.pending.contains_key(topic))
    }

    /// How the day stands on this device.
    pub(crate) fn day(&self) -> DayState {
        DayState::of(self.field.facts.day, self.now, &self.zone)
    }

    /// The list of the screen with its length.
    pub(crate) fn list_mut(&mut self) -> Option<(&mut ListState, usize)> {
        match self.party {
            Party::Field if self.place == Place::Looked => {
                let len = self.field.looked.shown(self.lang, &self.zone).len();
                Some((&mut self.field.looked.list, len))
            }
            Party::Field => self.field.list_mut(self.place),
            Party::Office if self.place == Place::Log && self.office.report_mut().is_some() => {
                let len = crate::screens::report_lines(self).len();
                self.office.report_mut().map(|verified| (&mut verified.list, len))
            }
            Party::Office if self.place == Place::Measures && self.office.measures.shows_odds => {
                let len = crate::screens::odds_lines(self).len();
                Some((&mut self.office.measures.odds_list, len))
            }
            Party::Office if self.place == Place::Measures => {
                let len = self.office.measures.rows(self.lang).len();
                Some((&mut self.office.measures.list, len))
            }
            Party::Office if self.place == Place::Desk => {
                let len = super::update::desk_shown(self).len();
                Some((&mut self.office.desk.list, len))
            }
            Party::Office => self.office.list_mut(self.place),
        }
    }
}
