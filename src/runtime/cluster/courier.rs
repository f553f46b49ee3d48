//! The thread that timely's worker is on: it carries what this member says to all others, and what they say back.

use super::watch::Watch;
use crate::runtime::fabric::out_of_step;
use std::collections::VecDeque;
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;
use timely_bytes::arc::Bytes;
use timely_communication::allocator::zero_copy::allocator::TcpBuilder;
use timely_communication::{Allocator, Bytesable, Push};

/// How long the thread sleeps when nothing wakes it.
const NAP: Duration = Duration::from_millis(100);

/// What this member says at an exchange.
pub(super) struct Word {
    /// Names the exchange.
    pub(super) moment: String,
    pub(super) bytes: Vec<u8>,
}

/// What one member says at an exchange.
struct Message {
    from: u32,
    moment: String,
    bytes: Vec<u8>,
}

const HEAD_BYTES: usize = 8;

impl Bytesable for Message {
    fn from_bytes(bytes: Bytes) -> Message {
        let (head, rest) = bytes.split_at(HEAD_BYTES.min(bytes.len()));
        let word = |at: usize| {
            let byte = |i: usize| head.get(at + i).copied().unwrap_or_default();
            u32::from_le_bytes(std::array::from_fn(byte))
        };
        let (moment, bytes) = rest.split_at((word(4) as usize).min(rest.len()));
        Message { from: word(0), moment: String::from_utf8_lossy(moment).into_owned(), bytes: bytes.to_vec() }
    }

    fn length_in_bytes(&self) -> usize {
        HEAD_BYTES + self.moment.len() + self.bytes.len()
    }

    fn into_bytes<W: Write>(&self, writer: &mut W) {
        let head = [self.from.to_le_bytes(), (self.moment.len() as u32).to_le_bytes()].concat();
        let parts = [&head[..], self.moment.as_bytes(), &self.bytes];
        // Timely gives the room that was asked for.
        let _ = parts.into_iter().try_for_each(|part| writer.write_all(part));
    }
}

/// Carries until nobody gives anything more to carry, or somebody is lost.
pub(super) fn work(builder: TcpBuilder, given: &Receiver<Word>, watch: &Arc<Watch>) {
    let mut allocator = Allocator::Tcp(builder.build());
    let (own, of) = (allocator.index(), allocator.peers());
    let (mut pushers, mut puller) = allocator.allocate::<Message>(0);
    let mut early: Vec<VecDeque<Message>> = (0..of).map(|_| VecDeque::new()).collect();
    while let Ok(Word { moment, bytes }) = given.recv() {
        let from = own as u32;
        for (_, pusher) in pushers.iter_mut().enumerate().filter(|(to, _)| *to != own) {
            pusher.send(Message { from, moment: moment.clone(), bytes: bytes.clone() });
            pusher.done();
        }
        allocator.release();
        early[own].push_back(Message { from, moment: moment.clone(), bytes });
        while early.iter().any(VecDeque::is_empty) {
            allocator.receive();
            while let Some(message) = puller.pull().take() {
                // What is marked with the key of a member is believed to be of a member.
                if let Some(messages) = early.get_mut(message.from as usize) {
                    messages.push_back(message);
                }
            }
            allocator.events().borrow_mut().clear();
            allocator.release();
            if watch.lost().is_some() {
                return;
            }
            if early.iter().any(VecDeque::is_empty) {
                allocator.await_events(Some(NAP));
            }
        }
        let all: Vec<Message> = early.iter_mut().filter_map(VecDeque::pop_front).collect();
        if let Some(lost) = out_of_step(&moment, all.iter().map(|message| message.moment.as_str())) {
            watch.lose(lost.member, lost.why);
            return;
        }
        watch.bring(all.into_iter().map(|message| message.bytes).collect());
    }
}
