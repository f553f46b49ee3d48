//! Two lenders in a cell, each under audit.

use super::*;
use crate::base::ids::Lender;
use crate::credit::command::{LoggedRequest, Reply};
use crate::population::{PopulationTables, sample_cell};
use crate::world::{Cell, Frame, Scratch, WorkTally, World};
use std::sync::Arc;

/// Audits days of a cell with two lenders of whom people deal with the first. `tampers` may change what the auditor reads of a day.
fn findings_of_two(days: usize, tampers: impl Fn(usize, &mut Vec<LoggedRequest>)) -> Findings {
    let scenario = fixture::scenario(400);
    let auditor = RunAuditor::new(&scenario);
    let frame = Arc::new(Frame::new(&scenario));
    let mut world = World::warm_up(&scenario, &frame);
    let groups = scenario.base.terms.billing.bill_days.len() as u32;
    let mut cell = Cell::new(sample_cell(&scenario, &PopulationTables::new(&scenario), 0), 2, groups);
    let (mut tally, mut scratch) = (WorkTally::new(frame.run_months, world.hosts()), Scratch::default());
    cell.pay_in_capital(&mut tally, 100_000);
    for (number, calendar) in frame.calendar.days()[..days].iter().enumerate() {
        world.midnight(&frame, calendar);
        let context = world.day_context(&frame, calendar);
        let (quota, mut log) = (context.quota(cell.len()), Vec::new());
        let report = cell.run_day(&context, quota, &mut tally, &mut scratch, Some(&mut log));
        tampers(number, &mut log);
        auditor.cell_day(&AuditedDay { world: 0, number: 0, context: &context, quota, log: &log, cell: &cell });
        world.close_day(&frame, calendar, &tally, &report);
        tally.clear_day();
    }
    auditor.findings()
}

#[test]
fn both_lenders_of_a_cell_are_clean() {
    let findings = findings_of_two(70, |_, _| {});
    assert!(findings.requests > 500 && findings.cell_days == 140, "{findings}");
    assert!(findings.is_clean(), "{findings}");
}

/// An answer of the second lender that its engine never gave.
#[test]
fn a_finding_names_its_lender() {
    let findings = findings_of_two(30, |day, log| {
        let approved = |logged: &&mut LoggedRequest| matches!(logged.reply, Reply::Done(_));
        if day == 20 {
            let logged = log.iter_mut().find(approved).expect("somebody gets something");
            logged.request.lender = Lender(1);
        }
    });
    assert!(!findings.is_clean() && findings.to_string().contains(", lender 1, user "), "{findings}");
}
