//! `yuefu check`: reads scenarios with all their models and shows every error with its place, or "ok".

use std::path::{Path, PathBuf};

use crate::cli::{Failure, doors};
use crate::experiment::products::known_facts;
use crate::report::fonts;
use crate::scenario::{Overrides, Scenario, ScenarioErrors, read_comparison, read_scenario};

/// Checks each scenario file and prints "ok" for it on standard output, or all its errors on standard error. Returns
/// whether every one is valid.
pub(crate) fn run(paths: &[PathBuf], models: Option<&Path>) -> bool {
    let overrides = Overrides { models: models.map(Path::to_path_buf), ..Overrides::default() };
    let mut valid = true;
    for path in paths {
        match read(path, &overrides) {
            Ok(scenario) => {
                for (what, missing) in names_without_glyphs(&scenario) {
                    eprintln!("warning: {}: {what}: charts cannot show {missing}", path.display());
                }
                println!("{}: ok", path.display());
            }
            Err(errors) => {
                eprintln!("{errors}");
                valid = false;
            }
        }
    }
    valid
}

/// Everything that a run of the scenario would read, the products of a comparison with it.
fn read(path: &Path, overrides: &Overrides) -> Result<Scenario, String> {
    let in_place = |errors: ScenarioErrors| format!("{errors} in {}", path.display());
    let comparison = read_comparison(path, overrides, None, &known_facts()).map_err(in_place)?;
    let scenario = match comparison.and_then(|comparison| comparison.products.into_iter().next()) {
        Some(product) => product.scenario,
        None => read_scenario(path, overrides).map_err(in_place)?,
    };
    match doors::known_targets(&scenario) {
        Err(Failure::BadInput(problem)) => Err(format!("error: {problem}\n\n1 error in {}", path.display())),
        _ => Ok(scenario),
    }
}

/// The names of a scenario that charts write, each with those of its characters that the embedded fonts lack.
fn names_without_glyphs(scenario: &Scenario) -> Vec<(String, String)> {
    let worlds = scenario.worlds.iter().map(|world| ("the name of a world", &world.name));
    let partners = scenario.base.terms.funding.partners.iter().map(|partner| ("the name of a partner", &partner.name));
    let titles = [("`title`", &scenario.title), ("the product's title", &scenario.product_title)];
    let named = titles.into_iter().chain(worlds).chain(partners);
    named
        .map(|(what, text)| (format!("{what} \"{text}\""), fonts::missing(text)))
        .filter(|(_, missing)| !missing.is_empty())
        .map(|(what, missing)| {
            (what, missing.iter().map(|c| format!("{c} (U+{:04X})", u32::from(*c))).collect::<Vec<_>>().join(", "))
        })
        .collect()
}
