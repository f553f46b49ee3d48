//! Parts of instalment loans, and what a loan costs at most (docs/rules.md §14).

use super::account::{Kind, Loan};
use super::calendar::{DayNumber, next_with};
use super::exact::{Fraction, level_payment, within_cap_by_days, within_cap_by_months};
use super::rules::{Instalments, Rules};

/// A part as a statement bills it, coupon not taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub principal: i64,
    pub interest: i64,
    pub fee: i64,
}

impl Part {
    /// What a coupon waives of interest and of fee.
    pub(super) fn waived(&self, percent: i64) -> (i64, i64) {
        let of = |fen| Fraction::product(fen, percent, 100).nearest();
        (of(self.interest), of(self.fee))
    }
}

impl Loan {
    /// The next part, when its statement is due on `due`.
    pub(super) fn next_part(&self, due: DayNumber) -> Part {
        let interest = if self.first_by_days && self.parts_left == self.parts {
            Fraction::product(self.coming * self.annual_bp, due - self.made, 3_650_000).down()
        } else {
            Fraction::product(self.coming, self.annual_bp, 120_000).down()
        };
        if self.parts_left == 1 {
            return Part { principal: self.coming, interest, fee: self.fee_left };
        }
        let principal = match self.kind {
            Kind::Level | Kind::Hardship => (self.payment - interest).clamp(0, self.coming),
            _ => Fraction::of(self.coming, self.parts_left).down(),
        };
        Part { principal, interest, fee: Fraction::of(self.fee_left, self.parts_left).up() }
    }

    /// The next part is billed.
    pub(super) fn bill_part(&mut self, due: DayNumber) -> Part {
        let part = self.next_part(due);
        self.coming -= part.principal;
        self.billed += part.principal;
        self.fee_left -= part.fee;
        self.parts_left -= 1;
        self.accrual_point = due;
        part
    }

    /// All parts that are to come, with their due dates, if nothing happens.
    pub(super) fn parts_to_come(&self, dues: impl Iterator<Item = DayNumber>) -> Vec<(DayNumber, Part)> {
        let mut loan = self.clone();
        let wait = self.statements_to_wait as usize;
        dues.skip(wait).take(self.parts_left as usize).map(|due| (due, loan.bill_part(due))).collect()
    }

    /// Principal to come goes down by refund or payment: the level payment is worked out anew, a fee shrinks with it.
    pub(super) fn come_less(&mut self, fen: i64) {
        if fen == 0 {
            return;
        }
        self.fee_left -= Fraction::product(self.fee_left, fen, self.coming).nearest();
        self.coming -= fen;
        self.set_payment();
    }

    fn set_payment(&mut self) {
        if matches!(self.kind, Kind::Level | Kind::Hardship) && self.parts_left > 0 {
            self.payment = level_payment(self.coming, self.annual_bp, self.parts_left);
        }
    }

    /// The cap reaches it while it is open: rate, late rate, and of a flat fee what is left, by whole months over all parts of the
    /// contract.
    pub(super) fn bind_to_cap(&mut self, cap_bp: i64) {
        self.late_ppm = self.late_ppm.min(cap_bp * 100 / 365);
        if self.annual_bp > cap_bp {
            self.annual_bp = cap_bp;
            self.set_payment();
        }
        let within = |fee: i64| {
            let loan = Loan { parts_left: self.parts, fee_left: fee, statements_to_wait: 0, ..self.clone() };
            let payments: Vec<i64> =
                loan.parts_to_come(0..).into_iter().map(|(_, part)| part.principal + part.fee).collect();
            within_cap_by_months(self.coming, &payments, cap_bp)
        };
        if self.kind == Kind::Flat && self.coming > 0 && !within(self.fee_left) {
            let (mut holds, mut breaks) = (0, self.fee_left);
            while holds + 1 < breaks {
                let tried = (holds + breaks) / 2;
                if within(tried) { holds = tried } else { breaks = tried }
            }
            self.fee_left = holds;
        }
    }

    /// It costs at most `cap_bp` on its due dates.
    fn holds(&self, dues: &[DayNumber], cap_bp: i64) -> bool {
        let parts = self.parts_to_come(dues.iter().copied());
        let payments: Vec<(i64, i64)> =
            parts.into_iter().map(|(due, part)| (due - self.made, part.principal + part.interest + part.fee)).collect();
        within_cap_by_days(self.coming, &payments, cap_bp)
    }
}

/// Due dates of the statements of a group from `day` on, that of the day itself included, under today's terms.
pub(super) fn coming_dues(rules: &Rules, group: usize, day: DayNumber) -> impl Iterator<Item = DayNumber> {
    let (bill_day, due_after) = (rules.bill_days[group], rules.due_after[group]);
    let mut from = day;
    std::iter::repeat_with(move || {
        let statement = next_with(from, bill_day);
        from = statement + 1;
        statement + due_after
    })
}

/// Whose loan is made, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Borrower {
    pub day: DayNumber,
    pub group: usize,
    pub tier: usize,
    pub rate_bp: i64,
    pub coupon_percent: i64,
}

/// A loan that bears nothing yet and whose funders are still to be named.
fn blank(kind: Kind, principal: i64, day: DayNumber) -> Loan {
    Loan {
        id: 0,
        kind,
        annual_bp: 0,
        late_ppm: 0,
        day_one: false,
        waived_percent: 0,
        made: day,
        coming: principal,
        billed: 0,
        bearing: 0,
        by_funder: [0; 4],
        interest: 0,
        parts: 0,
        parts_left: 0,
        payment: 0,
        fee_left: 0,
        first_by_days: false,
        accrual_point: day,
        statements_to_wait: 0,
    }
}

/// A drawing that the next statement bills whole.
pub(super) fn revolving(rules: &Rules, whose: Borrower, principal: i64) -> Loan {
    let mut loan = blank(Kind::Revolving, principal, whose.day);
    loan.annual_bp = whose.rate_bp.min(rules.cap_bp);
    loan.late_ppm = rules.late_ppm(whose.rate_bp);
    loan.day_one = rules.day_one;
    loan
}

/// A flat fee in fen, as the product states it for a tier.
fn stated_fee(rules: &Rules, fees: [i64; 4], months: i64, tier: usize, principal: i64) -> i64 {
    let term = [3, 6, 9, 12].iter().position(|term| *term == months).unwrap_or_else(|| panic!("{months} are no term"));
    let bp = Fraction::product(fees[term], rules.flat_by_tier_ppm[tier], 1_000_000).nearest();
    Fraction::product(principal, bp, 10_000).nearest()
}

/// A flat fee that breaks the cap in whole months is refused.
pub(super) fn fee_is_within_cap(rules: &Rules, tier: usize, months: i64, principal: i64) -> bool {
    let Instalments::Flat(fees) = rules.instalments else { return true };
    let mut loan = blank(Kind::Flat, principal, 0);
    (loan.parts, loan.parts_left) = (months, months);
    loan.fee_left = stated_fee(rules, fees, months, tier, principal);
    let parts = loan.parts_to_come(0..);
    let payments: Vec<i64> = parts.into_iter().map(|(_, part)| part.principal + part.fee).collect();
    within_cap_by_months(principal, &payments, rules.cap_bp)
}

/// An instalment loan as the product makes it, priced down to the cap where real due dates ask for it.
pub(super) fn instalments(rules: &Rules, whose: Borrower, months: i64, principal: i64) -> Loan {
    let kind = match rules.instalments {
        Instalments::Level => Kind::Level,
        Instalments::EqualPrincipal => Kind::EqualPrincipal,
        Instalments::Flat(_) => Kind::Flat,
    };
    let mut loan = blank(kind, principal, whose.day);
    loan.waived_percent = whose.coupon_percent;
    loan.late_ppm = rules.late_ppm(whose.rate_bp);
    in_parts(&mut loan, rules, months);
    let last = (months + loan.statements_to_wait) as usize;
    let dues: Vec<DayNumber> = coming_dues(rules, whose.group, whose.day).take(last).collect();
    if let Instalments::Flat(fees) = rules.instalments {
        let with_fee = |fee| Loan { fee_left: fee, ..loan.clone() };
        let (mut holds, mut wished) = (0, stated_fee(rules, fees, months, whose.tier, principal));
        if with_fee(wished).holds(&dues, rules.cap_bp) {
            holds = wished;
        }
        // More fee is never worth less: the largest one that holds lies between.
        while holds < wished {
            let tried = (holds + wished + 1) / 2;
            if with_fee(tried).holds(&dues, rules.cap_bp) { holds = tried } else { wished = tried - 1 }
        }
        loan.fee_left = holds;
        return loan;
    }
    loan.annual_bp = whose.rate_bp;
    loan.set_payment();
    while loan.annual_bp > 0 && !loan.holds(&dues, rules.cap_bp) {
        loan.annual_bp -= 1;
        loan.set_payment();
    }
    loan
}

fn in_parts(loan: &mut Loan, rules: &Rules, months: i64) {
    (loan.parts, loan.parts_left) = (months, months);
    loan.first_by_days = rules.first_period_by_days;
    loan.statements_to_wait = i64::from(!rules.first_period_by_days);
}

/// The loan of a hardship plan: its first part comes with the next statement in any case.
pub(super) fn hardship(rules: &Rules, whose: Borrower, principal: i64) -> Loan {
    let mut loan = blank(Kind::Hardship, principal, whose.day);
    loan.annual_bp = rules.hardship_bp;
    loan.late_ppm = rules.late_ppm(whose.rate_bp);
    in_parts(&mut loan, rules, rules.hardship_months);
    loan.statements_to_wait = 0;
    loan.set_payment();
    loan
}
