//! Systems in TOML.

use crate::survives;
use lab::{Failure, Parsed, System, cases};
use std::path::Path;

/// Reads a text as `compare` does, up to what would be run.
fn read<S: System>(text: &str) -> Result<(), Failure> {
    let plans = Parsed::new(Path::new("mutated.toml"), text)?.plans::<S>()?;
    let needed = cases(&plans)?.iter().map(|case| case.system.memory()).fold(0.0, f64::max);
    assert!(needed >= 0.0, "{needed}");
    Ok(())
}

macro_rules! survivors {
    ($($name:ident: $system:ty, $file:literal;)*) => {$(
        #[test]
        fn $name() {
            let original = include_bytes!(concat!("../../../networks/", $file));
            survives(original, |bytes| read::<$system>(&String::from_utf8_lossy(bytes)));
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
