//! What the parts of the map look like: sixteen colours and signs that do without them. Knows no screen.

/// A part of the map with a look of its own. The first ones are layers of dots: where several meet in a cell, the
/// later one gives the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Footpaths, steps, tracks for bicycles.
    Path,
    /// Yards, service ways and field tracks.
    Service,
    /// Streets where people live.
    Residential,
    /// Roads between quarters.
    Tertiary,
    /// Roads between towns.
    Secondary,
    /// Main roads.
    Primary,
    /// Motorways and trunk roads.
    Motorway,
    /// How exactly the device knows where it is.
    Ring,
    /// The route where it was.
    RouteDone,
    /// Another way it could go.
    RouteOther,
    /// The route where it goes.
    RouteAhead,
    /// A stop that waits.
    Stop,
    /// A stop that is done.
    StopDone,
    /// The stop that is chosen.
    StopChosen,
    /// A stop that must not be visited.
    StopBlocked,
    /// A stop with something to mind.
    StopFlagged,
    /// The owner of the device.
    Me,
    /// Others of the team.
    Team,
    /// Somebody who should have checked out.
    Overdue,
    /// Somebody of whom nothing is heard.
    Silent,
    /// Names of streets.
    StreetName,
    /// Scale bar and attribution.
    Margin,
}

/// A colour of the sixteen that every terminal with colours has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Colour {
    /// As the terminal has it.
    Default,
    /// 8.
    DarkGrey,
    /// 7.
    Grey,
    /// 15.
    White,
    /// 1.
    Red,
    /// 2.
    Green,
    /// 3.
    Yellow,
    /// 4.
    Blue,
    /// 5.
    Magenta,
    /// 6.
    Cyan,
}

/// What a part looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Look {
    /// Its colour.
    pub colour: Colour,
    /// Bright.
    pub bold: bool,
    /// Weak.
    pub dim: bool,
    /// Background and foreground exchanged.
    pub reversed: bool,
}

impl Part {
    /// How many parts there are.
    pub const COUNT: usize = Self::Margin as usize + 1;

    /// All parts, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Path,
        Self::Service,
        Self::Residential,
        Self::Tertiary,
        Self::Secondary,
        Self::Primary,
        Self::Motorway,
        Self::Ring,
        Self::RouteDone,
        Self::RouteOther,
        Self::RouteAhead,
        Self::Stop,
        Self::StopDone,
        Self::StopChosen,
        Self::StopBlocked,
        Self::StopFlagged,
        Self::Me,
        Self::Team,
        Self::Overdue,
        Self::Silent,
        Self::StreetName,
        Self::Margin,
    ];

    /// The number of the part as a layer of dots; 0 is no layer.
    pub(super) const fn layer(self) -> u8 {
        self as u8 + 1
    }

    /// The part of a layer.
    pub(super) fn of_layer(layer: u8) -> Option<Self> {
        Self::ALL.get(usize::from(layer).checked_sub(1)?).copied()
    }

    /// Its look in sixteen colours. Blue and yellow tell apart what red and green would not for everybody.
    pub const fn look(self) -> Look {
        let (colour, bold, dim, reversed) = match self {
            Self::Path | Self::Service | Self::StopDone => (Colour::DarkGrey, false, true, false),
            Self::Residential | Self::Tertiary => (Colour::DarkGrey, false, false, false),
            Self::Secondary | Self::Primary | Self::StreetName | Self::Margin => (Colour::Grey, false, false, false),
            Self::Motorway => (Colour::White, false, false, false),
            Self::Ring => (Colour::Cyan, false, true, false),
            Self::RouteDone => (Colour::Grey, false, true, false),
            Self::RouteOther => (Colour::Magenta, false, false, false),
            Self::RouteAhead => (Colour::Blue, true, false, false),
            Self::Stop => (Colour::Default, true, false, false),
            Self::StopChosen => (Colour::Default, true, false, true),
            Self::StopBlocked => (Colour::Red, false, false, false),
            Self::StopFlagged => (Colour::Yellow, true, false, false),
            Self::Me => (Colour::Cyan, true, false, true),
            Self::Team => (Colour::Green, false, false, false),
            Self::Overdue => (Colour::Red, true, false, true),
            Self::Silent => (Colour::Yellow, false, false, false),
        };
        Look {
            colour,
            bold,
            dim,
            reversed,
        }
    }
}

/// The character of a cell's dots where the terminal has no braille: the direction of what is drawn.
pub(super) fn ascii(bits: u8) -> char {
    let left = bits & 0x47;
    let right = bits & 0xb8;
    let (left_rows, right_rows) = (rows(left), rows(((right >> 3) & 0x07) | ((right >> 1) & 0x40)));
    match (bits.count_ones(), left_rows | right_rows) {
        (0, _) => ' ',
        (1, _) => '.',
        (_, all) if all.is_power_of_two() => '-',
        _ if left == 0 || right == 0 => '|',
        _ if right_rows.trailing_zeros() > left_rows.trailing_zeros() => '\\',
        _ if right_rows.trailing_zeros() < left_rows.trailing_zeros() => '/',
        (2..=4, _) => '=',
        _ => '+',
    }
}

/// Which of the four rows a column of dots has, as bits from the top.
fn rows(column: u8) -> u8 {
    (column & 0x07) | ((column >> 3) & 0x08)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_knows_its_part() {
        for part in Part::ALL {
            assert_eq!(Part::of_layer(part.layer()), Some(part));
        }
        assert_eq!(Part::of_layer(0), None);
        assert_eq!(Part::of_layer(200), None);
    }

    #[test]
    fn ascii_shows_the_direction() {
        let of = |braille: char| ascii((braille as u32 - 0x2800) as u8);
        let shown: String = "⠀⠄⠒⣀⡇⢸⠑⠔⠶⣿".chars().map(of).collect();
        assert_eq!(shown, " .--||\\/=+");
    }
}
