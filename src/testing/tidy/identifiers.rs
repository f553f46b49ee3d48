//! Identifiers that may not come back.
//!
//! The design's glossary gives one word to one meaning. A word that lost its meaning is listed here, with the directories where it
//! had it. It is looked for in identifiers and file names, never in prose or strings, and as a part of a name in snake_case or
//! CamelCase: `bell` is found in `other_bells` and `BellTower`, not in `label` or `belle`. A few meanings only one whole name had.

use super::source::Source;

/// One word and what to say in its place.
pub(crate) struct Banned {
    /// Parts of a name, in lower case and the singular, with `_` between them. With `=` in front it is a whole name as written.
    pub word: &'static str,
    /// Path prefixes relative to `src/`; the empty one is everywhere.
    pub within: &'static [&'static str],
    /// What the glossary says.
    pub say: &'static str,
}

/// Findings of a tree of (path, text), tests included. Words of `still_there` are yet to go: they may stand, and the list may only
/// shrink.
pub(crate) fn of_tree(tree: &[(String, String)], list: &[Banned], still_there: &[&str]) -> Vec<String> {
    let found = tree.iter().flat_map(|(path, text)| findings(path, text, list));
    let (mut wrong, mut met) = (Vec::new(), Vec::new());
    for (word, finding) in found {
        if still_there.contains(&word) {
            met.push(word);
        } else {
            wrong.push(finding);
        }
    }
    for word in still_there.iter().filter(|word| !met.contains(word)) {
        wrong.push(format!("{word} is gone: take it off the list of words that are still there"));
    }
    wrong
}

/// Words found in one file, with what is said of each.
fn findings(path: &str, text: &str, list: &[Banned]) -> Vec<(&'static str, String)> {
    let here: Vec<&Banned> = list.iter().filter(|banned| banned.within.iter().any(|w| path.starts_with(w))).collect();
    if here.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut names: Vec<(usize, String)> =
        path.trim_end_matches(".rs").split('/').map(|part| (1, part.to_string())).collect();
    names.extend(Source::with_tests(text).tokens().into_iter().map(|token| (token.line, token.text)));
    names.dedup();
    for (line, name) in names {
        for banned in here.iter().filter(|banned| stands_in(banned.word, &name)) {
            let say = format!("src/{path}:{line}: `{name}`: not {}, the glossary says {}", banned.word, banned.say);
            found.push((banned.word, say));
        }
    }
    found.dedup();
    found
}

/// True when a banned word is part of a name.
fn stands_in(word: &str, name: &str) -> bool {
    if let Some(whole) = word.strip_prefix('=') {
        return whole == name;
    }
    let parts = parts(name);
    let word: Vec<&str> = word.split('_').collect();
    let same = |(wanted, part): (&&str, &String)| part == wanted || part.strip_suffix('s') == Some(*wanted);
    parts.windows(word.len()).any(|window| word.iter().zip(window).all(same))
}

/// Parts of a name in lower case: `HalfDoneTask` and `half_done_task` are both half, done, task.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut after_small = false;
    for c in name.chars() {
        if c == '_' || c.is_uppercase() && after_small {
            parts.push(String::new());
        }
        if c != '_' {
            parts.last_mut().expect("one part at least").extend(c.to_lowercase());
        }
        after_small = c.is_lowercase() || c.is_numeric();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &'static str, name: &str, expected: bool) {
        assert_eq!(stands_in(word, name), expected, "{word} in {name}");
    }

    #[test]
    fn a_word_is_found_as_a_part_of_a_name() {
        for name in ["bell", "bells", "Bell", "BELLS", "other_bells", "BellTower", "hangBell", "r_bell"] {
            check("bell", name, true);
        }
        for name in ["label", "belle", "labelled", "doorbell", "be_ll"] {
            check("bell", name, false);
        }
        check("put_off", "steps_put_off", true);
        check("put_off", "PutOff", true);
        check("put_off", "put", false);
        check("put_off", "put_it_off", false);
        check("=Share", "Share", true);
        for name in ["share", "Shares", "share_ppm", "MarketShare"] {
            check("=Share", name, false);
        }
    }

    #[test]
    fn a_word_is_found_where_it_is_banned_and_only_in_identifiers() {
        let list = [Banned { word: "bell", within: &["load/", "sim/"], say: "waker" }];
        let found = |path: &str, text: &str| of_tree(&[(path.to_string(), text.to_string())], &list, &[]);
        assert_eq!(
            found("load/a.rs", "fn f() {}\nfn ring(bell: &Bell) {}\n"),
            [
                "src/load/a.rs:2: `bell`: not bell, the glossary says waker",
                "src/load/a.rs:2: `Bell`: not bell, the glossary says waker"
            ]
        );
        assert_eq!(found("load/bells.rs", ""), ["src/load/bells.rs:1: `bells`: not bell, the glossary says waker"]);
        assert_eq!(found("load/a.rs", "#[cfg(test)]\nmod tests { fn bell() {} }").len(), 1);
        for text in ["// a bell", "const S: &str = \"bell\";", "fn label() {}"] {
            assert_eq!(found("load/a.rs", text), [""; 0], "{text}");
        }
        assert_eq!(found("report/a.rs", "fn bell() {}"), [""; 0]);
    }

    #[test]
    fn a_word_that_is_still_there_may_stand_until_it_is_gone() {
        let list = [Banned { word: "bell", within: &["load/"], say: "waker" }];
        let tree = |text: &str| [("load/a.rs".to_string(), text.to_string())];
        assert_eq!(of_tree(&tree("fn bell() {}"), &list, &["bell"]), [""; 0]);
        assert_eq!(of_tree(&tree("fn bell() {}"), &list, &[]).len(), 1);
        let gone = "bell is gone: take it off the list of words that are still there";
        assert_eq!(of_tree(&tree("fn wake() {}"), &list, &["bell"]), [gone]);
    }
}
