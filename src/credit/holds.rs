//! When holds end (docs/rules.md §12.9).

/// Rows that were holds, by their last day: an index of the purchases, which say whether they still are.
#[derive(Clone, Default)]
pub(super) struct Holds(Vec<Vec<u32>>);

/// It says nothing that the purchases do not say.
impl std::fmt::Debug for Holds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holds")
    }
}

impl Holds {
    /// A hold lives at most so many days, today included.
    const DAYS: usize = u8::MAX as usize + 1;

    pub(super) fn note(&mut self, last_day: u16, link: u32) {
        if self.0.is_empty() {
            self.0.resize(Holds::DAYS, Vec::new());
        }
        self.0[usize::from(last_day) % Holds::DAYS].push(link);
    }

    /// The rows noted for a day, in order; they are noted no more.
    pub(super) fn ending(&mut self, today: u16) -> Vec<u32> {
        let mut links = self.0.get_mut(usize::from(today) % Holds::DAYS).map(std::mem::take).unwrap_or_default();
        links.sort_unstable();
        links.dedup();
        links
    }
}
