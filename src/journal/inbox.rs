//! What comes in for the journal thread.
//!
//! A channel would wake it for each message: at 150,000 requests a second some ten times while it gathers one batch, and each time
//! it takes the core from a thread that decides. So it says how much it waits for, and is woken for that only.

use super::message::Message;
use crate::runtime::lock;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

struct State {
    messages: VecDeque<Message>,
    /// Records in them.
    records: u32,
    /// A message of another kind is among them.
    urgent: bool,
    /// The journal thread waits for so many records or a message of another kind; `None` while it is at work.
    awaited: Option<u32>,
    senders: usize,
    /// The journal thread reads no more.
    closed: bool,
}

impl State {
    fn enough(&self, wanted: u32) -> bool {
        self.records >= wanted || self.urgent || self.senders == 0
    }

    fn take(&mut self, coming: &mut VecDeque<Message>) {
        coming.append(&mut self.messages);
        (self.records, self.urgent, self.awaited) = (0, false, None);
    }
}

struct Inbox {
    state: Mutex<State>,
    arrived: Condvar,
}

/// The journal thread's end.
pub(super) struct Incoming(Arc<Inbox>);

/// A producer's end, or the journal's owner's.
pub(super) struct Sender(Arc<Inbox>);

/// An inbox with one sender.
pub(super) fn inbox() -> (Sender, Incoming) {
    let state =
        State { messages: VecDeque::new(), records: 0, urgent: false, awaited: None, senders: 1, closed: false };
    let inbox = Arc::new(Inbox { state: Mutex::new(state), arrived: Condvar::new() });
    (Sender(Arc::clone(&inbox)), Incoming(inbox))
}

impl Incoming {
    /// Waits for a message and moves all that are there behind those of `coming`. `false` when nobody is left who could send one.
    pub(super) fn wait(&self, coming: &mut VecDeque<Message>) -> bool {
        let mut state = lock(&self.0.state);
        state.awaited = Some(1);
        let waited = self.0.arrived.wait_while(state, |state| !state.enough(1));
        state = waited.unwrap_or_else(PoisonError::into_inner);
        let any = !state.messages.is_empty();
        state.take(coming);
        any
    }

    /// Waits until so many records are there, or a message of another kind, but no longer than `linger`; moves what has come by
    /// then behind those of `coming`.
    pub(super) fn gather(&self, linger: Duration, wanted: u32, coming: &mut VecDeque<Message>) {
        let mut state = lock(&self.0.state);
        state.awaited = Some(wanted);
        let waited = self.0.arrived.wait_timeout_while(state, linger, |state| !state.enough(wanted));
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.take(coming);
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.closed = true;
        state.messages.clear();
    }
}

impl Sender {
    /// Puts a message into the inbox. `false` when the journal thread reads no more.
    pub(super) fn send(&self, message: Message) -> bool {
        let mut state = lock(&self.0.state);
        if state.closed {
            return false;
        }
        match &message {
            Message::Records { records, .. } => state.records += records.count(),
            Message::Snapshot { .. } | Message::SnapshotEnded { .. } | Message::Close => state.urgent = true,
        }
        state.messages.push_back(message);
        self.wake(&mut state);
        true
    }

    /// Wakes the journal thread when it has what it waits for.
    fn wake(&self, state: &mut State) {
        if state.awaited.is_some_and(|wanted| state.enough(wanted)) {
            state.awaited = None;
            self.0.arrived.notify_one();
        }
    }
}

/// A producer's end that keeps nobody waiting: the inbox has come to its end without it.
pub(super) struct WeakSender(Weak<Inbox>);

impl WeakSender {
    /// A sender, unless the inbox is gone.
    pub(super) fn upgrade(&self) -> Option<Sender> {
        let inbox = self.0.upgrade()?;
        lock(&inbox.state).senders += 1;
        Some(Sender(inbox))
    }
}

impl Sender {
    /// The weak form.
    pub(super) fn downgrade(&self) -> WeakSender {
        WeakSender(Arc::downgrade(&self.0))
    }
}

impl Clone for Sender {
    fn clone(&self) -> Sender {
        lock(&self.0.state).senders += 1;
        Sender(Arc::clone(&self.0))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.senders -= 1;
        self.wake(&mut state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Lender;
    use crate::base::time::Day;
    use crate::credit::ClosePhase;
    use crate::journal::{Record, Records};
    use crate::runtime;

    fn records(ticket: u64) -> Message {
        let mut records = Records::default();
        records.push(&Record::Close { cell: 0, lender: Lender::FIRST, day: Day(1), stage: ClosePhase::ALL[0] });
        Message::Records { producer: 0, records, ticket }
    }

    #[test]
    fn what_is_sent_comes_in_order_and_the_end_is_seen() {
        let (sender, incoming) = inbox();
        let thread = runtime::spawn("sends", move || {
            for ticket in 0..1_000 {
                assert!(sender.send(records(ticket)));
            }
        });
        let mut coming = VecDeque::new();
        while incoming.wait(&mut coming) {
            incoming.gather(Duration::from_micros(50), 7, &mut coming);
        }
        thread.unwrap().join().unwrap();
        let tickets = coming.iter().map(|message| match message {
            Message::Records { ticket, .. } => *ticket,
            Message::Snapshot { .. } | Message::SnapshotEnded { .. } | Message::Close => panic!("not sent"),
        });
        assert!(tickets.eq(0..1_000));
    }

    #[test]
    fn gathering_ends_early_with_enough_records_or_another_message() {
        let long = Duration::from_secs(600);
        for (last, wanted) in [(records(9), 4), (Message::Close, u32::MAX)] {
            let (sender, incoming) = inbox();
            let thread = runtime::spawn("sends", move || {
                (0..3).for_each(|ticket| assert!(sender.send(records(ticket))));
                assert!(sender.send(last));
                sender
            });
            let mut coming = VecDeque::new();
            incoming.gather(long, wanted, &mut coming);
            assert_eq!(coming.len(), 4);
            drop(incoming);
            assert!(!thread.unwrap().join().unwrap().send(records(10)), "nobody reads it");
        }
    }

    #[test]
    fn lingering_ends() {
        let (sender, incoming) = inbox();
        assert!(sender.send(records(1)));
        let mut coming = VecDeque::new();
        incoming.gather(Duration::from_millis(1), 2, &mut coming);
        assert_eq!(coming.len(), 1);
    }
}
