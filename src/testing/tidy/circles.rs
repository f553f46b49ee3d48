//! Circles between files.
//!
//! A file points to another when a path it writes down, in a `use` or inside code, leads there: to the file of the longest part of
//! the path that is a module, and where that file only hands the name on (`pub use`), to the file that the name comes from.
//! `mod name;` is no path, so a parent does not point to its children by having them, and handing a name on is no use of it
//! unless the name stands a second time in the file. Tests are no part of this; neither is `lib.rs`.
//!
//! Files that point to each other, directly or by way of others, form a circle: none of them can be read, tested or moved alone.

use super::paths::{PathUse, module_path, paths};
use super::source::Source;
use std::collections::{BTreeMap, BTreeSet};

/// Circles that there still are. The list may only shrink: a file that is in no circle any more is taken off.
pub(crate) const LISTED: &[&[&str]] = &[&[
    "load/actors/cell.rs",
    "load/actors/cell_link.rs",
    "load/actors/coordinator.rs",
    "load/actors/counterparties.rs",
    "load/actors/day_phase.rs",
    "load/actors/generator.rs",
    "load/actors/generator_actor.rs",
    "load/actors/messages.rs",
    "load/actors/user.rs",
    "load/actors/user_shard.rs",
    "load/actors/worker.rs",
]];

/// One file of the graph.
struct File {
    module: Vec<String>,
    paths: Vec<PathUse>,
    words: BTreeMap<String, usize>,
    defined: BTreeSet<String>,
}

/// Files by path with the files each points to.
pub(crate) type Graph = BTreeMap<String, BTreeSet<String>>;

/// What a list of circles says: `found` against `listed`, each a set of paths.
pub(crate) fn compare(found: &[BTreeSet<String>], listed: &[&[&str]]) -> Vec<String> {
    let names = |files: &BTreeSet<String>| files.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut wrong = Vec::new();
    for circle in found {
        if !listed.iter().any(|list| circle.iter().all(|file| list.contains(&file.as_str()))) {
            wrong.push(format!("a circle of files: {}", names(circle)));
        }
    }
    for list in listed {
        for file in list.iter().filter(|file| !found.iter().any(|circle| circle.contains(**file))) {
            wrong.push(format!("{file} is in no circle any more: the list of circles may only shrink, take it off"));
        }
    }
    wrong
}

/// The graph of a tree, given as (path, text).
pub(crate) fn graph(tree: &[(String, String)]) -> Graph {
    let files: BTreeMap<&str, File> = tree.iter().map(|(path, text)| (path.as_str(), file(path, text))).collect();
    let homes: BTreeMap<&[String], &str> = files.iter().map(|(path, file)| (file.module.as_slice(), *path)).collect();
    let mut graph = Graph::new();
    for (path, file) in &files {
        let to = graph.entry((*path).to_string()).or_default();
        for used in &file.paths {
            let only_handed_on = used.handed_on_as.as_ref().is_some_and(|name| file.words.get(name) <= Some(&1));
            if !only_handed_on && let Some(home) = home(&files, &homes, &used.path, 0) {
                to.insert(home.to_string());
            }
        }
        to.remove(*path);
    }
    graph
}

fn file(path: &str, text: &str) -> File {
    let source = Source::new(text);
    let module = module_path(path);
    let (mut words, mut defined) = (BTreeMap::new(), BTreeSet::new());
    let tokens = source.tokens();
    for (at, token) in tokens.iter().enumerate() {
        *words.entry(token.text.clone()).or_insert(0) += 1;
        let kind = if at == 0 { "" } else { tokens[at - 1].text.as_str() };
        if matches!(kind, "fn" | "struct" | "enum" | "const" | "static" | "type" | "trait" | "union" | "mod") {
            defined.insert(token.text.clone());
        }
    }
    File { paths: paths(&source, &module), module, words, defined }
}

/// The file that a path comes from. `steps` ends what would go round for ever.
fn home<'a>(
    files: &BTreeMap<&str, File>,
    homes: &BTreeMap<&[String], &'a str>,
    path: &[String],
    steps: usize,
) -> Option<&'a str> {
    let length = (1..=path.len()).rev().find(|length| homes.contains_key(&path[..*length]))?;
    let at = homes[&path[..length]];
    let (Some(name), true) = (path.get(length), steps < 8) else { return Some(at) };
    let file = &files[at];
    if file.defined.contains(name) || name == "*" {
        return Some(at);
    }
    let follow = |used: &PathUse, behind: &[String]| {
        let whole: Vec<String> = used.path.iter().chain(behind).cloned().collect();
        home(files, homes, &whole, steps + 1)
    };
    let named = file.paths.iter().find(|used| used.handed_on_as.as_ref() == Some(name));
    if let Some(used) = named {
        return follow(used, &path[length + 1..]);
    }
    let globs = file.paths.iter().filter(|used| used.handed_on_as.as_deref() == Some("*"));
    for used in globs {
        let whole: Vec<String> = used.path[..used.path.len() - 1].iter().chain(&path[length..]).cloned().collect();
        if let Some(found) = home(files, homes, &whole, steps + 1)
            && files[found].defined.contains(name)
        {
            return Some(found);
        }
    }
    Some(at)
}

/// Circles of a graph: sets of two files and more that all lead to each other. Sorted.
pub(crate) fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|from| (from.as_str(), reached(graph, from))).collect();
    let together = |a: &str, b: &str| reach[a].contains(b) && reach[b].contains(a);
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for file in graph.keys() {
        if circles.iter().any(|circle| circle.contains(file)) {
            continue;
        }
        let circle: BTreeSet<String> = graph.keys().filter(|other| together(file, other)).cloned().collect();
        if circle.len() > 1 {
            circles.push(circle);
        }
    }
    circles
}

fn reached<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = graph[from].iter().map(String::as_str).collect();
    while let Some(file) = next.pop() {
        if seen.insert(file) {
            next.extend(graph.get(file).into_iter().flatten().map(String::as_str));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tree: &[(&str, &str)], expected: &[&[&str]]) {
        let tree: Vec<(String, String)> = tree.iter().map(|(p, t)| (p.to_string(), t.to_string())).collect();
        let found = circles(&graph(&tree));
        let found: Vec<Vec<&str>> = found.iter().map(|c| c.iter().map(String::as_str).collect()).collect();
        assert_eq!(found, expected, "{tree:?}");
    }

    #[test]
    fn two_files_that_use_each_other_are_a_circle() {
        check(
            &[("a/mod.rs", "mod b; mod c;"), ("a/b.rs", "use super::c::C;"), ("a/c.rs", "fn f() { crate::a::b::g() }")],
            &[&["a/b.rs", "a/c.rs"]],
        );
        check(
            &[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;"), ("c.rs", "use super::a::A;")],
            &[&["a.rs", "b.rs", "c.rs"]],
        );
        check(&[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;"), ("c.rs", "")], &[]);
        check(&[("a.rs", "use crate::b::B;"), ("b.rs", "#[cfg(test)]\nmod tests { use crate::a::A; }")], &[]);
    }

    #[test]
    fn a_parent_that_has_or_hands_on_its_children_is_in_no_circle_with_them() {
        let child = ("a/b.rs", "use super::Shared;\npub struct B;");
        check(&[("a/mod.rs", "mod b;\npub use b::B;\npub struct Shared;"), child], &[]);
        check(
            &[("a.rs", "mod b;\npub use b::B;\npub struct Shared;\nimpl Shared { fn b() -> B {} }"), child],
            &[&["a.rs", "a/b.rs"]],
        );
        check(&[("a.rs", "mod b;\npub struct Shared(b::B);"), child], &[&["a.rs", "a/b.rs"]]);
    }

    #[test]
    fn a_name_that_is_handed_on_leads_to_its_home() {
        let home = ("a/b.rs", "use super::c::C;\npub struct B;");
        for hands_on in ["pub use b::B;", "pub(crate) use self::b::{B};", "pub use b::*;", "pub use b::Z as B;"] {
            let mut tree = vec![("a/mod.rs", hands_on), ("a/c.rs", "use super::B;"), home];
            let root = format!("mod b; mod c;\n{hands_on}");
            tree[0].1 = &root;
            check(&tree, &[&["a/b.rs", "a/c.rs"]]);
        }
        check(&[("a/mod.rs", "mod b; mod c; pub use b::B;"), ("a/c.rs", "use super::B;"), ("a/b.rs", "")], &[]);
    }

    #[test]
    fn the_list_may_only_shrink() {
        let circle = |files: &[&str]| files.iter().map(|f| f.to_string()).collect::<BTreeSet<_>>();
        let found = [circle(&["a.rs", "b.rs"])];
        assert_eq!(compare(&found, &[&["a.rs", "b.rs"]]), Vec::<String>::new());
        assert_eq!(compare(&found, &[]), ["a circle of files: a.rs, b.rs"]);
        assert_eq!(compare(&found, &[&["a.rs", "b.rs", "c.rs"]]).len(), 1);
        assert_eq!(compare(&[], &[&["a.rs", "b.rs"]]).len(), 2);
        assert_eq!(compare(&[circle(&["a.rs", "b.rs", "c.rs"])], &[&["a.rs", "b.rs"]]).len(), 1);
    }
}
