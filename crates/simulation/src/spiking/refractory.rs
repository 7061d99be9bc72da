//! Cells that are held at the reset for a while after a spike.

use super::adjacency::BLOCK;
use lanes::SIXTEEN;
use std::collections::VecDeque;

/// Bits of the cells of a block, sixteen together.
pub type Masks = [u16; BLOCK / SIXTEEN];

/// Cells of one thread and population that are held.
pub struct Held {
    /// Steps that a cell is held for.
    steps: u32,
    /// Steps that were done.
    now: u32,
    /// Bits of those that are held, block by block; empty where no cell ever is.
    masks: Vec<Masks>,
    /// The last step in which each of them is held, and the number of the cell, in the order of steps.
    until: VecDeque<(u32, u32)>,
}

impl Held {
    /// No cell is held yet; room for those of so many blocks.
    pub fn new(steps: usize, blocks: usize) -> Self {
        let blocks = if steps > 0 { blocks } else { 0 };
        Held { steps: steps as u32, now: 0, masks: vec![[0; _]; blocks], until: VecDeque::new() }
    }

    /// Cells of a block that are held; `None` where none ever is.
    pub fn masks(&self, block: usize) -> Option<&Masks> {
        self.masks.get(block)
    }

    /// Ends a step: cells whose time is over are free, those that have fired are held.
    pub fn advance(&mut self, fired: &[u32]) {
        if self.masks.is_empty() {
            return;
        }
        self.now += 1;
        while let Some(&(last, cell)) = self.until.front()
            && last <= self.now
        {
            self.until.pop_front();
            self.set(cell, false);
        }
        for &cell in fired {
            self.set(cell, true);
            self.until.push_back((self.now + self.steps, cell));
        }
    }

    fn set(&mut self, cell: u32, held: bool) {
        let (cell, bit) = (cell as usize, 1 << (cell as usize % SIXTEEN));
        let mask = &mut self.masks[cell / BLOCK][cell % BLOCK / SIXTEEN];
        *mask = if held { *mask | bit } else { *mask & !bit };
    }

    /// Steps for which each of so many cells is still held; none where no cell ever is.
    pub fn left(&self, cells: usize) -> Vec<f32> {
        let mut left = vec![0.0; if self.masks.is_empty() { 0 } else { cells }];
        self.until.iter().for_each(|&(last, cell)| left[cell as usize] = (last - self.now) as f32);
        left
    }

    /// Holds cells for so many steps.
    pub fn restore(&mut self, left: &[f32]) {
        if self.masks.is_empty() {
            return;
        }
        let steps = |left: f32| (left as u32).min(self.steps);
        let held = (0..).zip(left).map(|(cell, left)| (self.now + steps(*left), cell));
        let mut held: Vec<(u32, u32)> = held.filter(|(last, _)| *last > self.now).collect();
        held.sort_unstable();
        held.iter().for_each(|&(_, cell)| self.set(cell, true));
        self.until = held.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_held_for_as_many_steps_as_they_are_to_be() {
        let is_held = |held: &Held, cell: usize| {
            held.masks(cell / BLOCK).expect("blocks")[cell % BLOCK / SIXTEEN] >> (cell % SIXTEEN) & 1 == 1
        };
        let mut held = Held::new(3, 2);
        let fired = [vec![5, 600], vec![], vec![17], vec![], vec![5]];
        let mut seen = Vec::new();
        let mut parts = Vec::new();
        for step in 0..9 {
            held.advance(fired.get(step).map_or(&[], Vec::as_slice));
            seen.push([5, 17, 600].map(|cell| is_held(&held, cell)));
            parts.push(held.left(700));
        }
        let of = |cell: usize| seen.iter().map(|seen| u8::from(seen[cell])).collect::<Vec<_>>();
        assert_eq!(of(0), [1, 1, 1, 0, 1, 1, 1, 0, 0]);
        assert_eq!(of(1), [0, 0, 1, 1, 1, 0, 0, 0, 0]);
        assert_eq!(of(2), [1, 1, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(parts[0][5], 3.0);
        // From the middle on as from the beginning.
        let mut again = Held::new(3, 2);
        again.restore(&parts[2]);
        for step in 3..9 {
            again.advance(fired.get(step).map_or(&[], Vec::as_slice));
            assert_eq!(again.left(700), parts[step], "{step}");
            assert_eq!([5, 17, 600].map(|cell| is_held(&again, cell)), seen[step]);
        }
        // No cell is held where none is to be.
        let mut free = Held::new(0, 2);
        free.advance(&[1, 2]);
        assert!(free.masks(0).is_none() && free.left(700).is_empty());
    }
}
