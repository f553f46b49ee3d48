//! What page, tables and charts of a comparison say alike.

use crate::report::numbers::grouped;
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
