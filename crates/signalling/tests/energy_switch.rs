//! What the energy switch says of its folds and of states near them, beside finite differences and numbers of independent code.

use signalling::{EnergySwitch, LoopState};

/// The state in which mTORC1 is on where v µM of cyclic AMP are made a second.
fn on(switch: &EnergySwitch, v: f64) -> LoopState {
    let (ratio, _) = switch.ratio(v).expect("ATP");
    *switch.states(switch.off_rate(switch.ampk(ratio))).last().expect("a state")
}

#[test]
fn states_slow_down_before_the_fold() {
    let switch = EnergySwitch::default();
    let [_, off] = switch.folds().expect("two states");
    let fold = switch.drive(off.b).expect("reached");
    // To the digits that are given.
    for (distance, want, digits) in [(0.003, 5.83e-5, 5e-8), (0.001, 3.33e-5, 5e-8)] {
        let v = fold * (1.0 - distance);
        let slowest = switch.slowest(v, on(&switch, v)).expect("rates");
        assert!((slowest - want).abs() < digits, "{distance}: {slowest}");
    }
}

/// d ln b = d ln(a₁/(κ(1 + κ))) + d ln B, d ln B = (1 − 2s)/(2(1 − s)) d ln E.
#[test]
fn a_curve_that_changes_moves_the_folds() {
    let plain = EnergySwitch::default();
    let small = 1e-6;
    let with = |on: f64, back: f64| EnergySwitch {
        on: [plain.on[0], plain.on[1] * on],
        s6k1: [plain.s6k1[0], plain.s6k1[1] * back],
        ..plain.clone()
    };
    for (more, less, strength, kappa) in [
        (with(1.0 + small, 1.0), with(1.0 - small, 1.0), 1.0, 0.0),
        (with(1.0, 1.0 + small), with(1.0, 1.0 - small), 0.0, 1.0),
    ] {
        let [more, less] = [more, less].map(|switch| switch.folds().expect("two states"));
        for (k, fold) in plain.folds().expect("two states").iter().enumerate() {
            let seen = libm::log(more[k].b / less[k].b) / (2.0 * small);
            // κ = 1: d ln(κ(1 + κ)) = 3/2 d ln κ, and E = ε(1 + κ)² changes by d ln κ.
            let e = kappa - strength;
            let want = strength - 1.5 * kappa + (1.0 - 2.0 * fold.s) / (2.0 * (1.0 - fold.s)) * e;
            assert!((seen - want).abs() < 1e-7, "{k}: {seen} {want}");
        }
    }
}

/// d ln S/d ln b = −(1 − (1 + κ)S)/(1 − L): it grows without bound where L comes to 1.
#[test]
fn sensitivity_is_one_over_one_less_the_gain() {
    let switch = EnergySwitch::default();
    let [_, off] = switch.folds().expect("two states");
    let kappa = switch.s6k1[1] / switch.s6k1[0];
    for near in [0.3, 0.9, 0.999] {
        let at = |b: f64| *switch.states(b).last().expect("a state");
        let (state, small) = (at(near * off.b), 1e-6 * (1.0 - near));
        let [more, less] = [1.0 + small, 1.0 - small].map(|factor| libm::log(at(near * off.b * factor).s));
        let seen = (more - less) / (2.0 * small);
        let want = -(1.0 - (1.0 + kappa) * state.s) / (1.0 - state.gain);
        assert!((seen / want - 1.0).abs() < 1e-5, "{near}: {seen} {want}");
    }
}

/// The later the faster the ramp.
#[test]
fn ramps_switch_where_independent_code_does() {
    let switch = EnergySwitch::default();
    let [on_fold, off] = switch.folds().expect("two states");
    let half = 0.5 * (on_fold.m + off.m);
    let gone_at = |time: f64| {
        let start = switch.at_rest(1.0, on(&switch, 1.0)).expect("ATP");
        let (mut before, mut gone) = ((1.0, f64::INFINITY), f64::NAN);
        switch
            .run(start, (1.0, 19.0 / time), time, |_, v, y| {
                if before.1 >= half && y[6] < half {
                    gone = before.0 + (v - before.0) * (before.1 - half) / (before.1 - y[6]);
                }
                before = (v, y[6]);
                gone.is_nan()
            })
            .expect("runs");
        gone
    };
    // LSODA and BDF of scipy at relative errors of 1e-9 a step; the excess beyond the fold falls to between a quarter and a fifth with ramps ten times as long.
    for (time, wanted) in [(1e5, 11.311204577), (1e6, 9.678561931), (1e7, 9.287959797)] {
        let gone = gone_at(time);
        assert!((gone / wanted - 1.0).abs() < 2e-6, "{time} s: {gone}");
    }
}
