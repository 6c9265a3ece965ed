//! The columns that Doorstep knows, by their names in English and Chinese, and those that it refuses.
//!
//! Knows nothing of rows and values. The names by which columns are known are in [`super::names`].

use doorstep_domain::codes;

use super::names::names_of;

codes!(
    /// What a column means.
    Field, "field" {
        /// The lender's case number.
        CaseNo = "case_no",
        /// The creditor's product.
        Portfolio = "portfolio",
        /// The agency that visits.
        Agency = "agency",
        /// Full name.
        Name = "name",
        /// Phone number.
        Phone = "phone",
        /// Address text.
        Address = "address",
        /// Latitude of the address.
        Lat = "lat",
        /// Longitude of the address.
        Lon = "lon",
        /// Datum of the coordinates.
        Datum = "datum",
        /// Total due.
        AmountDue = "amount_due",
        /// Part: principal.
        Principal = "principal",
        /// Part: interest.
        Interest = "interest",
        /// Part: penalty.
        Penalty = "penalty",
        /// Part: fees.
        Fees = "fees",
        /// Currency of the amounts.
        Currency = "currency",
        /// The time as of which the amounts are right.
        AsOf = "as_of",
        /// First unpaid due date.
        DueDate = "due_date",
        /// Days since then.
        DaysPastDue = "days_past_due",
        /// The lender's stage word.
        Stage = "stage",
        /// Language of the person.
        Language = "language",
        /// Flags.
        Flags = "flags",
        /// Times the person stated.
        Available = "available",
        /// Day of the last visit before the file.
        LastVisit = "last_visit",
        /// Visits before the file.
        VisitsSoFar = "visits_so_far",
        /// Number of a member of staff.
        StaffNo = "staff_no",
        /// Role of a member of staff.
        Role = "role",
        /// Crew.
        Crew = "crew",
        /// Latitude of the home.
        HomeLat = "home_lat",
        /// Longitude of the home.
        HomeLon = "home_lon",
        /// Shift, such as 09:00-18:00.
        Shift = "shift",
        /// Means of travel.
        Travel = "travel",
        /// Languages spoken.
        Languages = "languages",
        /// Last day of the certificate.
        CertificateUntil = "certificate_until",
        /// Day of the last training.
        TrainingOn = "training_on",
        /// Day of the last examination that was passed.
        ExamOn = "exam_on",
        /// Day of the background check.
        BackgroundCheckOn = "background_check_on",
        /// Day on which confidentiality was promised.
        ConfidentialityOn = "confidentiality_on",
        /// Last day of the authorisation letter.
        AuthorityUntil = "authority_until",
        /// Last day of the badge.
        BadgeUntil = "badge_until",
        /// How somebody was contacted.
        Channel = "channel",
        /// When.
        At = "at",
        /// What came of it.
        Outcome = "outcome",
        /// The lender's number of an instalment of a loan.
        Instalment = "instalment",
        /// The bank's reference of a payment.
        Reference = "reference",
        /// The day of a payment.
        Day = "day",
        /// How much was paid.
        Amount = "amount",
        /// Whether money came in or went back.
        Kind = "kind",
        /// Why the loan fell behind, as the person says.
        Reason = "reason",
        /// The step of the strategy that it carried out.
        Step = "step",
        /// The day up to which something was promised.
        PromiseDay = "promise_day",
        /// How much was promised.
        PromiseAmount = "promise_amount",
        /// Kept as it came and given back on export; only by mapping.
        Keep = "keep",
    }
);

codes!(
    /// Kinds of data that Doorstep does not take, whoever sends them.
    RefusedColumn, "refused kind of column" {
        /// Contacts read from a phone.
        ContactList = "contact-list",
        /// Accounts and friends in social media.
        SocialMedia = "social-media",
        /// Religion or belief.
        Religion = "religion",
        /// Ethnicity or race.
        Ethnicity = "ethnicity",
        /// Health and disability details.
        Health = "health",
        /// Politics and unions.
        Political = "political",
        /// Fingerprints, faces, voices.
        Biometric = "biometric",
        /// Sexual life and orientation.
        SexualLife = "sexual-life",
        /// People at work.
        Colleagues = "colleagues",
        /// Relatives, friends, neighbours, emergency contacts.
        OtherPeople = "other-people",
    }
);

/// What a file lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// One case a row.
    Cases,
    /// One member of staff a row.
    Staff,
    /// One call, message or letter a row.
    Contacts,
    /// One instalment of a loan a row.
    Loans,
    /// One payment or reversal a row.
    Payments,
}

/// Header of the column in which bad rows carry their reason when they are given back; ignored when read again.
pub const REASON_COLUMN: &str = "doorstep_reason";

/// Words that mark a refused column: Latin ones as whole words, Chinese ones anywhere in the name.
const REFUSED_WORDS: &[(RefusedColumn, &[&str], &[&str])] = &[
    (
        RefusedColumn::ContactList,
        &[
            "contacts",
            "contact list",
            "phonebook",
            "phone book",
            "address book",
            "call log",
            "agenda telefónica",
        ],
        &["通讯录", "通话记录", "联系人列表"],
    ),
    (
        RefusedColumn::SocialMedia,
        &[
            "facebook",
            "instagram",
            "whatsapp",
            "wechat",
            "weixin",
            "telegram",
            "tiktok",
            "twitter",
            "linkedin",
            "snapchat",
            "weibo",
            "qq",
            "social",
            "social media",
            "socialmedia",
            "social network",
        ],
        &["微信", "微博", "抖音", "快手", "小红书", "社交", "QQ"],
    ),
    (
        RefusedColumn::Religion,
        &["religion", "faith", "church", "religião", "konfession"],
        &["宗教", "信仰"],
    ),
    (
        RefusedColumn::Ethnicity,
        &["ethnicity", "ethnic", "race", "racial", "etnia", "skin"],
        &["民族", "种族"],
    ),
    (
        RefusedColumn::Health,
        &[
            "health",
            "diagnosis",
            "disease",
            "illness",
            "medical",
            "disability",
            "saúde",
            "pregnant",
            "medication",
        ],
        &["健康", "疾病", "病史", "病历", "残疾", "怀孕"],
    ),
    (
        RefusedColumn::Political,
        &["political", "politics", "party", "trade union", "union"],
        &["政治", "党派", "党员", "工会"],
    ),
    (
        RefusedColumn::Biometric,
        &[
            "biometric",
            "biometrics",
            "fingerprint",
            "face",
            "faceid",
            "iris",
            "voiceprint",
            "dna",
        ],
        &["指纹", "人脸", "生物识别", "声纹", "虹膜"],
    ),
    (
        RefusedColumn::SexualLife,
        &["sexual", "sexuality", "orientation"],
        &["性取向"],
    ),
    (
        RefusedColumn::Colleagues,
        &[
            "colleague",
            "colleagues",
            "coworker",
            "coworkers",
            "employer contact",
            "boss",
            "manager phone",
        ],
        &["同事", "单位联系", "公司联系", "领导电话"],
    ),
    (
        RefusedColumn::OtherPeople,
        &[
            "emergency",
            "emergency contact",
            "relatives",
            "relative",
            "friends",
            "friend",
            "neighbour",
            "neighbours",
            "neighbor",
            "neighbors",
            "references",
            "spouse",
            "family",
            "parents",
            "children",
        ],
        &[
            "紧急联系",
            "联系人",
            "亲属",
            "亲戚",
            "好友",
            "朋友",
            "邻居",
            "配偶",
            "家人",
            "父母",
            "子女",
        ],
    ),
];

/// A column name without case, spaces, dots, dashes and underscores: `Case No.` becomes `caseno`.
pub(super) fn normalised(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The field that a column name means in a file of this kind.
pub(super) fn known(name: &str, kind: FileKind) -> Option<Field> {
    let wanted = normalised(name);
    names_of(kind)
        .find(|(known, _)| *known == wanted)
        .map(|(_, field)| *field)
}

/// Why a column is refused, judged by its name.
pub(super) fn refused(name: &str) -> Option<RefusedColumn> {
    let lower = name.to_lowercase();
    let mut words = String::from(" ");
    for word in lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        words.push_str(word);
        words.push(' ');
    }
    REFUSED_WORDS
        .iter()
        .find(|(_, latin, chinese)| {
            latin.iter().any(|word| words.contains(&format!(" {word} ")))
                || chinese.iter().any(|word| name.contains(word))
        })
        .map(|(why, _, _)| *why)
}

/// The fields that a mapping may name for a file of this kind.
pub(super) fn mappable(kind: FileKind) -> Vec<Field> {
    let is_mappable = |field: &Field| *field == Field::Keep || names_of(kind).any(|(_, known)| known == field);
    Field::ALL.iter().copied().filter(is_mappable).collect()
}

/// The codes of some fields, separated by commas.
pub(super) fn list(fields: &[Field]) -> String {
    fields.iter().map(|field| field.code()).collect::<Vec<_>>().join(", ")
}

/// Whether the name is Chinese: it decides the default currency and that the datum must be stated.
pub(super) fn is_chinese(name: &str) -> bool {
    name.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_both_languages_and_shapes() {
        for (name, field) in [
            ("case_no", Field::CaseNo),
            (" Case No. ", Field::CaseNo),
            ("案件编号", Field::CaseNo),
            ("AMOUNT-DUE", Field::AmountDue),
            ("纬度", Field::Lat),
        ] {
            assert_eq!(known(name, FileKind::Cases), Some(field), "{name}");
        }
        assert_eq!(known("纬度", FileKind::Staff), Some(Field::HomeLat));
        assert_eq!(known("branch", FileKind::Cases), None);
    }

    #[test]
    fn what_doorstep_does_not_take_is_recognised() {
        for (name, why) in [
            ("Facebook URL", RefusedColumn::SocialMedia),
            ("微信好友", RefusedColumn::SocialMedia),
            ("通讯录", RefusedColumn::ContactList),
            ("phone_contacts", RefusedColumn::ContactList),
            ("宗教信仰", RefusedColumn::Religion),
            ("民族", RefusedColumn::Ethnicity),
            ("race", RefusedColumn::Ethnicity),
            ("紧急联系人电话", RefusedColumn::OtherPeople),
            ("employer_colleagues", RefusedColumn::Colleagues),
            ("party membership", RefusedColumn::Political),
            ("Health details", RefusedColumn::Health),
            ("fingerprint", RefusedColumn::Biometric),
        ] {
            assert_eq!(refused(name), Some(why), "{name}");
        }
        for harmless in ["trace", "branch", "surface", "internal note", "备注", "analytics"] {
            assert_eq!(refused(harmless), None, "{harmless}");
        }
        let every = [
            FileKind::Cases,
            FileKind::Staff,
            FileKind::Contacts,
            FileKind::Loans,
            FileKind::Payments,
        ];
        for (name, _) in every.into_iter().flat_map(names_of) {
            assert_eq!(refused(name), None, "a known column is never refused: {name}");
        }
    }
}
