//! Discrete Fourier transforms in single precision, for spectra whose order does not matter until the end.
//!
//! Sample t = 16 s + l of a record stands in lane l of vector s. First the vectors are transformed over s, in place and lane by lane; what is
//! left is a transform of sixteen over lanes, for which blocks of sixteen vectors are transposed. Frequencies come out in an order of their
//! own ([`Fourier::frequencies`]), since nothing is moved to its place. A library's transforms choose other orders of summation for other
//! instruction sets; these give the same bits everywhere.

#![allow(clippy::needless_range_loop, reason = "loops over known places stay in registers")]

use lanes::{Isa, Part, SIXTEEN, Simd, Singles, Words, Work};

/// Real and imaginary parts of sixteen complex numbers, from the start of a cache line on.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub struct Sixteen(pub [[f32; SIXTEEN]; 2]);

/// Squared magnitudes of sixteen complex numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub struct Powers(pub [f32; SIXTEEN]);

/// Complex numbers of the lanes of a part.
type Complex<S> = [<S as Simd>::Part; 2];

/// Vectors of a block that stays in the innermost cache while it is transformed.
const NEAR: usize = 192;

/// Odd factors of a length; larger ones would save zeros at the end and cost more than they save.
const ODD: [usize; 9] = [1, 3, 5, 7, 9, 15, 21, 35, 45];

/// A transform of one length.
pub struct Fourier {
    /// Vectors of a record.
    vectors: usize,
    stages: Vec<Stage>,
    /// exp(−2πi l k/L) for lane l and the frequency k of each vector before lanes are transformed.
    across: Vec<Sixteen>,
    /// What the transform of sixteen needs between its two steps.
    inner: Vec<[f32; 2]>,
    isa: Isa,
}

/// Butterflies of one radix.
struct Stage {
    radix: usize,
    /// Vectors of a block that this stage takes apart.
    block: usize,
    /// exp(−2πi j p/block), (radix − 1) for each j; empty where they are all 1.
    twiddles: Vec<[f32; 2]>,
}

impl Fourier {
    /// The shortest one for `samples` samples or more that has butterflies: a multiple of 16 · 16.
    pub fn new(samples: usize) -> Self {
        Self::with_isa(samples, Isa::detect())
    }

    fn with_isa(samples: usize, isa: Isa) -> Self {
        let least = samples.div_ceil(SIXTEEN).max(SIXTEEN);
        let length = |odd: usize| odd * least.div_ceil(odd).next_power_of_two().max(SIXTEEN);
        let odd = ODD.into_iter().min_by_key(|&odd| length(odd)).expect("some");
        let vectors = length(odd);
        let mut radices = Vec::new();
        let mut left = vectors / odd;
        while left > 1 {
            // Eights would save a pass, but take more registers than AVX2 has.
            let radix = if left.is_multiple_of(4) { 4 } else { 2 };
            radices.push(radix);
            left /= radix;
        }
        let mut left = odd;
        for radix in [3, 3, 5, 7] {
            if left.is_multiple_of(radix) {
                radices.push(radix);
                left /= radix;
            }
        }
        let mut block = vectors;
        let stages: Vec<Stage> = radices
            .iter()
            .map(|&radix| {
                let stage = Stage { radix, block, twiddles: twiddles(radix, block) };
                block /= radix;
                stage
            })
            .collect();
        let unit = -2.0 * std::f64::consts::PI / (vectors * SIXTEEN) as f64;
        let across = (0..vectors)
            .map(|place| {
                let frequency = reversed(&radices, place, vectors);
                let angle = |lane: usize| unit * (lane * frequency % (vectors * SIXTEEN)) as f64;
                Sixteen([
                    std::array::from_fn(|lane| libm::cos(angle(lane)) as f32),
                    std::array::from_fn(|lane| libm::sin(angle(lane)) as f32),
                ])
            })
            .collect();
        Fourier { vectors, stages, across, inner: twiddles(4, SIXTEEN), isa }
    }

    /// Samples of a record, zeros at its end included.
    pub fn samples(&self) -> usize {
        self.vectors * SIXTEEN
    }

    /// Vectors of a record.
    pub fn vectors(&self) -> usize {
        self.vectors
    }

    /// Frequency, in cycles a record, of each number of a transformed record, `[vectors × 16]`.
    pub fn frequencies(&self) -> Vec<usize> {
        let radices: Vec<usize> = self.stages.iter().map(|stage| stage.radix).collect();
        (0..self.vectors)
            .flat_map(|vector| {
                // Of each block of sixteen, vector k holds what was lane-frequency `high` of the vectors before, one a lane.
                let (first, k) = (vector / SIXTEEN * SIXTEEN, vector % SIXTEEN);
                let high = k / 4 + 4 * (k % 4);
                let radices = &radices;
                (0..SIXTEEN).map(move |lane| reversed(radices, first + lane, self.vectors) + self.vectors * high)
            })
            .collect()
    }

    /// Transforms a record of [`Fourier::vectors`] vectors in place.
    ///
    /// # Panics
    /// If the record has another length.
    pub fn transform(&self, record: &mut [Sixteen]) {
        assert_eq!(record.len(), self.vectors, "a whole record");
        self.isa.run(Transform { plan: self, record, power: None, next: &[] });
    }

    /// Adds |Z|² of a record to `power`; what is left in the record is of no use. Meanwhile asks for the samples that will be wanted next.
    ///
    /// # Panics
    /// If a length is not [`Fourier::vectors`].
    pub fn add_power(&self, record: &mut [Sixteen], power: &mut [Powers], next: &[f32]) {
        assert!(record.len() == self.vectors && power.len() == self.vectors, "a whole record");
        self.isa.run(Transform { plan: self, record, power: Some(power), next });
    }
}

/// exp(−2πi j p/block) for p = 1 .. radix − 1, for each j.
fn twiddles(radix: usize, block: usize) -> Vec<[f32; 2]> {
    let count = block / radix;
    if count == 1 {
        return Vec::new();
    }
    let unit = -2.0 * std::f64::consts::PI / block as f64;
    (0..count)
        .flat_map(|j| {
            (1..radix).map(move |p| {
                let angle = unit * (j * p % block) as f64;
                [libm::cos(angle) as f32, libm::sin(angle) as f32]
            })
        })
        .collect()
}

/// The frequency that ends up at a place: digits in the reverse order.
fn reversed(radices: &[usize], place: usize, vectors: usize) -> usize {
    let (mut block, mut place, mut frequency, mut weight) = (vectors, place, 0, 1);
    for radix in radices {
        block /= radix;
        frequency += weight * (place / block);
        place %= block;
        weight *= radix;
    }
    frequency
}

struct Transform<'a> {
    plan: &'a Fourier,
    record: &'a mut [Sixteen],
    power: Option<&'a mut [Powers]>,
    next: &'a [f32],
}

impl Work for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Fourier { stages, across, inner, .. } = self.plan;
        // Large blocks once all over the record; what is left of each stays near until it is done.
        let far = stages.iter().take_while(|stage| stage.block > NEAR).count();
        for stage in &stages[..far] {
            take_apart::<S>(stage, self.record);
        }
        let block = stages.get(far).map_or(1, |stage| stage.block);
        for block in self.record.chunks_exact_mut(block) {
            for stage in &stages[far..] {
                take_apart::<S>(stage, block);
            }
        }
        let mut powers = self.power.unwrap_or_default().chunks_exact_mut(SIXTEEN);
        let (blocks, _) = self.record.as_chunks_mut::<SIXTEEN>();
        let (across, _) = across.as_chunks::<SIXTEEN>();
        let share = self.next.len().div_ceil(blocks.len());
        let mut next = self.next.chunks(share.max(1));
        for (block, across) in blocks.iter_mut().zip(across) {
            for line in next.next().unwrap_or_default().chunks(SIXTEEN) {
                S::Words::fetch(line.as_ptr());
            }
            match powers.next() {
                Some(power) => lanes::<S, true>(block, across, inner, power),
                None => lanes::<S, false>(block, across, inner, &mut []),
            }
        }
    }
}

#[inline(always)]
fn load<S: Simd>(z: &Sixteen, part: usize) -> Complex<S> {
    [S::Part::load(&z.0[0], part), S::Part::load(&z.0[1], part)]
}

#[inline(always)]
fn store<S: Simd>(z: Complex<S>, to: &mut Sixteen, part: usize) {
    z[0].store(&mut to.0[0], part);
    z[1].store(&mut to.0[1], part);
}

#[inline(always)]
fn product<S: Simd>(a: Complex<S>, b: Complex<S>) -> Complex<S> {
    [a[0].times(b[0]).minus(a[1].times(b[1])), a[0].times(b[1]).plus(a[1].times(b[0]))]
}

#[inline(always)]
fn sum<S: Simd>(a: Complex<S>, b: Complex<S>) -> Complex<S> {
    [a[0].plus(b[0]), a[1].plus(b[1])]
}

#[inline(always)]
fn difference<S: Simd>(a: Complex<S>, b: Complex<S>) -> Complex<S> {
    [a[0].minus(b[0]), a[1].minus(b[1])]
}

/// All blocks of a stage.
#[inline(always)]
fn take_apart<S: Simd>(stage: &Stage, record: &mut [Sixteen]) {
    match stage.radix {
        2 => blocks::<S, 2>(stage, record),
        3 => blocks::<S, 3>(stage, record),
        4 => blocks::<S, 4>(stage, record),
        5 => blocks::<S, 5>(stage, record),
        7 => blocks::<S, 7>(stage, record),
        _ => unreachable!("no such radix"),
    }
}

#[inline(always)]
fn blocks<S: Simd, const R: usize>(stage: &Stage, record: &mut [Sixteen]) {
    let count = stage.block / R;
    for block in record.chunks_exact_mut(stage.block) {
        for j in 0..count {
            let twiddles = stage.twiddles.get(j * (R - 1)..(j + 1) * (R - 1));
            for part in 0..S::Part::COUNT {
                let mut z = [load::<S>(&block[j], part); R];
                for q in 1..R {
                    z[q] = load::<S>(&block[j + q * count], part);
                }
                let mut z = butterfly::<S, R>(z);
                if let Some(twiddles) = twiddles {
                    for p in 1..R {
                        let [re, im] = twiddles[p - 1];
                        z[p] = product::<S>(z[p], [S::Part::all(re), S::Part::all(im)]);
                    }
                }
                for p in 0..R {
                    store::<S>(z[p], &mut block[j + p * count], part);
                }
            }
        }
    }
}

/// y_p = Σ_q z_q exp(−2πi p q/R).
#[inline(always)]
fn butterfly<S: Simd, const R: usize>(z: [Complex<S>; R]) -> [Complex<S>; R] {
    let mut y = z;
    if R == 2 {
        y[0] = sum::<S>(z[0], z[1]);
        y[1] = difference::<S>(z[0], z[1]);
    } else if R == 4 {
        [y[0], y[1], y[2], y[3]] = four::<S>(z[0], z[1], z[2], z[3]);
    } else {
        let waves: &[[[f32; 2]; R]; R] = const { &waves::<R>() };
        // z_q ± z_(R − q), of which y_p and y_(R − p) are made.
        let (mut plus, mut minus) = ([z[0]; R], [z[0]; R]);
        for q in 1..=R / 2 {
            plus[q] = sum::<S>(z[q], z[R - q]);
            minus[q] = difference::<S>(z[q], z[R - q]);
            y[0] = sum::<S>(y[0], plus[q]);
        }
        for p in 1..=R / 2 {
            let [c, s] = waves[p][1].map(S::Part::all);
            let mut even = [z[0][0].plus(plus[1][0].times(c)), z[0][1].plus(plus[1][1].times(c))];
            let mut odd = [minus[1][0].times(s), minus[1][1].times(s)];
            for q in 2..=R / 2 {
                let [c, s] = waves[p][q].map(S::Part::all);
                even = [even[0].plus(plus[q][0].times(c)), even[1].plus(plus[q][1].times(c))];
                odd = [odd[0].plus(minus[q][0].times(s)), odd[1].plus(minus[q][1].times(s))];
            }
            y[p] = [even[0].plus(odd[1]), even[1].minus(odd[0])];
            y[R - p] = [even[0].minus(odd[1]), even[1].plus(odd[0])];
        }
    }
    y
}

#[inline(always)]
fn four<S: Simd>(a: Complex<S>, b: Complex<S>, c: Complex<S>, d: Complex<S>) -> [Complex<S>; 4] {
    let (even, odd) = (sum::<S>(a, c), sum::<S>(b, d));
    let (alternate, [re, im]) = (difference::<S>(a, c), difference::<S>(b, d));
    [
        sum::<S>(even, odd),
        // A quarter turn: −i (re + i im) = im − i re.
        [alternate[0].plus(im), alternate[1].minus(re)],
        difference::<S>(even, odd),
        [alternate[0].minus(im), alternate[1].plus(re)],
    ]
}

/// A Taylor series, since functions of angles are not for constants: 2π q/R with q below R, brought to ±π.
const fn wave<const R: usize>(q: usize, sine: bool) -> f32 {
    let turns = q as f64 / R as f64;
    let angle = 2.0 * std::f64::consts::PI * if turns > 0.5 { turns - 1.0 } else { turns };
    let (mut term, mut total, mut n) = if sine { (angle, angle, 1) } else { (1.0, 1.0, 0) };
    while n < 40 {
        term *= -angle * angle / ((n + 1) * (n + 2)) as f64;
        total += term;
        n += 2;
    }
    total as f32
}

/// Cosine and sine of 2π p q/R.
const fn waves<const R: usize>() -> [[[f32; 2]; R]; R] {
    let (mut all, mut p) = ([[[0.0; 2]; R]; R], 0);
    while p < R {
        let mut q = 0;
        while q < R {
            all[p][q] = [wave::<R>(p * q % R, false), wave::<R>(p * q % R, true)];
            q += 1;
        }
        p += 1;
    }
    all
}

#[repr(align(64))]
struct Room {
    re: [[f32; SIXTEEN]; SIXTEEN],
    im: [[f32; SIXTEEN]; SIXTEEN],
}

/// The transform over lanes of sixteen vectors: turned, transposed, and taken apart by fours, twice. It replaces the vectors, or their squares
/// are added to `power`.
#[inline(always)]
fn lanes<S: Simd, const POWER: bool>(
    block: &mut [Sixteen; SIXTEEN],
    across: &[Sixteen; SIXTEEN],
    inner: &[[f32; 2]],
    power: &mut [Powers],
) {
    // In rooms of their own, which are transposed.
    let Room { re, im } = &mut Room { re: [[0.0; SIXTEEN]; SIXTEEN], im: [[0.0; SIXTEEN]; SIXTEEN] };
    for k in 0..SIXTEEN {
        for part in 0..S::Part::COUNT {
            let z = product::<S>(load::<S>(&block[k], part), load::<S>(&across[k], part));
            z[0].store(&mut re[k], part);
            z[1].store(&mut im[k], part);
        }
    }
    S::Singles::transpose(re);
    S::Singles::transpose(im);
    for part in 0..S::Part::COUNT {
        for j in 0..4 {
            let mut z = [[S::Part::all(0.0); 2]; 4];
            for q in 0..4 {
                z[q] = [S::Part::load(&re[j + 4 * q], part), S::Part::load(&im[j + 4 * q], part)];
            }
            let mut z = butterfly::<S, 4>(z);
            for p in 1..4 {
                let [re, im] = inner[3 * j + p - 1];
                z[p] = product::<S>(z[p], [S::Part::all(re), S::Part::all(im)]);
            }
            for p in 0..4 {
                z[p][0].store(&mut re[j + 4 * p], part);
                z[p][1].store(&mut im[j + 4 * p], part);
            }
        }
        for p in 0..4 {
            let mut z = [[S::Part::all(0.0); 2]; 4];
            for q in 0..4 {
                z[q] = [S::Part::load(&re[4 * p + q], part), S::Part::load(&im[4 * p + q], part)];
            }
            for (q, z) in butterfly::<S, 4>(z).into_iter().enumerate() {
                if POWER {
                    let power = &mut power[4 * p + q].0;
                    let square = z[0].times(z[0]).plus(z[1].times(z[1]));
                    S::Part::load(power, part).plus(square).store(power, part);
                } else {
                    store::<S>(z, &mut block[4 * p + q], part);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustfft::FftPlannerScalar;
    use rustfft::num_complex::Complex64;

    #[test]
    fn transforms_are_those_of_a_library_on_every_machine() {
        for samples in [1, 250, 257, 700, 1000, 1200, 1300, 1700, 2900, 3300, 5000, 22_000] {
            let mut reference: Option<Vec<Sixteen>> = None;
            for isa in Isa::available() {
                let plan = Fourier::with_isa(samples, isa);
                let length = plan.samples();
                assert!(length >= samples && (samples < 256 || length <= samples + samples / 6 + 512), "{length}");
                let value = |t: usize| ((t * 7919 % 1009) as f32 / 500.0 - 1.0, (t * 104_729 % 997) as f32 / 500.0);
                let mut record = vec![Sixteen([[0.0; SIXTEEN]; 2]); plan.vectors()];
                let mut exact: Vec<Complex64> = Vec::new();
                for t in 0..length {
                    let (re, im) = value(t);
                    record[t / SIXTEEN].0[0][t % SIXTEEN] = re;
                    record[t / SIXTEEN].0[1][t % SIXTEEN] = im;
                    exact.push(Complex64::new(re.into(), im.into()));
                }
                let size = exact.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
                FftPlannerScalar::new().plan_fft_forward(length).process(&mut exact);
                let mut powers = vec![Powers([1.0; SIXTEEN]); plan.vectors()];
                plan.add_power(&mut record.clone(), &mut powers, &[]);
                plan.transform(&mut record);
                for (Powers(powers), Sixteen([re, im])) in powers.iter().zip(&record) {
                    assert!(
                        (0..SIXTEEN).all(|l| powers[l] == 1.0 + (re[l] * re[l] + im[l] * im[l])),
                        "{samples} on {isa}"
                    );
                }
                // Four roundings of 6e-8 a factor of two: by a theorem an error of so much of ‖Z‖ = √L ‖z‖ in all.
                let share = 4.0 * 6e-8 * libm::log2(length as f64) * size;
                let (mut seen, mut total) = (vec![false; length], 0.0);
                for (place, frequency) in plan.frequencies().into_iter().enumerate() {
                    let [re, im] = record[place / SIXTEEN].0.map(|part| f64::from(part[place % SIXTEEN]));
                    let distance = (Complex64::new(re, im) - exact[frequency]).norm_sqr().sqrt();
                    // Some number may take more than its share.
                    assert!(distance < 10.0 * share, "{samples} samples, frequency {frequency} on {isa}: {distance}");
                    total += distance * distance;
                    seen[frequency] = true;
                }
                assert!(total < share * share * length as f64, "{samples} samples on {isa}");
                assert!(seen.iter().all(|seen| *seen), "every frequency");
                assert_eq!(*reference.get_or_insert_with(|| record.clone()), record, "{samples} samples on {isa}");
            }
        }
    }
}
