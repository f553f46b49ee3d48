//! The directory of a durable service, and what a recovery needs to know before it reads a state.
//!
//! ```text
//! scenario.toml           the resolved scenario: terms, prices, calendar
//! service.json            the world's name, the BLAKE3 hash of scenario.toml
//! mark                    how far the journal was acknowledged
//! epoch-000001.snapshot   the state that the epoch begins with
//! epoch-000001.journal    what happened to it
//! ```

use super::disk::Disk;
use super::error::{JournalError, RecoveryError};
use std::path::{Path, PathBuf};

const FORMAT: u64 = 1;

/// `service.json` while it is written.
const SERVICE_PARTIAL: &str = "service.json.partial";

/// What a service is, beside its state: all that terms, prices and calendar come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The resolved scenario, as text.
    pub scenario: String,
    /// The world's name.
    pub world: String,
}

/// Paths of a service's directory.
#[derive(Clone, Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn at(dir: &Path) -> Directory {
        Directory(dir.to_path_buf())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn scenario(&self) -> PathBuf {
        self.0.join("scenario.toml")
    }

    pub(super) fn service(&self) -> PathBuf {
        self.0.join("service.json")
    }

    pub(super) fn mark(&self) -> PathBuf {
        self.0.join("mark")
    }

    pub(super) fn journal(&self, epoch: u32) -> PathBuf {
        self.0.join(epoch_name(epoch, ".journal"))
    }

    pub(super) fn snapshot(&self, epoch: u32) -> PathBuf {
        self.0.join(epoch_name(epoch, ".snapshot"))
    }

    /// Epochs that have a file with this ending, in order. A name counts as this program writes it and no otherwise.
    pub(super) fn epochs(&self, ending: &str) -> Result<Vec<u32>, RecoveryError> {
        let mut epochs: Vec<u32> = self.names()?.iter().filter_map(|name| epoch_of(name, ending)).collect();
        epochs.sort_unstable();
        Ok(epochs)
    }

    /// What lies in the directory under a name that is none of a service's files, in order.
    pub(super) fn strays(&self) -> Result<Vec<String>, RecoveryError> {
        let ours = |name: &String| {
            ["scenario.toml", "service.json", SERVICE_PARTIAL, "mark"].contains(&name.as_str())
                || [".journal", ".snapshot", ".snapshot.partial"].iter().any(|ending| epoch_of(name, ending).is_some())
        };
        Ok(self.names()?.into_iter().filter(|name| !ours(name)).collect())
    }

    /// A service was to begin here, and did not get as far as to answer anybody: its journal was not there yet.
    pub(super) fn not_begun(&self) -> Result<bool, RecoveryError> {
        let names = self.names()?;
        let early = |name: &String| {
            let first = epoch_of(name, ".snapshot.partial") == Some(1);
            first || ["scenario.toml", "service.json", SERVICE_PARTIAL].contains(&name.as_str())
        };
        Ok(!names.is_empty() && names.iter().all(early))
    }

    /// Names of what lies in the directory, in order.
    fn names(&self) -> Result<Vec<String>, RecoveryError> {
        let fail = |error| RecoveryError::io(&self.0, error);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(fail)? {
            names.push(entry.map_err(fail)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Begins a directory: the scenario and the world of the service.
    pub(super) fn create(&self, disk: &dyn Disk, service: &Service) -> Result<(), JournalError> {
        let fail = |path: PathBuf| move |source| JournalError::Begin { path, source };
        std::fs::create_dir_all(&self.0).map_err(fail(self.0.clone()))?;
        if self.service().exists() {
            return Err(JournalError::Occupied { path: self.0.clone() });
        }
        let Service { scenario: text, world } = service;
        let about = serde_json::json!({
            "format": FORMAT,
            "world": world,
            "scenario_blake3": blake3::hash(text.as_bytes()).to_hex().to_string(),
        });
        let partial = self.0.join(SERVICE_PARTIAL);
        for (path, content) in [(self.scenario(), text.clone()), (partial.clone(), format!("{about:#}\n"))] {
            let written = disk.create(&path).and_then(|mut file| {
                file.write_at(0, content.as_bytes())?;
                file.sync()
            });
            written.map_err(fail(path))?;
        }
        // With service.json there is a service, and then it is whole.
        disk.rename(&partial, &self.service()).map_err(fail(self.service()))
    }

    /// Reads what [`Directory::create`] wrote.
    pub(super) fn read(&self) -> Result<Service, RecoveryError> {
        let read = |path: PathBuf| std::fs::read(&path).map_err(|error| RecoveryError::io(&path, error));
        let refused = |path: PathBuf, why: &str| RecoveryError::NoService { path, why: why.to_string() };
        if !self.service().is_file() {
            let begun = !self.0.is_dir() || !self.not_begun()?;
            return Err(if begun {
                refused(
                    self.0.clone(),
                    "it has no service.json, as the journal of a durable service has; a run without durability leaves none",
                )
            } else {
                RecoveryError::NotBegun { path: self.0.clone() }
            });
        }
        let about: serde_json::Value = serde_json::from_slice(&read(self.service())?)
            .map_err(|error| refused(self.service(), &error.to_string()))?;
        if about["format"].as_u64() != Some(FORMAT) {
            return Err(refused(self.service(), "its format is none that this program knows"));
        }
        let text = String::from_utf8(read(self.scenario())?).map_err(|_| refused(self.scenario(), "it is no text"))?;
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        if about["scenario_blake3"].as_str() != Some(hash.as_str()) {
            return Err(refused(self.scenario(), "it was changed: its hash is not the one in service.json"));
        }
        Ok(Service { scenario: text, world: about["world"].as_str().unwrap_or_default().to_string() })
    }
}

fn epoch_name(epoch: u32, ending: &str) -> String {
    format!("epoch-{epoch:06}{ending}")
}

/// The epoch of a file with this name and ending.
fn epoch_of(name: &str, ending: &str) -> Option<u32> {
    let epoch = name.strip_prefix("epoch-")?.strip_suffix(ending)?.parse().ok()?;
    (epoch > 0 && epoch_name(epoch, ending) == name).then_some(epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_all_others_are_strays() {
        let home = tempfile::tempdir().expect("a directory");
        let ours = [
            "epoch-000002.journal",
            "epoch-1000000.journal",
            "epoch-000002.snapshot.partial",
            "mark",
            "scenario.toml",
            "service.json",
        ];
        let strays = [
            "epoch-+00004.journal",
            "epoch-0000005.journal",
            "epoch-000000.journal",
            "epoch-00006.journal",
            "epoch-000007.journal.old",
            "epoch-４.journal",
            "notes.txt",
        ];
        for name in ours.iter().chain(&strays) {
            std::fs::write(home.path().join(name), "").expect("written");
        }
        let directory = Directory::at(home.path());
        assert_eq!(directory.epochs(".journal").expect("read"), [2, 1_000_000]);
        assert!(directory.epochs(".snapshot").expect("read").is_empty());
        let mut expected = strays.map(String::from);
        expected.sort_unstable();
        assert_eq!(directory.strays().expect("read"), expected);
    }
}
