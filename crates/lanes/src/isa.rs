//! The instruction set: detected, or chosen by the user among those that the machine has.

use crate::portable::Portable;
use crate::{Doubles, Part, Singles, Words};
use std::fmt;
use std::sync::OnceLock;
use thiserror::Error;

/// The environment variable that picks an instruction set.
const VARIABLE: &str = "EQUIPOISE_ISA";

/// An instruction set that this machine has; only detection makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The choice in `EQUIPOISE_ISA` cannot be followed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IsaError {
    /// Nothing has this name.
    #[error("EQUIPOISE_ISA: no instruction set {0:?} (allowed: avx512, avx2, portable)")]
    Unknown(String),
    /// The machine does not have it.
    #[error("EQUIPOISE_ISA: this machine lacks {wanted} (allowed here: {available})")]
    Missing {
        /// Its name.
        wanted: &'static str,
        /// Names of those that the machine has.
        available: String,
    },
}

/// All names, also of those that this machine lacks.
const NAMES: [&str; 3] = ["portable", "avx2", "avx512"];

impl Isa {
    /// All that this machine has, the fastest last.
    pub fn available() -> Vec<Isa> {
        #[allow(unused_mut, reason = "only x86-64 has more than one")]
        let mut all = vec![Isa(Level::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("popcnt")
            {
                all.push(Isa(Level::Avx2));
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vbmi2")
                {
                    all.push(Isa(Level::Avx512));
                }
            }
        }
        all
    }

    /// The one that `EQUIPOISE_ISA` names, or the fastest; read once.
    ///
    /// # Errors
    /// [`IsaError`] where the variable names none that this machine has.
    pub fn chosen() -> Result<Isa, IsaError> {
        static CHOSEN: OnceLock<Result<Isa, IsaError>> = OnceLock::new();
        CHOSEN
            .get_or_init(|| match std::env::var_os(VARIABLE) {
                None => Ok(Isa::available().pop().unwrap_or(Isa(Level::Portable))),
                Some(name) => Isa::named(&name.to_string_lossy()),
            })
            .clone()
    }

    /// [`Isa::chosen`], for code that cannot fail; a program asks that first and reports the error.
    ///
    /// # Panics
    /// If the variable names none that this machine has.
    pub fn detect() -> Isa {
        Isa::chosen().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The one of this name.
    ///
    /// # Errors
    /// [`IsaError`].
    pub fn named(name: &str) -> Result<Isa, IsaError> {
        let wanted = NAMES.into_iter().find(|known| *known == name).ok_or_else(|| IsaError::Unknown(name.into()))?;
        let available = Isa::available();
        available.iter().find(|isa| isa.name() == wanted).copied().ok_or_else(|| {
            let available = available.iter().map(|isa| isa.name()).collect::<Vec<_>>().join(", ");
            IsaError::Missing { wanted, available }
        })
    }

    /// `portable`, `avx2` or `avx512`.
    pub fn name(self) -> &'static str {
        NAMES[self.0 as usize]
    }

    /// Does the work in these registers.
    #[inline]
    pub fn run<W: Work>(self, work: W) -> W::Output {
        #[cfg(target_arch = "x86_64")]
        {
            use crate::{avx2::Avx2, avx512::Avx512};
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,avx2,bmi1,bmi2,popcnt")]
            fn wide<W: Work>(work: W) -> W::Output {
                work.run::<Avx512>()
            }
            #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
            fn narrow<W: Work>(work: W) -> W::Output {
                work.run::<Avx2>()
            }
            match self.0 {
                // SAFETY: `available`, which alone makes an `Isa` of this level, has asked the machine for these features.
                Level::Avx512 => unsafe { wide(work) },
                // SAFETY: as above.
                Level::Avx2 => unsafe { narrow(work) },
                Level::Portable => work.run::<Portable>(),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        work.run::<Portable>()
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The vectors of one instruction set.
pub trait Simd: Copy + 'static {
    /// Sixteen numbers in single precision.
    type Singles: Singles<Words = Self::Words>;
    /// Sixteen words of 32 bits.
    type Words: Words;
    /// A register's part of sixteen numbers in single precision.
    type Part: Part;
    /// Eight numbers in double precision.
    type Doubles: Doubles;
    /// Whether asking for memory that is read in order, line by line, pays: where one load takes a whole line it costs as much as it saves.
    const FETCHES: bool;
}

/// A loop over vectors of any kind. `run` and all that it calls must be `#[inline(always)]`: a function of its own would be compiled without
/// the instruction set.
pub trait Work {
    /// What is returned.
    type Output;
    /// Does the work with vectors of one kind.
    fn run<S: Simd>(self) -> Self::Output;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_levels() {
        for isa in Isa::available() {
            assert_eq!(Isa::named(isa.name()), Ok(isa));
        }
        assert_eq!(Isa::available()[0].name(), "portable");
        assert!(matches!(Isa::named("AVX2"), Err(IsaError::Unknown(_))), "names are exact");
        if Isa::available().len() < NAMES.len() {
            let error = Isa::named("avx512").expect_err("not here").to_string();
            assert!(error.starts_with("EQUIPOISE_ISA: this machine lacks avx512"), "{error}");
        }
    }
}
