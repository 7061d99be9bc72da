use model::*;
use simulation::spiking::*;
use std::ops::ControlFlow;
use std::time::Instant;
fn main() {
    let n = SpikingNetwork::vogels_2011();
    n.validate().unwrap();
    let run = SpikingRun { sample: 20000.0, ..SpikingRun::lasting(20000.0, 0.0) };
    let stages: Vec<Stage> = (0..20).map(|_| Stage { steps: 10000, ..Stage::WHOLE }).collect();
    let mut c = vec![[0f64; 2]; 20];
    let t0 = Instant::now();
    let mut t = vec![0.0; 20];
    let mut l = |s: &[Spike]| {
        for x in s {
            c[(x.step / 10000) as usize][if x.cell < 8000 { 0 } else { 1 }] += 1.0;
        }
        t[(s[0].step / 10000) as usize] = t0.elapsed().as_secs_f64();
        ControlFlow::Continue(())
    };
    let a = run_stages(&n, &run, &stages, Seed(1), 1, &mut l).unwrap();
    for k in 0..20 {
        println!(
            "{} e {:.2} i {:.2} time {:.3} strength nS {:.3} sd {:.3}",
            k + 1,
            c[k][0] / 8000.,
            c[k][1] / 2000.,
            t[k] - if k > 0 { t[k - 1] } else { 0. },
            a.learned[k][0].mean / 15.0 * 3.0,
            a.learned[k][0].sd / 15.0 * 3.0
        );
    }
}
