//! The program alone in an empty folder: what it carries, what stands beside it, and what it says at the wrong door.

use crate::jobs::wrong_of;
use crate::program::{Said, yuefu, yuefu_in, yuefu_reading};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

#[allow(dead_code, reason = "the binary's own list, read here to compare it with the folders")]
#[path = "../../src/built_in.rs"]
mod built_in;

const TINY: [&str; 6] = ["--users", "100", "--months", "1", "--set", "warmup_months=1"];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

fn in_folder(folder: &Path, arguments: &[&str], more: &[&str]) -> Said {
    yuefu_in(folder, &[arguments, more].concat())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn sources() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_model_and_scenario_is_in_the_binary() {
    fn walk(directory: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(directory).expect("a directory").flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else {
                let path = entry.path();
                let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("inside");
                found.push(path.to_str().expect("UTF-8").to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&sources().join("models"), &mut found);
    walk(&sources().join("scenarios"), &mut found);
    // A listed file that is gone does not compile.
    let listed = |path: &String| built_in::BUILT_IN.iter().any(|(listed, _)| *listed == path);
    found.retain(|path| !listed(path));
    assert!(found.is_empty(), "src/built_in.rs lacks {found:?}");
    assert!(built_in::BUILT_IN.is_sorted_by_key(|(path, _)| *path), "and is in order");
}

#[test]
fn commands_do_their_job_in_an_empty_folder() {
    let home = folder();
    let home = home.path();
    let run = in_folder(home, &["run", "quick", "--json", "--out", "a"], &TINY);
    assert_eq!(run.first_line(), "scenario: built-in scenarios/quick.toml; models: built-in models");
    let built_in: Value = serde_json::from_str(&run.well()).expect("JSON");
    let provenance = fs::read_to_string(home.join("a/provenance.json")).expect("there");
    assert!(provenance.contains("\"models\": \"built-in models\""), "{provenance}");
    let on_disk =
        yuefu(&[&["run", "scenarios/quick.toml", "--json", "--out", &text(&home.join("b"))], &TINY[..]].concat());
    assert_eq!(on_disk.first_line(), "scenario: scenarios/quick.toml; models: models");
    let on_disk: Value = serde_json::from_str(&on_disk.well()).expect("JSON");
    assert_eq!(built_in["hash"], on_disk["hash"], "the same numbers, wherever they are read");
    let resolved = |run: &str| fs::read(home.join(run).join("scenario.toml")).expect("there");
    assert_eq!(resolved("a"), resolved("b"));
    yuefu_in(home, &["verify", "a"]).well();
    yuefu_in(home, &["report", "a"]).well();

    let suite = ["--users", "100", "--months", "3", "--set", "warmup_months=1", "--replications", "4", "--json"];
    in_folder(home, &["stress", "stress-suite"], &suite).well();
    let checked = yuefu_in(home, &["check", "quick", "downturn", "stress-suite", "evening-peak", "products"]).well();
    assert_eq!(checked.matches(": ok").count(), 5, "{checked}");
    let calibrated = in_folder(home, &["calibrate", "--check", "--seeds", "1"], &TINY);
    assert!(calibrated.code <= 1 && calibrated.out.contains("targets met"), "{}", calibrated.err);
    let compared = in_folder(home, &["compare-products", "--replications", "1", "--json"], &TINY);
    assert!(compared.code == 0 && compared.out.starts_with('{'), "{}", compared.err);
    let load = ["load", "load-quick", "-c", "100", "-d", "1s", "-w", "0s", "-r", "20", "--json"];
    let load = yuefu_in(home, &load);
    assert!([0, 1, 99].contains(&load.code) && load.out.starts_with('{'), "{}", load.err);
    for kind in ["products", "economies", "policies", "scenarios", "keys", "measures"] {
        let plain = yuefu_in(home, &["list", kind]);
        assert!(plain.code == 0 && plain.out.lines().count() > 5, "{kind}: {}", plain.out);
        let json: Value = serde_json::from_str(&yuefu_in(home, &["list", kind, "--json"]).out).expect("JSON");
        assert_eq!(json.as_array().map(Vec::len), Some(plain.out.lines().count()));
    }
}

/// What a stranger has: one file, an empty folder.
#[test]
fn every_command_does_its_job_in_an_empty_folder() {
    do_their_job(false);
}

/// The jobs of one kind, in a folder of their own.
pub(crate) fn do_their_job(loads: bool) {
    let home = folder();
    let wrong = wrong_of(loads, &|job| {
        let arguments = job.arguments();
        let said = yuefu_in(home.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let right =
            job.codes.contains(&said.code) && said.out.contains(job.says) && job.says.is_empty() == said.out.is_empty();
        (!right).then(|| format!("yuefu {}: {}\n{}{}without {:?}", job.typed, said.code, said.out, said.err, job.says))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_example_of_the_documents_runs_in_an_empty_folder() {
    let home = folder();
    let readme = fs::read_to_string(sources().join("README.md")).expect("there");
    let (_, rest) = readme.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    fs::write(home.path().join("autumn.toml"), example).expect("written");
    assert_eq!(yuefu_in(home.path(), &["check", "autumn.toml"]).well(), "autumn.toml: ok\n");
    let run = in_folder(home.path(), &["run", "autumn.toml"], &TINY);
    assert_eq!(run.first_line(), "scenario: autumn.toml; models: built-in models");
    run.well();
}

/// A scenario on standard input is as a built-in one.
#[test]
fn a_dash_is_standard_input() {
    let home = folder();
    let home = home.path();
    let built_in = |name: &str| {
        let path = format!("scenarios/{name}.toml");
        let found = built_in::BUILT_IN.iter().find(|(carried, _)| **carried == path);
        found.expect("a built-in scenario").1
    };
    let quick = built_in("quick");
    let run = yuefu_reading(home, &[&["run", "-", "--json", "--out", "piped"], &TINY[..]].concat(), quick);
    assert_eq!(run.first_line(), "scenario: <stdin>; models: built-in models");
    let piped: Value = serde_json::from_str(&run.well()).expect("JSON");
    let named = in_folder(home, &["run", "quick", "--json", "--out", "named"], &TINY).well();
    assert_eq!(piped["hash"], serde_json::from_str::<Value>(&named).expect("JSON")["hash"]);
    let read = |run: &str| fs::read(home.join(run).join("scenario.toml")).expect("there");
    assert_eq!(read("piped"), read("named"));
    yuefu_in(home, &["verify", "piped"]).well();

    assert_eq!(yuefu_reading(home, &["check", "-"], quick).well(), "<stdin>: ok\n");
    let bad = yuefu_reading(home, &["check", "-"], &quick.replace("users =", "usres ="));
    assert!(bad.err.contains("--> <stdin>:") && bad.err.contains("errors in <stdin>"), "{}", bad.err);
    bad.refused(2, "did you mean `users`?");
    let elsewhere = format!("models = {:?}\n{quick}", sources().join("models"));
    let said = yuefu_reading(home, &[&["run", "-", "--out", "other"], &TINY[..]].concat(), &elsewhere);
    assert!(said.first_line().ends_with(&format!("models: {}", sources().join("models").display())), "{}", said.err);
    yuefu_reading(home, &["run", "-"], built_in("stress-suite")).refused(2, "<stdin> is a suite");
    yuefu_reading(home, &["run", "-"], "").refused(2, "missing key");

    let small = ["--users", "100", "--months", "1", "--set", "warmup_months=1"];
    let suite = [&["stress", "-", "--replications", "2"], &small[..]].concat();
    yuefu_reading(home, &suite, built_in("stress-suite")).well();
    let products = [&["compare-products", "-", "--replications", "1"], &small[..]].concat();
    yuefu_reading(home, &products, built_in("products")).well();
    let calibrated = [&["calibrate", "--check", "-", "--seeds", "1"], &small[..]].concat();
    assert_eq!(yuefu_reading(home, &calibrated, built_in("calibration")).code, 1);
    let load = ["load", "-", "-c", "100", "-d", "1s", "-w", "0s", "-r", "20"];
    let load = yuefu_reading(home, &load, built_in("load-quick"));
    assert!([0, 1, 99].contains(&load.code), "{}", load.err);
    yuefu_reading(home, &["capacity", "-", "-r", "5"], built_in("load-quick")).refused(2, "`yuefu load - --rate");
}

/// What the README shows, as a shell reads it; what takes long is made small.
#[test]
fn the_examples_of_the_readme_work_in_an_empty_folder() {
    let readme = fs::read_to_string(sources().join("README.md")).expect("there").replace("\\\n        ", "");
    let home = folder();
    let mut run = Vec::new();
    for line in readme.lines().filter_map(|line| line.strip_prefix("    ")) {
        let line = line.replace("cargo run --release -- ", "yuefu ");
        // What follows says in words what the command does; a synopsis has placeholders.
        let example = line.split("   ").next().unwrap_or_default().trim();
        let words: Vec<&str> = example.split_whitespace().collect();
        let placeholder = |word: &&str| {
            word.contains(['[', '|']) || (word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c == '.'))
        };
        if words.first() != Some(&"yuefu") || words.iter().any(placeholder) || example == "yuefu compare A B" {
            continue;
        }
        let smaller = match words[1] {
            "run" => "--users 100 --months 1 --set warmup_months=1",
            "stress" => "--users 100 --months 1 --set warmup_months=1 --replications 2",
            "compare-products" => "--users 100 --months 1 --set warmup_months=1 --replications 1",
            "load" if example.contains("spike") => {
                "--set users=100 --set load.duration=3s --set load.warmup=0s --set load.base=20 --set load.peak=40 \
                 --set load.spike_at=1s --set load.spike_for=1s"
            }
            "load" => "-c 100 -d 1s -w 0s -r 20",
            "capacity" => {
                "-c 100 --world baseline --set load.capacity.probe=1s --set load.capacity.confirm=1s \
                 --set load.capacity.repeats=1 --set load.capacity.start_rate=3000 --set load.capacity.growth=10 \
                 --set load.capacity.precision=0.5 --set 'load.capacity.objective=p99<1us'"
            }
            _ => "",
        };
        let script = format!("yuefu() {{ {:?} \"$@\"; }}; {example} {smaller}", env!("CARGO_BIN_EXE_yuefu"));
        let output = Command::new("sh").args(["-c", &script]).current_dir(home.path()).output().expect("a shell");
        let measured = ["load", "capacity"].contains(&words[1]);
        let right: &[i32] = if measured { &[0, 1, 99] } else { &[0] };
        let code = output.status.code().unwrap_or(128);
        assert!(right.contains(&code), "{example}: {code}\n{}", String::from_utf8_lossy(&output.stderr));
        run.push(words[1].to_owned());
    }
    for command in ["run", "list", "init", "quote", "stress", "compare-products", "load", "capacity", "recover"] {
        assert!(run.iter().any(|ran| ran == command), "{command} has an example in the README: {run:?}");
    }
}

/// The command line, the scenario's own word, what stands beside it, what is built in.
#[test]
fn models_are_looked_for_in_a_stated_order() {
    let home = folder();
    let home = home.path();
    yuefu_in(home, &["init", "lab"]).well();
    yuefu_in(home, &["init", "lab"]).refused(2, "not empty");
    copy(&home.join("lab/models"), &home.join("mine"));
    let quick = fs::read_to_string(home.join("lab/scenarios/quick.toml")).expect("there");
    fs::write(home.join("lab/scenarios/own.toml"), format!("models = \"../../mine\"\n{quick}")).expect("written");
    let first = |arguments: &[&str]| {
        let said = in_folder(home, &["run", "--out", "o"], &[arguments, &TINY].concat());
        let first = said.first_line();
        said.well();
        first.split_once("models: ").expect("says").1.to_owned()
    };
    assert_eq!(first(&["quick"]), "built-in models");
    assert_eq!(first(&["lab/scenarios/quick.toml"]), "lab/models");
    assert_eq!(first(&["lab/scenarios/own.toml"]), "lab/scenarios/../../mine");
    assert_eq!(first(&["lab/scenarios/own.toml", "--models", "lab/models"]), "lab/models");
    assert_eq!(first(&["quick", "--models", "mine"]), "mine");
    yuefu_in(home, &["run", "quick", "--models", "nowhere"]).refused(2, "no such directory");
    for scenario in fs::read_dir(home.join("lab/scenarios")).expect("there").flatten() {
        yuefu_in(home, &["check", &text(&scenario.path())]).well();
    }
    // An existing path wins over a name.
    fs::write(home.join("quick"), quick.replace("users = ", "usres = ")).expect("written");
    yuefu_in(home, &["check", "quick", "--models", "mine"]).refused(2, "did you mean `users`?");
}

#[test]
fn a_scenario_is_found_from_its_own_folder_and_through_a_link() {
    let scenarios = sources().join("scenarios");
    assert_eq!(yuefu_in(&scenarios, &["check", "./quick.toml"]).well(), "./quick.toml: ok\n");
    assert_eq!(yuefu_in(&scenarios, &["check", "quick.toml"]).well(), "quick.toml: ok\n");
    let home = folder();
    yuefu_in(home.path(), &["init", "lab"]).well();
    fs::write(home.path().join("lab/models/products/huabei.toml"), "garbage").expect("written");
    // Garbage in a file that only a comparison reads is found by `check`.
    let lab = home.path().join("lab/scenarios");
    yuefu_in(&lab, &["check", "./products.toml"]).refused(2, "huabei.toml");
    assert_eq!(yuefu_in(&lab, &["check", "./quick.toml"]).code, 0);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&scenarios, home.path().join("linked")).expect("a link");
        let said = in_folder(home.path(), &["run", "linked/quick.toml", "--out", "o"], &TINY);
        assert!(said.first_line().ends_with("linked/../models"), "{}", said.err);
        said.well();
    }
}

#[test]
fn wrong_doors_say_the_right_one() {
    let home = folder();
    fs::create_dir(home.path().join("scenarios")).expect("a directory");
    copy(&sources().join("models"), &home.path().join("models"));
    let strange =
        "# Targets\n[no_such_measure]\ntarget = 1.0\nlow = 0.5\nhigh = 1.5\ngrade = \"L\"\nsource = \"a test\"\n";
    fs::write(home.path().join("models/targets/huabei.toml"), strange).expect("written");
    let quick = fs::read_to_string(sources().join("scenarios/quick.toml")).expect("there");
    fs::write(home.path().join("scenarios/strange.toml"), quick.replace("douyin-monthly-pay", "huabei"))
        .expect("written");
    for (arguments, says) in [
        (&["run", "stress-suite"][..], "`yuefu stress stress-suite`"),
        (&["stress", "downturn"], "`yuefu run downturn`"),
        (&["coverage", "downturn"], "`yuefu run downturn`"),
        (&["stress", "products"], "`yuefu compare-products products`"),
        (&["coverage", "products"], "`yuefu compare-products products`"),
        (&["load", "products"], "`yuefu compare-products products`"),
        (&["calibrate", "stress-suite"], "`yuefu stress stress-suite`"),
        (&["calibrate", "--check", "stress-suite"], "`yuefu stress stress-suite`"),
        (&["calibrate"], "`yuefu init DIR`"),
        (&["load", "downturn"], "`yuefu run downturn`"),
        (&["capacity", "stress-suite"], "`yuefu stress stress-suite`"),
        (&["capacity", "evening-peak", "-r", "5"], "`yuefu load evening-peak --rate"),
        (&["capacity", "evening-peak", "-d", "5s"], "`yuefu load evening-peak --duration"),
        (&["capacity", "evening-peak", "-w", "5s"], "`yuefu load evening-peak --warmup"),
        (&["compare-products", "stress-suite"], "`yuefu stress stress-suite`"),
        (&["run", "scenarios/strange.toml"], "targets/huabei.toml:2)"),
        (&["calibrate", "scenarios/strange.toml"], "`no_such_measure`"),
        (&["check", "scenarios/strange.toml"], "`no_such_measure`"),
        (&["run", "downtrun"], "did you mean `downturn`?"),
        (&["run", "models"], "cannot read models: "),
        (&["run", "quick", "--seed", "18446744073709551615"], "9223372036854775807"),
        (&["run", "quick", "--set", "seed=18446744073709551615"], "`seed` is above 9223372036854775807"),
        (&["list", "product"], "products"),
        (&["schema", "products"], "product"),
        (&["init", "."], "not empty"),
    ] {
        yuefu_in(home.path(), arguments).refused(2, says);
    }
    assert!(!home.path().join("results").exists(), "nothing was begun");
}

/// Twenty thousand errors take no longer than fifty to be shown.
#[test]
fn many_errors_are_counted() {
    let home = folder();
    let quick = fs::read_to_string(sources().join("scenarios/quick.toml")).expect("there");
    let keys: String = (0..20_000).map(|number| format!("unknown_{number} = 1\n")).collect();
    fs::write(home.path().join("keys.toml"), format!("{keys}{quick}")).expect("written");
    let said = yuefu_in(home.path(), &["check", "keys.toml"]);
    assert_eq!(said.err.matches("error: ").count(), 50);
    assert!(said.err.contains("… and 19,950 more") && said.err.contains("20,000 errors in keys.toml"));
    let worlds: String = (0..20_000).map(|n| format!("[[worlds]]\nname = \"w{n}\"\neconomy = \"base\"\n")).collect();
    fs::write(home.path().join("worlds.toml"), format!("{quick}\n{worlds}")).expect("written");
    yuefu_in(home.path(), &["check", "worlds.toml"]).refused(2, "it needs at most");
}

/// A policy a day, and twenty thousand of them: each is laid over the ones before it, and none is kept.
#[test]
fn many_policies_are_read_in_time() {
    let home = folder();
    let quick = fs::read_to_string(sources().join("scenarios/quick.toml")).expect("there");
    let policy = |n: u32| {
        format!(
            "\n[[worlds.policies]]\nname = \"tighter-new-limits\"\nfrom = 2023-{:02}-{:02}\n",
            1 + n % 6,
            1 + n % 28
        )
    };
    let many: String = (0..20_000).map(policy).collect();
    fs::write(home.path().join("policies.toml"), format!("{quick}{many}")).expect("written");
    assert_eq!(yuefu_in(home.path(), &["check", "policies.toml"]).well(), "policies.toml: ok\n");
}

#[test]
fn a_published_table_of_many_bad_rows_is_refused_in_time() {
    let home = folder();
    yuefu_in(home.path(), &["init", "lab"]).well();
    let table = home.path().join("lab/models/economy/published/fed_2025_severely_adverse_domestic.csv");
    let header = fs::read_to_string(&table).expect("there").lines().next().expect("a header").to_owned();
    let rows: String = (0..80_000).map(|number| format!("row {number},x,y\n")).collect();
    fs::write(&table, format!("{header}\n{rows}")).expect("written");
    let said = yuefu_in(home.path(), &["check", "lab/scenarios/stress-paths.toml"]);
    assert!(
        said.code == 2 && said.err.contains("80,000 errors"),
        "{}",
        &said.err[said.err.len().saturating_sub(300)..]
    );
    fs::write(&table, "root:x:0:0:secret\n").expect("written");
    let said = yuefu_in(home.path(), &["check", "lab/scenarios/stress-paths.toml"]);
    assert!(said.code == 2 && !said.err.contains("secret"), "{}", said.err);
}

#[test]
fn an_error_says_its_cause_once() {
    let said = yuefu(&["check", "no/such/scenario.toml"]);
    assert_eq!(said.err.matches("No such file").count(), 1, "{}", said.err);
    let home = folder();
    fs::write(home.path().join("file"), "").expect("written");
    let said = in_folder(home.path(), &["run", "quick", "--out", "file/inside"], &TINY);
    assert!(said.code >= 2 && said.err.matches("Not a directory").count() <= 1, "{}", said.err);
}

#[test]
fn every_kind_of_file_has_a_schema() {
    for kind in ["scenario", "suite", "product", "behaviour", "personas", "policy", "economy", "targets", "partners"] {
        let schema: Value = serde_json::from_str(&yuefu(&["schema", kind]).well()).expect("JSON");
        assert!(schema["title"].is_string() && schema["type"] == "object", "{kind}");
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}
