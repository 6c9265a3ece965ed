//! What a person can ask for, as data: name, words, keys, places. Footer, help, palette, taps and the list of keys come
//! from this one table, so that what is shown is what works.

use doorstep_domain::words::Lang;

use super::key::Key;
use super::model::Place;
use crate::text::pick;

/// Something that can be asked for on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Action {
    /// The next step: open, confirm, choose.
    Next,
    /// Check in at the chosen door.
    CheckIn,
    /// Sign on one's own device that one is at a partner's visit.
    Join,
    /// Say who was met.
    Outcome,
    /// Say what came of the matter.
    Matter,
    /// Note a promise.
    Promise,
    /// Write the note.
    Note,
    /// Add a file as evidence.
    Evidence,
    /// Tick what is required.
    Tick,
    /// Check out.
    CheckOut,
    /// Leave the door at once.
    Leave,
    /// Leave a stop out, with the reason.
    Skip,
    /// Open the door in a navigation program.
    Navigate,
    /// Correct phone, address or language.
    Correct,
    /// Write the printable day sheet.
    Sheet,
    /// Give the visited person a receipt.
    Receipt,
    /// Open the day, or close it.
    Day,
    /// Say what is kept as evidence against the server.
    Kept,
    /// Say what was found about one's own visits.
    OwnChecks,
    /// Appeal against it.
    Appeal,
    /// Show what is said at the door, and what never is.
    Words,
    /// Say why something is blocked or not planned.
    Why,
    /// Call for help.
    Sos,
    /// Send and fetch now.
    Send,
    /// Settle a conflict.
    Settle,
    /// Acknowledge an alarm.
    Acknowledge,
    /// Make a plan.
    Propose,
    /// Make a plan also of visits for which no notice can leave in time.
    ProposeBare,
    /// Publish the plan.
    Publish,
    /// Compare with the plan before.
    Compare,
    /// Stop what runs.
    Stop,
    /// Keep a reviewed visit as it is.
    Fine,
    /// Send a reviewed visit back.
    SendBack,
    /// Escalate a reviewed visit.
    Escalate,
    /// Say who looked at a case, or at oneself.
    WhoLooked,
    /// Open a case by its number.
    OpenNumber,
    /// Put a restriction on a case.
    Restrict,
    /// Take one off.
    Lift,
    /// End a consent.
    Withdraw,
    /// Agree to what waits, take it up, answer it.
    Agree,
    /// Do not agree to it.
    Decline,
    /// Only what waits of one kind.
    Kinds,
    /// Say what was found about a read.
    Finding,
    /// The week before.
    WeekBefore,
    /// The week after.
    WeekAfter,
    /// A report by something else.
    Dimension,
    /// Another figure of it.
    Figure,
    /// How good the chances are, or the figures again.
    Odds,
    /// Of a longer span.
    Longer,
    /// Of a shorter span.
    Shorter,
    /// Verify the log.
    Verify,
    /// Search or filter.
    Find,
    /// Sort by the next column.
    Sort,
    /// Map nearer.
    ZoomIn,
    /// Map farther.
    ZoomOut,
    /// The whole route on the map.
    Fit,
    /// Map over the whole screen, and back.
    BigMap,
    /// Copy what is chosen.
    Copy,
    /// Hide names on the screen.
    Privacy,
    /// The other language.
    Language,
    /// Change the PIN.
    ChangePin,
    /// Lock the screen.
    Lock,
    /// Keys of this screen.
    Help,
    /// Everything by name.
    Palette,
    /// The next screen.
    NextTab,
    /// The screen before.
    LastTab,
    /// Back, or the end of the program.
    Back,
    /// The end of the program.
    Quit,
    /// Demo: cut the network.
    GoOffline,
    /// Demo: mend the network.
    GoOnline,
    /// Demo: change a byte of the log's file.
    Tamper,
    /// Demo: the other role.
    ChangeRole,
}

/// What there is to know about an action.
pub(crate) struct Spec {
    /// Which one.
    pub(crate) action: Action,
    /// Its name for the palette and the list of keys.
    pub(crate) name: &'static str,
    /// A word for the footer and for buttons, English and Chinese.
    pub(crate) word: [&'static str; 2],
    /// A sentence for the help.
    pub(crate) sentence: [&'static str; 2],
    /// Keys; the first is shown.
    pub(crate) keys: &'static [Key],
    /// Where it works.
    pub(crate) places: &'static [Place],
    /// The same on the command line; empty where there is no such thing.
    pub(crate) twin: &'static str,
}

impl Spec {
    /// The word in a language.
    pub(crate) fn word(&self, lang: Lang) -> &'static str {
        pick(lang, self.word[0], self.word[1])
    }

    /// The key that is shown at a place: where letters are text, one that is none.
    pub(crate) fn key_at(&self, place: Place) -> Option<Key> {
        let is_text = matches!(place, Place::Unlock | Place::SignIn);
        let mut keys = self.keys.iter().copied();
        keys.find(|key| !is_text || !matches!(key, Key::Char(_)))
    }

    /// The sentence in a language.
    pub(crate) fn sentence(&self, lang: Lang) -> &'static str {
        pick(lang, self.sentence[0], self.sentence[1])
    }
}

/// The action of a key at a place.
pub(crate) fn action_of(place: Place, key: Key) -> Option<Action> {
    let plain = key.plain();
    let here = specs().filter(|spec| spec.places.contains(&place));
    here.filter(|spec| spec.keys.contains(&plain))
        .map(|spec| spec.action)
        .next()
}

/// All actions in the order of help and palette.
pub(crate) fn specs() -> impl Iterator<Item = &'static Spec> {
    super::actions::all()
}

/// Actions that work at a place, in order.
pub(crate) fn specs_at(place: Place) -> impl Iterator<Item = &'static Spec> {
    specs().filter(move |spec| spec.places.contains(&place))
}
