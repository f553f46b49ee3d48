//! What every number with a meaning of its own is: as cheap as the bare number, compared and hashed like it, and laid out like it in
//! rows, snapshots and journals.

/// A struct of one field that stands for its number.
macro_rules! newtype {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident($inside:vis $number:ty);) => {
        $(#[$attribute])*
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            zerocopy::FromBytes,
            zerocopy::IntoBytes,
            zerocopy::Immutable,
            zerocopy::KnownLayout,
        )]
        #[repr(transparent)]
        $visibility struct $name($inside $number);
    };
}

/// A [`newtype`] whose numbers can be added and taken away: an amount.
macro_rules! amount {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident($inside:vis $number:ty);) => {
        newtype! {
            $(#[$attribute])*
            #[derive(Default)]
            $visibility struct $name($inside $number);
        }

        impl $name {
            /// Nothing.
            pub(crate) const ZERO: $name = $name(0);
        }

        impl std::ops::Add for $name {
            type Output = $name;
            #[inline]
            fn add(self, other: $name) -> $name {
                $name(self.0 + other.0)
            }
        }

        impl std::ops::Sub for $name {
            type Output = $name;
            #[inline]
            fn sub(self, other: $name) -> $name {
                $name(self.0 - other.0)
            }
        }

        impl std::ops::Neg for $name {
            type Output = $name;
            #[inline]
            fn neg(self) -> $name {
                $name(-self.0)
            }
        }

        impl std::ops::AddAssign for $name {
            #[inline]
            fn add_assign(&mut self, other: $name) {
                self.0 += other.0;
            }
        }

        impl std::ops::SubAssign for $name {
            #[inline]
            fn sub_assign(&mut self, other: $name) {
                self.0 -= other.0;
            }
        }

        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = $name>>(amounts: I) -> $name {
                amounts.fold($name::ZERO, std::ops::Add::add)
            }
        }
    };
}
