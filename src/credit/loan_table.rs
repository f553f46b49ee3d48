//! The loans of a cell, and how they lie in memory. Most are drawings that wait for a statement or stand on one, by one partner or none:
//! 32 bytes say all of them. What else a loan can have stands in a row of its own, which it has only as long as it needs it.

use crate::base::accrual::{Accrual, Act365};
use crate::base::ids::{FUNDERS, Funder, MAX_PARTNERS, Reference, Slot};
use crate::base::slab::{NIL, Slab, slab_rows};
use crate::credit::loan::{Loan, SCHEDULES, Schedule, loan_flag};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The bits of [`loan_flag`] that a [`Loan`] can have.
const FLAGS: u8 = loan_flag::DAY_ONE | loan_flag::FIRST_BY_DAYS | loan_flag::LATER;

/// In [`LoanRow::flags`] of a loan without details: it is on a statement.
const BILLED: u8 = 1 << 6;

/// In [`LoanRow::flags`]: it bears interest, with or without details.
const BEARING: u8 = 1 << 7;

/// In [`LoanRow::flags`]: nothing more will come of it.
const OVER: u8 = 1 << 5;

/// In [`LoanRow::flags`]: it has details.
const DETAILED: u8 = 1 << 4;

/// The owner of a row that is free.
const NOBODY: Slot = Slot(NIL);

/// A loan in memory. What it is without details follows from its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct LoanRow {
    /// Next younger loan of the account, or next free row.
    next: u32,
    /// Owner's slot.
    slot: Slot,
    /// Without details: all principal. With: what is not on a statement yet.
    principal: i32,
    /// Without details: what the funder has lent. With: what the first partner has.
    lent: i32,
    /// With details: their row. Without: of tips, the platform's share of them, in fen.
    more: u32,
    /// Nominal annual rate, 0 under flat-fee terms.
    annual_bp: u16,
    /// Late interest a day, parts per million.
    late_ppm: u16,
    /// Day of the loan.
    made: u16,
    /// [`Schedule`].
    schedule: u8,
    /// [`loan_flag`] bits, [`DETAILED`], [`OVER`], [`BILLED`], [`BEARING`].
    flags: u8,
    /// Generation of the row: what hangs on a loan names it, so that it meets no later one.
    generation: u8,
    /// Funder of the partner's part of a drawing.
    funder: Funder,
    /// Whose product it is.
    lender: u8,
    /// Fills the row.
    spare: u8,
}

/// What a loan has besides: parts, tips that can be taken back, interest from its day, several partners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct DetailRow {
    /// As in [`Loan`].
    accrued: Accrual<Act365>,
    /// Next free row.
    next: u32,
    /// As in [`Loan`].
    billed: i32,
    /// As in [`Loan`].
    bearing: i32,
    /// As in [`Loan`].
    payment: i32,
    /// As in [`Loan`].
    fee: i32,
    /// Principal lent by the second and third partner.
    other_partners: [i32; MAX_PARTNERS - 1],
    /// As in [`Loan`].
    billed_to: u16,
    /// As in [`Loan`].
    parts: u8,
    /// As in [`Loan`].
    parts_left: u8,
    /// As in [`Loan`].
    waived_percent: u8,
    /// Fills the row.
    spare: [u8; 7],
}

const _: () = assert!(size_of::<LoanRow>() == 32 && size_of::<DetailRow>() == 48);

slab_rows!(LoanRow, DetailRow);

impl LoanRow {
    #[inline]
    const fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The row of its details, or [`NIL`].
    #[inline]
    const fn detail(&self) -> u32 {
        if self.is(DETAILED) { self.more } else { NIL }
    }
}

/// The loan as its row says it, when that is all.
#[inline(always)]
fn without_details(row: &LoanRow) -> Loan {
    let (coming, billed) = if row.is(BILLED) { (0, row.principal) } else { (row.principal, 0) };
    // Without an index that is not known before: what is written by one and read as a whole has to wait for memory.
    let lent = |funder: u8| if row.funder.0 == funder { row.lent } else { 0 };
    Loan {
        slot: row.slot,
        coming,
        billed,
        bearing: if row.is(BEARING) { row.principal } else { 0 },
        // All tips of the cycle that are still owed: none was taken back or paid early.
        payment: if row.schedule == Schedule::Tips as u8 { coming } else { 0 },
        fee: row.more as i32,
        by_partner: [lent(1), lent(2), lent(3)],
        accrued: Accrual::ZERO,
        annual_bp: row.annual_bp,
        late_ppm: row.late_ppm,
        made: row.made,
        billed_to: row.made,
        schedule: row.schedule,
        parts: 1,
        parts_left: u8::from(!row.is(BILLED)),
        waived_percent: 0,
        flags: row.flags & FLAGS,
        funder: row.funder,
        lender: row.lender,
    }
}

/// The loan of a row and its details.
#[inline(never)]
fn with_details(row: &LoanRow, detail: &DetailRow) -> Loan {
    let [second, third] = detail.other_partners;
    Loan {
        coming: row.principal,
        billed: detail.billed,
        bearing: detail.bearing,
        payment: detail.payment,
        fee: detail.fee,
        by_partner: [row.lent, second, third],
        accrued: detail.accrued,
        billed_to: detail.billed_to,
        parts: detail.parts,
        parts_left: detail.parts_left,
        waived_percent: detail.waived_percent,
        ..without_details(row)
    }
}

/// The flags of a loan, and those that say something of it without its details.
#[inline]
fn flags_of(loan: &Loan) -> u8 {
    let bearing = if loan.bearing > 0 { BEARING } else { 0 };
    let over = if loan.is_over() { OVER } else { 0 };
    loan.flags | bearing | over
}

/// A loan that was read is one that rows are written for, and `flags` are those of its row.
fn is_possible(loan: &Loan, flags: u8) -> bool {
    let Some(principal) = loan.coming.checked_add(loan.billed).filter(|_| loan.coming.min(loan.billed) >= 0) else {
        return false;
    };
    let lent: i64 = loan.by_partner.into_iter().map(i64::from).sum();
    let lenders = lent <= i64::from(principal) && loan.by_partner.iter().all(|part| *part >= 0);
    let form = match (is_plain(loan), loan.parts_left) {
        (false, _) => DETAILED,
        (true, 0) => BILLED,
        (true, _) => 0,
    };
    lenders && (loan.coming == 0 || loan.parts_left > 0) && flags == flags_of(loan) | form
}

/// Writes what stands in the row of every loan.
#[inline(always)]
fn write_terms(row: &mut LoanRow, loan: &Loan) {
    row.slot = loan.slot;
    row.annual_bp = loan.annual_bp;
    row.late_ppm = loan.late_ppm;
    row.made = loan.made;
    row.schedule = loan.schedule;
    row.funder = loan.funder;
    row.lender = loan.lender;
}

/// A row without details says all of the loan.
#[inline(always)]
fn is_plain(loan: &Loan) -> bool {
    let (on_statement, tips) = (loan.parts_left == 0, loan.schedule == Schedule::Tips as u8);
    let of_funder = |partner: usize| loan.funder.0 == partner as u8 + 1 || loan.by_partner[partner] == 0;
    let amounts = if on_statement {
        loan.coming == 0 && loan.payment == 0 && (loan.bearing == 0 || loan.bearing == loan.billed)
    } else {
        loan.parts_left == 1
            && loan.billed == 0
            && loan.bearing == 0
            && loan.payment == if tips { loan.coming } else { 0 }
    };
    amounts
        && !loan.is_instalment()
        && loan.accrued == Accrual::ZERO
        && (loan.parts, loan.waived_percent, loan.billed_to) == (1, 0, loan.made)
        && of_funder(0)
        && of_funder(1)
        && of_funder(2)
}

/// Nobody's from now on, without details. Returns what had accrued.
#[inline]
fn free(row: &mut LoanRow, details: &mut Slab<DetailRow>) -> Accrual<Act365> {
    let detail = row.detail();
    row.flags &= !DETAILED;
    row.slot = NOBODY;
    if detail == NIL {
        return Accrual::ZERO;
    }
    details.remove(detail);
    details.row(detail).accrued
}

/// The loans of a cell: lists by account, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoanTable {
    rows: Slab<LoanRow>,
    details: Slab<DetailRow>,
}

impl LoanTable {
    /// A table of these rows; first free loan, first free detail.
    pub(super) fn of(loans: &[LoanRow], details: &[DetailRow], [loan, detail]: [u32; 2]) -> LoanTable {
        LoanTable { rows: Slab::of(loans, loan), details: Slab::of(details, detail) }
    }

    /// Puts a loan into the table, on no list yet.
    pub(super) fn insert(&mut self, loan: &Loan) -> u32 {
        let generation = self.rows.recycled().map_or(0, |old| Reference::next_generation(old.generation));
        let empty = LoanRow { next: NIL, generation, ..zerocopy::FromZeros::new_zeroed() };
        let link = self.rows.insert(empty);
        self.store(link, loan);
        link
    }

    /// The loan of a link.
    #[inline(always)]
    pub(super) fn load(&self, link: u32) -> Loan {
        let row = self.rows.row(link);
        if row.is(DETAILED) { with_details(row, self.details.row(row.more)) } else { without_details(row) }
    }

    /// Writes what has become of a loan.
    #[inline(always)]
    pub(super) fn store(&mut self, link: u32, loan: &Loan) {
        let row = self.rows.row_mut(link);
        if row.is(DETAILED) || !is_plain(loan) {
            self.store_detailed(link, loan);
            return;
        }
        row.principal = loan.principal();
        row.lent = loan.by_partner[0] + loan.by_partner[1] + loan.by_partner[2];
        row.more = loan.fee as u32;
        row.flags = flags_of(loan) | if loan.parts_left == 0 { BILLED } else { 0 };
        write_terms(row, loan);
        debug_assert_eq!(without_details(row), *loan, "a row says its loan");
    }

    /// The same of a loan that has details, had them or gets them.
    fn store_detailed(&mut self, link: u32, loan: &Loan) {
        let row = self.rows.row_mut(link);
        let known = row.detail();
        if is_plain(loan) {
            row.flags &= !DETAILED;
            self.details.remove(known);
            self.store(link, loan);
            return;
        }
        let [first, second, third] = loan.by_partner;
        let detail = DetailRow {
            accrued: loan.accrued,
            next: NIL,
            billed: loan.billed,
            bearing: loan.bearing,
            payment: loan.payment,
            fee: loan.fee,
            other_partners: [second, third],
            billed_to: loan.billed_to,
            parts: loan.parts,
            parts_left: loan.parts_left,
            waived_percent: loan.waived_percent,
            spare: [0; 7],
        };
        row.principal = loan.coming;
        row.lent = first;
        row.flags = flags_of(loan) | DETAILED;
        write_terms(row, loan);
        if known == NIL {
            row.more = self.details.insert(detail);
        } else {
            *self.details.row_mut(known) = detail;
        }
    }

    /// Changes a loan.
    #[inline(always)]
    pub(super) fn change<T>(&mut self, link: u32, change: impl FnOnce(&mut Loan) -> T) -> T {
        let mut loan = self.load(link);
        let result = change(&mut loan);
        self.store(link, &loan);
        result
    }

    /// The next younger loan of the account, or [`NIL`].
    #[inline]
    pub(super) fn next(&self, link: u32) -> u32 {
        self.rows.row(link).next
    }

    /// Puts a loan behind another on its list.
    pub(super) fn append(&mut self, last: u32, link: u32) {
        self.rows.row_mut(last).next = link;
    }

    /// It is paid back in parts.
    #[inline]
    pub(super) fn is_instalment(&self, link: u32) -> bool {
        self.rows.row(link).schedule >= Schedule::Level as u8
    }

    /// Something of it bears interest, or all of it does from its day.
    #[inline]
    pub(super) fn bears(&self, link: u32) -> bool {
        self.rows.row(link).flags & (BEARING | loan_flag::DAY_ONE) != 0
    }

    /// A drawing that is on a statement, with nothing to come.
    #[inline]
    pub(super) fn is_billed_drawing(&self, link: u32) -> bool {
        let row = self.rows.row(link);
        row.flags & (DETAILED | BILLED) == BILLED
    }

    /// Takes the loans that are over off the list that begins with `first`, up to `until`; what they have accrued is added to
    /// `accrued`. Returns the head of what remains, and its last loan when the walk came to the end.
    pub(super) fn remove_over(&mut self, first: u32, until: u32, accrued: &mut Accrual<Act365>) -> (u32, Option<u32>) {
        let LoanTable { rows, details } = self;
        rows.remove_over(first, until, |row| {
            if !row.is(OVER) {
                return false;
            }
            *accrued += free(row, details);
            true
        })
    }

    /// Forgets all loans of a list.
    pub(super) fn remove_all(&mut self, first: u32) {
        let LoanTable { rows, details } = self;
        rows.remove_all(first, |row| {
            free(row, details);
        });
    }

    /// What hangs on a loan calls it so.
    pub(super) fn reference(&self, link: u32) -> Reference {
        Reference::new(link, self.rows.row(link).generation)
    }

    /// The loan of a reference, while it is on the list of the account, over or not.
    pub(super) fn find(&self, slot: Slot, reference: Reference) -> Option<u32> {
        let link = reference.row();
        let row = self.rows.get(link)?;
        (row.slot == slot && reference.is_of(row.generation)).then_some(link)
    }

    /// Nothing more will come of it.
    #[inline]
    pub(super) fn is_over(&self, link: u32) -> bool {
        self.rows.row(link).is(OVER)
    }

    /// The loan of a link, if there is one and it is an account's and not over.
    #[inline]
    pub(super) fn get(&self, link: u32) -> Option<Loan> {
        self.rows.get(link).filter(|row| row.slot != NOBODY && !row.is(OVER)).map(|_| self.load(link))
    }

    /// Loans of the cell at a rate above `cap_bp`.
    pub(super) fn rated_above(&self, cap_bp: i32) -> usize {
        let rated = |row: &&LoanRow| row.slot != NOBODY && !row.is(OVER) && row.schedule != Schedule::FlatFee as u8;
        self.rows.rows().filter(rated).filter(|row| i32::from(row.annual_bp) > cap_bp).count()
    }

    /// Loans of the cell with a flat fee.
    pub(super) fn flat_fee(&self) -> impl Iterator<Item = Loan> {
        let flat = |(link, row): (u32, &LoanRow)| (row.schedule == Schedule::FlatFee as u8).then_some(link);
        (0..).zip(self.rows.rows()).filter_map(flat).filter_map(|link| self.get(link))
    }

    /// Has the row of a loan fetched from memory. Any number is allowed.
    #[inline]
    pub(super) fn fetch_ahead(&self, link: u32) {
        self.rows.fetch_ahead(link);
    }

    /// Has the details of a loan fetched, whose row is there, and says which loan is next. Any number is allowed.
    #[inline]
    pub(super) fn next_after_details(&self, link: u32) -> u32 {
        let Some(row) = self.rows.get(link) else { return NIL };
        self.details.fetch_ahead(row.detail());
        row.next
    }

    /// The rows, for whom they concern only as bytes or as links.
    pub(super) const fn rows(&self) -> (&Slab<LoanRow>, &Slab<DetailRow>) {
        (&self.rows, &self.details)
    }

    /// Codes, links and lists are possible; what is read from elsewhere is checked with it. `firsts` are the heads of the accounts'
    /// lists in order.
    pub(super) fn check(&self, firsts: impl Iterator<Item = u32> + Clone, parts_max: u8) -> Result<(), &'static str> {
        self.rows.check_lists(firsts.clone(), |row| Some(row.slot))?;
        let listed: usize = firsts.map(|first| self.rows.list(first).count()).sum();
        if self.rows.rows().filter(|row| row.slot != NOBODY).count() != listed {
            return Err("loan on no list");
        }
        let details = self.rows.rows().map(LoanRow::detail);
        self.details.check_lists(details, |_| None)?;
        for (link, row) in (0..).zip(self.rows.rows()) {
            let detail = self.details.get(row.detail());
            let in_parts = row.schedule >= Schedule::Level as u8;
            // The details of a loan are one row.
            let alone = detail.is_none_or(|detail| detail.next == NIL);
            let parts = detail.is_none_or(|detail| detail.parts_left <= detail.parts && detail.parts <= parts_max);
            // A loan in parts has them; a free row only says what it was.
            let detailed = detail.is_some() || !in_parts || row.slot == NOBODY;
            let known = row.schedule < SCHEDULES && row.funder.index() < FUNDERS && detailed;
            let whole = detail.is_some() == row.is(DETAILED);
            if !whole || !known || !alone || !parts || detail.is_some_and(|detail| detail.waived_percent > 100) {
                return Err("loan");
            }
            let possible =
                if row.slot == NOBODY { !row.is(DETAILED) } else { is_possible(&self.load(link), row.flags) };
            if !possible {
                return Err("loan");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
