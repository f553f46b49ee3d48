//! The units of the files: what a person writes (yuan, ratios, times of day) and the integers that they become. Each
//! unit carries its range, the smallest difference that a run can see (`x-step` in the schema) and a sentence that `check` shows
//! beside an error (`x-unit`).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::base::money::{BasisPoints, Ppm};

/// Scenes in the order of the files: live shopping, local services, virtual top-ups, content. The resolved terms are
/// arrays of as many, so another number does not compile.
pub(in crate::scenario) const SCENES: usize = 4;

/// Turns a raw value into its resolved form.
pub(in crate::scenario) trait Resolve<T> {
    /// The resolved value; raw values have passed the schema, so this cannot fail.
    fn resolve(&self) -> T;
}

macro_rules! same {
    ($($ty:ty),*) => { $(impl Resolve<$ty> for $ty { fn resolve(&self) -> $ty { *self } })* };
}
same!(bool, u8, u16);

impl<R: Resolve<T>, T, const N: usize> Resolve<[T; N]> for [R; N] {
    fn resolve(&self) -> [T; N] {
        std::array::from_fn(|i| self[i].resolve())
    }
}

impl<R: Resolve<T>, T> Resolve<(T, T)> for [R; 2] {
    fn resolve(&self) -> (T, T) {
        (self[0].resolve(), self[1].resolve())
    }
}

impl<R: Resolve<T>, T> Resolve<Vec<T>> for Vec<R> {
    fn resolve(&self) -> Vec<T> {
        self.iter().map(Resolve::resolve).collect()
    }
}

/// A number with its range and the sentence that explains it.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $json:literal, $low:expr, $high:expr, $step:expr, $unit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize)]
        pub(in crate::scenario) struct $name(pub(in crate::scenario) $inner);

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": $json, "minimum": $low, "maximum": $high, "x-step": $step, "x-unit": $unit
                })
            }
        }
    };
}

number!(
    /// A share or a probability.
    Share, f64, "number", 0, 1, 1e-6, "a share between 0 and 1: 5 % is 0.05"
);
number!(
    /// A factor.
    Factor, f64, "number", 0, 1000, 1e-6, "a factor: 1.6 is 160 %"
);
number!(
    /// A ratio that may be negative.
    Signed, f64, "number", -10, 10, 1e-6, "a ratio: -2 % is -0.02"
);
number!(
    /// A nominal rate or a fee.
    Rate, f64, "number", 0, 1, 1e-4, "a rate as a ratio: 21.6 % is 0.216"
);
number!(
    /// An amount.
    Yuan, f64, "number", 0, 10_000_000, 0.01, "an amount in yuan: 12.5 is 12 yuan 50"
);
number!(
    /// A plain number, kept to three decimals.
    Number, f64, "number", -1000, 1000, 1e-3, "a plain number, kept to three decimals"
);
number!(
    /// A whole number.
    Whole, u32, "integer", 0, 1_000_000, 1, "a whole number, not negative"
);

/// To the nearest integer; the ranges above keep it inside 32 bits (64 for yuan).
fn nearest(value: f64) -> i64 {
    value.round() as i64
}

macro_rules! ratio {
    ($($name:ident),*) => { $(
        impl Resolve<Ppm> for $name { fn resolve(&self) -> Ppm { Ppm::from_ratio(self.0) } }
        impl Resolve<i32> for $name { fn resolve(&self) -> i32 { Ppm::from_ratio(self.0).0 } }
    )* };
}
ratio!(Share, Factor, Signed);

/// A factor; one when it is not given.
pub(in crate::scenario) fn factor_or_one(factor: Option<Factor>) -> Ppm {
    factor.map_or(Ppm::ONE, |f| f.resolve())
}

impl Resolve<BasisPoints> for Rate {
    fn resolve(&self) -> BasisPoints {
        BasisPoints(nearest(self.0 * 10_000.0) as i32)
    }
}

impl Resolve<i32> for Rate {
    fn resolve(&self) -> i32 {
        nearest(self.0 * 10_000.0) as i32
    }
}

impl Resolve<i32> for Yuan {
    fn resolve(&self) -> i32 {
        nearest(self.0 * 100.0) as i32
    }
}

impl Resolve<i64> for Yuan {
    fn resolve(&self) -> i64 {
        nearest(self.0 * 100.0)
    }
}

impl Resolve<i32> for Number {
    fn resolve(&self) -> i32 {
        nearest(self.0 * 1000.0) as i32
    }
}

impl Resolve<u32> for Whole {
    fn resolve(&self) -> u32 {
        self.0
    }
}

impl Resolve<i32> for Whole {
    fn resolve(&self) -> i32 {
        self.0 as i32
    }
}

impl Resolve<i64> for Whole {
    fn resolve(&self) -> i64 {
        i64::from(self.0)
    }
}

/// One value for each way of contact: app, SMS, call, field, legal. The engine also counts "none" in front.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::scenario) struct Channels<T>(pub(in crate::scenario) [T; 5]);

impl<R: Resolve<T>, T: Default> Resolve<[T; 6]> for Channels<R> {
    fn resolve(&self) -> [T; 6] {
        std::array::from_fn(|i| if i == 0 { T::default() } else { self.0[i - 1].resolve() })
    }
}

/// A time of day, `HH:MM`; resolved to seconds after midnight.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::scenario) struct Clock(pub(in crate::scenario) String);

impl JsonSchema for Clock {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Clock".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
            "x-unit": "a time of day in quotes: \"08:00\""
        })
    }
}

impl Clock {
    /// Seconds after midnight of a text that has passed the schema.
    pub(in crate::scenario) fn seconds(text: &str) -> u32 {
        let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
        hours.parse::<u32>().unwrap_or(0) * 3600 + minutes.parse::<u32>().unwrap_or(0) * 60
    }
}

impl Resolve<u32> for Clock {
    fn resolve(&self) -> u32 {
        Clock::seconds(&self.0)
    }
}

/// A date, `2027-01-01`.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::scenario) struct Date(pub(in crate::scenario) String);

impl JsonSchema for Date {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^2[0-9]{3}-[0-9]{2}-[0-9]{2}$",
            "x-unit": "a date: 2027-01-01"
        })
    }
}

impl Date {
    /// The day a text names, if there is one.
    pub(in crate::scenario) fn day(text: &str) -> Option<crate::base::time::Day> {
        let mut parts = text.splitn(3, '-');
        let year = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        let day = parts.next()?.parse().ok()?;
        crate::base::time::Day::from_ymd(year, month, day)
    }
}

/// A day of the year, `02-17`.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::scenario) struct MonthDay(pub(in crate::scenario) String);

impl JsonSchema for MonthDay {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "MonthDay".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
            "x-unit": "a month and a day in quotes: \"11-11\""
        })
    }
}

impl Resolve<(u8, u8)> for MonthDay {
    fn resolve(&self) -> (u8, u8) {
        let (month, day) = self.0.split_once('-').unwrap_or(("1", "1"));
        (month.parse().unwrap_or(1), day.parse().unwrap_or(1))
    }
}

/// Declares a section of a file: a raw struct for serde and the schema, and its way into the resolved struct of the
/// same shape. `field as "key": Unit` names the key of the file where it differs.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident => $target:path {
        $($(#[$meta:meta])* $field:ident $(as $key:literal)? : $ty:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(in crate::scenario) struct $name { $($(#[$meta])* $(#[serde(rename = $key)])? pub(in crate::scenario) $field: $ty,)* }

        impl $crate::scenario::document::units::Resolve<$target> for $name {
            fn resolve(&self) -> $target {
                $target { $($field: $crate::scenario::document::units::Resolve::resolve(&self.$field),)* }
            }
        }
    };
}
pub(in crate::scenario) use section;
