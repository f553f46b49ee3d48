use super::*;
use crate::results::ResultsError;
use std::fs;
use std::path::{Path, PathBuf};

const WORLDS: usize = 2;
const CELLS: usize = 150;

fn key() -> StateKey {
    StateKey { scenario: "of this one".to_string(), rows: "1".to_string(), program: None }
}

fn image(world: usize, cell: usize, into: &mut Vec<u8>) {
    into.extend(std::iter::repeat_n((world * 100 + cell) as u8, cell % 7));
}

/// A state, written by so many processes.
fn write(directory: &Path, days_done: usize, processes: usize) {
    fs::create_dir_all(directory).expect("made");
    let mut parts = Vec::new();
    for process in 0..processes {
        let own = CELLS * process / processes..CELLS * (process + 1) / processes;
        for (world, cells) in files_of(WORLDS, own) {
            parts.push(write_cells(directory, world, cells, &image).expect("written"));
        }
    }
    parts.sort_by_key(|part| (part.world, part.first));
    let facts = StateFacts { name: "small".to_string(), users: 300, days_done, day: "2027-01-31".to_string() };
    let front = StateFront { key: &key(), facts: &facts, worlds: WORLDS, cells: CELLS, bytes: b"the worlds" };
    finish(directory, &front, parts).expect("written");
}

fn check(directory: &Path) -> Result<Vec<Vec<u8>>, ResultsError> {
    let state = SavedState::open(directory)?;
    assert_eq!(state.front()?.as_slice(), &b"the worlds"[..]);
    let mut images = Vec::new();
    for part in state.parts() {
        state.read_part(part, &mut |cell, found| {
            let mut expected = Vec::new();
            image(part.world, cell, &mut expected);
            assert_eq!(found, expected, "cell {cell}");
            images.push(found.to_vec());
            Ok(())
        })?;
    }
    Ok(images)
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(directory).expect("there").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

#[test]
fn a_state_is_the_same_whoever_wrote_it() {
    let home = tempfile::tempdir().expect("a directory");
    let mut all = Vec::new();
    for processes in [1, 2, 3, 7] {
        let directory = home.path().join(processes.to_string());
        write(&directory, 31, processes);
        all.push(check(&directory).expect("whole"));
    }
    assert!(all.iter().all(|images| images.len() == WORLDS * CELLS && *images == all[0]));
}

#[test]
fn no_file_can_be_cut_flipped_gone_or_exchanged_without_being_named() {
    let home = tempfile::tempdir().expect("a directory");
    let directory = home.path().join("state");
    write(&directory, 31, 1);
    let files = files(&directory);
    assert_eq!(files.len(), 2 * 3 + 2, "{files:?}");
    for path in &files {
        let whole = fs::read(path).expect("there");
        let named = |what: &str| {
            let error = check(&directory).expect_err(what).to_string();
            assert!(error.contains(&path.display().to_string()), "{what}: {error}");
        };
        for length in [0, 1, 31, 32, 63, whole.len() / 2, whole.len() - 1] {
            fs::write(path, &whole[..length]).expect("written");
            named("cut");
        }
        fs::write(path, [&whole[..], &[0]].concat()).expect("written");
        named("longer");
        for at in (0..whole.len()).step_by(whole.len() / 97 + 1).chain([8, 12, 16, 24, whole.len() - 1]) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(path, flipped).expect("written");
            named(&format!("byte {at} of {}", path.display()));
        }
        fs::remove_file(path).expect("there");
        named("gone");
        fs::write(path, &whole).expect("written");
    }
    // Whole, and not the one that was written.
    let (one, two) = (fs::read(&files[0]).expect("there"), fs::read(&files[1]).expect("there"));
    fs::write(&files[0], two).expect("written");
    assert!(check(&directory).is_err());
    fs::write(&files[0], one).expect("written");
    check(&directory).expect("whole again");
}

#[test]
fn an_area_keeps_two_generations_and_removes_what_is_its_own() {
    let home = tempfile::tempdir().expect("a directory");
    let area = CheckpointArea::beside(&home.path().join("run"));
    let days = || -> Vec<usize> {
        area.found().expect("readable").states.iter().map(|state| state.facts().days_done).collect()
    };
    assert!(days().is_empty() && area.remove().is_ok());
    area.is_free().expect("nothing is there");
    assert!(!area.path().exists(), "only a state makes it");
    for day in [31, 59, 90] {
        area.begin(day).expect("made");
        write(&area.day(day), day, 2);
        area.prune(day).expect("pruned");
    }
    assert_eq!(days(), [90, 59]);
    // Killed while it wrote: no manifest, no state, and the next one clears it away.
    fs::create_dir(area.day(120)).expect("made");
    fs::write(area.day(120).join("cells-0-000000-000064.state"), "half").expect("written");
    assert_eq!(days(), [90, 59]);
    // A damaged manifest is named, and the one before is still there.
    let manifest = area.day(90).join("manifest.state");
    fs::write(&manifest, "nothing").expect("written");
    let found = area.found().expect("readable");
    assert_eq!(found.states.len(), 1);
    assert!(found.damaged[0].contains(&manifest.display().to_string()), "{:?}", found.damaged);
    write(&area.day(80), 80, 1);
    area.prune(80).expect("pruned");
    assert_eq!(days(), [80, 59]);
    // Somebody else's stays.
    fs::write(area.day(59).join("notes.txt"), "mine").expect("written");
    area.remove().expect("removed");
    assert!(area.day(59).join("notes.txt").is_file() && !area.day(80).exists());
    area.begin(31).expect("it is still ours");
    area.remove().expect("removed");
    fs::remove_dir_all(area.day(59)).expect("there");
    area.remove().expect("removed");
    assert!(!area.path().exists(), "nothing else was in it");

    let foreign = CheckpointArea::beside(&home.path().join("other"));
    fs::create_dir(foreign.path()).expect("made");
    fs::write(foreign.path().join("notes.txt"), "mine").expect("written");
    for refused in [foreign.is_free(), foreign.begin(31)] {
        let why = refused.expect_err("taken").to_string();
        assert!(why.contains("not Yuefu's") && why.contains("move notes.txt away"), "{why}");
    }
    foreign.remove().expect("nothing to do");
    assert!(foreign.path().join("notes.txt").is_file());
}

/// An area with two states, and beside it a copy of it after each step of its removal: what a kill may leave.
fn half_removed(home: &Path) -> Vec<PathBuf> {
    let area = CheckpointArea::beside(&home.join("run"));
    for day in [31, 59] {
        area.begin(day).expect("made");
        write(&area.day(day), day, 1);
    }
    // What cannot be removed ends the removal where it stands: a directory in the place of each file in turn.
    let obstacles: Vec<PathBuf> = [31, 59].iter().flat_map(|day| files(&area.day(*day))).collect();
    let mut left = Vec::new();
    for (number, obstacle) in obstacles.iter().enumerate() {
        let target = home.join(format!("run-{number}"));
        let copy = CheckpointArea::beside(&target);
        copy_all(area.path(), copy.path());
        let place = copy.path().join(obstacle.strip_prefix(area.path()).expect("in it"));
        let bytes = fs::read(&place).expect("there");
        fs::remove_file(&place).expect("there");
        fs::create_dir(&place).expect("made");
        copy.remove().expect_err("a directory is no file");
        fs::remove_dir(&place).expect("there");
        fs::write(&place, bytes).expect("written");
        left.push(target);
    }
    left
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("there") {
        let entry = entry.expect("readable");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).expect("copied");
        }
    }
}

#[test]
fn an_area_whose_removal_was_killed_is_in_nobodys_way() {
    let home = tempfile::tempdir().expect("a directory");
    let left = half_removed(home.path());
    assert_eq!(left.len(), 2 * (2 * 3 + 2));
    let mut whole = 0;
    for target in left {
        let area = CheckpointArea::beside(&target);
        // Some state may be whole yet, or damaged: no run goes on from it, none is refused for it.
        let days = [31, 59].map(|day| area.day(day));
        whole += days.iter().filter(|day| check(day).is_ok()).count();
        for day in days.iter().filter(|day| is_finished(day)) {
            fs::write(day.join("worlds.state"), "damaged").expect("written");
        }
        let found = area.found().expect("readable");
        assert!(found.states.is_empty() && found.damaged.is_empty(), "{found:?}");
        // The next run that keeps a state has the area for itself.
        area.begin(90).expect("free");
        write(&area.day(90), 90, 1);
        area.prune(90).expect("pruned");
        let found = area.found().expect("readable");
        let days: Vec<usize> = found.states.iter().map(|state| state.facts().days_done).collect();
        assert_eq!((days, found.damaged.len()), (vec![90], 0));
        area.remove().expect("removed");
        assert!(!area.path().exists());
    }
    assert!(whole > 0, "some removals ended before a state was touched");
}

#[test]
fn what_a_killed_removal_left_goes_with_the_next() {
    let home = tempfile::tempdir().expect("a directory");
    for target in half_removed(home.path()) {
        let area = CheckpointArea::beside(&target);
        area.remove().expect("removed");
        assert!(!area.path().exists());
    }
    // After the last state, the file that gave them up, and after that, our mark.
    let area = CheckpointArea::beside(&home.path().join("run"));
    area.remove().expect("removed");
    area.begin(31).expect("made");
    fs::remove_dir(area.day(31)).expect("nothing in it");
    fs::write(area.path().join(".yuefu-given-up"), "").expect("written");
    area.begin(31).expect("free");
    assert!(!area.path().join(".yuefu-given-up").exists());
    fs::remove_dir(area.day(31)).expect("nothing in it");
    fs::remove_file(area.path().join(".yuefu-mark")).expect("there");
    area.begin(31).expect("free");
    area.remove().expect("removed");
    assert!(!area.path().exists());
}

#[test]
fn a_warm_up_that_another_process_has_written_since_is_not_written_again() {
    let home = tempfile::tempdir().expect("a directory");
    let area = WarmArea::make(home.path()).expect("made");
    let place = area.directory_of(&key());
    let lock = area.begin(&key(), false).expect("free").expect("nobody writes it");
    assert!(area.begin(&key(), false).expect("it is held").is_none(), "somebody writes it");
    assert!(matches!(area.list().expect("read")[0].standing, WarmStanding::Unfinished { bytes: 0 }));
    write(&place, 31, 1);
    drop(lock);
    assert!(area.begin(&key(), false).expect("free").is_none(), "somebody has written it");
    assert!(matches!(area.list().expect("read")[0].standing, WarmStanding::Whole(_)));
    // Who has found it damaged writes it anew.
    assert!(area.begin(&key(), true).expect("free").is_some());
    assert_eq!(files(&place), Vec::<PathBuf>::new());
}

#[test]
fn a_state_of_another_scenario_or_of_other_rows_is_refused_by_name() {
    let home = tempfile::tempdir().expect("a directory");
    write(home.path(), 31, 1);
    let state = SavedState::open(home.path()).expect("whole");
    assert_eq!(unlike(&state, &key()), None);
    let other = |change: &dyn Fn(&mut StateKey)| {
        let mut key = key();
        change(&mut key);
        unlike(&state, &key).expect("another")
    };
    assert!(other(&|key| key.rows = "2".to_string()).contains("rows of version 1, this program those of 2"));
    assert!(other(&|key| key.scenario = "of that one".to_string()).contains("another scenario, or of small"));
    assert!(other(&|key| key.program = Some("0.2.0".to_string())).contains("not this one"));
}
