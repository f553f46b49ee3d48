//! With whom a person deals. The one place where people choose among the lenders of their world: whatever else they ask follows from the
//! account that they saw, the order that they made or the answer that they got, each of which says whose it is.

use crate::base::ids::Lender;

/// The lender at whose account a person looks when a day is planned, and who is asked for what the plan takes up. In a world of one lender
/// there is no other.
#[inline]
pub(crate) const fn lender() -> Lender {
    Lender::FIRST
}
