//! What a suite keeps of a world, and how a measure is found under its key.

use crate::measure::measures::{DEFINITIONS, Definition, Unit};
use crate::measure::observations::WorldObservations;
use crate::measure::segments::SEGMENT_DEFINITIONS;
use crate::measure::sums::Sums;

/// All definitions that a suite keeps a world's sums of, in order: those of the product, then those by segment.
pub(crate) fn kept_definitions() -> impl Iterator<Item = &'static Definition> {
    DEFINITIONS.iter().chain(SEGMENT_DEFINITIONS)
}

/// The definition under a key, of the product or of a segment.
pub(crate) fn definition(key: &str) -> Option<&'static Definition> {
    kept_definitions().find(|definition| definition.key == key)
}

/// The unit of a measure; what is no measure is a share.
pub(crate) fn unit(key: &str) -> Unit {
    definition(key).map_or(Unit::Share, |definition| definition.unit)
}

/// Numerator and denominator of a world's measures, in the order of [`kept_definitions`].
pub(crate) fn kept_sums(world: &WorldObservations) -> Vec<(i128, i128)> {
    let sums = Sums::of(world);
    kept_definitions().map(|definition| definition.sums(&sums)).collect()
}
