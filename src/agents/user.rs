//! A user's day. [`plan`] turns the state, the account's glance and the day's draws into timed commands; [`observe`]
//! takes the reply to each and may answer with one more command at once.
//!
//! | file | what |
//! |---|---|
//! | `watching` | sessions, the entry of the product, tips |
//! | `buying` | wishes, tickets, cards, orders, cashing out |
//! | `paying` | wages, jobs, savings, statements, lateness |

use crate::agents::environment::Environment;
use crate::agents::orders::OrderBook;
use crate::agents::totals::AgentFlows;
use crate::agents::traits::{UserRow, bits};
use crate::agents::{buying, paying, watching};
use crate::base::ids::Reference;
use crate::base::random::{DayKey, Purpose, Stream};
use crate::credit::command::{AccountView, Command, Complaint, Decline, Glance, Reply, Status};

/// How far down the funnel a user came, as stored in [`UserRow::funnel`].
pub(crate) mod funnel {
    /// Saw the entry.
    pub(crate) const SEEN: u8 = 1;
    /// Clicked it.
    pub(crate) const CLICKED: u8 = 2;
    /// Applied.
    pub(crate) const APPLIED: u8 = 3;
    /// Has or had an account.
    pub(crate) const ACCOUNT: u8 = 4;
    /// Used it.
    pub(crate) const USED: u8 = 5;
    /// Used it again.
    pub(crate) const REPEATED: u8 = 6;
}

/// What a command belongs to, so that its reply can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thread {
    /// Nothing follows.
    Plain,
    /// A purchase; `cheaper` when it is the second try.
    Purchase {
        /// The second, cheaper try.
        cheaper: bool,
    },
    /// A step of an open order.
    Order {
        /// Place in the order book.
        link: u32,
    },
    /// A payment out of savings (a scraped one comes from elsewhere).
    Payment {
        /// Found outside the savings.
        scraped: bool,
    },
}

/// A command at a second of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Second of the day.
    pub second: u32,
    /// What is asked.
    pub command: Command,
    /// What it belongs to.
    pub thread: Thread,
}

impl Step {
    /// A tip on credit: nothing follows on it, and no date waits for it.
    pub(crate) const fn is_tip(&self) -> bool {
        matches!(self.command, Command::Tip { .. })
    }
}

/// Where agents count and add up: flows of the day, minutes and tips by host.
#[derive(Clone, Debug)]
pub struct AgentTally {
    /// Flows since the last fold.
    pub flows: AgentFlows,
    /// Minutes watched by host.
    pub minutes_by_host: Vec<i64>,
    /// Tips by host in fen.
    pub tips_by_host: Vec<i64>,
}

impl AgentTally {
    /// Nothing counted, for so many hosts.
    pub fn new(hosts: usize) -> AgentTally {
        AgentTally { flows: AgentFlows::default(), minutes_by_host: vec![0; hosts], tips_by_host: vec![0; hosts] }
    }
}

impl AgentTally {
    /// Adds other counters of the same hosts.
    pub fn add(&mut self, other: &AgentTally) {
        self.flows.add(&other.flows);
        let add = |a: &mut Vec<i64>, b: &Vec<i64>| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.minutes_by_host, &other.minutes_by_host);
        add(&mut self.tips_by_host, &other.tips_by_host);
    }
}

/// The parts of a cell that belong to one user's day.
pub(crate) struct UserCtx<'a> {
    /// The user.
    pub user: &'a mut UserRow,
    /// Orders of the cell.
    pub orders: &'a mut OrderBook,
    /// Where to count.
    pub tally: &'a mut AgentTally,
    /// Draws of this user and day.
    pub key: DayKey,
}

impl UserCtx<'_> {
    /// The stream of one purpose.
    #[inline]
    pub(crate) fn draws(&self, purpose: Purpose) -> Stream {
        self.key.stream(purpose)
    }
}

/// Plans the day. `view` shows the whole account and is called only when needed. Steps come roughly in order of time.
#[inline(always)] // Two clocks call it; the sweep of the virtual one is a tenth slower with a call a user.
pub(crate) fn plan(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: Glance,
    view: impl Fn() -> AccountView,
    steps: &mut Vec<Step>,
) {
    let today = env.calendar.day.0;
    if ctx.user.joins_day > today {
        return;
    }
    if env.calendar.day_of_month == ctx.user.payday {
        paying::payday(ctx, env, glance, &view, steps);
    }
    if ctx.user.next_order_day != 0 && ctx.user.next_order_day <= today {
        buying::follow_orders(ctx, env, steps);
    }
    if glance.late {
        paying::late_day(ctx, env, glance, &view, steps);
    } else if ctx.user.act_day != 0 && ctx.user.act_day <= today {
        paying::act_on_statement(ctx, env, &view, steps);
    }
    let watched = watching::watch(ctx, env, glance, steps);
    if glance.status == Status::Open && !glance.late {
        buying::wish(ctx, env, glance, watched, steps);
    }
}

/// Takes the reply to a step; what it returns is to be asked at once.
#[inline(always)]
pub(crate) fn observe(ctx: &mut UserCtx<'_>, env: &Environment<'_>, step: &Step, reply: Reply) -> Option<Step> {
    match (step.command, reply) {
        (Command::Apply(_), Reply::Done(_)) => {
            ctx.user.funnel = ctx.user.funnel.max(funnel::ACCOUNT);
            None
        }
        (Command::Apply(_), Reply::Refused(_)) => {
            ctx.user.away_until = env.calendar.day.0 + env.levers.funnel.retry_days;
            None
        }
        (Command::Authorise { .. } | Command::BuyCard { .. }, Reply::Declined(reason)) => {
            after_decline(ctx, env, step, reason)
        }
        (Command::Authorise { .. }, Reply::Done(reference)) => buying::ordered(ctx, env, step, Reference(reference)),
        (Command::BuyCard { .. }, Reply::Done(reference)) => {
            buying::card_bought(ctx, env, step, Reference(reference));
            None
        }
        (Command::ConvertBill { .. }, Reply::Declined(Decline::PriceCap)) => paying::without_instalments(ctx.user),
        (Command::Tip { host, amount_fen }, Reply::Done(_)) => {
            ctx.tally.tips_by_host[usize::from(host.0)] += i64::from(amount_fen);
            watching::tipped_by_child(ctx, env, step.second, host, amount_fen)
        }
        _ => {
            match step.thread {
                Thread::Order { link } => buying::order_done(ctx, env, link, step, reply),
                Thread::Payment { scraped } => paying::paid(ctx.user, reply, scraped),
                _ => {}
            }
            None
        }
    }
}

/// A declined purchase: try something cheaper, complain, or lose patience.
fn after_decline(ctx: &mut UserCtx<'_>, env: &Environment<'_>, step: &Step, reason: Decline) -> Option<Step> {
    let conduct = &env.levers.conduct;
    let mut draws = ctx.draws(Purpose::Service);
    let complains = draws.chance_ppm(conduct.complain_decline_ppm);
    let user = &mut *ctx.user;
    user.declines_in_row = user.declines_in_row.saturating_add(1);
    let patience = u32::from(conduct.patience_declines) * u32::from(user.patience) / 32;
    if u32::from(user.declines_in_row) > patience.max(1) {
        user.declines_in_row = 0;
        user.away_until = env.calendar.day.0 + conduct.sulk_days;
        ctx.tally.flows.walked_away += 1;
    }
    if complains {
        let command = Command::Complain { about: Complaint::Decline };
        return Some(Step { second: step.second, command, thread: Thread::Plain });
    }
    if reason == Decline::CardClosed {
        return buying::goods_instead(ctx, env, step);
    }
    let retry = reason == Decline::OverLimit && step.thread == (Thread::Purchase { cheaper: false });
    if !retry || !draws.chance_ppm(env.levers.buy.retry_cheaper_ppm) {
        return None;
    }
    buying::cheaper(step)
}

/// Is this trait set?
#[inline]
pub(crate) const fn has(user: &UserRow, bit: u16) -> bool {
    user.traits & bit != 0
}

/// Users who may hold a job: adults under 60 who do not study.
pub(crate) const fn in_labour_force(user: &UserRow) -> bool {
    user.age >= 18 && user.age < 60 && user.traits & (bits::STUDENT | bits::MINOR) == 0
}
