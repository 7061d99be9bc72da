//! Parts of a run, kept as they come: what a killed run has finished is not computed again, and shards of a run meet here.

use crate::run::digest;
use crate::store::{is_temporary, prepare, scratch};
use crate::{Build, Failure, talk};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
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
    /// Folder of this run alone, within that of all runs with the same results.
    own: PathBuf,
    others: Vec<PathBuf>,
    share: Share,
    build: String,
}

/// What takes less is sooner computed again than read.
const QUICK: Duration = Duration::from_millis(1);

/// How files begin.
const MAGIC: &[u8] = b"equipoise part 1\n";

/// How their names end.
const ENDING: &str = ".part";

impl Parts {
    /// Parts of a run, which `run` names, whose results go to a folder: they lie beside it, in a folder of their own in `FOLDER.parts`. Those of the results in
    /// `from` are read too.
    ///
    /// # Errors
    /// [`Failure::Input`] where a folder of `from` has no parts; [`Failure::Output`] where none can be written.
    pub fn beside(results: &Path, run: &str, from: &[PathBuf], share: Share, build: Build) -> Result<Self, Failure> {
        let build = known(build);
        let name = digest(format!("{build} {run}").as_bytes());
        let others: Vec<PathBuf> = from.iter().map(|folder| beside(folder)).collect();
        if let Some(missing) = others.iter().find(|folder| !folder.is_dir()) {
            return Err(Failure::Input(format!("--from: there is no {}", missing.display())));
        }
        if results.exists() && !results.is_dir() {
            return Err(Failure::output(results, "not a folder"));
        }
        let others = others.into_iter().map(|folder| folder.join(&name)).collect();
        let parts = Parts { own: beside(results).join(name), others, share, build };
        // Before hours are spent.
        if share != Share::Merge {
            prepare(&parts.own)?;
            let kept = parts.names().filter(|name| name.ends_with(ENDING)).count();
            if kept > 0 {
                talk(format!("goes on: {kept} parts are finished in {}", parts.own.display()));
            }
        }
        Ok(parts)
    }

    /// What the run does.
    pub fn share(&self) -> Share {
        self.share
    }

    /// Where parts are read, in words.
    pub fn places(&self) -> String {
        let all = std::iter::once(&self.own).chain(&self.others);
        all.map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
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
            postcard::from_bytes(opened(&fs::read(path).ok()?, &self.whole(key))?).ok()
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
        let payload = postcard::to_stdvec(value).map_err(|e| Failure::output(&path, e))?;
        let bytes = closed(&self.whole(key), &payload);
        let attempt = || {
            fs::create_dir_all(&self.own).map_err(|e| Failure::output(&self.own, e))?;
            scratch(&path, &bytes)
        };
        // The same run elsewhere may just have finished, and taken the folder with it.
        attempt().or_else(|_| attempt())
    }

    /// What a key stands for: read, or computed and kept.
    ///
    /// # Errors
    /// Errors of `compute`, which are kept as well where they are of the input, and [`Failure::Output`].
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

    /// Removes the parts of this run, those that a killed one was writing included: what they came to is kept elsewhere. Parts of other runs stay, which a note says.
    pub fn finish(self) {
        for name in self.names().filter(|name| name.ends_with(ENDING) || is_temporary(name)) {
            // What cannot be removed is only in the way.
            drop(fs::remove_file(self.own.join(name)));
        }
        let all = self.all();
        drop(self);
        if all.exists() {
            talk(format!("note: parts of other runs stay in {}", all.display()));
        }
    }

    /// Names of what lies in its own folder.
    fn names(&self) -> impl Iterator<Item = String> + use<> {
        let entries = fs::read_dir(&self.own).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned())
    }

    /// The folder of all runs with the same results.
    fn all(&self) -> PathBuf {
        self.own.parent().map_or_else(PathBuf::new, Path::to_owned)
    }

    /// A key with the build that it is of.
    fn whole(&self, key: &str) -> String {
        format!("{} {key}", self.build)
    }

    fn name(&self, key: &str) -> String {
        let whole = self.whole(key);
        // Twice 64 bits: what is read must have the key itself in any case.
        format!("{}{}{ENDING}", digest(whole.as_bytes()), digest(format!("{whole} again").as_bytes()))
    }
}

/// Folders that are empty go.
impl Drop for Parts {
    fn drop(&mut self) {
        drop(fs::remove_dir(&self.own));
        drop(fs::remove_dir(self.all()));
    }
}

/// `FOLDER.parts`, which may be meant itself.
fn beside(folder: &Path) -> PathBuf {
    if folder.extension().is_some_and(|ending| ending == "parts") && folder.is_dir() {
        return folder.to_owned();
    }
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
    format!("{} {} {} {own}", build.commit, build.compiler, build.target)
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

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: Build = Build { commit: "abc", compiler: "rustc", target: "here" };

    fn parts(folder: &Path, share: Share, build: Build) -> Parts {
        Parts::beside(&folder.join("results"), "a run", &[], share, build).expect("parts")
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
        other.part("one", || computed(1.0)).expect("computed");
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
        // A run was killed while it wrote.
        fs::write(again.own.join(format!(".{}.elsewhere-1.equipoise.tmp", again.name("two"))), "half")
            .expect("writable");
        again.finish();
        assert!(!path.exists() && folder.path().join("results.parts").exists());
        other.part("one", none).expect("parts of another build stay");
        other.finish();
        assert!(!folder.path().join("results.parts").exists());
        let file = folder.path().join("file");
        fs::write(&file, "").expect("writable");
        assert_eq!(Parts::beside(&file, "a run", &[], Share::All, BUILD).err().map(|e| e.code()), Some(3));
    }

    /// Bytes that somebody has changed are no part, whatever their lengths say; a value that is none of the type is none.
    #[test]
    fn mutated_parts_are_none() {
        let whole = closed("a key", &postcard::to_stdvec(&vec![vec![1.0_f64; 40]; 3]).expect("bytes"));
        let mut state = 9_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..200_000 {
            let mut bytes = whole.clone();
            for _ in 0..1 + draw(3) {
                let at = draw(bytes.len());
                match draw(3) {
                    0 => bytes[at] = draw(256) as u8,
                    1 => bytes.truncate(at + 1),
                    _ => bytes.insert(at, draw(256) as u8),
                }
            }
            assert!(bytes == whole || opened(&bytes, "a key").is_none());
            // Without the digest the reader of values stands alone.
            let value: Result<Vec<Vec<f64>>, _> = postcard::from_bytes(&bytes[MAGIC.len().min(bytes.len())..]);
            assert!(value.is_err() || value.is_ok_and(|rows| rows.len() <= bytes.len()));
        }
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
        for from in ["results", "results.parts"] {
            let from = [folder.path().join(from)];
            let elsewhere =
                Parts::beside(&folder.path().join("b"), "a run", &from, Share::Merge, BUILD).expect("parts");
            assert_eq!(elsewhere.part("one", || Ok(8.0)).expect("read"), 7.0);
            let other = Parts::beside(&folder.path().join("b"), "another run", &from, Share::Merge, BUILD);
            assert!(other.expect("parts").part("one", || Ok(8.0)).is_err());
        }
        let nowhere = [folder.path().join("nowhere")];
        assert!(Parts::beside(Path::new("b"), "a run", &nowhere, Share::Merge, BUILD).is_err());
    }
}
