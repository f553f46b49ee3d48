//! What postings earn, read off the chart of accounts.

use crate::credit::chart::{Account, Class, Posting};
use crate::credit::totals::CreditFlows;

/// What a posting of one fen adds to profit: its income less its expense.
pub(super) fn profit_sign(posting: Posting) -> i64 {
    let (debit, credit) = posting.sides();
    let earns = |class: Class| i64::from(matches!(class, Class::Income | Class::Expense));
    // A credit of income earns, a credit of expense takes a cost back: both add. Debits take away.
    earns(credit.class()) - earns(debit.class())
}

/// What drawings bring at once, before any interest, and how much was drawn; fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DrawingMargin {
    /// Merchants' commission and the platform's share of tips, less what refunds take back.
    pub margin_fen: i64,
    /// The amount drawn.
    pub drawn_fen: i64,
}

/// The margin on drawings in some flows.
pub(crate) fn drawing_margin(flows: &CreditFlows) -> DrawingMargin {
    let earns = |account: Account| matches!(account, Account::CommissionIncome | Account::TipIncome);
    let margin = Posting::ALL.iter().zip(flows.posted_fen).map(|(kind, fen)| match kind.sides() {
        (_, credit) if earns(credit) => fen,
        (debit, _) if earns(debit) => -fen,
        _ => 0,
    });
    DrawingMargin { margin_fen: margin.sum(), drawn_fen: flows.drawn_by_funder_fen.iter().sum() }
}
