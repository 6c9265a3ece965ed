//! Papers: letters, bundles and leaflets as PDF. Blocks of text and the bytes of fonts go in, the bytes of a PDF come out, and the
//! same paper with the same fonts is the same bytes on every machine.
//!
//! What is printed can be read again: fonts are embedded, every glyph says which character it stands for, and the document has
//! its title and language. A character that no font has is an error that names it, because a name with a box in it names nobody.
//!
//! It knows nothing of Doorstep, reads no file and no clock. [`print()`] is where to start; [`Paper::text`] is the same paper for a
//! terminal.

mod block;
mod error;
mod font;
mod line;
mod measure;
mod page;
mod qr;
mod text;
mod write;

pub use block::{Block, Column, Paper};
pub use error::PaperError;
pub use font::{FontFile, Fonts};

/// Prints a paper with fonts: of those that have a character, the first is taken.
pub fn print(paper: &Paper, fonts: &Fonts) -> Result<Vec<u8>, PaperError> {
    let pages = page::lay_out(paper, fonts)?;
    write::write(paper, fonts, &pages)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
