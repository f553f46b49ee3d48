//! Opening and close of a day: docs/rules.md §2.5, §15, §17, §18.

use super::account::{Account, Bill};
use super::book::{Book, Group};
use super::calendar::in_month;
use super::exact::Fraction;
use super::rules::{Rules, Told};
use crate::credit::chart::{Account as Ledger, Posting};
use crate::credit::command::Status;

impl Book {
    /// A day opens: its interest, then its room.
    pub(super) fn open_day(&mut self, rules: Rules, told: Told) {
        self.rules = rules;
        self.told = told;
        self.books.room = told.room;
        for account in self.accounts.iter_mut().filter(|account| account.is_live()) {
            account.bear_interest(told.day, self.rules.tolerance);
        }
    }

    /// The day closes.
    pub(super) fn close_day(&mut self) {
        let day = self.told.day;
        let (day_of_month, is_last) = in_month(day);
        for user in 0..self.accounts.len() {
            self.tidy(user);
        }
        for account in self.accounts.iter_mut().filter(|account| account.is_live()) {
            if self.groups[account.group].grace_until == day {
                account.loans.iter_mut().for_each(|loan| loan.bearing = loan.billed);
            }
        }
        for user in 0..self.accounts.len() {
            self.age(user);
        }
        for group in 0..self.groups.len() {
            if self.rules.bill_days[group] == day_of_month {
                let due = day + self.rules.due_after[group];
                self.groups[group] = Group { due, grace_until: due + self.rules.grace_days };
                for user in 0..self.accounts.len() {
                    if self.accounts[user].group == group {
                        self.bill_day(user);
                    }
                }
            }
        }
        self.books.settle(&self.rules);
        if is_last {
            let live = self.accounts.iter().filter(|account| account.is_live()).count() as i64;
            self.books.post(Posting::ServicePaid, live * self.rules.service_cost);
            // Nothing is expected to be lost in these streams, so that what write-offs drew is put back.
            let drawn = self.books.balance(Ledger::LossAllowance);
            self.books.post(Posting::Impair, drawn);
        }
    }

    /// Holds whose last day this is are released; what cannot be refunded any more is forgotten.
    fn tidy(&mut self, user: usize) {
        let (day, refund_days) = (self.told.day, self.rules.refund_days);
        let account = &mut self.accounts[user];
        for purchase in &mut account.purchases {
            if purchase.captured.is_none() && purchase.last_day <= day {
                self.books.room.iter_mut().zip(purchase.reserved).for_each(|(room, part)| *room += part);
                purchase.held = 0;
            }
        }
        account.purchases.retain(|purchase| purchase.captured.is_some() || purchase.held > 0);
        // When they are forgotten is the engine's business; long after their days nobody can tell.
        account
            .purchases
            .retain(|purchase| purchase.captured.is_none_or(|captured| day <= captured + refund_days + 40));
    }

    /// Freezing, thawing and write-off, as of tomorrow.
    fn age(&mut self, user: usize) {
        let rules = &self.rules;
        let account = &mut self.accounts[user];
        account.contact = 0;
        if !account.is_live() {
            return;
        }
        let dpd = account.days_past_due(self.told.day + 1, rules.tolerance);
        if account.is_beyond_grace(self.told.day + 1, rules.tolerance) {
            account.late_in_cycle = true;
        }
        if dpd >= rules.writeoff_dpd {
            self.write_off(user);
            return;
        }
        // Every third day, by the strongest channel that is due (§17.5).
        if dpd > 0 && (self.told.day + account.slot) % 3 == 0 {
            account.contact = (1..6).rev().find(|channel| dpd >= rules.channels[*channel].0).unwrap_or(0);
            self.books.post(Posting::CollectionPaid, rules.channels[account.contact].1);
        }
        if account.status == Status::Open && dpd >= rules.freeze_dpd {
            account.status = Status::Frozen;
        } else if account.status == Status::Frozen && dpd == 0 && !account.misuse && !account.reaged {
            account.status = Status::Open;
        }
    }

    fn write_off(&mut self, user: usize) {
        let account = &mut self.accounts[user];
        let parts = std::array::from_fn(|funder| account.by_funder(funder));
        account.claim = account.principal() + account.charges();
        let posted = [
            (Posting::WriteOffInterest, account.of_bills(|bill| bill.interest)),
            (Posting::WriteOffFee, account.of_bills(|bill| bill.fees)),
            (Posting::WriteOffPenalty, account.of_bills(|bill| bill.penalty)),
        ];
        let of_holds = |funder: usize| account.purchases.iter().map(|purchase| purchase.reserved[funder]).sum();
        let reserved = std::array::from_fn(of_holds);
        let over = Account::none(account.slot, account.group);
        let old = std::mem::replace(account, over);
        *account = Account {
            status: Status::WrittenOff,
            tier: old.tier,
            rate_bp: old.rate_bp,
            cards_closed: old.cards_closed,
            misuse: old.misuse,
            cards: old.cards,
            claim: old.claim,
            written_off: self.told.day,
            ..account.clone()
        };
        self.books.give_room(reserved);
        self.books.write_off(&self.rules, parts);
        posted.into_iter().for_each(|(kind, fen)| self.books.post(kind, fen));
    }

    /// The statement day of an account: sale of a claim, or changed terms, the end of a probation, and the statement.
    fn bill_day(&mut self, user: usize) {
        let (day, rules) = (self.told.day, &self.rules);
        let group = self.groups[self.accounts[user].group];
        let account = &mut self.accounts[user];
        if account.status == Status::WrittenOff && day >= account.written_off + rules.sale_after {
            let price = Fraction::product(account.claim, rules.sale_ppm, 1_000_000).nearest();
            self.books.post(Posting::ClaimSale, price);
            account.status = Status::Sold;
            account.claim = 0;
        }
        if !account.is_live() {
            return;
        }
        account.review(rules, day);
        if account.reaged && account.plan_is_over(day, rules.tolerance) {
            account.reaged = false;
            if !account.misuse {
                account.status = Status::Open;
            }
        }
        account.converted = false;
        account.tips.clear();
        let posted = account.bill(rules, day, group);
        account.forget_what_is_over();
        account.statement = account.billed() + account.charges();
        self.books.post(Posting::ChargeInterest, posted.interest);
        self.books.post(Posting::ChargeFee, posted.fees);
        self.books.post(Posting::ChargePenalty, posted.penalty);
        self.books.post(Posting::WaiveInterest, posted.waived.0);
        self.books.post(Posting::WaiveFee, posted.waived.1);
    }
}

/// What a statement posts.
struct Posted {
    interest: i64,
    fees: i64,
    penalty: i64,
    waived: (i64, i64),
}

impl Account {
    /// §11.2: first the changed terms, then limit and tier.
    fn review(&mut self, rules: &Rules, day: i64) {
        self.lower_limit(rules);
        let late = self.late_in_cycle;
        self.good_months = if late { 0 } else { (self.good_months + 1).min(120) };
        if rules.cap_binds_open {
            self.loans.iter_mut().for_each(|loan| loan.bind_to_cap(rules.cap_bp));
        }
        self.follow_tier(rules, rules.risk_based || !rules.rate_bp.contains(&self.rate_bp));
        if self.status == Status::Open {
            self.late_in_cycle = false;
            if day >= self.opened + rules.first_review_days {
                self.move_limit(rules, late);
                self.follow_tier(rules, rules.risk_based);
            }
        }
    }

    /// §11.11.
    fn lower_limit(&mut self, rules: &Rules) {
        let round = rules.lower_round;
        // Numbers rise: one that is set back reaches nobody who went through a later one.
        let went = self.opened_round.max(self.lowered_round) >= round;
        if round == 0 || went || self.status != Status::Open || self.tier < rules.lower_from_tier {
            return;
        }
        self.lowered_round = round;
        let tens = Fraction::product(self.limit, 1_000_000 - rules.lower_share_ppm, 1_000_000_000).nearest();
        self.limit = (tens * 1_000).max(rules.lower_floor).min(self.limit);
    }

    /// Card function, and maybe the rate, are those of the tier.
    fn follow_tier(&mut self, rules: &Rules, with_rate: bool) {
        if with_rate {
            self.rate_bp = rules.rate_bp[self.tier];
        }
        self.cards_closed = self.tier >= rules.cards_closed_from_tier;
    }

    /// §11.3, §11.4, §11.9.
    fn move_limit(&mut self, rules: &Rules, late: bool) {
        let ppm = |fen: i64, ppm: i64| Fraction::product(fen, ppm, 1_000_000).nearest();
        if late {
            self.limit = ppm(self.limit, rules.cut_ppm);
            self.tier = (self.tier + 1).min(4);
            return;
        }
        let is_lowered = rules.lower_round > 0 && self.lowered_round == rules.lower_round;
        if !is_lowered && (self.principal() + self.held()) * 1_000_000 >= self.limit * rules.raise_from_use_ppm {
            let raised = self.limit + ppm(self.limit, rules.raise_ppm - 1_000_000);
            let even = Fraction::of(raised, 1_000).nearest() * 1_000;
            let income = ppm(self.income * 100, rules.income_multiple_ppm);
            let most = rules.tier_ceiling[self.tier].min(income).min(rules.ceiling);
            self.limit = even.min(most).max(self.limit);
        }
        if self.good_months % 6 == 0 {
            self.tier = self.tier.saturating_sub(1);
        }
    }

    fn plan_is_over(&self, day: i64, tolerance: i64) -> bool {
        let paid = self.loans.iter().all(|loan| loan.kind != super::account::Kind::Hardship);
        paid && self.days_past_due(day, tolerance) == 0 && day >= self.probation_until
    }

    /// A new bill (§15.1–§15.4).
    fn bill(&mut self, rules: &Rules, day: i64, group: Group) -> Posted {
        let (interest, penalty) = self.post_interest();
        let mut bill = Bill { due: group.due, grace_until: group.grace_until, interest, penalty, ..Bill::default() };
        // What is within the tolerance, from the oldest on, is carried into it.
        let mut unpaid = 0;
        let carried = self.bills.iter().take_while(|old| {
            unpaid += old.unpaid();
            unpaid <= rules.tolerance || old.is_carried()
        });
        for old in self.bills.drain(..carried.count()) {
            bill.interest += old.interest;
            bill.fees += old.fees;
            bill.penalty += old.penalty;
            bill.principal += old.principal;
        }
        let mut posted = Posted { interest, fees: 0, penalty, waived: (0, 0) };
        let mut parts = 0;
        for loan in &mut self.loans {
            if loan.revolves() {
                loan.billed += loan.coming;
                loan.coming = 0;
            } else if loan.statements_to_wait > 0 {
                loan.statements_to_wait -= 1;
            } else if loan.coming > 0 {
                let part = loan.bill_part(day + (group.due - day));
                let waived = part.waived(loan.waived_percent);
                parts += part.principal;
                bill.interest += part.interest - waived.0;
                bill.fees += part.fee - waived.1;
                posted.interest += part.interest;
                posted.fees += part.fee;
                posted.waived = (posted.waived.0 + waived.0, posted.waived.1 + waived.1);
            }
        }
        let demanded = self.demanded_principal() + bill.principal;
        let other = (self.billed() - demanded - parts).max(0);
        let least = rules.minimum_floor.min(other);
        bill.principal += parts + Fraction::product(other, rules.minimum_ppm, 1_000_000).up().max(least);
        self.bills.push(bill);
        posted
    }
}
