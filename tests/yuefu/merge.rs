//! `--shard` and `yuefu merge`: what shards leave makes the same whole, and what does not belong together is refused by name.

use crate::program::{Said, yuefu_in};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A suite of worlds without a warm-up, but for its part `[suite]`.
fn tiny(title: &str, months: u8) -> String {
    format!(
        "name = \"tiny\"\ntitle = \"{title}\"\nproduct = \"douyin-monthly-pay\"\nusers = 100\nwarmup_months = 0\nmonths = {months}\n\
         start = 2027-01-01\nseed = 5\n\n"
    )
}

const SUITE: &str = r#"[suite]
replications = 3
outcomes = ["captured_yuan", "application_approval_rate"]
variance = { path = "severe", lucks = 2 }
attribution = { path = "severe" }
paths = [{ name = "base", economy = "base" }, { name = "severe", economy = "severe" }]
policies = [{ name = "present" }, { name = "tighter", apply = [{ name = "tighter-new-limits", from = 2027-01-01 }] }]

[[suite.reverse]]
name = "sales"
measure = "captured_yuan"
below = 24_000
severe = "severe"
replications = 2
precision = 0.3
"#;

const ASSUMPTIONS: &str = r#"[suite]
replications = 2
outcomes = ["captured_yuan"]
paths = [{ name = "base", economy = "base" }]
policies = [{ name = "present" }]

[suite.sensitivity]
span = 0.5
replications = 2
trajectories = 2
only = ["behaviour.buy.demand_per_month", "product.origination.pd_cutoff"]
"#;

/// The downturn comes at once, so that paths and depths differ; and the limit of the reverse stress lies between two depths.
const SET: [&str; 6] = [
    "--set",
    "economy.severe.start_month=1",
    "--set",
    "economy.severe.rise_months=1",
    "--set",
    "economy.severe.spending_drop=0.3",
];

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().expect("a directory"));
        home.put("suite.toml", &(tiny("A suite of small worlds", 2) + SUITE));
        home.put("assumptions.toml", &(tiny("Two assumptions of a small world", 1) + ASSUMPTIONS));
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("written");
    }

    fn yuefu(&self, arguments: &[&str]) -> Said {
        yuefu_in(self.0.path(), arguments)
    }

    /// One shard of a command, whose answer is a part.
    fn shard(&self, command: &[&str], shard: &str, out: &str) -> String {
        let said = self.yuefu(&[command, &["--shard", shard, "--out", out]].concat()).well();
        assert!(said.contains(&format!("part    {out}\n")), "{said}");
        said
    }

    /// Merges parts; gives what is said beside the answer.
    fn merge(&self, parts: &[&str], out: &str) -> String {
        let said = self.yuefu(&[&["merge"], parts, &["--out", out]].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        said.err
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Both directories hold the same, but for how long it took.
    #[track_caller]
    fn same(&self, whole: &str, merged: &str) {
        let files = |dir: &str| {
            let mut names = Vec::new();
            for entry in fs::read_dir(self.path(dir)).expect("there").map(|entry| entry.expect("an entry").path()) {
                let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
                let timed = ["manifest.json", "timing.json", "report.html"].contains(&name.as_str());
                names.extend((entry.is_file() && !timed).then_some(name));
            }
            names.sort();
            names
        };
        assert_eq!(files(whole), files(merged));
        for file in files(whole) {
            let read = |dir: &str| fs::read(self.path(dir).join(&file)).expect("read");
            assert!(read(whole) == read(merged), "{file} of {merged} is not that of {whole}");
        }
    }
}

#[test]
fn shards_merged_in_any_order_make_the_suite_of_one_command() {
    let home = Home::new();
    let suite = [&["stress", "suite.toml"], &SET[..]].concat();
    let whole = home.yuefu(&[&suite[..], &["--out", "whole"]].concat()).well();
    assert!(whole.contains("broken from k = 1."), "the reverse stress searches: {whole}");
    home.shard(&suite, "1/1", "one");
    home.merge(&["one"], "of-one");
    home.same("whole", "of-one");
    // Seven warm-ups at most: the last shards have nothing to do, and say so.
    for shard in 1..=8 {
        let said = home.shard(&suite, &format!("{shard}/8"), &format!("p{shard}"));
        assert_eq!(said.contains("worlds  0, of 0 warm-ups"), shard > 6, "{said}");
    }
    let said = home.merge(&["p8", "p3", "p1", "p7", "p2", "p6", "p4", "p5"], "of-eight");
    assert!(said.contains("taken from 8 parts, 2 run here"), "what the reverse stress searches for: {said}");
    home.same("whole", "of-eight");
    assert!(home.yuefu(&["verify", "of-eight"]).well().starts_with("same hash: "));
    assert!(home.path("p3/worlds").is_dir() && !home.path("of-eight.work").exists(), "parts stay as they were");
    // What is missing is said and run; the document is that of the command without shards.
    let said = home.yuefu(&["merge", "p2", "p4", "p1", "--json", "--out", "of-three", "--workers", "1"]);
    assert_eq!((said.code, &said.out), (0, &home.text("whole/suite.json")), "{}", said.err);
    assert!(said.err.contains("of 8 shards 3, 5, 6, 7, 8 are missing"), "{}", said.err);
    home.same("whole", "of-three");
    // A task that is started twice has nothing to do; an `--out` that was forgotten costs nothing.
    let part = home.text("p1/part.json");
    assert!(home.shard(&suite, "1/8", "p1").contains("13 kept from before"));
    assert_eq!(home.text("p1/part.json"), part);
    let other = [&suite[..], &["--shard", "2/8", "--out", "p1"]].concat();
    home.yuefu(&other).refused(2, "p1: it holds shard 1 of 8; nothing was touched");
    assert_eq!(home.text("p1/part.json"), part);
}

#[test]
fn assumptions_coverage_and_products_are_sharded_too() {
    let home = Home::new();
    let jobs: [(&[&str], &str); 3] = [
        (&["stress", "assumptions.toml"], "suite.json"),
        (
            &[
                "coverage",
                "coverage",
                "--users",
                "100",
                "--months",
                "1",
                "--set",
                "warmup_months=0",
                "--seeds",
                "3",
                "--long-run",
                "4",
            ],
            "coverage.json",
        ),
        (
            &[
                "compare-products",
                "products",
                "--users",
                "100",
                "--months",
                "1",
                "--set",
                "warmup_months=0",
                "--replications",
                "1",
            ],
            "products.json",
        ),
    ];
    for (command, document) in jobs {
        let name = command[0];
        let [whole, a, b, merged] = ["whole", "a", "b", "merged"].map(|end| format!("{name}-{end}"));
        home.yuefu(&[command, &["--out", &whole]].concat()).well();
        home.shard(command, "1/2", &a);
        let json = home.yuefu(&[command, &["--shard", "2/2", "--json", "--out", &b]].concat()).well();
        assert_eq!(json, home.text(&format!("{b}/part.json")), "--json prints what the part says of itself");
        assert!(home.merge(&[&b, &a], &merged).contains("taken from 2 parts, 0 run here"));
        home.same(&whole, &merged);
        assert_eq!(home.text(&format!("{whole}/{document}")), home.text(&format!("{merged}/{document}")));
        // The other commands know what a part is.
        assert!(home.yuefu(&["verify", &a]).well().contains("`yuefu merge` makes the whole"));
        home.yuefu(&["report", &a]).refused(2, "`yuefu merge` makes the whole");
        home.yuefu(&["export", &a, "--format", "hledger"]).refused(2, "`yuefu merge` makes the whole");
        home.yuefu(&["compare", &a, &b]).refused(2, "`yuefu merge` makes the whole");
    }
    home.yuefu(&["merge", "stress-a", "coverage-b"]).refused(2, "of another kind than");
}

fn start(program: &Path, home: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(home).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("the program was built with the tests")
}

fn kept(area: &Path) -> usize {
    let finished = |entry: &std::io::Result<fs::DirEntry>| {
        entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|ending| ending == "json"))
    };
    fs::read_dir(area).into_iter().flatten().filter(finished).count()
}

/// Stops a child where it stands, after some worlds more than there were.
#[cfg(unix)]
fn stop_after(child: &mut Child, area: &Path, more: usize) {
    let until = kept(area) + more;
    while kept(area) < until && child.try_wait().expect("it can be asked").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let stopped = Command::new("kill").args(["-STOP", &child.id().to_string()]).status().expect("kill is there");
    assert!(stopped.success());
}

/// Kills it without a word, as a power cut would.
#[cfg(unix)]
fn kill(mut child: Child) {
    child.kill().expect("it is there");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), None, "{}", String::from_utf8_lossy(&output.stderr));
}

/// A suite that moves assumptions has a warm-up for each: how many is said before the first.
#[test]
fn how_many_warm_ups_will_be_kept_is_said_beforehand() {
    let home = Home::new();
    let suite = ["stress", "assumptions.toml", "--set", "warmup_months=1", "--warm", "warm"];
    let said = home.yuefu(&[&suite[..], &["--out", "one", "--shard", "1/1"]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    let kept = fs::read_dir(home.path("warm")).expect("there").flatten().filter(|e| e.path().is_dir()).count();
    let words = format!("--warm: {kept} warm-ups are to be made and kept in warm, some 1 MB; nothing removes them");
    assert!(kept > 8 && said.err.contains(&words), "{kept} kept; {}", said.err);
    let again = home.yuefu(&[&suite[..], &["--out", "two"]].concat());
    assert!(
        !again.err.contains("are to be made") && again.err.contains(&format!("{kept} taken, 0 made")),
        "{}",
        again.err
    );
}

/// A shard is killed, by another program first; a second writer is refused meanwhile; then the same command goes on, and a merge
/// takes what an unfinished shard kept.
#[cfg(unix)]
#[test]
fn a_killed_shard_goes_on_and_two_do_not_meet() {
    let home = Home::new();
    let own = Path::new(env!("CARGO_BIN_EXE_yuefu"));
    // The same program with other bytes: nobody can know that it computes the same.
    let other = home.path("other-yuefu");
    fs::copy(own, &other).expect("copied");
    fs::OpenOptions::new()
        .append(true)
        .open(&other)
        .and_then(|mut f| std::io::Write::write_all(&mut f, b"x"))
        .expect("written");
    let suite = [&["stress", "suite.toml", "--users", "400", "--workers", "1"], &SET[..]].concat();
    let shard = [&suite[..], &["--shard", "1/2", "--out", "a"]].concat();
    let area = home.path("a.work");
    let mut first = start(&other, home.0.path(), &shard);
    stop_after(&mut first, &area, 1);
    kill(first);
    let mut second = start(own, home.0.path(), &shard);
    stop_after(&mut second, &area, 2);
    home.yuefu(&shard).refused(2, &format!("process {} on ", second.id()));
    home.yuefu(&["merge", "a.work"]).refused(2, &format!("process {} on ", second.id()));
    kill(second);
    assert!(!home.path("a").exists());

    home.yuefu(&["merge", "a.work"]).refused(2, "name one finished part at least");
    home.yuefu(&["merge", "a.work", "a.work"]).refused(2, "a.work: it is named twice: leave one of them out");
    home.yuefu(&["merge", "a.work", "./a.work"]).refused(2, "a.work: it is a.work: leave one of them out");
    home.yuefu(&[&suite[..], &["--shard", "2/2", "--out", "b", "--json"]].concat()).well();
    home.yuefu(&[&suite[..], &["--out", "whole", "--json"]].concat()).well();
    let names: Vec<String> = fs::read_dir(home.0.path())
        .expect("there")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a text"))
        .filter(|name| name.starts_with('a') && name != "assumptions.toml")
        .collect();
    assert!(names.iter().any(|name| name.ends_with(".partial")), "as `merge a*` would name them: {names:?}");
    let all: Vec<&str> = names.iter().map(String::as_str).chain(["b"]).collect();
    let said = home.merge(&all, "early");
    for words in [
        ".partial: what a stopped command left",
        "a.work: an unfinished shard",
        "of 2 shards 1 is missing",
        "were made by another program: they are not taken",
    ] {
        assert!(said.contains(words), "{said}\nlacks {words}");
    }
    home.same("whole", "early");

    let said = home.yuefu(&shard);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("worlds that are kept in") && said.err.contains("made by another program"),
        "{}",
        said.err
    );
    assert!(!said.out.contains("; 0 kept from before"), "{}", said.out);
    home.merge(&["b", "a"], "late");
    home.same("whole", "late");
    // A part of another program is refused by name.
    let of_other = Command::new(&other)
        .args([&suite[..], &["--shard", "1/2", "--out", "foreign"]].concat())
        .current_dir(home.0.path())
        .output();
    assert!(of_other.expect("it runs").status.success());
    home.yuefu(&["merge", "b", "foreign"]).refused(2, "foreign/part.json: another program made it");
}

#[test]
fn what_does_not_belong_together_is_refused_by_name() {
    let home = Home::new();
    let small = ["stress", "suite.toml", "--users", "100", "--months", "1"];
    home.shard(&small, "1/2", "a");
    home.shard(&small, "2/2", "b");
    home.shard(&small, "2/2", "b-again");
    home.shard(&[&small[..], &["--seed", "6"]].concat(), "2/2", "seed");
    home.shard(&small, "2/3", "thirds");
    home.yuefu(&["stress", "suite.toml", "--users", "100", "--months", "1", "--out", "suite"]).well();
    home.put("file", "not a part");
    fs::create_dir(home.path("notes")).expect("made");
    home.put("notes/letter", "mine");
    let cases: [(&[&str], &str); 10] = [
        (&[], "required"),
        (&["nowhere"], "nowhere: there is no such directory"),
        (&["a", "file"], "file: it is no directory"),
        (&["a", "notes"], "notes: it is not a results directory"),
        (&["a", "suite"], "suite: it holds a stress suite, not a part"),
        (&["seed", "a"], "seed/scenario.toml: it is a part of another scenario (its input differs) than a"),
        (&["thirds", "a"], "thirds/part.json: it is shard 2 of 3, another division than a"),
        (&["b", "a", "b-again"], "b and b-again both hold shard 2 of 2"),
        (&["a", "b", "--out", "b", "--force"], "b: the whole would take its place"),
        (&["a", "b", "--out", "notes"], "notes: it is not a results directory; it holds letter"),
    ];
    for (arguments, why) in cases {
        let all = if arguments.contains(&"--out") { vec![] } else { vec!["--out", "merged"] };
        home.yuefu(&[&["merge"], arguments, &all].concat()).refused(2, why);
    }
    let damage = |file: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let path = home.path(file);
        let whole = fs::read(&path).expect("there");
        let mut damaged = whole.clone();
        change(&mut damaged);
        fs::write(&path, damaged).expect("written");
        whole
    };
    let world = fs::read_dir(home.path("b/worlds")).expect("there").next().expect("one").expect("an entry").file_name();
    let world = format!("worlds/{}", world.to_string_lossy());
    for file in [world.as_str(), "part.json", "scenario.toml", "manifest.json"] {
        let inside = format!("b/{file}");
        let flipped = damage(&inside, &|bytes| *bytes.last_mut().expect("not empty") ^= 1);
        home.yuefu(&["merge", "a", "b", "--out", "merged"]).refused(2, file);
        fs::write(home.path(&inside), &flipped[..flipped.len() / 2]).expect("written");
        home.yuefu(&["merge", "a", "b", "--out", "merged"]).refused(2, file);
        fs::write(home.path(&inside), flipped).expect("written");
    }
    home.put("b/worlds/ab.json", "planted");
    home.yuefu(&["merge", "a", "b", "--out", "merged"]).refused(2, "worlds/ab.json in it was not written by Yuefu");
    fs::remove_file(home.path("b/worlds/ab.json")).expect("removed");
    assert!(!home.path("merged").exists() && !home.path("merged.work").exists());
    home.merge(&["a", "b"], "merged");
    home.same("suite", "merged");
}

#[test]
fn shards_that_there_are_not_are_refused() {
    let home = Home::new();
    let cases = [
        ("0/8", "shards count from 1: write 1/8 to 8/8"),
        ("9/8", "of 8 shards the last is 8/8"),
        ("a/b", "write I/N"),
        ("3/0", "there are no 0 shards"),
        ("3", "write I/N"),
        ("", "write I/N"),
        ("-1/8", "write I/N"),
        ("+1/8", "write I/N"),
        ("1/8/9", "write I/N"),
        ("1.5/8", "write I/N"),
        ("1/100001", "at most 100000 shards"),
        ("1/99999999999", "write I/N"),
    ];
    for (position, (shard, why)) in cases.into_iter().enumerate() {
        let command = ["stress", "coverage", "compare-products"][position % 3];
        let scenario = ["suite.toml", "coverage", "products"][position % 3];
        let said = home.yuefu(&[command, scenario, "--shard", shard, "--out", "part"]);
        assert!(said.err.contains("--shard <I/N>"), "{}", said.err);
        said.refused(2, why);
    }
    home.yuefu(&["compare-products", "products", "--shard", "1/2", "--assumptions"]).refused(2, "cannot be used with");
    home.yuefu(&["merge", "part", "--seed", "3"]).refused(2, "--seed");
    home.yuefu(&["stress", "quick", "--shard", "1/2"]).refused(2, "no part `[suite]`");
    assert!(!home.path("part").exists() && !home.path("results").exists());
}

/// The scripts of the document, with a program in place of ours that says what it was asked for.
#[cfg(unix)]
#[test]
fn recipes_ask_for_the_shards_that_there_are() {
    let home = Home::new();
    home.put("yuefu", "#!/bin/sh\necho \"$@\"\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(home.path("yuefu"), executable).expect("ours");
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/shards.md")).expect("there");
    let block = |begins: &str| {
        let (_, rest) = document.split_once(begins).unwrap_or_else(|| panic!("no {begins}"));
        begins.trim_start_matches("```sh\n").to_string() + rest.split_once("```").expect("its end").0
    };
    let slurm = block("```sh\n#!/bin/sh\n#SBATCH");
    let job = block("          args:\n            - >-\n");
    let lines = job.lines().skip(2).take_while(|line| line.starts_with("              "));
    let pod: String = lines.map(|line| format!("{}\n", line.trim())).collect();
    let says = |script: &str, variables: &[(&str, &str)]| {
        let path = format!("{}:/usr/bin:/bin", home.0.path().display());
        let mut shell = Command::new("/bin/sh");
        shell.args(["-eu", "-c", &script.replace("/work/", "")]).current_dir(home.0.path()).env("PATH", path);
        let output = shell.envs(variables.iter().copied()).output().expect("a shell");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a text")
    };
    for (index, number) in [("0", "1"), ("99", "100")] {
        let wanted = format!("--shard {number}/100 --out parts/{number}\n");
        let found = says(&slurm, &[("SLURM_ARRAY_TASK_ID", number), ("SLURM_CPUS_PER_TASK", "8")]);
        assert!(found.ends_with(&wanted) && found.contains("--workers 8"), "{found}");
        let found = says(&pod, &[("JOB_COMPLETION_INDEX", index), ("SHARDS", "100")]);
        assert!(found.ends_with(&wanted), "{found}");
    }
    let counts = ["completions: 100\n", "parallelism: 100\n", "value: \"100\"\n", "--array=1-100\n"];
    assert!(counts.iter().all(|words| document.contains(words)), "one number everywhere");
}
