//! What the actors say to each other: plain values, on which nothing here acts. `Fulfil` and `Tipped` stand with `counterparties`,
//! what a service thread says to itself and hears from the journal with `worker`.
//!
//! ```text
//! a request   user ──Decide──► cell ──Answer──► user                    the generator woke the user (`wakers`); no message
//!             user ──Fulfil──► merchant ──Decide──► cell                captures, voids, refunds
//!             generator ──Again──► user                                 the wait after a failed try is over
//! a day       coordinator ──NewDay──► generator, ──OpenDay──► cell
//!             generator ──RequestViews──► cell ──AccountViews──► generator
//!             generator ──DebitRound──► cell ──BankAsks──► user ──Decide, DebitFailed──► cell ──RoundDone──► generator
//!             generator ──CloseDay──► cell ──ReportEvent──► user
//!             generator ──UsersDone──► coordinator, worker ──ServiceClosed──► coordinator
//! a run       generator ──Ready──► coordinator ──Go──► generator ──Finished──► coordinator
//! ```

use crate::base::ids::{Lender, Slot};
use crate::base::time::Day;
use crate::credit::command::{AccountView, Command, Reply};
use crate::credit::{Engine, Engines};
use crate::journal::CellImage;
use crate::load::actors::cell::CellActor;
use crate::load::actors::generator_actor::GeneratorActor;
use crate::world::protocol::DebitRequest;
use crate::world::{CellDay, DayContext, SeenEvent, WorkTally};
use actix::{Addr, Message};
use prefetch_index::prefetch_index;
use std::sync::Arc;
use tokio::sync::oneshot;

/// One request of one user to the cell that holds its account.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Decide {
    /// Who is asked.
    pub lender: Lender,
    /// Slot of the account in the cell.
    pub slot: Slot,
    /// Number of the request; a retry carries the same.
    pub sequence: u32,
    /// Simulated second of the day.
    pub second: u32,
    /// What is asked.
    pub command: Command,
    /// Wall time after which it is not worth doing.
    pub deadline_ns: u64,
    /// Where the answer goes.
    pub to: oneshot::Sender<Answer>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Decided.
    Decided(Reply),
    /// The null service has looked at it: no decision, for comparison only.
    Undecided,
    /// The cell's queue was full.
    Shed,
    /// The deadline had passed when its turn came; it was not done.
    Late,
    /// The cell has no engine for the lender that was asked; it was not done.
    NoLender,
    /// The service has stopped: its journal failed, and whether the request was done is not known; or the calendar is over, and it was
    /// not.
    Unavailable,
}

/// The answer to a [`Decide`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// Nanoseconds that the service worked on it.
    pub service_ns: u32,
}

/// Ask again: the wait after a failed try is over.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Again;

/// What the close of the day brought.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ReportEvent(pub SeenEvent);

/// The bank is asked in a round of auto-debit: the user's bank answers with a payment, or not.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct BankAsks(pub DebitRequest);

/// The bank could not pay this lender.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct DebitFailed(pub Lender);

/// A cell has gone through a round of auto-debit.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct RoundDone {
    /// The cell.
    pub cell: u32,
    /// Users whose banks it has asked.
    pub asked: u32,
}

/// A round of auto-debit begins.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct DebitRound(pub u8);

/// The next slice of a cell's own work.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Slice;

/// Close the day.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct CloseDay;

/// A new day begins for a cell or a generator.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct OpenDay(pub Arc<DayContext>);

/// A generator asks a cell for its [`AccountViews`] of this day. It asks when its users are soon to plan: to make those of all cells
/// when the day opens would hold up everybody's first requests.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct RequestViews;

/// What the users of a cell see of their accounts before they plan their day.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct AccountViews {
    /// The cell.
    pub cell: u32,
    /// The accounts.
    pub views: Arc<ViewTable>,
}

/// Views of accounts by lender and slot.
#[derive(Clone, Debug)]
pub(crate) struct ViewTable {
    users: usize,
    /// Lender by lender.
    views: Vec<AccountView>,
}

impl ViewTable {
    /// Of all accounts on a day.
    pub(crate) fn of(engines: &Engines, day: Day) -> ViewTable {
        let users = engines.users();
        let of_lender = |engine| (0..users as u32).map(move |slot| Engine::view(engine, Slot(slot), day));
        ViewTable { users, views: engines.iter().flat_map(of_lender).collect() }
    }

    /// The account of a slot with a lender.
    #[inline]
    pub(crate) fn at(&self, lender: Lender, slot: Slot) -> &AccountView {
        &self.views[lender.index() * self.users + slot.index()]
    }

    /// Has what a slot sees of its first account fetched from memory. Any slot is allowed.
    #[inline]
    pub(crate) fn fetch_ahead(&self, slot: usize) {
        prefetch_index(&self.views, slot);
    }
}

/// All cells of a service thread have closed.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ServiceClosed {
    /// What they counted.
    pub tally: Box<WorkTally>,
    /// What they report, added up.
    pub report: CellDay,
    /// Nanoseconds from first to last slice, by cell.
    pub close_ns: Vec<u64>,
    /// The longest slice.
    pub longest_slice_ns: u64,
    /// Slices.
    pub slices: u64,
}

/// A generator has sent its cells to close; what its users counted.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct UsersDone {
    /// Their counters (the agents' part alone is used).
    pub tally: Box<crate::agents::totals::AgentTally>,
    /// When the first cell was sent the order to close.
    pub began_ns: u64,
}

/// Another generator has sent its cells to close the day: one that starts nothing any more does the same, so that the next day opens
/// for whoever waits for it.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct DayHasToEnd;

/// The calendar of the scenario has no further day: what waits for one is not done, and nobody waits any longer.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct CalendarOver;

/// Hand in the engines, and the image of the cell as the journal knows it: the run is over.
#[derive(Debug, Message)]
#[rtype(result = "(Engines, CellImage)")]
pub(crate) struct HandInEngines;

/// A generator learns the addresses of its cells, in its own order, and of all generators, by number.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Connect {
    /// Its cells.
    pub cells: Vec<Addr<CellActor>>,
    /// All generators.
    pub generators: Vec<Addr<GeneratorActor>>,
}

/// Arrivals of another generator, to be taken by one whose users have more left to do today: when each was meant to start.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Arrivals(pub Vec<u64>);

/// The clock starts.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Go(pub crate::load::core::time::Window);

/// A new day begins for the users of a generator.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct NewDay {
    /// The day.
    pub day: Arc<DayContext>,
    /// Closes of cells to be recorded by this generator: nanoseconds in all.
    pub closes_ns: Vec<u64>,
    /// The longest slice among them.
    pub longest_slice_ns: u64,
}

/// All is caught up with: a generator is ready for the clock to start.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Ready;

/// A generator has nothing more to start and its answers are in.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Finished;

/// The service does nothing for so many milliseconds: a fault put in on purpose.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Stall(pub u64);

/// The cell has closed: its image goes into a snapshot.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct TakeImage;

/// The measured time ends at this moment, earlier than planned.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct EndNow(pub u64);
