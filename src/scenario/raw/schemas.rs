//! A JSON Schema for every kind of file that people write, from the same types that read them. In models a number stands with its
//! grade and its source; the schema of a resolved value is wrapped accordingly.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Value as Json, json};

use crate::scenario::document::schema::Checker;
use crate::scenario::raw::behaviour::BehaviourFile;
use crate::scenario::raw::comparison::FactFile;
use crate::scenario::raw::economy::{AppetiteFile, EconomyFile, SeasonFile};
use crate::scenario::raw::law::LawFile;
use crate::scenario::raw::people::{HostsFile, MerchantsFile, PersonaFile, PopulationFile};
use crate::scenario::raw::product::{PartnerFile, ProductFile};
use crate::scenario::raw::scenario::ScenarioFile;
use crate::scenario::raw::target::TargetFile;

/// The dialect in which all schemas are written.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The kinds of files, in the order in which they are listed.
pub(crate) const KINDS: [&str; 18] = [
    "scenario",
    "suite",
    "product",
    "behaviour",
    "personas",
    "policy",
    "economy",
    "targets",
    "partners",
    "population",
    "hosts",
    "merchants",
    "seasons",
    "appetite",
    "laws",
    "levers",
    "facts",
    "calibrated",
];

/// The kind of a shipped file by its path, such as `models/products/huabei.toml`; `None` for what is not read as TOML.
pub(crate) fn kind_of(path: &str) -> Option<&'static str> {
    let (folder, file) = path.rsplit_once('/')?;
    let stem = file.strip_suffix(".toml")?;
    Some(match folder {
        "scenarios" => "scenario",
        "models/products" => "product",
        "models/policies" => "policy",
        // Files that are alone of their kind, and folders, are named like it.
        "models" => KINDS.iter().find(|kind| **kind == stem)?,
        _ => KINDS.iter().find(|kind| folder.strip_prefix("models/") == Some(**kind))?,
    })
}

/// The schema of a kind of file; `None` when there is no such kind.
pub(crate) fn schema_of(kind: &str) -> Option<Json> {
    Some(match kind {
        "scenario" => Checker::of::<ScenarioFile>().schema().clone(),
        "suite" => {
            let mut schema = Checker::of::<ScenarioFile>().schema().clone();
            if let Some(required) = schema["required"].as_array_mut() {
                required.push(json!("suite"));
            }
            titled(schema, "Yuefu stress suite")
        }
        "product" => {
            let mut schema = model::<ProductFile>("Yuefu product");
            // The reader puts the name of the file there.
            without(&mut schema, "key");
            schema
        }
        "behaviour" => model::<BehaviourFile>("Yuefu behaviour"),
        "personas" => model::<BTreeMap<String, PersonaFile>>("Yuefu personas"),
        "partners" => model::<BTreeMap<String, PartnerFile>>("Yuefu funding partners"),
        "economy" => {
            let mut schema = model::<EconomyFile>("Yuefu economy path");
            schema["properties"]["published"] = json!({
                "type": "object",
                "description": "A table in the layout of the supervisory scenarios, and how it is mapped.",
            });
            schema
        }
        "targets" => titled(whole(&Checker::of::<BTreeMap<String, TargetFile>>()), "Yuefu calibration targets"),
        "facts" => titled(whole(FactFile::checker()), "Yuefu published facts"),
        "population" => model::<PopulationFile>("Yuefu population"),
        "hosts" => model::<HostsFile>("Yuefu hosts"),
        "merchants" => model::<MerchantsFile>("Yuefu merchants"),
        "seasons" => model::<BTreeMap<String, SeasonFile>>("Yuefu seasons"),
        "laws" => model::<BTreeMap<String, LawFile>>("Yuefu laws"),
        "appetite" => model::<AppetiteFile>("Yuefu risk appetite"),
        "levers" => titled(
            json!({
                "$schema": DIALECT,
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "product": model::<ProductFile>("Levers of the product"),
                    "behaviour": model::<BehaviourFile>("Levers of behaviour"),
                },
            }),
            "Yuefu levers",
        ),
        "calibrated" => json!({
            "$schema": DIALECT,
            "title": "Yuefu calibrated values",
            "type": "object",
            "description": "Values by dotted key, in quotes; they take the place of those of grade L.",
            "additionalProperties": {
                "anyOf": [{ "type": "number" }, { "type": "array", "items": { "type": ["number", "array"] } }],
            },
        }),
        "policy" => policy(),
        _ => return None,
    })
}

fn policy() -> Json {
    json!({
        "$schema": DIALECT,
        "title": "Yuefu policy",
        "type": "object",
        "additionalProperties": false,
        "required": ["set"],
        "properties": {
            "title": { "type": "string", "description": "One line for reports." },
            "set": {
                "type": "object",
                "description": "Values of the product or the behaviour that the policy changes, by dotted key.",
                "additionalProperties": graded(json!({})),
            },
        },
    })
}

fn titled(mut schema: Json, title: &str) -> Json {
    schema["title"] = json!(title);
    schema
}

/// A schema with its references put in place: no type holds itself.
fn whole(checker: &Checker) -> Json {
    let mut schema = inlined(checker.schema(), checker.schema());
    if let Some(entries) = schema.as_object_mut() {
        entries.remove("$defs");
    }
    schema
}

fn inlined(whole: &Json, schema: &Json) -> Json {
    match schema {
        Json::Object(entries) => {
            let target = entries.get("$ref").and_then(Json::as_str).and_then(|r| whole.pointer(r.strip_prefix('#')?));
            let mut plain = match target.map(|target| inlined(whole, target)) {
                Some(Json::Object(plain)) => plain,
                _ => serde_json::Map::new(),
            };
            for (key, value) in entries.iter().filter(|(key, _)| *key != "$ref" && *key != "$defs") {
                plain.insert(key.clone(), inlined(whole, value));
            }
            Json::Object(plain)
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| inlined(whole, item)).collect()),
        other => other.clone(),
    }
}

/// The schema of a model file.
fn model<T: JsonSchema>(title: &str) -> Json {
    titled(with_grades(whole(&Checker::of::<T>())), title)
}

/// Wraps what stands under the keys of tables. A key may be missing: levers and defaults have files of their own.
fn with_grades(mut schema: Json) -> Json {
    let Some(entries) = schema.as_object_mut() else { return schema };
    entries.remove("required");
    if let Some(Json::Object(properties)) = entries.get_mut("properties") {
        for value in properties.values_mut() {
            *value = under_key(value.take());
        }
    }
    if let Some(value) = entries.get_mut("additionalProperties").filter(|value| value.is_object()) {
        *value = under_key(value.take());
    }
    schema
}

fn under_key(schema: Json) -> Json {
    let is = |schema: &Json, name: &str| match &schema["type"] {
        Json::String(kind) => kind == name,
        Json::Array(kinds) => kinds.iter().any(|kind| kind == name),
        _ => false,
    };
    let is_words = |schema: &Json| is(schema, "string") || schema.get("oneOf").is_some();
    if is(&schema, "object") {
        with_grades(schema)
    } else if is_words(&schema) || is_words(&schema["items"]) {
        // Words may stand alone or with a grade.
        json!({ "anyOf": [schema.clone(), graded(schema)] })
    } else {
        graded(schema)
    }
}

fn graded(value: Json) -> Json {
    let grades = [("S", "own profile"), ("H", "official or computed"), ("M", "secondary"), ("L", "weak or assumption")];
    let grades: Vec<Json> = grades.map(|(grade, says)| json!({ "const": grade, "description": says })).into();
    let described = value.get("description").cloned().unwrap_or_default();
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["value", "grade", "source"],
        "properties": {
            "value": value,
            "grade": { "oneOf": grades, "description": "How sure the number is." },
            "source": { "type": "string", "minLength": 3, "description": "Where the number comes from." },
        },
    });
    if !described.is_null() {
        schema["description"] = described;
    }
    schema
}

fn without(schema: &mut Json, key: &str) {
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::document::tree;
    use std::path::Path;

    #[test]
    fn every_shipped_file_fits_the_schema_of_its_kind() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = vec![("suite", "scenarios/policies.toml".to_owned())];
        let mut folders = vec!["models".to_owned(), "scenarios".to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(root.join(&folder)).expect("a folder").flatten() {
                let path = format!("{folder}/{}", entry.file_name().to_str().expect("text"));
                match kind_of(&path) {
                    _ if entry.path().is_dir() => folders.push(path),
                    Some(kind) => files.push((kind, path)),
                    None => assert!(!path.ends_with(".toml"), "{path} is of no kind"),
                }
            }
        }
        for kind in KINDS {
            assert!(files.iter().any(|(of, _)| *of == kind), "no file of kind {kind}");
        }
        for (kind, path) in files {
            let text = std::fs::read_to_string(root.join(&path)).expect("a file");
            let mut problems = Vec::new();
            let document = tree::parse(0, &text, &mut problems);
            Checker::new(schema_of(kind).expect("a kind")).check(&document, &mut problems);
            assert!(problems.is_empty(), "{path}: {:?}", problems.first());
        }
    }

    #[test]
    fn a_number_without_a_grade_does_not_fit() {
        let mut problems = Vec::new();
        let document = tree::parse(0, "base = 0.05\nbasse = 1\n", &mut problems);
        Checker::new(schema_of("economy").expect("a kind")).check(&document, &mut problems);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(KINDS.iter().all(|kind| schema_of(kind).is_some()) && schema_of("sceneraio").is_none());
    }
}
