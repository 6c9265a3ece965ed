//! The lot: some visits of each member of staff and week, and every visit that somebody complained about. It comes from the
//! first leaf of the log after the week, so nobody could know it before, and nobody can choose it by when they draw.

use std::collections::BTreeMap;

use doorstep_domain::id::{CheckId, StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::quality::{CheckState, DrawnBecause, SAMPLE_PER_STAFF, SAMPLE_PER_STAFF_MAX};
use doorstep_log::hash::{Hash, sha256};
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::quality::{QualityCheck, QualityDraw};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::quality::{DrawQuality, QualityDrawn};

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reads::week::Week;

impl App {
    /// Draws the lot of a week that is over, for all staff at once; a second time only complaints add visits.
    pub async fn draw_quality(&self, actor: &Actor, request: &DrawQuality) -> Result<QualityDrawn, AppError> {
        policy::check(actor, Action::DrawQuality)?;
        let (now, week) = (self.now(), self.week_to_draw(request)?);
        let asked = request.per_staff.map_or(SAMPLE_PER_STAFF, |count| count as usize);
        let before = self.store().quality_draw_get(actor.tenant, week.monday()).await?;
        let (draw, sample) = if let Some(draw) = &before {
            (draw.clone(), Vec::new())
        } else {
            let per_staff = asked.clamp(SAMPLE_PER_STAFF, SAMPLE_PER_STAFF_MAX);
            self.lot(actor, week, per_staff).await?
        };
        let mut checks: Vec<QualityCheck> = sample
            .into_iter()
            .map(|(visit, staff)| drawn((visit, staff), (week, DrawnBecause::Sample), now))
            .collect();
        for (visit, staff, began) in self.store().quality_complained(actor.tenant).await? {
            checks.retain(|check| (check.visit, check.staff) != (visit, staff));
            checks.push(drawn((visit, staff), (Week::of(began), DrawnBecause::Complaint), now));
        }
        let mut tx = self.store().write(actor.tenant, now).await?;
        if before.is_none() && !tx.quality_draw_add(&draw).await? {
            let detail = "Somebody drew this week just now. `doorstep quality list` shows the visits.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let count = tx.quality_add(&checks).await?;
        let answer = QualityDrawn {
            week: week.to_string(),
            per_staff: u32::try_from(draw.per_staff).unwrap_or(u32::MAX),
            leaf_index: u64::try_from(draw.leaf_index).unwrap_or_default(),
            leaf_hash: doorstep_log::hash::hex(&draw.leaf_hash),
            before: before.is_some(),
            drawn: count,
        };
        let entry = ServerEntry::new(EntryKind::QualityDrawn, actor.by())
            .with("week", answer.week.as_str())
            .with("leaf", draw.leaf_index)
            .with("hash", answer.leaf_hash.as_str())
            .with("per_staff", draw.per_staff)
            .with("drawn", count as i64);
        tx.commit(Entries::one(entry)).await?;
        self.wake_office();
        Ok(answer)
    }

    fn week_to_draw(&self, request: &DrawQuality) -> Result<Week, AppError> {
        let this = Week::of(self.now());
        let week = match request.week.as_deref() {
            Some(name) => Week::named(name)?,
            None => Week::of_monday(this.monday() - 7),
        };
        if week < this {
            return Ok(week);
        }
        let detail = "The week is not over yet. Draw it when it is.";
        Err(AppError::at(ProblemCode::BadRequest, "week", detail))
    }

    async fn lot(
        &self,
        actor: &Actor,
        week: Week,
        per_staff: usize,
    ) -> Result<(QualityDraw, Vec<(VisitId, StaffId)>), AppError> {
        let span = week.span();
        let seed = self.store().quality_seed(actor.tenant, span.1).await?;
        let (index, hash) = seed.ok_or_else(|| {
            let detail = "The lot comes from the first entry of the log after the week, and there is none yet. \
                          Draw again when work has gone on.";
            AppError::at(ProblemCode::BadRequest, "week", detail)
        })?;
        let visits = self.store().quality_visits(actor.tenant, span).await?;
        let draw = QualityDraw {
            week: week.monday(),
            leaf_index: i64::try_from(index).unwrap_or(i64::MAX),
            leaf_hash: hash.0.to_vec(),
            per_staff: per_staff as i64,
            drawn_at: self.now(),
        };
        Ok((draw, chosen(&hash, visits, per_staff)))
    }
}

/// Of each member of staff the visits whose lots come first: hashes of the leaf, the member of staff and the visit.
fn chosen(seed: &Hash, visits: Vec<(VisitId, StaffId)>, per_staff: usize) -> Vec<(VisitId, StaffId)> {
    let mut by_staff: BTreeMap<StaffId, Vec<(Hash, VisitId)>> = BTreeMap::new();
    for (visit, staff) in visits {
        let text = [&seed.0[..], staff.0.as_bytes(), visit.0.as_bytes()].concat();
        by_staff.entry(staff).or_default().push((sha256(&text), visit));
    }
    let mut chosen = Vec::new();
    for (staff, mut lots) in by_staff {
        lots.sort_unstable_by_key(|(lot, visit)| (lot.0, *visit));
        chosen.extend(lots.into_iter().take(per_staff).map(|(_, visit)| (visit, staff)));
    }
    chosen
}

fn drawn((visit, staff): (VisitId, StaffId), (week, because): (Week, DrawnBecause), now: Micros) -> QualityCheck {
    QualityCheck {
        id: CheckId(doorstep_store::fresh_id(now)),
        visit,
        staff,
        week: week.monday(),
        because,
        state: CheckState::Drawn,
        drawn_at: now,
        found: String::new(),
        scored: None,
        remarks: None,
        appealed: None,
        decided: None,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_lot_takes_so_many_of_everybody_and_another_seed_takes_others() {
        let visits: Vec<(VisitId, StaffId)> = (0..40_u128)
            .map(|n| (VisitId(Uuid::from_u128(n)), StaffId(Uuid::from_u128(n % 2))))
            .chain([(VisitId(Uuid::from_u128(99)), StaffId(Uuid::from_u128(7)))])
            .collect();
        let lot = |seed: u8| chosen(&Hash([seed; 32]), visits.clone(), 2);
        let count = |seed, staff| lot(seed).iter().filter(|(_, one)| one.0.as_u128() == staff).count();
        assert_eq!([0, 1, 7].map(|staff| count(3, staff)), [2, 2, 1]);
        assert_eq!(lot(3), lot(3));
        assert!((4..12).any(|seed| lot(seed) != lot(3)));
    }
}
