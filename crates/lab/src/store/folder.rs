//! A folder whose files are exchanged as one.

use super::temporary::{aside, is_temporary, name, sweep, temporary};
use crate::Failure;
use crate::plot::Format;
use clap::ValueEnum;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Files under a temporary name, beside the folder that they become: who looks sees all of the old ones or all of the new ones, whenever a run is
/// killed. Where the old folder holds anything else that stays, and files are written one by one.
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
        let place = place.canonicalize().unwrap_or_else(|_| place.into());
        let parent = parent(&place);
        fs::create_dir_all(parent).map_err(|e| Failure::output(parent, e))?;
        sweep(parent, &format!(".{}.", name(&place)));
        if place.metadata().is_ok_and(|data| data.permissions().readonly()) {
            return Err(Failure::output(&place, "write-protected"));
        }
        WholeFolder::begin(&place).map(drop)
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
        let created = fs::create_dir(&temporary).or_else(|error| {
            // This process's own, of an earlier figure that failed.
            clear(&temporary).map_err(|_| error)?;
            fs::create_dir(&temporary)
        });
        created.map_err(|e| Failure::output(&place, e))?;
        Ok(WholeFolder { place, temporary })
    }

    /// Where the files go.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Gives the folder its name: exchanged with the old one where that holds nothing else. One that cannot be exchanged, or that holds what the new one does
    /// not, is filled file by file: where run.json stands, all is of one run.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn finish(self) -> Result<(), Failure> {
        let failed = |e: io::Error| Failure::output(&self.place, e);
        sync(&self.temporary).map_err(failed)?;
        let renamed = match self.place.exists() {
            true => Err(io::ErrorKind::AlreadyExists.into()),
            false => fs::rename(&self.temporary, &self.place),
        };
        // Another run may have put one there in between.
        if renamed.is_err() && !self.place.exists() {
            renamed.map_err(failed)?;
        } else if renamed.is_err()
            && (is_stood_in(&self.place) || !is_replaced(&self.place, &self.temporary) || self.exchange().is_err())
        {
            fill(&self.temporary, &self.place)?;
        }
        sync(parent(&self.place)).map_err(failed)
    }

    /// Exchanges the new folder with the old one, whose permissions it takes.
    fn exchange(&self) -> io::Result<()> {
        fs::set_permissions(&self.temporary, fs::metadata(&self.place)?.permissions())?;
        exchange(&self.temporary, &self.place)
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
    if exchange_at_once(new, old) {
        return Ok(());
    }
    let aside = aside(&old.with_file_name(format!("{}.old", name(old))));
    fs::rename(old, &aside)?;
    fs::rename(new, old).inspect_err(|_| {
        // Whether the old one can be put back changes nothing about the error.
        let _ = fs::rename(&aside, old);
    })?;
    // The exchange is made; what cannot be put away is swept by a later run.
    let _ = fs::rename(&aside, new);
    Ok(())
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange_at_once(new: &Path, old: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange_at_once(_: &Path, _: &Path) -> bool {
    false
}

/// The file that says that all is there.
const LAST: &str = "run.json";

/// Whether this process stands in a folder, or in one within it: who does would be elsewhere after an exchange.
fn is_stood_in(folder: &Path) -> bool {
    std::env::current_dir().and_then(|own| own.canonicalize()).is_ok_and(|own| own.starts_with(folder))
}

/// Writes the files of one folder to another, [`LAST`] last, in place of those of their names there and of figures in other formats.
fn fill(from: &Path, to: &Path) -> Result<(), Failure> {
    let mut files = Vec::new();
    for entry in fs::read_dir(from).map_err(|e| Failure::output(from, e))?.flatten() {
        let bytes = fs::read(entry.path()).map_err(|e| Failure::output(&entry.path(), e))?;
        files.push((entry.file_name().to_string_lossy().into_owned(), bytes));
    }
    files.sort_by_key(|(name, _)| (name == LAST, name.clone()));
    super::remove(&to.join(LAST))?;
    for format in Format::value_variants() {
        let old = to.join(format!("figure.{}", format.ending()));
        if old.is_file() {
            super::remove(&old)?;
        }
    }
    files.iter().try_for_each(|(name, bytes)| super::write(&to.join(name), bytes))
}

/// Whether the file system of a folder exchanges two folders at once.
///
/// # Errors
/// [`Failure::Output`] where nothing can be written there.
pub fn exchanges(parent: &Path) -> Result<bool, Failure> {
    let folders = ["a", "b"].map(|name| temporary(&parent.join(name)));
    folders.iter().try_for_each(fs::create_dir).map_err(|e| Failure::output(parent, e))?;
    let at_once = exchange_at_once(&folders[0], &folders[1]);
    folders.iter().try_for_each(fs::remove_dir).map_err(|e| Failure::output(parent, e))?;
    Ok(at_once)
}

/// Whether figures write files of this name.
fn is_own(name: &str) -> bool {
    let whole = [
        LAST,
        "comparison.csv",
        "comparison.md",
        "comparison.tex",
        "parameters.toml",
        "rows.parquet",
        "figure.parquet",
        "figure.svg",
        "adjusted.toml",
        "adjustment.json",
    ];
    whole.contains(&name) || is_picture(name)
}

/// Whether all that a folder holds is files of which another has new ones, or pictures in other formats.
fn is_replaced(old: &Path, new: &Path) -> bool {
    let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    let is_old = |name: &str| new.join(name).exists() || is_picture(name);
    let goes = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| is_file(&entry) && is_old(&entry.file_name().to_string_lossy()))
    };
    fs::read_dir(old).is_ok_and(|mut entries| entries.all(goes))
}

/// Whether figures in other formats than SVG have such a name.
fn is_picture(name: &str) -> bool {
    Format::value_variants().iter().any(|format| name.strip_prefix("figure.") == Some(format.ending()))
}

/// Removes a folder with the files that figures write, and their temporaries; one that holds anything else stays.
pub fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_own(&name) || is_temporary(&name) {
            // What cannot be removed keeps the folder.
            let _ = fs::remove_file(entry.path());
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
        // Another kind of results in the same folder takes nothing with it.
        let other = all.path().join("other");
        fs::create_dir(&other).expect("writable");
        put(&other, &["adjusted.toml", "figure.svg", "figure.data"], "one");
        let new = WholeFolder::begin(&other).expect("writable");
        put(new.path(), &["run.json", "figure.svg"], "two");
        new.finish().expect("writable");
        assert_eq!(names(&other), ["adjusted.toml", "figure.data", "figure.svg", "run.json"]);
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
        assert!(!names(all.path()).iter().any(|name| is_temporary(name)));
    }

    /// A folder that cannot be exchanged has the files of one run all the same, and keeps those of others.
    #[test]
    fn folders_are_filled_where_they_cannot_be_exchanged() {
        let all = tempfile::tempdir().expect("a temporary folder");
        let (from, to) = (all.path().join("from"), all.path().join("to"));
        [&from, &to].into_iter().for_each(|folder| fs::create_dir(folder).expect("writable"));
        put(&to, &["run.json", "figure.svg", "figure.png", "notes.txt"], "one");
        put(&from, &["run.json", "figure.svg", "comparison.md"], "two");
        fill(&from, &to).expect("writable");
        assert_eq!(names(&to), ["comparison.md", "figure.svg", "notes.txt", "run.json"]);
        let text = |file: &str| fs::read_to_string(to.join(file)).expect("there");
        assert!(text("notes.txt") == "one" && text("run.json") == "two" && text("figure.svg") == "two");
        // Where it fails half-way nothing says that it is whole.
        fs::remove_file(to.join("comparison.md")).expect("there");
        fs::create_dir(to.join("comparison.md")).expect("writable");
        put(&from, &["run.json", "figure.svg"], "three");
        assert_eq!(fill(&from, &to).expect_err("a folder has the name").code(), 3);
        assert!(!to.join("run.json").exists());
        // Files that cannot be had leave all as it is.
        assert_eq!(fill(&all.path().join("nowhere"), &to).expect_err("no such folder").code(), 3);
        assert!(to.join("figure.svg").exists());
        assert!(is_stood_in(&std::env::current_dir().expect("stands somewhere").canonicalize().expect("there")));
        assert!(!is_stood_in(&to));
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
