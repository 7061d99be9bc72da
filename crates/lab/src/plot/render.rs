//! Drawing a figure as SVG.

use super::key::{self, Key};
use super::symbols::{Area, UNIT, cell, clip, colour, dashes, steps, stroke, symbol};
use super::text::{self, Anchor, Direction, Face, Label};
use super::{Axis, Figure, Kind, Legend, Mark, Panel, font_face_css, strip};
use plotters::prelude::*;

const TICK_SIZE: f64 = 6.5 * UNIT;
const LABEL_SIZE: f64 = 7.5 * UNIT;
const LETTER_SIZE: f64 = 10.0 * UNIT;

/// The figure as an SVG text that stands alone, with a title and a description for readers who do not see it.
pub fn svg(figure: &Figure, title: &str, description: &str) -> String {
    // Captions are files with lines of their own.
    let plain = |text: &str| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let drawn = drawn(figure);
    let Some(at) = drawn.find("<svg").and_then(|start| drawn[start..].find('>').map(|end| start + end)) else {
        return drawn;
    };
    let named = match title {
        "" => String::new(),
        title => format!("\n<title>{}</title><desc>{}</desc>", plain(title), plain(description)),
    };
    // Cells of a map have no seams.
    let style = format!("\n<style>{}rect{{shape-rendering:crispEdges}}</style>", font_face_css());
    format!("{} role=\"img\">{named}{style}{}", &drawn[..at], &drawn[at + 1..])
}

fn drawn(figure: &Figure) -> String {
    text::register();
    let points = |mm: f64| mm / 25.4 * 72.0;
    let (width, panels) = (points(figure.width_mm), points(figure.row_mm * figure.rows.len() as f64));
    let key = Key::of(figure, width * UNIT);
    let height = panels + key.height() / UNIT;
    let (w, h) = ((width * UNIT) as u32, (height * UNIT) as u32);
    let mut body = String::new();
    {
        let area = SVGBackend::with_string(&mut body, (w, h)).into_drawing_area();
        // Drawing into a string cannot fail.
        let _ = area.fill(&WHITE);
        let row_height = panels * UNIT / figure.rows.len() as f64;
        for (r, row) in figure.rows.iter().enumerate() {
            let panel_width = f64::from(w) / row.len() as f64;
            for (c, panel) in row.iter().enumerate() {
                let frame = Frame::new(panel, c as f64 * panel_width, r as f64 * row_height, panel_width, row_height);
                frame.draw(&area);
            }
        }
        key.draw(&area, panels * UNIT);
        let _ = area.present();
    }
    let from = format!("width=\"{w}\" height=\"{h}\"");
    let to = format!("width=\"{width:.1}pt\" height=\"{height:.1}pt\"");
    body.replacen(&from, &to, 1)
}

/// The inner rectangle of a panel and its ranges.
struct Frame<'a> {
    panel: &'a Panel,
    outer: (f64, f64),
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// Where the abscissa has its labels: below the strip, if there is one.
    base: f64,
    x: (f64, f64),
    y: (f64, f64),
    second: (f64, f64),
}

impl<'a> Frame<'a> {
    fn new(panel: &'a Panel, x0: f64, y0: f64, width: f64, height: f64) -> Self {
        let spread = |m: &'a Mark| {
            m.y.iter().enumerate().flat_map(|(i, &y)| {
                let e = m.error.get(i).copied().filter(|e| e.is_finite()).unwrap_or(0.0);
                [y - e, y + e]
            })
        };
        let side = |right: bool| panel.marks.iter().filter(move |m| m.right == right);
        let base = y0 + height - 27.0 * UNIT;
        let (top, bottom) =
            (y0 + 17.0 * UNIT, base - if panel.judged.is_empty() { 0.0 } else { strip::HEIGHT + strip::GAP });
        let mut y = panel.y.resolve(side(false).flat_map(spread));
        if panel.legend == Legend::Above {
            let share = (key::legend_height(&panel.marks) / (bottom - top)).min(0.6);
            y = panel.y.with_room(y, share);
        }
        let second = panel.second.as_ref().map_or((0.0, 1.0), |axis| axis.resolve(side(true).flat_map(spread)));
        let widest = |axis: &Axis, range| {
            axis.ticks(range).iter().map(|t| text::width(&t.label, Face::Regular, TICK_SIZE)).fold(0.0, f64::max)
        };
        let left_room = widest(&panel.y, y) + LABEL_SIZE * 1.3 + 9.0 * UNIT;
        let right_room =
            panel.second.as_ref().map_or(6.0 * UNIT, |a| widest(a, second) + LABEL_SIZE * 1.3 + 8.0 * UNIT);
        Frame {
            panel,
            outer: (x0, y0),
            left: x0 + left_room,
            right: x0 + width - right_room,
            top,
            bottom,
            base,
            x: panel.x.resolve(panel.marks.iter().flat_map(|m| m.x.iter().copied())),
            y,
            second,
        }
    }

    fn draw(&self, area: &Area) {
        let (cells, others): (Vec<_>, Vec<_>) = self.panel.marks.iter().partition(|m| m.kind == Kind::Cells);
        cells.into_iter().for_each(|mark| self.mark(area, mark));
        self.axes(area);
        others.into_iter().for_each(|mark| self.mark(area, mark));
        key::legend(area, &self.panel.marks, self.panel.legend, (self.left, self.right), (self.top, self.bottom));
        if !self.panel.judged.is_empty() {
            let heights = (self.base - strip::HEIGHT, self.base);
            strip::draw(area, &self.panel.judged, (self.left, self.right), heights, |x| self.px(x));
        }
    }

    fn px(&self, x: f64) -> f64 {
        self.left + (self.right - self.left) * self.panel.x.position(self.x, x)
    }

    fn py(&self, y: f64, right: bool) -> f64 {
        let share = match (&self.panel.second, right) {
            (Some(axis), true) => axis.position(self.second, y),
            _ => self.panel.y.position(self.y, y),
        };
        self.bottom - (self.bottom - self.top) * share
    }

    fn axes(&self, area: &Area) {
        let pen = BLACK.stroke_width((0.7 * UNIT) as u32);
        let line = |a: (f64, f64), b: (f64, f64)| stroke(area, &[a, b], pen);
        let say = |rich: &str, size: f64, at: (f64, f64), anchor: Anchor, direction: Direction| {
            text::draw(area, &Label { rich, face: Face::Regular, size, anchor, direction }, at);
        };
        let (left, right, top, bottom, base) = (self.left, self.right, self.top, self.bottom, self.base);
        line((left, top), (left, bottom));
        line((left, bottom), (right, bottom));
        let length = |label: &str| if label.is_empty() { 1.6 * UNIT } else { 2.8 * UNIT };
        for tick in self.panel.x.ticks(self.x) {
            let x = self.px(tick.at);
            line((x, base), (x, base + length(&tick.label)));
            say(&tick.label, TICK_SIZE, (x, base + 8.0 * UNIT), Anchor::Middle, Direction::Right);
        }
        let mut widest = 0.0_f64;
        for tick in self.panel.y.ticks(self.y) {
            let y = self.py(tick.at, false);
            line((left, y), (left - length(&tick.label), y));
            say(&tick.label, TICK_SIZE, (left - 4.2 * UNIT, y), Anchor::End, Direction::Right);
            widest = widest.max(text::width(&tick.label, Face::Regular, TICK_SIZE));
        }
        let (middle_x, middle_y) = (0.5 * (left + right), 0.5 * (top + bottom));
        say(&self.panel.x.label, LABEL_SIZE, (middle_x, base + 19.0 * UNIT), Anchor::Middle, Direction::Right);
        let label_x = left - widest - 6.5 * UNIT - 0.5 * LABEL_SIZE;
        say(&self.panel.y.label, LABEL_SIZE, (label_x, middle_y), Anchor::Middle, Direction::Up);
        if let Some(axis) = &self.panel.second {
            line((right, top), (right, bottom));
            let mut widest = 0.0_f64;
            for tick in axis.ticks(self.second) {
                let y = self.py(tick.at, true);
                line((right, y), (right + length(&tick.label), y));
                say(&tick.label, TICK_SIZE, (right + 4.2 * UNIT, y), Anchor::Start, Direction::Right);
                widest = widest.max(text::width(&tick.label, Face::Regular, TICK_SIZE));
            }
            let x = right + widest + 6.5 * UNIT + 0.5 * LABEL_SIZE;
            say(&axis.label, LABEL_SIZE, (x, middle_y), Anchor::Middle, Direction::Up);
        }
        let head = self.outer.1 + 8.0 * UNIT;
        let letter = Label {
            rich: self.panel.letter,
            face: Face::Bold,
            size: LETTER_SIZE,
            anchor: Anchor::Start,
            direction: Direction::Right,
        };
        text::draw(area, &letter, (self.outer.0 + 3.0 * UNIT, head));
        say(&self.panel.title, LABEL_SIZE, (middle_x, head), Anchor::Middle, Direction::Right);
    }

    fn mark(&self, area: &Area, mark: &Mark) {
        let ink = colour(mark.colour);
        let inside = |x: f64, y: f64| {
            let slack = 0.5;
            x >= self.left - slack && x <= self.right + slack && y >= self.top - slack && y <= self.bottom + slack
        };
        let at = |i: usize| (self.px(mark.x[i]), self.py(mark.y[i], mark.right));
        let count = mark.x.len().min(mark.y.len());
        match mark.kind {
            Kind::Line | Kind::Dashed | Kind::Trace | Kind::Steps => {
                let centres = (0..count).map(at);
                let points: Vec<(f64, f64)> = match mark.kind {
                    Kind::Steps => steps(&centres.collect::<Vec<_>>()),
                    // Names are not joined.
                    _ if !self.panel.x.names.is_empty() => {
                        let half = 0.3 * (self.px(1.0) - self.px(0.0));
                        centres.flat_map(|(x, y)| [(x - half, y), (x + half, y), (f64::NAN, y)]).collect()
                    }
                    _ => centres.collect(),
                };
                let pen = ink.stroke_width((if mark.kind == Kind::Trace { 0.6 } else { 1.1 } * UNIT) as u32);
                // Clipped at the frame; what is not finite breaks the line.
                for piece in points.split(|p| !p.0.is_finite() || !p.1.is_finite()) {
                    // A point alone is a bar.
                    let bar = |&(x, y): &(f64, f64)| [(x - 3.0 * UNIT, y), (x + 3.0 * UNIT, y)];
                    let lone: Vec<(f64, f64)> = piece.iter().take(1).flat_map(bar).collect();
                    let piece = if piece.len() == 1 { &lone } else { piece };
                    for clipped in clip(piece, (self.left, self.right), (self.top, self.bottom)) {
                        if mark.kind == Kind::Dashed {
                            dashes(area, &clipped, pen)
                        } else {
                            stroke(area, &clipped, pen)
                        }
                    }
                }
            }
            Kind::Points | Kind::Open | Kind::Squares | Kind::Crosses => {
                for i in 0..count {
                    let (x, y) = at(i);
                    if !inside(x, y) {
                        continue;
                    }
                    if let Some(&e) = mark.error.get(i).filter(|e| e.is_finite() && **e > 0.0) {
                        let limit = |v: f64| v.clamp(self.top, self.bottom);
                        let low = self.py(mark.y[i] - e, mark.right);
                        let low = limit(if low.is_finite() { low } else { self.bottom });
                        let high = limit(self.py(mark.y[i] + e, mark.right));
                        stroke(area, &[(x, low), (x, high)], ink.stroke_width((0.8 * UNIT) as u32));
                    }
                    symbol(area, mark.kind, (x, y), ink);
                }
            }
            Kind::Cells => {
                let (half_x, half_y) =
                    (0.5 * self.pitch(|m| &m.x, |x| self.px(x)), 0.5 * self.pitch(|m| &m.y, |y| self.py(y, false)));
                for i in 0..count {
                    let (x, y) = at(i);
                    let inside = |(x, y): (f64, f64)| (x.clamp(self.left, self.right), y.clamp(self.top, self.bottom));
                    cell(area, mark.colour, inside((x - half_x, y - half_y)), inside((x + half_x, y + half_y)));
                }
            }
            Kind::Raster => {
                for i in 0..count {
                    let (x, y) = at(i);
                    if inside(x, y) {
                        let half = 0.45 * UNIT;
                        stroke(area, &[(x, y - half), (x, y + half)], ink.stroke_width((0.55 * UNIT) as u32));
                    }
                }
            }
        }
    }

    /// Spacing of the cells along one axis, on paper.
    fn pitch(&self, values: impl Fn(&Mark) -> &Vec<f64>, place: impl Fn(f64) -> f64) -> f64 {
        let cells = self.panel.marks.iter().filter(|m| m.kind == Kind::Cells);
        let mut places: Vec<f64> = cells.flat_map(|m| values(m).iter().map(|v| place(*v))).collect();
        places.sort_by(f64::total_cmp);
        places
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .filter(|d| *d > 1.0)
            .fold(f64::INFINITY, f64::min)
            .min(self.right - self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Legend;
    use super::*;

    #[test]
    fn a_figure_is_an_svg_of_its_size() {
        let marks = [
            Mark::new(Kind::Points, 0, "simulation", &[10.0, 100.0], &[0.1, f64::NAN]).errors(&[0.01, 0.01]),
            Mark::new(Kind::Dashed, 1, "theory", &[10.0, 100.0], &[0.1, 0.2]),
        ];
        let panel = Panel::new("A", "*x*", Axis::log("*K*"), Axis::linear("*f*")).second(Axis::linear("β")).with(marks);
        let figure = Figure::new(60.0, vec![vec![panel.legend(Legend::TopRight)]]).key(Kind::Points, "points");
        let text = svg(&figure, "a < b", "two\nlines");
        assert!(text.contains("width=\"510.2pt\"") && text.contains("simulation") && text.ends_with("</svg>\n"));
        assert!(text.contains("<title>a &lt; b</title><desc>two lines</desc>"));
    }
}
