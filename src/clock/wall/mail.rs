//! The context of actors that do nothing but hear messages: users, hosts, merchants.
//!
//! Actix's own context keeps futures, timers and handles for each actor and looks through them at every message. A user has none of
//! them; a hundred thousand users who wake up one after the other find most of their state in no cache, so what they do not have
//! should not be looked at. The mailbox, the addresses and the handlers are actix's.

use actix::dev::{Envelope, Mailbox, OneshotSender, ToEnvelope};
use actix::{
    Actor, ActorContext, ActorFuture, ActorState, Addr, AsyncContext, Handler, Message, SpawnHandle, WeakAddr,
};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// An actor that hears messages, and may be woken up without one.
pub trait Hears: Actor<Context = MailContext<Self>> {
    /// Called when it listens for the first time: `bell` wakes it up.
    fn settles(&mut self, _bell: &Waker) {}

    /// Called each time it wakes up, before it hears its messages.
    fn wakes(&mut self) {}

    /// Whether to look into the mailbox when it wakes up. Who says no must know that nothing was sent.
    fn has_mail(&self) -> bool {
        true
    }

    /// Called each time it wakes up, last: `task` is to be woken when what it waits for is there.
    fn awaits(&mut self, _task: &mut Context<'_>) {}
}

/// The context of an actor that hears messages.
pub struct MailContext<A: Actor<Context = MailContext<A>>> {
    own: WeakAddr<A>,
    state: ActorState,
}

impl<A: Actor<Context = MailContext<A>>> ActorContext for MailContext<A> {
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
/// An actor that hears messages has no futures of its own: to spawn one, or to wait for one, is a mistake in its handlers. So is to
/// ask for its address when everybody has dropped theirs.
impl<A: Actor<Context = MailContext<A>>> AsyncContext<A> for MailContext<A> {
    fn address(&self) -> Addr<A> {
        self.own.upgrade().expect("somebody who sends a message holds an address")
    }

    fn spawn<F: ActorFuture<A, Output = ()> + 'static>(&mut self, _: F) -> SpawnHandle {
        panic!("this actor hears messages only")
    }

    fn wait<F: ActorFuture<A, Output = ()> + 'static>(&mut self, _: F) {
        panic!("this actor hears messages only")
    }

    fn waiting(&self) -> bool {
        self.state != ActorState::Running
    }

    fn cancel_future(&mut self, _: SpawnHandle) -> bool {
        false
    }
}

impl<A, M> ToEnvelope<A, M> for MailContext<A>
where
    A: Actor<Context = MailContext<A>> + Handler<M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    fn pack(message: M, answer: Option<OneshotSender<M::Result>>) -> Envelope<A> {
        Envelope::new(message, answer)
    }
}

/// An actor that hears what comes into its mailbox, until it stops or nobody can write to it any more.
struct Listening<A: Hears> {
    settled: bool,
    actor: A,
    context: MailContext<A>,
    mailbox: Mailbox<A>,
}

impl<A: Hears> Future for Listening<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let settles = !std::mem::replace(&mut this.settled, true);
        if settles {
            this.actor.settles(task.waker());
        }
        this.actor.wakes();
        let mut over = false;
        if settles || this.actor.has_mail() {
            this.mailbox.poll(&mut this.actor, &mut this.context, task);
            over = !this.mailbox.connected();
        }
        this.actor.awaits(task);
        if this.context.state == ActorState::Running && !over {
            return Poll::Pending;
        }
        this.context.state = ActorState::Stopped;
        this.actor.stopped(&mut this.context);
        Poll::Ready(())
    }
}

/// Starts an actor on the thread at hand.
pub fn start<A: Hears>(mut actor: A) -> Addr<A> {
    let mailbox = Mailbox::default();
    let addr = mailbox.address();
    let mut context = MailContext { own: addr.downgrade(), state: ActorState::Running };
    actor.started(&mut context);
    actix_rt::spawn(Listening { settled: false, actor, context, mailbox });
    addr
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix::MessageResult;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[derive(Default)]
    struct Seen {
        wakes: u32,
        stopped: bool,
        bell: Option<Waker>,
    }

    struct Counter(u32, Rc<RefCell<Seen>>);

    impl Actor for Counter {
        type Context = MailContext<Self>;

        fn stopped(&mut self, _: &mut Self::Context) {
            self.1.borrow_mut().stopped = true;
        }
    }

    impl Hears for Counter {
        fn settles(&mut self, bell: &Waker) {
            self.1.borrow_mut().bell = Some(bell.clone());
        }

        fn wakes(&mut self) {
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

    fn started() -> (Addr<Counter>, Rc<RefCell<Seen>>) {
        let seen = Rc::new(RefCell::new(Seen::default()));
        (start(Counter(0, Rc::clone(&seen))), seen)
    }

    async fn others_run() {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn it_hears_in_order_and_stops_when_asked_or_when_nobody_is_left() {
        let system = actix_rt::System::new();
        system.block_on(async {
            let (counter, seen) = started();
            counter.do_send(Count(1));
            assert_eq!(counter.send(Count(2)).await, Ok(3), "what was sent before is heard before");
            assert_eq!(counter.send(Count(97)).await, Ok(100));
            assert!(counter.send(Count(1)).await.is_err(), "it has stopped");
            assert!(seen.borrow().stopped && !counter.connected());

            let (counter, seen) = started();
            counter.do_send(Count(5));
            drop(counter);
            others_run().await;
            assert!(seen.borrow().stopped, "nobody can write to it");
        });
    }

    #[test]
    fn a_bell_wakes_it_without_a_message() {
        let system = actix_rt::System::new();
        system.block_on(async {
            let (counter, seen) = started();
            others_run().await;
            assert_eq!(seen.borrow().wakes, 1, "it has settled");
            if let Some(bell) = &seen.borrow().bell {
                bell.wake_by_ref();
                bell.wake_by_ref();
            }
            others_run().await;
            assert_eq!(seen.borrow().wakes, 2);
            assert_eq!(counter.send(Count(2)).await, Ok(2));
            assert_eq!(seen.borrow().wakes, 3);
        });
    }
}
