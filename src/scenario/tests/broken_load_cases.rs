//! The cases of `broken_files` for the part `[load]`.

use crate::scenario::tests::broken_cases::{Case, Expected};

/// A part `[load]` at the end of the scenario.
const fn load(text: &'static str, errors: &'static [Expected]) -> Case {
    Case { file: "scenario", at: "+", text, errors }
}

pub(in crate::scenario) const LOAD_CASES: &[Case] = &[
    load("[load]\nspeed = 60", &[("", "missing key `at`", "")]),
    load(
        "[load]\nat = 2031-01-01T00:00:00",
        &[("2031-01-01T00:00:00", "lies outside the run", "between 2026-11-02 and")],
    ),
    load("[load]\nat = \"2027-01-05T25:00\"", &[("\"2027-01-05T25:00\"", "is no moment", "such as")]),
    load(
        "[load]\nat = 2027-03-05T20:00:00\nqueu_limit = 5",
        &[("queu_limit", "unknown key `queu_limit`", "did you mean `queue_limit`?")],
    ),
    load("[load]\nat = 2027-03-05T20:00:00\nqueue_limit = 0", &[("0", "`load.queue_limit` is below 1", "")]),
    load("[load]\nat = 2027-03-05T20:00:00\nworld = \"severe\"", &[("\"severe\"", "no world `severe`", "")]),
    load("[load]\nat = 2027-03-05T20:00:00\nrate = 5", &[("rate", "means nothing to the shape `behaviour`", "choose")]),
    load(
        "[load]\nat = 2027-03-05T20:00:00\nshape = \"ramp\"\nfrom = 5",
        &[("\"ramp\"", "shape `ramp` needs `to`", "its keys are from, to")],
    ),
    load("[load]\nat = 2027-03-05T20:00:00\nduration = \"10ms\"", &[("\"10ms\"", "`duration` is out of range", "24h")]),
    load(
        "[load]\nat = 2027-03-05T20:00:00\ndeadline = \"10s\"",
        &[("\"10s\"", "lies beyond the patience", "`deadline` at most `patience`")],
    ),
    load("[load]\nat = 2027-03-05T20:00:00\nobjectives = [\"p99 < 5\"]", &[("\"p99 < 5\"", "no objective: ", "")]),
    load(
        "[load]\nat = 2027-03-05T20:00:00\ndeadline = \"999us\"",
        &[("\"999us\"", "`deadline` is out of range", "between 1ms and 1h")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\nthink = \"900us\"",
        &[("\"900us\"", "`think` is kept in whole milliseconds", "such as 1ms")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\nwarmup = \"99999999h\"",
        &[("\"99999999h\"", "`warmup` is out of range", "between 0s and 24h")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\n[load.capacity]\nprobe = \"0ms\"",
        &[("\"0ms\"", "`capacity.probe` is out of range", "between 1s and 1h")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\n[[load.stalls]]\nat = \"10s\"\nfor = \"900us\"",
        &[("\"900us\"", "`stalls.for` is out of range", "between 1ms and 24h")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\n[[load.stalls]]\nat = \"59s\"\nfor = \"2s\"",
        &[("\"2s\"", "the stall ends after the measured time", "")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\nobjectives = [\"p99 < 500ms over 70s\"]",
        &[("\"p99 < 500ms over 70s\"", "no window of 70 s fits into the measured time", "shorter window")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\nusers = \"closed\"\nclosed_users = 1000000",
        &[("1000000", "1000000 users at work at once, of ", "at most `users`")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\n[load.capacity]\nobjective = \"error_rate < 1%\"",
        &[("\"error_rate < 1%\"", "a capacity search wants a latency of all requests", "p99 < 5ms")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\n[load.capacity]\ngrowth = 1",
        &[("1", "`load.capacity.growth` is below 1.05", "")],
    ),
    load(
        "[load]\nat = 2027-03-05T20:00:00\nworld = \"severe\"\nqueue_limit = 0\nrate = 5",
        &[
            ("\"severe\"", "no world `severe`", ""),
            ("0", "`load.queue_limit` is below 1", ""),
            ("rate", "means nothing to the shape", ""),
        ],
    ),
];
