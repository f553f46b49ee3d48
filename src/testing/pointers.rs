//! Pointers between code and documents: a paragraph of `docs/rules.md` that a comment names is there, and so is a file of the
//! tree that a document names. Scans text alone; it knows nothing of what the paragraphs say.

use std::collections::BTreeSet;
use std::path::Path;

/// The document that comments point to.
const RULES: &str = "docs/rules.md";

/// Sections (`7`) and paragraphs (`7.3`) that a document has: headings `## 7 …`, paragraphs `**§7.3…`.
fn numbers_of(rules: &str) -> BTreeSet<String> {
    let heading = |line: &str| Some(line.strip_prefix("## ")?.split(' ').next()?.to_string());
    let paragraph = |line: &str| Some(number_at(line.strip_prefix("**§")?));
    let numbers = rules.lines().filter_map(|line| heading(line).or_else(|| paragraph(line)));
    numbers.filter(|number| number.starts_with(|c: char| c.is_ascii_digit())).collect()
}

/// The number `7` or `7.3` with which a text begins.
fn number_at(text: &str) -> String {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_string()
}

/// Pointers of a text to the rules: the numbers behind `docs/rules.md §`, and further ones in the same row (`§14, §15.6`,
/// `§6 to §8`).
fn pointers_of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("docs/rules.md §").skip(1) {
        let mut number = number_at(rest);
        let mut left = &rest[number.len()..];
        loop {
            found.push(std::mem::take(&mut number));
            let Some(next) = [", §", " to §", " and §"].into_iter().find_map(|mark| left.strip_prefix(mark)) else {
                break;
            };
            number = number_at(next);
            left = &next[number.len()..];
        }
    }
    found
}

/// Numbers that a text points to and the rules do not have, as `path: §number`.
fn dangling(path: &str, text: &str, numbers: &BTreeSet<String>) -> Vec<String> {
    let missing = pointers_of(text).into_iter().filter(|number| !numbers.contains(number));
    missing.map(|number| format!("{path}: {RULES} has no §{number}")).collect()
}

/// Sections of a document that is not in the repository, which comments pointed to before.
fn pointers_outside(path: &str, text: &str) -> Vec<String> {
    let outside = text.lines().enumerate().filter(|(_, line)| line.contains("DOMAIN"));
    outside.map(|(number, _)| format!("{path}:{}: points to a document that is not here", number + 1)).collect()
}

/// Numbers that the rules name in their own text, `§7.3` anywhere.
fn own_pointers(rules: &str) -> Vec<String> {
    rules.split('§').skip(1).map(number_at).filter(|number| !number.is_empty()).collect()
}

/// Paths of the tree that a document names in backquotes. Names with capitals or stars stand for many.
fn paths_of(document: &str) -> Vec<&str> {
    let quoted = document.split('`').skip(1).step_by(2);
    let tree = ["src/", "models/", "scenarios/", "docs/", "benches/", "tests/", "results/reference/", ".ci/"];
    let plain = |path: &&str| path.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/_-.".contains(c));
    quoted.filter(|path| tree.iter().any(|top| path.starts_with(top))).filter(plain).collect()
}

/// Adds the texts of a directory with an ending, by their paths, whatever depth they lie in.
pub(super) fn texts(root: &Path, directory: &str, ending: &str, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(root.join(directory)).expect("the tree is there when tests run") {
        let path = format!("{directory}/{}", entry.expect("a directory entry").file_name().to_string_lossy());
        if root.join(&path).is_dir() {
            texts(root, &path, ending, into);
        } else if path.ends_with(ending) {
            let text = std::fs::read_to_string(root.join(&path)).expect("a text file of the tree");
            into.push((path, text));
        }
    }
}

/// Texts of the tree by their paths, of these directories and endings.
pub(super) fn tree(directories: &[(&str, &str)]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for (directory, ending) in directories {
        texts(root, directory, ending, &mut all);
    }
    all.retain(|(path, _)| path != "src/testing/pointers.rs");
    all
}

fn rules() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(RULES);
    std::fs::read_to_string(path).expect("the rules are part of the tree")
}

#[test]
fn every_paragraph_that_is_pointed_to_exists() {
    let numbers = numbers_of(&rules());
    let all = tree(&[("src", ".rs"), ("models", ".toml"), ("scenarios", ".toml"), ("docs", ".md"), ("tests", ".rs")]);
    let mut wrong: Vec<String> = all.iter().flat_map(|(path, text)| dangling(path, text, &numbers)).collect();
    wrong.extend(all.iter().flat_map(|(path, text)| pointers_outside(path, text)));
    let own = own_pointers(&rules()).into_iter().filter(|number| !numbers.contains(number));
    wrong.extend(own.map(|number| format!("{RULES} names §{number} and has none")));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_that_a_document_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = tree(&[("docs", ".md")]);
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
    documents.push(("README.md".to_string(), readme));
    let mut wrong = Vec::new();
    for (path, text) in &documents {
        let gone = paths_of(text).into_iter().filter(|named| !root.join(named).exists());
        wrong.extend(gone.map(|named| format!("{path} names {named}, which is not there")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_wrong_pointer_is_found() {
    let numbers =
        numbers_of("# Title\n\n## 7 Wishes\n\n**§7.1** Text, see §7.2.\n\n**§7.2** More.\n\n## Without a number\n");
    assert_eq!(numbers.iter().map(String::as_str).collect::<Vec<_>>(), ["7", "7.1", "7.2"]);
    for (text, missing) in [
        ("//! Wishes (docs/rules.md §7).", &[][..]),
        ("/// See docs/rules.md §7.2.", &[]),
        ("/// See docs/rules.md §7.3.", &["7.3"]),
        ("/// (docs/rules.md §7.1, §8.1): both", &["8.1"]),
        ("/// docs/rules.md §6 to §7; and docs/rules.md §9 and §7.1", &["6", "9"]),
        ("/// another document, §99", &[]),
    ] {
        let wanted: Vec<String> = missing.iter().map(|number| format!("a.rs: {RULES} has no §{number}")).collect();
        assert_eq!(dangling("a.rs", text, &numbers), wanted, "{text}");
    }
    assert_eq!(pointers_outside("a.rs", "//! x\n//! DOMAIN §3").len(), 1);
    assert_eq!(own_pointers("as §7.2. says, and (§15.1; each)"), ["7.2", "15.1"]);
}

#[test]
fn paths_in_documents_are_recognised() {
    let text = "`src/base/` and `models/products/PRODUCT.toml`, `yuefu run`, `docs/rules.md`; src/no.rs";
    assert_eq!(paths_of(text), ["src/base/", "docs/rules.md"]);
}
