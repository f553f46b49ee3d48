//! What a loan in parts costs: the price of the day, brought under the cap on its real due dates where that is possible.

use crate::audit::Evidence;
use crate::audit::account::Account;
use crate::audit::arithmetic::{half_even, months_of, present_value};
use crate::audit::loan::{FirstPart, Kind, Loan};
use crate::audit::rules::{Late, Plan, Rules};
use crate::base::ids::{FUNDERS, Funder, Slot};
use crate::base::time::Day;

/// Above this many fen over the principal at the cap a schedule of whole months is a breach: floating point cannot tell less.
const WHOLE_MONTHS_TOLERANCE_FEN: f64 = 1e-6;

/// The error of floating point where dates are real and amounts at the cap are never whole.
const REAL_DATES_TOLERANCE_FEN: f64 = 1e-8;

/// Due dates of the statements of a group from `from` on.
pub(super) fn due_dates(rules: &Rules, group: usize, from: Day, count: usize) -> Vec<Day> {
    let (Some(bill_day), Some(after)) = (rules.bill_days.get(group), rules.due_after_days.get(group)) else {
        return Vec::new();
    };
    let mut dates = Vec::with_capacity(count);
    let mut day = from;
    while dates.len() < count {
        if day.ymd().2 as u8 == *bill_day {
            dates.push(day.plus(*after));
            day = day.plus(27);
        }
        day = day.plus(1);
    }
    dates
}

/// Late interest a day of a loan made today by an account that pays `annual_bp`, within the cap.
fn late_ppm(rules: &Rules, annual_bp: i64) -> i64 {
    let wished = match rules.late {
        Late::Published(daily_ppm) => daily_ppm,
        Late::Surcharge(surcharge_ppm) => annual_bp * 100 * (1_000_000 + surcharge_ppm) / (365 * 1_000_000),
    };
    wished.min(rules.cap_bp * 100 / 365)
}

/// A drawing of today, lent by `by_funder`.
pub(super) fn drawing(evidence: Evidence<'_>, account: &Account, kind: Kind, by_funder: [i64; FUNDERS]) -> Loan {
    let rules = evidence.rules;
    Loan {
        number: account.loans_made,
        kind,
        made: evidence.day(),
        annual_bp: account.annual_bp.min(rules.cap_bp),
        late_ppm: late_ppm(rules, account.annual_bp),
        day_one: rules.interest_from_day_one,
        coming: by_funder.iter().sum(),
        billed: 0,
        bearing: 0,
        by_funder,
        accrued: 0,
        parts: 0,
        parts_left: 0,
        first_part: rules.first_part,
        wait: 0,
        payment: 0,
        fee_left: 0,
        waived_percent: 0,
        point: evidence.day(),
        was_billed: false,
        tips_left: 0,
        share_left: 0,
    }
}

/// Parts of one drawing by funder.
pub(super) fn lent_by(rules: &Rules, amount: i64, funder: Funder) -> [i64; FUNDERS] {
    let mut parts = [0; FUNDERS];
    let part = rules.partner_part(amount, funder);
    parts[funder.index()] = part;
    parts[0] = amount - part;
    parts
}

/// A hardship plan over principal that was lent by `by_funder`.
pub(super) fn hardship(evidence: Evidence<'_>, account: &Account, by_funder: [i64; FUNDERS]) -> Loan {
    let rules = evidence.rules;
    let mut loan = Loan {
        annual_bp: rules.hardship_bp,
        day_one: false,
        parts: rules.hardship_months,
        parts_left: rules.hardship_months,
        ..drawing(evidence, account, Kind::Hardship, by_funder)
    };
    loan.level();
    loan
}

/// What the payments to come are worth today at the cap, coupon left out.
fn worth(rules: &Rules, loan: &Loan, dates: &[Day], months: impl Fn(usize, Day) -> f64) -> f64 {
    let parts = loan.parts_to_come(dates);
    let payments =
        parts.iter().enumerate().map(|(k, (due, part))| (months(k, *due), part.principal + part.interest + part.fee));
    present_value(rules.cap_bp, payments)
}

fn within_cap(rules: &Rules, loan: &Loan, dates: &[Day]) -> bool {
    let worth = worth(rules, loan, dates, |_, due| months_of(due.since(loan.made)));
    worth <= loan.coming as f64 + REAL_DATES_TOLERANCE_FEN
}

/// The loan in parts that `by_funder` becomes under the rules of the day, within the cap; `None` when the term is not offered or the
/// flat fee breaks the cap over whole months.
pub(super) fn in_parts(
    evidence: Evidence<'_>,
    slot: Slot,
    account: &Account,
    by_funder: [i64; FUNDERS],
    months: u8,
) -> Option<Loan> {
    let rules = evidence.rules;
    let (_, index) = *rules.terms_offered.iter().find(|(term, _)| *term == months)?;
    let (kind, annual_bp) = match rules.plan {
        Plan::Level => (Kind::Level, account.annual_bp),
        Plan::EqualPrincipal => (Kind::EqualPrincipal, account.annual_bp),
        Plan::Flat(_) => (Kind::Flat, 0),
    };
    let wait = u8::from(rules.first_part == FirstPart::NextCycle);
    let mut loan = Loan {
        annual_bp,
        day_one: false,
        parts: months,
        parts_left: months,
        wait,
        waived_percent: i64::from(evidence.facts.coupon_percent),
        ..drawing(evidence, account, kind, by_funder)
    };
    let group = usize::from(evidence.facts.accounts[slot.index()].group);
    let dates = due_dates(rules, group, evidence.day(), usize::from(months + wait)).split_off(usize::from(wait));
    if let Plan::Flat(fees) = &rules.plan {
        loan.fee_left = half_even(loan.coming * fees[usize::from(account.tier)][index], 10_000);
        let whole_months = worth(rules, &loan, &dates, |k, _| k as f64 + 1.0);
        if whole_months > loan.coming as f64 + WHOLE_MONTHS_TOLERANCE_FEN {
            return None;
        }
        cut_fee(rules, &mut loan, &dates);
    } else {
        loan.level();
        price_down(rules, &mut loan, &dates);
    }
    Some(loan)
}

/// A loan in parts of this amount and term is not on offer, or breaks the cap over whole months.
pub(super) fn is_refused(evidence: Evidence<'_>, slot: Slot, account: &Account, amount: i64, months: u8) -> bool {
    let mut lent = [0; FUNDERS];
    lent[0] = amount;
    matches!(evidence.rules.plan, Plan::Flat(_)) && in_parts(evidence, slot, account, lent, months).is_none()
}

/// A law that binds open loans brings one down to the cap with a statement: late rate, and rate with the payments to come, or the flat fee,
/// of which principal to come and fee to come over the whole term are held against the cap in whole months.
pub(super) fn bind_to_cap(rules: &Rules, loan: &mut Loan) {
    loan.late_ppm = loan.late_ppm.min(rules.cap_bp * 100 / 365);
    if loan.kind != Kind::Flat {
        if loan.annual_bp > rules.cap_bp {
            loan.annual_bp = rules.cap_bp;
            loan.level();
        }
        return;
    }
    let dates = vec![loan.made; usize::from(loan.parts)];
    let mut contract = Loan { parts_left: loan.parts, ..loan.clone() };
    let mut within = |fee: i64| {
        contract.fee_left = fee;
        let worth = worth(rules, &contract, &dates, |k, _| k as f64 + 1.0);
        worth <= contract.coming as f64 + WHOLE_MONTHS_TOLERANCE_FEN
    };
    if loan.coming == 0 || within(loan.fee_left) {
        return;
    }
    let (mut holds, mut breaks) = (0, loan.fee_left);
    while breaks - holds > 1 {
        let middle = (holds + breaks) / 2;
        if within(middle) { holds = middle } else { breaks = middle }
    }
    loan.fee_left = holds;
}

/// The largest fee that holds.
fn cut_fee(rules: &Rules, loan: &mut Loan, dates: &[Day]) {
    if within_cap(rules, loan, dates) {
        return;
    }
    let (mut holds, mut breaks) = (0, loan.fee_left);
    while breaks - holds > 1 {
        loan.fee_left = (holds + breaks) / 2;
        match within_cap(rules, loan, dates) {
            true => holds = loan.fee_left,
            false => breaks = loan.fee_left,
        }
    }
    loan.fee_left = holds;
}

/// The highest whole rate that holds, from the account's own down.
fn price_down(rules: &Rules, loan: &mut Loan, dates: &[Day]) {
    while loan.annual_bp > 0 && !within_cap(rules, loan, dates) {
        let excess = worth(rules, loan, dates, |_, due| months_of(due.since(loan.made))) - loan.coming as f64;
        // A basis point is worth at most this much over the whole term, and each part is rounded by less than two fen: what is
        // certainly too far is left out, the rest goes point by point.
        let years = f64::from(dates.last().map_or(0, |due| due.since(loan.made))) / 365.0;
        let a_point = loan.coming as f64 * years / 10_000.0;
        let certain = excess - 4.0 * f64::from(loan.parts);
        loan.annual_bp -= ((certain / a_point / 2.0) as i64).max(1);
        loan.level();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::loan::tests::in_parts;

    #[test]
    fn statements_come_on_their_days() {
        let rules = Rules { bill_days: vec![1, 15], due_after_days: vec![5, 10], ..Rules::default() };
        let day = |month, day| Day::from_ymd(2027, month, day).expect("a date");
        assert_eq!(due_dates(&rules, 0, day(1, 31), 3), [day(2, 6), day(3, 6), day(4, 6)]);
        // The statement of the day itself is still to come.
        assert_eq!(due_dates(&rules, 1, day(1, 15), 2), [day(1, 25), day(2, 25)]);
    }

    #[test]
    fn late_interest_is_published_or_a_surcharge_on_the_rate() {
        let published = Rules { late: Late::Published(500), cap_bp: 2_400, ..Rules::default() };
        assert_eq!(late_ppm(&published, 2_190), 500);
        // 21.90 % and half of it more are 32.85 % a year, 900 ppm a day; the cap of 24 % leaves 657.
        let dear = Rules { late: Late::Surcharge(500_000), cap_bp: 3_600, ..Rules::default() };
        assert_eq!(late_ppm(&dear, 2_190), 900);
        assert_eq!(late_ppm(&Rules { cap_bp: 2_400, ..dear }, 2_190), 657);
    }

    /// Statements on the 1st, due five days later, for a loan of 31 January 2027.
    fn after_january(parts: usize) -> (Day, Vec<Day>) {
        let rules = Rules { bill_days: vec![1], due_after_days: vec![5], ..Rules::default() };
        let made = Day::from_ymd(2027, 1, 31).expect("a date");
        (made, due_dates(&rules, 0, made, parts))
    }

    #[test]
    fn a_rate_above_the_cap_comes_down_to_the_highest_that_holds() {
        let rules = Rules { cap_bp: 2_400, ..Rules::default() };
        let (made, dates) = after_january(3);
        let priced = |annual_bp| {
            let mut loan = Loan { made, ..in_parts(Kind::Level, 120_000, annual_bp, 3) };
            price_down(&rules, &mut loan, &dates);
            loan.annual_bp
        };
        assert_eq!(priced(2_190), 2_190);
        let highest = priced(3_600);
        assert!((2_250..2_400).contains(&highest), "{highest}");
        let holds =
            |annual_bp| within_cap(&rules, &Loan { made, ..in_parts(Kind::Level, 120_000, annual_bp, 3) }, &dates);
        assert!(holds(highest) && (highest + 1..=3_600).all(|annual_bp| !holds(annual_bp)));
    }

    #[test]
    fn a_month_of_interest_for_six_days_breaks_the_cap() {
        let rules = Rules { cap_bp: 2_400, ..Rules::default() };
        let (made, dates) = after_january(3);
        let by_days = Loan { made, ..in_parts(Kind::Level, 120_000, 1_800, 3) };
        assert!(within_cap(&rules, &by_days, &dates));
        let by_month = Loan { first_part: FirstPart::NextCycle, ..by_days };
        assert!(!within_cap(&rules, &by_month, &dates));
    }

    #[test]
    fn a_flat_fee_is_cut_to_the_largest_that_holds() {
        let rules = Rules { cap_bp: 2_400, ..Rules::default() };
        let (made, dates) = after_january(3);
        // 3.6 % for 3 months is 21.5 % a year over whole months; the first part comes after six days.
        let mut loan = Loan { made, fee_left: 4_320, ..in_parts(Kind::Flat, 120_000, 0, 3) };
        cut_fee(&rules, &mut loan, &dates);
        assert!((1..4_320).contains(&loan.fee_left), "{}", loan.fee_left);
        assert!(within_cap(&rules, &loan, &dates));
        loan.fee_left += 1;
        assert!(!within_cap(&rules, &loan, &dates));
    }
}
