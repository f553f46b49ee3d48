//! Money and what accrues on it, time, identity, randomness and tables of linked rows: what every other module shares.
//!
//! Nothing here does IO, reads a clock or knows a product.

#[macro_use]
mod newtype;

pub(crate) mod accrual;
pub(crate) mod bytes;
pub(crate) mod grouping;
pub(crate) mod ids;
pub(crate) mod money;
pub(crate) mod random;
pub(crate) mod slab;
pub(crate) mod time;
mod totals;

pub(crate) use totals::totals;
