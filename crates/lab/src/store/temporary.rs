//! Names of what is not finished yet, and of whose it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How names of temporary files and folders end.
pub const ENDING: &str = ".equipoise.tmp";

/// What this process has begun under a temporary name, finished or not.
static BEGUN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A name of this process's own in the same folder, so that the rename stays on one file system; what has it goes if the process is told to end.
pub fn temporary(path: &Path) -> PathBuf {
    let temporary = aside(path);
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner).insert(temporary.clone());
    temporary
}

/// Removes what has not been finished.
pub fn abandon() {
    for begun in BEGUN.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        // What cannot be removed is swept by the next run.
        let _ = if begun.is_dir() { super::folder::clear(begun) } else { fs::remove_file(begun) };
    }
}

/// A temporary name for what is to be kept.
pub fn aside(path: &Path) -> PathBuf {
    path.with_file_name(format!(".{}.{}-{}{ENDING}", name(path), machine(), std::process::id()))
}

/// Whether a file has such a name.
pub fn is_temporary(name: &str) -> bool {
    name.ends_with(ENDING)
}

pub fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

/// Removes what runs that are gone have left, under names that begin so. What a living one is writing stays, and so does what others have called so.
pub fn sweep(folder: &Path, start: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let owner =
            name.strip_suffix(ENDING).filter(|name| name.starts_with(start)).and_then(|name| name.rsplit_once('.'));
        if owner.is_some_and(|(_, owner)| is_gone(owner, &entry.path())) {
            // What cannot be removed is there the next time.
            let _ =
                if entry.path().is_dir() { super::folder::clear(&entry.path()) } else { fs::remove_file(entry.path()) };
        }
    }
}

/// Whether the process that a temporary file or folder belongs to is gone: it is not seen here, and has not written for a while. Of another machine, or where processes
/// cannot be seen, age alone decides.
fn is_gone(owner: &str, file: &Path) -> bool {
    const WHILE: Duration = Duration::from_secs(60);
    const DAY: Duration = Duration::from_secs(86_400);
    let Some((machine, Ok(process))) = owner.rsplit_once('-').map(|(machine, id)| (machine, id.parse::<u32>())) else {
        return false;
    };
    let here = machine == self::machine() && Path::new("/proc/self").exists();
    if here && Path::new("/proc").join(process.to_string()).exists() {
        return false;
    }
    let age = fs::metadata(file).and_then(|data| data.modified()).ok().and_then(|at| at.elapsed().ok());
    age.is_some_and(|age| age > if here { WHILE } else { DAY })
}

/// Name of this machine, of letters, digits and underscores.
fn machine() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    /// What a killed run has left goes with the next one; what a living one writes or has just written, another machine's, and a user's own file do not.
    #[test]
    fn only_what_nobody_owns_is_swept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let gone = format!(".x.txt.{}-{}{ENDING}", machine(), u32::MAX);
        let fresh = format!(".y.txt.{}-{}{ENDING}", machine(), u32::MAX);
        let stay = [
            format!(".x.txt.{}-{}{ENDING}", machine(), std::process::id()),
            format!(".x.txt.elsewhere-17{ENDING}"),
            ".notes.tmp".to_owned(),
            ".notes.2024-11.tmp".to_owned(),
            ".x.txt.v2-3.tmp".to_owned(),
        ];
        let hour = std::time::SystemTime::now() - Duration::from_secs(3600);
        for name in stay.iter().chain([&gone, &fresh]) {
            let file = File::create(folder.path().join(name)).expect("writable");
            if *name != fresh {
                file.set_modified(hour).expect("a time");
            }
        }
        sweep(folder.path(), ".");
        let there = |name: &String| folder.path().join(name).exists();
        assert!(stay.iter().all(there) && there(&fresh));
        assert!(!there(&gone) || !Path::new("/proc/self").exists());
    }
}
