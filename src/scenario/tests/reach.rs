//! Every key of a product on the engine: a change by a policy reaches open accounts, loans, bills and holds when the table says, and the
//! auditor has nothing to say on the way.
//!
//! Two cells that are alike until a day in mid-cycle, after every group has had its statement of the month; then one of them gets other
//! terms. Their states are compared byte by byte. *Never*: while nobody does anything but pay they stay alike for months.
//! *With the next statement*: they stay alike until the close of the first statement day, and differ later. *At once*: they differ before
//! that day, with users who go on asking for everything. And every key must be one that does something: under the other value from the
//! first day on the cell comes out otherwise.

use crate::base::time::Day;
use crate::credit::terms::Terms;
use crate::scenario::Overrides;
use crate::scenario::catalogue;
use crate::scenario::document::changes::{self, When};
use crate::scenario::tests::fixture::{Home, head, right};
use crate::scenario::tests::other_values::{BASE, OTHER, Other, RARE, WORLD};
use crate::testing::swarm::Swarm;

/// Users of a cell.
const USERS: u32 = 24;

/// Months of a cell.
const MONTHS: u16 = 9;

fn day(month: i8, day: i8) -> Day {
    Day::from_ymd(2027, month, day).expect("a date")
}

/// Terms with these keys, and from a later day on with one key changed, as a scenario and its policy say them.
fn terms(base: &[(&str, &str)], change: (&str, &str)) -> (Terms, Terms) {
    let lines =
        |set: &[(&str, &str)]| set.iter().map(|(key, value)| format!("\"{key}\" = {value}\n")).collect::<String>();
    let set = format!("[set]\n{}", lines(base));
    let policy = format!("[[worlds.policies]]\nfrom = 2027-03-01\nset = {{ \"{}\" = {} }}\n", change.0, change.1);
    let world = "[[worlds]]\nname = \"baseline\"\neconomy = \"base\"\n";
    let scenario = right(Home::of(&(head(6) + &set + world + &policy)).read(&Overrides::default()));
    let changed = scenario.worlds[0].rule_changes[0].1.terms.clone();
    assert!(scenario.base.terms != changed || WORLD.contains(&change.0), "{change:?} changes nothing");
    (scenario.base.terms, changed)
}

fn state(swarm: &Swarm) -> Vec<u8> {
    let mut bytes = Vec::new();
    swarm.cell.engine.write_state(&mut |part| bytes.extend_from_slice(part));
    bytes
}

/// Runs two cells to a day; the day at whose close they first differed.
fn first_difference(one: &mut Swarm, other: &mut Swarm, until: Day) -> Option<Day> {
    let mut found = None;
    while one.cell.day() < until {
        let today = one.cell.day();
        one.day();
        other.day();
        if found.is_none() && state(one) != state(other) {
            found = Some(today);
        }
    }
    found
}

/// What is wrong with what a key does.
fn wrong(other: &Other, seed: u64) -> Option<String> {
    let instead = |key: &str| other.beside.iter().any(|(beside, _)| *beside == key);
    let base: Vec<(&str, &str)> = BASE.iter().filter(|(key, _)| !instead(key)).chain(other.beside).copied().collect();
    let (before, changed) = terms(&base, (other.key, other.value));
    let start = if other.from_the_start { before.clone() } else { terms(BASE, ("product.limits.cut_factor", "0.5")).0 };
    let mut alike = Swarm::under(start, seed, USERS, MONTHS);
    while alike.cell.day() < day(5, 16) {
        alike.day();
    }
    let fork = state(&alike);
    let unseen = WORLD.contains(&other.key) || RARE.contains(&other.key);
    let when = changes::of(other.key).expect("in the table").when;
    let (mut kept, mut reached) = (alike.clone(), alike);
    kept.cell.days.set_terms(before);
    reached.cell.days.set_terms(changed.clone());
    if when != When::AtOnce {
        kept.only_pay();
        reached.only_pay();
    }
    let found = first_difference(&mut kept, &mut reached, day(6, 1)).map(|day| (day, "before any statement"));
    let found = found.or_else(|| {
        (when != When::AtOnce)
            .then(|| first_difference(&mut kept, &mut reached, day(9, 1)))
            .flatten()
            .map(|day| (day, "later"))
    });
    let says = match (when, found) {
        (When::Never, Some((day, _))) => format!("it reaches what is open on {day}"),
        (When::NextStatement, Some((day, "before any statement"))) => {
            format!("it reaches what is open on {day} already")
        }
        (When::NextStatement | When::AtOnce, None) if !unseen => "it reaches nothing".to_owned(),
        (When::Never, None) if !unseen => {
            let mut otherwise = Swarm::under(changed, seed, USERS, MONTHS);
            while otherwise.cell.day() < day(5, 16) {
                otherwise.day();
            }
            if state(&otherwise) != fork {
                return None;
            }
            "it does nothing even from the first day on".to_owned()
        }
        _ => return None,
    };
    Some(format!("{} ({}): {says}", other.key, when.words()))
}

#[test]
fn a_change_reaches_what_is_open_when_the_table_says() {
    let wrong: Vec<String> = OTHER.iter().filter_map(|other| wrong(other, 1)).collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), OTHER.len(), wrong.join("\n"));
}

#[test]
fn every_key_that_a_policy_may_change_has_another_value() {
    for key in catalogue::keys().iter().map(|row| row[0].as_str()) {
        let change = changes::of(key);
        if key.starts_with("behaviour.") || change.is_none_or(|change| change.when == When::Refused) {
            continue;
        }
        let key = key.replace("partners.NAME.", "partners.bank.");
        assert!(OTHER.iter().any(|other| other.key == key), "`{key}` has no other value in this test");
    }
}
