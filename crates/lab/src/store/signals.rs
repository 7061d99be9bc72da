//! What becomes of files when a run is told to end.

/// From now on SIGINT, SIGTERM and SIGHUP end the process once what it has not finished is removed, and a file that may not grow further is an error as a full
/// disk is.
#[cfg(unix)]
pub fn guard() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    // Where they cannot be watched they do what they always did.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            super::temporary::abandon();
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
}

/// Signals are left alone.
#[cfg(not(unix))]
pub fn guard() {}
