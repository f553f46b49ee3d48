//! Exports read back by a reader of the tests' own: they close as the trial balance does.

use super::*;
use std::collections::BTreeMap;

const JOURNAL: &str = "\
world,day,SalePlatform_yuan,SettleMerchants_yuan,Commission_yuan,RepayPlatform_yuan,CommissionBack_yuan
baseline,2026-01-01,1000.50,,,,
baseline,2026-01-02,,990.49,10.01,,0.00
severe downturn,2026-01-02,,,,0.07,
";

const BALANCES: &str = "\
world,account,opening_yuan,debits_yuan,credits_yuan,closing_yuan
baseline,Assets:Cash,5000.00,0.00,990.49,4009.51
baseline,Assets:Loans:Platform,100.00,1000.50,0.00,1100.50
baseline,Liabilities:Merchants,0.00,1000.50,1000.50,0.00
baseline,Equity:Capital,-5100.00,0.00,0.00,-5100.00
baseline,Income:Commission,0.00,0.00,10.01,-10.01
severe downturn,Assets:Cash,5000.00,0.07,0.00,5000.07
severe downturn,Assets:Loans:Platform,100.00,0.00,0.07,99.93
severe downturn,Equity:Capital,-5100.00,0.00,0.00,-5100.00
";

fn text(format: Format) -> String {
    let books = Books::parse(JOURNAL, BALANCES).expect("good files");
    let mut out = String::new();
    write_all(&mut out, &books, format, &Origin::default()).expect("a String takes everything");
    out
}

/// A small reader of either format: what each account holds in the end and what is asserted of it, in fen. Every transaction
/// must add up to zero and every account must have been declared.
#[derive(Default)]
struct Reader {
    held: BTreeMap<String, i64>,
    asserted: BTreeMap<String, i64>,
    declared: Vec<String>,
    dates: Vec<String>,
    open: i64,
}

impl Reader {
    fn read(text: &str) -> Reader {
        let mut reader = Reader::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["account", name] | [_, "open", name, "CNY"] => reader.declared.push(name.to_string()),
                [_, "balance", name, amount, "~", "0.00", "CNY"] => {
                    reader.asserted.insert(name.to_string(), fen(amount));
                }
                [name, amount, "CNY", rest @ ..] if line.starts_with("    ") => {
                    assert!(reader.declared.iter().any(|d| d == name), "{name} is not declared");
                    *reader.held.entry(name.to_string()).or_default() += fen(amount);
                    reader.open += fen(amount);
                    if let ["=", closing, "CNY"] = rest {
                        reader.asserted.insert(name.to_string(), fen(closing));
                    }
                }
                _ => {
                    reader.dates.extend(line.starts_with("20").then(|| line[..10].to_string()));
                    assert_eq!(reader.open, 0, "a transaction before {line:?} does not balance");
                }
            }
        }
        reader
    }
}

fn fen(amount: &str) -> i64 {
    let digits: String = amount.chars().filter(|&c| c != '.').collect();
    assert_eq!(amount.len() - amount.find('.').expect("a point"), 3, "{amount} has two decimals");
    digits.parse().expect("an amount")
}

#[test]
fn both_formats_close_as_the_trial_balance_does() {
    for format in [Format::Hledger, Format::Beancount] {
        let reader = Reader::read(&text(format));
        assert_eq!(reader.held["Assets:Baseline:Cash"], 400_951);
        assert_eq!(reader.held["Assets:SevereDownturn:Cash"], 500_007);
        assert_eq!(reader.asserted.len(), 8);
        assert!(reader.dates.is_sorted(), "{format:?}: {:?}", reader.dates);
        for (account, closing) in &reader.asserted {
            assert_eq!(reader.held.get(account).copied().unwrap_or(0), *closing, "{account}");
        }
    }
}

#[test]
fn one_world_keeps_the_names_of_the_chart() {
    let books = Books::parse(JOURNAL, BALANCES).expect("good files");
    let mut out = String::new();
    write_book(&mut out, books.world("baseline").expect("there"), Format::Beancount, &Origin::default())
        .expect("written");
    assert!(out.contains("2026-01-03 balance Assets:Cash  4009.51 ~ 0.00 CNY"), "{out}");
    assert!(out.contains("2026-01-01 * \"sale captured, platform's part\"\n    Assets:Loans:Platform  1000.50 CNY\n"));
    assert!(out.contains("2026-01-02 * \"merchants settled\""), "kinds are put in words: {out}");
    assert!(!out.contains("given back"), "empty postings are left out");
    assert!(!out.contains("Severe"));
}

#[test]
fn worlds_with_the_same_letters_stay_apart() {
    let mut taken = BTreeSet::new();
    let names: Vec<String> =
        ["severe", "Severe", "月付", "2x shock"].iter().map(|w| component(w, &mut taken)).collect();
    assert_eq!(names, ["Severe", "Severe-2", "World", "2xShock"]);
}

#[test]
fn bad_files_are_refused_with_their_place() {
    let with = |journal: &str, balances: &str| match Books::parse(journal, balances) {
        Ok(_) => "accepted".to_string(),
        Err(error) => error.to_string(),
    };
    let balances = |from: &str, to: &str| with(JOURNAL, &BALANCES.replacen(from, to, 1));
    let journal = |from: &str, to: &str| with(&JOURNAL.replacen(from, to, 1), BALANCES);
    for (said, expected) in [
        (balances("4009.51", "4009.52"), "opening 5000.00 and the journal's -990.49 make 4009.51"),
        (balances("Assets:Cash,5000.00", "Assets:Cash,5000.01"), "opening balances add up to 0.01"),
        (balances("Assets:Cash", "Assets:cash"), "line 2: account Assets:cash has a part"),
        (balances("Assets:Cash", "Bank:Cash"), "does not begin with Assets"),
        (balances("closing_yuan", "closing"), "trial_balance.csv has no column \"closing_yuan\""),
        (balances("100.00,1000.50", "100.005,1000.50"), "\"100.005\" is not an amount"),
        (balances("severe downturn,Assets:Cash", "severe downturn,Assets:Loans:Platform"), "stands twice"),
        (journal("2026-01-01", "2026-02-30"), "line 2: \"2026-02-30\" is not a date"),
        (journal("990.49", "990.4.9"), "line 3"),
        (journal(",990.49", ""), "line 3: 6 cells where the first line has 7"),
        (journal("1000.50,,,,", "1000.50,,,1.00,"), "opening 5000.00 and the journal's -989.49 make 4010.51"),
        (journal("Commission_yuan", "Impair_yuan"), "Expenses:Impairment is not in the trial balance"),
        (journal("SettleMerchants", "a;b"), "line 1: column \"a;b_yuan\" is no kind of posting"),
        (journal("world,day", "world,date"), "is no kind of posting"),
        (journal("severe downturn", "mild"), "world \"mild\" is not in the trial balance"),
        (with(JOURNAL.split_once("severe").expect("there").0, BALANCES), "world \"severe downturn\" has no entry"),
        (with(JOURNAL, BALANCES.lines().next().expect("header")), "is not in the trial balance"),
    ] {
        assert!(said.contains(expected), "{said}\n  should say\n{expected}");
    }
}

#[test]
fn the_chart_of_accounts_can_be_exported() {
    // Written out as a trial balance, every account and every posting of the engine passes.
    let accounts = crate::credit::chart::Account::ALL;
    let mut balances = "world,account,opening_yuan,closing_yuan\n".to_string();
    for account in accounts {
        balances.push_str(&format!("w,{},0.00,0.00\n", account.path()));
    }
    let postings = crate::credit::chart::Posting::ALL;
    let mut journal = "world,day".to_string();
    postings.iter().for_each(|posting| journal.push_str(&format!(",{posting:?}_yuan")));
    for (day, amount) in [("2026-01-01", ",1.00"), ("2026-01-02", ",-1.00")] {
        journal.push_str(&format!("\nw,{day}{}", amount.repeat(postings.len())));
    }
    let books = Books::parse(&journal, &balances).expect("all of them are good names");
    assert_eq!(books.worlds()[0].accounts.len(), accounts.len());
}

#[test]
fn a_written_run_directory_can_be_exported() {
    let home = tempfile::tempdir().expect("a directory");
    let (dir, record) = (home.path().join("run"), crate::results::tests::two_worlds());
    crate::results::tests::write(&dir, &record).expect("written");
    let books = Books::read(&dir).expect("the files agree");
    for (book, world) in books.worlds().iter().zip(&record.worlds) {
        assert_eq!(book.world, world.name);
        let closing: Vec<i64> = book.accounts.iter().map(|line| line.closing.0).collect();
        assert_eq!(closing, world.closing_balances_fen);
    }
    let mut out = String::new();
    write_all(&mut out, &books, Format::Hledger, &Origin::default()).expect("written");
    assert!(Reader::read(&out).held.keys().any(|account| account.starts_with("Assets:SevereDeep:")));
}

#[test]
fn the_first_lines_say_where_it_comes_from() {
    let books = Books::parse(JOURNAL, BALANCES).expect("good files");
    let origin = Origin {
        clock: "virtual".to_string(),
        seed: 7,
        command: "yuefu run a --set 'x=1\n2'".to_string(),
        ..Origin::default()
    };
    for format in [Format::Hledger, Format::Beancount] {
        let mut out = String::new();
        write_all(&mut out, &books, format, &origin).expect("a String takes everything");
        let comments: Vec<&str> = out.lines().take_while(|line| line.starts_with(';')).skip(1).collect();
        assert_eq!(comments, ["; Clock: virtual", "; Seed: 7", "; Made again by: yuefu run a --set 'x=1 2'"]);
        Reader::read(&out);
    }
}
