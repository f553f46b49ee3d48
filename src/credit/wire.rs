//! The fixed layout of a command: five words. Fingerprints are taken over it; a journal and a network port write it.

use crate::base::random::mix;
use crate::credit::command::{Command, Decline, Refusal, Reply};

impl Command {
    /// The command as five words: kind and small fields, then the larger ones.
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
                amount_fen as u32,
                merchant.0 as u32,
                0,
                0,
            ],
            Command::Capture { purchase, amount_fen } | Command::Refund { purchase, amount_fen } => {
                [kind, amount_fen as u32, purchase, 0, 0]
            }
            Command::Void { purchase } => [kind, 0, purchase, 0, 0],
            Command::Tip { host, amount_fen } | Command::RefundTip { host, amount_fen } => {
                [kind, amount_fen as u32, host.0 as u32, 0, 0]
            }
            Command::BuyCard { amount_fen, named, suspicious } => {
                [kind | (named as u32) << 8 | (suspicious as u32) << 9, amount_fen as u32, 0, 0, 0]
            }
            Command::RedeemCard { card, merchant, amount_fen } => [kind, amount_fen as u32, card, merchant.0 as u32, 0],
            Command::RefundCard { card } => [kind, 0, card, 0, 0],
            Command::Repay { amount_fen, source } => [kind | (source as u32) << 8, amount_fen as u32, 0, 0, 0],
            Command::ConvertBill { instalments } => [kind | (instalments as u32) << 8, 0, 0, 0, 0],
            Command::Complain { about } => [kind | (about as u32) << 8, 0, 0, 0, 0],
            Command::SettleEarly | Command::RequestHardship | Command::Close => [kind, 0, 0, 0, 0],
        }
    }

    /// Place of the command's kind in `totals::COMMAND_NAMES`.
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
            Command::SettleEarly => 12,
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
        (mix(head ^ mix(tail ^ ((w[4] as u64) << 17))) >> 32) as u32
    }
}

/// A reply in 32 bits: two bits of kind, thirty of content.
#[inline]
pub const fn pack(reply: Reply) -> u32 {
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

/// The inverse of [`pack`].
pub(super) fn unpack(word: u32) -> Reply {
    let content = word & ((1 << 30) - 1);
    match word >> 30 {
        0 => Reply::Done(content),
        1 => Reply::InReview,
        2 => Reply::Refused(Refusal::ALL[content as usize]),
        _ => Reply::Declined(Decline::ALL[content as usize]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::MerchantId;
    use crate::credit::command::Scene;

    #[test]
    fn replies_go_there_and_back() {
        let mut replies = vec![Reply::Done(0), Reply::Done((1 << 30) - 1), Reply::InReview];
        replies.extend(Refusal::ALL.map(Reply::Refused));
        replies.extend(Decline::ALL.map(Reply::Declined));
        for reply in replies {
            assert_eq!(unpack(pack(reply)), reply);
        }
    }

    #[test]
    fn every_field_changes_the_fingerprint() {
        let command = |merchant, amount_fen, instalments, suspicious| {
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
