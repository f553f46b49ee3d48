//! Identities. All are dense indices, so that tables are arrays and never maps.

/// A user of the app, numbered from 0 over the whole world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u32);

/// A user's place inside its cell; the account of the user has the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// A live-stream host, numbered from 0 in order of initial popularity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u16);

/// A merchant, numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MerchantId(pub u16);

/// A funding partner, numbered from 0; the platform's own lender is no partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartnerId(pub u8);

/// The most funding partners a product may have. Rows hold one balance for each.
pub(crate) const MAX_PARTNERS: usize = 3;

/// Funders of a row: the platform's own lender at index 0, partners after it.
pub const FUNDERS: usize = MAX_PARTNERS + 1;
