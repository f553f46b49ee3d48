//! One of so many shards.

use serde::{Deserialize, Serialize};
use std::fmt;

/// More shards than any cluster has tasks; a larger number is a slip.
pub(crate) const SHARDS_MAX: u32 = 100_000;

/// Shard `number` of `of`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Shard {
    /// From 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl Shard {
    /// `I/N`.
    ///
    /// # Errors
    /// Says what to write, when it is something else.
    pub(crate) fn parse(text: &str) -> Result<Shard, String> {
        // `parse` would take a sign, too.
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok());
        let whole = text.split_once('/').and_then(|(i, n)| Some((digits(i)??, digits(n)??)));
        let Some((number, of)) = whole else {
            return Err("write I/N, such as 3/8 for the third of eight shards".to_string());
        };
        match (number, of) {
            (_, 0) => Err("there are no 0 shards: write I/N with N from 1, such as 3/8".to_string()),
            (_, SHARDS_MAX..) if of > SHARDS_MAX => Err(format!("there are at most {SHARDS_MAX} shards")),
            (0, _) => Err(format!("shards count from 1: write 1/{of} to {of}/{of}")),
            _ if number > of => Err(format!("of {of} shards the last is {of}/{of}")),
            _ => Ok(Shard { number, of }),
        }
    }

    /// True when what stands at a position, from 0, is this shard's: positions are dealt in turn.
    pub(crate) fn holds(self, position: usize) -> bool {
        position as u64 % u64::from(self.of) == u64::from(self.number) - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.number, self.of)
    }
}
