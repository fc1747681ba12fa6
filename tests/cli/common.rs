//! A fresh user with nothing but the binary, and, where a test needs them, two sandbox servers in this process.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use haul::sandbox::{self, Sandbox, SandboxOptions};
use serde_json::Value;

/// One user's folders; nothing is shared between tests.
pub struct User {
    pub folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What a call of the program answered.
pub struct Answer {
    typed: String,
    folder: PathBuf,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl User {
    pub fn new() -> Self {
        User { folder: tempfile::tempdir().expect("a folder"), variables: Vec::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// The names in the user's folder, but for those of the program itself.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("readable");
        let names = entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"));
        let mut names: Vec<_> = names.filter(|name| !matches!(name.as_str(), "config" | "state" | "home")).collect();
        names.sort();
        names
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_haul"));
        command.args(arguments).current_dir(self.folder.path());
        self.surround(&mut command);
        command
    }

    /// The environment of this user, without anything of whoever runs the tests.
    pub fn surround(&self, command: &mut Command) {
        command.env_clear().env("HAUL_CREDENTIAL_STORE", "file").env("PATH", "/usr/bin:/bin");
        for (name, folder) in [("HAUL_CONFIG_DIR", "config"), ("HAUL_STATE_DIR", "state"), ("HOME", "home")] {
            command.env(name, self.path(folder));
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    pub fn haul(&self, arguments: &[&str]) -> Answer {
        self.answer(arguments, self.command(arguments).output().expect("haul starts"))
    }

    pub fn haul_with_stdin(&self, arguments: &[&str], input: &[u8]) -> Answer {
        use std::io::Write;
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().expect("haul starts");
        // It may refuse before it reads.
        let _ = child.stdin.take().expect("piped").write_all(input);
        self.answer(arguments, child.wait_with_output().expect("haul ends"))
    }

    pub fn answer(&self, arguments: &[&str], output: Output) -> Answer {
        Answer {
            typed: arguments.join(" "),
            folder: self.folder.path().to_owned(),
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON object ({error}): {self:?}"))
    }

    /// Asserts the exit code, and shows everything if it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Everything at once, without what differs between two runs of a test.
    pub fn transcript(&self) -> String {
        let mut text = format!("$ haul {}\nexit {}\n", self.typed, self.code);
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !stream.is_empty() {
                writeln!(text, "--- {name}\n{}", stream.trim_end()).expect("a String takes everything");
            }
        }
        text.replace(&self.folder.display().to_string(), "[FOLDER]")
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", self.transcript())
    }
}

/// Compares a transcript with its snapshot; ports, run ids and durations are taken out.
macro_rules! assert_transcript {
    ($name:expr, $answer:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]");
        settings.add_filter(r"\d{8}-\d{6}-[a-z0-9]{4}", "[RUN]");
        settings.add_filter(r"\b\d+(\.\d+)? s\b", "[TIME]");
        settings.add_filter(r#""seconds":[0-9.e-]+"#, r#""seconds":[TIME]"#);
        settings.bind(|| insta::assert_snapshot!($name, $answer.transcript()));
    }};
}
pub(crate) use assert_transcript;

/// A user with two servers as remotes, dev and prod.
pub struct Scene {
    runtime: tokio::runtime::Runtime,
    pub sandbox: Sandbox,
    pub user: User,
}

impl Scene {
    pub fn new() -> Self {
        Scene::with(SandboxOptions::default())
    }

    pub fn with(options: SandboxOptions) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("starts");
        let sandbox = runtime.block_on(sandbox::start(options)).expect("the sandbox starts");
        let mut user = User::new();
        for server in &sandbox.servers {
            let name = format!("HAUL_REMOTE_{}", server.name.to_uppercase());
            user = user
                .with(&name, &format!("{}:{}", server.platform, server.url))
                .with(&format!("{name}_USER"), &server.user)
                .with(&format!("{name}_PASSWORD"), &server.password);
        }
        Scene { runtime, sandbox, user }
    }

    /// Servers with so many generated flows.
    pub fn with_items(items: usize) -> Self {
        Scene::with(SandboxOptions { items: Some(items), ..SandboxOptions::default() })
    }

    pub fn haul(&self, arguments: &[&str]) -> Answer {
        self.user.haul(arguments)
    }

    /// What a server holds of the three kinds, without times.
    pub fn state(&self, server: &str) -> Value {
        let dump = self.sandbox.server(server).dump();
        let mut state = serde_json::json!({
            "flows": dump["flows"], "connections": dump["connections"], "secrets": dump["secrets"],
        });
        forget_times(&mut state);
        state
    }

    pub fn requests(&self, server: &str) -> usize {
        self.sandbox.server(server).requests().len()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // Servers stop in the runtime that they were started in.
        let _guard = self.runtime.enter();
    }
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "createdAt" && name != "updatedAt");
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

/// A file of the samples that the platforms themselves wrote.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}
