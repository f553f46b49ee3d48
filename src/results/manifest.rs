//! `manifest.json`: what was written into a results directory, file by file, with lengths and hashes.
//!
//! It is what ownership and verification stand on: a directory whose files are all in the manifest, unchanged, is ours to
//! replace ([`super::ownership`]); a byte that differs is found and named ([`Manifest::changes`]). Its last field is the
//! hash of its own text, so that a change of the manifest is found too.

use super::origin::Origin;
use super::scratch::MARK;
use super::{ResultsError, json, program};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

/// Name of the file.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Goes up when an older program could not read the file.
const FORMAT: u32 = 1;

/// What a results directory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// `yuefu run`.
    Run,
    /// `yuefu stress`.
    Suite,
    /// `yuefu compare-products`.
    Comparison,
    /// `yuefu coverage`.
    Coverage,
    /// `yuefu ltv`.
    Scoring,
    /// `yuefu load` and `yuefu capacity`.
    Load,
    /// A shard of a suite, a coverage experiment or a comparison; `yuefu merge` takes it in.
    Part,
}

impl Kind {
    /// Its name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Kind::Run => "run",
            Kind::Suite => "suite",
            Kind::Comparison => "comparison",
            Kind::Coverage => "coverage",
            Kind::Scoring => "scoring",
            Kind::Load => "load",
            Kind::Part => "part",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Run => "a run of the virtual clock",
            Kind::Suite => "a stress suite",
            Kind::Comparison => "a comparison of products",
            Kind::Coverage => "a coverage experiment",
            Kind::Scoring => "a scorecard",
            Kind::Load => "a load run",
            Kind::Part => "a part (what a shard leaves)",
        })
    }
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Length.
    pub bytes: u64,
    /// BLAKE3 of its content, hex.
    pub blake3: String,
    /// A page, picture or workbook: `yuefu report` draws it again from the other files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renewable: bool,
}

/// What was written into a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// What it holds.
    pub kind: Kind,
    /// Version of the program that wrote it.
    pub program: String,
    /// Where the result comes from, for every file of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// By path inside the directory, with `/` between parts.
    pub files: BTreeMap<String, Entry>,
    /// BLAKE3 of this text with an empty sum, hex.
    sum: String,
}

/// How a file differs from what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// Other bytes.
    Changed,
    /// Not there any more.
    Missing,
}

/// A file that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Path inside the directory.
    pub file: String,
    /// How it differs.
    pub difference: Difference,
    /// `yuefu report` makes it again.
    pub renewable: bool,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.difference {
            Difference::Changed => "changed",
            Difference::Missing => "missing",
        };
        let renew = if self.renewable { "; `yuefu report` draws it again" } else { "" };
        write!(f, "{} ({how}{renew})", self.file)
    }
}

/// True of what `yuefu report` makes: pages, pictures, workbooks.
pub(super) fn is_renewable(file: &str) -> bool {
    let picture = |name: &str| !name.contains('/') && (name.ends_with(".svg") || name.ends_with(".png"));
    file == "report.html" || file.ends_with(".xlsx") || file.strip_prefix("charts/").is_some_and(picture)
}

impl Manifest {
    /// Writes the manifest of everything that is in a directory.
    ///
    /// # Errors
    /// From the file system.
    pub(super) fn write_of(dir: &Path, kind: Kind, origin: Option<Origin>) -> Result<(), ResultsError> {
        let mut files = BTreeMap::new();
        for file in walk(dir)?.into_iter().filter(|file| file != MANIFEST && file != MARK && !file.ends_with('/')) {
            files.insert(file.clone(), entry(dir, &file)?);
        }
        let program = program::version();
        Manifest { format: FORMAT, kind, program, origin, files, sum: String::new() }.write(dir)
    }

    fn text(&self) -> String {
        let mut sealed = Manifest { sum: String::new(), ..self.clone() };
        sealed.sum = json::checksum(&json::text(&sealed));
        json::text(&sealed)
    }

    fn write(&self, dir: &Path) -> Result<(), ResultsError> {
        let path = dir.join(MANIFEST);
        fs::write(&path, self.text()).map_err(|e| ResultsError::io(&path, e))
    }

    /// Reads the manifest of a directory; `None` when it has none, as those of earlier versions.
    ///
    /// # Errors
    /// When it cannot be read, or is not as it was written.
    pub(crate) fn read(dir: &Path) -> Result<Option<Manifest>, ResultsError> {
        let path = dir.join(MANIFEST);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ResultsError::io(&path, error)),
        };
        let manifest: Option<Manifest> = std::str::from_utf8(&bytes).ok().and_then(|text| json::from_text(text).ok());
        match manifest {
            Some(manifest) if manifest.format == FORMAT && manifest.text().as_bytes() == bytes => Ok(Some(manifest)),
            _ => Err(ResultsError::Manifest { path }),
        }
    }

    /// The files that are not as they were written, in order.
    ///
    /// # Errors
    /// When a file that is there cannot be read.
    pub(crate) fn changes(&self, dir: &Path) -> Result<Vec<Change>, ResultsError> {
        let mut changes = Vec::new();
        for (file, written) in &self.files {
            let difference = match entry(dir, file) {
                Ok(found) if (found.bytes, &found.blake3) == (written.bytes, &written.blake3) => continue,
                Ok(_) => Difference::Changed,
                Err(ResultsError::Missing { .. }) => Difference::Missing,
                Err(error) => return Err(error),
            };
            changes.push(Change { file: file.clone(), difference, renewable: written.renewable });
        }
        Ok(changes)
    }

    /// What lies in the directory and is not in the manifest; directories end in `/`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn foreign(&self, dir: &Path) -> Result<Vec<String>, ResultsError> {
        let ours = |found: &String| match found.strip_suffix('/') {
            Some(_) => self.files.keys().any(|file| file.starts_with(found.as_str())),
            None => found == MANIFEST || self.files.contains_key(found),
        };
        Ok(walk(dir)?.into_iter().filter(|found| !ours(found)).collect())
    }
}

/// Where the result in a directory comes from, if its manifest says so.
///
/// # Errors
/// When the manifest was changed, or from the file system.
pub(crate) fn origin_of(dir: &Path) -> Result<Option<Origin>, ResultsError> {
    Ok(Manifest::read(dir)?.and_then(|manifest| manifest.origin))
}

/// Enters what `yuefu report` has drawn again. Does nothing where there is no manifest: in a directory that is being made, or one
/// of an earlier version. Pictures of ours that were not drawn this time are removed.
///
/// # Errors
/// When the manifest was changed, or from the file system.
pub(crate) fn renew(dir: &Path, drawn: &[String]) -> Result<(), ResultsError> {
    let Some(mut manifest) = Manifest::read(dir)? else { return Ok(()) };
    let fresh: BTreeSet<&String> = drawn.iter().collect();
    let is_picture = |file: &String| file.starts_with("charts/");
    let old: Vec<String> = manifest.files.keys().filter(|f| is_picture(f) && !fresh.contains(f)).cloned().collect();
    for file in old.iter().filter(|_| drawn.iter().any(is_picture)) {
        let written = manifest.files.remove(file);
        let unchanged = entry(dir, file).is_ok_and(|found| written.is_some_and(|w| w.blake3 == found.blake3));
        if unchanged {
            let path = dir.join(file);
            fs::remove_file(&path).map_err(|e| ResultsError::io(&path, e))?;
        }
    }
    for file in drawn {
        manifest.files.insert(file.clone(), entry(dir, file)?);
    }
    manifest.write(dir)
}

fn entry(dir: &Path, file: &str) -> Result<Entry, ResultsError> {
    let path = dir.join(file);
    let io = |e| ResultsError::io(&path, e);
    if !fs::symlink_metadata(&path).map_err(io)?.is_file() {
        // A link or a directory in its place is no file of ours.
        return Ok(Entry { bytes: 0, blake3: String::new(), renewable: false });
    }
    let mut hasher = blake3::Hasher::new();
    let bytes = std::io::copy(&mut fs::File::open(&path).map_err(io)?, &mut hasher).map_err(io)?;
    Ok(Entry { bytes, blake3: hasher.finalize().to_hex().to_string(), renewable: is_renewable(file) })
}

/// Everything in a directory, as paths inside it with `/` between parts, in order; directories end in `/`. Links are not followed.
pub(super) fn walk(dir: &Path) -> Result<Vec<String>, ResultsError> {
    let mut found = Vec::new();
    let mut open = vec![(dir.to_path_buf(), String::new())];
    while let Some((path, inside)) = open.pop() {
        let io = |e| ResultsError::io(&path, e);
        for entry in fs::read_dir(&path).map_err(io)? {
            let entry = entry.map_err(io)?;
            let name = format!("{inside}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(io)?.is_dir() {
                open.push((entry.path(), format!("{name}/")));
                found.push(format!("{name}/"));
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> (tempfile::TempDir, Manifest) {
        let home = tempfile::tempdir().expect("a directory");
        fs::create_dir(home.path().join("charts")).expect("made");
        for (name, text) in [("a.csv", "1,2\n"), ("report.html", "<p>"), ("charts/one.svg", "<svg/>")] {
            fs::write(home.path().join(name), text).expect("written");
        }
        Manifest::write_of(home.path(), Kind::Run, None).expect("written");
        let manifest = Manifest::read(home.path()).expect("whole").expect("there");
        (home, manifest)
    }

    #[test]
    fn any_changed_or_missing_file_is_named_and_foreign_ones_too() {
        let (home, manifest) = written();
        assert!(manifest.changes(home.path()).expect("read").is_empty());
        assert!(manifest.foreign(home.path()).expect("read").is_empty());
        fs::write(home.path().join("a.csv"), "1,3\n").expect("written");
        fs::remove_file(home.path().join("charts/one.svg")).expect("removed");
        fs::create_dir(home.path().join("mine")).expect("made");
        fs::write(home.path().join("mine/notes.txt"), "").expect("written");
        let changes: Vec<String> =
            manifest.changes(home.path()).expect("read").iter().map(ToString::to_string).collect();
        assert_eq!(changes, ["a.csv (changed)", "charts/one.svg (missing; `yuefu report` draws it again)"]);
        assert_eq!(manifest.foreign(home.path()).expect("read"), ["mine/", "mine/notes.txt"]);
    }

    #[test]
    fn any_flipped_byte_of_the_manifest_itself_is_found() {
        let (home, _) = written();
        let path = home.path().join(MANIFEST);
        let bytes = fs::read(&path).expect("there");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).expect("written");
            assert!(matches!(Manifest::read(home.path()), Err(ResultsError::Manifest { .. })), "byte {at}");
        }
    }

    #[test]
    fn what_is_drawn_again_is_entered_and_old_pictures_of_ours_go() {
        let (home, _) = written();
        fs::write(home.path().join("charts/two.svg"), "<svg></svg>").expect("written");
        fs::write(home.path().join("charts/mine.svg"), "mine").expect("written");
        fs::write(home.path().join("report.html"), "<p>again").expect("written");
        renew(home.path(), &["charts/two.svg".to_string(), "report.html".to_string()]).expect("renewed");
        let manifest = Manifest::read(home.path()).expect("whole").expect("there");
        assert!(manifest.changes(home.path()).expect("read").is_empty());
        assert!(!home.path().join("charts/one.svg").exists());
        assert_eq!(manifest.foreign(home.path()).expect("read"), ["charts/mine.svg"]);
    }
}
