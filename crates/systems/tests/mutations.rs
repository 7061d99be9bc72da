//! Files of every kind of system, mutated: each is read or refused in one line, soon, in little memory. `EQUIPOISE_MUTATIONS` says how many of each.

use lab::{Failure, Parsed, System, cases};
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is put into texts: what TOML is made of, and numbers and names that files should not have.
const BITS: [&str; 34] = [
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

fn mutated(text: &str, rng: &mut impl Rng) -> String {
    let mut bytes = text.as_bytes().to_vec();
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
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads a text as `compare` does, up to what would be run.
fn read<S: System>(text: &str) -> Result<(), Failure> {
    let plans = Parsed::new(Path::new("mutated.toml"), text)?.plans::<S>()?;
    let needed = cases(&plans)?.iter().map(|case| case.system.memory()).fold(0.0, f64::max);
    assert!(needed >= 0.0, "{needed}");
    Ok(())
}

fn survives<S: System>(text: &str) {
    read::<S>(text).expect("an example");
    let count: usize = std::env::var("EQUIPOISE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(4000);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(count as u64);
    let (mut refused, mut apart, mut last) = (0, 0, text.to_owned());
    for _ in 0..count {
        // Mutants of mutants that can still be read go further.
        let from = if apart < 20 && rng.random_bool(0.5) { &last } else { text };
        let mutant = mutated(from, &mut rng);
        let started = Instant::now();
        let read = read::<S>(&mutant);
        assert!(started.elapsed() < SOON, "{:?}\n{mutant}", started.elapsed());
        match read {
            Ok(()) => (last, apart) = (mutant, apart + 1),
            Err(failure) => {
                assert_eq!(failure.code(), 2, "{failure}\n{mutant}");
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

macro_rules! survivors {
    ($($name:ident: $system:ty, $file:literal;)*) => {$(
        #[test]
        fn $name() {
            survives::<$system>(include_str!(concat!("../../../networks/", $file)));
        }
    )*};
}

survivors! {
    rates: systems::rate_network::RateSystem, "rate.toml";
    sweeps: systems::rate_network::RateSystem, "sweep.toml";
    spiking: systems::spiking_network::SpikingSystem, "spiking.toml";
    circuits: systems::circuit::CircuitSystem, "circuit.toml";
    units: systems::unit_network::UnitSystem, "units.toml";
    neurons: systems::neuron::NeuronSystem, "neuron.toml";
    plastic: systems::plastic_network::PlasticSystem, "plastic.toml";
    plastic_spiking: systems::plastic_spiking::PlasticSpikingSystem, "plastic-spiking.toml";
    reactions: systems::reaction_network::ReactionNetwork, "reactions.toml";
}
