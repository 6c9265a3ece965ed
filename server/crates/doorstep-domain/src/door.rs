//! What is said at a door: at which moment, to whom, and whether it is said or must not be. The sentences themselves are data of
//! the rule packs.

use crate::codes;

codes!(
    /// The moment at a door to which a sentence belongs, in the order of a visit.
    Moment, "moment at a door" {
        /// The door opens.
        Greeting = "greeting",
        /// Before anything is said: is this the person?
        Identify = "identify",
        /// Somebody else opens.
        OtherPerson = "other_person",
        /// A child opens.
        Child = "child",
        /// A recording begins.
        Recording = "recording",
        /// The person is recognised, and the talk begins.
        Matter = "matter",
        /// Paying comes up.
        Payment = "payment",
        /// Somebody wants the visitors to leave.
        AskedToLeave = "asked_to_leave",
        /// Somebody is in distress.
        Distress = "distress",
        /// The visitors are not safe.
        Danger = "danger",
        /// Something is handed over.
        HandOver = "hand_over",
        /// The visitors leave.
        Farewell = "farewell",
    }
);

codes!(
    /// To whom something may be said, or must not be. Nothing of the matter is for anybody but the identified person.
    Hearer, "hearer" {
        /// Whoever opens, also before anybody is recognised.
        Anybody = "anybody",
        /// Somebody bound up with the matter who is not the person meant.
        Related = "related",
        /// The person who is meant, and only after they were recognised.
        Identified = "identified",
    }
);

codes!(
    /// Whether a sentence is said.
    #[derive(Default)]
    Saying, "way of a sentence" {
        /// In these words or kinder ones.
        #[default]
        Say = "say",
        /// Never, in whatever words.
        Never = "never",
    }
);
