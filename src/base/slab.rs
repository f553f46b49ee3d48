//! Tables whose rows come and go and are linked by place: purchases, cards, loans and open orders of a cell.

use prefetch_index::prefetch_index;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// "No row" in links.
pub(crate) const NIL: u32 = u32::MAX;

/// A row that can stand in a [`Slab`].
pub(crate) trait SlabRow: Copy + FromBytes + IntoBytes + Immutable {
    /// Link to the next row.
    fn next(&self) -> u32;
    /// Sets the link.
    fn set_next(&mut self, next: u32);
}

/// Rows whose link is their field `next`.
macro_rules! slab_rows {
    ($($row:ty),*) => {$(
        impl $crate::base::slab::SlabRow for $row {
            fn next(&self) -> u32 {
                self.next
            }
            fn set_next(&mut self, next: u32) {
                self.next = next;
            }
        }
    )*};
}
pub(crate) use slab_rows;

/// Rows with a free list. Grows by an eighth at a time, since a doubling vector would hold twice the memory.
#[derive(Clone, Debug)]
pub(crate) struct Slab<R> {
    rows: Vec<R>,
    free: u32,
}

impl<R> Default for Slab<R> {
    fn default() -> Self {
        Slab { rows: Vec::new(), free: NIL }
    }
}

impl<R: SlabRow> Slab<R> {
    /// A slab of these rows whose first free place is `free`.
    pub(crate) const fn of(rows: Vec<R>, free: u32) -> Slab<R> {
        Slab { rows, free }
    }

    /// Puts a row in a free place and returns the place.
    pub(crate) fn insert(&mut self, row: R) -> u32 {
        if self.free != NIL {
            let place = self.free;
            self.free = self.rows[place as usize].next();
            self.rows[place as usize] = row;
            // Free places lie about in the table; the next insert finds the one that it will take.
            self.fetch_ahead(self.free);
            return place;
        }
        if self.rows.len() == self.rows.capacity() {
            self.rows.reserve_exact(self.rows.len() / 8 + 64);
        }
        self.rows.push(row);
        (self.rows.len() - 1) as u32
    }

    /// Gives a place back. The row keeps its other fields, so that its generation lives on.
    pub(crate) fn remove(&mut self, place: u32) {
        self.rows[place as usize].set_next(self.free);
        self.free = place;
    }

    /// The row a future [`Slab::insert`] would overwrite, for its generation.
    pub(crate) fn recycled(&self) -> Option<&R> {
        self.rows.get(self.free as usize)
    }

    /// Has the row at a place fetched from memory. Any number is allowed.
    #[inline]
    pub(crate) fn fetch_ahead(&self, place: u32) {
        prefetch_index(&self.rows, place as usize);
    }

    /// The row at a place, free or not.
    #[inline]
    pub(crate) fn get(&self, place: u32) -> Option<&R> {
        self.rows.get(place as usize)
    }

    /// The row at a place.
    ///
    /// # Panics
    /// When there is no such place: links come from the table's owner alone.
    #[inline]
    pub(crate) fn row(&self, place: u32) -> &R {
        &self.rows[place as usize]
    }

    /// The row at a place, to change.
    #[inline]
    pub(crate) fn row_mut(&mut self, place: u32) -> &mut R {
        &mut self.rows[place as usize]
    }

    /// All bytes, for the state hash.
    pub(crate) fn bytes(&self) -> (&[u8], u32) {
        (self.rows.as_slice().as_bytes(), self.free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable)]
    #[repr(C)]
    struct Row {
        next: u32,
        content: u32,
    }

    slab_rows!(Row);

    #[test]
    fn a_slab_reuses_places() {
        let mut slab = Slab::<Row>::default();
        let row = Row { next: NIL, content: 5 };
        let (a, b) = (slab.insert(row), slab.insert(row));
        slab.remove(a);
        assert_eq!(slab.row(a).content, 5, "a row that was removed keeps what else it held");
        assert_eq!(slab.insert(row), a);
        assert_ne!(a, b);
    }
}
