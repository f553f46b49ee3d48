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
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

/// An actor that hears messages, and may be woken up without one.
pub(crate) trait Hears: Actor<Context = MailContext<Self>> {
    /// Called when it listens for the first time: `bell` wakes it up.
    fn settles(&mut self, _bell: &Waker) {}

    /// Called each time it wakes up, before it hears its messages.
    fn wakes(&mut self) {}

    /// Whether to look into the mailbox when it wakes up; it is looked into at once. Who says no must know that nothing was sent,
    /// and that whoever sent something before has rung, as [`LastLook`] does.
    fn has_mail(&mut self) -> bool {
        true
    }

    /// Called each time it wakes up, last: `task` is to be woken when what it waits for is there.
    fn awaits(&mut self, _task: &mut Context<'_>) {}
}

/// What was ever written to an actor that hears messages: letters begun, and letters whose writer has rung.
///
/// Both have to be known. A letter may be heard before its writer rings, if the actor is awake for another reason; the ring then takes
/// the bell that the mailbox has hung out for the next letter, and if nobody looks into the mailbox again, which hangs out another,
/// the next letter rings no bell and lies there unheard.
#[derive(Debug, Default)]
pub(crate) struct Letters(AtomicU64);

/// One letter that was begun, and one whose writer has rung, in [`Letters`].
const BEGUN: u64 = 1;
const RUNG: u64 = 1 << 32;

impl Letters {
    /// Writes a letter.
    pub(crate) fn write<A, M>(&self, to: &Addr<A>, letter: M)
    where
        M: Message<Result = ()> + Send + 'static,
        A: Hears + Handler<M>,
    {
        // Whoever finds it begun looks for it until it has come and its writer has rung.
        self.0.fetch_add(BEGUN, Ordering::Release);
        to.do_send(letter);
        self.0.fetch_add(RUNG, Ordering::Release);
    }
}

/// How far an actor's letters were when it last looked into its mailbox.
#[derive(Debug, Default)]
pub(crate) struct LastLook(u64);

impl LastLook {
    /// Whether there may be letters, or rings, that came since; if so, the mailbox is looked into now.
    #[inline]
    pub(crate) fn is_outdated(&mut self, letters: &Letters) -> bool {
        let now = letters.0.load(Ordering::Acquire);
        let all_have_rung = now / RUNG == now % RUNG;
        let nothing_came = std::mem::replace(&mut self.0, now) == now;
        !(all_have_rung && nothing_came)
    }
}

/// The context of an actor that hears messages.
pub(crate) struct MailContext<A: Actor<Context = MailContext<A>>> {
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
pub(crate) fn start<A: Hears>(mut actor: A) -> Addr<A> {
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
    use std::collections::BTreeSet;
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

    /// A mailbox, its actor and two writers, one atomic step at a time.
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
    struct Model {
        letters: u64,
        last_look: u64,
        in_mailbox: u8,
        bell_hangs: bool,
        woken: bool,
        heard: u8,
        /// Times that something else may yet wake the actor.
        other_bells: u8,
        /// Steps that the actor is into looking, and each writer into writing.
        looking: u8,
        writing: [u8; 2],
    }

    /// Letters of each writer, and steps of a letter.
    const WRITES: [u8; 2] = [2, 1];
    const STEPS: u8 = 4;

    impl Model {
        /// The writer's next step: begin, put it into the mailbox, ring, say so.
        fn writes(mut self, writer: usize) -> Model {
            match self.writing[writer] % STEPS {
                0 => self.letters += BEGUN,
                1 => self.in_mailbox += 1,
                2 if std::mem::take(&mut self.bell_hangs) => self.woken = true,
                2 => {}
                _ => self.letters += RUNG,
            }
            self.writing[writer] += 1;
            self
        }

        /// The actor's next step: wake up, take what is there, hang out the bell, take what has come meanwhile.
        fn looks(mut self) -> Model {
            let took = std::mem::take(&mut self.in_mailbox);
            match self.looking {
                0 => {
                    self.in_mailbox = took;
                    self.woken = false;
                    let mut last_look = LastLook(self.last_look);
                    self.looking = u8::from(last_look.is_outdated(&Letters(AtomicU64::new(self.letters))));
                    self.last_look = last_look.0;
                }
                1 => (self.heard, self.looking) = (self.heard + took, 2),
                2 => (self.in_mailbox, self.bell_hangs, self.looking) = (took, true, 3),
                _ => (self.heard, self.looking) = (self.heard + took, u8::from(took > 0)),
            }
            self
        }

        /// All that can happen next.
        fn next(&self) -> Vec<Model> {
            let writers = (0..2).filter(|writer| self.writing[*writer] < WRITES[*writer] * STEPS);
            let mut next: Vec<Model> = writers.map(|writer| self.clone().writes(writer)).collect();
            if self.looking > 0 || self.woken {
                next.push(self.clone().looks());
            }
            if self.looking == 0 && self.other_bells > 0 {
                next.push(Model { other_bells: self.other_bells - 1, ..self.clone() }.looks());
            }
            next
        }
    }

    /// In whatever order two writers and an actor that is also woken by others take their steps, no letter lies unheard.
    #[test]
    fn a_letter_that_is_heard_before_its_writer_rings_takes_no_bell_from_the_next() {
        let settled = Model {
            letters: 0,
            last_look: LastLook::default().0,
            in_mailbox: 0,
            bell_hangs: true,
            woken: false,
            heard: 0,
            other_bells: 2,
            looking: 0,
            writing: [0; 2],
        };
        let (mut seen, mut to_see, mut ends) = (BTreeSet::new(), vec![settled], 0);
        while let Some(model) = to_see.pop() {
            let next = model.next();
            // Other bells may never ring: then this is the end too.
            let at_rest = next.iter().all(|after| after.other_bells < model.other_bells);
            if at_rest {
                assert_eq!(model.heard, WRITES.iter().sum::<u8>(), "a letter lies unheard");
                ends += 1;
            }
            to_see.extend(next.into_iter().filter(|after| seen.insert(after.clone())));
        }
        assert!(ends > 0 && seen.len() > 1_000, "{ends} ends of {} states", seen.len());
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
