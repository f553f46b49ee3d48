//! What stands on the terminal at the end of a run: the measures that answer the question, world beside world. It works from the
//! record that `results` keeps and computes no measure itself.

use crate::measure::{Measures, Unit, measures};
use crate::report::numbers::{difference_in, grouped, in_unit, signed, with_interval};
use crate::results::load::Estimate;
use crate::results::{RunRecord, record_hash};
use std::fmt::Write;
use std::path::Path;

/// The measures of the summary with their names.
const SHOWN: &[(&str, &str)] = &[
    ("application_approval_rate", "applications approved"),
    ("authorisation_approval_rate", "purchases, tips and cards approved"),
    ("purchases_per_month", "purchases a month and active account"),
    ("mean_limit_yuan", "mean limit after 6 months"),
    ("overdue_rate", "overdue"),
    ("overdue_30_rate", "overdue more than 30 days"),
    ("overdue_90_rate", "overdue more than 90 days"),
    ("gross_loss_rate_annual", "written off a year"),
    ("net_loss_rate_annual", "lost a year, after recoveries"),
    ("partner_funded_share", "funded by partners"),
    ("complaint_rate", "complaints a month and active account"),
    ("card_float_yuan", "unspent shopping cards"),
    ("profit_yuan", "profit"),
];

const NAME_WIDTH: usize = 38;
const WIDTH: usize = 20;

/// Columns of a terminal that a table may take.
const TERMINAL_WIDTH: usize = 100;

/// The whole summary.
pub(crate) fn text(record: &RunRecord, directory: &Path) -> String {
    let about = &record.provenance;
    let mut out = format!("{}\n", about.title);
    push(
        &mut out,
        format_args!(
            "{}: {} users, {} months after {} of warm-up, seed {}, virtual clock\n",
            about.product_title,
            grouped(i128::from(about.users)),
            about.months,
            about.warmup_months,
            about.seed,
        ),
    );
    table(&mut out, record);
    push(&mut out, format_args!("\nhash    {}\n", record_hash(record)));
    push(&mut out, format_args!("report  {}\n", directory.join("report.html").display()));
    let t = &record.timing;
    push(
        &mut out,
        format_args!(
            "speed   {:.1} s before writing, {:.1} million events a second on {}, peak {} MB\n",
            t.wall_seconds,
            t.events_per_second / 1e6,
            t.workers_in_words(),
            t.peak_mb(),
        ),
    );
    if let Some(kept) = t.checkpoints_in_words() {
        push(&mut out, format_args!("kept    {kept}\n"));
    }
    out
}

/// The measures of all worlds: a column a world while that fits, else a row a world.
fn table(out: &mut String, record: &RunRecord) {
    let worlds: Vec<Measures> = record.worlds.iter().map(measures).collect();
    if NAME_WIDTH + WIDTH * (2 * worlds.len()).saturating_sub(1) <= TERMINAL_WIDTH {
        by_columns(out, record, &worlds);
    } else {
        by_rows(out, record, &worlds);
    }
}

/// Rows are measures; columns the worlds, then each world's difference from the first.
fn by_columns(out: &mut String, record: &RunRecord, worlds: &[Measures]) {
    push(out, format_args!("\n{:NAME_WIDTH$}", ""));
    for world in &record.worlds {
        push(out, format_args!("{:>WIDTH$}", clipped(&world.name, WIDTH)));
    }
    for world in record.worlds.iter().skip(1) {
        push(out, format_args!("{:>WIDTH$}", clipped(&format!("{} less first", world.name), WIDTH)));
    }
    out.push('\n');
    for (key, name) in SHOWN {
        let Some(unit) = worlds.first().and_then(|m| m.get(key)).map(|m| m.definition.unit) else { continue };
        let values: Vec<Option<f64>> = worlds.iter().map(|m| m.value(key)).collect();
        push(out, format_args!("{name:NAME_WIDTH$}"));
        for value in &values {
            push(out, format_args!("{:>WIDTH$}", shown(unit, *value, false)));
        }
        for value in values.iter().skip(1) {
            let difference = value.zip(values[0]).map(|(there, here)| there - here);
            push(out, format_args!("{:>WIDTH$}", shown(unit, difference, true)));
        }
        out.push('\n');
    }
}

/// Rows are worlds; columns are as many measures at a time as fit, each with its difference from the first world.
fn by_rows(out: &mut String, record: &RunRecord, worlds: &[Measures]) {
    let unit_of = |key: &str| worlds.first().and_then(|m| m.get(key)).map(|m| m.definition.unit);
    let there: Vec<(&str, &str, Unit)> =
        SHOWN.iter().filter_map(|(key, name)| Some((*key, *name, unit_of(key)?))).collect();
    let longest = record.worlds.iter().map(|world| world.name.chars().count()).max().unwrap_or(0);
    let name_width = (longest + 2).clamp(WIDTH, TERMINAL_WIDTH - 2 * WIDTH);
    let at_once = (TERMINAL_WIDTH - name_width) / (2 * WIDTH);
    for some in there.chunks(at_once) {
        push(out, format_args!("\n{:name_width$}", ""));
        for (_, name, _) in some {
            push(out, format_args!("{name:>width$}", width = 2 * WIDTH));
        }
        push(out, format_args!("\n{:name_width$}", ""));
        for _ in some {
            push(out, format_args!("{:>WIDTH$}{:>WIDTH$}", "", "less first"));
        }
        out.push('\n');
        for (at, (world, of_world)) in record.worlds.iter().zip(worlds).enumerate() {
            push(out, format_args!("{:name_width$}", clipped(&world.name, name_width)));
            for (key, _, unit) in some {
                let (here, value) = (worlds[0].value(key), of_world.value(key));
                let difference = value.zip(here).map(|(there, here)| there - here);
                let less_first = if at == 0 { String::new() } else { shown(*unit, difference, true) };
                push(out, format_args!("{:>WIDTH$}{less_first:>WIDTH$}", shown(*unit, value, false)));
            }
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
    }
}

/// Writing to a `String` cannot fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

fn clipped(name: &str, width: usize) -> String {
    if name.chars().count() < width {
        name.to_string()
    } else {
        name.chars().take(width - 2).chain(std::iter::once('…')).collect()
    }
}

/// A value in its unit, or a difference of two values: of shares in percentage points and with its sign. Amounts are whole yuan.
pub(crate) fn shown(unit: Unit, value: Option<f64>, difference: bool) -> String {
    let Some(value) = value else { return "–".to_string() };
    match (unit, difference) {
        (Unit::Yuan, false) => format!("{} yuan", grouped(value.round() as i128)),
        (Unit::Yuan, true) => signed(format!("{} yuan", grouped(value.round() as i128))),
        (_, false) => in_unit(unit, value),
        (_, true) => difference_in(unit, value),
    }
}

/// A value, or a difference, with its interval.
pub(crate) fn within(unit: Unit, e: Estimate, difference: bool) -> String {
    with_interval(e, |value| shown(unit, Some(value), difference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_in_their_units() {
        assert_eq!(shown(Unit::Share, Some(0.042), false), "4.20 %");
        assert_eq!(shown(Unit::Share, Some(0.0151), true), "+1.51 pp");
        assert_eq!(shown(Unit::PerMille, Some(0.0007), false), "0.70 ‰");
        assert_eq!(shown(Unit::Yuan, Some(-1_234_567.4), true), "−1,234,567 yuan");
        assert_eq!(shown(Unit::Yuan, None, false), "–");
    }

    #[test]
    fn many_worlds_stand_one_under_the_other() {
        let mut record = crate::results::tests::two_worlds();
        // Names that a column a world would clip to the same.
        let names: Vec<String> = (1..8).map(|n| format!("severe-without-the-bank-{n}")).collect();
        for name in &names {
            let mut world = record.worlds[1].clone();
            world.name.clone_from(name);
            record.worlds.push(world);
        }
        record.worlds.remove(1);
        let text = text(&record, Path::new("results/wide"));
        let wide = |line: &&str| line.chars().count() > TERMINAL_WIDTH;
        assert_eq!(text.lines().skip(2).find(wide), None, "{text}");
        for name in &names {
            let rows: Vec<&str> = text.lines().filter(|line| line.starts_with(name)).collect();
            assert_eq!(rows.len(), SHOWN.len(), "{text}");
            assert!(rows[0].contains('%') && rows[0].ends_with(" pp"), "{text}");
        }
        let first =
            text.lines().find(|line| line.starts_with(&record.worlds[0].name)).expect("a row of the first world");
        assert!(first.contains('%') && !first.contains(" pp"), "{text}");
    }

    #[test]
    fn a_summary_sets_worlds_side_by_side() {
        let record = crate::results::tests::two_worlds();
        let text = text(&record, Path::new("results/downturn"));
        let overdue = text.lines().find(|l| l.starts_with("overdue ")).expect("a row");
        assert_eq!(overdue.matches('%').count(), 2, "{text}");
        assert_eq!(overdue.matches(" pp").count(), 1, "{text}");
        assert!(text.contains("results/downturn/report.html") && text.contains(&record_hash(&record)), "{text}");
        assert!(text.lines().all(|l| l.chars().count() <= 120), "{text}");
    }
}
