//! Keys as the screens know them: read from the terminal, written for people. Knows no meaning of any key.

use doorstep_domain::words::Lang;

/// A key with what was held down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A character as typed; capitals are their own characters.
    Char(char),
    /// A character with Ctrl: never the only way to anything, because phones have no Ctrl.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first.
    Home,
    /// The last.
    End,
    /// A function key.
    F(u8),
}

impl Key {
    /// The key as people write it.
    pub(crate) fn name(self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let name = match self {
            Self::Char(' ') if zh => "空格",
            Self::Char(' ') => "Space",
            Self::Char(symbol) => return symbol.to_string(),
            Self::Ctrl(symbol) => return format!("Ctrl-{}", symbol.to_ascii_uppercase()),
            Self::F(number) => return format!("F{number}"),
            Self::Enter => "Enter",
            Self::Esc => "Esc",
            Self::Tab => "Tab",
            Self::BackTab => "Shift-Tab",
            Self::Backspace => "Backspace",
            Self::Delete => "Del",
            Self::Up => "Up",
            Self::Down => "Down",
            Self::Left => "Left",
            Self::Right => "Right",
            Self::PageUp => "PgUp",
            Self::PageDown => "PgDn",
            Self::Home => "Home",
            Self::End => "End",
        };
        name.to_owned()
    }

    /// The key without what an input method for Chinese makes of it: full-width signs mean their plain ones, so that
    /// nobody has to switch the input method to reach a command.
    pub(crate) fn plain(self) -> Self {
        match self {
            Self::Char(symbol) => Self::Char(match symbol {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(symbol) - 0xfee0).unwrap_or(symbol),
                '\u{3000}' => ' ',
                '。' => '.',
                '、' => '/',
                other => other,
            }),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_signs_mean_their_plain_ones() {
        assert_eq!(Key::Char('！').plain(), Key::Char('!'));
        assert_eq!(Key::Char('：').plain(), Key::Char(':'));
        assert_eq!(Key::Char('王').plain(), Key::Char('王'));
        assert_eq!(Key::Char(' ').name(Lang::Zh), "空格");
        assert_eq!(Key::Ctrl('c').name(Lang::En), "Ctrl-C");
    }
}
