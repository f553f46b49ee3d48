//! Columns of a load run.

use super::entry::File;
use crate::results::manifest::Kind;

/// The file.
pub(super) fn file() -> File {
    let requests = "requests";
    File::new(Kind::Load, "timeseries.csv")
        .plain(&[
            ("at_ms", "ms", "Begin of the second, since the start of the run."),
            ("simulated", "yyyy-mm-dd hh:mm:ss", "Simulated moment then."),
            ("operation", "name", "Operation, or `all`."),
            ("offered", requests, "Intended to be made, at their intended start."),
            ("sent", "messages", "Sent to the service, retries included."),
            ("admitted", "messages", "Found room in the queue of their cell."),
            ("approved", requests, "Done, approved or sent to review."),
            ("declined", requests, "Declined by the rules of the product."),
            ("shed", requests, "Ended without a decision since the queue was full at every try."),
            ("late", requests, "Ended without a decision since their time was over."),
            ("unavailable", requests, "Ended without a decision since the service could not take them."),
            ("abandoned", requests, "Given up by their users."),
            ("retried", "messages", "Sent again."),
            ("unsent", requests, "Not sent before the end."),
            ("p50_ns", "ns", "Latency from the intended start: half took no longer."),
            ("p90_ns", "ns", "… 90 in 100."),
            ("p99_ns", "ns", "… 99 in 100."),
            ("p99_9_ns", "ns", "… 999 in 1,000."),
            ("max_ns", "ns", "The longest."),
            ("backlog", requests, "On their way at the end of the second."),
            ("rss_bytes", "bytes", "Resident memory of the process."),
        ])
        .any("cpu_THREAD", "ratio", "Processor time of a thread over the second; 1 is a whole core.", "THREAD")
}
