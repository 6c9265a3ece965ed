//! What of a route comes on paper.

use super::*;
use doorstep_device::Gate;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_rules::{PackSet, Wording};
use uuid::Uuid;

fn stop() -> Stop {
    Stop {
        number: 1,
        visit: Uuid::from_u128(1),
        case_no: "DS-1001".to_owned(),
        name: "Person 1".to_owned(),
        address: "石桥街12号".to_owned(),
        point: [300_500_000, 1_199_500_000],
        zone: "Asia/Shanghai".to_owned(),
        starts: Micros(1_795_400_000_000_000),
        ends: Micros(1_795_400_900_000_000),
        state: None,
        gate: Gate {
            allowed_ms: vec![[1_795_392_000_000, 1_795_435_200_000]],
            staff_min: 2,
            not_said: ["debt_to_others", "newer_rule", "amount"].map(str::to_owned).to_vec(),
            ..Gate::default()
        },
        notes: vec!["dog_at_gate".to_owned(), "unheard_of".to_owned()],
        withdrawn: None,
        language: "zh".to_owned(),
    }
}

#[test]
fn paper_has_what_the_door_needs_and_no_rule_is_passed_over() {
    let paper = on_paper(&stop()).unwrap();
    assert_eq!((paper.number, paper.staff_min, paper.hours.len()), (1, 2, 1));
    assert_eq!(paper.not_said.len(), 2);
    assert!(
        paper.more_forbidden,
        "a rule that this program does not know is not passed over"
    );
}

#[test]
fn no_amount_phone_or_number_of_a_case_reaches_paper() {
    let stops = [on_paper(&stop()).unwrap()];
    let head = SheetHead {
        day: "2026-11-23".to_owned(),
        expires: "2026-11-23 20:00+08:00".to_owned(),
        said: on_paper_said(
            &PackSet::builtin()
                .packs()
                .flat_map(|pack| pack.sentences.clone())
                .collect::<Vec<_>>(),
            Lang::En,
            &[],
        ),
    };
    assert!(head.said.len() > 5);
    for words in head.said.iter().flat_map(|(_, words)| words) {
        assert_eq!(Wording::builtin().telling(words), None, "{words}");
    }
    for lang in [Lang::En, Lang::Zh] {
        let html = sheet(&stops, &head, lang);
        assert!(html.contains("Person 1") && html.contains("石桥街12号"));
        for secret in ["CNY", "¥", "元", "DS-1001", "days_past_due", "CN-TIME"] {
            assert!(!html.contains(secret), "{secret} in {html}");
        }
    }
}
