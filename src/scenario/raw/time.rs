//! Lengths and moments of time as people write them: `250us`, `2027-11-11T20:00`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::base::time::SimTime;
use crate::scenario::document::units::Date;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $pattern:literal, $unit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        pub(in crate::scenario) struct $name(pub(in crate::scenario) String);

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "x-unit": $unit })
            }
        }
    };
}

text!(
    /// A length of wall time.
    WallTime, r"^[0-9]+(\.[0-9]+)?(us|ms|s|m|h)$", "a length of time: 250us, 5ms, 10s, 5m, 1h"
);
text!(
    /// A moment of simulated time.
    Moment, r"^2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$", "a moment: 2027-11-11T20:00"
);

impl WallTime {
    /// Microseconds of a text that has the form.
    pub(in crate::scenario) fn micros(text: &str) -> Option<u64> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let factor = match &text[digits.len()..] {
            "us" => 1.0,
            "ms" => 1e3,
            "s" => 1e6,
            "m" => 60e6,
            "h" => 3600e6,
            _ => return None,
        };
        // Longer than any length that is allowed, and short enough to be added to without overflow.
        let longest = 1e15;
        let number = digits.parse::<f64>().ok().filter(|number| *number >= 0.0)?;
        Some((number * factor).round().min(longest) as u64)
    }
}

impl Moment {
    /// The moment of a text that has the form, if there is one.
    pub(in crate::scenario) fn at(text: &str) -> Option<SimTime> {
        let (date, time) = text.split_once('T')?;
        let mut parts = time.split(':').map(|part| part.parse::<u32>().ok());
        let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0));
        (hour < 24 && minute < 60 && second < 60)
            .then(|| Some(SimTime::at(Date::day(date)?, hour * 3_600 + minute * 60 + second)))?
    }
}
