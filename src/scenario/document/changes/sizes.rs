//! Keys of the scenario itself: sizes, dates and luck.

use super::entry::{Change, refused};

/// Why they are refused.
const WHOLE: &str = "it is of the whole scenario, not of a day: set it at the top of the file";

/// All of them.
pub(super) const ALL: &[Change] = &[
    refused("name", WHOLE),
    refused("title", WHOLE),
    refused("users", WHOLE),
    refused("cell_users", WHOLE),
    refused("warmup_months", WHOLE),
    refused("months", WHOLE),
    refused("start", WHOLE),
    refused("seed", WHOLE),
    refused("replication", WHOLE),
];
