//! What restricts only ever restricts: another pack, a later fact, a hardship, dispute or refusal never opens an hour, a
//! channel or an act that was closed, and never lets an item go that was asked for.

use super::properties::{MINUTE, MORE, any_facts, any_of, consent, contact, day, stated};
use super::{PACKS, at};
use crate::embedded::BUILTIN;
use crate::{Attempt, Ban, Facts, PackSet, PastContact, RULE_LAW, evaluate, intervals};
use doorstep_domain::address::{AddressState, PlaceKind};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::measure::Micros;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Packs, and the same with one more.
static GROWN: LazyLock<Vec<(PackSet, PackSet)>> = LazyLock::new(|| {
    let text = |id: &str| BUILTIN.iter().find(|one| one.id == id).unwrap().pack;
    let only = |ids: &[&str]| PackSet::only(&ids.iter().map(|id| text(id)).collect::<Vec<_>>()).unwrap();
    let without = |id: &str| PackSet::without(&BTreeSet::from([id.to_owned()]), &[]).unwrap();
    let mut pairs: Vec<_> = BUILTIN
        .iter()
        .map(|one| (without(one.id), PackSet::builtin()))
        .collect();
    for (fewer, more) in [
        (&["cn"] as &[&str], &["cn", "rights"] as &[&str]),
        (&["cn"], &["cn", "house"]),
        (&["rights"], &["rights", "cn"]),
        (&["house"], &["house", "rights"]),
        (&["house", "rights"], &["house", "rights", "cn"]),
    ] {
        pairs.push((only(fewer), only(more)));
    }
    pairs.push((PackSet::builtin(), MORE.clone()));
    pairs
});

/// A fact that narrows what may be done.
#[derive(Debug, Clone)]
enum Fact {
    Flag(Flag),
    Ban(Ban),
    Contact(PastContact),
    Status(CaseStatus),
    Address(AddressState),
    /// All consents are withdrawn.
    Withdrawn,
    /// No consent lasts beyond this instant.
    Ended(Micros),
    /// The notice came back.
    Unannounced,
}

impl Fact {
    fn learnt(&self, facts: &Facts) -> Facts {
        let mut facts = facts.clone();
        match self {
            Self::Flag(flag) => drop(facts.subject.flags.insert(*flag)),
            Self::Ban(ban) => facts.subject.bans.push(ban.clone()),
            Self::Contact(contact) => facts.contacts.push(contact.clone()),
            Self::Status(status) => facts.subject.status = *status,
            Self::Address(state) => facts.address.state = *state,
            Self::Withdrawn => facts.consents.clear(),
            Self::Ended(at) => {
                for consent in &mut facts.consents {
                    consent.until = Some(consent.until.map_or(*at, |until| until.min(*at)));
                }
            }
            Self::Unannounced => facts.notices.clear(),
        }
        facts
    }
}

/// An instant in the days around the noon at which the facts are known.
fn instant() -> impl Strategy<Value = Micros> {
    (-3_000_i64..5_000).prop_map(|minutes| at("Europe/Lisbon", "2026-10-25T12:00") + Micros(minutes * MINUTE))
}

fn ban() -> impl Strategy<Value = Ban> {
    let channels = prop::collection::vec(any_of(Channel::ALL), 0..3);
    let places = prop::collection::vec(any_of(PlaceKind::ALL), 0..2);
    (channels, places, stated(), instant(), prop::option::of(instant())).prop_map(
        |(channels, places, hours, from, until)| Ban {
            channels,
            places,
            hours,
            from,
            until,
        },
    )
}

fn narrowing() -> impl Strategy<Value = Fact> {
    let restricts: Vec<Flag> = Flag::ALL.iter().copied().filter(|flag| flag.restricts()).collect();
    let ended = [
        CaseStatus::Held,
        CaseStatus::Settled,
        CaseStatus::Recalled,
        CaseStatus::Closed,
    ];
    prop_oneof![
        3 => prop::sample::select(restricts).prop_map(Fact::Flag),
        3 => ban().prop_map(Fact::Ban),
        3 => contact().prop_map(Fact::Contact),
        1 => prop::sample::select(ended.to_vec()).prop_map(Fact::Status),
        1 => prop::sample::select(vec![AddressState::Moved, AddressState::Wrong]).prop_map(Fact::Address),
        2 => Just(Fact::Withdrawn),
        2 => instant().prop_map(Fact::Ended),
        1 => Just(Fact::Unannounced),
    ]
}

/// Hardship, a dispute, a wish to be left alone, or a contact that was refused.
fn plea() -> impl Strategy<Value = Fact> {
    let flags = vec![Flag::Hardship, Flag::Disputed, Flag::CeaseContact];
    let refused = (contact(), any::<bool>()).prop_map(|(contact, at_door)| {
        let (channel, outcome) = match (at_door, contact.channel) {
            (false, Channel::Visit) => (Channel::Call, ContactOutcome::Declined),
            (false, channel) => (channel, ContactOutcome::Declined),
            (true, _) => (Channel::Visit, ContactOutcome::AskedToLeave),
        };
        Fact::Contact(PastContact {
            channel,
            outcome: Some(outcome),
            ..contact
        })
    });
    prop_oneof![prop::sample::select(flags).prop_map(Fact::Flag), refused]
}

/// Facts of a matter of some kind, with consents and bans, of which the first may lift what the second bars not.
fn known() -> impl Strategy<Value = Facts> {
    let kinds = prop::sample::select(vec!["card", "card", "home-care", ""]);
    let lists = (
        prop::collection::vec(consent(), 0..3),
        prop::collection::vec(ban(), 0..2),
    );
    (any_facts(), kinds, lists).prop_map(|(mut facts, kind, (consents, bans))| {
        kind.clone_into(&mut facts.subject.portfolio_kind);
        facts.consents.extend(consents);
        facts.subject.bans = bans;
        facts
    })
}

/// A day, and an instant of the days around it.
fn when() -> impl Strategy<Value = (i64, Micros)> {
    (0_i64..5, instant())
}

/// Asserts that on no channel more is allowed after than before, at the instant and on the day.
fn never_more(
    before: (&PackSet, &Facts),
    after: (&PackSet, &Facts),
    (offset, start): (i64, Micros),
) -> Result<(), TestCaseError> {
    for channel in Channel::ALL {
        let ask = |(packs, facts): (&PackSet, &Facts)| {
            let attempt = Attempt {
                channel: *channel,
                ..Attempt::visit(start, start + Micros(20 * MINUTE))
            };
            let facts = Facts {
                attempt,
                ..facts.clone()
            };
            (
                evaluate(packs, &facts),
                intervals(packs, &facts, day(offset), Micros(20 * MINUTE)),
            )
        };
        let ((was, was_open), (is, is_open)) = (ask(before), ask(after));
        for (from, to) in &is_open.intervals {
            let held = was_open.intervals.iter().any(|span| span.0 <= *from && to <= &span.1);
            prop_assert!(
                held,
                "{channel}: {:?} opens {:?}",
                is_open.intervals,
                was_open.intervals
            );
        }
        // That no law is known is no rule: a pack of the country ends it.
        for finding in was.findings.iter().filter(|finding| finding.rule.as_str() != RULE_LAW) {
            let stands = |one: &crate::Finding| one.rule == finding.rule && one.effect >= finding.effect;
            prop_assert!(
                is.findings.iter().any(stands),
                "{channel}: {finding:?} became {:?}",
                is.findings
            );
        }
        prop_assert!(!was.effect.forbids() || is.effect >= was.effect, "{channel}");
        prop_assert!(was.required.iter().all(|item| is.required.contains(item)), "{channel}");
        prop_assert!(was.forbidden.iter().all(|act| is.forbidden.contains(act)), "{channel}");
        prop_assert!(was.min_staff <= is.min_staff, "{channel}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(29), ..ProptestConfig::default() })]

    #[test]
    fn no_pack_of_today_allows_more_on_any_channel(facts in known(), when in when(), pair in any::<prop::sample::Index>()) {
        let (fewer, more) = pair.get(GROWN.as_slice());
        never_more((fewer, &facts), (more, &facts), when)?;
    }

    #[test]
    fn a_later_fact_that_restricts_never_allows_more(facts in known(), fact in narrowing(), when in when()) {
        never_more((&PACKS, &facts), (&PACKS, &fact.learnt(&facts)), when)?;
    }

    #[test]
    fn nobody_fares_worse_for_having_no_hardship_dispute_or_refusal(facts in known(), fact in plea(), when in when()) {
        never_more((&PACKS, &facts), (&PACKS, &fact.learnt(&facts)), when)?;
        // Whoever collects a debt does not come at all to who said so.
        if let Fact::Flag(_) = fact && facts.subject.portfolio_kind != "home-care" {
            let found = intervals(&PACKS, &fact.learnt(&facts), day(when.0), Micros(MINUTE));
            prop_assert_eq!(found.intervals, []);
        }
    }
}
