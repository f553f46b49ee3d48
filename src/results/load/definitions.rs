//! What the numbers of a load run's `summary.json` mean: definitions that the file carries beside them, and pages repeat.

/// Key and meaning, in the order of the file.
pub(super) const DEFINITIONS: &[(&str, &str)] = &[
    ("clock", "wall clock: measured on the machine named below while it ran; another run gives other numbers"),
    (
        "invalid",
        "reasons why the run measures its own load generator instead of the service; a run with any is no measurement",
    ),
    ("offered", "requests that users intended to make in the measured time, each counted once at its intended start"),
    ("sent", "messages to the service, retries included"),
    ("admitted", "messages that found room in the queue of their cell"),
    ("decided", "requests with an answer: approved + declined"),
    ("approved", "done, approved or sent to review"),
    ("declined", "declined or refused by the rules of the product, with a reason; no error"),
    ("shed", "requests that ended without a decision because the queue was full at every try"),
    ("late", "requests that ended without a decision because their deadline had passed when their turn came"),
    ("unavailable", "requests that ended without a decision because the service had stopped"),
    ("abandoned", "requests whose user lost patience before an answer came"),
    ("retried", "messages that asked again under the number of an earlier one"),
    ("unsent", "requests that were meant to start and were not sent within a second, or when the run ended"),
    ("error_share", "(shed + late + unavailable + abandoned + unsent) / offered"),
    (
        "latency",
        "decided requests: from the intended start to the answer, retries and waiting in the generator included",
    ),
    (
        "service",
        "decided requests: time in which the service worked on them; for close_of_day the longest slice of a cell",
    ),
    (
        "close_of_day",
        "one sample a cell and simulated day, from the first slice to the last; it is no request and not in `all`",
    ),
    (
        "p50_ns … p99_99_ns",
        "values that this share of samples does not exceed; null unless 10 samples lie beyond, since fewer say little (p99 needs 1,000)",
    ),
    (
        "p99_interval_ns",
        "95 % interval of p99 by order statistics, as if samples were independent; queues make the true one wider",
    ),
    ("lag", "by how much the generator dispatched after the intended start; it is part of latency"),
    ("lost.approvals", "lost drawings times the run's own approval rate"),
    ("lost.margin_fen", "margin on the lost approvals at the run's own commission and tip shares"),
    (
        "lost.margin_fen_per_ms",
        "margin lost for each millisecond of mean latency above the service time, fen a second of the run",
    ),
    (
        "credit.virtual_approval_rate",
        "approval rate of drawings on the virtual clock in the month up to the hand-over; reproducible",
    ),
    ("credit.wall_approval_rate", "approval rate of drawings in the measured time; not reproducible"),
    (
        "memory.bytes_per_actor",
        "(resident memory with all actors − before any, the copy of the world made) / actors; buffers of the process count, too. Null where the actors found memory that was free before, as in the later probes of a search",
    ),
    ("threads.cpu_seconds", "CPU of the thread in the measured time"),
    ("threads.idle_spin_share", "share of one core spent looking at the clock with nothing due"),
    ("journal.commit", "one commit: write and sync"),
    (
        "capacity.carried_rate",
        "highest rate of requests that people start at which the objective, errors, approvals, books and backlog all hold by a majority of probes; with `at_least` a lower bound",
    ),
    (
        "capacity.active_customers",
        "offered requests at that rate, what follows included, over those of one live account at that hour",
    ),
    (
        "capacity.figures",
        "of the probe that stands for the answer: the confirming run that held, else the last carried one at the rate",
    ),
    (
        "worlds",
        "each world against the first; a difference in rate within 10 % is none, as searches of one world differ by that",
    ),
    (
        "worlds.service_time",
        "mix_ns: people ask for other operations; operations_ns: the same ones take another time; both sum to the change",
    ),
    ("state_hash", "blake3 of the service's state at the end: two runs differ, a replay of the journal does not"),
    ("files", "blake3 of the other files, to see damage"),
];
