//! `yuefu schema`: the JSON Schema of scenario files, so that editors complete and check.

/// Prints the schema on standard output.
pub fn run() {
    println!("{}", crate::scenario::json_schema());
}
