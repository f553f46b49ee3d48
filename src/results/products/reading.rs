//! Reads a comparison of products back into plain values. A file that is missing or changed is an error with its place.

use super::super::json::checksum;
use super::super::reading::{json, text};
use super::writing::{ProductsFile, Sums, question_file, scenario_file};
use super::{ProductsRecord, products_hash};
use crate::results::ResultsError;
use std::path::Path;

/// True of a directory that holds a whole comparison of products.
pub(crate) fn is_products(dir: &Path) -> bool {
    dir.join("products.json").is_file() && dir.join("sums.json").is_file()
}

/// Reads a comparison of products and checks its hash.
///
/// # Errors
/// Says which file is missing or wrong.
pub(crate) fn read(dir: &Path) -> Result<ProductsRecord, ResultsError> {
    let sums: Sums = json(dir, "sums.json")?;
    if checksum(&text(dir, "products.json")?) != sums.products_json {
        return Err(ResultsError::Changed { path: dir.join("products.json") });
    }
    let file: ProductsFile = json(dir, "products.json")?;
    let found = products_hash(&file.about, &file.products);
    if found != file.hash {
        return Err(ResultsError::Hash { path: dir.to_path_buf(), stated: file.hash, found });
    }
    let input = |name: String, sum: &str| {
        let input = text(dir, &name)?;
        if checksum(&input) == sum { Ok(input) } else { Err(ResultsError::Scenario { path: dir.join(name) }) }
    };
    let (mut resolved, mut questioned) = (Vec::new(), Vec::new());
    for product in &file.products {
        resolved.push(input(scenario_file(&product.key), &product.scenario_blake3)?);
        let asked = product.questioned_blake3.iter().enumerate();
        let asked: Result<_, _> = asked.map(|(q, sum)| input(question_file(&product.key, q), sum)).collect();
        questioned.push(asked?);
    }
    let timing = json(dir, "timing.json")?;
    Ok(ProductsRecord { about: file.about, products: file.products, resolved, questioned, timing })
}
