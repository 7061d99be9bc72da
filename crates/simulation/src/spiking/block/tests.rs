//! Upstrokes, and conductances in one pass, on any machine.

use super::*;

struct Added<'a>(Upstroke, &'a mut [f32; SIXTEEN]);

impl Work for Added<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let c = Coefficients {
            rate: 0.0,
            leak: 0.0,
            upstroke: self.0,
            constant: 0.0,
            floor: f32::MIN,
            threshold: 0.0,
            reset: 0.0,
        };
        let c = Registers::of(&c);
        let above = S::Singles::load(self.1).minus(c.onset);
        c.upstroke::<true>(above, S::Singles::all(0.0)).store(self.1);
    }
}

/// Steps of cells that conductances drive, in one pass or one after the other; whether anybody will fire.
struct Conducted<'a> {
    groups: &'a mut [Group],
    voltage: &'a mut Cells,
    /// None where nobody is ever refractory.
    held: Option<&'a Masks>,
    coefficients: Coefficients,
    together: bool,
}

impl Work for Conducted<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self) -> bool {
        let Conducted { groups, voltage, held, coefficients, together } = self;
        if together {
            return conduct_together::<S>(groups, 0, (voltage, held), &coefficients);
        }
        let mut drive = [0.0; BLOCK];
        for group in groups {
            let reversal = group.reversal.expect("a conductance");
            conduct::<S>(&mut group.current[0], group.decay, &Counts::NONE, &mut drive, (reversal, voltage));
        }
        let counts = [Counts::NONE; FUSED];
        let any = integrate::<S, 0, true, false>([], 0, &counts, (&drive, voltage, &coefficients));
        if let Some(held) = held {
            hold::<S>(voltage, held, &coefficients);
        }
        // Cells that are held do not fire.
        any && voltage.iter().any(|v| *v >= coefficients.threshold)
    }
}

#[test]
fn conductances_in_one_pass_give_the_bits_of_several() {
    let group = |k: usize| {
        let mut current = Aligned::zeros(1);
        current.fill(std::array::from_fn(|i| ((7 * i + 3 * k) % 29) as f32 * 1e-3));
        let reversal = Some([0.0, -80.0, -60.0][k]);
        Group { decay: 0.9 - 0.1 * k as f32, reversal, kind: Kind::Excitatory, current, back: 1.0, arrivals: vec![] }
    };
    let mut fires = [0; 2];
    for (count, upstroke) in [1, 2, 3].into_iter().flat_map(|count| [(count, 0.0), (count, 0.02)]) {
        let coefficients = Coefficients {
            rate: -0.005,
            leak: -0.04,
            upstroke: Upstroke::new(upstroke, -55.0, 2.0),
            constant: 0.0,
            floor: -75.0,
            threshold: -50.0,
            reset: -60.0,
        };
        for isa in Isa::available() {
            let of = |together: bool, rests: bool| {
                let mut groups: Vec<Group> = (0..count).map(group).collect();
                let mut voltage: Cells = std::array::from_fn(|i| -76.0 + (i % 53) as f32 * 0.49);
                let held: Masks = std::array::from_fn(|k| (0x6db6_db6d_u32 >> (k % 3)) as u16);
                let any = isa.run(Conducted {
                    groups: &mut groups,
                    voltage: &mut voltage,
                    held: rests.then_some(&held),
                    coefficients,
                    together,
                });
                let currents: Vec<u32> = groups.iter().flat_map(|g| g.current[0].map(f32::to_bits)).collect();
                (any, voltage.map(f32::to_bits), currents)
            };
            for rests in [true, false] {
                let together = of(true, rests);
                fires[usize::from(together.0)] += 1;
                assert!(together == of(false, rests), "{count} groups, upstroke {upstroke}, {isa}");
            }
        }
    }
    assert!(fires[1] > 0, "somebody fires");
}

fn plainly() -> Isa {
    Isa::named("portable").expect("every machine has it")
}

fn added(isa: Isa, upstroke: Upstroke, voltages: [f32; SIXTEEN]) -> [f32; SIXTEEN] {
    let mut voltages = voltages;
    isa.run(Added(upstroke, &mut voltages));
    voltages
}

#[test]
fn upstrokes_are_exponentials_on_every_machine() {
    // 3 · 2^V: the sharpness is such that nothing of it is lost in single precision.
    let upstroke = Upstroke::new(3.0, -1.0, std::f64::consts::LOG2_E);
    for k in -126 * 64..124 * 64 {
        let given: [f32; SIXTEEN] = std::array::from_fn(|l| (k as f32 + l as f32 / 16.0) / 64.0);
        let plain = added(plainly(), upstroke, given);
        for (v, own) in given.iter().zip(plain) {
            let exact = 3.0 * libm::exp2(f64::from(*v) + 1.0);
            assert!((f64::from(own) / exact - 1.0).abs() < 4e-6, "{own} for {exact}");
        }
        for isa in Isa::available() {
            assert_eq!(plain.map(f32::to_bits), added(isa, upstroke, given).map(f32::to_bits), "{isa}");
        }
    }
}

#[test]
fn upstrokes_out_of_range_are_those_at_its_ends() {
    for sharpness in [1e-40, 1e-4, 2.0, 1e4] {
        let upstroke = Upstroke::new(0.1, -55.0, sharpness);
        let far = added(plainly(), upstroke, [-1e30; SIXTEEN])[0];
        assert!((0.0..1e-37).contains(&far), "{far} at {sharpness}");
        let far = added(plainly(), upstroke, [f32::INFINITY; SIXTEEN])[0];
        assert!(far > 1e36 && far.is_finite(), "{far} at {sharpness}");
        assert_eq!(far, added(plainly(), upstroke, [1e30; SIXTEEN])[0]);
    }
    let upstroke = Upstroke::new(0.1, -55.0, 2.0);
    assert!(upstroke.follows(-100.0, 0.0) && !upstroke.follows(f32::MIN, 0.0) && !upstroke.follows(-100.0, 200.0));
    // Without an upstroke: a leaky neuron.
    assert_eq!(added(plainly(), Upstroke::new(0.0, -55.0, 1.0), [-50.0; SIXTEEN]), [0.0; SIXTEEN]);
}
