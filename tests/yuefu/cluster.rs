//! Several processes that share the worlds of a run: the same result, whatever the network does; and an end within seconds, with the
//! member and the day, when one of them is gone, stopped, another program or asks for another scenario.

use crate::program::{Said, yuefu};
use proxy::{BAD, Proxy};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[allow(dead_code, reason = "the tests inside the library use the rest")]
#[path = "../../src/testing/proxy.rs"]
mod proxy;

/// Five cells, two months, two worlds.
const SMALL: [&str; 9] =
    ["scenarios/quick.toml", "--users", "500", "--months", "1", "--set", "warmup_months=1", "--set", "cell_users=100"];

/// Long enough to be met in the midst of it.
const LONG: [&str; 5] = ["scenarios/downturn.toml", "--users", "4000", "--set", "cell_users=500"];

/// In which all must have ended, from the event on.
const END: Duration = Duration::from_secs(10);

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// The members of a run as processes that find each other by files of hosts.
struct Members {
    home: tempfile::TempDir,
    /// Where each listens.
    at: Vec<SocketAddr>,
}

impl Members {
    fn new(of: usize) -> Members {
        // Nobody else asks for the ports between this and the start of the members.
        let listeners: Vec<TcpListener> = (0..of).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
        let at = listeners.iter().map(|listener| listener.local_addr().expect("bound")).collect();
        Members { home: tempfile::tempdir().expect("a directory"), at }
    }

    /// Where the results of member 0 go; nothing else is in that folder.
    fn results(&self) -> PathBuf {
        self.home.path().join("results")
    }

    fn hosts(&self, number: usize, places: &[SocketAddr]) -> PathBuf {
        let path = self.home.path().join(format!("hosts-{number}"));
        fs::write(&path, places.iter().map(|place| format!("{place}\n")).collect::<String>()).expect("written");
        path
    }

    fn command(&self, program: &Path, number: usize, hosts: &Path, more: &[&str]) -> Command {
        let (number, out) = (number.to_string(), self.results().join("run"));
        let mut command = Command::new(program);
        command.arg("run").args(more).args(["--json", "--workers", "1", "--process", &number, "--out", text(&out)]);
        command.arg("--hosts").arg(hosts).current_dir(env!("CARGO_MANIFEST_DIR"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, number: usize, more: &[&str]) -> Child {
        let hosts = self.hosts(number, &self.at);
        let program = Path::new(env!("CARGO_BIN_EXE_yuefu"));
        self.command(program, number, &hosts, more).spawn().expect("the program was built with the tests")
    }

    fn start_all(&self, more: &[&str]) -> Vec<Child> {
        (0..self.at.len()).map(|number| self.start(number, more)).collect()
    }

    #[track_caller]
    fn left_nothing(&self) {
        let left = fs::read_dir(self.results()).map_or(0, Iterator::count);
        assert_eq!(left, 0, "nothing half-written");
    }
}

/// Waits until these processes have met and the days go: the thread is there that carries the sums.
fn wait_for_days<'a>(processes: impl IntoIterator<Item = &'a str>) {
    let names = |process: &str| {
        let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("comm")).ok()).collect::<String>()
    };
    let begun = now();
    for process in processes {
        while !names(process).contains("yuefu-courier") {
            assert!(begun.elapsed() < Duration::from_secs(60), "process {process} does not begin");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    std::thread::sleep(Duration::from_millis(500));
}

fn wait_for_days_of(all: &[Child]) {
    let processes: Vec<String> = all.iter().map(|child| child.id().to_string()).collect();
    wait_for_days(processes.iter().map(String::as_str));
}

/// It failed, said why, and printed no answer.
#[track_caller]
fn failed(said: &Said, why: &str) {
    assert_eq!((said.code, said.out.as_str()), (3, ""), "{}", said.err);
    let line = said.err.lines().find(|line| line.starts_with("error: "));
    assert!(line.is_some_and(|line| line.contains(why)), "{}\nshould say: {why}", said.err);
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success(), "{name}");
}

/// What each has said in the end; it ends within ten seconds from `since`.
#[track_caller]
fn ended(child: Child, since: Instant) -> Said {
    let output = child.wait_with_output().expect("it ends");
    assert!(since.elapsed() < END, "it took {:?}", since.elapsed());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Said { code: output.status.code().expect("no signal ended it"), out: text(output.stdout), err: text(output.stderr) }
}

#[expect(clippy::disallowed_methods, reason = "how long the others take to end")]
fn now() -> Instant {
    Instant::now()
}

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
    let mut proxies = Vec::new();
    let running: Vec<Child> = (0..3)
        .map(|number| {
            let mut places = members.at.clone();
            for place in &mut places[..number] {
                let proxy = Proxy::before(*place, BAD);
                *place = proxy.address;
                proxies.push(proxy);
            }
            let hosts = members.hosts(number, &places);
            let program = Path::new(env!("CARGO_BIN_EXE_yuefu"));
            members.command(program, number, &hosts, &SMALL).spawn().expect("the program was built with the tests")
        })
        .collect();
    let out = members.home.path().join("alone");
    let alone = yuefu(&[&["run"], &SMALL[..], &["--json", "--out", text(&out)]].concat()).well();
    for (number, child) in running.into_iter().enumerate() {
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8(output.stdout).expect("text");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(said, if number == 0 { alone.clone() } else { String::new() }, "member {number}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_member_ends_all_with_its_name_and_the_day() {
    let members = Members::new(3);
    let mut all = members.start_all(&LONG);
    wait_for_days_of(&all);
    let since = now();
    all[1].kill().expect("it runs");
    all.remove(1).wait().expect("it is gone");
    for child in all {
        let said = ended(child, since);
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
    signal("-STOP", &all[1]);
    let other = ended(all.remove(0), since);
    failed(&other, "member 1 was not heard of for 6 s: it is stopped, or the network is gone (seen at the close of 20");
    members.left_nothing();
    let since = now();
    signal("-CONT", &all[0]);
    let stopped = ended(all.remove(0), since);
    failed(&stopped, "member 0 ");
}

#[test]
fn who_does_not_go_with_the_others_is_refused_by_both() {
    let members = Members::new(2);
    let since = now();
    let other_seed = [&SMALL[..], &["--seed", "77"]].concat();
    let all = [members.start(0, &SMALL), members.start(1, &other_seed)];
    for child in all {
        failed(
            &ended(child, since),
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
    let all = [members.start(0, &SMALL), members.command(&other, 1, &hosts, &SMALL).spawn().expect("it starts")];
    for child in all {
        failed(&ended(child, since), "is another program: its executable differs from this one");
    }
    members.left_nothing();
}

#[test]
fn one_that_never_comes_is_named() {
    let (members, since) = (Members::new(3), now());
    let short = [&SMALL[..], &["--wait-seconds", "2"]].concat();
    let all = [members.start(0, &short), members.start(1, &short)];
    for child in all {
        failed(&ended(child, since), "member 2 did not come within 2 s");
    }
    members.left_nothing();
}

/// Processes that the program itself has started and that are still there.
fn children(of: &Child) -> Vec<String> {
    let said = Command::new("ps").args(["-o", "pid=", "--ppid", &of.id().to_string()]).output().expect("ps is there");
    String::from_utf8_lossy(&said.stdout).split_whitespace().map(str::to_owned).collect()
}

fn is_there(process: &str) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn start_here(results: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuefu"));
    let out = results.join("run");
    command.arg("run").args(LONG).args(["--json", "--processes", "3", "--workers", "1", "--out", text(&out)]);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program was built with the tests")
}

#[cfg(target_os = "linux")]
#[test]
fn a_wish_to_stop_or_a_kill_leaves_no_process_and_no_file() {
    for (name, whom) in [("-TERM", 0), ("-INT", 1), ("-KILL", 0), ("-KILL", 2)] {
        let members = Members::new(1);
        let here = start_here(&members.results());
        wait_for_days([here.id().to_string().as_str()]);
        let started = children(&here);
        assert_eq!(started.len(), 2);
        wait_for_days(started.iter().map(String::as_str));
        let (since, parent) = (now(), here.id().to_string());
        let to = if whom == 0 { &parent } else { &started[whom - 1] };
        assert!(Command::new("kill").args([name, to]).status().expect("kill is there").success());
        let output = here.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match (name, whom) {
            ("-KILL", 0) => {}
            ("-KILL", _) => {
                assert_eq!(output.status.code(), Some(3), "{said}");
                assert!(said.contains("error: member 2 is gone") && said.contains("(said by member 0 of 3)"), "{said}");
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
    signal("-INT", &all[1]);
    for child in all {
        let said = ended(child, since);
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
    let all = [first.spawn().expect("a shell"), members.start(1, &SMALL)];
    let said: Vec<Said> = all.map(|child| ended(child, now() + Duration::from_secs(20))).into();
    assert_eq!((said[0].code, said[1].code), (3, 3), "{} {}", said[0].err, said[1].err);
    assert!(said[1].err.starts_with("error: member 0 cannot write the results: "), "{}", said[1].err);
    members.left_nothing();
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
