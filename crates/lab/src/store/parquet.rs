//! Data frames as Parquet, whole or row group by row group, and states that are read back.

use super::atomically;
use super::temporary::{name, sweep, temporary};
use crate::run::digest;
use crate::{Failure, Frame};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    CompatLevel, DataFrame, DataType, KeyValueMetadata, ParquetReader, ParquetWriter, Schema, SchemaExt, SerReader,
};
use polars_arrow::io::ipc::write::{default_ipc_fields, schema_to_bytes};
use std::fs::{self, File};
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Writes a data frame as Parquet, with key-value metadata.
///
/// # Errors
/// [`Failure::Output`]; nothing is left behind.
pub fn write_frame(path: &Path, frame: &Frame, metadata: &[(String, String)]) -> Result<(), Failure> {
    let mut table = frame.to_polars().map_err(|e| Failure::output(path, e))?;
    let metadata = annotated(table.schema(), metadata, false);
    atomically(path, |file| {
        ParquetWriter::new(file)
            .with_key_value_metadata(Some(metadata))
            .finish(&mut table)
            .map(drop)
            .map_err(std::io::Error::other)
    })
}

/// Metadata of a file, and of the Arrow schema in it: pyarrow and pandas see the latter alone. Where the file is to have a seal, room for it.
fn annotated(schema: &Schema, metadata: &[(String, String)], is_sealed: bool) -> KeyValueMetadata {
    let arrow = schema.to_arrow(CompatLevel::newest());
    let own = metadata.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
    let message = schema_to_bytes(&arrow, &default_ipc_fields(arrow.iter_values()), Some(&std::sync::Arc::new(own)));
    // A continuation marker and the length go before a message.
    let mut bytes = vec![255; 4];
    bytes.extend((message.len() as u32).to_le_bytes());
    bytes.extend(message);
    let schema = ("ARROW:schema".to_owned(), STANDARD.encode(bytes));
    let seal = is_sealed.then(|| (SEAL.0.to_owned(), format!("{}{OPEN}", SEAL.1)));
    KeyValueMetadata::from_static(metadata.iter().cloned().chain([schema]).chain(seal).collect())
}

/// Key and beginning of a seal, and its digits until the file is whole. What follows it is a digest of the file with these digits.
const SEAL: (&str, &str) = ("seal", "equipoise seal ");
const OPEN: &str = "0000000000000000";

/// Place of the digits of a seal in the bytes of a file.
fn sealed_at(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let own = SEAL.1.as_bytes();
    let from = bytes.windows(own.len()).rposition(|window| window == own)? + own.len();
    bytes.get(from..from + OPEN.len()).map(|digits| from..from + digits.len())
}

/// A Parquet file of our own, read back: it has its seal, and nobody has changed it since.
pub struct StoredFrame {
    path: PathBuf,
    table: DataFrame,
    metadata: Vec<(String, String)>,
}

impl StoredFrame {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Failure::Input`] where it is no such file. Bytes that were not written so never come to the library that decodes them.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::Input(format!("cannot read {}: {e}", path.display()));
        let mut bytes = fs::read(path).map_err(|e| failed(&e))?;
        let digits =
            sealed_at(&bytes).ok_or_else(|| failed(&"no file that was kept here, or kept by an older build"))?;
        let own = bytes[digits.clone()].to_vec();
        bytes[digits].copy_from_slice(OPEN.as_bytes());
        if own != digest(&bytes).as_bytes() {
            return Err(failed(&"damaged, or changed since it was written"));
        }
        let mut reader = ParquetReader::new(Cursor::new(bytes));
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
    is_sealed: bool,
}

impl FrameStream {
    /// Makes sure that a file can be written, before it is known what.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn prepare(path: &Path) -> Result<(), Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::output(path, e);
        if path.exists() && !path.is_file() {
            return Err(failed(&"not a file"));
        }
        let probe = temporary(&std::path::absolute(path).map_err(|e| failed(&e))?);
        File::create(&probe).and_then(|_| fs::remove_file(&probe)).map_err(|e| failed(&e))
    }

    /// A file with the columns of `frame`, whose rows do not go into it, and key-value metadata.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn create(path: &Path, frame: &Frame, metadata: &[(String, String)]) -> Result<Self, Failure> {
        FrameStream::begin(path, frame, metadata, false)
    }

    /// Begins a file that [`StoredFrame`] is to read, otherwise as [`FrameStream::create`].
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn sealed(path: &Path, frame: &Frame, metadata: &[(String, String)]) -> Result<Self, Failure> {
        FrameStream::begin(path, frame, metadata, true)
    }

    fn begin(path: &Path, frame: &Frame, metadata: &[(String, String)], is_sealed: bool) -> Result<Self, Failure> {
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
                .with_key_value_metadata(Some(annotated(table.schema(), metadata, is_sealed)))
                .batched(table.schema())
                .map_err(|e| failed(&e))
        });
        match writer {
            Ok(writer) => Ok(FrameStream { path: path.into(), temporary, file, writer, is_sealed }),
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
    pub fn finish(mut self) -> Result<(), Failure> {
        self.writer.finish().map_err(|e| Failure::output(&self.path, e))?;
        let sealed = if self.is_sealed { self.seal() } else { Ok(()) };
        sealed
            .and_then(|()| self.file.sync_all())
            .and_then(|()| fs::rename(&self.temporary, &self.path))
            .map_err(|e| Failure::output(&self.path, e))
    }

    /// Writes the digits of the seal.
    fn seal(&mut self) -> std::io::Result<()> {
        let bytes = fs::read(&self.temporary)?;
        let digits = sealed_at(&bytes).ok_or_else(|| std::io::Error::other("no place for a seal"))?;
        self.file.seek(SeekFrom::Start(digits.start as u64))?;
        self.file.write_all(digest(&bytes).as_bytes())
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

    /// What was written comes back; a byte that somebody has changed anywhere is found.
    #[test]
    fn sealed_files_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("s.parquet");
        let frame = Frame::new("s").words("w", ["a".into(), "b".into()]).numbers("x", [0.1, f64::MIN_POSITIVE]);
        let metadata = [("of".to_owned(), format!("an {}imitation", SEAL.1))];
        let mut stream = FrameStream::sealed(&path, &frame, &metadata).expect("writable");
        stream.append(&frame).expect("writable");
        stream.finish().expect("writable");
        let stored = StoredFrame::open(&path).expect("whole");
        assert_eq!(stored.numbers("x").expect("there"), [0.1, f64::MIN_POSITIVE]);
        assert_eq!(stored.words("w").expect("there"), ["a", "b"]);
        assert_eq!(stored.metadata("of").expect("there"), metadata[0].1);
        let whole = fs::read(&path).expect("there");
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 4;
            fs::write(&path, &changed).expect("writable");
            assert!(StoredFrame::open(&path).is_err_and(|failure| failure.code() == 2), "{at}");
        }
        write_frame(&path, &frame, &metadata).expect("writable");
        assert!(StoredFrame::open(&path).is_err(), "without a seal");
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
}
