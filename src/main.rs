//! The program: parse, run, exit code. See `yuefu help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    yuefu::cli::main()
}
