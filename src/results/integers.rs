//! Integers in JSON. Readers in JavaScript, and others that hold every number as a double, change integers beyond 2⁵³ without a word; so
//! those are written as text, by the one function that writes JSON here, and read back from either form ([`crate::scenario::from_text`]).

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// Every integer up to here is a double, and no two of them are the same one.
const EXACT_MAX: i128 = 1 << 53;

/// Indented JSON with a line end, in which integers beyond 2⁵³ are text. For plain data: string keys and no failing serializer, so
/// this cannot fail.
pub(crate) fn text(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let written = value.serialize(&mut Serializer::with_formatter(&mut bytes, Exact(PrettyFormatter::new())));
    written.unwrap_or_else(|e| unreachable!("plain data serialises: {e}"));
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_else(|_| unreachable!("JSON is UTF-8"))
}

struct Exact<'a>(PrettyFormatter<'a>);

macro_rules! as_before {
    ($($name:ident($($arg:ident: $kind:ty),*)),* $(,)?) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W, $($arg: $kind),*) -> io::Result<()> {
            self.0.$name(writer, $($arg),*)
        })*
    };
}

macro_rules! exact {
    ($($name:ident($kind:ty)),*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W, value: $kind) -> io::Result<()> {
            let exact = (-EXACT_MAX..=EXACT_MAX).contains(&i128::try_from(value).unwrap_or(i128::MAX));
            if exact { self.0.$name(writer, value) } else { write!(writer, "\"{value}\"") }
        })*
    };
}

impl Formatter for Exact<'_> {
    as_before! {
        begin_array(), end_array(), begin_array_value(first: bool), end_array_value(), begin_object(), end_object(),
        begin_object_key(first: bool), begin_object_value(), end_object_value(),
    }

    exact! { write_u64(u64), write_i64(i64), write_u128(u128), write_i128(i128) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::from_text;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        #[default]
        TheFirst,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Whole {
        seed: u64,
        below: i64,
        sum: i128,
        name: String,
        kind: Kind,
        share: Option<f64>,
        some: Option<u64>,
        none: Option<u64>,
        pairs: Vec<(i64, i64)>,
        by_name: BTreeMap<String, u64>,
    }

    #[test]
    fn integers_that_no_double_holds_are_text_and_come_back() {
        for seed in [0, 1 << 53, (1 << 53) + 1, u64::MAX] {
            let whole = Whole {
                seed,
                below: i64::MIN,
                sum: -i128::from(seed) * 1000,
                name: "18446744073709551615".to_string(),
                share: Some(0.25),
                some: Some(u64::MAX - 1),
                pairs: vec![(i64::MAX, -1), (2, 3)],
                by_name: [("a".to_string(), u64::MAX)].into(),
                ..Whole::default()
            };
            let text = text(&whole);
            let quoted = text.contains(&format!("\"seed\": \"{seed}\""));
            assert_eq!(quoted, seed > 1 << 53, "{text}");
            assert_eq!(from_text::<Whole>(&text).expect("read"), whole, "{text}");
            // What an earlier version wrote; what it wrote beyond 64 bits is refused, not rounded.
            let plain = serde_json::to_string(&whole).expect("written");
            let read = from_text::<Whole>(&plain);
            assert!(if seed == u64::MAX { read.is_err() } else { read.is_ok_and(|read| read == whole) }, "{plain}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let whole = Whole { seed: u64::MAX, pairs: vec![(1, 2), (3, 4)], ..Whole::default() };
        let text = text(&whole);
        for (old, new, says) in [
            ("\"below\": 0", "\"below\": \"x\"", "invalid type: string \"x\", expected i64 at line 3 column 14"),
            ("\"sum\": 0", "\"sum\": 0.5", "invalid type: floating point `0.5`, expected i128 at line 4 column 12"),
            ("4\n", "null\n", "invalid type: null, expected i64 at line 17 column 10"),
            ("the_first", "the_last", "unknown variant `the_last`, expected `the_first` at line 6 column 20"),
            ("\"below\": 0,", "", "missing field `below` at line 21 column 1"),
            ("\"below\": 0", "\"seed\": 0", "duplicate field `seed` at line 21 column 1"),
            ("\"name\"", "name", "key must be a string at line 5 column 3"),
        ] {
            assert_eq!(from_text::<Whole>(&text.replacen(old, new, 1)).expect_err("wrong").to_string(), says, "{text}");
        }
        assert!(from_text::<Whole>("{").is_err());
    }
}
