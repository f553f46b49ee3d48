//! Reading a suite directory back. The worlds come from the tables, and the hash of what was read must be the stated one.

use super::super::json::checksum;
use super::super::reading::{json, text};
use super::super::table::{Row, TableFile};
use super::writing::{MONTHLY, SuiteFile, WORLDS, worlds_header};
use super::{KeptWorld, RiskViews, SERIES, Series, SuiteRecord, risk_table, suite_hash};
use crate::measure::kept_definitions;
use crate::results::ResultsError;
use std::path::Path;

/// True of a directory that holds a whole suite.
pub(crate) fn is_suite(dir: &Path) -> bool {
    dir.join("suite.json").is_file() && dir.join("worlds.csv").is_file()
}

/// Reads a suite directory and checks its hash.
///
/// # Errors
/// Says which file, and which line of it, is missing or wrong.
pub(crate) fn read(dir: &Path) -> Result<SuiteRecord, ResultsError> {
    let file: SuiteFile = json(dir, "suite.json")?;
    let resolved = text(dir, "scenario.toml")?;
    if checksum(&resolved) != file.provenance.scenario_sum() {
        return Err(ResultsError::Scenario { path: dir.join("scenario.toml") });
    }
    let provenance = file.provenance.into_plain(resolved);
    let provenance = provenance.map_err(|what| ResultsError::Json { path: dir.join("suite.json"), what })?;
    let mut worlds = worlds(dir)?;
    monthly(dir, &mut worlds)?;
    let (layout, estimates) = risk_table::read(dir, &provenance, &mut worlds)?;
    let record = SuiteRecord {
        provenance,
        paths: file.paths,
        policies: file.policies,
        outcomes: file.outcomes,
        replications: file.replications,
        worlds,
        distributions: file.distributions,
        variances: file.variances,
        differences: file.differences,
        segments: file.segments,
        reverse: file.reverse,
        sensitivity: file.sensitivity,
        risk: RiskViews { layout, estimates, early: file.early_warning, attributions: file.attribution },
        timing: json(dir, "timing.json")?,
    };
    let found = suite_hash(&record);
    if found != file.hash {
        return Err(ResultsError::Hash { path: dir.to_path_buf(), stated: file.hash, found });
    }
    Ok(record)
}

fn key(row: &Row<'_>) -> Result<KeptWorld, ResultsError> {
    Ok(KeptWorld {
        key: String::new(),
        part: row.text(0).to_string(),
        path: row.text(1).to_string(),
        policy: row.text(2).to_string(),
        luck: row.int(3)?,
        shock: row.int(4)?,
        depth_milli: row.int(5)?,
        state_hash: String::new(),
        measures: Vec::new(),
        months: Vec::new(),
        views: Vec::new(),
    })
}

fn worlds(dir: &Path) -> Result<Vec<KeptWorld>, ResultsError> {
    let table = TableFile::open(dir, "worlds.csv", &worlds_header())?;
    let mut worlds = Vec::new();
    for row in table.rows() {
        let row = row?;
        let mut world = key(&row)?;
        world.state_hash = row.text(WORLDS.len() - 1).to_string();
        for position in 0..kept_definitions().count() {
            let column = WORLDS.len() + 2 * position;
            world.measures.push((row.int(column)?, row.int(column + 1)?));
        }
        worlds.push(world);
    }
    Ok(worlds)
}

/// The months of the worlds stand in the order of the worlds.
fn monthly(dir: &Path, worlds: &mut [KeptWorld]) -> Result<(), ResultsError> {
    let header: Vec<&str> = MONTHLY.iter().chain(&SERIES).copied().collect();
    let table = TableFile::open(dir, "monthly.csv", &header)?;
    let mut position = 0;
    for row in table.rows() {
        let row = row?;
        let of = key(&row)?;
        let same = |w: &KeptWorld| {
            (&w.part, &w.path, &w.policy) == (&of.part, &of.path, &of.policy)
                && (w.luck, w.shock, w.depth_milli) == (of.luck, of.shock, of.depth_milli)
        };
        while worlds.get(position).is_some_and(|w| !same(w)) {
            position += 1;
        }
        let Some(world) = worlds.get_mut(position) else {
            return Err(row.error("no world of worlds.csv in its order has this month".to_string()));
        };
        let mut month: Series = vec![0; SERIES.len()];
        for (i, value) in month.iter_mut().enumerate() {
            *value = row.int(MONTHLY.len() + i)?;
        }
        world.months.push(month);
    }
    Ok(())
}
