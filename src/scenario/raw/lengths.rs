//! Lengths of time of `[load]`: how long each may be, and how long it is when a scenario does not say.

use crate::scenario::document::tree::Node;
use crate::scenario::raw::time::WallTime;

/// Microseconds.
pub(in crate::scenario) const MS: u64 = 1_000;
/// …
pub(in crate::scenario) const SECOND: u64 = 1_000 * MS;
/// …
pub(in crate::scenario) const HOUR: u64 = 3_600 * SECOND;

/// What is known of the length under a key, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Length {
    /// Key in `[load]`.
    pub(in crate::scenario) key: &'static str,
    /// The least it may be …
    pub(in crate::scenario) shortest: u64,
    /// … and the most.
    pub(in crate::scenario) longest: u64,
    /// It is kept in whole steps of this; a length that is cut in silence measures something else than was asked.
    pub(in crate::scenario) step: u64,
    /// When nothing is said; 0 too where a shape or a stall needs the key.
    pub(in crate::scenario) usual: u64,
}

const fn length(key: &'static str, shortest: u64, longest: u64, usual: u64) -> Length {
    Length { key, shortest, longest, step: MS, usual }
}

/// Measured time.
pub(in crate::scenario) const DURATION: Length = length("duration", SECOND, 24 * HOUR, 60 * SECOND);
/// Time before it.
pub(in crate::scenario) const WARMUP: Length = length("warmup", 0, 24 * HOUR, 5 * SECOND);
/// Start of a spike after the start of the measured time.
pub(in crate::scenario) const SPIKE_AT: Length = length("spike_at", 0, 24 * HOUR, 0);
/// Length of a spike.
pub(in crate::scenario) const SPIKE_FOR: Length = length("spike_for", MS, 24 * HOUR, 0);
/// Start of a stall after the start of the measured time.
pub(in crate::scenario) const STALL_AT: Length = length("stalls.at", 0, 24 * HOUR, 0);
/// Length of a stall.
pub(in crate::scenario) const STALL_FOR: Length = length("stalls.for", MS, 24 * HOUR, 0);
/// Time between an answer and the next request of a closed loop.
pub(in crate::scenario) const THINK: Length = length("think", 0, HOUR, 0);
/// Age beyond which a request is not done.
pub(in crate::scenario) const DEADLINE: Length = length("deadline", MS, HOUR, SECOND);
/// Wait before the first retry.
pub(in crate::scenario) const BACKOFF: Length = length("backoff", 0, HOUR, 50 * MS);
/// Patience of a median user.
pub(in crate::scenario) const PATIENCE: Length = length("patience", MS, HOUR, 3 * SECOND);
/// Longest wait of a commit for others.
pub(in crate::scenario) const GROUP_MAX_WAIT: Length = Length { step: 1, ..length("group_max_wait", 0, SECOND, 200) };
/// A probe of the capacity search.
pub(in crate::scenario) const PROBE: Length = length("capacity.probe", SECOND, HOUR, 4 * SECOND);
/// Its confirming run.
pub(in crate::scenario) const CONFIRM: Length = length("capacity.confirm", SECOND, HOUR, 10 * SECOND);

/// Those that stand under one key each.
pub(in crate::scenario) const LENGTHS: [Length; 11] =
    [DURATION, WARMUP, SPIKE_AT, SPIKE_FOR, THINK, DEADLINE, BACKOFF, PATIENCE, GROUP_MAX_WAIT, PROBE, CONFIRM];

impl Length {
    /// Microseconds of what is written, or of what is usual.
    pub(in crate::scenario) fn us(&self, written: Option<&WallTime>) -> u64 {
        written.and_then(|time| WallTime::micros(&time.0)).unwrap_or(self.usual)
    }

    /// The same in milliseconds.
    pub(in crate::scenario) fn ms(&self, written: Option<&WallTime>) -> u64 {
        self.us(written) / MS
    }

    /// Microseconds of what stands in the part `[load]` of a document, or of what is usual.
    pub(in crate::scenario) fn us_in(&self, load: &Node) -> u64 {
        load.at(self.key).and_then(Node::text).and_then(WallTime::micros).unwrap_or(self.usual)
    }
}

/// Microseconds as people write them.
pub(in crate::scenario) fn words(micros: u64) -> String {
    match micros {
        0 => "0s".to_owned(),
        _ if micros.is_multiple_of(HOUR) => format!("{}h", micros / HOUR),
        _ if micros.is_multiple_of(SECOND) => format!("{}s", micros / SECOND),
        _ if micros.is_multiple_of(MS) => format!("{}ms", micros / MS),
        _ => format!("{micros}us"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::schemas::schema_of;

    #[test]
    fn the_schema_says_what_is_usual() {
        let schema = schema_of("scenario").expect("a kind of file");
        let description = |key: &str| -> String {
            let (part, key) = key.split_once('.').map_or(("LoadFile", key), |(_, key)| ("CapacityFile", key));
            let text = &schema["$defs"][part]["properties"][key]["description"];
            text.as_str().unwrap_or_else(|| panic!("{part} has no description of `{key}`")).to_owned()
        };
        for length in LENGTHS {
            let said = description(length.key).split_once(" when absent").map(|(before, _)| before.to_owned());
            let said = said.and_then(|before| before.rsplit_once('(').map(|(_, usual)| usual.to_owned()));
            let needed = [SPIKE_AT, SPIKE_FOR].iter().any(|needed| needed.key == length.key);
            let usual = if needed { None } else { WallTime::micros(said.as_deref().unwrap_or_default()) };
            assert_eq!(usual, (!needed).then_some(length.usual), "{}: {said:?}", length.key);
            assert!(needed || (length.shortest..=length.longest).contains(&length.usual), "{}", length.key);
        }
    }
}
