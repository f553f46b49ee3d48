//! Where the charts of this room stand on the page.

/// Section of the page.
pub(super) const SECTION: &str = "Risk views";
