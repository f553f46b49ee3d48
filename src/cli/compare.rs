//! `yuefu compare A B`: two load runs, and whether B is worse.

use crate::cli::making::{SEED_MAX, in_a_shell, whole};
use crate::cli::{Exit, Failure, machine, streams};
use crate::experiment::compare::{CompareOptions, Comparison, Difference, Metric, compare, read_run, warnings};
use crate::report::numbers::{LEVEL, fixed, interval, percent, signed};
use crate::results::json_text;
use crate::results::load::{CLOCK, LoadRecord};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Compare two load runs: is B worse than A?
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Compare {
    /// Directory of the load run that is the yardstick
    a: PathBuf,
    /// Directory of the load run that is judged
    b: PathBuf,
    /// Relative difference below which nothing is called better or worse
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share, allow_hyphen_values = true)]
    min_effect: f64,
    /// The same for the error share, which is compared in absolute terms: 0.001 is a tenth of a percentage point
    #[arg(long, value_name = "SHARE", default_value_t = 0.001, value_parser = share, allow_hyphen_values = true)]
    min_error_share: f64,
    /// Compare runs that are INVALID, too
    #[arg(long)]
    allow_invalid: bool,
    /// Seed of the resamples
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = whole::<u64>(0..=SEED_MAX), allow_hyphen_values = true)]
    seed: u64,
    /// Print the comparison as JSON and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Intervals come from whole blocks of seconds drawn again and again; Holm's correction keeps the
chance of any false alarm below 5 %. Exit codes: 0 nothing is worse, 1 something is worse, 2 wrong
input.

Examples:
  yuefu compare results/before results/after
  yuefu compare results/before results/after --min-effect 0.1 --json";

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..1.0).contains(&value) => Ok(value),
        _ => Err("write a share such as 0.05".to_string()),
    }
}

/// Runs the command.
///
/// # Errors
/// Bad input when a directory is no load run, is damaged, too short, or INVALID without `--allow-invalid`.
pub(crate) fn run(args: &Compare) -> Result<Exit, Failure> {
    let read = |dir| read_run(dir, args.allow_invalid).map_err(|error| Failure::BadInput(error.to_string()));
    let (a, b) = (read(&args.a)?, read(&args.b)?);
    let warnings = warnings(&a.record, &b.record);
    let options =
        CompareOptions { minimum_effect: args.min_effect, minimum_error_share: args.min_error_share, seed: args.seed };
    let comparison = compare(&a.series, &b.series, &options);
    let about = About { args, warnings: &warnings, runs: [&a.record, &b.record] };
    let answer = if args.json { json(&comparison, &options, &about) } else { text(&comparison, &options, &about) };
    streams::answer(&answer)?;
    Ok(if comparison.is_worse() { Exit::Mismatch } else { Exit::Ok })
}

/// What a comparison says of itself beside its numbers.
struct About<'a> {
    args: &'a Compare,
    warnings: &'a [String],
    /// A and B.
    runs: [&'a LoadRecord; 2],
}

impl About<'_> {
    /// The command that makes it again.
    fn command(&self) -> String {
        let args = self.args;
        let mut words = vec![args.b.display().to_string()];
        for (name, value) in [("--min-effect", args.min_effect), ("--min-error-share", args.min_error_share)] {
            words.extend([name.to_string(), value.to_string()]);
        }
        words.extend(["--seed".to_string(), args.seed.to_string()]);
        words.extend(args.allow_invalid.then(|| "--allow-invalid".to_string()));
        in_a_shell("compare", &args.a, words)
    }

    /// Where it comes from: the two runs, the program, the command.
    fn in_words(&self) -> Vec<(String, String)> {
        let versions: Vec<String> = machine::versions().iter().map(|(name, value)| format!("{name} {value}")).collect();
        let runs = self.runs.iter().zip([("A", &self.args.a), ("B", &self.args.b)]);
        let runs = runs.map(|(record, (name, dir))| {
            let (p, version) = (&record.provenance, record.versions.get("yuefu").map_or("unknown", String::as_str));
            let made = match p.origin.command.as_str() {
                "" => String::new(),
                command => format!(", made by `{command}`"),
            };
            (name.to_string(), format!("{}: {}, seed {}, yuefu {version}{made}", dir.display(), p.name, p.seed))
        });
        let own = [("program".to_string(), versions.join(", ")), ("again".to_string(), self.command())];
        runs.chain(own).collect()
    }
}

/// A value in its unit.
fn value(metric: Metric, value: Option<f64>) -> String {
    let Some(value) = value else { return "not known".to_string() };
    match metric {
        Metric::P50 | Metric::P99 | Metric::P999 => format!("{} ms", fixed(value / 1e6, 3)),
        Metric::Throughput => format!("{}/s", fixed(value, 1)),
        Metric::ErrorShare => percent(value, 3),
        Metric::ApprovalRate => percent(value, 2),
    }
}

fn effect(found: &Difference) -> String {
    let Some(effect) = found.effect else { return "–".to_string() };
    let (unit, decimals) = if found.metric == Metric::ErrorShare { ("pp", 3) } else { ("%", 1) };
    let number = |v: f64| signed(format!("{} {unit}", fixed(v * 100.0, decimals)));
    format!("{} {}", number(effect.value), interval(&number(effect.low), &number(effect.high)))
}

fn text(comparison: &Comparison, options: &CompareOptions, about: &About<'_>) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    about.warnings.iter().for_each(|warning| {
        let _ = writeln!(out, "warning: {warning}");
    });
    let _ = writeln!(
        out,
        "{CLOCK}; {} and {} seconds, blocks of {} s; {LEVEL}, in % of A, errors in pp; verdicts after Holm's correction; minimum effect {} %, errors {} pp\n",
        comparison.seconds_a,
        comparison.seconds_b,
        comparison.block_seconds,
        options.minimum_effect * 100.0,
        options.minimum_error_share * 100.0
    );
    let head = ["operation", "metric", "A", "B", "B against A", "verdict"];
    let mut row = |r: [&str; 6]| {
        let _ = writeln!(out, "{:13} {:14} {:>13} {:>13} {:>34}  {}", r[0], r[1], r[2], r[3], r[4], r[5]);
    };
    row(head);
    for d in &comparison.differences {
        let (a, b, change) = (value(d.metric, d.a), value(d.metric, d.b), effect(d));
        row([d.operation, d.metric.name(), &a, &b, &change, d.change.name()]);
    }
    let worse = comparison.differences.iter().filter(|d| d.change.name() == "worse").count();
    let _ =
        writeln!(out, "\n{}", if worse > 0 { format!("B is worse in {worse}") } else { "B is no worse".to_string() });
    out.push('\n');
    for (name, said) in about.in_words() {
        let _ = writeln!(out, "{name:8} {said}");
    }
    out
}

fn json(comparison: &Comparison, options: &CompareOptions, about: &About<'_>) -> String {
    let differences: Vec<_> = comparison
        .differences
        .iter()
        .map(|d| {
            serde_json::json!({
                "operation": d.operation,
                "metric": d.metric.name(),
                "a": d.a,
                "b": d.b,
                "effect": d.effect.map(|e| e.value),
                "interval": d.effect.map(|e| [e.low, e.high]),
                "adjusted_p": d.adjusted_p,
                "verdict": d.change.name(),
            })
        })
        .collect();
    let all = serde_json::json!({
        "worse": comparison.is_worse(),
        "clock": CLOCK,
        "seed": options.seed,
        "origin": about.in_words().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "warnings": about.warnings,
        "seconds": [comparison.seconds_a, comparison.seconds_b],
        "block_seconds": comparison.block_seconds,
        "minimum_effect": options.minimum_effect,
        "minimum_error_share": options.minimum_error_share,
        "correction": "Holm",
        "level": crate::experiment::compare::LEVEL,
        "differences": differences,
    });
    json_text(&all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::compare::{Change, Effect};
    use crate::results::load::tests::{Made, made, write_made};
    use std::path::Path;

    fn compare_dirs(a: &Path, b: &Path, allow_invalid: bool) -> Result<Exit, Failure> {
        let (a, b) = (a.to_path_buf(), b.to_path_buf());
        run(&Compare { a, b, min_effect: 0.05, min_error_share: 0.001, allow_invalid, seed: 1, json: true })
    }

    fn refused(answer: Result<Exit, Failure>, why: &str) {
        assert!(matches!(&answer, Err(Failure::BadInput(words)) if words.contains(why)), "{answer:?}");
    }

    #[test]
    fn every_number_of_a_row_has_its_unit() {
        assert_eq!(value(Metric::P99, Some(146_979_000.0)), "146.979 ms");
        assert_eq!(value(Metric::ErrorShare, Some(0.00484)), "0.484 %");
        let found = |metric, value: f64| Difference {
            operation: "all",
            metric,
            a: None,
            b: None,
            effect: Some(Effect { value, low: value - 0.01, high: value + 0.01 }),
            adjusted_p: None,
            change: Change::NotKnown,
        };
        assert_eq!(effect(&found(Metric::P50, -0.95)), "−95.0 % [−96.0 %, −94.0 %]");
        assert_eq!(effect(&found(Metric::ErrorShare, 0.0)), "0.000 pp [−1.000 pp, +1.000 pp]");
    }

    #[test]
    fn exit_codes_say_worse_no_worse_and_wrong_input() {
        let home = tempfile::tempdir().expect("a directory");
        let dir = |name: &str| home.path().join(name);
        let base = Made { seconds: 60, rate: 400, eventful: false, ..Made::default() };
        for (name, how) in [
            ("before", base),
            ("after", Made { seed: 2, ..base }),
            ("slower", Made { seed: 3, slower: 1.5, ..base }),
            ("short", Made { seconds: 10, ..base }),
        ] {
            let (record, seconds) = made(how);
            write_made(&dir(name), &record, &seconds);
        }
        let (mut invalid, seconds) = made(base);
        invalid.observations.invalid = vec!["it lagged".to_string().into()];
        write_made(&dir("invalid"), &invalid, &seconds);
        let against = |name: &str, allow| compare_dirs(&dir("before"), &dir(name), allow);
        assert_eq!(against("after", false).expect("compared"), Exit::Ok);
        assert_eq!(against("slower", false).expect("compared"), Exit::Mismatch);
        refused(against("short", false), "10 seconds; comparing needs 30");
        refused(against("invalid", false), "INVALID: it lagged");
        assert_eq!(against("invalid", true).expect("compared"), Exit::Ok);
        refused(against("nothing", false), "is not the directory of a load run");
        let (mut moved, _) = made(Made { seconds: 1, ..base });
        let still = moved.clone();
        moved.provenance.plan.durability = "none".to_string();
        moved.machine.cores = 4;
        let said = warnings(&still, &moved);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("machine differs") && said[1].starts_with("durability differs"), "{said:?}");
    }
}
