//! What reactions conserve: sums of species that no step changes.

/// Rows of integers, one a species: what is made of its steps, and of which species.
struct Row {
    steps: Vec<i128>,
    species: Vec<i128>,
}

impl Row {
    /// `p` times this row less `q` times another, by the largest common divisor.
    fn combined(&self, p: i128, other: &Row, q: i128) -> Row {
        let of = |a: &[i128], b: &[i128]| -> Vec<i128> { a.iter().zip(b).map(|(a, b)| p * a - q * b).collect() };
        let mut row = Row { steps: of(&self.steps, &other.steps), species: of(&self.species, &other.species) };
        let divisor = row.steps.iter().chain(&row.species).fold(0, |d, v| greatest(d, v.abs()));
        if divisor > 1 {
            row.steps.iter_mut().chain(&mut row.species).for_each(|v| *v /= divisor);
        }
        row
    }
}

fn greatest(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { greatest(b, a % b) }
}

/// What is conserved.
#[derive(Clone, Debug, PartialEq)]
pub struct Laws {
    /// A basis `[laws][species]`: Σ lᵢ xᵢ is constant.
    pub basis: Vec<Vec<f64>>,
    /// Species whose equations are independent, as many as there are species less laws.
    pub independent: Vec<usize>,
}

fn rows(changes: &[Vec<i128>]) -> Vec<Row> {
    let n = changes.len();
    let unit = |i: usize| (0..n).map(|j| i128::from(i == j)).collect();
    changes.iter().enumerate().map(|(i, steps)| Row { steps: steps.clone(), species: unit(i) }).collect()
}

/// Laws of steps that change species by `changes` `[species][steps]`, by exact elimination.
pub fn laws(changes: &[Vec<i128>]) -> Laws {
    let mut left: Vec<(usize, Row)> = rows(changes).into_iter().enumerate().collect();
    let mut independent = Vec::new();
    for step in 0..changes.first().map_or(0, Vec::len) {
        let Some(at) = left.iter().position(|(_, row)| row.steps[step] != 0) else { continue };
        let (place, pivot) = left.remove(at);
        independent.push(place);
        for (_, row) in left.iter_mut().filter(|(_, row)| row.steps[step] != 0) {
            *row = row.combined(pivot.steps[step], &pivot, row.steps[step]);
        }
    }
    let basis = left.into_iter().map(|(_, row)| {
        let sign = if row.species.iter().sum::<i128>() < 0 { -1 } else { 1 };
        row.species.iter().map(|v| (sign * v) as f64).collect()
    });
    Laws { basis: basis.collect(), independent }
}

/// Most pools that are looked for.
const MOST_POOLS: usize = 500;

/// Pools `[pools][species]`: conserved sums without negative terms, none of which contains another; none where there are too many.
///
/// Source: the algorithm of Farkas, as Martínez & Silva 1982 give it.
pub fn pools(changes: &[Vec<i128>]) -> Vec<Vec<f64>> {
    let mut all = rows(changes);
    for step in 0..changes.first().map_or(0, Vec::len) {
        let (mut kept, moved): (Vec<Row>, Vec<Row>) = all.into_iter().partition(|row| row.steps[step] == 0);
        for up in moved.iter().filter(|row| row.steps[step] > 0) {
            for down in moved.iter().filter(|row| row.steps[step] < 0) {
                kept.push(up.combined(-down.steps[step], down, -up.steps[step]));
            }
        }
        let within = |a: &Row, b: &Row| a.species.iter().zip(&b.species).all(|(a, b)| *a == 0 || *b != 0);
        let mut minimal: Vec<Row> = Vec::new();
        for row in kept {
            if minimal.iter().any(|own| within(own, &row)) {
                continue;
            }
            minimal.retain(|own| !within(&row, own));
            minimal.push(row);
        }
        if minimal.len() > MOST_POOLS {
            return Vec::new();
        }
        all = minimal;
    }
    all.into_iter().map(|row| row.species.iter().map(|v| *v as f64).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A + B ⇌ AB, AB → A* + B, A* → A.
    #[test]
    fn an_enzyme_and_its_substrate_are_conserved() {
        let changes = [vec![-1, 1, 0, 1], vec![-1, 1, 1, 0], vec![1, -1, -1, 0], vec![0, 0, 1, -1]];
        let found = laws(&changes);
        assert_eq!((found.basis.len(), found.independent.len()), (2, 2));
        for law in &found.basis {
            let total = |step: usize| -> f64 { law.iter().zip(&changes).map(|(l, own)| l * own[step] as f64).sum() };
            assert!((0..4).all(|step| total(step) == 0.0));
        }
        let mut pools = pools(&changes);
        pools.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        assert_eq!(pools, [vec![0.0, 1.0, 1.0, 0.0], vec![1.0, 0.0, 1.0, 1.0]]);
    }
}
