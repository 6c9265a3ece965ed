//! Which choice of a training run has a grade: runs offer their choices in orders of their own.

use serde_json::Value;

/// The scenarios' files.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/training");

/// The number of the first choice with a grade in the situation at which a run stands, as its scenario's file has it.
pub(crate) fn choice_of(run: &Value, grade: &str) -> usize {
    let name = run["scenario"].as_str().unwrap();
    let file = std::fs::read_to_string(format!("{FOLDER}/{name}.toml")).unwrap();
    let file: toml::Value = toml::from_str(&file).unwrap();
    let situations = file["situation"].as_array().unwrap();
    let stands = situations
        .iter()
        .find(|one| one["text"]["en"].as_str() == run["situation"]["text"].as_str());
    let choices = stands.unwrap()["choice"].as_array().unwrap();
    let graded = |text: &Value| {
        let same = |one: &&toml::Value| one["text"]["en"].as_str() == text.as_str();
        choices.iter().find(same).unwrap()["grade"].as_str() == Some(grade)
    };
    let offered = run["situation"]["choices"].as_array().unwrap();
    offered.iter().position(graded).unwrap() + 1
}
