//! The same paper for a terminal.

use crate::block::{Block, Paper};

impl Paper {
    /// What the paper says as plain text, blocks apart by an empty line. A QR code is the text that it holds.
    #[must_use]
    pub fn text(&self) -> String {
        let blocks = self.blocks.iter().map(text_of).filter(|text| !text.is_empty());
        let mut text = blocks.collect::<Vec<_>>().join("\n\n");
        text.push('\n');
        text
    }
}

fn text_of(block: &Block) -> String {
    match block {
        Block::Title(text) | Block::Heading(text) | Block::Text(text) | Block::Small(text) => text.clone(),
        Block::Lines(lines) => lines.join("\n"),
        Block::Window { sender, lines } => format!("{sender}\n{}", lines.join("\n")),
        Block::Pairs(pairs) => {
            let lines: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            lines.join("\n")
        }
        Block::Table { columns, rows } => {
            let head: Vec<&str> = columns.iter().map(|column| column.head.as_str()).collect();
            let mut lines = vec![head.join(" | ")];
            lines.extend(rows.iter().map(|row| row.join(" | ")));
            lines.join("\n")
        }
        Block::Points(points) => {
            let lines: Vec<String> = points.iter().map(|point| format!("- {point}")).collect();
            lines.join("\n")
        }
        Block::Code { content, caption } => format!("{caption}\n{content}"),
        Block::NewPage => String::new(),
    }
}
