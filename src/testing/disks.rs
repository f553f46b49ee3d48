//! The disk of the operating system, but for what a test takes into its own hands.

use crate::journal::disk::{Disk, DiskFile, OsDisk};
use std::io::{self, Read};
use std::path::Path;

/// What a disk under test does in its own way.
pub(crate) trait Hooks: Send + Sync {
    /// A file that was made.
    ///
    /// # Errors
    /// As the test says.
    fn created(&self, path: &Path, file: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        self.written(path, file)
    }

    /// A file that was made or opened for writing.
    ///
    /// # Errors
    /// As the test says.
    fn written(&self, path: &Path, file: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        let _ = path;
        file
    }

    /// A file that was opened for reading.
    ///
    /// # Errors
    /// As the test says.
    fn read(&self, path: &Path, file: io::Result<Box<dyn Read>>) -> io::Result<Box<dyn Read>> {
        let _ = path;
        file
    }
}

/// A disk with such hooks.
pub(crate) struct HookedDisk<H>(pub(crate) H);

impl<H: Hooks> Disk for HookedDisk<H> {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.0.created(path, OsDisk.create(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.0.written(path, OsDisk.open(path))
    }

    fn read(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        self.0.read(path, OsDisk.read(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.rename(from, to)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        OsDisk.sync_directory(path)
    }
}
