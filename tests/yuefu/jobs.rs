//! A small job for every command of the program, in the order in which an empty folder can do them.

use crate::program::{Said, yuefu_in};
use std::path::{Path, PathBuf};
use std::sync::{Once, OnceLock};
use std::thread;

/// What is typed, the exit codes that are right, and a part of the answer.
pub(crate) struct Job {
    /// Arguments, divided by spaces; `LOADS` stands for the folder of [`loads`].
    pub typed: &'static str,
    /// Exit codes; how fast the machine is decides between several.
    pub codes: &'static [i32],
    /// Stands in the answer; empty of what prints no answer.
    pub says: &'static str,
}

const fn job(typed: &'static str, codes: &'static [i32], says: &'static str) -> Job {
    Job { typed, codes, says }
}

/// Every command, and every kind of what is no command.
pub(crate) const JOBS: &[Job] = &[
    job("help", &[0], "Simulate:"),
    job("help run", &[0], "Examples:"),
    job("load --help", &[0], "Examples:"),
    job("--version", &[0], "yuefu 0."),
    job("", &[2], ""),
    job("quoted", &[2], ""),
    job("quote --amount many --months 3 --rate 18", &[2], ""),
    job("check no-such-scenario", &[2], ""),
    job("init lab", &[0], "files and 18 schemas written to lab"),
    job("list scenarios", &[0], "downturn"),
    job("list measures --json", &[0], "\"overdue_rate\""),
    job("schema policy", &[0], "\"properties\""),
    job("check quick lab/scenarios/downturn.toml", &[0], "quick: ok"),
    job("check quick --json", &[0], "\"valid\": true"),
    job("quote --amount 3000 --months 6 --rate 18", &[0], "IRR"),
    job("completions bash", &[0], "_yuefu()"),
    job("man", &[0], "yuefu\\-run"),
    job("man --out pages", &[0], "pages written to pages"),
    job("run quick --users 100 --months 1 --set warmup_months=1 --out run", &[0], "report  run/report.html"),
    job(
        "run quick --users 100 --months 2 --set warmup_months=1 --out trunk --checkpoint-every 1 --keep-checkpoints --warm warm",
        &[0],
        "report  trunk/report.html",
    ),
    job("branch trunk --at 2023-02 --set product.limits.raise_factor=1.3 --out twig", &[0], "report  twig/report.html"),
    job("list warm", &[0], "quick"),
    job("report run", &[0], "run/report.html"),
    job("verify run", &[0], "same hash"),
    job("verify run --json --audit", &[0], "\"same\": true"),
    job("export run --format hledger", &[0], "account "),
    job(
        "stress stress-suite --users 100 --months 1 --set warmup_months=1 --replications 2 --out suite",
        &[0],
        "report  suite/report.html",
    ),
    job(
        "coverage coverage --users 100 --months 1 --set warmup_months=1 --seeds 2 --long-run 2 --out coverage",
        &[0],
        "held by",
    ),
    job(
        "stress stress-suite --users 100 --months 1 --set warmup_months=1 --replications 2 --shard 1/2 --out part",
        &[0],
        "shard 1 of 2 of a stress suite",
    ),
    job("merge part --out merged", &[0], "report  merged/report.html"),
    job("ltv ltv --users 2000 --out ltv", &[0], "AUC"),
    job("calibrate --check --users 100 --months 1 --set warmup_months=1 --seeds 1", &[1], "targets met"),
    job("calibrate --check --users 100 --months 1 --set warmup_months=1 --seeds 1 --json", &[1], "\"targets_met\""),
    job(
        "compare-products --users 100 --months 1 --set warmup_months=1 --replications 1 --out products",
        &[0],
        "The price cap",
    ),
    job("load load-quick -c 100 -d 1s -w 0s -r 20 --out load", &[0, 1, 99], "report    load/report.html"),
    job(
        // Nothing carries this: the search is over after two probes. `capacity.rs` has searches that find something.
        "capacity load-quick -c 100 --set load.placement=side-by-side --set load.threads=1 --set load.capacity.probe=1s \
         --set load.capacity.confirm=1s --set load.capacity.repeats=1 --set load.capacity.start_rate=3000 \
         --set load.capacity.growth=10 --set load.capacity.precision=0.5 --set load.capacity.objective=p99<1us --out capacity",
        &[1],
        "report    capacity/report.html",
    ),
    job("recover LOADS/a", &[0], "missing     nothing"),
    job("compare LOADS/a LOADS/b --allow-invalid", &[0, 1], "B is "),
];

/// Tries the jobs for which there are `loads`, or all others: in their order, and beside them those that wait for the clock. What was
/// wrong with each.
pub(crate) fn wrong_of(loads: bool, wrong: &(dyn Fn(&Job) -> Option<String> + Sync)) -> Vec<String> {
    let jobs = |waits: bool| JOBS.iter().filter(move |job| job.reads_loads() == loads && job.waits() == waits);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| jobs(true).filter_map(wrong).collect::<Vec<_>>());
        let mut found: Vec<String> = jobs(false).filter_map(wrong).collect();
        found.extend(waiting.join().expect("no panic"));
        found
    })
}

impl Job {
    fn reads_loads(&self) -> bool {
        self.typed.contains("LOADS")
    }

    fn waits(&self) -> bool {
        self.typed.starts_with("load load-quick") || self.typed.starts_with("capacity ")
    }

    /// The arguments. The first job of all begins the load runs; only those that read them wait.
    pub(crate) fn arguments(&self) -> Vec<String> {
        static BEGUN: Once = Once::new();
        BEGUN.call_once(|| drop(thread::spawn(loads)));
        let word = |word: &str| match word.strip_prefix("LOADS") {
            Some(rest) => loads().to_str().expect("a path in UTF-8").to_owned() + rest,
            None => word.to_owned(),
        };
        self.typed.split_whitespace().map(word).collect()
    }
}

/// A folder with two load runs `a` and `b` that can be compared, the first with a journal. They take half a minute, once.
pub(crate) fn loads() -> &'static Path {
    static LOADS: OnceLock<PathBuf> = OnceLock::new();
    LOADS.get_or_init(|| {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("loads");
        // Of an earlier run of the tests.
        let _ = std::fs::remove_dir_all(&home);
        std::fs::create_dir_all(&home).expect("a directory");
        let load = |more: &[&str]| {
            let common = ["load", "load-quick", "-c", "100", "-d", "31s", "-w", "0s", "-r", "20"];
            yuefu_in(&home, &[&common, more].concat())
        };
        let said: [Said; 2] = thread::scope(|scope| {
            let a = scope.spawn(|| load(&["--set", "load.durability=group", "--out", "a"]));
            let b = load(&["--out", "b"]);
            [a.join().expect("no panic"), b]
        });
        for said in said {
            assert!([0, 1, 99].contains(&said.code), "{}", said.err);
        }
        home
    })
}
