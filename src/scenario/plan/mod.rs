//! What a run is given: resolved, validated, units in types, no serde.

pub(super) mod comparison;
pub(super) mod load;
pub(super) mod people;
pub(super) mod rules;
pub(super) mod scenario;
pub(super) mod sensitivity;
pub(super) mod suite;
pub(super) mod suite_worlds;
pub(super) mod world;
