//! Whatever a loan is, its rows say it; what they say of it without a look at all of it is true.

use super::*;
use crate::base::accrual::Rate;
use crate::base::money::BasisPoints;
use proptest::prelude::*;

/// Loans of every kind, most of them near those that need no details.
fn any_loan() -> impl Strategy<Value = Loan> {
    let amounts = (prop_oneof![Just(0), 1..5_000], prop_oneof![Just(0), 1..5_000], 0..3_u8, 0..3_u8);
    let terms = (0..SCHEDULES, 0..2_u8, 0..4_u8, prop_oneof![Just(0_i64), 1..400_i64], 0..2_u16);
    (amounts, terms, prop::array::uniform3(0..3_i32), 0..8_u8).prop_map(
        |((coming, billed, bearing, payment), terms, shares, flags)| {
            let (schedule, parts_left, funder, days, later) = terms;
            let principal = coming + billed;
            Loan {
                slot: Slot(3),
                coming,
                billed,
                bearing: billed * i32::from(bearing) / 2,
                payment: coming * i32::from(payment) / 2,
                fee: coming / 10,
                by_partner: shares.map(|share| principal * share / 6),
                accrued: Rate::annual(BasisPoints(1_800)).on(i64::from(principal), days),
                annual_bp: 1_800,
                late_ppm: 740,
                made: 20_000,
                billed_to: 20_000 + later,
                schedule,
                parts: 1 + parts_left,
                parts_left,
                waived_percent: if flags == 7 { 50 } else { 0 },
                flags: flags & FLAGS,
                funder: Funder(funder),
                ..Loan::EMPTY
            }
        },
    )
}

proptest! {
    #[test]
    fn rows_say_any_loan(loans in prop::collection::vec(any_loan(), 1..40)) {
        let mut table = LoanTable::default();
        let link = table.insert(&loans[0]);
        // One row takes them all in turn: details come and go.
        for loan in &loans {
            table.store(link, loan);
            prop_assert_eq!(table.load(link), *loan);
            prop_assert_eq!(table.is_instalment(link), loan.is_instalment());
            prop_assert_eq!(table.is_over(link), loan.is_over());
            prop_assert_eq!(table.bears(link), loan.bearing > 0 || loan.has(loan_flag::DAY_ONE));
            if table.is_billed_drawing(link) {
                prop_assert!(!loan.is_instalment() && loan.coming == 0);
            }
        }
        prop_assert!(table.details.len() <= 1, "details are given back");
    }

    #[test]
    fn what_is_over_leaves_and_the_rows_can_be_read_again(loans in prop::collection::vec(any_loan(), 1..40)) {
        // What is to come has parts to come.
        let left = |loan: &Loan| if loan.coming > 0 { loan.parts_left.max(1) } else { loan.parts_left };
        let loans: Vec<Loan> = loans.iter().map(|loan| Loan { parts_left: left(loan), ..*loan }).collect();
        let mut table = LoanTable::default();
        let links: Vec<u32> = loans.iter().map(|loan| table.insert(loan)).collect();
        links.windows(2).for_each(|pair| table.append(pair[0], pair[1]));
        let mut accrued = Accrual::ZERO;
        let (first, last) = table.remove_over(links[0], NIL, &mut accrued);
        let kept: Vec<Loan> = loans.iter().filter(|loan| !loan.is_over()).copied().collect();
        let walk = |table: &LoanTable| {
            let next = |link: &u32| Some(table.next(*link)).filter(|next| *next != NIL);
            let links = std::iter::successors(Some(first).filter(|first| *first != NIL), next);
            links.map(|link| table.load(link)).collect::<Vec<_>>()
        };
        prop_assert_eq!(walk(&table), kept.clone());
        prop_assert_eq!(last.filter(|last| *last != NIL).map(|last| table.load(last)), kept.last().copied());
        let mut left = Accrual::ZERO;
        loans.iter().filter(|loan| loan.is_over()).for_each(|loan| left += loan.accrued);
        prop_assert_eq!(accrued, left);
        // As a snapshot reads them; the account of slot 3 has the list.
        let (rows, details) = table.rows();
        let all = |slab: &Slab<LoanRow>| slab.rows().copied().collect::<Vec<_>>();
        let details_of = details.rows().copied().collect::<Vec<_>>();
        let again = LoanTable::of(&all(rows), &details_of, [rows.free(), details.free()]);
        prop_assert_eq!(again.check([NIL, NIL, NIL, first].into_iter(), 4), Ok(()));
        prop_assert_eq!(walk(&again), kept);
        table.remove_all(first);
        prop_assert_eq!(table.check([NIL; 4].into_iter(), 4), Ok(()));
    }
}

#[test]
fn a_row_that_cannot_be_is_refused() {
    let mut table = LoanTable::default();
    let loan =
        Loan { slot: Slot(0), coming: 600, schedule: Schedule::Level as u8, parts: 3, parts_left: 3, ..Loan::EMPTY };
    let link = table.insert(&loan);
    let refused = |change: &dyn Fn(&mut LoanTable)| {
        let mut table = table.clone();
        change(&mut table);
        table.check(std::iter::once(link), 24).is_err()
    };
    assert!(!refused(&|_| {}));
    let changes: [&dyn Fn(&mut LoanTable); 13] = [
        &|table| table.rows.row_mut(link).schedule = SCHEDULES,
        &|table| table.rows.row_mut(link).funder = Funder(FUNDERS as u8),
        &|table| table.rows.row_mut(link).more = 7,
        &|table| table.rows.row_mut(link).flags &= !DETAILED,
        &|table| table.details.row_mut(0).parts_left = 4,
        &|table| table.details.row_mut(0).waived_percent = 101,
        &|table| table.rows.row_mut(link).flags |= OVER,
        &|table| table.rows.row_mut(link).flags |= BEARING,
        &|table| table.rows.row_mut(link).principal = -1,
        &|table| table.rows.row_mut(link).lent = 601,
        &|table| table.details.row_mut(0).billed = i32::MAX,
        &|table| table.details.row_mut(0).parts_left = 0,
        &|table| {
            table.insert(&loan);
        },
    ];
    for (number, change) in changes.iter().enumerate() {
        assert!(refused(change), "change {number}");
    }
}
