//! Which program wrote a result: its version, and what it was built of.

use std::sync::OnceLock;

/// What the program was built of, as the binary's own file knows it.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// Commit and its date, or `development`, or `unknown`.
    pub commit: &'static str,
    /// Target triple.
    pub target: &'static str,
    /// Cargo's profile: `debug` or `release`.
    pub profile: &'static str,
}

static BUILD: OnceLock<Build> = OnceLock::new();

/// Says once, at the start of the program, what it was built of.
pub(crate) fn state(build: Build) {
    // A second program in the process would be a mistake of tests; the first stays.
    let _ = BUILD.set(build);
}

/// What the program was built of; nothing is known of a library that nobody told.
pub(crate) fn build() -> Build {
    BUILD.get().copied().unwrap_or(Build { commit: "unknown", target: "unknown", profile: "unknown" })
}

/// Version, commit, date and target, such as `0.1.0 (7790996a 2026-11-30, x86_64-unknown-linux-gnu)`.
pub(crate) fn version() -> String {
    let Build { commit, target, .. } = build();
    format!("{} ({commit}, {target})", env!("CARGO_PKG_VERSION"))
}
