//! What an experiment is given besides its parameters: a place to report progress, and a memory of
//! what has been computed in this process, so that figures which share a simulation run it once.

use indicatif::{ProgressBar, ProgressStyle};
use std::any::Any;
use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The bench of one command.
pub struct Bench {
    bar: Option<ProgressBar>,
    total: AtomicUsize,
    done: AtomicUsize,
    what: Mutex<String>,
    memo: Mutex<HashMap<String, Arc<dyn Any + Send + Sync>>>,
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
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            what: Mutex::new(String::new()),
            memo: Mutex::new(HashMap::new()),
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
            None => eprintln!("{what}: 0/{steps}"),
        }
    }

    /// One unit of work is done. Without a terminal a line is printed at every quarter.
    pub fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let total = self.total.load(Ordering::Relaxed).max(1);
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if done * 4 / total > (done - 1) * 4 / total => {
                eprintln!("{}: {done}/{total}", lock(&self.what));
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

/// A lock survives the panic of another thread: what it guards is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
