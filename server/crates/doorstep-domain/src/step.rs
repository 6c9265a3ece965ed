//! What a strategy is made of: steps, the next action with its reasons, what follows when somebody cannot be found, and
//! times of calm.

use crate::case::Stage;
use crate::codes;
use crate::contact::Channel;

codes!(
    /// How a step of a strategy reaches a person. Lighter ones come first.
    StepChannel, "channel of a step" {
        /// A text or app message.
        Message = "message",
        /// A phone call.
        Call = "call",
        /// A letter.
        Letter = "letter",
        /// A call at the door.
        Visit = "visit",
        /// The bundle of papers with which a court is asked.
        Bundle = "bundle",
        /// Telling a credit bureau, after a notice of its own.
        Bureau = "bureau",
    }
);

impl StepChannel {
    /// How hard it is on people: what is written or said from afar, what comes to the door, what follows them.
    #[must_use]
    pub const fn weight(self) -> u8 {
        match self {
            Self::Message | Self::Call | Self::Letter => 1,
            Self::Visit => 2,
            Self::Bundle | Self::Bureau => 3,
        }
    }

    /// The contact that it is; bundle and bureau contact nobody.
    #[must_use]
    pub const fn contact(self) -> Option<Channel> {
        match self {
            Self::Message => Some(Channel::Message),
            Self::Call => Some(Channel::Call),
            Self::Letter => Some(Channel::Letter),
            Self::Visit => Some(Channel::Visit),
            Self::Bundle | Self::Bureau => None,
        }
    }

    /// The step's channel that a contact was on.
    #[must_use]
    pub const fn of(channel: Channel) -> Self {
        match channel {
            Channel::Message => Self::Message,
            Channel::Call => Self::Call,
            Channel::Letter => Self::Letter,
            Channel::Visit => Self::Visit,
        }
    }
}

codes!(
    /// Who carries a step out.
    StepWho, "who carries a step out" {
        /// The creditor's office.
        Office = "office",
        /// Field staff.
        Field = "field",
        /// The agency that has the case.
        Agency = "agency",
        /// The legal desk.
        Legal = "legal",
    }
);

codes!(
    /// After what a step waits its days.
    StepAfter, "what a step waits after" {
        /// The case came into the stage.
        Stage = "stage",
        /// The step before it was tried.
        Step = "step",
        /// The step before it has an outcome.
        Outcome = "outcome",
    }
);

codes!(
    /// What happens next with a case.
    NextAction, "next action" {
        /// Write a message.
        Message = "message",
        /// Call.
        Call = "call",
        /// Write a letter.
        Letter = "letter",
        /// Visit.
        Visit = "visit",
        /// Put the legal bundle together.
        Bundle = "bundle",
        /// Tell the credit bureau.
        Bureau = "bureau",
        /// Have the address confirmed, by letter, by a call or by the lender's file.
        VerifyAddress = "verify-address",
        /// Have the phone number confirmed or corrected.
        VerifyNumber = "verify-number",
        /// A person looks at the case and decides.
        Review = "review",
        /// Nothing until a day.
        Wait = "wait",
        /// Nothing at all.
        None = "none",
    }
);

impl From<StepChannel> for NextAction {
    fn from(channel: StepChannel) -> Self {
        match channel {
            StepChannel::Message => Self::Message,
            StepChannel::Call => Self::Call,
            StepChannel::Letter => Self::Letter,
            StepChannel::Visit => Self::Visit,
            StepChannel::Bundle => Self::Bundle,
            StepChannel::Bureau => Self::Bureau,
        }
    }
}

codes!(
    /// Why a step is the next one, or is not.
    NextWhy, "why a step is next or not" {
        /// Its time has come and nothing stands against it.
        Due = "due",
        /// Its waiting time is not over.
        Waiting = "waiting",
        /// A step before it has not been tried.
        StepBefore = "step-before",
        /// A lighter step comes first.
        LighterFirst = "lighter-first",
        /// Another step comes first.
        Later = "later",
        /// It was tried as often as it may be.
        UsedUp = "used-up",
        /// It is for another stage.
        OtherStage = "other-stage",
        /// Too little is due for it.
        AmountSmall = "amount-small",
        /// The reason for default is known, so that nobody has to ask again.
        ReasonKnown = "reason-known",
        /// The reason for default is not known.
        ReasonMissing = "reason-missing",
        /// No agreement was broken.
        NotBroken = "not-broken",
        /// The person was reached, or too few tries failed.
        Reached = "reached",
        /// The last contact ended otherwise.
        OtherOutcome = "other-outcome",
        /// What is known of the person keeps this step away.
        Protected = "protected",
        /// The person asked to be left in peace lately.
        Refused = "refused",
        /// Something was paid lately.
        Paid = "paid",
        /// What was promised is not due yet.
        Promised = "promised",
        /// A rule forbids it.
        Rule = "rule",
        /// The portfolio or region is calm.
        Calm = "calm",
        /// The strategy of the portfolio makes no visits.
        NoVisits = "no-visits",
        /// The address has to be confirmed first.
        AddressStale = "address-stale",
        /// The phone number has to be confirmed or corrected first.
        NumberStale = "number-stale",
        /// It rests after what was met at the door.
        Rest = "rest",
        /// A letter to the address of the contract goes first.
        LetterFirst = "letter-first",
        /// A person decides first.
        PersonDecides = "person-decides",
        /// The notice that it needs did not go out, or came back, or is too young.
        NoticeMissing = "notice-missing",
        /// The case is over, or what is known of the person stops everything.
        Stopped = "stopped",
        /// No step is left.
        NothingLeft = "nothing-left",
    }
);

codes!(
    /// What follows when somebody was not found where they were sought.
    LostAct, "what follows when somebody was not found" {
        /// The address or number is confirmed before it is used again.
        Verify = "verify",
        /// A letter goes to the address of the contract first.
        Letter = "letter",
        /// Nobody comes for some days.
        Rest = "rest",
        /// A person looks at it.
        Person = "person",
    }
);

codes!(
    /// Why a loan fell behind, as the person says.
    DefaultReason, "reason for default" {
        /// The work was lost, or its pay.
        LostJob = "lost-job",
        /// Illness or an accident.
        Illness = "illness",
        /// A death, a birth, a separation.
        Family = "family",
        /// Flood, fire or another disaster.
        Disaster = "disaster",
        /// It was forgotten.
        Forgot = "forgot",
        /// The amount or the debt is contested.
        Dispute = "dispute",
        /// Money comes later than it is due.
        CashFlow = "cash-flow",
        /// A payment failed: a card, an account, an app.
        Technical = "technical",
        /// Another reason.
        Other = "other",
    }
);

impl DefaultReason {
    /// Whether it is a hardship: nobody comes to the door for it, and lenient plans are offered.
    #[must_use]
    pub const fn is_hardship(self) -> bool {
        matches!(self, Self::LostJob | Self::Illness | Self::Family | Self::Disaster)
    }
}

codes!(
    /// Why a supervisor asks for a visit by name.
    VisitAskReason, "reason for asking for a visit" {
        /// The person wants somebody to come.
        PersonAsked = "person-asked",
        /// A time was agreed with the person.
        Appointment = "appointment",
        /// Somebody looked through the file and found that a visit is right.
        Reviewed = "reviewed",
    }
);

codes!(
    /// What a time of calm does to visits.
    CalmMode, "mode of calm" {
        /// There are none.
        Stop = "stop",
        /// There is at most one in so many days.
        Thin = "thin",
    }
);

codes!(
    /// Why a portfolio or region is calm.
    CalmReason, "reason of calm" {
        /// A disaster.
        Disaster = "disaster",
        /// A big employer, a road or a town is closed.
        Closure = "closure",
        /// A downturn.
        Downturn = "downturn",
    }
);

codes!(
    /// Where a time of calm stands.
    CalmState, "state of calm" {
        /// Waits for a second person.
        Asked = "asked",
        /// Holds on its days.
        On = "on",
        /// The second person refused.
        Refused = "refused",
        /// Somebody ended it early.
        Ended = "ended",
    }
);

/// The rule code of visits that were withdrawn or left out because of a time of calm.
pub const CALM: &str = "STRATEGY-CALM";

/// The rule code of visits that are refused because the strategy of their portfolio makes none.
pub const NO_VISITS: &str = "STRATEGY-NO-VISITS";

/// What stands for a rule where the person told of a reason for default for which nobody comes to the door.
pub const PROTECTED: &str = "STRATEGY-PROTECTED";

/// The rule code of visits that were withdrawn because the person is sought at another address now.
pub const ADDRESS_CHANGED: &str = "ADDRESS-CHANGED";

/// Where a stage stands among the others, from the youngest on.
#[must_use]
pub const fn order_of(stage: Stage) -> u8 {
    match stage {
        Stage::M0 => 0,
        Stage::M1 => 1,
        Stage::M2 => 2,
        Stage::M3 => 3,
        Stage::M3Plus => 4,
    }
}
