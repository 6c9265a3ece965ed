//! Asking all rules: for one attempt, and for a whole day.

use crate::bars::{Bar, bar};
use crate::credential::lacks;
use crate::facts::Facts;
use crate::pack::{ContentWhen, DayKind, Kind, Rule};
use crate::scene::{Scene, local_day};
use crate::set::{PackSet, concerns};
use crate::spans::Spans;
use crate::text::{RuleId, SharedText};
use crate::verdict::{DayVerdict, Finding, RULE_HOLIDAYS, RULE_LAW, RULE_REGION, RULE_TIME, RULE_ZONE, Verdict};
use doorstep_domain::contact::Channel;
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::measure::Micros;
use doorstep_domain::person::PersonRole;
use doorstep_domain::words::{Arg, ArgName, Confidence, Effect, Lift, Requirement, RuleStatus, Sentence, SentenceKey};
use jiff::civil::Date;

/// What the rules say of the attempt.
#[must_use]
pub fn evaluate(packs: &PackSet, facts: &Facts) -> Verdict {
    let mut judge = Judge::new(packs);
    let Some(zone) = packs.zone(&facts.address.zone) else {
        return judge.zone_unknown(facts);
    };
    let (start, end) = (facts.attempt.start, facts.attempt.end);
    let day = if start <= end && local_day(&zone, end).is_some() {
        local_day(&zone, start)
    } else {
        None
    };
    let Some(scene) = day.and_then(|day| Scene::new(facts, &zone, day)) else {
        return judge.time_unusable();
    };
    for (rule, day) in judge.rules(packs, &scene) {
        judge.ask_of_conduct(rule, &scene);
        judge.ask_of_staff(rule, &scene);
        judge.ask_of_length(rule, end - start);
        judge.ask_of_attempt(rule, day, &scene);
    }
    let mut verdict = judge.verdict();
    if facts.attempt.channel != Channel::Visit {
        for finding in &mut verdict.findings {
            finding.sentence.key = finding.sentence.key.of_contact();
        }
    }
    verdict
}

/// In which spans of `day` (a date at the address) a visit of length `service` may be made, for planning. The times of
/// the attempt and the staff are ignored: who comes is decided later, from `min_staff` and `required`.
///
/// An attempt of that length inside a span is not forbidden by [`evaluate`] if enough certified staff come; one that
/// starts on that day and does not lie inside a span is.
#[must_use]
pub fn intervals(packs: &PackSet, facts: &Facts, day: Date, service: Micros) -> DayVerdict {
    let mut judge = Judge::new(packs);
    let nowhere = |verdict| DayVerdict {
        intervals: Vec::new(),
        verdict,
    };
    let Some(zone) = packs.zone(&facts.address.zone) else {
        return nowhere(judge.zone_unknown(facts));
    };
    let Some(scene) = Scene::new(facts, &zone, day) else {
        return nowhere(judge.time_unusable());
    };
    let service = service.max(Micros(1));
    let mut open = scene.whole_day();
    let mut narrowing: Vec<&Rule> = Vec::new();
    for (rule, day) in judge.rules(packs, &scene) {
        judge.ask_of_conduct(rule, &scene);
        judge.ask_of_length(rule, service);
        judge.ask_of_day((rule, day), &scene, service, &mut open, &mut narrowing);
    }
    let open = open.at_least(service);
    if open.is_empty() && !judge.effect.forbids() {
        for rule in narrowing {
            judge.find(
                rule,
                rule.effect,
                Sentence::new(SentenceKey::HoursDoNotMeet, []),
                scene.start_of(1),
            );
        }
    }
    let forbids = judge.effect.forbids();
    DayVerdict {
        intervals: if forbids { Vec::new() } else { open.into_pairs() },
        verdict: judge.verdict(),
    }
}

/// What the rules say of what those hold who would come, and of nothing else; how many they are is not judged. Whoever plans
/// leaves out whom this forbids.
#[must_use]
pub fn fitness(packs: &PackSet, facts: &Facts, day: Date) -> Verdict {
    let mut judge = Judge::new(packs);
    let zone = packs.zone(&facts.address.zone);
    let scene = zone.as_ref().and_then(|zone| Scene::new(facts, zone, day));
    let Some(scene) = scene else {
        return judge.zone_unknown(facts);
    };
    for (rule, _) in judge.rules(packs, &scene) {
        for sentence in lacks(rule, facts, day) {
            judge.find(rule, rule.effect, sentence, None);
        }
    }
    judge.verdict()
}

/// Collects what the rules say.
struct Judge {
    effect: Effect,
    out: Verdict,
}

impl Judge {
    fn new(packs: &PackSet) -> Self {
        let out = Verdict {
            effect: Effect::Allow,
            findings: Vec::new(),
            required: Vec::new(),
            forbidden: Vec::new(),
            min_staff: 1,
            checked: Vec::new(),
            packs: Vec::new(),
            digest: packs.digest().clone(),
        };
        Self {
            effect: Effect::Allow,
            out,
        }
    }

    /// The rules that concern the facts, noted as checked, each with what its pack knows of the day; says where the law, the
    /// region or the holidays are not known.
    fn rules<'p>(&mut self, packs: &'p PackSet, scene: &Scene<'_>) -> Vec<(&'p Rule, DayKind)> {
        let address = &scene.facts.address;
        let mut rules = Vec::with_capacity(48);
        let (mut law_known, mut regional, mut unpublished) = (false, false, false);
        let covering = packs.covering(address.country.as_deref(), scene.day);
        let subject = &scene.facts.subject;
        for (name, pack) in covering.filter(|(_, pack)| pack.speaks_of(subject)) {
            self.out.packs.push(name.clone());
            law_known |= !pack.is_house() && !pack.supplement;
            let day = pack.day_kind(scene.day, address.region.as_deref());
            for rule in &pack.rules {
                if concerns(rule, scene.facts, scene.day) && !matches!(rule.kind, Kind::Retention { .. }) {
                    regional |= !rule.regions.is_empty();
                    unpublished |= day == DayKind::Unpublished && rule.goes_by_holidays();
                    rules.push((rule, day));
                }
            }
        }
        self.out.checked.extend(rules.iter().map(|(rule, _)| rule.id.clone()));
        let country = address.country.as_deref().unwrap_or("?");
        if !law_known {
            self.note(
                RULE_LAW,
                Effect::Warn,
                SentenceKey::NoLawKnown,
                Some((ArgName::Place, country)),
            );
        }
        if regional && address.region.is_none() {
            self.note(
                RULE_REGION,
                Effect::Warn,
                SentenceKey::RegionUnknown,
                Some((ArgName::Place, country)),
            );
        }
        if unpublished {
            self.note_holidays(country, scene.day);
        }
        rules
    }

    fn note_holidays(&mut self, country: &str, day: Date) {
        self.note(
            RULE_HOLIDAYS,
            Effect::Warn,
            SentenceKey::HolidaysUnknown,
            Some((ArgName::Place, country)),
        );
        if let Some(finding) = self.out.findings.last_mut() {
            let year = (ArgName::Date, Arg::Text(day.year().to_string()));
            finding.sentence.args.push(year);
        }
    }

    /// Items and conduct that a rule asks for, whoever comes and whenever.
    fn ask_of_conduct(&mut self, rule: &Rule, scene: &Scene<'_>) {
        match &rule.kind {
            Kind::Evidence { items } => {
                let closing = scene.facts.closing.as_ref();
                let is_open = |item: &Requirement| !closing.is_some_and(|closing| closing.settles(*item));
                let open: Vec<Requirement> = items.iter().copied().filter(is_open).collect();
                if open.is_empty() {
                    return;
                }
                self.out.required.extend(&open);
                let items = (ArgName::Items, Arg::Requirements(open));
                let sentence = Sentence::new(SentenceKey::ItemsRequired, [items]);
                self.find(rule, rule.effect, sentence, None);
            }
            Kind::Content { forbid, when } => {
                let applies = match when {
                    ContentWhen::Always => true,
                    ContentWhen::AmountStale => scene.facts.subject.amount_stale,
                    ContentWhen::PartyNotDebtor => scene.facts.subject.party != PersonRole::Debtor,
                };
                if applies {
                    self.out.forbidden.extend(forbid);
                }
                // What is always forbidden is no news; only a condition that holds here is a finding.
                if applies && *when != ContentWhen::Always {
                    let items = (ArgName::Items, Arg::Forbidden(forbid.clone()));
                    self.find(
                        rule,
                        rule.effect,
                        Sentence::new(SentenceKey::ActsForbidden, [items]),
                        None,
                    );
                }
            }
            Kind::Staff { min } if rule.effect.forbids() => self.out.min_staff = self.out.min_staff.max(*min),
            Kind::Credential { items, .. } if items.contains(&CredentialKind::Certificate) => {
                self.out.required.push(Requirement::Certificate);
            }
            _ => {}
        }
    }

    /// Whether those who would come are enough.
    fn ask_of_staff(&mut self, rule: &Rule, scene: &Scene<'_>) {
        let count = scene.facts.staff.count;
        if let Kind::Staff { min } = rule.kind
            && count < min
        {
            let min = (ArgName::Min, Arg::Number(i64::from(min)));
            let count = (ArgName::Count, Arg::Number(i64::from(count)));
            let sentence = Sentence::new(SentenceKey::StaffTooFew, [min, count]);
            self.broken(rule, scene, Spans::default(), sentence, None);
        }
        for sentence in lacks(rule, scene.facts, scene.day) {
            self.broken(rule, scene, Spans::default(), sentence, None);
        }
    }

    /// Whether the visit is planned for no longer than a rule lets it.
    fn ask_of_length(&mut self, rule: &Rule, length: Micros) {
        let Kind::Length { max_minutes } = rule.kind else {
            return;
        };
        let max = i64::from(max_minutes);
        if length > Micros::from_seconds(max * 60) {
            let minutes = length.seconds().div_euclid(60) + i64::from(length.seconds() % 60 > 0);
            let count = (ArgName::Count, Arg::Number(minutes));
            let sentence = Sentence::new(SentenceKey::TooLong, [count, (ArgName::Max, Arg::Number(max))]);
            self.find(rule, rule.effect, sentence, None);
        }
    }

    /// Whether the attempt lies where the rule lets it.
    fn ask_of_attempt(&mut self, rule: &Rule, day: DayKind, scene: &Scene<'_>) {
        let attempt = scene.facts.attempt;
        match bar(rule, day, scene) {
            Bar::Free => {}
            Bar::Barred(sentence, until) => self.broken(rule, scene, Spans::default(), sentence, until),
            Bar::Within(spans, _) if spans.contain(attempt.start, attempt.end) => {}
            Bar::Within(spans, sentence) => {
                let until = spans.next_start(attempt.start);
                self.broken(rule, scene, spans, sentence, until);
            }
        }
    }

    /// A rule is broken by the attempt, unless somebody lifted it for all of its time.
    fn broken(&mut self, rule: &Rule, scene: &Scene<'_>, base: Spans, sentence: Sentence, until: Option<Micros>) {
        let attempt = scene.facts.attempt;
        if base.union(scene.lifts(rule)).contain(attempt.start, attempt.end) {
            self.find(rule, Effect::Warn, lifted(rule, scene), None);
        } else {
            self.find(rule, rule.effect, sentence, until);
        }
    }

    /// Narrows the day to what the rule leaves open; a rule that leaves too little is found.
    fn ask_of_day<'p>(
        &mut self,
        (rule, day): (&'p Rule, DayKind),
        scene: &Scene<'_>,
        service: Micros,
        open: &mut Spans,
        narrowing: &mut Vec<&'p Rule>,
    ) {
        let (base, sentence, until) = match bar(rule, day, scene) {
            Bar::Free => return,
            Bar::Barred(sentence, until) => (Spans::default(), sentence, until),
            Bar::Within(spans, sentence) => (spans, sentence, None),
        };
        if base.contain(scene.bounds.0, scene.bounds.1) {
            // It narrows another day, and is not named where others narrow this one.
            return;
        }
        if !rule.effect.forbids() {
            if base.is_empty() {
                self.find(rule, rule.effect, sentence, until);
            }
            return;
        }
        let was_barred = base.at_least(service).is_empty();
        let left = base.union(scene.lifts(rule));
        if left.at_least(service).is_empty() {
            self.find(rule, rule.effect, sentence, until);
        } else if was_barred {
            self.find(rule, Effect::Warn, lifted(rule, scene), None);
        }
        *open = open.intersection(&left);
        narrowing.push(rule);
    }

    fn find(&mut self, rule: &Rule, effect: Effect, sentence: Sentence, until: Option<Micros>) {
        self.effect = self.effect.max(effect);
        self.out.findings.push(Finding {
            rule: rule.id.clone(),
            effect,
            confidence: rule.confidence,
            status: rule.status,
            citation: rule.citation.clone(),
            sentence,
            until,
            lifted_by: rule.lifted_by.clone(),
        });
    }

    /// A finding of the engine itself.
    fn note(&mut self, rule: &str, effect: Effect, key: SentenceKey, text: Option<(ArgName, &str)>) {
        self.effect = self.effect.max(effect);
        let args = text.map(|(name, text)| (name, Arg::Text(text.to_owned())));
        self.out.checked.push(RuleId::from(rule));
        self.out.findings.push(Finding {
            rule: RuleId::from(rule),
            effect,
            confidence: Confidence::Quoted,
            status: RuleStatus::House,
            citation: SharedText::from("Doorstep"),
            sentence: Sentence {
                key,
                args: args.into_iter().collect(),
            },
            until: None,
            lifted_by: vec![Lift::Nobody],
        });
    }

    fn zone_unknown(mut self, facts: &Facts) -> Verdict {
        let zone: String = facts.address.zone.chars().take(40).collect();
        self.note(
            RULE_ZONE,
            Effect::Block,
            SentenceKey::ZoneUnknown,
            Some((ArgName::Zone, zone.as_str())),
        );
        self.verdict()
    }

    fn time_unusable(mut self) -> Verdict {
        self.note(RULE_TIME, Effect::Block, SentenceKey::TimeUnusable, None);
        self.verdict()
    }

    fn verdict(mut self) -> Verdict {
        self.out.effect = self.effect;
        self.out
            .findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.effect));
        self.out.required.sort_unstable();
        self.out.required.dedup();
        self.out.forbidden.sort_unstable();
        self.out.forbidden.dedup();
        self.out
    }
}

fn lifted<'a>(rule: &'a Rule, scene: &Scene<'a>) -> Sentence {
    let by = scene.lifting(rule).next().map_or(Lift::Nobody, |consent| consent.given);
    Sentence::new(SentenceKey::Lifted, [(ArgName::By, Arg::Lift(by))])
}
