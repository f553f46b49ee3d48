//! The journal and the trial balance of a run directory, read back and checked against each other.

use crate::base::money::Fen;
use crate::base::time::Day;
use crate::credit::chart::Posting;
use crate::results::columns::journal_column;
use crate::results::{Kind, kind_of};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Why a journal cannot be exported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// A file of the run directory cannot be read.
    #[error("cannot read {path}: {source} (is this the directory of a finished run?)")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A part has no books.
    #[error("{}: it holds a part of a suite, a coverage experiment or a comparison, which has no books; `yuefu merge` makes the whole", path.display())]
    Part {
        /// The directory.
        path: PathBuf,
    },
    /// A file lacks a column.
    #[error("{file} has no column \"{column}\"; it has: {found}")]
    NoColumn {
        /// The file.
        file: &'static str,
        /// What was looked for.
        column: String,
        /// What there is.
        found: String,
    },
    /// A line does not say what it should.
    #[error("{file}, line {line}: {problem}")]
    BadLine {
        /// The file.
        file: &'static str,
        /// Line number from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A world has balances but no journal.
    #[error("world \"{0}\" has no entry in journal.csv")]
    NoEntries(String),
    /// The run directory has no world.
    #[error("trial_balance.csv holds no account")]
    NoWorlds,
    /// No world of that name.
    #[error("there is no world \"{wanted}\"; the run has: {known}")]
    NoSuchWorld {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: String,
    },
    /// The journal does not lead from the opening balance to the closing one.
    #[error(
        "world \"{world}\", {account}: opening {opening} and the journal's {moved} make {}, but the trial balance closes with {closing}",
        *opening + *moved
    )]
    Disagrees {
        /// World.
        world: String,
        /// Account.
        account: String,
        /// Opening balance, debit positive.
        opening: Fen,
        /// Debits less credits of the journal.
        moved: Fen,
        /// Closing balance that the trial balance gives.
        closing: Fen,
    },
    /// Debits and credits of the opening balances differ.
    #[error("world \"{world}\": the opening balances add up to {sum}, not to zero")]
    OpeningUnbalanced {
        /// World.
        world: String,
        /// Their sum.
        sum: Fen,
    },
}

/// One posting of the journal: a day's sum of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// ISO date.
    pub date: String,
    /// What happened, in words: the meaning of the kind of posting.
    pub posting: String,
    /// Account debited.
    pub debit: String,
    /// Account credited.
    pub credit: String,
    /// Amount.
    pub amount: Fen,
}

/// One account of the trial balance; balances are debit positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LedgerLine {
    /// Colon-separated name.
    pub account: String,
    /// At the start of the counted months.
    pub opening: Fen,
    /// At their end.
    pub closing: Fen,
}

/// The books of one world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Book {
    /// Name of the world.
    pub world: String,
    /// Date of the first entry of the run.
    pub first_date: String,
    /// Date of the last entry of the run.
    pub last_date: String,
    /// The day after it.
    pub day_after: String,
    /// The trial balance.
    pub accounts: Vec<LedgerLine>,
    /// The journal in order of date.
    pub entries: Vec<Entry>,
}

/// The books of a run, in the order of its worlds. They agree with their trial balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Books {
    worlds: Vec<Book>,
}

impl Books {
    /// Reads `journal.csv` and `trial_balance.csv` of a run directory.
    ///
    /// # Errors
    /// When a file is missing or malformed, or the two disagree by as much as a fen.
    pub(crate) fn read(directory: &Path) -> Result<Books, ExportError> {
        if kind_of(directory).is_ok_and(|kind| kind == Some(Kind::Part)) {
            return Err(ExportError::Part { path: directory.to_path_buf() });
        }
        let text = |name: &str| {
            let path = directory.join(name);
            std::fs::read_to_string(&path).map_err(|source| ExportError::Unreadable { path, source })
        };
        Books::parse(&text(JOURNAL)?, &text(TRIAL_BALANCE)?)
    }

    /// The same from the files' text.
    ///
    /// # Errors
    /// As [`Books::read`].
    pub(crate) fn parse(journal: &str, trial_balance: &str) -> Result<Books, ExportError> {
        let mut worlds = read_balances(trial_balance)?;
        let by_name: BTreeMap<String, usize> = worlds.iter().enumerate().map(|(i, b)| (b.world.clone(), i)).collect();
        read_entries(journal, &mut worlds, &by_name)?;
        for book in &mut worlds {
            // ISO dates sort as text; the sort is stable, so the order of a day's kinds is kept.
            book.entries.sort_by(|a, b| a.date.cmp(&b.date));
            let (Some(first), Some(last)) = (book.entries.first(), book.entries.last()) else {
                return Err(ExportError::NoEntries(book.world.clone()));
            };
            (book.first_date, book.last_date) = (first.date.clone(), last.date.clone());
            check(book)?;
        }
        span_all(&mut worlds);
        if worlds.is_empty() { Err(ExportError::NoWorlds) } else { Ok(Books { worlds }) }
    }

    /// All worlds.
    pub(crate) fn worlds(&self) -> &[Book] {
        &self.worlds
    }

    /// The books of one world.
    ///
    /// # Errors
    /// When there is none of that name.
    pub(crate) fn world(&self, name: &str) -> Result<&Book, ExportError> {
        self.worlds.iter().find(|book| book.world == name).ok_or_else(|| ExportError::NoSuchWorld {
            wanted: name.to_string(),
            known: self.worlds.iter().map(|b| b.world.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

const JOURNAL: &str = "journal.csv";
const TRIAL_BALANCE: &str = "trial_balance.csv";

fn read_balances(text: &str) -> Result<Vec<Book>, ExportError> {
    let mut worlds: Vec<Book> = Vec::new();
    let mut seen = BTreeSet::new();
    for row in table(TRIAL_BALANCE, text, &["world", "account", "opening_yuan", "closing_yuan"])? {
        let [world, account, opening, closing] = [0, 1, 2, 3].map(|cell| row.cells[cell].clone());
        let bad = |problem: String| ExportError::BadLine { file: TRIAL_BALANCE, line: row.line, problem };
        valid_account(&account).map_err(&bad)?;
        if !seen.insert((world.clone(), account.clone())) {
            return Err(bad(format!("{account} stands twice in world \"{world}\"")));
        }
        let line =
            LedgerLine { account, opening: yuan(&opening).map_err(&bad)?, closing: yuan(&closing).map_err(&bad)? };
        match worlds.iter_mut().find(|book| book.world == world) {
            Some(book) => book.accounts.push(line),
            None => worlds.push(Book {
                world,
                first_date: String::new(),
                last_date: String::new(),
                day_after: String::new(),
                accounts: vec![line],
                entries: Vec::new(),
            }),
        }
    }
    Ok(worlds)
}

/// A row a day, a column a kind of posting.
fn read_entries(text: &str, worlds: &mut [Book], by_name: &BTreeMap<String, usize>) -> Result<(), ExportError> {
    let known: Vec<BTreeSet<String>> =
        worlds.iter().map(|book| book.accounts.iter().map(|line| line.account.clone()).collect()).collect();
    let kinds = kinds(text)?;
    let wanted: Vec<&str> =
        ["world", "day"].into_iter().chain(kinds.iter().map(|(column, _)| column.as_str())).collect();
    for row in table(JOURNAL, text, &wanted)? {
        let bad = |problem: String| ExportError::BadLine { file: JOURNAL, line: row.line, problem };
        let (world, day) = (&row.cells[0], &row.cells[1]);
        let Some(&position) = by_name.get(world) else {
            return Err(bad(format!("world \"{world}\" is not in the trial balance")));
        };
        if date(day).is_none() {
            return Err(bad(format!("\"{day}\" is not a date like 2026-11-11")));
        }
        for ((_, posting), amount) in kinds.iter().zip(&row.cells[2..]).filter(|(_, amount)| !amount.is_empty()) {
            let amount = yuan(amount).map_err(&bad)?;
            let [debit, credit] = [posting.sides().0, posting.sides().1].map(|account| account.path().to_string());
            if let Some(account) = [&debit, &credit].into_iter().find(|account| !known[position].contains(*account)) {
                return Err(bad(format!("{account} is not in the trial balance")));
            }
            if amount != Fen::ZERO {
                let posting = posting.meaning().to_string();
                worlds[position].entries.push(Entry { date: day.clone(), posting, debit, credit, amount });
            }
        }
    }
    Ok(())
}

/// The kinds of posting that a journal has columns of, with the names of these.
fn kinds(text: &str) -> Result<Vec<(String, Posting)>, ExportError> {
    let by_column: BTreeMap<String, Posting> = Posting::ALL.iter().map(|p| (journal_column(*p), *p)).collect();
    let header = text.lines().next().map(cells).unwrap_or_default();
    let columns = header.into_iter().filter(|column| !["world", "day"].contains(&column.as_str()));
    columns
        .map(|column| match by_column.get(&column) {
            Some(posting) => Ok((column, *posting)),
            None => {
                let problem = format!("column \"{column}\" is no kind of posting");
                Err(ExportError::BadLine { file: JOURNAL, line: 1, problem })
            }
        })
        .collect()
}

/// The worlds of a run cover the same months: all books open on the first entry of any and close on the last.
fn span_all(worlds: &mut [Book]) {
    let first = worlds.iter().map(|book| book.first_date.clone()).min().unwrap_or_default();
    let last = worlds.iter().map(|book| book.last_date.clone()).max().unwrap_or_default();
    let day_after = date(&last).map_or_else(String::new, |day| day.plus(1).to_string());
    for book in worlds {
        (book.first_date, book.last_date, book.day_after) = (first.clone(), last.clone(), day_after.clone());
    }
}

fn check(book: &Book) -> Result<(), ExportError> {
    let sum: Fen = book.accounts.iter().map(|line| line.opening).sum();
    if sum != Fen::ZERO {
        return Err(ExportError::OpeningUnbalanced { world: book.world.clone(), sum });
    }
    let mut moved: BTreeMap<&str, Fen> = BTreeMap::new();
    for entry in &book.entries {
        *moved.entry(&entry.debit).or_default() += entry.amount;
        *moved.entry(&entry.credit).or_default() -= entry.amount;
    }
    for line in &book.accounts {
        let moved = moved.get(line.account.as_str()).copied().unwrap_or_default();
        if line.opening + moved != line.closing {
            return Err(ExportError::Disagrees {
                world: book.world.clone(),
                account: line.account.clone(),
                opening: line.opening,
                moved,
                closing: line.closing,
            });
        }
    }
    Ok(())
}

/// One line of a table with its wanted cells.
struct Row {
    line: usize,
    cells: Vec<String>,
}

/// The wanted columns of a CSV text, found by the names in its first line.
fn table(file: &'static str, text: &str, wanted: &[&str]) -> Result<Vec<Row>, ExportError> {
    let mut lines = text.lines().enumerate();
    let header = lines.next().map(|(_, line)| cells(line)).unwrap_or_default();
    let position = |column: &&str| {
        let found = header.iter().position(|name| name == column);
        let column = (*column).to_string();
        found.ok_or_else(|| ExportError::NoColumn { file, column, found: header.join(", ") })
    };
    let positions: Vec<usize> = wanted.iter().map(position).collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    for (index, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let found = cells(line);
        if found.len() != header.len() {
            let problem = format!("{} cells where the first line has {}", found.len(), header.len());
            return Err(ExportError::BadLine { file, line: index + 1, problem });
        }
        rows.push(Row { line: index + 1, cells: positions.iter().map(|position| found[*position].clone()).collect() });
    }
    Ok(rows)
}

/// The cells of a CSV line (RFC 4180 without line breaks inside quotes).
fn cells(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(std::mem::take(&mut cell)),
            _ => cell.push(c),
        }
    }
    found.push(cell);
    found
}

/// Yuan with at most two decimals, exactly.
fn yuan(text: &str) -> Result<Fen, String> {
    let wrong = || format!("\"{text}\" is not an amount in yuan with two decimals");
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = magnitude.split_once('.').unwrap_or((magnitude, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return Err(wrong());
    }
    let fen: i64 = format!("{whole}{part:0<2}").parse().map_err(|_| wrong())?;
    Ok(Fen(if text.starts_with('-') { -fen } else { fen }))
}

/// An ISO date.
fn date(text: &str) -> Option<Day> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let day = Day::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    (day.to_string() == text).then_some(day)
}

/// Both tools must be able to read the name: five classes, then components that begin with a capital or a digit.
fn valid_account(account: &str) -> Result<(), String> {
    let mut parts = account.split(':');
    let class = parts.next().unwrap_or_default();
    if !["Assets", "Liabilities", "Equity", "Income", "Expenses"].contains(&class) {
        return Err(format!("account {account} does not begin with Assets, Liabilities, Equity, Income or Expenses"));
    }
    let good = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let rest: Vec<&str> = parts.collect();
    if rest.is_empty() || !rest.iter().all(|part| good(part)) {
        return Err(format!("account {account} has a part that plain-text accounting cannot name"));
    }
    Ok(())
}
