//! The credit engine: a deterministic state machine of one lender's accounts and books in a cell.
//!
//! [`Engine::apply`] answers requests, [`Engine::open_day`] and [`Engine::close_day`] are the batch. It checks
//! everything, then commits; a decline is a value with a reason, a broken invariant is a bug and asserts. It knows no
//! agents, no scenario files, no threads and no clock: the day, the terms and the key of its luck are arguments.
//!
//! | file | paragraph of the product rules |
//! |---|---|
//! | `origination` | who gets in, funnel, review, who leaves |
//! | `limits`, `targeting` | the monthly review of limit and price, for whom raises are scaled |
//! | `authorisation` | checks in order, hold, capture, void, refund |
//! | `cards`, `tips` | shopping cards, tips |
//! | `loan`, `loan_table`, `loans` | a loan for every drawing: its principal, its funders, its refund |
//! | `billing`, `bills` | statements, minimum payment, interest; what each statement demanded |
//! | `instalments` | loans in parts: price on real due dates, parts, early settlement |
//! | `repayment` | payments and recoveries |
//! | `collections` | days past due, contacts, hardship, write-off, recoveries, sale |
//! | `funding` | joint loans, capacity, first loss, settlement |
//! | `provisioning` | IFRS 9 stages and allowance, five-tier classes |
//! | `engines` | the engines of a cell by lender, and what they add up to |
//! | `books` | month-end stocks, sub-ledgers against control accounts |

mod above_cap;
pub(crate) mod account_event;
mod ahead;
mod authorisation;
mod billing;
mod bills;
pub(crate) mod books;
mod cards;
pub(crate) mod chart;
mod close;
mod collections;
pub(crate) mod command;
mod compliance;
mod ctx;
mod engines;
mod funding;
mod funds;
mod holds;
mod instalments;
pub(crate) mod ledger;
mod limits;
pub(crate) mod loan;
mod loan_table;
mod loans;
mod no_lender;
mod origination;
pub(crate) mod pricing;
pub(crate) mod provisioning;
mod repayment;
pub(crate) mod rows;
mod snapshot;
pub(crate) mod targeting;
pub(crate) mod terms;
mod tips;
pub(crate) mod today;
pub(crate) mod totals;
pub(crate) mod wire;

#[cfg(test)]
mod stories;

pub(crate) use ahead::LoansAhead;
pub use close::ClosePhase;
pub(crate) use close::Slots;
pub use ctx::Ctx;
pub use engines::Engines;
pub(crate) use engines::check_lenders;
pub(crate) use no_lender::NoLender;
pub(crate) use origination::score_logit_milli;
pub(crate) use snapshot::{SnapshotError, layout};
pub use today::Controls;
pub(crate) use today::{CONTROLS_BYTES, Guard, Prices, Today};

use crate::base::ids::{Lender, Slot};
use crate::base::money::Fen32;
use crate::base::random::{Purpose, Stream};
use crate::base::slab::Slab;
use crate::base::time::{Day, SimTime};
use crate::credit::account_event::{AccountEvent, AccountEventKind};
use crate::credit::command::{AccountView, Command, Decline, Glance, Reply, Request};
use crate::credit::funds::Funds;
use crate::credit::holds::Holds;
use crate::credit::ledger::Ledger;
use crate::credit::loan_table::LoanTable;
use crate::credit::rows::{AccountRow, BillRow, CardRow, GroupDates, PurchaseRow, flag};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Replies that an account keeps for idempotent retries.
pub(crate) const KEPT_REPLIES: usize = 8;

/// Last replies of an account by number modulo [`KEPT_REPLIES`], one cache line: fingerprint in the high half, packed reply in
/// the low half.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(64))]
struct Replies([u64; KEPT_REPLIES]);

/// A cell's partition of a lender's credit system.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Whose product it is; its own luck, and the mark of all that it makes.
    lender: Lender,
    /// World-wide number of the user of slot 0.
    first_user: u32,
    accounts: Vec<AccountRow>,
    /// By account: the last replies.
    replies: Vec<Replies>,
    loans: LoanTable,
    bills: Slab<BillRow>,
    purchases: Slab<PurchaseRow>,
    cards: Slab<CardRow>,
    /// Slots where the bill groups begin, and the end.
    group_bounds: Vec<u32>,
    /// Dates of the last statement by bill group.
    group_dates: Vec<GroupDates>,
    late: Vec<Slot>,
    in_review: Vec<Slot>,
    live_accounts: i64,
    ledger: Ledger,
    funds: Funds,
    /// Contacts that collectors still have time for today, by channel.
    contact_room: [i64; command::CHANNELS],
    /// Rows of the holds by their last day; no part of the state, since purchases say the same.
    holds: Holds,
    account_events: Vec<AccountEvent>,
}

impl Engine {
    /// A lender's engine for `users` users, the first of whom is `first_user` of the world; bill groups are equal ranges.
    pub fn new(lender: Lender, first_user: u32, users: u32, bill_groups: u32) -> Engine {
        let group_bounds: Vec<u32> = (0..=bill_groups).map(|g| users * g / bill_groups).collect();
        let mut accounts = Vec::with_capacity(users as usize);
        for group in 0..bill_groups {
            let size = group_bounds[group as usize + 1] - group_bounds[group as usize];
            accounts.extend((0..size).map(|_| AccountRow::vacant(group as u8)));
        }
        Engine {
            lender,
            first_user,
            replies: vec![Replies([0; KEPT_REPLIES]); accounts.len()],
            accounts,
            loans: LoanTable::default(),
            bills: Slab::default(),
            purchases: Slab::default(),
            cards: Slab::default(),
            group_bounds,
            group_dates: vec![GroupDates::default(); bill_groups as usize],
            late: Vec::new(),
            in_review: Vec::new(),
            live_accounts: 0,
            ledger: Ledger::default(),
            funds: Funds::default(),
            contact_room: [0; command::CHANNELS],
            holds: Holds::default(),
            account_events: Vec::new(),
        }
    }

    /// Answers a request at a moment of `today`. The same (user, sequence) with the same content gets the same answer
    /// and is done once; with another content it is `IdReused`; older than the kept replies it is `StaleRequest`.
    ///
    /// # Panics
    /// When another lender is asked, the slot is outside the cell, or the moment is not of `today`.
    #[inline]
    pub fn apply(&mut self, ctx: &mut Ctx, at: SimTime, request: Request) -> Reply {
        assert_eq!(at.day(), ctx.today.day(), "a request comes on the day that is open");
        assert_eq!(request.lender, self.lender, "a request goes to the engine of its lender");
        ctx.tally.flows.commands[request.command.kind()] += 1;
        // With the number in it: a slot may still keep the reply to a number eight or more before, when numbers were skipped.
        let fingerprint = request.command.fingerprint() ^ request.sequence;
        if let Some(earlier) = self.answered(ctx.today, request, fingerprint) {
            return earlier;
        }
        let slot = request.slot;
        let reply = self.execute(ctx, slot, request.command);
        if let Reply::Declined(reason) = reply {
            match request.command {
                Command::Authorise { .. } | Command::Tip { .. } | Command::BuyCard { .. } => {
                    ctx.tally.flows.drawings_declined[reason as usize] += 1;
                }
                _ => ctx.tally.flows.others_declined[reason as usize] += 1,
            }
        }
        let row = &mut self.accounts[slot.index()];
        row.sequence = request.sequence;
        let kept = request.sequence as usize % KEPT_REPLIES;
        self.replies[slot.index()].0[kept] = u64::from(fingerprint) << 32 | u64::from(wire::pack(reply));
        reply
    }

    #[inline]
    fn answered(&self, today: &Today, request: Request, fingerprint: u32) -> Option<Reply> {
        let last = self.accounts[request.slot.index()].sequence;
        if request.sequence > last || !today.guards(Guard::Idempotency) {
            return None;
        }
        if last - request.sequence >= KEPT_REPLIES as u32 || request.sequence == 0 {
            return Some(Reply::Declined(Decline::StaleRequest));
        }
        let kept = self.replies[request.slot.index()].0[request.sequence as usize % KEPT_REPLIES];
        if (kept >> 32) as u32 == fingerprint {
            Some(wire::unpack(kept as u32))
        } else {
            Some(Reply::Declined(Decline::IdReused))
        }
    }

    fn execute(&mut self, ctx: &mut Ctx, slot: Slot, command: Command) -> Reply {
        let outcome = match command {
            Command::Apply(application) => return self.apply_for_account(ctx, slot, application),
            Command::Authorise { .. } => self.authorise(ctx, slot, command),
            Command::Capture { purchase, amount_fen } => self.capture(ctx, slot, purchase, amount_fen),
            Command::Void { purchase } => self.void(ctx, slot, purchase),
            Command::Refund { purchase, amount_fen } => self.refund(ctx, slot, purchase, amount_fen),
            Command::Tip { amount_fen, .. } => self.tip(ctx, slot, amount_fen),
            Command::RefundTip { amount_fen, .. } => self.refund_tip(ctx, slot, amount_fen),
            Command::BuyCard { .. } => self.buy_card(ctx, slot, command),
            Command::RedeemCard { card, merchant, amount_fen } => {
                self.redeem_card(ctx, slot, card, merchant.0, amount_fen)
            }
            Command::RefundCard { card } => self.refund_card(ctx, slot, card),
            Command::Repay { amount_fen, source } => self.repay(ctx, slot, amount_fen, source),
            Command::ConvertBill { instalments } => self.convert_bill(ctx, slot, instalments),
            Command::SettleEarly { loan, amount_fen } => self.settle_early(ctx, slot, loan, amount_fen),
            Command::RequestHardship => self.request_hardship(ctx, slot),
            Command::Complain { about } => self.complain(ctx, about),
            Command::Close => self.close_account(ctx.tally, slot),
        };
        match outcome {
            Ok(done) => Reply::Done(done),
            Err(reason) => Reply::Declined(reason),
        }
    }

    /// [`Glance::of`] the view of a slot, without the rest of it: every user asks for it every day.
    #[inline]
    pub fn glance(&self, slot: Slot, today: Day) -> Glance {
        let row = &self.accounts[slot.index()];
        Glance {
            lender: self.lender,
            status: row.status(),
            available_fen: Fen32(row.available_on(today)),
            late: row.days_past_due(today) > 0,
            contact: row.contact(),
            annual_bp: row.annual_bp,
        }
    }

    /// What the user of a slot sees in the app on `today`.
    pub fn view(&self, slot: Slot, today: Day) -> AccountView {
        let row = &self.accounts[slot.index()];
        AccountView {
            lender: self.lender,
            status: row.status(),
            cards_open: !row.has(flag::CARDS_CLOSED),
            annual_bp: row.annual_bp,
            limit_fen: Fen32(row.limit_on(today)),
            available_fen: Fen32(row.available_on(today)),
            principal_fen: Fen32(row.principal()),
            statement_fen: Fen32(row.owed_on_statement()),
            minimum_fen: Fen32(row.demanded),
            convertible_fen: Fen32(self.convertible(row, today)),
            past_due_fen: Fen32(self.past_due(row, today)),
            days_past_due: row.days_past_due(today),
            due_day: Day(row.last_due),
            contact: row.contact(),
            claim_fen: Fen32(row.claim),
        }
    }

    /// Whose product it is.
    #[inline]
    pub const fn lender(&self) -> Lender {
        self.lender
    }

    /// The account of a slot.
    #[inline]
    pub fn account(&self, slot: Slot) -> &AccountRow {
        &self.accounts[slot.index()]
    }

    /// Slots of this cell.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// The cell has no users.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// World-wide number of the user of slot 0.
    pub fn first_user(&self) -> u32 {
        self.first_user
    }

    /// World-wide number of the user of a slot.
    #[inline]
    fn user_of(&self, slot: Slot) -> u32 {
        self.first_user + slot.0
    }

    /// Luck of the user of a slot with this lender, on this day for one purpose.
    #[inline]
    fn luck(&self, today: &Today, slot: Slot, purpose: Purpose, salt: u32) -> Stream {
        today.luck(self.lender, self.user_of(slot), today.day(), purpose, salt)
    }

    /// Keeps for the holder of an account what happened to it.
    fn report(&mut self, slot: Slot, kind: AccountEventKind) {
        self.account_events.push(AccountEvent { lender: self.lender, slot, kind });
    }

    /// Highest request number of a slot that was answered.
    pub fn last_sequence(&self, slot: Slot) -> u32 {
        self.accounts[slot.0 as usize].sequence
    }

    /// The books.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Takes the account events of the last close of day, leaving `buffer` (emptied) in their place.
    pub fn take_account_events(&mut self, buffer: &mut Vec<AccountEvent>) {
        buffer.clear();
        std::mem::swap(&mut self.account_events, buffer);
    }

    /// Feeds the whole state, byte for byte, to `sink`: the state hash. A snapshot
    /// ([`Engine::write_snapshot`]) holds more: what a day in progress needs. Whose it is, its place among the engines of a cell says.
    pub fn write_state(&self, sink: &mut dyn FnMut(&[u8])) {
        sink(&self.first_user.to_le_bytes());
        sink(self.accounts.as_slice().as_bytes());
        sink(self.replies.as_slice().as_bytes());
        let (loans, details) = self.loans.rows();
        loans.write_state(sink);
        details.write_state(sink);
        self.bills.write_state(sink);
        self.purchases.write_state(sink);
        self.cards.write_state(sink);
        sink(self.group_bounds.as_slice().as_bytes());
        sink(self.group_dates.as_slice().as_bytes());
        sink(self.late.as_slice().as_bytes());
        sink(self.in_review.as_slice().as_bytes());
        sink(self.ledger.balances().as_bytes());
        self.funds.write_state(sink);
    }
}
