//! What every column of every CSV file is: its unit and its meaning, by kind of directory. The one home of this knowledge;
//! `yuefu list columns` and `docs/columns.md` are printed from it, and a test compares it with what is written.

mod entry;
mod load;
mod products;
mod run;
mod scoring;
mod suite;

pub(crate) use entry::Column;

/// Every column of every file, by kind of directory and file, in the order of the files' headers.
pub(crate) fn columns() -> Vec<Column> {
    let of_kinds = [run::files(), suite::files(), products::files(), scoring::files(), vec![load::file()]];
    of_kinds.into_iter().flatten().flat_map(|file| file.columns).collect()
}

/// The text of `docs/columns.md`.
#[cfg(test)]
fn document() -> String {
    let mut out = String::from(
        "# Columns of the CSV files\n\n\
         What each column of each table in a results directory is, for people and programs that go on computing. Printed from\n\
         `src/results/dictionary/`; `yuefu list columns [--json]` prints the same. A word in capitals stands for what the meaning\n\
         says. A text in several words or with a comma is quoted as in RFC 4180; a field in which there is nothing to say is empty.\n\
         Amounts are in fen (1 yuan = 100 fen) or yuan as the unit says, ratios are plain (0.05 is 5 %), `_95` are the ends of\n\
         95 % intervals.\n",
    );
    let mut place = (None, "");
    for column in columns() {
        if place.0 != Some(column.kind) {
            out.push_str(&format!("\n## {}\n", column.kind.name()));
        }
        if place != (Some(column.kind), column.file) {
            out.push_str(&format!("\n### {}\n\n| column | unit | meaning |\n|---|---|---|\n", column.file));
        }
        place = (Some(column.kind), column.file);
        let says = column.says.replace('|', "\\|");
        out.push_str(&format!("| `{}` | {} | {says} |\n", column.name, column.unit));
    }
    out
}

#[cfg(test)]
mod tests;
