//! Wages, jobs, savings, statements, lateness (docs/rules.md §8). Default comes out of this: no chance of default is drawn.
//!
//! On payday the month is settled: wage (or benefit), living cost, debts elsewhere, unforeseen expense. What remains is
//! the buffer out of which statements are paid. A user who cannot pay is late with a cause, and pays when money comes:
//! the next wage, a new job, or money scraped together. A user who forgot pays on remembering.

use crate::agents::environment::{Environment, scale};
use crate::agents::step::{Step, StepKind, UserCtx, has};
use crate::agents::traits::{Cause, UserRow, bits, in_labour_force};
use crate::agents::{buying, levers::RepayLevers};
use crate::base::ids::Lender;
use crate::base::money::Fen32;
use crate::base::random::{Purpose, Stream, ppm_of};
use crate::credit::command::{AccountView, Channel, Command, Complaint, Glance, Reply, Source, Status};

/// What a user means to do on `act_day`, as stored in [`UserRow::act`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Act {
    /// Nothing.
    None = 0,
    /// Look at the statement and pay as money allows.
    Decide = 1,
    /// Late for so long that the user has given up.
    GaveUp = 2,
}

/// Second of the day at which wages are settled, bills are paid by hand, and scraped money comes in.
const PAY_SECOND: u32 = 34_200;

/// Days past due on which the first late charge is seen: the grace days are over.
const CHARGED_DPD: u16 = 4;

/// Savings above the target are spent again, half of the surplus a month (grade L): people keep a buffer, they do not
/// hoard.
const SURPLUS_KEPT: i32 = 2;

/// People who can pay but keep too little back for living take instalments or the minimum with this chance (grade L).
const STRETCHED_INSTALMENT_PPM: i32 = 650_000;

/// One in so many people who pay by hand does so before the due day (grade L: apps remind on the due day).
const EARLY_ONE_IN: u32 = 6;

/// Debtors without a job find money elsewhere this much less often (grade L).
const JOBLESS_SCRAPE_PPM: i64 = 350_000;

/// Month's settlement on the user's payday.
pub(crate) fn payday(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: Glance,
    view: &impl Fn() -> AccountView,
    steps: &mut Vec<Step>,
) {
    let mut work = ctx.draws(Purpose::Work);
    job_market(ctx, env, &mut work);
    settle_month(ctx.user, env, &mut work);
    let user = &mut *ctx.user;
    let mut draws = ctx.key.stream(Purpose::Repay);
    let levers = &env.levers.repay;
    match glance.status {
        Status::WrittenOff => {
            let able = user.jobless_since == 0 && !has(user, bits::FRAUD);
            if able && draws.chance_ppm(levers.recovery_monthly_ppm) {
                let part = scale(i64::from(view().claim_fen), i64::from(levers.recovery_part_ppm));
                pay(steps, glance.lender, part.max(1), Source::Recovery, true);
            }
        }
        Status::Open | Status::Frozen => {
            let conduct = &env.levers.conduct;
            let complains = draws.chance_ppm(conduct.complain_service_ppm);
            if complains {
                complain(steps, glance.lender, Complaint::Service);
            }
            let settles = draws.chance_ppm(levers.settle_early_ppm);
            let leaves = draws.chance_ppm(conduct.churn_monthly_ppm + price_churn_ppm(env, glance));
            if settles && !glance.late && i64::from(user.savings_fen) > 2 * i64::from(view().principal_fen) {
                let kind = StepKind::Payment { scraped: false };
                let command = Command::SettleEarly { loan: 0, amount_fen: Fen32(0) };
                steps.push(Step { second: PAY_SECOND, lender: glance.lender, command, kind });
            } else if leaves && view().principal_fen == Fen32::ZERO {
                let (command, kind) = (Command::Close, StepKind::Plain);
                steps.push(Step { second: PAY_SECOND, lender: glance.lender, command, kind });
                user.away_until = env.calendar.day.0 + 180;
            }
        }
        _ => {}
    }
}

/// Chance of leaving that a rate above the reference adds.
fn price_churn_ppm(env: &Environment<'_>, glance: Glance) -> i32 {
    let dearer_bp = i32::from(glance.annual_bp) - env.levers.buy.reference_annual_bp;
    env.levers.conduct.churn_price_ppm * dearer_bp.max(0) / 100
}

/// Losing and finding work, once a month, by the flows of the economy.
fn job_market(ctx: &mut UserCtx<'_>, env: &Environment<'_>, work: &mut Stream) {
    let chance = work.bits32();
    let user = &mut *ctx.user;
    if !in_labour_force(user) {
        return;
    }
    let band = match user.age {
        ..=24 => 0,
        25..=29 => 1,
        _ => 2,
    };
    let drawn = ppm_of(chance) as i32;
    if user.jobless_since == 0 {
        if drawn < env.economy.separation_ppm[band] {
            user.jobless_since = env.calendar.day.0;
            ctx.tally.flows.jobs_lost += 1;
        }
    } else if drawn < env.economy.finding_ppm {
        user.jobless_since = 0;
        ctx.tally.flows.jobs_found += 1;
    }
}

/// What a month brings a user: the wage, or the benefit out of work.
pub(crate) fn monthly_income(user: &UserRow, env: &Environment<'_>) -> i64 {
    match user.jobless_since {
        0 => scale(i64::from(user.income_fen), env.rates.income_ppm),
        _ => scale(i64::from(user.income_fen), i64::from(env.levers.repay.benefit_ppm)),
    }
}

/// Wage or benefit, living cost, debts elsewhere, unforeseen expense. Nobody's savings go below zero: people eat less
/// or are helped, and that is not money of the product.
fn settle_month(user: &mut UserRow, env: &Environment<'_>, work: &mut Stream) {
    let levers = &env.levers.repay;
    let emergency = work.chance_ppm(scale(i64::from(levers.emergency_ppm), env.rates.odds_ppm).min(1_000_000) as i32);
    let size = i64::from(env.draws.exponential_ppm.at(work.bits32()));
    let wage = scale(i64::from(user.income_fen), env.rates.income_ppm);
    let earned = monthly_income(user, env);
    let living = match user.jobless_since {
        0 => i64::from(user.living_fen),
        _ => scale(i64::from(user.living_fen), i64::from(levers.jobless_living_ppm)),
    };
    let mut savings = i64::from(user.savings_fen) + earned - living - i64::from(user.other_service_fen);
    if emergency {
        savings -= scale(scale(wage, size), i64::from(levers.emergency_size_milli) * 1000);
    }
    let target = i64::from(user.target_savings_fen);
    if savings > target {
        savings = target + (savings - target) / i64::from(SURPLUS_KEPT);
    }
    user.savings_fen = savings.clamp(0, i64::from(i32::MAX / 2)) as i32;
    user.settled_day = env.calendar.day.0;
}

/// A statement came (reported at the close of its day): when to look at it, if at all.
pub(crate) fn on_statement(ctx: &mut UserCtx<'_>, env: &Environment<'_>, view: &AccountView) {
    let levers = &env.levers.repay;
    let mut draws = ctx.draws(Purpose::Repay);
    let (strategic, forgets, early) = (draws.bits32(), draws.bits32(), draws.bits32());
    let user = &mut *ctx.user;
    let income = i64::from(user.income_fen).max(1);
    user.burden_per_mille = (i64::from(view.statement_fen) * 1000 / income).min(i64::from(u16::MAX)) as u16;
    if user.act == Act::GaveUp as u8 && view.past_due_fen.is_positive() {
        return;
    }
    user.act = Act::None as u8;
    user.act_day = 0;
    if has(user, bits::FRAUD) {
        user.cause = Cause::Fraud as u8;
        return;
    }
    let deep = i64::from(view.principal_fen) * 2 > i64::from(view.limit_fen);
    if has(user, bits::STRATEGIC) && deep && chance(strategic, i64::from(levers.strategic_monthly_ppm)) {
        user.unwilling_since = env.calendar.day.0;
    }
    if user.unwilling_since != 0 {
        user.cause = Cause::Strategic as u8;
        return;
    }
    let due = view.due_day.0;
    let mut forget = scale(i64::from(levers.forget_ppm) * i64::from(user.forgetfulness) / 32, env.rates.odds_ppm);
    if user.age < env.levers.literacy.below_age {
        forget -= scale(forget, i64::from(env.levers.literacy.forget_cut_ppm));
    }
    if chance(forgets, forget) {
        user.cause = Cause::Forgotten as u8;
        return;
    }
    user.act = Act::Decide as u8;
    let days = due.saturating_sub(env.calendar.day.0);
    let ahead = if early % EARLY_ONE_IN == 0 && days > 1 { ((early >> 8) % u32::from(days)) as u16 } else { 0 };
    user.act_day = due - ahead;
}

/// The day on which a user looks at the statement and decides by the money there is.
pub(crate) fn act_on_statement(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    view: &impl Fn() -> AccountView,
    steps: &mut Vec<Step>,
) {
    ctx.user.act_day = 0;
    ctx.user.act = Act::None as u8;
    let account = view();
    if !account.statement_fen.is_positive() {
        return;
    }
    let levers = &env.levers.repay;
    let mut draws = ctx.draws(Purpose::Repay);
    let (_, taste, term) = (draws.word(), draws.bits32(), draws.bits32());
    let user = &*ctx.user;
    let cash = i64::from(user.savings_fen);
    let bill = i64::from(account.statement_fen);
    let reserve = scale(i64::from(user.income_fen), i64::from(levers.reserve_ppm));
    let comfortable = cash >= bill + reserve;
    let instalment = if comfortable {
        scale(i64::from(levers.bill_instalment_ppm) * i64::from(user.instalment_taste) / 32, env.rates.instalment_ppm)
    } else {
        i64::from(STRETCHED_INSTALMENT_PPM)
    };
    let after_conversion = bill - i64::from(account.convertible_fen);
    if account.convertible_fen.is_positive() && cash >= after_conversion && chance(taste, instalment) {
        let instalments = buying::pick_term(env, term);
        if instalments != 0 {
            let command = Command::ConvertBill { instalments };
            steps.push(Step { second: PAY_SECOND, lender: account.lender, command, kind: StepKind::Plain });
            if after_conversion > 0 {
                pay(steps, account.lender, after_conversion, Source::Voluntary, false);
            }
            return;
        }
    }
    // The same draw decides on the minimum, beyond the instalment range.
    let wants_minimum = chance(taste, instalment + i64::from(levers.minimum_ppm));
    let minimum = i64::from(account.minimum_fen);
    if cash >= bill && !(wants_minimum && minimum > 0) {
        pay(steps, account.lender, bill, Source::Voluntary, false);
    } else if cash >= minimum && minimum > 0 {
        pay(steps, account.lender, minimum, Source::Voluntary, false);
    } else {
        ctx.user.cause = cannot_pay_because(ctx.user, levers) as u8;
    }
}

/// The instalments that a user wanted for the bill would cost more than the price cap allows: the bill is paid if there is twice
/// as much, else half of what there is (a payment of what cannot be converted is on its way already).
pub(crate) fn without_instalments(user: &UserRow, lender: Lender) -> Option<Step> {
    let bill = (i64::from(user.burden_per_mille) + 1) * i64::from(user.income_fen) / 1000;
    let savings = i64::from(user.savings_fen);
    let amount = if savings >= 2 * bill { bill } else { savings / 2 };
    let command = Command::Repay { amount_fen: Fen32(amount as i32), source: Source::Voluntary };
    let kind = StepKind::Payment { scraped: false };
    (amount > 0).then_some(Step { second: PAY_SECOND, lender, command, kind })
}

/// Why a user who means to pay cannot.
fn cannot_pay_because(user: &UserRow, levers: &RepayLevers) -> Cause {
    if user.jobless_since != 0 {
        Cause::JobLoss
    } else if i64::from(user.other_service_fen) > scale(i64::from(user.income_fen), i64::from(levers.stacked_from_ppm))
    {
        Cause::StackedDebt
    } else {
        Cause::ThinBuffer
    }
}

/// What the bank answers when it is asked for `wanted_fen` in a round of auto-debit.
fn answer_debit(user: &UserRow, wanted_fen: Fen32) -> Fen32 {
    // Those who gave up have moved their wages to another bank.
    let pays = user.unwilling_since == 0 && user.act != Act::GaveUp as u8;
    let willing = has(user, bits::AUTO_DEBIT) && !has(user, bits::FRAUD) && pays;
    if willing { wanted_fen.min(Fen32(user.savings_fen)) } else { Fen32::ZERO }
}

/// What a round of auto-debit takes: the whole bill, or else the minimum, or nothing.
pub(crate) fn debited(user: &UserRow, statement_fen: Fen32, minimum_fen: Fen32) -> Fen32 {
    if answer_debit(user, statement_fen) == statement_fen {
        statement_fen
    } else if answer_debit(user, minimum_fen) == minimum_fen {
        minimum_fen
    } else {
        Fen32::ZERO
    }
}

/// The due day passed unpaid (reported at its close): a user who was debited in vain learns why.
pub(crate) fn on_late(user: &mut UserRow, levers: &RepayLevers, minimum_fen: Fen32) -> Cause {
    let cause = Cause::from_code(user.cause);
    let settled = matches!(cause, Cause::Fraud | Cause::Strategic);
    if !settled && (cause != Cause::Forgotten || user.savings_fen < minimum_fen.0) {
        user.cause = cannot_pay_because(user, levers) as u8;
    }
    Cause::from_code(user.cause)
}

/// A day on which something is past due.
pub(crate) fn late_day(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: Glance,
    view: &impl Fn() -> AccountView,
    steps: &mut Vec<Step>,
) {
    let levers = &env.levers.repay;
    let mut draws = ctx.draws(Purpose::Repay);
    let mut draw = || draws.bits32();
    // All of them on every late day: what one is for must not shift the next.
    let (remembers, scrapes, reached, asks) = (draw(), draw(), draw(), draw());
    let (complains, gives_up) = (draw(), draw());
    let conduct = &env.levers.conduct;
    let complaint_ppm = || scale(i64::from(conduct.complain_contact_ppm), i64::from(conduct.script_complaint_ppm));
    if glance.contact != Channel::None && chance(complains, complaint_ppm()) {
        complain(steps, glance.lender, Complaint::Collection);
    }
    let cause = Cause::from_code(ctx.user.cause);
    if matches!(cause, Cause::Fraud | Cause::Strategic) || ctx.user.act == Act::GaveUp as u8 {
        return;
    }
    let account = view();
    match account.days_past_due {
        CHARGED_DPD if chance(gives_up, i64::from(env.levers.conduct.complain_charge_ppm)) => {
            complain(steps, glance.lender, Complaint::Charge);
        }
        days @ (31 | 61 | 91) if chance(gives_up, i64::from(levers.give_up_ppm[usize::from(days / 30) - 1])) => {
            ctx.user.act = Act::GaveUp as u8;
            return;
        }
        _ => {}
    }
    let cures =
        || scale(i64::from(levers.contact_cure_ppm[glance.contact as usize]), i64::from(levers.script_cure_ppm));
    let moved = glance.contact != Channel::None && chance(reached, cures());
    let paid_today = ctx.user.settled_day == env.calendar.day.0;
    let easier = |ppm: i32| i64::from(ppm) * 1_000_000 / env.rates.odds_ppm.max(1);
    if cause == Cause::Forgotten {
        if moved || chance(remembers, easier(levers.remember_daily_ppm)) {
            pay_arrears(ctx, levers, &account, steps);
        }
        return;
    }
    if paid_today && pay_arrears(ctx, levers, &account, steps) {
        return;
    }
    let daily = if account.days_past_due > 30 { levers.scrape_late_daily_ppm } else { levers.scrape_daily_ppm };
    let mut chance_ppm = easier(daily);
    if moved {
        chance_ppm = chance_ppm.max(500_000);
    }
    if ctx.user.jobless_since != 0 {
        chance_ppm = scale(chance_ppm, JOBLESS_SCRAPE_PPM);
    }
    if chance(scrapes, chance_ppm) {
        pay(steps, account.lender, i64::from(account.past_due_fen), Source::Collected, true);
    } else if glance.contact >= Channel::Call && chance(asks, i64::from(levers.hardship_ask_ppm)) {
        let (command, kind) = (Command::RequestHardship, StepKind::Plain);
        steps.push(Step { second: PAY_SECOND + 60, lender: account.lender, command, kind });
    }
}

/// Pays what is past due out of savings, and the whole statement if that leaves enough. False when money is short.
fn pay_arrears(ctx: &mut UserCtx<'_>, levers: &RepayLevers, account: &AccountView, steps: &mut Vec<Step>) -> bool {
    let cash = i64::from(ctx.user.savings_fen);
    let reserve = scale(i64::from(ctx.user.income_fen), i64::from(levers.reserve_ppm));
    if cash < i64::from(account.past_due_fen) {
        ctx.user.cause = cannot_pay_because(ctx.user, levers) as u8;
        return false;
    }
    let all = i64::from(account.statement_fen);
    let amount = if cash >= all + reserve { all } else { i64::from(account.past_due_fen) };
    pay(steps, account.lender, amount, Source::Voluntary, false);
    true
}

fn pay(steps: &mut Vec<Step>, lender: Lender, amount_fen: i64, source: Source, scraped: bool) {
    if amount_fen > 0 {
        let command = Command::Repay { amount_fen: Fen32(amount_fen as i32), source };
        steps.push(Step { second: PAY_SECOND, lender, command, kind: StepKind::Payment { scraped } });
    }
}

fn complain(steps: &mut Vec<Step>, lender: Lender, about: Complaint) {
    steps.push(Step { second: 43_200, lender, command: Command::Complain { about }, kind: StepKind::Plain });
}

/// The reply to a payment: what was taken leaves the savings.
pub(crate) fn paid(user: &mut UserRow, reply: Reply, scraped: bool) {
    if let Reply::Done(taken) = reply {
        if !scraped {
            user.savings_fen = (user.savings_fen - taken as i32).max(0);
        }
        if user.cause != Cause::Fraud as u8 && user.cause != Cause::Strategic as u8 {
            user.cause = Cause::None as u8;
        }
    }
}

/// True with a chance in parts per million, from 32 random bits.
#[inline]
const fn chance(bits: u32, ppm: i64) -> bool {
    ppm_of(bits) < ppm
}
