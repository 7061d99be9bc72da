//! Files and folders written whole or not at all: under a temporary name, fsync, rename.

mod folder;
mod parquet;
mod signals;
mod temporary;

pub use folder::{WholeFolder, exchanges};
pub use parquet::{FrameStream, StoredFrame, write_frame};
pub use signals::guard;
pub use temporary::is_temporary;

use crate::Failure;
use crate::plot::Format;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use temporary::{sweep, temporary};

/// Creates a folder and makes sure that files can be written there, before hours are spent.
///
/// # Errors
/// [`Failure::Output`].
pub fn prepare(folder: &Path) -> Result<(), Failure> {
    let attempt = || {
        fs::create_dir_all(folder)?;
        sweep(folder, ".");
        fs::write(temporary(&folder.join("probe")), b"probe")
    };
    // The same run elsewhere may just have finished, and taken the folder with it.
    attempt().or_else(|_| attempt()).map_err(|e| Failure::output(folder, e))?;
    remove(&temporary(&folder.join("probe")))
}

/// Writes a file.
///
/// # Errors
/// [`Failure::Output`]; nothing is left behind.
pub fn write(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    atomically(path, |file| file.write_all(contents))
}

/// Removes a file, if it is there.
///
/// # Errors
/// [`Failure::Output`].
pub fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Failure::output(path, e)),
        _ => Ok(()),
    }
}

/// Writes a figure as SVG, and in further formats.
///
/// # Errors
/// [`Failure::Output`].
pub fn write_figure(folder: &Path, svg: &str, formats: &[Format]) -> Result<(), Failure> {
    write(&folder.join("figure.svg"), svg.as_bytes())?;
    for format in formats {
        let path = folder.join(format!("figure.{}", format.ending()));
        write(&path, &format.convert(svg).map_err(|e| Failure::output(&path, e))?)?;
    }
    Ok(())
}

/// Writes a file that may be lost with the power, but is never seen in part otherwise.
///
/// # Errors
/// [`Failure::Output`]; nothing is left behind.
pub fn scratch(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    // Threads may write the same at the same time.
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let own = path.with_extension(WRITTEN.fetch_add(1, Ordering::Relaxed).to_string());
    renamed(path, &temporary(&own), |file| file.write_all(contents))
}

fn atomically(path: &Path, fill: impl FnOnce(&mut File) -> std::io::Result<()>) -> Result<(), Failure> {
    renamed(path, &temporary(path), |file| {
        fill(file)?;
        file.sync_all()
    })
}

fn renamed(path: &Path, temporary: &Path, fill: impl FnOnce(&mut File) -> std::io::Result<()>) -> Result<(), Failure> {
    let result = File::create(temporary).and_then(|mut file| {
        fill(&mut file)?;
        fs::rename(temporary, path)
    });
    result.map_err(|e| {
        // The error that matters is the first; a temporary file that cannot be removed changes nothing.
        let _ = fs::remove_file(temporary);
        Failure::output(path, e)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frame;

    #[test]
    fn files_are_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a/b");
        prepare(&path).expect("can be created");
        write(&path.join("x.txt"), b"one").expect("writable");
        write(&path.join("x.txt"), b"two").expect("replaced");
        let frame = Frame::new("t").numbers("x", [1.0, 2.0]).words("w", ["a".into(), "b".into()]);
        write_frame(&path.join("t.parquet"), &frame, &[("commit".into(), "abc".into())]).expect("writable");
        let mut names: Vec<_> = fs::read_dir(&path).expect("there").map(|e| e.expect("entry").file_name()).collect();
        names.sort();
        assert_eq!(names, ["t.parquet", "x.txt"]);
        assert_eq!(fs::read(path.join("x.txt")).expect("there"), b"two");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.txt");
        write(&path, b"old").expect("writable");
        let failed = atomically(&path, |file| {
            file.write_all(b"half")?;
            Err(std::io::Error::other("full"))
        });
        assert_eq!(failed.expect_err("failed").code(), 3);
        assert_eq!(fs::read(&path).expect("there"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
        assert_eq!(prepare(&path).expect_err("a file is no folder").code(), 3);
    }
}
