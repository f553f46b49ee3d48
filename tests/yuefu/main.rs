//! Black-box tests: the program as its users meet it. One binary, one module a command.

mod anywhere;
mod capacity;
mod check;
mod checkpoints;
mod cluster;
mod compare_products;
mod export;
#[cfg(target_os = "linux")]
mod grid;
mod jobs;
mod load;
mod members;
mod merge;
mod ownership;
mod program;
mod quote;
mod recover;
mod run;
mod streams;
mod stress;
mod usage;
mod verify;
