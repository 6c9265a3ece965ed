//! Tests of the page of a notice, in each of its forms and both languages: nothing needs a script or a pointer, and each control
//! says what it is for.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::HashSet;

use super::*;

/// Every form of the page.
fn pages() -> Vec<String> {
    let known = Known {
        pass: "1.ab\"<".to_owned(),
        office: "North & <Co>".to_owned(),
        complaints: "Tel. 1".to_owned(),
        planned: ["2026-11-23 09:30".to_owned(), "2026-11-23 09:45".to_owned()],
    };
    let mut pages = Vec::new();
    for lang in [Lang::En, Lang::Zh] {
        for bits in 0..16_u8 {
            let of = |bit: u8| bits & (1 << bit) != 0;
            let shown = NoticePage {
                ahead: of(0),
                made: of(1),
                locked: of(2),
                phoneless: of(3),
                known: None,
            };
            let identified = NoticePage {
                known: Some(known.clone()),
                ..shown.clone()
            };
            for told in [
                Told::Nothing,
                Told::Badge(true),
                Told::Badge(false),
                Told::Refused(Trouble::Digits),
            ] {
                pages.push(page(&shown, told, lang));
                pages.push(page(&identified, told, lang));
            }
        }
        for kind in WishKind::ALL {
            let shown = NoticePage {
                ahead: true,
                made: true,
                locked: false,
                phoneless: false,
                known: Some(known.clone()),
            };
            pages.push(page(&shown, Told::Taken(*kind), lang));
        }
        for status in [
            StatusCode::NOT_FOUND,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ] {
            pages.push(refusal(status, lang));
        }
    }
    pages
}

/// The tags of a page with these names, with their attributes as they are written.
fn tags<'a>(html: &'a str, names: &[&str]) -> Vec<&'a str> {
    let tags = html.split('<').skip(1).filter_map(|part| part.split_once('>'));
    let tags = tags.map(|(tag, _)| tag);
    tags.filter(|tag| names.iter().any(|name| tag.split(' ').next() == Some(name)))
        .collect()
}

fn value<'a>(tag: &'a str, attribute: &str) -> Option<&'a str> {
    let from = tag.split_once(&format!(" {attribute}=\""))?.1;
    Some(from.split_once('"')?.0)
}

#[test]
fn each_control_has_one_label_and_no_id_is_there_twice() {
    for html in pages() {
        let ids: Vec<&str> = tags(&html, &["input", "textarea"])
            .iter()
            .filter_map(|tag| value(tag, "id"))
            .collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:?}");
        let labels: Vec<&str> = tags(&html, &["label"])
            .iter()
            .map(|tag| value(tag, "for").unwrap())
            .collect();
        for tag in tags(&html, &["input", "textarea", "select"]) {
            if value(tag, "type") != Some("hidden") {
                let id = value(tag, "id").unwrap_or_else(|| panic!("{tag}"));
                assert_eq!(labels.iter().filter(|of| **of == id).count(), 1, "{tag}");
            }
        }
        assert_eq!(labels.len(), ids.len(), "a label for each control");
    }
}

#[test]
fn everything_is_a_form_with_a_button_or_a_link_and_nothing_needs_a_script() {
    for html in pages() {
        let forms = tags(&html, &["form"]);
        let buttons = tags(&html, &["button"]);
        assert_eq!(forms.len(), buttons.len());
        assert!(forms.iter().all(|form| value(form, "method") == Some("post")));
        assert!(buttons.iter().all(|button| value(button, "type") == Some("submit")));
        assert!(tags(&html, &["a"]).iter().all(|link| value(link, "href").is_some()));
        assert_eq!(tags(&html, &["script", "img", "link", "iframe"]).len(), 0);
        // Neither a handler, nor an order of the tabulator other than that of the page, nor anything taken out of it.
        for part in [
            " on",
            "javascript:",
            "tabindex",
            "accesskey",
            " disabled",
            "autofocus",
            "url(",
        ] {
            assert!(
                !tags(&html, &["input", "textarea", "button", "a", "form", "body"])
                    .iter()
                    .any(|tag| tag.contains(part)),
                "{part}"
            );
        }
        assert!(!html.contains("\"<\""), "what comes from elsewhere is escaped");
    }
}

#[test]
fn a_page_has_a_language_a_title_one_main_heading_and_says_what_happened_aloud() {
    for html in pages() {
        let lang = value(tags(&html, &["html"])[0], "lang").unwrap();
        let other = value(tags(&html, &["a"])[0], "lang").unwrap();
        assert!(
            [("en", "zh-Hans"), ("zh-Hans", "en")].contains(&(lang, other)),
            "{lang} {other}"
        );
        assert_eq!(
            [
                tags(&html, &["h1"]).len(),
                tags(&html, &["main"]).len(),
                tags(&html, &["title"]).len()
            ],
            [1; 3]
        );
        for told in tags(&html, &["p"]).iter().filter(|tag| tag.contains("class=\"told")) {
            assert!(matches!(value(told, "role"), Some("status" | "alert")), "{told}");
        }
    }
}

#[test]
fn without_a_phone_it_says_how_else_and_asks_no_digits() {
    for lang in [Lang::En, Lang::Zh] {
        let shown = NoticePage {
            ahead: true,
            made: false,
            locked: true,
            phoneless: true,
            known: None,
        };
        let html = page(&shown, Told::Nothing, lang);
        assert!(
            !html.contains("name=\"digits\"") && !html.contains("locked") && !html.contains("锁定"),
            "{html}"
        );
        assert!(html.contains(pick(
            lang,
            "Call the office that the notice names",
            "请致电通知所载机构"
        )));
        // It names nobody and says nothing of a debt either.
        for word in ["debt", "loan", "owe ", "amount", "贷", "欠", "逾期", "催收", "债"] {
            assert!(!html.contains(word), "`{word}` in {html}");
        }
    }
}
