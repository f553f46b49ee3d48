//! Whole numbers without an upper bound, for the few comparisons that 128 bits cannot decide.

/// A whole number, not negative: limbs of 64 bits, the lowest first, the highest not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Natural(Vec<u64>);

impl Natural {
    /// A small number.
    pub(super) fn new(value: u64) -> Natural {
        let mut number = Natural(vec![value]);
        number.trim();
        number
    }

    /// Times a small number.
    pub(super) fn times(mut self, factor: u64) -> Natural {
        let mut carry = 0_u128;
        for limb in &mut self.0 {
            carry += u128::from(*limb) * u128::from(factor);
            *limb = carry as u64;
            carry >>= 64;
        }
        self.0.push(carry as u64);
        self.trim();
        self
    }

    /// Plus another number.
    pub(super) fn plus(mut self, other: &Natural) -> Natural {
        let length = self.0.len().max(other.0.len()) + 1;
        self.0.resize(length, 0);
        let mut carry = 0_u128;
        for (index, limb) in self.0.iter_mut().enumerate() {
            carry += u128::from(*limb) + u128::from(other.0.get(index).copied().unwrap_or(0));
            *limb = carry as u64;
            carry >>= 64;
        }
        self.trim();
        self
    }

    /// At most another number.
    pub(super) fn at_most(&self, other: &Natural) -> bool {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev())).is_le()
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_run_through_all_limbs() {
        // (2⁶⁴ − 1)² = 2¹²⁸ − 2⁶⁵ + 1, and one more 2⁶⁵ − 1 makes 2¹²⁸.
        let square = Natural::new(u64::MAX).times(u64::MAX);
        assert_eq!(square.0, [1, u64::MAX - 1]);
        let sum = square.clone().plus(&Natural::new(u64::MAX)).plus(&Natural::new(u64::MAX));
        assert_eq!(sum.0, [u64::MAX, u64::MAX]);
        assert_eq!(sum.plus(&Natural::new(1)).0, [0, 0, 1]);
        assert!(square.at_most(&square) && !square.at_most(&Natural::new(u64::MAX)));
        assert!(Natural::new(0).at_most(&Natural::new(0)) && Natural::new(7).times(0).at_most(&Natural::new(0)));
        assert!(!Natural::new(5).times(u64::MAX).at_most(&Natural::new(4).times(u64::MAX)));
    }
}
