//! Files and folders written whole or not at all: under a temporary name, fsync, rename.

mod folder;
mod signals;
mod temporary;

pub use folder::WholeFolder;
pub use signals::guard;

use crate::plot::Format;
use crate::{Failure, Frame};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    CompatLevel, DataFrame, DataType, KeyValueMetadata, ParquetReader, ParquetWriter, Schema, SchemaExt, SerReader,
};
use polars_arrow::io::ipc::write::{default_ipc_fields, schema_to_bytes};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use temporary::{name, sweep, temporary};

/// Creates a folder and makes sure that files can be written there, before hours are spent.
///
/// # Errors
/// [`Failure::Output`].
pub fn prepare(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|e| Failure::output(folder, e))?;
    sweep(folder, ".");
    let probe = temporary(&folder.join("probe"));
    fs::write(&probe, b"probe").map_err(|e| Failure::output(folder, e))?;
    fs::remove_file(&probe).map_err(|e| Failure::output(folder, e))
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

/// Writes a data frame as Parquet, with key-value metadata.
///
/// # Errors
/// [`Failure::Output`]; nothing is left behind.
pub fn write_frame(path: &Path, frame: &Frame, metadata: &[(String, String)]) -> Result<(), Failure> {
    let mut table = frame.to_polars().map_err(|e| Failure::output(path, e))?;
    let metadata = annotated(table.schema(), metadata);
    atomically(path, |file| {
        ParquetWriter::new(file)
            .with_key_value_metadata(Some(metadata))
            .finish(&mut table)
            .map(drop)
            .map_err(std::io::Error::other)
    })
}

/// Metadata of a file, and of the Arrow schema in it: pyarrow and pandas see the latter alone.
fn annotated(schema: &Schema, metadata: &[(String, String)]) -> KeyValueMetadata {
    let arrow = schema.to_arrow(CompatLevel::newest());
    let own = metadata.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
    let message = schema_to_bytes(&arrow, &default_ipc_fields(arrow.iter_values()), Some(&std::sync::Arc::new(own)));
    // A continuation marker and the length go before a message.
    let mut bytes = vec![255; 4];
    bytes.extend((message.len() as u32).to_le_bytes());
    bytes.extend(message);
    let schema = ("ARROW:schema".to_owned(), STANDARD.encode(bytes));
    KeyValueMetadata::from_static(metadata.iter().cloned().chain([schema]).collect())
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

/// A Parquet file of our own, read back.
pub struct StoredFrame {
    path: PathBuf,
    table: DataFrame,
    metadata: Vec<(String, String)>,
}

impl StoredFrame {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Failure::Input`] where it is no such file.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::Input(format!("cannot read {}: {e}", path.display()));
        let mut reader = ParquetReader::new(File::open(path).map_err(|e| failed(&e))?);
        let pairs = reader.get_metadata().map_err(|e| failed(&e))?.key_value_metadata.clone().unwrap_or_default();
        let metadata = pairs.into_iter().filter_map(|pair| Some((pair.key, pair.value?))).collect();
        let table = reader.finish().map_err(|e| failed(&e))?;
        Ok(StoredFrame { path: path.into(), table, metadata })
    }

    /// What is written beside the rows under a key.
    ///
    /// # Errors
    /// [`Failure::Input`] where it is missing.
    pub fn metadata(&self, key: &str) -> Result<&str, Failure> {
        let found = self.metadata.iter().find(|(own, _)| own == key);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| self.missing(key))
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// [`Failure::Input`] where it is missing, or of something else.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, Failure> {
        let column = self.table.column(name).and_then(|column| column.cast(&DataType::Float64)).ok();
        let values = column.as_ref().and_then(|column| column.f64().ok());
        values.map(|values| values.into_no_null_iter().collect()).ok_or_else(|| self.missing(name))
    }

    /// A column of words.
    ///
    /// # Errors
    /// [`Failure::Input`] where it is missing, or of something else.
    pub fn words(&self, name: &str) -> Result<Vec<&str>, Failure> {
        let values = self.table.column(name).ok().and_then(|column| column.str().ok());
        values.map(|values| values.iter().flatten().collect()).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, what: &str) -> Failure {
        Failure::Input(format!("{}: {what} is missing", self.path.display()))
    }
}

/// A Parquet file that is written row group by row group, and has its name when it is finished; what is not is removed.
pub struct FrameStream {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
    writer: BatchedWriter<File>,
}

impl FrameStream {
    /// A file with the columns of `frame`, whose rows do not go into it, and key-value metadata.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn create(path: &Path, frame: &Frame, metadata: &[(String, String)]) -> Result<Self, Failure> {
        // A link stays, what it points to is replaced.
        let path = &path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.into());
        let failed = |e: &dyn std::fmt::Display| Failure::output(path, e);
        if path.exists() && !path.is_file() {
            return Err(failed(&"not a file"));
        }
        sweep(path.parent().unwrap_or(path), &format!(".{}.", name(path)));
        let table = frame.to_polars().map_err(|e| failed(&e))?;
        let temporary = temporary(path);
        let file = File::create(&temporary).map_err(|e| failed(&e))?;
        let writer = file.try_clone().map_err(|e| failed(&e)).and_then(|own| {
            ParquetWriter::new(own)
                .with_key_value_metadata(Some(annotated(table.schema(), metadata)))
                .batched(table.schema())
                .map_err(|e| failed(&e))
        });
        match writer {
            Ok(writer) => Ok(FrameStream { path: path.into(), temporary, file, writer }),
            Err(failure) => {
                let _ = fs::remove_file(&temporary);
                Err(failure)
            }
        }
    }

    /// Adds rows; those of no row are nothing.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn append(&mut self, frame: &Frame) -> Result<(), Failure> {
        let table = frame.to_polars().map_err(|e| Failure::output(&self.path, e))?;
        self.writer.write_batch(&table).map_err(|e| Failure::output(&self.path, e))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn finish(self) -> Result<(), Failure> {
        self.writer.finish().map_err(|e| Failure::output(&self.path, e))?;
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.temporary, &self.path))
            .map_err(|e| Failure::output(&self.path, e))
    }
}

impl Drop for FrameStream {
    fn drop(&mut self) {
        // Gone where the file has been finished.
        let _ = fs::remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_stream_has_its_rows_and_its_name_when_it_is_finished() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("s.parquet");
        let rows = |from: u32, to: u32| Frame::new("s").whole("n", from..to).numbers("x", (from..to).map(f64::from));
        let mut stream = FrameStream::create(&path, &rows(0, 0), &[("k".into(), "v".into())]).expect("writable");
        stream.append(&rows(0, 3)).expect("writable");
        stream.append(&rows(3, 3)).expect("writable");
        stream.append(&rows(3, 5)).expect("writable");
        assert!(!path.exists());
        stream.finish().expect("writable");
        let table = ParquetReader::new(File::open(&path).expect("there")).finish().expect("Parquet");
        assert!(table.equals(&rows(0, 5).to_polars().expect("columns of one length")), "{table}");
        drop(FrameStream::create(&folder.path().join("t.parquet"), &rows(0, 0), &[]).expect("writable"));
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
        for no in [path.join("no"), folder.path().into()] {
            assert!(FrameStream::create(&no, &rows(0, 0), &[]).is_err_and(|failure| failure.code() == 3));
        }
    }

    #[test]
    fn arrow_readers_see_the_metadata() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("t.parquet");
        let frame = Frame::new("t").numbers("x", [1.0, 2.0]).words("w", ["a".into(), "b".into()]).whole("n", [3, 4]);
        write_frame(&path, &frame, &[("provenance".into(), "{\"seed\":7}".into())]).expect("writable");
        let mut reader = ParquetReader::new(File::open(&path).expect("there"));
        let pairs = reader.get_metadata().expect("a footer").key_value_metadata.clone().expect("has some");
        let schema = pairs.iter().find(|pair| pair.key == "ARROW:schema").and_then(|pair| pair.value.clone());
        let message = STANDARD.decode(schema.expect("has one")).expect("base64");
        let holds = |text: &str| message.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(holds("provenance") && holds("{\"seed\":7}") && holds("x"));
        // What the file says of its schema is what it holds.
        let read = ParquetReader::new(File::open(&path).expect("there")).finish().expect("Parquet");
        assert!(read.equals(&frame.to_polars().expect("columns of one length")));
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
