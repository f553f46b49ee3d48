//! What the journal says: one record for each thing that changes an engine of a cell, in a fixed layout, little-endian.
//!
//! ```text
//! request    44  u32 head, cell, slot, sequence, at, words × 5, reply
//! open       96  u32 head, cell, day · i64 quota × 4 · controls (52 bytes, as `credit::Controls` writes them)
//! close      16  u32 head, cell, day, stage
//!
//! head           u8 kind (1 request, 2 open, 3 close), lender · u16 0
//! ```
//!
//! Any number may stand for a lender: whether the cell has an engine for it is seen when the record is applied (`replay`).
//!
//! The controls of a day are the same for all cells. They stand in every `open` all the same, so that no cell's history depends
//! on another's, whichever epoch it lies in.

use crate::base::ids::{FUNDERS, Lender, Slot};
use crate::base::time::{Day, SimTime};
use crate::credit::command::{Command, Reply, Request};
use crate::credit::{ClosePhase, Controls, wire};

const REQUEST: u32 = 1;
const OPEN: u32 = 2;
const CLOSE: u32 = 3;

/// One thing that changed an engine of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A request and its answer.
    Request {
        /// Number of the cell in the world.
        cell: u32,
        /// Simulated moment.
        at: SimTime,
        /// The request, to whichever lender.
        request: Request,
        /// The answer, so that a replay can compare.
        reply: Reply,
    },
    /// An engine opened a day.
    Open {
        /// Number of the cell.
        cell: u32,
        /// Whose engine.
        lender: Lender,
        /// The day.
        day: Day,
        /// What each funder may lend through the engine, fen.
        quota: [i64; FUNDERS],
        /// What the world set for the engines at midnight.
        controls: Controls,
    },
    /// An engine did one stage of the close of a day.
    Close {
        /// Number of the cell.
        cell: u32,
        /// Whose engine.
        lender: Lender,
        /// The day.
        day: Day,
        /// The stage.
        stage: ClosePhase,
    },
}

/// Records on their way to the journal: encoded, one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    bytes: Vec<u8>,
    count: u32,
}

impl Records {
    /// No records, with room for `records` requests.
    pub fn with_capacity(records: usize) -> Records {
        Records { bytes: Vec::with_capacity(records * 44), count: 0 }
    }

    /// Adds a record.
    pub fn push(&mut self, record: &Record) {
        self.count += 1;
        match record {
            Record::Request { cell, at, request, reply } => {
                let Request { lender, slot, sequence, command } = *request;
                let [a, b, c, d, e] = command.words();
                let reply = wire::pack(*reply);
                self.words(&[head(REQUEST, lender), *cell, slot.0, sequence, at.0, a, b, c, d, e, reply]);
            }
            Record::Open { cell, lender, day, quota, controls } => {
                self.words(&[head(OPEN, *lender), *cell, u32::from(day.0)]);
                quota.iter().for_each(|fen| self.bytes.extend_from_slice(&fen.to_le_bytes()));
                controls.write(&mut self.bytes);
            }
            Record::Close { cell, lender, day, stage } => {
                self.words(&[head(CLOSE, *lender), *cell, u32::from(day.0), *stage as u32]);
            }
        }
    }

    fn words(&mut self, words: &[u32]) {
        write_words(words, &mut self.bytes);
    }

    /// Number of records.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// No record is in it.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The encoded records.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

const fn head(kind: u32, lender: Lender) -> u32 {
    kind | (lender.0 as u32) << 8
}

fn write_words(words: &[u32], into: &mut Vec<u8>) {
    words.iter().for_each(|word| into.extend_from_slice(&word.to_le_bytes()));
}

/// Takes the next record off the front of `bytes`; `None` when they do not begin with one.
pub(super) fn read(bytes: &mut &[u8]) -> Option<Record> {
    let mut words = Words(bytes);
    let [kind, lender, 0, 0] = words.next()?.to_le_bytes() else { return None };
    let lender = Lender(lender);
    let record = match u32::from(kind) {
        REQUEST => {
            let [cell, slot, sequence, at] = words.array()?;
            let command = Command::from_words(words.array()?)?;
            let reply = wire::reply_of(words.next()?)?;
            let request = Request { lender, slot: Slot(slot), sequence, command };
            Record::Request { cell, at: SimTime(at), request, reply }
        }
        OPEN => {
            let (cell, day) = (words.next()?, words.day()?);
            let halves = words.array::<{ 2 * FUNDERS }>()?;
            let quota = std::array::from_fn(|f| (u64::from(halves[2 * f]) | u64::from(halves[2 * f + 1]) << 32) as i64);
            Record::Open { cell, lender, day, quota, controls: words.controls()? }
        }
        CLOSE => {
            let (cell, day) = (words.next()?, words.day()?);
            let stage = u8::try_from(words.next()?).ok().and_then(ClosePhase::from_code)?;
            Record::Close { cell, lender, day, stage }
        }
        _ => return None,
    };
    *bytes = words.0;
    Some(record)
}

struct Words<'a>(&'a [u8]);

impl Words<'_> {
    fn next(&mut self) -> Option<u32> {
        let (word, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Some(u32::from_le_bytes(*word))
    }

    fn array<const N: usize>(&mut self) -> Option<[u32; N]> {
        let mut words = [0; N];
        for word in &mut words {
            *word = self.next()?;
        }
        Some(words)
    }

    fn day(&mut self) -> Option<Day> {
        self.next().and_then(|word| u16::try_from(word).ok()).map(Day)
    }

    fn controls(&mut self) -> Option<Controls> {
        let (bytes, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Controls::read(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::MAX_PARTNERS;
    use crate::credit::terms::BUCKETS;
    use proptest::prelude::*;

    fn any_record() -> impl Strategy<Value = Record> {
        let request = any::<[u32; 4]>().prop_flat_map(|[cell, slot, sequence, at]| {
            (0..16_u32, any::<i32>(), any::<u32>(), 0..4_u32, prop::bool::ANY).prop_filter_map(
                "a command and a reply",
                move |(kind, amount, word, code, done)| {
                    // Kinds whose second word is a sixteen-bit number get one, others any.
                    let second = if matches!(kind, 1 | 5 | 6) { word & 0xFFFF } else { word };
                    let words = match kind {
                        11..=15 => [kind, 0, 0, 0, 0],
                        7 => [kind | code << 8, amount as u32, 0, 0, 0],
                        10 => [kind | code << 8, amount as u32, 0, 0, 0],
                        3 | 9 => [kind, 0, second, 0, 0],
                        _ => [kind, amount as u32, second, 0, 0],
                    };
                    let command = Command::from_words(words)?;
                    let reply = if done { Reply::Done(word >> 2) } else { wire::reply_of((3 << 30) | (word % 20))? };
                    let lender = Lender((word >> 3) as u8);
                    let request = Request { lender, slot: Slot(slot), sequence, command };
                    Some(Record::Request { cell, at: SimTime(at), request, reply })
                },
            )
        });
        let controls = (any::<[i32; 3]>(), any::<[bool; MAX_PARTNERS]>(), any::<[i32; BUCKETS]>());
        let controls =
            (controls, any::<u16>(), any::<u8>()).prop_map(|((ppm, open, coverage), merchants, coupon)| Controls {
                cutoff_factor_ppm: ppm[0],
                raise_factor_ppm: ppm[1],
                partner_open: open,
                coverage_ppm: coverage,
                cooperating_merchants: merchants,
                campaign_raise_share_ppm: ppm[2],
                coupon_percent: coupon,
            });
        let whose = || (any::<u32>(), any::<u8>().prop_map(Lender), any::<u16>().prop_map(Day));
        let open = (whose(), any::<[i64; FUNDERS]>(), controls)
            .prop_map(|((cell, lender, day), quota, controls)| Record::Open { cell, lender, day, quota, controls });
        let close = (whose(), 0..ClosePhase::ALL.len()).prop_map(|((cell, lender, day), at)| Record::Close {
            cell,
            lender,
            day,
            stage: ClosePhase::ALL[at],
        });
        prop_oneof![4 => request, 1 => open, 1 => close]
    }

    proptest! {
        #[test]
        fn records_go_there_and_back(records in prop::collection::vec(any_record(), 0..20)) {
            let mut encoded = Records::default();
            records.iter().for_each(|record| encoded.push(record));
            prop_assert_eq!(encoded.count() as usize, records.len());
            let mut left = encoded.bytes();
            for record in &records {
                let found = read(&mut left);
                prop_assert_eq!(found.as_ref(), Some(record));
            }
            prop_assert!(left.is_empty());
        }

        /// Any bytes are a record that is written so, or none; none makes a panic.
        #[test]
        fn bytes_are_one_to_one_with_records(
            bytes in prop::collection::vec(any::<u8>(), 0..128),
            kind in 0..5_u8,
            lender in any::<u8>(),
            beyond in 0..8_u8,
        ) {
            let mut bytes = bytes;
            if bytes.len() >= 4 {
                bytes[..4].copy_from_slice(&[kind, lender, beyond / 7, 0]);
            }
            let mut left = bytes.as_slice();
            if let Some(record) = read(&mut left) {
                let mut again = Records::default();
                again.push(&record);
                prop_assert_eq!(again.bytes(), &bytes[..bytes.len() - left.len()]);
            }
        }

        #[test]
        fn a_cut_record_is_none(record in any_record(), cut in 1..100_usize) {
            let mut encoded = Records::default();
            encoded.push(&record);
            let short = encoded.bytes().len().saturating_sub(cut);
            prop_assert_eq!(read(&mut &encoded.bytes()[..short]), None);
        }
    }
}
