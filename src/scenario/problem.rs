//! What is wrong with an input, where, and what to do about it: the errors that all of `scenario` reports, with their places in
//! the files. It knows no rule.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use crate::base::grouping::grouped;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Errors that are shown; the rest are counted. Nobody reads more before the first are mended.
const SHOWN_MAX: usize = 50;

/// A text that was read: a file, or one `--set` of the command line.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Source {
    /// Path, or `--set`.
    pub(in crate::scenario) name: String,
    /// All of it.
    pub(in crate::scenario) text: String,
}

/// A range of bytes of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scenario) struct Span {
    /// Index of the source.
    pub(in crate::scenario) source: usize,
    /// First byte.
    pub(in crate::scenario) start: usize,
    /// First byte after it.
    pub(in crate::scenario) end: usize,
}

impl Span {
    /// A span from the byte range that the TOML reader gives.
    pub(in crate::scenario) fn new(source: usize, range: Range<usize>) -> Span {
        Span { source, start: range.start, end: range.end }
    }
}

/// One error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scenario) struct Problem {
    /// Where.
    pub(in crate::scenario) span: Span,
    /// What is wrong.
    pub(in crate::scenario) message: String,
    /// What to do.
    pub(in crate::scenario) hint: Option<String>,
    /// Of which kind it is, for those who decide by it.
    pub(in crate::scenario) kind: ProblemKind,
}

/// The kinds of errors that others hide, or that hide others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scenario) enum ProblemKind {
    /// The text is not TOML here, so nothing else can be said of it.
    NotToml,
    /// A table lacks a key.
    MissingKey {
        /// Dotted path of the table; empty at the top.
        table: String,
        /// The key.
        key: String,
    },
    /// A value, or several together, are wrong.
    Wrong,
}

impl Problem {
    /// A wrong value.
    pub(in crate::scenario) fn new(span: Span, message: impl Into<String>, hint: Option<String>) -> Problem {
        Problem { span, message: message.into(), hint, kind: ProblemKind::Wrong }
    }

    /// A text that is not TOML.
    pub(in crate::scenario) fn not_toml(span: Span, message: &str) -> Problem {
        let message = format!("not TOML: {message}");
        Problem { span, message, hint: None, kind: ProblemKind::NotToml }
    }

    /// A key that a table lacks.
    pub(in crate::scenario) fn missing(span: Span, table: &str, key: &str, hint: Option<String>) -> Problem {
        let inside = if table.is_empty() { String::new() } else { format!(" in `{table}`") };
        let kind = ProblemKind::MissingKey { table: table.to_owned(), key: key.to_owned() };
        Problem { span, message: format!("missing key `{key}`{inside}"), hint, kind }
    }
}

/// All that is wrong with a scenario and its models: what is not TOML, then the rest, each in the order of the files. Displayed as
/// annotated excerpts.
#[derive(Clone, Debug)]
pub struct ScenarioErrors {
    sources: Vec<Source>,
    problems: Vec<Problem>,
}

/// The place and the words of one error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// File (or `--set`).
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The offending text.
    pub text: String,
    /// What is wrong.
    pub message: String,
    /// What to do, empty when there is nothing to say.
    pub hint: String,
}

impl ScenarioErrors {
    /// Sorts the problems by place and drops repetitions. What is not TOML comes first: other errors follow from it, such as keys
    /// that are missing since the reader stopped before them.
    pub(in crate::scenario) fn new(sources: Vec<Source>, mut problems: Vec<Problem>) -> ScenarioErrors {
        let is_unread = |problem: &Problem| problem.kind == ProblemKind::NotToml;
        problems.sort();
        problems.sort_by_key(|problem| !is_unread(problem));
        let unread: BTreeSet<Span> = problems.iter().filter(|p| is_unread(p)).map(|p| p.span).collect();
        // What could not be read has no type and no value to complain about.
        problems.retain(|p| is_unread(p) || !unread.contains(&p.span));
        problems.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        ScenarioErrors { sources, problems }
    }

    /// Number of errors.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// The errors with their places.
    pub fn located(&self) -> Vec<Located> {
        let starts: Vec<Vec<usize>> = self.sources.iter().map(|source| line_starts(&source.text)).collect();
        self.problems.iter().map(|problem| self.locate(problem, &starts[problem.span.source])).collect()
    }

    fn locate(&self, problem: &Problem, line_starts: &[usize]) -> Located {
        let source = &self.sources[problem.span.source];
        let range = clip(&source.text, problem.span);
        let line = line_starts.partition_point(|start| *start <= range.start);
        Located {
            file: source.name.clone(),
            line,
            column: source.text[line_starts[line - 1]..range.start].chars().count() + 1,
            text: source.text[range].to_owned(),
            message: problem.message.clone(),
            hint: problem.hint.clone().unwrap_or_default(),
        }
    }

    /// Annotated excerpts and the number of errors, coloured for a terminal or plain.
    pub(crate) fn shown(&self, coloured: bool) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for problem in self.problems.iter().take(SHOWN_MAX) {
            text += &self.excerpt(problem, &renderer);
            text += "\n\n";
        }
        if let Some(more) = self.problems.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
            text += &format!("… and {} more\n\n", grouped(more as i128));
        }
        match self.problems.len() {
            1 => text + "1 error",
            n => text + &format!("{} errors", grouped(n as i128)),
        }
    }

    /// A problem under the lines it is about.
    fn excerpt(&self, problem: &Problem, renderer: &Renderer) -> String {
        let source = &self.sources[problem.span.source];
        let snippet = Snippet::source(source.text.as_str())
            .path(source.name.as_str())
            .annotation(AnnotationKind::Primary.span(clip(&source.text, problem.span)));
        let mut group = Level::ERROR.primary_title(problem.message.as_str()).element(snippet);
        if let Some(hint) = &problem.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        renderer.render(&[group])
    }
}

/// Where each line of a text begins; the first at 0.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// The span inside the text, on character borders.
fn clip(text: &str, span: Span) -> Range<usize> {
    let mut start = span.start.min(text.len());
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

impl fmt::Display for ScenarioErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(false))
    }
}

impl std::error::Error for ScenarioErrors {}

/// The candidate most like `word`, if one is near enough to be meant.
pub(in crate::scenario) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + word.chars().count() / 3;
    candidates
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|&(distance, _)| distance <= allowed && distance < word.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// A "did you mean" sentence, or the list of what there is.
pub(in crate::scenario) fn did_you_mean(word: &str, candidates: &[&str]) -> Option<String> {
    if let Some(best) = nearest(word, candidates.iter().copied()) {
        return Some(format!("did you mean `{best}`?"));
    }
    if candidates.is_empty() || candidates.len() > 24 {
        return None;
    }
    Some(format!("known here: {}", candidates.join(", ")))
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many wrong lines, each a key of its own.
    fn errors(count: usize) -> ScenarioErrors {
        let text: String = (0..count).map(|n| format!("wörd_{n} = 1\n")).collect();
        let starts = line_starts(&text);
        let problems = (0..count).map(|n| {
            let span = Span::new(0, starts[n]..starts[n] + 5);
            Problem::new(span, format!("unknown key {n}"), Some("leave it out".to_owned()))
        });
        let problems = problems.collect();
        ScenarioErrors::new(vec![Source { name: "x.toml".to_owned(), text }], problems)
    }

    #[test]
    fn fifty_are_shown_and_the_rest_counted() {
        let text = errors(2_000).to_string();
        assert_eq!(text.matches("error: ").count(), SHOWN_MAX);
        assert!(text.ends_with("… and 1,950 more\n\n2,000 errors"), "{}", &text[text.len() - 100..]);
        assert!(errors(50).to_string().ends_with("leave it out\n\n50 errors"));
        assert!(errors(1).to_string().ends_with("\n\n1 error"));
    }

    #[test]
    fn colours_are_for_terminals() {
        let errors = errors(2);
        assert!(errors.shown(true).contains("\u{1b}[") && !errors.shown(false).contains('\u{1b}'));
        assert_eq!(errors.shown(false), errors.to_string());
    }

    #[test]
    fn a_place_is_a_line_and_a_column_of_characters() {
        let text = "a = 1\nwörd = 2".to_owned();
        let at = text.rfind('=').expect("the second");
        let problems = vec![Problem::new(Span::new(0, at..at + 1), "here", None)];
        let errors = ScenarioErrors::new(vec![Source { name: "x.toml".to_owned(), text }], problems);
        let Located { line, column, text, .. } = &errors.located()[0];
        assert_eq!((*line, *column, text.as_str()), (2, 6, "="));
        let end = ScenarioErrors::new(
            vec![Source { name: "x.toml".to_owned(), text: "a = 1\n".to_owned() }],
            vec![Problem::new(Span::new(0, 99..99), "at the end", None)],
        );
        assert_eq!((end.located()[0].line, end.located()[0].column), (2, 1));
    }
}
