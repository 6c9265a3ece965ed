//! What terminals and people do to a program: sizes in a storm, a paste of a megabyte, no colours, no box lines.

use doorstep_store::Engine;

use super::crew::{Crew, ENGLISH, WHO, gives_pin, ticks_check_in};
use super::screen::{Terminal, keys};

/// The longest note in bytes.
const NOTE_BYTES_MAX: usize = 16 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_sizes_ends_in_one_good_frame() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    for number in 0..50_u32 {
        // Between 1x1 and 300x100, near and far from one another.
        let columns = 1 + (number * 7_919 + number * number * 31) % 300;
        let rows = 1 + (number * 104_729 + number * 17) % 100;
        terminal.resize(u16::try_from(columns).unwrap(), u16::try_from(rows).unwrap());
    }
    terminal.resize(1, 1);
    terminal.resize(300, 100);
    terminal.resize(100, 30);
    terminal.until_it("a whole frame", |now| {
        let text = now.text();
        let lines: Vec<&str> = text.lines().collect();
        lines.len() == 30 && lines[0].starts_with("Doorstep") && lines[29].trim_end().ends_with("Me")
    });
    terminal.until(ENGLISH.route);
    let first = terminal.text();
    terminal.does("?", "Keys of this screen");
    terminal.types(keys::ESC);
    terminal.until_gone("Keys of this screen");
    assert_eq!(terminal.text(), first, "nothing of other sizes is left");
    crew.office.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_megabyte_pasted_into_the_note_is_cut_at_its_limit() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let mut terminal = crew.unlocks(WHO, &ENGLISH);
    terminal.types("i");
    ticks_check_in(&mut terminal, &ENGLISH);
    terminal.does(keys::ENTER, ENGLISH.checked_in);
    terminal.does("t", ENGLISH.note_field);
    let text = "front gate is shut ".repeat(1024 * 1024 / 19);
    terminal.types(&format!("\x1b[200~{text}\x1b[201~"));
    terminal.until("front gate");
    terminal.types(keys::ENTER);
    terminal.until_gone(ENGLISH.note_field);
    terminal.until("saved on this device");
    // One more sign has no room; the program still answers and the note is as long as it may be.
    terminal.does("t", ENGLISH.note_field);
    terminal.types("Z");
    terminal.types(keys::ENTER);
    terminal.until_gone(ENGLISH.note_field);
    terminal.types("4");
    terminal.does(keys::ENTER, ENGLISH.proof);
    terminal.until("saved on this device");
    terminal.does("d", ENGLISH.check_out);
    terminal.does("F", ENGLISH.checked_out);
    assert!(text.len() > NOTE_BYTES_MAX);
    crew.office.end().await;
}

/// Whether something is written that sets a colour: SGR 30 to 49 and 90 to 107.
fn sets_a_colour(written: &[u8]) -> bool {
    let text = String::from_utf8_lossy(written);
    let commands = text.split("\x1b[").skip(1);
    commands
        .filter_map(|command| {
            let end = command.find(|sign: char| sign.is_ascii_alphabetic())?;
            command[end..].starts_with('m').then_some(&command[..end])
        })
        .flat_map(|numbers| numbers.split(';'))
        .any(|number| matches!(number.parse::<u16>(), Ok(30..=38 | 40..=48 | 90..=107)))
}

/// Opens the program in other surroundings, up to the route.
fn opens_in(crew: &Crew, more: &[(&'static str, &str)]) -> Terminal {
    let mut variables = crew.variables(WHO, &ENGLISH);
    for (name, value) in more {
        variables.retain(|(known, _)| known != name);
        variables.push((name, (*value).to_owned()));
    }
    let mut terminal = Terminal::open(&crew.office.path("home"), &variables, (80, 24));
    terminal.until(ENGLISH.unlock);
    gives_pin(&mut terminal, &ENGLISH);
    terminal.until(ENGLISH.offline);
    terminal
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_colours_and_no_box_lines_where_none_are_wanted() {
    let mut crew = Crew::ready(Engine::Sqlite).await;
    crew.office.stop();
    let coloured = opens_in(&crew, &[]);
    assert!(sets_a_colour(&coloured.written));
    coloured.kill();
    let plain = opens_in(&crew, &[("NO_COLOR", "1")]);
    assert!(!sets_a_colour(&plain.written), "NO_COLOR means none");
    let chosen = (0..24).filter(|row| plain.screen().cell(*row, 5).is_some_and(vt100::Cell::inverse));
    assert_eq!(
        chosen.count(),
        1,
        "the chosen row is seen all the same:\n{}",
        plain.text()
    );
    plain.kill();
    for (term, lang) in [("dumb", "C"), ("vt100", "POSIX"), ("linux", "en_GB.ISO-8859-1")] {
        let surroundings = [("TERM", term), ("LANG", lang), ("DOORSTEP_ASCII", "1")];
        let mut ascii = opens_in(&crew, &surroundings);
        ascii.does(keys::ENTER, ENGLISH.visit);
        let written = String::from_utf8_lossy(&ascii.written).into_owned();
        // Lines, blocks, shapes and braille; a person's name stays as it is written.
        let strange: String = written
            .chars()
            .filter(|sign| ('\u{2010}'..='\u{28ff}').contains(sign))
            .collect();
        assert_eq!(strange, "", "{term} {lang}:\n{}", ascii.text());
        assert!(ascii.shows("+- "), "frames are of plain signs:\n{}", ascii.text());
        ascii.kill();
    }
    crew.office.end().await;
}
