//! Whose a directory is: slips of every kind lose nothing, mix nothing, and are refused before any work.

use crate::program::{Said, yuefu, yuefu_in};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const SMALL: [&str; 8] = ["--users", "100", "--months", "1", "--workers", "1", "--set", "warmup_months=0"];
const LOAD: [&str; 10] =
    ["load", "scenarios/load-quick.toml", "-c", "200", "-r", "300", "-w", "0s", "--set", "load.durability=group"];

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        Home(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below home")).expect("made");
        fs::write(path, content).expect("written");
    }

    fn run(&self, out: &str, more: &[&str]) -> Said {
        yuefu(&[&["run", "scenarios/quick.toml", "--out", text(&self.path(out))], &SMALL[..], more].concat())
    }

    fn stress(&self, out: &str) -> Said {
        let few = ["stress", "scenarios/stress-suite.toml", "--replications", "2", "--out"];
        yuefu(&[&few[..], &[text(&self.path(out))], &SMALL[..]].concat())
    }
}

/// Every table, the input and the result with their content: what does not tell how long things took.
fn content(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).expect("there").map(|entry| entry.expect("an entry").path());
    let files = entries
        .filter(|path| path.extension().is_some_and(|e| e == "csv" || e == "toml") || path.ends_with("result.json"));
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    files.map(|path| (name(&path), fs::read(&path).expect("read"))).collect()
}

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_yuefu"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built with the tests")
}

#[expect(clippy::disallowed_methods, reason = "a test that waits for another process gives up some day")]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_people_put_there_stays() {
    let home = Home::new();
    home.put("u.partial/precious", "p");
    home.put("u.former/precious", "p");
    home.run("u", &[]).well();
    assert_eq!(home.names(), ["u", "u.former", "u.partial"]);
    // Notes in a former run, a changed table, a directory that looks like a load run, one of another kind, a file.
    home.put("u/notes.txt", "mine");
    home.run("u", &[]).refused(2, "notes.txt");
    fs::remove_file(home.path("u/notes.txt")).expect("removed");
    home.run("u", &[]).well();
    home.put("u/charts/mine.png", "mine");
    home.run("u", &[]).refused(2, "charts/mine.png");
    yuefu(&["report", text(&home.path("u"))]).well();
    assert!(home.path("u/charts/mine.png").is_file());
    home.put("s/summary.json", "{}");
    home.put("s/timeseries.csv", "");
    home.run("s", &[]).refused(2, "not a results directory");
    home.put("f", "a file");
    home.run("f", &[]).refused(2, "a file of this name");
    home.put("o.work/mine.txt", "mine");
    home.stress("o").refused(2, "mine.txt");
    assert!(home.path("o.work/mine.txt").is_file() && !home.path("o").exists());
}

#[test]
fn another_kind_is_refused_forced_or_numbered() {
    let home = Home::new();
    home.run("d", &[]).well();
    home.stress("d").refused(2, "it holds a run of the virtual clock, not a stress suite");
    home.put("d/notes.txt", "mine");
    let said = home.run("d", &["--force"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("d-1"), "{}", said.err);
    assert!(home.path("d-1/notes.txt").is_file() && home.path("d/manifest.json").is_file());
    let said = home.run("d", &["--keep", "--seed", "9"]);
    assert!(said.err.contains("d-2"), "{}", said.err);
    yuefu(&["verify", text(&home.path("d-2"))]).well();
    assert_eq!(home.names(), ["d", "d-1", "d-2"]);
    home.run("d", &["--keep", "--force"]).refused(2, "cannot be used with");
}

#[cfg(unix)]
#[test]
fn a_place_as_it_is_typed_works_or_is_refused_before_the_work() {
    let home = Home::new();
    home.run("slash/", &[]).well();
    home.run("./dot/.", &[]).well();
    home.run("a/b/c", &[]).well();
    assert!(home.path("slash/manifest.json").is_file() && home.path("a/b/c/manifest.json").is_file());
    fs::create_dir(home.path("real")).expect("made");
    std::os::unix::fs::symlink("real", home.path("link")).expect("linked");
    for _ in 0..2 {
        home.run("link", &[]).well();
    }
    assert!(fs::symlink_metadata(home.path("link")).expect("there").is_symlink());
    assert!(home.path("real/manifest.json").is_file());
    std::os::unix::fs::symlink("nowhere", home.path("dangling")).expect("linked");
    home.run("dangling", &[]).refused(2, "nowhere");
    home.put("file", "");
    home.run("file/below", &[]).refused(2, "cannot be made");
    home.run(&"long".repeat(80), &[]).refused(2, "error");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    for (out, why) in [(".", "directory of their own"), ("..", "directory of their own"), ("", "--out")] {
        let all = [&["run", text(&scenario), "--out", out], &SMALL[..]].concat();
        yuefu_in(&home.path("real"), &all).refused(2, why);
    }
    let real = home.path("real");
    let all = [&["run", text(&scenario), "--out", text(&real)], &SMALL[..]].concat();
    yuefu_in(&real, &all).refused(2, "working directory");
    assert!(home.names().iter().all(|name| !name.contains("partial") && !name.contains("lock")), "{:?}", home.names());
}

/// Two at once into one place, with different luck: each ends well or is refused, and the place holds one of the two results.
/// More of them: `YUEFU_ROUNDS=500 cargo test --test yuefu two_runs`.
#[test]
fn two_runs_into_one_place_never_mix() {
    let rounds = std::env::var("YUEFU_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let home = Home::new();
    for (seed, out) in [("1", "one"), ("2", "two")] {
        home.run(out, &["--seed", seed]).well();
    }
    let (one, two) = (content(&home.path("one")), content(&home.path("two")));
    assert_ne!(one, two);
    let out = home.path("both");
    let mut refused = 0;
    for round in 0..rounds {
        let begin = |seed: &str| {
            let all = ["run", "scenarios/quick.toml", "--out", text(&out), "--seed", seed];
            start(&[&all[..], &SMALL[..]].concat())
        };
        let first = begin("1");
        std::thread::sleep(Duration::from_millis(round * 13 % 60));
        let second = begin("2");
        let ends: [Output; 2] = [first, second].map(|child| child.wait_with_output().expect("it ends"));
        let codes = ends.each_ref().map(|end| end.status.code());
        assert!(codes.contains(&Some(0)), "round {round}: {codes:?}");
        for end in ends.iter().filter(|end| end.status.code() != Some(0)) {
            let said = String::from_utf8_lossy(&end.stderr);
            assert_eq!(end.status.code(), Some(2), "round {round}: {said}");
            assert!(said.contains("process ") && said.contains("writes there"), "{said}");
            refused += 1;
        }
        let found = content(&out);
        let expected = match codes {
            [Some(0), Some(0)] => found == one || found == two,
            [Some(0), _] => found == one,
            _ => found == two,
        };
        assert!(expected, "round {round}: {codes:?}");
        assert_eq!(home.names(), ["both", "one", "two"], "round {round}");
    }
    yuefu(&["verify", text(&out)]).well();
    println!("{refused} of {rounds} second runs were refused");
}

/// Mounts a small file system; `None` where that is not allowed, which is said.
#[cfg(target_os = "linux")]
struct Mounted(PathBuf);

#[cfg(target_os = "linux")]
impl Mounted {
    fn at(path: PathBuf, options: &str) -> Option<Mounted> {
        fs::create_dir_all(&path).expect("made");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&path).output();
        if mount.as_ref().is_ok_and(|said| said.status.success()) {
            return Some(Mounted(path));
        }
        println!("skipped: mounting needs root: {mount:?}");
        None
    }
}

#[cfg(target_os = "linux")]
impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_what_was_there_and_no_scratch() {
    let home = Home::new();
    let Some(disk) = Mounted::at(home.path("disk"), "size=12m") else { return };
    home.run("disk/u", &[]).well();
    let before = content(&disk.0.join("u"));
    // As much as leaves no room for a second run, nor for its pictures.
    let mut filler = fs::File::create(disk.0.join("filler")).expect("there is room");
    while std::io::Write::write_all(&mut filler, &[1; 1 << 12]).is_ok() {}
    let length = filler.metadata().expect("open").len();
    filler.set_len(length - 200_000).expect("cut");
    // An open file keeps its room.
    drop(filler);
    let full = home.run("disk/u", &["--seed", "2"]);
    assert!(full.code == 3 && full.err.contains("No space left"), "{} {}", full.code, full.err);
    let report = yuefu(&["report", text(&disk.0.join("u"))]);
    assert_eq!(report.code, 3, "{}", report.err);
    assert_eq!(content(&disk.0.join("u")), before);
    yuefu(&["verify", text(&disk.0.join("u"))]).well();
    let names = |path: &Path| fs::read_dir(path).expect("there").count();
    assert_eq!(names(&disk.0), 2, "the run and the filler");
    fs::remove_file(disk.0.join("filler")).expect("removed");
    home.run("disk/u", &["--seed", "2"]).well();
    // The mount point itself cannot give way.
    home.run("disk", &[]).refused(2, "mount point");
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_place_is_refused_before_the_work() {
    let home = Home::new();
    let Some(disk) = Mounted::at(home.path("disk"), "ro,size=1m") else { return };
    home.run("disk/u", &[]).refused(2, "Read-only file system");
    assert_eq!(fs::read_dir(&disk.0).expect("there").count(), 0);
}

/// Killed at moments that a counter spreads over its life: the former result stays whole, and the same command goes on.
#[test]
fn a_killed_run_leaves_the_former_result() {
    let home = Home::new();
    home.run("u", &["--seed", "1"]).well();
    let out = home.path("u");
    for kill in 0..20_u64 {
        let all = ["run", "scenarios/quick.toml", "--out", text(&out), "--seed", "2"];
        let mut child = start(&[&all[..], &SMALL[..]].concat());
        std::thread::sleep(Duration::from_millis(kill * 17 % 340));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        yuefu(&["verify", text(&out)]).well();
    }
    home.run("u", &["--seed", "2"]).well();
    // A report waits for nobody: while a run writes there it is refused.
    let is_scratch = |name: &String| name.contains("partial");
    let mut child = start(&["run", "scenarios/downturn.toml", "--out", text(&out)]);
    until("it has begun", || home.names().iter().any(is_scratch));
    yuefu(&["report", text(&out)]).refused(2, "writes there");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    home.run("u", &["--seed", "2"]).well();
    let left: Vec<String> = home.names().into_iter().filter(is_scratch).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_journal_outlives_the_run_that_was_killed_and_the_next_one() {
    let home = Home::new();
    let out = home.path("x");
    let journal = home.path("x.journal");
    let all = [&LOAD[..], &["-d", "20s", "--out", text(&out)]].concat();
    let mut child = start(&all);
    until("it answers", || {
        // Some batches, beyond the room that is written with zeros.
        fs::metadata(journal.join("mark")).is_ok_and(|mark| mark.len() > 0)
    });
    std::thread::sleep(Duration::from_millis(700));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let recovered = yuefu(&["recover", "--json", text(&journal)]).well();
    for asked in ["x", "x/journal"] {
        let said = yuefu(&["recover", "--json", text(&home.path(asked))]);
        assert_eq!((said.code, said.out.as_str()), (0, recovered.as_str()), "{asked}: {}", said.err);
        assert!(said.err.contains("x.journal"), "{}", said.err);
    }
    let again = yuefu(&[&LOAD[..], &["-d", "1s", "--out", text(&out)]].concat());
    assert!([0, 1, 99].contains(&again.code), "{}", again.err);
    assert!(again.out.contains("x.journal-1"), "{}", again.out);
    assert_eq!(yuefu(&["recover", "--json", text(&journal)]).well(), recovered, "the crashed one is as it was");
    yuefu(&["recover", text(&home.path("x.journal-1"))]).well();
    yuefu(&["recover", text(&out)]).refused(2, "name one of");
}

#[test]
fn places_of_a_load_run_are_checked_before_anything_is_opened() {
    let home = Home::new();
    home.put("acks.bin", "old answers");
    home.put("taken/service.json", "{}");
    home.put("full/notes.txt", "mine");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/load-quick.toml");
    fs::copy(scenario, home.path("mine.toml")).expect("copied");
    let mine = fs::read(home.path("mine.toml")).expect("there");
    let cases = [
        (["--acks", "acks.bin"], "is not overwritten"),
        (["--acks", "mine.toml"], "is not overwritten"),
        (["--acks", "j/acks.bin"], "in the journal"),
        (["--acks", "x/acks.bin"], "in the run directory"),
        (["--acks", "nowhere/acks.bin"], "is not there"),
        (["--journal", "taken"], "yuefu recover"),
        (["--journal", "full"], "no empty directory"),
        (["--journal", "x/journal"], "in the run directory"),
    ];
    let (out, journal) = (home.path("x"), home.path("j"));
    for ([option, place], why) in cases {
        let place = home.path(place);
        let mut all = [&LOAD[..], &["-d", "1s", "--out", text(&out), option, text(&place)]].concat();
        if option == "--acks" {
            all.extend(["--journal", text(&journal)]);
        }
        yuefu(&all).refused(2, why);
    }
    assert_eq!(fs::read_to_string(home.path("acks.bin")).expect("there"), "old answers");
    assert_eq!(fs::read(home.path("mine.toml")).expect("there"), mine);
    assert_eq!(home.names(), ["acks.bin", "full", "mine.toml", "taken"]);
}

#[test]
fn a_run_that_lost_its_manifest_is_not_replaced() {
    let home = Home::new();
    home.run("run", &[]).well();
    fs::remove_file(home.path("run/manifest.json")).expect("there");
    let before = content(&home.path("run"));
    home.run("run", &["--seed", "7"]).refused(2, "without manifest.json");
    assert_eq!(content(&home.path("run")), before);
    let kept = home.run("run", &["--seed", "7", "--keep"]);
    assert_eq!(kept.code, 0, "{}", kept.err);
    assert_eq!(content(&home.path("run-1")), before);
}
