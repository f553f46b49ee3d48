//! Says what the program is built of: the commit, when this is a release made in a repository, and the target. An ordinary build says
//! `development`: it would have to be made anew with every commit to say more.

use std::path::Path;
use std::process::Command;

/// What the program is made of; a change elsewhere does not change it.
const MADE_OF: [&str; 6] = ["src", "models", "scenarios", "build.rs", "Cargo.toml", "Cargo.lock"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=YUEFU_COMMIT");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo:rustc-env=YUEFU_TARGET={}", variable("TARGET"));
    println!("cargo:rustc-env=YUEFU_PROFILE={}", variable("PROFILE"));
    let stated = variable("YUEFU_COMMIT");
    let commit = if !stated.is_empty() {
        stated
    } else if variable("PROFILE") == "release" {
        let home = variable("CARGO_MANIFEST_DIR");
        for path in watched(Path::new(&home)) {
            println!("cargo:rerun-if-changed={path}");
        }
        commit_of(Path::new(&home))
    } else {
        "development".to_string()
    };
    println!("cargo:rustc-env=YUEFU_COMMIT={commit}");
}

/// The commit of a source tree with its date, and whether what the program is made of was changed since: `7790996a 2026-11-30, changed`.
/// `unknown` where no repository is, as in a source archive.
pub(crate) fn commit_of(home: &Path) -> String {
    let commit = match home.join(".git").exists() {
        true => git(home, &["log", "-1", "--format=%h %cs", "--abbrev=8"]),
        false => None,
    };
    let Some(commit) = commit.filter(|commit| !commit.is_empty()) else { return "unknown".to_string() };
    let status = git(home, &[&["status", "--porcelain", "--"], &MADE_OF[..]].concat());
    let mark = if status.is_some_and(|changes| changes.is_empty()) { "" } else { ", changed" };
    format!("{commit}{mark}")
}

/// What a release is made anew for.
pub(crate) fn watched(home: &Path) -> Vec<String> {
    let mut paths: Vec<String> = MADE_OF.iter().map(ToString::to_string).collect();
    for name in ["HEAD", "logs/HEAD", "index"] {
        paths.extend(git(home, &["rev-parse", "--git-path", name]));
    }
    paths.retain(|path| home.join(path).exists());
    paths
}

/// What git answers, or nothing where it cannot.
fn git(home: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(home).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_string())
}
