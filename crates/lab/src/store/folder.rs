//! A folder whose files are exchanged as one.

use super::temporary::{ENDING, aside, name, sweep, temporary};
use crate::Failure;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Files under a temporary name, beside the folder that they become: who looks sees all of the old ones or all of the new ones, whenever a run is
/// killed. Files of the old folder that no figure writes move to the new one.
pub struct WholeFolder {
    place: PathBuf,
    temporary: PathBuf,
}

impl WholeFolder {
    /// Makes sure that a folder can be exchanged, before hours are spent, and removes what dead runs have left.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn prepare(place: &Path) -> Result<(), Failure> {
        let parent = parent(place);
        fs::create_dir_all(parent).map_err(|e| Failure::output(parent, e))?;
        sweep(parent, &format!(".{}.", name(place)));
        WholeFolder::begin(place).map(drop)
    }

    /// An empty folder with a temporary name.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn begin(place: &Path) -> Result<Self, Failure> {
        // A link stays, what it points to is replaced.
        let place = place.canonicalize().unwrap_or_else(|_| place.into());
        if place.exists() && !place.is_dir() {
            return Err(Failure::output(&place, "not a folder"));
        }
        let temporary = temporary(&place);
        let created = fs::create_dir(&temporary).or_else(|_| {
            // This process's own, of an earlier figure that failed.
            clear(&temporary)?;
            fs::create_dir(&temporary)
        });
        created.map_err(|e| Failure::output(&place, e))?;
        Ok(WholeFolder { place, temporary })
    }

    /// Where the files go.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Gives the folder its name.
    ///
    /// # Errors
    /// [`Failure::Output`]; the old folder is then as it was.
    pub fn finish(self) -> Result<(), Failure> {
        let parent = parent(&self.place);
        let exchanged = sync(&self.temporary)
            .and_then(|()| {
                if self.place.exists() {
                    exchange(&self.temporary, &self.place)?;
                    // The temporary folder is the old one now.
                    adopt(&self.temporary, &self.place)
                } else {
                    fs::rename(&self.temporary, &self.place)
                }
            })
            .and_then(|()| sync(parent));
        exchanged.map_err(|e| Failure::output(&self.place, e))
    }
}

impl Drop for WholeFolder {
    fn drop(&mut self) {
        // Gone where the folder had not been there before.
        let _ = clear(&self.temporary);
    }
}

/// The folder that holds another: the present one for a bare name.
fn parent(place: &Path) -> &Path {
    match place.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => place,
    }
}

/// Makes the names in a folder last.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all())
}

/// Exchanges two folders at once, or, where the file system cannot, one after the other.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    let aside = aside(&old.with_file_name(format!("{}.old", name(old))));
    fs::rename(old, &aside)?;
    fs::rename(new, old).inspect_err(|_| {
        // Whether the old one can be put back changes nothing about the error.
        let _ = fs::rename(&aside, old);
    })?;
    fs::rename(&aside, new)
}

/// Whether figures write files of this name.
fn is_own(name: &str) -> bool {
    let whole = ["comparison.csv", "run.json", "rows.parquet", "figure.parquet", "adjusted.toml", "adjustment.json"];
    whole.contains(&name) || name.starts_with("figure.") || name.ends_with(ENDING)
}

/// Moves what no figure writes from one folder to another, unless something has the name there.
fn adopt(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if !is_own(&entry.file_name().to_string_lossy()) && !there.exists() {
            fs::rename(entry.path(), there)?;
        }
    }
    Ok(())
}

/// Removes a folder with the files that figures write; one that holds anything else stays.
pub fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_own(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn put(folder: &Path, files: &[&str], text: &str) {
        files.iter().for_each(|file| fs::write(folder.join(file), text).expect("writable"));
    }

    #[test]
    fn old_files_go_together_and_those_of_others_stay() {
        let all = tempfile::tempdir().expect("a temporary folder");
        let place = all.path().join("source/figure");
        WholeFolder::prepare(&place).expect("writable");
        assert!(!place.exists() && names(all.path()) == ["source"]);
        let new = WholeFolder::begin(&place).expect("writable");
        put(new.path(), &["run.json", "figure.svg", "figure.png"], "one");
        assert!(!place.exists());
        new.finish().expect("writable");
        put(&place, &["notes.txt"], "mine");
        fs::create_dir(place.join("talk")).expect("writable");
        // A run that fails half-way changes nothing.
        let failing = WholeFolder::begin(&place).expect("writable");
        put(failing.path(), &["figure.svg"], "half");
        drop(failing);
        assert_eq!(fs::read_to_string(place.join("figure.svg")).expect("there"), "one");
        let new = WholeFolder::begin(&place).expect("writable");
        put(new.path(), &["run.json", "figure.svg"], "two");
        new.finish().expect("writable");
        assert_eq!(names(&place), ["figure.svg", "notes.txt", "run.json", "talk"]);
        assert_eq!(fs::read_to_string(place.join("figure.svg")).expect("there"), "two");
        assert_eq!(names(&all.path().join("source")), ["figure"]);
    }

    #[test]
    fn links_stay_and_files_are_no_folders() {
        let all = tempfile::tempdir().expect("a temporary folder");
        let (real, file) = (all.path().join("real"), all.path().join("file"));
        fs::create_dir(&real).expect("writable");
        fs::write(&file, "").expect("writable");
        assert_eq!(WholeFolder::prepare(&file).expect_err("a file").code(), 3);
        #[cfg(unix)]
        {
            let link = all.path().join("link");
            std::os::unix::fs::symlink(&real, &link).expect("a link");
            let new = WholeFolder::begin(&link).expect("writable");
            put(new.path(), &["run.json"], "one");
            new.finish().expect("writable");
            assert!(link.is_symlink() && names(&real) == ["run.json"]);
        }
        assert!(!names(all.path()).iter().any(|name| name.ends_with(ENDING)));
    }

    /// What a killed run has left goes, but not what somebody has put there.
    #[test]
    fn only_files_of_figures_are_cleared() {
        let all = tempfile::tempdir().expect("a temporary folder");
        let folder = all.path().join("left");
        fs::create_dir(&folder).expect("writable");
        put(&folder, &["figure.svg", "thesis.tex"], "");
        assert!(clear(&folder).is_err());
        assert_eq!(names(&folder), ["thesis.tex"]);
    }
}
