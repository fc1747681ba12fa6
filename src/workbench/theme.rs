//! What a role looks like: dark, light, sixteen colours or none. Colour is never the only sign of anything.
//! Must not know: what is drawn.

use ratatui::style::{Color, Modifier, Style};

use crate::model::{Decision, EffectKind, RunStatus, Severity};

/// What a piece of text is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    #[default]
    Text,
    Dim,
    Strong,
    Heading,
    Border,
    /// The border of what has the focus.
    Focus,
    Key,
    Production,
    Good,
    Info,
    Warning,
    Bad,
    /// What is deleted. Nothing else looks like it.
    Delete,
    Create,
    Overwrite,
    Skip,
    Duplicate,
    /// A line or field that only one side has, and parts of it that differ.
    Added,
    Removed,
    Changed,
    Gauge,
    /// The part of a gauge that is not reached.
    Track,
    /// A place to type in.
    Field,
}

impl Role {
    pub fn of_decision(decision: Decision) -> Role {
        match decision {
            Decision::Create => Role::Create,
            Decision::Overwrite => Role::Overwrite,
            Decision::Skip => Role::Skip,
            Decision::Duplicate => Role::Duplicate,
        }
    }

    pub fn of_effect(effect: EffectKind) -> Role {
        match effect {
            EffectKind::Delete => Role::Delete,
            EffectKind::Unlink | EffectKind::CannotUndo => Role::Warning,
            EffectKind::Convert => Role::Info,
            EffectKind::WithoutValue | EffectKind::Rename => Role::Text,
        }
    }

    pub fn of_status(status: RunStatus) -> Role {
        match status {
            RunStatus::Succeeded | RunStatus::Planned => Role::Good,
            RunStatus::Partial | RunStatus::Cancelled => Role::Warning,
            RunStatus::Failed => Role::Bad,
        }
    }

    pub fn of_severity(severity: Severity) -> Role {
        match severity {
            Severity::Info => Role::Info,
            Severity::Warning => Role::Warning,
            Severity::Blocking => Role::Bad,
        }
    }
}

/// The colours of a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Dark,
    Light,
    /// Only the terminal's own sixteen colours, which fit its background by themselves.
    Ansi,
    /// No colour at all: bold, dim, underline and reverse.
    Plain,
}

impl Theme {
    pub fn style(self, role: Role) -> Style {
        match self {
            Theme::Dark => rgb(role, &DARK),
            Theme::Light => rgb(role, &LIGHT),
            Theme::Ansi => ansi(role),
            Theme::Plain => plain(role),
        }
    }

    /// The row under the cursor; `focused` where the keys go to its list.
    pub fn cursor(self, focused: bool) -> Style {
        match (self, focused) {
            (Theme::Dark, true) => Style::new().bg(Color::Rgb(48, 66, 99)),
            (Theme::Dark, false) => Style::new().bg(Color::Rgb(38, 42, 51)),
            (Theme::Light, true) => Style::new().bg(Color::Rgb(196, 214, 245)),
            (Theme::Light, false) => Style::new().bg(Color::Rgb(226, 230, 236)),
            // One even bar: reversed, each colour of the row would become a patch of its own.
            (Theme::Ansi | Theme::Plain, true) => Style::new()
                .fg(Color::Reset)
                .bg(Color::Reset)
                .remove_modifier(Modifier::DIM | Modifier::UNDERLINED)
                .add_modifier(Modifier::REVERSED),
            (Theme::Ansi | Theme::Plain, false) => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }
}

/// Foregrounds by group of roles.
struct Palette {
    text: Color,
    dim: Color,
    border: Color,
    accent: Color,
    good: Color,
    info: Color,
    warning: Color,
    bad: Color,
    duplicate: Color,
    on_production: Color,
    field: Color,
}

const DARK: Palette = Palette {
    text: Color::Reset,
    dim: Color::Rgb(140, 148, 160),
    border: Color::Rgb(88, 96, 110),
    accent: Color::Rgb(110, 170, 255),
    good: Color::Rgb(126, 200, 120),
    info: Color::Rgb(120, 190, 210),
    warning: Color::Rgb(230, 180, 80),
    bad: Color::Rgb(240, 110, 110),
    duplicate: Color::Rgb(200, 150, 240),
    on_production: Color::Rgb(20, 20, 20),
    field: Color::Rgb(38, 42, 51),
};

const LIGHT: Palette = Palette {
    text: Color::Reset,
    dim: Color::Rgb(100, 106, 116),
    border: Color::Rgb(150, 156, 166),
    accent: Color::Rgb(20, 90, 190),
    good: Color::Rgb(20, 120, 40),
    info: Color::Rgb(0, 110, 130),
    warning: Color::Rgb(150, 95, 0),
    bad: Color::Rgb(185, 25, 35),
    duplicate: Color::Rgb(120, 50, 170),
    on_production: Color::Rgb(255, 255, 255),
    field: Color::Rgb(226, 230, 236),
};

fn rgb(role: Role, palette: &Palette) -> Style {
    let fg = |color| Style::new().fg(color);
    match role {
        Role::Text => fg(palette.text),
        Role::Strong => fg(palette.text).add_modifier(Modifier::BOLD),
        Role::Dim | Role::Skip => fg(palette.dim),
        Role::Border | Role::Track => fg(palette.border),
        Role::Heading | Role::Key | Role::Focus => fg(palette.accent).add_modifier(Modifier::BOLD),
        Role::Gauge => fg(palette.accent),
        Role::Production => fg(palette.on_production).bg(palette.bad).add_modifier(Modifier::BOLD),
        Role::Good | Role::Create | Role::Added => fg(palette.good),
        Role::Info => fg(palette.info),
        Role::Warning | Role::Overwrite => fg(palette.warning),
        Role::Changed => fg(palette.warning).add_modifier(Modifier::BOLD),
        Role::Bad | Role::Removed => fg(palette.bad),
        Role::Duplicate => fg(palette.duplicate),
        Role::Delete => fg(palette.on_production).bg(palette.bad).add_modifier(Modifier::BOLD),
        Role::Field => fg(palette.text).bg(palette.field),
    }
}

fn ansi(role: Role) -> Style {
    let fg = |color| Style::new().fg(color);
    match role {
        Role::Text => Style::new(),
        Role::Strong => Style::new().add_modifier(Modifier::BOLD),
        Role::Dim | Role::Skip | Role::Border | Role::Track => Style::new().add_modifier(Modifier::DIM),
        Role::Heading | Role::Key | Role::Focus => fg(Color::Cyan).add_modifier(Modifier::BOLD),
        Role::Gauge => fg(Color::Cyan),
        Role::Production => fg(Color::White).bg(Color::Red).add_modifier(Modifier::BOLD),
        Role::Good | Role::Create | Role::Added => fg(Color::Green),
        Role::Info => fg(Color::Cyan),
        Role::Warning | Role::Overwrite => fg(Color::Yellow),
        Role::Changed => fg(Color::Yellow).add_modifier(Modifier::BOLD),
        Role::Bad | Role::Removed => fg(Color::Red),
        Role::Delete => fg(Color::Red).add_modifier(Modifier::BOLD | Modifier::REVERSED),
        Role::Duplicate => fg(Color::Magenta),
        Role::Field => Style::new().add_modifier(Modifier::UNDERLINED),
    }
}

fn plain(role: Role) -> Style {
    let with = |modifier| Style::new().add_modifier(modifier);
    match role {
        Role::Dim | Role::Skip | Role::Border | Role::Track => with(Modifier::DIM),
        Role::Strong | Role::Heading | Role::Key | Role::Focus | Role::Bad | Role::Warning => with(Modifier::BOLD),
        Role::Production => with(Modifier::BOLD | Modifier::REVERSED),
        Role::Delete => with(Modifier::BOLD | Modifier::UNDERLINED),
        Role::Changed | Role::Field => with(Modifier::UNDERLINED),
        _ => Style::new(),
    }
}
