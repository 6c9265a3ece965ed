//! From the terminal's events to the screens' own. Nothing wakes this thread but the terminal itself.

use crossterm::event::{self, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use tokio::sync::mpsc::UnboundedSender;

use crate::app::event::Event;
use crate::app::key::Key;

/// What the terminal says.
#[derive(Debug)]
pub(super) enum Input {
    /// An event for the screens.
    Event(Event),
    /// A click, by column and row.
    Click(u16, u16),
    /// Ctrl-Z.
    StopProcess,
}

/// Reads until the terminal or the program ends.
pub(super) fn listen(sender: UnboundedSender<Input>) {
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if let Some(input) = translated(event)
                && sender.send(input).is_err()
            {
                return;
            }
        }
        let _ = sender.send(Input::Event(Event::Terminate));
    });
}

fn translated(event: event::Event) -> Option<Input> {
    match event {
        event::Event::Key(key) if key.kind == KeyEventKind::Release => None,
        event::Event::Key(key) => key_of(key.code, key.modifiers),
        event::Event::Paste(text) => Some(Input::Event(Event::Paste(text))),
        event::Event::Resize(columns, rows) => Some(Input::Event(Event::Resize(columns, rows))),
        event::Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Input::Click(mouse.column, mouse.row)),
            MouseEventKind::ScrollDown => Some(Input::Event(Event::Wheel(true))),
            MouseEventKind::ScrollUp => Some(Input::Event(Event::Wheel(false))),
            _ => None,
        },
        event::Event::FocusGained | event::Event::FocusLost => None,
    }
}

fn key_of(code: KeyCode, modifiers: KeyModifiers) -> Option<Input> {
    let key = match code {
        KeyCode::Char('z') if modifiers.contains(KeyModifiers::CONTROL) => return Some(Input::StopProcess),
        KeyCode::Char(symbol) if modifiers.contains(KeyModifiers::CONTROL) => Key::Ctrl(symbol),
        KeyCode::Char(symbol) => Key::Char(symbol),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::F(number) => Key::F(number),
        _ => return None,
    };
    Some(Input::Event(Event::Key(key)))
}
