//! Adjustments whose answers are known from what they are: of systems that are no example of the source.

use signalling::{Options, Reaction, ReactionSystem, Shape, Source, Species, Status, Target, adjust, smallest_error};

fn two_enzymes() -> ReactionSystem {
    toml::from_str(include_str!("data/two_enzymes.toml")).expect("a system")
}

fn target(function: &str, (ymax, half): (f64, f64), (from, to): (f64, f64)) -> Target {
    Target { function: function.into(), shape: Shape { ymax, half, n: 1.0 }, from, to, input: Default::default() }
}

/// ε* is what rates reach, whatever is allowed; what is allowed above it is reached.
#[test]
fn the_smallest_error_does_not_depend_on_what_is_allowed() {
    let system = two_enzymes();
    let targets = [target("act1", (8.0, 60.0), (5.0, 100.0))];
    let found: Vec<(f64, Status)> = [0.1, 0.2, 0.25, 0.4]
        .into_iter()
        .map(|error| {
            let adjusted = adjust(&system, &targets, Options::with_error(error)).expect("a system");
            (smallest_error(&adjusted, &system, &targets).expect("a system"), adjusted.status)
        })
        .collect();
    for ((least, status), error) in found.iter().zip([0.1, 0.2, 0.25, 0.4]) {
        // A search: it ends where steps gain little, from wherever it began.
        assert!((least / found[0].0 - 1.0).abs() < 1e-2, "{found:?}");
        assert_eq!(*status == Status::Converged, error > *least, "{error} {least}");
    }
}

/// No change is reported without which errors would be small enough as well.
#[test]
fn every_change_is_needed() {
    let system = two_enzymes();
    for (function, error) in [("act1", 0.25), ("act1", 0.4), ("act2", 0.2), ("act2", 0.4)] {
        let shape = if function == "act1" { (8.0, 60.0) } else { (6.0, 60.0) };
        let targets = [target(function, shape, (5.0, 100.0))];
        let adjusted = adjust(&system, &targets, Options::with_error(error)).expect("a system");
        assert_eq!(adjusted.status, Status::Converged);
        for change in &adjusted.changes {
            let mut without = adjusted.system.clone();
            let place = without.reaction("reactions", &change.reaction).expect("there");
            *without.reactions[place].rate_mut(change.rate).expect("a rate") /= change.factor;
            // Drifts are from the system as it was: the target as it is now stands for no change.
            let before = system.reactions[place].rate(change.rate);
            assert!(
                (without.reactions[place].rate(change.rate).zip(before))
                    .is_some_and(|(a, b)| (a / b - 1.0).abs() < 1e-9)
            );
            assert!(worst(&system, &without, &targets[0]) > error, "{function} {error}: {change:?}");
        }
    }
}

/// Largest error of the target or drift of another function, from curves that are interpolated linearly in logarithms at many amounts of the source.
fn worst(before: &ReactionSystem, after: &ReactionSystem, target: &Target) -> f64 {
    let curves = |system: &ReactionSystem| -> Vec<Vec<(f64, f64)>> {
        let dense = ReactionSystem { source: Source { points: 2000, ..system.source.clone() }, ..system.clone() };
        let states = signalling::steady_states(&dense).expect("steady states");
        let at = |name: &str| dense.place("test", name).expect("a species");
        let of = |k: usize| (at(&dense.functions[k].input), at(&dense.functions[k].output));
        (0..dense.functions.len())
            .map(|k| states.iter().map(|s| (libm::log(s[of(k).0]), libm::log(s[of(k).1]))).collect())
            .collect()
    };
    let value = |curve: &[(f64, f64)], x: f64| {
        let above = curve.partition_point(|p| p.0 < x).clamp(1, curve.len() - 1);
        let (a, b) = (curve[above - 1], curve[above]);
        a.1 + (x - a.0) * (b.1 - a.1) / (b.0 - a.0)
    };
    let (old, new) = (curves(before), curves(after));
    let mut most = 0.0_f64;
    for (k, function) in before.functions.iter().enumerate() {
        let grid = |low: f64, high: f64| (0..=200).map(move |i| low + (high - low) * f64::from(i) / 200.0);
        if function.name() == target.function {
            for x in grid(target.from, target.to) {
                most = most.max(libm::expm1(value(&new[k], libm::log(x)) - libm::log(target.shape.at(x))).abs());
            }
        } else {
            let ends = |curve: &[(f64, f64)]| (curve[0].0, curve[curve.len() - 1].0);
            let ((a, b), (c, d)) = (ends(&old[k]), ends(&new[k]));
            for x in grid(a.max(c), b.min(d)) {
                most = most.max(libm::expm1(value(&new[k], x) - value(&old[k], x)).abs());
            }
        }
    }
    most
}

/// A source that is not clamped brings more than what is there at first.
#[test]
fn what_the_source_brings_is_no_bound() {
    let species = |name: &str, amount: f64| Species { name: name.into(), amount, clamped: false };
    for amount in [0.0, 10.0, 200.0] {
        let (of, complex) = (["A".into(), "B".into()], "AB".to_owned());
        let system = ReactionSystem {
            species: vec![species("A", amount), species("B", 100.0), species("AB", 0.0)],
            reactions: vec![Reaction::Binding { name: "AB".into(), of, complex, kon: 0.1, koff: 1.0 }],
            functions: vec![toml::from_str("reaction = \"AB\"\ninput = \"A\"\noutput = \"AB\"").expect("a function")],
            source: Source { species: "A".into(), from: 2.0, to: 200.0, points: 25 },
        };
        let of = |most: f64| {
            adjust(&system, &[target("AB", (most, 20.0), (5.0, 60.0))], Options::with_error(0.1)).expect("a system")
        };
        let found = of(100.0);
        assert_eq!(found.status, Status::Converged, "{amount}");
        assert!((found.changes[0].factor - 2.0).abs() < 1e-3, "{:?}", found.changes);
        // More than there is of B is not feasible all the same, and errors are told.
        let none = of(1e3);
        assert!(matches!(none.status, Status::NotFeasible(_)) && none.errors[0].error.is_finite(), "{none:?}");
    }
}

#[test]
fn a_rate_is_named_once() {
    let mut system = two_enzymes();
    system.functions[0] =
        toml::from_str("reaction = \"act1\"\ninput = \"X\"\noutput = \"XE1\"\nrates = [\"koff\", \"koff\"]")
            .expect("a function");
    assert_eq!(
        system.validate().expect_err("twice").to_string(),
        "functions.act1.rates: koff twice (allowed: each rate once)"
    );
}

/// Two functions of one pool have one C: targets are met together where theirs agree, and not where they differ.
#[test]
fn targets_in_one_pool_are_compatible_where_their_halves_agree() {
    let system = ReactionSystem::dopamine();
    // y₁ and y₂ at K₁ = 150, K₂ = 60, ATP as it is beside its constants: of one pool, T = a₁ymax₁ + a₂ymax₂.
    let (pool, q, a1, a2) = (700.0, 60.0 / 900.0, 1.1, 1.0 + 1e5 / 9.5e5);
    let (k1, k2) = (150.0, 60.0);
    let half = (1.0 + q) / (a1 / k1 + q * a2 / k2);
    let [one, two] = [half / k1, q * half / k2].map(|share| pool * share / (1.0 + q));
    let both =
        |factor: f64| [target("GAC5", (one, half), (10.0, 30.0)), target("GAC5Ca", (two, half * factor), (10.0, 30.0))];
    let of =
        |factor: f64, error: f64| adjust(&system, &both(factor), Options::with_error(error)).expect("a system").status;
    assert_eq!(of(1.0, 0.02), Status::Converged);
    assert_ne!(of(0.3, 0.02), Status::Converged);
}
