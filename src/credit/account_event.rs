//! What the holder of an account learns of a close of day. The engine keeps these events until the driver takes them.

use crate::base::ids::{Lender, Slot};
use crate::credit::command::Refusal;

/// Something that happened to an account at a close of day and that its user learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    /// With whom the account is.
    pub lender: Lender,
    /// Whose account.
    pub slot: Slot,
    /// What happened.
    pub kind: AccountEventKind,
}

/// Kinds of [`AccountEvent`]. Amounts in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountEventKind {
    /// A statement with something owed came.
    Statement,
    /// The account was opened after a review.
    Opened,
    /// The reviewer refused.
    Refused(Refusal),
    /// The due day passed unpaid: principal at that moment.
    Late(i32),
    /// First 31 days past due in this spell: principal.
    Reached31(i32),
    /// Written off: principal.
    WrittenOff(i32),
    /// The claim was sold.
    Sold,
}
