//! A figure as a data frame: what its panels draw, in the order in which they draw it.

use super::{Figure, Kind, Panel, text};
use crate::Frame;

impl Figure {
    /// One row a point: panel, title, abscissa and ordinate with their units, curve, mark, x, y and the half-length of the error bar (0: none).
    pub fn frame(&self) -> Frame {
        let mut words: [Vec<String>; 6] = Default::default();
        let mut numbers: [Vec<f64>; 3] = Default::default();
        let mut letter = "";
        for panel in self.panels() {
            // Panels without a letter belong to the one before them.
            letter = if panel.letter.is_empty() { letter } else { panel.letter };
            for mark in &panel.marks {
                let shown = [letter, &panel.title, &panel.x.label, panel.ordinate(mark.right)].map(text::plain);
                for k in 0..mark.x.len().min(mark.y.len()) {
                    let own = shown.iter().cloned().chain([mark.name.clone(), mark.kind.name().into()]);
                    words.iter_mut().zip(own).for_each(|(column, word)| column.push(word));
                    let point = [mark.x[k], mark.y[k], mark.error.get(k).copied().unwrap_or(0.0)];
                    numbers.iter_mut().zip(point).for_each(|(column, number)| column.push(number));
                }
            }
        }
        let names = ["panel", "title", "abscissa", "quantity", "curve", "mark"];
        let frame =
            names.into_iter().zip(words).fold(Frame::new("figure"), |frame, (name, own)| frame.words(name, own));
        ["x", "y", "error"].into_iter().zip(numbers).fold(frame, |frame, (name, own)| frame.numbers(name, own))
    }
}

impl Panel {
    /// Label of the ordinate of a mark.
    fn ordinate(&self, right: bool) -> &str {
        match &self.second {
            Some(axis) if right => &axis.label,
            _ => &self.y.label,
        }
    }
}

impl Kind {
    /// Its name in data frames.
    fn name(self) -> &'static str {
        match self {
            Kind::Line => "line",
            Kind::Dashed => "dashed",
            Kind::Trace => "thin line",
            Kind::Points => "points",
            Kind::Open => "open circles",
            Kind::Squares => "squares",
            Kind::Crosses => "crosses",
            Kind::Steps => "steps",
            Kind::Raster => "ticks",
            Kind::Cells => "cells",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Mark};
    use super::*;

    #[test]
    fn every_point_says_where_it_stands() {
        let mark = Mark::new(Kind::Points, 0, "*f*, high", &[1.0, 2.0], &[0.1, 0.2]).errors(&[0.01, 0.02]);
        let panel = Panel::new("A", "active", Axis::log("in-degree *K*"), Axis::linear("*β* (1/*τ*)"));
        let right = Panel::new("", "more", Axis::log("*K*"), Axis::linear("y")).second(Axis::linear("z (Hz)"));
        let rows = vec![vec![panel.with([mark.clone()]), right.with([mark.named("of its own")])]];
        let table = Figure::new(50.0, rows).frame().to_polars().expect("columns of one length");
        assert_eq!(table.height(), 4);
        let column = |name: &str| -> Vec<String> {
            let own = table.column(name).expect("there").str().expect("words");
            own.iter().map(|word| word.expect("no gap").to_owned()).collect()
        };
        assert_eq!(column("panel"), ["A"; 4]);
        assert_eq!(column("abscissa"), ["in-degree K", "in-degree K", "K", "K"]);
        assert_eq!(column("quantity"), ["β (1/τ)", "β (1/τ)", "z (Hz)", "z (Hz)"]);
        assert_eq!(column("curve"), ["f, high", "f, high", "of its own", "of its own"]);
    }
}
