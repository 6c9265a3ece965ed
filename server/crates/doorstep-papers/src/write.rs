//! Writes pages as a PDF: fonts cut down to the glyphs that are used and embedded, a map from glyphs back to characters, title and
//! language. Nothing in it depends on when or where it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, TextRenderingMode, UnicodeCmap};
use pdf_writer::writers::Catalog;
use pdf_writer::{Content, Date, Filter, Finish, Name, Pdf, Rect, Ref, Settings, Str, TextStr};
use read_fonts::FontRef;
use read_fonts::types::Tag;
use sha2::{Digest, Sha256};
use subsetter::GlyphRemapper;

use crate::block::Paper;
use crate::error::PaperError;
use crate::font::{Font, Fonts, Glyph};
use crate::page::{HEIGHT, Mark, Sheet, WIDTH};

const SYSTEM: SystemInfo<'static> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};
/// What reads a PDF takes glyphs' widths in thousandths.
const PER_EM: i64 = 1_000;
/// How thick heavy type is drawn around its outline, against its size: fonts for Chinese often have one weight.
const HEAVY: (i64, i64) = (1, 36);

/// A font as this paper uses it.
struct Used {
    remapper: GlyphRemapper,
    /// By the number in the embedded font: the character, and the width.
    glyphs: BTreeMap<u16, (char, i64)>,
}

/// Hands out the numbers of objects.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// Writes the pages of a paper.
pub(crate) fn write(paper: &Paper, fonts: &Fonts, sheets: &[Sheet]) -> Result<Vec<u8>, PaperError> {
    let used = used_of(fonts, sheets);
    let mut numbers = Numbers(0);
    let mut pdf = Pdf::with_settings(Settings { pretty: false });
    let (catalog, tree, info, metadata) = (numbers.next(), numbers.next(), numbers.next(), numbers.next());
    let font_ids: Vec<Option<Ref>> = used.iter().map(|one| one.as_ref().map(|_| numbers.next())).collect();
    let mut contents = Sha256::new();
    let mut kids = Vec::new();
    for sheet in sheets {
        let (page, content) = (numbers.next(), numbers.next());
        let drawn = draw(sheet, &used);
        contents.update(&drawn);
        let packed = packed(&drawn);
        pdf.stream(content, &packed).filter(Filter::FlateDecode);
        let mut one = pdf.page(page);
        one.parent(tree)
            .media_box(Rect::new(0.0, 0.0, WIDTH.pdf(), HEIGHT.pdf()))
            .contents(content);
        let mut resources = one.resources();
        let mut names = resources.fonts();
        for (index, id) in font_ids.iter().enumerate() {
            if let Some(id) = id {
                names.pair(Name(name_of(index).as_bytes()), *id);
            }
        }
        names.finish();
        resources.finish();
        one.finish();
        kids.push(page);
    }
    pdf.pages(tree).count(kids.len() as i32).kids(kids);
    for ((font, used), id) in fonts.all().iter().zip(&used).zip(&font_ids) {
        if let (Some(used), Some(id)) = (used, id) {
            embed(&mut pdf, &mut numbers, font, used, *id)?;
        }
    }
    describe(&mut pdf, paper, (info, metadata));
    finish_catalog(pdf.catalog(catalog), paper, (tree, metadata));
    contents.update(paper.title.as_bytes());
    let id = contents.finalize().as_slice().get(..16).unwrap_or_default().to_vec();
    pdf.set_file_id((id.clone(), id));
    Ok(pdf.finish())
}

fn finish_catalog(mut catalog: Catalog<'_>, paper: &Paper, (tree, metadata): (Ref, Ref)) {
    catalog.pages(tree).lang(TextStr(&paper.language)).metadata(metadata);
    catalog.viewer_preferences().display_doc_title(true);
    catalog.finish();
}

fn describe(pdf: &mut Pdf, paper: &Paper, (info, metadata): (Ref, Ref)) {
    let (year, month, day) = paper.day;
    pdf.document_info(info)
        .title(TextStr(&paper.title))
        .producer(TextStr("Doorstep"))
        .creation_date(Date::new(year).month(month).day(day));
    let (title, language) = (escaped(&paper.title), escaped(&paper.language));
    let text = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"><dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li>\
         </rdf:Alt></dc:title><dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>\
         <xmp:CreateDate>{year:04}-{month:02}-{day:02}</xmp:CreateDate></rdf:Description></rdf:RDF></x:xmpmeta>\n\
         <?xpacket end=\"r\"?>"
    );
    pdf.metadata(metadata, text.as_bytes());
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn name_of(index: usize) -> String {
    format!("F{index}")
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}

/// What the pages use of each font; `None` for a font of which they use nothing.
fn used_of(fonts: &Fonts, sheets: &[Sheet]) -> Vec<Option<Used>> {
    let texts = sheets
        .iter()
        .flat_map(|sheet| &sheet.marks)
        .filter_map(|mark| match mark {
            Mark::Text { glyphs, .. } => Some(glyphs),
            Mark::Ink { .. } => None,
        });
    let mut by_face: Vec<BTreeSet<(u16, char, i64)>> = vec![BTreeSet::new(); fonts.all().len()];
    for Glyph {
        face,
        id,
        character,
        width,
    } in texts.flatten().copied()
    {
        by_face[face].insert((id, character, width));
    }
    let used = |glyphs: BTreeSet<(u16, char, i64)>| {
        let mut one = Used {
            remapper: GlyphRemapper::new(),
            glyphs: BTreeMap::new(),
        };
        for (id, character, width) in &glyphs {
            let new = one.remapper.remap(*id);
            // Where one glyph stands for two characters, the one that Unicode has first is what is copied.
            one.glyphs.entry(new).or_insert((*character, *width));
        }
        (!glyphs.is_empty()).then_some(one)
    };
    by_face.into_iter().map(used).collect()
}

fn draw(sheet: &Sheet, used: &[Option<Used>]) -> Vec<u8> {
    let mut content = Content::new();
    for mark in &sheet.marks {
        match mark {
            Mark::Ink { x, y, width, height } => {
                content.rect(x.pdf(), y.pdf(), width.pdf(), height.pdf()).fill_nonzero();
            }
            Mark::Text { glyphs, .. } if glyphs.is_empty() => {}
            Mark::Text {
                x,
                y,
                size,
                heavy,
                glyphs,
            } => {
                let mode = if *heavy {
                    TextRenderingMode::FillStroke
                } else {
                    TextRenderingMode::Fill
                };
                content.begin_text().set_text_rendering_mode(mode);
                if *heavy {
                    content.set_line_width(size.part(HEAVY.0, HEAVY.1).pdf());
                }
                content.next_line(x.pdf(), y.pdf());
                for run in glyphs.chunk_by(|one, next| one.face == next.face) {
                    let face = run[0].face;
                    let bytes: Vec<u8> = run
                        .iter()
                        .flat_map(|glyph| new_id(used, *glyph).to_be_bytes())
                        .collect();
                    content
                        .set_font(Name(name_of(face).as_bytes()), size.pdf())
                        .show(Str(&bytes));
                }
                content.end_text();
            }
        }
    }
    content.finish().into_vec()
}

fn new_id(used: &[Option<Used>], glyph: Glyph) -> u16 {
    let used = used.get(glyph.face).and_then(Option::as_ref);
    used.and_then(|used| used.remapper.get(glyph.id)).unwrap_or(0)
}

/// The glyphs of a font that are used, under a name that says so, as PDF asks for it: six capital letters from what is in it.
fn embed(pdf: &mut Pdf, numbers: &mut Numbers, font: &Font, used: &Used, id: Ref) -> Result<(), PaperError> {
    let bad = || PaperError::Font(font.file.name.clone());
    let cut = subsetter::subset(&font.file.bytes, font.file.index, &used.remapper).map_err(|_| bad())?;
    let digest = Sha256::digest(&cut);
    let tag: String = digest.iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect();
    let name = format!("{tag}+Papers");
    let (cid, descriptor, cmap, file) = (numbers.next(), numbers.next(), numbers.next(), numbers.next());
    let kind = if font.postscript {
        CidFontType::Type0
    } else {
        CidFontType::Type2
    };
    // A CFF font's own name follows that of its descendant, as PDF has it.
    let base = if font.postscript {
        format!("{name}-Identity-H")
    } else {
        name.clone()
    };
    pdf.type0_font(id)
        .base_font(Name(base.as_bytes()))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(cmap);
    let mut one = pdf.cid_font(cid);
    one.subtype(kind)
        .base_font(Name(name.as_bytes()))
        .system_info(SYSTEM)
        .font_descriptor(descriptor)
        .default_width(0.0);
    if !font.postscript {
        one.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let mut widths = one.widths();
    for (glyph, (_, width)) in &used.glyphs {
        widths.consecutive(*glyph, [*width as f32]);
    }
    widths.finish();
    one.finish();
    describe_font(pdf, font, &name, (descriptor, file));
    let mut characters = UnicodeCmap::<u16>::new(Name(b"Papers"), SYSTEM);
    for (glyph, (character, _)) in &used.glyphs {
        characters.pair(*glyph, *character);
    }
    pdf.cmap(cmap, &characters.finish());
    let program = packed(if font.postscript {
        cff_of(&cut).ok_or_else(bad)?
    } else {
        &cut
    });
    let mut stream = pdf.stream(file, &program);
    stream.filter(Filter::FlateDecode);
    if font.postscript {
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    } else {
        stream.pair(Name(b"Length1"), cut.len() as i32);
    }
    Ok(())
}

/// The measures of a font, and where its program stands.
fn describe_font(pdf: &mut Pdf, font: &Font, name: &str, (descriptor, file): (Ref, Ref)) {
    let scaled = |units: i64| (units * PER_EM / font.units) as f32;
    let [left, low, right, high] = font.bounds.map(|bound| scaled(i64::from(bound)));
    let mut description = pdf.font_descriptor(descriptor);
    description
        .name(Name(name.as_bytes()))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, low, right, high))
        .italic_angle(0.0)
        .ascent(scaled(font.ascent))
        .descent(scaled(font.descent))
        .cap_height(scaled(font.ascent))
        .stem_v(80.0);
    if font.postscript {
        description.font_file3(file);
    } else {
        description.font_file2(file);
    }
    description.finish();
}

/// The outlines of an OpenType font that has them in a CFF table; a PDF embeds that table alone.
fn cff_of(font: &[u8]) -> Option<&[u8]> {
    let font = FontRef::new(font).ok()?;
    font.table_data(Tag::new(b"CFF ")).map(|data| data.as_bytes())
}
