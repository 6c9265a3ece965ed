//! Which row of a list is chosen and which ones are in view. Pure: knows no rows, only how many there are.

use super::key::Key;

/// The state of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ListState {
    /// The chosen row, from 0; 0 where there is none.
    pub(crate) chosen: usize,
    /// The first row in view.
    pub(crate) top: usize,
}

/// How far a page goes where the list was not drawn yet.
const PAGE: usize = 10;

impl ListState {
    /// Moves by a key; says whether it was one for lists.
    pub(crate) fn press(&mut self, key: Key, len: usize) -> bool {
        let last = len.saturating_sub(1);
        self.chosen = match key {
            Key::Down | Key::Char('j') => self.chosen.saturating_add(1),
            Key::Up | Key::Char('k') => self.chosen.saturating_sub(1),
            Key::PageDown => self.chosen.saturating_add(PAGE),
            Key::PageUp => self.chosen.saturating_sub(PAGE),
            Key::Home | Key::Char('g') => 0,
            Key::End | Key::Char('G') => last,
            _ => return false,
        }
        .min(last);
        true
    }

    /// Keeps the choice within a list that may have become shorter.
    pub(crate) fn clamp(&mut self, len: usize) {
        self.chosen = self.chosen.min(len.saturating_sub(1));
    }

    /// The first row to draw so that the chosen one is among `height` rows. Time does not depend on the length.
    pub(crate) fn window(self, len: usize, height: usize) -> usize {
        if height == 0 || len <= height {
            return 0;
        }
        let lowest = self.chosen.saturating_sub(height - 1);
        self.top.clamp(lowest, self.chosen).min(len - height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_chosen_row_is_always_in_view(chosen in 0_usize..200, top in 0_usize..200, len in 1_usize..200, height in 1_usize..60) {
            let mut list = ListState { chosen, top };
            list.clamp(len);
            let first = list.window(len, height);
            prop_assert!(first <= list.chosen && list.chosen < first + height);
            prop_assert!(first == 0 || first + height <= len);
        }
    }

    #[test]
    fn keys_stay_inside() {
        let mut list = ListState::default();
        assert!(list.press(Key::Char('G'), 3));
        assert_eq!(list.chosen, 2);
        list.press(Key::Down, 3);
        assert_eq!(list.chosen, 2);
        list.press(Key::PageUp, 0);
        assert_eq!(list.chosen, 0);
        assert!(!list.press(Key::Enter, 3));
    }
}
