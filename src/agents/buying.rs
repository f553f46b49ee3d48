//! Wishes to buy, tickets, shopping cards, open orders, cashing out (docs/rules.md §7). A part of a user's day: `user` calls it, what
//! comes out are steps.

use crate::agents::environment::{Environment, scale};
use crate::agents::levers::BuyLevers;
use crate::agents::orders::{NO_ORDER, OrderRow, Waiting};
use crate::agents::step::{Step, StepKind, UserCtx, funnel, has};
use crate::agents::traits::{UserRow, bits};
use crate::base::ids::{MerchantId, Reference};
use crate::base::money::Fen32;
use crate::base::random::{Purpose, Stream, UserKey, ppm_of, ppm_part};
use crate::credit::command::{self, Command, Glance, Reply};

/// Nobody buys more often in a day than this.
const WISHES_A_DAY_MAX: u32 = 12;

/// The cheapest thing worth a second try: 20 yuan.
const CHEAP_FEN: i64 = 2_000;

/// Instalments at checkout are offered from 300 yuan (grade L).
const CHECKOUT_INSTALMENT_MIN_FEN: i64 = 30_000;

/// A part of a card that is spent at once: between a fifth and all, at least 30 yuan.
const CARD_PART_MIN_FEN: i64 = 3_000;

/// One card redemption in so many is tried at a shop that does not cooperate (grade L).
const WRONG_SHOP_IN: u32 = 50;

/// Cash that a cash-out brings the user, share of its amount (grade L).
const CASHOUT_KEPT_PPM: i64 = 900_000;

/// Wishes of today as purchases and cards. `watched` is the second of the first session, if any.
pub(crate) fn wish(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: Glance,
    watched: Option<u32>,
    steps: &mut Vec<Step>,
) {
    let user = &*ctx.user;
    let today = env.calendar.day.0;
    if user.away_until > today {
        return;
    }
    let mut draws = ctx.key.stream(Purpose::Buy);
    let rate_ppm = wish_rate_ppm(user, env, glance);
    let mut spent_ppm = i64::from(env.draws.exponential_ppm.at(draws.bits32()));
    let mut wishes = 0;
    while spent_ppm < rate_ppm && wishes < WISHES_A_DAY_MAX {
        wishes += 1;
        ctx.tally.flows.wishes += 1;
        // No two wishes of a day at the same second: it names the purchase when its luck is drawn.
        let second = (watched.unwrap_or(43_200) + 300 * wishes).min(86_000 + wishes);
        buy(ctx, env, glance, &mut draws, second, steps);
        spent_ppm += i64::from(env.draws.exponential_ppm.at(draws.bits32()));
    }
    if has(ctx.user, bits::CASHOUT) {
        cash_out(ctx, env, glance, steps);
    }
}

/// Wishes a day, parts per million: the mean user's, times this user's, moved by price, lost job and the last bill.
fn wish_rate_ppm(user: &UserRow, env: &Environment<'_>, glance: Glance) -> i64 {
    let buy = &env.levers.buy;
    let mut rate = scale(env.rates.wish_ppm, i64::from(user.demand_ppm));
    // Linear demand around the reference rate; a rate in basis points, elasticity per percentage point.
    let over = i64::from(glance.annual_bp) - i64::from(buy.reference_annual_bp);
    let price = (1_000_000 + over * i64::from(buy.price_elasticity_ppm) / 100).max(0);
    rate = scale(rate, price);
    if user.jobless_since != 0 {
        rate = scale(rate, i64::from(buy.jobless_demand_ppm));
    }
    if i64::from(user.burden_per_mille) * 1000 > i64::from(buy.burden_from_ppm) {
        rate = scale(rate, i64::from(buy.burdened_demand_ppm));
    }
    if buy.task_pull_ppm != 0 {
        // The curious go for the task.
        rate += scale(rate, i64::from(buy.task_pull_ppm)) * i64::from(user.curiosity) / 32;
    }
    if user.age < env.levers.literacy.below_age {
        rate -= scale(rate, i64::from(env.levers.literacy.demand_cut_ppm));
    }
    rate
}

fn buy(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: Glance,
    draws: &mut Stream,
    second: u32,
    steps: &mut Vec<Step>,
) {
    let levers = &env.levers.buy;
    let (size, kind, extra) = (draws.bits32(), draws.bits32(), draws.word());
    let ticket = i64::from(env.draws.ticket_fen.at(size)) * i64::from(ctx.user.ticket_per_mille) / 1000;
    let mut ticket = (ticket / 100).clamp(1, 50_000) * 100;
    let mut cheaper = false;
    let available = i64::from(glance.available_fen);
    if ticket > available {
        // The app shows the free limit: most look for something that fits, the others try all the same.
        let fits = ppm_part(extra, 0) < i64::from(levers.retry_cheaper_ppm);
        if fits {
            ticket = available * (40 + (extra >> 20 & 63) as i64) / 100 / 100 * 100;
            cheaper = true;
        }
        if ticket < CHEAP_FEN {
            ctx.tally.flows.wishes_dropped += 1;
            return;
        }
    }
    if ppm_of(kind) < env.rates.card_ppm {
        let kept_from_it = !env.rates.cards_on_offer || ppm_part(extra, 32) < i64::from(levers.prompt_stop_ppm);
        if !kept_from_it {
            let command = card(levers, extra, ticket);
            let kind = StepKind::Purchase { cheaper: false };
            steps.push(Step { second, lender: glance.lender, command, kind });
            return;
        }
        if !buys_goods_instead(levers, extra) {
            ctx.tally.flows.wishes_dropped += 1;
            return;
        }
    }
    let which = scene_of(levers, kind << 12);
    let instalments = checkout_instalments(ctx.user, env, extra, ticket);
    let command = Command::Authorise {
        merchant: env.merchants.pick(which, (extra >> 12) as u32),
        scene: which,
        amount_fen: Fen32(ticket as i32),
        instalments,
        suspicious: false,
    };
    steps.push(Step { second, lender: glance.lender, command, kind: StepKind::Purchase { cheaper } });
}

/// Some of those who are kept from a card want the goods all the same. The luck is the wish's own, beside all its other draws.
fn buys_goods_instead(levers: &BuyLevers, extra: u64) -> bool {
    levers.card_substitution_ppm != 0
        && UserKey::from_word(extra).stream(Purpose::Instead).chance_ppm(levers.card_substitution_ppm)
}

/// The goods that a user buys whose card was declined because the function is closed; `None` when it is the card or nothing.
pub(crate) fn goods_instead(ctx: &UserCtx<'_>, env: &Environment<'_>, step: &Step) -> Option<Step> {
    let Command::BuyCard { amount_fen, suspicious: false, .. } = step.command else { return None };
    let luck = ctx.draws(Purpose::Instead).word() ^ u64::from(step.second);
    if !buys_goods_instead(&env.levers.buy, luck) {
        return None;
    }
    let mut draws = UserKey::from_word(luck).stream(Purpose::Buy);
    let which = scene_of(&env.levers.buy, draws.bits32());
    let command = Command::Authorise {
        merchant: env.merchants.pick(which, draws.bits32()),
        scene: which,
        amount_fen,
        instalments: 0,
        suspicious: false,
    };
    Some(Step { second: step.second + 60, command, kind: StepKind::Purchase { cheaper: true }, ..*step })
}

/// Cards come in whole tens of yuan, at least 50.
fn card(levers: &BuyLevers, extra: u64, ticket: i64) -> Command {
    let named = ppm_part(extra, 12) < i64::from(levers.card_named_ppm);
    let largest = if named { 500_000 } else { 100_000 };
    let amount_fen = (ticket / 1_000 * 1_000).clamp(5_000, largest);
    Command::BuyCard { amount_fen: Fen32(amount_fen as i32), named, suspicious: false }
}

fn scene_of(levers: &BuyLevers, bits: u32) -> command::Scene {
    let mut left = ppm_of(bits) as i32;
    for scene in command::Scene::ALL {
        left -= levers.scene_ppm[scene as usize];
        if left < 0 {
            return scene;
        }
    }
    command::Scene::LiveShopping
}

fn checkout_instalments(user: &UserRow, env: &Environment<'_>, extra: u64, ticket: i64) -> u8 {
    let wanted = i64::from(env.levers.buy.checkout_instalment_ppm) * i64::from(user.instalment_taste) / 32;
    let wanted = if env.rates.instalment_ppm == 1_000_000 { wanted } else { scale(wanted, env.rates.instalment_ppm) };
    if ticket < CHECKOUT_INSTALMENT_MIN_FEN || ppm_part(extra, 44) >= wanted {
        return 0;
    }
    pick_term(env, extra.rotate_left(23) as u32)
}

/// A term among those on offer, by the weights of the model.
pub(crate) fn pick_term(env: &Environment<'_>, bits: u32) -> u8 {
    let weight = |i: usize| if env.rates.terms_on_offer[i] == 0 { 0 } else { env.levers.buy.term_weights[i] };
    let total: u32 = (0..4).map(weight).sum();
    let mut left = ((u64::from(bits) * u64::from(total)) >> 32) as u32;
    for (i, months) in env.rates.terms_on_offer.into_iter().enumerate() {
        if left < weight(i) {
            return months;
        }
        left -= weight(i);
    }
    0
}

/// The cheaper second try after a decline for the limit: half the price.
pub(crate) fn cheaper(step: &Step) -> Option<Step> {
    let Command::Authorise { merchant, scene, amount_fen, suspicious, .. } = step.command else { return None };
    let amount_fen = Fen32(amount_fen.0 / 200 * 100);
    if i64::from(amount_fen) < CHEAP_FEN {
        return None;
    }
    let command = Command::Authorise { merchant, scene, amount_fen, instalments: 0, suspicious };
    Some(Step { second: step.second + 60, command, kind: StepKind::Purchase { cheaper: true }, ..*step })
}

/// An authorised purchase: the delivery is planned. What needs no shipping is captured at once.
pub(crate) fn ordered(ctx: &mut UserCtx<'_>, env: &Environment<'_>, step: &Step, reference: Reference) -> Option<Step> {
    let Command::Authorise { scene: which, amount_fen, suspicious, .. } = step.command else { return None };
    used(ctx.user, env.calendar.day.0);
    // The second tells two purchases of a day apart. The engine's reference would too, but it depends on what others in the cell
    // did before, and their purchases would then have other luck under another policy.
    let mut draws = luck_of(ctx, Purpose::Buy, u64::from(step.second));
    let shipping = if suspicious { 1 } else { env.merchants.ship_days(which, draws.bits32()) };
    let cancelled = !suspicious && draws.chance_ppm(env.levers.buy.void_ppm);
    if suspicious {
        let cash = scale(i64::from(amount_fen), CASHOUT_KEPT_PPM) as i32;
        ctx.user.savings_fen = ctx.user.savings_fen.saturating_add(cash);
    }
    if shipping == 0 && !cancelled {
        let command = Command::Capture { purchase: reference, amount_fen };
        let today = env.calendar.day.0;
        let delivered = OrderRow::new(step.lender, reference, amount_fen, today, Waiting::Return, which as u8);
        plan_return(ctx, env, &mut draws, delivered);
        return Some(Step { second: step.second + 1, command, kind: StepKind::Plain, ..*step });
    }
    let waiting = if cancelled { Waiting::Cancellation } else { Waiting::Delivery };
    let day = env.calendar.day.0 + u16::from(shipping.max(1));
    put(ctx, OrderRow::new(step.lender, reference, amount_fen, day, waiting, which as u8));
    None
}

/// Luck of one thing among those of a user's day, told apart by a mark of its own.
fn luck_of(ctx: &UserCtx<'_>, purpose: Purpose, mark: u64) -> Stream {
    let word = ctx.draws(purpose).word() ^ mark.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    UserKey::from_word(word).stream(Purpose::Buy)
}

/// What an order is, whoever else has orders in the cell: what it waits for and how much.
fn mark_of(order: &OrderRow) -> u64 {
    u64::from(order.amount_fen.0.unsigned_abs()) << 8 | order.waiting() as u64
}

fn used(user: &mut UserRow, today: u16) {
    user.funnel = if user.funnel >= funnel::USED { funnel::REPEATED } else { funnel::USED };
    user.declines_in_row = 0;
    user.last_buy_day = today;
    user.behaviour = user.behaviour.saturating_add(1);
}

/// Some purchases that are captured today are given back, wholly or in part, one to five days later.
fn plan_return(ctx: &mut UserCtx<'_>, env: &Environment<'_>, draws: &mut Stream, mut order: OrderRow) {
    let levers = &env.levers.buy;
    if !draws.chance_ppm(levers.refund_ppm) {
        return;
    }
    let waiting = if draws.chance_ppm(levers.partial_refund_ppm) { Waiting::PartReturn } else { Waiting::Return };
    order.wait_for(waiting);
    order.day += 1 + draws.below(5) as u16;
    put(ctx, order);
}

/// A bought card waits to be spent, or to be given back.
pub(crate) fn card_bought(ctx: &mut UserCtx<'_>, env: &Environment<'_>, step: &Step, reference: Reference) {
    let Command::BuyCard { amount_fen, suspicious, .. } = step.command else { return };
    used(ctx.user, env.calendar.day.0);
    let levers = &env.levers.buy;
    let mut draws = ctx.draws(Purpose::Service);
    let returned = !suspicious && draws.chance_ppm(levers.card_refund_ppm);
    let waiting = if returned { Waiting::CardToReturn } else { Waiting::CardToSpend };
    let wait =
        if returned { 1 + draws.below(6) } else { days_to_next(env, levers.card_redeem_daily_ppm, draws.bits32()) };
    if suspicious {
        // The card is sold on; its buyer spends it like anybody else.
        let cash = scale(i64::from(amount_fen), CASHOUT_KEPT_PPM) as i32;
        ctx.user.savings_fen = ctx.user.savings_fen.saturating_add(cash);
    }
    let day = env.calendar.day.0 + wait as u16;
    let which = command::Scene::LocalServices as u8;
    put(ctx, OrderRow::new(step.lender, reference, amount_fen, day, waiting, which));
}

/// Days until something that happens with a chance each day, at least 1 and at most a year.
fn days_to_next(env: &Environment<'_>, daily_ppm: i32, bits: u32) -> u32 {
    let exponential = u64::from(env.draws.exponential_ppm.at(bits));
    (1 + exponential / daily_ppm.max(1) as u64).min(365) as u32
}

fn put(ctx: &mut UserCtx<'_>, order: OrderRow) {
    let first = if ctx.user.next_order_day == 0 { NO_ORDER } else { ctx.user.first_order };
    if ctx.user.next_order_day == 0 || order.day < ctx.user.next_order_day {
        ctx.user.next_order_day = order.day;
    }
    ctx.user.first_order = ctx.orders.push(order, first);
}

/// Deliveries, cancellations, returns and card redemptions that are due.
pub(crate) fn follow_orders(ctx: &mut UserCtx<'_>, env: &Environment<'_>, steps: &mut Vec<Step>) {
    let today = env.calendar.day.0;
    let mut link = ctx.user.first_order;
    let mut next_day = u16::MAX;
    while link != NO_ORDER {
        let order = *ctx.orders.row_mut(link);
        if order.day <= today {
            let second = 32_400 + (link * 97) % 36_000;
            let command = order_command(ctx, env, &order);
            steps.push(Step { second, lender: order.lender(), command, kind: StepKind::Order { link } });
        } else {
            next_day = next_day.min(order.day);
        }
        link = order.next;
    }
    // Orders that act today put themselves forward again when they are done.
    ctx.user.next_order_day = if next_day == u16::MAX { today } else { next_day };
}

fn order_command(ctx: &UserCtx<'_>, env: &Environment<'_>, order: &OrderRow) -> Command {
    let (reference, amount_fen) = (order.reference, order.amount_fen);
    match order.waiting() {
        Waiting::Delivery => Command::Capture { purchase: reference, amount_fen },
        Waiting::Cancellation => Command::Void { purchase: reference },
        Waiting::Return => Command::Refund { purchase: reference, amount_fen },
        Waiting::PartReturn => Command::Refund { purchase: reference, amount_fen: Fen32((amount_fen.0 / 2).max(1)) },
        Waiting::CardToReturn => Command::RefundCard { card: reference },
        Waiting::CardToSpend => {
            let word = luck_of(ctx, Purpose::Buy, mark_of(order)).word();
            let part = i64::from(amount_fen) * (20 + (word >> 33 & 127) as i64).min(100) / 100;
            let part = part.max(CARD_PART_MIN_FEN).min(i64::from(amount_fen)) as i32;
            let wrong = (word as u32 >> 8).is_multiple_of(WRONG_SHOP_IN);
            let merchant = if wrong {
                MerchantId(u16::MAX)
            } else {
                env.merchants.pick(command::Scene::LocalServices, word as u32)
            };
            Command::RedeemCard { card: reference, merchant, amount_fen: Fen32(part) }
        }
    }
}

/// The reply to a step of an order: it ends, or waits for the next thing.
pub(crate) fn order_done(ctx: &mut UserCtx<'_>, env: &Environment<'_>, link: u32, step: &Step, reply: Reply) {
    let today = env.calendar.day.0;
    let order = *ctx.orders.row_mut(link);
    let done = matches!(reply, Reply::Done(_));
    let mut draws = luck_of(ctx, Purpose::Service, mark_of(&order));
    let mut goes_on = None;
    match (order.waiting(), step.command) {
        (Waiting::Delivery, _) if done && draws.chance_ppm(env.levers.buy.refund_ppm) => {
            let partial = draws.chance_ppm(env.levers.buy.partial_refund_ppm);
            let waiting = if partial { Waiting::PartReturn } else { Waiting::Return };
            goes_on = Some((waiting, order.amount_fen, 1 + draws.below(5) as u16));
        }
        (Waiting::CardToSpend, Command::RedeemCard { amount_fen, .. }) => {
            let left = order.amount_fen - if done { amount_fen } else { Fen32::ZERO };
            if done && env.rates.rebate_ppm != 0 {
                // The rebate is paid out at once and is the user's money.
                let rebate = scale(i64::from(amount_fen), env.rates.rebate_ppm) as i32;
                ctx.user.savings_fen = ctx.user.savings_fen.saturating_add(rebate);
            }
            if left.is_positive() {
                let wait = days_to_next(env, env.levers.buy.card_redeem_daily_ppm, draws.bits32());
                goes_on = Some((Waiting::CardToSpend, left, wait as u16));
            }
        }
        _ => {}
    }
    match goes_on {
        Some((waiting, amount_fen, days)) => {
            let row = ctx.orders.row_mut(link);
            row.wait_for(waiting);
            row.amount_fen = amount_fen;
            row.day = today + days;
            if ctx.user.next_order_day <= today || row.day < ctx.user.next_order_day {
                ctx.user.next_order_day = row.day;
            }
        }
        None => {
            ctx.user.first_order = ctx.orders.remove(link, ctx.user.first_order);
            if ctx.user.first_order == NO_ORDER {
                ctx.user.next_order_day = 0;
            }
        }
    }
}

/// A try to turn free limit into cash, over a colluding merchant or a card to be sold on.
fn cash_out(ctx: &mut UserCtx<'_>, env: &Environment<'_>, glance: Glance, steps: &mut Vec<Step>) {
    let conduct = &env.levers.conduct;
    let mut draws = ctx.draws(Purpose::Service);
    let (_, try_it, by_card) =
        (draws.word(), draws.chance_ppm(conduct.cashout_daily_ppm), draws.chance_ppm(conduct.cashout_by_card_ppm));
    let amount = i64::from(glance.available_fen) * (50 + i64::from(draws.below(50))) / 100 / 1_000 * 1_000;
    if !try_it || amount < 5_000 {
        return;
    }
    let command = if by_card {
        Command::BuyCard { amount_fen: Fen32(amount.min(500_000) as i32), named: true, suspicious: true }
    } else {
        Command::Authorise {
            merchant: env.merchants.pick_colluder(draws.bits32()),
            scene: command::Scene::LiveShopping,
            amount_fen: Fen32(amount as i32),
            instalments: 0,
            suspicious: true,
        }
    };
    let kind = StepKind::Purchase { cheaper: true };
    steps.push(Step { second: 82_800, lender: glance.lender, command, kind });
}
