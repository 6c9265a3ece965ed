//! The page that documents the interface: plain HTML, rendered from the `OpenAPI` document and nothing else.

use std::fmt::Write as _;

use serde_json::Value;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    code{font:14px ui-monospace,monospace}h3 code{font-size:16px}table{border-collapse:collapse;width:100%}\
    td{border-top:1px solid #ccc;padding:.2rem .6rem;vertical-align:top}.verb{text-transform:uppercase;font-weight:bold}\
    @media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}";

/// The whole page.
pub(crate) fn page(document: &Value) -> String {
    let mut html =
        String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Doorstep: interface</title>");
    let _ = write!(
        html,
        "<meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style>"
    );
    let _ = write!(
        html,
        "<h1>{} {}</h1>",
        text(&document["info"]["title"]),
        text(&document["info"]["version"])
    );
    let _ = write!(html, "<p>{}</p>", text(&document["info"]["description"]));
    html.push_str("<p>For programs: <a href=\"/v1/openapi.json\">/v1/openapi.json</a></p><h2>Routes</h2>");
    for (path, item) in entries(&document["paths"]) {
        for (verb, operation) in entries(item) {
            route(&mut html, path, verb, operation);
        }
    }
    html.push_str("<h2>Shapes</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        shape(&mut html, name, schema);
    }
    html.push_str("</html>\n");
    html
}

fn route(html: &mut String, path: &str, verb: &str, operation: &Value) {
    let _ = write!(
        html,
        "<h3><code><span class=\"verb\">{}</span> {}</code></h3>",
        escape(verb),
        escape(path)
    );
    let _ = write!(html, "<p>{}", text(&operation["summary"]));
    let anonymous = operation["security"]
        .as_array()
        .is_none_or(|needs| needs.iter().any(|need| need == &Value::Object(serde_json::Map::new())));
    html.push_str(if anonymous {
        " <em>Without a session.</em></p><table>"
    } else {
        "</p><table>"
    });
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let _ = write!(
            html,
            "<tr><td><code>{}</code></td><td>{}{}</td><td>{}</td></tr>",
            text(&parameter["name"]),
            text(&parameter["in"]),
            if parameter["required"] == true {
                ", required"
            } else {
                ""
            },
            text(&parameter["description"])
        );
    }
    for (_, content) in entries(&operation["requestBody"]["content"]) {
        let _ = write!(
            html,
            "<tr><td>body</td><td></td><td>{}</td></tr>",
            kind(&content["schema"])
        );
    }
    for (status, response) in entries(&operation["responses"]) {
        let shapes: Vec<String> = entries(&response["content"])
            .map(|(_, content)| kind(&content["schema"]))
            .collect();
        let _ = write!(
            html,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            escape(status),
            shapes.join(", "),
            text(&response["description"])
        );
    }
    html.push_str("</table>");
}

fn shape(html: &mut String, name: &str, schema: &Value) {
    let _ = write!(
        html,
        "<h3 id=\"{0}\"><code>{0}</code></h3><p>{1}</p><table>",
        escape(name),
        text(&schema["description"])
    );
    let parts = std::iter::once(schema).chain(schema["allOf"].as_array().into_iter().flatten());
    for part in parts {
        if !part["$ref"].is_null() {
            let _ = write!(html, "<tr><td colspan=\"3\">all of {}</td></tr>", kind(part));
        }
        for (field, of) in entries(&part["properties"]) {
            let _ = write!(
                html,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escape(field),
                kind(of),
                text(&of["description"])
            );
        }
    }
    html.push_str("</table>");
}

/// A schema in a few words, with a link where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = schema[key].as_array() {
            return list.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    let plain = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        other => other.as_str().unwrap_or("any").to_owned(),
    };
    if plain == "array" && !schema["items"].is_null() {
        return format!("list of {}", kind(&schema["items"]));
    }
    escape(&plain)
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_route_and_loads_nothing() {
        let document = crate::http::document();
        let value = serde_json::to_value(&document).unwrap_or_default();
        let html = page(&value);
        for path in document.paths.paths.keys() {
            assert!(html.contains(&escape(path)), "{path}");
        }
        for forbidden in ["<script", "http://", "https://", "<img", "<link"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        assert!(html.contains("Without a session."));
    }

    #[test]
    fn text_cannot_become_markup() {
        let value = serde_json::json!({"info": {"title": "<b>\"&"}});
        assert!(page(&value).contains("<h1>&lt;b&gt;&quot;&amp; </h1>"));
    }
}
