//! A user as an actor: the same state machine as on the virtual clock ([`crate::agents::user`]), asking a service by message.
//!
//! A user has one request on its way at a time. What becomes due meanwhile waits, and its time counts from when it was meant to
//! start. Without a decision (shed, too late) the user asks again under the same number after a while, or gives up.

use crate::agents::environment::Environment;
use crate::agents::orders::{NO_ORDER, OrderBook};
use crate::agents::step::{Step, UserCtx};
use crate::agents::traits::UserRow;
use crate::agents::user;
use crate::base::ids::{Lender, MerchantId, Reference};
use crate::credit::command::{Command, Glance, Reply};
use crate::journal::Ack;
use crate::load::actors::cell::is_approval;
use crate::load::actors::counterparties::{Fulfil, Tipped};
use crate::load::actors::mailbox::{Cursor, MailboxContext, Receives};
use crate::load::actors::messages::{Again, Answer, BankAsks, DebitFailed, Decide, Outcome, ReportEvent, ViewTable};
use crate::load::actors::user_shard::{CellSlot, FOLLOWING, UserShard};
use crate::load::actors::wakers::DueStep;
use crate::load::core::time::{MILLI_NS, TimeMapping};
use crate::load::core::timers::{Due, UserIndex};
use crate::measure::latency::{Ending, Operation};
use crate::world::protocol::{self, DebitAnswer, is_auto_debit};
use actix::{Actor, Handler};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::sync::oneshot;

/// Users between one who plans and the one whose row is fetched from memory meanwhile.
const ROWS_AHEAD: usize = 4;

/// A request on its way.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    step: Step,
    sequence: u32,
    intended_ns: u64,
    sent_ns: u64,
    tries: u8,
}

/// One user's life of requests. The state of the state machine is the user's row in the table of its cell
/// ([`crate::load::actors::user_shard::CellSide::rows`]), where the days of neighbours are planned one after the other.
#[derive(Debug)]
pub(crate) struct Session {
    patience: u8,
    user: UserIndex,
    at: CellSlot,
    in_flight: Option<InFlight>,
    /// Where the answer to it comes from.
    reply: Option<oneshot::Receiver<Answer>>,
    waiting: VecDeque<(u64, Step)>,
    orders: OrderedFrom,
}

/// Merchants of open orders by lender and the lender's reference, so that their captures, voids and refunds go through them.
type OrderedFrom = Vec<((Lender, Reference), u16)>;

/// Who an actor is made for.
pub(crate) struct NewUser {
    /// Index on the thread.
    pub index: UserIndex,
    /// Its cell and slot.
    pub at: CellSlot,
    /// How long the user waits for an answer, in thirty-seconds of the plan's patience.
    pub patience: u8,
    /// Open orders with their merchants.
    pub orders: OrderedFrom,
}

/// The actor of one user.
pub(crate) struct UserActor {
    session: Session,
    cursor: Cursor,
    shard: Rc<RefCell<UserShard>>,
}

impl Actor for UserActor {
    type Context = MailboxContext<Self>;
}

impl UserActor {
    /// The actor of a user of a shard.
    pub(crate) fn new(user: NewUser, shard: &Rc<RefCell<UserShard>>) -> UserActor {
        let NewUser { index, at, patience, orders } = user;
        let waiting = VecDeque::new();
        let session = Session { patience, user: index, at, in_flight: None, reply: None, waiting, orders };
        UserActor { session, cursor: Cursor::default(), shard: Rc::clone(shard) }
    }
}

impl Receives for UserActor {
    fn registers(&mut self, waker: &Waker) {
        self.shard.borrow_mut().wakers.register(self.session.user, waker.clone());
    }

    fn woken(&mut self) {
        let shard = &mut *self.shard.borrow_mut();
        while let Some(step) = shard.wakers.take(self.session.user) {
            shard.receives();
            self.session.start(shard, step);
        }
    }

    fn may_have_messages(&mut self) -> bool {
        let CellSlot { cell, slot } = self.session.at;
        self.cursor.is_behind(self.shard.borrow().cells[cell as usize].link.mailbox_count(slot))
    }

    fn polls_reply(&mut self, task: &mut Context<'_>) {
        while let Some(reply) = &mut self.session.reply {
            let Poll::Ready(answer) = Pin::new(reply).poll(task) else { return };
            self.session.reply = None;
            // A cell that answers nobody any more is gone, and the run is over.
            let Ok(answer) = answer else { return };
            let shard = &mut *self.shard.borrow_mut();
            shard.receives();
            self.session.answered(shard, answer);
        }
    }
}

/// Calls `act` with what a user's state machine needs.
fn with_user<T>(at: CellSlot, shard: &mut UserShard, act: impl FnOnce(&mut UserCtx<'_>, &Surroundings<'_>) -> T) -> T {
    let UserShard { day, tally, cells, .. } = shard;
    let side = &mut cells[at.cell as usize];
    let key = day.key_of(side.first_user + at.slot.0);
    let around = Surroundings { env: day.environment(), views: side.views.as_deref() };
    let mut ctx = UserCtx { user: &mut side.rows[at.slot.index()], orders: &mut side.orders, tally, key };
    act(&mut ctx, &around)
}

/// What surrounds a user.
struct Surroundings<'a> {
    env: Environment<'a>,
    views: Option<&'a ViewTable>,
}

/// A user plans the day, which could be done since `known_ns`. One who waits for an answer of the day before plans later.
pub(crate) fn plan(shard: &mut UserShard, at: CellSlot, known_ns: u64) {
    let CellSlot { cell, slot } = at;
    let side = &shard.cells[cell as usize];
    let user = side.first_index + slot.0;
    if shard.under_way[user as usize] > 0 {
        shard.deferred.push(at);
        return;
    }
    // Those who plan next; a row takes longer to come from memory than a plan takes.
    let ahead = slot.index() + ROWS_AHEAD;
    UserRow::fetch_ahead(&side.rows, ahead);
    if let Some(views) = &side.views {
        views.fetch_ahead(ahead);
    }
    let mut steps = std::mem::take(&mut shard.steps);
    steps.clear();
    with_user(at, shard, |ctx, around| {
        let Some(views) = around.views else { return };
        let view = |lender| *views.at(lender, slot);
        user::plan(ctx, &around.env, |lender| Glance::of(views.at(lender, slot)), view, &mut steps);
        ctx.tally.flows.user_days += 1;
    });
    if shard.mapping == TimeMapping::Rate {
        // A payment of the day is made on the day; tips may go on in the next.
        steps.sort_by_key(Step::is_tip);
    }
    for (number, step) in steps.iter().enumerate() {
        shard.intend(cell as usize, user, number, *step, known_ns);
    }
    shard.cells[cell as usize].unplanned -= 1;
    shard.steps = steps;
}

impl Session {
    fn start(&mut self, shard: &mut UserShard, due: DueStep) {
        crate::runtime::fault_point("user");
        let DueStep { intended_ns, known_ns, step } = due;
        let now_ns = shard.clock.now_ns();
        if shard.window.measures(intended_ns) {
            let lag_ns = now_ns.saturating_sub(intended_ns.max(known_ns));
            shard.recorder.offered(Operation::of(&step.command), lag_ns);
        }
        self.take_up(shard, intended_ns, step, now_ns);
    }

    fn take_up(&mut self, shard: &mut UserShard, intended_ns: u64, step: Step, now_ns: u64) {
        if self.in_flight.is_some() {
            self.waiting.push_back((intended_ns, step));
            return;
        }
        let row = &mut shard.cells[self.at.cell as usize].rows[self.at.slot.index()];
        row.sequence += 1;
        self.in_flight = Some(InFlight { step, sequence: row.sequence, intended_ns, sent_ns: 0, tries: 0 });
        self.send(shard, now_ns);
    }

    /// Sends the request that is on its way, for the first time or again.
    fn send(&mut self, shard: &mut UserShard, now_ns: u64) {
        let Some(request) = &mut self.in_flight else { return };
        request.tries += 1;
        request.sent_ns = now_ns;
        let request = *request;
        let operation = Operation::of(&request.step.command);
        if shard.window.measures(request.intended_ns) {
            shard.recorder.sent(operation, request.tries > 1);
        }
        shard.in_flight += 1;
        let (to, reply) = oneshot::channel();
        self.reply = Some(reply);
        let decide = Decide {
            lender: request.step.lender,
            slot: self.at.slot,
            sequence: request.sequence,
            second: request.step.second,
            command: request.step.command,
            deadline_ns: request.sent_ns.max(request.intended_ns) + shard.deadline_ns,
            to,
        };
        let side = &shard.cells[self.at.cell as usize];
        let Some(cell) = &side.addr else { unreachable!("steps are taken after the cells were wired up") };
        if let Some(merchant) = self.merchant_of(&request.step) {
            let order = Fulfil { request: decide, cell: Arc::clone(cell), link: Arc::clone(&side.link) };
            shard.merchants[usize::from(merchant)].do_send(order);
        } else if side.link.admission.take_seat() {
            cell.do_send(decide);
        } else {
            self.reply = None;
            self.answered(shard, Answer { outcome: Outcome::Shed, service_ns: 0 });
        }
    }

    /// The merchant who sends this request, for captures, voids and refunds of an order.
    fn merchant_of(&self, step: &Step) -> Option<u16> {
        let (Command::Capture { purchase, .. } | Command::Void { purchase } | Command::Refund { purchase, .. }) =
            step.command
        else {
            return None;
        };
        let order = (step.lender, purchase);
        self.orders.iter().find(|(known, _)| *known == order).map(|(_, merchant)| *merchant)
    }

    fn answered(&mut self, shard: &mut UserShard, answer: Answer) {
        let Some(request) = self.in_flight else { return };
        shard.in_flight -= 1;
        let now_ns = shard.clock.now_ns();
        let operation = Operation::of(&request.step.command);
        let measured = shard.window.measures(request.intended_ns);
        if measured && answer.outcome != Outcome::Shed {
            shard.recorder.admitted(operation);
        }
        let waited_ns = now_ns.saturating_sub(shard.latency_from.counted_from_ns(request.intended_ns, request.sent_ns));
        let patience_ns = shard.retry.patience_ms * MILLI_NS * u64::from(self.patience.max(1)) / 32;
        let patient =
            waited_ns <= patience_ns || !matches!(shard.mapping, TimeMapping::Simulated { .. } | TimeMapping::Rate);
        match answer.outcome {
            Outcome::Decided(reply) => {
                if measured && patient {
                    let service_ns = u64::from(answer.service_ns);
                    shard.recorder.decided(operation, is_approval(reply), waited_ns, service_ns);
                } else if measured {
                    // The user had left; the account shows the result when it is opened again.
                    self.lose(shard, &request, Ending::Abandoned);
                }
                if let Some(acks) = &mut shard.acks {
                    let user = shard.cells[self.at.cell as usize].first_user + self.at.slot.0;
                    acks.put(Ack { user, lender: request.step.lender, sequence: request.sequence, reply });
                }
                self.observe(shard, &request, reply, now_ns);
            }
            Outcome::Undecided => {
                if measured {
                    shard.recorder.decided(operation, true, waited_ns, u64::from(answer.service_ns));
                }
                self.over(shard, now_ns);
            }
            Outcome::Unavailable | Outcome::NoLender => {
                if measured {
                    self.lose(shard, &request, Ending::Unavailable);
                }
                self.over(shard, now_ns);
            }
            Outcome::Shed | Outcome::Late if patient && request.tries <= shard.retry.times => {
                let wait_ms = shard.retry.backoff_ms << (request.tries - 1).min(16);
                shard.to_ask_again += 1;
                shard.timers.put(now_ns + wait_ms * MILLI_NS, Due::Again(self.user));
            }
            Outcome::Shed | Outcome::Late => {
                if measured {
                    let shed = if answer.outcome == Outcome::Shed { Ending::Shed } else { Ending::Late };
                    self.lose(shard, &request, if patient { shed } else { Ending::Abandoned });
                }
                self.over(shard, now_ns);
            }
        }
    }

    /// Counts a request that got no decision in time, and the business that went with it.
    fn lose(&self, shard: &mut UserShard, request: &InFlight, ending: Ending) {
        shard.recorder.ended(Operation::of(&request.step.command), ending);
        if let Command::Authorise { amount_fen, .. }
        | Command::BuyCard { amount_fen, .. }
        | Command::Tip { amount_fen, .. } = request.step.command
        {
            shard.lost.drawings += 1;
            shard.lost.amount_fen += i64::from(amount_fen);
        }
    }

    /// Shows the user the decision; what follows from it is put into the timer queue.
    fn observe(&mut self, shard: &mut UserShard, request: &InFlight, reply: Reply, now_ns: u64) {
        let step = request.step;
        if let (Command::Tip { host, amount_fen }, Reply::Done(_)) = (step.command, reply) {
            shard.tips_fen[usize::from(host.0)] += i64::from(amount_fen);
            shard.hosts[usize::from(host.0)].do_send(Tipped(amount_fen));
        }
        if let (Command::Authorise { merchant, .. }, Reply::Done(reference)) = (step.command, reply) {
            self.orders.push(((step.lender, Reference(reference)), merchant.0));
        }
        let follow = with_user(self.at, shard, |ctx, around| {
            if is_auto_debit(&step.command) {
                protocol::debited(ctx.user, reply);
                return None;
            }
            user::observe(ctx, &around.env, &step, reply)
        });
        self.forget_orders(&step, reply);
        match follow {
            Some(next) => {
                let at_ns = shard.follow_ns(request.intended_ns, step.second, next.second);
                let due = Due::Step { user: self.user, step: next, known_ns: now_ns };
                shard.timers.put_in_turn(FOLLOWING, at_ns, due);
                self.next(shard, now_ns);
            }
            None => self.over(shard, now_ns),
        }
    }

    /// An order that can be neither captured nor refunded any more needs no merchant.
    fn forget_orders(&mut self, step: &Step, reply: Reply) {
        let over = match step.command {
            Command::Void { purchase } | Command::Refund { purchase, .. } => Some(purchase),
            Command::Capture { purchase, .. } if !is_approval(reply) => Some(purchase),
            _ => None,
        };
        if let Some(reference) = over {
            self.orders.retain(|(known, _)| *known != (step.lender, reference));
        }
        // Captured orders that nobody gives back would stay for ever: the oldest give way.
        if self.orders.len() > 8 {
            self.orders.remove(0);
        }
    }

    /// The chain is over.
    fn over(&mut self, shard: &mut UserShard, now_ns: u64) {
        shard.chain_ends(self.at.cell as usize, now_ns);
        self.next(shard, now_ns);
    }

    /// The request is over; the next one that waits is sent.
    fn next(&mut self, shard: &mut UserShard, now_ns: u64) {
        let over = self.in_flight.take();
        if over.is_some_and(|request| is_auto_debit(&request.step.command)) {
            shard.cells[self.at.cell as usize].debits.paid();
        }
        shard.ends(self.user);
        if let Some((intended_ns, step)) = self.waiting.pop_front() {
            self.take_up(shard, intended_ns, step, now_ns);
        }
    }

    fn bank_asked(&mut self, shard: &mut UserShard, ask: &BankAsks) {
        let side = &mut shard.cells[self.at.cell as usize];
        let answer = ask.0.answer(&side.rows[self.at.slot.index()], shard.day.calendar.day);
        side.debits.bank_replies(matches!(answer, DebitAnswer::Pays(_)));
        let step = match answer {
            DebitAnswer::ByHand => return,
            DebitAnswer::Fails => {
                if let Some(cell) = &side.addr {
                    cell.do_send(DebitFailed(ask.0.lender()));
                }
                return;
            }
            DebitAnswer::Pays(step) => step,
        };
        shard.chain_begins(self.at.cell as usize);
        shard.begins(self.user);
        let now_ns = shard.clock.now_ns();
        self.start(shard, DueStep { intended_ns: now_ns, known_ns: now_ns, step });
    }
}

/// Looks up the merchants of a user's open orders when a world is handed over.
pub(crate) fn merchants_of_orders(
    row: &UserRow,
    orders: &mut OrderBook,
    merchant_of: impl Fn(Lender, Reference) -> Option<MerchantId>,
) -> OrderedFrom {
    let mut known = Vec::new();
    let mut next = if row.next_order_day == 0 { NO_ORDER } else { row.first_order };
    while next != NO_ORDER {
        let order = *orders.row_mut(next);
        if let Some(merchant) = merchant_of(order.lender(), order.reference) {
            known.push(((order.lender(), order.reference), merchant.0));
        }
        next = order.next;
    }
    known
}

macro_rules! on_message {
    ($message:ty, |$session:ident, $shard:ident, $what:ident| $body:expr) => {
        impl Handler<$message> for UserActor {
            type Result = ();

            fn handle(&mut self, $what: $message, _: &mut MailboxContext<Self>) {
                let $session = &mut self.session;
                let $shard = &mut *self.shard.borrow_mut();
                $shard.receives();
                $body
            }
        }
    };
}

on_message!(Again, |session, shard, _again| {
    let now_ns = shard.clock.now_ns();
    shard.to_ask_again -= 1;
    session.send(shard, now_ns);
});
on_message!(BankAsks, |session, shard, ask| session.bank_asked(shard, &ask));
on_message!(ReportEvent, |session, shard, report| {
    with_user(session.at, shard, |ctx, around| report.0.observe(ctx, &around.env));
});
