//! The section `[books]`: to which part of an instalment money goes first.

use doorstep_domain::loan::PartOrder;
use doorstep_domain::money::AmountPart;
use serde::Deserialize;

use crate::document::Wrong;

/// How money is put to the parts of an instalment; instalments are paid off oldest first, whatever stands here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Books {
    /// The parts, first paid first; each once.
    pub order: Vec<AmountPart>,
}

impl Default for Books {
    fn default() -> Self {
        Self {
            order: PartOrder::default().parts().to_vec(),
        }
    }
}

impl Books {
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        match self.stated() {
            Some(_) => Ok(()),
            None => Err(Wrong::at(
                "books",
                "order",
                "name each of principal, interest, penalty and fees once, first paid first",
            )),
        }
    }

    fn stated(&self) -> Option<PartOrder> {
        let parts = <[AmountPart; 4]>::try_from(self.order.as_slice()).ok()?;
        PartOrder::of(parts)
    }

    /// The order in which the parts of an instalment are paid off.
    #[must_use]
    pub fn part_order(&self) -> PartOrder {
        self.stated().unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use crate::Strategy;
    use doorstep_domain::loan::PartOrder;
    use doorstep_domain::money::AmountPart;

    #[test]
    fn an_order_is_read_and_one_with_a_gap_refused() {
        let text = "format = 1\n[books]\norder = [\"principal\", \"interest\", \"fees\", \"penalty\"]\n";
        let order = Strategy::read("own.toml", text).unwrap().books.part_order();
        assert_eq!(order.parts()[0], AmountPart::Principal);
        assert_eq!(Strategy::default_one().books.part_order(), PartOrder::default());
        let text = "format = 1\n[books]\norder = [\"principal\", \"principal\", \"fees\", \"penalty\"]\n";
        let error = Strategy::read("own.toml", text).unwrap_err();
        assert_eq!(error.line, 3, "{error}");
    }
}
