//! Hosts: whose stream people open. Popularity is heavy-tailed (Zipf), wanders, follows yesterday's viewers and tips,
//! and jumps when a star has an event; who streams on a day is drawn anew every midnight.
//!
//! During a day nothing moves: a session picks its host from an alias table of integers, so a draw costs one load and
//! has the same result on every machine.

use super::traits::HostTraits;
use crate::base::bytes::Reader;
use crate::base::ids::HostId;
use crate::base::random::Stream;
use rand_distr::{Distribution, StandardNormal};
use std::hint::select_unpredictable;
use zerocopy::IntoBytes;

/// One host in this many of the popularity order is a star (at least one is).
const HOSTS_PER_STAR: usize = 50;

/// Chance that a star's stream day is an event (grade L: about once a month).
const EVENT_PPM: i32 = 40_000;

/// Factor of an event on the popularity of that day (grade L).
const EVENT_FACTOR: f64 = 4.0;

/// A surprise counts up to this size in log terms, and log popularity stays within four times that: one lavish tipper
/// must not make a star of a host whom nobody watches.
const SURPRISE_MAX: f64 = 1.0;

/// Popularity of all hosts, and the table from which today's sessions pick.
#[derive(Clone, Debug)]
pub struct HostTable {
    traits: HostTraits,
    zipf: Vec<f64>,
    log_popularity: Vec<f64>,
    share_today: Vec<f64>,
    streams_today: Vec<bool>,
    alias: AliasTable,
}

impl HostTable {
    /// All hosts at their initial popularity, all of them streaming.
    ///
    /// # Panics
    /// When there is no host.
    pub fn new(traits: HostTraits) -> HostTable {
        let zipf = zipf_weights(traits.count, traits.zipf_milli);
        let alias = AliasTable::new(&zipf);
        let total: f64 = zipf.iter().sum();
        HostTable {
            traits,
            share_today: zipf.iter().map(|w| w / total).collect(),
            log_popularity: vec![0.0; zipf.len()],
            streams_today: vec![true; zipf.len()],
            zipf,
            alias,
        }
    }

    /// Midnight: takes in yesterday's minutes and tips by host (both in host order, empty on the first day), moves
    /// popularity and draws who streams today. `stream` is the world's stream of the new day; each host takes the
    /// same kinds of draw from it whatever happened.
    pub fn step(&mut self, minutes_by_host: &[i64], tips_by_host: &[i64], stream: &mut Stream) {
        let persistence = self.traits.persistence.to_ratio_f64();
        let feedback = self.traits.feedback.to_ratio_f64();
        let shock = f64::from(self.traits.shock_milli) / 1e3;
        let stars = (self.zipf.len() / HOSTS_PER_STAR).max(1);
        let (minutes_total, tips_total) = (minutes_by_host.iter().sum(), tips_by_host.iter().sum());
        let mut weights = Vec::with_capacity(self.zipf.len());
        for host in 0..self.zipf.len() {
            let innovation: f64 = StandardNormal.sample(stream);
            let streams = stream.chance_ppm(self.traits.streams.0);
            let event = stream.chance_ppm(EVENT_PPM) && host < stars;
            let seen = (share(minutes_by_host, minutes_total, host), share(tips_by_host, tips_total, host));
            let surprise = if self.streams_today[host] { surprise(seen, self.share_today[host]) } else { 0.0 };
            let moved = persistence * self.log_popularity[host] + shock * innovation + feedback * surprise;
            self.log_popularity[host] = moved.clamp(-4.0 * SURPRISE_MAX, 4.0 * SURPRISE_MAX);
            self.streams_today[host] = streams;
            let factor = if event { EVENT_FACTOR } else { 1.0 };
            weights.push(if streams { self.zipf[host] * libm::exp(self.log_popularity[host]) * factor } else { 0.0 });
        }
        if !self.streams_today.contains(&true) {
            self.streams_today[0] = true;
            weights[0] = 1.0;
        }
        let total: f64 = weights.iter().sum();
        for (share, weight) in self.share_today.iter_mut().zip(&weights) {
            *share = weight / total;
        }
        self.alias = AliasTable::new(&weights);
    }

    /// Writes what moves at midnight, for a checkpoint. Today's picks are no part of it: the next midnight makes new ones.
    pub(crate) fn write_state(&self, into: &mut Vec<u8>) {
        let HostTable { traits: _, zipf: _, log_popularity, share_today, streams_today, alias: _ } = self;
        into.extend_from_slice(&(log_popularity.len() as u32).to_le_bytes());
        into.extend_from_slice(log_popularity.as_bytes());
        into.extend_from_slice(share_today.as_bytes());
        into.extend(streams_today.iter().copied().map(u8::from));
    }

    /// Reads what [`HostTable::write_state`] has written; `None` when it is none, or not of so many hosts.
    pub(crate) fn read_state(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let count = self.count();
        if reader.value::<u32>()? as usize != count {
            return None;
        }
        self.log_popularity = reader.rows(count)?;
        self.share_today = reader.rows(count)?;
        let streams = reader.take(count)?;
        self.streams_today = streams.iter().map(|code| *code == 1).collect();
        let numbers = self.log_popularity.iter().chain(&self.share_today);
        (streams.iter().all(|code| *code <= 1) && numbers.copied().all(f64::is_finite)).then_some(())
    }

    /// The host of a session, by popularity; `bits` are 64 random ones.
    #[inline]
    pub fn sample(&self, bits: u64) -> HostId {
        HostId(self.alias.sample(bits))
    }

    /// Whether the host streams today.
    #[inline]
    pub fn streams(&self, host: HostId) -> bool {
        self.streams_today[usize::from(host.0)]
    }

    /// Chance that a session by popularity goes to this host today.
    pub fn share_today(&self, host: HostId) -> f64 {
        self.share_today[usize::from(host.0)]
    }

    /// Number of hosts.
    pub fn count(&self) -> usize {
        self.zipf.len()
    }
}

/// Weights of ranks 1 … `count`: rank to the power −`zipf_milli`/1000.
pub(crate) fn zipf_weights(count: u16, zipf_milli: i32) -> Vec<f64> {
    let exponent = -f64::from(zipf_milli) / 1e3;
    (1..=count).map(|rank| libm::pow(f64::from(rank), exponent)).collect()
}

fn share(by_host: &[i64], total: i64, host: usize) -> Option<f64> {
    let own = by_host.get(host)?;
    (total > 0).then(|| *own as f64 / total as f64)
}

/// Log of seen over expected attention: viewers weigh three quarters, tips one (tips are a few people's whim).
fn surprise(seen: (Option<f64>, Option<f64>), expected: f64) -> f64 {
    let Some(minutes) = seen.0 else { return 0.0 };
    let attention = 0.75 * minutes + 0.25 * seen.1.unwrap_or(minutes);
    // Half the expectation on both sides keeps hosts with few viewers from jumping on nothing.
    let ratio = (attention + 0.5 * expected) / (1.5 * expected);
    libm::log(ratio).clamp(-SURPRISE_MAX, SURPRISE_MAX)
}

/// Draws from fixed weights in constant time (Walker 1977; the construction of Vose 1991) with integer thresholds.
#[derive(Clone, Debug)]
pub(crate) struct AliasTable(Vec<AliasRow>);

/// A draw that falls into a column takes the column itself below the threshold and its alias above.
#[derive(Clone, Copy, Debug)]
struct AliasRow {
    /// Full columns stand for themselves on both sides, so 32 bits are enough.
    threshold: u32,
    alias: u16,
}

/// Height of a full column.
const FULL: u64 = 1 << 32;

impl AliasTable {
    /// The table of `weights` (not negative, not all zero, at most 65,535 of them). Weights below 2⁻³² of the mean
    /// are never drawn.
    ///
    /// # Panics
    /// When there is nothing to draw from.
    pub(crate) fn new(weights: &[f64]) -> AliasTable {
        let total: f64 = weights.iter().sum();
        assert!(total > 0.0 && weights.len() <= usize::from(u16::MAX), "nothing to draw from");
        let scale = weights.len() as f64 * FULL as f64 / total;
        let mut heights: Vec<u64> = weights.iter().map(|w| (w * scale) as u64).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..weights.len()).partition(|&i| heights[i] < FULL);
        let mut rows: Vec<AliasRow> =
            (0..weights.len()).map(|i| AliasRow { threshold: u32::MAX, alias: i as u16 }).collect();
        while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
            small.pop();
            rows[low] = AliasRow { threshold: heights[low] as u32, alias: high as u16 };
            heights[high] -= FULL - heights[low];
            if heights[high] < FULL {
                large.pop();
                small.push(high);
            }
        }
        // Rounding down leaves a few units of 2⁻³² over; a column without weight must not get them.
        let heaviest = (0..weights.len()).fold(0, |best, i| if weights[i] > weights[best] { i } else { best });
        for low in small {
            if weights[low] == 0.0 {
                rows[low] = AliasRow { threshold: 0, alias: heaviest as u16 };
            }
        }
        AliasTable(rows)
    }

    /// The rank drawn by 64 random bits: the upper half picks the column, the lower half the side.
    #[inline]
    pub(crate) fn sample(&self, bits: u64) -> u16 {
        let column = (((bits >> 32) * self.0.len() as u64) >> 32) as usize;
        let row = self.0[column];
        // A branch would be guessed wrong half of the time.
        select_unpredictable((bits as u32) < row.threshold, column as u16, row.alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Ppm;
    use crate::base::random::{Purpose, RunKey};
    use proptest::prelude::*;

    const TRAITS: HostTraits = HostTraits {
        count: 500,
        zipf_milli: 1_000,
        persistence: Ppm(970_000),
        shock_milli: 80,
        feedback: Ppm(50_000),
        streams: Ppm(700_000),
    };

    fn stream(day: u16) -> Stream {
        RunKey::new(3, 0).stream(day, Purpose::World)
    }

    fn shares(table: &HostTable, draws: u32) -> Vec<f64> {
        let mut bits = RunKey::new(9, 0).stream(0, Purpose::Watch);
        let mut counts = vec![0.0; table.count()];
        for _ in 0..draws {
            counts[usize::from(table.sample(bits.word()).0)] += 1.0 / f64::from(draws);
        }
        counts
    }

    #[test]
    fn initial_popularity_is_zipf() {
        let seen = shares(&HostTable::new(TRAITS), 1_000_000);
        let harmonic: f64 = (1..=500).map(|rank| 1.0 / f64::from(rank)).sum();
        for rank in [1, 2, 5, 20, 100] {
            let expected = 1.0 / f64::from(rank as u32) / harmonic;
            assert!((seen[rank - 1] / expected - 1.0).abs() < 0.05, "rank {rank}: {} {expected}", seen[rank - 1]);
        }
    }

    #[test]
    fn sessions_go_only_to_hosts_who_stream() {
        let mut table = HostTable::new(TRAITS);
        table.step(&[], &[], &mut stream(1));
        let live = (0..500).filter(|&h| table.streams(HostId(h))).count();
        assert!((310..=390).contains(&live), "{live}");
        let seen = shares(&table, 200_000);
        assert!((0..500).all(|h| seen[h] == 0.0 || table.streams(HostId(h as u16))));
        assert!((0..5).all(|h| (seen[h] - table.share_today(HostId(h as u16))).abs() < 0.005));
    }

    /// A host with many more viewers than expected gains on one who has the expected number, and keeps it for a while.
    #[test]
    fn popularity_follows_attention() {
        let lift = |feedback, boosted: bool| {
            let mut table = HostTable::new(HostTraits { feedback, streams: Ppm::ONE, ..TRAITS });
            for day in 1..30 {
                let minutes: Vec<i64> = (0..500)
                    .map(|h| (table.share_today(HostId(h)) * 1e9) as i64 * if boosted && h == 40 { 3 } else { 1 })
                    .collect();
                table.step(&minutes, &minutes, &mut stream(day));
            }
            table.log_popularity[40]
        };
        assert!((lift(Ppm(50_000), false) - lift(Ppm(0), false)).abs() < 0.05, "the expected is no surprise");
        assert!(lift(Ppm(50_000), true) > lift(Ppm(50_000), false) + 0.3);
    }

    #[test]
    fn popularity_stays_heavy_tailed_and_moves() {
        let mut table = HostTable::new(HostTraits { streams: Ppm::ONE, ..TRAITS });
        let mut largest = 0.0_f64;
        for day in 1..=730 {
            let minutes: Vec<i64> = (0..500).map(|h| (table.share_today(HostId(h)) * 1e7) as i64).collect();
            table.step(&minutes, &minutes, &mut stream(day));
            largest = largest.max(table.share_today(HostId(0)));
        }
        let mut all: Vec<f64> = (0..500).map(|h| table.share_today(HostId(h))).collect();
        let in_order = all.windows(2).all(|pair| pair[0] >= pair[1]);
        all.sort_by(|a, b| b.total_cmp(a));
        let top: f64 = all[..25].iter().sum();
        assert!(!in_order && (0.4..0.75).contains(&top), "{top}");
        assert!(largest > 0.3, "an event lifts a star: {largest}");
    }

    #[test]
    fn a_step_is_a_function_of_its_inputs() {
        let run = || {
            let mut table = HostTable::new(TRAITS);
            for day in 1..50 {
                let minutes: Vec<i64> = (0..500).map(|h| i64::from(h) * 7 % 31).collect();
                table.step(&minutes, &[], &mut stream(day));
            }
            (0..1000_u64).map(|i| table.sample(i.wrapping_mul(0x9E37_79B9_7F4A_7C15)).0).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
    }

    #[test]
    fn when_nobody_streams_the_first_host_does() {
        let mut table = HostTable::new(HostTraits { streams: Ppm(0), ..TRAITS });
        table.step(&[], &[], &mut stream(1));
        assert!((0..100_u64).all(|i| table.sample(i << 57 | i) == HostId(0)));
    }

    proptest! {
        /// The area that each rank has in the table is its weight, to a few units of 2⁻³².
        #[test]
        fn an_alias_table_has_the_weights(weights in prop::collection::vec(0_u32..1_000, 1..60)) {
            let weights: Vec<f64> = weights.into_iter().map(f64::from).collect();
            let total: f64 = weights.iter().sum();
            prop_assume!(total > 0.0);
            let table = AliasTable::new(&weights);
            let mut area = vec![0_u64; weights.len()];
            for (column, row) in table.0.iter().enumerate() {
                area[column] += u64::from(row.threshold);
                area[usize::from(row.alias)] += FULL - u64::from(row.threshold);
            }
            for (area, weight) in area.iter().zip(&weights) {
                let expected = weight / total * weights.len() as f64 * FULL as f64;
                prop_assert!((*area as f64 - expected).abs() < 1e3, "{} {}", area, expected);
                prop_assert!(*weight > 0.0 || *area == 0);
            }
        }
    }
}
