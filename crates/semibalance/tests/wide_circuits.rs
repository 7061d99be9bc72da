//! All states of random circuits whose entries differ by many orders, beside elimination in rational numbers.

use ndarray::{Array1, Array2};
use num_bigint as _;
use num_rational::BigRational;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use semibalance::{Circuit, all_states};

/// Relative errors of the data that an answer survives if it is to be found.
const SURVIVED: f64 = 1e-9;

type Matrix = Vec<Vec<BigRational>>;

fn exact(v: f64) -> BigRational {
    BigRational::from_float(v).expect("finite")
}

fn zero() -> BigRational {
    exact(0.0)
}

fn magnitude(v: &BigRational) -> BigRational {
    if *v < zero() { -v.clone() } else { v.clone() }
}

/// A⁻¹; `None` where A is singular.
fn inverse(a: &Matrix) -> Option<Matrix> {
    let n = a.len();
    let mut left = a.clone();
    let mut right: Matrix = (0..n).map(|i| (0..n).map(|j| exact(f64::from(u8::from(i == j)))).collect()).collect();
    for k in 0..n {
        let pivot = (k..n).find(|&i| left[i][k] != zero())?;
        left.swap(k, pivot);
        right.swap(k, pivot);
        let by = left[k][k].clone();
        for j in 0..n {
            left[k][j] = &left[k][j] / &by;
            right[k][j] = &right[k][j] / &by;
        }
        for i in (0..n).filter(|&i| i != k) {
            let factor = left[i][k].clone();
            for j in 0..n {
                left[i][j] = &left[i][j] - &factor * &left[k][j];
                right[i][j] = &right[i][j] - &factor * &right[k][j];
            }
        }
    }
    Some(right)
}

/// What a support is: all signs right, some wrong, or too near to 0 for [`SURVIVED`].
#[derive(Debug, PartialEq)]
enum Judged {
    State,
    Wrong,
    Undecided,
}

fn judged(w: &Matrix, x: &[BigRational], support: &[usize]) -> Judged {
    let n = x.len();
    let own: Matrix = support.iter().map(|&a| support.iter().map(|&b| w[a][b].clone()).collect()).collect();
    let Some(inverse) = inverse(&own) else { return Judged::Undecided };
    let s = support.len();
    let r: Vec<BigRational> =
        (0..s).map(|i| -(0..s).map(|j| &inverse[i][j] * &x[support[j]]).sum::<BigRational>()).collect();
    let sizes = |a: usize| -> BigRational {
        (0..s).map(|j| magnitude(&(&w[a][support[j]] * &r[j]))).sum::<BigRational>() + magnitude(&x[a])
    };
    let unit = exact(SURVIVED);
    let moved = |row: &[BigRational]| -> BigRational {
        &unit * (0..s).map(|j| magnitude(&row[j]) * sizes(support[j])).sum::<BigRational>()
    };
    // Where W_SS itself is regular in spite of errors, bounds of first order are enough.
    let condition = |i: usize| -> BigRational {
        (0..s)
            .flat_map(|j| (0..s).map(move |k| (j, k)))
            .map(|(j, k)| magnitude(&(&inverse[i][j] * &own[j][k])) * magnitude(&r[k]))
            .sum()
    };
    // Rates of 0 are no weights in them: W_SS may be singular within errors, and have states that it has not without.
    let unweighted = |i: usize| -> BigRational {
        (0..s).flat_map(|j| (0..s).map(move |k| (j, k))).map(|(j, k)| magnitude(&(&inverse[i][j] * &own[j][k]))).sum()
    };
    let may_be_singular = r.contains(&zero()) && (0..s).any(|i| &unit * unweighted(i) > exact(0.1));
    if may_be_singular || (0..s).any(|i| &unit * condition(i) > exact(0.1) * magnitude(&r[i])) {
        return Judged::Undecided;
    }
    let mut verdict = Judged::State;
    let mut take = |value: BigRational, error: BigRational| {
        if magnitude(&value) <= error {
            if verdict == Judged::State {
                verdict = Judged::Undecided;
            }
        } else if value < zero() {
            verdict = Judged::Wrong;
        }
    };
    for i in 0..s {
        take(r[i].clone(), moved(&inverse[i]));
    }
    for a in (0..n).filter(|a| !support.contains(a)) {
        let input = (0..s).map(|j| &w[a][support[j]] * &r[j]).sum::<BigRational>() + &x[a];
        let reach: Vec<BigRational> =
            (0..s).map(|j| (0..s).map(|k| &w[a][support[k]] * &inverse[k][j]).sum::<BigRational>()).collect();
        take(-input, &unit * sizes(a) + moved(&reach));
    }
    verdict
}

/// Random circuits: entries of either sign, log-uniform over a span, some of them powers of ten, some 0.
fn circuit(rng: &mut Xoshiro256PlusPlus, span: f64) -> (usize, Vec<f64>) {
    let n = rng.random_range(2..=4);
    let whole = rng.random_range(0..3) == 0;
    let mut entry = || {
        if rng.random_range(0..8) == 0 {
            return 0.0;
        }
        let power: f64 = rng.random_range(-span..=span);
        let size = if whole {
            10.0_f64.powi(power.round() as i32)
        } else {
            format!("{:.2e}", libm::pow(10.0, power)).parse().expect("a number")
        };
        if rng.random_range(0..2) == 0 { size } else { -size }
    };
    (n, (0..n * (n + 1)).map(|_| entry()).collect())
}

/// Circuits of each span, from the environment for a longer run.
fn circuits() -> u64 {
    std::env::var("EQUIPOISE_CIRCUITS").ok().and_then(|count| count.parse().ok()).unwrap_or(40)
}

/// Compares all supports of random circuits of a span with exact rationals: no state is missing where the list says it is complete, and none is false.
fn examine(span: f64) {
    let (mut slips, mut states, mut unsure) = (Vec::new(), 0, 0);
    for k in 0..circuits() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1000 * span as u64 + k * 1_000_003);
        let (n, entries) = circuit(&mut rng, span);
        let (w, x) = entries.split_at(n * n);
        let w = Array2::from_shape_vec((n, n), w.to_vec()).expect("n × n");
        let x = Array1::from(x.to_vec());
        let found = all_states(&Circuit::new(w.clone(), x.clone()).expect("a circuit")).expect("few populations");
        unsure += usize::from(!found.complete);
        let rational: Matrix = w.rows().into_iter().map(|row| row.iter().map(|v| exact(*v)).collect()).collect();
        let drive: Vec<BigRational> = x.iter().map(|v| exact(*v)).collect();
        for bits in 0..1_u32 << n {
            let support: Vec<usize> = (0..n).filter(|a| bits >> a & 1 == 1).collect();
            let is = judged(&rational, &drive, &support);
            let listed = found.states.iter().find(|state| state.support == support);
            states += usize::from(is == Judged::State);
            if is == Judged::State && listed.is_none() && found.complete {
                slips.push(format!("missing {support:?} of W = {w} X = {x}"));
            }
            if is == Judged::Wrong && listed.is_some() {
                slips.push(format!("false {support:?} of W = {w} X = {x}"));
            }
        }
        assert!(found.states.iter().all(|state| state.residual <= 1e-9), "{w} {x}");
    }
    assert!(slips.is_empty(), "10^±{span}, {} of {states}: {}", slips.len(), slips.join("; "));
    assert!(states > 0 && unsure as u64 <= circuits() / 50, "10^±{span}: {states}, {unsure}");
}

#[test]
fn entries_within_a_factor_of_ten_either_way() {
    examine(1.0);
}

#[test]
fn entries_of_three_decades_either_way() {
    examine(3.0);
}

#[test]
fn entries_of_six_decades_either_way() {
    examine(6.0);
}

#[test]
fn entries_of_nine_decades_either_way() {
    examine(9.0);
}

#[test]
fn entries_of_twelve_decades_either_way() {
    examine(12.0);
}

#[test]
fn entries_of_forty_decades_either_way() {
    examine(40.0);
}
