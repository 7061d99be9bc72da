//! Steady states of a pathway, and local adjustment of a small system and of the pathway.

use criterion::{Criterion, criterion_group, criterion_main};
use signalling::{Options, ReactionSystem, Reading, Shape, Target, adjust, steady_states};
use std::hint::black_box;

fn target(function: &str) -> Target {
    let shape = Shape { ymax: 220.0, half: 78.0, n: 1.0 };
    Target { function: function.into(), shape, from: 10.0, to: 30.0, input: Reading::Free }
}

fn signalling(c: &mut Criterion) {
    let (small, pathway) = (ReactionSystem::two_bindings(), ReactionSystem::dopamine());
    c.bench_function("25 steady states, 25 species", |b| b.iter(|| steady_states(black_box(&pathway))));
    let options = Options::with_error(0.1);
    c.bench_function("adjustment, 5 species", |b| b.iter(|| adjust(black_box(&small), &[target("GA")], options)));
    c.bench_function("adjustment, 25 species", |b| {
        b.iter(|| adjust(black_box(&pathway), &[target("GAC5Ca")], options))
    });
}

criterion_group!(benches, signalling);
criterion_main!(benches);
