//! A bare value, and the one deserializer that fills what is read from it: the parts of a scenario, the records of a directory. Each
//! further deserializer has the reading of all of them compiled once more; with four, a quarter of the crate was that.

use serde::de::value::StrDeserializer;
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IgnoredAny,
    IntoDeserializer, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value as Json;
use std::fmt::{self, Display, Formatter};
use std::slice;

/// Reads JSON whose integers may be text.
///
/// # Errors
/// When it is no JSON, or not of this form; says where.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let tree: Value = serde_json::from_str(text)?;
    T::deserialize(&tree).map_err(|misfit| misfit.placed(text))
}

/// A value as it was written; a name that stands twice in an object is kept twice, so that records refuse it.
pub(in crate::scenario) enum Value {
    Null,
    Truth(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Growing)
    }
}

impl From<&Json> for Value {
    fn from(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Truth(*value),
            Json::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => Value::Unsigned(value),
                (None, Some(value)) => Value::Signed(value),
                (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.iter().map(Value::from).collect()),
            Json::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), value.into())).collect())
            }
        }
    }
}

struct Growing;

macro_rules! leaves {
    ($($visit:ident($kind:ty) => $leaf:ident),* $(,)?) => {
        $(fn $visit<E: de::Error>(self, value: $kind) -> Result<Value, E> {
            Ok(Value::$leaf(value.into()))
        })*
    };
}

impl<'de> Visitor<'de> for Growing {
    type Value = Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    leaves! {
        visit_bool(bool) => Truth, visit_u64(u64) => Unsigned, visit_i64(i64) => Signed, visit_f64(f64) => Float,
        visit_str(&str) => Text, visit_string(String) => Text,
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Vec::new();
        while let Some(field) = fields.next_entry()? {
            object.push(field);
        }
        Ok(Value::Object(object))
    }
}

impl Value {
    #[cold]
    fn misfit(&self, expected: &dyn Expected) -> Misfit {
        let found = match self {
            Value::Null => Unexpected::Other("null"),
            Value::Truth(value) => Unexpected::Bool(*value),
            Value::Unsigned(value) => Unexpected::Unsigned(*value),
            Value::Signed(value) => Unexpected::Signed(*value),
            Value::Float(value) => Unexpected::Float(*value),
            Value::Text(text) => Unexpected::Str(text),
            Value::List(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        de::Error::invalid_type(found, expected)
    }
}

/// One kind of value for one kind of request: what a record does not ask for is not compiled.
macro_rules! asks {
    ($($deserialize:ident($($name:ident: $kind:ty),*): $($form:pat => $visit:ident($value:expr)),+;)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, $($name: $kind,)* visitor: V) -> Result<V::Value, Misfit> {
            match self {
                $($form => visitor.$visit($value),)+
                other => Err(other.misfit(&visitor)),
            }
        })*
    };
}

/// An integer, or the text of one that no double holds.
macro_rules! integers {
    ($($deserialize:ident => $visit:ident),*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self {
                Value::Unsigned(value) => visitor.visit_u64(*value),
                Value::Signed(value) => visitor.visit_i64(*value),
                Value::Text(text) => match text.parse() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(self.misfit(&visitor)),
                },
                other => Err(other.misfit(&visitor)),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for &'de Value {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self {
            Value::Null => visitor.visit_unit(),
            Value::Truth(value) => visitor.visit_bool(*value),
            Value::Unsigned(value) => visitor.visit_u64(*value),
            Value::Signed(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(items) => visitor.visit_seq(Items { rest: items.iter(), next: 0 }),
            Value::Object(fields) => visitor.visit_map(Fields { rest: fields.iter(), field: None }),
        }
    }

    integers! { deserialize_u64 => visit_u64, deserialize_i64 => visit_i64, deserialize_u128 => visit_u128, deserialize_i128 => visit_i128 }

    asks! {
        deserialize_bool(): Value::Truth(value) => visit_bool(*value);
        deserialize_f64(): Value::Float(value) => visit_f64(*value), Value::Unsigned(value) => visit_u64(*value),
            Value::Signed(value) => visit_i64(*value);
        deserialize_str(): Value::Text(text) => visit_str(text);
        deserialize_string(): Value::Text(text) => visit_str(text);
        deserialize_identifier(): Value::Text(text) => visit_str(text);
        deserialize_seq(): Value::List(items) => visit_seq(Items { rest: items.iter(), next: 0 });
        deserialize_tuple(_length: usize): Value::List(items) => visit_seq(Items { rest: items.iter(), next: 0 });
        deserialize_tuple_struct(_name: &'static str, _length: usize):
            Value::List(items) => visit_seq(Items { rest: items.iter(), next: 0 });
        deserialize_map(): Value::Object(fields) => visit_map(Fields { rest: fields.iter(), field: None });
        deserialize_struct(_name: &'static str, _fields: &'static [&'static str]):
            Value::Object(fields) => visit_map(Fields { rest: fields.iter(), field: None });
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if matches!(self, Value::Null) { visitor.visit_unit() } else { Err(self.misfit(&visitor)) }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if matches!(self, Value::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self {
            Value::Text(name) => visitor.visit_enum(Variant { name, content: &Value::Null }),
            Value::Object(fields) if fields.len() == 1 => {
                visitor.visit_enum(Variant { name: &fields[0].0, content: &fields[0].1 })
            }
            other => Err(other.misfit(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i8 i16 i32 u8 u16 u32 f32 char bytes byte_buf unit_struct }
}

struct Items<'de> {
    rest: slice::Iter<'de, Value>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        let Some(item) = self.rest.next() else { return Ok(None) };
        self.next += 1;
        match seed.deserialize(item) {
            Ok(value) => Ok(Some(value)),
            Err(misfit) => Err(misfit.inside(Step::Item(self.next - 1))),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Fields<'de> {
    rest: slice::Iter<'de, (String, Value)>,
    field: Option<&'de (String, Value)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        self.field = self.rest.next();
        match self.field {
            Some((name, _)) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let Some((name, value)) = self.field else { return Err(de::Error::custom("a value before its name")) };
        match seed.deserialize(value) {
            Ok(value) => Ok(value),
            Err(misfit) => Err(misfit.inside(Step::Field(name.clone()))),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A variant of an enum: its name alone, or an object of one field.
struct Variant<'de> {
    name: &'de str,
    content: &'de Value,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Misfit;
    type Variant = &'de Value;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, &'de Value), Misfit> {
        let name: StrDeserializer<'_, Misfit> = self.name.into_deserializer();
        seed.deserialize(name).map(|variant| (variant, self.content))
    }
}

impl<'de> VariantAccess<'de> for &'de Value {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        Deserialize::deserialize(self)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_struct("", fields, visitor)
    }
}

/// Why a value is not of a record's form, and where: the steps from the inside out.
#[derive(Debug)]
pub(in crate::scenario) struct Misfit(Box<(String, Vec<Step>)>);

#[derive(Debug)]
pub(in crate::scenario) enum Step {
    Field(String),
    Item(usize),
}

impl Misfit {
    #[cold]
    fn inside(mut self, step: Step) -> Misfit {
        self.0.1.push(step);
        self
    }

    /// The same with line and column: the text is walked once more to the value that is wrong.
    fn placed(self, text: &str) -> serde_json::Error {
        let (what, steps) = *self.0;
        let mut json = serde_json::Deserializer::from_str(text);
        let walked = Walk { steps: &steps, what: &what }.deserialize(&mut json);
        walked.err().unwrap_or_else(|| de::Error::custom(what))
    }
}

impl Display for Misfit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.0)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    #[cold]
    fn custom<T: Display>(message: T) -> Misfit {
        Misfit(Box::new((message.to_string(), Vec::new())))
    }
}

/// Goes to a value and fails there, so that the error gets its place.
struct Walk<'a> {
    steps: &'a [Step],
    what: &'a str,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! arrived {
    ($($visit:ident($kind:ty)),*) => {
        $(fn $visit<E: de::Error>(self, _: $kind) -> Result<(), E> {
            Err(E::custom(self.what))
        })*
    };
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    arrived! { visit_bool(bool), visit_u64(u64), visit_i64(i64), visit_f64(f64), visit_str(&str) }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Err(E::custom(self.what))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if let [outer @ .., Step::Item(at)] = self.steps {
            for _ in 0..*at {
                items.next_element::<IgnoredAny>()?;
            }
            items.next_element_seed(Walk { steps: outer, what: self.what })?;
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Err(de::Error::custom(self.what))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            match self.steps {
                [outer @ .., Step::Field(wanted)] if *wanted == name => {
                    fields.next_value_seed(Walk { steps: outer, what: self.what })?;
                }
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Err(de::Error::custom(self.what))
    }
}
