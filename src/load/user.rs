//! A user as an actor: the same state machine as on the virtual clock ([`crate::agents::user`]), asking a service by message.
//!
//! A user has one request on its way at a time. What becomes due meanwhile waits, and its time counts from when it was meant to
//! start. Without a decision (shed, too late) the user asks again under the same number after a while, or gives up.

use crate::agents::environment::Environment;
use crate::agents::orders::{NO_ORDER, OrderBook};
use crate::agents::step::{Step, UserCtx};
use crate::agents::traits::UserRow;
use crate::agents::user;
use crate::base::ids::{MerchantId, Reference, Slot};
use crate::credit::command::{AccountView, Command, Glance, Reply};
use crate::journal::Ack;
use crate::load::agenda::Due;
use crate::load::bells::Start;
use crate::load::cell::is_approval;
use crate::load::crowd::{Crowd, FOLLOWING, Place, Tempo};
use crate::load::mail::{Hears, LastLook, MailContext};
use crate::load::market::{Fulfil, Tipped};
use crate::load::messages::{Again, Answer, BankAsks, DebitFailed, Decide, Outcome, Post};
use crate::load::time::MILLI_NS;
use crate::measure::latency::{Ending, Operation};
use crate::world::protocol::{self, DebitAnswer, is_auto_debit};
use actix::{Actor, Handler};
use prefetch_index::prefetch_index;
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
struct Asked {
    step: Step,
    sequence: u32,
    intended_ns: u64,
    sent_ns: u64,
    tries: u8,
}

/// A person at the service's door. The state of the state machine is the person's row in the table of its cell
/// ([`crate::load::crowd::CellSide::rows`]), where the days of neighbours are planned one after the other.
#[derive(Debug)]
pub(crate) struct Person {
    patience: u8,
    place: Place,
    /// Place of the cell on this thread.
    cell: u32,
    slot: u32,
    asked: Option<Asked>,
    /// Where the answer to it comes from.
    reply: Option<oneshot::Receiver<Answer>>,
    waiting: VecDeque<(u64, Step)>,
    /// Merchants of open orders, so that their captures, voids and refunds go through them.
    orders: Vec<(Reference, u16)>,
}

/// The actor of one user.
pub(crate) struct UserActor {
    person: Person,
    last_look: LastLook,
    crowd: Rc<RefCell<Crowd>>,
}

impl Actor for UserActor {
    type Context = MailContext<Self>;
}

impl UserActor {
    /// The actor of a user in place `place` of a crowd, slot `slot` of the crowd's cell `cell`, of so much patience. `orders` are
    /// the open orders with their merchants.
    pub(crate) fn new(
        patience: u8,
        place: Place,
        cell: u32,
        slot: u32,
        orders: Vec<(Reference, u16)>,
        crowd: &Rc<RefCell<Crowd>>,
    ) -> UserActor {
        let person = Person { patience, place, cell, slot, asked: None, reply: None, waiting: VecDeque::new(), orders };
        UserActor { person, last_look: LastLook::default(), crowd: Rc::clone(crowd) }
    }
}

impl Hears for UserActor {
    fn settles(&mut self, bell: &Waker) {
        self.crowd.borrow_mut().bells.hang(self.person.place, bell.clone());
    }

    fn wakes(&mut self) {
        let crowd = &mut *self.crowd.borrow_mut();
        while let Some(start) = crowd.bells.take(self.person.place) {
            crowd.heard += 1;
            self.person.start(crowd, start);
        }
    }

    fn has_mail(&mut self) -> bool {
        let (cell, slot) = self.person.at();
        self.last_look.is_outdated(self.crowd.borrow().cells[cell as usize].door.letters(slot))
    }

    fn awaits(&mut self, task: &mut Context<'_>) {
        while let Some(reply) = &mut self.person.reply {
            let Poll::Ready(answer) = Pin::new(reply).poll(task) else { return };
            self.person.reply = None;
            // A cell that answers nobody any more is gone, and the run is over.
            let Ok(answer) = answer else { return };
            let crowd = &mut *self.crowd.borrow_mut();
            crowd.heard += 1;
            self.person.answered(crowd, answer);
        }
    }
}

/// Calls `act` with what a user's state machine needs.
fn on_stage<T>((cell, slot): (u32, u32), crowd: &mut Crowd, act: impl FnOnce(&mut UserCtx<'_>, &Stage<'_>) -> T) -> T {
    let Crowd { day, tally, cells, .. } = crowd;
    let side = &mut cells[cell as usize];
    let key = day.key_of(side.first_user + slot);
    let stage = Stage { env: day.environment(), views: side.views.as_deref() };
    let mut ctx = UserCtx { user: &mut side.rows[slot as usize], orders: &mut side.orders, tally, key };
    act(&mut ctx, &stage)
}

/// What surrounds a user on stage.
struct Stage<'a> {
    env: Environment<'a>,
    views: Option<&'a [AccountView]>,
}

/// A user plans the day. One who waits for an answer of the day before is put off.
pub(crate) fn plan(crowd: &mut Crowd, cell: u32, slot: u32) {
    let side = &crowd.cells[cell as usize];
    let place = side.first_place + slot;
    if crowd.begun[place as usize] > 0 {
        crowd.deferred.push((cell, slot));
        return;
    }
    // Those who plan next; a row takes longer to come from memory than a plan takes.
    let ahead = slot as usize + ROWS_AHEAD;
    UserRow::fetch_ahead(&side.rows, ahead);
    if let Some(views) = &side.views {
        prefetch_index(views, ahead);
    }
    let mut steps = std::mem::take(&mut crowd.steps);
    steps.clear();
    on_stage((cell, slot), crowd, |ctx, stage| {
        let Some(view) = stage.views.and_then(|views| views.get(slot as usize)) else { return };
        let glance = Glance {
            status: view.status,
            available_fen: view.available_fen,
            late: view.days_past_due > 0,
            contact: view.contact,
            annual_bp: view.annual_bp,
        };
        user::plan(ctx, &stage.env, glance, || *view, &mut steps);
        ctx.tally.flows.user_days += 1;
    });
    if crowd.tempo == Tempo::Rate {
        // A payment of the day is made on the day; tips may go on in the next.
        steps.sort_by_key(Step::is_tip);
    }
    for (number, step) in steps.iter().enumerate() {
        crowd.intend(cell as usize, place, number, *step);
    }
    crowd.cells[cell as usize].unplanned -= 1;
    crowd.steps = steps;
}

impl Person {
    fn at(&self) -> (u32, u32) {
        (self.cell, self.slot)
    }

    fn start(&mut self, crowd: &mut Crowd, start: Start) {
        let Start { intended_ns, known_ns, step } = start;
        let now_ns = crowd.clock.now_ns();
        if crowd.window.measures(intended_ns) {
            let lag_ns = now_ns.saturating_sub(intended_ns.max(known_ns));
            crowd.recorder.offered(Operation::of(&step.command), lag_ns);
        }
        self.take_up(crowd, intended_ns, step, now_ns);
    }

    fn take_up(&mut self, crowd: &mut Crowd, intended_ns: u64, step: Step, now_ns: u64) {
        if self.asked.is_some() {
            self.waiting.push_back((intended_ns, step));
            return;
        }
        let row = &mut crowd.cells[self.cell as usize].rows[self.slot as usize];
        row.sequence += 1;
        self.asked = Some(Asked { step, sequence: row.sequence, intended_ns, sent_ns: 0, tries: 0 });
        self.send(crowd, now_ns);
    }

    /// Sends the request that is on its way, for the first time or again.
    fn send(&mut self, crowd: &mut Crowd, now_ns: u64) {
        let Some(asked) = &mut self.asked else { return };
        asked.tries += 1;
        asked.sent_ns = now_ns;
        let asked = *asked;
        let operation = Operation::of(&asked.step.command);
        if crowd.window.measures(asked.intended_ns) {
            crowd.recorder.sent(operation, asked.tries > 1);
        }
        crowd.in_flight += 1;
        let (to, reply) = oneshot::channel();
        self.reply = Some(reply);
        let ask = Decide {
            slot: Slot(self.slot),
            sequence: asked.sequence,
            second: asked.step.second,
            command: asked.step.command,
            deadline_ns: asked.sent_ns.max(asked.intended_ns) + crowd.deadline_ns,
            to,
        };
        let side = &crowd.cells[self.cell as usize];
        let Some(cell) = &side.addr else { unreachable!("steps are taken after the cells were wired up") };
        if let Some(merchant) = self.merchant_of(&asked.step.command) {
            let order = Fulfil { ask, cell: Arc::clone(cell), door: Arc::clone(&side.door) };
            crowd.merchants[usize::from(merchant)].do_send(order);
        } else if side.door.gate.enter() {
            cell.do_send(ask);
        } else {
            self.reply = None;
            self.answered(crowd, Answer { outcome: Outcome::Shed, service_ns: 0 });
        }
    }

    /// The merchant who sends this request, for captures, voids and refunds of an order.
    fn merchant_of(&self, command: &Command) -> Option<u16> {
        let (Command::Capture { purchase, .. } | Command::Void { purchase } | Command::Refund { purchase, .. }) =
            *command
        else {
            return None;
        };
        self.orders.iter().find(|(reference, _)| *reference == purchase).map(|(_, merchant)| *merchant)
    }

    fn answered(&mut self, crowd: &mut Crowd, answer: Answer) {
        let Some(asked) = self.asked else { return };
        crowd.in_flight -= 1;
        let now_ns = crowd.clock.now_ns();
        let operation = Operation::of(&asked.step.command);
        let measured = crowd.window.measures(asked.intended_ns);
        if measured && answer.outcome != Outcome::Shed {
            crowd.recorder.admitted(operation);
        }
        let waited_ns = now_ns.saturating_sub(crowd.stamp.from_ns(asked.intended_ns, asked.sent_ns));
        let patience_ns = crowd.retry.patience_ms * MILLI_NS * u64::from(self.patience.max(1)) / 32;
        let patient = waited_ns <= patience_ns || !matches!(crowd.tempo, Tempo::Simulated { .. } | Tempo::Rate);
        match answer.outcome {
            Outcome::Decided(reply) => {
                if measured && patient {
                    let service_ns = u64::from(answer.service_ns);
                    crowd.recorder.decided(operation, is_approval(reply), waited_ns, service_ns);
                } else if measured {
                    // The user had left; the account shows the result when it is opened again.
                    self.lose(crowd, &asked, Ending::Abandoned);
                }
                if let Some(acks) = &mut crowd.acks {
                    let user = crowd.cells[self.cell as usize].first_user + self.slot;
                    acks.put(Ack { user, sequence: asked.sequence, reply });
                }
                self.observe(crowd, &asked, reply, now_ns);
            }
            Outcome::Seen => {
                if measured {
                    crowd.recorder.decided(operation, true, waited_ns, u64::from(answer.service_ns));
                }
                self.over(crowd, now_ns);
            }
            Outcome::Unavailable => {
                if measured {
                    self.lose(crowd, &asked, Ending::Unavailable);
                }
                self.over(crowd, now_ns);
            }
            Outcome::Shed | Outcome::Late if patient && asked.tries <= crowd.retry.times => {
                let wait_ms = crowd.retry.backoff_ms << (asked.tries - 1).min(16);
                crowd.to_ask_again += 1;
                crowd.agenda.put(now_ns + wait_ms * MILLI_NS, Due::Again(self.place));
            }
            Outcome::Shed | Outcome::Late => {
                if measured {
                    let shed = if answer.outcome == Outcome::Shed { Ending::Shed } else { Ending::Late };
                    self.lose(crowd, &asked, if patient { shed } else { Ending::Abandoned });
                }
                self.over(crowd, now_ns);
            }
        }
    }

    /// Counts a request that got no decision in time, and the business that went with it.
    fn lose(&self, crowd: &mut Crowd, asked: &Asked, ending: Ending) {
        crowd.recorder.ended(Operation::of(&asked.step.command), ending);
        if let Command::Authorise { amount_fen, .. }
        | Command::BuyCard { amount_fen, .. }
        | Command::Tip { amount_fen, .. } = asked.step.command
        {
            crowd.lost.drawings += 1;
            crowd.lost.amount_fen += i64::from(amount_fen);
        }
    }

    /// Shows the user the decision; what follows from it goes on the agenda.
    fn observe(&mut self, crowd: &mut Crowd, asked: &Asked, reply: Reply, now_ns: u64) {
        let step = asked.step;
        if let (Command::Tip { host, amount_fen }, Reply::Done(_)) = (step.command, reply) {
            crowd.tips_fen[usize::from(host.0)] += i64::from(amount_fen);
            crowd.hosts[usize::from(host.0)].do_send(Tipped(amount_fen));
        }
        if let (Command::Authorise { merchant, .. }, Reply::Done(reference)) = (step.command, reply) {
            self.orders.push((Reference(reference), merchant.0));
        }
        let follow = on_stage(self.at(), crowd, |ctx, stage| {
            if is_auto_debit(&step.command) {
                protocol::debited(ctx.user, reply);
                return None;
            }
            user::observe(ctx, &stage.env, &step, reply)
        });
        self.forget_orders(&step.command, reply);
        match follow {
            Some(next) => {
                let at_ns = crowd.follow_ns(asked.intended_ns, step.second, next.second);
                crowd.agenda.put_in_turn(FOLLOWING, at_ns, Due::Step(self.place, next));
                self.next(crowd, now_ns);
            }
            None => self.over(crowd, now_ns),
        }
    }

    /// An order that can be neither captured nor refunded any more needs no merchant.
    fn forget_orders(&mut self, command: &Command, reply: Reply) {
        let over = match *command {
            Command::Void { purchase } | Command::Refund { purchase, .. } => Some(purchase),
            Command::Capture { purchase, .. } if !is_approval(reply) => Some(purchase),
            _ => None,
        };
        if let Some(reference) = over {
            self.orders.retain(|(known, _)| *known != reference);
        }
        // Captured orders that nobody gives back would stay for ever: the oldest give way.
        if self.orders.len() > 8 {
            self.orders.remove(0);
        }
    }

    /// The chain is over.
    fn over(&mut self, crowd: &mut Crowd, now_ns: u64) {
        crowd.chain_ends(self.cell as usize, now_ns);
        self.next(crowd, now_ns);
    }

    /// The request is over; the next one that waits is sent.
    fn next(&mut self, crowd: &mut Crowd, now_ns: u64) {
        let over = self.asked.take();
        if over.is_some_and(|asked| is_auto_debit(&asked.step.command)) {
            crowd.cells[self.cell as usize].debits.paid();
        }
        crowd.ends(self.place);
        if let Some((intended_ns, step)) = self.waiting.pop_front() {
            self.take_up(crowd, intended_ns, step, now_ns);
        }
    }

    fn bank_asked(&mut self, crowd: &mut Crowd, ask: &BankAsks) {
        let side = &mut crowd.cells[self.cell as usize];
        let answer = ask.0.answer(&side.rows[self.slot as usize], crowd.day.calendar.day);
        side.debits.heard(matches!(answer, DebitAnswer::Pays(_)));
        let step = match answer {
            DebitAnswer::ByHand => return,
            DebitAnswer::Fails => {
                if let Some(cell) = &side.addr {
                    cell.do_send(DebitFailed);
                }
                return;
            }
            DebitAnswer::Pays(step) => step,
        };
        crowd.chain_begins(self.cell as usize);
        crowd.begins(self.place);
        let now_ns = crowd.clock.now_ns();
        self.start(crowd, Start { intended_ns: now_ns, known_ns: now_ns, step });
    }
}

/// Looks up the merchants of a user's open orders when a world is handed over.
pub(crate) fn merchants_of_orders(
    row: &UserRow,
    orders: &mut OrderBook,
    merchant_of: impl Fn(Reference) -> Option<MerchantId>,
) -> Vec<(Reference, u16)> {
    let mut known = Vec::new();
    let mut place = if row.next_order_day == 0 { NO_ORDER } else { row.first_order };
    while place != NO_ORDER {
        let order = *orders.row_mut(place);
        if let Some(merchant) = merchant_of(order.reference) {
            known.push((order.reference, merchant.0));
        }
        place = order.next;
    }
    known
}

macro_rules! on_message {
    ($message:ty, |$person:ident, $crowd:ident, $what:ident| $body:expr) => {
        impl Handler<$message> for UserActor {
            type Result = ();

            fn handle(&mut self, $what: $message, _: &mut MailContext<Self>) {
                let $person = &mut self.person;
                let $crowd = &mut *self.crowd.borrow_mut();
                $crowd.heard += 1;
                $body
            }
        }
    };
}

on_message!(Again, |person, crowd, _again| {
    let now_ns = crowd.clock.now_ns();
    crowd.to_ask_again -= 1;
    person.send(crowd, now_ns);
});
on_message!(BankAsks, |person, crowd, ask| person.bank_asked(crowd, &ask));
on_message!(Post, |person, crowd, post| on_stage(person.at(), crowd, |ctx, stage| post.0.observe(ctx, &stage.env)));
