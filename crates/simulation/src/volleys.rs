//! Leaky cells whose input comes in part at the same time.

use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// Excitatory jumps onto leaky cells: some at random times of each cell's own, some in volleys that reach all cells together. Time is in time constants of the cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Volleys {
    /// Size of a jump of its own.
    pub jump: f64,
    /// Jumps of its own a time constant.
    pub arrivals: f64,
    /// Size of a volley.
    pub volley: f64,
    /// Time between volleys.
    pub period: f64,
}

/// A cell v′ = −v that starts at 0 again when it reaches its threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolleyCell {
    /// Threshold.
    pub threshold: f64,
}

impl VolleyCell {
    /// Rate per time constant over a time, event by event, after as long a part as `lead` is left out.
    pub fn rate(&self, input: &Volleys, lead: f64, time: f64, rng: &mut impl Rng) -> f64 {
        let next = |from: f64, rng: &mut _| {
            let gap: f64 = Exp1.sample(rng);
            if input.arrivals > 0.0 { from + gap / input.arrivals } else { f64::INFINITY }
        };
        let (mut v, mut now, mut spikes) = (0.0, 0.0, 0_u32);
        let (mut jump, mut volleys) = (next(0.0, rng), 1_u32);
        loop {
            let volley = f64::from(volleys) * input.period;
            let then = jump.min(volley);
            if then > lead + time {
                break;
            }
            v *= libm::exp(now - then);
            now = then;
            if then == volley {
                v += input.volley;
                volleys += 1;
            } else {
                v += input.jump;
                jump = next(now, rng);
            }
            if v >= self.threshold {
                v = 0.0;
                spikes += u32::from(now > lead);
            }
        }
        f64::from(spikes) / time
    }
}
