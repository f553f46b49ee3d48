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

/// Rows with a free list, in blocks that never move: a table that grows copies nothing and holds no more than a block too much.
#[derive(Clone, Debug)]
pub(crate) struct Slab<R> {
    blocks: Vec<Vec<R>>,
    free: u32,
}

/// Rows of a block: a power of two.
const BLOCK_ROWS: usize = 128;

/// Where the row of a link stands: block and place in it.
#[inline]
const fn place(link: u32) -> (usize, usize) {
    (link as usize / BLOCK_ROWS, link as usize % BLOCK_ROWS)
}

impl<R> Default for Slab<R> {
    fn default() -> Self {
        Slab { blocks: Vec::new(), free: NIL }
    }
}

impl<R: SlabRow> Slab<R> {
    /// A slab of these rows whose first free row is `free`.
    pub(crate) fn of(rows: &[R], free: u32) -> Slab<R> {
        let mut slab = Slab { blocks: Vec::new(), free };
        rows.iter().for_each(|row| slab.push(*row));
        slab
    }

    fn push(&mut self, row: R) {
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK_ROWS => block.push(row),
            _ => {
                let mut block = Vec::with_capacity(BLOCK_ROWS);
                block.push(row);
                self.blocks.push(block);
            }
        }
    }

    /// Puts a row where one is free, or at the end, and returns the link to it.
    pub(crate) fn insert(&mut self, row: R) -> u32 {
        if self.free != NIL {
            let link = self.free;
            let free = std::mem::replace(self.row_mut(link), row).next();
            self.free = free;
            // Free rows lie about in the table; the next insert finds the one that it will take.
            self.fetch_ahead(free);
            return link;
        }
        self.push(row);
        (self.len() - 1) as u32
    }

    /// Gives a row back. It keeps its other fields, so that its generation lives on.
    pub(crate) fn remove(&mut self, link: u32) {
        let free = std::mem::replace(&mut self.free, link);
        self.row_mut(link).set_next(free);
    }

    /// Takes a row off the list that begins with `first` and gives it back. Returns the head of what remains.
    ///
    /// # Panics
    /// When it does not stand on the list.
    pub(crate) fn remove_from(&mut self, first: u32, link: u32) -> u32 {
        let next = self.row(link).next();
        let mut head = first;
        if first == link {
            head = next;
        } else {
            let mut before = first;
            while self.row(before).next() != link {
                before = self.row(before).next();
            }
            self.row_mut(before).set_next(next);
        }
        self.remove(link);
        head
    }

    /// Takes the rows that are `over` off the list that begins with `first` and gives them back, up to the row `until` and no
    /// further ([`NIL`]: all of the list). Returns the head of what remains, and its last row when the walk came to the end.
    #[inline]
    pub(crate) fn remove_over(
        &mut self,
        first: u32,
        until: u32,
        mut over: impl FnMut(&mut R) -> bool,
    ) -> (u32, Option<u32>) {
        let (mut head, mut previous, mut link) = (first, NIL, first);
        while link != NIL {
            let row = self.row_mut(link);
            let next = row.next();
            if over(row) {
                match previous {
                    NIL => head = next,
                    _ => self.row_mut(previous).set_next(next),
                }
                self.remove(link);
            } else {
                previous = link;
            }
            if link == until && next != NIL {
                return (head, None);
            }
            link = next;
        }
        (head, Some(previous))
    }

    /// Gives back all rows of the list that begins with `first`.
    pub(crate) fn remove_all(&mut self, first: u32, mut gone: impl FnMut(&mut R)) {
        self.remove_over(first, NIL, |row| {
            gone(row);
            true
        });
    }

    /// The row a future [`Slab::insert`] would overwrite, for its generation.
    pub(crate) fn recycled(&self) -> Option<&R> {
        self.get(self.free)
    }

    /// Has the row of a link fetched from memory. Any number is allowed.
    #[inline]
    pub(crate) fn fetch_ahead(&self, link: u32) {
        let (block, row) = place(link);
        if let Some(block) = self.blocks.get(block) {
            prefetch_index(block, row);
        }
    }

    /// The row of a link, free or not.
    #[inline]
    pub(crate) fn get(&self, link: u32) -> Option<&R> {
        let (block, row) = place(link);
        self.blocks.get(block)?.get(row)
    }

    /// The row of a link.
    ///
    /// # Panics
    /// When there is no such row: links come from the table's owner alone.
    #[inline]
    pub(crate) fn row(&self, link: u32) -> &R {
        let (block, row) = place(link);
        &self.blocks[block][row]
    }

    /// The row of a link, to change.
    #[inline]
    pub(crate) fn row_mut(&mut self, link: u32) -> &mut R {
        let (block, row) = place(link);
        &mut self.blocks[block][row]
    }

    /// The rows of the list that begins with `first`.
    #[inline]
    pub(crate) fn list(&self, first: u32) -> impl Iterator<Item = &R> {
        let mut link = first;
        std::iter::from_fn(move || {
            let row = (link != NIL).then(|| self.row(link))?;
            link = row.next();
            Some(row)
        })
    }

    /// All rows, free or not, in the order in which they lie.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &R> {
        self.blocks.iter().flatten()
    }

    /// Rows, free ones included.
    pub(crate) fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK_ROWS + last.len())
    }

    /// Link to the first free row.
    pub(crate) const fn free(&self) -> u32 {
        self.free
    }

    /// Feeds the whole state to `sink`: the state hash.
    pub(crate) fn write_state(&self, sink: &mut dyn FnMut(&[u8])) {
        self.write(sink);
        sink(&self.free.to_le_bytes());
    }

    /// Feeds all rows to `sink`: a snapshot.
    pub(crate) fn write(&self, sink: &mut dyn FnMut(&[u8])) {
        self.blocks.iter().for_each(|block| sink(block.as_slice().as_bytes()));
    }

    /// Every row stands on at most one list, every list ends, and what stands on a slot's list is the slot's, where rows name
    /// their owner. `firsts` are the heads of the slots' lists in order. What is read from elsewhere is checked with it.
    pub(crate) fn check_lists(
        &self,
        firsts: impl Iterator<Item = u32>,
        owner: impl Fn(&R) -> Option<Slot>,
    ) -> Result<(), &'static str> {
        let mut seen = vec![false; self.len()];
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

    /// A slab with a list of rows of these contents, and its head.
    fn listed(contents: &[u32]) -> (Slab<Row>, u32) {
        let mut slab = Slab::default();
        let first = contents.iter().rev().fold(NIL, |next, content| slab.insert(Row { next, content: *content }));
        (slab, first)
    }

    fn contents(slab: &Slab<Row>, first: u32) -> Vec<u32> {
        slab.list(first).map(|row| row.content).collect()
    }

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

    #[test]
    fn rows_stay_where_they_are_over_many_blocks() {
        let wanted: Vec<u32> = (0..3 * BLOCK_ROWS as u32 + 5).collect();
        let (slab, first) = listed(&wanted);
        assert_eq!((slab.len(), contents(&slab, first)), (wanted.len(), wanted.clone()));
        let mut bytes = Vec::new();
        slab.write(&mut |piece| bytes.extend_from_slice(piece));
        let rows: Vec<Row> = bytes.chunks_exact(8).filter_map(|row| Row::read_from_bytes(row).ok()).collect();
        assert_eq!(contents(&Slab::of(&rows, slab.free()), first), wanted);
        assert!(slab.get(slab.len() as u32).is_none() && slab.get(NIL).is_none());
    }

    #[test]
    fn what_is_over_leaves_a_list_from_anywhere() {
        let cases: [(&[u32], &[u32], bool); 5] = [
            (&[1, 2, 3, 4, 5], &[], true),
            (&[0, 1, 0, 2, 0], &[], true),
            (&[1, 2, 9, 0, 4], &[0, 4], false),
            (&[0, 9, 0], &[0, 0], false),
            (&[1, 9], &[], true),
        ];
        for (content, kept, whole) in cases {
            let (mut slab, first) = listed(content);
            let until = (0..slab.len() as u32).find(|link| slab.row(*link).content == 9).unwrap_or(NIL);
            let (head, last) = slab.remove_over(first, until, |row| row.content > 0);
            let zeros = content.iter().filter(|content| **content == 0).count();
            let left = contents(&slab, head);
            assert_eq!(left.iter().filter(|content| **content == 0).count(), zeros, "{content:?}");
            assert!(kept.is_empty() || left == kept, "{content:?} leaves {left:?}");
            assert_eq!(last.is_some(), whole, "{content:?}");
            let youngest = (0..slab.len() as u32).find(|link| *link == last.unwrap_or(NIL));
            assert!(youngest.is_none_or(|link| slab.row(link).next == NIL));
            slab.check_lists(std::iter::once(head), |_| None).expect("lists");
        }
    }

    #[test]
    fn a_known_row_leaves_its_list() {
        let (slab, first) = listed(&[1, 2, 3]);
        for gone in 1..=3 {
            let mut slab = slab.clone();
            let link = (0..3).find(|link| slab.row(*link).content == gone).expect("a row");
            let head = slab.remove_from(first, link);
            assert_eq!(contents(&slab, head), [1, 2, 3].into_iter().filter(|row| *row != gone).collect::<Vec<_>>());
            assert_eq!(slab.free(), link);
        }
    }
}
