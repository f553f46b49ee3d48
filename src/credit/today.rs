//! What the engine knows of a day: the date, the terms in force, prepared prices, controls and the key of luck. `world` makes it at
//! midnight; no rule of the engine looks further.

use crate::base::bytes::Reader;
use crate::base::ids::{Lender, MAX_PARTNERS};
use crate::base::money::Ppm;
use crate::base::random::{Purpose, RunKey, Stream};
use crate::base::time::{Calendar, CalendarDay, Day};
use crate::credit::pricing::{CapTable, LevelTable};
use crate::credit::terms::{BUCKETS, TERM_MONTHS, Terms};

/// Guards that tests switch off one at a time, to see that a check elsewhere bites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// A drawing needs free limit.
    Limit,
    /// A card has a largest face value.
    CardCap,
    /// A repeated request is answered, not done again.
    Idempotency,
    /// A payment goes to late interest, interest, fees, principal in the order of the product.
    AllocationOrder,
    /// No loan costs more than the cap.
    PriceCap,
    /// A refund goes back to those who lent its purchase.
    RefundFunder,
    /// The first period of a loan counts its days.
    DaysOfFirstPeriod,
    /// What is split adds up to the fen.
    SplitToTheFen,
    /// A due date is that of the statement.
    StoredDueDate,
    /// A coupon waives its part of a charge on every part.
    CouponOnEveryPart,
    /// Charges are kept by due date.
    ChargesByBill,
}

/// What the world tells every engine at midnight.
#[derive(Clone, Debug, PartialEq)]
pub struct Controls {
    /// Factor on the PD cutoff (risk appetite), parts per million.
    pub cutoff_factor_ppm: i32,
    /// Factor on limit raises, parts per million.
    pub raise_factor_ppm: i32,
    /// Partner lends today.
    pub partner_open: [bool; MAX_PARTNERS],
    /// Expected loss of the platform's own balance by bucket, parts per million.
    pub coverage_ppm: [i32; BUCKETS],
    /// Merchants that take the product; ids from here on do not.
    pub cooperating_merchants: u16,
    /// Campaign of the day: share of accounts that get a temporary raise.
    pub campaign_raise_share_ppm: i32,
    /// Campaign of the day: percent of instalment interest that coupons waive.
    pub coupon_percent: u8,
}

impl Default for Controls {
    fn default() -> Self {
        Controls {
            cutoff_factor_ppm: Ppm::ONE.0,
            raise_factor_ppm: Ppm::ONE.0,
            partner_open: [true; MAX_PARTNERS],
            coverage_ppm: [0; BUCKETS],
            cooperating_merchants: u16::MAX,
            campaign_raise_share_ppm: 0,
            coupon_percent: 0,
        }
    }
}

/// Bytes of [`Controls`].
pub(crate) const CONTROLS_BYTES: usize = 52;

/// In bytes, little-endian, as journals and checkpoints hold them:
///
/// ```text
/// i32 cutoff, raise · u8 partner open × 3, coupon · i32 coverage × 7 · u32 cooperating merchants · i32 campaign raise share · u32 0
/// ```
impl Controls {
    /// Writes them.
    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        let mut words = |words: &[i32]| words.iter().for_each(|word| into.extend_from_slice(&word.to_le_bytes()));
        let [first, second, third] = self.partner_open.map(u8::from);
        let small = i32::from_le_bytes([first, second, third, self.coupon_percent]);
        words(&[self.cutoff_factor_ppm, self.raise_factor_ppm, small]);
        words(&self.coverage_ppm);
        words(&[i32::from(self.cooperating_merchants), self.campaign_raise_share_ppm, 0]);
    }

    /// The controls of some bytes, or `None` when they are none.
    pub(crate) fn read(bytes: &[u8; CONTROLS_BYTES]) -> Option<Controls> {
        let mut reader = Reader::new(bytes);
        let [cutoff_factor_ppm, raise_factor_ppm] = reader.value()?;
        let [open @ .., coupon_percent] = reader.value::<[u8; MAX_PARTNERS + 1]>()?;
        let coverage_ppm = reader.value()?;
        let [merchants, campaign_raise_share_ppm, zero] = reader.value::<[i32; 3]>()?;
        let cooperating_merchants = u16::try_from(merchants).ok()?;
        (zero == 0 && open.iter().all(|open| *open <= 1)).then_some(Controls {
            cutoff_factor_ppm,
            raise_factor_ppm,
            partner_open: open.map(|open| open == 1),
            coverage_ppm,
            cooperating_merchants,
            campaign_raise_share_ppm,
            coupon_percent,
        })
    }
}

/// Prices and tables prepared once from the terms.
#[derive(Clone, Debug)]
pub struct Prices {
    /// Level payments.
    pub level: LevelTable,
    /// Discount factors at the price cap.
    pub cap: CapTable,
    /// Probability of default in parts per million by log-odds from −8 to +8 in steps of 1/64.
    pd_ppm: Vec<i32>,
}

impl Prices {
    /// Prepares the tables.
    pub fn new(terms: &Terms) -> Prices {
        let pd_ppm = (-512..=512).map(|i| (1e6 / (1.0 + libm::exp(-f64::from(i) / 64.0))).round() as i32).collect();
        let pricing = &terms.pricing;
        let mut level = LevelTable::new(pricing);
        level.add(terms.collections.hardship_annual.0, terms.collections.hardship_months);
        Prices { level, cap: CapTable::new(pricing.cap_annual.0), pd_ppm }
    }

    /// Probability at a log-odds in thousandths, in parts per million.
    pub fn pd_ppm(&self, logit_milli: i32) -> i32 {
        let step = (logit_milli * 64 / 1000).clamp(-512, 512) + 512;
        self.pd_ppm[step as usize]
    }
}

/// A day as the engine sees it.
#[derive(Clone, Copy, Debug)]
pub struct Today<'a> {
    /// The date.
    pub calendar: &'a CalendarDay,
    /// The whole run, for the run month of earlier days.
    pub run: &'a Calendar,
    /// Terms in force.
    pub terms: &'a Terms,
    /// Prices prepared from them.
    pub prices: &'a Prices,
    /// Controls of the day.
    pub controls: &'a Controls,
    /// Key of the run.
    pub key: RunKey,
    /// The guard that a test has switched off.
    #[cfg(test)]
    pub guard_off: Option<Guard>,
}

impl Today<'_> {
    /// The date.
    #[inline]
    pub const fn day(&self) -> Day {
        self.calendar.day
    }

    /// The guard is on: always, outside tests.
    #[inline]
    pub fn guards(&self, guard: Guard) -> bool {
        #[cfg(test)]
        {
            self.guard_off != Some(guard)
        }
        #[cfg(not(test))]
        {
            let _ = guard;
            true
        }
    }

    /// Late interest a day of a loan at this contract rate that is made today, parts per million (docs/rules.md §14.7).
    #[inline]
    pub(super) fn late_ppm(&self, annual_bp: u16) -> u16 {
        self.terms.pricing.late_ppm(i32::from(annual_bp)) as u16
    }

    /// Index of a term in [`TERM_MONTHS`], if it is on offer.
    #[inline]
    pub(super) fn offered_term(&self, months: u8) -> Option<usize> {
        let index = TERM_MONTHS.iter().position(|term| *term == months)?;
        self.terms.pricing.terms_offered[index].then_some(index)
    }

    /// Luck of one user with one lender on a day for one purpose, told apart from the agents' by `salt`.
    #[inline]
    pub fn luck(&self, lender: Lender, user: u32, day: Day, purpose: Purpose, salt: u32) -> Stream {
        self.key.lender(lender).user(user ^ (salt << 28)).day(day.0).stream(purpose)
    }

    /// Run month of a day of the run; days before it count as month 0.
    #[inline]
    pub fn run_month(&self, day: Day) -> u16 {
        let days = self.run.days();
        let index = day.since(days[0].day).clamp(0, days.len() as i32 - 1);
        days[index as usize].run_month
    }
}
