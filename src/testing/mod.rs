//! What tests share, compiled for tests only: fixtures, stories of the engine, a swarm, and style, architecture and pointers of
//! documents as tests. Nothing of it is in the program.
//!
//! | file | what |
//! |---|---|
//! | `fixture` | terms, levers, people and paths made by hand |
//! | `story` | a script of requests with what must come of it |
//! | `audited` | an engine of which the auditor reads everything |
//! | `days` | what an engine under test is told of each day |
//! | `load` | a load plan made by hand |
//! | `disks` | the disk of the operating system, but for what a test does itself |
//! | `wakes` | a waker that counts |
//! | `members` | members of a run as threads of one process |
//! | `downturn` | how much a downturn moves lateness, and by what |
//! | `guards` | a check switched off must be noticed by another |
//! | `swarm` | drawn products and users who ask for anything |
//! | `reference_book` | accounts and loans kept a second time, naive and exact, beside the engine |
//! | `tidy` | imports, circles, words, lengths |
//! | `proxy` | a network that delays, cuts into pieces, holds back or fails |
//! | `pointers` | paragraphs and files that comments and documents name |
//! | `recipes` | what `docs/contributing.md` names and asks for |

pub(crate) mod audited;
pub(crate) mod days;
pub(crate) mod disks;
mod downturn;
pub(crate) mod fixture;
mod guards;
pub(crate) mod load;
pub(crate) mod members;
mod pointers;
pub(crate) mod proxy;
mod recipes;
mod reference_book;
pub(crate) mod story;
pub(crate) mod swarm;
mod tidy;
pub(crate) mod wakes;
