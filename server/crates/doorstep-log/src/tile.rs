//! Tiles of height 8 as in C2SP tlog-tiles: names, hash tiles and entry bundles.
//!
//! Knows how bytes and paths look, not how a tree is built from them.

use crate::hash::Hash;

/// Hashes in a full tile and entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Largest tile level: 64-bit sizes need eight levels of height 8.
pub const LEVEL_MAX: u8 = 7;

/// Which tile, and how many of its hashes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 holds leaf hashes; each level above holds the roots of full tiles below. 0..=7.
    pub level: u8,
    /// Place of the tile in its level, from 0.
    pub index: u64,
    /// Hashes in the tile, 1..=256; below 256 the tile is partial.
    pub width: u16,
}

/// Why bytes are no tile or bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// A hash tile is a whole number of 32-byte hashes, 1 to 256 of them.
    #[error("a tile of {bytes} bytes is not 1 to 256 hashes of 32 bytes; fetch it again")]
    Length {
        /// Length found.
        bytes: usize,
    },
    /// A bundle ends inside an entry, or holds none or more than 256.
    #[error("the entry bundle breaks off or has a wrong number of entries at entry {entry}; fetch it again")]
    Bundle {
        /// 0-based entry inside the bundle.
        entry: usize,
    },
    /// An entry does not fit the 16-bit length.
    #[error("entry {entry} has {bytes} bytes, a bundle takes 65535 at most; shorten it")]
    EntryLength {
        /// 0-based entry inside the bundle.
        entry: usize,
        /// Its length.
        bytes: usize,
    },
}

impl TileId {
    /// `tile/<L>/<N>[.p/<W>]`.
    pub fn path(&self) -> String {
        format!(
            "tile/{}/{}{}",
            self.level,
            encode_index(self.index),
            partial_suffix(self.width)
        )
    }

    /// Path of the bundle with the entries of this level-0 tile: `tile/entries/<N>[.p/<W>]`.
    pub fn entries_path(&self) -> String {
        format!(
            "tile/entries/{}{}",
            encode_index(self.index),
            partial_suffix(self.width)
        )
    }

    /// Reads [`TileId::path`] back; refuses any other spelling of the same tile.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (index, width) = parse_place(rest)?;
        let id = Self {
            level: level.parse().ok()?,
            index,
            width,
        };
        (id.level <= LEVEL_MAX && id.path() == path).then_some(id)
    }
}

/// Every tile of a tree of `size` leaves, level by level, the partial one of a level last.
pub fn tiles_of(size: u64) -> impl Iterator<Item = TileId> {
    (0..=LEVEL_MAX).flat_map(move |level| {
        let hashes = size >> (8 * u32::from(level));
        let count = hashes.div_ceil(u64::from(TILE_WIDTH));
        (0..count).map(move |index| TileId {
            level,
            index,
            width: tile_width(hashes, index),
        })
    })
}

/// Width of tile `index` in a level of `hashes` hashes; 0 when the tile does not exist yet.
pub(crate) fn tile_width(hashes: u64, index: u64) -> u16 {
    let before = index.saturating_mul(u64::from(TILE_WIDTH));
    hashes.saturating_sub(before).min(u64::from(TILE_WIDTH)) as u16
}

/// Bytes of a hash tile: the hashes one after the other.
pub fn encode_tile(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads a hash tile.
pub fn decode_tile(bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() || hashes.is_empty() || hashes.len() > usize::from(TILE_WIDTH) {
        return Err(TileError::Length { bytes: bytes.len() });
    }
    Ok(hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// Bytes of an entry bundle: each entry after its length as two big-endian bytes.
pub fn encode_bundle<B: AsRef<[u8]>>(entries: &[B]) -> Result<Vec<u8>, TileError> {
    if entries.is_empty() || entries.len() > usize::from(TILE_WIDTH) {
        return Err(TileError::Bundle { entry: entries.len() });
    }
    let mut out = Vec::new();
    for (entry, bytes) in entries.iter().enumerate() {
        let bytes = bytes.as_ref();
        let length = u16::try_from(bytes.len()).map_err(|_| TileError::EntryLength {
            entry,
            bytes: bytes.len(),
        })?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(bytes);
    }
    Ok(out)
}

/// Reads an entry bundle of 1 to 256 entries with nothing after the last.
pub fn decode_bundle(bytes: &[u8]) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let broken = TileError::Bundle { entry: entries.len() };
        let (length, tail) = rest.split_first_chunk::<2>().ok_or(broken)?;
        let (entry, tail) = tail
            .split_at_checked(usize::from(u16::from_be_bytes(*length)))
            .ok_or(broken)?;
        if entries.len() == usize::from(TILE_WIDTH) {
            return Err(broken);
        }
        entries.push(entry);
        rest = tail;
    }
    if entries.is_empty() {
        Err(TileError::Bundle { entry: 0 })
    } else {
        Ok(entries)
    }
}

/// Groups of three digits, all but the last marked with `x`: 1234067 is `x001/x234/067`.
fn encode_index(index: u64) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

fn partial_suffix(width: u16) -> String {
    if width == TILE_WIDTH {
        String::new()
    } else {
        format!(".p/{width}")
    }
}

fn parse_place(text: &str) -> Option<(u64, u16)> {
    let (digits, width) = match text.split_once(".p/") {
        Some((digits, width)) => (digits, width.parse().ok()?),
        None => (text, TILE_WIDTH),
    };
    if width == 0 || width > TILE_WIDTH {
        return None;
    }
    let mut index = 0_u64;
    for group in digits.split('/') {
        let number: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(number)?;
    }
    Some((index, width))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tile = |level, index, width| TileId { level, index, width };
        assert_eq!(tile(0, 1_234_067, 256).path(), "tile/0/x001/x234/067");
        assert_eq!(tile(1, 0, 1).path(), "tile/1/000.p/1");
        assert_eq!(tile(0, 273, 112).entries_path(), "tile/entries/273.p/112");
        for wrong in [
            "tile/0/67",
            "tile/0/x000/067",
            "tile/0/067.p/256",
            "tile/0/067.p/0",
            "tile/8/000",
            "tile/0/",
            "tile/00/000",
            "tile/0/+67",
        ] {
            assert_eq!(TileId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bundles_are_strict() {
        assert_eq!(decode_bundle(&[0, 1, 7, 0, 0]), Ok(vec![&[7][..], &[][..]]));
        assert_eq!(decode_bundle(&[0, 1, 7, 0]), Err(TileError::Bundle { entry: 1 }));
        assert_eq!(decode_bundle(&[0, 2, 7]), Err(TileError::Bundle { entry: 0 }));
        assert_eq!(decode_bundle(&[]), Err(TileError::Bundle { entry: 0 }));
        assert_eq!(decode_bundle(&[0; 514]), Err(TileError::Bundle { entry: 256 }));
        assert_eq!(
            encode_bundle(&[vec![0; 65_536]]),
            Err(TileError::EntryLength {
                entry: 0,
                bytes: 65_536
            })
        );
        assert_eq!(decode_tile(&[0; 33]), Err(TileError::Length { bytes: 33 }));
        assert_eq!(decode_tile(&[0; 64]).unwrap().len(), 2);
    }

    #[test]
    fn a_tree_of_70_000_leaves_has_these_tiles() {
        let tiles: Vec<TileId> = tiles_of(70_000).collect();
        assert_eq!(tiles.len(), 274 + 2 + 1);
        assert_eq!(
            tiles[273],
            TileId {
                level: 0,
                index: 273,
                width: 112
            }
        );
        assert_eq!(
            tiles[275],
            TileId {
                level: 1,
                index: 1,
                width: 17
            }
        );
        assert_eq!(
            tiles[276],
            TileId {
                level: 2,
                index: 0,
                width: 1
            }
        );
    }

    proptest! {
        #[test]
        fn paths_round_trip(level in 0..=LEVEL_MAX, index in any::<u64>(), width in 1..=TILE_WIDTH) {
            let id = TileId { level, index, width };
            prop_assert_eq!(TileId::parse(&id.path()), Some(id));
        }

        #[test]
        fn bundles_round_trip(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..40)) {
            let bytes = encode_bundle(&entries).unwrap();
            prop_assert_eq!(decode_bundle(&bytes).unwrap(), entries);
        }
    }
}
