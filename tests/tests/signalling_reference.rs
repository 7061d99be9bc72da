//! Random networks of proteins that bind in pairs, against a number that independent code made and against differences.

use model::Seed;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use signalling::{Dimers, Function, Pair, Reaction, ReactionSystem, Source, Species, steady_states};

const PROTEINS: usize = 12;
const PAIRS: usize = 14;

/// Totals and dissociation constants about 100, with a standard deviation of 1 in their logarithms.
fn amount(rng: &mut impl Rng) -> f64 {
    let z: f64 = StandardNormal.sample(rng);
    100.0 * libm::exp(z)
}

/// Proteins hang together: each is bound to one before it, and further pairs are drawn.
fn network(k: u64) -> Dimers {
    let mut rng = Seed(3).stream("dimers").rng(k);
    let mut dimers = Dimers { totals: (0..PROTEINS).map(|_| amount(&mut rng)).collect(), pairs: vec![] };
    while dimers.pairs.len() < PAIRS {
        let later = dimers.pairs.len() + 1;
        let of = if later < PROTEINS {
            [rng.random_range(0..later), later]
        } else {
            let i = rng.random_range(1..PROTEINS);
            [rng.random_range(0..i), i]
        };
        if dimers.pairs.iter().all(|pair| pair.of != of) {
            dimers.pairs.push(Pair { of, kd: amount(&mut rng) });
        }
    }
    dimers
}

/// Half of a protein is bound, on average: each hop halves what a change does.
#[test]
fn half_of_a_protein_is_bound() {
    let fractions: Vec<f64> = (0..240)
        .flat_map(|k| {
            let dimers = network(k);
            let bound = dimers.bound_fractions(&dimers.free());
            bound.into_iter().map(|row| row.iter().sum::<f64>()).collect::<Vec<_>>()
        })
        .collect();
    let (n, mean) = (fractions.len() as f64, fractions.iter().sum::<f64>() / fractions.len() as f64);
    let deviation = (fractions.iter().map(|f| (f - mean).powi(2)).sum::<f64>() / n).sqrt();
    // The other mean is of 60 networks; proteins of one network are less than independent, as pairs bind as much of both.
    let sem = deviation * (1.0 / (60.0 * PROTEINS as f64) + 1.0 / n).sqrt();
    assert!((mean - 0.492738531).abs() < 3.5 * sem, "{mean} within {sem}");
}

/// ∂ ln x by the series of bound fractions is what differences of equilibria are, and never above its bound.
#[test]
fn bound_fractions_tell_how_far_changes_go() {
    for k in 0..20 {
        let dimers = network(k);
        for pair in [0, 5, 13] {
            let told = dimers.sensitivity(pair).expect("a network");
            let small = 1e-5_f64;
            let with = |sign: f64| {
                let mut other = dimers.clone();
                other.pairs[pair].kd *= libm::exp(-sign * small);
                other.free()
            };
            let (more, less) = (with(1.0), with(-1.0));
            for (i, hop) in dimers.hops(pair).into_iter().enumerate() {
                let seen = libm::log(more[i] / less[i]) / (2.0 * small);
                assert!((seen - told[i]).abs() < 1e-9 / small, "{k} {pair} {i}: {seen} {}", told[i]);
                let bound = hop.map_or(0.0, |hop| dimers.sensitivity_bound(pair, hop));
                assert!(told[i].abs() <= bound * (1.0 + 1e-12), "{k} {pair} {i}: {} {bound}", told[i]);
            }
        }
    }
}

/// Median of |∂ ln x/∂ ln K| of the species at each number of hops, over networks: theirs are 60, and how far those of 60 networks scatter is seen here.
#[test]
fn sensitivities_fall_with_hops_as_they_do() {
    let networks: Vec<Vec<(usize, f64)>> = (0..240)
        .map(|k| {
            let dimers = network(k);
            let of = |pair: usize| {
                let told = dimers.sensitivity(pair).expect("a network");
                let hops = dimers.hops(pair).into_iter().zip(told);
                hops.filter_map(|(hop, told)| Some((hop?, told.abs()))).collect::<Vec<_>>()
            };
            (0..PAIRS).flat_map(of).collect()
        })
        .collect();
    let median = |networks: &mut dyn Iterator<Item = &Vec<(usize, f64)>>, hop: usize| {
        let mut own: Vec<f64> =
            networks.flatten().filter(|(at, _)| *at == hop).map(|(_, told)| libm::log(*told)).collect();
        own.sort_by(f64::total_cmp);
        own[own.len() / 2]
    };
    let mut rng = Seed(4).stream("bootstrap").rng(0);
    for (hop, want) in [0.109328695, 0.0119711369, 0.0017626316, 0.000262241414, 3.09110838e-5].into_iter().enumerate()
    {
        let seen = median(&mut networks.iter(), hop);
        let drawn: Vec<f64> = (0..100)
            .map(|_| {
                let chosen: Vec<usize> = (0..60).map(|_| rng.random_range(0..networks.len())).collect();
                median(&mut chosen.iter().map(|k| &networks[*k]), hop)
            })
            .collect();
        let scatter = (drawn.iter().map(|m| (m - seen).powi(2)).sum::<f64>() / 100.0).sqrt();
        // A quarter as many networks, and twice the scatter, than ours.
        let within = 3.5 * scatter * 1.25_f64.sqrt();
        assert!((seen - libm::log(want)).abs() < within, "{hop}: {} for {want} within {within}", libm::exp(seen));
    }
}

/// Where calcium is clamped what it binds to AC5 is a fixed part of what is free: a straight line, without a largest output.
#[test]
fn what_a_clamped_partner_binds_is_a_straight_line() {
    let system = ReactionSystem::dopamine();
    let place = |name: &str| system.place("species", name).expect("a species");
    let (free, bound) = (place("AC5"), place("AC5Ca"));
    for state in steady_states(&system).expect("states") {
        let part = state[bound] / state[free];
        // Residuals are 1e-12 of fluxes that cancel, of which there are a few.
        assert!((part / (60.0 * 0.001 / 0.9) - 1.0).abs() < 1e-11, "{part}");
    }
}

/// A catalyst that its substrate does not bind is not used up by what lies behind it: the function in front of it stays, and feedback moves only where on it the system is.
#[test]
fn what_a_catalyst_makes_does_not_change_its_own_function() {
    let species = |name: &str, amount| Species { name: name.into(), amount, clamped: false };
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let made = |name: &str, of: &[&str], products: &[&str], rate| Reaction::Conversion {
        name: name.into(),
        of: names(of),
        products: names(products),
        rate,
    };
    let bound = |complex: &str, of: [&str; 2], kon, koff| Reaction::Binding {
        name: complex.into(),
        of: of.map(String::from),
        complex: complex.into(),
        kon,
        koff,
    };
    // A binds B; the complex makes X of Y, which may bring more of B out of a store; or X binds the complex itself.
    let system = |further: Vec<Reaction>| {
        let mut all = vec![species("A", 10.0), species("B", 80.0), species("AB", 0.0), species("Store", 100.0)];
        all.extend([species("X", 0.0), species("Y", 50.0), species("XAB", 0.0)]);
        let mut reactions = vec![
            bound("AB", ["A", "B"], 0.01, 0.6),
            made("makes", &["AB", "Y"], &["AB", "X"], 0.02),
            made("back", &["X"], &["Y"], 0.3),
        ];
        reactions.extend(further);
        ReactionSystem {
            species: all,
            reactions,
            functions: Vec::<Function>::new(),
            source: Source { species: "A".into(), from: 10.0, to: 200.0, points: 20 },
        }
    };
    let feedback = vec![made("more", &["X", "Store"], &["X", "B"], 0.01), made("less", &["B"], &["Store"], 0.2)];
    let ratios = |system: &ReactionSystem| -> Vec<[f64; 2]> {
        let all = steady_states(system).expect("states");
        // Output over both inputs of the binding, and how much X there is of what AB makes.
        all.iter().map(|x| [x[2] / (x[0] * x[1]), x[4] / (x[5] * x[2])]).collect()
    };
    let (alone, fed) = (system(vec![]), system(feedback));
    for own in [&alone, &fed] {
        for [binds, makes] in ratios(own) {
            assert!((binds / (0.01 / 0.6) - 1.0).abs() < 1e-10, "{binds}");
            assert!((makes / (0.02 / 0.3) - 1.0).abs() < 1e-10, "{makes}");
        }
    }
    // The same amounts of A as before lead elsewhere on these functions.
    let outputs = |system: &ReactionSystem| steady_states(system).expect("states")[10][4];
    assert!((outputs(&fed) / outputs(&alone) - 1.0).abs() > 0.05);
    // Where X binds the complex, all that is bound against both inputs is another curve.
    let taken = system(vec![bound("XAB", ["X", "AB"], 0.05, 0.1)]);
    let states = steady_states(&taken).expect("states");
    let whole = |x: &Vec<f64>| (x[2] + x[6]) / (x[0] * x[1]) / (0.01 / 0.6);
    assert!(states.iter().any(|x| whole(x) > 1.05));
}
