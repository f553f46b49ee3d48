//! Streams, the entry of the product, tips (docs/rules.md §6). A part of a user's day: `user` calls it, what comes out are steps.

use crate::agents::environment::{Environment, scale};
use crate::agents::levers::TipLevers;
use crate::agents::paying;
use crate::agents::step::{Step, StepKind, UserCtx, funnel, has};
use crate::agents::traits::{UserRow, bits};
use crate::base::ids::HostId;
use crate::base::money::Fen32;
use crate::base::random::{Purpose, UserKey, ppm_part};
use crate::credit::command::{Application, Command, Glance, Status};

/// Share of sessions that go to the favourite host, in 1/256 (grade L).
const FAVOURITE_IN_256: u64 = 96;

/// The smallest tip: one coin of 0.1 yuan (docs/rules.md §6.5).
const COIN_FEN: i64 = 10;

/// A tip is at most this part of a month's income (grade L).
const TIP_MAX_OF_INCOME: i64 = 5;

/// Watches today's sessions; returns the second of the first one, or `None` on a day off.
pub(crate) fn watch(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: Glance,
    steps: &mut Vec<Step>,
) -> Option<u32> {
    let flows = &mut ctx.tally.flows;
    let mut draws = ctx.key.stream(Purpose::Watch);
    let word = draws.word();
    let active = scale(i64::from(ctx.user.active_share), env.rates.watch_ppm);
    if (word & 0xFFFF) as i64 >= active {
        return None;
    }
    flows.active_days += 1;
    let sessions = env.draws.sessions.at(word as u32 & 0xFFFF_0000);
    let mut first = None;
    let favourite = HostId(ctx.user.favourite_host);
    let favourite_in_256 = if env.hosts.streams(favourite) { FAVOURITE_IN_256 } else { 0 };
    let (mut watched, mut minutes_watched) = (0, 0);
    for _ in 0..sessions {
        let (time, pick) = (draws.word(), draws.word());
        let hour = env.draws.hour.at((time >> 32) as u32);
        // Most sessions but the first never ask.
        let second = || hour * 3600 + ((time >> 20) as u32 & 0xFFF) * 3600 / 4096;
        let minutes = u64::from(env.draws.minutes.at(time as u32)) * u64::from(ctx.user.watch_per_mille) / 1000;
        let minutes = minutes as i64;
        // Both are worked out and one is taken: a branch here would be guessed wrong every third time.
        let popular = env.hosts.sample(pick);
        let host = if (time & 0xFF) < favourite_in_256 { favourite } else { popular };
        watched += 1;
        minutes_watched += minutes;
        ctx.tally.flows.sessions_by_hour[hour as usize] += 1;
        ctx.tally.minutes_by_host[usize::from(host.0)] += minutes;
        first.get_or_insert_with(second);
        if ctx.user.tip_per_mille != 0 && has(ctx.user, bits::TIPPER) {
            tip(ctx, env, glance, host, second(), pick, steps);
        }
        let without_account = matches!(glance.status, Status::None | Status::Closed);
        if without_account && see_entry(ctx, env, glance, second(), pick, steps) {
            break;
        }
    }
    ctx.tally.flows.sessions += watched;
    ctx.tally.flows.minutes += minutes_watched;
    first
}

/// The entry is shown, perhaps clicked, and perhaps an application is sent. True when one was sent.
#[inline(never)] // As with tips: for those without an account only.
fn see_entry(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: Glance,
    second: u32,
    word: u64,
    steps: &mut Vec<Step>,
) -> bool {
    let funnel = &env.levers.funnel;
    if ctx.user.away_until > env.calendar.day.0 || ppm_part(word, 0) >= env.rates.impression_ppm {
        return false;
    }
    let flows = &mut ctx.tally.flows;
    flows.impressions += 1;
    ctx.user.funnel = ctx.user.funnel.max(funnel::SEEN);
    let click = scale(i64::from(funnel.click_ppm), env.rates.click_ppm) * i64::from(ctx.user.curiosity) / 32;
    if ppm_part(word, 20) >= click {
        return false;
    }
    flows.clicks += 1;
    ctx.user.funnel = ctx.user.funnel.max(funnel::CLICKED);
    let mut draws = ctx.key.stream(Purpose::Apply);
    if !draws.chance_ppm(scale(i64::from(funnel.apply_ppm), env.rates.apply_ppm) as i32) {
        return false;
    }
    ctx.tally.flows.applications += 1;
    ctx.user.funnel = ctx.user.funnel.max(funnel::APPLIED);
    let identity_matches = !draws.chance_ppm(funnel.identity_mismatch_ppm);
    // A fraudster is recognised by device and pattern in a part of the cases only.
    let fraud_signal = has(ctx.user, bits::FRAUD) && draws.chance_ppm(FRAUD_SEEN_PPM);
    let application = application(ctx.user, env, identity_matches, fraud_signal);
    let (lender, command) = (glance.lender, Command::Apply(application));
    steps.push(Step { second, lender, command, kind: StepKind::Plain });
    true
}

/// Share of fraudulent applications that the fraud check recognises (grade L).
const FRAUD_SEEN_PPM: i32 = 600_000;

fn application(user: &UserRow, env: &Environment<'_>, identity_matches: bool, fraud_signal: bool) -> Application {
    Application {
        age: user.age,
        student: has(user, bits::STUDENT),
        identity_matches,
        fraud_signal,
        bureau_score: user.bureau_score,
        behaviour: user.behaviour,
        monthly_income_yuan: (paying::monthly_income(user, env) / 100) as u32,
        other_debt_yuan: user.other_debt_yuan,
    }
}

#[inline(never)] // Few sessions bring tips; within the loop they would take the registers of all the others.
fn tip(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: Glance,
    host: HostId,
    second: u32,
    word: u64,
    steps: &mut Vec<Step>,
) {
    let tips = env.draws.tips.at((word >> 8) as u32);
    if tips == 0 {
        return;
    }
    let mut draws = ctx.key.stream(Purpose::Tip);
    let levers = &env.levers.tip;
    let largest = i64::from(ctx.user.income_fen) / TIP_MAX_OF_INCOME / i64::from(tips);
    let usual = i64::from(levers.median_fen) * i64::from(ctx.user.tip_per_mille) / 1000;
    let may_draw = glance.status == Status::Open && !glance.late;
    for number in 0..tips {
        // The session's word keeps tips of two sessions apart.
        let word = draws.word() ^ word.rotate_left(number);
        let relative = i64::from(env.draws.tip_per_mille.at(word as u32));
        let amount = (usual * relative / 1000).min(largest) / COIN_FEN * COIN_FEN;
        let amount = amount.max(COIN_FEN);
        let on_credit = may_draw && ppm_part(word, 44) < i64::from(levers.on_credit_ppm);
        let amount = if on_credit && env.rates.tip_ppm != 1_000_000 {
            (scale(amount, env.rates.tip_ppm) + COIN_FEN / 2) / COIN_FEN * COIN_FEN
        } else {
            amount
        };
        let on_credit = on_credit && amount <= i64::from(glance.available_fen);
        if on_credit && !env.rates.tips_on_credit && !pays_from_wallet(levers, word) {
            continue;
        }
        if on_credit && env.rates.tips_on_credit {
            let command = Command::Tip { host, amount_fen: Fen32(amount as i32) };
            let second = second + 60 * (number + 1);
            steps.push(Step { second, lender: glance.lender, command, kind: StepKind::Plain });
        } else {
            ctx.tally.flows.wallet_tips_fen += amount;
            ctx.tally.tips_by_host[usize::from(host.0)] += amount;
        }
    }
}

/// Where tips on credit are barred: some pay from the wallet instead, the others do not tip.
fn pays_from_wallet(levers: &TipLevers, word: u64) -> bool {
    UserKey::from_word(word).stream(Purpose::Instead).chance_ppm(levers.wallet_instead_ppm)
}

/// A tip that a child gave: the parent asks for it back.
#[inline]
pub(crate) fn tipped_by_child(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    step: &Step,
    host: HostId,
    amount_fen: Fen32,
) -> Option<Step> {
    if !has(ctx.user, bits::MINOR_AT_HOME) {
        return None;
    }
    let mut draws = ctx.key.stream(Purpose::Service);
    if !draws.chance_ppm(env.levers.tip.minor_refund_ppm) {
        return None;
    }
    let command = Command::RefundTip { host, amount_fen };
    Some(Step { second: (step.second + 3600).min(86_399), command, kind: StepKind::Plain, ..*step })
}
