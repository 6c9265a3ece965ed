//! `keys`: what can be asked for on the screens, from the table that they themselves use.

use crate::answer::Answer;
use crate::app::action::specs;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::screens::place_name;
use crate::table::Table;
use crate::text::{Text, pick};
use serde_json::json;

/// Lists actions with their keys, places and commands.
pub(crate) fn run(context: &Context<'_>) -> Answer {
    let lang = context.lang;
    let head = [
        ("Name", "名称"),
        ("Keys", "按键"),
        ("Screens", "屏幕"),
        ("Command", "命令"),
        ("What it does", "作用"),
    ];
    let mut table = Table::new(pick_all(context, head));
    let mut items = Vec::new();
    for spec in specs() {
        let keys: Vec<String> = spec.keys.iter().map(|key| key.name(lang)).collect();
        let places: Vec<&str> = spec.places.iter().map(|place| place_name(lang, *place)).collect();
        items.push(json!({
            "name": spec.name,
            "keys": keys,
            "screens": places,
            "command": spec.twin,
            "sentence": spec.sentence(lang),
        }));
        table.row([
            spec.name.to_owned(),
            keys.join(" "),
            places.join(pick(lang, ", ", "、")),
            spec.twin.to_owned(),
            spec.sentence(lang).to_owned(),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    Answer::new(&json!({ "items": items }), text.finish())
}
