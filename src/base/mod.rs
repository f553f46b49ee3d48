//! Money, time, identity, randomness and tables of linked rows: what every other module shares.
//!
//! Nothing here does IO, reads a clock or knows a product.

pub mod ids;
pub mod money;
pub mod random;
pub mod slab;
pub mod time;
mod totals;

pub(crate) use totals::totals;
