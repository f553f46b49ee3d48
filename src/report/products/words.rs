//! What page, tables and charts of a comparison say alike.

use crate::measure::{Unit, unit};
use crate::report::numbers::{fixed, grouped, shown};
use crate::results::load::Estimate;
use crate::results::products::ProductsRecord;

/// Below every chart's title: clock, size, seed.
pub(super) fn subtitle(record: &ProductsRecord) -> String {
    let about = &record.about;
    format!(
        "virtual clock · {} replications of {} users over {} months · seed {}",
        about.replications,
        grouped(about.users.into()),
        about.months,
        about.seed
    )
}

/// A difference with its interval, in its unit; shares in percentage points.
pub(super) fn change(measure: &str, e: Estimate) -> String {
    let one = |value: f64| {
        let sign = if value > 0.0 { "+" } else { "" };
        match unit(measure) {
            Unit::Share => format!("{sign}{} pp", fixed(value * 100.0, 2)),
            _ => format!("{sign}{}", shown(measure, value)),
        }
    };
    format!("{} ({} to {})", one(e.value), one(e.low), one(e.high))
}
