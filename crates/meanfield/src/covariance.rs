//! How far cells of a spiking network fire together.

use crate::TheoryError;
use crate::spiking::evened_rates;
use model::SpikingNetwork;
use ndarray::{Array1, Array2};
use ndarray_linalg::Inverse;
use rayon::prelude::*;

/// Mean covariance of the counts of pairs of cells over long times, per time, `[A × A]` in Hz, as N → ∞: W⁻¹W_x c r_x W_xᵀW⁻ᵀ. 0 where external
/// trains are independent; `None` where W is singular, or synapses are conductances.
///
/// Source: Baker, Ebsch, Lampl & Rosenbaum 2019, the correlated state; Derivation (37).
pub fn correlated_state(network: &SpikingNetwork) -> Option<Array2<f64>> {
    if !network.is_current_based() {
        return None;
    }
    let share = network.correlation.map_or(0.0, |c| c.share);
    let power = network.connections.external_rates.mapv(|r| share * r);
    let response = network.mean_coupling().inv().ok()?.dot(&external_coupling(network));
    Some((&response * &power).dot(&response.t()))
}

/// Covariances of the same kind at finite N, by linear response about the state of [`spiking_rates`](crate::spiking_rates).
///
/// Mean rates answer what is common to external trains, of power S = r_x (c + (1 − c)/N_x), and the cells' own noise ξ, of power F r/N, as they
/// would answer slow changes: δr = R_x δx + R G⁻¹ ξ, with R_x = d⟨r⟩/dr_x and R = d⟨r⟩/dI of whole states, in which the noise changes too, and
/// the gains G at given noise. Pairs have what the variance of the mean holds beyond that of single cells.
///
/// *Assumes* long windows, and rates and Fano factors as independent external trains give them. Source: Derivation (37).
///
/// # Errors
/// Errors of [`spiking_rates`](crate::spiking_rates), but for correlated trains; [`TheoryError::NotApplicable`] where a population is silent.
pub fn pair_covariances(network: &SpikingNetwork) -> Result<Array2<f64>, TheoryError> {
    evened_covariances(network, &[])
}

/// Covariances as of [`pair_covariances`], about the state of [`evened_rates`].
pub(crate) fn evened_covariances(network: &SpikingNetwork, even: &[bool]) -> Result<Array2<f64>, TheoryError> {
    let independent = SpikingNetwork { correlation: None, ..network.clone() };
    let state = evened_rates(&independent, even)?;
    if state.gain.iter().any(|g| *g <= 0.0) {
        return Err(TheoryError::NotApplicable { closure: "linear response", reason: "a population is silent" });
    }
    let c = &network.connections;
    let share = network.correlation.map_or(0.0, |c| c.share);
    let units = |counts: Vec<usize>| counts.into_iter().map(|n| n as f64).collect::<Array1<f64>>();
    let (cells, trains) = (units(c.counts()), units(c.external_counts()));
    // Trains that are silent have no power.
    let firing: Vec<usize> = (0..trains.len()).filter(|&x| c.external_rates[x] > 0.0).collect();
    let to_rates = slopes((cells.len(), firing.len()), even, |k, sign| {
        let mut moved = independent.clone();
        let step = SMALL * c.external_rates[firing[k]];
        moved.connections.external_rates[firing[k]] += sign * step;
        (moved, step)
    })?;
    let to_currents = slopes((cells.len(), cells.len()), even, |a, sign| {
        let mut moved = independent.clone();
        moved.constant = (0..cells.len()).map(|a| network.constant(a)).collect();
        moved.constant[a] += sign * SMALL;
        (moved, SMALL)
    })?;
    let power: Array1<f64> =
        firing.iter().map(|&x| c.external_rates[x] * (share + (1.0 - share) / trains[x])).collect();
    let noise = &state.fano * &state.rates / &cells;
    let feedback = to_currents / &state.gain;
    let mean = (&to_rates * &power).dot(&to_rates.t()) + (&feedback * &noise).dot(&feedback.t());
    Ok(mean - Array2::from_diag(&noise))
}

/// Relative change of a rate, and change of a current in mV/ms, over which slopes are taken.
const SMALL: f64 = 0.02;

/// Slopes `[A × count]` of rates in Hz, from states at both sides; `moved` gives a network and how far it was moved.
fn slopes(
    (rows, count): (usize, usize),
    even: &[bool],
    moved: impl Fn(usize, f64) -> (SpikingNetwork, f64) + Sync,
) -> Result<Array2<f64>, TheoryError> {
    let column = |k: usize| {
        let ((above, step), (below, _)) = (moved(k, 1.0), moved(k, -1.0));
        Ok::<_, TheoryError>((evened_rates(&above, even)?.rates - evened_rates(&below, even)?.rates) / (2.0 * step))
    };
    // The first error in order, whichever thread meets one first.
    let columns: Vec<_> = (0..count).into_par_iter().map(column).collect();
    let columns: Vec<Array1<f64>> = columns.into_iter().collect::<Result<_, _>>()?;
    Ok(Array2::from_shape_fn((rows, count), |(a, k)| columns[k][a]))
}

/// W_x with X = W_x r_x `[A × X]` in mV.
fn external_coupling(network: &SpikingNetwork) -> Array2<f64> {
    let c = &network.connections;
    &c.external_probability * &c.external_strength * &c.external_shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spiking_rates;
    use model::spiking::Correlation;
    use ndarray::array;

    fn correlated(size: usize) -> SpikingNetwork {
        let correlation = Some(Correlation { share: 0.1, jitter: 5.0 });
        SpikingNetwork { correlation, ..SpikingNetwork::baker_2019_pair(size) }
    }

    #[test]
    fn the_limit_is_that_of_balanced_responses_and_is_approached() {
        // Rates follow the external one as 99/170 and 270/170: c r_x = 1 Hz.
        let limit = correlated_state(&correlated(1000)).expect("regular");
        let slopes = [99.0 / 170.0, 270.0 / 170.0];
        for ((a, b), found) in limit.indexed_iter() {
            assert!((found - slopes[a] * slopes[b]).abs() < 1e-12, "{limit}");
        }
        let away = |size| {
            let found = pair_covariances(&correlated(size)).expect("a state");
            (found / &limit - 1.0).iter().fold(0.0_f64, |most, d| most.max(d.abs()))
        };
        let (near, nearer) = (away(40_000), away(4_000_000));
        assert!(nearer < 0.2 * near && nearer < 0.03, "{near} {nearer}");
        let mut independent = SpikingNetwork::baker_2019_pair(1000);
        assert_eq!(correlated_state(&independent), Some(array![[0.0, 0.0], [0.0, 0.0]]));
        independent.synapses[0].reversal = Some(0.0);
        assert_eq!(correlated_state(&independent), None);
    }

    /// Their own noise is no part of what pairs share: the variance of a mean rate, F r/N more, is another number.
    #[test]
    fn own_noise_is_no_covariance() {
        let mut network = SpikingNetwork::baker_2019_pair(5000);
        network.connections.strength.fill(0.0);
        network.connections.external_rates[0] = 5.0;
        let found = pair_covariances(&network).expect("a state");
        let at = |rate: f64| {
            let mut moved = network.clone();
            moved.connections.external_rates[0] = rate;
            spiking_rates(&moved).expect("a state")
        };
        let (state, slope) = (at(5.0), (at(5.1).rates - at(4.9).rates) / 0.2);
        for (a, cells) in [(0, 4000.0), (1, 1000.0)] {
            let shared = slope[a] * slope[a] * 5.0 / 1000.0;
            assert!((found[[a, a]] / shared - 1.0).abs() < 1e-4, "{found} {shared}");
            let own = state.fano[a] * state.rates[a] / cells;
            assert!(own > 1e-3 * shared, "{own} beside {shared} says nothing");
        }
    }

    #[test]
    fn silent_trains_share_nothing() {
        let mut network = SpikingNetwork::baker_2019_pair(2000);
        network.constant = network.mean_drive().iter().map(|x| x * 2000_f64.sqrt() / 1000.0).collect();
        network.connections.external_rates[0] = 0.0;
        let found = pair_covariances(&network).expect("a state");
        assert!(found.iter().all(|c| c.is_finite() && c.abs() < 1.0), "{found}");
    }

    #[test]
    fn independent_trains_leave_covariances_that_fall_as_one_over_n() {
        let of = |size| pair_covariances(&SpikingNetwork::baker_2019_pair(size)).expect("a state") * size as f64;
        let (a, b) = (of(1_000_000), of(4_000_000));
        assert!(a.iter().zip(&b).all(|(a, b)| (a / b - 1.0).abs() < 0.1), "{a} {b}");
    }

    #[test]
    fn without_connections_cells_share_what_they_receive() {
        let mut network = correlated(5000);
        network.connections.strength.fill(0.0);
        network.connections.external_rates[0] = 8.0;
        let state = spiking_rates(&SpikingNetwork { correlation: None, ..network.clone() }).expect("a state");
        let found = pair_covariances(&network).expect("a state");
        // √N G W_x is most of the response where the mean makes cells fire: more input is also noisier.
        let root = 5000_f64.sqrt() / 1000.0;
        let response = array![3.6, 2.7] * &state.gain * root;
        for ((a, b), found) in found.indexed_iter() {
            let at_given_noise = response[a] * response[b] * 8.0 * (0.1 + 0.9 / 1000.0);
            assert!((0.9..1.1).contains(&(found / at_given_noise)), "{found} {at_given_noise}");
        }
    }
}
