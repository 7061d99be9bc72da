//! Every file that a user may give, mutated: each is read or refused in one line, soon, in little memory. `EQUIPOISE_MUTATIONS` says how many of
//! each; `just mutations` tries ten million in all.

mod results;
mod states;
mod systems;

use lab::Failure;
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::time::{Duration, Instant};

/// What is put into files: what TOML and JSON are made of, and numbers and names that files should not have.
const BITS: [&str; 36] = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "=",
    ":",
    "null",
    ".",
    ",",
    "\n",
    "#",
    "\\u0000",
    "\u{7f}",
    "é",
    "1e999",
    "-1e308",
    "nan",
    "inf",
    "-0.0",
    "-1",
    "0",
    "1",
    "9223372036854775807",
    "0x7f",
    "1e-320",
    "true",
    "1979-05-27",
    "*",
    "e->e",
    "[[sweep]]\n",
    "draw = 1\n",
];

/// Longest that reading a text may take, and most memory of all of them in KiB.
const SOON: Duration = Duration::from_secs(5);
const LITTLE: f64 = 1e6;

fn mutated(original: &[u8], rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..rng.random_range(1..5) {
        let at = rng.random_range(0..=bytes.len());
        let end = (at + rng.random_range(1..40)).min(bytes.len());
        match rng.random_range(0..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                let place = rng.random_range(0..=bytes.len());
                drop(bytes.splice(place..place, copy));
            }
            3 if rng.random_bool(0.2) => bytes.truncate(at),
            _ => {
                // In place of a number, or anywhere.
                let bit = BITS[rng.random_range(0..BITS.len())].bytes();
                let digit = bytes[at..].iter().position(u8::is_ascii_digit).map(|k| at + k);
                let Some(from) = digit.filter(|_| rng.random_bool(0.7)) else {
                    drop(bytes.splice(at..at, bit));
                    continue;
                };
                let length = bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
                drop(bytes.splice(from..from + length, bit));
            }
        }
    }
    bytes
}

/// Reads a file and its mutants: `read` refuses what is no such file.
fn survives(original: &[u8], read: impl Fn(&[u8]) -> Result<(), Failure>) {
    read(original).expect("an example");
    let count: usize = std::env::var("EQUIPOISE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(4000);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(count as u64);
    let (mut refused, mut apart, mut last) = (0, 0, original.to_owned());
    for _ in 0..count {
        // Mutants of mutants that can still be read go further.
        let from = if apart < 20 && rng.random_bool(0.5) { &last[..] } else { original };
        let mutant = mutated(from, &mut rng);
        let started = Instant::now();
        let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(&mutant)));
        let text = || String::from_utf8_lossy(&mutant);
        assert!(started.elapsed() < SOON, "{:?}\n{}", started.elapsed(), text());
        match read.unwrap_or_else(|_| panic!("{}", text())) {
            Ok(()) => (last, apart) = (mutant, apart + 1),
            Err(failure) => {
                assert_eq!(failure.code(), 2, "{failure}\n{}", text());
                (refused, apart) = (refused + 1, 0);
            }
        }
    }
    assert!(refused > 0);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    assert!(peak.is_none_or(|kib| kib < LITTLE), "{peak:?} KiB");
}
