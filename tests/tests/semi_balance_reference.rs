//! States of r = [W r + X + r]₊ against data/semi_balanced_states.json: exact rational enumeration by independent code.

use ndarray::{Array1, Array2};
use semibalance::{Circuit, States, all_states, balanced, is_p_matrix};
use serde_json::Value;

struct Case {
    name: String,
    circuit: Circuit,
    value: Value,
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    value.as_array().expect("a list").iter().map(|v| v.as_u64().expect("an index") as usize).collect()
}

fn cases() -> Vec<Case> {
    let all: Value = serde_json::from_str(include_str!("../data/semi_balanced_states.json")).expect("valid JSON");
    let cases = all["cases"].as_array().expect("cases");
    cases
        .iter()
        .map(|value| {
            let rows: Vec<Vec<f64>> = value["W"].as_array().expect("rows").iter().map(numbers).collect();
            let n = rows.len();
            let w = Array2::from_shape_fn((n, n), |(a, b)| rows[a][b]);
            let circuit = Circuit::new(w, Array1::from(numbers(&value["X"]))).expect("a circuit");
            Case { name: value["name"].as_str().expect("a name").into(), circuit, value: value.clone() }
        })
        .collect()
}

/// Equal up to what rounding of the decimal data to binary can move: some 1e-16 of the largest term in a sum.
fn close(a: &[f64], b: &[f64], largest: f64) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-12 * b.abs() || (a - b).abs() <= 2e-16 * largest)
}

fn largest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    values.into_iter().fold(0.0, |most, v| v.abs().max(most))
}

fn check(name: &str, circuit: &Circuit, found: &States, value: &Value) {
    let drive = largest(circuit.drive());
    let known = value["solutions"].as_array().expect("solutions");
    assert_eq!(found.states.len(), known.len(), "{name}: {:?}", found.states);
    for known in known {
        let support = indices(&known["support"]);
        let state = found.states.iter().find(|s| s.support == support).unwrap_or_else(|| panic!("{name}: {support:?}"));
        assert!(close(&state.r.to_vec(), &numbers(&known["r"]), drive), "{name}: {} for {}", state.r, known["r"]);
        assert!(
            close(&state.input.to_vec(), &numbers(&known["input"]), drive),
            "{name}: {} for {}",
            state.input,
            known["input"]
        );
        assert_eq!(state.ties, indices(&known["degenerate_indices"]), "{name}");
        assert_eq!(i64::from(state.index), known["sign_det_minusWSS"].as_i64().expect("a sign"), "{name}");
        assert_eq!(state.stability.stable, known["linearly_stable"].as_bool().expect("a verdict"), "{name}");
        if let Some(growth) = known["max_real_eig_WSS"].as_f64() {
            assert!((state.stability.growth - growth).abs() <= 1e-12 * growth.abs().max(1e-3), "{name}");
        }
        assert!(state.residual < 1e-14, "{name}: residual {}", state.residual);
    }
    let lines = value["continuum"].as_array().expect("a list");
    assert_eq!(found.continua.len(), lines.len(), "{name}: {:?}", found.continua);
    for (line, known) in found.continua.iter().zip(lines) {
        assert_eq!(line.support, indices(&known["support"]), "{name}");
        assert!(!line.ends.is_empty() && line.ends.len() + line.rays.len() >= 2, "{name}: {line:?}");
    }
}

#[test]
fn enumeration_gives_exactly_the_known_states() {
    for case in cases() {
        let found = all_states(&case.circuit).expect("few populations");
        assert!(found.complete);
        check(&case.name, &case.circuit, &found, &case.value);
    }
}

#[test]
fn the_balanced_state_and_its_condition_are_those_of_the_reference() {
    for case in cases() {
        let found = balanced(&case.circuit);
        match (&found.rates, case.value["balanced_minusWinvX"].is_null()) {
            (None, true) => assert!(found.condition > 1e15, "{}", case.name),
            (Some(rates), false) => {
                let known = numbers(&case.value["balanced_minusWinvX"]);
                assert!(close(&rates.to_vec(), &known, largest(case.circuit.drive())), "{}: {rates}", case.name);
                let known = case.value["cond"].as_f64().expect("a number");
                // The condition itself has the condition as its condition.
                assert!((found.condition / known - 1.0).abs() < 1e-14 * known.max(1e2), "{}", case.name);
            }
            (rates, _) => panic!("{}: {rates:?}", case.name),
        }
        let minus = case.circuit.coupling().mapv(|w| -w);
        assert_eq!(Some(is_p_matrix(&minus)), case.value["minusW_is_P"].as_bool(), "{}", case.name);
    }
}

/// Rows in other units, populations in another order: the same answers in those units and that order.
#[test]
fn units_and_order_change_nothing() {
    for case in cases() {
        let n = case.circuit.populations();
        let plain = all_states(&case.circuit).expect("few populations");
        let scales: Vec<f64> = (0..n).map(|a| 10_f64.powi([-12, 7, 12, -3][a % 4])).collect();
        let order: Vec<usize> = (0..n).rev().collect();
        let w = case.circuit.coupling();
        let w = Array2::from_shape_fn((n, n), |(a, b)| scales[a] * w[[order[a], order[b]]]);
        let x = Array1::from_shape_fn(n, |a| scales[a] * case.circuit.drive()[order[a]]);
        let moved = all_states(&Circuit::new(w, x).expect("a circuit")).expect("few populations");
        assert_eq!(moved.states.len(), plain.states.len(), "{}: {:?}", case.name, moved.states);
        assert_eq!(moved.continua.len(), plain.continua.len(), "{}", case.name);
        for state in &plain.states {
            let mut support: Vec<usize> = state.support.iter().map(|&a| order[a]).collect();
            support.sort_unstable();
            let other = moved.states.iter().find(|s| s.support == support).expect("the same supports");
            for a in 0..n {
                let (r, input) = (other.r[a], other.input[a] / scales[a]);
                assert!((r - state.r[order[a]]).abs() <= 1e-9 * r.abs() + 1e-3 * r.min(1e-11), "{}", case.name);
                assert!(
                    (input - state.input[order[a]]).abs() <= 1e-2 * input.abs().min(1e-9) + 1e-9 * input.abs(),
                    "{}",
                    case.name
                );
            }
        }
    }
}

/// data/finite_n.json: states of (W − ε1, X) by independent code.
#[test]
fn finite_networks_have_the_states_of_the_reference() {
    let cases: Value = serde_json::from_str(include_str!("../data/finite_n.json")).expect("valid JSON");
    for case in cases.as_array().expect("cases") {
        let rows: Vec<Vec<f64>> = case["W"].as_array().expect("rows").iter().map(numbers).collect();
        let n = rows.len();
        let circuit =
            Circuit::new(Array2::from_shape_fn((n, n), |(a, b)| rows[a][b]), Array1::from(numbers(&case["X"])));
        let circuit = circuit.expect("a circuit");
        let eps = case["eps"].as_f64().expect("a number");
        let known = Array1::from(numbers(&case["r"]));
        // ε = 1/(g√N), at g = 1.
        let at_size = if eps == 0.0 {
            circuit
        } else {
            let finite = semibalance::Finite::new(circuit, 1.0, Array1::zeros(n)).expect("a network");
            finite.at(eps.powi(-2)).expect("a circuit")
        };
        let found = all_states(&at_size).expect("few populations").states;
        assert_eq!(found.len(), 1, "{case}");
        assert!((&found[0].r - &known).iter().all(|d| d.abs() <= 1e-12 * known.sum()), "{} for {known}", found[0].r);
    }
}

/// XOR of S3, section 1 of the science: gaps of (e1, e2, i) for stimuli {6, 14}² and {2, 18}², and the readout.
#[test]
fn xor_gaps_are_those_derived_by_hand() {
    let rates = |first: f64, second: f64| {
        let w = ndarray::array![[0.5, 1.5, -3.0], [1.5, 0.5, -3.0], [4.5, 4.5, -5.0]];
        let x = ndarray::array![2.7 * first + 0.9 * second, 0.9 * first + 2.7 * second, 1.35 * (first + second)];
        all_states(&Circuit::new(w, x).expect("a circuit")).expect("three").states[0].r.clone()
    };
    for (a, b, gap, readout) in [(6.0, 14.0, [0.626, 0.626, 1.126], 0.213), (2.0, 18.0, [3.898, 3.898, 7.017], 1.325)] {
        let found = rates(a, b) + rates(b, a) - rates(a, a) - rates(b, b);
        assert!(found.iter().zip(gap).all(|(f, g)| (f - g).abs() < 5e-4), "{found}");
        let y = |r: Array1<f64>| r[0] + r[1] - 11.0 / 15.0 * r[2];
        assert!((y(rates(a, b)) - readout).abs() < 5e-4);
        assert!(y(rates(a, a)).abs() < 1e-12 && y(rates(10.0, 10.0 + 2.0)).abs() < 1e-12);
    }
}
