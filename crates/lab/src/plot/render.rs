//! Drawing a figure as SVG, at 20 units a point so that whole units are fine enough.

use super::text::{self, Anchor, Direction, Face, Label};
use super::{Axis, Figure, Kind, Legend, Mark, PALETTE, Panel};
use plotters::coord::Shift;
use plotters::prelude::*;

/// Units a point.
const UNIT: f64 = 20.0;
const TICK_SIZE: f64 = 6.5 * UNIT;
const LABEL_SIZE: f64 = 7.5 * UNIT;
const LETTER_SIZE: f64 = 10.0 * UNIT;
const LEGEND_SIZE: f64 = 6.5 * UNIT;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Height of the line under the panels that says what marks mean, in mm.
const KEY_MM: f64 = 6.0;

/// The figure as an SVG text; `css` goes into it, for fonts.
pub fn svg(figure: &Figure, css: &str) -> String {
    described(figure, css, "", "")
}

/// The figure as an SVG text with a title and a description, for readers who do not see it.
pub fn described(figure: &Figure, css: &str, title: &str, description: &str) -> String {
    // Captions are files with lines of their own.
    let plain = |text: &str| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let drawn = drawn(figure);
    let Some(at) = drawn.find("<svg").and_then(|start| drawn[start..].find('>').map(|end| start + end)) else {
        return drawn;
    };
    let mut head = String::new();
    if !title.is_empty() {
        head = format!("\n<title>{}</title><desc>{}</desc>", plain(title), plain(description));
    }
    if !css.is_empty() {
        // Cells of a map have no seams.
        head.push_str(&format!("\n<style>{css}rect{{shape-rendering:crispEdges}}</style>"));
    }
    format!("{} role=\"img\">{head}{}", &drawn[..at], &drawn[at + 1..])
}

fn drawn(figure: &Figure) -> String {
    text::register();
    let points = |mm: f64| mm / 25.4 * 72.0;
    let key = if figure.key.is_empty() { 0.0 } else { points(KEY_MM) };
    let (width, panels) = (points(figure.width_mm), points(figure.row_mm * figure.rows.len() as f64));
    let height = panels + key;
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
        draw_key(&area, &figure.key, f64::from(w), f64::from(h) - 0.5 * key * UNIT);
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
    x: (f64, f64),
    y: (f64, f64),
    second: (f64, f64),
}

fn colour(index: usize) -> RGBColor {
    let (r, g, b) = PALETTE[index % PALETTE.len()];
    RGBColor(r, g, b)
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
        let y = panel.y.resolve(side(false).flat_map(spread));
        let second = panel.right.as_ref().map_or((0.0, 1.0), |axis| axis.resolve(side(true).flat_map(spread)));
        let widest = |axis: &Axis, range| {
            axis.ticks(range).iter().map(|t| text::width(&t.label, Face::Regular, TICK_SIZE)).fold(0.0, f64::max)
        };
        let left_room = widest(&panel.y, y) + LABEL_SIZE * 1.3 + 9.0 * UNIT;
        let right_room = panel.right.as_ref().map_or(6.0 * UNIT, |a| widest(a, second) + LABEL_SIZE * 1.3 + 8.0 * UNIT);
        Frame {
            panel,
            outer: (x0, y0),
            left: x0 + left_room,
            right: x0 + width - right_room,
            top: y0 + 17.0 * UNIT,
            bottom: y0 + height - 27.0 * UNIT,
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
        self.legend(area);
    }

    fn px(&self, x: f64) -> f64 {
        self.left + (self.right - self.left) * self.panel.x.position(self.x, x)
    }

    fn py(&self, y: f64, right: bool) -> f64 {
        let share = match (&self.panel.right, right) {
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
        let (left, right, top, bottom) = (self.left, self.right, self.top, self.bottom);
        line((left, top), (left, bottom));
        line((left, bottom), (right, bottom));
        let length = |label: &str| if label.is_empty() { 1.6 * UNIT } else { 2.8 * UNIT };
        for tick in self.panel.x.ticks(self.x) {
            let x = self.px(tick.at);
            line((x, bottom), (x, bottom + length(&tick.label)));
            say(&tick.label, TICK_SIZE, (x, bottom + 8.0 * UNIT), Anchor::Middle, Direction::Right);
        }
        let mut widest = 0.0_f64;
        for tick in self.panel.y.ticks(self.y) {
            let y = self.py(tick.at, false);
            line((left, y), (left - length(&tick.label), y));
            say(&tick.label, TICK_SIZE, (left - 4.2 * UNIT, y), Anchor::End, Direction::Right);
            widest = widest.max(text::width(&tick.label, Face::Regular, TICK_SIZE));
        }
        let (middle_x, middle_y) = (0.5 * (left + right), 0.5 * (top + bottom));
        say(&self.panel.x.label, LABEL_SIZE, (middle_x, bottom + 19.0 * UNIT), Anchor::Middle, Direction::Right);
        let label_x = left - widest - 6.5 * UNIT - 0.5 * LABEL_SIZE;
        say(&self.panel.y.label, LABEL_SIZE, (label_x, middle_y), Anchor::Middle, Direction::Up);
        if let Some(axis) = &self.panel.right {
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
                let points: Vec<(f64, f64)> = if mark.kind == Kind::Steps {
                    steps(&(0..count).map(at).collect::<Vec<_>>())
                } else {
                    (0..count).map(at).collect()
                };
                let pen = ink.stroke_width((if mark.kind == Kind::Trace { 0.6 } else { 1.1 } * UNIT) as u32);
                // Clipped at the frame; what is not finite breaks the line.
                for piece in points.split(|p| !p.0.is_finite() || !p.1.is_finite()) {
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

    fn legend(&self, area: &Area) {
        let entries: Vec<&Mark> = self.panel.marks.iter().filter(|m| !m.label.is_empty()).collect();
        if entries.is_empty() || self.panel.legend == Legend::None {
            return;
        }
        let widest = entries.iter().map(|m| text::width(&m.label, Face::Regular, LEGEND_SIZE)).fold(0.0, f64::max);
        let (sample, gap, pitch) = (SAMPLE, 3.0 * UNIT, 8.6 * UNIT);
        let x = match self.panel.legend {
            Legend::TopLeft | Legend::BottomLeft => self.left + 5.0 * UNIT,
            _ => self.right - 2.0 * UNIT - widest - gap - sample,
        };
        let first = match self.panel.legend {
            Legend::TopLeft | Legend::TopRight => self.top + 3.0 * UNIT,
            _ => self.bottom - 5.0 * UNIT - pitch * (entries.len() as f64 - 1.0),
        };
        if self.panel.marks.iter().any(|m| m.kind == Kind::Cells) {
            // Nothing of a map shows through its legend.
            let corner = |x: f64, y: f64| (x.round() as i32, y.round() as i32);
            let below = first + pitch * (entries.len() as f64 - 0.5);
            let right = x + sample + gap + widest + 2.0 * UNIT;
            let corners = [corner(x - 2.0 * UNIT, first - 0.5 * pitch), corner(right, below)];
            let _ = area.draw(&Rectangle::new(corners, WHITE.filled()));
        }
        for (k, mark) in entries.iter().enumerate() {
            let y = first + pitch * k as f64;
            swatch(area, mark.kind, mark.colour, (x, y));
            let at = (x + sample + gap, y);
            let label = Label {
                rich: &mark.label,
                face: Face::Regular,
                size: LEGEND_SIZE,
                anchor: Anchor::Start,
                direction: Direction::Right,
            };
            text::draw(area, &label, at);
        }
    }
}

/// Width of a sample of a mark in a legend.
const SAMPLE: f64 = 11.0 * UNIT;

/// A sample of a mark, from a point on to the right.
fn swatch(area: &Area, kind: Kind, index: usize, (x, y): (f64, f64)) {
    let ink = colour(index);
    let ends = [(x, y), (x + SAMPLE, y)];
    let pen = |width: f64| ink.stroke_width((width * UNIT) as u32);
    match kind {
        Kind::Dashed => dashes(area, &ends, pen(1.1)),
        Kind::Trace => stroke(area, &ends, pen(0.6)),
        Kind::Steps => {
            let (low, high) = (y + 2.0 * UNIT, y - 2.0 * UNIT);
            let third = SAMPLE / 3.0;
            let path = [
                (x, low),
                (x + third, low),
                (x + third, high),
                (x + 2.0 * third, high),
                (x + 2.0 * third, low),
                (x + SAMPLE, low),
            ];
            stroke(area, &path, pen(1.1));
        }
        Kind::Points | Kind::Open | Kind::Squares | Kind::Crosses => symbol(area, kind, (x + 0.5 * SAMPLE, y), ink),
        Kind::Cells => cell(area, index, (x + 2.0 * UNIT, y - 3.0 * UNIT), (x + 9.0 * UNIT, y + 3.0 * UNIT)),
        Kind::Line | Kind::Raster => stroke(area, &ends, pen(1.1)),
    }
}

/// A cell of a map: a tint, and a hatching of its own, so that classes differ without colour too.
fn cell(area: &Area, index: usize, from: (f64, f64), to: (f64, f64)) {
    let ink = colour(index);
    let corner = |(x, y): (f64, f64)| (x.round() as i32, y.round() as i32);
    let _ = area.draw(&Rectangle::new([corner(from), corner(to)], ink.mix(0.45).filled()));
    let pen = ink.stroke_width((0.5 * UNIT) as u32);
    let middle = (0.5 * (from.0 + to.0), 0.5 * (from.1 + to.1));
    match index {
        0 => stroke(area, &[(from.0, to.1), (to.0, from.1)], pen),
        1 => stroke(area, &[(from.0, middle.1), (to.0, middle.1)], pen),
        3 => {
            stroke(area, &[(from.0, to.1), (to.0, from.1)], pen);
            stroke(area, &[from, to], pen);
        }
        4 => stroke(area, &[(middle.0, from.1), (middle.0, to.1)], pen),
        5 => stroke(area, &[from, to], pen),
        7 => {
            let (low, high) = (0.25 * (3.0 * from.1 + to.1), 0.25 * (from.1 + 3.0 * to.1));
            stroke(area, &[(from.0, low), (to.0, low)], pen);
            stroke(area, &[(from.0, high), (to.0, high)], pen);
        }
        _ => {}
    }
}

/// The line under the panels that says what marks mean, in the middle.
fn draw_key(area: &Area, key: &[(Kind, &'static str)], width: f64, y: f64) {
    let (gap, between) = (3.0 * UNIT, 12.0 * UNIT);
    let widths: Vec<f64> = key.iter().map(|(_, label)| text::width(label, Face::Regular, LEGEND_SIZE)).collect();
    let total = widths.iter().map(|own| SAMPLE + gap + own).sum::<f64>() + between * (key.len() as f64 - 1.0);
    let mut x = 0.5 * (width - total).max(0.0);
    for ((kind, label), own) in key.iter().zip(widths) {
        // Black: colours mean other things in each panel.
        swatch(area, *kind, 6, (x, y));
        let label = Label {
            rich: label,
            face: Face::Regular,
            size: LEGEND_SIZE,
            anchor: Anchor::Start,
            direction: Direction::Right,
        };
        text::draw(area, &label, (x + SAMPLE + gap, y));
        x += SAMPLE + gap + own + between;
    }
}

fn symbol(area: &Area, kind: Kind, (x, y): (f64, f64), ink: RGBColor) {
    let at = (x.round() as i32, y.round() as i32);
    let r = (1.7 * UNIT) as i32;
    // Drawing into a string cannot fail.
    let _ = match kind {
        Kind::Open => area
            .draw(&Circle::new(at, r + 14, WHITE.filled()))
            .and_then(|()| area.draw(&Circle::new(at, r + 14, ink.stroke_width((0.8 * UNIT) as u32)))),
        Kind::Crosses => {
            let pen = ink.stroke_width((1.1 * UNIT) as u32);
            let arm = f64::from(r) * 1.2;
            stroke(area, &[(x - arm, y - arm), (x + arm, y + arm)], pen);
            return stroke(area, &[(x - arm, y + arm), (x + arm, y - arm)], pen);
        }
        Kind::Squares => area.draw(&Rectangle::new([(at.0 - r, at.1 - r), (at.0 + r, at.1 + r)], ink.filled())),
        _ => area.draw(&Circle::new(at, r, ink.filled())),
    };
}

fn stroke(area: &Area, points: &[(f64, f64)], pen: ShapeStyle) {
    let points: Vec<(i32, i32)> = points.iter().map(|p| (p.0.round() as i32, p.1.round() as i32)).collect();
    let _ = area.draw(&PathElement::new(points, pen));
}

/// Dashes of 3 points and gaps of 2 along a path.
fn dashes(area: &Area, points: &[(f64, f64)], pen: ShapeStyle) {
    let (on, off) = (3.0 * UNIT, 2.0 * UNIT);
    let (mut travelled, mut dash): (f64, Vec<(f64, f64)>) = (0.0, Vec::new());
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        let mut done = 0.0;
        while done < length {
            let phase = travelled % (on + off);
            let drawing = phase < on;
            let left = if drawing { on - phase } else { on + off - phase }.max(1e-6);
            let step = left.min(length - done);
            let point = |d: f64| (a.0 + (b.0 - a.0) * d / length, a.1 + (b.1 - a.1) * d / length);
            if drawing {
                if dash.is_empty() {
                    dash.push(point(done));
                }
                dash.push(point(done + step));
            }
            if drawing && step >= left {
                stroke(area, &dash, pen);
                dash.clear();
            }
            done += step;
            travelled += step;
        }
    }
    if dash.len() > 1 {
        stroke(area, &dash, pen);
    }
}

/// Corners of a staircase through bin centres.
fn steps(centres: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let half = if centres.len() > 1 { 0.5 * (centres[1].0 - centres[0].0) } else { 0.0 };
    centres.iter().flat_map(|&(x, y)| [(x - half, y), (x + half, y)]).collect()
}

/// The parts of a path that lie inside a rectangle.
fn clip(points: &[(f64, f64)], x: (f64, f64), y: (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (start, delta, (low, high)) in [(a.0, b.0 - a.0, x), (a.1, b.1 - a.1, y)] {
            if delta == 0.0 {
                if start < low || start > high {
                    to = -1.0;
                }
                continue;
            }
            let (t0, t1) = ((low - start) / delta, (high - start) / delta);
            from = from.max(t0.min(t1));
            to = to.min(t0.max(t1));
        }
        if from > to {
            open = false;
            continue;
        }
        let at = |t: f64| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        match pieces.last_mut() {
            Some(piece) if open && from == 0.0 => piece.push(at(to)),
            _ => pieces.push(vec![at(from), at(to)]),
        }
        open = to == 1.0;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_keeps_what_is_inside() {
        let path = [(-1.0, 0.5), (0.5, 0.5), (0.5, 2.0), (0.7, 2.0), (0.7, 0.5), (0.8, 0.5)];
        let pieces = clip(&path, (0.0, 1.0), (0.0, 1.0));
        assert_eq!(pieces, vec![vec![(0.0, 0.5), (0.5, 0.5), (0.5, 1.0)], vec![(0.7, 1.0), (0.7, 0.5), (0.8, 0.5)]]);
    }

    #[test]
    fn a_figure_is_an_svg_of_its_size() {
        let panel = Panel {
            letter: "A",
            title: "*x*".into(),
            x: Axis::log("*K*"),
            y: Axis::linear("*f*"),
            right: Some(Axis::linear("β")),
            marks: vec![
                Mark::new(Kind::Points, 0, "simulation", &[10.0, 100.0], &[0.1, f64::NAN]).errors(&[0.01, 0.01]),
                Mark::new(Kind::Dashed, 1, "theory", &[10.0, 100.0], &[0.1, 0.2]).on_right(),
            ],
            legend: Legend::TopRight,
        };
        let text = svg(
            &Figure { width_mm: 85.0, row_mm: 60.0, rows: vec![vec![panel]], key: vec![(Kind::Points, "points")] },
            "",
        );
        assert!(text.contains("width=\"240.9pt\"") && text.contains("simulation") && text.ends_with("</svg>\n"));
    }
}
