//! How fast the journal is on this machine's disk. By hand, on an optimised build and a real disk:
//! `TMPDIR=. cargo test --release --lib journal_throughput -- --ignored --nocapture`.

use super::*;
use crate::measure::latency::histogram_ns;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

/// Records that a producer sends in one go.
const BATCH: usize = 300;

#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn journal_throughput() {
    let request = course().days[0].iter().find(|record| matches!(record, Record::Request { .. })).expect("a request");
    let batch = encode(&vec![request.clone(); BATCH]);
    for (rate, linger_us) in [(50_000, 0), (150_000, 0), (150_000, 300), (300_000, 0), (600_000, 300)] {
        let home = tempfile::tempdir().expect("a directory");
        let course = course();
        let ((first, commits_of_first), (second, commits_of_second)) = (listen(), listen());
        let settings = Settings::for_records(Policy::Group { linger_us, records_max: 4096 }, 0);
        let begun = JournalSetup { settings, ..setup(Arc::new(OsDisk), vec![first, second]) };
        let (begun, done) = observed(begun);
        let (journal, producers) = Journal::create(&service(&home), &course.service(), &course.images(), begun)
            .unwrap_or_else(|error| panic!("{error}"));
        let commits = [commits_of_first, commits_of_second];
        let started = Instant::now();
        let between = Duration::from_secs_f64(BATCH as f64 / f64::from(rate));
        let total = (5.0 / between.as_secs_f64()) as u64;
        let mut latency = histogram_ns();
        let (mut sent, mut safe) = ([0_u64; 2], [0_u64; 2]);
        let due = |ticket: u64, producer: usize| started + between * (2 * ticket as u32 + producer as u32);
        while safe[0] + safe[1] < total {
            for producer in 0..2 {
                if (sent[0] + sent[1]) < total && Instant::now() >= due(sent[producer], producer) {
                    sent[producer] += 1;
                    producers[producer].send(batch.clone(), sent[producer]).expect("it runs");
                }
                match commits[producer].try_recv() {
                    Ok(Commit::Safe { ticket }) => {
                        for done in safe[producer]..ticket {
                            let waited = Instant::now().saturating_duration_since(due(done, producer));
                            latency.saturating_record(waited.as_nanos() as u64);
                        }
                        safe[producer] = ticket;
                    }
                    Ok(commit) => panic!("{commit:?}"),
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => std::thread::yield_now(),
                }
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        journal.close().expect("a clean end");
        let (mut commit_ns, mut records) = (histogram_ns(), 0_u64);
        for done in done {
            if let Done::Commit { took, records: of_commit, .. } = done {
                commit_ns.saturating_record(took.as_nanos() as u64);
                records += u64::from(of_commit);
            }
        }
        let us = |histogram: &hdrhistogram::Histogram<u64>, q| histogram.value_at_quantile(q) / 1_000;
        println!(
            "{rate}/s offered, lingering {linger_us} us: {:.0} records/s, {} commits of {:.0} records, commit p50 {} p99 {} max {} us, \
             answer p50 {} p99 {} max {} us",
            records as f64 / seconds,
            commit_ns.len(),
            records as f64 / commit_ns.len() as f64,
            us(&commit_ns, 0.5),
            us(&commit_ns, 0.99),
            us(&commit_ns, 1.0),
            us(&latency, 0.5),
            us(&latency, 0.99),
            us(&latency, 1.0),
        );
    }
}
