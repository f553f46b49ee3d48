//! What is replaced, what is refused, and what crashes leave.

use super::*;
use crate::results::tests::two_worlds;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        Home(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.0.path()).expect("there").join(name)
    }

    fn put(&self, kind: Kind, former: Former) -> Result<Option<PathBuf>, ResultsError> {
        let directory = RunDirectory::create(&self.path("run"), kind, former)?;
        fs::write(directory.path().join("a.csv"), format!("{kind}")).expect("written");
        fs::create_dir(directory.path().join("charts")).expect("made");
        fs::write(directory.path().join("charts/a.svg"), "<svg/>").expect("written");
        directory.commit()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[track_caller]
    fn refused(&self, kind: Kind, why: &str) {
        let message = self.put(kind, Former::Replace).expect_err("refused").to_string();
        assert!(message.contains(why), "{message}");
        assert!(message.contains("--keep") && message.contains("--force"), "{message}");
    }
}

#[test]
fn a_result_as_it_was_written_is_replaced_by_its_kind_alone() {
    let home = Home::new();
    for _ in 0..3 {
        assert_eq!(home.put(Kind::Run, Former::Replace).expect("free, or a former run"), None);
    }
    assert_eq!(home.names(), ["run"]);
    home.refused(Kind::Suite, "it holds a run of the virtual clock, not a stress suite");
    assert_eq!(home.put(Kind::Suite, Former::Force).expect("forced"), None);
    home.refused(Kind::Run, "it holds a stress suite");
    assert_eq!(home.put(Kind::Run, Former::Keep).expect("kept"), Some(home.path("run-1")));
    assert_eq!(home.put(Kind::Run, Former::Keep).expect("kept"), Some(home.path("run-2")));
    assert_eq!(fs::read_to_string(home.path("run-1/a.csv")).expect("there"), "a stress suite");
    assert_eq!(home.names(), ["run", "run-1", "run-2"]);
}

#[test]
fn what_is_not_ours_is_never_removed() {
    type Spoil = fn(&Path);
    let cases: [(Spoil, &str); 6] = [
        (|run| fs::write(run.join("notes.txt"), "mine").expect("written"), "did not write: notes.txt"),
        (|run| fs::write(run.join("charts/mine.svg"), "mine").expect("written"), "charts/mine.svg"),
        (|run| fs::write(run.join("a.csv"), "mine").expect("written"), "changed since it was written: a.csv"),
        (|run| fs::remove_file(run.join("manifest.json")).expect("removed"), "not a results directory"),
        (|run| fs::write(run.join("manifest.json"), "mine").expect("written"), "manifest.json was changed"),
        (
            |run| {
                fs::remove_dir_all(run).expect("removed");
                fs::write(run, "mine").expect("written");
            },
            "a file of this name",
        ),
    ];
    for (spoil, why) in cases {
        let home = Home::new();
        home.put(Kind::Run, Former::Replace).expect("free");
        spoil(&home.path("run"));
        home.refused(Kind::Run, why);
        assert_eq!(home.put(Kind::Run, Former::Force).expect("forced"), Some(home.path("run-1")), "{why}");
        assert_eq!(home.names(), ["run", "run-1"], "{why}");
        assert_eq!(home.put(Kind::Run, Former::Replace).expect("ours"), None);
    }
}

#[test]
fn what_comes_into_a_former_result_while_the_work_is_done_is_kept() {
    let home = Home::new();
    home.put(Kind::Run, Former::Replace).expect("free");
    let directory = RunDirectory::create(&home.path("run"), Kind::Run, Former::Replace).expect("ours");
    fs::write(home.path("run/notes.txt"), "mine").expect("written");
    assert_eq!(directory.commit().expect("put in place"), Some(home.path("run-1")));
    assert!(home.path("run-1/notes.txt").is_file() && home.path("run/manifest.json").is_file());
}

#[test]
fn the_second_writer_is_refused_and_an_interrupted_one_leaves_nothing() {
    let home = Home::new();
    let first = RunDirectory::create(&home.path("run"), Kind::Run, Former::Replace).expect("free");
    for former in [Former::Replace, Former::Force, Former::Keep] {
        let second = RunDirectory::create(&home.path("run"), Kind::Run, former);
        assert!(matches!(second, Err(ResultsError::Busy { .. })), "{second:?}");
    }
    first.write(&two_worlds()).expect("written");
    drop(first);
    assert!(home.names().is_empty(), "{:?}", home.names());
}

#[test]
fn what_killed_runs_left_is_cleared_or_put_back_and_what_looks_like_it_stays() {
    let home = Home::new();
    home.put(Kind::Run, Former::Replace).expect("free");
    // Killed between two renames.
    fs::rename(home.path("run"), home.path("run.0123456789abcdef.former")).expect("renamed");
    // Killed in the middle of its work.
    let scratch = Scratch::make(&home.path(""), OsStr::new("run")).expect("made");
    fs::write(scratch.path().join("half.csv"), "1,").expect("written");
    scratch.keep();
    // Not ours, whatever they are called.
    for name in ["run.partial", "run.former", "run.00000000000000aa.partial", "run.00000000000000aa.former"] {
        fs::create_dir(home.path(name)).expect("made");
        fs::write(home.path(name).join("precious"), "mine").expect("written");
    }
    let directory = RunDirectory::create(&home.path("run"), Kind::Run, Former::Replace).expect("ours");
    assert!(home.path("run/a.csv").is_file(), "put back");
    drop(directory);
    let left = ["run", "run.00000000000000aa.former", "run.00000000000000aa.partial", "run.former", "run.partial"];
    assert_eq!(home.names(), left);
    assert!(left[1..].iter().all(|name| home.path(name).join("precious").is_file()));
}
