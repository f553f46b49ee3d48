//! Takes the messages of a generator's thread, and keeps the generator turning. What a turn does is in `generator`, how a day ends
//! in `day_phase`. Here is what needs the runtime: the task that turns, its sleep, and the core that it leaves to others.

use crate::load::actors::generator::{Generator, Phase, SLEEP_FROM_NS, SLEEP_MARGIN_NS};
use crate::load::actors::messages::{
    AccountViews, Arrivals, CalendarOver, Connect, DayHasToEnd, EndNow, Go, NewDay, RoundDone,
};
use crate::load::core::time::TimeMapping;
use crate::load::core::timers::Due;
use crate::measure::latency::{LostBusiness, Operation};
use crate::runtime;
use actix::{Actor, AsyncContext, Context, Handler, Message, MessageResult, WrapFuture};
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

/// Turns as long as the thread lives.
async fn drive(generator: Rc<RefCell<Generator>>) {
    let clock = generator.borrow().shard.borrow().clock;
    let park = generator.borrow().shard.borrow().park;
    let (mut received, mut quiet_turns) = (None, 0);
    loop {
        let before_ns = clock.now_ns();
        let next_ns = generator.borrow_mut().turn(before_ns);
        if next_ns > before_ns + SLEEP_FROM_NS {
            let rest = Duration::from_nanos(next_ns - before_ns - SLEEP_MARGIN_NS);
            let register = |waker| generator.borrow().shard.borrow_mut().resting = Some(waker);
            resting(actix_rt::time::sleep(rest), register).await;
            continue;
        }
        if let Some(park) = park {
            let now_received = generator.borrow().received();
            quiet_turns = if now_received.is_some() && now_received == received { quiet_turns + 1 } else { 0 };
            received = now_received;
            leave_core(park, quiet_turns);
        }
        if next_ns > before_ns {
            generator.borrow_mut().idle_ns += clock.now_ns() - before_ns;
        }
        if generator.borrow().waits_for_nobody_else() {
            let_others_run().await;
        } else {
            tokio::task::yield_now().await;
        }
    }
}

/// Rests until `time` is over or the task is woken before, whatever for: by a message to the generator, which lives in the same task,
/// or by one of its users who has received something. To that end `register` gets the task's waker.
async fn resting(time: impl Future<Output = ()>, register: impl FnOnce(Waker)) {
    let (mut time, mut register) = (pin!(time), Some(register));
    std::future::poll_fn(|context| match register.take() {
        Some(register) => {
            register(context.waker().clone());
            time.as_mut().poll(context)
        }
        None => Poll::Ready(()),
    })
    .await;
}

/// Turns without a message to anybody on this thread, after which it waits for the journal: by then the decisions of the last
/// message have been sent there.
const QUIET_TURNS: u32 = 3;

/// How long it parks then where the cells live on it too: the journal wakes it for the answers; what is due meanwhile waits. Much
/// shorter times are no rest for a virtual machine: its host keeps the core busy through them, in case they end.
pub(crate) const PARK: Duration = Duration::from_micros(400);

/// How long it parks where answers come from other threads, which do not wake it. Linux makes about 100 µs of it.
pub(crate) const SHORT_PARK: Duration = Duration::from_micros(50);

/// Leaves the core to the journal's thread, which has none of its own. On a core that never rests it would wait for the end of a
/// time slice (a commit took 7.4 ms instead of 0.5 ms); and a machine that may not use all its cores all the time, as a guest with a
/// quota, is stopped for 7 to 9 ms of every 100 ms when the threads do nothing but look at the clock.
fn leave_core(park: Duration, quiet_turns: u32) {
    if quiet_turns >= QUIET_TURNS {
        runtime::park(park);
    } else {
        runtime::yield_core();
    }
}

/// Lets the other tasks of this thread run, then goes on. Tokio's own yield has the driver look for timers and sockets first, which
/// takes a tenth of a thread that turns every few decisions; but tasks that another thread has woken run only one in thirty polls
/// while there is always one of this thread.
async fn let_others_run() {
    let mut stepped = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut stepped, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Takes the messages of a generator.
pub(crate) struct GeneratorActor(Rc<RefCell<Generator>>);

impl GeneratorActor {
    /// The actor of a generator.
    pub(crate) fn new(generator: Rc<RefCell<Generator>>) -> GeneratorActor {
        GeneratorActor(generator)
    }
}

impl Actor for GeneratorActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.spawn(drive(Rc::clone(&self.0)).into_actor(self));
    }
}

impl Handler<Connect> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, connect: Connect, _: &mut Context<Self>) {
        let generator = &mut *self.0.borrow_mut();
        generator.generators = connect.generators;
        let shard = &mut *generator.shard.borrow_mut();
        for (side, addr) in shard.cells.iter_mut().zip(connect.cells) {
            side.addr = Some(Arc::new(addr));
        }
    }
}

impl Handler<Arrivals> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, arrivals: Arrivals, _: &mut Context<Self>) {
        let generator = &mut *self.0.borrow_mut();
        let shard = Rc::clone(&generator.shard);
        generator.take_arrivals(&mut shard.borrow_mut(), arrivals.0);
    }
}

impl Handler<NewDay> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, new: NewDay, _: &mut Context<Self>) {
        let generator = &mut *self.0.borrow_mut();
        let shard = Rc::clone(&generator.shard);
        let shard = &mut *shard.borrow_mut();
        if generator.phase != Phase::Opening {
            shard.days_since += 1;
        }
        for close_ns in new.closes_ns {
            shard.recorder.worked(Operation::CloseOfDay, close_ns, new.longest_slice_ns);
        }
        shard.day = new.day;
        generator.closed_all = false;
        generator.day_has_to_end = false;
        generator.cells_closing = 0;
        generator.cells_open = 0;
        shard.new_day();
        for side in &mut shard.cells {
            (side.closing, side.views, side.unplanned) = (false, None, side.users);
            side.debits.new_day();
        }
        if generator.phase == Phase::Opening && generator.after_catch_up == TimeMapping::Rate {
            shard.mapping = TimeMapping::Rate;
        }
        if generator.after_catch_up != TimeMapping::Rate {
            generator.schedule_day(shard);
        }
        generator.request_first_views(shard);
    }
}

impl Handler<AccountViews> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, views: AccountViews, _: &mut Context<Self>) {
        let generator = &mut *self.0.borrow_mut();
        let shard = Rc::clone(&generator.shard);
        let shard = &mut *shard.borrow_mut();
        let Some(cell) = shard.cells.iter().position(|side| side.cell == views.cell) else { return };
        generator.cells_open += 1;
        let side = &mut shard.cells[cell];
        side.views = Some(views.views);
        side.views_ns = shard.clock.now_ns();
        generator.starvation.ends(side.views_ns);
        if side.closing || matches!(generator.phase, Phase::Draining | Phase::Over) {
            // Nobody plans a day any more.
            return;
        }
        if shard.mapping == TimeMapping::Rate {
            generator.debit(shard, cell, 0);
        }
        generator.to_plan.push_back(cell);
        generator.request_views(shard);
    }
}

impl Handler<RoundDone> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, round: RoundDone, _: &mut Context<Self>) {
        let generator = self.0.borrow();
        let shard = &mut *generator.shard.borrow_mut();
        if let Some(side) = shard.cells.iter_mut().find(|side| side.cell == round.cell) {
            side.debits.done(round.asked);
        }
    }
}

impl Handler<DayHasToEnd> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, _: DayHasToEnd, _: &mut Context<Self>) {
        self.0.borrow_mut().day_has_to_end = true;
    }
}

impl Handler<CalendarOver> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, _: CalendarOver, _: &mut Context<Self>) {
        self.0.borrow_mut().calendar_over = true;
    }
}

impl Handler<EndNow> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, end: EndNow, _: &mut Context<Self>) {
        let generator = self.0.borrow();
        let until_ns = &mut generator.shard.borrow_mut().window.until_ns;
        *until_ns = end.0.min(*until_ns);
    }
}

impl Handler<Go> for GeneratorActor {
    type Result = ();

    fn handle(&mut self, go: Go, _: &mut Context<Self>) {
        let generator = &mut *self.0.borrow_mut();
        let shard = &mut *generator.shard.borrow_mut();
        let mapping = generator.after_catch_up;
        shard.begin(go.0, mapping);
        generator.phase = Phase::Running;
        generator.next_arrival_ns =
            generator.pacer.as_mut().map_or(u64::MAX, |pacer| go.0.zero_ns.saturating_add(pacer.next_ns()));
        if let Some(thinking) = shard.thinking {
            // They do not all come at once: spread over one time of thinking.
            for user in 0..u64::from(thinking.users) {
                let after_ns = thinking.think_ns * user / u64::from(thinking.users);
                shard.timers.put(shard.window.zero_ns + after_ns, Due::Thought);
            }
        }
    }
}

/// What a generator hands in at the end.
#[derive(Debug)]
pub(crate) struct HandedIn {
    /// What was lost for want of an answer.
    pub lost: LostBusiness,
    /// Nanoseconds spent looking at the clock with nothing due.
    pub idle_ns: u64,
    /// Arrivals of the measured time that were not sent since nobody could make them before the service had answered.
    pub unsent_starved: u64,
    /// Credit tips that its users say they gave, by host.
    pub tips_fen: Vec<i64>,
    /// What went wrong aside from the run.
    pub failure: Option<String>,
}

/// Asks for it.
#[derive(Debug, Message)]
#[rtype(result = "HandedIn")]
pub(crate) struct HandIn;

impl Handler<HandIn> for GeneratorActor {
    type Result = MessageResult<HandIn>;

    fn handle(&mut self, _: HandIn, _: &mut Context<Self>) -> Self::Result {
        let generator = &mut *self.0.borrow_mut();
        let shard = &mut *generator.shard.borrow_mut();
        MessageResult(HandedIn {
            lost: shard.lost,
            idle_ns: generator.idle_ns,
            unsent_starved: generator.unsent_starved,
            tips_fen: std::mem::take(&mut shard.tips_fen),
            failure: generator.failure.take(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::wakes::CountWakes;
    use std::cell::Cell;
    use std::task::Context as TaskContext;

    /// Of a rest: the task's wakes, and what has been registered.
    fn begun<'a>(rest: &mut std::pin::Pin<&mut (impl Future<Output = ()> + 'a)>) -> Arc<CountWakes> {
        let wakes = Arc::new(CountWakes::default());
        let waker = Arc::clone(&wakes).into();
        assert!(rest.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
        wakes
    }

    #[test]
    fn a_rest_that_time_would_never_end_is_ended_by_whoever_receives_something() {
        let resting_task = Cell::new(None);
        let mut rest = pin!(resting(std::future::pending(), |waker| resting_task.set(Some(waker))));
        let wakes = begun(&mut rest);
        let waker: Waker = resting_task.take().expect("it is registered before anything else happens");
        waker.wake_by_ref();
        assert_eq!(wakes.count(), 1);
        assert!(rest.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_ready());
    }

    #[test]
    fn time_ends_a_rest_too() {
        let (over, ends) = tokio::sync::oneshot::channel::<()>();
        let mut rest = pin!(resting(async move { drop(ends.await) }, drop));
        let wakes = begun(&mut rest);
        over.send(()).expect("it is awaited");
        assert_eq!(wakes.count(), 1);
        let again = Arc::clone(&wakes).into();
        assert!(rest.as_mut().poll(&mut TaskContext::from_waker(&again)).is_ready());
    }
}
