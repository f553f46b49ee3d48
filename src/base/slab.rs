//! Tables whose rows come and go and are linked by row number: purchases, cards, loans and open orders of a cell.

use crate::base::ids::Slot;
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
    /// A slab of these rows whose first free row is `free`.
    pub(crate) const fn of(rows: Vec<R>, free: u32) -> Slab<R> {
        Slab { rows, free }
    }

    /// Puts a row where one is free, or at the end, and returns the link to it.
    pub(crate) fn insert(&mut self, row: R) -> u32 {
        if self.free != NIL {
            let link = self.free;
            self.free = self.rows[link as usize].next();
            self.rows[link as usize] = row;
            // Free rows lie about in the table; the next insert finds the one that it will take.
            self.fetch_ahead(self.free);
            return link;
        }
        if self.rows.len() == self.rows.capacity() {
            self.rows.reserve_exact(self.rows.len() / 8 + 64);
        }
        self.rows.push(row);
        (self.rows.len() - 1) as u32
    }

    /// Gives a row back. It keeps its other fields, so that its generation lives on.
    pub(crate) fn remove(&mut self, link: u32) {
        self.rows[link as usize].set_next(self.free);
        self.free = link;
    }

    /// The row a future [`Slab::insert`] would overwrite, for its generation.
    pub(crate) fn recycled(&self) -> Option<&R> {
        self.rows.get(self.free as usize)
    }

    /// Has the row of a link fetched from memory. Any number is allowed.
    #[inline]
    pub(crate) fn fetch_ahead(&self, link: u32) {
        prefetch_index(&self.rows, link as usize);
    }

    /// The row of a link, free or not.
    #[inline]
    pub(crate) fn get(&self, link: u32) -> Option<&R> {
        self.rows.get(link as usize)
    }

    /// The row of a link.
    ///
    /// # Panics
    /// When there is no such row: links come from the table's owner alone.
    #[inline]
    pub(crate) fn row(&self, link: u32) -> &R {
        &self.rows[link as usize]
    }

    /// The row of a link, to change.
    #[inline]
    pub(crate) fn row_mut(&mut self, link: u32) -> &mut R {
        &mut self.rows[link as usize]
    }

    /// All bytes, for the state hash.
    pub(crate) fn bytes(&self) -> (&[u8], u32) {
        (self.rows.as_slice().as_bytes(), self.free)
    }

    /// Every row stands on at most one list, every list ends, and what stands on a slot's list is the slot's, where rows name
    /// their owner. `firsts` are the heads of the slots' lists in order. What is read from elsewhere is checked with it.
    pub(crate) fn check_lists(
        &self,
        firsts: impl Iterator<Item = u32>,
        owner: impl Fn(&R) -> Option<Slot>,
    ) -> Result<(), &'static str> {
        let mut seen = vec![false; self.rows.len()];
        let mut walk = |first: u32, slot: Option<Slot>| {
            let mut link = first;
            while link != NIL {
                let row = self.get(link).ok_or("link beyond a table")?;
                if std::mem::replace(&mut seen[link as usize], true) {
                    return Err("row on two lists");
                }
                if slot.is_some_and(|slot| owner(row).is_some_and(|owner| owner != slot)) {
                    return Err("owner of a row");
                }
                link = row.next();
            }
            Ok(())
        };
        walk(self.free, None)?;
        for (slot, first) in (0..).map(Slot).zip(firsts) {
            walk(first, Some(slot))?;
        }
        Ok(())
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
    fn a_slab_uses_rows_again() {
        let mut slab = Slab::<Row>::default();
        let row = Row { next: NIL, content: 5 };
        let (a, b) = (slab.insert(row), slab.insert(row));
        slab.remove(a);
        assert_eq!(slab.row(a).content, 5, "a row that was removed keeps what else it held");
        assert_eq!(slab.insert(row), a);
        assert_ne!(a, b);
    }
}
