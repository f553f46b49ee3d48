//! Integers in JSON. Readers in JavaScript, and others that hold every number as a double, change integers beyond 2⁵³ without a word; so
//! those are written as text, by the one function that writes JSON here, and read back from either form.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// Every integer up to here is a double, and no two of them are the same one.
const EXACT_MAX: u64 = 1 << 53;

/// Indented JSON with a line end, in which integers beyond 2⁵³ are text. For plain data: string keys and no failing serializer, so
/// this cannot fail.
pub(crate) fn text(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let written = value.serialize(&mut Serializer::with_formatter(&mut bytes, Exact(PrettyFormatter::new())));
    written.unwrap_or_else(|e| unreachable!("plain data serialises: {e}"));
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_else(|_| unreachable!("JSON is UTF-8"))
}

/// Reads JSON whose integers may be text.
///
/// # Errors
/// When it is no JSON, or not of this form; says where.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text).or_else(|error| {
        let whole: Option<Value> = serde_json::from_str(text).ok();
        whole.and_then(|value| T::deserialize(Either(&value)).ok()).ok_or(error)
    })
}

struct Exact<'a>(PrettyFormatter<'a>);

macro_rules! as_before {
    ($($name:ident($($arg:ident: $kind:ty),*)),* $(,)?) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W, $($arg: $kind),*) -> io::Result<()> {
            self.0.$name(writer, $($arg),*)
        })*
    };
}

impl Formatter for Exact<'_> {
    as_before! {
        begin_array(), end_array(), begin_array_value(first: bool), end_array_value(), begin_object(), end_object(),
        begin_object_key(first: bool), begin_object_value(), end_object_value(),
    }

    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        if value > EXACT_MAX { write!(writer, "\"{value}\"") } else { self.0.write_u64(writer, value) }
    }

    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        if value.unsigned_abs() > EXACT_MAX { write!(writer, "\"{value}\"") } else { self.0.write_i64(writer, value) }
    }
}

/// A value whose integers may be text.
struct Either<'de>(&'de Value);

impl<'de> IntoDeserializer<'de, serde_json::Error> for Either<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Either<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(values) => visitor.visit_seq(SeqDeserializer::new(values.iter().map(Either))),
            Value::Object(fields) => visitor
                .visit_map(MapDeserializer::new(fields.iter().map(|(name, value)| (name.as_str(), Either(value))))),
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0.as_str().and_then(|text| text.parse().ok()) {
            Some(value) => visitor.visit_u64(value),
            None => self.0.deserialize_u64(visitor),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0.as_str().and_then(|text| text.parse().ok()) {
            Some(value) => visitor.visit_i64(value),
            None => self.0.deserialize_i64(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i128 u8 u16 u32 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            // What an earlier version wrote.
            let plain = serde_json::to_string(&whole).expect("written");
            assert_eq!(from_text::<Whole>(&plain).expect("read"), whole);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let text = text(&Whole { seed: u64::MAX, ..Whole::default() }).replace("\"below\": 0", "\"below\": \"x\"");
        let error = from_text::<Whole>(&text).expect_err("no number").to_string();
        assert!(error.contains("at line"), "{error}");
        assert!(from_text::<Whole>("{").is_err());
    }
}
