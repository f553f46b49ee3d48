//! What a load run decides by arithmetic alone. Times are arguments, nothing is sent, and no thread, clock or actor is known.
//!
//! | file | what |
//! |---|---|
//! | `time` | where a request stands in the window that is measured; how simulated time lies on the wall clock |
//! | `pacer` | when requests are meant to start |
//! | `timers` | what is due, by time |
//! | `blocked` | steps whose user waits for an answer |
//! | `auto_debit` | how far the rounds of a cell's day are |
//! | `admission` | seats in a cell's queue |
//! | `rebalancer` | arrivals that another thread's users take |
//! | `starvation` | from when the lag of a generator counts |

pub(crate) mod admission;
pub(crate) mod auto_debit;
pub(crate) mod blocked;
pub(crate) mod pacer;
pub(crate) mod rebalancer;
pub(crate) mod starvation;
pub(crate) mod time;
pub(crate) mod timers;
