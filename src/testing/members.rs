//! Members of a run as threads of one process: what the virtual clock does when several share its worlds, without sockets.

use crate::runtime::{Fabric, Lost, Member, Threads, lock, out_of_step};
use std::fmt::Display;
use std::sync::{Arc, Condvar, Mutex};

/// One of several members that hear of each other through memory.
#[derive(Clone)]
pub(crate) struct TestMember {
    member: Member,
    threads: Threads,
    table: Arc<Table>,
    /// Changes what this member says, by the moment and its bytes.
    says: fn(&str, &mut Vec<u8>),
}

/// What each member has said so far, and which have ended.
#[derive(Default)]
struct Table {
    said: Mutex<Vec<Spoken>>,
    changed: Condvar,
}

#[derive(Clone, Default)]
struct Spoken {
    /// Moment and bytes.
    rounds: Vec<(String, Vec<u8>)>,
    ended: bool,
}

/// So many members of so many threads each.
pub(crate) fn members(of: usize, threads: usize) -> Vec<TestMember> {
    let table = Arc::new(Table { said: Mutex::new(vec![Spoken::default(); of]), ..Table::default() });
    let one = |number| TestMember {
        member: Member { number, of },
        threads: Threads::new(threads),
        table: Arc::clone(&table),
        says: |_, _| {},
    };
    (0..of).map(one).collect()
}

impl TestMember {
    /// Says something else than what it should.
    pub(crate) fn saying(mut self, says: fn(&str, &mut Vec<u8>)) -> TestMember {
        self.says = says;
        self
    }
}

impl Fabric for TestMember {
    fn workers(&self) -> usize {
        self.threads.workers()
    }

    fn superstep(&self, jobs: usize, work: &(dyn Fn(usize, usize) + Sync)) {
        self.threads.superstep(jobs, work);
    }

    fn member(&self) -> Member {
        self.member
    }

    fn exchange(&self, moment: &dyn Display, mut own: Vec<u8>) -> Result<Vec<Vec<u8>>, Lost> {
        let moment = moment.to_string();
        (self.says)(&moment, &mut own);
        let mut said = lock(&self.table.said);
        let mine = &mut said[self.member.number].rounds;
        let round = mine.len();
        mine.push((moment.clone(), own));
        self.table.changed.notify_all();
        loop {
            if said.iter().all(|member| member.rounds.len() > round) {
                let moments = said.iter().map(|member| member.rounds[round].0.as_str());
                let at = || said.iter().map(|member| member.rounds[round].1.clone()).collect();
                return out_of_step(&moment, moments).map_or_else(|| Ok(at()), Err);
            }
            if let Some(member) = said.iter().position(|member| member.ended && member.rounds.len() <= round) {
                return Err(Lost { member, why: format!("has ended before {moment}") });
            }
            said = self.table.changed.wait(said).expect("no member panics with the table");
        }
    }
}

/// Does the same on all members at once; what each has brought, in their order.
pub(crate) fn on_all<T: Send>(members: Vec<TestMember>, work: impl Fn(&TestMember) -> T + Sync) -> Vec<T> {
    let work = |member: &TestMember| {
        let found = work(member);
        lock(&member.table.said)[member.member.number].ended = true;
        member.table.changed.notify_all();
        found
    };
    std::thread::scope(|scope| {
        #[expect(clippy::needless_collect, reason = "all are started before the first is waited for")]
        let running: Vec<_> = members.iter().map(|member| scope.spawn(|| work(member))).collect();
        running.into_iter().map(|member| member.join().expect("no panic")).collect()
    })
}
