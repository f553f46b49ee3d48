//! The engines of a cell: one for each lender of its world, by the lender's number. The same people have an account with each, under
//! the same slot; what a lender is asked and does never touches another's engine. A world of one lender has a list of one.

use crate::base::bytes::Reader;
use crate::base::ids::{FUNDERS, LENDERS_MAX, Lender, Slot};
use crate::base::time::{Day, SimTime};
use crate::credit::command::{Reply, Request};
use crate::credit::{Ctx, Engine, NoLender, SnapshotError, Today};
use std::ops::{Index, IndexMut, Range};

/// The engines of a cell by lender. All hold accounts of the same users. The first lies in the cell itself, so that a world of one lender
/// finds its accounts as if there were no list.
#[derive(Clone, Debug)]
pub struct Engines {
    first: Engine,
    others: Vec<Engine>,
}

impl Engines {
    /// Engines of the first `lenders` lenders for the same users, the first of whom is `first_user` of the world.
    ///
    /// # Panics
    /// When there are none, or more than a world may have.
    pub fn new(lenders: u8, first_user: u32, users: u32, bill_groups: u32) -> Engines {
        assert!((1..=LENDERS_MAX).contains(&usize::from(lenders)), "{lenders} lenders");
        let engine = |lender| Engine::new(lender, first_user, users, bill_groups);
        Engines { first: engine(Lender::FIRST), others: Lender::first(lenders).skip(1).map(engine).collect() }
    }

    /// One more lender comes, with whom nobody has an account.
    #[cfg(test)]
    pub(crate) fn add(&mut self, bill_groups: u32) {
        let lender = Lender(self.lenders() as u8);
        self.others.push(Engine::new(lender, self.first_user(), self.users() as u32, bill_groups));
    }

    /// The engine of a lender.
    ///
    /// # Errors
    /// [`NoLender`] when there is none.
    #[inline]
    pub fn get(&self, lender: Lender) -> Result<&Engine, NoLender> {
        match lender.index() {
            0 => Ok(&self.first),
            index => self.others.get(index - 1).ok_or(NoLender { lender, lenders: self.lenders() }),
        }
    }

    /// The engine of a lender, to change.
    ///
    /// # Errors
    /// [`NoLender`] when there is none.
    #[inline]
    pub fn get_mut(&mut self, lender: Lender) -> Result<&mut Engine, NoLender> {
        let lenders = self.lenders();
        match lender.index() {
            0 => Ok(&mut self.first),
            index => self.others.get_mut(index - 1).ok_or(NoLender { lender, lenders }),
        }
    }

    /// Answers a request by the engine of its lender ([`Engine::apply`]).
    ///
    /// # Errors
    /// [`NoLender`] when there is none: nothing is done.
    pub(crate) fn apply(&mut self, ctx: &mut Ctx, at: SimTime, request: Request) -> Result<Reply, NoLender> {
        Ok(self.get_mut(request.lender)?.apply(ctx, at, request))
    }

    /// All, in the order of the lenders.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = &Engine> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// All, to change.
    #[inline]
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Engine> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }

    /// Number of lenders.
    #[inline]
    pub fn lenders(&self) -> usize {
        1 + self.others.len()
    }

    /// The lenders, in order.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = Lender> + use<> {
        Lender::first(self.lenders() as u8)
    }

    /// Users whose accounts each of them holds.
    pub fn users(&self) -> usize {
        self.first.len()
    }

    /// World-wide number of the user of slot 0.
    pub fn first_user(&self) -> u32 {
        self.first.first_user()
    }

    /// What each lender gets of the funders' room in this cell: equal parts, rounded down, since no lender has funders of its own.
    pub(crate) fn part_of_quota(&self, quota: [i64; FUNDERS]) -> [i64; FUNDERS] {
        quota.map(|room| room / self.lenders() as i64)
    }

    /// Slots from the first to the last that has a due date with some lender today.
    pub(crate) fn due_span(&self, today: &Today) -> Range<usize> {
        let spans = self.iter().map(|engine| engine.due_span(today)).filter(|span| !span.is_empty());
        spans.reduce(|all, span| all.start.min(span.start)..all.end.max(span.end)).unwrap_or(0..0)
    }

    /// Principal of all accounts.
    pub(crate) fn principal_fen(&self) -> i64 {
        self.iter().map(Engine::principal_fen).sum()
    }

    /// … 31 or more days past due.
    pub(crate) fn overdue_30_fen(&self, day: Day) -> i64 {
        self.iter().map(|engine| engine.overdue_30_fen(day)).sum()
    }

    /// Lent and reserved, by funder.
    pub(crate) fn committed(&self) -> [i64; FUNDERS] {
        let mut sums = [0; FUNDERS];
        for engine in self.iter() {
            sums.iter_mut().zip(engine.committed()).for_each(|(sum, fen)| *sum += fen);
        }
        sums
    }

    /// Open and frozen accounts.
    pub(crate) fn live_accounts(&self) -> i64 {
        self.iter().map(Engine::live_accounts).sum()
    }

    /// Users with an open or frozen account, each counted once.
    pub(crate) fn holders(&self) -> i64 {
        if self.others.is_empty() {
            return self.first.live_accounts();
        }
        (0..self.users() as u32).filter(|slot| self.holds_account(Slot(*slot))).count() as i64
    }

    /// The user of a slot has an open or frozen account with some lender.
    fn holds_account(&self, slot: Slot) -> bool {
        self.iter().any(|engine| engine.account(slot).is_live())
    }

    /// The first difference between accounts and books, of any lender.
    pub(crate) fn books_differ(&self) -> Option<String> {
        self.iter().find_map(Engine::books_differ)
    }

    /// Feeds the whole state of each to `sink`, in the order of the lenders: the state hash.
    pub fn write_state(&self, sink: &mut dyn FnMut(&[u8])) {
        self.iter().for_each(|engine| engine.write_state(sink));
    }

    /// Feeds the snapshots of all to `sink`: their number, and each behind its length.
    ///
    /// ```text
    /// u64 lenders · for each: u64 length, snapshot
    /// ```
    pub(crate) fn write_snapshots(&self, sink: &mut dyn FnMut(&[u8])) {
        sink(&(self.lenders() as u64).to_le_bytes());
        for engine in self.iter() {
            sink(&engine.snapshot_bytes().to_le_bytes());
            engine.write_snapshot(sink);
        }
    }

    /// The engines of such bytes, all of which must be theirs.
    ///
    /// # Errors
    /// [`SnapshotError`] when they are none.
    pub(crate) fn read_snapshots(bytes: &[u8]) -> Result<Engines, SnapshotError> {
        let mut reader = Reader::new(bytes);
        let lenders = reader.value::<u64>().ok_or(SnapshotError::Length)?;
        if !(1..=LENDERS_MAX as u64).contains(&lenders) {
            return Err(SnapshotError::Impossible("number of lenders"));
        }
        let mut engine = || Engine::read_snapshot(reader.sized().ok_or(SnapshotError::Length)?);
        let first = engine()?;
        let others = (1..lenders).map(|_| engine()).collect::<Result<_, _>>()?;
        if !reader.rest().is_empty() {
            return Err(SnapshotError::Length);
        }
        let engines = Engines { first, others };
        check_lenders(engines.iter())?;
        Ok(engines)
    }
}

/// Engines that were read are those of a cell: each lender's in its position, and all of the same users.
///
/// # Errors
/// [`SnapshotError`] with the first that is out of position.
pub(crate) fn check_lenders<'a>(engines: impl Iterator<Item = &'a Engine>) -> Result<(), SnapshotError> {
    let mut users = None;
    for (position, engine) in engines.enumerate() {
        let lender = engine.lender();
        if lender.index() != position {
            return Err(SnapshotError::Lender { lender, position });
        }
        let own = (engine.first_user(), engine.len());
        if *users.get_or_insert(own) != own {
            return Err(SnapshotError::Impossible("division of users among lenders"));
        }
    }
    Ok(())
}

/// Whose engine it is comes from the cell itself: from an account that was seen, an order that was made, a request that was checked.
impl Index<Lender> for Engines {
    type Output = Engine;

    #[inline]
    fn index(&self, lender: Lender) -> &Engine {
        match lender.index() {
            0 => &self.first,
            index => &self.others[index - 1],
        }
    }
}

impl IndexMut<Lender> for Engines {
    #[inline]
    fn index_mut(&mut self, lender: Lender) -> &mut Engine {
        match lender.index() {
            0 => &mut self.first,
            index => &mut self.others[index - 1],
        }
    }
}
