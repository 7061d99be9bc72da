//! Figures: panels of marks, drawn for a journal.

mod axis;
mod compared;
mod render;
mod text;

pub use axis::{Axis, Scale};
pub use compared::{compared, overview};
pub use render::{described, svg};
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

/// A figure: panels in rows of equal height.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Width in mm: 85 for one column, 180 for two.
    pub width_mm: f64,
    /// Height of one row in mm.
    pub row_mm: f64,
    /// Rows of panels; the panels of a row share its width equally.
    pub rows: Vec<Vec<Panel>>,
    /// What kinds of marks mean in all panels: one line under them. Rich text.
    pub key: Vec<(Kind, &'static str)>,
}

/// One pair of axes and what is drawn on them.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Bold letter at the top left.
    pub letter: &'static str,
    /// Words over the axes; may be empty. Rich text, as all labels: `*italic*`, `_{sub}`, `^{super}`.
    pub title: String,
    /// Abscissa.
    pub x: Axis,
    /// Ordinate.
    pub y: Axis,
    /// Second ordinate on the right, for marks with `right` set.
    pub right: Option<Axis>,
    /// Marks, drawn in order.
    pub marks: Vec<Mark>,
    /// Where the legend stands.
    pub legend: Legend,
}

/// A corner of the axes for the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legend {
    /// No legend.
    None,
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom left.
    BottomLeft,
    /// Bottom right.
    BottomRight,
}

/// How a mark is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A line, solid.
    Line,
    /// A line, dashed.
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
    /// Abscissae.
    pub x: Vec<f64>,
    /// Ordinates; NaN breaks a line.
    pub y: Vec<f64>,
    /// Half-lengths of error bars; empty for none.
    pub error: Vec<f64>,
    /// Whether the right ordinate applies.
    pub right: bool,
}

impl Mark {
    /// A series without error bars.
    pub fn new(kind: Kind, colour: usize, label: &str, x: &[f64], y: &[f64]) -> Self {
        Mark { kind, colour, label: label.into(), x: x.to_vec(), y: y.to_vec(), error: Vec::new(), right: false }
    }

    /// With error bars.
    pub fn errors(mut self, error: &[f64]) -> Self {
        self.error = error.to_vec();
        self
    }

    /// On the right ordinate.
    pub fn on_right(mut self) -> Self {
        self.right = true;
        self
    }
}
