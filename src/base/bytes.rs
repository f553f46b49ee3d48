//! Values off the front of some bytes: how snapshots and checkpoints are read. Rows are in the byte order of the machine, as in the
//! state hash; all machines that this runs on are little-endian.

use zerocopy::FromBytes;

/// Takes values off the front of some bytes; `None` wherever they are too short.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// At the front of some bytes.
    pub(crate) const fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    /// So many bytes.
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        Some(head)
    }

    /// So many bytes as the word before them says.
    pub(crate) fn sized(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.value::<u64>()?).ok()?;
        self.take(length)
    }

    /// A value.
    pub(crate) fn value<T: FromBytes>(&mut self) -> Option<T> {
        T::read_from_bytes(self.take(size_of::<T>())?).ok()
    }

    /// So many values. Nothing is reserved before it is known that they are there.
    pub(crate) fn rows<T: FromBytes>(&mut self, count: usize) -> Option<Vec<T>> {
        let rows = self.take(count.checked_mul(size_of::<T>())?)?.chunks_exact(size_of::<T>());
        rows.map(|row| T::read_from_bytes(row).ok()).collect()
    }

    /// What is left.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_short_gives_nothing() {
        let bytes = [1, 0, 0, 0, 2, 0, 3];
        let mut reader = Reader::new(&bytes);
        assert_eq!((reader.value::<u32>(), reader.rows::<u16>(1)), (Some(1), Some(vec![2])));
        assert_eq!((reader.value::<u16>(), reader.rows::<u64>(usize::MAX), reader.rest()), (None, None, &[3][..]));
        let sized = [2, 0, 0, 0, 0, 0, 0, 0, 7, 8, 9];
        assert_eq!(Reader::new(&sized).sized(), Some(&[7, 8][..]));
        assert_eq!((Reader::new(&sized[..9]).sized(), Reader::new(&[0xFF; 9]).sized()), (None, None));
    }
}
