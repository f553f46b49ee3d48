//! The actors of a load run, and what they say to each other. Rules and messages stand together here: only what needs neither
//! is in [`crate::load::core`].
//!
//! | file | what |
//! |---|---|
//! | `messages` | what the actors say |
//! | `mailbox` | the context of users, hosts and merchants; what was ever sent to one |
//! | `wakers` | how a generator has a user start a step |
//! | `user_shard`, `user` | the users of one thread; one actor each, with its session |
//! | `counterparties` | hosts and merchants, an actor each on every generator thread |
//! | `generator`, `generator_actor` | starts what is due; takes the messages of a thread |
//! | `day_phase` | where a generator is in its day, and how it ends it |
//! | `cell_link` | between a cell and its users: admission one way, mailboxes the other |
//! | `worker`, `cell` | the service of one thread; an actor a cell |
//! | `coordinator` | the world between two days |

pub(crate) mod cell;
pub(crate) mod cell_link;
pub(crate) mod coordinator;
pub(crate) mod counterparties;
pub(crate) mod day_phase;
pub(crate) mod generator;
pub(crate) mod generator_actor;
pub(crate) mod mailbox;
pub(crate) mod messages;
pub(crate) mod user;
pub(crate) mod user_shard;
pub(crate) mod wakers;
pub(crate) mod worker;
