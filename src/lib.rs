//! Yuefu (月付, "monthly pay"): a wind tunnel for a consumer-credit product that lives inside a live-stream video app.
//!
//! Simulated people watch streams, tip hosts, buy goods and shopping cards on credit, and repay or default. They drive a
//! full credit system in process: origination, limits, authorisation, cards, tips, billing, instalments, repayment,
//! delinquency, collections, write-off, funding partners, a double-entry ledger. One run answers how approvals,
//! delinquency, loss, profit and funding move when the economy turns, with the same people and the same luck.
//!
//! Every rule of the product stands in `docs/rules.md`, in numbered paragraphs that comments point to; how a measure, a
//! lever, a policy, a product or an operation is added in `docs/contributing.md`. Modules are the crate's own:
//! `cargo doc --document-private-items --open` shows them.
//!
//! # One idea: the world holds no clock
//!
//! People and the credit engine are plain state machines. Time and randomness are arguments; there is no IO, no thread
//! and no global generator in them. A driver hands out the days. There are two:
//!
//! | | virtual clock (`sim`) | wall clock (`load`) |
//! |---|---|---|
//! | for | approval, delinquency, loss, profit over months | latency, throughput, backlog, over minutes |
//! | users are | rows of a cell, swept day by day | actors, one each, started by a pacer |
//! | the engine is | called | a service of actors behind admission control, with a `journal` |
//! | a result is | a function of scenario and seed, bit for bit, on any number of workers | measured, never claimed to be reproducible |
//!
//! Both drive the same state machines by the same rules of a day (`world`), so the virtual clock can run a world to any
//! moment and hand its people and their aged accounts over to the wall clock (`sim::hand_over`).
//!
//! # The way of the data
//!
//! ```text
//! scenarios/*.toml + models/**
//!        │ scenario     document (text with places) → raw (as people write it) → check → plan (as the program reads it)
//!        ▼              all errors at once, each with its place
//!     Scenario          validated, units in types, no serde
//!        │ population   one user = a pure function of (seed, number)
//!        ▼
//!     World + cells     a cell: some thousands of users, and for each lender their partition of its credit engine
//!        │ sim          midnight → sweep cells → fold totals → controls of tomorrow; runtime hands cells to threads, sums to members
//!        │ load         actors, pacer, service, journal; seconds and histograms
//!        ▼
//!     observations      measure: integers only
//!        │ results      one directory a run: tables, provenance, hash
//!        ▼
//!     report            one offline page and charts, from the directory alone
//! ```
//!
//! # A day
//!
//! 1. Midnight: the world moves its hosts, asks the partners whether they lend, sets risk appetite and the coverage of
//!    expected loss, and shares the funders' room out to the cells as quotas.
//! 2. Each cell opens the day, sweeps its users in memory order from an offset keyed by cell and day, and applies their
//!    commands (`agents::user::plan`, `credit::Engine::apply`).
//! 3. Rounds of auto-debit; the engine closes the day: due dates, grace, ageing, statements, reviews, settlement. People
//!    learn of what happened to their accounts.
//! 4. Totals are integers, so folding is adding: which worker swept which cell makes no difference.
//!
//! Users meet each other only across midnight (host popularity, partner capacity, appetite). That is what makes the
//! sweep exact in parallel. The order in full: `docs/rules.md §2`.
//!
//! # Loans, bills, and three books of them
//!
//! ```text
//! account      what it owes = sum of its loans; what is due = sum of its bills
//!   ├─ loans       a captured purchase, card, conversion or hardship plan each (tips of a cycle share one): its funders, rate, late
//!   │              rate, schedule and coupon as on the day it was made; principal to come, billed, bearing
//!   ├─ bills       what each statement demanded and is unpaid: charges by kind, principal, due date, end of grace
//!   ├─ purchases   holds, and what can be refunded; each hangs on its loan
//!   └─ cards       what is left to spend; each hangs on its loan
//! ```
//!
//! A statement moves principal of loans from *to come* to *billed* and makes a bill; a payment goes through the bills, oldest first,
//! and then takes principal off loans and their funders; a refund takes it off the loan of its purchase. Terms that change reach what
//! is made later; what is open follows the table in `docs/policies.md` (`scenario::document::changes`).
//!
//! The rules of `docs/rules.md` are worked out three times, each without the others' code:
//!
//! | book | is | is compared |
//! |---|---|---|
//! | `credit` | the engine: integers, rows, sums kept up to date | |
//! | `audit` | every account, loan and bill again from the log of requests | in stories, swarms, `verify --audit` |
//! | `testing::reference_book` | the plainest way there is, exact fractions, no sums kept | in `cargo test` and the campaign `reference-book` |
//!
//! # Lenders
//!
//! A world has one lender; `world::Frame` says so, and `agents::choice` picks that one. A request, a step, an order, an account that
//! is seen, an event, a loan and a record of the journal say whose they are; a cell keeps `credit::Engines`, a list by number. What
//! people ask follows from the account that they saw, and whose account they look at is chosen in `agents::choice` alone. Each lender
//! draws luck of its own, the first that of the run. Counts and stocks are sums over the engines of a cell; who has accounts with two
//! lenders is one person.
//!
//! # What each module may not know
//!
//! | module | is | knows nothing of |
//! |---|---|---|
//! | `base` | money, time, ids, keyed randomness | everything else |
//! | `economy` | macro paths, job flows, seasons | users, credit |
//! | `credit` | the engine: accounts, ledger, rules | people, scenarios, threads, clocks |
//! | `agents` | users, hosts, merchants, partners | how the engine works (only its words) |
//! | `scenario` | reading and checking input; the only serde of inputs | how anything is run |
//! | `population` | sampling people from a resolved scenario | days |
//! | `measure` | observations and measures | how they came about |
//! | `world` | cells, the rules of a day, controls, folds | threads, clocks, files |
//! | `runtime` | worker threads, and processes that share a run (the home of timely) | what they work on |
//! | `sim` | the virtual clock: supersteps, warm-up, hand-over | actors, files |
//! | `journal` | a durable service's records, writer, recovery | actors, people |
//! | `load` | the wall clock: decided by arithmetic alone (`core`), actors, the only home of actix (`actors`), a run from setup to outcome (`run`) | results, reports |
//! | `audit` | recomputes balances and rules from the event log | the engine's code |
//! | `results` | the run directory | people, engine, clocks |
//! | `experiment` | replications, calibration, paired analysis, stress suites, products side by side, capacity | how results are written |
//! | `report` | tables, charts, pages | everything but `results`, `measure`, `base` |
//! | `cli` | commands: they read, call and print | – |
//! | `testing` | what tests share, the reference book; style and architecture as tests | – |
//!
//! A test (`testing::tidy`) reads the imports and enforces this.
//!
//! # One word, one meaning
//!
//! | say | for |
//! |---|---|
//! | people, user | who is simulated; a *user* is one of them, with an account or without |
//! | user index, row, slot, position | number in the world; state in a table; number in a cell; place in a list |
//! | request, command, step | a command with its number; what is asked; a command that a user means to ask at a second of the day |
//! | drawing | credit that is taken up: purchase, card or tip |
//! | hold, capture | credit that is promised to a purchase; its delivery, which lends it |
//! | loan | a captured drawing, a converted bill or a hardship plan, with the price and funders of its day |
//! | to come, billed, bearing | principal of a loan that is on no statement yet; on one and unpaid; of the latter, what bears interest |
//! | part | an instalment of a loan: principal, interest, fee; of a drawing, what a funder lends |
//! | statement, bill | a group's monthly account of what is owed; what it demanded and is unpaid, with its due date |
//! | demand | the minimum payment: all that bills ask for |
//! | late date | due date of the oldest bill at which what is unpaid passes the tolerance; days past due count from it |
//! | tolerance | a residue that is carried to the next bill and makes nobody late |
//! | billed to | the due date of a loan's last billed part, before the first the day of the loan: from there days are counted |
//! | contract rate, late rate | of a loan: a year, in basis points; a day on its overdue part, instead of the former |
//! | priced down | a loan at a lower price than the terms state, since they would break the cap on its due dates |
//! | funder, lender | who lends a part of a loan: the platform or a partner; whose product it is, numbered from 0 |
//! | scene | where credit is spent |
//! | stage, phase | a stage of IFRS 9; a part of the close of a day, or of a generator's day |
//! | account event | what a close of day did to an account, as reported to its holder |
//! | controls | what the world tells every engine at midnight |
//! | day context | what the users and cells of a day read |
//! | counterparties, market | hosts and merchants on the wall clock; *market* would be several lenders in one world |
//! | admission, seat | leave to enter a cell's queue |
//! | user shard, session, in flight | users of one generator thread; one user's life of requests; a request on its way |
//! | waker, mailbox count, timer queue | how a task is woken; what was ever sent to an actor; what is due, by time |
//! | spaced, deferrable, carried over, blocked | why a step waits |
//! | day phase: main, deferrable, closing | where a generator is in its day |
//! | service worker, coordinator | the service of one thread; who folds a closed day and opens the next |
//! | sampler, watch | reads CPU and memory each second; *watch* is what people do to streams |
//! | time mapping, linger | simulated to wall time; how long a commit waits for more records |
//! | read, load | to take in a file; a load test |
//!
//! # Decisions worth knowing
//!
//! - **The journal is a log of our own**, since no embedded store gives the longest prefix of a damaged file that is certainly
//!   right (`journal`). Every `open` of a day carries the controls, so no cell's history depends on another's.
//! - **Common random numbers.** A stream is keyed by (seed, replication, user, day, purpose), never by scenario or
//!   policy (`base::random`). Two worlds meet the same people and the same luck.
//! - **A suite's replication** has a number of its luck and one of its common shocks, so that luck can be varied at fixed shocks
//!   (`experiment::suite`). A world of a suite is kept under a hash of everything that determines it.
//! - **No transcendental function in the sweep.** Distributions are integer quantile tables prepared with `libm`
//!   (`base::random::QuantileTable`), so no machine's math library can change a bit.
//! - **Default is not drawn.** It comes out of lost jobs, thin buffers, forgetting, unwillingness, fraud and stacked debt
//!   (`agents::paying`). Debtors who have been late for long may give up for good; without that, people who find work
//!   again would pay after a hundred days, and no roll rate of the trade would come out.
//! - **Days past due** are computed from the late date, never counted up. A partial payment can move them back.
//! - **A loan for every drawing**, so that a refund finds its purchase, its funders and its price, and a change of terms leaves it
//!   alone. Tips of a cycle with the same funder and price share a loan, since that gives the same answers.
//! - **Due dates are stored** when a statement makes them, with the bill and with the group, and never worked out anew.
//! - **Interest** accrues as an integer numerator by loan and rounds once for each account, when posted. Level payments and the interest
//!   of parts are rounded down.
//! - **The price cap** counts real due dates, in integers with discount factors rounded up; a dearer loan is priced down when it is
//!   made (`credit::pricing::cap`).
//! - **The funder of a hold is reserved**, so an approved purchase is always funded and a partner's capacity is never
//!   exceeded. What was reserved is kept with the hold and given back as it was.
//! - **The repayment mix** counts accounts that were not overdue when their due day opened. Counting accounts that were
//!   late already would make "late" the sum of entry and stock.
//! - **An account with a payment due** (denominator of `d1_entry_rate`) is one that is not overdue and whose statement falls due
//!   that day, paid ahead or not; numerator and denominator are balances as at the opening of that day.
//! - **The lender's loss given default** is what rolled from 90+ days to write-off in the run so far, less recoveries.
//! - **One crate, private modules.** All but the command line and `parts` is the crate's own, so the compiler sees what nobody
//!   uses. Benchmarks and black-box tests have `parts` and nothing else.

pub(crate) mod agents;
pub(crate) mod audit;
pub(crate) mod base;
pub(crate) mod cli;
pub(crate) mod credit;
pub(crate) mod economy;
pub(crate) mod experiment;
pub(crate) mod journal;
pub(crate) mod load;
pub(crate) mod measure;
pub(crate) mod population;
#[allow(clippy::disallowed_methods, reason = "charts may use the host's libm: a picture is not hashed")]
pub(crate) mod report;
pub(crate) mod results;
pub(crate) mod runtime;
pub(crate) mod scenario;
pub(crate) mod sim;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod world;

pub use cli::main;
pub use results::program::Build;

/// What the benchmarks time and the black-box tests set up by hand. All else is the crate's own, so that the compiler sees
/// what nobody uses.
pub mod parts {
    pub use crate::base::ids::{FUNDERS, HostId, Lender, MerchantId, Reference, Slot};
    pub use crate::base::money::Fen32;
    pub use crate::base::time::{CalendarDay, Day, SimTime};
    pub use crate::credit::command::{Application, Command, Reply, Request, Scene};
    pub use crate::credit::totals::CreditStocks;
    pub use crate::credit::{ClosePhase, Controls, Ctx, Engine, Engines};
    pub use crate::journal::disk::OsDisk;
    pub use crate::journal::{
        Ack, CellState, Commit, Context, EngineState, Journal, JournalSetup, Policy, Record, Records, Service, Settings,
    };
    pub use crate::load::ServiceContext;
    pub use crate::population::{PopulationTables, sample_cell};
    pub use crate::scenario::{Durability, Overrides, Scenario, read_scenario};
    pub use crate::world::{Cell, Frame, Scratch, WorkTally, World};
}
