//! The general ledger of a cell: the only writer of account balances of the chart (docs/rules.md §20). Every rule posts through it;
//! it knows no account of a user.

use crate::credit::chart::{ACCOUNTS, Account, Posting};
use crate::credit::totals::CreditFlows;

/// Balances of a cell's books, debit positive, in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    balances: [i64; ACCOUNTS],
}

impl Default for Ledger {
    fn default() -> Self {
        Ledger { balances: [0; ACCOUNTS] }
    }
}

impl Ledger {
    /// The ledger of a snapshot.
    pub(super) const fn of(balances: [i64; ACCOUNTS]) -> Ledger {
        Ledger { balances }
    }

    /// Posts `amount_fen` (not negative) to both sides of a kind and into the day's journal.
    ///
    /// # Panics
    /// When the amount is negative: a movement the other way has a kind of its own.
    #[inline]
    pub fn post(&mut self, flows: &mut CreditFlows, kind: Posting, amount_fen: i64) {
        assert!(amount_fen >= 0, "{kind:?} posted with {amount_fen} fen");
        let (debit, credit) = kind.sides();
        self.balances[debit as usize] += amount_fen;
        self.balances[credit as usize] -= amount_fen;
        flows.posted_fen[kind as usize] += amount_fen;
    }

    /// Balance of an account, debit positive.
    #[inline]
    pub fn balance(&self, account: Account) -> i64 {
        self.balances[account as usize]
    }

    /// All balances in the order of the chart, debit positive.
    pub fn balances(&self) -> &[i64; ACCOUNTS] {
        &self.balances
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_balance_after_every_kind() {
        let mut ledger = Ledger::default();
        let mut flows = CreditFlows::default();
        for (i, kind) in Posting::ALL.iter().enumerate() {
            ledger.post(&mut flows, *kind, i as i64 + 1);
            assert_eq!(ledger.balances().iter().sum::<i64>(), 0, "{kind:?}");
        }
        assert_eq!(flows.posted_fen.iter().sum::<i64>(), (1..=Posting::ALL.len() as i64).sum::<i64>());
    }
}
