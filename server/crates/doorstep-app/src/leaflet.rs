//! Leaflets: rights, duties and help on one page, chosen by case, and noted when somebody gets one. Nothing in them is about a person.

mod sheet;

use doorstep_domain::case::Flag;
use doorstep_domain::id::VisitId;
use doorstep_domain::training::HandedAt;
use doorstep_domain::words::Lang;
use doorstep_log::hash::base64url_encode;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::leaflet::LeafletGiven;
use doorstep_wire::Page;
use doorstep_wire::leaflet::{GiveLeaflet, LeafletDetail, LeafletHanded, LeafletItem, LeafletQuery};
use doorstep_wire::problem::ProblemCode;

use crate::App;
use crate::actor::Actor;
use crate::contact::erased;
use crate::error::AppError;
use crate::letter::language_of;
use crate::papers::paper_day;
use crate::policy::{self, Action};

use sheet::{Leaflet, all};

impl App {
    /// The leaflets: all, or those that fit a case, with when they were handed over in it.
    pub async fn list_leaflets(
        &self,
        actor: &Actor,
        query: &LeafletQuery,
        lang: Lang,
    ) -> Result<Page<LeafletItem>, AppError> {
        policy::check(actor, Action::GiveLeaflet)?;
        let lang = query.language.as_deref().map_or(Ok(lang), language_of)?;
        let mut leaflets: Vec<Leaflet> = sheets()?;
        let mut given = Vec::new();
        if let Some(case) = query.case {
            let view = self.case_in_scope(actor, case).await?;
            let (store, persons) = (self.store(), [view.case.person.0]);
            let flags = store
                .flags_of_persons(actor.tenant, Flag::mask_of_person(), &persons)
                .await?;
            let flags = flags.iter().fold(view.case.flags, |mask, (_, flags)| mask | flags);
            leaflets.retain(|one| one.fits(view.case.stage, flags));
            given = self.leaflets_given(actor, case).await?;
        }
        let item = |one: &Leaflet| LeafletItem {
            name: one.name.clone(),
            title: one.in_lang(lang).title.clone(),
            version: one.version.clone(),
            given: given
                .iter()
                .filter(|handed| handed.leaflet == one.name)
                .cloned()
                .collect(),
        };
        Ok(Page {
            items: leaflets.iter().map(item).collect(),
            next: None,
        })
    }

    async fn leaflets_given(&self, actor: &Actor, case: uuid::Uuid) -> Result<Vec<LeafletHanded>, AppError> {
        let rows = self.store().leaflets_of_cases(actor.tenant, &[case]).await?;
        let staff = self.store().staff_list(actor.tenant).await?;
        let login = |row: &LeafletGiven| {
            staff
                .iter()
                .find(|one| one.id == row.staff)
                .map(|one| one.login.clone())
        };
        Ok(rows
            .iter()
            .map(|row| handed(row, login(row).unwrap_or_default()))
            .collect())
    }

    /// A leaflet for a terminal and for printing.
    pub async fn show_leaflet(
        &self,
        actor: &Actor,
        name: &str,
        query: &LeafletQuery,
        lang: Lang,
    ) -> Result<LeafletDetail, AppError> {
        policy::check(actor, Action::GiveLeaflet)?;
        let lang = query.language.as_deref().map_or(Ok(lang), language_of)?;
        let leaflet = named(name)?;
        let offices = self.store().office_list(actor.tenant).await?;
        let office = offices.iter().find(|office| office.agency == actor.agency);
        let (office, complaints) = office.map_or(("", ""), |office| (office.name.as_str(), office.complaints.as_str()));
        let day = paper_day(self.now(), &jiff::tz::TimeZone::UTC);
        let paper = leaflet.paper(lang, (office, complaints), day);
        Ok(LeafletDetail {
            name: leaflet.name.clone(),
            language: lang.code().to_owned(),
            title: leaflet.in_lang(lang).title.clone(),
            version: leaflet.version.clone(),
            text: paper.text(),
            pdf: base64url_encode(&self.print(&paper)?),
        })
    }

    /// Notes that a leaflet was handed over.
    pub async fn give_leaflet(&self, actor: &Actor, request: &GiveLeaflet) -> Result<LeafletHanded, AppError> {
        policy::check(actor, Action::GiveLeaflet)?;
        let leaflet = named(&request.leaflet)?;
        let lang = language_of(&request.language)?;
        let view = self.case_in_scope(actor, request.case).await?;
        if let Some(visit) = request.visit {
            let visits = self.store().visit_of_cases(actor.tenant, &[request.case]).await?;
            if visits.iter().all(|one| one.id.0 != visit) {
                return Err(AppError::not_found("visit of this case"));
            }
        }
        let now = self.now();
        let given = LeafletGiven {
            id: doorstep_store::fresh_id(now),
            case: view.case.id,
            person: view.case.person,
            visit: request.visit.map(VisitId),
            leaflet: leaflet.name.clone(),
            version: leaflet.version.clone(),
            language: lang.code().to_owned(),
            place: if request.visit.is_some() {
                HandedAt::Door
            } else {
                HandedAt::Office
            },
            staff: actor.staff,
            at: now,
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        if !tx.person_kept(given.person).await? {
            return Err(erased());
        }
        tx.leaflet_insert(&given).await?;
        let entry = ServerEntry::new(EntryKind::LeafletGiven, actor.by())
            .about(view.person_alias)
            .with("case", view.case.alias.to_string())
            .with("leaflet", given.leaflet.as_str())
            .with("version", given.version.as_str())
            .with("language", given.language.as_str())
            .with("place", given.place.code());
        tx.commit(Entries::one(entry)).await?;
        let login = self.staff_numbers(actor).await?.of(actor.staff);
        Ok(handed(&given, login.unwrap_or_default()))
    }
}

fn sheets() -> Result<Vec<Leaflet>, AppError> {
    all().map_err(|error| {
        tracing::error!(error = %error, "leaflet.unreadable");
        AppError::Fault("leaflets that come along are read by their test")
    })
}

fn named(name: &str) -> Result<Leaflet, AppError> {
    let found = sheets()?.into_iter().find(|one| one.name == name);
    found.ok_or_else(|| {
        let detail = "There is no such leaflet; `doorstep leaflet list` shows them.";
        AppError::refuse(ProblemCode::NotFound, detail)
    })
}

fn handed(row: &LeafletGiven, staff: String) -> LeafletHanded {
    LeafletHanded {
        leaflet: row.leaflet.clone(),
        language: row.language.clone(),
        place: row.place.code().to_owned(),
        staff,
        at: row.at.get(),
    }
}
