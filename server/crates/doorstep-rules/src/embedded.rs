//! The files that come with the program: packs, the examples of each, and the list of expected rules. The one place that names
//! them.

/// A pack with its examples.
pub(crate) struct Embedded {
    /// The pack's id.
    pub(crate) id: &'static str,
    /// Name and text of the pack.
    pub(crate) pack: (&'static str, &'static str),
    /// Name and text of its examples.
    pub(crate) examples: (&'static str, &'static str),
}

macro_rules! embedded {
    ($folder:literal: $($id:literal),* $(,)?) => {
        &[$(Embedded {
            id: $id,
            pack: (
                concat!($folder, $id, ".toml"),
                include_str!(concat!("../../../packs/", $folder, $id, ".toml")),
            ),
            examples: (
                concat!("examples/", $folder, $id, ".toml"),
                include_str!(concat!("../../../packs/examples/", $folder, $id, ".toml")),
            ),
        }),*]
    };
}

/// The packs that hold without being asked for.
pub(crate) const BUILTIN: &[Embedded] =
    embedded!("": "house", "rights", "lone-worker", "home-care", "cn", "eu", "de", "in", "uk", "us");

/// Packs that were read in secondary sources only. Loaded only where somebody accepts that.
pub(crate) const UNVERIFIED: &[Embedded] =
    embedded!("unverified/": "au", "br", "id", "jp", "ke", "kr", "ph", "qfc", "th", "vn");

/// The rules of the guide, each with how it stands.
pub(crate) const EXPECTED: (&str, &str) = ("expected.toml", include_str!("../../../packs/expected.toml"));

/// JSON Schema of a pack, for editors and other programs.
pub const SCHEMA: &str = include_str!("../../../packs/pack.schema.json");
