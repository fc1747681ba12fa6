//! What a sandbox is started with, as the command line has it: plain values and texts that are checked at the start.
//! Must not know: sockets.

use std::path::PathBuf;

use super::{
    fault::{self, Fault, Faults},
    switch::{Switch, Switches},
};

/// Each field is a flag of `haul sandbox`.
#[derive(Clone, Debug, Default)]
pub struct SandboxOptions {
    /// One of [`super::PLATFORMS`], or [`super::ALL`] of them; the first without it.
    pub platform: Option<String>,
    /// The port of the first server; each further server has the next one. Free ports without it.
    pub port: Option<u16>,
    /// So many generated items on each server, with what belongs to them in proportion, instead of the sample content.
    pub items: Option<usize>,
    /// `[SERVER=]PATH`: exports to take schemas and content from, of platforms that have such.
    pub content: Vec<String>,
    /// The same seed gives the same generated content and the same chance of failures.
    pub seed: u64,
    /// Milliseconds that every request waits.
    pub latency: u64,
    /// The part of all requests that fails, from 0 to 1.
    pub fail_rate: f64,
    /// `object` or `nested`: short for the switch of this name.
    pub layout: Option<String>,
    /// With the cases that no rule of matching can decide.
    pub ambiguous: bool,
    /// `[SERVER/]NAME[=VALUE]`, see [`Fault::ALL_HELP`].
    pub faults: Vec<String>,
    /// `NAME=VALUE`, see [`Switch::ALL_HELP`].
    pub switches: Vec<String>,
}

impl SandboxOptions {
    pub(super) fn faults(&self, server: &str) -> Result<Faults, String> {
        let mut faults = Faults::parse(&self.faults, server)?;
        if self.latency > 0 {
            faults.add(Fault::parse(&format!("latency={}", self.latency))?);
        }
        if self.fail_rate != 0.0 {
            faults.fail_rate = fault::rate(&self.fail_rate.to_string())?;
        }
        Ok(faults)
    }

    /// The export for the server of this name: one that names it wins over one for both.
    pub(super) fn export(&self, server: &str) -> Result<Option<PathBuf>, String> {
        let mut found = None;
        for text in &self.content {
            match text.split_once('=') {
                Some((name @ ("dev" | "prod"), path)) if name == server => return Ok(Some(PathBuf::from(path))),
                Some(("dev" | "prod", _)) => {}
                _ if text.is_empty() => return Err("the path of an export is empty".to_owned()),
                _ => found = Some(PathBuf::from(text)),
            }
        }
        Ok(found)
    }

    pub(super) fn switches(&self) -> Result<Switches, String> {
        let mut switches = Switches::default();
        if let Some(layout) = &self.layout {
            switches.set(Switch::parse(&format!("layout={layout}"))?);
        }
        for text in &self.switches {
            switches.set(Switch::parse(text)?);
        }
        Ok(switches)
    }
}
