//! What there is to name: products, economy paths, policies and scenarios with their titles, and all keys that can be set.

use std::path::Path;

use serde_json::Value as Json;

use crate::scenario::document::changes::{self, When};
use crate::scenario::document::tree;
use crate::scenario::files::InputPath;
use crate::scenario::raw::scenario::{RootFile, ScenarioFile};

/// One row: a name and what is said of it.
pub(crate) type Row = Vec<String>;

/// Where models and scenarios are listed from, in words.
pub(crate) fn listed_from(models: Option<&Path>) -> String {
    models_path(models).to_string()
}

/// The models asked for, else those in this folder, else the built-in ones.
fn models_path(models: Option<&Path>) -> InputPath {
    let here = Path::new("models");
    match models {
        Some(models) => InputPath::Disk(models.to_path_buf()),
        None if here.join("products").is_dir() => InputPath::Disk(here.to_path_buf()),
        None => InputPath::BuiltIn("models".to_owned()),
    }
}

/// Products, economies or policies (by the name of their folder) with their titles.
pub(crate) fn models(folder: &str, models: Option<&Path>) -> Vec<Row> {
    let directory = models_path(models).join(folder);
    let row = |name: String| {
        let text = directory.join(&format!("{name}.toml")).read().unwrap_or_default();
        vec![name, title(&text)]
    };
    directory.stems().into_iter().map(row).collect()
}

/// The built-in scenarios, each with its command and its title.
pub(crate) fn scenarios() -> Vec<Row> {
    let directory = InputPath::BuiltIn("scenarios".to_owned());
    let row = |name: String| {
        let text = directory.join(&format!("{name}.toml")).read().unwrap_or_default();
        let document = tree::parse(0, &text, &mut Vec::new());
        let command = [("suite", "stress"), ("load", "load"), ("comparison", "compare-products")];
        let command = command.into_iter().find(|(part, _)| document.child(part).is_some());
        let command = match command {
            Some((_, command)) => command,
            None if name == "calibration" => "calibrate",
            None => "run",
        };
        vec![name, command.to_owned(), title(&text)]
    };
    directory.stems().into_iter().map(row).collect()
}

/// The title, or the sentence of the comment that a file begins with.
fn title(text: &str) -> String {
    let document = tree::parse(0, text, &mut Vec::new());
    let title = document.child("title").and_then(|node| node.text().map(str::to_owned));
    title.unwrap_or_else(|| {
        let comment = text.lines().next().and_then(|line| line.strip_prefix('#')).unwrap_or_default();
        comment.trim().to_owned()
    })
}

/// Every key of a scenario and its models as `--set` takes it, with type or unit, when a change by a policy reaches what is open, and its
/// meaning. Words in capitals stand for names or numbers.
pub(crate) fn keys() -> Vec<Row> {
    let mut rows = Vec::new();
    for (schema, parts) in [
        (ScenarioFile::checker().schema(), &["load", "suite"][..]),
        (
            RootFile::checker().schema(),
            &["product", "behaviour", "partners", "population", "personas", "hosts", "merchants"],
        ),
        (RootFile::checker().schema(), &["economy", "seasons", "appetite", "laws"]),
    ] {
        for part in parts {
            gather(schema, &schema["properties"][*part], part, &mut rows);
        }
    }
    for key in crate::scenario::read::PLAIN_KEYS {
        rows.push(row(key, &RootFile::checker().schema()["properties"][key]));
    }
    rows.sort();
    rows.dedup();
    for row in &mut rows {
        let when = changes::of(&row[0]).map_or(When::Refused, |change| change.when);
        row.insert(2, when.words().to_owned());
    }
    rows
}

fn gather(whole: &Json, schema: &Json, path: &str, rows: &mut Vec<Row>) {
    let own = schema;
    let reference = schema["$ref"].as_str().and_then(|reference| whole.pointer(reference.strip_prefix('#')?));
    let schema = reference.unwrap_or(schema);
    if let Some(properties) = schema["properties"].as_object() {
        for (key, value) in properties {
            gather(whole, value, &format!("{path}.{key}"), rows);
        }
    } else if schema["additionalProperties"].is_object() {
        gather(whole, &schema["additionalProperties"], &format!("{path}.NAME"), rows);
    } else {
        let mut row = row(path, schema);
        if let Some(described) = own["description"].as_str() {
            row[2] = one_line(described);
        }
        rows.push(row);
    }
}

fn row(key: &str, schema: &Json) -> Row {
    let kind = match (&schema["x-unit"], &schema["type"]) {
        (Json::String(unit), _) => unit.clone(),
        (_, Json::String(kind)) => kind.clone(),
        (_, Json::Array(kinds)) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Json::as_str).filter(|kind| *kind != "null").collect();
            kinds.join(" or ")
        }
        _ => "word".to_owned(),
    };
    vec![key.to_owned(), one_line(&kind), one_line(schema["description"].as_str().unwrap_or_default())]
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
