//! Cells in which one kind of request is far more frequent than all others, so that what rules it is seen within months.

use super::Swarm;
use crate::base::ids::{HostId, MerchantId, Reference};
use crate::base::money::Fen32;
use crate::credit::command::{Application, Command, Scene, Source};
use crate::testing::guards;

/// What users ask for far more often than for anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Favourite {
    /// Nothing.
    Anything,
    /// An account, under any circumstances, and its end.
    Account,
    /// Purchases in instalments, which are given back soon.
    Instalments,
    /// Shopping cards, which are given back soon.
    Card,
    /// Purchases that are cash in truth.
    Cash,
    /// Tips. And they pay little at a time.
    Tip,
}

impl Swarm {
    /// A request for what users of this kind want, or for a next step with it.
    pub(super) fn favourite(&mut self, slot: u32) -> Command {
        let newest = |of: &[(Reference, i32)]| of.last().copied().unwrap_or((Reference(0), 100));
        let (purchase, bought) = newest(&self.hands[slot as usize].purchases);
        let (card, _) = newest(&self.hands[slot as usize].cards);
        let favourite = self.options.favourite;
        match (favourite, self.draws.below(3)) {
            (Favourite::Account, 0) => Command::Close,
            (Favourite::Account, 1) => Command::Repay { amount_fen: Fen32(500_000), source: Source::Voluntary },
            (Favourite::Account, _) => self.nearly_good_application(),
            (Favourite::Instalments | Favourite::Cash, 0) => Command::Authorise {
                merchant: MerchantId(3),
                scene: Scene::LiveShopping,
                amount_fen: Fen32(self.amount(60_000)),
                instalments: if favourite == Favourite::Cash { 0 } else { 3 },
                suspicious: favourite == Favourite::Cash,
            },
            (Favourite::Instalments, 1) => {
                Command::Refund { purchase, amount_fen: Fen32(1 + self.draws.below(bought as u32) as i32) }
            }
            (Favourite::Instalments | Favourite::Cash, _) => Command::Capture { purchase, amount_fen: Fen32(bought) },
            (Favourite::Card, 0) => Command::RefundCard { card },
            (Favourite::Card, _) => {
                Command::BuyCard { amount_fen: Fen32(self.amount(150_000)), named: true, suspicious: false }
            }
            (Favourite::Tip | Favourite::Anything, _) => {
                Command::Tip { host: HostId(1), amount_fen: Fen32(self.amount(3_000)) }
            }
        }
    }

    /// A good application, but for one thing at times.
    fn nearly_good_application(&mut self) -> Command {
        let (is_student, is_poor) = (self.draws.chance_ppm(200_000), self.draws.chance_ppm(200_000));
        let Command::Apply(good) = guards::good_application() else { unreachable!("an application") };
        let monthly_income_yuan = if is_poor { 4_000 } else { good.monthly_income_yuan };
        Command::Apply(Application { student: is_student, monthly_income_yuan, ..good })
    }
}
