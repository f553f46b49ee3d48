//! The grid of worlds, processes and threads over a network that delays, stalls, cuts into pieces, and breaks. It takes minutes:
//! `.ci/campaign grid` runs it, with the program as the tests build it and as it is released.

use crate::members::proxy::{BAD, Proxy, Weather};
use crate::members::{Members, failed, now, wait_for_days_of};
use serde_json::Value;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a run may take through such a network, on a machine that has other work.
const PATIENCE: Duration = Duration::from_secs(900);

/// A number of the campaign, or what it is without one.
fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// One of the numbers below `below`, by seed and purpose.
fn drawn(seed: u64, purpose: &str, below: u64) -> u64 {
    let hash = blake3::hash(format!("{seed} {purpose}").as_bytes());
    hash.as_bytes()[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) % below
}

struct Grid {
    program: PathBuf,
    seed: u64,
}

impl Grid {
    fn members(&self, of: usize, threads: usize) -> Members {
        Members { program: self.program.clone(), threads, ..Members::new(of) }
    }

    fn weather(&self) -> Weather {
        Weather { seed: self.seed, ..BAD }
    }

    /// What member 0 answers; the others have none.
    fn answer(&self, of: usize, threads: usize, words: &[&str]) -> String {
        let members = self.members(of, threads);
        let (running, _proxies) = members.start_behind_proxies(self.weather(), words);
        let until = now() + PATIENCE;
        let said: Vec<_> = running.into_iter().map(|member| member.output(until)).collect();
        for (number, output) in said.iter().enumerate() {
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "member {number} of {of}, {threads} threads: {err}");
            assert_eq!(number == 0, !output.stdout.is_empty(), "member {number} of {of}: {err}");
        }
        String::from_utf8(said[0].stdout.clone()).expect("text")
    }

    /// A connection that is drawn is cut at a moment that is drawn: what the first member says, and how long all took to end.
    fn cut(&self, of: usize, threads: usize, words: &[&str]) -> String {
        let members = self.members(of, threads);
        let (running, proxies) = members.start_behind_proxies(self.weather(), words);
        wait_for_days_of(&running);
        std::thread::sleep(Duration::from_millis(drawn(self.seed, &format!("moment {of} {threads}"), 2_000)));
        let which = drawn(self.seed, &format!("connection {of} {threads}"), proxies.len() as u64) as usize;
        let since = now();
        Proxy::cut(&proxies[which]);
        let said: Vec<_> = running.into_iter().map(|member| member.ended(since)).collect();
        let took = since.elapsed();
        for said in &said {
            failed(said, "error: member ");
            assert!(said.err.contains("(seen at the close of 20"), "{}", said.err);
        }
        members.left_nothing();
        let line = said[0].err.lines().find(|line| line.starts_with("error: ")).expect("it failed");
        format!("connection {which} cut, all ended after {:.1} s: {line}", took.as_secs_f64())
    }
}

fn seconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}

#[test]
#[ignore = "takes minutes: .ci/campaign grid"]
fn one_hash_whatever_the_processes_the_threads_and_the_network() {
    let program = std::env::var_os("YUEFU_GRID_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_yuefu").into());
    let grid = Grid { program: program.into(), seed: asked("YUEFU_GRID_SEED", 0) };
    let users = asked("YUEFU_GRID_USERS", 20_000).to_string();
    for scenario in ["quick", "downturn"] {
        let file = format!("scenarios/{scenario}.toml");
        let words = [file.as_str(), "--users", &users];
        let mut first: Option<String> = None;
        for (of, threads) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)] {
            let since = now();
            let answer = grid.answer(of, threads, &words);
            let result: Value = serde_json::from_str(&answer).expect("--json prints JSON");
            let hash = result["hash"].as_str().expect("a hash");
            println!("{scenario}, {of} processes of {threads} threads: {hash} in {:.1} s", seconds(since));
            // Every byte of the answer, its hash among them.
            assert!(answer == *first.get_or_insert_with(|| answer.clone()), "{scenario}: {of} × {threads}");
            if of > 1 {
                println!("{scenario}, {of} processes of {threads} threads: {}", grid.cut(of, threads, &words));
            }
        }
    }
}
