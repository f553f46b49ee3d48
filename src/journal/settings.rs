//! When an answer counts as safe, and how a journal is kept.

/// What a record takes with its share of the head of its batch.
const RECORD_ROOM_BYTES: u64 = 52;

/// When an answer counts as safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// When the operating system has the record.
    Buffered,
    /// When the record and the mark are on the disk.
    Group {
        /// How long a commit waits for more records, microseconds.
        linger_us: u64,
        /// Records for which it does not wait.
        records_max: u32,
    },
}

/// How a journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// When an answer counts as safe.
    pub policy: Policy,
    /// Room that is written with zeros before the first record of a journal, bytes. Overwriting it costs a sync of about half
    /// the time of appending, since the file system's own journal has nothing to add.
    pub allocate_bytes: u64,
}

impl Settings {
    /// A journal under this policy with room for so many records: 64 MB at least, 1 GB at most.
    pub fn for_records(policy: Policy, records: u64) -> Settings {
        let bytes = records.saturating_mul(RECORD_ROOM_BYTES);
        Settings { policy, allocate_bytes: bytes.clamp(64 << 20, 1 << 30) }
    }
}
