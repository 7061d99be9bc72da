//! What an experiment is given besides its parameters: a place to report progress, and a memory of
//! what has been computed in this process, so that figures which share a simulation run it once.

use crate::parts::{Parts, Shard, Share};
use crate::{Failure, talk};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use model::Seed;
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The bench of one command.
pub struct Bench {
    bar: Option<ProgressBar>,
    /// Above the bar of a stage: all figures of the command.
    all: Option<(MultiProgress, ProgressBar)>,
    figures: Mutex<Figures>,
    total: AtomicUsize,
    done: AtomicUsize,
    what: Mutex<String>,
    memo: Mutex<HashMap<String, Arc<dyn Any + Send + Sync>>>,
    parts: Option<Parts>,
}

/// The figures of a command, in order.
struct Figures {
    /// Seconds that each took once; what they take here is in proportion.
    expected: Vec<f64>,
    done: usize,
    started: Instant,
}

impl Figures {
    /// Time that is left if the rest takes as much longer or shorter than expected as the figures so far did.
    fn left(&self) -> Option<Duration> {
        let (done, rest) = self.expected.split_at(self.done);
        let (done, rest): (f64, f64) = (done.iter().sum(), rest.iter().sum());
        // The first, cheapest figures say little of the others.
        (done > 0.01 * (done + rest)).then(|| self.started.elapsed().mul_f64(rest / done))
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

impl Bench {
    /// A bar where standard error is a terminal, plain lines where it is not.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg:28} {bar:32} {pos}/{len} {elapsed} left {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(0).with_style(style)
        });
        Bench {
            bar,
            all: None,
            figures: Mutex::new(Figures { expected: Vec::new(), done: 0, started: Instant::now() }),
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            what: Mutex::new(String::new()),
            memo: Mutex::new(HashMap::new()),
            parts: None,
        }
    }

    /// With parts that are kept and read.
    pub(crate) fn with(mut self, parts: Option<Parts>) -> Self {
        self.parts = parts;
        self
    }

    /// The shard that is computed, if only one is.
    pub(crate) fn shard(&self) -> Option<Shard> {
        match self.parts.as_ref()?.share() {
            Share::Shard(shard) => Some(shard),
            _ => None,
        }
    }

    /// Whether shards that have been computed are put together.
    pub(crate) fn merges(&self) -> bool {
        self.parts.as_ref().is_some_and(|parts| parts.share() == Share::Merge)
    }

    /// The parts of this command, if it keeps any.
    pub(crate) fn parts(&self) -> Option<&Parts> {
        self.parts.as_ref()
    }

    /// Removes the parts: what they came to is kept.
    pub(crate) fn finish_parts(&mut self) {
        self.parts.take().into_iter().for_each(Parts::finish);
    }

    /// What `compute` returns, a pure function of what the key names: read where a run of the same build has kept it, and kept for those that come.
    ///
    /// # Errors
    /// Errors of `compute`; [`Failure::Output`] where it cannot be kept.
    pub fn part<T: Serialize + DeserializeOwned>(
        &self,
        key: impl FnOnce() -> String,
        compute: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match &self.parts {
            Some(parts) => parts.part(&key(), compute),
            None => compute(),
        }
    }

    /// Announces the figures of a command, by the seconds that each took once, in order.
    pub fn expect(&mut self, seconds: Vec<f64>) {
        if let Some(bar) = &self.bar
            && seconds.len() > 1
        {
            let style = ProgressStyle::with_template("{msg:28} {bar:32} {pos}/{len} {elapsed} left {prefix}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let both = MultiProgress::new();
            let all = both.add(ProgressBar::new(seconds.len() as u64).with_style(style).with_message("all figures"));
            self.bar = Some(both.add(bar.clone()));
            self.all = Some((both, all));
        }
        *lock(&self.figures) = Figures { expected: seconds, done: 0, started: Instant::now() };
    }

    /// A figure is done: moves the bar of all figures, or prints a line.
    pub fn figure_done(&self) {
        let mut figures = lock(&self.figures);
        figures.done += 1;
        let (done, count) = (figures.done, figures.expected.len());
        if count < 2 {
            return;
        }
        let left = figures.left().map_or("not known yet".into(), |left| format!("about {}", clock(left)));
        match &self.all {
            Some((_, all)) => {
                all.set_prefix(left);
                all.inc(1);
                if done == count {
                    all.finish_and_clear();
                }
            }
            None => talk(format!("{done}/{count} figures in {}, left {left}", clock(figures.started.elapsed()))),
        }
    }

    /// Prints a line of talk, above the bars.
    pub fn say(&self, line: &str) {
        match &self.all {
            Some((both, _)) => both.suspend(|| talk(line)),
            None => talk(line),
        }
    }

    /// Announces a stage of `steps` units of work.
    pub fn begin(&self, what: &str, steps: usize) {
        self.total.store(steps, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        *lock(&self.what) = what.to_owned();
        match &self.bar {
            Some(bar) => {
                bar.reset();
                bar.set_length(steps as u64);
                bar.set_message(what.to_owned());
            }
            None => talk(format!("{what}: 0/{steps}")),
        }
    }

    /// One unit of work is done. Without a terminal a line is printed at every quarter.
    pub fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let total = self.total.load(Ordering::Relaxed).max(1);
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if done * 4 / total > (done - 1) * 4 / total => {
                talk(format!("{}: {done}/{total}", lock(&self.what)));
            }
            None => {}
        }
    }

    /// The stage is over.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Realisations 0, 1, … of a figure that is no study of a system, side by side and in their order, each with its number, its own seed and a unit of
    /// work; `of` is what they are a function of besides. Each is a [`Bench::part`].
    ///
    /// # Errors
    /// The first of them.
    pub fn each<T: Serialize + DeserializeOwned + Send>(
        &self,
        of: &(impl Serialize + Sync),
        seed: Seed,
        count: usize,
        one: impl Fn(usize, Seed) -> Result<T, Failure> + Sync,
    ) -> Result<Vec<T>, Failure> {
        let key = serde_json::json!(of).to_string();
        let realise = |k: usize| {
            let own = seed.replicate(k as u64);
            let seen = self.part(|| format!("{key} {own:?}"), || one(k, own));
            self.advance();
            seen
        };
        (0..count).into_par_iter().map(realise).collect()
    }

    /// What was remembered under `key`, or what `compute` returns, remembered. `compute` is a pure
    /// function of what the key names, so the answer does not depend on who asks first.
    pub fn remember<T: Send + Sync + 'static, E>(
        &self,
        key: String,
        compute: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let known = lock(&self.memo).get(&key).cloned();
        if let Some(known) = known.and_then(|value| value.downcast().ok()) {
            return Ok(known);
        }
        let value = Arc::new(compute()?);
        lock(&self.memo).insert(key, value.clone());
        Ok(value)
    }
}

/// Hours, minutes, seconds.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m}:{s:02} min"),
        (h, m, s) => format!("{h}:{m:02}:{s:02} h"),
    }
}

/// A lock survives the panic of another thread: what it guards is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
