//! `yuefu verify`: runs a results directory of the virtual clock again from its own input and compares it. It reads, calls
//! `experiment::repetition` and prints.

use crate::cli::making::Workers;
use crate::cli::progress::Progress;
use crate::cli::{Exit, Failure, streams};
use crate::experiment::Manner;
use crate::experiment::repetition::{
    Repetition, RepetitionError, recompute_load, repeat_comparison, repeat_coverage, repeat_run, repeat_scoring,
    repeat_suite,
};
use crate::results::{self, Kind, ResultsError};
use std::path::PathBuf;

/// Compare a results directory with what was written, and run it again
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Results directory
    dir: PathBuf,
    /// Let the auditor read every request and every close of day along the way (of a run; a suite is too large)
    #[arg(long)]
    audit: bool,
    #[command(flatten)]
    workers: Workers,
    /// Print one JSON document and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Exit code 1 when running again gives something else, 2 when a file is not the one that was
written: each is named. Pages, pictures and workbooks are drawn again by `yuefu report`.

Examples:
  yuefu verify results/downturn
  yuefu verify --audit results/quick
  yuefu verify --json results/quick

The auditor shares no code with the engine. It keeps its own accounts from the event log and
compares balances, charges, limits, caps, allocation and the trial balance; a run under its eyes
takes several times as long.";

/// What was found.
#[derive(Debug, Default)]
struct Verified {
    /// What the directory holds; `None` when nobody can say.
    kind: Option<Kind>,
    /// `None` when it was not run again.
    again: Option<Repetition>,
    /// What the files of a load run say of each other and does not agree; `None` of what was run again.
    disagreements: Option<Vec<String>>,
    /// Files that are as they were written; `None` without a manifest.
    files: Option<usize>,
    /// Files that are not as they were written.
    changed: Vec<String>,
    /// What lies there and was not written by Yuefu.
    foreign: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Bad input when the directory is no run or was changed.
pub(crate) fn run(args: &Verify) -> Result<Exit, Failure> {
    let mut found = Verified::default();
    let done = compare(args, &mut found);
    match &done {
        Ok(exit) if args.json => streams::document(&json(&found, *exit == Exit::Ok, None))?,
        Ok(_) => streams::answer(&text(&found))?,
        Err(Failure::BadInput(error)) if args.json => streams::document(&json(&found, false, Some(error)))?,
        Err(_) => Exit::Failed,
    };
    done
}

fn compare(args: &Verify, found: &mut Verified) -> Result<Exit, Failure> {
    found.kind = results::kind_of(&args.dir).ok().flatten();
    let checked = match results::as_written(&args.dir) {
        Ok(checked) => checked,
        Err(error) => {
            if let ResultsError::Changes { changes, .. } = &error {
                found.changed.clone_from(changes);
            }
            return Err(Failure::BadInput(error.to_string()));
        }
    };
    (found.files, found.foreign) = (checked.files, checked.foreign);
    found.again = match checked.kind {
        Kind::Run => Some(again(args, |manner| repeat_run(&args.dir, args.audit, manner))?),
        Kind::Suite => Some(again(args, |manner| repeat_suite(&args.dir, manner))?),
        Kind::Comparison => Some(again(args, |manner| repeat_comparison(&args.dir, manner))?),
        Kind::Coverage => Some(again(args, |manner| repeat_coverage(&args.dir, manner))?),
        Kind::Scoring => Some(again(args, |manner| repeat_scoring(&args.dir, manner))?),
        Kind::Load | Kind::Part => None,
    };
    if checked.kind == Kind::Load {
        found.disagreements = Some(recompute_load(&args.dir)?);
    }
    let agrees = found.disagreements.as_ref().is_none_or(Vec::is_empty);
    let same = agrees && found.again.as_ref().is_none_or(Repetition::is_same);
    Ok(if same { Exit::Ok } else { Exit::Mismatch })
}

/// Runs the directory again.
fn again(
    args: &Verify,
    repeat: impl FnOnce(&Manner<'_>) -> Result<Repetition, RepetitionError>,
) -> Result<Repetition, Failure> {
    Progress::start(args.json)?.run(args.workers.count(), repeat)
}

/// The document of `--json`.
fn json(found: &Verified, same: bool, error: Option<&str>) -> serde_json::Value {
    let again = found.again.as_ref().map(|again| {
        let audit = again.findings.as_ref().map(|findings| {
            serde_json::json!({
                "clean": findings.is_clean(),
                "requests": findings.requests,
                "cell_days": findings.cell_days,
                "account_days": findings.account_days,
                "text": findings.to_string(),
            })
        });
        serde_json::json!({
            "hash_stated": again.stated,
            "hash_found": again.found,
            "files_different": again.unlike,
            "audit": audit,
        })
    });
    serde_json::json!({
        "same": same,
        "kind": found.kind,
        "again": again,
        "disagreements": found.disagreements,
        "files_as_written": found.files,
        "files_changed": found.changed,
        "files_foreign": found.foreign,
        "error": error,
    })
}

/// What a person sees.
fn text(found: &Verified) -> String {
    let mut lines = Vec::new();
    match &found.again {
        Some(again) => {
            lines.push(if again.is_same_hash() {
                format!("same hash: {}", again.stated)
            } else {
                format!("DIFFERENT: the directory has {}, running again gives {}", again.stated, again.found)
            });
            lines.extend(again.findings.as_ref().map(ToString::to_string));
            if !again.unlike.is_empty() {
                lines.push(format!("DIFFERENT: running again writes {} otherwise", again.unlike.join(", ")));
            }
        }
        None if found.kind == Some(Kind::Part) => lines.push(
            "a part is not run again: `yuefu merge` makes the whole of it and the others, which can be verified"
                .to_string(),
        ),
        None => lines.push("a load run is measured; it is not run again".to_string()),
    }
    match found.disagreements.as_deref() {
        None => {}
        Some([]) => {
            lines.push("recomputed: all files that are made of others, each second and the totals agree".to_string());
        }
        Some(different) => lines.extend(different.iter().map(|what| format!("DIFFERENT: {what}"))),
    }
    lines.push(match found.files {
        Some(files) => format!("files     {files} as they were written"),
        None => {
            "files     no manifest: an earlier version wrote them, and only what stands above was compared".to_string()
        }
    });
    if !found.foreign.is_empty() {
        lines.push(format!("foreign   {}", found.foreign.join(", ")));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}
