//! Identities. All are dense indices, so that tables are arrays and never maps.

newtype! {
    /// A user of the app, numbered from 0 over the whole world.
    pub struct UserId(pub u32);
}

newtype! {
    /// A user's slot in its cell; the account of the user has the same slot.
    pub struct Slot(pub u32);
}

impl Slot {
    /// Index into the tables of a cell.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Bits of a reference that say the row; the rest is its generation.
const ROW_BITS: u32 = 24;

/// Times a row is used before its generations begin anew.
const GENERATIONS: u8 = 64;

newtype! {
    /// What the engine calls a purchase or a card towards its users: a row of a table and the generation of that row, so that an old
    /// reference meets no new content.
    pub struct Reference(pub u32);
}

impl Reference {
    /// The reference of a row of some generation.
    ///
    /// # Panics
    /// When the row is beyond the 16 million that a table of a cell may hold.
    #[inline]
    pub(crate) fn new(row: u32, generation: u8) -> Reference {
        assert!(row < 1 << ROW_BITS, "a table of a cell holds at most 16 million rows");
        Reference(u32::from(generation) << ROW_BITS | row)
    }

    /// The row.
    #[inline]
    pub(crate) const fn row(self) -> u32 {
        self.0 & ((1 << ROW_BITS) - 1)
    }

    /// The row is still in the generation that was referred to.
    #[inline]
    pub(crate) const fn is_of(self, generation: u8) -> bool {
        self.0 >> ROW_BITS == generation as u32
    }

    /// The generation of a row that is used again.
    #[inline]
    pub(crate) const fn next_generation(old: u8) -> u8 {
        (old + 1) % GENERATIONS
    }
}

newtype! {
    /// A live-stream host, numbered from 0 in order of initial popularity.
    pub struct HostId(pub u16);
}

newtype! {
    /// A merchant, numbered from 0.
    pub struct MerchantId(pub u16);
}

/// The most funding partners a product may have. Rows hold one balance for each.
pub(crate) const MAX_PARTNERS: usize = 3;

/// Funders of a row: the platform's own lender at index 0, partners after it.
pub const FUNDERS: usize = MAX_PARTNERS + 1;

/// The most lenders that a world may have: an open order keeps its lender in four bits.
pub(crate) const LENDERS_MAX: usize = 16;

newtype! {
    /// A lender: whose product it is, numbered from 0. The same person may have an account with each lender of a world, and a cell keeps
    /// an engine for each. Lenders are told apart from funders: a [`Funder`] lends a part of what a lender's customers draw.
    pub struct Lender(pub u8);
}

impl Lender {
    /// The first one; the only one of a world that has no others.
    pub const FIRST: Lender = Lender(0);

    /// The first so many lenders.
    pub(crate) fn first(count: u8) -> impl DoubleEndedIterator<Item = Lender> + ExactSizeIterator {
        (0..count).map(Lender)
    }

    /// Index into the engines of a cell.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

newtype! {
    /// Who lends the partner's part of a drawing, as an index into the funders of a row.
    #[derive(Default)]
    pub struct Funder(pub u8);
}

impl Funder {
    /// The platform's own lender: it lends all.
    pub(crate) const PLATFORM: Funder = Funder(0);

    /// The funder of a partner, numbered from 0.
    #[inline]
    pub(crate) const fn of_partner(partner: usize) -> Funder {
        Funder(partner as u8 + 1)
    }

    /// Index into the funders of a row.
    #[inline]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The partner, numbered from 0; none when the platform lends all.
    #[inline]
    pub(crate) const fn partner(self) -> Option<usize> {
        if self.0 == 0 { None } else { Some(self.0 as usize - 1) }
    }
}
