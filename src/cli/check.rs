//! `yuefu check`: reads scenarios with all their models and shows every error with its place, or "ok".

use crate::cli::making::directory;
use crate::cli::streams::{self, Stream, note, say};
use crate::cli::{Exit, Failure, doors};
use crate::credit::terms::Pricing;
use crate::experiment::products::known_facts;
use crate::report::fonts;
use crate::scenario::{Overrides, Scenario, ScenarioErrors, read_comparison, read_scenario, scenario_name};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Check scenarios with all their models: every error with its place, or "ok"
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// Scenario files, names of built-in scenarios, or - for standard input
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Directory of the models [default: each scenario's `models`, ../models beside it, what is built in]
    #[arg(long, value_name = "DIR", value_parser = directory)]
    models: Option<PathBuf>,
    /// Print one JSON document with every problem and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Exit codes: 0 every scenario is good, 2 something is wrong with one. The first 50 problems of a
scenario are shown, the rest counted; --json has them all.

Examples:
  yuefu check scenarios/*.toml
  yuefu check downturn --models lab/models
  yuefu check --json autumn.toml";

/// What was found out of one scenario. The document of `--json` holds a list of these.
#[derive(Serialize)]
struct Checked {
    scenario: String,
    valid: bool,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

/// A problem in its place. What belongs to no line has line and column 0.
#[derive(Serialize)]
struct Problem {
    file: String,
    line: usize,
    column: usize,
    message: String,
    hint: Option<String>,
}

#[derive(Serialize)]
struct Document {
    valid: bool,
    scenarios: Vec<Checked>,
}

/// Why a scenario is not good.
enum Wrong {
    Scenario(Box<ScenarioErrors>),
    Targets(String),
}

/// Checks each scenario and prints "ok" for it on standard output, or all its errors on standard error.
///
/// # Errors
/// From printing.
pub(crate) fn run(args: &Check) -> Result<Exit, Failure> {
    let overrides = Overrides { models: args.models.clone(), ..Overrides::default() };
    let mut found = Vec::with_capacity(args.scenarios.len());
    for path in &args.scenarios {
        let read = read(path, &overrides);
        if !args.json {
            tell(path, &read)?;
        }
        found.push(checked(path, &read));
    }
    let valid = found.iter().all(|checked| checked.valid);
    if args.json {
        streams::document(&Document { valid, scenarios: found })?;
    }
    Ok(if valid { Exit::Ok } else { Exit::BadInput })
}

/// Everything that a run of the scenario would read, the products of a comparison with it.
fn read(path: &Path, overrides: &Overrides) -> Result<Scenario, Wrong> {
    let wrong = |errors: ScenarioErrors| Wrong::Scenario(Box::new(errors));
    let comparison = read_comparison(path, overrides, None, &known_facts()).map_err(wrong)?;
    let scenario = match comparison.and_then(|comparison| comparison.products.into_iter().next()) {
        Some(product) => product.scenario,
        None => read_scenario(path, overrides).map_err(wrong)?,
    };
    match doors::known_targets(&scenario) {
        Err(Failure::BadInput(problem)) => Err(Wrong::Targets(problem)),
        _ => Ok(scenario),
    }
}

/// What a person sees of one scenario.
fn tell(path: &Path, read: &Result<Scenario, Wrong>) -> Result<(), Failure> {
    let file = scenario_name(path);
    match read {
        Ok(scenario) => {
            for warning in warnings(scenario) {
                note(format_args!("warning: {file}: {warning}"));
            }
            say(format_args!("{file}: ok"))?;
        }
        Err(Wrong::Scenario(errors)) => note(format_args!("{} in {file}", errors.shown(Stream::Notes.has_colours()))),
        Err(Wrong::Targets(problem)) => note(format_args!("error: {problem}\n\n1 error in {file}")),
    }
    Ok(())
}

/// The same for programs.
fn checked(path: &Path, read: &Result<Scenario, Wrong>) -> Checked {
    let scenario = scenario_name(path);
    let (problems, warnings) = match read {
        Ok(read) => (Vec::new(), warnings(read)),
        Err(Wrong::Scenario(errors)) => {
            let problems = errors.located().into_iter().map(|at| Problem {
                file: at.file,
                line: at.line,
                column: at.column,
                message: at.message,
                hint: Some(at.hint).filter(|hint| !hint.is_empty()),
            });
            (problems.collect(), Vec::new())
        }
        Err(Wrong::Targets(message)) => {
            let message = message.clone();
            (vec![Problem { file: scenario.clone(), line: 0, column: 0, message, hint: None }], Vec::new())
        }
    };
    Checked { valid: read.is_ok(), scenario, problems, warnings }
}

/// What is odd and no error.
fn warnings(scenario: &Scenario) -> Vec<String> {
    let mut warnings = unprintable(scenario);
    warnings.extend(scenario.remarks.iter().cloned());
    let present = cheap_lateness(&scenario.base.terms.pricing);
    warnings.extend(present.iter().map(|what| format!("product: {what}")));
    for world in &scenario.worlds {
        let odd = world.rule_changes.iter().filter_map(|(_, rules)| cheap_lateness(&rules.terms.pricing));
        let news: BTreeSet<String> = odd.filter(|what| Some(what) != present.as_ref()).collect();
        warnings.extend(news.into_iter().map(|what| format!("world `{}`: {what}", world.name)));
    }
    warnings
}

/// A published late rate below the contract rate.
fn cheap_lateness(pricing: &Pricing) -> Option<String> {
    let tiers: Vec<String> = pricing.tiers_above_late().map(|tier| tier.to_string()).collect();
    let a_year = f64::from(pricing.late_ppm(0)) * 365.0 / 1e4;
    let tiers = Some(tiers.join(", ")).filter(|tiers| !tiers.is_empty())?;
    Some(format!(
        "the published late interest of {a_year:.2} % a year is below the contract rate of tier {tiers}: who is late pays less than who revolves"
    ))
}

/// Names that charts write and whose characters the embedded fonts lack.
fn unprintable(scenario: &Scenario) -> Vec<String> {
    let worlds = scenario.worlds.iter().map(|world| ("the name of a world", &world.name));
    let partners = scenario.base.terms.funding.partners.iter().map(|partner| ("the name of a partner", &partner.name));
    let titles = [("`title`", &scenario.title), ("the product's title", &scenario.product_title)];
    let named = titles.into_iter().chain(worlds).chain(partners);
    named
        .map(|(what, text)| (what, text, fonts::missing(text)))
        .filter(|(_, _, missing)| !missing.is_empty())
        .map(|(what, text, missing)| {
            let missing: Vec<String> = missing.iter().map(|c| format!("{c} (U+{:04X})", u32::from(*c))).collect();
            format!("{what} \"{text}\": charts cannot show {}", missing.join(", "))
        })
        .collect()
}
