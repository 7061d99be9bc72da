//! What marks mean: the legend of a panel, and the key under a figure.

use super::symbols::{Area, SAMPLE, UNIT, swatch};
use super::text::{self, Anchor, Direction, Face, Label};
use super::{Figure, Kind, Legend, Mark};
use std::collections::HashSet;

const SIZE: f64 = 6.5 * UNIT;

/// Distance of lines.
const PITCH: f64 = 8.6 * UNIT;

/// Between a sample and its words.
const GAP: f64 = 3.0 * UNIT;

/// Between entries of the key.
const BETWEEN: f64 = 12.0 * UNIT;

/// What marks of the rows of the table mean.
const OF_ROWS: [(Kind, &str); 6] = [
    (Kind::Points, "simulation"),
    (Kind::Crosses, "simulation, claim misses"),
    (Kind::Line, "theory that claims to equal"),
    (Kind::Trace, "bound"),
    (Kind::Dashed, "contrast: nothing is claimed"),
    (Kind::Open, "published, or independent code"),
];

fn words(rich: &str) -> Label<'_> {
    Label { rich, face: Face::Regular, size: SIZE, anchor: Anchor::Start, direction: Direction::Right }
}

fn width(rich: &str) -> f64 {
    text::width(rich, Face::Regular, SIZE)
}

/// A line of samples and words under the panels; several where one is too narrow.
pub struct Key {
    lines: Vec<Vec<Entry>>,
    width: f64,
}

/// What is explained, and its meaning.
struct Entry {
    of: Sample,
    meaning: String,
}

enum Sample {
    /// A kind of marks, in black: colours mean other things in each panel.
    Marks(Kind),
    /// A class of a map, by its colour and hatching.
    Class(usize),
    Strip,
}

impl Entry {
    fn width(&self) -> f64 {
        SAMPLE + GAP + width(&self.meaning)
    }
}

impl Key {
    /// The key of a figure: classes of maps, its own words for kinds of marks, the usual ones for marks of rows, and what the strips are.
    pub fn of(figure: &Figure, width: f64) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        for mark in figure.panels().flat_map(|panel| &panel.marks).filter(|mark| mark.kind == Kind::Cells) {
            if !entries.iter().any(|entry| entry.meaning == mark.label) {
                entries.push(Entry { of: Sample::Class(mark.colour), meaning: mark.label.clone() });
            }
        }
        let made = |kind: Kind| figure.panels().any(|panel| panel.compared.contains(&kind) && panel.shows(kind));
        let own = |kind: Kind| figure.key.iter().any(|(named, _)| *named == kind);
        let usual = OF_ROWS.into_iter().filter(|(kind, _)| made(*kind) && !own(*kind));
        let shown = |kind: Kind| figure.panels().any(|panel| panel.shows(kind));
        let marks = usual.chain(figure.key.iter().copied().filter(|(kind, _)| shown(*kind)));
        entries.extend(marks.map(|(kind, meaning)| Entry { of: Sample::Marks(kind), meaning: meaning.into() }));
        let drawn: HashSet<&str> =
            figure.panels().flat_map(|panel| &panel.judged).map(|judged| judged.key.as_str()).collect();
        if !drawn.is_empty() {
            let of = match figure.claims {
                Some(all) if all > drawn.len() => format!("; {} of {all} claims are drawn", drawn.len()),
                _ => String::new(),
            };
            let meaning = format!("(theory − simulation)/allowance: claims agree in the band; open: weak{of}");
            entries.push(Entry { of: Sample::Strip, meaning });
        }
        let mut lines: Vec<Vec<Entry>> = Vec::new();
        let mut room = 0.0;
        for entry in entries {
            let wanted = entry.width() + BETWEEN;
            if lines.is_empty() || wanted > room {
                lines.push(Vec::new());
                room = width - 2.0 * BETWEEN;
            }
            room -= wanted;
            lines.last_mut().expect("one was pushed").push(entry);
        }
        Key { lines, width }
    }

    /// Its height.
    pub fn height(&self) -> f64 {
        if self.lines.is_empty() { 0.0 } else { PITCH * (self.lines.len() as f64 + 0.8) }
    }

    /// Draws it from `top` on, each line in the middle.
    pub fn draw(&self, area: &Area, top: f64) {
        for (k, line) in self.lines.iter().enumerate() {
            let total: f64 = line.iter().map(|entry| entry.width() + BETWEEN).sum::<f64>() - BETWEEN;
            let (mut x, y) = (0.5 * (self.width - total), top + PITCH * (k as f64 + 0.6));
            for entry in line {
                match entry.of {
                    Sample::Marks(kind) => swatch(area, kind, 6, (x, y)),
                    Sample::Class(colour) => swatch(area, Kind::Cells, colour, (x, y)),
                    Sample::Strip => super::strip::sample(area, (x, y)),
                }
                text::draw(area, &words(&entry.meaning), (x + SAMPLE + GAP, y));
                x += entry.width() + BETWEEN;
            }
        }
    }
}

/// What a legend explains. Classes of maps are in the key: a legend would hide cells.
fn explained(marks: &[Mark]) -> Vec<&Mark> {
    marks.iter().filter(|m| !m.label.is_empty() && m.kind != Kind::Cells).collect()
}

/// Height that a legend of marks needs.
pub fn legend_height(marks: &[Mark]) -> f64 {
    PITCH * explained(marks).len() as f64
}

/// Draws the legend of marks in a corner of a frame.
pub fn legend(area: &Area, marks: &[Mark], corner: Legend, (left, right): (f64, f64), (top, bottom): (f64, f64)) {
    let entries = explained(marks);
    if entries.is_empty() || corner == Legend::None {
        return;
    }
    let widest = entries.iter().map(|m| width(&m.label)).fold(0.0, f64::max);
    let x = match corner {
        Legend::TopLeft | Legend::Above | Legend::BottomLeft => left + 5.0 * UNIT,
        _ => right - 2.0 * UNIT - widest - GAP - SAMPLE,
    };
    let first = match corner {
        Legend::TopLeft | Legend::Above | Legend::TopRight => top + 3.0 * UNIT,
        _ => bottom - 5.0 * UNIT - PITCH * (entries.len() as f64 - 1.0),
    };
    for (k, mark) in entries.iter().enumerate() {
        let y = first + PITCH * k as f64;
        swatch(area, mark.kind, mark.colour, (x, y));
        text::draw(area, &words(&mark.label), (x + SAMPLE + GAP, y));
    }
}
