//! Several lenders and the same people: with each an account, luck and books of its own.

use crate::base::ids::{FUNDERS, HostId, LENDERS_MAX, Lender, MerchantId, Reference, Slot};
use crate::base::money::{Fen32, Ppm};
use crate::base::time::{Day, SimTime};
use crate::credit::account_event::{AccountEvent, AccountEventKind};
use crate::credit::command::{Application, Command, Decline, Reply, Request, Scene};
use crate::credit::terms::Terms;
use crate::credit::totals::{CreditFlows, CreditStocks, History, Tally};
use crate::credit::{Ctx, Engine, Engines, NoLender, SnapshotError};
use crate::testing::days::Days;
use crate::testing::fixture;

const FIRST: Lender = Lender::FIRST;
const SECOND: Lender = Lender(1);

const MONTHS: u16 = 6;

/// Room that is never used up.
const AMPLE: [i64; FUNDERS] = [1_000_000_000_000; FUNDERS];

/// The engines of a cell, and people who ask them.
struct Cell {
    days: Days,
    engines: Engines,
    tally: Tally,
    stocks: CreditStocks,
    events: Vec<AccountEvent>,
    /// The last number of each user, whoever was asked under it.
    sequences: Vec<u32>,
    second: u32,
}

impl Cell {
    fn new(lenders: u8, users: u32, terms: Terms) -> Cell {
        let groups = terms.billing.bill_days.len() as u32;
        let mut cell = Cell {
            days: Days::new(terms, MONTHS, None),
            engines: Engines::new(lenders, 700, users, groups),
            tally: Tally { flows: CreditFlows::default(), history: History::new(MONTHS) },
            stocks: CreditStocks::default(),
            events: Vec::new(),
            sequences: vec![0; users as usize],
            second: 0,
        };
        cell.open();
        cell
    }

    fn day(&self) -> Day {
        self.days.calendar_day().day
    }

    fn open(&mut self) {
        self.second = 0;
        for engine in self.engines.iter_mut() {
            engine.open_day(&mut Ctx { today: &self.days.today(), tally: &mut self.tally }, AMPLE);
        }
    }

    fn next_day(&mut self) {
        for engine in self.engines.iter_mut() {
            let mut ctx = Ctx { today: &self.days.today(), tally: &mut self.tally };
            engine.close_day(&mut ctx, &mut self.stocks);
            engine.check_books();
            let mut of_day = Vec::new();
            engine.take_account_events(&mut of_day);
            assert!(of_day.iter().all(|event| event.lender == engine.lender()));
            self.events.extend(of_day);
        }
        self.days.next();
        self.open();
    }

    fn ask(&mut self, lender: Lender, user: u32, command: Command) -> Reply {
        let sequence = self.sequences[user as usize] + 1;
        self.sequences[user as usize] = sequence;
        self.ask_as(Request { lender, slot: Slot(user), sequence, command })
    }

    fn ask_as(&mut self, request: Request) -> Reply {
        self.second += 1;
        let at = SimTime::at(self.day(), self.second);
        let mut ctx = Ctx { today: &self.days.today(), tally: &mut self.tally };
        self.engines.apply(&mut ctx, at, request).unwrap_or_else(|why| panic!("{why}"))
    }

    /// Buys something that is delivered at once.
    fn buys(&mut self, lender: Lender, user: u32, fen: i32, instalments: u8) -> Reference {
        let hold = Command::Authorise {
            merchant: MerchantId(1),
            scene: Scene::LiveShopping,
            amount_fen: Fen32(fen),
            instalments,
            suspicious: false,
        };
        let Reply::Done(reference) = self.ask(lender, user, hold) else { panic!("there is room") };
        let purchase = Reference(reference);
        assert_eq!(self.ask(lender, user, Command::Capture { purchase, amount_fen: Fen32(fen) }), done(fen));
        purchase
    }

    /// The whole engine of a lender, as bytes.
    fn bytes(&self, lender: Lender) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.engines[lender].write_snapshot(&mut |piece| bytes.extend_from_slice(piece));
        bytes
    }

    fn all_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.engines.write_snapshots(&mut |piece| bytes.extend_from_slice(piece));
        bytes
    }

    fn owes(&self, lender: Lender, user: u32) -> i32 {
        self.engines[lender].account(Slot(user)).principal()
    }
}

fn done(fen: i32) -> Reply {
    Reply::Done(fen as u32)
}

fn application() -> Command {
    Command::Apply(Application {
        age: 30,
        student: false,
        identity_matches: true,
        fraud_signal: false,
        bureau_score: 720,
        behaviour: 200,
        monthly_income_yuan: 12_000,
        other_debt_yuan: 0,
    })
}

/// Everybody who asks gets an account.
fn open_handed() -> Terms {
    let mut terms = fixture::terms();
    terms.origination.review_share = Ppm(0);
    terms
}

/// Two lenders and nine users with an account at each.
fn two_lenders() -> Cell {
    let mut cell = Cell::new(2, 9, open_handed());
    for user in 0..9 {
        for lender in [SECOND, FIRST] {
            assert!(matches!(cell.ask(lender, user, application()), Reply::Done(_)));
        }
    }
    cell
}

#[test]
fn what_is_asked_of_one_lender_does_not_touch_another() {
    let mut cell = two_lenders();
    let again = cell.ask(SECOND, 4, application());
    assert!(matches!(again, Reply::Refused(_)), "one account with each lender: {again:?}");
    let before = cell.bytes(FIRST);
    let purchase = cell.buys(SECOND, 4, 60_000, 3);
    cell.buys(SECOND, 4, 20_000, 0);
    cell.ask(SECOND, 4, Command::Tip { host: HostId(3), amount_fen: Fen32(500) });
    assert_eq!((cell.bytes(FIRST), cell.owes(SECOND, 4)), (before, 80_500));
    let before = cell.bytes(SECOND);
    let gives_back = Command::Refund { purchase, amount_fen: Fen32(60_000) };
    assert_eq!(cell.ask(FIRST, 4, gives_back), Reply::Declined(Decline::UnknownReference));
    cell.buys(FIRST, 4, 7_000, 0);
    assert_eq!((cell.bytes(SECOND), cell.owes(FIRST, 4)), (before, 7_000));
    assert_eq!(cell.ask(SECOND, 4, gives_back), done(60_000), "the purchase is the second lender's");
    let day = cell.day();
    for (lender, owed) in [(FIRST, 7_000), (SECOND, 20_500)] {
        let (view, glance) = (cell.engines[lender].view(Slot(4), day), cell.engines[lender].glance(Slot(4), day));
        assert_eq!((view.lender, view.principal_fen, glance.lender), (lender, Fen32(owed), lender));
    }
}

#[test]
fn a_number_is_answered_once_by_each_lender() {
    let mut cell = two_lenders();
    let tip = |fen| Command::Tip { host: HostId(3), amount_fen: Fen32(fen) };
    let ask = |lender, fen| Request { lender, slot: Slot(2), sequence: 50, command: tip(fen) };
    assert_eq!((cell.ask_as(ask(FIRST, 300)), cell.ask_as(ask(SECOND, 400))), (done(300), done(400)));
    assert_eq!((cell.ask_as(ask(FIRST, 300)), cell.ask_as(ask(SECOND, 400))), (done(300), done(400)), "again");
    assert_eq!(cell.ask_as(ask(SECOND, 300)), Reply::Declined(Decline::IdReused));
    assert_eq!((cell.owes(FIRST, 2), cell.owes(SECOND, 2)), (300, 400), "done once");
}

#[test]
#[should_panic(expected = "a request goes to the engine of its lender")]
fn an_engine_takes_no_request_to_another_lender() {
    let mut cell = two_lenders();
    let request = Request { lender: SECOND, slot: Slot(0), sequence: 9, command: Command::Close };
    let at = SimTime::at(cell.day(), 9);
    cell.engines[FIRST].apply(&mut Ctx { today: &cell.days.today(), tally: &mut cell.tally }, at, request);
}

/// Months with debts at both: what is made and told says whose it is, sums are over all, and the books of each stand.
#[test]
fn loans_and_events_say_whose_they_are_and_sums_are_over_all() {
    let mut cell = two_lenders();
    for user in 0..9 {
        cell.buys(FIRST, user, 30_000, 0);
        cell.buys(SECOND, user, 90_000, if user % 2 == 0 { 6 } else { 0 });
    }
    for _ in 0..100 {
        cell.next_day();
    }
    for lender in [FIRST, SECOND] {
        let engine = &cell.engines[lender];
        let loans: Vec<u8> =
            (0..9).flat_map(|slot| engine.loans_of(engine.account(Slot(slot)))).map(|loan| loan.lender).collect();
        assert!(loans.len() >= 9 && loans.iter().all(|whose| *whose == lender.0), "{loans:?}");
        let late = |event: &&AccountEvent| matches!(event.kind, AccountEventKind::Late(_)) && event.lender == lender;
        assert!(cell.events.iter().filter(late).count() >= 9, "nobody pays");
        assert_eq!(engine.ledger().balances().iter().sum::<i64>(), 0);
    }
    let day = cell.day();
    let of = |sum: fn(&Engine, Day) -> i64| cell.engines.iter().map(|engine| sum(engine, day)).collect::<Vec<_>>();
    let principal = of(|engine, _| engine.principal_fen());
    assert!(principal[0] >= 9 * 30_000 && principal[1] > principal[0], "{principal:?}");
    assert_eq!(cell.engines.principal_fen(), principal[0] + principal[1]);
    let late = of(Engine::overdue_30_fen);
    assert!(late.iter().all(|fen| *fen > 0) && cell.engines.overdue_30_fen(day) == late[0] + late[1], "{late:?}");
    assert_eq!(cell.engines.committed().iter().sum::<i64>(), principal[0] + principal[1], "nothing is on hold");
    assert_eq!((cell.engines.live_accounts(), cell.engines.holders()), (18, 9), "nine people with two accounts each");
    assert_eq!(cell.engines.books_differ(), None);
    assert_eq!(cell.engines.part_of_quota([7, 8, 0, 1]), [3, 4, 0, 0]);
}

#[test]
fn each_lender_has_luck_of_its_own_and_the_first_what_it_has_alone() {
    const USERS: u32 = 400;
    let mut terms = fixture::terms();
    terms.origination.review_share = Ppm(500_000);
    let answers = |lenders: u8| {
        let mut cell = Cell::new(lenders, USERS, terms.clone());
        let mut of_user = |lender| (0..USERS).map(|user| cell.ask(lender, user, application())).collect::<Vec<_>>();
        Lender::first(lenders).map(&mut of_user).collect::<Vec<_>>()
    };
    let both = answers(2);
    assert_eq!(answers(1)[0], both[0]);
    let reviewed = |of: &[Reply]| of.iter().filter(|reply| **reply == Reply::InReview).count();
    let differ = both[0].iter().zip(&both[1]).filter(|(first, second)| first != second).count();
    // Half of them go to a reviewer with each, so half are told differently: 200, with a standard deviation of 10.
    assert!(both.iter().all(|of| (150..250).contains(&reviewed(of))) && (150..250).contains(&differ), "{differ}");
}

#[test]
fn a_snapshot_holds_all_lenders_in_their_order() {
    let mut cell = two_lenders();
    cell.buys(SECOND, 3, 50_000, 3);
    cell.next_day();
    let bytes = cell.all_bytes();
    let again = Engines::read_snapshots(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((again.lenders(), again.users(), again.first_user()), (2, 9, 700));
    let state = |engines: &Engines| {
        let mut state = Vec::new();
        engines.write_state(&mut |piece| state.extend_from_slice(piece));
        state
    };
    assert_eq!(state(&again), state(&cell.engines));
    assert_eq!(cell.all_bytes(), bytes);
    let sized = |lender| {
        let engine = cell.bytes(lender);
        [(engine.len() as u64).to_le_bytes().to_vec(), engine].concat()
    };
    let refused = |lenders: u64, engines: &[Lender]| {
        let engines: Vec<u8> = engines.iter().copied().flat_map(&sized).collect();
        Engines::read_snapshots(&[&lenders.to_le_bytes()[..], &engines].concat()).map(|_| ())
    };
    assert_eq!(refused(2, &[FIRST, SECOND]), Ok(()));
    let in_another_order = refused(2, &[SECOND, FIRST]);
    assert_eq!(in_another_order, Err(SnapshotError::Lender { lender: SECOND, position: 0 }));
    let text = in_another_order.map_err(|error| error.to_string());
    assert_eq!(text, Err("an engine of lender 1 stands where that of lender 0 belongs".to_string()));
    assert_eq!(refused(2, &[FIRST, FIRST]), Err(SnapshotError::Lender { lender: FIRST, position: 1 }));
    for lenders in [0, LENDERS_MAX as u64 + 1, u64::MAX] {
        assert_eq!(refused(lenders, &[FIRST, SECOND]), Err(SnapshotError::Impossible("number of lenders")));
    }
    assert_eq!(refused(1, &[FIRST, SECOND]), Err(SnapshotError::Length));
    assert_eq!(refused(3, &[FIRST, SECOND]), Err(SnapshotError::Length));
    let others = Engine::new(SECOND, 700, 8, 3);
    let mut of_others = Vec::new();
    others.write_snapshot(&mut |piece| of_others.extend_from_slice(piece));
    let front = [&2_u64.to_le_bytes()[..], &sized(FIRST), &(of_others.len() as u64).to_le_bytes(), &of_others].concat();
    let found = Engines::read_snapshots(&front).map(|_| ());
    assert_eq!(found, Err(SnapshotError::Impossible("division of users among lenders")));
}

/// The second word of an engine's snapshot is its lender: with another one, its loans are somebody else's.
#[test]
fn a_loan_of_another_lender_is_refused() {
    let mut cell = two_lenders();
    cell.buys(SECOND, 3, 50_000, 3);
    let mut bytes = cell.bytes(SECOND);
    assert_eq!(Engine::read_snapshot(&bytes).map(|engine| engine.lender()), Ok(SECOND));
    bytes[4] = 0;
    let refused = |bytes: &[u8]| Engine::read_snapshot(bytes).map(|_| ());
    assert_eq!(refused(&bytes), Err(SnapshotError::Impossible("lender of a loan")));
    bytes[5] = 1;
    assert_eq!(refused(&bytes), Err(SnapshotError::Impossible("lender")));
}

#[test]
fn a_lender_who_is_not_there_is_refused_by_number() {
    let mut cell = two_lenders();
    for lender in [Lender(2), Lender(u8::MAX)] {
        let expected = NoLender { lender, lenders: 2 };
        assert_eq!(cell.engines.get(lender).map(|_| ()), Err(expected));
        assert_eq!(cell.engines.get_mut(lender).map(|_| ()), Err(expected));
    }
    let before = cell.all_bytes();
    let request = Request { lender: Lender(2), slot: Slot(0), sequence: 9, command: Command::Close };
    let at = SimTime::at(cell.day(), 9);
    let refused = cell.engines.apply(&mut Ctx { today: &cell.days.today(), tally: &mut cell.tally }, at, request);
    assert_eq!(refused, Err(NoLender { lender: Lender(2), lenders: 2 }));
    assert_eq!(cell.all_bytes(), before);
    let text = NoLender { lender: Lender(2), lenders: 2 }.to_string();
    assert_eq!(text, "there is no lender 2: the cell has 2, numbered from 0");
}
