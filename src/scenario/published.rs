//! Supervisory scenarios in the published layout: a table with a row a quarter, mapped to our variables.
//!
//! Each of our variables is our normal + weight × (theirs − their jump-off); the economy file states jump-offs and weights
//! under `[published]`, each with grade and source:
//!
//! | ours | theirs |
//! |---|---|
//! | unemployment | `Unemployment rate` |
//! | income of those in work, deviation from its trend | `Real disposable income growth` less its jump-off, accumulated |
//! | spending, deviation from its trend | `weight_spending` times that of income |
//! | output, on the year | mean of four quarters of `Real GDP growth`, the jump-off before the first |
//! | consumer prices, on the year | mean of four quarters of `CPI inflation rate` |
//! | loan prime rate | `3-month Treasury rate` |
//! | confidence | falls by `confidence_per_point` for each point of our unemployment above normal |
//!
//! The first quarter of the file is the first counted quarter of the run. A quarter whose mapping leaves what a variable may be
//! (unemployment 0.1 to 40 %, confidence 0 to 2, nothing negative) is refused with its place.

use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::problem::{Problem, Span, did_you_mean};

/// Quarters that a file must have at least, and the months of a run on it: 39.
const QUARTERS_MIN: usize = 13;

/// Columns that are read; others are left alone.
const COLUMNS: [&str; 6] = [
    "Date",
    "Real GDP growth",
    "Real disposable income growth",
    "Unemployment rate",
    "CPI inflation rate",
    "3-month Treasury rate",
];

/// Keys of `[published]` beside `file`, with their bounds.
const KEYS: [(&str, f64, f64); 12] = [
    ("jump_off_unemployment", 0.0, 0.5),
    ("jump_off_income_growth", -0.2, 0.2),
    ("jump_off_gdp_growth", -0.2, 0.2),
    ("jump_off_cpi", -0.2, 0.5),
    ("jump_off_rate", -0.05, 0.5),
    ("weight_unemployment", 0.0, 3.0),
    ("weight_income", 0.0, 3.0),
    ("weight_spending", 0.0, 5.0),
    ("weight_gdp", 0.0, 3.0),
    ("weight_cpi", 0.0, 3.0),
    ("weight_rate", 0.0, 3.0),
    ("confidence_per_point", 0.0, 0.5),
];

/// A quarter as it is published, as ratios.
#[derive(Clone, Copy, Debug)]
struct Quarter {
    gdp_growth: f64,
    income_growth: f64,
    unemployment: f64,
    cpi: f64,
    rate: f64,
    /// Where its unemployment, its income growth and its rate stand.
    places: [Span; 3],
}

/// A variable that a mapping may not take anywhere: its key, what it may be, and what can be changed.
struct Bounds(&'static str, (f64, f64), &'static str);

const GROWTH: Bounds = Bounds("income, a year, of one", (0.01, f64::INFINITY), "a smaller `published.weight_income`");
const UNEMPLOYMENT: Bounds =
    Bounds("unemployment", (0.001, 0.4), "another `published.weight_unemployment` or `jump_off_unemployment`");
const SPENDING: Bounds = Bounds("spending", (0.0, f64::INFINITY), "a smaller `published.weight_spending`");
const LPR: Bounds = Bounds("lpr", (0.0, f64::INFINITY), "a smaller `published.weight_rate`");
const CONFIDENCE: Bounds = Bounds("confidence", (0.0, 2.0), "a smaller `published.confidence_per_point`");

impl Bounds {
    /// A value that is refused at its `place`, that of the published number, when the variable may not have it: a path that is cut
    /// off at a bound would be another path.
    fn checked(&self, value: f64, place: Span, problems: &mut Vec<Problem>) -> f64 {
        let Bounds(key, (low, high), remedy) = self;
        if !(*low..=*high).contains(&value) {
            let message = format!("mapped to {key} {value:.4}, which is not within {low} and {high}");
            problems.push(Problem::new(place, message, Some((*remedy).to_owned())));
        }
        value
    }
}

/// `[published]` without its file, in the order of [`KEYS`].
struct Mapping([f64; KEYS.len()]);

impl Mapping {
    fn get(&self, key: &str) -> f64 {
        KEYS.iter().position(|(name, ..)| *name == key).map_or(0.0, |index| self.0[index])
    }
}

/// The quarters of an economy file that names a published table, as the document holds them. `text` is that table, the
/// `source`-th text that was read. `None` with at least one problem.
pub(in crate::scenario) fn quarters(
    economy: &Node,
    text: &str,
    source: usize,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let published = economy.child("published")?;
    let before = problems.len();
    let mapping = mapping(published, problems);
    let named = published.child("file").map_or(published.span, |file| file.span);
    let table = read(text, (source, named), problems);
    let normal = |key: &str| economy.child(key).and_then(Node::number);
    let normals = [normal("base"), normal("gdp_growth"), normal("cpi"), normal("lpr")];
    let [Some(base), Some(gdp), Some(cpi), Some(lpr)] = normals else { return None };
    if problems.len() > before {
        return None;
    }
    let span = named;
    let of = |key: &str| mapping.get(key);
    let mut income = 1.0;
    let mut quarters = Vec::with_capacity(table.len());
    for (number, quarter) in table.iter().enumerate() {
        let deviation = of("weight_income") * (quarter.income_growth - of("jump_off_income_growth"));
        let [of_unemployment, of_income, of_rate] = quarter.places;
        income *= libm::pow(GROWTH.checked(1.0 + deviation, of_income, problems).max(0.01), 0.25);
        let on_the_year = |of: fn(&Quarter) -> f64, jump_off: f64| {
            let last = |back: usize| number.checked_sub(back).map_or(jump_off, |number| of(&table[number]));
            (0..4).map(last).sum::<f64>() / 4.0 - jump_off
        };
        let higher = of("weight_unemployment") * (quarter.unemployment - of("jump_off_unemployment"));
        let spending = 1.0 + of("weight_spending") * (income - 1.0);
        let lpr = lpr + of("weight_rate") * (quarter.rate - of("jump_off_rate"));
        let confidence = 1.0 - of("confidence_per_point") * 100.0 * higher;
        let values = [
            ("unemployment", UNEMPLOYMENT.checked(base + higher, of_unemployment, problems)),
            ("income", income),
            ("spending", SPENDING.checked(spending, of_income, problems)),
            ("gdp_growth", gdp + of("weight_gdp") * on_the_year(|q| q.gdp_growth, of("jump_off_gdp_growth"))),
            ("cpi", cpi + of("weight_cpi") * on_the_year(|q| q.cpi, of("jump_off_cpi"))),
            ("lpr", LPR.checked(lpr, of_rate, problems)),
            ("confidence", CONFIDENCE.checked(confidence, of_unemployment, problems)),
        ];
        let mut node = Node::table(span);
        for (key, value) in values {
            // Six decimals: what the units keep, and the same text on every machine.
            node.insert(key, span, Node::leaf(span, (value * 1e6).round() / 1e6));
        }
        quarters.push(node);
    }
    (problems.len() == before).then_some(Node { span, value: Tree::Array(quarters) })
}

fn mapping(published: &Node, problems: &mut Vec<Problem>) -> Mapping {
    let mut complain = |span, message: String, hint| problems.push(Problem::new(span, message, hint));
    let names: Vec<&str> = KEYS.iter().map(|(name, ..)| *name).collect();
    for (key, span, _) in published.entries().filter(|(key, ..)| *key != "file" && !names.contains(key)) {
        complain(span, format!("unknown key `{key}` in `published`"), did_you_mean(key, &names));
    }
    Mapping(KEYS.map(|(key, low, high)| match published.child(key).map(|node| (node.span, node.number())) {
        Some((_, Some(value))) if (low..=high).contains(&value) => value,
        Some((span, _)) => {
            complain(span, format!("`published.{key}` is no number between {low} and {high}"), None);
            0.0
        }
        None => {
            complain(published.span, format!("missing key `{key}` in `published`"), Some(names.join(", ")));
            0.0
        }
    }))
}

/// A place in the table for errors.
struct Line<'a> {
    source: usize,
    start: usize,
    text: &'a str,
}

impl Line<'_> {
    fn span(&self) -> Span {
        Span::new(self.source, self.start..self.start + self.text.len())
    }

    /// The place of a field.
    fn field(&self, column: usize) -> Span {
        let before: usize = self.text.split(',').take(column).map(|field| field.len() + 1).sum();
        let length = self.text.split(',').nth(column).map_or(0, str::len);
        let start = self.start + before.min(self.text.len());
        Span::new(self.source, start..start + length)
    }
}

fn lines_of(text: &str, source: usize) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for piece in text.split_inclusive('\n') {
        let line = piece.trim_end_matches(['\n', '\r']);
        // A byte-order mark is no part of the first name.
        let skipped = if start == 0 && line.starts_with('\u{feff}') { 3 } else { 0 };
        lines.push(Line { source, start: start + skipped, text: &line[skipped..] });
        start += piece.len();
    }
    lines
}

/// The fields of a line; `None` when a quote is not closed.
fn fields(line: &str) -> Option<Vec<&str>> {
    fn bare(field: &str) -> Option<&str> {
        let field = field.trim();
        let inner = match field.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"')?,
            None => field,
        };
        (!inner.contains('"')).then_some(inner)
    }
    line.split(',').map(bare).collect()
}

/// Reads the table. It may be any file of the disk, so nothing of it is shown before its header is the one that is expected:
/// until then an error stands where the file was `named`.
fn read(text: &str, (source, named): (usize, Span), problems: &mut Vec<Problem>) -> Vec<Quarter> {
    let mut complain = |span, message: String, hint: Option<&str>| {
        problems.push(Problem::new(span, message, hint.map(str::to_owned)));
    };
    let lines = lines_of(text, source);
    let Some(header) = lines.first() else {
        complain(named, "the table is empty".to_owned(), None);
        return Vec::new();
    };
    let names = fields(header.text).unwrap_or_default();
    let positions = COLUMNS.map(|column| names.iter().position(|name| *name == column));
    for (column, _) in COLUMNS.iter().zip(positions).filter(|(_, position)| position.is_none()) {
        complain(
            named,
            format!("the table has no column `{column}`"),
            Some("the layout of the supervisory scenarios, domestic"),
        );
    }
    let [Some(date), Some(gdp), Some(income), Some(unemployment), Some(cpi), Some(rate)] = positions else {
        return Vec::new();
    };
    let mut quarters = Vec::new();
    let mut last = None;
    for line in lines.iter().skip(1).filter(|line| !line.text.trim().is_empty()) {
        let Some(fields) = fields(line.text) else {
            complain(line.span(), "a quote that is not closed".to_owned(), None);
            continue;
        };
        if fields.len() != names.len() {
            complain(line.span(), format!("{} fields, the header has {}", fields.len(), names.len()), None);
            continue;
        }
        match quarter_number(fields[date]) {
            None => complain(line.field(date), format!("`{}` is no quarter", fields[date]), Some("such as 2025 Q1")),
            Some(number) if last.is_some_and(|last| number != last + 1) => {
                complain(line.field(date), format!("`{}` does not follow the quarter before it", fields[date]), None);
                last = Some(number);
            }
            number => last = number,
        }
        let mut ratio = |column: usize| {
            let (least, hint) = if column == unemployment {
                (0.0, "a number between 0 and 100")
            } else {
                (-100.0, "a number between -100 and 100")
            };
            match fields[column].parse::<f64>() {
                Ok(value) if (least..=100.0).contains(&value) => value / 100.0,
                _ => {
                    let message = format!("`{}` in column `{}` is no such percentage", fields[column], names[column]);
                    complain(line.field(column), message, Some(hint));
                    0.0
                }
            }
        };
        quarters.push(Quarter {
            gdp_growth: ratio(gdp),
            income_growth: ratio(income),
            unemployment: ratio(unemployment),
            cpi: ratio(cpi),
            rate: ratio(rate),
            places: [unemployment, income, rate].map(|column| line.field(column)),
        });
    }
    if quarters.len() < QUARTERS_MIN {
        let message = format!("{} quarters, a path needs at least {QUARTERS_MIN} (39 months)", quarters.len());
        complain(lines.last().map_or(header.span(), Line::span), message, None);
    }
    quarters
}

/// Quarters since the year 0 of a text such as `2025 Q1`.
fn quarter_number(text: &str) -> Option<u32> {
    let (year, quarter) = text.split_once(' ')?;
    let quarter: u32 = quarter.strip_prefix(['Q', 'q'])?.parse().ok().filter(|q| (1..=4).contains(q))?;
    Some(year.parse::<u32>().ok().filter(|_| year.len() == 4)? * 4 + quarter - 1)
}

/// A run on a published path is as long as the shortest file: its worst quarters would otherwise lie behind the end.
pub(in crate::scenario) fn check_horizon(root: &Node, problems: &mut Vec<Problem>) {
    let least = 3 * QUARTERS_MIN;
    let Some(months) = root.child("months").and_then(Node::number).filter(|months| *months < least as f64) else {
        return;
    };
    for world in root.child("worlds").map_or(&[][..], Node::items) {
        let Some(economy) = world.child("economy") else { continue };
        let path = economy.text().and_then(|name| root.child("economy")?.child(name));
        if path.is_some_and(|path| path.child("quarters").is_some()) {
            let message = format!("a published path over {months} months");
            let hint = Some(format!("`months` at least {least}: the whole of the path"));
            problems.push(Problem::new(economy.span, message, hint));
        }
    }
}
