//! A swarm: the seed draws the product, the market and the manners of the users, who then ask for anything, sensible or
//! not. Every close is checked by the engine's books and by the auditor.
//!
//! One seed again: `YUEFU_SWARM_SEED=7 cargo test swarm`. More of them: `YUEFU_SWARM_SEEDS=1000 cargo test swarm`, which with
//! both begins at the seed. `.ci/campaign swarm` does so.

mod favourite;

pub(crate) use favourite::Favourite;

use crate::base::ids::{FUNDERS, HostId, Lender, MerchantId, Reference};
use crate::base::money::{BasisPoints, Fen32, Ppm};
use crate::base::random::{Purpose, RunKey, Stream};
use crate::credit::command::{Application, Command, Complaint, DECLINES, Decline, Reply, Scene, Source, Status};
use crate::credit::terms::{AllocationBy, FirstPeriod, InstalmentPricing, LateInterest, Owed, Terms};
use crate::credit::totals::{COMMAND_KINDS, COMMAND_NAMES};
use crate::testing::audited::{AMPLE, Audited};
use crate::testing::{fixture, guards};

/// Seeds of an ordinary test run.
const SEEDS: u64 = 100;

/// What the seed decides beside the terms.
#[derive(Clone, Debug)]
struct Options {
    /// Whose engine it is, and so with what luck.
    lender: Lender,
    users: u32,
    months: u16,
    requests_a_day: u32,
    /// Chance of a request that repeats, reuses or skips a number.
    odd_numbers_ppm: i32,
    /// Chance of an amount that makes no sense.
    odd_amounts_ppm: i32,
    /// Chance of a reference that is not the user's.
    odd_references_ppm: i32,
    /// Chance that a day's request is a repayment instead of what was drawn: few make late accounts.
    repay_ppm: i32,
    scarce_funds: bool,
    /// Chance that other terms come into force on a day.
    new_terms_ppm: i32,
    /// One user in so many never pays; 0 for none.
    unwilling: u32,
    favourite: Favourite,
    terms: Terms,
}

fn pick<T: Copy>(draws: &mut Stream, from: &[T]) -> T {
    from[draws.below(from.len() as u32) as usize]
}

fn draw_terms(draws: &mut Stream) -> Terms {
    let mut terms = fixture::terms();
    let between = |draws: &mut Stream, low: u32, high: u32| low + draws.below(high - low + 1);
    terms.origination.review_share = Ppm(pick(draws, &[0, 20_000, 500_000]));
    terms.origination.tier_new_limit_fen = pick(draws, &[[100_000, 90_000, 80_000, 65_000, 50_000], [800_000; 5]]);
    if terms.origination.review_share.0 > 0 {
        terms.origination.review_extra_days = pick(draws, &[0, 2]);
        terms.origination.review_capacity_per_mille = pick(draws, &[0, 40]);
    }
    terms.limits.tip_link = Ppm(pick(draws, &[0, 100_000]));
    terms.limits.freeze_dpd = pick(draws, &[1, 4, 30]);
    terms.limits.first_review_days = pick(draws, &[31, 60]);
    terms.limits.raise_utilisation_min = Ppm(pick(draws, &[0, 200_000]));
    terms.authorisation.velocity_count_max = pick(draws, &[2, 20]);
    terms.authorisation.velocity_amount_fen = pick(draws, &[60_000, 1_000_000]);
    terms.authorisation.hold_days = between(draws, 1, 20) as u8;
    terms.authorisation.refund_days = between(draws, 3, 40) as u8;
    terms.authorisation.scene_allowed[3] = draws.chance_ppm(500_000);
    terms.pricing.cap_annual = BasisPoints(pick(draws, &[1_200, 2_400, 3_600]));
    if terms.pricing.cap_annual.0 == 1_200 {
        terms.pricing.tier_annual = [800, 900, 1_000, 1_100, 1_200].map(BasisPoints);
    }
    if draws.chance_ppm(300_000) {
        // Rates at the cap: real due dates bring some loans below it.
        terms.pricing.tier_annual = [terms.pricing.cap_annual; 5];
    }
    if draws.chance_ppm(400_000) {
        let fee = |draws: &mut Stream, high| BasisPoints(between(draws, 0, high) as i32);
        let fees = [fee(draws, 500), fee(draws, 900), fee(draws, 1_300), fee(draws, 1_800)];
        terms.pricing.instalments = InstalmentPricing::FlatFee(fees);
        terms.pricing.flat_fee_by_tier =
            pick(draws, &[[1_000_000; 5], [400_000, 600_000, 800_000, 900_000, 1_000_000]]).map(Ppm);
    }
    terms.pricing.terms_offered[2] = draws.chance_ppm(500_000);
    terms.pricing.penalty_daily = Ppm(between(draws, 0, 900) as i32);
    if draws.chance_ppm(300_000) {
        terms.pricing.late_interest = LateInterest::Surcharge(Ppm(pick(draws, &[0, 300_000, 500_000])));
    }
    if draws.chance_ppm(200_000) && matches!(terms.pricing.instalments, InstalmentPricing::Irr) {
        terms.pricing.instalments = InstalmentPricing::EqualPrincipal;
    }
    terms.pricing.first_period = pick(draws, &[FirstPeriod::Days, FirstPeriod::NextCycle]);
    terms.pricing.refund_free_before_first_bill = draws.chance_ppm(700_000);
    terms.pricing.interest_from_day_one = draws.chance_ppm(300_000);
    terms.pricing.risk_based = draws.chance_ppm(700_000);
    terms.cards.face_max_fen = pick(draws, &[50_000, 500_000]);
    terms.cards.refund_days = between(draws, 1, 20) as u8;
    terms.cards.redeem_rebate = Ppm(pick(draws, &[0, 30_000]));
    terms.tips.host_share = Ppm(between(draws, 300_000, 700_000) as i32);
    draw_billing(draws, &mut terms);
    terms.collections.writeoff_dpd = pick(draws, &[31, 90, 180]);
    terms.collections.hardship_dpd = pick(draws, &[(1, 30), (31, 120)]);
    terms.collections.hardship_months = pick(draws, &[3, 12]);
    terms.collections.sale_after_days = pick(draws, &[10, 180]);
    terms.funding.partners.truncate(draws.below(3) as usize);
    terms.funding.platform_share_min = Ppm(pick(draws, &[0, 300_000, 500_000]));
    for partner in &mut terms.funding.partners {
        partner.share = Ppm(between(draws, 100_000, 900_000) as i32);
        partner.first_loss = Ppm(pick(draws, &[0, 10_000, 1_000_000]));
    }
    terms.limits.task_purchases = pick(draws, &[0, 1, 5]);
    terms.limits.task_raise = Ppm(pick(draws, &[0, 150_000]));
    terms
}

fn draw_billing(draws: &mut Stream, terms: &mut Terms) {
    let billing = &mut terms.billing;
    billing.bill_days = vec![1 + draws.below(9) as u8, 10 + draws.below(9) as u8, 20 + draws.below(9) as u8];
    // With the longest extra days and grace the next statement is still to come.
    billing.due_after_days = 1 + draws.below(13) as u8;
    if draws.chance_ppm(300_000) {
        // One statement day, three due days.
        billing.bill_days = vec![billing.bill_days[0]; 3];
        billing.due_extra_days = vec![0, 4, 9];
    }
    billing.grace_days = draws.below(6) as u8;
    billing.minimum = Ppm(pick(draws, &[50_000, 100_000, 1_000_000]));
    billing.minimum_floor_fen = pick(draws, &[0, 1_000, 100_000]);
    billing.tolerance_fen = pick(draws, &[0, 0, 1_000, 20_000]);
    billing.allocation_by = pick(draws, &[AllocationBy::Bill, AllocationBy::Kind]);
    for index in (1..billing.allocation.len()).rev() {
        billing.allocation.swap(index, draws.below(index as u32 + 1) as usize);
    }
    assert!(billing.allocation.contains(&Owed::Principal));
}

/// Other terms for accounts that are open: all but what no policy may change.
fn draw_new_terms(draws: &mut Stream, old: &Terms) -> Terms {
    let mut new = draw_terms(draws);
    let (billing, was) = (&mut new.billing, &old.billing);
    billing.bill_days.clone_from(&was.bill_days);
    billing.due_extra_days.clone_from(&was.due_extra_days);
    billing.tolerance_fen = was.tolerance_fen;
    billing.allocation = was.allocation;
    billing.allocation_by = was.allocation_by;
    new.funding = old.funding.clone();
    new
}

fn draw_options(draws: &mut Stream) -> Options {
    Options {
        lender: Lender::FIRST,
        users: 3 + draws.below(30),
        months: 4 + draws.below(9) as u16,
        requests_a_day: 1 + draws.below(30),
        odd_numbers_ppm: pick(draws, &[0, 50_000, 300_000]),
        odd_amounts_ppm: pick(draws, &[0, 50_000, 300_000]),
        odd_references_ppm: pick(draws, &[0, 50_000, 300_000]),
        repay_ppm: pick(draws, &[0, 50_000, 300_000]),
        scarce_funds: draws.chance_ppm(300_000),
        new_terms_ppm: pick(draws, &[0, 0, 10_000, 50_000]),
        unwilling: 0,
        favourite: Favourite::Anything,
        terms: draw_terms(draws),
    }
}

/// What a user has in hand.
#[derive(Clone, Default)]
struct Hand {
    purchases: Vec<(Reference, i32)>,
    cards: Vec<(Reference, i32)>,
    sent: Vec<(u32, Command)>,
}

/// What was answered how often, so that a swarm that only collects declines is seen.
#[derive(Clone, Default)]
struct Answers {
    done: [u64; COMMAND_KINDS],
    declined: [u64; DECLINES],
    written_off: usize,
}

/// Users who ask for anything, under audit. A clone meets the same people with the same luck.
#[derive(Clone)]
pub(crate) struct Swarm {
    options: Options,
    draws: Stream,
    /// The engine with the auditor beside it.
    pub cell: Audited,
    hands: Vec<Hand>,
    answers: Answers,
}

impl Swarm {
    fn new(seed: u64) -> Swarm {
        let mut draws = RunKey::new(seed, 0).user(0).stream(Purpose::World);
        // Every third swarm is one of the second lender.
        let lender = Lender(u8::from(seed % 3 == 2));
        let options = Options { lender, ..draw_options(&mut draws) };
        Swarm::with(options, draws)
    }

    fn with(options: Options, draws: Stream) -> Swarm {
        let Options { lender, users, months, .. } = options;
        let cell = Audited::of(lender, options.terms.clone(), users, months, AMPLE, None);
        let hands = vec![Hand::default(); options.users as usize];
        Swarm { options, draws, cell, hands, answers: Answers::default() }
    }

    fn amount(&mut self, usual: u32) -> i32 {
        if self.draws.chance_ppm(self.options.odd_amounts_ppm) {
            return pick(&mut self.draws, &[0, -1, i32::MIN, i32::MAX, 1, 99, 6_553_700, 500_001, 999_999_999]);
        }
        1 + self.draws.below(usual) as i32
    }

    /// A reference of the user's, mostly, with the amount behind it.
    fn reference(&mut self, slot: u32, cards: bool) -> (Reference, i32) {
        let odd = self.draws.chance_ppm(self.options.odd_references_ppm);
        let whose = if odd { self.draws.below(self.options.users) } else { slot };
        let hand = &self.hands[whose as usize];
        let known = if cards { &hand.cards } else { &hand.purchases };
        match known.len() as u32 {
            0 => (Reference(self.draws.bits32()), 100),
            n => known[self.draws.below(n) as usize],
        }
    }

    fn command(&mut self, slot: u32) -> Command {
        if self.draws.chance_ppm(self.options.repay_ppm) {
            let source = pick(&mut self.draws, &[Source::Voluntary, Source::AutoDebit, Source::Collected]);
            let usual = if self.options.favourite == Favourite::Tip { 3_000 } else { 60_000 };
            return Command::Repay { amount_fen: Fen32(self.amount(usual)), source };
        }
        if self.options.favourite != Favourite::Anything && self.draws.chance_ppm(700_000) {
            return self.favourite(slot);
        }
        let months = pick(&mut self.draws, &[0, 0, 0, 3, 6, 9, 12, 5]);
        match self.draws.below(22) {
            0 => self.application(),
            1..=5 => Command::Authorise {
                merchant: MerchantId(self.draws.below(12) as u16),
                scene: pick(&mut self.draws, &Scene::ALL),
                amount_fen: Fen32(self.amount(60_000)),
                instalments: months,
                suspicious: self.draws.chance_ppm(100_000),
            },
            6..=8 => {
                let (purchase, amount) = self.reference(slot, false);
                let part = pick(&mut self.draws, &[amount, amount, amount / 2, amount.saturating_add(1)]);
                Command::Capture { purchase, amount_fen: Fen32(part) }
            }
            9 => Command::Void { purchase: self.reference(slot, false).0 },
            10 => {
                let (purchase, amount) = self.reference(slot, false);
                let part = pick(&mut self.draws, &[amount, amount / 3, amount.saturating_add(1)]);
                Command::Refund { purchase, amount_fen: Fen32(part) }
            }
            11 => Command::Tip { host: HostId(1), amount_fen: Fen32(self.amount(3_000)) },
            12 => Command::RefundTip { host: HostId(1), amount_fen: Fen32(self.amount(3_000)) },
            13 => Command::BuyCard {
                amount_fen: Fen32(self.amount(120_000)),
                named: self.draws.chance_ppm(500_000),
                suspicious: self.draws.chance_ppm(100_000),
            },
            14 => {
                let (card, amount) = self.reference(slot, true);
                let amount_fen = Fen32(pick(&mut self.draws, &[amount, amount / 2, amount / 5]));
                Command::RedeemCard { card, merchant: MerchantId(self.draws.below(12) as u16), amount_fen }
            }
            15 => Command::RefundCard { card: self.reference(slot, true).0 },
            16 => Command::Repay { amount_fen: Fen32(self.amount(60_000)), source: Source::Voluntary },
            17 => Command::ConvertBill { instalments: months },
            18 => Command::SettleEarly { loan: self.draws.below(4) as u8, amount_fen: self.prepaid() },
            19 => Command::RequestHardship,
            20 => Command::Complain { about: Complaint::Charge },
            _ => Command::Close,
        }
    }

    /// Principal to pay ahead: all of it, mostly.
    fn prepaid(&mut self) -> Fen32 {
        if self.draws.chance_ppm(600_000) { Fen32(0) } else { Fen32(self.amount(20_000)) }
    }

    fn application(&mut self) -> Command {
        if self.draws.chance_ppm(700_000) {
            return guards::good_application();
        }
        Command::Apply(Application {
            age: 14 + self.draws.below(60) as u8,
            student: self.draws.chance_ppm(100_000),
            identity_matches: self.draws.chance_ppm(900_000),
            fraud_signal: self.draws.chance_ppm(100_000),
            bureau_score: 300 + self.draws.below(600) as u16,
            behaviour: self.draws.below(256) as u8,
            monthly_income_yuan: self.draws.below(20_000),
            other_debt_yuan: self.draws.below(250_000),
        })
    }

    fn request(&mut self) {
        let slot = self.draws.below(self.options.users);
        let mut command = self.command(slot);
        let unwilling = self.options.unwilling > 0 && slot.is_multiple_of(self.options.unwilling);
        if unwilling && matches!(command, Command::Repay { .. }) {
            command = Command::Complain { about: Complaint::Charge };
        }
        let last = self.cell.sequences[slot as usize];
        let mut sequence = last + 1;
        if self.draws.chance_ppm(self.options.odd_numbers_ppm) {
            let sent = &self.hands[slot as usize].sent;
            match (self.draws.below(4), sent.len()) {
                // The same again, soon or late.
                (0 | 1, n @ 1..) => (sequence, command) = sent[self.draws.below(n as u32) as usize],
                // The same content under another number, or another content under the same number.
                (2, n @ 1..) => {
                    (_, command) = sent[self.draws.below(n as u32) as usize];
                    sequence = last.saturating_sub(self.draws.below(12));
                }
                _ => sequence = last + 1 + self.draws.below(20),
            }
        }
        let reply = self.cell.ask_as(slot, sequence, command);
        match reply {
            Reply::Done(_) => self.answers.done[command.kind()] += 1,
            Reply::Declined(reason) => self.answers.declined[reason as usize] += 1,
            Reply::InReview | Reply::Refused(_) => {}
        }
        let hand = &mut self.hands[slot as usize];
        if hand.sent.len() == 12 {
            hand.sent.remove(0);
        }
        hand.sent.push((sequence, command));
        match (command, reply) {
            (Command::Authorise { amount_fen, .. }, Reply::Done(purchase)) => {
                hand.purchases.push((Reference(purchase), amount_fen.0));
            }
            (Command::BuyCard { amount_fen, .. }, Reply::Done(card)) => {
                hand.cards.push((Reference(card), amount_fen.0))
            }
            _ => {}
        }
    }

    /// Users of given terms, who have applied for accounts; one in three never pays.
    pub(crate) fn under(terms: Terms, favourite: Favourite, seed: u64, users: u32, months: u16) -> Swarm {
        let options = Options {
            lender: Lender::FIRST,
            users,
            months,
            requests_a_day: users,
            odd_numbers_ppm: 0,
            odd_amounts_ppm: 0,
            odd_references_ppm: 0,
            repay_ppm: 300_000,
            new_terms_ppm: 0,
            scarce_funds: false,
            unwilling: 3,
            favourite,
            terms,
        };
        let draws = RunKey::new(seed, 0).user(0).stream(Purpose::World);
        let mut swarm = Swarm::with(options, draws);
        for slot in 0..users {
            let application = swarm.application();
            swarm.cell.ask(slot, application);
        }
        swarm
    }

    /// From now on users do nothing but pay.
    pub(crate) fn only_pay(&mut self) {
        self.options.repay_ppm = 1_000_000;
    }

    fn all_apply(&mut self) {
        for slot in 0..self.options.users {
            self.cell.ask(slot, guards::good_application());
        }
    }

    /// The requests of a day and its close.
    ///
    /// # Panics
    /// When the books do not agree or the auditor finds something.
    pub(crate) fn day(&mut self) {
        for _ in 0..self.draws.below(2 * self.options.requests_a_day) {
            self.request();
        }
        if self.options.scarce_funds {
            self.cell.quota = [0; FUNDERS].map(|_| i64::from(self.draws.below(400_000)));
        }
        self.cell.close();
        assert!(self.cell.findings.is_clean(), "{}", self.cell.findings);
        controls_of_the_day(&mut self.draws, &mut self.cell.days.controls);
    }

    fn run(&mut self) {
        self.all_apply();
        while self.cell.days_left() > 0 {
            self.day();
            if self.draws.chance_ppm(self.options.new_terms_ppm) {
                let terms = draw_new_terms(&mut self.draws, self.cell.days.terms());
                self.cell.days.set_terms(terms);
            }
        }
    }
}

fn controls_of_the_day(draws: &mut Stream, controls: &mut crate::credit::Controls) {
    controls.partner_open = [0; 3].map(|_| draws.chance_ppm(800_000));
    controls.cooperating_merchants = pick(draws, &[10, u16::MAX]);
    controls.coupon_percent = pick(draws, &[0, 0, 50, 100]);
    controls.campaign_raise_share_ppm = pick(draws, &[0, 0, 500_000]);
    controls.raise_factor_ppm = pick(draws, &[300_000, 1_000_000]);
    controls.cutoff_factor_ppm = pick(draws, &[300_000, 1_000_000]);
    controls.coverage_ppm = [20_000, 100_000, 300_000, 500_000, 800_000, 900_000, 950_000];
}

/// Says on a failure what was drawn and how to see it again.
struct Epitaph {
    seed: u64,
    options: String,
}

impl Drop for Epitaph {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the swarm of seed {} failed; it drew {}", self.seed, self.options);
            eprintln!("again: YUEFU_SWARM_SEED={} cargo test swarm", self.seed);
        }
    }
}

#[test]
fn swarm() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("YUEFU_SWARM_SEED");
    let count = number("YUEFU_SWARM_SEEDS").unwrap_or(if first.is_some() { 1 } else { SEEDS });
    let seeds = first.unwrap_or(0)..first.unwrap_or(0) + count;
    // So many meet everything there is; few need not.
    let whole = count >= SEEDS;
    let mut all = Answers::default();
    for seed in seeds {
        let mut swarm = Swarm::new(seed);
        let _epitaph = Epitaph { seed, options: format!("{:?}", swarm.options) };
        swarm.run();
        all.done.iter_mut().zip(swarm.answers.done).for_each(|(sum, n)| *sum += n);
        all.declined.iter_mut().zip(swarm.answers.declined).for_each(|(sum, n)| *sum += n);
        all.written_off += swarm.cell.engine.count_status(Status::WrittenOff);
        all.written_off += swarm.cell.engine.count_status(Status::Sold);
    }
    if whole {
        let never: Vec<_> = COMMAND_NAMES.iter().zip(all.done).filter(|(_, n)| *n == 0).collect();
        assert!(never.is_empty(), "never done: {never:?}");
        let never: Vec<_> = Decline::ALL.iter().zip(all.declined).filter(|(_, n)| *n == 0).collect();
        assert!(never.is_empty(), "never the answer: {never:?}");
        assert!(all.written_off > 0, "nobody was ever written off");
    }
}
