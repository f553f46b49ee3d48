//! A record of the answers that reached their users, outside the service: what a recovery after a crash is checked against
//! ([`crate::journal::read_acks`]). Entries are handed to the operating system in small blocks, so they survive the process.

use crate::journal::Ack;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file of one generator.
#[derive(Debug)]
pub(crate) struct AckLog {
    file: File,
    path: PathBuf,
    block: Vec<u8>,
}

impl AckLog {
    /// Makes the file, which is not there; a pipe or a device is opened.
    ///
    /// # Errors
    /// From the file system; `AlreadyExists` when another process made the file in the meantime.
    pub(crate) fn create(path: &Path) -> io::Result<AckLog> {
        let file = match File::create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !path.is_file() => {
                File::options().write(true).open(path)?
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let why = "another run has made it meanwhile: choose another --acks";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
            }
            made => made?,
        };
        Ok(AckLog { file, path: path.to_path_buf(), block: Vec::with_capacity(1 << 14) })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts an answer down.
    pub(crate) fn put(&mut self, answer: Ack) {
        self.block.extend_from_slice(&answer.encode());
    }

    /// Hands what was put down to the operating system.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_run_s_alone() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("acks.bin");
        let first = AckLog::create(&path).expect("new");
        assert_eq!(first.path(), path);
        assert_eq!(AckLog::create(&path).expect_err("taken").kind(), io::ErrorKind::AlreadyExists);
        assert!(cfg!(not(unix)) || AckLog::create(Path::new("/dev/null")).is_ok());
    }
}
