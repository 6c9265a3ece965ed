//! A notice: what announces a visit to the person, on paper or as a message. Its page code is a secret of who holds it.

use std::fmt;
use std::str::FromStr;

use crate::codes;
use crate::receipt::ReceiptRef;

codes!(
    /// On which way a notice reaches the person.
    NoticeChannel, "channel of a notice" {
        /// A sealed letter.
        Letter = "letter",
        /// A short message to the phone on file.
        Message = "message",
    }
);

codes!(
    /// Where a notice stands.
    NoticeState, "state of a notice" {
        /// It waits to be handed over.
        Queued = "queued",
        /// It left the house.
        HandedOver = "handed_over",
        /// It reached the person.
        Delivered = "delivered",
        /// It came back: nobody was told.
        Returned = "returned",
        /// Its visit was called off before it left.
        Withdrawn = "withdrawn",
    }
);

impl NoticeState {
    /// Whether a notice may go from here to `next`. One that came back may be sent again, by a better way.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Queued, Self::HandedOver | Self::Withdrawn)
                | (Self::HandedOver, Self::Delivered | Self::Returned)
                | (Self::Delivered, Self::Returned)
                | (Self::Returned, Self::HandedOver)
        )
    }
}

codes!(
    /// Why a supervisor lets visits be made without notice.
    NoticeWaiver, "reason for visits without notice" {
        /// The persons themselves asked for the visit.
        PersonAsked = "person-asked",
        /// Neither post nor phone reaches them.
        Unreachable = "unreachable",
        /// Nobody real is visited: a demonstration or a test.
        Demonstration = "demonstration",
    }
);

/// The code that opens the page of a notice: 128 random bits, written as receipts write their references.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PageCode(ReceiptRef);

/// A text that is no page code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has 26 letters and digits; read it again from the notice")]
pub struct PageCodeError;

impl PageCode {
    /// A code of random bytes.
    #[must_use]
    pub const fn of_bytes(bytes: [u8; 16]) -> Self {
        Self(ReceiptRef::of_bytes(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        self.0.bytes()
    }
}

impl fmt::Display for PageCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Whoever holds the code can open the page, so it is in no debug output.
impl fmt::Debug for PageCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PageCode(…)")
    }
}

impl FromStr for PageCode {
    type Err = PageCodeError;

    fn from_str(text: &str) -> Result<Self, PageCodeError> {
        text.parse().map(Self).map_err(|_| PageCodeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_back_is_sent_again_and_what_was_withdrawn_is_not() {
        assert!(NoticeState::Returned.may_become(NoticeState::HandedOver));
        assert!(!NoticeState::Queued.may_become(NoticeState::Delivered));
        for next in NoticeState::ALL {
            assert!(!NoticeState::Withdrawn.may_become(*next), "{next}");
        }
    }

    #[test]
    fn a_page_code_is_read_as_it_is_written() {
        let code = PageCode::of_bytes([0x5a; 16]);
        assert_eq!(code.to_string().to_lowercase().parse(), Ok(code));
        assert_eq!("short".parse::<PageCode>(), Err(PageCodeError));
    }
}
