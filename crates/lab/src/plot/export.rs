//! Figures for programs that read no SVG: PNG, and with the feature `pdf` PDF, both with the letters as outlines.

use super::text::faces;
use crate::Failure;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::Arc;

/// A format besides SVG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// 300 dots an inch.
    Png,
    /// For LaTeX; needs a build with `--features pdf`.
    Pdf,
}

/// Dots an inch of a PNG, and of SVG's own unit.
const DOTS: f32 = 300.0 / 96.0;

impl Format {
    /// Ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Pdf => "pdf",
        }
    }

    /// Refuses what was not built in, before hours are spent.
    ///
    /// # Errors
    /// [`Failure::Input`].
    pub fn check(self) -> Result<(), Failure> {
        if self == Format::Pdf && !cfg!(feature = "pdf") {
            return Err(Failure::Input("--format: pdf (allowed here: png; built with --features pdf also pdf)".into()));
        }
        Ok(())
    }

    /// A figure of [`super::svg`] in this format.
    ///
    /// # Errors
    /// Errors of the libraries, as text.
    pub fn convert(self, svg: &str) -> Result<Vec<u8>, String> {
        let options = Options { fontdb: Arc::new(fonts()), ..Options::default() };
        let tree = Tree::from_str(svg, &options).map_err(|e| e.to_string())?;
        match self {
            Format::Png => png(&tree),
            Format::Pdf => pdf(&tree),
        }
    }
}

/// The embedded faces, each a family of its own as in [`super::text`].
fn fonts() -> fontdb::Database {
    let mut fonts = fontdb::Database::new();
    for (family, bytes) in faces() {
        for id in fonts.load_font_source(fontdb::Source::Binary(Arc::new(bytes))) {
            let Some(face) = fonts.face(id).cloned() else { continue };
            fonts.remove_face(id);
            let families = vec![(family.to_owned(), fontdb::Language::English_UnitedStates)];
            let (style, weight) = (fontdb::Style::Normal, fontdb::Weight::NORMAL);
            fonts.push_face_info(fontdb::FaceInfo { families, style, weight, ..face });
        }
    }
    fonts
}

fn png(tree: &Tree) -> Result<Vec<u8>, String> {
    let size = tree.size().to_int_size().scale_by(DOTS).ok_or("no size")?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or("too large")?;
    resvg::render(tree, Transform::from_scale(DOTS, DOTS), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| e.to_string())
}

#[cfg(feature = "pdf")]
fn pdf(tree: &Tree) -> Result<Vec<u8>, String> {
    let conversion = svg2pdf::ConversionOptions { embed_text: false, ..Default::default() };
    svg2pdf::to_pdf(tree, conversion, svg2pdf::PageOptions { dpi: 96.0 }).map_err(|e| e.to_string())
}

#[cfg(not(feature = "pdf"))]
fn pdf(_tree: &Tree) -> Result<Vec<u8>, String> {
    Err("built without the feature pdf".into())
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Figure, Kind, Mark, Panel, svg};
    use super::*;

    #[test]
    fn letters_are_drawn_without_any_font_of_the_machine() {
        let picture = |title: &str| {
            let mark = Mark::new(Kind::Line, 0, "", &[0.0, 1.0], &[0.0, 1.0]);
            let panel = Panel::new("A", title, Axis::linear("*x*"), Axis::linear("y")).with([mark]);
            let svg = svg(&Figure::new(60.0, vec![vec![panel]]), "", "");
            Pixmap::decode_png(&Format::Png.convert(&svg).expect("an SVG of ours")).expect("a PNG")
        };
        let ink = |pixels: &Pixmap| pixels.pixels().iter().filter(|p| p.red() < 128).count();
        let (with, without) = (picture("a *title* of many letters"), picture(""));
        assert!(with.width().abs_diff(2126) < 3 && with.height().abs_diff(709) < 3, "180 by 60 mm at 300 dots an inch");
        assert!(ink(&with) > ink(&without) + 1000, "{} {}", ink(&with), ink(&without));
    }
}
