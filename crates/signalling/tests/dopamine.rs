//! The pathway of the source, beside closed forms and independent numbers.

use signalling::{
    Kinetics, Options, RESIDUAL, Reaction, ReactionSystem, Shape, Source, Species, Status, Target, adjust,
    response_time, smallest_error, steady_states,
};

fn target() -> Target {
    let shape = Shape { ymax: 220.0, half: 78.0, n: 1.0 };
    Target { function: "GAC5Ca".into(), shape, from: 10.0, to: 30.0, input: Default::default() }
}

fn at(system: &ReactionSystem, name: &str) -> usize {
    system.place("test", name).expect("a species")
}

/// Amounts of independent code at the first, the thirteenth and the last amount of the source.
#[test]
fn steady_states_are_those_of_independent_code() {
    let system = ReactionSystem::dopamine();
    let states = steady_states(&system).expect("steady states");
    let kinetics = Kinetics::new(&system).expect("a system");
    assert_eq!((system.species.len(), states.len()), (25, 25));
    for (name, wanted) in [
        ("GaGTP", [5.65073635, 19.8968087, 55.3686925]),
        ("GAC5Ca", [0.999339692, 3.2725511, 7.75562717]),
        ("GAC5", [17.9881145, 58.9059198, 139.601289]),
        ("AC5Ca", [42.444296, 39.4742833, 33.6173826]),
        ("cAMP", [1.38905725, 4.55250823, 10.8066057]),
        ("D32p", [16.5479119, 53.3568761, 122.757574]),
        ("AMP", [1.85121919, 6.06081367, 14.3570905]),
    ] {
        for (k, want) in [0, 12, 24].into_iter().zip(wanted) {
            let x = states[k][at(&system, name)];
            assert!((x / want - 1.0).abs() < 5e-9, "{name} {k}: {x} {want}");
        }
    }
    let mut system = system.clone();
    for (state, amount) in states.iter().zip(system.source.amounts()) {
        system.species[0].amount = amount;
        let kinetics = Kinetics::new(&system).expect("a system");
        assert!(kinetics.residual(state) <= RESIDUAL, "{}", kinetics.residual(state));
    }
    // Seven pools: one for each protein, and one for ATP.
    assert_eq!(kinetics.pools().len(), 8, "{:?}", kinetics.pools());
}

/// y = T q x/K2/(1 + q + x a1/K1 + q x a2/K2), with ATP as it is.
#[test]
fn the_pool_hyperbola_is_met() {
    let system = ReactionSystem::dopamine();
    let (x, y, atp) = (at(&system, "GaGTP"), at(&system, "GAC5Ca"), at(&system, "ATP"));
    for state in steady_states(&system).expect("steady states") {
        let (q, k1, k2) = (60.0 / 900.0, 200.0, 240.0);
        let (a1, a2) = (1.0 + state[atp] / 1e6, 1.0 + state[atp] / 9.5e5);
        let want = 700.0 * q * state[x] / k2 / (1.0 + q + state[x] * a1 / k1 + q * state[x] * a2 / k2);
        assert!((state[y] / want - 1.0).abs() < 1e-12, "{} {want}", state[y]);
    }
}

#[test]
fn one_other_reaction_is_adjusted_at_a_tenth() {
    let system = ReactionSystem::dopamine();
    let adjusted = adjust(&system, &[target()], Options::with_error(0.1)).expect("a system");
    assert_eq!((adjusted.status.clone(), adjusted.sweeps, adjusted.others()), (Status::Converged, 1, 1));
    let factor = |name: &str| adjusted.changes.iter().find(|change| change.reaction == name).expect("changed").factor;
    assert!((factor("GAC5Ca") / 0.0683089851 - 1.0).abs() < 2e-4 && (factor("GAC5") / 0.928343844 - 1.0).abs() < 2e-5);
    assert!((adjusted.target_error() - 0.0276353608).abs() < 1e-4 && (adjusted.drift() - 0.0862299585).abs() < 1e-4);
    let hops: Vec<_> = adjusted.errors.iter().map(|error| error.hop.expect("a way")).collect();
    assert_eq!(hops, [2, 1, 1, 1, 0, 2, 1, 2, 2, 3]);
    let smallest = smallest_error(&adjusted, &system, &[target()]).expect("a system");
    assert!(smallest < 0.1 && smallest > 0.01, "{smallest}");
}

/// In the order of the list nothing is decided.
#[test]
fn the_order_of_reactions_does_not_matter() {
    let system = ReactionSystem::dopamine();
    let mut other = system.clone();
    other.reactions.reverse();
    other.functions.rotate_left(3);
    other.species.rotate_left(7);
    let factors = |system: &ReactionSystem| -> Vec<(String, f64)> {
        let adjusted = adjust(system, &[target()], Options::with_error(0.1)).expect("a system");
        let mut all: Vec<_> = adjusted.changes.into_iter().map(|change| (change.reaction, change.factor)).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    for ((a, x), (b, y)) in factors(&system).into_iter().zip(factors(&other)) {
        assert!(a == b && (x / y - 1.0).abs() < 1e-9, "{a} {x} {b} {y}");
    }
}

/// Amounts in another unit: rates of two reactants change with it.
#[test]
fn units_do_not_matter() {
    let system = ReactionSystem::dopamine();
    let unit = 1e-3;
    let mut other = system.clone();
    other.species.iter_mut().for_each(|species| species.amount *= unit);
    (other.source.from, other.source.to) = (unit * other.source.from, unit * other.source.to);
    for reaction in &mut other.reactions {
        match reaction {
            Reaction::Binding { kon, .. } | Reaction::Enzymatic { kon, .. } => *kon /= unit,
            Reaction::Conversion { of, rate, .. } => *rate /= unit.powi(of.len() as i32 - 1),
        }
    }
    let (a, b) = (steady_states(&system).expect("states"), steady_states(&other).expect("states"));
    for (x, y) in a.iter().flatten().zip(b.iter().flatten()) {
        assert!((x * unit - y).abs() <= 1e-11 * y, "{x} {y}");
    }
}

/// A total cannot give more than it is.
#[test]
fn a_total_reading_is_not_feasible() {
    let total = Target { input: signalling::Reading::Total, ..target() };
    let adjusted = adjust(&ReactionSystem::dopamine(), &[total], Options::with_error(0.1)).expect("a system");
    assert!(matches!(adjusted.status, Status::NotFeasible(_)), "{:?}", adjusted.status);
}

/// Targets in two pools do not disturb one another.
#[test]
fn changes_for_two_targets_add() {
    let system = ReactionSystem::dopamine();
    let shape = Shape { ymax: 488.890508, half: 407.447524 / 4.0, n: 1.0 };
    let pka = Target { function: "PKA".into(), shape, from: 2.2224916, to: 7.56462401, input: Default::default() };
    let adjusted = adjust(&system, &[target(), pka], Options::with_error(0.1)).expect("a system");
    assert_eq!((adjusted.status.clone(), adjusted.sweeps), (Status::Converged, 1));
    let factors: Vec<f64> = adjusted.changes.iter().map(|change| change.factor).collect();
    for (factor, want) in factors.iter().zip([0.928053661, 0.0680168055, 0.250138846]) {
        // Independent code fits at inputs spaced in their logarithm.
        assert!((factor / want - 1.0).abs() < 6e-3, "{factor} {want}");
    }
}

/// Times of independent code, at three speeds of one reaction with the same functions.
#[test]
fn response_times_are_those_of_independent_code() {
    for (speed, want) in [(0.1, 4.82044223), (1.0, 0.810331056), (10.0, 0.38443315)] {
        let mut system = ReactionSystem::dopamine();
        if let Reaction::Binding { kon, koff, .. } = &mut system.reactions[6] {
            (*kon, *koff) = (speed * *kon, speed * *koff);
        }
        let time = response_time(&system, "GAC5Ca", [50.0, 100.0]).expect("a system").expect("a response");
        assert!((time / want - 1.0).abs() < 1e-5, "{time} {want}");
    }
}

/// A ligand that binds for good leaves nothing of what there is less of, whatever the other.
#[test]
fn what_is_used_up_for_good_is_at_rest() {
    let species = |name: &str, amount: f64| Species { name: name.into(), amount, clamped: false };
    let (of, complex) = (["L".into(), "R".into()], "LR".to_owned());
    let system = ReactionSystem {
        species: vec![species("L", 40.0), species("R", 30.0), species("LR", 0.0)],
        reactions: vec![Reaction::Binding { name: "b".into(), of, complex, kon: 0.01, koff: 0.0 }],
        functions: vec![],
        source: Source { species: "L".into(), from: 40.0, to: 100.0, points: 5 },
    };
    for (state, amount) in steady_states(&system).expect("states").iter().zip(system.source.amounts()) {
        for (x, want) in state.iter().zip([amount - 30.0, 0.0, 30.0]) {
            assert!((x - want).abs() < 1e-9, "{x} {want}");
        }
    }
}

/// What is wanted may be missed by as much as is allowed: only what lies beyond is refused.
#[test]
fn what_errors_allow_is_not_refused() {
    let shape = Shape { ymax: 600.0, half: 30.0, n: 1.0 };
    let high = Target { function: "GA".into(), shape, ..target() };
    let system = ReactionSystem::two_bindings();
    let of =
        |error: f64| adjust(&system, std::slice::from_ref(&high), Options::with_error(error)).expect("a system").status;
    assert_eq!(of(0.3), Status::Converged);
    assert!(matches!(of(0.2), Status::NotFeasible(_)), "{:?}", of(0.2));
}
