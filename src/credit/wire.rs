//! The fixed layout of a command: five words. Fingerprints are taken over it; a journal and a network port write it, with the lender, the
//! slot and the number of the request before it (`journal::Record`).

use crate::base::ids::{HostId, MerchantId, Reference};
use crate::base::money::Fen32;
use crate::base::random::mix;
use crate::credit::command::{Application, Command, Complaint, Decline, Refusal, Reply, Scene, Source};

/// What spreads the later words of a command over the fingerprint: 2^64 over the golden ratio, odd.
const FINGERPRINT_FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

impl Command {
    /// The command as five words: kind and small fields, then the larger ones.
    #[inline]
    pub const fn words(&self) -> [u32; 5] {
        let kind = self.kind() as u32;
        match *self {
            Command::Apply(a) => [
                kind | (a.age as u32) << 8 | (a.bureau_score as u32) << 16,
                a.monthly_income_yuan,
                a.other_debt_yuan,
                a.behaviour as u32,
                a.student as u32 | (a.identity_matches as u32) << 1 | (a.fraud_signal as u32) << 2,
            ],
            Command::Authorise { merchant, scene, amount_fen, instalments, suspicious } => [
                kind | (scene as u32) << 8 | (instalments as u32) << 16 | (suspicious as u32) << 24,
                amount_fen.0 as u32,
                merchant.0 as u32,
                0,
                0,
            ],
            Command::Capture { purchase, amount_fen } | Command::Refund { purchase, amount_fen } => {
                [kind, amount_fen.0 as u32, purchase.0, 0, 0]
            }
            Command::Void { purchase } => [kind, 0, purchase.0, 0, 0],
            Command::Tip { host, amount_fen } | Command::RefundTip { host, amount_fen } => {
                [kind, amount_fen.0 as u32, host.0 as u32, 0, 0]
            }
            Command::BuyCard { amount_fen, named, suspicious } => {
                [kind | (named as u32) << 8 | (suspicious as u32) << 9, amount_fen.0 as u32, 0, 0, 0]
            }
            Command::RedeemCard { card, merchant, amount_fen } => {
                [kind, amount_fen.0 as u32, card.0, merchant.0 as u32, 0]
            }
            Command::RefundCard { card } => [kind, 0, card.0, 0, 0],
            Command::Repay { amount_fen, source } => [kind | (source as u32) << 8, amount_fen.0 as u32, 0, 0, 0],
            Command::ConvertBill { instalments } => [kind | (instalments as u32) << 8, 0, 0, 0, 0],
            Command::Complain { about } => [kind | (about as u32) << 8, 0, 0, 0, 0],
            Command::SettleEarly { loan, amount_fen } => [kind | (loan as u32) << 8, amount_fen.0 as u32, 0, 0, 0],
            Command::RequestHardship | Command::Close => [kind, 0, 0, 0, 0],
        }
    }

    /// The command of five words, or `None` when [`Command::words`] writes no command so.
    pub fn from_words(words: [u32; 5]) -> Option<Command> {
        let [head, amount, second, third, fourth] = words;
        let byte = |shift: u32| (head >> shift) as u8;
        let bit = |word: u32, shift: u32| word >> shift & 1 == 1;
        let amount_fen = Fen32(amount as i32);
        let command = match byte(0) {
            0 => Command::Apply(Application {
                age: byte(8),
                student: bit(fourth, 0),
                identity_matches: bit(fourth, 1),
                fraud_signal: bit(fourth, 2),
                bureau_score: (head >> 16) as u16,
                behaviour: third as u8,
                monthly_income_yuan: amount,
                other_debt_yuan: second,
            }),
            1 => Command::Authorise {
                merchant: MerchantId(second as u16),
                scene: *Scene::ALL.get(usize::from(byte(8)))?,
                amount_fen,
                instalments: byte(16),
                suspicious: bit(head, 24),
            },
            2 => Command::Capture { purchase: Reference(second), amount_fen },
            3 => Command::Void { purchase: Reference(second) },
            4 => Command::Refund { purchase: Reference(second), amount_fen },
            5 => Command::Tip { host: HostId(second as u16), amount_fen },
            6 => Command::RefundTip { host: HostId(second as u16), amount_fen },
            7 => Command::BuyCard { amount_fen, named: bit(head, 8), suspicious: bit(head, 9) },
            8 => Command::RedeemCard { card: Reference(second), merchant: MerchantId(third as u16), amount_fen },
            9 => Command::RefundCard { card: Reference(second) },
            10 => Command::Repay { amount_fen, source: source(byte(8))? },
            11 => Command::ConvertBill { instalments: byte(8) },
            12 => Command::SettleEarly { loan: byte(8), amount_fen },
            13 => Command::RequestHardship,
            14 => Command::Complain { about: complaint(byte(8))? },
            15 => Command::Close,
            _ => return None,
        };
        // Whatever was cut off above shows here: words and commands are one to one.
        (command.words() == words).then_some(command)
    }

    /// Position of the command's kind in `totals::COMMAND_NAMES`.
    #[inline]
    pub const fn kind(&self) -> usize {
        match self {
            Command::Apply(_) => 0,
            Command::Authorise { .. } => 1,
            Command::Capture { .. } => 2,
            Command::Void { .. } => 3,
            Command::Refund { .. } => 4,
            Command::Tip { .. } => 5,
            Command::RefundTip { .. } => 6,
            Command::BuyCard { .. } => 7,
            Command::RedeemCard { .. } => 8,
            Command::RefundCard { .. } => 9,
            Command::Repay { .. } => 10,
            Command::ConvertBill { .. } => 11,
            Command::SettleEarly { .. } => 12,
            Command::RequestHardship => 13,
            Command::Complain { .. } => 14,
            Command::Close => 15,
        }
    }

    /// 32 bits that tell two contents apart under one sequence number.
    #[inline]
    pub const fn fingerprint(&self) -> u32 {
        let w = self.words();
        let head = (w[0] as u64) | (w[1] as u64) << 32;
        let tail = (w[2] as u64) | (w[3] as u64) << 32;
        let tail = tail ^ (w[4] as u64) << 17;
        (mix(head ^ tail.wrapping_mul(FINGERPRINT_FACTOR)) >> 32) as u32
    }
}

fn source(code: u8) -> Option<Source> {
    let all = [Source::Voluntary, Source::AutoDebit, Source::Collected, Source::Recovery];
    all.into_iter().find(|source| *source as u8 == code)
}

fn complaint(code: u8) -> Option<Complaint> {
    let all = [Complaint::Decline, Complaint::Collection, Complaint::Charge, Complaint::Service];
    all.into_iter().find(|complaint| *complaint as u8 == code)
}

/// A reply in 32 bits: two bits of kind, thirty of content.
///
/// # Panics
/// When a number does not fit thirty bits; the engine gives no such one.
#[inline]
pub(crate) const fn pack(reply: Reply) -> u32 {
    match reply {
        Reply::Done(n) => {
            assert!(n < 1 << 30);
            n
        }
        Reply::InReview => 1 << 30,
        Reply::Refused(r) => 2 << 30 | r as u32,
        Reply::Declined(d) => 3 << 30 | d as u32,
    }
}

/// The inverse of [`pack`], for words that it made.
///
/// # Panics
/// When the word is no reply.
pub(super) fn unpack(word: u32) -> Reply {
    match reply_of(word) {
        Some(reply) => reply,
        None => panic!("{word:#x} is no reply"),
    }
}

/// The reply of a word, or `None` when [`pack`] writes no reply so.
#[inline]
pub(crate) fn reply_of(word: u32) -> Option<Reply> {
    let content = word & ((1 << 30) - 1);
    match word >> 30 {
        0 => Some(Reply::Done(content)),
        1 => (content == 0).then_some(Reply::InReview),
        2 => Refusal::ALL.get(content as usize).copied().map(Reply::Refused),
        _ => Decline::ALL.get(content as usize).copied().map(Reply::Declined),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::totals::COMMAND_KINDS;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;

    #[test]
    fn replies_go_there_and_back() {
        let mut replies = vec![Reply::Done(0), Reply::Done((1 << 30) - 1), Reply::InReview];
        replies.extend(Refusal::ALL.map(Reply::Refused));
        replies.extend(Decline::ALL.map(Reply::Declined));
        for reply in replies {
            assert_eq!(unpack(pack(reply)), reply);
        }
        let wrong = [1 << 30 | 1, 2 << 30 | Refusal::ALL.len() as u32, 3 << 30 | Decline::ALL.len() as u32, u32::MAX];
        assert!(wrong.into_iter().all(|word| reply_of(word).is_none()));
    }

    /// Any command of any kind, every field over its whole range.
    fn any_command() -> impl Strategy<Value = Command> {
        (0..COMMAND_KINDS as u32, any::<[u32; 5]>()).prop_filter_map("a command", |(kind, drawn)| {
            let [a, b, c, d, e] = drawn;
            let words = match kind {
                0 => [a << 8, b, c, d & 0xFF, e & 7],
                1 => [(a & 3) << 8 | (b & 0xFF) << 16 | (c & 1) << 24, d, e & 0xFFFF, 0, 0],
                2 | 4 => [0, a, b, 0, 0],
                3 | 9 => [0, 0, a, 0, 0],
                5 | 6 => [0, a, b & 0xFFFF, 0, 0],
                7 => [(a & 3) << 8, b, 0, 0, 0],
                8 => [0, a, b, c & 0xFFFF, 0],
                10 => [(a & 3) << 8, b, 0, 0, 0],
                11 => [(a & 0xFF) << 8, 0, 0, 0, 0],
                12 => [(a & 0xFF) << 8, b, 0, 0, 0],
                14 => [(a & 3) << 8, 0, 0, 0, 0],
                _ => [0; 5],
            };
            Command::from_words([words[0] | kind, words[1], words[2], words[3], words[4]])
        })
    }

    proptest! {
        #[test]
        fn commands_go_there_and_back(command in any_command()) {
            prop_assert_eq!(Command::from_words(command.words()), Some(command));
        }

        /// Words that are a command are that command's words: nothing is read that would be written otherwise.
        #[test]
        fn words_are_one_to_one_with_commands(words in any::<[u32; 5]>(), kind in 0..COMMAND_KINDS as u32 + 4, zeros in 0..32_u8) {
            let mut words = words;
            words[0] = words[0] & !0xFF | kind;
            for (index, word) in words.iter_mut().enumerate() {
                if zeros >> index & 1 == 1 {
                    *word = if index == 0 { kind } else { 0 };
                }
            }
            if let Some(command) = Command::from_words(words) {
                prop_assert_eq!(command.words(), words);
                prop_assert_eq!(command.kind() as u32, kind);
            }
        }
    }

    #[test]
    fn every_kind_is_drawn() {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut seen = [false; COMMAND_KINDS];
        for _ in 0..1_000 {
            let drawn = any_command().new_tree(&mut runner).expect("a command").current();
            seen[drawn.kind()] = true;
        }
        assert_eq!(seen, [true; COMMAND_KINDS]);
    }

    #[test]
    fn every_field_changes_the_fingerprint() {
        let command = |merchant, amount, instalments, suspicious| {
            let amount_fen = Fen32(amount);
            let merchant = MerchantId(merchant);
            Command::Authorise { merchant, scene: Scene::Content, amount_fen, instalments, suspicious }.fingerprint()
        };
        let base = command(1, 100, 0, false);
        for other in
            [command(2, 100, 0, false), command(1, 101, 0, false), command(1, 100, 3, false), command(1, 100, 0, true)]
        {
            assert_ne!(base, other);
        }
    }
}
