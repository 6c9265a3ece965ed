//! The codes in which a verdict speaks, and their words. Rule packs use the same codes.

use super::words;
use crate::codes;

codes!(
    /// What a rule or a verdict does, from the mildest to the strictest.
    Effect, "effect" {
        /// The visit may be made.
        Allow = "allow",
        /// The visit may be made; the finding is shown to the supervisor.
        Warn = "warn",
        /// The visit may be made if what is required is there before it starts or is closed.
        Require = "require",
        /// No visit: the case goes to another desk.
        RouteAway = "route",
        /// No visit.
        Block = "block",
    }
);

impl Effect {
    /// Whether no visit may be made.
    #[must_use]
    pub const fn forbids(self) -> bool {
        matches!(self, Self::RouteAway | Self::Block)
    }
}

codes!(
    /// How sure a rule's source is. A weakly sourced rule blocks all the same; it only carries the label.
    Confidence, "confidence" {
        /// The wording of the instrument was seen.
        Quoted = "Q",
        /// A secondary source.
        Secondary = "S",
        /// A weak secondary source.
        WeakSecondary = "S-",
        /// From memory, unverified.
        Memory = "M",
    }
);

codes!(
    /// What kind of norm a rule is.
    RuleStatus, "status of a rule" {
        /// Law in force.
        InForce = "in_force",
        /// A draft, not law yet.
        Draft = "draft",
        /// A guideline of an authority or association.
        Guideline = "guideline",
        /// This organisation's own rule.
        House = "house",
    }
);

codes!(
    /// Who can lift a rule, in one case and for a time.
    Lift, "lift" {
        /// The person's consent.
        Consent = "consent",
        /// The person's consent in writing.
        WrittenConsent = "written_consent",
        /// A court.
        Court = "court",
        /// A supervisor.
        Supervisor = "supervisor",
        /// Two persons together.
        TwoPersons = "two_persons",
        /// Nobody.
        Nobody = "nobody",
    }
);

impl Lift {
    /// Whether what was given is as strong as what is asked: written consent is consent, two persons are a supervisor.
    #[must_use]
    pub fn satisfies(self, asked: Self) -> bool {
        self != Self::Nobody
            && (self == asked
                || (self == Self::WrittenConsent && asked == Self::Consent)
                || (self == Self::TwoPersons && asked == Self::Supervisor))
    }
}

codes!(
    /// What a consent is about.
    ConsentScope, "scope of a consent" {
        /// Visits at other hours.
        Hours = "hours",
        /// Visits more often.
        Frequency = "frequency",
        /// A visit at this place, for example the workplace, or an invitation.
        Place = "place",
        /// A visit without notice, or with a shorter one.
        Notice = "notice",
        /// Nothing of itself: only the rule that it names.
        Rule = "rule",
    }
);

codes!(
    /// A day of the week.
    Weekday, "day of the week" {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
);

impl Weekday {
    /// The weekday of a date.
    #[must_use]
    pub fn of(date: jiff::civil::Date) -> Self {
        match date.weekday() {
            jiff::civil::Weekday::Monday => Self::Mon,
            jiff::civil::Weekday::Tuesday => Self::Tue,
            jiff::civil::Weekday::Wednesday => Self::Wed,
            jiff::civil::Weekday::Thursday => Self::Thu,
            jiff::civil::Weekday::Friday => Self::Fri,
            jiff::civil::Weekday::Saturday => Self::Sat,
            jiff::civil::Weekday::Sunday => Self::Sun,
        }
    }
}

codes!(
    /// What must be there before a visit starts or is closed.
    Requirement, "requirement" {
        /// A valid certificate of every visitor.
        Certificate = "certificate",
        /// Identification shown.
        Badge = "badge",
        /// The institution named and its authorisation shown.
        Authority = "authority",
        /// The person identified before anything is said of a debt.
        IdentityCheck = "identity_check",
        /// A sound or video recording, or the reason why there is none.
        Recording = "recording",
        /// Notice spoken that the visit is recorded, and its acceptance.
        RecordingNotice = "recording_notice",
        /// Whether the visitors entered, and who invited them.
        EntryAnswer = "entry_answer",
        /// Purpose and intended outcome explained.
        PurposeExplained = "purpose_explained",
        /// The notice by which the debt can be validated, before or within five days of the first visit.
        ValidationNotice = "validation_notice",
        /// The notice that the debt was transferred, on a durable medium.
        TransferNotice = "transfer_notice",
        /// Who processes the person's data and why, said where they are collected.
        PrivacyNotice = "privacy_notice",
        /// Whether the person is known to be safe, above all where nobody opened.
        SafetyKnown = "safety_known",
        /// The coded outcome.
        Outcome = "outcome",
        /// The check-out within the time of a visit.
        CheckOut = "check_out",
    }
);

impl Requirement {
    /// Whether it can only be done where somebody is met: nobody identifies an empty doorway. What a rule asks of the
    /// visitors themselves stays required when nobody opens.
    #[must_use]
    pub const fn needs_somebody(self) -> bool {
        matches!(
            self,
            Self::Badge
                | Self::Authority
                | Self::IdentityCheck
                | Self::RecordingNotice
                | Self::EntryAnswer
                | Self::PurposeExplained
                | Self::PrivacyNotice
        )
    }
}

codes!(
    /// What must not be said or done at the door.
    Forbidden, "forbidden act" {
        /// To state the amount.
        StateAmount = "state_amount",
        /// To speak of the debt to anyone but the identified person.
        DebtToOthers = "debt_to_others",
        /// To enter.
        Enter = "enter",
        /// To stay after being asked to leave.
        Stay = "stay",
        /// To take cash or any payment outside the creditor's own channels.
        TakePayment = "take_payment",
        /// To post a notice where others can read it.
        PostInPublic = "post_in_public",
        /// To look or sound like a court, police or another authority.
        PoseAsAuthority = "pose_as_authority",
        /// To photograph the inside of a dwelling.
        PhotographInside = "photograph_inside",
        /// To press for borrowing, or for a sum that cannot be afforded.
        PressForBorrowing = "press_for_borrowing",
        /// To charge a fee for the visit.
        ChargeFee = "charge_fee",
        /// To recognise faces.
        RecogniseFaces = "recognise_faces",
        /// To tell others anything about the person.
        TellOthers = "tell_others",
        /// To threaten with an entry in a credit record.
        ThreatenRecord = "threaten_record",
    }
);

words!(Effect {
    Allow => "allowed", "允许";
    Warn => "allowed with a warning", "允许，有提示";
    Require => "allowed with conditions", "允许，有前提";
    RouteAway => "goes to another desk", "转其他部门";
    Block => "blocked", "禁止";
});

words!(Confidence {
    Quoted => "wording seen", "已见原文";
    Secondary => "secondary source", "间接来源";
    WeakSecondary => "weak secondary source", "较弱的间接来源";
    Memory => "from memory, unverified", "凭记忆，未核实";
});

words!(RuleStatus {
    InForce => "in force", "现行有效";
    Draft => "draft", "草案";
    Guideline => "guideline", "指引";
    House => "house rule", "内部规定";
});

words!(Lift {
    Consent => "the person's consent", "本人同意";
    WrittenConsent => "the person's written consent", "本人书面同意";
    Court => "a court", "法院";
    Supervisor => "a supervisor", "主管";
    TwoPersons => "two persons together", "双人批准";
    Nobody => "nobody", "任何人都不能";
});

words!(ConsentScope {
    Hours => "other hours", "其他时段";
    Frequency => "more visits", "增加次数";
    Place => "this place", "该地点";
    Notice => "shorter notice", "缩短通知";
    Rule => "one rule", "单项规则";
});

words!(Weekday {
    Mon => "Monday", "星期一";
    Tue => "Tuesday", "星期二";
    Wed => "Wednesday", "星期三";
    Thu => "Thursday", "星期四";
    Fri => "Friday", "星期五";
    Sat => "Saturday", "星期六";
    Sun => "Sunday", "星期日";
});

words!(Requirement {
    Certificate => "valid certificate", "有效证书";
    Badge => "identification shown", "出示证件";
    Authority => "institution named and authorisation shown", "说明所属机构并出示授权";
    IdentityCheck => "person identified first", "先核实身份";
    Recording => "sound or video recording", "录音或录像";
    RecordingNotice => "recording announced", "告知录音录像";
    EntryAnswer => "whether entered, and by whose invitation", "是否入户及由谁邀请";
    PurposeExplained => "purpose explained", "说明来意";
    ValidationNotice => "validation notice sent", "已送达债务确认通知";
    TransferNotice => "notice that the debt was transferred", "已送达债权转让通知";
    PrivacyNotice => "who uses the data and why, said", "已告知个人信息由谁使用及用途";
    SafetyKnown => "whether the person is known to be safe", "确认当事人是否安全";
    Outcome => "outcome recorded", "登记结果";
    CheckOut => "check-out in time", "按时签退";
});

words!(Forbidden {
    StateAmount => "stating the amount", "告知金额";
    DebtToOthers => "speaking of the debt to others", "向他人透露债务";
    Enter => "entering", "入户";
    Stay => "staying after being asked to leave", "被要求离开后逗留";
    TakePayment => "taking a payment", "代收款项";
    PostInPublic => "posting a notice in public", "公开张贴";
    PoseAsAuthority => "posing as an authority", "冒充公检法";
    PhotographInside => "photographing inside", "拍摄室内";
    PressForBorrowing => "pressing for borrowing or too large a sum", "诱迫借贷还款";
    ChargeFee => "charging for the visit", "收取外访费用";
    RecogniseFaces => "recognising faces", "人脸识别";
    TellOthers => "telling others anything about the person", "向他人透露当事人的任何情况";
    ThreatenRecord => "threatening with the credit record", "以征信记录相威胁";
});
