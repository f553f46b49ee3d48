//! Who lends, and the books.

use super::exact::Fraction;
use super::rules::{Rules, Told};
use crate::credit::chart::{Account as Ledger, Posting, funding_of, loans_of};

/// A part of a loan's principal over its funders: partners in order, each in proportion, rounded up, at most what it lent and what is
/// left; the platform has the rest (docs/rules.md §19.4).
pub(super) fn split(fen: i64, lent: [i64; 4]) -> [i64; 4] {
    let total: i64 = lent.iter().sum();
    assert!((0..=total).contains(&fen), "{fen} of {total}");
    let mut parts = [0; 4];
    let mut rest = fen;
    if fen > 0 {
        for funder in 1..4 {
            parts[funder] = Fraction::product(fen, lent[funder], total).up().min(lent[funder]).min(rest);
            rest -= parts[funder];
        }
    }
    parts[0] = rest;
    parts
}

/// The parts of a drawing.
pub(super) fn drawing(rules: &Rules, fen: i64, funder: usize) -> [i64; 4] {
    let mut parts = [fen, 0, 0, 0];
    if funder > 0 {
        parts[funder] = Fraction::product(fen, rules.share_ppm(funder - 1), 1_000_000).down();
        parts[0] -= parts[funder];
    }
    parts
}

/// Room of the day and postings since the beginning.
#[derive(Clone, Debug)]
pub(super) struct Books {
    pub room: [i64; 4],
    /// In the order of the kinds.
    pub posted: Vec<i64>,
    /// By partner: ever lent, and covered of its losses.
    pub ever_lent: [i64; 3],
    pub covered: [i64; 3],
}

impl Books {
    pub(super) fn new() -> Books {
        Books { room: [0; 4], posted: vec![0; Posting::ALL.len()], ever_lent: [0; 3], covered: [0; 3] }
    }

    pub(super) fn post(&mut self, kind: Posting, fen: i64) {
        assert!(fen >= 0, "{kind:?} of {fen}");
        self.posted[kind as usize] += fen;
    }

    pub(super) fn post_by_funder(&mut self, platform: Posting, parts: [i64; 4]) {
        for (funder, fen) in parts.into_iter().enumerate() {
            self.post(platform.by_funder(funder), fen);
        }
    }

    /// Balance of an account of the chart, debit positive.
    pub(super) fn balance(&self, account: Ledger) -> i64 {
        let side = |kind: &Posting| i64::from(kind.sides().0 == account) - i64::from(kind.sides().1 == account);
        Posting::ALL.iter().zip(&self.posted).map(|(kind, fen)| side(kind) * fen).sum()
    }

    /// All balances in the order of the chart.
    pub(super) fn balances(&self) -> Vec<i64> {
        let mut balances = vec![0; Ledger::ALL.len()];
        for (kind, fen) in Posting::ALL.iter().zip(&self.posted) {
            let (debit, credit) = kind.sides();
            balances[debit as usize] += fen;
            balances[credit as usize] -= fen;
        }
        balances
    }

    /// Who lends a drawing: partners in turn from `turn` on, then the platform alone (docs/rules.md §19.3).
    pub(super) fn search(&self, rules: &Rules, told: &Told, turn: i64, fen: i64) -> Option<usize> {
        let partners = rules.partners.len() as i64;
        for step in 0..partners {
            let partner = ((turn + step) % partners) as usize;
            let parts = drawing(rules, fen, partner + 1);
            if told.lends[partner] && parts[partner + 1] <= self.room[partner + 1] && parts[0] <= self.room[0] {
                return Some(partner + 1);
            }
        }
        (fen <= self.room[0]).then_some(0)
    }

    pub(super) fn take_room(&mut self, parts: [i64; 4]) {
        self.room.iter_mut().zip(parts).for_each(|(room, part)| *room -= part);
    }

    pub(super) fn give_room(&mut self, parts: [i64; 4]) {
        self.room.iter_mut().zip(parts).for_each(|(room, part)| *room += part);
    }

    /// A drawing is lent.
    pub(super) fn lend(&mut self, platform: Posting, parts: [i64; 4]) {
        self.post_by_funder(platform, parts);
        for partner in 0..3 {
            self.ever_lent[partner] += parts[partner + 1];
        }
    }

    /// Principal of an account is written off (docs/rules.md §19.7).
    pub(super) fn write_off(&mut self, rules: &Rules, parts: [i64; 4]) {
        self.post(Posting::WriteOffPlatform, parts[0]);
        for (partner, terms) in rules.partners.iter().enumerate() {
            let promise = Fraction::product(self.ever_lent[partner], terms.first_loss_ppm, 1_000_000).down();
            let covered = parts[partner + 1].min((promise - self.covered[partner]).max(0));
            self.covered[partner] += covered;
            self.post(Posting::WriteOffCovered1.by_partner(partner), covered);
            self.post(Posting::WriteOffBorne1.by_partner(partner), parts[partner + 1] - covered);
        }
    }

    /// The settlement of a close: merchants, hosts, partners, the price of money (docs/rules.md §19.6).
    pub(super) fn settle(&mut self, rules: &Rules) {
        self.post(Posting::SettleMerchants, (-self.balance(Ledger::MerchantPayable)).max(0));
        self.post(Posting::SettleHosts, (-self.balance(Ledger::HostPayable)).max(0));
        let mut price = 0;
        for (partner, terms) in rules.partners.iter().enumerate() {
            let lent = self.balance(loans_of(partner + 1));
            let paid_in = -self.balance(funding_of(partner));
            self.post(Posting::FundPartner1.by_partner(partner), (lent - paid_in).max(0));
            self.post(Posting::ReturnPartner1.by_partner(partner), (paid_in - lent).max(0));
            price += Fraction::product(lent, terms.price_bp, 3_650_000).nearest();
        }
        self.post(Posting::PartnerPrice, price);
        let own = Fraction::product(self.balance(Ledger::LoansPlatform), rules.treasury_bp, 3_650_000);
        self.post(Posting::TreasuryPrice, own.nearest());
    }
}
