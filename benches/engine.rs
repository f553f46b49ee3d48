//! What a day costs: the sweep of a cell, one authorisation with its capture, and the close of a day with statements.
//!
//! `cargo bench` runs all three; `cargo bench -- sweep` one of them. Throughput is per user, per command and per account.

use divan::Bencher;
use divan::counter::ItemsCount;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use yuefu::parts::{
    CalendarDay, Cell, Command, CreditStocks, Ctx, Fen32, Frame, Lender, MerchantId, Overrides, PopulationTables,
    Reference, Reply, Request, Scenario, Scene, Scratch, SimTime, Slot, WorkTally, World, read_scenario, sample_cell,
};

/// Days that the cell has lived when it is measured: a book with every age of debt in it.
const AGE_DAYS: usize = 240;

/// A quota that never binds.
const PLENTY: [i64; 4] = [i64::MAX / 4; 4];

struct Aged {
    frame: Arc<Frame>,
    world: World,
    cell: Cell,
    scratch: Scratch,
    tally: WorkTally,
}

fn scenario() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    let longer = Overrides { users: Some(2_000), months: Some(12), ..Overrides::default() };
    read_scenario(&path, &longer).unwrap_or_else(|errors| panic!("{errors}"))
}

impl Aged {
    /// A cell after [`AGE_DAYS`] days on the books.
    fn new(scenario: &Scenario) -> Aged {
        let frame = Arc::new(Frame::new(scenario));
        let world = World::warm_up(scenario, &frame).fork(&scenario.worlds[0]);
        let tables = PopulationTables::new(scenario);
        let groups = scenario.base.terms.billing.bill_days.len() as u32;
        let cell = Cell::new(sample_cell(scenario, &tables, 0), frame.lenders, groups);
        let tally = WorkTally::new(frame.run_months, world.hosts());
        let mut aged = Aged { frame, world, cell, scratch: Scratch::default(), tally };
        for day in 0..AGE_DAYS {
            aged.open(day);
            aged.run(day);
        }
        aged
    }

    fn day(&self, index: usize) -> CalendarDay {
        self.frame.calendar.days()[index]
    }

    fn open(&mut self, index: usize) {
        let calendar = self.day(index);
        self.world.midnight(&self.frame, &calendar);
    }

    fn run(&mut self, index: usize) {
        let calendar = self.day(index);
        let context = self.world.day_context(&self.frame, &calendar);
        self.cell.run_day(&context, PLENTY, &mut self.tally, &mut self.scratch, None);
    }
}

fn main() {
    divan::main();
}

#[divan::bench]
fn sweep(bencher: Bencher) {
    let scenario = scenario();
    let mut aged = Aged::new(&scenario);
    aged.open(AGE_DAYS);
    let calendar = aged.day(AGE_DAYS);
    let context = aged.world.day_context(&aged.frame, &calendar);
    bencher
        .counter(ItemsCount::new(aged.cell.len()))
        .with_inputs(|| aged.cell.clone())
        .bench_local_refs(|cell| black_box(cell.run_day(&context, PLENTY, &mut aged.tally, &mut aged.scratch, None)));
}

#[divan::bench]
fn authorisation(bencher: Bencher) {
    let scenario = scenario();
    let mut aged = Aged::new(&scenario);
    aged.open(AGE_DAYS);
    let calendar = aged.day(AGE_DAYS);
    let context = aged.world.day_context(&aged.frame, &calendar);
    let today = context.today();
    let mut engine = aged.cell.engines()[Lender::FIRST].clone();
    engine.set_quota(PLENTY);
    let open: Vec<Slot> = (0..engine.len() as u32)
        .map(Slot)
        .filter(|slot| engine.glance(*slot, today.day()).available_fen > Fen32(100_000))
        .collect();
    let at = SimTime::at(today.day(), 72_000);
    bencher.counter(ItemsCount::new(2 * open.len())).with_inputs(|| engine.clone()).bench_local_refs(|engine| {
        for slot in &open {
            let first = engine.account(*slot).sequence + 1;
            let mut ask = |sequence, command| {
                let mut ctx = Ctx { today: &today, tally: &mut aged.tally.credit };
                engine.apply(&mut ctx, at, Request { lender: Lender::FIRST, slot: *slot, sequence, command })
            };
            let authorise = Command::Authorise {
                merchant: MerchantId(1),
                scene: Scene::LiveShopping,
                amount_fen: Fen32(1_000),
                instalments: 0,
                suspicious: false,
            };
            if let Reply::Done(purchase) = ask(first, authorise) {
                black_box(ask(first + 1, Command::Capture { purchase: Reference(purchase), amount_fen: Fen32(1_000) }));
            }
        }
    });
}

#[divan::bench]
fn close_of_day(bencher: Bencher) {
    let scenario = scenario();
    let mut aged = Aged::new(&scenario);
    // The next statement day of a bill group: the heaviest close there is.
    let bill_days = &scenario.base.terms.billing.bill_days;
    let index = (AGE_DAYS..).find(|day| bill_days.contains(&aged.day(*day).day_of_month)).unwrap_or(AGE_DAYS);
    (AGE_DAYS..index).for_each(|day| {
        aged.open(day);
        aged.run(day);
    });
    aged.open(index);
    let calendar = aged.day(index);
    let context = aged.world.day_context(&aged.frame, &calendar);
    let today = context.today();
    let engine = aged.cell.engines()[Lender::FIRST].clone();
    let mut stocks = CreditStocks::default();
    bencher.counter(ItemsCount::new(engine.len())).with_inputs(|| engine.clone()).bench_local_refs(|engine| {
        engine.close_day(&mut Ctx { today: &today, tally: &mut aged.tally.credit }, &mut stocks)
    });
}
