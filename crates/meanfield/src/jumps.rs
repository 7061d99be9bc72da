//! A leaky cell that is driven by jumps: how often it fires.

/// Rate, per time constant, of a leaky cell v′ = −v that starts at 0 again when it reaches a threshold, under excitatory jumps that arrive at random, so many a time constant.
///
/// The mean time T(v) to threshold obeys −v T′ + λ(T(v + a) − T(v)) = −1, T = 0 from the threshold on: no diffusion is assumed; equation (56). It is solved on a grid that divides the threshold, with central differences, and T(v + a) interpolated. 0 where no jumps
/// arrive, or hardly any brings the cell there.
pub fn jump_rate(threshold: f64, jump: f64, arrivals: f64) -> f64 {
    if arrivals <= 0.0 {
        return 0.0;
    }
    if jump >= threshold {
        return arrivals;
    }
    let points = (PARTS * threshold / jump).ceil().max(LEAST) as usize;
    let time = mean_time(points, jump / threshold * points as f64, arrivals);
    // Times beyond what numbers hold are none.
    if time > 0.0 && time < LONGEST { 1.0 / time } else { 0.0 }
}

/// Grid points a jump, and to the threshold, at least; the longest time that is told from none.
const PARTS: f64 = 40.0;
const LEAST: f64 = 1000.0;
const LONGEST: f64 = 1e12;

/// T(0) where the threshold is at so many grid points, and a jump is so many long.
///
/// Row i is l_i T_{i−1} + d_i T_i + u_i T_{i+1} + λ T(i + a) = −1, v_i = i h and drift v_i/2h to either side; eliminated from 0 upwards, each T_i is left as a sum over the points above within a jump.
fn mean_time(points: usize, jump: f64, arrivals: f64) -> f64 {
    let (whole, share) = (jump.floor() as usize, jump.fract());
    let width = whole + 1;
    // Coefficients of the points above, nearest first, and the constant: T_i = c + Σ_k b_k T_{i+k}.
    let mut rows: Vec<(Vec<f64>, f64)> = Vec::with_capacity(points);
    for i in 0..points {
        // At the last point T would be differenced over its jump to 0, so only what lies below is used.
        let (lower, mut diagonal, upper) = match (i, i + 1 == points) {
            (0, _) => (0.0, -arrivals, 0.0),
            (_, true) => (i as f64, -arrivals - i as f64, 0.0),
            _ => (0.5 * i as f64, -arrivals, -0.5 * i as f64),
        };
        let mut above = vec![0.0; width];
        above[0] += upper;
        if (i as f64) + jump < points as f64 {
            // Short of the threshold: between two points, of which the last has none beyond it.
            let next = if i + width < points { share } else { 0.0 };
            above[whole - 1] += arrivals * (1.0 - next);
            above[width - 1] += arrivals * next;
        }
        let mut constant = -1.0;
        if let (true, Some((coefficients, own))) = (i > 0, rows.last()) {
            constant -= lower * own;
            diagonal += lower * coefficients[0];
            for (k, b) in coefficients.iter().enumerate().skip(1) {
                above[k - 1] += lower * b;
            }
        }
        above.iter_mut().for_each(|b| *b /= -diagonal);
        rows.push((above, constant / diagonal));
    }
    let mut times = vec![0.0; points + width];
    for (i, (above, constant)) in rows.iter().enumerate().rev() {
        times[i] = constant + above.iter().enumerate().map(|(k, b)| b * times[i + 1 + k]).sum::<f64>();
    }
    times[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Seed;
    use rand::RngExt;

    /// A cell whose threshold is below one jump fires at every arrival.
    #[test]
    fn rates_are_those_of_cells() {
        assert!((jump_rate(0.9, 1.0, 3.0) - 3.0).abs() < 1e-9);
        assert!((jump_rate(0.001, 0.1, 5.0) - 5.0).abs() < 1e-9);
        assert_eq!(jump_rate(1.0, 0.03, 2.0), 0.0);
        // Event by event.
        for (threshold, jump, arrivals) in [
            (1.5, 1.0, 3.0),
            (1.01, 1.0, 3.0),
            (0.305, 0.3, 5.0),
            (1.0, 0.5, 2.4),
            (1.1, 0.5, 2.4),
            (1.0, 0.03, 40.0),
            (1.234, 0.1, 14.0),
        ] {
            let mut rng = Seed(7).stream("jumps").rng(0);
            let (mut v, mut time, mut spikes) = (0.0_f64, 0.0, 0);
            while spikes < 100_000 {
                let gap = -libm::log(1.0 - rng.random::<f64>()) / arrivals;
                time += gap;
                v = v * libm::exp(-gap) + jump;
                if v >= threshold {
                    v = 0.0;
                    spikes += 1;
                }
            }
            let seen = f64::from(spikes) / time;
            let found = jump_rate(threshold, jump, arrivals);
            assert!((found / seen - 1.0).abs() < 0.01, "{threshold} {jump} {arrivals}: {found} {seen}");
        }
    }
}
