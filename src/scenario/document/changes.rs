//! Terms that change: when a dated policy that names a key reaches what is open already. One table; `check` refuses by it, the page of
//! the policies prints it, and tests hold the engine against it, key by key.
//!
//! What is made after the first day of a policy always follows it. Of what was made before, an account is made by its opening, a loan by
//! its drawing, a bill by its statement, a hold by its approval.

mod entry;
mod people;
mod product;
mod sizes;

pub(crate) use entry::{Change, When};

/// What the table says of a key. The name of a partner stands for NAME.
pub(crate) fn of(path: &str) -> Option<&'static Change> {
    let named = path.strip_prefix("partners.").and_then(|rest| rest.split_once('.'));
    let path = named.map_or_else(|| path.to_owned(), |(_, key)| format!("partners.NAME.{key}"));
    let covers =
        |change: &&Change| path.strip_prefix(change.key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    all().filter(covers).max_by_key(|change| change.key.len())
}

/// The whole table.
pub(crate) fn all() -> impl Iterator<Item = &'static Change> {
    let tables = [
        product::ORIGINATION,
        product::LIMITS,
        product::REQUESTS,
        product::PRICING,
        product::BOOK,
        people::ALL,
        sizes::ALL,
    ];
    tables.into_iter().flatten()
}
