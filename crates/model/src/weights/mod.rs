//! Weight laws: the law of one synaptic weight, given its mean and standard deviation.
//!
//! A weight law is one file of this folder that implements [`Law`], and one line in the list
//! below. Theory reads its moments, simulation its sampler: nothing else is shared.

use rand::Rng;
use serde::{Deserialize, Serialize};

/// Mean and standard deviation of one weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightMoments {
    /// Mean, of a magnitude: the sign belongs to the source population.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// A law of weights, its parameters already worked out.
///
/// A weight too small to matter need not be drawn: the sampler draws from the law conditional on
/// exceeding a floor, and [`Law::probability_above`] says how often that happens.
pub trait Law: Sized {
    /// Its name in files and on the command line.
    const NAME: &'static str;
    /// The J and g for which there is such a law, in words.
    const ALLOWED: &'static str;
    /// The law with these moments; `None` if no such law exists.
    fn new(moments: WeightMoments) -> Option<Self>;
    /// Third central moment.
    fn third_central_moment(&self) -> f64;
    /// The largest floor such that the weights below it sum to less than `mass` in expectation
    /// over `count` draws; 0 where the law has too little mass near 0 for it to pay.
    fn negligible_below(&self, _mass: f64, _count: f64) -> f64 {
        0.0
    }
    /// P(weight > floor).
    fn probability_above(&self, _floor: f64) -> f64 {
        1.0
    }
    /// One draw, conditional on exceeding `floor`.
    fn sample_above<R: Rng>(&self, floor: f64, rng: &mut R) -> f64;
}

macro_rules! laws {
    ($($variant:ident = $module:ident,)*) => {
        $(mod $module;)*

        /// The weight laws there are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum WeightLaw {
            $(#[doc = concat!("See `weights/", stringify!($module), ".rs`.")] $variant,)*
        }

        /// Something to be done with a law whose type is known: see [`WeightLaw::visit`].
        pub trait LawVisitor {
            /// What comes of it.
            type Output;
            /// Do it.
            fn visit<L: Law>(self, law: L) -> Self::Output;
        }

        impl WeightLaw {
            /// All of them, in the order of the list.
            pub const ALL: &'static [WeightLaw] = &[$(WeightLaw::$variant,)*];

            /// Its name in files and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $module::$variant::NAME,)* }
            }

            /// The J and g for which there is such a law, in words.
            pub fn allowed(self) -> &'static str {
                match self { $(Self::$variant => $module::$variant::ALLOWED,)* }
            }

            /// Hands the law with these moments to `visitor`; `None` if there is no such law.
            pub fn visit<V: LawVisitor>(self, moments: WeightMoments, visitor: V) -> Option<V::Output> {
                match self {
                    $(Self::$variant => $module::$variant::new(moments).map(|law| visitor.visit(law)),)*
                }
            }
        }
    };
}

laws! {
    Constant = constant,
    Gaussian = gaussian,
    Gamma = gamma,
    LogNormal = log_normal,
}

struct Exists;

impl LawVisitor for Exists {
    type Output = ();
    fn visit<L: Law>(self, _law: L) {}
}

struct ThirdCentralMoment;

impl LawVisitor for ThirdCentralMoment {
    type Output = f64;
    fn visit<L: Law>(self, law: L) -> f64 {
        law.third_central_moment()
    }
}

impl WeightLaw {
    /// Whether a law of this kind has these moments.
    pub fn admits(self, moments: WeightMoments) -> bool {
        self.visit(moments, Exists).is_some()
    }

    /// Third central moment of the law with these moments; `None` if there is no such law.
    pub fn third_central_moment(self, moments: WeightMoments) -> Option<f64> {
        self.visit(moments, ThirdCentralMoment)
    }
}

/// A uniform draw on the open interval (0, 1): 53 bits, centred, so neither end occurs.
fn open_unit<R: Rng>(rng: &mut R) -> f64 {
    ((rng.next_u64() >> 12) as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    struct SampleMoments {
        mass: f64,
        count: f64,
        draws: u64,
    }

    impl LawVisitor for SampleMoments {
        /// Mean and mean square of the weight with the draws below the floor taken as 0.
        type Output = (f64, f64, f64, f64);
        fn visit<L: Law>(self, law: L) -> Self::Output {
            let floor = law.negligible_below(self.mass, self.count);
            let keep = law.probability_above(floor);
            let mut rng = Seed(3).stream("law").rng(0);
            let (mut first, mut second, mut fourth) = (0.0, 0.0, 0.0);
            for _ in 0..self.draws {
                let w = law.sample_above(floor, &mut rng);
                assert!(floor == 0.0 || w >= floor);
                first += w;
                second += w * w;
                fourth += w.powi(4);
            }
            let n = self.draws as f64;
            (keep * first / n, keep * second / n, keep * keep * fourth / n / n, keep)
        }
    }

    #[test]
    fn samples_have_the_moments_they_were_asked_for() {
        for &law in WeightLaw::ALL {
            for sd in [0.05_f64, 0.3, 1.0, 2.5] {
                let moments = WeightMoments { mean: 0.4, sd: if law == WeightLaw::Constant { 0.0 } else { sd } };
                let (mean, square, fourth, keep) = law
                    .visit(moments, SampleMoments { mass: 1e-7, count: 1e3, draws: 400_000 })
                    .expect("these moments are possible");
                assert!(keep > 0.0 && keep <= 1.0);
                let expected = moments.mean.powi(2) + moments.sd.powi(2);
                let sem = (square / 4e5_f64).sqrt();
                // Five standard errors, both estimated from the same draws.
                assert!((mean - moments.mean).abs() < 5.0 * sem + 1e-9, "{law:?} {sd}: mean {mean}");
                assert!(
                    (square - expected).abs() < 5.0 * fourth.sqrt() + 1e-9,
                    "{law:?} {sd}: square {square} for {expected}"
                );
            }
        }
    }

    #[test]
    fn impossible_moments_have_no_law() {
        let negative = WeightMoments { mean: -1.0, sd: 1.0 };
        assert!(!WeightLaw::Gamma.admits(negative) && !WeightLaw::LogNormal.admits(negative));
        assert!(!WeightLaw::Constant.admits(WeightMoments { mean: 1.0, sd: 0.1 }));
        assert!(WeightLaw::Gaussian.admits(negative));
    }
}
