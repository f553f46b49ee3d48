//! Style and architecture as a test: who may import whom, where clocks and threads may be, how long a file or function gets.
//!
//! The scan is lexical (see [`source`]): it reads paths as they are written and resolves them from the file's place in the tree
//! (see [`paths`]), not what macros make of them. That is enough, and it needs no compiler.

mod circles;
mod glossary;
mod identifiers;
mod paths;
mod source;

use paths::{module_path, paths};
use source::Source;
use std::path::Path;

/// Who may import what of the crate. A name allows the whole module, `name::part` that part only. A module always sees itself;
/// `*` sees everything. Modules that are not in the table are a finding.
const IMPORTS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("economy", &["base"]),
    ("credit", &["base"]),
    ("agents", &["base", "economy", "credit::command"]),
    ("scenario", &["base", "economy", "credit::terms", "agents::levers", "agents::traits"]),
    ("population", &["base", "economy", "agents", "scenario"]),
    // The chart says which accounts are income and which cost: profit is read off the journal.
    ("measure", &["base", "credit::command", "credit::totals", "credit::chart", "agents::traits", "agents::totals"]),
    ("world", &["base", "economy", "credit", "agents", "scenario", "population", "measure"]),
    ("runtime", &[]),
    ("sim", &["base", "credit", "scenario", "population", "world", "measure", "runtime"]),
    ("journal", &["base", "credit", "runtime"]),
    ("load", &["base", "credit", "agents", "scenario", "world", "measure", "runtime", "sim", "journal"]),
    ("audit", &["base", "credit::command", "credit::chart"]),
    // The journal's kinds of posting are put in words.
    ("results", &["base", "scenario", "measure", "credit::chart"]),
    (
        "experiment",
        &[
            "base",
            "credit",
            "agents",
            "scenario",
            "population",
            "world",
            "measure",
            "runtime",
            "sim",
            "load",
            "journal",
            "audit",
            "results",
        ],
    ),
    ("report", &["base", "measure", "results"]),
    ("cli", &["*"]),
    ("main", &["*"]),
    ("built_in", &[]),
    ("lib", &["*"]),
];

/// Modules below the drivers: time, luck and threads are arguments there or absent.
const BELOW_DRIVERS: &[&str] =
    &["base", "economy", "credit", "agents", "scenario", "population", "world", "measure", "audit"];

/// What stands above the core and gets its threads from `runtime`. (`cli` asks how many cores there are.)
const THREADS_FROM_RUNTIME: &[&str] = &["sim", "load", "journal", "data", "results", "experiment", "report"];

/// Words that no module below the drivers may use.
const NOT_BELOW_DRIVERS: &[(&str, &str)] = &[
    ("std::time", "no clocks below the drivers: time is an argument"),
    ("Instant::now", "no clocks below the drivers: time is an argument"),
    ("SystemTime", "no clocks below the drivers: time is an argument"),
    ("std::thread", "no threads below the drivers"),
    ("std::net", "no sockets below the drivers"),
    ("HashMap", "no unordered iteration below the drivers"),
    ("HashSet", "no unordered iteration below the drivers"),
    ("thread_rng", "no generator of the thread: draws are keyed"),
];

/// The pure core: it does no IO at all. (`scenario` reads its own files.)
const WITHOUT_IO: &[&str] = &["base", "economy", "credit", "agents", "population", "world", "measure", "audit"];

/// Crates that one place knows, with that place. Who needs them elsewhere asks it.
const HOMES: &[(&str, &[&str])] = &[
    ("actix", &["load/actors/", "load/run/"]),
    ("actix_rt", &["load/actors/", "load/run/"]),
    ("plotters", &["report/drawing.rs", "report/fonts.rs", "report/paint.rs", "report/palette.rs"]),
    ("rust_xlsxwriter", &["report/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/completions.rs"]),
    ("clap_mangen", &["cli/man.rs"]),
    ("ctrlc", &["cli/progress.rs"]),
    ("indicatif", &["cli/progress.rs"]),
    ("annotate_snippets", &["scenario/"]),
    ("schemars", &["scenario/"]),
    ("toml", &["scenario/", "results/"]),
    ("linfa", &["experiment/"]),
    ("linfa_logistic", &["experiment/"]),
    ("ndarray", &["experiment/"]),
    ("timely_communication", &["runtime/cluster/"]),
    ("timely_bytes", &["runtime/cluster/"]),
    ("getrandom", &["runtime/cluster/"]),
    ("TcpListener", &["runtime/cluster/"]),
    ("TcpStream", &["runtime/cluster/"]),
];

/// The one place that writes to the standard streams: elsewhere a full disk or a closed pipe would be a panic, or a wrong exit code.
const STREAMS_HOME: &str = "cli/streams.rs";

/// What writes to them, clap's own printing and ending included.
const STREAMS: &[&str] = &[
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "stdout",
    "stderr",
    "Stdout",
    "Stderr",
    ".print()",
    "print_help",
    "print_long_help",
    "get_matches",
    "get_matches_from",
    "CommandLine::parse",
    ".exit()",
];

/// Words that no code outside tests may use.
const NOWHERE: &[(&str, &str)] = &[
    (".unwrap()", "no unwrap outside tests: say what cannot happen, or return an error"),
    ("todo!", "unfinished"),
    ("unimplemented!", "unfinished"),
    ("dbg!", "left over"),
];

/// Names that say nothing of what is inside.
const DRAWERS: &[&str] = &["utils", "util", "misc", "helpers", "common"];

/// Names of modules of tests; `stories` and `fixture` are shared by several.
const TEST_MODULES: &[&str] = &["tests", "stories", "fixture"];

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

/// All that is wrong with one file, as `path:line: what`. `path` is relative to `src/`.
fn findings(path: &str, text: &str) -> Vec<String> {
    let source = Source::new(text);
    let module = module_of(path);
    let mut found = Vec::new();
    let mut say = |line: usize, what: String| found.push(format!("src/{path}:{line}: {what}"));

    let lines = text.lines().count();
    if lines > FILE_LINES_MAX {
        say(lines, format!("{lines} lines; past {FILE_LINES_MAX} there is usually a second idea"));
    }
    if let Some(part) = path.trim_end_matches(".rs").split('/').find(|part| DRAWERS.contains(part)) {
        say(1, format!("\"{part}\" is a drawer, not a name"));
    }
    for (line, name) in test_modules(&Source::with_tests(text)) {
        if path != "lib.rs" && !TEST_MODULES.contains(&name.as_str()) {
            say(line, format!("`mod {name}` is of tests: they stand in `mod tests` or `FILE/tests.rs`"));
        }
    }
    if is_test_file(path) {
        // A fixture or a story is a table, and may be a long one.
        return found;
    }
    for (line, name, length) in source.functions().into_iter().filter(|f| f.2 > FUNCTION_LINES_MAX) {
        say(line, format!("fn {name} has {length} lines; the most is {FUNCTION_LINES_MAX}"));
    }
    match IMPORTS.iter().find(|(name, _)| *name == module) {
        None => say(1, format!("module `{module}` is not in the import table")),
        Some((_, allowed)) => {
            for import in paths(&source, &module_path(path)) {
                if !may_import(module, allowed, &import.path) {
                    say(import.line, format!("`{module}` may not import `{}`", import.path.join("::")));
                }
            }
        }
    }
    let mut ban = |banned: &[(&str, &str)]| {
        for (word, why) in banned {
            for line in source.lines_with(word) {
                say(line, format!("{word}: {why}"));
            }
        }
    };
    ban(NOWHERE);
    if path != STREAMS_HOME {
        for word in STREAMS {
            ban(&[(word, "only cli/streams.rs writes to the standard streams")]);
        }
    }
    for (name, homes) in HOMES {
        if !homes.iter().any(|home| path.starts_with(home)) {
            ban(&[(name, "it has its home elsewhere: see `HOMES`")]);
        }
    }
    if BELOW_DRIVERS.contains(&module) {
        ban(NOT_BELOW_DRIVERS);
    }
    if WITHOUT_IO.contains(&module) {
        ban(&[
            ("std::fs", "the core does no IO"),
            ("std::env", "the core does no IO"),
            ("std::io", "the core does no IO"),
        ]);
    }
    if THREADS_FROM_RUNTIME.contains(&module) {
        ban(&[("std::thread", "threads only through `runtime`")]);
    }
    found
}

/// Modules that are compiled for tests only (`#[cfg(test)] mod name;`), and those that are put elsewhere than they stand.
fn test_modules(source: &Source) -> Vec<(usize, String)> {
    let tokens = source.tokens();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let end = (at..at + 12).find(|end| text(*end) == "mod").unwrap_or(at);
        let between: String = (at..end).map(text).collect();
        if ["#[cfg(test)]", "#[cfg(test)]pub(crate)", "#[cfg(test)]pub(super)"].contains(&between.as_str()) {
            found.push((token.line, text(end + 1).to_string()));
        }
        if text(at) == "#" && text(at + 2) == "path" {
            found.push((token.line, "elsewhere".to_string()));
        }
    }
    found
}

fn module_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// Test code may break the rules on purpose: `testing/`, `tests.rs` and anything under a `tests/` directory.
fn is_test_file(path: &str) -> bool {
    let mut parts = path.trim_end_matches(".rs").split('/');
    parts.next() == Some("testing") || parts.any(|part| part == "tests" || part == "stories")
}

fn may_import(module: &str, allowed: &[&str], import: &[String]) -> bool {
    let first = import.first().map_or("", String::as_str);
    first == module
        || allowed.iter().any(|rule| {
            let mut wanted = rule.split("::");
            *rule == "*"
                || wanted.next() == Some(first)
                    && wanted.next().is_none_or(|part| import.get(1).map(String::as_str) == Some(part))
        })
}

fn files(directory: &Path, into: &mut Vec<std::path::PathBuf>) {
    let entries = std::fs::read_dir(directory).expect("the source tree is there when tests run");
    for entry in entries {
        let path = entry.expect("a directory entry").path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The source tree: paths relative to `src/` and texts, sorted.
fn tree() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    paths.sort();
    assert!(paths.len() > 20, "the walk found only {} files", paths.len());
    let read = |path: &std::path::PathBuf| {
        let relative = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        (relative, std::fs::read_to_string(path).expect("a source file"))
    };
    paths.iter().map(read).collect()
}

#[track_caller]
fn none(found: &[String]) {
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_source_tree_is_tidy() {
    none(&tree().iter().flat_map(|(path, text)| findings(path, text)).collect::<Vec<_>>());
}

/// Entries of the import table that no file needs: they would let in what nobody means to let in.
fn entries_without_use(tree: &[(String, String)], table: &[(&str, &[&str])]) -> Vec<String> {
    let mut unused = Vec::new();
    for (module, allowed) in table.iter().filter(|(_, allowed)| !allowed.contains(&"*")) {
        let product = tree.iter().filter(|(path, _)| module_of(path) == *module && !is_test_file(path));
        let imports: Vec<Vec<String>> = product
            .flat_map(|(path, text)| paths(&Source::new(text), &module_path(path)))
            .map(|import| import.path)
            .collect();
        let needed = |rule: &&str| imports.iter().any(|import| may_import("", &[*rule], import));
        unused.extend(allowed.iter().filter(|rule| !needed(rule)).map(|rule| format!("`{module}` needs no `{rule}`")));
    }
    unused
}

#[test]
fn the_import_table_holds_nothing_that_nobody_needs() {
    let used = [("a/mod.rs".to_string(), "use crate::b::c::D;".to_string())];
    assert_eq!(entries_without_use(&used, &[("a", &["b::c"]), ("b", &["*"])]), Vec::<String>::new());
    assert_eq!(entries_without_use(&used, &[("a", &["b", "b::d", "e"])]), ["`a` needs no `b::d`", "`a` needs no `e`"]);
    none(&entries_without_use(&tree(), IMPORTS));
}

#[test]
fn no_word_has_come_back() {
    let product: Vec<_> = tree().into_iter().filter(|(path, _)| !path.starts_with("testing/tidy")).collect();
    none(&identifiers::of_tree(&product, glossary::BANNED, glossary::STILL_THERE));
}

#[test]
fn files_stand_in_no_circles() {
    let product: Vec<_> =
        tree().into_iter().filter(|(path, _)| !is_test_file(path) && path != "lib.rs" && path != "main.rs").collect();
    none(&circles::compare(&circles::circles(&circles::graph(&product)), circles::LISTED));
}

#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(findings(path, text), expected, "{text}");
}

#[test]
fn the_import_table_bites() {
    check("credit/ledger.rs", "use crate::base::money::Fen;\nuse crate::credit::chart::Account;\n", &[]);
    check(
        "credit/ledger.rs",
        "use crate::base::money::Fen;\n\nuse crate::agents::levers::Levers;\n",
        &["src/credit/ledger.rs:3: `credit` may not import `agents::levers::Levers`"],
    );
    check(
        "agents/user.rs",
        "use crate::credit::{command::{Command, Reply}, terms::Terms};\n",
        &["src/agents/user.rs:1: `agents` may not import `credit::terms::Terms`"],
    );
    check(
        "report/page.rs",
        "fn f() { crate::load::go() }\n",
        &["src/report/page.rs:1: `report` may not import `load::go`"],
    );
    check("base/time.rs", "use crate::{base::ids, world};\n", &["src/base/time.rs:1: `base` may not import `world`"]);
    check(
        "audit/mod.rs",
        "pub(in crate::audit) fn f() {}\nuse crate::credit::ledger as books;\n",
        &["src/audit/mod.rs:2: `audit` may not import `credit::ledger`"],
    );
    check(
        "economy/mod.rs",
        "use super::credit::terms;\n",
        &["src/economy/mod.rs:1: `economy` may not import `credit::terms`"],
    );
    // The same path from a module's root file, from a file beside it, from a module inside the file.
    let denied = |path: &str| format!("src/{path}:1: `results` may not import `load::run`");
    check("results/mod.rs", "use super::load::run;\n", &[&denied("results/mod.rs")]);
    check("results.rs", "use super::load::run;\n", &[&denied("results.rs")]);
    check("results/load.rs", "use super::super::load::run;\n", &[&denied("results/load.rs")]);
    check("results/load.rs", "mod a { use super::super::super::{load::run}; }\n", &[&denied("results/load.rs")]);
    check("results/load/mod.rs", "fn f() { super::super::load::run() }\n", &[&denied("results/load/mod.rs")]);
    // A module of one's own that is called as another is.
    check("results/suite.rs", "use super::load::run;\nfn f() { super::load::run() }\n", &[]);
    check("results/mod.rs", "mod load;\nuse load::run;\nuse self::load::{self, run as walk};\n", &[]);
    check("drawer/mod.rs", "", &["src/drawer/mod.rs:1: module `drawer` is not in the import table"]);
}

#[test]
fn tests_comments_and_strings_are_not_code() {
    check(
        "credit/a.rs",
        "// use crate::agents;\n/* crate::agents /* nested */ .unwrap() */\nconst S: &str = \"crate::agents \\\" .unwrap()\";\n\
         const R: &str = r#\"crate::agents \" todo!\"#;\nfn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' }\n\
         #[cfg(test)]\nmod tests {\n    use crate::agents;\n    fn g() { h().unwrap() }\n}\n",
        &[],
    );
    check("credit/a/tests.rs", "use crate::agents;\nfn g() { h().unwrap() }\n", &[]);
    check(
        "credit/a.rs",
        "#[cfg(test)]\nmod tests;\nfn g() { h().unwrap() }\n",
        &["src/credit/a.rs:3: .unwrap(): no unwrap outside tests: say what cannot happen, or return an error"],
    );
}

#[test]
fn clocks_threads_and_io_stay_where_they_belong() {
    check(
        "world/cell.rs",
        "use std::time::Instant;\n",
        &["src/world/cell.rs:1: std::time: no clocks below the drivers: time is an argument"],
    );
    check("world/cell.rs", "fn f(i: Instant, j: std::timely::T) { printlns!() }\n", &[]);
    check(
        "sim/mod.rs",
        "fn f() { std::thread::scope(|_| ()) }\n",
        &["src/sim/mod.rs:1: std::thread: threads only through `runtime`"],
    );
    for path in ["load/user.rs", "journal/writer.rs", "experiment/suite/jobs.rs"] {
        let denied = format!("src/{path}:1: std::thread: threads only through `runtime`");
        check(path, "fn f() { std::thread::scope(|_| ()) }\n", &[&denied]);
    }
    check("runtime/threads.rs", "fn f() { std::thread::scope(|_| ()) }\n", &[]);
    check("credit/mod.rs", "use std::fs::File;\n", &["src/credit/mod.rs:1: std::fs: the core does no IO"]);
    check(
        "scenario/file.rs",
        "use std::fs::File;\nuse std::collections::HashMap;\n",
        &["src/scenario/file.rs:2: HashMap: no unordered iteration below the drivers"],
    );
    check(
        "cli/run.rs",
        "fn f() { todo!() }\nfn g() { dbg!(1); }\n",
        &["src/cli/run.rs:1: todo!: unfinished", "src/cli/run.rs:2: dbg!: left over"],
    );
}

#[test]
fn crates_that_one_place_knows_stay_there() {
    let denied = |path: &str, name: &str| format!("src/{path}:1: {name}: it has its home elsewhere: see `HOMES`");
    check("world/cell.rs", "use actix::Actor;\n", &[&denied("world/cell.rs", "actix")]);
    check("journal/writer.rs", "use actix_rt::System;\n", &[&denied("journal/writer.rs", "actix_rt")]);
    check("load/core/pacer.rs", "use actix::Actor;\n", &[&denied("load/core/pacer.rs", "actix")]);
    check("load/actors/user.rs", "use actix::Actor;\n", &[]);
    check("report/plot.rs", "use plotters::style::WHITE;\n", &[&denied("report/plot.rs", "plotters")]);
    check("report/paint.rs", "use plotters::style::WHITE;\n", &[]);
    check("scenario/plan/mod.rs", "use clap::Args;\n", &[&denied("scenario/plan/mod.rs", "clap")]);
}

#[test]
fn one_place_writes_to_the_standard_streams() {
    let denied = |word: &str| format!("src/cli/run.rs:1: {word}: only cli/streams.rs writes to the standard streams");
    for (code, word) in [
        ("println!(\"a\");", "println!"),
        ("eprint!(\"a\");", "eprint!"),
        ("std::io::stderr().lock();", "stderr"),
        ("use std::io::stdout as out;", "stdout"),
        ("answer.print();", ".print()"),
        ("command().get_matches();", "get_matches"),
        ("error.exit();", ".exit()"),
    ] {
        check("cli/run.rs", &format!("fn f() {{ {code} }}\n"), &[&denied(word)]);
        check("cli/streams.rs", &format!("fn f() {{ {code} }}\n"), &[]);
    }
    check("cli/run.rs", "fn f() { streams::answer(\"a\"); std::process::exit(1); answer.use_stderr() }\n", &[]);
}

#[test]
fn tests_have_one_name() {
    let denied =
        |name: &str| format!("src/base/a.rs:1: `mod {name}` is of tests: they stand in `mod tests` or `FILE/tests.rs`");
    check("base/a.rs", "#[cfg(test)]\nmod tests;\n", &[]);
    check("base/a.rs", "#[cfg(test)]\nmod a_tests;\n", &[&denied("a_tests")]);
    check("base/a.rs", "#[cfg(test)]\npub(crate) mod proofs {}\n", &[&denied("proofs")]);
    check("base/a.rs", "#[path = \"b.rs\"]\nmod tests;\n", &[&denied("elsewhere")]);
}

#[test]
fn long_files_and_functions_are_found() {
    let body = |n: usize| {
        format!("fn first() {{}}\n\npub fn long<T>(t: T) -> u8\nwhere\n    T: Copy,\n{{\n{}}}\n", "    {}\n".repeat(n))
    };
    check("base/a.rs", &body(65), &[]);
    check("base/a.rs", &body(66), &["src/base/a.rs:3: fn long has 71 lines; the most is 70"]);
    check("base/a.rs", &"\n".repeat(501), &["src/base/a.rs:501: 501 lines; past 500 there is usually a second idea"]);
    check("base/utils.rs", "", &["src/base/utils.rs:1: \"utils\" is a drawer, not a name"]);
}
