//! `yuefu recover`: brings a durable service's state back from its directory and says what is missing. What can be recovered `journal`
//! decides, what is sound `experiment::recovery`.

use crate::cli::{Exit, Failure, streams};
use crate::experiment::load_paths::journal_of;
use crate::experiment::recovery::{self, Found, Recovery};
use crate::journal::{self, AcksReport, Missing, UnusableSnapshot};
use crate::results::json_text;
use std::path::PathBuf;

/// Recover a durable service from its journal and say what is missing
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Recover {
    /// Directory of the service's journal, or of the load run that left it
    dir: PathBuf,
    /// Also replay everything from the first snapshot, and compare the states
    #[arg(long)]
    from_start: bool,
    /// Answers that reached users: none may be lost, changed or done twice (replays from the first snapshot)
    #[arg(long, value_name = "FILE")]
    acks: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Nothing in the directory is changed.

Exit code 1 when something that was acknowledged is missing, or the states or the answers do not
agree; 2 when the directory holds no service, or one whose state cannot be vouched for.

Examples:
  yuefu recover results/evening-peak-load.journal
  yuefu recover --from-start --acks acks.bin results/evening-peak-load";

/// Runs the command.
///
/// # Errors
/// Bad input when nothing can be recovered.
pub(crate) fn run(args: &Recover) -> Result<Exit, Failure> {
    let dir = journal_of(&args.dir)?;
    if dir != args.dir {
        streams::note(format_args!("the journal is in {}", dir.display()));
    }
    let found = recovery::check(&dir, args.from_start, args.acks.as_deref())
        .map_err(|error| Failure::BadInput(error.to_string()))?;
    let text = match (&found, args.json) {
        (Found::Service(recovery), true) => json_text(&as_json(recovery)),
        (Found::Service(recovery), false) => as_text(recovery),
        (Found::NotBegun { acks }, true) => json_text(&not_begun_json(acks.as_ref())),
        (Found::NotBegun { acks }, false) => not_begun_text(acks.as_ref()),
    };
    streams::answer(&text)?;
    Ok(if found.is_sound() { Exit::Ok } else { Exit::Mismatch })
}

const NOBODY_ANSWERED: &str =
    "missing     nothing: the service was stopped before its first mark, and nobody was answered";

fn not_begun_text(acks: Option<&AcksReport>) -> String {
    let lines = std::iter::once(NOBODY_ANSWERED.to_string()).chain(acks.map(acks_text));
    lines.map(|line| format!("{line}\n")).collect()
}

fn not_begun_json(acks: Option<&AcksReport>) -> serde_json::Value {
    serde_json::json!({
        "nobody_answered": true,
        "acknowledged_sequence": null,
        "acknowledged_missing": 0,
        "acks": acks.map(acks_json),
    })
}

fn hex(hash: journal::Hash) -> String {
    blake3::Hash::from_bytes(hash).to_hex().to_string()
}

fn as_text(recovery: &Recovery) -> String {
    let recovered = &recovery.recovered;
    let mut lines = vec![
        format!("service     {} users in {} cells", recovered.users(), recovered.cells.len()),
        format!(
            "recovered   {} records: snapshot of epoch {}, and {} records after it",
            recovered.sequence, recovered.snapshot_epoch, recovered.replayed
        ),
        format!("state       {}", hex(recovered.state_hash)),
        "books       every ledger is balanced, every sub-ledger equals its control account".to_string(),
        match (recovered.missing, recovered.mark) {
            (Missing::Records(missing), Some(mark)) => {
                format!("MISSING     {missing} records that had been acknowledged (up to number {})", mark.sequence)
            }
            (Missing::Nothing, Some(mark)) => {
                format!("missing     nothing: all {} acknowledged records are there", mark.sequence)
            }
            (Missing::Nothing, None) => NOBODY_ANSWERED.to_string(),
            _ => "MISSING     unknown: no high-water mark can be read".to_string(),
        },
    ];
    if recovered.beyond_mark > 0 {
        lines.push(format!("kept        {} records that were written and not yet acknowledged", recovered.beyond_mark));
    }
    if recovered.mark_damaged {
        lines.push("mark        one of its two slots is torn or damaged; the other one counts".to_string());
    }
    for UnusableSnapshot { epoch, why } in &recovered.unusable_snapshots {
        lines.push(format!("damaged     the snapshot of epoch {epoch} ({why}); an earlier one was used"));
    }
    for stray in &recovered.strays {
        lines.push(format!("ignored     {stray}: no file of a service has that name"));
    }
    for cut in &recovered.cuts {
        lines.push(match cut.bytes {
            0 => format!("left out    the journal of epoch {}: it does not follow record {}", cut.epoch, cut.sequence),
            bytes => {
                format!("cut         epoch {} after record {}: {bytes} bytes are no batch", cut.epoch, cut.sequence)
            }
        });
    }
    if let Some(replayed) = &recovery.replayed {
        lines.push(if recovery.states_agree() {
            format!("from start  same state after {} records", replayed.replayed)
        } else {
            format!("FROM START  DIFFERENT: {} after {} records", hex(replayed.state_hash), replayed.sequence)
        });
    }
    lines.extend(recovery.acks.as_ref().map(acks_text));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// One line, and one for each example.
fn acks_text(report: &AcksReport) -> String {
    let found = format!(
        "{}     {} reached users: {} lost, {} different; {} requests done twice, {} repeats that changed something",
        if report.is_clean() { "answers" } else { "ANSWERS" },
        report.answers,
        report.lost,
        report.different,
        report.twice,
        report.repeats_changed
    );
    report.examples.iter().fold(found, |text, example| format!("{text}\n            {example}"))
}

fn acks_json(report: &AcksReport) -> serde_json::Value {
    serde_json::json!({
        "answers": report.answers,
        "lost": report.lost,
        "different": report.different,
        "twice": report.twice,
        "repeats_changed": report.repeats_changed,
        "examples": report.examples,
    })
}

fn as_json(recovery: &Recovery) -> serde_json::Value {
    let recovered = &recovery.recovered;
    let cuts = recovered.cuts.iter().map(
        |cut| serde_json::json!({ "epoch": cut.epoch, "after_sequence": cut.sequence, "damaged_bytes": cut.bytes }),
    );
    let damaged = recovered
        .unusable_snapshots
        .iter()
        .map(|UnusableSnapshot { epoch, why }| serde_json::json!({ "epoch": epoch, "why": why }));
    serde_json::json!({
        "cells": recovered.cells.len(),
        "users": recovered.users(),
        "sequence": recovered.sequence,
        "replayed": recovered.replayed,
        "snapshot_epoch": recovered.snapshot_epoch,
        "last_epoch": recovered.last_epoch,
        "state_hash": hex(recovered.state_hash),
        "ledger_balanced": true,
        "acknowledged_sequence": recovered.mark.map(|mark| mark.sequence),
        // Null when no mark says how much there was.
        "acknowledged_missing": match recovered.missing {
            Missing::Nothing => Some(0),
            Missing::Records(missing) => Some(missing),
            Missing::Unknown => None,
        },
        "beyond_mark": recovered.beyond_mark,
        "mark_damaged": recovered.mark_damaged,
        "nobody_answered": recovered.nobody_answered,
        "damaged_snapshots": damaged.collect::<Vec<_>>(),
        "ignored": recovered.strays,
        "cuts": cuts.collect::<Vec<_>>(),
        "from_start": recovery.replayed.as_ref().map(|replayed| serde_json::json!({
            "state_hash": hex(replayed.state_hash),
            "sequence": replayed.sequence,
            "replayed": replayed.replayed,
        })),
        "acks": recovery.acks.as_ref().map(acks_json),
    })
}
