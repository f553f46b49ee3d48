//! Reads a line of a story (date, user, verb, words, expectation); what the line does stands in `story`.

use crate::base::money::{Fen, Fen32};
use crate::base::time::Day;
use crate::credit::command::Scene;

/// One line of a script, without its comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Number of the line in the script, from 1.
    pub number: usize,
    /// The line as it is written.
    pub text: &'a str,
    /// Date, when the line begins with one.
    pub date: Option<Day>,
    /// Slot of the user (`@2`), 0 when none is named.
    pub user: u32,
    /// First word.
    pub verb: &'a str,
    /// The other words before the arrow.
    pub words: Words<'a>,
    /// What stands after the arrow.
    pub expected: Option<&'a str>,
}

/// Reads all lines of a script that are neither empty nor a comment.
pub(crate) fn lines(script: &str) -> impl Iterator<Item = Result<Line<'_>, String>> {
    script.lines().enumerate().filter_map(|(index, text)| {
        let code = text.split('#').next().unwrap_or("").trim();
        (!code.is_empty())
            .then(|| line(index + 1, code).map_err(|why| format!("line {}: {code}\n    {why}", index + 1)))
    })
}

fn line(number: usize, code: &str) -> Result<Line<'_>, String> {
    let (left, expected) = match code.split_once("->") {
        Some((left, right)) => (left, Some(right.trim())),
        None => (code, None),
    };
    let mut words: Vec<&str> = left.split_whitespace().collect();
    let mut date = None;
    if words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        date = Some(day(words.remove(0))?);
    }
    let mut user = 0;
    if let Some(slot) = words.first().and_then(|word| word.strip_prefix('@')) {
        user = slot.parse().map_err(|_| format!("`@{slot}` names no user"))?;
        words.remove(0);
    }
    if words.is_empty() {
        return Err("a line needs a verb".to_string());
    }
    let verb = words.remove(0);
    Ok(Line { number, text: code, date, user, verb, words: Words(words), expected })
}

/// A date such as 2027-01-03.
pub(crate) fn day(word: &str) -> Result<Day, String> {
    let mut parts = word.split('-').map(str::parse::<i16>);
    let date = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month)), Some(Ok(day)), None) => Day::from_ymd(year, month as i8, day as i8),
        _ => None,
    };
    date.ok_or_else(|| format!("`{word}` is no date"))
}

/// An amount in yuan with two digits after the point, or none: `300.00`, `-0.05`, `300`.
pub(crate) fn fen(word: &str) -> Result<i64, String> {
    let wrong = || format!("`{word}` is no amount in yuan");
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |rest| (-1, rest));
    let (yuan, fen) = digits.split_once('.').unwrap_or((digits, "00"));
    if fen.len() != 2 || !(yuan.to_string() + fen).bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let yuan: i64 = yuan.parse().map_err(|_| wrong())?;
    let fen: i64 = fen.parse().map_err(|_| wrong())?;
    Ok(sign * (yuan * 100 + fen))
}

/// An amount as stories write it.
pub(crate) fn yuan(fen: impl Into<i64>) -> String {
    Fen(fen.into()).to_string()
}

/// A scene by its name in tables.
pub(crate) fn scene(name: &str) -> Result<Scene, String> {
    Scene::ALL.into_iter().find(|scene| scene.name() == name).ok_or_else(|| format!("`{name}` is no scene"))
}

/// `OverLimit` as `over_limit`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The words of a line that are still to be understood. Each must be taken: a misspelt one is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words<'a>(pub Vec<&'a str>);

impl<'a> Words<'a> {
    /// Takes `key=value`.
    pub(crate) fn value(&mut self, key: &str) -> Option<&'a str> {
        let index = self.0.iter().position(|word| word.split_once('=').is_some_and(|(k, _)| k == key))?;
        self.0.remove(index).split_once('=').map(|(_, value)| value)
    }

    /// Takes `key=number`, or answers `otherwise`.
    pub(crate) fn number<N: std::str::FromStr>(&mut self, key: &str, otherwise: N) -> Result<N, String> {
        match self.value(key) {
            Some(word) => word.parse().map_err(|_| format!("`{key}={word}` is no number")),
            None => Ok(otherwise),
        }
    }

    /// Takes a word that is there or not.
    pub(crate) fn has(&mut self, flag: &str) -> bool {
        let index = self.0.iter().position(|word| *word == flag);
        index.map(|index| self.0.remove(index)).is_some()
    }

    /// Takes `as name`.
    pub(crate) fn name(&mut self) -> Option<&'a str> {
        let index = self.0.iter().position(|word| *word == "as")?;
        self.0.remove(index);
        (index < self.0.len()).then(|| self.0.remove(index))
    }

    /// Takes the first word that is not `key=value`.
    pub(crate) fn next(&mut self, what: &str) -> Result<&'a str, String> {
        let index = self.0.iter().position(|word| !word.contains('=')).ok_or_else(|| format!("{what} is missing"))?;
        Ok(self.0.remove(index))
    }

    /// Takes an amount.
    pub(crate) fn amount(&mut self) -> Result<Fen32, String> {
        let fen = fen(self.next("an amount")?)?;
        i32::try_from(fen).map(Fen32).map_err(|_| "an amount beyond all accounts".to_string())
    }

    /// Takes all `key=value` that are left.
    pub(crate) fn pairs(&mut self) -> Result<Vec<(&'a str, &'a str)>, String> {
        let pair = |word: &'a str| word.split_once('=').ok_or_else(|| format!("`{word}` is no key=value"));
        std::mem::take(&mut self.0).into_iter().map(pair).collect()
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), String> {
        if self.0.is_empty() { Ok(()) } else { Err(format!("cannot understand `{}`", self.0.join(" "))) }
    }
}
