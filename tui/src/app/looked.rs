//! Who looked at whoever carries the device: what was fetched last, searched and sorted here. Pure.

use doorstep_device::OwnReads;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_wire::read::ReadItem;
use jiff::tz::TimeZone;

use super::list::ListState;
use crate::command::reads::cells;

/// After this time it is asked for again with the next connection.
const FRESH: i64 = 3_600_000_000;

/// By what the list can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LookedSort {
    /// Newest first.
    #[default]
    Time,
    /// By who looked.
    Who,
    /// By why.
    Why,
}

impl LookedSort {
    /// The next one.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Time => Self::Who,
            Self::Who => Self::Why,
            Self::Why => Self::Time,
        }
    }
}

/// The list as it is shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Looked {
    /// What was fetched last; nothing before the device answered, or where nothing was ever fetched.
    pub(crate) reads: Option<OwnReads>,
    /// The chosen one.
    pub(crate) list: ListState,
    /// What it is filtered by.
    pub(crate) filter: String,
    /// What it is sorted by.
    pub(crate) sort: LookedSort,
}

impl Looked {
    /// All reads, newest first.
    pub(crate) fn items(&self) -> &[ReadItem] {
        self.reads.as_ref().map_or(&[], |reads| &reads.items)
    }

    /// Whether it should be asked for again.
    pub(crate) fn is_old(&self, now: Micros) -> bool {
        self.reads
            .as_ref()
            .is_none_or(|reads| !(0..FRESH).contains(&(now.get() - reads.fetched_at.get())))
    }

    /// The reads that the filter leaves, in their order, by their place. What is searched is what the screen says.
    pub(crate) fn shown(&self, lang: Lang, zone: &TimeZone) -> Vec<usize> {
        let items = self.items();
        let wanted = self.filter.to_lowercase();
        let fits = |item: &ReadItem| {
            let said = cells(lang, item, zone);
            wanted.is_empty() || said.iter().any(|cell| cell.to_lowercase().contains(&wanted))
        };
        let mut places: Vec<usize> = (0..items.len()).filter(|place| fits(&items[*place])).collect();
        // Within one reader or reason the newest stay first.
        match self.sort {
            LookedSort::Time => {}
            LookedSort::Who => places.sort_by(|one, other| items[*one].who.cmp(&items[*other].who)),
            LookedSort::Why => places.sort_by(|one, other| items[*one].purpose.cmp(&items[*other].purpose)),
        }
        places
    }

    /// The chosen read.
    pub(crate) fn chosen(&self, lang: Lang, zone: &TimeZone) -> Option<&ReadItem> {
        let place = *self.shown(lang, zone).get(self.list.chosen)?;
        self.items().get(place)
    }
}
