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
        self.0.join(format!("epoch-{epoch:06}.journal"))
    }

    pub(super) fn snapshot(&self, epoch: u32) -> PathBuf {
        self.0.join(format!("epoch-{epoch:06}.snapshot"))
    }

    /// Epochs that have a file with this ending, in order.
    pub(super) fn epochs(&self, ending: &str) -> Result<Vec<u32>, RecoveryError> {
        let entries = std::fs::read_dir(&self.0).map_err(|error| RecoveryError::io(&self.0, error))?;
        let mut epochs = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| RecoveryError::io(&self.0, error))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("epoch-")?.strip_suffix(ending));
            epochs.extend(number.and_then(|digits| digits.parse::<u32>().ok()).filter(|epoch| *epoch > 0));
        }
        epochs.sort_unstable();
        Ok(epochs)
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
        for (path, content) in [(self.scenario(), text.clone()), (self.service(), format!("{about:#}\n"))] {
            let written = disk.create(&path).and_then(|mut file| {
                file.write_at(0, content.as_bytes())?;
                file.sync()
            });
            written.map_err(fail(path))?;
        }
        disk.sync_directory(&self.0).map_err(fail(self.0.clone()))
    }

    /// Reads what [`Directory::create`] wrote.
    pub(super) fn read(&self) -> Result<Service, RecoveryError> {
        let read = |path: PathBuf| std::fs::read(&path).map_err(|error| RecoveryError::io(&path, error));
        let refused = |path: PathBuf, why: &str| RecoveryError::NoService { path, why: why.to_string() };
        if !self.service().is_file() {
            return Err(refused(self.0.clone(), "it has no service.json"));
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
