//! The auditor's own double entry: balances by account of the chart, entered by debit and credit. It shares the chart's names with the
//! engine and none of its postings.

use crate::credit::chart::{ACCOUNTS, Account};

/// Balances of a cell's general ledger by the auditor's own account, debit positive.
#[derive(Clone, Debug)]
pub(super) struct Books {
    balances: [i64; ACCOUNTS],
}

impl Default for Books {
    fn default() -> Self {
        Books { balances: [0; ACCOUNTS] }
    }
}

impl Books {
    /// Moves an amount: one account is debited, the other credited.
    pub(super) fn enter(&mut self, debit: Account, credit: Account, fen: i64) {
        self.balances[debit as usize] += fen;
        self.balances[credit as usize] -= fen;
    }

    /// Balance, debit positive.
    pub(super) fn balance(&self, account: Account) -> i64 {
        self.balances[account as usize]
    }

    /// Takes over published balances.
    pub(super) fn adopt(&mut self, balances: &[i64; ACCOUNTS]) {
        self.balances = *balances;
    }
}
