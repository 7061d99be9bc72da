//! Every solver of the semi-balanced state against enumeration, which is held to exact arithmetic elsewhere.

use ndarray::{Array1, Array2, Array3, array};
use proptest::prelude::*;
use rand::RngExt;
use semibalance::{
    Absence, Answer, Circuit, Found, Layer, Relaxed, Stack, States, absence, all_states, one_state, relax, solve_each,
    solve_many,
};

const CASES: u32 = 10_000;

/// Small integers, where ties and singular blocks are common, or real numbers.
fn any_circuit(most: usize) -> impl Strategy<Value = Circuit> {
    let entries = |n: usize| {
        prop_oneof![
            prop::collection::vec((-3_i32..=3).prop_map(f64::from), n * n + n),
            prop::collection::vec(-3.0_f64..3.0, n * n + n),
        ]
    };
    (1..=most).prop_flat_map(move |n| {
        entries(n).prop_map(move |v| {
            let w = Array2::from_shape_fn((n, n), |(a, b)| v[a * n + b]);
            Circuit::new(w, Array1::from(v[n * n..].to_vec())).expect("a circuit")
        })
    })
}

/// Whether r is one of the states, or lies on one of the continua.
fn contains(all: &States, circuit: &Circuit, r: &Array1<f64>) -> bool {
    let size = r.iter().fold(1e-300_f64, |most, v| v.abs().max(most));
    let near = |state: &Array1<f64>| (state - r).iter().all(|d| d.abs() <= 1e-7 * size);
    let support: Vec<usize> = (0..r.len()).filter(|&a| r[a] > 1e-9 * size).collect();
    all.states.iter().any(|s| near(&s.r))
        // All solutions of W_SS r = −X_S, r ≥ 0, I ≤ 0 with this support are the continuum: what solves it is on it.
        || (all.continua.iter().any(|c| support.iter().all(|a| c.support.contains(a))) && residual(circuit, r) < 1e-11)
}

fn residual(circuit: &Circuit, r: &Array1<f64>) -> f64 {
    let (w, x) = (circuit.coupling(), circuit.drive());
    (0..r.len())
        .map(|a| {
            let input = w.row(a).dot(r) + x[a];
            let size = w.row(a).iter().zip(r).map(|(w, r)| (w * r).abs()).sum::<f64>() + x[a].abs();
            let wrong = if r[a] > 0.0 { input.abs() } else { input.max(0.0) };
            if wrong == 0.0 { 0.0 } else { wrong / size }
        })
        .fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn what_one_state_says_is_what_enumeration_says(circuit in any_circuit(6)) {
        let all = all_states(&circuit).expect("small");
        let none = all.states.is_empty() && all.continua.is_empty();
        match one_state(&circuit) {
            Answer::State(state) => {
                prop_assert!(contains(&all, &circuit, &state.r), "{:?} of {:?}", state, all);
                prop_assert!(state.residual <= 1e-12);
            }
            Answer::Nothing(why) => {
                prop_assert!(none);
                prop_assert_eq!(why, Absence::Enumerated);
            }
            Answer::Unknown => prop_assert!(false, "six populations are enumerated"),
        }
    }

    /// The cofactors (up to 3), eight at once (4 to 6), and one W with many X.
    #[test]
    fn batches_return_states_of_the_enumeration(circuits in prop::collection::vec(any_circuit(6), 9)) {
        for n in 1..=6 {
            let same: Vec<&Circuit> = circuits.iter().filter(|c| c.populations() == n).collect();
            let w = Array3::from_shape_fn((same.len(), n, n), |(k, a, b)| same[k].coupling()[[a, b]]);
            let x = Array2::from_shape_fn((same.len(), n), |(k, a)| same[k].drive()[a]);
            let each = solve_each(w.view(), x.view()).expect("circuits");
            for (k, circuit) in same.iter().enumerate() {
                let all = all_states(circuit).expect("small");
                let none = all.states.is_empty() && all.continua.is_empty();
                let r = each.rates.row(k).to_owned();
                match each.found[k] {
                    Found::State => prop_assert!(contains(&all, circuit, &r) && residual(circuit, &r) < 2e-12, "{}, {:?}", r, all),
                    Found::Nothing => prop_assert!(none && r.iter().all(|r| r.is_nan())),
                    Found::Unknown => prop_assert!(false, "six populations are enumerated"),
                }
            }
            if let Some(first) = same.first() {
                let many = solve_many(first.coupling().view(), x.view()).expect("circuits");
                let repeated = Array3::from_shape_fn((same.len(), n, n), |(_, a, b)| first.coupling()[[a, b]]);
                let each = solve_each(repeated.view(), x.view()).expect("circuits");
                prop_assert_eq!(&many.found, &each.found);
                prop_assert!(many.rates.iter().zip(&each.rates).all(|(a, b)| a == b || (a.is_nan() && b.is_nan())));
            }
        }
    }

    /// Pairs with a singular block beside regular populations, in one direction of coupling or none: what rounding makes of it is no state.
    #[test]
    fn singular_blocks_beside_regular_ones_are_not_taken_for_states(
        (u, v, others, x) in (1_usize..=4).prop_flat_map(|n| (
            prop::collection::vec(1_i32..=60, 2),
            prop::collection::vec(1_i32..=60, 2),
            prop::collection::vec(1_i32..=9, 3 * n),
            prop::collection::vec(1_i32..=60, n + 2),
        )),
        coupled in any::<bool>(),
    ) {
        let n = x.len();
        let real = |v: i32| f64::from(v);
        let w = Array2::from_shape_fn((n, n), |(a, b)| match (a, b) {
            // W = u vᵀ with the second column inhibitory.
            (0 | 1, 0) => real(u[a] * v[0]),
            (0 | 1, 1) => -real(u[a] * v[1]),
            (0 | 1, _) if coupled => -real(others[2 * (b - 2) + a]),
            _ if a == b => -real(others[2 * (n - 2) + a - 2]),
            _ => 0.0,
        });
        let x = Array1::from_iter(x.into_iter().map(real));
        let circuit = Circuit::new(w.clone(), x.clone()).expect("a circuit");
        let all = all_states(&circuit).expect("small");
        let batch = solve_many(w.view(), x.insert_axis(ndarray::Axis(0)).view()).expect("a circuit");
        let r = batch.rates.row(0).to_owned();
        match batch.found[0] {
            Found::State => prop_assert!(contains(&all, &circuit, &r), "{}, {:?}", r, all),
            _ => prop_assert!(all.states.is_empty() && all.continua.is_empty(), "{:?}", all),
        }
    }

    /// No witness of absence where there is a state; where the half-space condition alone rules states out, there is one.
    #[test]
    fn a_witness_of_absence_is_never_wrong(circuit in any_circuit(5)) {
        if let Some(y) = absence(&circuit) {
            let all = all_states(&circuit).expect("small");
            prop_assert!(all.states.is_empty() && all.continua.is_empty(), "{} of {:?}", y, circuit);
            prop_assert!(y.iter().all(|y| *y >= 0.0) && y.dot(circuit.drive()) > 0.0);
        }
    }

    /// Where the dynamics settle from random rates, there is a state, and where a state is stable beyond doubt, they stay at it.
    #[test]
    fn projected_dynamics_end_at_states(circuit in any_circuit(3), start in prop::collection::vec(0.1_f64..2.0, 3)) {
        let all = all_states(&circuit).expect("small");
        let start = Array1::from(start[..circuit.populations()].to_vec());
        if let Relaxed::Settled(r) = relax(&circuit, &start, 3000) {
            // A last step below 1e-13 of r leaves inputs of 1e-12 of W r; singular blocks, where approach is not exponential,
            // can be as far from a state as the root of that.
            let close = all.states.iter().any(|s| (&s.r - &r).iter().all(|d| d.abs() <= 1e-5 * (1.0 + r.sum())));
            prop_assert!(close || !all.continua.is_empty(), "{} of {:?}", r, all);
        }
        for state in all.states.iter().filter(|s| s.ties.is_empty() && !s.support.is_empty()) {
            let size = state.r.iter().copied().fold(0.0, f64::max);
            let least = state.support.iter().map(|&a| state.r[a]).fold(f64::INFINITY, f64::min);
            let kick = 1e-6 * least;
            let departure = |r: &Array1<f64>| (r - &state.r).iter().fold(0.0_f64, |most, d| d.abs().max(most));
            let begin = state.r.mapv(|r| if r > 0.0 { r + kick } else { 0.0 });
            let row = circuit.coupling().rows().into_iter().map(|w| w.iter().map(|w| w.abs()).sum::<f64>()).fold(0.0, f64::max);
            // Decay by e⁻¹⁰ or more within the steps; oscillations that an explicit step cannot hold are left out.
            if state.stability.growth < -0.1 * row && !state.stability.oscillatory && least > 1e-3 * size {
                match relax(&circuit, &begin, 3000) {
                    Relaxed::Settled(r) | Relaxed::Moving(r) => prop_assert!(departure(&r) < 0.1 * kick, "{:?}", state),
                    Relaxed::RanAway => prop_assert!(false, "stable states are held"),
                }
            }
        }
    }

    /// Rows in units from 1e-12 to 1e12: where there is one state, every solver finds the same one. Units are powers of two, which change no digit: others round entries, and a circuit in which an input is 0 exactly may lose its state by that.
    #[test]
    fn units_of_rows_change_no_answer(circuit in any_circuit(5), powers in prop::collection::vec(-40..=40, 5)) {
        let all = all_states(&circuit).expect("small");
        if let ([state], true) = (&all.states[..], all.continua.is_empty()) {
            let n = circuit.populations();
            let scale = |a: usize| 2_f64.powi(powers[a]);
            let w = Array2::from_shape_fn((n, n), |(a, b)| circuit.coupling()[[a, b]] * scale(a));
            let x = Array1::from_shape_fn(n, |a| circuit.drive()[a] * scale(a));
            let near = |r: &Array1<f64>| (r - &state.r).iter().all(|d| d.abs() <= 1e-8 * (state.r.sum() + 1e-6));
            let Answer::State(one) = one_state(&Circuit::new(w.clone(), x.clone()).expect("a circuit")) else {
                return Err(TestCaseError::fail("there is a state"));
            };
            prop_assert!(near(&one.r), "{} for {}", one.r, state.r);
            let batch = solve_many(w.view(), x.insert_axis(ndarray::Axis(0)).view()).expect("a circuit");
            prop_assert!(batch.found[0] == Found::State && near(&batch.rates.row(0).to_owned()), "{}", batch.rates);
        }
    }

    /// The only state of the embedded stack is its forward pass.
    #[test]
    fn a_stack_of_layers_is_a_semi_balanced_state(seed in 0_u64..u64::MAX) {
        let mut rng = model::Seed(seed).stream("stack").rng(0);
        let depth = rng.random_range(1..=4);
        let mut widths: Vec<usize> = (0..=depth).map(|_| rng.random_range(1..=4)).collect();
        widths[0] = 2;
        let layers = widths.windows(2).map(|pair| Layer {
            weights: Array2::from_shape_simple_fn((pair[1], pair[0]), || rng.random_range(-1.0..1.0)),
            bias: Array1::from_shape_simple_fn(pair[1], || rng.random_range(-0.5..0.5)),
        }).collect();
        let stack = Stack::new(layers).expect("fits");
        let stimulus = array![rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0)];
        let circuit = stack.circuit(&stimulus).expect("a circuit");
        let expected = stack.forward(&stimulus);
        let Answer::State(state) = one_state(&circuit) else { panic!("a P-matrix") };
        prop_assert!((&state.r - &expected).iter().all(|d| d.abs() < 1e-14));
        if stack.units() <= 12 {
            prop_assert_eq!(all_states(&circuit).expect("small").states.len(), 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Eight different problems side by side, and the remainder of a group.
    #[test]
    fn larger_batches_return_states_of_the_enumeration((n, values) in (7_usize..=9).prop_flat_map(|n| {
        (Just(n), prop::collection::vec(-3.0_f64..3.0, 11 * (n * n + n)))
    })) {
        let w = Array3::from_shape_fn((11, n, n), |(k, a, b)| {
            values[k * (n * n + n) + a * n + b] - if a == b { 6.0 } else { 0.0 }
        });
        let x = Array2::from_shape_fn((11, n), |(k, a)| values[k * (n * n + n) + n * n + a]);
        let batch = solve_each(w.view(), x.view()).expect("circuits");
        for k in 0..11 {
            let circuit = Circuit::new(w.index_axis(ndarray::Axis(0), k).to_owned(), x.row(k).to_owned()).expect("a circuit");
            let all = all_states(&circuit).expect("small");
            match batch.found[k] {
                Found::State => prop_assert!(contains(&all, &circuit, &batch.rates.row(k).to_owned())),
                _ => prop_assert!(all.states.is_empty() && all.continua.is_empty()),
            }
        }
    }
}

/// Networks too large to enumerate: random excitation and inhibition, most populations in competition.
#[test]
fn large_networks_are_solved_or_their_failure_is_said() {
    for (k, n) in [25, 60, 200, 800].into_iter().enumerate() {
        let mut rng = model::Seed(5).stream("large").rng(k as u64);
        let weak = 0.5 / n as f64;
        let w = Array2::from_shape_fn((n, n), |(a, b)| {
            let strong = if a % (n / 2) == b % (n / 2) { 1.0 } else { 0.0 };
            if b < n / 2 {
                0.5 * strong + weak * rng.random_range(0.0..1.0) + if a >= n / 2 { strong } else { 0.0 }
            } else {
                -2.0 * strong - weak * rng.random_range(0.0..1.0)
            }
        });
        // Inhibitory populations are driven whatever the others do: without that a network may have no state at all.
        let x =
            Array1::from_shape_fn(
                n,
                |a| if a < n / 2 { rng.random_range(0.0..4.0) } else { rng.random_range(1.0..2.0) },
            );
        let circuit = Circuit::new(w, x).expect("a circuit");
        let Answer::State(state) = one_state(&circuit) else { panic!("{n} populations") };
        assert!(state.residual < 1e-12 && residual(&circuit, &state.r) < 1e-11, "{n}: {:e}", state.residual);
        assert!(state.support.len() > n / 4 && state.support.len() < n);
        // Excitation that nothing inhibits has no state, and a witness says so.
        let excited = Circuit::new(Array2::from_elem((n, n), 0.1), Array1::ones(n)).expect("a circuit");
        if n <= 60 {
            let Answer::Nothing(Absence::Witness(y)) = one_state(&excited) else { panic!("a witness") };
            assert!(y.iter().all(|y| *y >= 0.0) && y.sum() > 0.0);
        }
    }
}

/// From the symmetric start the dynamics stay at the unstable state of a winner-take-all circuit; beside it they leave.
#[test]
fn symmetric_starts_stay_at_unstable_states() {
    let w = array![[1.5, 0.5, -3.0], [0.5, 1.5, -3.0], [4.5, 4.5, -5.0]];
    let circuit = Circuit::new(w, array![36.0, 36.0, 27.0]).expect("a circuit");
    let all = all_states(&circuit).expect("three");
    assert_eq!(all.states.len(), 3);
    let Relaxed::Settled(r) = relax(&circuit, &array![1.0, 1.0, 1.0], 100_000) else { panic!("settles") };
    assert!(r[0] == r[1] && !all.states.iter().find(|s| s.r[0] > 0.0 && s.r[1] > 0.0).expect("both").stability.stable);
    let Relaxed::Settled(r) = relax(&circuit, &array![1.0, 1.001, 1.0], 100_000) else { panic!("settles") };
    assert!(r[0] == 0.0 && r[1] > 10.0);
}

#[test]
fn batches_refuse_what_is_no_batch() {
    let (w, x) = (Array3::<f64>::ones((2, 3, 3)), Array2::<f64>::ones((2, 3)));
    assert!(solve_each(w.view(), x.slice(ndarray::s![.., ..2])).is_err());
    assert!(solve_each(Array3::<f64>::zeros((1, 0, 0)).view(), Array2::<f64>::zeros((1, 0)).view()).is_err());
    let mut spoilt = x.clone();
    spoilt[[1, 2]] = f64::NAN;
    let error = solve_each(w.view(), spoilt.view()).expect_err("NaN").to_string();
    assert!(error.contains("problem 1") && error.contains("X[2]"), "{error}");
    assert_eq!(
        solve_each(Array3::<f64>::zeros((0, 3, 3)).view(), Array2::<f64>::zeros((0, 3)).view()).expect("none").found,
        vec![]
    );
}
