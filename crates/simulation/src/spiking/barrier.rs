//! A barrier for threads that meet every few microseconds: they spin shortly, then sleep.
//!
//! Spinning alone lets a machine with fewer free cores than threads stand still: those that wait take the time of the one that works.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Looks before a thread sleeps: some microseconds, about what falling asleep and waking up takes.
const PATIENCE: usize = 400;

/// A place where a fixed number of threads meet.
pub struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
    /// Threads that sleep, or are about to.
    sleeping: AtomicUsize,
    /// Whether a thread has panicked, and will not come.
    broken: AtomicBool,
    bed: Mutex<()>,
    bell: Condvar,
}

/// Held by a thread while it works: breaks the barrier if it panics, so that others do not wait for ever.
pub struct Attendance<'b>(pub &'b Barrier);

impl Drop for Attendance<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::SeqCst);
            self.0.wake();
        }
    }
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Barrier {
            threads,
            arrived: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
            sleeping: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            bed: Mutex::new(()),
            bell: Condvar::new(),
        }
    }

    /// Waits for all threads. What each wrote before is seen by all after.
    ///
    /// # Panics
    /// If another thread has.
    pub fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let round = self.round.load(Ordering::SeqCst);
        if self.arrived.fetch_add(1, Ordering::SeqCst) + 1 == self.threads {
            self.arrived.store(0, Ordering::SeqCst);
            self.round.store(round.wrapping_add(1), Ordering::SeqCst);
            // Whoever is not counted yet looks at the round after it is.
            if self.sleeping.load(Ordering::SeqCst) > 0 {
                self.wake();
            }
            return;
        }
        for _ in 0..PATIENCE {
            if self.round.load(Ordering::SeqCst) != round {
                return;
            }
            std::hint::spin_loop();
        }
        self.sleep_until(round);
    }

    fn wake(&self) {
        // Nobody is between looking and sleeping while the lock is held.
        drop(self.bed.lock().unwrap_or_else(PoisonError::into_inner));
        self.bell.notify_all();
    }

    fn sleep_until(&self, round: usize) {
        let waits = || self.round.load(Ordering::SeqCst) == round && !self.broken.load(Ordering::SeqCst);
        self.sleeping.fetch_add(1, Ordering::SeqCst);
        let mut bed = self.bed.lock().unwrap_or_else(PoisonError::into_inner);
        while waits() {
            bed = self.bell.wait(bed).unwrap_or_else(PoisonError::into_inner);
        }
        drop(bed);
        self.sleeping.fetch_sub(1, Ordering::SeqCst);
        let alone = self.round.load(Ordering::SeqCst) == round;
        assert!(!alone, "another thread panicked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_ahead_by_a_round() {
        let (barrier, counts) = (Barrier::new(5), Mutex::new([0_usize; 5]));
        std::thread::scope(|scope| {
            for thread in 0..5 {
                let (barrier, counts) = (&barrier, &counts);
                scope.spawn(move || {
                    for round in 1..=2000 {
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
        for late in [0, 20] {
            let barrier = Barrier::new(2);
            std::thread::scope(|scope| {
                let waits = scope.spawn(|| {
                    let _here = Attendance(&barrier);
                    barrier.wait();
                });
                let panics = scope.spawn(|| {
                    let _here = Attendance(&barrier);
                    // Those who wait spin at first and sleep later.
                    std::thread::sleep(std::time::Duration::from_millis(late));
                    panic!("on purpose");
                });
                assert!(waits.join().is_err() && panics.join().is_err());
            });
        }
    }
}
