//! A results directory run again from its own input, and what is otherwise then. What a hash covers is `results`'s, what an audit
//! judges `audit`'s.

use crate::audit::Findings;
use crate::experiment::audited::RunAuditor;
use crate::experiment::scoring::{self, ScoringError};
use crate::experiment::suite::coverage::{self, Size};
use crate::experiment::suite::jobs::Shop;
use crate::experiment::suite::{self, SuiteError};
use crate::experiment::{Manner, products, run};
use crate::results::products::{ComparisonInput, products_hash};
use crate::results::suite::suite_hash;
use crate::results::{self, ResultsError, WorkArea, record_hash, text_sum};
use crate::scenario::{Scenario, ScenarioErrors, from_resolved_toml};
use crate::sim::{Auditor, Stopped};
use std::path::Path;

/// Why a directory could not be run again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RepetitionError {
    /// It is missing or was changed.
    #[error(transparent)]
    Directory(ResultsError),
    /// Its input is none that this program takes.
    #[error("{0}")]
    Scenario(#[from] ScenarioErrors),
    /// Stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The suite did not come to its end.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The scorecard cannot be made again.
    #[error(transparent)]
    Scoring(#[from] ScoringError),
    /// The repetition cannot be written.
    #[error(transparent)]
    Writing(#[from] ResultsError),
    /// There is no room for the repetition.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// What running again gave.
#[derive(Debug)]
pub(crate) struct Repetition {
    /// The hash of what stands in the directory.
    pub stated: String,
    /// The hash of what running again gave.
    pub found: String,
    /// Files that running again writes otherwise.
    pub unlike: Vec<String>,
    /// What an auditor found on the way, if there was one.
    pub findings: Option<Findings>,
}

impl Repetition {
    /// Both hashes are the same.
    pub(crate) fn is_same_hash(&self) -> bool {
        self.stated == self.found
    }

    /// Hash and files are the same, and the auditor found nothing.
    pub(crate) fn is_same(&self) -> bool {
        self.is_same_hash() && self.unlike.is_empty() && self.findings.as_ref().is_none_or(Findings::is_clean)
    }
}

/// Runs a run directory again; with `audit` an auditor reads every request and every close of day.
///
/// # Errors
/// [`RepetitionError`].
pub(crate) fn repeat_run(dir: &Path, audit: bool, manner: &Manner<'_>) -> Result<Repetition, RepetitionError> {
    let former = results::read(dir).map_err(RepetitionError::Directory)?;
    let scenario = from_resolved_toml(&former.provenance.resolved_toml)?;
    let auditor = audit.then(|| RunAuditor::new(&scenario));
    let audited = Manner { auditor: auditor.as_ref().map(|auditor| auditor as &dyn Auditor), ..*manner };
    let mut again = run(&scenario, &audited)?;
    again.provenance.take_origin(&former.provenance);
    Ok(Repetition {
        stated: record_hash(&former),
        found: record_hash(&again),
        unlike: results::unlike(dir, |fresh| results::write_run(fresh, &again))?,
        findings: auditor.map(RunAuditor::findings),
    })
}

/// Works out again what the files of a load run say of each other. A load run is measured: running it again would give other numbers.
///
/// # Errors
/// [`RepetitionError`].
pub(crate) fn recompute_load(dir: &Path) -> Result<Vec<String>, RepetitionError> {
    results::load::disagreements(dir).map_err(RepetitionError::Directory)
}

/// Runs the directory of a suite again. Nothing that was kept before stands in for a world.
///
/// # Errors
/// [`RepetitionError`].
pub(crate) fn repeat_suite(dir: &Path, manner: &Manner<'_>) -> Result<Repetition, RepetitionError> {
    let former = results::suite::read(dir).map_err(RepetitionError::Directory)?;
    let scenario: Scenario = from_resolved_toml(&former.provenance.resolved_toml)?;
    let home = tempfile::tempdir()?;
    let area = WorkArea::beside(&home.path().join("again"), "verify")?;
    let mut again = suite::run(&scenario, manner, &area)?;
    again.provenance.take_origin(&former.provenance);
    Ok(Repetition {
        stated: suite_hash(&former),
        found: suite_hash(&again),
        unlike: results::unlike(dir, |fresh| results::suite::write_into(fresh, &again))?,
        findings: None,
    })
}

/// Runs the directory of a comparison of products again, from the inputs and published facts that it holds.
///
/// # Errors
/// [`RepetitionError`].
pub(crate) fn repeat_comparison(dir: &Path, manner: &Manner<'_>) -> Result<Repetition, RepetitionError> {
    let former = results::products::read(dir).map_err(RepetitionError::Directory)?;
    let home = tempfile::tempdir()?;
    let area = WorkArea::beside(&home.path().join("again"), "verify")?;
    let mut again = products::run(&products::asked(&ComparisonInput::of(&former))?, manner, &area)?;
    again.about.origin.clone_from(&former.about.origin);
    Ok(Repetition {
        stated: products_hash(&former.about, &former.products),
        found: products_hash(&again.about, &again.products),
        unlike: results::unlike(dir, |fresh| results::products::write_into(fresh, &again))?,
        findings: None,
    })
}

/// Runs a coverage experiment again. It has no hash of its own: that of its record's text stands for it.
///
/// # Errors
/// [`RepetitionError`].
pub(crate) fn repeat_coverage(dir: &Path, manner: &Manner<'_>) -> Result<Repetition, RepetitionError> {
    let former = results::suite::read_coverage(dir).map_err(RepetitionError::Directory)?;
    let scenario = from_resolved_toml(&results::input(dir).map_err(RepetitionError::Directory)?)?;
    let home = tempfile::tempdir()?;
    let area = WorkArea::beside(&home.path().join("again"), "verify")?;
    let size = Size { seeds: former.seeds, long_run: former.long_run_replications };
    let shop = Shop { scenario: &scenario, manner, area: &area };
    let mut again = coverage::run(&shop, size)?;
    again.origin.clone_from(&former.origin);
    Ok(Repetition {
        stated: text_sum(&former.json()),
        found: text_sum(&again.json()),
        unlike: results::unlike(dir, |fresh| again.write_into(fresh, &scenario.resolved_toml))?,
        findings: None,
    })
}

/// Trains and tests a scorecard again. It has no hash of its own: that of its record's text stands for it.
///
/// # Errors
/// [`RepetitionError`].
pub(crate) fn repeat_scoring(dir: &Path, manner: &Manner<'_>) -> Result<Repetition, RepetitionError> {
    let former = results::scoring::read(dir).map_err(RepetitionError::Directory)?;
    let scenario = from_resolved_toml(&results::input(dir).map_err(RepetitionError::Directory)?)?;
    let mut again = scoring::run(&scenario, manner)?;
    again.origin.clone_from(&former.origin);
    Ok(Repetition {
        stated: text_sum(&former.json()),
        found: text_sum(&again.json()),
        unlike: results::unlike(dir, |fresh| results::scoring::write_into(fresh, &again, &scenario.resolved_toml))?,
        findings: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{Former, Kind, RunDirectory};
    use crate::scenario::{Overrides, read_scenario};
    use crate::sim::options::Silent;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_run_is_the_same_again_and_a_changed_view_is_named() {
        let cancel = AtomicBool::new(false);
        let manner = Manner { workers: 2, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
        let home = tempfile::tempdir().expect("a temporary directory");
        let dir = home.path().join("run");
        let overrides = Overrides { users: Some(200), months: Some(1), ..Overrides::default() };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
        let scenario = read_scenario(&file, &overrides).expect("a shipped scenario is valid");
        let record = run(&scenario, &manner).expect("nobody interrupts");
        let target = RunDirectory::create(&dir, Kind::Run, Former::Replace).expect("free");
        target.write(&record).expect("written");
        target.commit().expect("in its place");

        let again = repeat_run(&dir, true, &manner).expect("whole");
        assert!(again.is_same(), "{again:?}");
        assert!(again.findings.as_ref().is_some_and(|findings| findings.requests > 0), "{again:?}");

        std::fs::write(dir.join("funnel.csv"), "not the funnel\n").expect("written");
        let again = repeat_run(&dir, false, &manner).expect("whole: the funnel stands outside the hash");
        assert_eq!(again.unlike, ["funnel.csv"]);
        assert!(again.is_same_hash() && !again.is_same(), "{again:?}");

        std::fs::remove_file(dir.join("monthly.csv")).expect("removed");
        assert!(matches!(repeat_run(&dir, false, &manner), Err(RepetitionError::Directory(_))));
    }
}
