//! How a command is told that several processes share its worlds: the options, the file of hosts, the key.

use crate::cli::Failure;
use crate::cli::making::whole;
use crate::runtime::{self, Listener};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The most processes of a run: each has a connection to each.
const PROCESSES_MAX: u64 = 64;

/// Bytes that a key has at least.
const KEY_BYTES_MIN: usize = 32;

/// Several processes that share the worlds.
#[derive(Debug, clap::Args)]
pub(crate) struct Processes {
    /// Processes that share the worlds; all are started here, each with its workers
    #[arg(long, value_name = "N", value_parser = whole::<u32>(1..=PROCESSES_MAX), conflicts_with = "hosts")]
    processes: Option<u32>,
    /// Share the worlds with processes elsewhere: a file with a line host:port for each, the same for all
    #[arg(long, value_name = "FILE", requires = "process")]
    hosts: Option<PathBuf>,
    /// Which line of --hosts this process is, from 0; process 0 writes the directory and prints the answer
    #[arg(long, value_name = "I", value_parser = whole::<u32>(0..=PROCESSES_MAX - 1), requires = "hosts")]
    process: Option<u32>,
    /// File with 32 random bytes or more that all processes have and nobody else; marks what they send, hides nothing
    #[arg(long, value_name = "FILE", requires = "hosts")]
    key: Option<PathBuf>,
    /// UNSAFE: no key although hosts are other machines; whoever reaches the ports can change results
    #[arg(long, requires = "hosts", conflicts_with = "key")]
    private_network: bool,
    /// Seconds to wait for the other processes before the first day
    #[arg(long, value_name = "S", value_parser = whole::<u32>(1..=86_400), default_value = "7")]
    wait_seconds: u32,
    /// Which process of the one that has started it this is; what to run comes from standard input
    #[arg(long, value_name = "I", hide = true, conflicts_with_all = ["processes", "hosts"])]
    started_as: Option<u32>,
}

/// How a process of a run finds the others.
#[derive(Debug)]
pub(super) struct MemberSetup {
    /// Its number.
    pub number: usize,
    /// Another process has started it, and says what ends the run.
    pub is_started_here: bool,
    /// Where each of them is; an empty text where process 0 will say.
    pub addresses: Vec<String>,
    /// Where this one listens.
    pub listener: Listener,
    /// What all know and nobody else.
    pub secret: Option<[u8; 32]>,
    /// How long it waits for the others.
    pub wait: Duration,
}

impl Processes {
    /// Which process this is of one that has started it.
    pub(super) fn started_as(&self) -> Option<usize> {
        self.started_as.map(|number| number as usize)
    }

    /// True when no others are asked for.
    pub(super) fn is_one(&self) -> bool {
        self.to_start().is_none() && self.hosts.is_none()
    }

    /// How long to wait for the others.
    pub(super) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait_seconds.into())
    }

    /// How many are to be started here, this one included, when there are more.
    pub(super) fn to_start(&self) -> Option<usize> {
        self.processes.filter(|processes| *processes > 1).map(|processes| processes as usize)
    }

    /// How this process finds those of the file of hosts, if there is one.
    ///
    /// # Errors
    /// Bad input when the file, the number or the key cannot be used, or other machines are named without a key.
    pub(super) fn by_hosts(&self) -> Result<Option<MemberSetup>, Failure> {
        let (Some(path), Some(number)) = (&self.hosts, self.process) else { return Ok(None) };
        let hosts = hosts(path)?;
        let number = number as usize;
        let Some(own) = hosts.get(number) else {
            return bad(format!(
                "--process {number}: {} has {} lines, their numbers are 0 to {}",
                path.display(),
                hosts.len(),
                hosts.len() - 1
            ));
        };
        let secret = self.key.as_deref().map(key).transpose()?;
        if let Some(host) = hosts.iter().find(|host| !host.is_loopback())
            && secret.is_none()
            && !self.private_network
        {
            return bad(format!(
                "{}:{}: {} is not a name of this machine alone, and without a key whoever reaches the ports can change results: \
                 give all processes the same --key FILE, or --private-network where nobody else reaches them",
                path.display(),
                host.line,
                host.text
            ));
        }
        let listener = runtime::listen(&own.text).map_err(|error| {
            Failure::BadInput(format!(
                "{}:{}: cannot listen at {}: {error}; the line of a process names an address of its machine and a free port",
                path.display(),
                own.line,
                own.text
            ))
        })?;
        let addresses = hosts.into_iter().map(|host| host.text).collect();
        Ok(Some(MemberSetup { number, is_started_here: false, addresses, listener, secret, wait: self.wait() }))
    }
}

fn bad<T>(why: String) -> Result<T, Failure> {
    Err(Failure::BadInput(why))
}

/// A line of a file of hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    line: usize,
    /// `host:port`.
    text: String,
}

impl Host {
    /// Only processes of this machine reach it.
    fn is_loopback(&self) -> bool {
        let host = self.text.rsplit_once(':').map_or("", |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Reads a file of hosts: `host:port` a line, `#` begins a comment.
fn hosts(path: &Path) -> Result<Vec<Host>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::BadInput(format!("cannot read --hosts {}: {error}", path.display())))?;
    hosts_of(&text).map_err(|why| Failure::BadInput(format!("{}{why}", path.display())))
}

/// The hosts of a text; what is wrong begins with `:LINE: ` or `: `.
fn hosts_of(text: &str) -> Result<Vec<Host>, String> {
    let mut hosts: Vec<Host> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let (line_number, line) = (number + 1, line.split('#').next().unwrap_or_default().trim());
        if line.is_empty() {
            continue;
        }
        let wrong = |why: &str| format!(":{line_number}: `{line}` {why}");
        let Some((host, port)) = line.rsplit_once(':').filter(|(host, _)| !host.is_empty()) else {
            return Err(wrong("is not host:port, such as 10.0.0.7:7400 or node-3.cluster:7400"));
        };
        let in_brackets = host.starts_with('[') && host.ends_with(']');
        if host.contains(|c: char| c.is_whitespace()) || host.contains(':') && !in_brackets {
            return Err(wrong("has no host that can be read: a name, 10.0.0.7, or [fd00::7]"));
        }
        if !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err(wrong("has no port from 1 to 65535"));
        }
        if let Some(other) = hosts.iter().find(|other| other.text == line) {
            return Err(wrong(&format!("stands in line {}, too: each process has a line of its own", other.line)));
        }
        hosts.push(Host { line: line_number, text: line.to_owned() });
    }
    match hosts.len() as u64 {
        0 => Err(": no line names a host".to_owned()),
        1..=PROCESSES_MAX => Ok(hosts),
        count => Err(format!(": {count} hosts; the most are {PROCESSES_MAX}")),
    }
}

/// Reads a key.
fn key(path: &Path) -> Result<[u8; 32], Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::BadInput(format!("cannot read --key {}: {error}", path.display())))?;
    // An editor puts an end of line behind the text.
    let key = bytes.trim_ascii_end();
    if key.len() < KEY_BYTES_MIN {
        return bad(format!(
            "--key {} has {} bytes, {KEY_BYTES_MIN} are the least: head -c 32 /dev/urandom | base64 > {}",
            path.display(),
            key.len(),
            path.display()
        ));
    }
    Ok(blake3::derive_key("yuefu 2026-12-01 key of a cluster", key))
}

/// Why a command does not share its worlds, when it was asked to.
pub(super) fn why_not(command: &str, option: &str) -> Option<String> {
    if !["--processes", "--hosts", "--process"].contains(&option) {
        return None;
    }
    let why = match command {
        "load" | "capacity" => {
            "it measures a service in one process, whose users, journal and clock are one; start the target's processes yourself, \
             or give --workers more threads"
        }
        "stress" | "coverage" | "compare-products" => {
            "its worlds are many and small: they are spread whole over machines, not one by one over processes"
        }
        _ => "only `yuefu run` shares the worlds of one run over processes",
    };
    Some(format!("`yuefu {command}` takes no {option}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_hosts_is_read_and_what_is_wrong_has_its_line() {
        let text = "# three\nnode-1:7400\n\n10.0.0.7:7400 # the second\n[fd00::7]:7400\r\n";
        let hosts = hosts_of(text).expect("right");
        assert_eq!(hosts.iter().map(|host| host.line).collect::<Vec<_>>(), [2, 4, 5]);
        assert_eq!(hosts[1].text, "10.0.0.7:7400");
        let many: String = (1..=65).map(|n| format!("node-{n}:7400\n")).collect();
        for (text, why) in [
            ("", ": no line names a host"),
            ("# nobody\n", ": no line names a host"),
            ("node-1", ":1: `node-1` is not host:port"),
            ("\nnode-1:", ":2: `node-1:` has no port"),
            (":7400", ":1: `:7400` is not host:port"),
            ("node-1:0", ":1: `node-1:0` has no port"),
            ("node-1:65536", ":1: `node-1:65536` has no port"),
            ("node-1:http", ":1: `node-1:http` has no port"),
            ("node 1:7400", ":1: `node 1:7400` has no host"),
            ("fd00::7:7400", ":1: `fd00::7:7400` has no host"),
            ("a:1\nb:2\na:1", ":3: `a:1` stands in line 1, too"),
            (&many, ": 65 hosts; the most are 64"),
        ] {
            let found = hosts_of(text).expect_err(text);
            assert!(found.starts_with(why), "{text}: {found}");
        }
    }

    #[test]
    fn names_of_this_machine_alone_need_no_key() {
        let is_loopback = |text: &str| Host { line: 1, text: text.to_owned() }.is_loopback();
        assert!(
            is_loopback("localhost:1")
                && is_loopback("127.0.0.1:1")
                && is_loopback("127.9.9.9:1")
                && is_loopback("[::1]:1")
        );
        assert!(
            !is_loopback("node-1:1")
                && !is_loopback("0.0.0.0:1")
                && !is_loopback("10.0.0.1:1")
                && !is_loopback("[::]:1")
        );
    }
}
