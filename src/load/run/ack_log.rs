//! A record of the answers that reached their users, outside the service: what a recovery after a crash is checked against
//! ([`crate::journal::read_acks`]). Entries are handed to the operating system in small blocks, so they survive the process.

use crate::journal::Ack;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The file of one generator.
#[derive(Debug)]
pub(crate) struct AckLog {
    file: File,
    block: Vec<u8>,
}

impl AckLog {
    /// Makes the file anew.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn create(path: &Path) -> io::Result<AckLog> {
        Ok(AckLog { file: File::create(path)?, block: Vec::with_capacity(1 << 14) })
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
