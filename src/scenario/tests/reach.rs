//! Every key of a product on the engine: a change by a policy reaches open accounts, loans, bills and holds when the table says, and the
//! auditor has nothing to say on the way.
//!
//! Two cells that are alike until a day in mid-cycle, after every group has had its statement of the month; then one of them gets other
//! terms. Their states are compared byte by byte. *Never*: while nobody does anything but pay they stay alike for months; and the key does
//! something, since under the other value from the first day on the cell comes out otherwise. *With the next statement*: they stay alike
//! until the close of the first statement day, and differ later. *At once*: they differ before that day, while nobody does anything but
//! pay; or, where requests are judged by the key and nothing else is, while users go on asking for everything. So no key could have another
//! entry than its own, and the test sees to that.

use crate::base::time::Day;
use crate::credit::terms::Terms;
use crate::scenario::Overrides;
use crate::scenario::catalogue;
use crate::scenario::document::changes::{self, When};
use crate::scenario::tests::fixture::{Home, head, right};
use crate::scenario::tests::other_values::{BASE, OTHER, Other, Reader};
use crate::testing::swarm::Swarm;

/// Users of a cell.
const USERS: u32 = 24;

/// Cells that are looked at until one shows what a key does: with few users not every one meets everything.
const SEEDS: std::ops::Range<u64> = 1..5;

/// Months of a cell.
const MONTHS: u16 = 9;

fn day(month: i8, day: i8) -> Day {
    Day::from_ymd(2027, month, day).expect("a date")
}

/// Terms with these keys, and from a later day on with one key changed, as a scenario and its policy say them.
fn terms(base: &[(&str, &str)], change: (&str, &str), reader: Reader) -> (Terms, Terms) {
    let lines =
        |set: &[(&str, &str)]| set.iter().map(|(key, value)| format!("\"{key}\" = {value}\n")).collect::<String>();
    let set = format!("[set]\n{}", lines(base));
    let policy = format!("[[worlds.policies]]\nfrom = 2027-03-01\nset = {{ \"{}\" = {} }}\n", change.0, change.1);
    let world = "[[worlds]]\nname = \"baseline\"\neconomy = \"base\"\n";
    let scenario = right(Home::of(&(head(6) + &set + world + &policy)).read(&Overrides::default()));
    let changed = scenario.worlds[0].rule_changes[0].1.terms.clone();
    assert!(scenario.base.terms != changed || reader == Reader::World, "{change:?} changes nothing");
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

/// The first day after the statements of a cycle, at whose close the next one comes.
fn next_statement() -> Day {
    day(6, 1)
}

/// How two cells differ of which one gets another value for a key in mid-cycle.
struct Difference {
    /// The first day, while nobody does anything but pay.
    of_open: Option<Day>,
    /// The first day before the next statement, while everybody asks for everything.
    of_requests: Option<Day>,
    /// Without anything open that is reached: the value does something when it holds from the first day on.
    from_first_day: bool,
}

impl Difference {
    fn of(other: &Other, seed: u64) -> Difference {
        let instead = |key: &str| other.beside.iter().any(|(beside, _)| *beside == key);
        let base = BASE.iter().filter(|(key, _)| !instead(key)).chain(other.beside).copied().collect::<Vec<_>>();
        let (before, changed) = terms(&base, (other.key, other.value), other.reader);
        let start = if other.from_the_start {
            before.clone()
        } else {
            terms(BASE, ("product.limits.cut_factor", "0.5"), Reader::Engine).0
        };
        let in_mid_cycle = |terms| {
            let mut swarm = Swarm::under(terms, other.favourite, seed, USERS, MONTHS);
            while swarm.cell.day() < day(5, 16) {
                swarm.day();
            }
            swarm
        };
        let alike = in_mid_cycle(start);
        let difference = |only_pay: bool, until: Day| {
            let (mut kept, mut reached) = (alike.clone(), alike.clone());
            kept.cell.days.set_terms(before.clone());
            reached.cell.days.set_terms(changed.clone());
            if only_pay {
                kept.only_pay();
                reached.only_pay();
            }
            first_difference(&mut kept, &mut reached, until)
        };
        let of_open = difference(true, day(9, 1));
        let of_requests = if other.judges { difference(false, next_statement()) } else { None };
        let from_first_day = of_open.is_none() && state(&in_mid_cycle(changed.clone())) != state(&alike);
        Difference { of_open, of_requests, from_first_day }
    }
}

/// Why these differences are not what a table says that has this for the key.
fn wrong(other: &Other, when: When, differences: &[Difference]) -> Option<String> {
    let at_once = |difference: &Difference| difference.of_open.filter(|day| *day < next_statement());
    let any = |is_so: fn(&Difference) -> bool| differences.iter().any(is_so);
    match when {
        When::Never if other.judges => Some("requests are judged by it".to_owned()),
        When::Never => match differences.iter().find_map(|difference| difference.of_open) {
            Some(day) => Some(format!("it reaches what is open on {day}")),
            None => (!any(|it| it.from_first_day)).then(|| "it does nothing even from the first day on".to_owned()),
        },
        When::NextStatement => match differences.iter().find_map(at_once) {
            Some(day) => Some(format!("it reaches what is open on {day} already")),
            None => (!any(|it| it.of_open.is_some())).then(|| "it reaches nothing that is open".to_owned()),
        },
        When::AtOnce if other.judges => {
            (!any(|it| it.of_requests.is_some())).then(|| "it reaches no request".to_owned())
        }
        When::AtOnce => (!differences.iter().any(|it| at_once(it).is_some()))
            .then(|| "it reaches nothing that is open before the next statement".to_owned()),
        When::Refused => Some("it has another value".to_owned()),
    }
}

/// What is wrong with what the table says of a key: it acts otherwise, or it acts so that the table could as well say something else.
fn complaint(other: &Other) -> Option<String> {
    let when = changes::of(other.key).expect("in the table").when;
    let mut differences = Vec::new();
    for seed in SEEDS {
        differences.push(Difference::of(other, seed));
        if wrong(other, when, &differences).is_none() {
            break;
        }
    }
    let says = if other.reader == Reader::World {
        let acts = differences.iter().any(|it| it.of_open.is_some() || it.from_first_day);
        acts.then(|| "the engine goes by it".to_owned())
    } else {
        let could_be = |instead: &When| *instead != when && wrong(other, *instead, &differences).is_none();
        wrong(other, when, &differences).or_else(|| {
            let instead = [When::Never, When::NextStatement, When::AtOnce].into_iter().find(could_be)?;
            Some(format!("the table could as well say {}", instead.words()))
        })
    };
    says.map(|says| format!("{} ({}): {says}", other.key, when.words()))
}

#[test]
fn a_change_reaches_what_is_open_when_the_table_says() {
    let wrong: Vec<String> = OTHER.iter().filter_map(complaint).collect();
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
