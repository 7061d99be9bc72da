//! One side of the comparison with other tools: microseconds a semi-balanced state, one core, for random networks of
//! `populations`, which are written to FILE as `count`, `populations`, all W, all X, in doubles.
//! Usage: `w4 populations count FILE`.

use semibalance::{Found, solve_each};
use std::io::Write;
use std::time::Instant;

#[allow(clippy::print_stdout, reason = "its output is what it is for")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [populations, count, file] = arguments.as_slice() else { panic!("usage: w4 populations count FILE") };
    let (populations, count): (usize, usize) =
        (populations.parse().expect("a number"), count.parse().expect("a number"));
    // Before anything asks for threads.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("the first pool");
    let problems = benches::problems(populations, count);
    let head = [count as f64, populations as f64];
    let bytes: Vec<u8> =
        head.iter().chain(&problems.w).chain(&problems.x).flat_map(|v: &f64| v.to_le_bytes()).collect();
    std::fs::File::create(file).and_then(|mut f| f.write_all(&bytes)).expect("FILE can be written");
    let mut times = [0.0; 9];
    let mut mean = 0.0;
    for time in &mut times {
        let started = Instant::now();
        let batch = solve_each(problems.w.view(), problems.x.view()).expect("circuits");
        *time = 1e6 * started.elapsed().as_secs_f64() / count as f64;
        assert!(batch.found.iter().all(|f| *f == Found::State), "each of them has a state");
        mean = batch.rates.mean().expect("not empty");
    }
    times.sort_by(f64::total_cmp);
    println!("{{\"us\": {}, \"mean\": {mean}}}", times[4]);
}
