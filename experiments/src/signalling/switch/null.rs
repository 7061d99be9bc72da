//! The loop without what AMPK acts on.

use lab::{Comparison, Estimate, Outcome, row};
use signalling::EnergySwitch;

/// Without TSC2 AMPK cannot switch mTORC1 off, and where it is off it goes on again at a higher drive.
pub(super) fn without_tsc2(switch: &EnergySwitch, outcome: &mut Outcome) {
    if *switch != EnergySwitch::default() {
        return;
    }
    let null = EnergySwitch { off: [switch.off[0], 0.0, switch.off[2]], ..switch.clone() };
    let Some([on, off]) = null.folds() else { return };
    let [on, off] = [null.drive(on.b), null.drive(off.b)];
    for (quantity, theory, seen, bias) in [
        ("drives at which mTORC1 goes off", 0.0, f64::from(u8::from(off.is_some())), 0.0),
        ("v at which mTORC1 goes on (µM/s)", 12.9407551, on.unwrap_or(f64::NAN), 1e-7),
    ] {
        outcome.comparisons.push(Comparison {
            theory,
            simulation: Estimate::exact(seen),
            bias,
            scale: Some(theory.max(1.0)),
            ..row("A", quantity, "reference:independent folds", "without TSC2")
        });
    }
}
