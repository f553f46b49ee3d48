//! A file of a saved state, checked as a whole.
//!
//! ```text
//! magic "YUEFUSTA" · u32 version of the form · u32 kind · u64 length of the body · u64 0 · body · BLAKE3 over body and head
//! ```
//!
//! The length is known when the body is written, so the head is written last, and hashed last.

use super::super::ResultsError;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Goes up when the form of a file changes.
pub(crate) const FORM: u32 = 1;

const MAGIC: &[u8; 8] = b"YUEFUSTA";
const HEAD_BYTES: usize = 32;
const HASH_BYTES: usize = 32;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    /// What is known of the others.
    Manifest = 1,
    /// The worlds and how far they are.
    Worlds = 2,
    /// Cells.
    Cells = 3,
}

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    /// Its name in the directory.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// The hash at its end, hex.
    pub blake3: String,
}

fn head(kind: Kind, length: u64) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(MAGIC);
    head[8..12].copy_from_slice(&FORM.to_le_bytes());
    head[12..16].copy_from_slice(&(kind as u32).to_le_bytes());
    head[16..24].copy_from_slice(&length.to_le_bytes());
    head
}

/// A file that is being written, piece by piece.
#[derive(Debug)]
pub(super) struct FileWriter {
    file: File,
    path: PathBuf,
    kind: Kind,
    hasher: blake3::Hasher,
    length: u64,
}

impl FileWriter {
    /// Begins a file; what is there under its name is overwritten.
    ///
    /// # Errors
    /// From the file system, as all that follows.
    pub(super) fn create(path: &Path, kind: Kind) -> Result<FileWriter, ResultsError> {
        let io = |e| ResultsError::io(path, e);
        let mut file = File::create(path).map_err(io)?;
        file.write_all(&[0; HEAD_BYTES]).map_err(io)?;
        Ok(FileWriter { file, path: path.to_path_buf(), kind, hasher: blake3::Hasher::new(), length: 0 })
    }

    /// Appends to the body.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), ResultsError> {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|e| ResultsError::io(&self.path, e))
    }

    /// Ends the file: when this returns, the disk has it.
    pub(super) fn finish(mut self) -> Result<FileEntry, ResultsError> {
        let head = head(self.kind, self.length);
        self.hasher.update(&head);
        let hash = self.hasher.finalize();
        let mut end = || {
            self.file.write_all(hash.as_bytes())?;
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&head)?;
            self.file.sync_all()
        };
        end().map_err(|e| ResultsError::io(&self.path, e))?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = self.length + (HEAD_BYTES + HASH_BYTES) as u64;
        Ok(FileEntry { name, bytes, blake3: hash.to_hex().to_string() })
    }
}

/// Writes a whole file.
pub(super) fn write(path: &Path, kind: Kind, body: &[u8]) -> Result<FileEntry, ResultsError> {
    let mut file = FileWriter::create(path, kind)?;
    file.put(body)?;
    file.finish()
}

/// The body of a file that is whole, of its kind, and, where it is known, the one that was written.
///
/// # Errors
/// [`ResultsError::Checkpoint`] when it is not, with what is wrong; from the file system.
pub(super) fn read(path: &Path, kind: Kind, entry: Option<&FileEntry>) -> Result<Vec<u8>, ResultsError> {
    let damaged = |what: String| ResultsError::Checkpoint { path: path.to_path_buf(), why: what };
    let mut bytes = fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => damaged("it is gone".to_string()),
        _ => ResultsError::io(path, error),
    })?;
    let length = bytes.len() as u64;
    if let Some(entry) = entry.filter(|entry| entry.bytes != length) {
        return Err(damaged(format!("it has {length} bytes, {} were written", entry.bytes)));
    }
    let (Some((found, _)), Some((front, stated))) =
        (bytes.split_first_chunk::<HEAD_BYTES>(), bytes.split_last_chunk::<HASH_BYTES>())
    else {
        return Err(damaged(format!("it has {length} bytes: it was cut")));
    };
    if !found.starts_with(MAGIC) {
        return Err(damaged("it does not begin as a file of a saved state does".to_string()));
    }
    let form = u32::from_le_bytes([found[8], found[9], found[10], found[11]]);
    if form != FORM {
        return Err(damaged(format!("it is of form {form}; this program reads form {FORM}")));
    }
    let Some(body) = front.get(HEAD_BYTES..) else { return Err(damaged("it was cut".to_string())) };
    if *found != head(kind, body.len() as u64) {
        return Err(damaged("its length or its kind is not what it states: it was cut or changed".to_string()));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(body).update(found);
    let hash = hasher.finalize();
    if hash.as_bytes() != stated || entry.is_some_and(|entry| entry.blake3 != hash.to_hex().as_str()) {
        return Err(damaged("its bytes are not those that were written".to_string()));
    }
    bytes.truncate(bytes.len() - HASH_BYTES);
    bytes.drain(..HEAD_BYTES);
    Ok(bytes)
}

/// Has the disk keep the names in a directory.
///
/// # Errors
/// From the file system.
pub(super) fn sync_directory(path: &Path) -> Result<(), ResultsError> {
    // Elsewhere directories cannot be opened, and need not be.
    if cfg!(unix) {
        File::open(path).and_then(|directory| directory.sync_all()).map_err(|e| ResultsError::io(path, e))?;
    }
    Ok(())
}
