//! Stable codes: closed enums whose text form is stored, sent and never changes.

/// A text that is no code of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {kind}; one of: {expected}")]
pub struct UnknownCode {
    /// What was expected, for example "case status".
    pub kind: &'static str,
    /// The text that was given.
    pub given: String,
    /// The codes that would do, separated by commas.
    pub expected: String,
}

/// Declares a closed enum with a stable code for each value.
///
/// The generated type has `ALL`, `code()`, `FromStr`, `Display` and (as its code) `Serialize` and `Deserialize`.
#[macro_export]
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident, $kind:literal { $($(#[$vdoc:meta])* $variant:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The stable code: stored, sent, never changed.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::code::UnknownCode;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($code => Ok(Self::$variant),)*
                    _ => Err($crate::code::UnknownCode {
                        kind: $kind,
                        given: text.chars().take(40).collect(),
                        expected: [$($code),*].join(", "),
                    }),
                }
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.code())
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
