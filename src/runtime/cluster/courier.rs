//! The thread that timely's worker is on: it carries what this member says to all others, and what they say back.

use super::watch::Watch;
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

/// What one member says at an exchange.
struct Message {
    from: u32,
    /// Number of the exchange.
    round: u64,
    bytes: Vec<u8>,
}

const HEAD_BYTES: usize = 12;

impl Bytesable for Message {
    fn from_bytes(bytes: Bytes) -> Message {
        let (head, rest) = bytes.split_at(HEAD_BYTES.min(bytes.len()));
        let byte = |at: usize| head.get(at).copied().unwrap_or_default();
        Message {
            from: u32::from_le_bytes(std::array::from_fn(byte)),
            round: u64::from_le_bytes(std::array::from_fn(|i| byte(4 + i))),
            bytes: rest.to_vec(),
        }
    }

    fn length_in_bytes(&self) -> usize {
        HEAD_BYTES + self.bytes.len()
    }

    fn into_bytes<W: Write>(&self, writer: &mut W) {
        let parts = [&self.from.to_le_bytes()[..], &self.round.to_le_bytes(), &self.bytes];
        // Timely gives the room that was asked for.
        let _ = parts.into_iter().try_for_each(|part| writer.write_all(part));
    }
}

/// Carries until nobody gives anything more to carry, or somebody is lost.
pub(super) fn work(builder: TcpBuilder, given: &Receiver<Vec<u8>>, watch: &Arc<Watch>) {
    let mut allocator = Allocator::Tcp(builder.build());
    let (own, of) = (allocator.index(), allocator.peers());
    let (mut pushers, mut puller) = allocator.allocate::<Message>(0);
    let mut early: Vec<VecDeque<Message>> = (0..of).map(|_| VecDeque::new()).collect();
    for round in 0.. {
        let Ok(bytes) = given.recv() else { return };
        for (_, pusher) in pushers.iter_mut().enumerate().filter(|(to, _)| *to != own) {
            pusher.send(Message { from: own as u32, round, bytes: bytes.clone() });
            pusher.done();
        }
        allocator.release();
        early[own].push_back(Message { from: own as u32, round, bytes });
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
        if let Some(late) = all.iter().find(|message| message.round != round) {
            watch.lose(late.from as usize, format!("is at exchange {}, this one at {round}", late.round));
            return;
        }
        watch.bring(all.into_iter().map(|message| message.bytes).collect());
    }
}
