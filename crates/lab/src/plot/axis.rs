//! Axes: ranges and ticks.

/// Linear or logarithmic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Linear.
    Linear,
    /// Logarithmic, base 10.
    Log,
}

/// One axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Its label with the unit, rich text.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// Its range; `None` takes that of the data.
    pub range: Option<(f64, f64)>,
    /// Names at 0, 1, 2, … in place of numbers; empty for numbers.
    pub names: Vec<String>,
}

/// A tick: where it is, and its label, empty for a minor one.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub at: f64,
    pub label: String,
}

impl Axis {
    /// Linear, range of the data.
    pub fn linear(label: &str) -> Self {
        Axis { label: label.into(), scale: Scale::Linear, range: None, names: Vec::new() }
    }

    /// Logarithmic, range of the data.
    pub fn log(label: &str) -> Self {
        Axis { label: label.into(), scale: Scale::Log, range: None, names: Vec::new() }
    }

    /// Conditions with names, at 0, 1, 2, …
    pub fn names(label: &str, names: &[&str]) -> Self {
        let range = Some((-0.6, names.len() as f64 - 0.4));
        Axis { label: label.into(), scale: Scale::Linear, range, names: names.iter().map(|n| (*n).into()).collect() }
    }

    /// With a range of its own.
    pub fn between(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// The range: its own, or that of the data with a margin.
    pub(super) fn resolve(&self, data: impl Iterator<Item = f64>) -> (f64, f64) {
        if let Some(range) = self.range {
            return range;
        }
        let usable = data.filter(|v| v.is_finite() && (self.scale == Scale::Linear || *v > 0.0));
        let (low, high) = usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            return if self.scale == Scale::Log { (0.1, 1.0) } else { (0.0, 1.0) };
        }
        match self.scale {
            Scale::Log => {
                let margin = libm::pow(high / low, 0.06).max(1.1);
                (low / margin, high * margin)
            }
            Scale::Linear => {
                let margin = 0.06 * (high - low).max(1e-9 * high.abs()).max(f64::MIN_POSITIVE);
                // A quantity that starts near 0 is shown from 0.
                let from = if low >= 0.0 && low < 0.35 * high { 0.0 } else { low - margin };
                (from, high + margin)
            }
        }
    }

    /// A range of which the highest `share` is added room.
    pub(super) fn with_room(&self, (low, high): (f64, f64), share: f64) -> (f64, f64) {
        match self.scale {
            Scale::Linear => (low, low + (high - low) / (1.0 - share)),
            Scale::Log => (low, low * libm::pow(high / low, 1.0 / (1.0 - share))),
        }
    }

    pub(super) fn ticks(&self, (low, high): (f64, f64)) -> Vec<Tick> {
        if !self.names.is_empty() {
            return self.names.iter().enumerate().map(|(k, n)| Tick { at: k as f64, label: n.clone() }).collect();
        }
        match self.scale {
            Scale::Linear => linear_ticks(low, high),
            Scale::Log => log_ticks(low, high),
        }
    }

    /// Where a value lies, 0 at the low end and 1 at the high.
    pub(super) fn position(&self, (low, high): (f64, f64), value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - low) / (high - low),
            Scale::Log => libm::log(value / low) / libm::log(high / low),
        }
    }
}

fn linear_ticks(low: f64, high: f64) -> Vec<Tick> {
    let rough = (high - low) / 5.0;
    let power = libm::pow(10.0, libm::log10(rough).floor());
    let step = power * [1.0, 2.0, 5.0, 10.0].into_iter().find(|s| s * power >= rough * 0.99).unwrap_or(10.0);
    let decimals = (-libm::log10(step).floor()).max(0.0) as usize;
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last)
        .map(|k| {
            let at = k as f64 * step;
            Tick { at, label: minus(&format!("{at:.decimals$}")) }
        })
        .collect()
}

fn log_ticks(low: f64, high: f64) -> Vec<Tick> {
    // Labels at decades if there are two of them, and the more digits the narrower otherwise.
    let decades = (libm::log10(high) + 1e-9).floor() - (libm::log10(low) - 1e-9).ceil() >= 1.0;
    let mut ticks = Vec::new();
    for exponent in libm::log10(low).floor() as i32..=libm::log10(high).ceil() as i32 {
        for digit in 1..10 {
            let at = f64::from(digit) * 10_f64.powi(exponent);
            if at < low * (1.0 - 1e-9) || at > high * (1.0 + 1e-9) {
                continue;
            }
            let labelled = match (decades, high / low) {
                (true, _) => digit == 1,
                (false, ratio) if ratio < 4.0 => !matches!(digit, 7 | 9),
                (false, ratio) if ratio < 10.0 => matches!(digit, 1 | 2 | 3 | 5),
                _ => matches!(digit, 1 | 2 | 5),
            };
            let label = match (labelled, decades && !(-2..=3).contains(&exponent)) {
                (false, _) => String::new(),
                (true, true) => format!("10^{{{}}}", minus(&exponent.to_string())),
                (true, false) => plain(at, exponent),
            };
            ticks.push(Tick { at, label });
        }
    }
    ticks
}

fn plain(value: f64, exponent: i32) -> String {
    format!("{value:.*}", (-exponent).max(0) as usize)
}

/// With a true minus sign, and no −0.
fn minus(text: &str) -> String {
    if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        return text.trim_start_matches('-').to_owned();
    }
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round() {
        let labels = |low, high| linear_ticks(low, high).into_iter().map(|t| t.label).collect::<Vec<_>>();
        assert_eq!(labels(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(-6.0, 1.0), ["−6", "−4", "−2", "0"]);
        assert_eq!(labels(0.0, 0.19), ["0.00", "0.05", "0.10", "0.15"]);
    }

    #[test]
    fn log_ticks_have_minors_and_decades() {
        let ticks = log_ticks(400.0, 25_000.0);
        let labelled: Vec<_> = ticks.iter().filter(|t| !t.label.is_empty()).map(|t| t.label.as_str()).collect();
        assert_eq!(labelled, ["1000", "10^{4}"]);
        assert!(ticks.len() > 15);
        let narrow: Vec<_> =
            log_ticks(0.03, 0.2).into_iter().filter(|t| !t.label.is_empty()).map(|t| t.label).collect();
        assert_eq!(narrow, ["0.03", "0.05", "0.1", "0.2"]);
    }
}
