//! Theory against simulation, and against its own definition, on rate networks.

use analysis::{AutocorrelationAccumulator, Mean, MomentAccumulator, Normalisation, filtered_share};
use lab::Estimate;
use meanfield::{eta_variance, ggc_beta};
use model::{RateNetwork, Response, Seed};
use simulation::{Protocol, RateSimulation, Scheme};

struct Seen {
    active: f64,
    ratio_temporal: f64,
    filtered: f64,
}

fn simulate(network: &RateNetwork, protocol: &Protocol, seed: Seed) -> Seen {
    let n = network.size();
    let (mut x, mut eta) = (MomentAccumulator::new(n), MomentAccumulator::new(n));
    let mut r = AutocorrelationAccumulator::new(n, (20.0 / protocol.sampling).round() as usize);
    let (mut on, mut all) = (0_usize, 0_usize);
    RateSimulation::new(network, seed)
        .run(protocol, |sample| {
            x.push(sample.x);
            eta.push(sample.eta);
            r.push(sample.eta);
            on += sample.x.iter().filter(|x| **x > 0.0).count();
            all += n;
        })
        .expect("stays finite");
    let (x, eta) = (x.finish().expect("sampled"), eta.finish().expect("sampled"));
    let r = r.finish(protocol.sampling, Mean::Removed, Normalisation::Unbiased).expect("sampled");
    Seen {
        active: on as f64 / all as f64,
        ratio_temporal: x.split.temporal / eta.split.temporal,
        filtered: filtered_share(&r, protocol.scheme.decay(protocol.step), protocol.step),
    }
}

fn protocol(step: f64, scheme: Scheme) -> Protocol {
    Protocol { step, scheme, warm_up: 50.0, duration: 400.0, sampling: 0.1 }
}

/// The filter law holds for the scheme that is run, at any step: Euler's own excess is in it.
#[test]
fn the_filter_law_holds_at_every_step() {
    for response in [Response::Heaviside, Response::RectifiedTanh] {
        let network = RateNetwork::inhibitory(500, 2.0, 2.0, 0.5, 1.0, response);
        for (step, scheme) in [(0.1, Scheme::Euler), (0.02, Scheme::Euler), (0.1, Scheme::Exponential)] {
            let seen = simulate(&network, &protocol(step, scheme), Seed(4));
            // Lines between lags 0.1 τ apart: 0.0008 at a cusp of slope 1; ends of the record.
            let error = seen.ratio_temporal - seen.filtered;
            assert!(
                error.abs() < 2e-3,
                "{response:?} {scheme:?} {step}: {} for {}",
                seen.ratio_temporal,
                seen.filtered
            );
        }
    }
}

/// Both schemes are of first order in dt, but f shows no trend: the time-discrete network is another
/// network of nearly the same statistics.
#[test]
fn activity_converges_in_the_step() {
    let network = RateNetwork::inhibitory(500, 2.0, 2.0, 0.5, 1.0, Response::Heaviside);
    let mean = |step, scheme| {
        (0..4).map(|k| simulate(&network, &protocol(step, scheme), Seed(9).replicate(k)).active).sum::<f64>() / 4.0
    };
    let fine = mean(0.01, Scheme::Exponential);
    for (step, scheme) in [(0.02, Scheme::Euler), (0.1, Scheme::Euler), (0.1, Scheme::Exponential)] {
        let coarse = mean(step, scheme);
        // Trajectory noise over 400 τ is 1 % a realisation; 5 σ of a difference of two means of four.
        assert!((coarse / fine - 1.0).abs() < 0.035, "{scheme:?} {step}: {coarse} for {fine}");
    }
}

/// One step of both schemes against the closed solution for constant input: order 2 of the local error.
#[test]
fn schemes_have_the_order_that_is_stated() {
    // A network too weak to matter: x relaxes to the bias as 1 − e^−t.
    let mut network = RateNetwork::inhibitory(4, 1e-6, 1e-6, 0.5, 1.0, Response::RectifiedTanh);
    network.populations[0].in_degree = 1;
    let error = |step: f64, scheme: Scheme| {
        let mut simulation = RateSimulation::new(&network, Seed(1));
        (0..(1.0 / step).round() as usize).for_each(|_| simulation.step(step, scheme));
        (f64::from(simulation.x()[0]) - (1.0 - libm::exp(-1.0))).abs()
    };
    let ratio = error(0.1, Scheme::Euler) / error(0.05, Scheme::Euler);
    assert!((ratio - 2.0).abs() < 0.15, "Euler is of first order: {ratio}");
    assert!(error(0.1, Scheme::Exponential) < 3e-6, "exponential is exact for constant input");
}

/// The GGC law against Monte Carlo of the sum that it is the law of, which shares no code with its
/// inversion: gamma weights times Beta-distributed activities.
#[test]
fn the_ggc_law_is_that_of_the_gamma_weighted_sum() {
    use rand::SeedableRng;
    use rand_distr::{Beta, Distribution, Gamma};
    let network = RateNetwork::inhibitory(400, 2.0, 2.0, 0.5, 1.0, Response::RectifiedTanh);
    let ratio = 0.8;
    let solved = ggc_beta(&network, &[ratio]).expect("solved");
    let state = solved.states[0];
    let (top, k) = (libm::tanh(1.0), 400.0_f64);
    let (m, s) = (state.rates.mean / top, ratio * state.rates.square / (top * top));
    let count = (m - s) / (s - m * m);
    let psi = Beta::new(m * count, (1.0 - m) * count).expect("a Beta law");
    let weight = Gamma::new(1.0 / k.sqrt(), 2.0).expect("a gamma law");
    let mut rng = rand::rngs::SmallRng::seed_from_u64(5);
    // Given the paths of the sources the sum is exact at any K, so the activities are the same for all
    // targets: 400 quantiles of the Beta law, from a large sorted sample.
    let mut sample: Vec<f64> = (0..400 * 500).map(|_| top * psi.sample(&mut rng)).collect();
    sample.sort_by(f64::total_cmp);
    let activities: Vec<f64> = sample.chunks(500).map(|c| c.iter().sum::<f64>() / 500.0).collect();
    let draws = 60_000;
    let (mut active, mut phi) = (0.0, 0.0);
    for _ in 0..draws {
        let y: f64 = activities.iter().map(|psi| weight.sample(&mut rng) * psi).sum();
        active += f64::from(y < 1.0);
        phi += Response::RectifiedTanh.value(1.0 - y);
    }
    let n = f64::from(draws);
    let (f, m) = (active / n, phi / n);
    // 5 σ of a Bernoulli mean, and of a mean of φ; 0.2 % for 400 quantiles in place of a law.
    assert!((f - state.rates.active).abs() < 5.0 * (f / n).sqrt() + 2e-3 * f, "{f} for {}", state.rates.active);
    assert!(
        (m - state.rates.mean).abs() < 5.0 * (state.rates.square / n).sqrt() + 2e-3 * m,
        "{m} for {}",
        state.rates.mean
    );
}

/// What closed form (d) and the gamma parameters of η leave out is of order K^(−1/2), with a factor below 1: the bias
/// that `correlation_of_sources` grants them.
#[test]
fn sources_feel_their_weights_at_order_one_over_root_k() {
    const REALISATIONS: u64 = 8;
    for response in [Response::Heaviside, Response::RectifiedTanh] {
        for in_degree in [500, 2000] {
            let network = RateNetwork::inhibitory(in_degree, 2.0, 2.0, 0.5, 1.0, response);
            let granted = systems::rate_network::correlation_of_sources(&network);
            // Relative errors of the temporal variance, of the shape and of the scale of η.
            let mut errors = [const { Vec::new() }; 3];
            for replicate in 0..REALISATIONS {
                let n = network.size();
                let (mut eta, mut phi) = (MomentAccumulator::new(n), MomentAccumulator::new(n));
                RateSimulation::new(&network, Seed(3).replicate(replicate))
                    .run(&protocol(0.05, Scheme::Euler), |sample| {
                        eta.push(sample.eta);
                        phi.push(sample.phi);
                    })
                    .expect("stays finite");
                let (eta, phi) = (eta.finish().expect("sampled"), phi.finish().expect("sampled"));
                let m = phi.moments.mean;
                let law = eta_variance(&network, 0, &[m * m + phi.split.total()], &[m * m + phi.split.quenched]);
                let shape = eta.moments.mean.powi(2) / eta.moments.variance;
                let scale = -eta.moments.variance / eta.moments.mean;
                errors[0].push(eta.split.temporal / law.temporal - 1.0);
                errors[1].push(shape / (m * (in_degree as f64).sqrt()) - 1.0);
                errors[2].push(scale / 2.0 - 1.0);
            }
            // Shape and scale are predicted for binary activities only.
            let predicted = if response.is_binary() { 3 } else { 1 };
            for estimate in errors.into_iter().take(predicted).map(Estimate::of) {
                assert!(
                    estimate.mean.abs() < granted && estimate.sem < 0.4 * granted,
                    "{response:?}, K = {in_degree}: {} ± {} of {granted}",
                    estimate.mean,
                    estimate.sem
                );
            }
        }
    }
}
