//! Reading: a scenario file and the models it names become one document, in which overlays are applied in this
//! order: calibrated values, the scenario's `set`, the command line. Policies are inlined. Then [`crate::scenario::resolve`].

use std::path::{Path, PathBuf};

use crate::base::time::Day;
use crate::scenario::document::overlay::{self, Assignment, Reach};
use crate::scenario::document::tree::{self, Node, Tree};
use crate::scenario::files::{self, InputPath};
use crate::scenario::plan::scenario::Scenario;
use crate::scenario::plan::sensitivity::Assumption;
use crate::scenario::problem::{Problem, ScenarioErrors, Source, Span, did_you_mean};
use crate::scenario::raw::scenario::ScenarioFile;
use crate::scenario::raw::{assumptions, suite};
use crate::scenario::{published, resolve};

/// What the command line changes: `--users`, `--months`, `--seed` and any `--set KEY=VALUE`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Users of the world.
    pub users: Option<u32>,
    /// Counted months; policies and events beyond the new end are left out.
    pub months: Option<u16>,
    /// Seed.
    pub seed: Option<u64>,
    /// Dotted keys and values in TOML (a bare word counts as a text), applied in order after everything else.
    pub set: Vec<(String, String)>,
    /// Directory of the models in the place of the scenario's own.
    pub models: Option<PathBuf>,
    /// What a policy may change (product, behaviour, partners) holds in all worlds from this day on, as a policy of that date.
    pub from: Option<Day>,
}

/// Where a scenario and its models were read from, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The scenario's file.
    pub scenario: String,
    /// The directory of its models.
    pub models: String,
    /// That directory, when it is one of the disk.
    pub models_directory: Option<PathBuf>,
}

/// Says where a scenario and its models would be read from.
///
/// # Errors
/// When there is no such scenario, or no TOML in it.
pub(crate) fn origin(path: &Path, overrides: &Overrides) -> Result<Origin, ScenarioErrors> {
    let mut reader = Reader::default();
    let input = InputPath::of_scenario(path);
    let Some(scenario) = reader.read(&input, None) else { return Err(reader.fail()) };
    let models = models_directory(&scenario, &input, overrides);
    let resolved = scenario.child("resolved").is_some();
    Ok(Origin {
        scenario: input.to_string(),
        models: if resolved { "in the scenario itself".to_owned() } else { models.to_string() },
        models_directory: models.on_disk().filter(|_| !resolved).map(Path::to_path_buf),
    })
}

/// Keys of a scenario that `--set` may name beside the keys of models.
pub(in crate::scenario) const PLAIN_KEYS: [&str; 9] =
    ["name", "title", "users", "cell_users", "warmup_months", "months", "start", "seed", "replication"];

/// Reads a scenario file (or a resolved one) with its models and resolves it.
///
/// # Errors
/// Everything that is wrong with the files and the overrides, at once, each error with its place.
pub fn read_scenario(path: &Path, overrides: &Overrides) -> Result<Scenario, ScenarioErrors> {
    read_as(path, overrides, None)
}

/// Reads a scenario file with another product in the place of its own.
///
/// # Errors
/// As [`read_scenario`].
pub(crate) fn read_product(path: &Path, overrides: &Overrides, product: &str) -> Result<Scenario, ScenarioErrors> {
    read_as(path, overrides, Some(product))
}

fn read_as(path: &Path, overrides: &Overrides, product: Option<&str>) -> Result<Scenario, ScenarioErrors> {
    let mut reader = Reader::default();
    let input = InputPath::of_scenario(path);
    let Some(mut scenario) = reader.read(&input, None) else { return Err(reader.fail()) };
    if let Some(product) = product {
        let span = scenario.child("product").map_or(scenario.span, |node| node.span);
        scenario.insert("product", span, Node::leaf(span, product));
    }
    let mut root = if scenario.child("resolved").is_some() {
        scenario
    } else {
        let models = models_directory(&scenario, &input, overrides);
        reader.assemble(&scenario, &models)
    };
    reader.override_with(&mut root, overrides);
    reader.finish(root)
}

/// Reads the resolved TOML that a run directory holds; gives the scenario that was run.
///
/// # Errors
/// When the text has been changed into something that is not a valid scenario.
pub(crate) fn from_resolved_toml(text: &str) -> Result<Scenario, ScenarioErrors> {
    let mut reader = Reader::default();
    let root = reader.parse("scenario.toml".to_owned(), text.to_owned());
    reader.finish(root)
}

/// Where a file was named, and how.
#[derive(Clone, Copy)]
pub(in crate::scenario) struct Named<'a> {
    pub(in crate::scenario) span: Span,
    pub(in crate::scenario) name: &'a str,
}

/// Where a model file goes in a table of the document; `prefix` comes before the key in the names of its values.
#[derive(Clone, Copy)]
struct Mount<'a> {
    prefix: &'a str,
    key: &'a str,
}

/// Reads files and gathers what is wrong with them.
#[derive(Default)]
pub(in crate::scenario) struct Reader {
    sources: Vec<Source>,
    pub(in crate::scenario) problems: Vec<Problem>,
    /// Numbers of grade L in all models that were read.
    pub(in crate::scenario) assumptions: Vec<Assumption>,
}

/// The directory of a scenario's models: that of the command line, that of the scenario, what stands beside it, what is built in.
pub(in crate::scenario) fn models_directory(scenario: &Node, input: &InputPath, overrides: &Overrides) -> InputPath {
    match (&overrides.models, scenario.child("models").and_then(Node::text)) {
        (Some(models), _) => InputPath::Disk(models.clone()),
        (None, Some(models)) => input.beside(models),
        (None, None) => input.models_beside(),
    }
}

impl Reader {
    /// Everything that is wrong.
    pub(in crate::scenario) fn fail(self) -> ScenarioErrors {
        ScenarioErrors::new(self.sources, self.problems)
    }

    fn finish(mut self, mut root: Node) -> Result<Scenario, ScenarioErrors> {
        assumptions::fill(&mut root, std::mem::take(&mut self.assumptions));
        match resolve::resolve(&mut root, &mut self.problems) {
            Some(mut scenario) if self.problems.is_empty() => {
                for target in &mut scenario.targets {
                    let span = root.at("targets").and_then(|targets| targets.key_span(&target.measure));
                    target.place = span.map_or_else(String::new, |span| self.place(span));
                }
                Ok(scenario)
            }
            _ => Err(self.fail()),
        }
    }

    /// File and line of a place.
    fn place(&self, span: Span) -> String {
        let source = &self.sources[span.source];
        let line = 1 + source.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count();
        format!("{}:{line}", source.name)
    }

    pub(in crate::scenario) fn complain(&mut self, span: Span, message: String, hint: Option<String>) {
        self.problems.push(Problem::new(span, message, hint));
    }

    fn source(&mut self, name: String, text: String) -> usize {
        self.sources.push(Source { name, text });
        self.sources.len() - 1
    }

    fn parse(&mut self, name: String, text: String) -> Node {
        let source = self.source(name, text);
        tree::parse(source, &self.sources[source].text, &mut self.problems)
    }

    /// Reads a TOML file. When it cannot be read the error stands where the file was named, or at the file itself.
    pub(in crate::scenario) fn read(&mut self, input: &InputPath, named: Option<Named<'_>>) -> Option<Node> {
        match input.read() {
            Ok(text) => Some(self.parse(input.to_string(), text)),
            Err(error) => {
                let (span, hint) = match named {
                    Some(Named { span, name }) => (span, did_you_mean(name, &as_strs(&input.neighbours()))),
                    None => (Span::new(self.source(input.to_string(), String::new()), 0..0), known_scenarios(input)),
                };
                // Another name helps only where there is none of this one.
                let hint = hint.filter(|_| error.kind() == std::io::ErrorKind::NotFound);
                self.complain(span, format!("cannot read {input}: {}", files::cause(&error)), hint);
                None
            }
        }
    }

    /// The document of a scenario and its models.
    fn assemble(&mut self, scenario: &Node, models: &InputPath) -> Node {
        ScenarioFile::checker().check(scenario, &mut self.problems);
        let mut root = Node::table(scenario.span);
        root.insert("resolved", scenario.span, Node::leaf(scenario.span, 1));
        root.insert("cell_users", scenario.span, Node::leaf(scenario.span, 2000));
        root.insert("replication", scenario.span, Node::leaf(scenario.span, 0));
        for key in PLAIN_KEYS.iter().chain(&["worlds", "load", "suite"]) {
            if let (Some(node), Some(span)) = (scenario.child(key), scenario.key_span(key)) {
                root.insert(key, span, node.clone());
            }
        }
        if let (Some(span), true) = (scenario.key_span("worlds"), scenario.child("suite").is_some()) {
            let hint = Some("leave `[[worlds]]` out: a suite makes its own, each path with each policy".to_owned());
            self.complain(span, "worlds beside a suite".to_owned(), hint);
        }
        suite::expand(&mut root);
        self.mount_models(&mut root, scenario, models);
        self.inline_policies(&mut root, models);
        if let Some(set) = scenario.child("set") {
            self.overlay(&mut root, set);
        }
        root
    }

    fn overlay(&mut self, root: &mut Node, set: &Node) {
        overlay::apply_all(root, Reach::Models, set, &mut self.problems);
    }

    fn mount_models(&mut self, root: &mut Node, scenario: &Node, models: &InputPath) {
        for name in ["partners", "population", "hosts", "merchants", "seasons", "appetite", "laws"] {
            self.mount(root, name, &models.join(&format!("{name}.toml")), None);
        }
        self.mount_economy(root, models);
        let Some(product) = scenario.child("product") else { return };
        let (span, Some(name)) = (product.span, product.text()) else { return };
        let known = models.join("products").stems();
        if !known.iter().any(|stem| stem == name) {
            let message = format!("no product `{name}` in {}", models.join("products"));
            return self.complain(span, message, did_you_mean(name, &as_strs(&known)));
        }
        let file = |kind: &str| models.join(kind).join(&format!("{name}.toml"));
        self.mount(root, "product", &file("products"), Some(Named { span, name }));
        self.mount(root, "behaviour", &file("behaviour"), Some(Named { span, name }));
        self.mount(root, "personas", &file("personas"), Some(Named { span, name }));
        self.mount(root, "targets", &file("targets"), Some(Named { span, name }));
        if let Some(node) = root.at_mut("product") {
            node.insert("key", span, Node::leaf(span, name));
        }
        self.mount_levers(root, &models.join("levers.toml"));
        let wanted = scenario.child("calibrated").and_then(Node::truth).unwrap_or(true);
        let calibrated = file("calibrated");
        if wanted
            && calibrated.exists()
            && let Some(values) = self.read(&calibrated, None)
        {
            self.overlay(root, &values);
        }
    }

    /// Levers of policies stand in a file of their own, in their neutral position, for all products whose files do not set them.
    fn mount_levers(&mut self, root: &mut Node, path: &InputPath) {
        let Some(file) = self.read(path, None) else { return };
        let levers = tree::strip_grades(&file, &mut self.problems);
        for (path, key_span, value) in levers.leaves() {
            // A file that could not be read has been reported; it needs no levers.
            let Some((part, key)) = path.rsplit_once('.').filter(|(part, _)| root.at(lever_home(part)).is_some())
            else {
                continue;
            };
            if let Some((home, table)) = part.rsplit_once('.').filter(|_| root.at(part).is_none()) {
                let span = value.span;
                if let Some(home) = root.at_mut(home) {
                    home.insert(table, span, Node::table(span));
                }
            }
            if let Some(table) = root.at_mut(part).filter(|table| table.child(key).is_none()) {
                table.insert(key, key_span, value.clone());
            }
        }
    }

    /// Puts a model file into the document. Targets state grade and source as keys of their rows; all other models
    /// state them beside each value.
    fn mount(&mut self, root: &mut Node, key: &str, path: &InputPath, named: Option<Named<'_>>) {
        self.mount_at(root, Mount { prefix: "", key }, path, named);
    }

    /// The same below the top of the document.
    fn mount_at(&mut self, root: &mut Node, mount: Mount<'_>, path: &InputPath, named: Option<Named<'_>>) {
        let Mount { prefix, key } = mount;
        let Some(node) = self.read(path, named) else { return };
        assumptions::of_model(&node, &format!("{prefix}{key}"), &mut self.assumptions);
        let node = if key == "targets" { node } else { tree::strip_grades(&node, &mut self.problems) };
        root.insert(key, node.span, node);
    }

    /// The base path and every path that a world names.
    fn mount_economy(&mut self, root: &mut Node, models: &InputPath) {
        let directory = models.join("economy");
        let known = directory.stems();
        let worlds = root.child("worlds").map_or(&[][..], Node::items);
        let mut wanted = vec![(root.span, "base".to_owned())];
        for world in worlds {
            if let Some(node) = world.child("economy")
                && let Some(name) = node.text()
            {
                wanted.push((node.span, name.to_owned()));
            }
        }
        let mut paths = Node::table(root.span);
        for (span, name) in wanted {
            if !known.contains(&name) {
                let message = format!("no economy path `{name}` in {directory}");
                self.complain(span, message, did_you_mean(&name, &as_strs(&known)));
            } else if paths.child(&name).is_none() {
                self.mount_at(
                    &mut paths,
                    Mount { prefix: "economy.", key: &name },
                    &directory.join(&format!("{name}.toml")),
                    None,
                );
                self.publish(&mut paths, &name, &directory);
            }
        }
        root.insert("economy", root.span, paths);
    }

    /// Puts the quarters of a published table into an economy path that names one.
    fn publish(&mut self, paths: &mut Node, name: &str, directory: &InputPath) {
        let Some(economy) = paths.child(name).filter(|node| node.child("published").is_some()).cloned() else { return };
        let file = economy.at("published.file").and_then(|node| Some((node.span, node.text()?)));
        let (span, file) = file.unwrap_or((economy.span, ""));
        let path = directory.join(file);
        let quarters = match path.read() {
            Ok(text) => {
                let source = self.source(path.to_string(), text.clone());
                published::quarters(&economy, &text, source, &mut self.problems)
            }
            Err(error) => {
                self.complain(span, format!("cannot read {path}: {}", files::cause(&error)), None);
                None
            }
        };
        if let Some(Node { value: Tree::Table(table), .. }) = paths.at_mut(name) {
            table.remove("published");
            if let Some(quarters) = quarters {
                table.insert("quarters".to_owned(), (span, quarters));
            }
        }
    }

    /// The command line comes last.
    fn override_with(&mut self, root: &mut Node, overrides: &Overrides) {
        let mut shortened = overrides.months.is_some();
        let number = |option: Option<u64>| option.map(|n| n.to_string());
        let flags = [
            ("users", number(overrides.users.map(u64::from))),
            ("months", number(overrides.months.map(u64::from))),
            ("seed", number(overrides.seed)),
        ];
        for (key, value) in flags {
            if let Some(value) = value {
                let node = self.typed(format!("--{key}"), &value, 0);
                root.insert(key, node.span, node);
            }
        }
        for (key, value) in &overrides.set {
            let text = format!("{key}={value}");
            let source = self.sources.len();
            self.source("--set".to_owned(), text.clone());
            let node = self.typed_value(value, Span::new(source, key.len() + 1..text.len()));
            let key_span = Span::new(source, 0..key.len());
            let section = key.split('.').next().unwrap_or_default();
            if let Some(from) = overrides.from.filter(|_| overlay::POLICY.contains(&section)) {
                date_from(root, from, (key, key_span), &node);
            } else if PLAIN_KEYS.contains(&key.as_str()) {
                shortened |= key == "months";
                root.insert(key, key_span, node);
            } else if let Some((part, inner)) = key.split_once('.').filter(|(part, _)| ["load", "suite"].contains(part))
            {
                self.override_part(root, part, inner, key_span, node);
            } else if let Some(near) = crate::scenario::problem::nearest(key, PLAIN_KEYS).filter(|_| !key.contains('.'))
            {
                self.complain(key_span, format!("unknown key `{key}`"), Some(format!("did you mean `{near}`?")));
            } else {
                overlay::apply(
                    root,
                    Reach::Models,
                    Assignment { path: key, key_span, value: &node },
                    &mut self.problems,
                );
            }
        }
        if shortened {
            resolve::drop_after_end(root);
        }
    }

    /// Keys of `[load]` and `[suite]` may be absent from the file, since most have a default; the schema says which there are.
    fn override_part(&mut self, root: &mut Node, part: &str, inner: &str, key_span: Span, node: Node) {
        let Some(load) = root.at_mut(part) else {
            let needs =
                if part == "load" { "a load run needs a part `[load]` with `at`" } else { "a stress run needs it" };
            return self.complain(key_span, format!("this scenario has no part `[{part}]`"), Some(needs.to_owned()));
        };
        match inner.split_once('.') {
            None => load.insert(inner, key_span, node),
            Some((table, key)) => {
                if load.child(table).is_none() {
                    load.insert(table, key_span, Node::table(key_span));
                }
                if let Some(table) = load.at_mut(table) {
                    table.insert(key, key_span, node);
                }
            }
        }
    }

    fn typed(&mut self, flag: String, value: &str, from: usize) -> Node {
        let source = self.source(flag, value.to_owned());
        self.typed_value(value, Span::new(source, from..value.len()))
    }

    /// A value of the command line that stands there: TOML if it is, otherwise a text.
    fn typed_value(&mut self, value: &str, span: Span) -> Node {
        let mut problems = Vec::new();
        let document = tree::parse(self.sources.len(), &format!("v = {value}"), &mut problems);
        let mut node = match document.child("v") {
            Some(node) if problems.is_empty() => node.clone(),
            // TOML ends at 63 bits; a longer number is still one, and its range is named.
            _ if value.parse::<u64>().is_ok() => Node::leaf(span, value.parse::<u64>().unwrap_or_default()),
            // A number that is beyond every range, or none: no text was meant.
            Some(node) if value.parse::<f64>().is_ok() => {
                // However it is spelt.
                if value.parse().is_ok_and(|number: f64| !number.is_finite()) {
                    self.complain(span, "not a finite number".to_owned(), None);
                    Node::leaf(span, serde_json::Value::Null)
                } else {
                    self.problems.extend(problems.into_iter().map(|problem| Problem { span, ..problem }));
                    node.clone()
                }
            }
            _ => Node::leaf(span, value),
        };
        move_to(&mut node, span);
        node
    }
}

/// Puts a value into every world as a policy from a day on.
fn date_from(root: &mut Node, from: Day, (key, span): (&str, Span), value: &Node) {
    let mut set = Node::table(span);
    set.insert(key, span, value.clone());
    let mut policy = Node::table(span);
    policy.insert("from", span, Node::leaf(span, from.to_string()));
    policy.insert("set", span, set);
    let Some(Node { value: Tree::Array(worlds), .. }) = root.at_mut("worlds") else { return };
    for world in worlds {
        if let Some(Node { value: Tree::Array(policies), .. }) = world.at_mut("policies") {
            policies.push(policy.clone());
        } else {
            world.insert("policies", span, Node { span, value: Tree::Array(vec![policy.clone()]) });
        }
    }
}

/// The model that a lever's section belongs to: `product` of `product.limits`.
fn lever_home(section: &str) -> &str {
    section.split('.').next().unwrap_or(section)
}

/// Gives a whole subtree one place.
fn move_to(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.value {
        Tree::Leaf(_) => {}
        Tree::Array(items) => items.iter_mut().for_each(|item| move_to(item, span)),
        Tree::Table(table) => table.values_mut().for_each(|(key_span, item)| {
            *key_span = span;
            move_to(item, span);
        }),
    }
}

/// The built-in scenarios, for a name that is none of them.
fn known_scenarios(input: &InputPath) -> Option<String> {
    let stem = input.on_disk()?.file_stem()?.to_str()?;
    did_you_mean(stem, &as_strs(&InputPath::BuiltIn("scenarios".to_owned()).stems()))
}

pub(in crate::scenario) fn as_strs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}
