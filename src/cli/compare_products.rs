//! `yuefu compare-products`: several products on one economy, written to a directory with its report.

use crate::cli::making::{self, Changes, Making, Stopwatch, announce, command_line, whole};
use crate::cli::output::Output;
use crate::cli::shard::{self, Sharding, Whole};
use crate::cli::{Exit, Failure, doors, machine, summary};
use crate::experiment::Manner;
use crate::experiment::products::{self, known_facts};
use crate::measure::{Unit, definition, unit};
use crate::report;
use crate::report::numbers::{LEVEL, from_to, grouped, interval};
use crate::results::load::Estimate;
use crate::results::products::{ProductRecord, ProductsRecord, Row, Verdict, products_hash, write_into};
use crate::results::{KeptFiles, Kind, Origin, WorkArea};
use crate::scenario::{Comparison, read_comparison};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Run several products on one economy, published figures beside simulated ones
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompareProducts {
    #[allow(rustdoc::broken_intra_doc_links, reason = "text of the help, not a link")]
    /// Scenario with a part [comparison]: a file, a built-in name, or - for standard input
    #[arg(default_value = "scenarios/products.toml")]
    scenario: PathBuf,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    sharding: Sharding,
    /// Replications of every world
    #[arg(long, value_name = "N", value_parser = whole::<u32>(1..=1000))]
    replications: Option<u32>,
    #[command(flatten)]
    output: Output,
    /// List every number of grade L that fills a gap
    #[arg(long, conflicts_with_all = ["json", "shard"])]
    assumptions: bool,
}

const EXAMPLES: &str = "\
A row is `within` or OUTSIDE the published band, published `in words`, or has `no figure`; the
last two and every miss say why. Then the same products under stress. Intervals are 95 % over
replications. Finished worlds are kept in DIR.work until all are done: after Ctrl-C (exit code 130)
the same command goes on where it stopped. With --shard a part of the worlds is run, which `yuefu
merge` takes in.

Examples:
  yuefu compare-products products
  yuefu compare-products products --users 5000 --months 12 --replications 1 --out results/small
  yuefu compare-products products --replications 8 --shard 3/8 --out parts/3
  yuefu compare-products --assumptions";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong, has no comparison, or the directory is taken; else what writing says.
pub(crate) fn run(args: &CompareProducts) -> Result<Exit, Failure> {
    let clock = Stopwatch::start();
    let comparison = read(args)?;
    let first = &comparison.products[0].scenario;
    let command =
        command_line("compare-products", &args.scenario, &args.changes, &[("--replications", args.replications)]);
    if let Some(shard) = args.sharding.shard {
        let whole = Whole {
            of: Kind::Comparison,
            name: &first.name,
            users: first.users,
            seed: first.seed,
            input: products::input(&comparison).json(),
            size: None,
            command,
        };
        let read_from = || announce(&args.scenario, &args.changes.overrides());
        let work = |manner: &Manner<'_>, area: &WorkArea| products::run_shard(&comparison, manner, area, shard);
        return shard::run(shard, &whole, &args.output, None, read_from, work);
    }
    let mut making = args.output.begin(&first.name, Kind::Comparison)?;
    let area = making.keep_worlds(KeptFiles::new())?;
    let origin = announce(&args.scenario, &args.changes.overrides())?;
    let record = making.run(|manner| products::run(&comparison, manner, &area))?;
    let origin = making.origin(&origin, record.about.seed, command);
    deliver(making, record, origin, clock, args.assumptions)
}

/// Writes a comparison that is whole, with its report, and prints the answer.
pub(super) fn deliver(
    making: Making,
    mut record: ProductsRecord,
    origin: Origin,
    clock: Stopwatch,
    assumptions: bool,
) -> Result<Exit, Failure> {
    record.about.origin = origin;
    record.timing = machine::timing(record.about.users, making.workers(), "worlds and tables", clock.seconds());
    write_into(making.path(), &record)?;
    report::products::render_record(&record, making.path())?;
    making.finish(|_| Ok(record.products_json()), |target| text(&record, target, assumptions))?;
    Ok(Exit::Ok)
}

fn read(args: &CompareProducts) -> Result<Comparison, Failure> {
    let read = read_comparison(&args.scenario, &args.changes.overrides(), args.replications, &known_facts());
    match read {
        Ok(Some(comparison)) => Ok(comparison),
        Ok(None) => {
            let scenario = making::read(&args.scenario, &args.changes.overrides())?;
            Err(doors::no_comparison(&args.scenario, &scenario))
        }
        Err(errors) => Err(errors.into()),
    }
}

/// What a person sees at the end. Writing to a `String` cannot fail.
fn text(record: &ProductsRecord, directory: &Path, assumptions: bool) -> String {
    let about = &record.about;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}\n{} products × {} replications of {} users over {} months, seed {}, virtual clock; {LEVEL} over replications",
        about.title,
        record.products.len(),
        about.replications,
        grouped(about.users.into()),
        about.months,
        about.seed
    );
    let tables = [
        ("profile", "The products' table (published | simulated)"),
        ("measures", "Measures and targets (published | simulated)"),
    ];
    for (table, heading) in tables {
        let _ = writeln!(out, "\n{heading}");
        for group in ["users", "operations", "competition", "risk"] {
            rows(&mut out, record, table, group);
        }
    }
    stress(&mut out, record);
    questions(&mut out, record);
    prices(&mut out, record);
    gaps(&mut out, record, assumptions);
    let hash = products_hash(about, &record.products);
    let _ = writeln!(out, "\nhash    {hash}\nreport  {}", directory.join("report.html").display());
    let t = &record.timing;
    let (seconds, peak) = (t.wall_seconds, t.peak_mb());
    let _ = writeln!(out, "speed   {seconds:.1} s before writing on {} workers, peak {peak} MB", t.workers);
    out
}

fn rows(out: &mut String, record: &ProductsRecord, table: &str, group: &str) {
    let Some(first) = record.products.first() else { return };
    for row in first.rows.iter().filter(|row| row.table == table && row.group == group) {
        let name = if table == "measures" { &row.key } else { &row.title };
        let _ = writeln!(out, "  {group:12} {name}");
        for product in &record.products {
            let Some(row) = product.rows.iter().find(|r| r.table == table && r.key == row.key) else { continue };
            let published = if row.published.is_empty() { "–" } else { &row.published };
            let _ = writeln!(
                out,
                "    {:20} {published} | {}{}  {}{}",
                product.key,
                row.shown,
                band(row),
                row.verdict.name(),
                why(row)
            );
        }
    }
}

fn band(row: &Row) -> String {
    let Some((low, high)) = row.interval else { return String::new() };
    let unit = definition(&row.key).map(|d| d.unit);
    let unit = unit.unwrap_or(if row.key.ends_with("_yuan") { Unit::Yuan } else { Unit::Share });
    let number = |value| summary::shown(unit, Some(value), false);
    format!(" {}", interval(&number(low), &number(high)))
}

/// What is no figure and has no reason of its own is said once, at the end.
fn why(row: &Row) -> String {
    let said = matches!(row.verdict, Verdict::NoFigure) && row.reason.starts_with("no figure published;");
    if row.reason.is_empty() || said { String::new() } else { format!(": {}", row.reason) }
}

fn changed(measure: &str, difference: Option<Estimate>) -> String {
    difference.map_or_else(String::new, |e| format!("  {}", summary::within(unit(measure), e, true)))
}

fn stress(out: &mut String, record: &ProductsRecord) {
    let _ = writeln!(
        out,
        "\nUnder stress ({} against {}): who loses approvals, who loses money",
        record.about.stress, record.about.base
    );
    for sentence in report::products::answer(record) {
        let _ = writeln!(out, "  {}: {}", sentence.topic, sentence.text);
    }
    let Some(first) = record.products.first() else { return };
    for measure in first.stress.iter().map(|row| row.measure.as_str()) {
        let _ = writeln!(out, "  {measure}");
        for product in &record.products {
            let Some(row) = product.stress.iter().find(|row| row.measure == measure) else { continue };
            let number = |value| summary::shown(unit(measure), Some(value), false);
            let change = changed(measure, row.difference);
            let ends = from_to(&number(row.base), &number(row.stress));
            let _ = writeln!(out, "    {:20} {ends}{change}", product.key);
        }
    }
}

fn questions(out: &mut String, record: &ProductsRecord) {
    for (name, title) in &record.about.questions {
        let _ = writeln!(out, "\nWhat if ({name}): {title}");
        for product in &record.products {
            for row in product.questions.iter().filter(|row| row.question == *name && row.base != row.asked) {
                let number = |value| summary::shown(unit(&row.measure), Some(value), false);
                let change = changed(&row.measure, row.difference);
                let ends = from_to(&number(row.base), &number(row.asked));
                let _ = writeln!(out, "    {:20} {:28} {ends}{change}", product.key, row.measure);
            }
        }
    }
}

fn prices(out: &mut String, record: &ProductsRecord) {
    let _ = writeln!(out, "\nThe price cap");
    for product in &record.products {
        let above: Vec<_> = product.prices.iter().filter(|p| !p.within_cap).collect();
        let cap = 100.0 * product.cap_annual;
        if above.is_empty() {
            let _ = writeln!(out, "    {:20} every price is within {cap:.0} % a year", product.key);
        }
        for p in above {
            let fee = p.flat_fee.map_or_else(String::new, |f| format!("{:.2} % flat, ", 100.0 * f));
            let (tier, months, irr) = (p.tier, p.months, 100.0 * p.irr_annual);
            let _ = writeln!(
                out,
                "    {:20} tier {tier}, {months} months: {fee}IRR {irr:.2} % a year, ABOVE the cap of {cap:.0} %: refused",
                product.key
            );
        }
        refused(out, product);
        for risk in &product.legal_risks {
            let _ = writeln!(out, "    {:20} legal risk: {risk}", product.key);
        }
    }
}

fn refused(out: &mut String, product: &ProductRecord) {
    for l in &product.refused_loans {
        let origin = if l.checkout { "at the checkout" } else { "of bills" };
        let _ = writeln!(
            out,
            "    {:20} {}: {} loans {origin} over {} months refused, {} yuan, IRR {:.2} %",
            product.key,
            l.world,
            l.count,
            l.months,
            grouped(l.amount_yuan.round() as i128),
            100.0 * l.irr_annual
        );
    }
}

fn gaps(out: &mut String, record: &ProductsRecord, assumptions: bool) {
    let _ = writeln!(out, "\nRows by verdict, and the assumptions (grade L) that fill the gaps");
    for product in &record.products {
        let count = |verdict| product.rows.iter().filter(|row| row.verdict == verdict).count();
        let _ = writeln!(
            out,
            "    {:20} {} within, {} outside, {} in words, {} without a figure; {} assumptions",
            product.key,
            count(Verdict::Within),
            count(Verdict::Outside),
            count(Verdict::InWords),
            count(Verdict::NoFigure),
            product.assumptions.len()
        );
        for a in product.assumptions.iter().filter(|_| assumptions) {
            let _ = writeln!(out, "        {} = {}  ({})", a.key, a.value, a.source);
        }
    }
    if !assumptions {
        let _ = writeln!(out, "    listed in assumptions.csv, and by --assumptions");
    }
}
