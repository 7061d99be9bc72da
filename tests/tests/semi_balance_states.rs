//! Enumeration of semi-balanced states against exact arithmetic and the theory of existence.

use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use semibalance::{
    Circuit, all_states, effective_matrix, is_p_matrix, sign_sum, silencing_witness, unbalancing_witness,
};

const CASES: u32 = 10_000;

fn circuit(w: &[Vec<f64>], x: &[f64]) -> Circuit {
    let n = x.len();
    Circuit::new(Array2::from_shape_fn((n, n), |(a, b)| w[a][b]), Array1::from(x.to_vec())).expect("a circuit")
}

/// The determinant of an integer matrix, by expansion: the definition.
fn determinant(m: &[Vec<i64>]) -> i64 {
    if m.is_empty() {
        return 1;
    }
    (0..m.len())
        .map(|column| {
            let minor: Vec<Vec<i64>> = m[1..]
                .iter()
                .map(|row| row.iter().enumerate().filter(|(b, _)| *b != column).map(|(_, v)| *v).collect())
                .collect();
            (if column % 2 == 0 { 1 } else { -1 }) * m[0][column] * determinant(&minor)
        })
        .sum()
}

/// All states with a regular W_SS, as (support, ties), by Cramer's rule in integers.
fn exact_states(w: &[Vec<i64>], x: &[i64]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let n = x.len();
    let mut found = Vec::new();
    for members in 0..1_usize << n {
        let support: Vec<usize> = (0..n).filter(|a| members >> a & 1 == 1).collect();
        let block: Vec<Vec<i64>> = support.iter().map(|&a| support.iter().map(|&b| w[a][b]).collect()).collect();
        let d = determinant(&block);
        if d == 0 {
            continue;
        }
        // d r_k, and d I_j.
        let r: Vec<i64> = (0..support.len())
            .map(|k| {
                let mut replaced = block.clone();
                replaced.iter_mut().zip(&support).for_each(|(row, &a)| row[k] = -x[a]);
                determinant(&replaced)
            })
            .collect();
        let input = |j: usize| support.iter().zip(&r).map(|(&b, r)| w[j][b] * r).sum::<i64>() + d * x[j];
        let silent: Vec<usize> = (0..n).filter(|j| !support.contains(j)).collect();
        if r.iter().all(|r| r * d.signum() > 0) && silent.iter().all(|&j| input(j) * d.signum() <= 0) {
            let ties = silent.into_iter().filter(|&j| input(j) == 0).collect();
            found.push((support, ties));
        }
    }
    found
}

fn integers(n: usize) -> impl Strategy<Value = (Vec<Vec<i64>>, Vec<i64>)> {
    let entry = || -4_i64..=4;
    (prop::collection::vec(prop::collection::vec(entry(), n), n), prop::collection::vec(entry(), n))
}

fn real_dale(n: usize, inhibitory: usize) -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<f64>)> {
    let sign = move |b: usize| if b + inhibitory >= n { -1.0 } else { 1.0 };
    let row = prop::collection::vec(0.1_f64..5.0, n)
        .prop_map(move |row| row.into_iter().enumerate().map(|(b, w)| sign(b) * w).collect::<Vec<f64>>());
    (prop::collection::vec(row, n), prop::collection::vec(0.1_f64..5.0, n))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// Small integers make ties and singular blocks common.
    #[test]
    fn enumeration_equals_exact_arithmetic((w, x) in (1_usize..=4).prop_flat_map(integers)) {
        let float: Vec<Vec<f64>> = w.iter().map(|row| row.iter().map(|v| *v as f64).collect()).collect();
        let found = all_states(&circuit(&float, &x.iter().map(|v| *v as f64).collect::<Vec<_>>())).expect("small");
        let regular = |support: &[usize]| {
            let block: Vec<Vec<i64>> = support.iter().map(|&a| support.iter().map(|&b| w[a][b]).collect()).collect();
            determinant(&block) != 0
        };
        let ours: Vec<_> = found.states.iter().filter(|s| regular(&s.support)).map(|s| (s.support.clone(), s.ties.clone())).collect();
        prop_assert_eq!(ours, exact_states(&w, &x));
        for state in &found.states {
            prop_assert!(state.residual < 1e-13, "{:?}", state);
        }
        // Ends of continua, their mean, and points along their rays are states.
        for continuum in &found.continua {
            let ends = continuum.ends.len() as f64;
            let mut points = continuum.ends.clone();
            points.push(continuum.ends.iter().fold(Array1::zeros(x.len()), |sum, end| sum + end) / ends);
            let far: Vec<_> = continuum.rays.iter().map(|ray| &points[0] + &(ray * 7.0)).collect();
            for r in points.iter().chain(&far) {
                for a in 0..x.len() {
                    let input: f64 = float[a].iter().zip(r).map(|(w, r)| w * r).sum::<f64>() + x[a] as f64;
                    let scale: f64 = float[a].iter().zip(r).map(|(w, r)| (w * r).abs()).sum::<f64>() + 1.0;
                    prop_assert!(r[a] >= 0.0 && input <= 1e-12 * scale && (r[a] * input).abs() <= 1e-12 * scale * (1.0 + r[a]));
                }
            }
        }
    }

    #[test]
    fn a_p_matrix_has_exactly_one_state((w, x) in (1_usize..=5).prop_flat_map(|n| {
        let entry = || -1.0_f64..1.0;
        (prop::collection::vec(prop::collection::vec(entry(), n), n), prop::collection::vec(entry(), n))
    })) {
        let n = x.len();
        // A diagonal makes about half of them P.
        let w: Vec<Vec<f64>> = (0..n).map(|a| (0..n).map(|b| w[a][b] - if a == b { 0.8 } else { 0.0 }).collect()).collect();
        let circuit = circuit(&w, &x);
        if is_p_matrix(&circuit.coupling().mapv(|v| -v)) {
            let found = all_states(&circuit).expect("small");
            prop_assert_eq!(found.states.len(), 1);
            prop_assert!(found.continua.is_empty());
        }
    }

    /// Exactly one state for every X > 0 where M_eff is P.
    #[test]
    fn the_effective_matrix_decides_uniqueness((w, x) in (2_usize..=4).prop_flat_map(|n| real_dale(n, 1))) {
        let circuit = circuit(&w, &x);
        let n = x.len();
        let (m, _) = effective_matrix(&circuit, n - 1).expect("one inhibitory population");
        let found = all_states(&circuit).expect("small");
        if is_p_matrix(&m) {
            prop_assert_eq!(found.states.len(), 1);
        }
    }

    /// The sum of signs is 1 for every X where none but r = 0 solves the problem with X = 0 and with X = −1.
    #[test]
    fn signs_of_states_sum_to_the_degree((w, x) in (1_usize..=4).prop_flat_map(|n| real_dale(n, n.div_ceil(2)))) {
        let circuit = circuit(&w, &x);
        let n = x.len();
        let only_silence = |x: Array1<f64>| {
            let found = all_states(&Circuit::new(circuit.coupling().clone(), x).expect("a circuit")).expect("small");
            found.continua.is_empty() && found.states.iter().all(|s| s.support.is_empty())
        };
        let regular = only_silence(Array1::zeros(n)) && only_silence(Array1::from_elem(n, -1.0));
        let found = all_states(&circuit).expect("small");
        if regular && found.states.iter().all(|s| s.ties.is_empty()) {
            prop_assert_eq!(sign_sum(&found.states), 1);
        }
        for state in found.states.iter().filter(|s| s.index < 0) {
            prop_assert!(!state.stability.stable);
        }
    }

    /// Rows in units from 1e-12 to 1e12 and populations in another order.
    #[test]
    fn units_and_order_change_nothing(
        (w, x, powers, shift) in (2_usize..=5).prop_flat_map(|n| {
            let entry = || -3.0_f64..3.0;
            (
                prop::collection::vec(prop::collection::vec(entry(), n), n),
                prop::collection::vec(entry(), n),
                prop::collection::vec(-12..=12, n),
                0..n,
            )
        })
    ) {
        let n = x.len();
        let plain = all_states(&circuit(&w, &x)).expect("small");
        let place = |a: usize| (a + shift) % n;
        let scaled_row = |a: usize| -> Vec<f64> { (0..n).map(|b| w[place(a)][place(b)] * 10_f64.powi(powers[a])).collect() };
        let moved = circuit(
            &(0..n).map(scaled_row).collect::<Vec<_>>(),
            &(0..n).map(|a| x[place(a)] * 10_f64.powi(powers[a])).collect::<Vec<_>>(),
        );
        let moved = all_states(&moved).expect("small");
        prop_assert_eq!(moved.states.len(), plain.states.len());
        for state in &plain.states {
            let other = moved.states.iter().find(|s| s.support.iter().all(|&a| state.support.contains(&place(a)))
                && s.support.len() == state.support.len());
            let other = other.expect("the same supports");
            for a in 0..n {
                prop_assert!((other.r[a] - state.r[place(a)]).abs() <= 1e-9 * other.r[a].abs().max(1e-6));
            }
        }
    }

    /// 0 failures: the theorem, for any number of either kind.
    #[test]
    fn every_dale_network_has_stimuli_that_break_balance(
        (w, _) in (2_usize..=8).prop_flat_map(|n| (1..n).prop_flat_map(move |i| real_dale(n, i)))
    ) {
        let n = w.len();
        let matrix = Array2::from_shape_fn((n, n), |(a, b)| w[a][b]);
        let excitatory: Vec<bool> = (0..n).map(|b| w[0][b] > 0.0).collect();
        let rates = |x: Array1<f64>| {
            prop_assert!(x.iter().all(|x| *x > 0.0));
            Ok(semibalance::balanced(&Circuit::new(matrix.clone(), x).expect("a circuit")))
        };
        let all = rates(unbalancing_witness(&matrix).expect("Dale"))?;
        if all.condition < 1e9 {
            let r = all.rates.expect("regular");
            prop_assert!(r.iter().zip(&excitatory).all(|(r, e)| (*r < 0.0) == *e), "{}", r);
        }
        let one = rates(silencing_witness(&matrix, 0).expect("Dale"))?;
        if one.condition < 1e9 {
            prop_assert_eq!(one.negative, vec![0]);
        }
    }
}

/// W = −(1 + 3/2 (11ᵀ − 1)), X = 1: every nonempty set of populations is the support of a state, the single ones stable.
#[test]
fn competition_has_exponentially_many_states() {
    for n in [2, 6, 11] {
        let w = Array2::from_shape_fn((n, n), |(a, b)| if a == b { -1.0 } else { -1.5 });
        let found = all_states(&Circuit::new(w, Array1::ones(n)).expect("a circuit")).expect("small");
        assert_eq!(found.states.len(), (1 << n) - 1);
        assert_eq!(found.states.iter().filter(|s| s.stability.stable).count(), n);
        assert!(found.states.iter().filter(|s| s.stability.stable).all(|s| s.support.len() == 1));
    }
}

#[test]
fn too_many_populations_are_refused_with_the_cost() {
    let circuit = Circuit::new(-Array2::<f64>::eye(30), Array1::ones(30)).expect("a circuit");
    let error = all_states(&circuit).expect_err("2^30 supports").to_string();
    assert!(error.contains("2^30") && error.contains("allowed: "), "{error}");
}

#[test]
fn a_plane_of_states_is_given_by_its_corners() {
    // Three populations that see the sum of their rates only: r₁ + r₂ + r₃ = 1.
    let w = Array2::from_elem((3, 3), -1.0);
    let found = all_states(&Circuit::new(w, array![1.0, 1.0, 1.0]).expect("a circuit")).expect("small");
    assert_eq!(found.states.len(), 3);
    let plane = found.continua.iter().find(|c| c.support.len() == 3).expect("the triangle");
    assert_eq!((plane.ends.len(), plane.rays.len()), (3, 0));
    assert_eq!(found.continua.len(), 4, "and its three edges");
}
