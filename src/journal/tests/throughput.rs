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
    for (rate, max_us) in [(50_000, 0), (150_000, 0), (150_000, 300), (300_000, 0), (600_000, 300)] {
        let home = tempfile::tempdir().expect("a directory");
        let course = course();
        let ((first, told_first), (second, told_second)) = (listen(), listen());
        let durability = Durability::Group { max_us, max_records: 4096 };
        let (journal, producers) = Journal::create(
            Arc::new(OsDisk),
            &service(&home),
            &course.scenario,
            course.world(),
            &course.images(),
            Settings::for_records(durability, 0),
            vec![first, second],
        )
        .unwrap_or_else(|error| panic!("{error}"));
        let told = [told_first, told_second];
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
                match told[producer].try_recv() {
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
        let record = journal.close().expect("a clean end");
        let us = |histogram: &hdrhistogram::Histogram<u64>, q| histogram.value_at_quantile(q) / 1_000;
        println!(
            "{rate}/s offered, {}: {:.0} records/s, {} commits of {:.0} records, commit p50 {} p99 {} max {} us, \
             answer p50 {} p99 {} max {} us",
            record.policy,
            record.records as f64 / seconds,
            record.commits,
            record.records as f64 / record.commits as f64,
            us(&record.commit_ns, 0.5),
            us(&record.commit_ns, 0.99),
            us(&record.commit_ns, 1.0),
            us(&latency, 0.5),
            us(&latency, 0.99),
            us(&latency, 1.0),
        );
    }
}
