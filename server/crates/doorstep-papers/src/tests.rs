//! Papers printed with fonts of this machine: `./test --yes` installs those for Chinese.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use crate::font::Faces;
use crate::line::lines;
use crate::measure::Length;
use std::fmt::Write as _;

const LATIN: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
const CHINESE: &str = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc";

fn file(path: &str) -> FontFile {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}; `./test --yes` installs it"));
    FontFile {
        name: path.to_owned(),
        bytes,
        index: 0,
    }
}

/// The font for Chinese alone: it has letters too.
fn fonts() -> Fonts {
    Fonts::read(vec![file(CHINESE)]).unwrap()
}

fn paper(language: &str, blocks: Vec<Block>) -> Paper {
    Paper {
        title: "A letter".to_owned(),
        language: language.to_owned(),
        day: (2026, 11, 21),
        foot: "Example Agency".to_owned(),
        blocks,
    }
}

fn printed(blocks: Vec<Block>) -> Result<Vec<u8>, PaperError> {
    print(&paper("en", blocks), &fonts())
}

fn texts(faces: &Faces<'_>, text: &str, room: i64) -> Vec<String> {
    let broken = lines(faces, text, Length::points(10), Length::points(room)).unwrap();
    let text = |line: &line::Line| line.glyphs.iter().map(|glyph| glyph.character).collect();
    broken.iter().map(text).collect()
}

#[test]
fn the_same_paper_is_the_same_bytes_and_says_its_title_and_language() {
    let blocks = vec![
        Block::Title("关于您的来信".to_owned()),
        Block::Text("Good day, 周静。".to_owned()),
        Block::Code {
            content: "https://example.org/pay/123".to_owned(),
            caption: "Pay here".to_owned(),
        },
    ];
    let (one, two) = (printed(blocks.clone()).unwrap(), printed(blocks).unwrap());
    assert_eq!(one, two);
    assert!(one.starts_with(b"%PDF-1.7") && one.ends_with(b"%%EOF"));
    let has = |needle: &[u8]| one.windows(needle.len()).any(|window| window == needle);
    assert!(has(b"/Lang(en)") && has(b"(A letter)") && has(b"/ToUnicode") && has(b"/FontFile2"));
    assert!(one.len() < 60_000, "only what is used is embedded: {}", one.len());
}

#[test]
fn chinese_breaks_between_characters_and_no_closing_sign_begins_a_line() {
    let fonts = fonts();
    let faces = fonts.faces("zh-CN").unwrap();
    let text = "您好，周静女士。您可以随时提出异议；我们会答复（书面）、“当面”或者电话，不收任何费用！";
    for room in 60..160 {
        let lines = texts(&faces, text, room);
        assert_eq!(lines.concat(), text, "nothing is lost at {room}");
        for line in &lines {
            let first = line.chars().next().unwrap();
            assert!(!"，。；、）”！".contains(first), "{line} at {room}");
            let last = line.chars().next_back().unwrap();
            assert!(!"（“".contains(last), "{line} at {room}");
        }
    }
}

#[test]
fn english_breaks_between_words_and_a_hash_where_it_must() {
    let fonts = fonts();
    let faces = fonts.faces("en").unwrap();
    let lines = texts(&faces, "the quick brown fox jumps over the lazy dog", 60);
    assert!(lines.len() > 2 && lines.iter().all(|line| !line.starts_with(' ') && !line.ends_with(' ')));
    assert_eq!(lines.join(" "), "the quick brown fox jumps over the lazy dog");
    let hash = "073daf00aa11bb22cc33dd44ee55ff66".repeat(2);
    let lines = texts(&faces, &hash, 100);
    assert!(lines.len() > 1 && lines.concat() == hash);
    assert_eq!(texts(&faces, "one\n\ntwo", 100), ["one", "", "two"]);
}

#[test]
fn a_character_that_no_font_has_is_named_and_nothing_is_printed() {
    let text = |text: &str| printed(vec![Block::Text(text.to_owned())]).unwrap_err();
    let error = text("吉\u{20bb7}野家");
    assert_eq!(error.code(), "glyph-missing");
    assert!(
        error.to_string().contains("U+20BB7") && error.to_string().contains("fonts-noto-cjk"),
        "{error}"
    );
    for joined in ["سلام", "नमस्ते", "a\u{301}", "left\u{202e}right"] {
        assert_eq!(text(joined).code(), "script-unknown", "{joined}");
    }
    let latin = Fonts::read(vec![file(LATIN)]).unwrap();
    assert!(!latin.have_chinese());
    let error = print(&paper("zh-CN", vec![Block::Text("周".to_owned())]), &latin).unwrap_err();
    assert_eq!(
        error,
        PaperError::Glyph {
            character: '周',
            code: 0x5468
        }
    );
    assert_eq!(Fonts::read(Vec::new()).unwrap_err().code(), "font-missing");
    let nothing = FontFile {
        name: "x.ttf".to_owned(),
        bytes: vec![0; 64],
        index: 0,
    };
    assert_eq!(Fonts::read(vec![nothing]).unwrap_err().code(), "font-unreadable");
}

#[test]
fn letters_come_from_the_first_font_and_signs_of_a_chinese_text_from_the_chinese_one() {
    let fonts = Fonts::read(vec![file(LATIN), file(CHINESE)]).unwrap();
    let face = |language: &str, character: char| fonts.faces(language).unwrap().glyph(character).unwrap().face;
    assert_eq!((face("zh-CN", 'a'), face("zh-CN", '周'), face("zh-CN", '“')), (0, 1, 1));
    assert_eq!((face("en", 'a'), face("en", '周'), face("en", '“')), (0, 1, 0));
}

#[test]
fn a_long_table_reaches_several_pages_and_each_has_its_heads_and_number() {
    let rows: Vec<Vec<String>> = (0..120)
        .map(|row| vec![row.to_string(), "很长的地址，".repeat(12)])
        .collect();
    let column = |head: &str, share| Column {
        head: head.to_owned(),
        share,
    };
    let table = Block::Table {
        columns: vec![column("No.", 1), column("地址", 5)],
        rows,
    };
    let paper = paper("zh-CN", vec![Block::Heading("Visits".to_owned()), table]);
    let fonts = fonts();
    let sheets = page::lay_out(&paper, &fonts).unwrap();
    assert!(sheets.len() > 3);
    for (index, sheet) in sheets.iter().enumerate() {
        let mut text = String::new();
        for mark in &sheet.marks {
            if let page::Mark::Text { glyphs, y, .. } = mark {
                assert!(*y > Length::points(30), "within the page");
                text.extend(glyphs.iter().map(|glyph| glyph.character));
                text.push('\n');
            }
        }
        let mut number = String::new();
        write!(number, "{} / {}", index + 1, sheets.len()).unwrap();
        assert!(text.contains("No.\n") && text.contains(&number), "{text}");
    }
}

#[test]
fn a_row_that_is_longer_than_a_page_goes_on_on_the_next() {
    let long = "x y ".repeat(4_000);
    let pairs = Block::Pairs(vec![("words".to_owned(), long)]);
    let paper = paper("en", vec![pairs]);
    assert!(page::lay_out(&paper, &fonts()).unwrap().len() > 2);
    let endless = Block::Text("a\n".repeat(100_000));
    assert_eq!(printed(vec![endless]).unwrap_err().code(), "paper-too-long");
    let code = Block::Code {
        content: "x".repeat(5_000),
        caption: String::new(),
    };
    assert_eq!(printed(vec![code]).unwrap_err().code(), "code-too-long");
}

#[test]
fn the_same_paper_is_a_text_for_a_terminal() {
    let blocks = vec![
        Block::Title("Help".to_owned()),
        Block::NewPage,
        Block::Points(vec!["ask us".to_owned(), "ask others".to_owned()]),
        Block::Pairs(vec![("Phone".to_owned(), "123".to_owned())]),
    ];
    assert_eq!(
        paper("en", blocks).text(),
        "Help\n\n- ask us\n- ask others\n\nPhone: 123\n"
    );
}
