//! The program: everything is in the library. The two faces, command line and workbench, meet only here.

use std::process::ExitCode;

use haul::cli::{Screen, ScreenOptions};
use haul::workbench;

fn main() -> ExitCode {
    let open = |options: ScreenOptions| {
        let ScreenOptions { environment, interrupt, folder, hint } = options;
        Box::pin(workbench::run(workbench::Options { environment, interrupt, folder, hint })) as _
    };
    haul::cli::main(Screen { open, restore: workbench::restore_terminal })
}
