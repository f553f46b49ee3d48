//! The help of the whole program: three examples first, then the commands in groups. clap lists commands in one row, so the page is
//! laid out here, from clap's own names and first lines.

use clap::Command;

/// Columns that no line of help passes.
const WIDTH: usize = 100;

/// Every command, under what one wants to do.
const GROUPS: &[(&str, &[&str])] = &[
    ("Simulate", &["run", "branch", "stress", "coverage", "compare-products", "merge", "ltv"]),
    ("Load", &["load", "capacity", "recover", "compare"]),
    ("Check", &["check", "verify", "calibrate"]),
    ("Look", &["list", "quote", "report", "export", "schema"]),
    ("Make", &["init", "completions", "man", "help"]),
];

const EXAMPLES: &[(&str, &str)] = &[
    ("yuefu run downturn", "a normal world and a severe downturn, with a report"),
    ("yuefu stress stress-suite --users 2000", "four paths, two policies, with intervals"),
    ("yuefu init lab", "models and scenarios as files that can be changed"),
];

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    done, and the answer is no: a target missed, a hash that does not match, records lost
  2    wrong input or arguments; nothing was done
  3    the work could not be finished (disk, file, bug)
  99   a load run broke an objective
  130  interrupted; nothing half-written is left

`yuefu help COMMAND` has the options of a command, and examples.";

/// Gives the program its page of help, and all pages their width.
pub(super) fn laid_out(command: Command) -> Command {
    let template = template(&command);
    command.max_term_width(WIDTH).help_template(template)
}

fn template(command: &Command) -> String {
    let header = command.get_styles().get_header();
    let heading = |text: &str| format!("{}{text}:{}\n", header.render(), header.render_reset());
    let mut page = format!("{{about-with-newline}}\n{}", heading("Examples"));
    for (typed, gives) in EXAMPLES {
        page += &format!("  {typed:40} {gives}\n");
    }
    page += "\n{usage-heading} {usage}\n";
    for (group, names) in GROUPS {
        page += "\n";
        page += &heading(group);
        for name in *names {
            page += &format!("  {name:18} {}\n", says(command, name));
        }
    }
    page + &format!("\n{}{{options}}{{after-help}}", heading("Options"))
}

/// The first line of a command's help. clap adds `help` itself, later.
fn says(command: &Command, name: &str) -> String {
    let about = command.find_subcommand(name).and_then(Command::get_about);
    about.map_or_else(|| "Print the help of the program or of a command".to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_stands_in_one_group() {
        let mut command = crate::cli::command("0.1.0");
        command.build();
        let mut there: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        there.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(grouped, there);
    }

    #[test]
    fn no_line_of_help_is_too_long_and_every_command_has_examples() {
        let mut command = crate::cli::command("0.1.0").term_width(WIDTH);
        command.build();
        let mut pages = vec![("yuefu".to_string(), command.render_long_help().to_string())];
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let page = sub.clone().term_width(WIDTH).render_long_help().to_string();
            let examples = page.lines().filter(|line| line.starts_with(&format!("  yuefu {}", sub.get_name()))).count();
            assert!(examples >= 2, "{} has {examples} examples:\n{page}", sub.get_name());
            pages.push((sub.get_name().to_string(), page));
        }
        let long = |line: &&str| line.chars().count() > WIDTH;
        for (name, page) in pages {
            assert_eq!(page.lines().find(long), None, "{name}");
            // Wrapped by hand: where clap breaks an example it cannot be copied.
            let sub = command.find_subcommand(&name).unwrap_or(&command);
            let written = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert_eq!(written.lines().find(long), None, "{name}");
        }
    }
}
