//! Oracles that cross crates.
