//! `yuefu export` on a run directory made by hand.

use crate::program::yuefu;
use std::path::Path;
use tempfile::TempDir;

const JOURNAL: &str = "\
world,day,SalePlatform_yuan,SettleMerchants_yuan,RepayPlatform_yuan
baseline,2026-01-01,80.20,,
baseline,2026-01-31,,80.20,
severe,2026-01-15,,,0.07
";

const BALANCES: &str = "\
world,account,opening_yuan,debits_yuan,credits_yuan,closing_yuan
baseline,Assets:Cash,100.00,0.00,80.20,19.80
baseline,Assets:Loans:Platform,0.00,80.20,0.00,80.20
baseline,Liabilities:Merchants,0.00,80.20,80.20,0.00
baseline,Equity:Capital,-100.00,0.00,0.00,-100.00
severe,Assets:Cash,99.00,0.07,0.00,99.07
severe,Assets:Loans:Platform,1.00,0.00,0.07,0.93
severe,Equity:Capital,-100.00,0.00,0.00,-100.00
";

fn run_directory(journal: &str, balances: &str) -> TempDir {
    let directory = TempDir::new().expect("a temporary directory");
    std::fs::write(directory.path().join("journal.csv"), journal).expect("written");
    std::fs::write(directory.path().join("trial_balance.csv"), balances).expect("written");
    directory
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[test]
fn hledger_gets_all_worlds_in_one_journal() {
    let run = run_directory(JOURNAL, BALANCES);
    let journal = yuefu(&["export", text(run.path()), "--format", "hledger"]).well();
    for line in [
        "commodity 1000.00 CNY",
        "account Assets:Severe:Loans:Platform",
        "2026-01-01 opening balances",
        "2026-01-15 principal repaid, platform's part",
        "    Assets:Severe:Cash  0.07 CNY",
        "2026-01-31 closing balances",
        "    Assets:Baseline:Cash  0.00 CNY = 19.80 CNY",
        "    Assets:Severe:Cash  0.00 CNY = 99.07 CNY",
    ] {
        assert!(journal.lines().any(|l| l == line), "{journal}\nlacks: {line}");
    }
}

#[test]
fn beancount_gets_one_world_into_a_file() {
    let run = run_directory(JOURNAL, BALANCES);
    let file = run.path().join("severe.beancount");
    let said = yuefu(&["export", text(run.path()), "--format", "beancount", "--world", "severe", "--out", text(&file)]);
    assert_eq!(said.well(), "");
    let journal = std::fs::read_to_string(&file).expect("the file was written");
    for line in [
        "2026-01-01 open Assets:Loans:Platform CNY",
        "2026-01-15 * \"principal repaid, platform's part\"",
        "2026-02-01 balance Assets:Loans:Platform  0.93 ~ 0.00 CNY",
    ] {
        assert!(journal.lines().any(|l| l == line), "{journal}\nlacks: {line}");
    }
    assert!(!journal.contains("80.20"), "only the world that was asked for");
}

#[test]
fn a_directory_that_does_not_add_up_is_refused() {
    let refused = |journal: &str, balances: &str, why: &str| {
        let run = run_directory(journal, balances);
        yuefu(&["export", text(run.path()), "--format", "hledger"]).refused(2, why);
    };
    refused(JOURNAL, &BALANCES.replace("0.00,0.93", "0.00,0.92").replace(",0.93", ",0.92"), "closes with 0.92");
    refused(&JOURNAL.replace("2026-01-15", "15.1.2026"), BALANCES, "journal.csv, line 4: \"15.1.2026\" is not a date");
    let run = run_directory(JOURNAL, BALANCES);
    yuefu(&["export", text(run.path()), "--format", "hledger", "--world", "mild"])
        .refused(2, "there is no world \"mild\"; the run has: baseline, severe");
    yuefu(&["export", text(run.path()), "--format", "ledger"]).refused(2, "hledger, beancount");
    yuefu(&["export", "no/such/run", "--format", "hledger"]).refused(2, "is this the directory of a finished run?");
}

#[test]
fn only_an_exported_journal_is_replaced() {
    let run = run_directory(JOURNAL, BALANCES);
    let export = |out: &Path| yuefu(&["export", text(run.path()), "--format", "hledger", "--out", text(out)]);
    let own = run.path().join("journal.csv");
    export(&own).refused(2, "no exported journal");
    assert_eq!(std::fs::read_to_string(&own).expect("there"), JOURNAL);
    let books = run.path().join("books.journal");
    for _ in 0..2 {
        export(&books).well();
    }
    assert!(std::fs::read_to_string(&books).expect("written").starts_with("; Yuefu"));
    export(run.path()).refused(2, "it is a directory");
}
