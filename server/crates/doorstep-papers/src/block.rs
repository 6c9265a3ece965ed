//! What a paper says, from top to bottom, before it has pages.

/// A paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The title in the document's properties. It is seen in lists of files, so it says no more than an envelope does.
    pub title: String,
    /// The language as a tag: `zh-CN`, `en`.
    pub language: String,
    /// The day of the paper: year, month from 1, day from 1.
    pub day: (u16, u8, u8),
    /// What stands at the foot of each page, beside its number.
    pub foot: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub head: String,
    /// Its share of the width, against the others'.
    pub share: u16,
}

/// A part of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The large line that a paper begins with.
    Title(String),
    /// A heading; it never stands alone at the foot of a page.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph in small type.
    Small(String),
    /// Lines that stay lines, as an address has them.
    Lines(Vec<String>),
    /// The window of an envelope: who writes in one small line, and who gets it.
    Window {
        /// The sender, so that the letter finds its way back.
        sender: String,
        /// Name and address, a line each.
        lines: Vec<String>,
    },
    /// What something is, and what it is for this paper.
    Pairs(Vec<(String, String)>),
    /// A table; its heads stand on every page that it reaches.
    Table {
        /// The columns.
        columns: Vec<Column>,
        /// The rows, a text for each column.
        rows: Vec<Vec<String>>,
    },
    /// Points of a list.
    Points(Vec<String>),
    /// A QR code with words beside it that say where it leads.
    Code {
        /// What it holds.
        content: String,
        /// What stands beside it.
        caption: String,
    },
    /// What follows begins on a new page.
    NewPage,
}
