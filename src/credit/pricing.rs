//! What a loan costs: its parts, its internal rate of return, and the price cap.
//!
//! Every rounding favours the borrower:
//!
//! | amount | rule |
//! |---|---|
//! | interest of a period | `floor(coming × annual_bp / 120 000)` |
//! | interest of so many days | `floor(principal × annual_bp × days / 3 650 000)` |
//! | level payment | rounded down to the fen; the last part takes what remains |
//! | equal principal | `floor(coming / parts left)` |
//! | flat fee | `principal × fee_bp / 10 000`, ties to even; of it a part is `ceil(fee left / parts left)` |
//!
//! Parts are worked out from what remains, so that even divisions come out even, and a loan that shrinks needs no memory of what it
//! was ([`parts`]). The cap is tested in integers ([`cap`]); floating point appears only in [`returns`], which reports and never
//! decides. The annual rate is nominal throughout: 12 × the monthly rate.

pub(crate) mod cap;
pub(crate) mod dates;
pub(crate) mod early;
pub(crate) mod level;
mod natural;
pub(crate) mod parts;
pub(crate) mod returns;

pub(crate) use cap::CapTable;
pub(crate) use level::LevelTable;
pub(crate) use parts::{InstalmentParts, flat_fee};

/// A nominal annual rate of so many basis points is one over this a month: 12 months × 10,000.
pub(crate) const MONTHLY: i64 = 120_000;

/// The most instalments of a schedule.
pub(crate) const MONTHS_MAX: u8 = 60;

/// The largest principal that is priced, in fen (10 billion yuan): products of it with a rate stay far inside 64 bits.
pub(crate) const PRINCIPAL_MAX_FEN: i64 = 1_000_000_000_000;

#[cfg(test)]
mod tests;
