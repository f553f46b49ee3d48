//! A row of the table of terms that change.

/// When a change reaches what is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Not at all: it keeps what it was made with.
    Never,
    /// With the next statement of the account.
    NextStatement,
    /// On the first day of the policy.
    AtOnce,
    /// A policy cannot change the key, since no rule would make sense.
    Refused,
}

impl When {
    /// As the page of the policies says it.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            When::Never => "never",
            When::NextStatement => "with the next statement",
            When::AtOnce => "at once",
            When::Refused => "refused",
        }
    }
}

/// A row: a key, or the beginning of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Dotted key; all keys below it are meant, too.
    pub(crate) key: &'static str,
    /// When a change reaches what is open.
    pub(crate) when: When,
    /// What is open there and how it is reached; why it is refused.
    pub(crate) says: &'static str,
}

/// A row of what keeps what it was made with.
pub(super) const fn never(key: &'static str, says: &'static str) -> Change {
    Change { key, when: When::Never, says }
}

/// A row of what the next statement brings.
pub(super) const fn next_statement(key: &'static str, says: &'static str) -> Change {
    Change { key, when: When::NextStatement, says }
}

/// A row of what holds from the first day on.
pub(super) const fn at_once(key: &'static str, says: &'static str) -> Change {
    Change { key, when: When::AtOnce, says }
}

/// A row of what a policy cannot change.
pub(super) const fn refused(key: &'static str, says: &'static str) -> Change {
    Change { key, when: When::Refused, says }
}
