//! The JSON Schema of packs says what the types say: the same members, the same codes, and every pack that comes along fits.

use super::PACKS;
use crate::{
    Confidence, ContentWhen, Counted, Effect, FORMAT, Forbidden, Hearer, Lift, Moment, Pack, PackSet, Per, Requirement,
    RetentionFrom, RetentionOf, RuleStatus, SCHEMA, Saying, Weekday,
};
use doorstep_domain::address::{AddressState, PlaceKind};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::person::PersonRole;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// The codes of each list; an effect of a rule does something, so `allow` is none.
fn codes() -> Vec<(&'static str, Value)> {
    let effects: Vec<&Effect> = Effect::ALL.iter().filter(|one| **one != Effect::Allow).collect();
    vec![
        ("effect", json!(effects)),
        ("lift", json!(Lift::ALL)),
        ("status", json!(RuleStatus::ALL)),
        ("confidence", json!(Confidence::ALL)),
        ("channel", json!(Channel::ALL)),
        ("party", json!(PersonRole::ALL)),
        ("flag", json!(Flag::ALL)),
        ("case_status", json!(CaseStatus::ALL)),
        ("address_state", json!(AddressState::ALL)),
        ("place", json!(PlaceKind::ALL)),
        ("credential", json!(CredentialKind::ALL)),
        ("requirement", json!(Requirement::ALL)),
        ("outcome", json!(ContactOutcome::ALL)),
        ("forbidden_act", json!(Forbidden::ALL)),
        ("content_when", json!(ContentWhen::ALL)),
        ("counted", json!(Counted::ALL)),
        ("per", json!(Per::ALL)),
        ("retained", json!(RetentionOf::ALL)),
        ("retained_from", json!(RetentionFrom::ALL)),
        ("moment", json!(Moment::ALL)),
        ("hearer", json!(Hearer::ALL)),
        ("saying", json!(Saying::ALL)),
        ("weekday", json!(Weekday::ALL)),
    ]
}

#[test]
fn every_list_of_codes_is_that_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/pack.schema.json");
    let mut text = SCHEMA.to_owned();
    for (name, codes) in codes() {
        let begin = text.find(&format!("    \"{name}\": {{\n      \"enum\": [")).unwrap();
        let from = begin + text[begin..].find('[').unwrap();
        let to = from + text[from..].find(']').unwrap() + 1;
        let list: Vec<String> = codes.as_array().unwrap().iter().map(Value::to_string).collect();
        let list = format!("[\n        {}\n      ]", list.join(",\n        "));
        text.replace_range(from..to, &list);
    }
    if std::env::var_os("DOORSTEP_BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == text,
        "pack.schema.json lacks a code; DOORSTEP_BLESS=1 writes it"
    );
    let schema = schema();
    for (name, _) in schema["$defs"].as_object().unwrap() {
        let is_list = schema["$defs"][name]["enum"].is_array();
        assert_eq!(is_list, codes().iter().any(|(known, _)| known == name), "{name}");
    }
}

/// The members that the reader of a type knows: it names them where it finds another.
fn members<T: DeserializeOwned>(path: &str) -> Vec<String> {
    let wrong = path
        .rsplit('/')
        .fold(json!({"no-such-member": 1}), |inner, name| match name {
            "" => inner,
            name => json!({ name: inner }),
        });
    let error = serde_json::from_value::<T>(wrong).err().unwrap().to_string();
    let known = error.split_once("expected").map_or("", |(_, known)| known);
    let mut known: Vec<String> = known.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    known.sort();
    known
}

#[track_caller]
fn same_members(schema: &Value, known: &[String]) {
    let mut named: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    named.sort();
    assert_eq!(named, known.iter().collect::<Vec<_>>());
    assert_eq!(schema["additionalProperties"], false, "{schema}");
}

#[test]
fn every_member_is_that_of_the_types() {
    let schema = schema();
    let defs = &schema["$defs"];
    same_members(&schema, &members::<Pack>(""));
    same_members(&schema["properties"]["title"], &members::<crate::Title>(""));
    same_members(&defs["holiday_year"], &members::<crate::HolidayYear>(""));
    same_members(&defs["rule"], &members::<crate::Rule>(""));
    same_members(&defs["sentence"], &members::<crate::DoorSentence>(""));
    same_members(
        &defs["rule"]["properties"]["applies_to"],
        &members::<crate::AppliesTo>(""),
    );
    same_members(&defs["hours"], &members::<crate::DayHours>(""));
    same_members(&defs["kind"], &members::<crate::Kind>(""));
    for (name, kind) in defs["kind"]["properties"].as_object().unwrap() {
        same_members(kind, &members::<crate::Kind>(name));
    }
    let mut windows = members::<crate::Window>("");
    windows.retain(|one| !["calendar_day", "case_total"].contains(&one.as_str()));
    same_members(&defs["window"]["oneOf"][1], &windows);
    assert_eq!(schema["properties"]["format"]["const"], FORMAT);
}

/// Why a value does not fit, with its place; as far as the schema goes.
fn misfit(whole: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/$defs/").unwrap();
        misfit(whole, &whole["$defs"][name], value, at)?;
    }
    let ensure = |holds: bool, what: &str| {
        if holds {
            Ok(())
        } else {
            Err(format!("{at}: {what}: {value}"))
        }
    };
    for (key, asked) in schema.as_object().unwrap() {
        match key.as_str() {
            "type" => {
                let found = match value {
                    Value::Object(_) => "object",
                    Value::Array(_) => "array",
                    Value::String(_) => "string",
                    Value::Bool(_) => "boolean",
                    Value::Number(number) if number.is_i64() => "integer",
                    _ => "other",
                };
                ensure(asked == found, "type")?;
            }
            "const" => ensure(value == asked, "const")?,
            "enum" => ensure(asked.as_array().unwrap().contains(value), "no such code")?,
            "minimum" => ensure(value.as_i64() >= asked.as_i64(), "minimum")?,
            "maximum" => ensure(value.as_i64() <= asked.as_i64(), "maximum")?,
            "minLength" => ensure(value.as_str().is_some_and(|text| !text.is_empty()), "empty")?,
            "minItems" => ensure(value.as_array().is_some_and(|items| !items.is_empty()), "empty")?,
            "minProperties" => ensure(value.as_object().is_some_and(|all| !all.is_empty()), "empty")?,
            "maxProperties" => ensure(value.as_object().is_some_and(|all| all.len() == 1), "several")?,
            "required" => {
                let lacking = asked
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|name| value.get(name.as_str().unwrap()).is_none());
                ensure(lacking.is_none(), "lacks a member")?;
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    misfit(whole, asked, item, at)?;
                }
            }
            "properties" => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    let known = asked.get(name).ok_or(format!("{at}: unknown member {name}"))?;
                    misfit(whole, known, member, &format!("{at}.{name}"))?;
                }
            }
            "oneOf" => {
                let fits = asked
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|one| misfit(whole, one, value, at).is_ok());
                ensure(fits.count() == 1, "fits not exactly one")?;
            }
            "pattern" => ensure(matches(asked.as_str().unwrap(), value.as_str().unwrap()), "pattern")?,
            "$ref" | "$defs" | "$schema" | "title" | "description" | "additionalProperties" => {}
            other => return Err(format!("{other}: the test does not know this")),
        }
    }
    Ok(())
}

/// The few patterns of the schema: classes of letters, each once or as often as said.
fn matches(pattern: &str, text: &str) -> bool {
    let is_upper = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let digits = |text: &str, shape: &str| {
        let fits = |(byte, shape): (u8, u8)| {
            if shape == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == shape
            }
        };
        text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
    };
    match pattern {
        "^[A-Za-z0-9-]+$" => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        "^[A-Z]{2}$" => is_upper(text),
        "^[A-Z]{2}-.*$" => text.split_once('-').is_some_and(|(country, _)| is_upper(country)),
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" => digits(text, "0000-00-00"),
        "^[0-9]{2}:[0-9]{2}$" => digits(text, "00:00"),
        other => panic!("the test does not know {other}"),
    }
}

fn fits(pack: &str) -> Result<(), String> {
    let value: toml::Value = toml::from_str(pack).unwrap();
    let schema = schema();
    misfit(&schema, &schema, &json!(value), "")
}

#[test]
fn every_pack_that_comes_along_fits_and_what_the_reader_refuses_does_not() {
    for one in crate::embedded::BUILTIN.iter().chain(crate::embedded::UNVERIFIED) {
        assert_eq!(fits(one.pack.1), Ok(()), "{}", one.id);
    }
    assert_eq!(PackSet::unverified().count() + PACKS.packs().count(), 20);
    let pack = "format = 1\nid = \"own\"\nversion = 1\ntitle = { en = \"Own\", zh = \"自定\" }\nstatus = \"house\"\n[[rule]]\nid = \
                \"OWN-1\"\nkind.counter = { count = \"attempt\", per = \"person\", window = { rolling_days = 7 }, max = 1 }\neffect \
                = \"block\"\nstatus = \"house\"\ncitation = \"house rule\"\nconfidence = \"Q\"\n";
    assert_eq!(fits(pack), Ok(()));
    for (right, wrong) in [
        ("format = 1", "format = 2"),
        ("id = \"own\"", "id = \"our own\""),
        ("id = \"own\"", "id = \"own\"\ncolour = 1"),
        ("zh =", "cn ="),
        ("citation = \"house rule\"", "citation = \"\""),
        ("\"block\"", "\"allow\""),
        ("rolling_days = 7", "rolling_days = 0"),
        ("max = 1", "max = 1, min = 2"),
        ("kind.counter", "kind.fence"),
        ("\"attempt\"", "\"attempts\""),
        ("version = 1", "version = \"1\""),
    ] {
        let text = pack.replacen(right, wrong, 1);
        assert!(fits(&text).is_err(), "{wrong}");
        // Both refuse; a newer format is read as far as it is understood.
        let newer = wrong == "format = 2";
        assert_eq!(crate::parse_pack("own.toml", &text).is_err(), !newer, "{wrong}");
    }
}
