//! The program: parse, run, exit code. See `yuefu help`.

mod built_in;

use std::process::ExitCode;

/// A day sweeps every user's tables, and a load run has a hundred thousand actors send each other small messages. mimalloc
/// serves both: memory goes from thread to thread without locks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let (commit, target, profile) = (env!("YUEFU_COMMIT"), env!("YUEFU_TARGET"), env!("YUEFU_PROFILE"));
    yuefu::main(built_in::BUILT_IN, yuefu::Build { commit, target, profile })
}
