//! Paths of a file, resolved: `crate::`, `super::`, `self::` and names of child modules, in `use` trees and inside code.

use super::source::{Source, Token};

/// One path that a file writes down.
#[derive(Debug)]
pub(crate) struct PathUse {
    /// Where it stands.
    pub line: usize,
    /// From the root of the crate, without `crate`; `*` ends a glob.
    pub path: Vec<String>,
    /// The name it gets here when a `pub use` hands it on, else `None`.
    pub handed_on_as: Option<String>,
}

/// Path of a file's module from the root of the crate: `a/mod.rs` and `a.rs` are both `a`, `lib.rs` and `main.rs` the root.
pub(crate) fn module_path(file: &str) -> Vec<String> {
    let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_string).collect();
    if path.last().is_some_and(|last| last == "mod") || matches!(file, "lib.rs" | "main.rs") {
        path.pop();
    }
    path
}

/// Every path into the crate that a file writes down. Paths with neither `crate`, `super` nor `self` in front count when they begin
/// with a child module of the file. `pub(in crate::…)` gives visibility and names nothing.
pub(crate) fn paths(source: &Source, module: &[String]) -> Vec<PathUse> {
    let tokens = source.tokens();
    let children = children(&tokens);
    let mut reader = Reader { tokens: &tokens, children: &children, found: Vec::new() };
    let mut inside: Vec<(String, usize)> = Vec::new();
    let (mut at, mut depth) = (0, 0);
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if inside.last().is_some_and(|(_, opened)| *opened == depth) {
                    inside.pop();
                }
            }
            "mod" if reader.text(at + 2) == "{" => inside.push((reader.text(at + 1).to_string(), depth)),
            "use" if reader.text(at + 1) != "<" => {
                let base = base(module, &inside);
                at = reader.use_tree(at, &base);
                continue;
            }
            _ => {
                if let Some(end) = reader.inline(at, &base(module, &inside)) {
                    at = end;
                    continue;
                }
            }
        }
        at += 1;
    }
    reader.found
}

/// Child modules that a file declares (`mod name;`).
fn children(tokens: &[Token]) -> Vec<String> {
    let declared = |three: &[Token]| three[0].text == "mod" && three[2].text == ";";
    tokens.windows(3).filter(|three| declared(three)).map(|three| three[1].text.clone()).collect()
}

fn base(module: &[String], inside: &[(String, usize)]) -> Vec<String> {
    module.iter().cloned().chain(inside.iter().map(|(name, _)| name.clone())).collect()
}

struct Reader<'a> {
    tokens: &'a [Token],
    children: &'a [String],
    found: Vec<PathUse>,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    /// A path inside code, beginning at `at`; answers where it ends.
    fn inline(&mut self, at: usize, base: &[String]) -> Option<usize> {
        let before = if at == 0 { "" } else { self.text(at - 1) };
        let begins = matches!(self.text(at), "crate" | "super" | "self") || self.is_child(at);
        if !begins || self.text(at + 1) != "::" || matches!(before, "::" | "." | "in" | "$") {
            return None;
        }
        let mut end = at + 1;
        let mut words = vec![self.text(at).to_string()];
        while self.text(end) == "::" && is_word(self.text(end + 1)) {
            words.push(self.text(end + 1).to_string());
            end += 2;
        }
        self.push(at, base, &words, None);
        Some(end)
    }

    fn is_child(&self, at: usize) -> bool {
        self.children.iter().any(|child| child == self.text(at))
    }

    /// The tree of the `use` at `at`; answers where it ends.
    fn use_tree(&mut self, at: usize, base: &[String]) -> usize {
        let handed_on = at > 0 && matches!(self.text(at - 1), "pub" | ")");
        let mut end = at + 1;
        self.branch(&mut end, base, &[], handed_on);
        end
    }

    fn branch(&mut self, at: &mut usize, base: &[String], prefix: &[String], handed_on: bool) {
        let (start, mut words) = (*at, prefix.to_vec());
        loop {
            match self.text(*at) {
                "{" => {
                    *at += 1;
                    while !matches!(self.text(*at), "}" | "") {
                        self.branch(at, base, &words, handed_on);
                        *at += usize::from(self.text(*at) == ",");
                    }
                    *at += 1;
                    return;
                }
                "self" if !words.is_empty() => *at += 1,
                "::" => *at += 1,
                "*" => {
                    words.push("*".to_string());
                    *at += 1;
                }
                word if is_word(word) && word != "as" => {
                    words.push(word.to_string());
                    *at += 1;
                }
                _ => break,
            }
        }
        let mut name = words.last().cloned();
        if self.text(*at) == "as" {
            name = Some(self.text(*at + 1).to_string());
            *at += 2;
        }
        let ours = words.first().is_some_and(|first| matches!(first.as_str(), "crate" | "super" | "self"))
            || words.first().is_some_and(|first| self.children.contains(first));
        if ours {
            self.push(start, base, &words, name.filter(|_| handed_on));
        }
        // Nothing a tree can hold: step over it, so that the walk ends.
        *at += usize::from(*at == start);
    }

    fn push(&mut self, at: usize, base: &[String], words: &[String], handed_on_as: Option<String>) {
        let mut path = if words[0] == "crate" { Vec::new() } else { base.to_vec() };
        let climbs = words.iter().take_while(|word| matches!(word.as_str(), "crate" | "self" | "super")).count();
        for word in &words[..climbs] {
            if word == "super" {
                path.pop();
            }
        }
        path.extend_from_slice(&words[climbs..]);
        self.found.push(PathUse { line: self.tokens[at].line, path, handed_on_as });
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}
