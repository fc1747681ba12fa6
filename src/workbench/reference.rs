//! The table of all commands in `docs/workbench.md`: rendered from the commands themselves, and held against the page.
//! Must not know: what commands do.

use std::path::PathBuf;

use super::command::{self, Command, Scope, Typing};
use super::keymap::keys_of;

const BEGIN: &str = "<!-- commands: HAUL_UPDATE_DOCS=1 cargo test --lib workbench::reference writes this table -->\n";
const END: &str = "<!-- end of commands -->";

fn page() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/workbench.md"))
}

fn table() -> String {
    let mut text = "\n| where | command | keys | what it does |\n| --- | --- | --- | --- |\n".to_owned();
    text.extend(command::all().map(row));
    text + "\n"
}

fn row(command: &Command) -> String {
    let keys = keys_of(command).expect("keys that exist, as another test shows");
    let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    let typing = match command.typing {
        Typing::Never => "",
        Typing::Also => ", while typing too",
        Typing::Only => ", while typing",
    };
    let help = command.help.replace('|', "\\|");
    format!("| {} | `{}` | {}{typing} | {help} |\n", place(command.scope), command.id, keys.join(" "))
}

fn place(scope: Scope) -> String {
    match scope {
        Scope::Everywhere => "Everywhere".to_owned(),
        Scope::Pane(pane) => format!("{} {}", pane.number(), pane.title()),
        Scope::List(pane, list) => format!("{} {}: {}", pane.number(), pane.title(), list.name()),
        Scope::Popup(name) => format!("window “{name}”"),
    }
}

#[test]
fn the_page_lists_every_command_as_it_is() {
    let there = std::fs::read_to_string(page()).expect("the page is there");
    let (before, rest) = there.split_once(BEGIN).expect("the mark where the table begins");
    let (old, after) = rest.split_once(END).expect("the mark where it ends");
    let new = table();
    if std::env::var_os("HAUL_UPDATE_DOCS").is_some() {
        std::fs::write(page(), format!("{before}{BEGIN}{new}{END}{after}")).expect("the page can be written");
        return;
    }
    let difference = similar::TextDiff::from_lines(old, &new);
    let difference = difference.unified_diff().header("docs/workbench.md", "the commands").to_string();
    assert!(old == new, "the table is out of date; HAUL_UPDATE_DOCS=1 writes it anew\n{difference}");
}
