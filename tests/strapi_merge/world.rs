//! One user with nothing but the binary, and two played servers in this process as remotes.

use std::process::{Child, Command, Output, Stdio};

use haul::sandbox::{self, Sandbox, SandboxOptions, Site};
use serde_json::Value;

use crate::picture::Picture;

pub const ARTICLE: &str = "api::article.article";
pub const FILE: &str = "plugin::upload.file";

pub struct World {
    runtime: tokio::runtime::Runtime,
    pub sandbox: Sandbox,
    pub folder: tempfile::TempDir,
}

/// What a call of the program answered.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Answer {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        Answer { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON object ({error}): {self:#?}"))
    }

    /// Asserts the exit code, and shows everything if it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Message and hint of the error that a verb ended with.
    pub fn error(&self) -> (String, String) {
        let error = self.json()["error"].clone();
        let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
        (text("code"), format!("{}; {}", text("message"), text("hint")))
    }
}

impl World {
    pub fn new() -> Self {
        World::faulty(&[])
    }

    pub fn faulty(faults: &[&str]) -> Self {
        let faults = faults.iter().map(|&fault| fault.to_owned()).collect();
        World::with(SandboxOptions { faults, ..SandboxOptions::default() })
    }

    pub fn with(options: SandboxOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let options = SandboxOptions { platform: Some("strapi".to_owned()), ..options };
        let sandbox = runtime.block_on(sandbox::start(options)).expect("the sandbox starts");
        World { runtime, sandbox, folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_haul"));
        command.args(arguments).current_dir(self.folder.path());
        command.env_clear().env("HAUL_CREDENTIAL_STORE", "file").env("PATH", "/usr/bin:/bin");
        for (name, folder) in [("HAUL_CONFIG_DIR", "config"), ("HAUL_STATE_DIR", "state"), ("HOME", "home")] {
            command.env(name, self.folder.path().join(folder));
        }
        for server in &self.sandbox.servers {
            let name = format!("HAUL_REMOTE_{}", server.name.to_uppercase());
            command.env(&name, format!("strapi:{}", server.url));
            command.env(format!("{name}_TOKEN"), server.token.as_deref().expect("a token"));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn haul(&self, arguments: &[&str]) -> Answer {
        Answer::of(&self.command(arguments).output().expect("haul starts"))
    }

    /// On a disk that takes no file of more than so many KiB.
    #[cfg(unix)]
    pub fn haul_on_small_disk(&self, kibibytes: u32, arguments: &[&str]) -> Answer {
        let whole = self.command(arguments);
        let mut command = Command::new("bash");
        // Who ignores the signal is told by an error, as on a full disk.
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\"")]);
        command.arg(whole.get_program()).args(whole.get_args()).current_dir(self.folder.path());
        command.env_clear().envs(whole.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Answer::of(&command.stdin(Stdio::null()).output().expect("bash starts"))
    }

    pub fn ended(child: Child) -> Answer {
        Answer::of(&child.wait_with_output().expect("haul ends"))
    }

    /// With a token of this server in the place of the one that may everything.
    pub fn haul_with_token(&self, server: &str, token: &str, arguments: &[&str]) -> Answer {
        let mut command = self.command(arguments);
        command.env(format!("HAUL_REMOTE_{}_TOKEN", server.to_uppercase()), token);
        Answer::of(&command.output().expect("haul starts"))
    }

    pub fn site(&self, server: &str) -> &Site {
        self.sandbox.server(server).site().expect("a server of Strapi")
    }

    pub fn heal(&self) {
        self.sandbox.server("prod").set_faults(&[]).expect("no fault is a set of faults");
    }

    /// What a server holds, as it would be called anywhere.
    pub fn picture(&self, server: &str) -> Picture {
        Picture::of(self.site(server))
    }

    /// The document of the row whose field has this value.
    pub fn document(&self, server: &str, uid: &str, field: &str, value: &str) -> String {
        let rows = self.site(server).rows(uid);
        let row = rows.iter().find(|row| row["data"][field] == value);
        let row = row.unwrap_or_else(|| panic!("{server} has no {uid} with {field} {value}"));
        row["data"]["documentId"].as_str().expect("a document").to_owned()
    }

    /// The frames that asked the destination to change something, in order.
    pub fn pushed(&self) -> Vec<Value> {
        let frames = self.site("prod").frames().into_iter();
        frames.filter(|record| record.transfer == "push" && record.received).map(|record| record.frame).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Servers stop in the runtime that they were started in.
        let _guard = self.runtime.enter();
    }
}

pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
