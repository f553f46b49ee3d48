//! The page of `yuefu ltv`: the answer first, then scores, deciles, stability, the scorecard.

use super::axis::Axis;
use super::charts::Chart;
use super::drawing::{Align, Type};
use super::html::escape;
use super::numbers::{fixed, grouped, percent, short_yuan, signed, with_interval};
use super::page::{head, sections};
use super::palette::{INK, LOSS, series};
use super::plot::{Key, Mark, Plot, TOP, panels, sheet};
use super::tables;
use super::{ReportError, fonts, publish};
use crate::results::load::Estimate;
use crate::results::scoring::{DEFINITIONS, ScoreQuality, ScoringRecord};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Writes `report.html` and `charts/` into a directory that exists. Returns the path of the page.
///
/// # Errors
/// When the directory cannot be written to.
pub(crate) fn render_record(record: &ScoringRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    fonts::register_fonts();
    let charts = [deciles(record)];
    publish(dir, &charts, |pictures| html(record, &charts, pictures))
}

fn within(e: Estimate, decimals: usize) -> String {
    with_interval(e, |value| fixed(value, decimals))
}

/// A gain of AUC, with its sign.
fn added(gain: Estimate) -> String {
    with_interval(gain, |value| signed(fixed(value, 3)))
}

fn subtitle(record: &ScoringRecord) -> String {
    format!(
        "virtual clock · {} users · seed {} · {} accounts trained on, {} tested on",
        grouped(record.users.into()),
        record.seed,
        grouped(record.accounts.0.into()),
        grouped(record.accounts.1.into())
    )
}

/// The answer in sentences.
fn answer(record: &ScoringRecord) -> Vec<String> {
    let of = |score: &str, looks_at: &str| record.scores.iter().rfind(|s| s.score == score && s.looks_at == looks_at);
    let both = "credit file and behaviour";
    let gain =
        |s: &ScoreQuality| s.gain.map_or_else(String::new, |gain| format!("; behaviour data adds {}", added(gain)));
    let sentence = |s: &ScoreQuality| {
        format!("The {} tells \u{201c}{}\u{201d} with an AUC of {}{}.", s.score, s.outcome, within(s.auc, 3), gain(s))
    };
    let scores = ["origination score", "value model", "default model"].into_iter().filter_map(|score| of(score, both));
    let mut all: Vec<String> = scores.map(sentence).collect();
    if let Some(lift) = record.top_lift {
        all.push(format!("Users in the top decile of the scorecard bring {} times the mean of all.", within(lift, 2)));
    }
    all
}

/// Mean value and default share by decile.
fn deciles(record: &ScoringRecord) -> Chart {
    let keys =
        [Key::new("mean value", series(0), Mark::Square), Key::new("reached 91 days past due", LOSS, Mark::Line)];
    let mut sheet = sheet(TOP + 340.0, "Value and default by decile of the scorecard", &subtitle(record), &keys);
    let halves = panels(&sheet, 2);
    let names: Vec<(f64, String)> =
        record.deciles.iter().map(|d| (f64::from(d.decile) - 0.5, d.decile.to_string())).collect();
    let axis = || Axis::with(0.0, 10.0, names.clone(), "decile, the lowest scores first");
    let values = || record.deciles.iter().map(|d| d.value_yuan);
    let (low, high) = (values().fold(0.0, f64::min), values().fold(1.0, f64::max));
    let y = Axis::number(low, high, "yuan in twelve months");
    let plot = Plot::new(&mut sheet, halves[0], "mean value", axis(), y);
    for d in &record.deciles {
        let left = f64::from(d.decile) - 0.9;
        sheet.rect(plot.at(left, d.value_yuan.max(0.0)), plot.at(left + 0.8, d.value_yuan.min(0.0)), series(0));
        let (x, y) = plot.at(left + 0.4, d.value_yuan.max(0.0));
        sheet.text((x, y - 9.0), short_yuan(d.value_yuan), Type::new(11.0, INK).align(Align::Middle));
    }
    let most = record.deciles.iter().map(|d| d.default_share).fold(0.01, f64::max);
    let plot = Plot::new(
        &mut sheet,
        halves[1],
        "reached 91 days past due",
        axis(),
        Axis::percent(0.0, most, "of the decile's users, %"),
    );
    let line: Vec<(f64, Option<f64>)> =
        record.deciles.iter().map(|d| (f64::from(d.decile) - 0.5, Some(d.default_share))).collect();
    plot.series(&mut sheet, &line, LOSS, false);
    Chart {
        slug: "deciles",
        section: "Lifetime value",
        takeaway: answer(record).pop().unwrap_or_default(),
        definition: "Users that the scorecard was not trained on, in the deciles of those that it was trained on. Value: twelve months from the evening of the observation.",
        drawing: sheet,
    }
}

fn table(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let heads: String = columns.iter().map(|c| format!("<th>{}</th>", escape(c))).collect();
    let mut out = format!("<table><thead><tr>{heads}</tr></thead><tbody>");
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
        let _ = write!(out, "<tr>{cells}</tr>");
    }
    out + "</tbody></table>"
}

fn html(record: &ScoringRecord, charts: &[Chart], pictures: &[String]) -> String {
    let mut out = head(&record.title);
    let said: String = answer(record).iter().map(|s| format!("<li>{}</li>", escape(s))).collect();
    let _ = write!(
        out,
        "<p class=sub>{}</p></header><main><section class=answer><h2>What the scores know</h2><ol>{said}</ol></section>",
        escape(&subtitle(record))
    );
    sections(&mut out, charts, pictures);
    let scores = record.scores.iter().map(|s| {
        let gain = s.gain.map_or_else(|| "\u{2013}".to_string(), added);
        let counts = format!("{} of {}", grouped(s.with.into()), grouped((s.with + s.without).into()));
        vec![s.score.clone(), s.looks_at.clone(), s.outcome.clone(), counts, within(s.auc, 3), gain]
    });
    let columns = ["Score", "looks at", "outcome", "accounts", "AUC [95 %]", "gain over the credit file [95 %]"];
    let _ = write!(out, "<section><h2>Scores</h2>{}</section>", table(&columns, scores));
    let deciles = record.deciles.iter().map(|d| {
        let share = percent(d.default_share, 1);
        vec![d.decile.to_string(), grouped(d.users.into()), short_yuan(d.value_yuan), share, fixed(d.lift, 2)]
    });
    let columns = ["Decile", "users", "mean value, yuan", "91 days past due", "lift"];
    let _ = write!(out, "<section><h2>Deciles</h2>{}</section>", table(&columns, deciles));
    if !record.stability.is_empty() {
        let rows = record
            .stability
            .iter()
            .map(|s| vec![s.score.clone(), s.looks_at.clone(), s.world.clone(), fixed(s.index, 3)]);
        let columns = ["Score", "looks at", "world against the first", "PSI"];
        let _ = write!(out, "<section><h2>Stability</h2>{}</section>", table(&columns, rows));
    }
    let card = record.features.iter().zip(&record.weights).map(|(name, w)| vec![name.clone(), fixed(*w, 3)]);
    let definitions = DEFINITIONS.iter().map(|(name, says)| vec![(*name).to_string(), (*says).to_string()]);
    let _ = writeln!(
        out,
        "<section><h2>Scorecard</h2><p class=note>Points of a unit of each feature; forty points are one unit of log-odds of \
         being valuable. <code>ltv-targeting.toml</code> in this directory is the policy.</p>{}</section><section><h2>Definitions\
         </h2>{}</section><section><h2>What was run</h2>{}</section></main><footer>Simulated people, real arithmetic.</footer></body></html>",
        table(&["Feature", "points"], card),
        table(&["", ""], definitions),
        tables::facts(&tables::origin(&record.origin))
    );
    out
}
