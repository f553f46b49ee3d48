//! The drivers of a world: the only home of threads, clocks and (on the wall clock) actors and sockets.

pub mod fabric;
pub mod journal;
pub mod pacer;
pub mod virtual_time;
pub mod wall;
