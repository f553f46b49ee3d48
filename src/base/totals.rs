//! A macro for structs of `i64` counters that add as slices, so that folding forgets no field. Engine, people and measures
//! declare theirs with it.

/// Declares a `repr(C)` struct whose fields are all `i64` or arrays of them, with `counters()`, `counters_mut()` and `add()`.
macro_rules! totals {
    ($(#[$doc:meta])* $name:ident { $($(#[doc = $field_doc:literal])+ $field:ident : $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
        #[repr(C)]
        pub struct $name { $($(#[doc = $field_doc])+ pub $field: $ty,)* }

        impl Default for $name {
            fn default() -> Self {
                zerocopy::FromZeros::new_zeroed()
            }
        }

        impl $name {
            /// Each field with its number of counters, in the order of [`Self::counters`]: the columns of tables.
            pub const FIELDS: &'static [(&'static str, usize)] =
                &[$((stringify!($field), size_of::<$ty>() / size_of::<i64>())),*];

            /// What each field counts, in the same order: its documentation.
            pub const MEANINGS: &'static [&'static str] = &[$(concat!($($field_doc),+)),*];

            /// The struct whose counters are these, or `None` when their number is wrong.
            pub fn from_counters(counters: &[i64]) -> Option<Self> {
                Self::read_from_bytes(counters.as_bytes()).ok()
            }

            /// All counters as one slice.
            pub fn counters(&self) -> &[i64] {
                zerocopy::Ref::into_ref(
                    zerocopy::Ref::<&[u8], [i64]>::from_bytes(self.as_bytes()).unwrap_or_else(|_| {
                        unreachable!("a struct of i64 is a slice of i64")
                    }),
                )
            }

            /// All counters as one slice, to be changed.
            pub fn counters_mut(&mut self) -> &mut [i64] {
                zerocopy::Ref::into_mut(
                    zerocopy::Ref::<&mut [u8], [i64]>::from_bytes(self.as_mut_bytes()).unwrap_or_else(|_| {
                        unreachable!("a struct of i64 is a slice of i64")
                    }),
                )
            }

            /// Adds the other's counters to these.
            pub fn add(&mut self, other: &Self) {
                for (a, b) in self.counters_mut().iter_mut().zip(other.counters()) {
                    *a += b;
                }
            }
        }
    };
}
pub(crate) use totals;
