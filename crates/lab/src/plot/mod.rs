//! Figures: panels of marks, drawn for a journal.

use crate::{Claim, Comparison};

mod axis;
mod data;
mod export;
mod key;
mod overview;
mod panel;
mod render;
mod strip;
mod symbols;
mod text;

pub use axis::{Axis, Scale};
pub use export::Format;
pub use overview::overview;
pub use panel::{Legend, Panel};
pub use render::svg;
pub use text::font_face_css;

/// Colours of Okabe & Ito, which colour-blind readers tell apart.
pub const PALETTE: [(u8, u8, u8); 8] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (0, 0, 0),
    (140, 140, 140),
];

/// A figure: panels in rows of equal height, and a key under them.
#[derive(Clone, Debug)]
pub struct Figure {
    width_mm: f64,
    row_mm: f64,
    rows: Vec<Vec<Panel>>,
    key: Vec<(Kind, &'static str)>,
    /// Claims to equal in the table that the figure is drawn from.
    claims: Option<usize>,
}

impl Figure {
    /// Panels row by row, each `row_mm` mm high; the panels of a row share 180 mm equally.
    pub fn new(row_mm: f64, rows: Vec<Vec<Panel>>) -> Self {
        Figure { width_mm: 180.0, row_mm, rows, key: Vec::new(), claims: None }
    }

    /// Says in the key what a kind of marks means in all panels, rich text. Marks of [`Panel::compared`] are in the key without it.
    pub fn key(mut self, kind: Kind, meaning: &'static str) -> Self {
        self.key.push((kind, meaning));
        self
    }

    /// Says in the key how many of the claims to equal of a table are in the strips.
    pub fn of(mut self, rows: &[Comparison]) -> Self {
        let claims = rows.iter().filter(|row| row.claim == Claim::Equals && row.agrees().is_some());
        self.claims = Some(claims.count());
        self
    }

    fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.rows.iter().flatten()
    }
}

/// How a mark is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A line, solid; short bars where the abscissa has names.
    Line,
    /// A line, dashed; short bars where the abscissa has names.
    Dashed,
    /// A thin line, for traces.
    Trace,
    /// Filled circles with error bars.
    Points,
    /// Open circles: published values.
    Open,
    /// Filled squares with error bars.
    Squares,
    /// Crosses with error bars: measurements that a claim misses.
    Crosses,
    /// Steps between bin centres.
    Steps,
    /// Small ticks, for rasters.
    Raster,
    /// Filled cells of a map, on a regular grid whose spacing is that of the nearest neighbours of all marks of the kind.
    Cells,
}

/// A series of data.
#[derive(Clone, Debug)]
pub struct Mark {
    /// How it is drawn.
    pub kind: Kind,
    /// Index into [`PALETTE`].
    pub colour: usize,
    /// Entry in the legend; empty for none.
    pub label: String,
    /// What it is in the figure's data.
    name: String,
    /// Abscissae.
    pub x: Vec<f64>,
    /// Ordinates; NaN breaks a line.
    pub y: Vec<f64>,
    /// Half-lengths of error bars; empty for none.
    pub error: Vec<f64>,
    /// Whether the second ordinate applies.
    right: bool,
}

impl Mark {
    /// A series without error bars.
    pub fn new(kind: Kind, colour: usize, label: &str, x: &[f64], y: &[f64]) -> Self {
        let (x, y) = (x.to_vec(), y.to_vec());
        Mark { kind, colour, label: label.into(), name: text::plain(label), x, y, error: Vec::new(), right: false }
    }

    /// With a name of its own in the figure's data; without one it is that of the legend.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// With error bars.
    pub fn errors(mut self, error: &[f64]) -> Self {
        self.error = error.to_vec();
        self
    }
}
