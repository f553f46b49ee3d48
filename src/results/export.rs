//! The daily journal of a run as plain-text accounting: `hledger` and `beancount` read it, so that anyone can audit the books
//! with tools that share no code with Yuefu.
//!
//! One transaction a day and kind of posting, after a first transaction with the opening balances; at the end the closing balance
//! of every account is asserted. [`Books::read`] has then already compared the same sums with the trial balance, so what is written
//! is known to agree with it.
//!
//! Signs: debit is positive, as in both tools. Currency CNY.

mod books;

pub(crate) use books::{Book, Books, Entry, ExportError};

use super::Origin;
use crate::base::money::Fen;
use std::collections::BTreeSet;
use std::fmt;

/// Whose syntax to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// <https://hledger.org>, its journal format.
    Hledger,
    /// <https://beancount.github.io>, version 2 or 3.
    Beancount,
}

/// The text of one book, with account names as they stand in the trial balance; the first lines say where it comes from.
///
/// # Errors
/// When writing to `out` fails; a `String` never does.
pub(crate) fn write_book(out: &mut impl fmt::Write, book: &Book, format: Format, origin: &Origin) -> fmt::Result {
    write_books(out, &[(None, book)], format, origin)
}

/// The text of all books of a run in one journal. With more than one world each account carries the world's name as its
/// second component (`Assets:Baseline:Cash`), since they are different books.
///
/// # Errors
/// As [`write_book`].
pub(crate) fn write_all(out: &mut impl fmt::Write, books: &Books, format: Format, origin: &Origin) -> fmt::Result {
    if let [book] = books.worlds() {
        return write_book(out, book, format, origin);
    }
    let mut taken = BTreeSet::new();
    let named: Vec<(Option<String>, &Book)> =
        books.worlds().iter().map(|book| (Some(component(&book.world, &mut taken)), book)).collect();
    write_books(out, &named, format, origin)
}

/// How every exported journal begins.
pub(crate) const HEAD: &str = "; Yuefu, daily journal";

fn write_books(
    out: &mut impl fmt::Write,
    books: &[(Option<String>, &Book)],
    format: Format,
    origin: &Origin,
) -> fmt::Result {
    let worlds: Vec<&str> = books.iter().map(|(_, book)| book.world.as_str()).collect();
    writeln!(out, "{HEAD} of the managed portfolio, simulated (virtual clock): {}", worlds.join(", "))?;
    for (name, said) in origin.in_words() {
        // A comment ends with its line.
        writeln!(out, "; {name}: {}", said.replace(['\n', '\r'], " "))?;
    }
    writeln!(out)?;
    match format {
        Format::Hledger => hledger_declarations(out, books)?,
        Format::Beancount => beancount_declarations(out, books)?,
    }
    for (world, book) in books {
        opening(out, book, format, &|account| in_world(account, world.as_deref()))?;
    }
    // All worlds day by day, since both tools like their dates in order. The sort is stable.
    let mut entries: Vec<(&Entry, Option<&str>)> =
        books.iter().flat_map(|(world, book)| book.entries.iter().map(|entry| (entry, world.as_deref()))).collect();
    entries.sort_by(|(a, _), (b, _)| a.date.cmp(&b.date));
    for (entry, world) in entries {
        transaction(out, &entry.date, &entry.posting, format)?;
        posting(out, &in_world(&entry.debit, world), entry.amount, "")?;
        posting(out, &in_world(&entry.credit, world), -entry.amount, "")?;
        writeln!(out)?;
    }
    for (world, book) in books {
        closing(out, book, format, &|account| in_world(account, world.as_deref()))?;
    }
    Ok(())
}

fn hledger_declarations(out: &mut impl fmt::Write, books: &[(Option<String>, &Book)]) -> fmt::Result {
    writeln!(out, "commodity 1000.00 CNY")?;
    let mut payees: BTreeSet<&str> = BTreeSet::from(["opening balances", "closing balances"]);
    for (world, book) in books {
        for line in &book.accounts {
            writeln!(out, "account {}", in_world(&line.account, world.as_deref()))?;
        }
        payees.extend(book.entries.iter().map(|e| e.posting.as_str()));
    }
    for payee in payees {
        writeln!(out, "payee {payee}")?;
    }
    writeln!(out)
}

fn beancount_declarations(out: &mut impl fmt::Write, books: &[(Option<String>, &Book)]) -> fmt::Result {
    writeln!(out, "option \"title\" \"Yuefu\"")?;
    writeln!(out, "option \"operating_currency\" \"CNY\"")?;
    for (world, book) in books {
        for line in &book.accounts {
            writeln!(out, "{} open {} CNY", book.first_date, in_world(&line.account, world.as_deref()))?;
        }
    }
    writeln!(out)
}

fn opening(out: &mut impl fmt::Write, book: &Book, format: Format, rename: &dyn Fn(&str) -> String) -> fmt::Result {
    if book.accounts.iter().all(|line| line.opening == Fen::ZERO) {
        return Ok(());
    }
    transaction(out, &book.first_date, "opening balances", format)?;
    for line in book.accounts.iter().filter(|line| line.opening != Fen::ZERO) {
        posting(out, &rename(&line.account), line.opening, "")?;
    }
    writeln!(out)
}

/// Asserts every closing balance. hledger asserts in a posting, here of nothing, and beancount by a directive that holds at
/// the start of its day: the day after the last.
fn closing(out: &mut impl fmt::Write, book: &Book, format: Format, rename: &dyn Fn(&str) -> String) -> fmt::Result {
    match format {
        Format::Hledger => {
            transaction(out, &book.last_date, "closing balances", format)?;
            for line in &book.accounts {
                posting(out, &rename(&line.account), Fen::ZERO, &format!(" = {} CNY", line.closing))?;
            }
        }
        Format::Beancount => {
            for line in &book.accounts {
                let (date, account) = (&book.day_after, rename(&line.account));
                // The tolerance of 0 keeps beancount from forgiving a fen.
                writeln!(out, "{date} balance {account}  {} ~ 0.00 CNY", line.closing)?;
            }
        }
    }
    writeln!(out)
}

fn transaction(out: &mut impl fmt::Write, date: &str, text: &str, format: Format) -> fmt::Result {
    match format {
        Format::Hledger => writeln!(out, "{date} {text}"),
        Format::Beancount => writeln!(out, "{date} * \"{text}\""),
    }
}

fn posting(out: &mut impl fmt::Write, account: &str, amount: Fen, assertion: &str) -> fmt::Result {
    writeln!(out, "    {account}  {amount} CNY{assertion}")
}

fn in_world(account: &str, world: Option<&str>) -> String {
    match (world, account.split_once(':')) {
        (Some(world), Some((class, rest))) => format!("{class}:{world}:{rest}"),
        (Some(world), None) => format!("{account}:{world}"),
        (None, _) => account.to_string(),
    }
}

/// A world's name as a component of an account name: both tools want letters and digits with a capital in front.
fn component(world: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = String::new();
    let mut word_starts = true;
    for c in world.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(if word_starts { c.to_ascii_uppercase() } else { c });
        }
        word_starts = !c.is_ascii_alphanumeric();
    }
    if name.is_empty() {
        name.push_str("World");
    }
    let stem = name.clone();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{stem}-{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests;
