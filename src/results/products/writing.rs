//! Writes the files of a comparison of products from plain values; its hash is that of the worlds.

use super::super::json::{checksum, text};
use super::super::origin::Named;
use super::super::table::{field, line};
use super::{About, COUNTS, ProductRecord, ProductsRecord, Row};
use crate::measure::DEFINITIONS;
use crate::results::ResultsError;
use crate::results::load::Estimate;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Goes up when the order or the meaning of the hashed content changes.
const VERSION: &str = "yuefu-products-1";

/// `products.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct ProductsFile {
    /// Hash of the worlds.
    pub hash: String,
    pub about: About,
    pub products: Vec<ProductRecord>,
}

impl ProductsFile {
    fn of(record: &ProductsRecord) -> ProductsFile {
        ProductsFile {
            hash: products_hash(&record.about, &record.products),
            about: record.about.clone(),
            products: record.products.clone(),
        }
    }
}

/// `sums.json`: what the file must hash to, byte by byte.
#[derive(Serialize, Deserialize)]
pub(super) struct Sums {
    /// blake3 of `products.json`.
    pub products_json: String,
}

/// The hash of a comparison, hex: all its worlds in order. Everything else follows from them and the models.
pub(crate) fn products_hash(about: &About, products: &[ProductRecord]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut put = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    put(VERSION);
    put(&about.name);
    put(&format!("{} {} {} {}", about.users, about.months, about.warmup_months, about.seed));
    for product in products {
        put(&product.key);
        for (world, counts) in product.worlds.iter().zip(&product.counts) {
            [&world.part, &world.path, &world.state_hash].into_iter().for_each(|name| put(name));
            put(&format!("{} {:?} {:?} {counts:?}", world.luck, world.measures, world.months));
        }
    }
    hasher.finalize().to_hex().to_string()
}

impl ProductsRecord {
    /// The text of `products.json`.
    pub(crate) fn products_json(&self) -> String {
        text(&ProductsFile::of(self))
    }
}

/// Writes all files of a comparison into a directory that exists.
///
/// # Errors
/// From the file system.
pub(crate) fn write_into(dir: &Path, record: &ProductsRecord) -> Result<(), ResultsError> {
    let scenarios = dir.join("scenarios");
    fs::create_dir_all(&scenarios).map_err(|e| ResultsError::io(&scenarios, e))?;
    let mut files = Vec::new();
    for ((product, resolved), asked) in record.products.iter().zip(&record.resolved).zip(&record.questioned) {
        files.push((scenario_file(&product.key), resolved.clone()));
        let asked = asked.iter().enumerate();
        files.extend(asked.map(|(question, text)| (question_file(&product.key, question), text.clone())));
    }
    let products = record.products_json();
    let tables = [
        ("timing.json", text(&Named::new(&record.about.origin, &record.timing))),
        ("rows.csv", rows(record)),
        ("stress.csv", stress(record)),
        ("questions.csv", questions(record)),
        ("prices.csv", prices(record)),
        ("refused_loans.csv", refused(record)),
        ("worlds.csv", worlds(record)),
        ("assumptions.csv", assumptions(record)),
        ("products.json", products.clone()),
        // Last, since a directory with it counts as whole.
        ("sums.json", text(&Named::new(&record.about.origin, &Sums { products_json: checksum(&products) }))),
    ];
    files.extend(tables.map(|(name, text)| (name.to_string(), text)));
    for (name, text) in files {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|e| ResultsError::io(&path, e))?;
    }
    Ok(())
}

/// Name of a product's input.
pub(super) fn scenario_file(product: &str) -> String {
    format!("scenarios/{product}.toml")
}

/// Name of its input under a question. Names of questions may be anything, so the file has its number.
pub(super) fn question_file(product: &str, question: usize) -> String {
    format!("scenarios/{product}.question-{}.toml", question + 1)
}

fn or_empty(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

fn rows(record: &ProductsRecord) -> String {
    let mut out = String::from(
        "product,table,group,key,title,published,low,high,grade,source,simulated,low_95,high_95,shown,verdict,reason\n",
    );
    for product in &record.products {
        for row in &product.rows {
            let Row { table, group, key, .. } = row;
            let (low, high) = (or_empty(row.band.map(|b| b.0)), or_empty(row.band.map(|b| b.1)));
            let interval = (or_empty(row.interval.map(|i| i.0)), or_empty(row.interval.map(|i| i.1)));
            let texts = [&row.title, &row.published].map(|t| field(t));
            let (source, shown, reason) = (field(&row.source), field(&row.shown), field(&row.reason));
            line!(
                out,
                "{},{table},{group},{key},{},{},{low},{high},{},{source},{},{},{},{shown},{},{reason}",
                product.key,
                texts[0],
                texts[1],
                row.grade,
                or_empty(row.value),
                interval.0,
                interval.1,
                row.verdict.name()
            );
        }
    }
    out
}

/// `value,low,high`, or three empty fields.
fn three(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| ",,".to_string(), |e| format!("{},{},{}", e.value, e.low, e.high))
}

fn stress(record: &ProductsRecord) -> String {
    let mut out = String::from("product,measure,normal,stress,difference,low_95,high_95\n");
    for product in &record.products {
        for row in &product.stress {
            let (measure, d) = (&row.measure, three(row.difference));
            line!(out, "{},{measure},{},{},{d}", product.key, row.base, row.stress);
        }
    }
    out
}

fn questions(record: &ProductsRecord) -> String {
    let mut out = String::from("product,question,measure,as_it_is,asked,difference,low_95,high_95\n");
    for product in &record.products {
        for row in &product.questions {
            let d = three(row.difference);
            line!(out, "{},{},{},{},{},{d}", product.key, row.question, row.measure, row.base, row.asked);
        }
    }
    out
}

fn prices(record: &ProductsRecord) -> String {
    let mut out = String::from("product,tier,months,flat_fee,irr_annual,cap_annual,within_cap\n");
    for product in &record.products {
        for p in &product.prices {
            let (fee, within) = (or_empty(p.flat_fee), i32::from(p.within_cap));
            line!(
                out,
                "{},{},{},{fee},{},{},{within}",
                product.key,
                p.tier,
                p.months,
                p.irr_annual,
                product.cap_annual
            );
        }
    }
    out
}

fn refused(record: &ProductsRecord) -> String {
    let mut out = String::from("product,world,tier,months,where,count,amount_yuan,irr_annual,cap_annual\n");
    for product in &record.products {
        for loans in &product.refused_loans {
            let origin = if loans.checkout { "checkout" } else { "bill" };
            line!(
                out,
                "{},{},{},{},{origin},{},{},{},{}",
                product.key,
                loans.world,
                loans.tier,
                loans.months,
                loans.count,
                loans.amount_yuan,
                loans.irr_annual,
                product.cap_annual
            );
        }
    }
    out
}

fn worlds(record: &ProductsRecord) -> String {
    let measures: String = DEFINITIONS.iter().map(|d| format!(",{}_numerator,{}_denominator", d.key, d.key)).collect();
    let mut out = format!("product,part,world,replication,state_hash{measures},{}\n", COUNTS.join(","));
    for product in &record.products {
        for (w, counts) in product.worlds.iter().zip(&product.counts) {
            let sums: String = w.measures.iter().map(|(n, d)| format!(",{n},{d}")).collect();
            let counts: String = counts.iter().map(|c| format!(",{c}")).collect();
            line!(out, "{},{},{},{},{}{sums}{counts}", product.key, w.part, w.path, w.luck, w.state_hash);
        }
    }
    out
}

fn assumptions(record: &ProductsRecord) -> String {
    let mut out = String::from("product,key,value,source\n");
    for product in &record.products {
        for a in &product.assumptions {
            line!(out, "{},{},{},{}", product.key, a.key, field(&a.value), field(&a.source));
        }
    }
    out
}
