//! A leaky cell that is driven by jumps: how often it fires.

/// Rate, per time constant, of a leaky cell v′ = −v that starts at 0 again when it reaches a threshold, under excitatory jumps that arrive at random, so many a time constant.
///
/// The mean time T(v) to threshold obeys −v T′ + λ(T(v + a) − T(v)) = −1, T = 0 from the threshold on; it is solved on a grid of a fortieth of a jump, with central differences: no diffusion is assumed; equation (56). Thresholds between grid points
/// are interpolated. 0 where no jumps arrive.
pub fn jump_rate(threshold: f64, jump: f64, arrivals: f64) -> f64 {
    if arrivals <= 0.0 {
        return 0.0;
    }
    let steps = threshold * PARTS as f64 / jump;
    let below = steps.floor();
    let time = |points: f64| if points < 1.0 { 0.0 } else { mean_time(points as usize, arrivals) };
    let share = steps - below;
    let mean = (1.0 - share) * time(below) + if share > 0.0 { share * time(below + 1.0) } else { 0.0 };
    1.0 / mean
}

/// Grid points a jump.
const PARTS: usize = 40;

/// T(0) for a threshold at so many grid points.
///
/// Row i is l_i T_{i−1} + d_i T_i + u_i T_{i+1} + λ T_{i+m} = −1, v_i = i h and drift v_i/2h to either side; eliminated from 0 upwards, each T_i is left as a sum of the m points above.
fn mean_time(points: usize, arrivals: f64) -> f64 {
    // Coefficients of the points above, nearest first, and the constant: T_i = c + Σ_k b_k T_{i+k}.
    let mut rows: Vec<(Vec<f64>, f64)> = Vec::with_capacity(points);
    for i in 0..points {
        let last = i + 1 == points;
        // At the last point T would be differenced over its jump to 0, so only what lies below is used.
        let (lower, mut diagonal, upper) = match (i, last) {
            (0, _) => (0.0, -arrivals, 0.0),
            (_, true) => (i as f64, -arrivals - i as f64, 0.0),
            _ => (0.5 * i as f64, -arrivals, -0.5 * i as f64),
        };
        let mut above = vec![0.0; PARTS];
        above[0] += upper;
        above[PARTS - 1] += arrivals;
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
    let mut times = vec![0.0; points + PARTS];
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

    /// A cell whose threshold is below one jump fires at every arrival; one that two jumps bring there, if the second comes in time.
    #[test]
    fn few_jumps_have_closed_forms() {
        assert!((jump_rate(0.9, 1.0, 3.0) - 3.0).abs() < 1e-9);
        // Threshold 1.5: after n jumps v = Σ; simulated event by event.
        for (threshold, jump, arrivals) in [(1.5, 1.0, 3.0), (1.0, 0.03, 40.0), (1.234, 0.1, 14.0)] {
            let mut rng = Seed(7).stream("jumps").rng(0);
            let (mut v, mut time, mut spikes) = (0.0_f64, 0.0, 0);
            while spikes < 40_000 {
                let gap = -(1.0 - rng.random::<f64>()).ln() / arrivals;
                time += gap;
                v = v * (-gap).exp() + jump;
                if v >= threshold {
                    v = 0.0;
                    spikes += 1;
                }
            }
            let seen = f64::from(spikes) / time;
            let found = jump_rate(threshold, jump, arrivals);
            assert!((found / seen - 1.0).abs() < 0.02, "{threshold} {jump} {arrivals}: {found} {seen}");
        }
    }
}
