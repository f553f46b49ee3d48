//! The reference book: accounts and their loans kept a second time, as docs/rules.md says and in the plainest way there is, beside an
//! engine that gets the same requests. Every answer, balance, due amount and posting must be equal to the fen.
//!
//! The book adds up whatever it needs when it needs it, goes day by day, pools nothing but what the rules pool, keeps no table and
//! shares no code with the engine or the auditor; the words of requests and postings it has in common with both. Fractions are exact;
//! only the price cap on real due dates, whose exponents are no whole numbers, is worked out in floating point.
//!
//! | file | what |
//! |---|---|
//! | `exact`, `calendar` | fractions, wide whole numbers, dates |
//! | `rules`, `words` | what is told of a product, out of the engine's terms |
//! | `account` | loans, bills, what can be added up, a day's interest |
//! | `schedule` | parts, prices and the cap |
//! | `book`, `drawing`, `giving_back`, `paying`, `day`, `lending` | commands, days, funders |
//! | `plan`, `stream`, `pair` | what a seed draws, the steps of a stream, engine and book side by side |
//! | `by_hand` | the book alone against values worked out by hand |
//! | `defects` | guards of the engine switched off, each of which the book must notice |
//!
//! Luck is taken out of the terms (`plan`); these are not in the book, and the streams leave them at rest: reviews of applications,
//! what scales raises of limits, campaigns, room of collectors, expected loss, false alarms, request numbers.
//!
//! One seed again: `YUEFU_BOOK_SEED=7 cargo test reference_book`, more of them: `YUEFU_BOOK_STREAMS=1000`, longer ones:
//! `YUEFU_BOOK_MONTHS=24`, on more threads: `YUEFU_BOOK_THREADS=2`. `.ci/campaign reference-book` does so.

mod account;
mod book;
mod by_hand;
mod calendar;
mod day;
mod defects;
mod drawing;
mod exact;
mod giving_back;
mod lending;
mod pair;
mod paying;
mod plan;
mod rules;
mod schedule;
mod stream;
mod words;

use crate::credit::Guard;
use crate::credit::chart::Posting;
use crate::credit::command::Status;
use plan::Plan;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use stream::{Found, play, shrink};

/// Streams of an ordinary test run, and their months.
const STREAMS: u64 = 3_000;
const MONTHS: u16 = 5;

/// What streams met, so that streams that only collect declines are seen.
#[derive(Clone, Debug, Default)]
struct Met {
    instalments: u64,
    written_off: u64,
    plans: u64,
    posted: BTreeMap<Posting, u64>,
    /// By kind of command and answer.
    answers: BTreeMap<(usize, &'static str), u64>,
}

/// Plays a stream; what it met, or how engine and book part ways.
fn run(seed: u64, months: u16, guard_off: Option<Guard>, met: &mut Met) -> Result<(), String> {
    let plan = Plan::new(seed, months);
    let played = catch_unwind(AssertUnwindSafe(|| play(plan.clone(), guard_off)));
    let again = format!("again: YUEFU_BOOK_SEED={seed} YUEFU_BOOK_MONTHS={months} cargo test reference_book");
    match played {
        Err(_) => Err(format!("seed {seed}: a panic, see above\n{again}")),
        Ok(Err(found)) => {
            let first = found.difference.to_string();
            Err(format!("seed {seed}: {first}\n{again}\n{}", least(&plan, guard_off, *found)))
        }
        Ok(Ok(pair)) => {
            for account in &pair.book.accounts {
                met.written_off += u64::from(matches!(account.status, Status::WrittenOff | Status::Sold));
                met.plans += u64::from(account.reaged);
                met.instalments += account.loans.iter().filter(|loan| !loan.revolves()).count() as u64;
            }
            let posted = Posting::ALL.iter().zip(&pair.book.books.posted).filter(|(_, fen)| **fen > 0);
            posted.for_each(|(kind, _)| *met.posted.entry(*kind).or_default() += 1);
            pair.answers.iter().for_each(|(answer, n)| *met.answers.entry(*answer).or_default() += n);
            Ok(())
        }
    }
}

/// The fewest steps that show a difference, as text.
fn least(plan: &Plan, guard_off: Option<Guard>, found: Found) -> String {
    let least = catch_unwind(AssertUnwindSafe(|| shrink(plan, guard_off, found.clone()))).unwrap_or(found);
    let mut text = String::new();
    let first = crate::base::time::Day::from_ymd(2027, 1, 1).unwrap_or_default();
    for step in &least.steps {
        text += &format!("  {} #{} {:?}\n", first.plus(step.day), step.number, step.what);
    }
    format!("{:?}\nfewest steps:\n{text}  => {}", plan.terms, least.difference)
}

/// Plays streams on so many threads: what was found, in the order of seeds.
fn run_all(seeds: std::ops::Range<u64>, months: u16, threads: u64) -> (Met, Vec<String>) {
    let run_some = |thread: u64| {
        let (mut met, mut wrong) = (Met::default(), Vec::new());
        for seed in seeds.clone().filter(|seed| seed % threads == thread) {
            if let Err(what) = run(seed, months, None, &mut met) {
                wrong.push(what);
            }
            // A fault that is everywhere need not be told a thousand times.
            if wrong.len() == 10 {
                break;
            }
        }
        (met, wrong)
    };
    let all: Vec<(Met, Vec<String>)> = std::thread::scope(|scope| {
        #[expect(clippy::needless_collect, reason = "all threads run before the first is waited for")]
        let workers: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run_some(thread))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let mut met = Met::default();
    for (some, _) in &all {
        met.instalments += some.instalments;
        met.written_off += some.written_off;
        met.plans += some.plans;
        some.answers.iter().for_each(|(answer, n)| *met.answers.entry(*answer).or_default() += n);
        some.posted.iter().for_each(|(kind, n)| *met.posted.entry(*kind).or_default() += n);
    }
    assert_eq!(all.len() as u64, threads, "a thread was lost");
    (met, all.into_iter().flat_map(|(_, wrong)| wrong).collect())
}

#[test]
fn engine_and_book_agree_to_the_fen() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("YUEFU_BOOK_SEED");
    let count = number("YUEFU_BOOK_STREAMS").unwrap_or(if first.is_some() { 1 } else { STREAMS });
    let months = number("YUEFU_BOOK_MONTHS").map_or(MONTHS, |months| months as u16);
    let from = first.unwrap_or(0);
    let (met, wrong) = run_all(from..from + count, months, number("YUEFU_BOOK_THREADS").unwrap_or(1).max(1));
    assert!(wrong.is_empty(), "{} streams part ways\n{}", wrong.len(), wrong.join("\n\n"));
    eprintln!("{count} streams of {months} months: {met:?}");
    // So many meet everything there is; few need not.
    if count >= STREAMS {
        // Money that the streams leave at rest.
        let at_rest = [Posting::PaidInCapital, Posting::ReleaseImpairment];
        let never = |kind: &&Posting| !met.posted.contains_key(kind) && !at_rest.contains(kind);
        let never: Vec<_> = Posting::ALL.iter().filter(never).collect();
        assert!(never.is_empty(), "never posted: {never:?}");
        assert!(met.instalments > 0 && met.written_off > 0 && met.plans > 0, "{met:?}");
    }
}
