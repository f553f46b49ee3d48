//! A stream of requests that a seed draws, and what is left of it when everything that does not matter is taken out.

use super::pair::{Difference, Pair, Step, What};
use super::plan::{CHANGES, Plan, pick};
use crate::base::ids::{HostId, MerchantId, Reference, Slot};
use crate::base::money::Fen32;
use crate::base::random::{Purpose, RunKey, Stream};
use crate::credit::Guard;
use crate::credit::command::{Command, Complaint, Scene, Source, Status};
use crate::testing::story;

/// A difference and the steps that lead to it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub steps: Vec<Step>,
    pub difference: Difference,
}

/// What a user has in hand: the step that made it, and its amount.
#[derive(Clone, Default)]
struct Hand {
    purchases: Vec<(u32, i32)>,
    cards: Vec<(u32, i32)>,
}

struct Drawn<'a> {
    draws: Stream,
    pair: &'a mut Pair,
    hands: Vec<Hand>,
    steps: Vec<Step>,
}

/// Plays a seed's stream to its end.
pub(super) fn play(plan: Plan, guard_off: Option<Guard>) -> Result<Pair, Box<Found>> {
    let mut pair = Pair::new(plan, guard_off);
    let users = pair.plan.users;
    let draws = RunKey::new(pair.plan.seed, 0).user(2).stream(Purpose::World);
    let mut drawn = Drawn { draws, hands: vec![Hand::default(); users as usize], pair: &mut pair, steps: Vec::new() };
    match drawn.play() {
        Ok(()) => Ok(pair),
        Err(difference) => {
            let steps = std::mem::take(&mut drawn.steps);
            Err(Box::new(Found { steps, difference }))
        }
    }
}

/// Plays steps as they stand.
pub(super) fn replay(plan: &Plan, guard_off: Option<Guard>, steps: &[Step], last_day: u16) -> Result<(), Difference> {
    let mut pair = Pair::new(plan.clone(), guard_off);
    let mut next = 0;
    while !pair.is_over() && pair.day <= last_day {
        while next < steps.len() && steps[next].day == pair.day {
            pair.take(steps[next])?;
            next += 1;
        }
        pair.close()?;
    }
    Ok(())
}

/// Takes out steps as long as engine and book still part ways in the same way.
pub(super) fn shrink(plan: &Plan, guard_off: Option<Guard>, found: Found) -> Found {
    let kind = found.difference.kind();
    let mut least = found;
    let mut last_day = least.steps.last().map_or(0, |step| step.day) + 70;
    let mut size = least.steps.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < least.steps.len() {
            let mut fewer = least.steps.clone();
            fewer.drain(from..(from + size).min(fewer.len()));
            match replay(plan, guard_off, &fewer, last_day) {
                Err(difference) if difference.kind() == kind => {
                    last_day = (i32::from(difference.day.0) - i32::from(first_day().0)).max(0) as u16;
                    fewer.retain(|step| step.day <= last_day);
                    least = Found { steps: fewer, difference };
                }
                _ => from += size,
            }
        }
        size /= 2;
    }
    least
}

fn first_day() -> crate::base::time::Day {
    crate::base::time::Day::from_ymd(2027, 1, 1).unwrap_or_default()
}

/// One of what is known, the later the likelier; else nothing that anybody knows.
fn late_one(draws: &mut Stream, known: &[(u32, i32)]) -> (Option<u32>, i32) {
    let n = known.len() as u32;
    if n == 0 {
        return (None, 100);
    }
    let back = draws.below(n).min(draws.below(n)).min(draws.below(n));
    let (step, fen) = known[(n - 1 - back) as usize];
    (Some(step), fen)
}

impl Drawn<'_> {
    fn play(&mut self) -> Result<(), Difference> {
        for user in 0..self.pair.plan.users {
            self.take(What::Ask { user, command: Command::Apply(story::applicant()), of: None })?;
        }
        while !self.pair.is_over() {
            let requests = self.draws.below(2 * self.pair.plan.requests_milli + 1_000) / 1_000;
            for _ in 0..requests {
                let what = self.request();
                self.take(what)?;
            }
            if self.draws.chance_ppm(self.pair.plan.changes_ppm) {
                let what = What::Change { kind: self.draws.below(CHANGES), word: self.draws.word() };
                self.take(what)?;
            }
            self.pair.close()?;
        }
        Ok(())
    }

    fn take(&mut self, what: What) -> Result<(), Difference> {
        let number = self.steps.len() as u32;
        let step = Step { number, day: self.pair.day, what };
        self.steps.push(step);
        self.pair.take(step)?;
        if self.pair.references.contains_key(&number) {
            match what {
                What::Ask { user, command: Command::Authorise { amount_fen, .. }, .. } => {
                    self.hands[user as usize].purchases.push((number, amount_fen.0));
                }
                What::Ask { user, command: Command::BuyCard { amount_fen, .. }, .. } => {
                    self.hands[user as usize].cards.push((number, amount_fen.0));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn request(&mut self) -> What {
        // Mostly somebody whose account lives, or who has none yet.
        let mut user = self.draws.below(self.pair.plan.users);
        for _ in 0..3 {
            let account = &self.pair.book.accounts[user as usize];
            if account.is_live() {
                break;
            }
            if matches!(account.status, Status::None | Status::Closed) && self.draws.chance_ppm(300_000) {
                return What::Ask { user, command: Command::Apply(story::applicant()), of: None };
            }
            user = self.draws.below(self.pair.plan.users);
        }
        let (command, of) = self.command(user);
        What::Ask { user, command, of }
    }

    /// An amount of up to a part of the limit: round, odd, or small.
    fn amount(&mut self, parts: u32) -> Fen32 {
        let most = (self.pair.plan.limit_fen as u32 / parts).max(200);
        let any = 1 + self.draws.below(most);
        Fen32(match self.draws.below(8) {
            0 => 1 + any % 300,
            1..=3 => (any / 10_000 + 1) * 10_000,
            _ => any,
        } as i32)
    }

    /// A purchase of the user's of the kind that is asked for, mostly of late; now and then any.
    fn purchase(&mut self, user: u32, captured: bool) -> Option<(Option<u32>, i32)> {
        let known = &self.hands[user as usize].purchases;
        if self.draws.chance_ppm(50_000) {
            return Some(late_one(&mut self.draws, known));
        }
        let purchases = &self.pair.book.accounts[user as usize].purchases;
        let fitting: Vec<(Option<u32>, i32)> = known
            .iter()
            .rev()
            .take(40)
            .filter_map(|(step, fen)| {
                let reference = self.pair.references.get(step)?;
                let purchase = purchases.iter().find(|purchase| purchase.reference == *reference)?;
                let fen = if captured { purchase.refundable as i32 } else { *fen };
                (purchase.captured.is_some() == captured).then_some((Some(*step), fen))
            })
            .collect();
        let n = fitting.len() as u32;
        (n > 0).then(|| fitting[self.draws.below(n) as usize])
    }

    /// What there is to be captured or refunded, or something bought.
    fn follow_up(&mut self, user: u32, captured: bool, make: fn(Fen32) -> Command) -> (Command, Option<u32>) {
        match self.purchase(user, captured) {
            Some((of, fen)) => (make(self.part_of(fen)), of),
            None => (self.buying(), None),
        }
    }

    fn buying(&mut self) -> Command {
        Command::Authorise {
            merchant: MerchantId(self.draws.below(11) as u16),
            scene: pick(&mut self.draws, &Scene::ALL),
            amount_fen: self.amount(3),
            instalments: pick(&mut self.draws, &[0, 0, 3, 6, 9, 12]),
            suspicious: self.draws.chance_ppm(20_000),
        }
    }

    /// A card of the user's.
    fn card(&mut self, user: u32) -> (Option<u32>, i32) {
        late_one(&mut self.draws, &self.hands[user as usize].cards)
    }

    fn part_of(&mut self, fen: i32) -> Fen32 {
        let parts = [fen, fen, fen / 2, fen / 3, fen - 1, 1, fen.saturating_add(1)];
        Fen32(parts[self.draws.below(7) as usize])
    }

    fn repayment(&mut self, user: u32) -> Command {
        let view = self.pair.engine.view(Slot(user), self.pair.today());
        let (statement, minimum, past) = (view.statement_fen.0, view.minimum_fen.0, view.past_due_fen.0);
        let any = self.amount(3).0;
        let amounts = [
            statement,
            statement,
            minimum,
            minimum,
            past,
            statement - 1,
            minimum - 7,
            any,
            any,
            view.claim_fen.0 / 3,
            i32::MAX,
        ];
        let wished = amounts[self.draws.below(11) as usize];
        let amount_fen = Fen32(if wished > 0 { wished } else { any });
        Command::Repay {
            amount_fen,
            source: pick(&mut self.draws, &[Source::Voluntary, Source::AutoDebit, Source::Collected]),
        }
    }

    fn command(&mut self, user: u32) -> (Command, Option<u32>) {
        let owes = self.pair.book.accounts[user as usize].principal() > 0 || self.draws.chance_ppm(100_000);
        if self.draws.chance_ppm(self.pair.plan.pays_ppm) && owes {
            return (self.repayment(user), None);
        }
        let nothing = Reference(u32::MAX);
        match self.draws.below(60) {
            0 => (Command::Apply(story::applicant()), None),
            1..=14 => (self.buying(), None),
            15..=27 => {
                let make = |amount_fen| Command::Capture { purchase: Reference(u32::MAX), amount_fen };
                self.follow_up(user, false, make)
            }
            28 => self.follow_up(user, false, |_| Command::Void { purchase: Reference(u32::MAX) }),
            29..=33 => {
                let make = |amount_fen| Command::Refund { purchase: Reference(u32::MAX), amount_fen };
                self.follow_up(user, true, make)
            }
            34 => {
                let make = |amount_fen| Command::Refund { purchase: Reference(u32::MAX), amount_fen };
                self.follow_up(user, false, make)
            }
            35..=38 => (Command::Tip { host: HostId(1), amount_fen: self.amount(30) }, None),
            39 | 40 => (Command::RefundTip { host: HostId(1), amount_fen: self.amount(60) }, None),
            41..=43 => {
                let (named, suspicious) = (self.draws.chance_ppm(700_000), self.draws.chance_ppm(20_000));
                (Command::BuyCard { amount_fen: self.amount(6), named, suspicious }, None)
            }
            44 | 45 => {
                let (card, fen) = self.card(user);
                let (merchant, amount_fen) = (MerchantId(self.draws.below(11) as u16), self.part_of(fen));
                (Command::RedeemCard { card: nothing, merchant, amount_fen }, card)
            }
            46 => (Command::RefundCard { card: nothing }, self.card(user).0),
            47..=49 => (self.repayment(user), None),
            50..=53 => (Command::ConvertBill { instalments: pick(&mut self.draws, &[3, 3, 6, 6, 9, 12, 12, 5]) }, None),
            54..=56 => {
                let amount_fen = if self.draws.chance_ppm(500_000) { Fen32(0) } else { self.amount(10) };
                (Command::SettleEarly { loan: self.draws.below(4) as u8, amount_fen }, None)
            }
            57 => (Command::RequestHardship, None),
            58 => (Command::Complain { about: Complaint::Charge }, None),
            _ => (Command::Close, None),
        }
    }
}
