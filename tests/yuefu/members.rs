//! The members of a run as processes of a test, and what stands between them.

use crate::program::Said;
use proxy::{Proxy, Weather};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[allow(dead_code, reason = "the tests inside the library use the rest")]
#[path = "../../src/testing/proxy.rs"]
pub(crate) mod proxy;

/// In which all must have ended, from the event on.
pub(crate) const END: Duration = Duration::from_secs(10);

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[expect(clippy::disallowed_methods, reason = "how long processes take to end")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A process that does not outlive its test, stopped or not.
pub(crate) struct Running(Option<Child>);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Running {
        Running(Some(command.spawn().expect("the program was built with the tests")))
    }

    pub(crate) fn id(&self) -> String {
        self.0.as_ref().map_or_else(String::new, |child| child.id().to_string())
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.id()]).status().expect("kill is there");
        assert!(sent.success(), "{name}");
    }

    /// How it ended and what it said, when it ends by a moment.
    #[track_caller]
    pub(crate) fn output(mut self, until: Instant) -> std::process::Output {
        let mut child = self.0.take().expect("nobody has taken it");
        while child.try_wait().expect("a process").is_none() {
            if now() > until {
                self.0 = Some(child);
                panic!("it does not end");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        child.wait_with_output().expect("it has ended")
    }

    /// What it has said in the end; it ends within ten seconds from `since`, and by no signal.
    #[track_caller]
    pub(crate) fn ended(self, since: Instant) -> Said {
        let output = self.output(since + END);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Said {
            code: output.status.code().expect("no signal ended it"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // It may have ended meanwhile.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The members of a run as processes that find each other by files of hosts.
pub(crate) struct Members {
    pub(crate) home: tempfile::TempDir,
    /// Where each listens.
    pub(crate) at: Vec<SocketAddr>,
    /// What each runs.
    pub(crate) program: PathBuf,
    /// Threads of each.
    pub(crate) threads: usize,
}

impl Members {
    pub(crate) fn new(of: usize) -> Members {
        // Nobody else asks for the ports between this and the start of the members.
        let listeners: Vec<TcpListener> = (0..of).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
        let at = listeners.iter().map(|listener| listener.local_addr().expect("bound")).collect();
        let home = tempfile::tempdir().expect("a directory");
        Members { home, at, program: PathBuf::from(env!("CARGO_BIN_EXE_yuefu")), threads: 1 }
    }

    /// Where the results of member 0 go; nothing else is in that folder.
    pub(crate) fn results(&self) -> PathBuf {
        self.home.path().join("results")
    }

    pub(crate) fn hosts(&self, number: usize, places: &[SocketAddr]) -> PathBuf {
        let path = self.home.path().join(format!("hosts-{number}"));
        fs::write(&path, places.iter().map(|place| format!("{place}\n")).collect::<String>()).expect("written");
        path
    }

    pub(crate) fn command(&self, program: &Path, number: usize, hosts: &Path, more: &[&str]) -> Command {
        let (number, threads, out) = (number.to_string(), self.threads.to_string(), self.results().join("run"));
        let mut command = Command::new(program);
        command.arg("run").args(more).args([
            "--json",
            "--workers",
            &threads,
            "--process",
            &number,
            "--out",
            text(&out),
        ]);
        command.arg("--hosts").arg(hosts).current_dir(env!("CARGO_MANIFEST_DIR"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn start(&self, number: usize, more: &[&str]) -> Running {
        let hosts = self.hosts(number, &self.at);
        Running::start(&mut self.command(&self.program, number, &hosts, more))
    }

    pub(crate) fn start_all(&self, more: &[&str]) -> Vec<Running> {
        (0..self.at.len()).map(|number| self.start(number, more)).collect()
    }

    /// All of them, with a proxy in every connection: that of members 0 and 1 first, then 0 and 2, 1 and 2, and so on.
    pub(crate) fn start_behind_proxies(&self, weather: Weather, more: &[&str]) -> (Vec<Running>, Vec<Proxy>) {
        let mut proxies = Vec::new();
        let start = |number: usize| {
            let mut places = self.at.clone();
            for place in &mut places[..number] {
                let proxy = Proxy::before(*place, weather);
                *place = proxy.address;
                proxies.push(proxy);
            }
            let hosts = self.hosts(number, &places);
            Running::start(&mut self.command(&self.program, number, &hosts, more))
        };
        ((0..self.at.len()).map(start).collect(), proxies)
    }

    #[track_caller]
    pub(crate) fn left_nothing(&self) {
        assert!(!self.results().exists(), "nothing half-written");
    }
}

/// Waits until these processes have met and the days go: the thread is there that carries the sums.
pub(crate) fn wait_for_days<'a>(processes: impl IntoIterator<Item = &'a str>) {
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

pub(crate) fn wait_for_days_of(all: &[Running]) {
    let processes: Vec<String> = all.iter().map(Running::id).collect();
    wait_for_days(processes.iter().map(String::as_str));
}

/// It failed, said why once, with the member and the day, and printed no answer.
#[track_caller]
pub(crate) fn failed(said: &Said, why: &str) {
    assert_eq!((said.code, said.out.as_str()), (3, ""), "{}", said.err);
    let errors: Vec<&str> = said.err.lines().filter(|line| line.starts_with("error: ")).collect();
    assert!(errors.len() == 1 && errors[0].contains(why), "{}\nshould say once: {why}", said.err);
    let has_day =
        errors[0].contains("(before the first day)") || errors[0].contains("of 20") || errors[0].contains("after 20");
    assert!(has_day && errors[0].starts_with("error: member "), "no member or no day: {}", errors[0]);
}
