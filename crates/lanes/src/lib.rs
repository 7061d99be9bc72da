//! Vectors of numbers in three instruction sets that give the same bits.
//!
//! ```
//! use lanes::{Isa, Simd, Singles, Work};
//!
//! /// Adds one to each number.
//! struct Increment<'a>(&'a mut [f32; 16]);
//!
//! impl Work for Increment<'_> {
//!     type Output = ();
//!     #[inline(always)]
//!     fn run<S: Simd>(self) {
//!         S::Singles::load(self.0).plus(S::Singles::all(1.0)).store(self.0);
//!     }
//! }
//!
//! for isa in Isa::available() {
//!     let mut numbers = [0.5; 16];
//!     isa.run(Increment(&mut numbers));
//!     assert_eq!(numbers, [1.5; 16]);
//! }
//! ```
//!
//! A loop is written once, as [`Work`] over a [`Simd`], and [`Isa::run`] compiles it for each instruction set: AVX-512, AVX2, and plain
//! arrays for every other machine. All operations are lane by lane, sums and products are rounded one by one (fused multiply-add does not
//! exist everywhere), and so every machine returns the same bits.
//!
//! **Safety.** The vector types of an instruction set have no name outside this crate. What reaches them is [`Isa::run`] alone, and an
//! [`Isa`] is only made by asking the machine what it has: no safe program can execute an instruction that its machine lacks.

mod aligned;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod doubles;
mod isa;
mod memory;
mod portable;
mod singles;

pub use aligned::{Aligned, Plain};
pub use doubles::{Doubles, EIGHT};
pub use isa::{Isa, IsaError, Simd, Work};
pub use memory::{fetch, fetch_run};
pub use singles::{Part, SIXTEEN, Singles, Words};
