//! Where the journal of a durable service goes, and the record of the answers that reached users. A journal lies beside the run
//! directory, never in it: it holds what was acknowledged and outlives the run, however that ends. Everything is checked before
//! anything is opened for writing.

use crate::results;
use crate::scenario::{Durability, LoadPlan, Placement};
use std::fs;
use std::path::{Path, PathBuf};

/// A path that may not be written to; nothing was touched.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub(crate) struct PathError {
    /// The path.
    pub path: PathBuf,
    /// Why not, and what to do.
    pub why: String,
}

/// What a load run writes beside its directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LoadPaths {
    /// Directory of the journal; `None` without durability.
    pub journal: Option<PathBuf>,
    /// The record of answers.
    pub acks: Option<PathBuf>,
}

fn refused<T>(path: &Path, why: &str) -> Result<T, PathError> {
    Err(PathError { path: path.to_path_buf(), why: why.to_string() })
}

/// The paths of a load run whose directory will be `target`, as asked for or by default.
///
/// # Errors
/// [`PathError`] when one is taken, lies in the other or in the run directory, or cannot be made, or the service is not durable.
pub(crate) fn load_paths(
    target: &Path,
    plan: &LoadPlan,
    journal: Option<&Path>,
    acks: Option<&Path>,
) -> Result<LoadPaths, PathError> {
    for (option, asked) in [("--journal", journal), ("--acks", acks)] {
        if let (Durability::None, Some(asked)) = (plan.durability, asked) {
            let why =
                format!("{option} is of a durable service: add --set load.durability=group, or leave {option} away");
            return refused(asked, &why);
        }
    }
    let journal = match (plan.durability, journal) {
        (Durability::None, _) => None,
        (_, Some(asked)) => Some(asked_journal(target, asked)?),
        (_, None) => Some(default_journal(target)),
    };
    if let Some(asked) = acks {
        for file in ack_files(asked, plan.placement) {
            check_acks(target, journal.as_deref(), &file)?;
        }
    }
    Ok(LoadPaths { journal, acks: acks.map(Path::to_path_buf) })
}

/// `DIR.journal`, or with the next number when an earlier run's is there.
fn default_journal(target: &Path) -> PathBuf {
    let first = results::beside(target, "journal");
    if is_free(&first) { first } else { results::numbered(&first) }
}

fn is_free(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err() || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

fn asked_journal(target: &Path, asked: &Path) -> Result<PathBuf, PathError> {
    if resolved(asked).starts_with(target) {
        return refused(
            asked,
            "it lies in the run directory, which is put in its place when the run is over: choose another --journal",
        );
    }
    if asked.join("service.json").exists() {
        return refused(
            asked,
            "it holds the journal of a service: `yuefu recover` says what is in it; move it away, or choose another --journal",
        );
    }
    if !is_free(asked) {
        return refused(asked, "it is no empty directory: choose another --journal");
    }
    Ok(asked.to_path_buf())
}

/// A file a generator, as the load driver names them.
fn ack_files(asked: &Path, placement: Placement) -> Vec<PathBuf> {
    match placement {
        Placement::Separate { generators: 0..=1, .. } | Placement::SideBySide { threads: 0..=1 } => {
            vec![asked.to_path_buf()]
        }
        Placement::Separate { generators: count, .. } | Placement::SideBySide { threads: count } => {
            (0..count).map(|number| asked.with_extension(number.to_string())).collect()
        }
    }
}

fn check_acks(target: &Path, journal: Option<&Path>, file: &Path) -> Result<(), PathError> {
    let real = resolved(file);
    if real.starts_with(target) {
        return refused(
            file,
            "it lies in the run directory, which is put in its place when the run is over: choose another --acks",
        );
    }
    if journal.is_some_and(|journal| real.starts_with(resolved(journal))) {
        return refused(file, "it lies in the journal of the service: choose another --acks");
    }
    match fs::metadata(file) {
        Ok(found) if found.is_file() => {
            return refused(file, "it exists and is not overwritten: move it away, or choose another --acks");
        }
        Ok(found) if found.is_dir() => return refused(file, "it is a directory: name a file with --acks"),
        // A pipe or a device takes what it is given.
        Ok(_) => return Ok(()),
        Err(_) => {}
    }
    match real.parent() {
        Some(parent) if parent.is_dir() => Ok(()),
        _ => refused(file, "its directory is not there: make it, or choose another --acks"),
    }
}

/// The path with the links of what is there followed.
fn resolved(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for above in whole.ancestors() {
        if let (Ok(real), Ok(rest)) = (fs::canonicalize(above), whole.strip_prefix(above)) {
            return real.join(rest);
        }
    }
    whole
}

/// The journal that is meant by a path: the directory itself, or the one beside a run directory that is there or was to be.
///
/// # Errors
/// [`PathError`] when several could be meant.
pub(crate) fn journal_of(asked: &Path) -> Result<PathBuf, PathError> {
    let holds_service = |dir: &PathBuf| dir.join("service.json").is_file();
    if holds_service(&asked.to_path_buf()) {
        return Ok(asked.to_path_buf());
    }
    let plain: PathBuf = asked.components().collect();
    let run = if plain.ends_with("journal") { plain.parent().unwrap_or(&plain).to_path_buf() } else { plain };
    let first = results::beside(&run, "journal");
    let name = first.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_one = |path: &PathBuf| {
        let found = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number = found.strip_prefix(&name).and_then(|rest| rest.strip_prefix('-'));
        found == name || number.is_some_and(|digits| digits.parse::<u32>().is_ok())
    };
    let parent = first.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|path| is_one(path) && holds_service(path)).collect();
    found.sort();
    match found.as_slice() {
        [] => Ok(asked.to_path_buf()),
        [one] => Ok(one.clone()),
        several => {
            let names: Vec<String> = several.iter().map(|path| path.display().to_string()).collect();
            refused(asked, &format!("several runs left a journal, name one of {}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Home {
            let home = Home(tempfile::tempdir().expect("a directory"));
            fs::create_dir(home.path("run")).expect("made");
            home
        }

        fn path(&self, name: &str) -> PathBuf {
            fs::canonicalize(self.0.path()).expect("there").join(name)
        }

        fn service(&self, name: &str) {
            fs::create_dir_all(self.path(name)).expect("made");
            fs::write(self.path(name).join("service.json"), "{}").expect("written");
        }
    }

    #[test]
    fn a_journal_lies_beside_the_run_and_an_earlier_one_stays() {
        let home = Home::new();
        assert_eq!(default_journal(&home.path("run")), home.path("run.journal"));
        home.service("run.journal");
        assert_eq!(default_journal(&home.path("run")), home.path("run.journal-1"));
        home.service("other");
        fs::write(home.path("file"), "").expect("written");
        for (asked, why) in [("other", "yuefu recover"), ("file", "no empty directory"), ("run/journal", "in the run")]
        {
            let message = asked_journal(&home.path("run"), &home.path(asked)).expect_err(asked).to_string();
            assert!(message.contains(why), "{message}");
        }
        assert!(asked_journal(&home.path("run"), &home.path("new")).is_ok());
    }

    #[test]
    fn answers_overwrite_nothing() {
        let home = Home::new();
        fs::write(home.path("old.bin"), "answers").expect("written");
        let journal = home.path("run.journal");
        let cases = [
            ("old.bin", "is not overwritten"),
            ("run/acks.bin", "in the run directory"),
            ("run.journal/acks.bin", "in the journal"),
            ("run", "in the run directory"),
            ("nowhere/acks.bin", "is not there"),
        ];
        for (file, why) in cases {
            let message = check_acks(&home.path("run"), Some(&journal), &home.path(file)).expect_err(file).to_string();
            assert!(message.contains(why), "{message}");
        }
        assert!(check_acks(&home.path("run"), Some(&journal), &home.path("new.bin")).is_ok());
        assert_eq!(fs::read_to_string(home.path("old.bin")).expect("there"), "answers");
        let two = Placement::Separate { generators: 2, services: 1 };
        assert_eq!(ack_files(Path::new("a.bin"), two), [Path::new("a.0"), Path::new("a.1")]);
    }

    #[test]
    fn a_journal_is_found_from_the_run_that_made_it() {
        let home = Home::new();
        assert_eq!(journal_of(&home.path("run")).expect("as asked"), home.path("run"));
        home.service("run.journal");
        for asked in ["run", "run/", "run/journal", "run.journal"] {
            assert_eq!(journal_of(&home.path(asked)).expect("one"), home.path("run.journal"), "{asked}");
        }
        home.service("run.journal-1");
        assert!(journal_of(&home.path("run")).expect_err("two").to_string().contains("name one of"));
    }
}
