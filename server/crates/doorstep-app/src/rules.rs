//! Which rule packs are in force: a change of packs, for example by a new version of the program, is an entry of every
//! tenant, so that later nobody has to guess by which rules something was decided.

mod compare;

use doorstep_domain::id::TenantId;
use doorstep_store::StoreError;
use doorstep_store::entry::{By, Detail, Entries, EntryKind, ServerEntry};

use crate::App;
use crate::error::AppError;

impl App {
    /// The packs of this process, as `id@version`, and their digest.
    pub(crate) fn packs_text(&self) -> String {
        format!("{} {}", self.pack_names().join(","), self.packs().digest())
    }

    /// Names the packs in force, and which of them are not the program's own: `own` those of the deployment, `accepted` those
    /// that nobody has verified and that somebody accepted.
    pub(crate) fn rules_entry(&self) -> ServerEntry {
        let further = |is_unverified: bool| {
            let all = self.packs().further().iter();
            let asked = all.filter(|one| one.is_unverified == is_unverified);
            asked.map(|one| one.pack.to_string()).collect::<Vec<_>>()
        };
        let entry = ServerEntry::new(EntryKind::RulesActivated, By::PROGRAM)
            .with("digest", self.packs().digest().to_string())
            .with("packs", Detail::List(self.pack_names()));
        let lists = [("own", further(false)), ("accepted", further(true))];
        let named = lists.into_iter().filter(|(_, names)| !names.is_empty());
        named.fold(entry, |entry, (key, names)| entry.with(key, Detail::List(names)))
    }

    /// Notes for every tenant that the packs of this process are in force, where others were before. Returns for how
    /// many tenants they changed.
    pub async fn activate_rules(&self) -> Result<usize, AppError> {
        let mut changed = 0;
        for (tenant, _) in self.store().tenant_list().await? {
            changed += usize::from(self.activate_for(tenant).await?);
        }
        Ok(changed)
    }

    async fn activate_for(&self, tenant: TenantId) -> Result<bool, AppError> {
        let packs = self.packs_text();
        let before = self.store().rules_in_force(tenant).await?;
        if before.as_ref().is_some_and(|(_, known)| *known == packs) {
            return Ok(false);
        }
        let mut tx = self.store().write(tenant, self.now()).await?;
        match tx
            .rules_activate(before.map_or(1, |(version, _)| version + 1), &packs)
            .await
        {
            Ok(()) => {}
            // Another process of the same deployment was faster with the same packs.
            Err(StoreError::Changed) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        tx.commit(Entries::one(self.rules_entry())).await?;
        Ok(true)
    }
}
