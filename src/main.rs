//! The program: everything is in the library. The two faces, command line and workbench, meet only here.

use std::process::ExitCode;

use haul::cli::{Screen, ScreenOptions};
use haul::{memory, workbench};

fn main() -> ExitCode {
    memory::keep_together();
    let open = |options: ScreenOptions| {
        let ScreenOptions { environment, interrupt, reports, demo } = options;
        let demo = demo.map(|demo| workbench::Demo { folder: demo.folder, hint: demo.hint });
        Box::pin(workbench::run(workbench::Options { environment, interrupt, reports, demo })) as _
    };
    haul::cli::main(Screen { open, restore: workbench::restore_terminal })
}
