//! Dates in packs and facts: text, `2025-02-28`.

/// A list of dates as text.
pub(crate) mod dates_text {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(dates: &[Date], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(dates.iter().map(ToString::to_string))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Date>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let error = |text: &String| {
            serde::de::Error::custom(format!("`{text}` is no date; write it in quotes like \"2026-01-30\""))
        };
        let read = |text: &String| text.parse().ok().filter(|_| text.len() == 10);
        texts.iter().map(|text| read(text).ok_or_else(|| error(text))).collect()
    }
}

/// Dates as text, `2025-02-28`.
pub(crate) mod date_text {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature is serde's"
    )]
    pub(crate) fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => serializer.collect_str(date),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date = text.parse().ok().filter(|_| text.len() == 10);
        let error = || serde::de::Error::custom(format!("`{text}` is no date; write it in quotes like \"2026-01-30\""));
        date.map(Some).ok_or_else(error)
    }
}
