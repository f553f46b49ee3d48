//! A record of the answers that reached their users, outside the service: what a recovery after a crash is checked against.
//!
//! An entry has 16 bytes, little-endian: user, sequence, packed reply, CRC32C of the twelve bytes before. It is handed to the
//! operating system at once or in small blocks, so it survives the process; a torn last entry is told by its checksum.

use crate::credit::command::Reply;
use crate::credit::wire;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 16;

/// The file of one generator.
#[derive(Debug)]
pub struct AckLog {
    file: File,
    block: Vec<u8>,
}

impl AckLog {
    /// Makes the file anew.
    ///
    /// # Errors
    /// From the file system.
    pub fn create(path: &Path) -> io::Result<AckLog> {
        Ok(AckLog { file: File::create(path)?, block: Vec::with_capacity(1 << 14) })
    }

    /// Puts an answer down.
    pub fn put(&mut self, user: u32, sequence: u32, reply: Reply) {
        let start = self.block.len();
        for word in [user, sequence, wire::pack(reply)] {
            self.block.extend_from_slice(&word.to_le_bytes());
        }
        let check = crc32c::crc32c(&self.block[start..]);
        self.block.extend_from_slice(&check.to_le_bytes());
    }

    /// Hands what was put down to the operating system.
    ///
    /// # Errors
    /// From the file system.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}
