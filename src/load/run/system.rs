//! What the operating system says of this process: memory and CPU by thread. Zero where it does not say.

use std::fs;

/// Resident memory in bytes.
pub(crate) fn rss_bytes() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|word| word.parse().ok());
    kib.unwrap_or(0) * 1_024
}

/// A thread of this process, for its CPU time.
#[derive(Clone, Debug)]
pub(crate) struct ThreadId {
    /// Name in results.
    pub name: String,
    number: String,
}

impl ThreadId {
    /// The calling thread under a name of ours.
    pub(crate) fn current(name: String) -> ThreadId {
        let link = fs::read_link("/proc/thread-self").unwrap_or_default();
        let number = link.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        ThreadId { name, number }
    }

    /// Nanoseconds on a processor so far.
    pub(crate) fn cpu_ns(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/self/task/{}/schedstat", self.number)).unwrap_or_default();
        text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
    }
}
