//! Several processes that share the worlds of a run: the same result, whatever the network does; and an end within seconds, with the
//! member and the day, when one of them is gone, stopped, another program or asks for another scenario.

use crate::members::proxy::BAD;
use crate::members::{END, Members, Running, failed, now, text, wait_for_days, wait_for_days_of};
use crate::program::{Said, yuefu};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Five cells, two months, two worlds.
const SMALL: [&str; 9] =
    ["scenarios/quick.toml", "--users", "500", "--months", "1", "--set", "warmup_months=1", "--set", "cell_users=100"];

/// Long enough to be met in the midst of it.
const LONG: [&str; 5] = ["scenarios/downturn.toml", "--users", "4000", "--set", "cell_users=500"];

#[test]
fn processes_that_share_the_worlds_have_the_result_of_one() {
    let home = tempfile::tempdir().expect("a directory");
    let run = |name: &str, more: &[&str]| {
        let out = home.path().join(name);
        let said = yuefu(&[&["run"], &SMALL[..], &["--json", "--out", text(&out)], more].concat()).well();
        (said, out)
    };
    let (one, _) = run("1", &["--workers", "2"]);
    let (two, out) = run("2", &["--processes", "2", "--workers", "1"]);
    assert_eq!(two, one, "2 processes");
    assert_eq!(run("3", &["--processes", "3", "--workers", "2"]).0, one, "3 processes of 2 threads");
    assert_eq!(yuefu(&["verify", text(&out)]).code, 0, "one process makes it again");
    let timing = fs::read_to_string(out.join("timing.json")).expect("there");
    let timing: serde_json::Value = serde_json::from_str(&timing).expect("JSON");
    assert_eq!((timing["processes"].as_u64(), timing["workers"].as_u64()), (Some(2), Some(1)));
    let share = timing["waiting_share"].as_f64().expect("a share");
    assert!(share > 0.0 && share < 1.0, "{share}");
}

#[test]
fn delays_stalls_and_pieces_change_no_result() {
    let members = Members::new(3);
    let (running, _proxies) = members.start_behind_proxies(BAD, &SMALL);
    let out = members.home.path().join("alone");
    let alone = yuefu(&[&["run"], &SMALL[..], &["--json", "--out", text(&out)]].concat()).well();
    for (number, member) in running.into_iter().enumerate() {
        let said = member.ended(now() + Duration::from_secs(60));
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(said.out, if number == 0 { alone.clone() } else { String::new() }, "member {number}");
    }
}

/// The days go, then a connection ends that is neither's who hears of it last.
#[cfg(target_os = "linux")]
#[test]
fn a_cut_connection_ends_all_with_a_name_and_the_day() {
    let members = Members::new(3);
    let (running, proxies) = members.start_behind_proxies(BAD, &LONG);
    wait_for_days_of(&running);
    let since = now();
    // Between members 1 and 2.
    proxies[2].cut();
    for member in running {
        let said = member.ended(since);
        failed(&said, " is gone: its connection ended, as when the process is killed (seen at the close of 20");
        assert!(said.err.contains("error: member 1 ") || said.err.contains("error: member 2 "), "{}", said.err);
    }
    members.left_nothing();
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_member_ends_all_with_its_name_and_the_day() {
    let members = Members::new(3);
    let mut all = members.start_all(&LONG);
    wait_for_days_of(&all);
    let since = now();
    drop(all.remove(1));
    for member in all {
        let said = member.ended(since);
        failed(&said, "member 1 is gone: its connection ended, as when the process is killed (seen at the close of 20");
    }
    members.left_nothing();
}

#[cfg(target_os = "linux")]
#[test]
fn a_stopped_member_ends_the_others_and_then_itself() {
    let members = Members::new(2);
    let mut all = members.start_all(&LONG);
    wait_for_days_of(&all);
    let since = now();
    all[1].signal("-STOP");
    let other = all.remove(0).ended(since);
    failed(&other, "member 1 was not heard of for 6 s: it is stopped, or the network is gone (seen at the close of 20");
    members.left_nothing();
    let since = now();
    all[0].signal("-CONT");
    let stopped = all.remove(0).ended(since);
    failed(&stopped, "member 0 ");
}

#[test]
fn who_does_not_go_with_the_others_is_refused_by_both() {
    let members = Members::new(2);
    let since = now();
    let other_seed = [&SMALL[..], &["--seed", "77"]].concat();
    let all = [members.start(0, &SMALL), members.start(1, &other_seed)];
    for member in all {
        failed(
            &member.ended(since),
            "has another scenario, or makes other checkpoints: files, models, --set, --users, --months, --seed, --checkpoint-every",
        );
    }
    members.left_nothing();

    let (members, since) = (Members::new(2), now());
    let other = members.home.path().join("other");
    let mut program = fs::read(env!("CARGO_BIN_EXE_yuefu")).expect("the program");
    program.push(0);
    fs::write(&other, program).expect("written");
    #[cfg(unix)]
    fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("may be run");
    let hosts = members.hosts(1, &members.at);
    let all = [members.start(0, &SMALL), Running::start(&mut members.command(&other, 1, &hosts, &SMALL))];
    for member in all {
        failed(
            &member.ended(since),
            "is another program: its executable differs from this one; start all members from the same file (before the first day)",
        );
    }
    members.left_nothing();
}

#[test]
fn one_that_never_comes_is_named() {
    let (members, since) = (Members::new(3), now());
    let short = [&SMALL[..], &["--wait-seconds", "2"]].concat();
    let all = [members.start(0, &short), members.start(1, &short)];
    for member in all {
        failed(&member.ended(since), "member 2 did not come within 2 s");
    }
    members.left_nothing();
}

/// Processes that the program itself has started and that are still there.
fn children(of: &Running) -> Vec<String> {
    let said = Command::new("ps").args(["-o", "pid=", "--ppid", &of.id()]).output().expect("ps is there");
    String::from_utf8_lossy(&said.stdout).split_whitespace().map(str::to_owned).collect()
}

fn is_there(process: &str) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn start_here(results: &Path) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuefu"));
    let out = results.join("run");
    command.arg("run").args(LONG).args(["--json", "--processes", "3", "--workers", "1", "--out", text(&out)]);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::piped()).stderr(Stdio::piped());
    Running::start(&mut command)
}

#[cfg(target_os = "linux")]
#[test]
fn a_wish_to_stop_or_a_kill_leaves_no_process_and_no_file() {
    for (name, whom) in [("-TERM", 0), ("-INT", 1), ("-KILL", 0), ("-KILL", 2)] {
        let members = Members::new(1);
        let here = start_here(&members.results());
        wait_for_days([here.id().as_str()]);
        let started = children(&here);
        assert_eq!(started.len(), 2);
        wait_for_days(started.iter().map(String::as_str));
        let (since, parent) = (now(), here.id());
        let to = if whom == 0 { &parent } else { &started[whom - 1] };
        assert!(Command::new("kill").args([name, to]).status().expect("kill is there").success());
        let output = here.output(since + END);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match (name, whom) {
            ("-KILL", 0) => {}
            ("-KILL", _) => {
                assert_eq!(output.status.code(), Some(3), "{said}");
                assert!(said.contains("error: member 2 is gone") && said.contains("(said by member 0 of 3)"), "{said}");
                assert_eq!(said.matches("error: ").count(), 1, "the others do not say it again: {said}");
            }
            _ => {
                assert_eq!(output.status.code(), Some(130), "{said}");
                assert!(said.contains("interrupted; nothing was written"), "{said}");
            }
        }
        while started.iter().any(|process| is_there(process)) {
            assert!(since.elapsed() < END, "{name} {whom}: a started process is left");
            std::thread::sleep(Duration::from_millis(20));
        }
        if (name, whom) != ("-KILL", 0) {
            members.left_nothing();
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_wish_to_stop_at_one_member_stops_all_after_the_same_day() {
    let members = Members::new(2);
    let all = members.start_all(&LONG);
    wait_for_days_of(&all);
    let since = now();
    all[1].signal("-INT");
    for member in all {
        let said = member.ended(since);
        assert_eq!(said.code, 130, "{}", said.err);
        assert!(said.err.contains("interrupted") && !said.err.contains("error"), "{}", said.err);
    }
    members.left_nothing();
}

/// A file may have 64 KB: what a full disk says, another error says here.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_all() {
    let members = Members::new(2);
    let hosts = members.hosts(0, &members.at);
    let command = members.command(Path::new(env!("CARGO_BIN_EXE_yuefu")), 0, &hosts, &SMALL);
    let words = command.get_args().map(|word| word.to_str().expect("text")).collect::<Vec<_>>().join(" ");
    let limited = format!("trap '' XFSZ; ulimit -f 128; exec {} {words}", env!("CARGO_BIN_EXE_yuefu"));
    let mut first = Command::new("sh");
    first.args(["-c", &limited]).current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let all = [Running::start(&mut first), members.start(1, &SMALL)];
    let said: Vec<Said> = all.map(|member| member.ended(now() + Duration::from_secs(20))).into();
    assert_eq!((said[0].code, said[1].code), (3, 3), "{} {}", said[0].err, said[1].err);
    for said in &said {
        // The month is January after one of warm-up.
        let when = "cannot write the results after the hashes of cells at the close of 2023-01-31: ";
        let found = said.err.lines().find(|line| line.starts_with("error: member 0 "));
        assert!(found.is_some_and(|line| line.contains(when)), "{}", said.err);
    }
    members.left_nothing();
}

/// Books that cannot be in a state whose hashes fit: each balance of a cell is the largest number. Its next posting is a panic.
fn forge(state: &Path, file: &str, cell: u32) {
    let path = state.join(file);
    let (mut bytes, manifest) = (fs::read(&path).expect("there"), state.join("manifest.state"));
    // The engine of the cell states its first user and its accounts; counts of lists, live accounts and contact room follow.
    let stated = [(100 * cell).to_le_bytes(), 100_u32.to_le_bytes()].concat();
    let at = bytes.windows(8).position(|window| window == stated).expect("the cell's engine");
    let balances = at + 8 + 9 * 4 + 8 + 6 * 8;
    for balance in bytes[balances..balances + 20 * 8].chunks_exact_mut(8) {
        balance.copy_from_slice(&i64::MAX.to_le_bytes());
    }
    let [from, to] = seal(&path, bytes).map(|hash| hash.to_hex());
    let mut list = fs::read(&manifest).expect("there");
    let at = list.windows(from.len()).position(|window| window == from.as_bytes()).expect("it names the file's hash");
    list[at..at + to.len()].copy_from_slice(to.as_bytes());
    seal(&manifest, list);
}

/// Writes a file of a state with the hash of its bytes; the hash that it had, and that one.
fn seal(path: &Path, mut bytes: Vec<u8>) -> [blake3::Hash; 2] {
    let end = bytes.len() - blake3::OUT_LEN;
    let former = blake3::Hash::from_slice(&bytes[end..]).expect("a hash");
    let hash = blake3::Hasher::new().update(&bytes[32..end]).update(&bytes[..32]).finalize();
    bytes[end..].copy_from_slice(hash.as_bytes());
    fs::write(path, bytes).expect("written");
    [former, hash]
}

/// A real panic of a real process: member 1, which another one has started, then member 0, which has started it.
#[cfg(target_os = "linux")]
#[test]
fn a_member_that_panics_ends_all_with_its_name_and_the_day() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("results/run");
    let checkpoints = ["--json", "--processes", "2", "--workers", "1", "--checkpoint-every", "2", "--keep-checkpoints"];
    // Of its warm-up of three months the first two are in the state.
    let warm_up = ["--set", "warmup_months=3", "--out", text(&out)];
    let run = |more: &[&str]| yuefu(&[&["run"], &SMALL[..], &checkpoints, &warm_up, more].concat());
    let whole = run(&[]).well();
    let state = home.path().join("results/run.checkpoint/day-00061");
    for (member, file, cell) in [(1, "cells-0-000002-000005.state", 3), (0, "cells-0-000000-000002.state", 1)] {
        let kept = [file, "manifest.state"].map(|name| (state.join(name), fs::read(state.join(name)).expect("there")));
        forge(&state, file, cell);
        let since = now();
        let said = run(&["--resume"]);
        failed(&said, &format!("error: member {member} has a bug: "));
        assert!(since.elapsed() < END, "{:?}", since.elapsed());
        let line = said.err.lines().find(|line| line.starts_with("error: ")).expect("one");
        assert!(line.contains("overflow") && line.ends_with("(said by member 0 of 2)"), "{line}");
        // The first day after the state is the one of the panic.
        let day = if member == 1 {
            "(seen at the close of 2022-12-01)"
        } else {
            "(after the reading of the state after 2022-11-30)"
        };
        assert!(line.contains(day), "{line}");
        assert_eq!(fs::read_to_string(out.join("result.json")).expect("the former one"), whole);
        kept.iter().for_each(|(path, bytes)| fs::write(path, bytes).expect("written"));
    }
    let mut names: Vec<_> =
        fs::read_dir(home.path().join("results")).expect("there").map(|e| e.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["run", "run.checkpoint"], "nothing half-written");
    assert_eq!(run(&["--resume"]).out, whole, "the state as it was is gone on from");
}

#[test]
fn wrong_hosts_keys_and_numbers_are_refused_before_any_work() {
    let home = tempfile::tempdir().expect("a directory");
    let file = |name: &str, content: &str| {
        let path = home.path().join(name);
        fs::write(&path, content).expect("written");
        text(&path).to_owned()
    };
    let here = file("here", "127.0.0.1:7471\nlocalhost:7472\n");
    let there = file("there", "# two\n127.0.0.1:7471\nnode-2:7472 # elsewhere\n");
    let (twice, no_port) = (file("twice", "a:1\na:1\n"), file("no-port", "node-1\n"));
    let (nobody, elsewhere) = (file("nobody", "# nobody\n"), file("elsewhere", "192.0.2.1:7471\n"));
    let (short, key) = (file("short.key", "secret"), file("cluster.key", &"0123456789abcdef".repeat(2)));
    let out = home.path().join("results");
    let cases: [(&[&str], &str); 15] = [
        (&["--processes", "0"], "write a whole number from 1 to 64"),
        (&["--processes", "65"], "write a whole number from 1 to 64"),
        (&["--processes", "2", "--hosts", &here, "--process", "0"], "cannot be used with"),
        (&["--hosts", &here], "--process <I>"),
        (&["--process", "0"], "--hosts <FILE>"),
        (&["--hosts", &here, "--process", "2"], "here has 2 lines, their numbers are 0 to 1"),
        (&["--hosts", "no/such", "--process", "0"], "cannot read --hosts no/such: No such file"),
        (&["--hosts", &nobody, "--process", "0"], "nobody: no line names a host"),
        (&["--hosts", &twice, "--process", "0"], "twice:2: `a:1` stands in line 1, too"),
        (&["--hosts", &no_port, "--process", "0"], "no-port:1: `node-1` is not host:port"),
        (&["--hosts", &there, "--process", "0"], "there:3: node-2:7472 is not a name of this machine alone"),
        (&["--hosts", &there, "--process", "0", "--key", &short], "short.key has 6 bytes, 32 are the least"),
        (&["--hosts", &there, "--process", "0", "--key", "no/such"], "cannot read --key no/such"),
        (&["--hosts", &there, "--process", "0", "--key", &key, "--private-network"], "cannot be used with"),
        (
            &["--hosts", &elsewhere, "--process", "0", "--private-network"],
            "elsewhere:1: cannot listen at 192.0.2.1:7471",
        ),
    ];
    for (more, why) in cases {
        let said = yuefu(&[&["run"], &SMALL[..], &["--out", text(&out)], more].concat());
        said.refused(2, why);
    }
    assert!(!out.exists());
    yuefu(&["run", "-", "--started-as", "1"]).refused(2, "is for processes that `yuefu run --processes` starts");
}

#[test]
fn commands_that_do_not_share_their_worlds_say_why() {
    for (command, why) in [
        ("load", "whose users, journal and clock are one"),
        ("capacity", "whose users, journal and clock are one"),
        ("stress", "they are spread whole over machines"),
        ("coverage", "they are spread whole over machines"),
        ("compare-products", "they are spread whole over machines"),
        ("ltv", "only `yuefu run` shares the worlds"),
    ] {
        for option in ["--processes", "--hosts"] {
            let asked = yuefu(&[command, "quick", option, "2"]);
            assert!(asked.err.contains(why), "{}", asked.err);
            asked.refused(2, &format!("`yuefu {command}` takes no {option}: "));
        }
    }
}
