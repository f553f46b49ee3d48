//! Answers as users saw them, against what a recovery has: nothing that was answered may be missing, changed or done twice.
//!
//! ```text
//! one answer, 20 bytes: u32 user · u32 lender · u32 sequence · u32 packed reply · u32 CRC-32C of the 16 bytes before
//! ```
//!
//! The file is written by whoever stands in for the users, outside the service. A crash may tear its last entry.

use super::replay::Replayed;
use crate::base::ids::Lender;
use crate::credit::command::Reply;
use crate::credit::wire;
use std::path::{Path, PathBuf};

/// Bytes of an answer in the file.
pub(crate) const ACK_BYTES: usize = 20;

/// Bytes before the checksum.
const CHECKED_BYTES: usize = ACK_BYTES - 4;

/// An answer that reached its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// World-wide number of the user: first user of the cell and slot.
    pub user: u32,
    /// Who answered.
    pub lender: Lender,
    /// The user's number of the request.
    pub sequence: u32,
    /// The answer.
    pub reply: Reply,
}

impl Ack {
    /// The entry of the file.
    pub fn encode(&self) -> [u8; ACK_BYTES] {
        let mut bytes = [0; ACK_BYTES];
        for (position, word) in
            [self.user, u32::from(self.lender.0), self.sequence, wire::pack(self.reply)].into_iter().enumerate()
        {
            bytes[4 * position..4 * position + 4].copy_from_slice(&word.to_le_bytes());
        }
        let crc = crc32c::crc32c(&bytes[..CHECKED_BYTES]);
        bytes[CHECKED_BYTES..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; ACK_BYTES]) -> Option<Ack> {
        let word = |i: usize| u32::from_le_bytes(std::array::from_fn(|b| bytes[4 * i + b]));
        let lender = u8::try_from(word(1)).ok().map(Lender)?;
        let reply = wire::reply_of(word(3)).filter(|_| word(4) == crc32c::crc32c(&bytes[..CHECKED_BYTES]))?;
        Some(Ack { user: word(0), lender, sequence: word(2), reply })
    }
}

/// A file of answers that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcksError {
    /// It could not be read.
    #[error("{path}: {source}")]
    Io {
        /// File.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// An entry that is not the last is damaged.
    #[error("{path}: entry {entry} is damaged")]
    Damaged {
        /// File.
        path: PathBuf,
        /// Number of the entry from 1.
        entry: usize,
    },
}

/// Reads a file of answers. A last entry that is torn is left out.
///
/// # Errors
/// [`AcksError`].
pub(crate) fn read_acks(path: &Path) -> Result<Vec<Ack>, AcksError> {
    let bytes = std::fs::read(path).map_err(|source| AcksError::Io { path: path.to_path_buf(), source })?;
    decode(&bytes).map_err(|entry| AcksError::Damaged { path: path.to_path_buf(), entry })
}

/// The answers in some bytes, or the number of the entry that is damaged.
fn decode(bytes: &[u8]) -> Result<Vec<Ack>, usize> {
    let (entries, _torn) = bytes.as_chunks::<ACK_BYTES>();
    let mut acks = Vec::with_capacity(entries.len());
    for (number, entry) in entries.iter().enumerate() {
        match Ack::decode(entry) {
            Some(ack) => acks.push(ack),
            None if (number + 1) * ACK_BYTES == bytes.len() => {}
            None => return Err(number + 1),
        }
    }
    Ok(acks)
}

/// What a comparison of answers and a replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AcksReport {
    /// Answers that reached users.
    pub answers: u64,
    /// … whose request is not in the journal: lost.
    pub lost: u64,
    /// … whose request has another answer there.
    pub different: u64,
    /// Requests that were done more than once.
    pub twice: u64,
    /// Repeated requests that changed an account or the books.
    pub repeats_changed: u64,
    /// The first of each, in words.
    pub examples: Vec<String>,
}

impl AcksReport {
    /// Nothing was lost, changed or done twice.
    pub(crate) fn is_clean(&self) -> bool {
        self.lost + self.different + self.twice + self.repeats_changed == 0
    }
}

/// Which request of all: number of the user, lender, the user's number of the request.
type RequestId = (u32, Lender, u32);

/// Observes while a journal is replayed from its first snapshot, and compares afterwards.
#[derive(Debug, Default)]
pub(crate) struct AcksCheck {
    /// Every request that was replayed, with its packed reply.
    answered: Vec<(RequestId, u32)>,
    /// Every request that was done.
    done: Vec<RequestId>,
    report: AcksReport,
}

impl AcksCheck {
    /// Takes note of a replayed request.
    pub(crate) fn observe(&mut self, replayed: &Replayed) {
        let id = (replayed.user, replayed.request.lender, replayed.request.sequence);
        self.answered.push((id, wire::pack(replayed.reply)));
        if replayed.fresh {
            self.done.push(id);
        } else if replayed.changed {
            self.report.repeats_changed += 1;
            self.example(|| format!("{} came again and changed something", in_words(id)));
        }
    }

    /// Compares with the answers that reached users.
    pub(crate) fn compare(mut self, acks: &[Ack]) -> AcksReport {
        self.done.sort_unstable();
        let done = std::mem::take(&mut self.done);
        for pair in done.windows(2).filter(|pair| pair[0] == pair[1]) {
            self.report.twice += 1;
            self.example(|| format!("{} was done twice", in_words(pair[0])));
        }
        self.answered.sort_unstable();
        for ack in acks {
            self.report.answers += 1;
            let Ack { user, lender, sequence, reply } = *ack;
            let id = (user, lender, sequence);
            if self.answered.binary_search(&(id, wire::pack(reply))).is_ok() {
                continue;
            }
            let from = self.answered.partition_point(|(other, _)| *other < id);
            match self.answered.get(from).filter(|(other, _)| *other == id) {
                Some((_, word)) => {
                    let now = wire::reply_of(*word);
                    self.report.different += 1;
                    self.example(|| format!("{} was answered {reply:?}, now {now:?}", in_words(id)));
                }
                None => {
                    self.report.lost += 1;
                    self.example(|| format!("{}, answered {reply:?}, is lost", in_words(id)));
                }
            }
        }
        self.report
    }

    /// Keeps the first few.
    fn example(&mut self, text: impl FnOnce() -> String) {
        if self.report.examples.len() < 10 {
            self.report.examples.push(text());
        }
    }
}

fn in_words((user, lender, sequence): RequestId) -> String {
    let whom = if lender == Lender::FIRST { String::new() } else { format!(" to lender {}", lender.0) };
    format!("user {user}: request {sequence}{whom}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Slot;
    use crate::credit::command::{Command, Decline, Request};

    fn ack(user: u32, sequence: u32, reply: Reply) -> Ack {
        Ack { user, lender: Lender::FIRST, sequence, reply }
    }

    fn replayed(user: u32, sequence: u32, reply: Reply, fresh: bool, changed: bool) -> Replayed {
        let request = Request { lender: Lender::FIRST, slot: Slot(user), sequence, command: Command::Close };
        Replayed { user, request, reply, fresh, changed }
    }

    #[test]
    fn a_torn_last_entry_is_left_out_and_no_other() {
        let acks =
            [ack(7, 1, Reply::Done(5)), ack(8, 2, Reply::InReview), ack(9, 3, Reply::Declined(Decline::TooLate))];
        let bytes: Vec<u8> = acks.iter().flat_map(Ack::encode).collect();
        assert_eq!(decode(&bytes), Ok(acks.to_vec()));
        for length in 2 * ACK_BYTES + 1..bytes.len() {
            assert_eq!(decode(&bytes[..length]), Ok(acks[..2].to_vec()));
        }
        for byte in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[byte] ^= 0x10;
            let last = byte / ACK_BYTES == 2;
            let expected = if last { Ok(acks[..2].to_vec()) } else { Err(byte / ACK_BYTES + 1) };
            assert_eq!(decode(&damaged), expected, "byte {byte}");
        }
    }

    #[test]
    fn what_is_lost_changed_or_done_twice_is_found() {
        let mut check = AcksCheck::default();
        check.observe(&replayed(1, 1, Reply::Done(1), true, true));
        check.observe(&replayed(1, 1, Reply::Done(1), false, false));
        check.observe(&replayed(1, 2, Reply::Done(2), true, true));
        let clean = AcksCheck { answered: check.answered.clone(), done: check.done.clone(), ..AcksCheck::default() };
        assert!(clean.compare(&[ack(1, 1, Reply::Done(1)), ack(1, 1, Reply::Done(1))]).is_clean());
        check.observe(&replayed(1, 2, Reply::Done(2), true, true));
        check.observe(&replayed(1, 2, Reply::Done(2), false, true));
        let report = check.compare(&[ack(1, 2, Reply::Done(3)), ack(1, 3, Reply::Done(0)), ack(2, 1, Reply::InReview)]);
        let found = (report.answers, report.lost, report.different, report.twice, report.repeats_changed);
        assert_eq!(found, (3, 2, 1, 1, 1), "{report:?}");
        assert_eq!(report.examples.len(), 5, "{report:?}");
    }

    #[test]
    fn an_answer_of_one_lender_is_none_of_another() {
        let mut check = AcksCheck::default();
        check.observe(&replayed(1, 1, Reply::Done(1), true, true));
        let of_second = replayed(1, 1, Reply::Done(2), true, true);
        check.observe(&Replayed { request: Request { lender: Lender(1), ..of_second.request }, ..of_second });
        let second = |sequence, reply| Ack { lender: Lender(1), ..ack(1, sequence, reply) };
        let answers = [
            ack(1, 1, Reply::Done(1)),
            second(1, Reply::Done(2)),
            second(1, Reply::Done(1)),
            second(2, Reply::Done(1)),
        ];
        assert_eq!(decode(&answers.map(|ack| ack.encode()).concat()), Ok(answers.to_vec()));
        let report = check.compare(&answers);
        assert_eq!((report.answers, report.lost, report.different, report.twice), (4, 1, 1, 0), "{report:?}");
        assert!(report.examples.iter().all(|text| text.contains("to lender 1")), "{report:?}");
    }
}
