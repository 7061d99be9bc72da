//! Targets in lists, where connections are few or strengths differ.

use super::adjacency::Rows;
use lanes::{fetch, fetch_run};
use std::ops::Range;

/// Lists of targets, those of a source cut into chunks of [`CHUNK`] targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Lists {
    /// Cells that may be targets.
    size: usize,
    /// Chunks of all targets.
    chunks: usize,
    /// Where those of each source and chunk begin, and the end `[sources × chunks + 1]`.
    starts: Vec<usize>,
    /// Targets, from the first of their chunk on.
    targets: Vec<u16>,
    /// Strengths in units of their mean; empty where all are equal.
    strengths: Vec<f32>,
}

/// Targets that numbers of two bytes tell apart.
const CHUNK: usize = 1 << 16;

/// What is asked for of a source before its spike arrives: first where its synapses are, then these.
#[derive(Clone, Copy, Debug)]
pub enum Ahead {
    Place,
    Synapses,
}

/// Calls `ask` for sources whose spikes arrive soon after that of number k.
#[inline(always)]
pub fn soon(sources: &[u32], k: usize, ask: impl Fn(usize, Ahead)) {
    /// Sources from one part to the next, and from that to the arrival.
    const DISTANCE: usize = 4;
    if k == 0 {
        // The first ones are waited for together.
        sources.iter().take(DISTANCE).for_each(|&next| ask(next as usize, Ahead::Synapses));
    }
    for (distance, part) in [(2 * DISTANCE, Ahead::Place), (DISTANCE, Ahead::Synapses)] {
        if let Some(&next) = sources.get(k + distance) {
            ask(next as usize, part);
        }
    }
}

impl Lists {
    pub fn empty(targets: usize) -> Self {
        Lists {
            size: targets,
            chunks: targets.div_ceil(CHUNK),
            starts: vec![0],
            targets: Vec::new(),
            strengths: Vec::new(),
        }
    }

    /// Bytes that they will take: they grow by doubling.
    pub fn bytes(p: f64, spread: bool, sources: f64, targets: f64) -> f64 {
        let each = if spread { 6.0 } else { 2.0 };
        2.0 * each * p * sources * targets + 8.0 * sources * (targets / CHUNK as f64).ceil()
    }

    /// Bytes that are in use.
    #[cfg(test)]
    pub fn taken(&self) -> usize {
        8 * self.starts.len() + 2 * self.targets.len() + 4 * self.strengths.len()
    }

    /// All targets of source j, in order, with their strengths in units of the mean.
    pub fn targets(&self, j: usize) -> Vec<(usize, f32)> {
        let all = self.among(j, 0..self.chunks * CHUNK);
        let strength = |k| self.strengths.get(k).copied().unwrap_or(1.0);
        all.flat_map(|(first, range)| range.map(move |k| (first + usize::from(self.targets[k]), strength(k)))).collect()
    }

    /// Where targets of source j among `cells` are listed: a chunk's first cell and a range of the list.
    fn among(&self, j: usize, cells: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let chunks = cells.start / CHUNK..cells.end.div_ceil(CHUNK);
        chunks.map(move |chunk| {
            let first = chunk * CHUNK;
            let (from, to) = (self.starts[j * self.chunks + chunk], self.starts[j * self.chunks + chunk + 1]);
            // Mostly all cells are asked for.
            let inside = |cell: usize| match cell {
                cell if cell <= first => from,
                cell if cell >= self.size.min(first + CHUNK) => to,
                _ => from + self.targets[from..to].partition_point(|&i| first + usize::from(i) < cell),
            };
            (first, inside(cells.start)..inside(cells.end))
        })
    }

    /// Where synapses of source j on `cells` lie, about: targets are spread evenly.
    pub fn about(&self, j: usize, cells: &Range<usize>) -> Range<usize> {
        let (from, to) = (self.starts[j * self.chunks], self.starts[(j + 1) * self.chunks]);
        let at = |cell: usize| from + (to - from) * cell.min(self.size) / self.size.max(1);
        at(cells.start)..at(cells.end)
    }

    /// Asks for what [`Lists::scatter`] and [`Lists::each`] will read of source j for `cells`.
    #[inline(always)]
    pub fn fetch(&self, j: usize, cells: &Range<usize>, part: Ahead) {
        let from = j * self.chunks;
        match part {
            Ahead::Place => fetch(&self.starts[from..]),
            Ahead::Synapses => {
                let own = self.about(j, cells);
                fetch_run(&self.targets[own.clone()]);
                fetch_run(self.strengths.get(own).unwrap_or_default());
            }
        }
    }

    /// Adds `weight`, times their strengths, to `current` of those targets of source j that are among `cells`.
    pub fn scatter(&self, j: usize, cells: Range<usize>, weight: f32, current: &mut [f32]) {
        for (first, range) in self.among(j, cells.clone()) {
            // A chunk may begin before these cells.
            let offset = first.wrapping_sub(cells.start);
            let at = |i: u16| offset.wrapping_add(usize::from(i));
            let targets = &self.targets[range.clone()];
            if self.strengths.is_empty() {
                targets.iter().for_each(|&i| current[at(i)] += weight);
            } else {
                let strengths = &self.strengths[range];
                targets.iter().zip(strengths).for_each(|(&i, strength)| current[at(i)] += weight * strength);
            }
        }
    }

    /// Targets among `cells` of so many sources, with all their strengths; targets are counted from the first of these cells.
    pub fn within(rows: &Rows, sources: usize, cells: Range<usize>) -> Self {
        let mut own = Lists::empty(cells.len());
        let mut targets = Vec::new();
        for j in 0..sources {
            let mut all = rows.targets(j);
            all.retain(|(i, _)| cells.contains(i));
            targets.clear();
            targets.extend(all.iter().map(|(i, _)| (i - cells.start) as u32));
            own.push(&targets, all.iter().map(|(_, strength)| *strength));
        }
        own
    }

    /// Number of synapses.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Calls `work` with target, strength and number of each synapse of source j, in order. Strengths must be listed.
    #[inline(always)]
    pub fn each(&mut self, j: usize, mut work: impl FnMut(usize, &mut f32, usize)) {
        for chunk in 0..self.chunks {
            let (from, to) = (self.starts[j * self.chunks + chunk], self.starts[j * self.chunks + chunk + 1]);
            let own = self.targets[from..to].iter().zip(&mut self.strengths[from..to]);
            own.zip(from..).for_each(|((&i, strength), k)| work(chunk * CHUNK + usize::from(i), strength, k));
        }
    }

    /// Those of one more source, in order.
    pub fn push(&mut self, targets: &[u32], strengths: impl Iterator<Item = f32>) {
        let before = self.targets.len();
        self.targets.extend(targets.iter().map(|&i| (i as usize % CHUNK) as u16));
        let ends = (1..=self.chunks).map(|chunk| before + targets.partition_point(|&i| (i as usize) < chunk * CHUNK));
        self.starts.extend(ends);
        self.strengths.extend(strengths);
    }

    /// Those of more sources.
    pub fn append(&mut self, other: &Lists) {
        let before = self.targets.len();
        self.starts.extend(other.starts[1..].iter().map(|start| before + start));
        self.targets.extend_from_slice(&other.targets);
        self.strengths.extend_from_slice(&other.strengths);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_beyond_a_chunk_are_told_apart() {
        let targets = 2 * CHUNK + 100;
        let mut lists = Lists::empty(targets);
        let all: Vec<u32> = vec![3, 65_535, 65_536, 70_000, 131_072, 131_100];
        lists.push(&all, std::iter::empty());
        lists.push(&[], std::iter::empty());
        lists.push(&[131_073], std::iter::empty());
        let of = |j, cells: Range<usize>| -> Vec<usize> {
            let mut current = vec![0.0; cells.len()];
            lists.scatter(j, cells.clone(), 2.0, &mut current);
            let hit = current.iter().enumerate().filter(|(_, c)| **c == 2.0);
            hit.map(|(i, _)| cells.start + i).collect()
        };
        assert_eq!(of(0, 0..targets), [3, 65_535, 65_536, 70_000, 131_072, 131_100]);
        assert_eq!(of(0, 65_535..131_072), [65_535, 65_536, 70_000]);
        assert_eq!(of(0, 131_072..131_100), [131_072]);
        assert!(of(1, 0..targets).is_empty());
        assert_eq!(of(2, 512..targets), [131_073]);
        let mut joined = Lists::empty(targets);
        joined.append(&lists);
        joined.append(&lists);
        let all: Vec<usize> = joined.targets(3).into_iter().map(|(i, _)| i).collect();
        assert_eq!(all, of(0, 0..targets));
    }
}
