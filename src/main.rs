//! The program: parse, run, exit code. See `yuefu help`.

mod built_in;

use std::process::ExitCode;

/// A day sweeps every user's tables, and a load run has a hundred thousand actors send each other small messages. mimalloc
/// serves both: memory goes from thread to thread without locks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    yuefu::main(built_in::BUILT_IN, yuefu::Build { commit: env!("YUEFU_COMMIT"), target: env!("YUEFU_TARGET") })
}
