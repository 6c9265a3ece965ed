//! Colours and borders. A colour never stands alone: a sign or a word always says the same.

use ratatui_core::style::{Color, Modifier, Style};

/// How things look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theme {
    palette: Palette,
    /// Borders of plain characters, where a font or terminal has no box lines.
    pub(crate) ascii: bool,
}

/// A set of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Palette {
    /// The sixteen colours of the terminal itself.
    #[default]
    Terminal,
    /// The colours of Okabe and Ito (2008), which people of any colour vision can tell apart.
    Clear,
    /// No colours, only bold, dim and reversed.
    Mono,
}

/// What something means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Text.
    Plain,
    /// Less important.
    Dim,
    /// More important.
    Strong,
    /// A heading or a key.
    Accent,
    /// All is well.
    Good,
    /// Look at this.
    Warn,
    /// Something is wrong or forbidden.
    Bad,
    /// Chosen.
    Chosen,
    /// Frames.
    Frame,
}

impl Theme {
    /// The theme that the environment asks for: `NO_COLOR` (any value), `DOORSTEP_THEME` (`clear` or `mono`),
    /// `DOORSTEP_ASCII`, and plain borders where the locale is no UTF-8.
    pub(crate) fn of(var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let palette = match (set("NO_COLOR"), set("DOORSTEP_THEME").as_deref()) {
            (Some(_), _) | (None, Some("mono")) => Palette::Mono,
            (None, Some("clear")) => Palette::Clear,
            _ => Palette::Terminal,
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name));
        let narrow = locale.is_some_and(|locale| !locale.to_lowercase().replace('-', "").contains("utf8"));
        Self {
            palette,
            ascii: set("DOORSTEP_ASCII").is_some() || (narrow && set("TERM").as_deref() == Some("linux")),
        }
    }

    /// A theme.
    pub(crate) const fn new(palette: Palette, ascii: bool) -> Self {
        Self { palette, ascii }
    }

    /// Whether there are colours.
    pub(crate) fn has_colours(self) -> bool {
        self.palette != Palette::Mono
    }

    /// How something looks.
    pub(crate) fn style(self, role: Role) -> Style {
        let style = match role {
            Role::Plain | Role::Good => Style::new(),
            Role::Dim | Role::Frame => Style::new().add_modifier(Modifier::DIM),
            Role::Strong | Role::Accent | Role::Warn | Role::Bad => Style::new().add_modifier(Modifier::BOLD),
            // One look over the whole row, whatever its parts mean: their signs and words stay.
            Role::Chosen => Style::reset().add_modifier(Modifier::REVERSED),
        };
        match self.colour(role) {
            Some(colour) => style.fg(colour),
            None => style,
        }
    }

    fn colour(self, role: Role) -> Option<Color> {
        match (self.palette, role) {
            (Palette::Mono, _) | (_, Role::Plain | Role::Strong | Role::Chosen | Role::Dim | Role::Frame) => None,
            (Palette::Terminal, Role::Accent) => Some(Color::Cyan),
            (Palette::Terminal, Role::Good) => Some(Color::Green),
            (Palette::Terminal, Role::Warn) => Some(Color::Yellow),
            (Palette::Terminal, Role::Bad) => Some(Color::Red),
            (Palette::Clear, Role::Accent) => Some(Color::Rgb(86, 180, 233)),
            (Palette::Clear, Role::Good) => Some(Color::Rgb(0, 158, 115)),
            (Palette::Clear, Role::Warn) => Some(Color::Rgb(230, 159, 0)),
            (Palette::Clear, Role::Bad) => Some(Color::Rgb(213, 94, 0)),
        }
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::new(Palette::Terminal, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_and_no_colour_keeps_the_chosen_row() {
        let theme = Theme::of(|name| (name == "NO_COLOR").then(|| "1".to_owned()));
        assert!(!theme.has_colours());
        assert!(theme.style(Role::Chosen).add_modifier.contains(Modifier::REVERSED));
        let clear = Theme::of(|name| (name == "DOORSTEP_THEME").then(|| "clear".to_owned()));
        assert_eq!(clear.style(Role::Bad).fg, Some(Color::Rgb(213, 94, 0)));
        assert!(Theme::of(|name| (name == "DOORSTEP_ASCII").then(|| "1".to_owned())).ascii);
    }
}
