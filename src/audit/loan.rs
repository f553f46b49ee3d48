//! A loan as the auditor keeps it: every drawing, conversion and hardship plan for itself, with the price of the day on which it was made
//! and the funders that lent it.

use crate::audit::arithmetic::{ceil, growth, half_even, level_payment, months_of, part};
use crate::base::ids::{FUNDERS, Funder};
use crate::base::time::Day;

/// What a loan is and how its principal comes onto statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sale or a card: whole on the next statement.
    Drawing,
    /// Tips of a cycle lent with the same partner at the same price: whole on the next statement.
    Tips(Funder),
    /// Equal payments.
    Level,
    /// Equal principal.
    EqualPrincipal,
    /// Equal principal and a flat fee.
    Flat,
    /// A hardship plan: equal payments.
    Hardship,
}

/// When the first part of a loan in parts comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FirstPart {
    /// With the next statement; its interest counts days.
    #[default]
    Days,
    /// With the statement after the next one; its interest is that of a whole period.
    NextCycle,
}

/// A part that comes onto a statement, without coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub principal: i64,
    pub interest: i64,
    pub fee: i64,
}

/// A loan. Amounts in fen.
#[derive(Clone, Debug)]
pub(super) struct Loan {
    /// The how-manieth of its account, for the purchases and cards that hang on it.
    pub number: u32,
    pub kind: Kind,
    pub made: Day,
    pub annual_bp: i64,
    /// Late interest a day.
    pub late_ppm: i64,
    /// Bears interest from the day of drawing.
    pub day_one: bool,
    /// Not on a statement yet.
    pub coming: i64,
    /// On a statement and unpaid.
    pub billed: i64,
    /// … that bears interest.
    pub bearing: i64,
    pub by_funder: [i64; FUNDERS],
    /// fen × basis points × days.
    pub accrued: i64,
    pub parts: u8,
    pub parts_left: u8,
    pub first_part: FirstPart,
    /// Statements that still go by before the first part.
    pub wait: u8,
    /// Equal payment.
    pub payment: i64,
    /// Flat fee of the parts to come.
    pub fee_left: i64,
    pub waived_percent: i64,
    /// Due date of the last billed part; before the first the day made.
    pub point: Day,
    /// Was on a statement.
    pub was_billed: bool,
    /// Of tips: what was not taken back, and the platform's share of that.
    pub tips_left: i64,
    pub share_left: i64,
}

impl Loan {
    pub(super) fn principal(&self) -> i64 {
        self.coming + self.billed
    }

    /// It comes onto statements in parts.
    pub(super) fn in_parts(&self) -> bool {
        !matches!(self.kind, Kind::Drawing | Kind::Tips(_))
    }

    /// Nothing more will come of it.
    pub(super) fn is_over(&self) -> bool {
        self.principal() == 0 && self.tips_left == 0
    }

    /// Works the equal payment out over the parts that are left.
    pub(super) fn level(&mut self) {
        if matches!(self.kind, Kind::Level | Kind::Hardship) && self.parts_left > 0 {
            self.payment = level_payment(self.coming, self.annual_bp, self.parts_left);
        }
    }

    /// The next part, when its statement is due on `due`.
    pub(super) fn next(&self, due: Day) -> Part {
        let (left, last) = (i64::from(self.parts_left), self.parts_left == 1);
        let by_days = !self.was_billed && self.first_part == FirstPart::Days;
        let interest = match by_days {
            true => self.coming * self.annual_bp * i64::from(due.since(self.made)) / 3_650_000,
            false => self.coming * self.annual_bp / 120_000,
        };
        let principal = match self.kind {
            _ if last => self.coming,
            Kind::Level | Kind::Hardship => (self.payment - interest).clamp(0, self.coming),
            _ => self.coming / left,
        };
        Part { principal, interest, fee: ceil(self.fee_left, left) }
    }

    /// Puts the next part on a statement that is due on `due`.
    pub(super) fn bill_part(&mut self, due: Day) -> Part {
        let part = self.next(due);
        self.coming -= part.principal;
        self.billed += part.principal;
        self.fee_left -= part.fee;
        self.parts_left -= 1;
        self.point = due;
        self.was_billed = true;
        part
    }

    /// All parts to come, when its statements are due on `dates`.
    pub(super) fn parts_to_come(&self, dates: &[Day]) -> Vec<(Day, Part)> {
        let mut copy = self.clone();
        dates.iter().take(usize::from(self.parts_left)).map(|due| (*due, copy.bill_part(*due))).collect()
    }

    /// Splits an amount of its principal over its funders: partners in proportion to what each has lent of this loan, rounded up, the
    /// platform the rest.
    pub(super) fn split(&self, amount: i64) -> [i64; FUNDERS] {
        let total: i64 = self.by_funder.iter().sum();
        let mut parts = [0; FUNDERS];
        let mut left = amount;
        for (part, lent) in parts.iter_mut().zip(self.by_funder).skip(1) {
            if lent > 0 {
                *part = ceil(amount * lent, total).min(lent).min(left);
                left -= *part;
            }
        }
        parts[0] = left;
        parts
    }

    /// Takes a part of what is still to come: parts left stay, the payment is worked out anew, a flat fee falls with it.
    pub(super) fn shrink(&mut self, amount: i64) {
        if amount == 0 {
            return;
        }
        self.fee_left -= part(self.fee_left, amount, self.coming);
        self.coming -= amount;
        if self.coming == 0 {
            self.parts_left = 0;
        }
        self.level();
    }

    /// Takes a paid part of what is billed: what bears interest falls first.
    pub(super) fn pay_billed(&mut self, amount: i64) {
        self.billed -= amount;
        self.bearing = (self.bearing - amount).max(0);
    }

    /// A charge less what the coupon waives of it.
    pub(super) fn after_coupon(&self, charge: i64) -> i64 {
        charge - half_even(charge * self.waived_percent, 100)
    }

    /// What prepaying a part of what is to come costs: the charge of one period, no more than running on with statements due on `dates`,
    /// and no more than growth at the cap since the last due date.
    pub(super) fn prepayment_charge(&self, amount: i64, dates: &[Day], cap_bp: i64, day: Day) -> i64 {
        let period = match self.kind {
            Kind::Flat => ceil(self.fee_left, i64::from(self.parts_left)) * amount / self.coming,
            _ => amount * self.annual_bp / 120_000,
        };
        let to_come = self.parts_to_come(dates);
        let charges = to_come.iter().map(|(_, part)| self.after_coupon(part.interest) + self.after_coupon(part.fee));
        let running_on = charges.sum::<i64>() * amount / self.coming;
        let growth = growth(cap_bp, months_of(day.since(self.point).max(0)));
        let at_cap = (amount as f64 * growth).floor() as i64;
        half_even(period * (100 - self.waived_percent), 100).min(running_on).min(at_cap).max(0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A loan in parts, made on day 1,000 and lent by the platform alone.
    pub(in crate::audit) fn in_parts(kind: Kind, coming: i64, annual_bp: i64, parts: u8) -> Loan {
        let mut loan = Loan {
            number: 0,
            kind,
            made: Day(1_000),
            annual_bp,
            late_ppm: 500,
            day_one: false,
            coming,
            billed: 0,
            bearing: 0,
            by_funder: [coming, 0, 0, 0],
            accrued: 0,
            parts,
            parts_left: parts,
            first_part: FirstPart::Days,
            wait: 0,
            payment: 0,
            fee_left: 0,
            waived_percent: 0,
            point: Day(1_000),
            was_billed: false,
            tips_left: 0,
            share_left: 0,
        };
        loan.level();
        loan
    }

    #[test]
    fn the_first_part_counts_days_and_the_others_months() {
        // 1,200 yuan in 3 at 21.90 %: 414.68 a month. Due after 6 days: 1,200 × 0.219 × 6 / 365 = 4.32.
        let mut loan = in_parts(Kind::Level, 120_000, 2_190, 3);
        assert_eq!(loan.bill_part(Day(1_006)), Part { principal: 41_036, interest: 432, fee: 0 });
        // 789.64 × 0.219 / 12 = 14.41; the last part takes what is left: 388.81 × 0.01825 = 7.09.
        assert_eq!(loan.bill_part(Day(1_034)), Part { principal: 40_027, interest: 1_441, fee: 0 });
        assert_eq!(loan.bill_part(Day(1_065)), Part { principal: 38_937, interest: 710, fee: 0 });
        assert_eq!((loan.coming, loan.billed, loan.parts_left, loan.point), (0, 120_000, 0, Day(1_065)));
        let late = Loan { first_part: FirstPart::NextCycle, ..in_parts(Kind::Level, 120_000, 2_190, 3) };
        assert_eq!(late.next(Day(1_034)).interest, 2_190);
    }

    #[test]
    fn what_divides_evenly_comes_out_even_and_odd_fen_of_a_fee_come_first() {
        let parts = |loan: &Loan| -> Vec<Part> {
            loan.parts_to_come(&[Day(1_006), Day(1_034), Day(1_065)]).into_iter().map(|(_, part)| part).collect()
        };
        let even = parts(&in_parts(Kind::Level, 120_000, 0, 3));
        assert_eq!(even, [Part { principal: 40_000, interest: 0, fee: 0 }; 3]);
        let flat = Loan { fee_left: 100, ..in_parts(Kind::Flat, 1_000, 0, 3) };
        let fen = parts(&flat).into_iter().map(|part| (part.principal, part.fee)).collect::<Vec<_>>();
        assert_eq!(fen, [(333, 34), (333, 33), (334, 33)]);
        let equal = in_parts(Kind::EqualPrincipal, 120_000, 1_200, 3);
        let interest = parts(&equal).into_iter().map(|part| part.interest).collect::<Vec<_>>();
        // 1,200 × 0.12 × 6 / 365 = 2.367; then 800 and 400 for a month at 1 %.
        assert_eq!(interest, [236, 800, 400]);
    }

    #[test]
    fn a_loan_shrinks_with_its_fee_and_its_payment() {
        let mut flat = Loan { fee_left: 100, ..in_parts(Kind::Flat, 1_000, 0, 3) };
        flat.shrink(250);
        assert_eq!((flat.coming, flat.fee_left, flat.parts_left), (750, 75, 3));
        flat.shrink(750);
        assert_eq!((flat.fee_left, flat.parts_left, flat.is_over()), (0, 0, true));
        let mut level = in_parts(Kind::Level, 120_000, 2_190, 3);
        level.shrink(60_000);
        // Half of the loan costs half of 41,468 a month.
        assert_eq!((level.payment, level.parts_left), (20_734, 3));
    }

    #[test]
    fn principal_goes_back_to_those_who_lent_this_loan() {
        let loan = Loan { by_funder: [350, 0, 650, 0], ..in_parts(Kind::Level, 1_000, 0, 3) };
        // 333 × 0.65 = 216.45, the partner's part rounded up.
        assert_eq!(loan.split(333), [116, 0, 217, 0]);
        assert_eq!(loan.split(1_000), [350, 0, 650, 0]);
    }

    #[test]
    fn settling_costs_a_period_but_no_more_than_running_on_or_the_cap() {
        let mut loan = in_parts(Kind::Level, 120_000, 2_190, 3);
        loan.bill_part(Day(1_006));
        let dates = [Day(1_034), Day(1_065)];
        // One period on 789.64 is 14.41. Ten days at 24 %: 789.64 × (1.02^(120/365) − 1) = 5.157.
        let charge = |loan: &Loan, day| loan.prepayment_charge(loan.coming, &dates, 2_400, Day(day));
        assert_eq!([charge(&loan, 1_040), charge(&loan, 1_016), charge(&loan, 1_004)], [1_441, 515, 0]);
        // With a coupon over everything running on costs nothing.
        let free = Loan { waived_percent: 100, ..loan };
        assert_eq!(charge(&free, 1_040), 0);
    }
}
