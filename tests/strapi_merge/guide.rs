//! The commands of the guide, run as they stand there.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use haul::sandbox::SandboxOptions;
use serde_json::Value;

use crate::decisions::assert_rest;
use crate::picture::Picture;
use crate::world::{ARTICLE, World};

/// What stands between ```` ```sh ```` and its end.
fn commands() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/move-ten-articles.md");
    let text = std::fs::read_to_string(page).expect("the guide is there");
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.flat_map(|(block, _)| block.lines()).map(str::to_owned).collect()
}

/// Runs a line in a shell that knows `haul`, with the two servers under the names of the guide.
fn shell(world: &World, line: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_haul"));
    let known = world.command(&[]);
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(world.folder.path()).env_clear();
    command.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let path = format!("{}:/usr/bin:/bin", program.parent().expect("a folder").display());
    command.env("PATH", path);
    for (name, server) in [("STAGING", "dev"), ("PRODUCTION", "prod")] {
        let server = world.sandbox.servers.iter().find(|known| known.name == server).expect("a server");
        command.env(format!("HAUL_REMOTE_{name}"), format!("strapi:{}", server.url));
        command.env(format!("HAUL_REMOTE_{name}_TOKEN"), server.token.as_deref().expect("a token"));
    }
    let output = command.output().expect("a shell");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{line}\n{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// By title: description and document.
fn articles(world: &World, server: &str) -> BTreeMap<String, Value> {
    let rows = world.site(server).rows(ARTICLE);
    rows.iter().map(|row| (row["data"]["title"].as_str().expect("a title").to_owned(), row["data"].clone())).collect()
}

/// Everything but the articles that are meant, and what came along with them.
fn rest(picture: &Picture, before: &Picture, meant: &[String]) -> Picture {
    let mut rest = picture.clone();
    let is_kept = |key: &str| before.rows.contains_key(key) && !meant.iter().any(|id| key.contains(id.as_str()));
    rest.rows.retain(|key, _| is_kept(key));
    rest.relations.retain(|(owner, _), _| is_kept(owner.split(" / ").next().unwrap_or_default()));
    rest
}

#[test]
fn ten_articles_are_moved_as_the_guide_says_and_nothing_else() {
    let world = World::with(SandboxOptions { items: Some(19), ..SandboxOptions::default() });
    let (before, had) = (world.picture("prod"), articles(&world, "prod"));
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    let said: Vec<(String, String)> = commands.iter().map(|line| (line.clone(), shell(&world, line))).collect();
    let of = |word: &str| &said.iter().find(|(line, _)| line.contains(word)).expect(word).1;
    assert_eq!(of("haul list").matches("Article 1").count(), 10, "the guide says ten");
    assert!(of("--rehearse").contains("rehearsed"), "{}", of("--rehearse"));

    let (after, wanted) = (articles(&world, "prod"), articles(&world, "dev"));
    let moved = |title: &str| title.starts_with("Article 1");
    assert_eq!(after.keys().filter(|title| moved(title)).count(), 10);
    for (title, article) in wanted.iter().filter(|(title, _)| moved(title)) {
        assert_eq!(after[title]["description"], article["description"], "{title}");
    }
    assert_eq!(after["Article 10"]["documentId"], had["Article 10"]["documentId"], "production's id stays");
    let meant: Vec<String> = after
        .iter()
        .filter(|(title, _)| moved(title))
        .map(|(_, data)| data["documentId"].as_str().expect("a document").to_owned())
        .collect();
    let now = world.picture("prod");
    assert_rest(&rest(&before, &before, &meant), &rest(&now, &before, &meant));
}
