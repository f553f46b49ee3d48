//! What is published must agree with itself: an account is the sum of its loans and of its bills, a loan is what its funders lent. This
//! holds whether or not the auditor agrees with the amounts.

use crate::audit::{AccountFacts, BillFacts, LoanFacts};
use crate::base::ids::FUNDERS;

/// What of an account is not the sum of its loans or bills, in words.
pub(super) fn sub_ledger(account: &AccountFacts, loans: &[LoanFacts], bills: &[BillFacts]) -> Option<String> {
    let mut sums = [0; 4];
    let mut by_funder = [0; FUNDERS];
    for loan in loans {
        let coming = if loan.in_parts { 1 } else { 0 };
        sums[coming] += i64::from(loan.coming);
        sums[2] += i64::from(loan.billed);
        sums[3] += i64::from(loan.bearing);
        by_funder.iter_mut().zip(loan.by_funder).for_each(|(sum, fen)| *sum += i64::from(fen));
        let lent: i64 = loan.by_funder.iter().map(|fen| i64::from(*fen)).sum();
        let within = (0..=loan.billed).contains(&loan.bearing) && loan.coming >= 0;
        if lent != i64::from(loan.coming) + i64::from(loan.billed)
            || loan.by_funder.iter().any(|fen| *fen < 0)
            || !within
        {
            return Some(format!("a loan that is not what its funders lent: {loan:?}"));
        }
    }
    let principal = [account.unbilled, account.installed, account.billed, account.revolving].map(i64::from);
    if sums != principal {
        return Some(format!("unbilled, instalments, billed and bearing {principal:?}, the loans say {sums:?}"));
    }
    if by_funder != account.by_funder.map(i64::from) {
        return Some(format!("by funder {:?}, the loans say {by_funder:?}", account.by_funder));
    }
    let mut owed = [0; 4];
    for bill in bills {
        owed.iter_mut().zip(bill.owed).for_each(|(sum, fen)| *sum += i64::from(fen));
        if bill.owed.iter().any(|fen| *fen < 0) {
            return Some(format!("a bill below nothing: {bill:?}"));
        }
    }
    let charges = [account.penalty, account.interest, account.fees].map(i64::from);
    if owed[..3] != charges || owed.iter().sum::<i64>() != i64::from(account.demanded) || owed[3] > principal[2] {
        return Some(format!("charges {charges:?} and {} demanded, the bills say {owed:?}", account.demanded));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{Lender, Slot};
    use crate::base::time::Day;
    use crate::credit::command::Status;

    fn account() -> (AccountFacts, LoanFacts, BillFacts) {
        let account = AccountFacts {
            status: Status::Open,
            group: 0,
            tier: 0,
            annual_bp: 2_190,
            cards_closed: false,
            misuse: false,
            reaged: false,
            limit: 100_000,
            raise: 0,
            held: 0,
            unbilled: 0,
            billed: 400,
            revolving: 300,
            installed: 600,
            by_funder: [300, 700, 0, 0],
            interest: 20,
            fees: 0,
            penalty: 1,
            demanded: 61,
            days_past_due: 0,
            claim: 0,
        };
        let loan = LoanFacts {
            lender: Lender::FIRST,
            slot: Slot(0),
            in_parts: true,
            made: Day(10),
            annual_bp: 2_190,
            late_ppm: 500,
            waived_percent: 0,
            day_one: false,
            parts_left: 2,
            fee_left: 0,
            coming: 600,
            billed: 400,
            bearing: 300,
            by_funder: [300, 700, 0, 0],
        };
        (account, loan, BillFacts { slot: Slot(0), dates: Some((Day(40), Day(43))), owed: [1, 20, 0, 40] })
    }

    #[test]
    fn an_account_is_the_sum_of_its_loans_and_bills() {
        let (account, loan, bill) = account();
        assert_eq!(sub_ledger(&account, &[loan], &[bill]), None);
        let says = |account: AccountFacts, loan: LoanFacts, bill: BillFacts| {
            sub_ledger(&account, &[loan], &[bill]).unwrap_or_default()
        };
        let pooled = AccountFacts { by_funder: [301, 699, 0, 0], ..account };
        assert!(says(pooled, loan, bill).contains("by funder"));
        let lost = LoanFacts { by_funder: [300, 699, 0, 0], ..loan };
        assert!(says(account, lost, bill).contains("its funders lent"));
        assert!(says(account, LoanFacts { in_parts: false, ..loan }, bill).contains("unbilled"));
        assert!(says(account, loan, BillFacts { owed: [0, 21, 0, 40], ..bill }).contains("charges"));
        assert!(says(account, loan, BillFacts { owed: [1, 20, 0, 39], ..bill }).contains("demanded"));
    }
}
