//! A barrier for threads that meet every few microseconds: they spin, and give way where there are more threads than cores.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Looks before a thread gives way.
const PATIENCE: usize = 2000;

/// Where a fixed number of threads meet.
pub struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
    /// Whether a thread has panicked, and will not come.
    broken: AtomicBool,
}

/// Held by a thread while it works: breaks the barrier if it panics, so that others do not wait for ever.
pub struct Attendance<'b>(pub &'b Barrier);

impl Drop for Attendance<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::Release);
        }
    }
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Barrier { threads, arrived: AtomicUsize::new(0), round: AtomicUsize::new(0), broken: AtomicBool::new(false) }
    }

    /// Waits for all threads. What each wrote before is seen by all after.
    ///
    /// # Panics
    /// If another thread has.
    pub fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Release);
            self.round.store(round.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut looks = 0;
        while self.round.load(Ordering::Acquire) == round {
            looks += 1;
            if looks < PATIENCE {
                std::hint::spin_loop();
            } else {
                assert!(!self.broken.load(Ordering::Acquire), "another thread panicked");
                std::thread::yield_now();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn nobody_is_ahead_by_a_round() {
        let (barrier, counts) = (Barrier::new(5), Mutex::new([0_usize; 5]));
        std::thread::scope(|scope| {
            for thread in 0..5 {
                let (barrier, counts) = (&barrier, &counts);
                scope.spawn(move || {
                    for round in 1..=200 {
                        counts.lock().expect("no panic")[thread] = round;
                        barrier.wait();
                        let seen = *counts.lock().expect("no panic");
                        assert!(seen.iter().all(|&c| c == round || c == round + 1), "{seen:?} in {round}");
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_frees_those_who_wait() {
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| {
                let _here = Attendance(&barrier);
                barrier.wait();
            });
            let panics = scope.spawn(|| {
                let _here = Attendance(&barrier);
                panic!("on purpose");
            });
            assert!(waits.join().is_err() && panics.join().is_err());
        });
    }
}
