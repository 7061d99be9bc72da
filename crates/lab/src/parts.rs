//! Parts of a run, kept as they come: what a killed run has finished is not computed again, and shards of a run meet here.

use crate::run::digest;
use crate::store::{prepare, scratch};
use crate::{Build, Failure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Realisations that a process of several computes: every `of`-th, from the `number`-th on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: usize,
    of: usize,
}

/// Most shards of a run.
const MOST_SHARDS: usize = 100_000;

impl Shard {
    /// Whether a realisation is among them.
    pub fn has(self, place: usize) -> bool {
        place % self.of == self.number - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        parsed
            .filter(|(number, of)| (1..=*of).contains(number) && *of <= MOST_SHARDS)
            .map(|(number, of)| Shard { number, of })
            .ok_or_else(|| format!("allowed: I/N with 1 <= I <= N <= {MOST_SHARDS}, as in 2/7"))
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// What a run does with parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// It computes those that are missing.
    All,
    /// It computes those of a shard.
    Shard(Shard),
    /// It computes none: all must be there.
    Merge,
}

/// Folders of parts: a run's own, into which it writes, and others that it reads.
pub struct Parts {
    own: PathBuf,
    others: Vec<PathBuf>,
    share: Share,
    build: String,
    prepared: Mutex<bool>,
    /// Files of the run's own folder that it has read or written.
    used: Mutex<BTreeSet<PathBuf>>,
}

/// What takes less is sooner computed again than read.
const QUICK: Duration = Duration::from_millis(1);

/// How files begin.
const MAGIC: &[u8] = b"equipoise part 1\n";

/// How their names end.
const ENDING: &str = "part";

impl Parts {
    /// Parts of a run whose results go to a folder: they lie beside it, in `FOLDER.parts`. Those of the results in `from` are read too.
    ///
    /// # Errors
    /// [`Failure::Input`] where a folder of `from` has no parts.
    pub fn beside(results: &Path, from: &[PathBuf], share: Share, build: Build) -> Result<Self, Failure> {
        let others: Vec<PathBuf> = from.iter().map(|folder| beside(folder)).collect();
        if let Some(missing) = others.iter().find(|folder| !folder.is_dir()) {
            return Err(Failure::Input(format!("--from: there is no {}", missing.display())));
        }
        Ok(Parts {
            own: beside(results),
            others,
            share,
            build: known(build),
            prepared: Mutex::new(false),
            used: Mutex::default(),
        })
    }

    /// What the run does.
    pub fn share(&self) -> Share {
        self.share
    }

    /// Where its own parts lie.
    pub fn folder(&self) -> &Path {
        &self.own
    }

    /// The part of a key; `None` where there is none that is whole, of this key and of this build.
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let name = self.name(key);
        std::iter::once(&self.own).chain(&self.others).find_map(|folder| {
            let path = folder.join(&name);
            let value = postcard::from_bytes(opened(&fs::read(&path).ok()?, &self.whole(key))?).ok()?;
            if *folder == self.own {
                lock(&self.used).insert(path);
            }
            Some(value)
        })
    }

    /// Whether there is a part of a key.
    pub fn has(&self, key: &str) -> bool {
        let (name, whole) = (self.name(key), self.whole(key));
        let is_whole = |folder| fs::read(Path::join(folder, &name)).is_ok_and(|bytes| opened(&bytes, &whole).is_some());
        std::iter::once(&self.own).chain(&self.others).any(|folder| is_whole(folder))
    }

    /// Keeps the part of a key.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn write<T: Serialize>(&self, key: &str, value: &T) -> Result<(), Failure> {
        let path = self.own.join(self.name(key));
        {
            let mut prepared = lock(&self.prepared);
            if !*prepared {
                prepare(&self.own)?;
                *prepared = true;
            }
        }
        let payload = postcard::to_stdvec(value).map_err(|e| Failure::output(&path, e))?;
        scratch(&path, &closed(&self.whole(key), &payload))?;
        lock(&self.used).insert(path);
        Ok(())
    }

    /// What a key stands for: read, or computed and kept.
    ///
    /// # Errors
    /// Those of `compute`, which are kept as well where they are of the input, and [`Failure::Output`].
    pub fn part<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        compute: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(kept) = self.read::<Result<T, String>>(key) {
            return kept.map_err(Failure::Input);
        }
        if self.share == Share::Merge {
            return Err(Failure::Input(format!("a part is missing in {}", self.own.display())));
        }
        let started = Instant::now();
        let value = match compute() {
            Ok(value) => Ok(value),
            Err(Failure::Input(line)) => Err(line),
            Err(other) => return Err(other),
        };
        if started.elapsed() > QUICK || self.share != Share::All {
            self.write(key, &value)?;
        }
        value.map_err(Failure::Input)
    }

    /// Removes the parts of this run: what they came to is kept elsewhere. Parts of others stay.
    pub fn finish(self) {
        // What cannot be removed is only in the way.
        let used = self.used.into_inner().unwrap_or_else(PoisonError::into_inner);
        used.iter().for_each(|path| drop(fs::remove_file(path)));
        drop(fs::remove_dir(&self.own));
    }

    /// A key with the build that it is of.
    fn whole(&self, key: &str) -> String {
        format!("{} {key}", self.build)
    }

    fn name(&self, key: &str) -> String {
        let whole = self.whole(key);
        // Twice 64 bits: what is read must have the key itself in any case.
        format!("{}{}.{ENDING}", digest(whole.as_bytes()), digest(format!("{whole} again").as_bytes()))
    }
}

/// `FOLDER.parts`.
fn beside(folder: &Path) -> PathBuf {
    match folder.file_name() {
        Some(name) => folder.with_file_name(format!("{}.parts", name.to_string_lossy())),
        // `.` and the like.
        None => folder.join("run.parts"),
    }
}

/// What a build is known by: its commit and compiler, or, of sources that no commit names, the program itself.
fn known(build: Build) -> String {
    let is_named = !build.commit.ends_with("-dirty") && build.commit != "unknown";
    let program = || std::env::current_exe().and_then(fs::read).map_or(String::new(), |program| digest(&program));
    let own = if is_named { String::new() } else { program() };
    format!("{} {} {} {own}", build.commit, build.compiler, std::env::consts::ARCH)
}

/// Bytes of a file: key, value, and a digest of both.
fn closed(key: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend((key.len() as u64).to_le_bytes());
    bytes.extend(key.as_bytes());
    bytes.extend(payload);
    bytes.extend(digest(&bytes).as_bytes());
    bytes
}

/// The value in the bytes of a file; `None` where they are torn, or of another key.
fn opened<'a>(bytes: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let (rest, sum) = bytes.split_at_checked(bytes.len().checked_sub(16)?)?;
    let (length, rest_of) = rest.strip_prefix(MAGIC)?.split_at_checked(8)?;
    let (own, payload) = rest_of.split_at_checked(u64::from_le_bytes(length.try_into().ok()?).try_into().ok()?)?;
    (own == key.as_bytes() && sum == digest(rest).as_bytes()).then_some(payload)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: Build = Build { commit: "abc", compiler: "rustc" };

    fn parts(folder: &Path, share: Share, build: Build) -> Parts {
        Parts::beside(&folder.join("results"), &[], share, build).expect("parts")
    }

    fn computed(value: f64) -> Result<Vec<f64>, Failure> {
        std::thread::sleep(2 * QUICK);
        Ok(vec![value, f64::NAN, -0.0])
    }

    fn none() -> Result<Vec<f64>, Failure> {
        Err(Failure::Output("computed".into()))
    }

    /// Bits come back; another key, another build, a torn or an edited file are computed again; what is finished leaves nothing.
    #[test]
    fn parts_are_those_of_their_key_and_build() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = parts(folder.path(), Share::All, BUILD);
        first.part("one", || computed(0.1 + 0.2)).expect("computed");
        let bad = first.part("bad", || {
            std::thread::sleep(2 * QUICK);
            Err::<f64, _>(Failure::Input("no such network".into()))
        });
        assert_eq!(bad.expect_err("refused").to_string(), "no such network");
        drop(first);
        let again = parts(folder.path(), Share::All, BUILD);
        let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(again.part("one", none).expect("kept")), bits(computed(0.1 + 0.2).expect("computed")));
        assert_eq!(again.part::<f64>("bad", || Ok(1.0)).expect_err("kept").code(), 2);
        assert_eq!(again.part("two", none).expect_err("another key").code(), 3);
        let other = parts(folder.path(), Share::All, Build { commit: "abd", ..BUILD });
        assert_eq!(other.part("one", none).expect_err("another build").code(), 3);
        let path = again.own.join(again.name("one"));
        let whole = fs::read(&path).expect("there");
        for cut in [0, 10, 30, whole.len() - 1] {
            fs::write(&path, &whole[..cut]).expect("writable");
            assert_eq!(again.part("one", none).expect_err("torn").code(), 3);
        }
        for place in 0..whole.len() {
            let mut edited = whole.clone();
            edited[place] ^= 1;
            fs::write(&path, &edited).expect("writable");
            assert_eq!(again.part("one", none).expect_err("edited").code(), 3, "{place}");
        }
        fs::write(&path, &whole).expect("writable");
        again.part("one", none).expect("kept");
        fs::write(again.own.join("notes.txt"), "").expect("writable");
        again.finish();
        assert!(!path.exists() && folder.path().join("results.parts/notes.txt").exists());
    }

    #[test]
    fn shards_take_all_and_nothing_twice() {
        for of in [1, 2, 3, 7] {
            let shards: Vec<Shard> = (1..=of).map(|i| format!("{i}/{of}").parse().expect("a shard")).collect();
            for place in 0..50 {
                assert_eq!(shards.iter().filter(|shard| shard.has(place)).count(), 1);
            }
        }
        for wrong in ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1/100001", "1.0/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_merge_computes_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let shard = parts(folder.path(), Share::Shard("1/1".parse().expect("a shard")), BUILD);
        shard.part("one", || Ok(7.0)).expect("computed");
        let merge = parts(folder.path(), Share::Merge, BUILD);
        assert_eq!(merge.part("one", || Ok(8.0)).expect("kept"), 7.0);
        assert_eq!(merge.part("two", || Ok(8.0)).expect_err("missing").code(), 2);
        let elsewhere = Parts::beside(&folder.path().join("b"), &[folder.path().join("results")], Share::Merge, BUILD);
        assert_eq!(elsewhere.expect("parts").part("one", || Ok(8.0)).expect("read"), 7.0);
        assert!(Parts::beside(Path::new("b"), &[folder.path().join("nowhere")], Share::Merge, BUILD).is_err());
    }
}
