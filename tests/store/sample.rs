//! A small tenant to tell stories about.

use doorstep_domain::address::{AddressState, PlaceKind, Provenance};
use doorstep_domain::case::{CaseStatus, Stage};
use doorstep_domain::id::{
    AddressId, Alias, CaseId, CrewId, EventId, ImportId, PersonId, PortfolioId, RosterId, StaffId, TeamId, TenantId,
};
use doorstep_domain::import::RowResult;
use doorstep_domain::measure::{Micros, Seconds};
use doorstep_domain::person::PersonalFields;
use doorstep_domain::read::{FieldClass, Purpose, ReadChannel};
use doorstep_domain::staff::{Role, Travel};
use doorstep_store::address::Address;
use doorstep_store::blind::{BLIND_CASE, BLIND_PERSON, BLIND_PHONE, blind_case, blind_person, blind_phone};
use doorstep_store::case::Case;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::grant::{GrantRequest, Reader};
use doorstep_store::import::{Import, ImportRow, ImportState, RowAction};
use doorstep_store::org::{Crew, NewTenant, Portfolio, Team};
use doorstep_store::staff::{Roster, Staff};
use doorstep_store::{Store, fresh_alias, fresh_id};

/// The moment at which stories begin: a Monday morning.
pub(super) const NOW: Micros = Micros(1_795_420_800_000_000);

/// `seconds` after the beginning.
pub(super) const fn later(seconds: i64) -> Micros {
    Micros(NOW.0 + seconds * 1_000_000)
}

pub(super) fn entry(kind: EntryKind) -> Entry {
    ServerEntry::new(kind, By::PROGRAM).into()
}

pub(super) fn one(kind: EntryKind) -> Entries {
    Entries::one(ServerEntry::new(kind, By::PROGRAM))
}

/// A tenant with a portfolio, a team, a crew of one and that one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) tenant: TenantId,
    pub(super) portfolio: PortfolioId,
    pub(super) team: TeamId,
    pub(super) crew: CrewId,
    pub(super) staff: StaffId,
}

/// A case as a file would bring it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) days: i64,
    pub(super) amount: i64,
}

impl Row {
    /// The `n`-th case of a file. Days and amounts repeat, as they do in life.
    pub(super) fn nth(n: i64) -> Self {
        Self {
            number: format!("C-{n}"),
            name: format!("Ana Testa {n}"),
            phone: format!("+351 900 {n:06}"),
            days: 30 + n % 3,
            amount: 10_000 + n % 5,
        }
    }
}

impl Sample {
    pub(super) async fn new(store: &Store) -> Self {
        Self::named(store, "Acme").await
    }

    pub(super) async fn named(store: &Store, name: &str) -> Self {
        let sample = Self {
            tenant: TenantId(fresh_id(NOW)),
            portfolio: PortfolioId(fresh_id(NOW)),
            team: TeamId(fresh_id(NOW)),
            crew: CrewId(fresh_id(NOW)),
            staff: StaffId(fresh_id(NOW)),
        };
        let new = NewTenant {
            id: sample.tenant,
            name: name.to_owned(),
            deployment: "test.example".to_owned(),
        };
        store.tenant_create(&new, NOW).await.unwrap();
        let alias = fresh_alias();
        let keys = store
            .keys()
            .subjects_create(sample.tenant.0, &[(sample.staff.0, Some(alias))])
            .await
            .unwrap();
        let mut tx = store.write(sample.tenant, NOW).await.unwrap();
        tx.portfolio_insert(&Portfolio {
            id: sample.portfolio,
            name: "card".to_owned(),
            kind: "consumer-loan".to_owned(),
            amount_age_max: Micros::from_seconds(86_400),
        })
        .await
        .unwrap();
        tx.team_insert(&Team {
            id: sample.team,
            agency: None,
            name: "North".to_owned(),
        })
        .await
        .unwrap();
        let crew = Crew {
            id: sample.crew,
            team: sample.team,
            name: "N1".to_owned(),
            travel: Travel::Car,
        };
        assert_eq!(tx.crew_upsert(&crew).await.unwrap(), sample.crew);
        tx.staff_insert(&Staff {
            id: sample.staff,
            alias,
            team: Some(sample.team),
            agency: None,
            login: "n1-anna".to_owned(),
            role: Role::Field,
            active: true,
            languages: "pt".to_owned(),
            sealed: keys.get(sample.staff.0).unwrap().seal(sample.staff.0, b"Anna").0,
        })
        .await
        .unwrap();
        let roster = Roster {
            id: RosterId(fresh_id(NOW)),
            crew: sample.crew,
            staff: sample.staff,
            shift_start: Seconds(9 * 3600),
            shift_end: Seconds(17 * 3600),
        };
        tx.roster_set(&roster).await.unwrap();
        tx.commit(one(EntryKind::OrgChanged)).await.unwrap();
        sample
    }

    /// A request of the crew's member to read something of some persons.
    pub(super) fn reads(&self, purpose: Purpose, persons: Vec<(PersonId, Alias)>) -> GrantRequest {
        GrantRequest {
            reader: Reader {
                staff: self.staff,
                by: By::PROGRAM,
                role: Some(Role::Supervisor),
                channel: ReadChannel::Office,
            },
            purpose,
            classes: &[FieldClass::Identity],
            outside: None,
            persons,
            plan: None,
        }
    }

    /// Lands a file whose rows all make new cases of new persons. One entry a case, one for the import.
    pub(super) async fn land(&self, store: &Store, rows: &[Row], now: Micros) -> (ImportId, Vec<Case>) {
        let blind_key = store.keys().blind_key(self.tenant.0).await.unwrap();
        let import = ImportId(fresh_id(now));
        let persons: Vec<(PersonId, Alias)> = rows.iter().map(|_| (PersonId(fresh_id(now)), fresh_alias())).collect();
        let ids: Vec<_> = persons.iter().map(|(id, alias)| (id.0, Some(*alias))).collect();
        let keys = store.keys().subjects_create(self.tenant.0, &ids).await.unwrap();
        let (mut addresses, mut payloads, mut cases) = (Vec::new(), Vec::new(), Vec::new());
        let (mut blind, mut lines, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for (n, (row, (person, alias))) in rows.iter().zip(&persons).enumerate() {
            let fields = PersonalFields {
                name: row.name.clone(),
                phone: row.phone.clone(),
                columns: vec![("case_no".to_owned(), row.number.clone())],
                ..PersonalFields::default()
            };
            let event = EventId(fresh_id(now));
            let plain = serde_json::to_vec(&fields).unwrap();
            let (sealed, commitment) = keys.get(person.0).unwrap().seal(event.0, &plain);
            payloads.push((event.0, person.0, sealed));
            let address = address(*person, now);
            let case = self.case(row, (*person, address.id), (event, import), now);
            blind.push((
                BLIND_CASE,
                blind_case(&blind_key, self.portfolio, &row.number),
                case.id.0,
            ));
            blind.extend(blind_phone(&blind_key, &row.phone).map(|digest| (BLIND_PHONE, digest, person.0)));
            let known = blind_person(&blind_key, &row.phone, &row.name);
            blind.extend(known.map(|digest| (BLIND_PERSON, digest, person.0)));
            lines.push(import_row(n as i64 + 2, &case, RowAction::Created, None));
            let made = ServerEntry::new(EntryKind::CaseImported, By::PROGRAM).about(*alias);
            entries.push(made.payload(event, commitment).into());
            addresses.push(address);
            cases.push(case);
        }
        let mut tx = store.write(self.tenant, now).await.unwrap();
        tx.import_insert(&self.import(import, now)).await.unwrap();
        tx.person_insert(&persons).await.unwrap();
        tx.address_insert(&addresses).await.unwrap();
        tx.payload_insert(payloads).await.unwrap();
        tx.case_write(&cases).await.unwrap();
        tx.blind_insert(&blind).await.unwrap();
        tx.import_rows_insert(import, lines).await.unwrap();
        tx.entries_add(entries).await.unwrap();
        tx.commit(one(EntryKind::ImportLanded)).await.unwrap();
        (import, cases)
    }

    /// Lands the first `count` cases of the usual file.
    pub(super) async fn land_some(&self, store: &Store, count: i64) -> (ImportId, Vec<Case>) {
        let rows: Vec<Row> = (0..count).map(Row::nth).collect();
        self.land(store, &rows, NOW).await
    }

    pub(super) fn import(&self, id: ImportId, now: Micros) -> Import {
        Import {
            kind: doorstep_store::import::ImportKind::Cases,
            id,
            staff: self.staff,
            agency: None,
            team: Some(self.team),
            state: ImportState::Landed,
            file_hash: vec![7; 32],
            created_at: now,
            counts: vec![(RowResult::Accept, 1)],
            give_back: None,
        }
    }

    fn case(
        &self,
        row: &Row,
        (person, address): (PersonId, AddressId),
        (payload, import): (EventId, ImportId),
        now: Micros,
    ) -> Case {
        Case {
            id: CaseId(fresh_id(now)),
            alias: fresh_alias(),
            portfolio: self.portfolio,
            agency: None,
            team: self.team,
            person,
            address,
            status: CaseStatus::Open,
            flags: 0,
            stage: Stage::of(row.days),
            days_past_due: row.days,
            due_day: None,
            amount: row.amount,
            parts: Some([row.amount, 0, 0, 0]),
            currency: "EUR".to_owned(),
            amount_as_of: now,
            last_visit_day: None,
            visits_before: 0,
            content_hash: row.number.as_bytes().to_vec(),
            payload,
            import,
            version: 1,
            updated_at: now,
        }
    }
}

fn address(person: PersonId, now: Micros) -> Address {
    Address {
        id: AddressId(fresh_id(now)),
        person,
        state: AddressState::Unverified,
        provenance: Provenance::LenderFile,
        kind: PlaceKind::Home,
        cell: 77,
        zone: "Europe/Lisbon".to_owned(),
        country: Some("PT".to_owned()),
        region: None,
        place_digest: Some(person.0),
    }
}

pub(super) fn import_row(line: i64, case: &Case, action: RowAction, before: Option<&Case>) -> ImportRow {
    ImportRow {
        line,
        result: RowResult::Accept,
        reasons: String::new(),
        case: Some(case.id),
        action,
        version: Some(case.version),
        before: before.map(|case| serde_json::to_string(case).unwrap()),
        columns_at: "field-missing:name".to_owned(),
        other_lines: "3,4".to_owned(),
    }
}
