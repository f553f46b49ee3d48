//! A lexical view of a Rust file: comments, strings and test items blanked, lines kept.

/// A word, a number or a sign of the code.
pub(crate) struct Token {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub line: usize,
}

/// Code with everything blanked that is not code of the product.
pub(crate) struct Source {
    code: Vec<char>,
}

impl Source {
    /// Reads a file.
    pub(crate) fn new(text: &str) -> Source {
        let mut code = blank_text(&text.chars().collect::<Vec<_>>());
        blank_tests(&mut code);
        Source { code }
    }

    /// Reads a file and keeps its tests.
    pub(crate) fn with_tests(text: &str) -> Source {
        Source { code: blank_text(&text.chars().collect::<Vec<_>>()) }
    }

    fn line_of(&self, at: usize) -> usize {
        1 + self.code[..at].iter().filter(|&&c| c == '\n').count()
    }

    fn offsets(&self, word: &str) -> Vec<usize> {
        let word: Vec<char> = word.chars().collect();
        let part = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
        (0..self.code.len())
            .filter(|&i| {
                self.code[i..].starts_with(&word)
                    && !(part(word.first()) && i > 0 && part(self.code.get(i - 1)))
                    && !(part(word.last()) && part(self.code.get(i + word.len())))
            })
            .collect()
    }

    /// Lines on which a whole word (or path, or call) stands.
    pub(crate) fn lines_with(&self, word: &str) -> Vec<usize> {
        self.offsets(word).into_iter().map(|i| self.line_of(i)).collect()
    }

    /// Words, numbers, `::` and single signs, each with its line.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let in_word = |c: &char| c.is_alphanumeric() || *c == '_';
        let (mut tokens, mut line, mut at) = (Vec::new(), 1, 0);
        while let Some(c) = self.code.get(at) {
            let length = match c {
                c if in_word(c) => self.code[at..].iter().take_while(|c| in_word(c)).count(),
                ':' if self.code.get(at + 1) == Some(&':') => 2,
                _ => 1,
            };
            if *c == '\n' {
                line += 1;
            } else if !c.is_whitespace() {
                tokens.push(Token { text: self.code[at..at + length].iter().collect(), line });
            }
            at += length;
        }
        tokens
    }

    /// Functions with a body: line, name, number of lines from `fn` to the closing brace.
    pub(crate) fn functions(&self) -> Vec<(usize, String, usize)> {
        let mut found = Vec::new();
        for start in self.offsets("fn") {
            let name: String =
                self.code[start + 2..].iter().skip(1).take_while(|c| c.is_alphanumeric() || **c == '_').collect();
            let body = (start..self.code.len()).find(|&i| matches!(self.code[i], '{' | ';'));
            if let (false, Some(open)) = (name.is_empty(), body)
                && self.code[open] == '{'
            {
                let line = self.line_of(start);
                found.push((line, name, 1 + self.line_of(closing(&self.code, open)) - line));
            }
        }
        found
    }
}

/// The offset of the brace that closes the one at `open`, or the end.
fn closing(code: &[char], open: usize) -> usize {
    let mut depth = 0_usize;
    for (i, c) in code.iter().enumerate().skip(open) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i;
        }
    }
    code.len() - 1
}

/// Blanks what stands behind `#[cfg(test)]`: an item up to its semicolon or closing brace, a field up to its comma.
fn blank_tests(code: &mut [char]) {
    let marker: Vec<char> = "#[cfg(test)]".chars().collect();
    for start in 0..code.len() {
        if code[start..].starts_with(&marker) {
            let end = (start + marker.len()..code.len()).find(|&i| matches!(code[i], '{' | ';' | ',' | '}'));
            let end = end.map_or(code.len() - 1, |i| match code[i] {
                '{' => closing(code, i),
                '}' => i - 1,
                _ => i,
            });
            blank(&mut code[start..=end]);
        }
    }
}

fn blank(code: &mut [char]) {
    for c in code.iter_mut().filter(|c| **c != '\n') {
        *c = ' ';
    }
}

/// Blanks comments, strings and character literals.
fn blank_text(text: &[char]) -> Vec<char> {
    let mut code = text.to_vec();
    let mut i = 0;
    while i < text.len() {
        let end = match text[i] {
            '/' if text.get(i + 1) == Some(&'/') => until(text, i, |j| text[j] == '\n'),
            '/' if text.get(i + 1) == Some(&'*') => block_comment(text, i),
            '"' => string(text, i),
            'r' if raw_hashes(text, i).is_some() => raw_string(text, i),
            '\'' => match (text.get(i + 1), text.get(i + 2)) {
                (Some('\\'), _) => 1 + until(text, i + 3, |j| text[j] == '\''),
                (Some(_), Some('\'')) => i + 3,
                // A lifetime.
                _ => i + 1,
            },
            _ => {
                i += 1;
                continue;
            }
        };
        let end = end.min(text.len());
        blank(&mut code[i..end]);
        i = end;
    }
    code
}

fn until(text: &[char], from: usize, stop: impl Fn(usize) -> bool) -> usize {
    (from..text.len()).find(|&j| stop(j)).unwrap_or(text.len())
}

fn block_comment(text: &[char], start: usize) -> usize {
    let (mut depth, mut i) = (0, start);
    while i < text.len() {
        match (text[i], text.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i
}

fn string(text: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < text.len() && text[i] != '"' {
        i += if text[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// The number of hashes when a raw string begins at `start`.
fn raw_hashes(text: &[char], start: usize) -> Option<usize> {
    let in_word = start > 0 && (text[start - 1].is_alphanumeric() || text[start - 1] == '_') && text[start - 1] != 'b';
    let hashes = text[start + 1..].iter().take_while(|c| **c == '#').count();
    (!in_word && text.get(start + 1 + hashes) == Some(&'"')).then_some(hashes)
}

fn raw_string(text: &[char], start: usize) -> usize {
    let hashes = raw_hashes(text, start).unwrap_or(0);
    let mut end = vec!['"'];
    end.resize(1 + hashes, '#');
    let body = start + 2 + hashes;
    until(text, body, |j| text[j..].starts_with(&end)) + end.len()
}
