//! Keyed randomness. A stream is a function of (seed, replication, user, day, purpose) and of nothing else,
//! so two policies or two economies meet the same people and the same luck (common random numbers), on any
//! number of workers.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"): its
//! whole state is one word, so a new stream for each user and day costs one mix. It implements
//! [`rand::TryRng`], so `rand_distr` draws from it.

use crate::base::ids::Lender;
use std::convert::Infallible;

/// What a stream is for. Two purposes never share a draw, so adding a draw to one cannot shift another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Who a user is: persona, age, income, traits.
    Person = 1,
    /// Sessions, hosts and minutes.
    Watch = 2,
    /// Purchases, cards and their follow-up.
    Buy = 3,
    /// Tips.
    Tip = 4,
    /// Repayment decisions.
    Repay = 5,
    /// Job and income.
    Work = 6,
    /// Application and its decision noise.
    Apply = 7,
    /// Complaints, churn, collectors.
    Service = 8,
    /// The state of the whole world (hosts, merchants, systematic noise).
    World = 9,
    /// Resampling of what was measured.
    Resample = 10,
    /// What is done instead of something that a policy prevents.
    Instead = 11,
}

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64: a bijection of 64 bits in which each input bit moves each output bit. It leaves 0 as it is.
#[inline]
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The key of a whole run: seed and replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunKey(u64);

impl RunKey {
    /// The key of replication `replication` under `seed`.
    pub fn new(seed: u64, replication: u32) -> RunKey {
        RunKey(mix(mix(seed.wrapping_add(GAMMA)) ^ (u64::from(replication) << 32)))
    }

    /// The key of what a lender draws: with the second lender people have other luck than with the first, whose key is the run's own.
    #[inline]
    pub const fn lender(self, lender: Lender) -> RunKey {
        RunKey(self.0 ^ mix((lender.0 as u64).wrapping_mul(GAMMA)))
    }

    /// The key of one user on every day.
    #[inline]
    pub const fn user(self, user: u32) -> UserKey {
        UserKey(mix(self.0.wrapping_add((user as u64 + 1).wrapping_mul(GAMMA))))
    }

    /// A stream of the whole world, not of a user.
    pub fn stream(self, day: u16, purpose: Purpose) -> Stream {
        UserKey(mix(self.0 ^ 0x5755_4655_4655_4655)).day(day).stream(purpose)
    }
}

/// The key of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserKey(u64);

impl UserKey {
    /// A key from a word that was drawn before, for a purchase or another thing with luck of its own.
    #[inline]
    pub const fn from_word(word: u64) -> UserKey {
        UserKey(word)
    }

    /// The key of this user on one day.
    #[inline]
    pub const fn day(self, day: u16) -> DayKey {
        DayKey(mix(self.0 ^ (day as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93)))
    }

    /// A stream that does not depend on the day.
    pub const fn stream(self, purpose: Purpose) -> Stream {
        self.day(u16::MAX).stream(purpose)
    }
}

/// The key of one user and day; streams come from it by purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayKey(u64);

impl DayKey {
    /// The stream of one purpose.
    #[inline]
    pub const fn stream(self, purpose: Purpose) -> Stream {
        Stream(self.0 ^ (purpose as u64).wrapping_mul(0xA076_1D64_78BD_642F))
    }
}

/// A stream of random words.
#[derive(Clone, Debug)]
pub struct Stream(u64);

impl Stream {
    /// 64 random bits.
    #[inline]
    pub const fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// Uniform in [0, 2³²).
    #[inline]
    pub const fn bits32(&mut self) -> u32 {
        (self.word() >> 32) as u32
    }

    /// Uniform in [0, 1): 53 bits.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// True with probability `ppm` parts per million. Always takes one word, so streams stay aligned across policies.
    #[inline]
    pub const fn chance_ppm(&mut self, ppm: i32) -> bool {
        ppm_of(self.bits32()) < ppm as i64
    }

    /// Uniform in `0..n` (Lemire's multiply-shift; its bias is below n / 2³²). 0 when `n` is 0.
    #[inline]
    pub const fn below(&mut self, n: u32) -> u32 {
        ((self.bits32() as u64 * n as u64) >> 32) as u32
    }
}

impl rand::TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.bits32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        for chunk in target.chunks_mut(8) {
            let bytes = self.word().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

/// Uniform parts per million from 32 random bits: below `p` with a chance of `p` parts per million.
#[inline]
pub(crate) const fn ppm_of(bits: u32) -> i64 {
    ((bits as u64 * 1_000_000) >> 32) as i64
}

/// Uniform parts per million from the 20 bits of a word that begin at `shift`; a word has three such parts.
#[inline]
pub(crate) const fn ppm_part(word: u64, shift: u32) -> i64 {
    ((((word >> shift) & 0xF_FFFF) * 1_000_000) >> 20) as i64
}

/// A quantile function as a table of `N` integers (a power of two): a draw is one load, with no transcendental function
/// in the sweep and therefore the same bits on every machine. Small tables stay in the first-level cache.
#[derive(Clone, Debug)]
pub struct QuantileTable<const N: usize = 4096>(Box<[u32; N]>);

impl<const N: usize> QuantileTable<N> {
    /// Tabulates `quantile` at the mid-points (i + ½) / N, rounded to the nearest integer and clipped at 0.
    pub fn new(quantile: impl Fn(f64) -> f64) -> QuantileTable<N> {
        const { assert!(N.is_power_of_two() && N <= 1 << 16, "a table is indexed by the top bits of a draw") };
        let mut table = Box::new([0_u32; N]);
        for (i, cell) in table.iter_mut().enumerate() {
            *cell = quantile((i as f64 + 0.5) / N as f64).round().max(0.0) as u32;
        }
        QuantileTable(table)
    }

    /// The value at the top bits of `bits`.
    #[inline]
    pub const fn at(&self, bits: u32) -> u32 {
        self.0[(bits >> (32 - N.trailing_zeros())) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::LENDERS_MAX;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn a_stream_depends_on_every_part_of_its_key() {
        let word = |seed, rep, user, day, purpose| RunKey::new(seed, rep).user(user).day(day).stream(purpose).word();
        let base = word(1, 0, 7, 3, Purpose::Buy);
        assert_eq!(base, word(1, 0, 7, 3, Purpose::Buy));
        for other in [
            word(2, 0, 7, 3, Purpose::Buy),
            word(1, 1, 7, 3, Purpose::Buy),
            word(1, 0, 8, 3, Purpose::Buy),
            word(1, 0, 7, 4, Purpose::Buy),
            word(1, 0, 7, 3, Purpose::Tip),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn each_lender_has_luck_of_its_own_and_the_first_that_of_the_run() {
        let key = RunKey::new(1, 0);
        assert_eq!(key.lender(Lender::FIRST), key);
        let words = |lender: u8| -> Vec<u64> {
            (0..64).map(|user| key.lender(Lender(lender)).user(user).day(3).stream(Purpose::Apply).word()).collect()
        };
        let all: std::collections::BTreeSet<u64> = (0..LENDERS_MAX as u8).flat_map(words).collect();
        assert_eq!(all.len(), 64 * LENDERS_MAX);
    }

    /// First draws over neighbouring users and days must look independent: mean, variance and lag correlation.
    #[test]
    fn first_draws_of_neighbours_are_independent() {
        let key = RunKey::new(42, 0);
        let draw = |user: u32, day: u16| key.user(user).day(day).stream(Purpose::Watch).unit();
        let n = 200_000;
        let (mut sum, mut squares, mut across_users, mut across_days) = (0.0, 0.0, 0.0, 0.0);
        for i in 0..n {
            let (u, d) = (i % 1000, (i / 1000) as u16);
            let x = draw(u, d) - 0.5;
            sum += x;
            squares += x * x;
            across_users += x * (draw(u + 1, d) - 0.5);
            across_days += x * (draw(u, d + 1) - 0.5);
        }
        let n = f64::from(n);
        assert!((sum / n).abs() < 0.002);
        assert!((squares / n - 1.0 / 12.0).abs() < 0.001);
        assert!((across_users / n).abs() < 0.001 && (across_days / n).abs() < 0.001);
    }

    #[test]
    fn chance_and_normals_have_their_moments() {
        let mut stream = RunKey::new(5, 0).user(0).stream(Purpose::Person);
        let hits = (0..100_000).filter(|_| stream.chance_ppm(20_000)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
        let mean = (0..100_000).map(|_| -> f64 { StandardNormal.sample(&mut stream) }).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!(!stream.chance_ppm(0) && stream.chance_ppm(1_000_000));
    }

    #[test]
    fn a_quantile_table_keeps_the_mean() {
        let table = QuantileTable::<4096>::new(|p| -1000.0 * libm::log(1.0 - p));
        let mean = (0..4096_u32).map(|i| f64::from(table.at(i << 20))).sum::<f64>() / 4096.0;
        assert!((mean - 1000.0).abs() < 2.0, "{mean}");
    }
}
