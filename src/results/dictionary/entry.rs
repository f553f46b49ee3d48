//! Entries of the dictionary: a column, or several of one meaning.

use crate::measure::Definition;
use crate::results::manifest::Kind;

/// How many columns an entry stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// The column of its name.
    One,
    /// A column for each of these values in the place of a word of the name.
    Each(&'static str, Vec<String>),
    /// A column for whatever stands in the place of a word of the name.
    Any(&'static str),
}

/// A column of a CSV file, or several of one meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Kind of directory.
    pub kind: Kind,
    /// File in it.
    pub file: &'static str,
    /// Name in the header; a word in capitals stands for what the meaning says.
    pub name: String,
    /// Unit of its values.
    pub unit: String,
    /// What they are.
    pub says: String,
    names: Names,
}

impl Column {
    /// True of a name in a header that this entry is about.
    #[cfg(test)]
    pub(crate) fn fits(&self, found: &str) -> bool {
        match &self.names {
            Names::One => self.name == found,
            Names::Each(word, values) => values.iter().any(|value| self.name.replacen(word, value, 1) == found),
            Names::Any(word) => self.name.split_once(word).is_some_and(|(before, after)| {
                let inside = found.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                inside.is_some_and(|inside| !inside.is_empty())
            }),
        }
    }
}

/// Entries of one file while they are being put together.
pub(super) struct File {
    kind: Kind,
    file: &'static str,
    pub(super) columns: Vec<Column>,
}

impl File {
    pub(super) fn new(kind: Kind, file: &'static str) -> File {
        File { kind, file, columns: Vec::new() }
    }

    pub(super) fn put(&mut self, name: &str, unit: &str, says: &str, names: Names) {
        let (name, unit, says) = (name.to_string(), unit.to_string(), says.to_string());
        self.columns.push(Column { kind: self.kind, file: self.file, name, unit, says, names });
    }

    /// Columns one by one: name, unit, meaning.
    pub(super) fn plain(mut self, columns: &[(&str, &str, &str)]) -> File {
        columns.iter().for_each(|(name, unit, says)| self.put(name, unit, says, Names::One));
        self
    }

    /// Columns of one meaning, with these values in the place of a word; they are told in the meaning.
    pub(super) fn each(
        mut self,
        name: &str,
        unit: &str,
        says: &str,
        (word, values): (&'static str, Vec<String>),
    ) -> File {
        let numbers = values.iter().all(|value| value.bytes().all(|b| b.is_ascii_digit()));
        let list = match (values.first(), values.last()) {
            (Some(first), Some(last)) if numbers && values.len() > 3 => format!("{first} to {last}"),
            _ => values.join(", "),
        };
        self.put(name, unit, &format!("{says} {word}: {list}."), Names::Each(word, values));
        self
    }

    pub(super) fn any(mut self, name: &str, unit: &str, says: &str, word: &'static str) -> File {
        self.put(name, unit, says, Names::Any(word));
        self
    }

    /// The two sums of every measure. The sample says what each counts.
    pub(super) fn sums<'a>(mut self, definitions: impl Iterator<Item = &'a Definition>) -> File {
        for d in definitions {
            let (numerator, denominator) = d.sample.split_once(" / ").unwrap_or((d.sample, "as the numerator"));
            let says = |part: &str| format!("{part} of `{}` over the counted months.", d.key);
            self.put(&format!("{}_numerator", d.key), numerator, &says("Numerator"), Names::One);
            self.put(&format!("{}_denominator", d.key), denominator, &says("Denominator"), Names::One);
        }
        self
    }
}
