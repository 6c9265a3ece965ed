//! What of a device's doors comes on paper.

use super::*;
use doorstep_domain::words::Lang;
use doorstep_wire::case::AmountItem;
use uuid::Uuid;

fn door(number: u128, address: &str, point: [i64; 2]) -> Door {
    Door {
        visit: Uuid::from_u128(number),
        visit_alias: Uuid::from_u128(100 + number),
        subject_alias: Uuid::from_u128(200 + number),
        case_no: format!("DS-{}", 1000 + number),
        name: format!("Person {number}"),
        phone: "+8613800001234".to_owned(),
        address: address.to_owned(),
        point,
        language: "zh".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        position: number as i64,
        starts: 1_795_400_000_000_000 + number as i64 * 1_800_000_000,
        ends: 1_795_400_000_000_000 + number as i64 * 1_800_000_000 + 900_000_000,
        amount: Some(AmountItem {
            total: 123_456,
            parts: None,
            currency: "CNY".to_owned(),
            text: "1234.56".to_owned(),
            as_of: 0,
            stale: false,
        }),
        notes: vec!["dog_at_gate".to_owned(), "unheard_of".to_owned()],
        facts: "{\"stage\":\"M2\",\"days_past_due\":41}".to_owned(),
    }
}

fn permit(doors: &[Door]) -> Permit {
    let listed = |door: &Door| PermitDoor {
        visit: door.visit_alias,
        subj: door.subject_alias,
        allowed_ms: vec![[1_795_392_000_000, 1_795_435_200_000]],
        staff_min: 2,
        required: vec!["position".to_owned()],
        not_said: vec![
            "debt_to_others".to_owned(),
            "newer_rule".to_owned(),
            "amount".to_owned(),
        ],
        rules: vec!["CN-TIME-2".to_owned()],
    };
    Permit {
        v: 1,
        id: Uuid::from_u128(1),
        ten: Uuid::from_u128(2),
        crew: Uuid::from_u128(3),
        day: "2026-11-23".to_owned(),
        as_of_ms: 0,
        expires_ms: 1_795_435_200_000,
        rules: "00".to_owned(),
        doors: doors.iter().map(listed).collect(),
        staff: Vec::new(),
    }
}

#[test]
fn one_person_per_door_and_only_what_the_permit_lists() {
    let near = [300_500_500, 1_199_500_500];
    let doors = [
        door(1, "石桥街12号", [300_500_000, 1_199_500_000]),
        door(2, "石桥街 12 号", [300_600_000, 1_199_500_000]),
        door(3, "another text", near),
        door(4, "Mill Lane 3", [300_700_000, 1_199_500_000]),
        door(5, "Mill Lane 9", [300_800_000, 1_199_500_000]),
    ];
    let (stops, head) = from_doors(&doors, &permit(&doors[..4]));
    let names: Vec<(usize, &str)> = stops.iter().map(|stop| (stop.number, stop.name.as_str())).collect();
    assert_eq!(names, [(1, "Person 1"), (2, "Person 4")]);
    assert_eq!((head.day.as_str(), stops[0].staff_min), ("2026-11-23", 2));
    assert!(head.expires.ends_with("+08:00"), "{}", head.expires);
    assert_eq!(stops[0].hours.len(), 1);
    assert_eq!(stops[0].not_said.len(), 2);
    assert!(
        stops[0].more_forbidden,
        "a rule that this program does not know is not passed over"
    );
}

#[test]
fn no_amount_phone_or_number_of_a_case_reaches_paper() {
    let doors = [door(1, "石桥街12号", [300_500_000, 1_199_500_000])];
    let (stops, head) = from_doors(&doors, &permit(&doors));
    for lang in [Lang::En, Lang::Zh] {
        let html = sheet(&stops, &head, lang);
        assert!(html.contains("Person 1") && html.contains("石桥街12号"));
        for secret in [
            "1234.56",
            "123456",
            "CNY",
            "¥",
            "元",
            "13800001234",
            "DS-1001",
            "days_past_due",
            "CN-TIME",
        ] {
            assert!(!html.contains(secret), "{secret} in {html}");
        }
    }
}
