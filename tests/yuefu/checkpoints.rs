//! Checkpoints, kept warm-ups and what-ifs that branch from a run.

use crate::program::{Said, yuefu, yuefu_in};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SMALL: [&str; 8] = ["run", "scenarios/quick.toml", "--users", "700", "--months", "4", "--set", "warmup_months=2"];

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn run(out: &Path, more: &[&str]) -> Said {
    yuefu(&[&SMALL[..], &["--json", "--out", text(out)], more].concat())
}

fn hash(said: &Said) -> String {
    assert_eq!(said.code, 0, "{}", said.err);
    let result: Value = serde_json::from_str(&said.out).expect("--json prints JSON");
    result["hash"].as_str().expect("a hash").to_string()
}

/// The run in a process of its own.
fn start(out: &Path, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_yuefu"))
        .args([&SMALL[..], &["--json", "--workers", "1", "--out", text(out), "--checkpoint-every", "1"], more].concat())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program was built with the tests")
}

fn area(out: &Path) -> PathBuf {
    out.with_file_name(format!("{}.checkpoint", out.file_name().expect("a name").display()))
}

/// The states in an area that are whole, the last first.
fn states(out: &Path) -> Vec<PathBuf> {
    let there = fs::read_dir(area(out)).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut states: Vec<PathBuf> = there.filter(|path| path.join("manifest.state").is_file()).collect();
    states.sort();
    states.reverse();
    states
}

fn waits_for(mut what: impl FnMut() -> bool) {
    while !what() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Runs until so many states are there, then ends at once.
fn killed(out: &Path, count: usize, more: &[&str]) {
    let mut child = start(out, more);
    waits_for(|| states(out).len() >= count || child.try_wait().expect("a process").is_some());
    // It may be about to end by itself; on a very slow disk it has not.
    let _ = child.kill();
    child.wait().expect("it ends");
    assert!(!states(out).is_empty(), "it ended before it was killed");
}

/// Changes a file and gives it back as it was.
fn with_file<T>(path: &Path, change: impl FnOnce(&mut Vec<u8>), work: impl FnOnce() -> T) -> T {
    let whole = fs::read(path).expect("there");
    let mut changed = whole.clone();
    change(&mut changed);
    fs::write(path, changed).expect("written");
    let done = work();
    fs::write(path, whole).expect("written");
    done
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_hash_and_leaves_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let straight = hash(&run(&home.path().join("straight"), &[]));
    let out = home.path().join("run");
    // Kills come at any moment of a day and of a checkpoint that is being written.
    for (number, millis) in [15, 40, 90, 23, 61].into_iter().enumerate() {
        let resume: &[&str] = if number == 0 { &[] } else { &["--resume"] };
        let mut child = start(&out, resume);
        std::thread::sleep(Duration::from_millis(millis));
        let _ = child.kill();
        child.wait().expect("it ends");
    }
    assert_eq!(hash(&run(&out, &["--resume", "--checkpoint-every", "1"])), straight);
    let mut names: Vec<_> =
        fs::read_dir(home.path()).expect("there").map(|e| e.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["run", "straight"], "nothing beside them");
}

#[cfg(unix)]
#[test]
fn what_is_damaged_is_fallen_back_from_or_refused_and_never_taken() {
    let home = tempfile::tempdir().expect("a directory");
    let straight = hash(&run(&home.path().join("straight"), &[]));
    let out = home.path().join("run");
    killed(&out, 2, &[]);
    let kept = home.path().join("kept");
    let copy = |from: &Path, to: &Path| {
        assert!(Command::new("cp").args(["-r", text(from), text(to)]).status().expect("cp is there").success());
    };
    copy(&area(&out), &kept);
    let states = states(&out);
    assert_eq!(states.len(), 2, "the last and the one before");
    let resumed = || {
        let said = yuefu(&[&SMALL[..], &["--out", text(&out), "--resume"]].concat());
        // It has removed what it went on from.
        fs::remove_dir_all(&out).expect("there");
        copy(&kept, &area(&out));
        said
    };
    let result = |said: &Said| said.out.contains("report.html") && said.code == 0;
    // A file that is gone is said to be that.
    let cells = states[0].join("cells-0-000000-000001.state");
    let bytes = fs::read(&cells).expect("there");
    fs::remove_file(&cells).expect("there");
    let said = resumed();
    fs::write(&cells, bytes).expect("written");
    assert!(result(&said) && said.err.contains("000001.state: it is gone"), "{}", said.err);
    for name in ["manifest.state", "worlds.state", "cells-0-000000-000001.state"] {
        let path = states[0].join(name);
        let said = with_file(&path, |bytes| bytes.truncate(bytes.len() / 2), resumed);
        assert!(result(&said) && said.err.contains(name), "{name}: {}", said.err);
        assert!(said.err.contains("goes on from the checkpoint after"), "{}", said.err);
    }
    // Of others nothing is taken, and nothing is touched.
    run(&out, &["--resume", "--seed", "6"]).refused(2, "another scenario, or of quick with other values");
    run(&out, &["--checkpoint-every", "1"]).refused(2, "go on from it with --resume");
    // Both damaged: no way on.
    let flip = |state: &Path| {
        let path = state.join("worlds.state");
        let mut bytes = fs::read(&path).expect("there");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).expect("written");
    };
    states.iter().for_each(|state| flip(state));
    let said = run(&out, &["--resume"]);
    assert_eq!((said.code, out.exists()), (2, false), "{}", said.err);
    assert!(said.err.contains("no checkpoint can be gone on from"), "{}", said.err);
    fs::remove_dir_all(area(&out)).expect("there");
    copy(&kept, &area(&out));
    assert_eq!(hash(&run(&out, &["--resume", "--workers", "2"])), straight);
    assert!(!area(&out).exists() && area(&home.path().join("straight")) != area(&out));
}

#[test]
fn a_run_that_was_killed_while_it_removed_its_checkpoints_is_in_nobodys_way() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("run");
    killed(&out, 2, &[]);
    // As the removal leaves them: given up, one without its manifest, the other with a file that is gone.
    fs::write(area(&out).join(".yuefu-given-up"), "").expect("written");
    let states = states(&out);
    fs::remove_file(states[0].join("manifest.state")).expect("there");
    fs::remove_file(states[1].join("worlds.state")).expect("there");
    let said = yuefu(&[&SMALL[..], &["--out", text(&out), "--resume"]].concat());
    assert!(said.code == 0 && said.err.contains("the run begins at its first day"), "{}", said.err);
    assert!(!area(&out).exists());
    killed(&out, 2, &[]);
    fs::write(area(&out).join(".yuefu-given-up"), "").expect("written");
    // Not even of other values is it in the way.
    hash(&run(&out, &["--checkpoint-every", "1", "--seed", "6"]));
    assert!(!area(&out).exists());
}

#[cfg(target_os = "linux")]
#[test]
fn other_numbers_of_processes_go_on_with_a_run() {
    let home = tempfile::tempdir().expect("a directory");
    let cells = ["--set", "cell_users=100"];
    let straight = hash(&run(&home.path().join("straight"), &cells));
    for (name, wrote, goes_on) in [("a", "2", "1"), ("b", "1", "3")] {
        let out = home.path().join(name);
        killed(&out, 1, &[&cells[..], &["--processes", wrote]].concat());
        // Those that it had started end with it.
        std::thread::sleep(Duration::from_millis(200));
        let said = run(&out, &[&cells[..], &["--resume", "--processes", goes_on]].concat());
        assert_eq!(hash(&said), straight, "{wrote} wrote, {goes_on} go on");
        assert!(!area(&out).exists());
    }
    let warm = ["--processes", "2", "--warm", text(home.path())];
    run(&home.path().join("c"), &warm).refused(2, "--warm is of one process");
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("run");
    let child = Command::new(env!("CARGO_BIN_EXE_yuefu"))
        .args(["run", "scenarios/downturn.toml", "--users", "4000", "--out", text(&out), "--checkpoint-every", "100"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built with the tests");
    // The scratch directory is there before the first day.
    waits_for(|| fs::read_dir(home.path()).expect("there").count() > 0);
    std::thread::sleep(Duration::from_millis(500));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill is there").success());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("the same command with --resume goes on from there"), "{said}");
    assert_eq!((states(&out).len(), out.exists()), (1, false));
    // One that makes no checkpoints has left nothing at its last day, whatever lies there.
    let more = ["--users", "4000", "--out", text(&out)];
    let child = Command::new(env!("CARGO_BIN_EXE_yuefu"))
        .args([&["run", "scenarios/quick.toml", "--months", "24"], &more[..]].concat())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built with the tests");
    std::thread::sleep(Duration::from_millis(300));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill is there").success());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("nothing was written to") && !said.contains("--resume"), "{said}");
}

/// A file may have 64 KB: what a full disk says, another error says here.
#[cfg(target_os = "linux")]
#[test]
fn of_a_checkpoint_that_cannot_be_written_nothing_stays() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("run");
    let words = [&SMALL[..], &["--out", text(&out), "--checkpoint-every", "1"]].concat().join(" ");
    let limited = format!("trap '' XFSZ; ulimit -f 128; exec {} {words}", env!("CARGO_BIN_EXE_yuefu"));
    let output =
        Command::new("sh").args(["-c", &limited]).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("sh");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("the checkpoint of 2022-11-30 was not written"), "{said}");
    assert_eq!(fs::read_dir(home.path()).expect("there").count(), 0, "no empty area either");
    assert_eq!(hash(&run(&out, &["--checkpoint-every", "1"])), hash(&run(&home.path().join("straight"), &[])));
}

/// Of a warm-up that cannot be written nothing stays, either: the run has it all the same.
#[cfg(target_os = "linux")]
#[test]
fn of_a_warm_up_that_cannot_be_written_nothing_stays() {
    let home = tempfile::tempdir().expect("a directory");
    let (out, warm) = (home.path().join("run"), home.path().join("warm"));
    let words = [&SMALL[..], &["--out", text(&out), "--warm", text(&warm)]].concat().join(" ");
    // The files of the result are smaller than those of a warm-up.
    let limited = format!("trap '' XFSZ; ulimit -f 256; exec {} {words}", env!("CARGO_BIN_EXE_yuefu"));
    let output =
        Command::new("sh").args(["-c", &limited]).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("sh");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the warm-up until 2022-12-31 was not written: "), "{said}");
    let left: Vec<_> = fs::read_dir(&warm).expect("there").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left, [".yuefu-mark"]);
    // What another process left is listed as that, and made anew by who wants it.
    fs::create_dir(warm.join("warm-0123456789abcdef")).expect("made");
    fs::write(warm.join("warm-0123456789abcdef/worlds.state"), "half").expect("written");
    let listed = yuefu(&["list", "warm", text(&warm)]).well();
    assert!(listed.starts_with("warm-0123456789abcdef  -  -  -  4  unfinished: "), "{listed}");
}

/// It is stopped before a day is done: not even the folder of the results is left.
#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_before_its_first_day_leaves_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let hosts = home.path().join("hosts");
    // Nobody comes.
    fs::write(&hosts, "127.0.0.1:7459\n127.0.0.1:7458\n").expect("written");
    let out = home.path().join("results/of/mine/run");
    let more = ["--hosts", text(&hosts), "--process", "0", "--wait-seconds", "1", "--checkpoint-every", "1"];
    let said = run(&out, &more);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(
        said.err.contains("member 1 did not come within 1 s") && said.err.contains("(before the first day)"),
        "{}",
        said.err
    );
    let left: Vec<_> = fs::read_dir(home.path()).expect("there").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left, ["hosts"]);
}

/// A path may hold anything: all processes write beside the same directory.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_whose_name_is_no_text_takes_checkpoints_of_several_processes() {
    use std::os::unix::ffi::OsStrExt;
    let home = tempfile::tempdir().expect("a directory");
    let name = std::ffi::OsStr::from_bytes(b"run-\xff\xfe");
    let output = Command::new(env!("CARGO_BIN_EXE_yuefu"))
        .args(SMALL)
        .args(["--set", "cell_users=100", "--processes", "2", "--checkpoint-every", "3", "--keep-checkpoints", "--out"])
        .arg(home.path().join(name))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program was built with the tests");
    let (said, answer) = (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{said}");
    // Six months, one after the third; it says what it took.
    assert!(answer.contains("\nkept    1 checkpoint, ") && answer.contains(" MB written in "), "{answer}");
    let mut names: Vec<_> =
        fs::read_dir(home.path()).expect("there").map(|e| e.expect("an entry").file_name()).collect();
    names.sort();
    let area = std::ffi::OsStr::from_bytes(b"run-\xff\xfe.checkpoint");
    assert_eq!(names, [name, area]);
    let timing = fs::read_to_string(home.path().join(name).join("timing.json")).expect("there");
    let timing: Value = serde_json::from_str(&timing).expect("JSON");
    let state =
        fs::read_dir(home.path().join(area)).expect("there").flatten().find(|e| e.path().is_dir()).expect("one");
    let files = fs::read_dir(state.path()).expect("there").flatten();
    let bytes: u64 =
        files.filter(|e| e.file_name() != "manifest.state").map(|e| e.metadata().expect("a file").len()).sum();
    assert_eq!((timing["checkpoints"].as_u64(), timing["checkpoint_bytes"].as_u64()), (Some(1), Some(bytes)));
    assert!(timing["checkpoint_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{timing}");
}

#[test]
fn two_processes_share_warm_ups_and_damaged_ones_are_made_anew() {
    let home = tempfile::tempdir().expect("a directory");
    let (straight, warm) = (hash(&run(&home.path().join("straight"), &[])), home.path().join("warm"));
    let both = ["a", "b"].map(|name| {
        let out = home.path().join(name);
        let words = [&SMALL[..], &["--out", text(&out), "--warm", text(&warm)]].concat();
        let child = Command::new(env!("CARGO_BIN_EXE_yuefu"))
            .args(words)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built with the tests");
        (out, child)
    });
    for (out, child) in both {
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("warm-ups in "), "{said}");
        assert!(yuefu(&["verify", text(&out)]).well().starts_with("same hash: "));
    }
    let listed = || {
        let listed: Value =
            serde_json::from_str(&yuefu(&["list", "warm", text(&warm), "--json"]).well()).expect("JSON");
        listed.as_array().expect("rows").clone()
    };
    let rows = listed();
    assert_eq!((rows.len(), &rows[0]["standing"], &rows[0]["scenario"]), (1, &"whole".into(), &"quick".into()));
    let again = || yuefu(&[&SMALL[..], &["--out", text(&home.path().join("a")), "--warm", text(&warm)]].concat());
    assert!(again().err.contains("1 taken, 0 made"));
    // With other worlds after it, too; with other people it is another.
    assert_eq!(hash(&run(&home.path().join("c"), &["--warm", text(&warm)])), straight);
    hash(&run(&home.path().join("c"), &["--warm", text(&warm), "--seed", "9"]));
    assert_eq!(listed().len(), 2);
    let state = warm.join(rows[0]["name"].as_str().expect("a name"));
    for name in ["manifest.state", "cells-0-000000-000001.state"] {
        let mut bytes = fs::read(state.join(name)).expect("there");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        fs::write(state.join(name), bytes).expect("written");
        assert_eq!(listed().iter().filter(|row| row["standing"].as_str().expect("text").contains(name)).count(), 1);
        let said = again();
        assert!(said.err.contains(name) && said.err.contains("made anew"), "{}", said.err);
        assert!(said.err.contains("0 taken, 1 made"), "{}", said.err);
        assert!(again().err.contains("1 taken, 0 made"));
    }
}

#[test]
fn a_branch_is_the_whole_run_with_a_policy_of_that_month() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("run");
    let plain = hash(&run(&out, &["--checkpoint-every", "2", "--keep-checkpoints"]));
    assert!(states(&out).len() >= 2 && area(&out).exists());
    let branch = |month: &str, set: &str, name: &str| {
        let (dir, to) = (text(&out), home.path().join(name));
        yuefu(&["branch", dir, "--at", month, "--set", set, "--out", text(&to), "--json"])
    };
    let scenario = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml")).expect("there");
    let factor = "product.limits.raise_factor";
    let mut written = String::new();
    for world in scenario.split("[[worlds]]").skip(1) {
        written += &format!(
            "[[worlds]]{world}\n[[worlds.policies]]\nfrom = 2023-03-01\n[worlds.policies.set]\n\"{factor}\" = 1.9\n\n"
        );
    }
    let head = scenario.split("[[worlds]]").next().expect("a head");
    let mine = home.path().join("mine.toml");
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
    fs::write(&mine, format!("models = \"{models}\"\n{head}{written}")).expect("written");
    let whole =
        yuefu(&[&["run", text(&mine)], &SMALL[2..], &["--json", "--out", text(&home.path().join("whole"))]].concat());
    let said = branch("2023-03", &format!("{factor}=1.9"), "run");
    assert!(said.code == 2 && said.err.contains("it is the run that the what-if begins from"), "{}", said.err);
    let branched = hash(&branch("2023-03", &format!("{factor}=1.9"), "branch"));
    assert_eq!(branched, hash(&whole));
    assert_ne!(branched, plain);
    let to = home.path().join("branch");
    assert!(yuefu(&["verify", text(&to)]).well().starts_with("same hash: "), "its scenario gives it as a whole run");
    assert!(fs::read_to_string(to.join("manifest.json")).expect("there").contains("yuefu branch"));
    // What people, warm-up and months before have used is refused with its key.
    for (month, set, why) in [
        ("2023-03", "population.savings_median=1", "population."),
        ("2023-03", "months=12", "months makes other people"),
        ("2023-03", "seed=8", "seed makes other people"),
        ("2023-13", "product.limits.raise_factor=1.9", "write a month as 2023-07"),
        ("2022-12", "product.limits.raise_factor=1.9", "the counted months of this run are 2023-01 to 2023-04"),
        ("2023-05", "product.limits.raise_factor=1.9", "2023-01 to 2023-04"),
        ("2023-03", "product.limits.raise_facto=1.9", "did you mean"),
    ] {
        let said = branch(month, set, "refused");
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{set}: {}", said.err);
        assert!(said.err.contains(why), "{set}: {}", said.err);
    }
    fs::rename(area(&out), home.path().join("elsewhere")).expect("renamed");
    let said = branch("2023-03", "product.limits.raise_factor=1.9", "refused");
    assert!(said.code == 2 && said.err.contains("holds no checkpoint before 2023-03-01"), "{}", said.err);
    assert!(!home.path().join("refused").exists());
}

#[test]
fn wrong_options_are_refused_and_nothing_is_touched() {
    let home = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(home.path().join("taken.checkpoint")).expect("made");
    fs::write(home.path().join("taken.checkpoint/notes.txt"), "mine").expect("written");
    fs::create_dir_all(home.path().join("full")).expect("made");
    fs::write(home.path().join("full/notes.txt"), "mine").expect("written");
    let small = ["run", "quick", "--users", "100", "--months", "1", "--set", "warmup_months=1"];
    for (more, why) in [
        (&["--out", "x", "--checkpoint-every", "0"][..], "from 1 to 360"),
        (&["--out", "x", "--checkpoint-every", "often"], "from 1 to 360"),
        (&["--out", "x", "--keep-checkpoints"], "--checkpoint-every"),
        (&["--out", "taken", "--checkpoint-every", "1"], "is not Yuefu's, notes.txt lies in it: move notes.txt away"),
        (&["--out", "x", "--warm", "full"], "no directory of warm-ups"),
        (&["--out", "x", "--warm", "full/notes.txt"], "no warm-ups can be kept there"),
        (&["--out", "x", "--warm", "x"], "x: the result goes there: name another --warm"),
        (&["--out", "w/x", "--warm", "w"], "w: the result goes into it"),
        (&["--out", "x", "--warm", "x/warm"], "it lies in the directory of the result"),
    ] {
        yuefu_in(home.path(), &[&small[..], more].concat()).refused(2, why);
    }
    for (words, why) in [
        (&["list", "warm", "full"][..], "no directory of warm-ups"),
        (&["list", "warm", "nowhere"], "no directory of warm-ups"),
        (&["list", "products", "full"], "only `yuefu list warm DIR`"),
        (&["branch", "full", "--at", "2023-03", "--set", "seed=1", "--out", "y"], "no run directory"),
        (&["branch", "full", "--at", "March", "--set", "seed=1", "--out", "y"], "write a month as 2023-07"),
        (&["branch", "full", "--at", "2023-03", "--out", "y"], "--set"),
    ] {
        yuefu_in(home.path(), words).refused(2, why);
    }
    let mut names: Vec<_> =
        fs::read_dir(home.path()).expect("there").map(|e| e.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["full", "taken.checkpoint"]);
    assert_eq!(fs::read_to_string(home.path().join("taken.checkpoint/notes.txt")).expect("there"), "mine");
}
