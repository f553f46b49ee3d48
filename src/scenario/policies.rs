//! Policies of a scenario: the values of the files that they name become their own.

use std::collections::BTreeMap;

use crate::scenario::document::tree::{self, Node};
use crate::scenario::files::InputPath;
use crate::scenario::problem::did_you_mean;
use crate::scenario::raw::assumptions;
use crate::scenario::read::{Named, Reader, as_strs};

impl Reader {
    /// Puts the values of named policy files into the policies of the worlds, under the values written there.
    pub(in crate::scenario) fn inline_policies(&mut self, root: &mut Node, models: &InputPath) {
        let directory = models.join("policies");
        let known = directory.stems();
        // A file that many worlds name is read once.
        let mut files: BTreeMap<String, Node> = BTreeMap::new();
        let worlds = root.child("worlds").map_or(0, |worlds| worlds.items().len());
        for world in 0..worlds {
            let policies = root.at(&format!("worlds.{world}.policies")).map_or(0, |p| p.items().len());
            for policy in 0..policies {
                let path = format!("worlds.{world}.policies.{policy}");
                let Some(node) = root.at(&path).cloned() else { continue };
                let mut set = Node::table(node.span);
                if let Some(name) = node.child("name").and_then(|n| Some(Named { span: n.span, name: n.text()? })) {
                    if !known.iter().any(|stem| stem == name.name) {
                        let message = format!("no policy `{}` in {directory}", name.name);
                        self.complain(name.span, message, did_you_mean(name.name, &as_strs(&known)));
                    } else if !files.contains_key(name.name) {
                        files.insert(name.name.to_owned(), self.policy_file(&directory, name));
                    }
                    for (key, span, value) in files.get(name.name).into_iter().flat_map(Node::entries) {
                        set.insert(key, span, value.clone());
                    }
                }
                for (key, span, value) in node.child("set").map(Node::leaves).unwrap_or_default() {
                    set.insert(&key, span, value.clone());
                }
                if let Some(policy) = root.at_mut(&path) {
                    policy.insert("set", set.span, set);
                }
            }
        }
    }

    /// What a policy file sets, each value under its dotted key.
    fn policy_file(&mut self, directory: &InputPath, named: Named<'_>) -> Node {
        let Named { span, name } = named;
        let mut set = Node::table(span);
        let Some(file) = self.read(&directory.join(&format!("{name}.toml")), Some(named)) else { return set };
        for (key, key_span, _) in file.entries().filter(|(key, _, _)| !["title", "set"].contains(key)) {
            let hint = did_you_mean(key, &["title", "set"]);
            self.complain(key_span, format!("unknown key `{key}`"), hint);
        }
        let Some(values) = file.child("set") else {
            self.complain(file.span, "missing key `set`: a policy without values".to_owned(), None);
            return set;
        };
        assumptions::of_model(values, &format!("policies.{name}"), &mut self.assumptions);
        let values = tree::strip_grades(values, &mut self.problems);
        for (key, span, value) in values.leaves() {
            set.insert(&key, span, value.clone());
        }
        set
    }
}
