//! Where a results directory goes: a path as the user typed it, made plain, or refused before anything is done.

use super::ResultsError;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Directories that were made above a result. Those that are empty in the end are removed again: nothing came of it.
#[derive(Debug, Default)]
pub(crate) struct MadeParents(Vec<PathBuf>);

impl MadeParents {
    /// Those that are not there yet above a path.
    pub(crate) fn above(out: &Path) -> MadeParents {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && fs::symlink_metadata(path).is_err();
        MadeParents(out.ancestors().skip(1).take_while(missing).map(Path::to_path_buf).collect())
    }
}

impl Drop for MadeParents {
    fn drop(&mut self) {
        for path in &self.0 {
            // Not empty when something came of it.
            let _ = fs::remove_dir(path);
        }
    }
}

/// The plain path of a directory that is to be written: absolute, links followed, parents made.
///
/// # Errors
/// [`ResultsError::Target`] when no directory can be put there, with the reason.
pub(crate) fn normalised(out: &Path) -> Result<PathBuf, ResultsError> {
    let refused = |why: String| ResultsError::Target { path: out.to_path_buf(), why };
    let plain: PathBuf = out.components().filter(|part| *part != Component::CurDir).collect();
    let Some(name) = plain.file_name() else {
        return Err(refused("results need a directory of their own: name one inside it".to_string()));
    };
    let target = if fs::symlink_metadata(&plain).is_ok_and(|found| found.is_symlink()) {
        fs::canonicalize(&plain).map_err(|error| {
            let to = fs::read_link(&plain).unwrap_or_default();
            refused(format!("it is a link to {}, which cannot be followed ({error}): name a directory", to.display()))
        })?
    } else {
        let parent = plain.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let made = fs::create_dir_all(parent).and_then(|()| fs::canonicalize(parent));
        made.map_err(|error| refused(format!("{} cannot be made: {error}", parent.display())))?.join(name)
    };
    if std::env::current_dir().and_then(fs::canonicalize).is_ok_and(|here| here.starts_with(&target)) {
        return Err(refused(
            "the working directory lies in it and cannot be replaced: name a directory inside".to_string(),
        ));
    }
    if is_mount_point(&target) {
        return Err(refused("it is a mount point and cannot be replaced: name a directory inside it".to_string()));
    }
    Ok(target)
}

#[cfg(unix)]
fn is_mount_point(target: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).map(|m| m.dev());
    match (device(target), target.parent().map(device)) {
        (Ok(own), Some(Ok(parent))) => own != parent,
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_mount_point(_target: &Path) -> bool {
    false
}

/// The plain path of a directory that is there: links followed, so that what lies beside it is found.
pub(crate) fn same_place(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Refuses a directory of warm-ups that a result would take the place of, or that would lie in a result.
///
/// # Errors
/// [`ResultsError::Target`] names it. Nothing was made.
pub(crate) fn warm_ups_apart(warm: &Path, target: &Path) -> Result<(), ResultsError> {
    // As much of it as is there is followed; the rest is as it is typed.
    let plain = std::path::absolute(warm).map_err(|e| ResultsError::io(warm, e))?;
    let there = plain.ancestors().find_map(|part| Some((part, fs::canonicalize(part).ok()?)));
    let warm_at = match there {
        Some((part, real)) => real.join(plain.strip_prefix(part).unwrap_or(Path::new(""))),
        None => plain.clone(),
    };
    let target = target.components().collect::<PathBuf>();
    let why = if warm_at == target {
        "the result goes there"
    } else if warm_at.starts_with(&target) {
        "it lies in the directory of the result, which is replaced by the next one"
    } else if target.starts_with(&warm_at) {
        "the result goes into it"
    } else {
        return Ok(());
    };
    let why = format!("{why}: name another --warm, or another --out");
    Err(ResultsError::Target { path: warm.to_path_buf(), why })
}

/// A path beside another, with an ending: `DIR.work`, `DIR.journal`.
pub(crate) fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.as_os_str().to_os_string();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// The first of `DIR-1`, `DIR-2`, … that nothing has.
pub(crate) fn numbered(target: &Path) -> PathBuf {
    let with = |number: u32| {
        let mut name = target.as_os_str().to_os_string();
        name.push(format!("-{number}"));
        PathBuf::from(name)
    };
    let is_free = |path: &PathBuf| fs::symlink_metadata(path).is_err();
    (1..u32::MAX).map(with).find(is_free).unwrap_or_else(|| with(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_plain_or_refused() {
        let home = tempfile::tempdir().expect("a directory");
        let home = fs::canonicalize(home.path()).expect("there");
        let as_typed = |text: &str| normalised(&PathBuf::from(format!("{}/{text}", home.display())));
        for typed in ["run", "run/", "./run", "run/.", "other/../run"] {
            fs::create_dir_all(home.join("other")).expect("made");
            assert_eq!(as_typed(typed).expect("a place"), home.join("run"), "{typed}");
        }
        assert_eq!(as_typed("a/b/run").expect("parents are made"), home.join("a/b/run"));
        fs::write(home.join("file"), "").expect("written");
        for (typed, why) in [("..", "a directory of their own"), ("file/run", "cannot be made")] {
            let message = as_typed(typed).expect_err(typed).to_string();
            assert!(message.contains(why), "{typed}: {message}");
        }
        for typed in ["", ".", "/"] {
            assert!(normalised(Path::new(typed)).is_err(), "{typed:?}");
        }
        let here = std::env::current_dir().expect("there");
        assert!(normalised(&here).expect_err("in use").to_string().contains("working directory"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_when_they_lead_somewhere() {
        let home = tempfile::tempdir().expect("a directory");
        let home = fs::canonicalize(home.path()).expect("there");
        fs::create_dir(home.join("real")).expect("made");
        std::os::unix::fs::symlink("real", home.join("link")).expect("linked");
        std::os::unix::fs::symlink("nowhere", home.join("dangling")).expect("linked");
        assert_eq!(normalised(&home.join("link/")).expect("a place"), home.join("real"));
        assert!(normalised(&home.join("dangling")).expect_err("dangling").to_string().contains("nowhere"));
    }

    #[test]
    fn warm_ups_and_results_lie_apart() {
        let home = tempfile::tempdir().expect("a directory");
        let home = fs::canonicalize(home.path()).expect("there");
        let target = home.join("w/run");
        for (warm, why) in [
            ("w/run", Some("the result goes there")),
            ("w/run/warm", Some("lies in the directory of the result")),
            ("w", Some("the result goes into it")),
            ("w/run-warm", None),
            ("x/w/run", None),
        ] {
            let found = warm_ups_apart(&home.join(warm), &target).err().map(|error| error.to_string());
            assert_eq!(found.is_some(), why.is_some(), "{warm}: {found:?}");
            assert!(found.is_none_or(|found| found.contains(why.unwrap_or_default())), "{warm}");
        }
        assert!(!home.join("w").exists(), "nothing was made");
    }

    #[test]
    fn numbers_are_those_that_nothing_has() {
        let home = tempfile::tempdir().expect("a directory");
        let run = home.path().join("run");
        assert_eq!(numbered(&run), home.path().join("run-1"));
        fs::write(home.path().join("run-1"), "").expect("written");
        assert_eq!(numbered(&run), home.path().join("run-2"));
        assert_eq!(beside(&run, "work"), home.path().join("run.work"));
    }
}
