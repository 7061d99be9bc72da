//! Rich labels: `*italic*`, `_{sub}`, `^{super}`, set in an embedded face.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontFamily, FontStyle, register_font};
use std::sync::Once;

const REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");
const ITALIC: &[u8] = include_bytes!("../../fonts/DejaVuSans-Oblique.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold.ttf");

/// A face. Each is a family of its own: a family's italic falls back to its regular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    Regular,
    Italic,
    Bold,
}

impl Face {
    fn family(self) -> &'static str {
        match self {
            Face::Regular => "Equipoise Sans",
            Face::Italic => "Equipoise Sans Italic",
            Face::Bold => "Equipoise Sans Bold",
        }
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Face::Regular => REGULAR,
            Face::Italic => ITALIC,
            Face::Bold => BOLD,
        }
    }
}

/// The faces: names of their families, and their files.
pub fn faces() -> [(&'static str, &'static [u8]); 3] {
    [Face::Regular, Face::Italic, Face::Bold].map(|face| (face.family(), face.bytes()))
}

/// Makes the faces known to plotters.
pub fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (family, bytes) in faces() {
            // It fails only on bytes that are no font; these are.
            let _ = register_font(family, FontStyle::Normal, bytes);
        }
    });
}

/// `@font-face` rules that carry the faces, for a file that stands alone.
pub fn font_face_css() -> String {
    let rule = |(family, bytes): (&str, &[u8])| {
        format!("@font-face{{font-family:\"{family}\";src:url(data:font/ttf;base64,{})}}", STANDARD.encode(bytes))
    };
    faces().map(rule).concat()
}

/// A stretch of text of one face and height.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    text: String,
    face: Face,
    /// 0 on the line, −1 below, 1 above.
    level: i32,
}

fn runs(rich: &str, face: Face) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut current = Run { text: String::new(), face, level: 0 };
    let mut flush = |run: &mut Run, face: Face, level: i32| {
        let next = Run { text: String::new(), face, level };
        let done = std::mem::replace(run, next);
        if !done.text.is_empty() {
            runs.push(done);
        }
    };
    let mut characters = rich.chars().peekable();
    while let Some(c) = characters.next() {
        let (now, level) = (current.face, current.level);
        match (c, characters.peek()) {
            ('*', _) => flush(&mut current, if now == Face::Italic { face } else { Face::Italic }, level),
            ('_' | '^', Some('{')) => {
                characters.next();
                flush(&mut current, now, if c == '_' { -1 } else { 1 });
            }
            ('}', _) if level != 0 => flush(&mut current, now, 0),
            _ => current.text.push(c),
        }
    }
    flush(&mut current, face, 0);
    runs
}

/// Rich text without its commands.
pub fn plain(rich: &str) -> String {
    runs(rich, Face::Regular).into_iter().map(|run| run.text).collect()
}

/// plotters divides sizes by 1.24 where it writes SVG.
const SVG_FACTOR: f64 = 1.24;
/// And measures text at a size that is the height of the face, 1.164 em for these.
const HEIGHT_IN_EM: f64 = 1.164;

fn font(run: &Run, size: f64) -> FontDesc<'static> {
    let size = if run.level == 0 { size } else { 0.72 * size };
    FontDesc::new(FontFamily::Name(run.face.family()), SVG_FACTOR * size, FontStyle::Normal)
}

/// Width of rich text, in the units of `size`.
pub fn width(rich: &str, face: Face, size: f64) -> f64 {
    register();
    runs(rich, face).iter().map(|run| run_width(run, size)).sum()
}

fn run_width(run: &Run, size: f64) -> f64 {
    // Measured with a full stop behind: layout drops a trailing blank.
    let measure = |text: &str| font(run, size).box_size(text).map_or(0.0, |(w, _)| f64::from(w));
    (measure(&format!("{}.", run.text)) - measure(".")) * HEIGHT_IN_EM / SVG_FACTOR
}

/// Where a text is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// Which way it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Right,
    Up,
}

/// A rich text, and how it is set.
pub struct Label<'a> {
    pub rich: &'a str,
    pub face: Face,
    pub size: f64,
    pub anchor: Anchor,
    pub direction: Direction,
}

/// Draws a label with the middle of its line at (x, y).
pub fn draw<B: DrawingBackend>(area: &DrawingArea<B, plotters::coord::Shift>, label: &Label, (x, y): (f64, f64))
where
    B::ErrorType: 'static,
{
    let Label { rich, face, size, anchor, direction } = *label;
    let total = width(rich, face, size);
    let mut along = match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * total,
        Anchor::End => -total,
    };
    for mut run in runs(rich, face) {
        // SVG drops blanks at the beginning of a text: they become a distance.
        let blanks = run.text.len() - run.text.trim_start().len();
        along += run_width(&Run { text: run.text[..blanks].into(), ..run.clone() }, size);
        run.text.drain(..blanks);
        let shift = -0.36 * size * f64::from(run.level);
        let (px, py, transform) = match direction {
            Direction::Right => (x + along, y + shift, FontTransform::None),
            Direction::Up => (x + shift, y - along, FontTransform::Rotate270),
        };
        let style = TextStyle::from(font(&run, size).transform(transform))
            .color(&BLACK)
            .pos(Pos::new(HPos::Left, VPos::Center));
        // Drawing into a string cannot fail.
        let _ = area.draw(&Text::new(run.text.clone(), (px.round() as i32, py.round() as i32), style));
        along += run_width(&run, size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_is_taken_apart() {
        let parts: Vec<(String, Face, i32)> =
            runs("var *x*_{ij}^{2} (τ)", Face::Regular).into_iter().map(|r| (r.text, r.face, r.level)).collect();
        let part = |t: &str, f, l| (t.to_owned(), f, l);
        assert_eq!(
            parts,
            [
                part("var ", Face::Regular, 0),
                part("x", Face::Italic, 0),
                part("ij", Face::Regular, -1),
                part("2", Face::Regular, 1),
                part(" (τ)", Face::Regular, 0)
            ]
        );
    }

    #[test]
    fn widths_add_up_and_blanks_count() {
        let w = |t| width(t, Face::Regular, 100.0);
        assert!((w("ab") - w("a") - w("b")).abs() < 8.0, "kerning and rounding only");
        assert!(w("a ") > w("a") + 20.0);
    }
}
