//! Response functions φ: what a unit sends when its input is x.
//!
//! A response function is one file of this folder that implements [`Nonlinearity`], and one line
//! in the list below.

use serde::{Deserialize, Serialize};

/// One response function.
///
/// Contract, relied on by theory and simulation: φ(x) = 0 for x ≤ 0 and φ does not decrease.
pub trait Nonlinearity {
    /// Its name in files and on the command line.
    const NAME: &'static str;
    /// Its symbol in figures.
    const SYMBOL: &'static str;
    /// sup φ; infinite if unbounded.
    const SUPREMUM: f64;
    /// Whether φ takes the values 0 and 1 only.
    const BINARY: bool = false;
    /// φ'(0+): 0 where φ grows slower than x, infinite where it jumps.
    const SLOPE: f64;
    /// Largest time step, in τ, at which forward Euler stays within 2 % of its small-step limit in networks like those
    /// of `sparse-balance` figure 3; for a response between two of the existing ones, the smaller of theirs.
    const MAX_STEP: f64;

    /// φ(x).
    fn value(x: f64) -> f64;

    /// φ of every input, in single precision; `x` holds positive inputs only.
    ///
    /// Override it where a vector kernel pays; a test holds it equal to [`Self::value`].
    fn fill(x: &[f32], phi: &mut [f32]) {
        for (phi, &x) in phi.iter_mut().zip(x) {
            *phi = Self::value(f64::from(x)) as f32;
        }
    }
}

macro_rules! responses {
    ($($variant:ident = $module:ident,)*) => {
        $(mod $module;)*

        /// The response functions there are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Response {
            $(#[doc = concat!("See `response/", stringify!($module), ".rs`.")] $variant,)*
        }

        impl Response {
            /// All of them, in the order of the list.
            pub const ALL: &'static [Response] = &[$(Response::$variant,)*];

            /// Its name in files and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $module::$variant::NAME,)* }
            }

            /// Its symbol in figures.
            pub fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $module::$variant::SYMBOL,)* }
            }

            /// sup φ; infinite if unbounded.
            pub fn supremum(self) -> f64 {
                match self { $(Self::$variant => $module::$variant::SUPREMUM,)* }
            }

            /// Whether φ takes the values 0 and 1 only.
            pub fn is_binary(self) -> bool {
                match self { $(Self::$variant => $module::$variant::BINARY,)* }
            }

            /// φ'(0+): 0 where φ grows slower than x, infinite where it jumps.
            pub fn slope(self) -> f64 {
                match self { $(Self::$variant => $module::$variant::SLOPE,)* }
            }

            /// Largest time step, in τ, that a simulation of it accepts.
            pub fn max_step(self) -> f64 {
                match self { $(Self::$variant => $module::$variant::MAX_STEP,)* }
            }

            /// φ(x).
            pub fn value(self, x: f64) -> f64 {
                match self { $(Self::$variant => $module::$variant::value(x),)* }
            }

            /// φ of every input, in single precision; all inputs positive.
            ///
            /// # Panics
            /// If the two slices differ in length.
            pub fn fill(self, x: &[f32], phi: &mut [f32]) {
                assert_eq!(x.len(), phi.len(), "one activity per input");
                match self { $(Self::$variant => $module::$variant::fill(x, phi),)* }
            }
        }
    };
}

responses! {
    Heaviside = heaviside,
    RectifiedTanh = rectified_tanh,
    RectifiedLinear = rectified_linear,
    RectifiedQuadratic = rectified_quadratic,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_response_keeps_the_contract() {
        for &response in Response::ALL {
            let mut last = 0.0;
            for step in -400..400 {
                let phi = response.value(f64::from(step) / 50.0);
                assert!(step > 0 || phi == 0.0, "{response:?} is not silent at and below 0");
                assert!(phi >= last && phi <= response.supremum(), "{response:?} decreases or exceeds its bound");
                last = phi;
            }
            let near = response.value(1e-9) / 1e-9;
            let slope = if near > 1e8 { f64::INFINITY } else { near };
            assert!(
                slope == response.slope() || (slope - response.slope()).abs() < 1e-6,
                "{response:?}: slope {slope}"
            );
            let json = serde_json_name(response);
            assert_eq!(json, response.name(), "the name in files");
        }
    }

    #[test]
    fn fast_kernels_equal_the_definition() {
        let x: Vec<f32> = (1..40_000).map(|i| (i as f32 * 5e-4).powi(2) * 0.05 + 1e-6).collect();
        let mut phi = vec![0.0; x.len()];
        for &response in Response::ALL {
            response.fill(&x, &mut phi);
            for (&x, &phi) in x.iter().zip(&phi) {
                let exact = response.value(f64::from(x));
                // Four units in the last place of f32.
                assert!((f64::from(phi) - exact).abs() <= 2.4e-7 * exact, "{response:?} at {x}: {phi} for {exact}");
            }
        }
    }

    fn serde_json_name(response: Response) -> String {
        // A unit variant serialises to its bare name; a plain `Serializer` that keeps it would be longer than this.
        format!("{response:?}").chars().enumerate().fold(String::new(), |mut name, (i, c)| {
            if c.is_uppercase() && i > 0 {
                name.push('-');
            }
            name.extend(c.to_lowercase());
            name
        })
    }
}
