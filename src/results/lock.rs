//! Who writes to a results directory: a file beside it, locked by the operating system for as long as the writer lives. A killed
//! process leaves the file, never the lock.

use super::ResultsError;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// First word of the file; one that begins otherwise is not ours.
const HEAD: &str = "yuefu: ";

/// More than the file ever holds; one that is longer is not ours to read.
const HOLDER_BYTES_MAX: u64 = 4_096;

/// The right to write to a directory, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of a directory, whose path is normalised and whose parent is there.
    ///
    /// # Errors
    /// [`ResultsError::Busy`] when another process holds it; else from the file system.
    pub(crate) fn take(target: &Path) -> Result<Lock, ResultsError> {
        let path = beside(target);
        let io = |source| ResultsError::Io { path: path.clone(), source };
        loop {
            let mut file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // What cannot be read names nobody; that somebody holds it is known.
                    let _ = (&file).take(HOLDER_BYTES_MAX).read_to_string(&mut holder);
                    let holder = holder.strip_prefix(HEAD).unwrap_or("another process").trim().to_string();
                    return Err(ResultsError::Busy { path: target.to_path_buf(), holder });
                }
                Err(TryLockError::Error(error)) => return Err(io(error)),
            }
            // The former holder removes its file: a lock on a file that is no longer there under this name is worth nothing.
            if !is_still(&file, &path) {
                continue;
            }
            let mut text = String::new();
            let ours = (&file).take(HOLDER_BYTES_MAX).read_to_string(&mut text).is_ok()
                && (text.is_empty() || text.starts_with(HEAD));
            if !ours {
                let why = format!("{} is in the way and is not Yuefu's", path.display());
                return Err(ResultsError::Occupied { path: target.to_path_buf(), why });
            }
            // Names the holder to others; the lock stands without it, on a full disk too.
            let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder().as_bytes()));
            return Ok(Lock { file, path });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Elsewhere a file cannot be told from a later one of the same name, and stays.
        if cfg!(unix) && is_still(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn beside(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".yuefu-lock");
    target.with_file_name(name)
}

#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of = |m: &fs::Metadata| (m.dev(), m.ino());
    matches!((file.metadata(), fs::symlink_metadata(path)), (Ok(a), Ok(b)) if of(&a) == of(&b))
}

#[cfg(not(unix))]
fn is_still(_file: &File, _path: &Path) -> bool {
    true
}

#[expect(clippy::disallowed_methods, reason = "the holder of a lock says since when it holds it")]
fn holder() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "this machine" } else { host.trim() };
    let since =
        jiff::Timestamp::try_from(std::time::SystemTime::now()).map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string());
    let since = since.map_or_else(|_| String::new(), |since| format!(", since {since} UTC"));
    format!("{HEAD}process {} on {host}{since}\n", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_the_other_is_told_who_and_nothing_is_left() {
        let home = tempfile::tempdir().expect("a directory");
        let target = home.path().join("run");
        let first = Lock::take(&target).expect("free");
        let refused = Lock::take(&target).expect_err("taken").to_string();
        assert!(refused.contains(&format!("process {} on ", std::process::id())), "{refused}");
        assert!(refused.contains(" UTC"), "{refused}");
        drop(first);
        assert_eq!(fs::read_dir(home.path()).expect("there").count(), 0);
        // A killed holder leaves its file.
        fs::write(beside(&target), "yuefu: process 1 on a machine that was\n").expect("written");
        drop(Lock::take(&target).expect("nobody holds it"));
        fs::write(beside(&target), "my own notes").expect("written");
        assert!(matches!(Lock::take(&target), Err(ResultsError::Occupied { .. })));
        assert_eq!(fs::read_to_string(beside(&target)).expect("there"), "my own notes");
    }
}
