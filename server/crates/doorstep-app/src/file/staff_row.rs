//! A row of a staff file.

use super::field::{Field, FileKind};
use super::row::{Draft, FileFacts, RowKind, RowReader};
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::import::RowReason;
use doorstep_domain::place::{Datum, Point};
use doorstep_domain::staff::{Role, ShiftHours, Travel};
use jiff::civil::Date;

/// A member of staff as a file gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// The line where the row starts.
    pub line: u64,
    /// The number, unique within the file.
    pub staff_no: String,
    /// Full name.
    pub name: String,
    /// The role; field where the file has no such column.
    pub role: Role,
    /// The place in the roster; `None` for somebody of the office whose row leaves all of it empty.
    pub roster: Option<RosterPart>,
    /// Language tags such as `pt`, each once.
    pub languages: Vec<String>,
    /// What the row says that they hold: kind, when it was given, and its last day. What it leaves empty it says nothing of.
    pub holds: Vec<(CredentialKind, Option<Date>, Option<Date>)>,
    /// SHA-256 over the normalised content; covers personal data, so store it keyed or sealed.
    pub content_hash: [u8; 32],
}

impl StaffRow {
    /// The last day of the certificate, where the row says it.
    #[must_use]
    pub fn certificate_until(&self) -> Option<Date> {
        let certificate = self
            .holds
            .iter()
            .find(|(kind, ..)| *kind == CredentialKind::Certificate);
        certificate.and_then(|(_, _, until)| *until)
    }
}

/// The part of a row that puts somebody into a crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPart {
    /// The crew's name.
    pub crew: String,
    /// Where the shift starts and ends, in WGS-84.
    pub home: Point,
    /// The datum that the home came in.
    pub home_datum: Datum,
    /// The home as it stood in the file, latitude first.
    pub home_given: [String; 2],
    /// The shift.
    pub shift: ShiftHours,
    /// The crew's means of travel.
    pub travel: Travel,
}

/// The columns of the roster.
pub(super) const ROSTER: [Field; 5] = [Field::Crew, Field::HomeLat, Field::HomeLon, Field::Shift, Field::Travel];

/// Staff files.
#[derive(Debug, Clone, Copy)]
pub struct Staff;

impl RowKind for Staff {
    type Row = StaffRow;
    const KIND: FileKind = FileKind::Staff;

    fn read(reader: &mut RowReader<'_>) -> Draft<StaffRow> {
        let staff_no = reader.required_text(Field::StaffNo);
        let name = reader.required_text(Field::Name);
        let role = coded(reader, Field::Role, role_of, Some(Role::Field));
        // Supervisors, auditors and administrators need not travel.
        let of_office = role.is_some_and(|role| role != Role::Field) && reader.all_empty(&ROSTER);
        let (given, roster) = if of_office {
            (None, Some(None))
        } else {
            let (given, part) = roster_part(reader);
            (given, part.map(Some))
        };
        let languages = languages(&reader.free_text(Field::Languages));
        let holds = holds(reader);
        reader.hash_kept();
        let line = reader.line();
        let number = staff_no.clone();
        let build = || {
            Some(StaffRow {
                line,
                staff_no,
                name,
                role: role?,
                roster: roster?,
                languages,
                holds,
                content_hash: [0; 32],
            })
        };
        Draft {
            number,
            portfolio: String::new(),
            given,
            file_day: None,
            row: build(),
            content_hash: [0; 32],
            reasons: Vec::new(),
            at: Vec::new(),
        }
    }

    fn settle(draft: &mut Draft<StaffRow>, _facts: &FileFacts) {
        if let Some(row) = &mut draft.row {
            row.content_hash = draft.content_hash;
        }
    }
}

/// What somebody holds, by the columns that say until when or since when.
fn holds(reader: &mut RowReader<'_>) -> Vec<(CredentialKind, Option<Date>, Option<Date>)> {
    let until = [
        (CredentialKind::Certificate, Field::CertificateUntil),
        (CredentialKind::Authority, Field::AuthorityUntil),
        (CredentialKind::Badge, Field::BadgeUntil),
    ];
    let since = [
        (CredentialKind::Training, Field::TrainingOn),
        (CredentialKind::Exam, Field::ExamOn),
        (CredentialKind::BackgroundCheck, Field::BackgroundCheckOn),
        (CredentialKind::Confidentiality, Field::ConfidentialityOn),
    ];
    let mut holds = Vec::new();
    for (kind, field) in until {
        holds.extend(reader.day(field).map(|day| (kind, None, Some(day))));
    }
    for (kind, field) in since {
        holds.extend(reader.day(field).map(|day| (kind, Some(day), None)));
    }
    holds
}

/// Coordinates as given, and the place in the roster where it could be read whole.
fn roster_part(reader: &mut RowReader<'_>) -> (Option<(i64, i64)>, Option<RosterPart>) {
    let crew = reader.required_text(Field::Crew);
    let place = reader.place(Field::HomeLat, Field::HomeLon);
    let shift = coded(reader, Field::Shift, |text| text.parse().ok(), None);
    let travel = coded(reader, Field::Travel, travel_of, None);
    let given = place.given;
    let build = || {
        Some(RosterPart {
            crew,
            home: place.wgs84()?,
            home_datum: place.datum?,
            home_given: place.texts,
            shift: shift?,
            travel: travel?,
        })
    };
    (given, build())
}

/// A word of a closed list, `default` where the field is empty; anything else is noted and gives `None`.
fn coded<T>(
    reader: &mut RowReader<'_>,
    field: Field,
    read: impl Fn(&str) -> Option<T>,
    default: Option<T>,
) -> Option<T> {
    let text = reader.text(field);
    reader.hashed(field, &text);
    if text.is_empty() {
        if default.is_none() {
            reader.note_at(RowReason::FieldMissing, field);
        }
        return default;
    }
    let found = read(&text);
    if found.is_none() {
        reader.note_at(RowReason::FieldMissing, field);
    }
    found
}

fn role_of(text: &str) -> Option<Role> {
    match text {
        "外访员" | "外访人员" => Some(Role::Field),
        "主管" | "组长" => Some(Role::Supervisor),
        "审计" | "审计员" => Some(Role::Auditor),
        "管理员" => Some(Role::Administrator),
        other => other.to_lowercase().parse().ok(),
    }
}

fn travel_of(text: &str) -> Option<Travel> {
    match text.to_lowercase().as_str() {
        "驾车" | "开车" | "汽车" => Some(Travel::Car),
        "电动车" | "摩托车" | "scooter" | "motorbike" => Some(Travel::Moped),
        "自行车" | "bike" => Some(Travel::Bicycle),
        "步行" | "walk" | "walking" => Some(Travel::Foot),
        other => other.parse().ok(),
    }
}

fn languages(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text
        .split([' ', ',', ';', '|', '、', '，'])
        .filter(|tag| !tag.is_empty())
    {
        let tag = tag.to_lowercase();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}
