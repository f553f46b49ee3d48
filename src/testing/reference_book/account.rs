//! What the book knows of one account. Everything that can be added up is added up when it is asked for.

use super::calendar::DayNumber;
use super::exact::Fraction;
use super::lending::split;
use crate::credit::command::Status;

/// Parts of a fen in which interest is counted: fen × bp × days.
pub(super) const YEARS: i128 = 3_650_000;
/// Parts of a fen in which late interest is counted: fen × ppm × days.
pub(super) const DAYS: i128 = 1_000_000;

/// How the principal of a loan comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Revolving,
    Level,
    EqualPrincipal,
    Flat,
    Hardship,
}

/// A loan.
#[derive(Clone, Debug)]
pub(super) struct Loan {
    pub id: u32,
    pub kind: Kind,
    pub annual_bp: i64,
    pub late_ppm: i64,
    pub day_one: bool,
    pub waived_percent: i64,
    pub made: DayNumber,
    /// Principal that is on no statement yet.
    pub coming: i64,
    /// Principal on statements, unpaid.
    pub billed: i64,
    /// Of `billed`, what bears interest.
    pub bearing: i64,
    pub by_funder: [i64; 4],
    /// Interest that is not posted, in parts of [`YEARS`].
    pub interest: i128,
    pub parts: i64,
    pub parts_left: i64,
    pub payment: i64,
    pub fee_left: i64,
    /// The first part bears interest by days.
    pub first_by_days: bool,
    /// Due date of the last billed part; the day made before the first.
    pub accrual_point: DayNumber,
    /// Statements that pass before the first part.
    pub statements_to_wait: i64,
}

impl Loan {
    pub(super) fn principal(&self) -> i64 {
        self.coming + self.billed
    }

    pub(super) fn revolves(&self) -> bool {
        self.kind == Kind::Revolving
    }

    /// Part of it was on a statement.
    pub(super) fn was_billed(&self) -> bool {
        if self.revolves() { self.coming == 0 } else { self.parts_left < self.parts }
    }

    /// Principal goes down by `fen`: by funder.
    pub(super) fn reduce_funders(&mut self, fen: i64) -> [i64; 4] {
        let parts = split(fen, self.by_funder);
        self.by_funder.iter_mut().zip(parts).for_each(|(left, part)| *left -= part);
        parts
    }
}

/// A statement's demand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bill {
    /// 0 for the carried bill of a hardship plan.
    pub due: DayNumber,
    pub grace_until: DayNumber,
    pub interest: i64,
    pub fees: i64,
    pub penalty: i64,
    pub principal: i64,
}

impl Bill {
    pub(super) fn charges(&self) -> i64 {
        self.interest + self.fees + self.penalty
    }

    pub(super) fn unpaid(&self) -> i64 {
        self.charges() + self.principal
    }

    /// The carried bill of a hardship plan.
    pub(super) fn is_carried(&self) -> bool {
        self.due == 0
    }
}

/// A hold, or what was captured of it.
#[derive(Clone, Debug)]
pub(super) struct Purchase {
    pub reference: u32,
    pub scene: usize,
    pub months: i64,
    pub suspicious: bool,
    pub funder: usize,
    /// Of a hold: its amount, what the funders keep for it, the day after which it is released.
    pub held: i64,
    pub reserved: [i64; 4],
    pub last_day: DayNumber,
    /// Of a capture: when, which loan, what can still be refunded and the commission kept for it.
    pub captured: Option<DayNumber>,
    pub loan: u32,
    pub refundable: i64,
    pub commission: i64,
}

/// A shopping card.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub reference: u32,
    pub bought: DayNumber,
    pub left: i64,
    pub loan: u32,
}

/// Tips of the running cycle on one loan.
#[derive(Clone, Debug)]
pub(super) struct TipRecord {
    pub loan: u32,
    pub funder: usize,
    pub left: i64,
    pub platform_share: i64,
}

/// An account.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub slot: i64,
    pub group: usize,
    pub status: Status,
    pub tier: usize,
    pub rate_bp: i64,
    pub limit: i64,
    pub opened: DayNumber,
    /// Stated monthly income in yuan.
    pub income: i64,
    pub good_months: i64,
    pub late_in_cycle: bool,
    /// Rounds of lowering limits: in force when it was opened, and last gone through.
    pub opened_round: i64,
    pub lowered_round: i64,
    pub cards_closed: bool,
    pub misuse: bool,
    pub reaged: bool,
    pub probation_until: DayNumber,
    pub converted: bool,
    pub loans: Vec<Loan>,
    pub bills: Vec<Bill>,
    /// Interest and late interest that belong to no loan, or are left over from rounding.
    pub interest: i128,
    pub penalty: i128,
    pub statement: i64,
    pub purchases: Vec<Purchase>,
    pub cards: Vec<Card>,
    pub tips: Vec<TipRecord>,
    pub drawing_day: DayNumber,
    pub drawings: i64,
    pub drawn: i64,
    /// Channel of the last close, 0 for none.
    pub contact: usize,
    pub claim: i64,
    pub written_off: DayNumber,
}

impl Account {
    pub(super) fn none(slot: i64, group: usize) -> Account {
        Account {
            slot,
            group,
            status: Status::None,
            tier: 0,
            rate_bp: 0,
            limit: 0,
            opened: 0,
            income: 0,
            good_months: 0,
            late_in_cycle: false,
            opened_round: 0,
            lowered_round: 0,
            cards_closed: false,
            misuse: false,
            reaged: false,
            probation_until: 0,
            converted: false,
            loans: Vec::new(),
            bills: Vec::new(),
            interest: 0,
            penalty: 0,
            statement: 0,
            purchases: Vec::new(),
            cards: Vec::new(),
            tips: Vec::new(),
            drawing_day: 0,
            drawings: 0,
            drawn: 0,
            contact: 0,
            claim: 0,
            written_off: 0,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        matches!(self.status, Status::Open | Status::Frozen)
    }

    fn sum(&self, of: impl Fn(&Loan) -> i64) -> i64 {
        self.loans.iter().map(of).sum()
    }

    pub(super) fn unbilled(&self) -> i64 {
        self.sum(|loan| if loan.revolves() { loan.coming } else { 0 })
    }

    pub(super) fn installed(&self) -> i64 {
        self.sum(|loan| if loan.revolves() { 0 } else { loan.coming })
    }

    pub(super) fn billed(&self) -> i64 {
        self.sum(|loan| loan.billed)
    }

    pub(super) fn bearing(&self) -> i64 {
        self.sum(|loan| loan.bearing)
    }

    pub(super) fn principal(&self) -> i64 {
        self.sum(Loan::principal)
    }

    pub(super) fn by_funder(&self, funder: usize) -> i64 {
        self.sum(|loan| loan.by_funder[funder])
    }

    pub(super) fn held(&self) -> i64 {
        self.purchases.iter().map(|purchase| purchase.held).sum()
    }

    pub(super) fn of_bills(&self, what: impl Fn(&Bill) -> i64) -> i64 {
        self.bills.iter().map(what).sum()
    }

    pub(super) fn charges(&self) -> i64 {
        self.of_bills(Bill::charges)
    }

    pub(super) fn demanded_principal(&self) -> i64 {
        self.of_bills(|bill| bill.principal)
    }

    pub(super) fn free_limit(&self) -> i64 {
        self.limit - self.held() - self.principal()
    }

    /// Billed principal of revolving loans.
    pub(super) fn revolving_billed(&self) -> i64 {
        self.sum(|loan| if loan.revolves() { loan.billed } else { 0 })
    }

    /// The bill with which unpaid amounts, oldest first, exceed the tolerance.
    fn late_bill(&self, tolerance: i64) -> Option<&Bill> {
        let mut unpaid = 0;
        let bill = self.bills.iter().find(|bill| {
            unpaid += bill.unpaid();
            unpaid > tolerance
        });
        bill.filter(|bill| !bill.is_carried())
    }

    /// Days past due: since the due date of that bill.
    pub(super) fn days_past_due(&self, day: DayNumber, tolerance: i64) -> i64 {
        self.late_bill(tolerance).map_or(0, |bill| (day - bill.due).max(0))
    }

    /// Late beyond the grace of that bill.
    pub(super) fn is_beyond_grace(&self, day: DayNumber, tolerance: i64) -> bool {
        self.late_bill(tolerance).is_some_and(|bill| day > bill.grace_until)
    }

    pub(super) fn past_due(&self, day: DayNumber, tolerance: i64) -> i64 {
        if self.days_past_due(day, tolerance) == 0 {
            return 0;
        }
        self.of_bills(|bill| if bill.is_carried() || bill.due >= day { 0 } else { bill.unpaid() })
    }

    /// What can be turned into instalments now.
    pub(super) fn convertible(&self, day: DayNumber, tolerance: i64) -> i64 {
        let fen = self.revolving_billed();
        let barred = !self.is_live() || self.converted || self.reaged || self.days_past_due(day, tolerance) > 0;
        if barred || fen < 10_000 { 0 } else { fen }
    }

    /// Interest, then late interest, that is not posted.
    pub(super) fn accrued(&self) -> (i128, i128) {
        (self.interest + self.loans.iter().map(|loan| loan.interest).sum::<i128>(), self.penalty)
    }

    /// A day of interest: on the opening of `day`, with everything as the day before left it (docs/rules.md §15.6).
    pub(super) fn bear_interest(&mut self, day: DayNumber, tolerance: i64) {
        let mut overdue = 0;
        if self.days_past_due(day, tolerance) > 0 {
            let over = |bill: &Bill| if !bill.is_carried() && bill.grace_until < day { bill.principal } else { 0 };
            overdue = self.of_bills(over).min(self.bearing());
        }
        for instalments in [true, false] {
            for loan in self.loans.iter_mut().filter(|loan| loan.revolves() != instalments) {
                let late = loan.bearing.min(overdue);
                overdue -= late;
                let base = if loan.day_one { loan.principal() } else { loan.bearing };
                loan.interest += i128::from(base - late) * i128::from(loan.annual_bp);
                self.penalty += i128::from(late) * i128::from(loan.late_ppm);
            }
        }
    }

    /// All interest is posted but for what rounding leaves: interest and late interest in fen.
    pub(super) fn post_interest(&mut self) -> (i64, i64) {
        let (interest, penalty) = self.accrued();
        self.loans.iter_mut().for_each(|loan| loan.interest = 0);
        let posted = (Fraction::of(interest, YEARS).nearest(), Fraction::of(penalty, DAYS).nearest());
        self.interest = interest - i128::from(posted.0) * YEARS;
        self.penalty = penalty - i128::from(posted.1) * DAYS;
        posted
    }

    /// Demanded principal falls by at most `fen`, oldest bill first; gone bills are forgotten.
    pub(super) fn demand_less(&mut self, fen: i64) {
        let mut left = fen;
        for bill in &mut self.bills {
            let part = left.min(bill.principal);
            bill.principal -= part;
            left -= part;
        }
        self.forget_what_is_over();
    }

    /// Paid bills and ended loans go; the interest of an ended loan stays with the account. Loans with tips
    /// that can be taken back wait for the statement.
    pub(super) fn forget_what_is_over(&mut self) {
        self.bills.retain(|bill| bill.unpaid() > 0);
        let tips = &self.tips;
        let ended = |loan: &Loan| loan.principal() == 0 && tips.iter().all(|tip| tip.loan != loan.id || tip.left == 0);
        self.interest += self.loans.iter().filter(|loan| ended(loan)).map(|loan| loan.interest).sum::<i128>();
        self.loans.retain(|loan| !ended(loan));
    }

    pub(super) fn loan(&mut self, id: u32) -> Option<&mut Loan> {
        self.loans.iter_mut().find(|loan| loan.id == id)
    }
}
