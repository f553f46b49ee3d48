//! What a cell knows of its funders: quotas, reservations, losses covered. `funding` has the rules that change it.

use crate::base::ids::{FUNDERS, Funder, MAX_PARTNERS};
use zerocopy::IntoBytes;

/// What a cell knows of its funders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Funds {
    /// Quota of today that is left, by funder.
    pub room: [i64; FUNDERS],
    /// Reserved by open holds, by funder.
    pub reserved: [i64; FUNDERS],
    /// Ever lent by each partner in this cell.
    pub lent_ever: [i64; MAX_PARTNERS],
    /// Partners' losses covered so far by the platform's first-loss promise.
    pub covered_ever: [i64; MAX_PARTNERS],
    /// Funder of the last approved drawing, for the event log; no part of the state.
    pub last_funder: Funder,
}

/// Numbers in which a snapshot holds [`Funds`].
pub(super) const FUNDS_WORDS: usize = 2 * FUNDERS + 2 * MAX_PARTNERS + 1;

impl Funds {
    /// Everything, `last_funder` too: what the event log says next depends on it.
    pub(super) fn words(&self) -> [i64; FUNDS_WORDS] {
        let parts: [&[i64]; 5] =
            [&self.room, &self.reserved, &self.lent_ever, &self.covered_ever, &[i64::from(self.last_funder.0)]];
        let mut words = [0; FUNDS_WORDS];
        words.iter_mut().zip(parts.into_iter().flatten()).for_each(|(word, part)| *word = *part);
        words
    }

    /// The funds of these words, or `None` when they name no funder.
    pub(super) fn from_words(words: &[i64; FUNDS_WORDS]) -> Option<Funds> {
        let part = |from: usize, index: usize| words[from + index];
        let last_funder = u8::try_from(words[FUNDS_WORDS - 1]).ok().map(Funder).filter(|f| f.index() < FUNDERS)?;
        Some(Funds {
            room: std::array::from_fn(|f| part(0, f)),
            reserved: std::array::from_fn(|f| part(FUNDERS, f)),
            lent_ever: std::array::from_fn(|p| part(2 * FUNDERS, p)),
            covered_ever: std::array::from_fn(|p| part(2 * FUNDERS + MAX_PARTNERS, p)),
            last_funder,
        })
    }

    pub(super) fn write_state(&self, sink: &mut dyn FnMut(&[u8])) {
        // `room` is given anew each midnight, but it is part of the state within a day.
        for block in [&self.room, &self.reserved] {
            sink(block.as_bytes());
        }
        sink(self.lent_ever.as_bytes());
        sink(self.covered_ever.as_bytes());
    }
}
