//! Named, counter-based random streams: a draw depends on (seed, replicate, purpose, index) and
//! on nothing else, so neither threads nor later code can change it.

use rand_philox::{Philox, splitmix64};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// The seed of an experiment, or of one of its replicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

/// All the randomness that one purpose needs in one replicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream(u64);

impl Seed {
    /// The seed of replicate `k`.
    pub fn replicate(self, k: u64) -> Seed {
        Seed(mix(self.0, k ^ 0x7265_706c_6963_6174))
    }

    /// The stream of one purpose, named in words: `"connectivity"`, `"initial state"`.
    pub fn stream(self, purpose: &str) -> Stream {
        Stream(mix(self.0, fnv1a(purpose)))
    }
}

impl Stream {
    /// The generator of element `index` (a column of the connectivity, a unit, an input):
    /// xoshiro256++, its state drawn from Philox 4x32-10 keyed by this stream and the index.
    pub fn rng(self, index: u64) -> Xoshiro256PlusPlus {
        let mut philox = Philox::from_u64_seed_stream(self.0, index);
        let mut state = [0_u8; 32];
        for word in state.chunks_exact_mut(8) {
            word.copy_from_slice(&philox.next_u64().to_le_bytes());
        }
        Xoshiro256PlusPlus::from_seed(state)
    }
}

/// Joins two words; the odd increment keeps (0, 0) from staying 0.
fn mix(a: u64, b: u64) -> u64 {
    splitmix64(splitmix64(a.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ b.rotate_left(31))
}

fn fnv1a(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |k, purpose: &str, index| Seed(7).replicate(k).stream(purpose).rng(index).next_u64();
        assert_eq!(draw(1, "connectivity", 5), draw(1, "connectivity", 5));
        let mut all = vec![];
        for k in 0..20 {
            for purpose in ["connectivity", "initial state"] {
                all.extend((0..50).map(|index| draw(k, purpose, index)));
            }
        }
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n, "two streams opened with the same word");
    }
}
