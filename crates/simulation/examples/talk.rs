use model::spiking::*;
use model::*;
use ndarray::*;
use simulation::spiking::*;
use std::ops::ControlFlow;
use std::time::Instant;
fn main() {
    let arg = |k: usize, d: f64| std::env::args().nth(k).and_then(|a| a.parse().ok()).unwrap_or(d);
    let (seed, mult, learn, ti, te) = (arg(1, 1.0) as u64, arg(2, 1.0) > 0.5, arg(3, 1.0), arg(4, 4.0), arg(5, 8.0));
    let mut n = SpikingNetwork::baker_2019_pair(5000);
    let root = 5000f64.sqrt();
    let pcisp = arg(6, 0.0) > 0.5;
    n.synapses[0] = Synapses::current(te);
    n.synapses[1] = Synapses::current(ti);
    n.connections.external_shares = array![];
    n.connections.external_rates = array![];
    n.connections.external_probability = Array2::zeros((2, 0));
    n.connections.external_strength = Array2::zeros((2, 0));
    n.external_synapses = vec![];
    if !pcisp {
        n.connections.probability.fill(0.05);
        n.connections.strength = array![[50., -300.], [225., -500.]];
        n.constant = vec![0.4 * root / 15.0, 0.3 * root / 15.0];
        let r = |rate, target| {
            Some(Plasticity {
                rule: if mult { PairRule::Multiplicative } else { PairRule::Additive },
                rate: rate * learn,
                target,
                trace: 200.0,
            })
        };
        n.plasticity[[0, 1]] = r(3e-3, 8.0);
        n.plasticity[[1, 1]] = r(2e-3, 10.0);
    }

    if pcisp {
        n.connections.strength = array![[500. / 15., -3500. / 15.], [2250. / 15., -5000. / 15.]];
        n.constant = vec![0.6 * root / 15.0, 0.4 * root / 15.0];
        n.floor = Some(-80.0);
        n.synapses[0] = Synapses::current(6.0);
        n.synapses[1] = Synapses::current(4.0);
        n.neurons = vec![Neuron::Exponential(model::neuron::Exponential {
            tau: 15.0,
            rest: -72.0,
            sharpness: 2.0,
            onset: -55.0,
            threshold: 0.0,
            reset: -73.0,
        })];
        let r = |rate, target| Some(Plasticity { rule: PairRule::Additive, rate: rate * learn, target, trace: 200.0 });
        // eta_e=4000/sqrt N mV/kHz on J/tau_m-units: V dV/dt tau_m form -> per C divide by 15; of j: times root
        n.plasticity[[0, 1]] = r(4.0 / 15.0, 4.0);
        n.plasticity[[1, 1]] = r(2.0 / 15.0, 8.0);
    }
    let n_st = 1usize;
    let _ = n_st;
    let d = arg(7, 0.1);
    let pat: Vec<f64> = (0..5000).map(|i| if (i * 7919) % 13 % 2 == 0 { d } else { -d }).collect();
    let run = SpikingRun::lasting(80000.0, 0.0);
    let stages = [
        Stage { steps: 300000, ..Stage::WHOLE },
        Stage { steps: 100000, ..Stage::WHOLE },
        Stage { steps: 400000, learning: false, cells: &pat, ..Stage::WHOLE },
    ];
    let mut ev: Vec<Spike> = vec![];
    let mut pl = [0.0; 2];
    let mut listen = |s: &[Spike]| {
        for x in s {
            if x.step >= 400000 {
                ev.push(*x);
            } else if x.step >= 300000 {
                pl[if x.cell < 4000 { 0 } else { 1 }] += 1.0;
            }
        }
        ControlFlow::Continue(())
    };
    let t = Instant::now();
    let a = run_stages(&n, &run, &stages, Seed(seed), 1, &mut listen).unwrap();
    println!("{:.2} s", t.elapsed().as_secs_f64());
    println!("plateau {} {}", pl[0] / 4000. / 10., pl[1] / 1000. / 10.);
    println!("{:?}", a.learned.last());
    let mut c = vec![0.0; 5000];
    let win = 2000;
    let nw = 400000 / win;
    let mut cw = vec![vec![0.0f64; nw]; 5000];
    for s in &ev {
        c[s.cell as usize] += 1.0;
        cw[s.cell as usize][((s.step - 400000) as usize / win).min(nw - 1)] += 1.0;
    }
    let mut g2 = [0.0; 2];
    let mut f2 = [0.0; 2];
    let mut r2 = [0.0; 2];
    for (k, range) in [(0, 0..4000), (1, 4000..5000)] {
        let (mut up, mut nu, mut dn, mut nd) = (0.0, 0.0, 0.0, 0.0);
        let mut f = 0.0;
        let mut rr = 0.0;
        let mut nn = 0.0;
        for i in range {
            let r = c[i] / 40.0;
            if pat[i] > 0.0 {
                up += r;
                nu += 1.0
            } else {
                dn += r;
                nd += 1.0
            };
            rr += r;
            nn += 1.0;
            let m = cw[i].iter().sum::<f64>() / nw as f64;
            let v = cw[i].iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (nw as f64 - 1.0);
            if m > 0.0 {
                f += v / m;
            }
        }
        g2[k] = (up / nu - dn / nd) / (2.0 * d);
        f2[k] = f / nn;
        r2[k] = rr / nn;
    }
    println!("frozen rates {:?} gain {:?} Hz per mV/ms fano(200ms) {:?}", r2, g2, f2);
    let root = 5000f64.sqrt();
    for l in a.learned.last().unwrap() {
        let off = 0.95 * g2[l.to] * (-l.mean / root) / 1000.0 * f2[1] / (2.0 * 0.2);
        println!(
            "onto {}: predicted offset {off:.3} Hz, measured {:.3}",
            l.to,
            [pl[0] / 4000. / 10. - 8.0, pl[1] / 1000. / 10. - 10.0][l.to]
        );
    }
}
