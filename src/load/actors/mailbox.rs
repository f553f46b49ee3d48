//! The context of actors that do nothing but receive messages: users, hosts, merchants. And how one that is also woken without a
//! message knows whether its mailbox holds any.
//!
//! Actix's own context keeps futures, timers and handles for each actor and looks through them at every message. A user has none of
//! them; a hundred thousand users who wake up one after the other find most of their state in no cache, so what they do not have
//! should not be looked at. The mailbox, the addresses and the handlers are actix's.

use actix::dev::{Envelope, Mailbox, OneshotSender, ToEnvelope};
use actix::{
    Actor, ActorContext, ActorFuture, ActorState, Addr, AsyncContext, Handler, Message, SpawnHandle, WeakAddr,
};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

/// An actor that receives messages, and may be woken without one.
pub(crate) trait Receives: Actor<Context = MailboxContext<Self>> {
    /// Called when it is polled for the first time: `waker` wakes it.
    fn registers(&mut self, _waker: &Waker) {}

    /// Called each time it is woken, before it receives its messages.
    fn woken(&mut self) {}

    /// Whether to poll the mailbox when it is woken; it is polled at once. Who says no must know that nothing was sent, and that
    /// whoever sent something before has woken it, as [`Cursor`] does.
    fn may_have_messages(&mut self) -> bool {
        true
    }

    /// Called each time it is woken, last: `task` is to be woken when what it waits for is there.
    fn polls_reply(&mut self, _task: &mut Context<'_>) {}
}

/// What was ever sent to an actor that receives messages: messages begun, and messages whose sender has woken it.
///
/// Both have to be known. A message may be received before its sender wakes the actor, if that is awake for another reason; the wake
/// then takes the waker that the mailbox has registered for the next message, and if nobody polls the mailbox again, which registers
/// another, the next message wakes nobody and stays there.
#[derive(Debug, Default)]
pub(crate) struct MailboxCount(AtomicU64);

/// One message that was begun, and one whose sender has woken the actor, in [`MailboxCount`].
const BEGUN: u64 = 1;
const WOKEN: u64 = 1 << 32;

impl MailboxCount {
    /// Sends a message.
    pub(crate) fn send<A, M>(&self, to: &Addr<A>, message: M)
    where
        M: Message<Result = ()> + Send + 'static,
        A: Receives + Handler<M>,
    {
        // Whoever finds it begun polls until it has come and its sender has woken the actor.
        self.0.fetch_add(BEGUN, Ordering::Release);
        to.do_send(message);
        self.0.fetch_add(WOKEN, Ordering::Release);
    }
}

/// How far the count was when an actor last polled its mailbox.
#[derive(Debug, Default)]
pub(crate) struct Cursor(u64);

impl Cursor {
    /// Whether there may be messages, or wakes, that came since; if so, the mailbox is polled now.
    #[inline]
    pub(crate) fn is_behind(&mut self, count: &MailboxCount) -> bool {
        let now = count.0.load(Ordering::Acquire);
        let all_have_woken = now / WOKEN == now % WOKEN;
        let nothing_came = std::mem::replace(&mut self.0, now) == now;
        !(all_have_woken && nothing_came)
    }
}

/// The context of an actor that receives messages.
pub(crate) struct MailboxContext<A: Actor<Context = MailboxContext<A>>> {
    own: WeakAddr<A>,
    state: ActorState,
}

impl<A: Actor<Context = MailboxContext<A>>> ActorContext for MailboxContext<A> {
    fn stop(&mut self) {
        if self.state == ActorState::Running {
            self.state = ActorState::Stopping;
        }
    }

    fn terminate(&mut self) {
        self.state = ActorState::Stopped;
    }

    fn state(&self) -> ActorState {
        self.state
    }
}

/// # Panics
/// An actor that receives messages has no futures of its own: to spawn one, or to wait for one, is a mistake in its handlers. So is to
/// ask for its address when everybody has dropped theirs.
impl<A: Actor<Context = MailboxContext<A>>> AsyncContext<A> for MailboxContext<A> {
    fn address(&self) -> Addr<A> {
        self.own.upgrade().expect("somebody who sends a message holds an address")
    }

    fn spawn<F: ActorFuture<A, Output = ()> + 'static>(&mut self, _: F) -> SpawnHandle {
        panic!("this actor receives messages only")
    }

    fn wait<F: ActorFuture<A, Output = ()> + 'static>(&mut self, _: F) {
        panic!("this actor receives messages only")
    }

    fn waiting(&self) -> bool {
        self.state != ActorState::Running
    }

    fn cancel_future(&mut self, _: SpawnHandle) -> bool {
        false
    }
}

impl<A, M> ToEnvelope<A, M> for MailboxContext<A>
where
    A: Actor<Context = MailboxContext<A>> + Handler<M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    fn pack(message: M, answer: Option<OneshotSender<M::Result>>) -> Envelope<A> {
        Envelope::new(message, answer)
    }
}

/// An actor that receives what comes into its mailbox, until it stops or nobody can send to it any more.
struct Receiving<A: Receives> {
    registered: bool,
    actor: A,
    context: MailboxContext<A>,
    mailbox: Mailbox<A>,
}

impl<A: Receives> Future for Receiving<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let first = !std::mem::replace(&mut this.registered, true);
        if first {
            this.actor.registers(task.waker());
        }
        this.actor.woken();
        let mut over = false;
        if first || this.actor.may_have_messages() {
            this.mailbox.poll(&mut this.actor, &mut this.context, task);
            over = !this.mailbox.connected();
        }
        this.actor.polls_reply(task);
        if this.context.state == ActorState::Running && !over {
            return Poll::Pending;
        }
        this.context.state = ActorState::Stopped;
        this.actor.stopped(&mut this.context);
        Poll::Ready(())
    }
}

/// Starts an actor on the thread at hand.
pub(crate) fn start<A: Receives>(mut actor: A) -> Addr<A> {
    let mailbox = Mailbox::default();
    let addr = mailbox.address();
    let mut context = MailboxContext { own: addr.downgrade(), state: ActorState::Running };
    actor.started(&mut context);
    actix_rt::spawn(Receiving { registered: false, actor, context, mailbox });
    addr
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix::MessageResult;
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::rc::Rc;

    #[derive(Default)]
    struct CoordinatorReport {
        wakes: u32,
        stopped: bool,
        waker: Option<Waker>,
    }

    struct Counter(u32, Rc<RefCell<CoordinatorReport>>);

    impl Actor for Counter {
        type Context = MailboxContext<Self>;

        fn stopped(&mut self, _: &mut Self::Context) {
            self.1.borrow_mut().stopped = true;
        }
    }

    impl Receives for Counter {
        fn registers(&mut self, waker: &Waker) {
            self.1.borrow_mut().waker = Some(waker.clone());
        }

        fn woken(&mut self) {
            self.1.borrow_mut().wakes += 1;
        }
    }

    #[derive(Message)]
    #[rtype(result = "u32")]
    struct Count(u32);

    impl Handler<Count> for Counter {
        type Result = MessageResult<Count>;

        fn handle(&mut self, count: Count, ctx: &mut Self::Context) -> Self::Result {
            self.0 += count.0;
            if self.0 >= 100 {
                ctx.stop();
            }
            MessageResult(self.0)
        }
    }

    fn started() -> (Addr<Counter>, Rc<RefCell<CoordinatorReport>>) {
        let seen = Rc::new(RefCell::new(CoordinatorReport::default()));
        (start(Counter(0, Rc::clone(&seen))), seen)
    }

    async fn others_run() {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn it_receives_in_order_and_stops_when_asked_or_when_nobody_is_left() {
        let system = actix_rt::System::new();
        system.block_on(async {
            let (counter, seen) = started();
            counter.do_send(Count(1));
            assert_eq!(counter.send(Count(2)).await, Ok(3), "what was sent before is received before");
            assert_eq!(counter.send(Count(97)).await, Ok(100));
            assert!(counter.send(Count(1)).await.is_err(), "it has stopped");
            assert!(seen.borrow().stopped && !counter.connected());

            let (counter, seen) = started();
            counter.do_send(Count(5));
            drop(counter);
            others_run().await;
            assert!(seen.borrow().stopped, "nobody can send to it");
        });
    }

    /// A mailbox, its actor and two senders, one atomic step at a time.
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
    struct Model {
        count: u64,
        cursor: u64,
        in_mailbox: u8,
        waker_registered: bool,
        woken: bool,
        received: u8,
        /// Times that something else may yet wake the actor.
        other_wakes: u8,
        /// Steps that the actor is into polling, and each sender into sending.
        polling: u8,
        sending: [u8; 2],
    }

    /// Messages of each sender, and steps of a message.
    const SENDS: [u8; 2] = [2, 1];
    const STEPS: u8 = 4;

    impl Model {
        /// The sender's next step: begin, put it into the mailbox, wake, count that.
        fn sends(mut self, sender: usize) -> Model {
            match self.sending[sender] % STEPS {
                0 => self.count += BEGUN,
                1 => self.in_mailbox += 1,
                2 if std::mem::take(&mut self.waker_registered) => self.woken = true,
                2 => {}
                _ => self.count += WOKEN,
            }
            self.sending[sender] += 1;
            self
        }

        /// The actor's next step: wake up, take what is there, register the waker, take what has come meanwhile.
        fn polls(mut self) -> Model {
            let took = std::mem::take(&mut self.in_mailbox);
            match self.polling {
                0 => {
                    self.in_mailbox = took;
                    self.woken = false;
                    let mut cursor = Cursor(self.cursor);
                    self.polling = u8::from(cursor.is_behind(&MailboxCount(AtomicU64::new(self.count))));
                    self.cursor = cursor.0;
                }
                1 => (self.received, self.polling) = (self.received + took, 2),
                2 => (self.in_mailbox, self.waker_registered, self.polling) = (took, true, 3),
                _ => (self.received, self.polling) = (self.received + took, u8::from(took > 0)),
            }
            self
        }

        /// All that can happen next.
        fn next(&self) -> Vec<Model> {
            let senders = (0..2).filter(|sender| self.sending[*sender] < SENDS[*sender] * STEPS);
            let mut next: Vec<Model> = senders.map(|sender| self.clone().sends(sender)).collect();
            if self.polling > 0 || self.woken {
                next.push(self.clone().polls());
            }
            if self.polling == 0 && self.other_wakes > 0 {
                next.push(Model { other_wakes: self.other_wakes - 1, ..self.clone() }.polls());
            }
            next
        }
    }

    /// In whatever order two senders and an actor that is also woken by others take their steps, every message is received.
    #[test]
    fn a_message_that_is_received_before_its_sender_wakes_the_actor_takes_no_waker_from_the_next() {
        let start = Model {
            count: 0,
            cursor: Cursor::default().0,
            in_mailbox: 0,
            waker_registered: true,
            woken: false,
            received: 0,
            other_wakes: 2,
            polling: 0,
            sending: [0; 2],
        };
        let (mut seen, mut to_see, mut ends) = (BTreeSet::new(), vec![start], 0);
        while let Some(model) = to_see.pop() {
            let next = model.next();
            // Other wakes may never come: then this is the end too.
            let at_rest = next.iter().all(|after| after.other_wakes < model.other_wakes);
            if at_rest {
                assert_eq!(model.received, SENDS.iter().sum::<u8>(), "a message was never received");
                ends += 1;
            }
            to_see.extend(next.into_iter().filter(|after| seen.insert(after.clone())));
        }
        assert!(ends > 0 && seen.len() > 1_000, "{ends} ends of {} states", seen.len());
    }

    #[test]
    fn a_waker_wakes_it_without_a_message() {
        let system = actix_rt::System::new();
        system.block_on(async {
            let (counter, seen) = started();
            others_run().await;
            assert_eq!(seen.borrow().wakes, 1, "it has registered");
            if let Some(waker) = &seen.borrow().waker {
                waker.wake_by_ref();
                waker.wake_by_ref();
            }
            others_run().await;
            assert_eq!(seen.borrow().wakes, 2);
            assert_eq!(counter.send(Count(2)).await, Ok(2));
            assert_eq!(seen.borrow().wakes, 3);
        });
    }
}
