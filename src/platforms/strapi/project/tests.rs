//! Projects whose command is a script of a few lines: what it is asked, and what becomes of what it does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rstest::rstest;

use super::Project;
use super::unpack::{Half, unpack};
use crate::codec::TarWriter;
use crate::model::{
    Credentials, Digests, Error, ErrorKind, EventSink, Existing, ExportFormat, ExportRequest, Exported, Files, Finding,
    Inventory, ItemIndex, ItemKey, Kind, Layout, LocationInfo, Platform, RunEvent, Seal, Source, Squeeze, code,
};
use crate::net::Farewells;
use crate::platforms::strapi::ArchiveSource;
use crate::platforms::strapi::members::Bundle;
use crate::platforms::strapi::remote::Spool;
use crate::platforms::{KeySource, OpenOptions};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/strapi");
const KEY: &str = "my-encryption-key";

/// `behaviour` is a script that a test adds; `asked` gets a line for each call, `imported` what an import was given.
const COMMAND: &str = r#"#!/bin/sh
project=$(pwd)
echo "$*" >>"$project/asked"
env | grep '^HAUL_' >>"$project/leaked"
verb=$1
for word in "$@"; do
  case $previous in
    --file) target=$word ;;
    --only) half=$word ;;
    --exclude) half=rows ;;
    --format) form=$word ;;
  esac
  previous=$word
done
if [ -f "$project/behaviour" ]; then . "$project/behaviour"; fi
echo "- entities: 0 transferred" >&2
case $verb-$form in
  export-dir) cp -r "$project/made/$half" "$target" ;;
  export-*) cp "$project/made/$half.tar" "$target.tar" ;;
  import-*) cp -r "$target" "$project/imported" ;;
esac
echo "$verb process has been completed successfully!"
"#;

#[derive(Default)]
struct Ear(Mutex<Vec<RunEvent>>);

impl EventSink for Ear {
    fn emit(&self, event: RunEvent) {
        self.0.lock().unwrap().push(event);
    }
}

/// A project and whoever opens it.
struct Scene {
    root: tempfile::TempDir,
    archive: PathBuf,
    farewells: Farewells,
    ear: Arc<Ear>,
}

impl Scene {
    fn new(version: &str) -> Scene {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("site");
        let name = if version.starts_with('4') { "v4.26.2.tar.gz" } else { "v5.54.0.tar.gz" };
        let archive = Path::new(DATA).join(name);
        for part in ["node_modules/.bin", "node_modules/@strapi/strapi", "public/uploads", "made"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let scene = Scene { root, archive, farewells: Farewells::default(), ear: Arc::default() };
        scene.write("package.json", r#"{"dependencies": {"@strapi/strapi": "^4.0.0 || ^5.0.0"}}"#);
        scene.write("node_modules/@strapi/strapi/package.json", &format!(r#"{{"version": "{version}"}}"#));
        scene.write("node_modules/.bin/strapi", COMMAND);
        let command = folder.join("node_modules/.bin/strapi");
        fs::set_permissions(command, fs::Permissions::from_mode(0o755)).unwrap();
        scene.write(".env", "JWT_SECRET=topsecret\n");
        for (half, name) in [(Half::Rows, "rows"), (Half::Files, "files")] {
            scene.make(half, name);
        }
        scene
    }

    /// What the command hands out: a half of an archive, as folder and as tar.
    fn make(&self, half: Half, name: &str) {
        let spool = Spool::new(&self.root.path().join("making")).unwrap();
        unpack(&self.archive, &spool, half).unwrap();
        let made = self.folder().join("made");
        let mut tar = TarWriter::new(fs::File::create(made.join(name).with_extension("tar")).unwrap(), 0);
        let mut members = Bundle::Folder(spool.path().to_owned()).members().unwrap();
        while let Some(entry) = members.next_entry().unwrap() {
            tar.copy(&entry.name, entry.size, &mut members).unwrap();
            let path = made.join(name).join(&entry.name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::copy(spool.path().join(&entry.name), path).unwrap();
        }
        tar.finish().unwrap();
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("site")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder().join(name)).unwrap_or_default()
    }

    fn asked(&self) -> Vec<String> {
        let short = |line: &str| line.replace(&*self.root.path().to_string_lossy(), "");
        self.read("asked").lines().map(short).collect()
    }

    fn open(&self) -> Project {
        let options = OpenOptions {
            spool: self.root.path().join("spool"),
            farewells: self.farewells.clone(),
            events: self.ear.clone(),
            ..OpenOptions::default()
        };
        Project::open(&self.folder(), &options).unwrap()
    }

    fn spools(&self) -> usize {
        fs::read_dir(self.root.path().join("spool")).map_or(0, |entries| entries.count())
    }

    fn said(&self) -> Vec<String> {
        let events = self.ear.0.lock().unwrap();
        let lines = events.iter().filter_map(|event| match event {
            RunEvent::Said { line, .. } => Some(line.clone()),
            _ => None,
        });
        lines.collect()
    }
}

/// Everything that is known of an archive's items; an export of a part has fewer of them.
async fn items_of(archive: &Path) -> Vec<(ItemKey, Option<Digests>)> {
    let keys = KeySource::Given(KEY.into());
    items(&ArchiveSource::open(archive, &keys, Arc::new(())).unwrap().list().await.unwrap())
}

fn items(inventory: &Inventory) -> Vec<(ItemKey, Option<Digests>)> {
    let mut items: Vec<_> = inventory.items().map(|item| (item.key(), item.digests())).collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    items
}

async fn export(project: &Project, inventory: &Inventory, output: &Path, files: Files) -> Result<Exported, Error> {
    let items: Vec<ItemIndex> = inventory.items().map(|item| item.index()).collect();
    let format = ExportFormat {
        seal: Seal::None,
        squeeze: Squeeze::None,
        layout: Layout::Archive,
        existing: Existing::Refuse,
        files,
        credentials: Credentials::Keep,
        folder: crate::model::FolderFormat::default(),
    };
    let request = ExportRequest { inventory, items: &items, output: Some(output), format: &format };
    project.export(&request, &()).await
}

#[rstest]
#[case::folders("5.54.0", " --format dir")]
#[case::tars("5.41.0", " --no-compress")]
#[case::of_v4("4.26.2", " --no-compress")]
#[tokio::test]
async fn an_export_of_a_project_is_that_of_its_own_command(#[case] version: &str, #[case] form: &str) {
    let scene = Scene::new(version);
    let project = scene.open();
    assert_eq!(project.info().version.as_deref(), Some(version));
    let mut inventory = project.list().await.unwrap();
    let made = items_of(&scene.archive).await;
    let rows = |list: &[(ItemKey, Option<Digests>)]| {
        list.iter().map(|(key, digests)| (key.clone(), digests.filter(|_| key.kind != Kind::Asset))).collect::<Vec<_>>()
    };
    assert_eq!(items(&inventory), rows(&made), "assets have no digest before their files are there");
    assert_eq!(inventory.findings[0].code, code::RUNS_PROJECT);

    let without = scene.root.path().join("without.tar");
    export(&project, &inventory, &without, Files::RecordsOnly).await.unwrap();
    assert_eq!(rows(&items_of(&without).await), rows(&made));
    assert_eq!(scene.asked().len(), 1, "nobody wanted files: {:?}", scene.asked());

    let assets: Vec<_> = inventory.items().filter(|i| i.kind() == Kind::Asset).map(|i| i.index()).collect();
    project.examine(&mut inventory, &assets).await.unwrap();
    assert_eq!(items(&inventory), made);
    let whole = scene.root.path().join("whole.tar");
    export(&project, &inventory, &whole, Files::With).await.unwrap();
    assert_eq!(items_of(&whole).await, made);
    let asked = scene.asked();
    assert_eq!(asked.len(), 2, "files are exported once: {asked:?}");
    assert!(asked[0].starts_with(&format!("export --no-encrypt{form} --exclude files --file /spool/")), "{asked:?}");
    assert!(asked[1].starts_with(&format!("export --no-encrypt{form} --only files --file /spool/")), "{asked:?}");

    let keys: Vec<_> = made.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(project.read(&keys).await.unwrap().len(), keys.len());
    drop(project);
    assert_eq!((scene.spools(), scene.read("leaked").as_str()), (0, ""));
}

/// What an archive of the project becomes, the project itself becomes too.
#[rstest]
#[case::of_v5("5.54.0", true)]
#[case::of_v4("4.26.2", false)]
#[tokio::test]
async fn a_project_of_v4_takes_on_the_form_of_the_destination(#[case] wanted: &str, #[case] is_converted: bool) {
    let there = LocationInfo { version: Some(wanted.to_owned()), ..LocationInfo::new(Platform::Strapi, "there") };
    let scene = Scene::new("4.26.2");
    let spools = scene.root.path().join("spool");
    let keys = KeySource::Given(KEY.into());
    let archive = ArchiveSource::open(&scene.archive, &keys, Arc::new(())).unwrap().converting_in(&spools);
    let archive = archive.suited(&there).await.unwrap().expect("another form");
    let made = archive.list().await.unwrap();
    let project = scene.open();
    let suited = project.suited(&there).await.unwrap().expect("another form");
    assert!(suited.suited(&there).await.unwrap().is_none(), "it suits now");
    let mut inventory = suited.list().await.unwrap();
    let assets: Vec<_> = inventory.items().filter(|i| i.kind() == Kind::Asset).map(|i| i.index()).collect();
    suited.examine(&mut inventory, &assets).await.unwrap();
    assert_eq!(items(&inventory), items(&made));
    assert_eq!(inventory.findings.iter().any(|finding| finding.code == code::CONVERTED), is_converted);
    let numbers = (1..50).map(|number| format!("asset:{number}"));
    let renamed: Vec<_> =
        numbers.filter_map(|number| Some((suited.renamed(&number)?, archive.renamed(&number)?))).collect();
    assert!(!renamed.is_empty() && renamed.iter().all(|(ours, theirs)| ours == theirs), "{renamed:?}");
    drop((suited, project, archive));
    assert_eq!(scene.spools(), 0, "nothing stays on disk");
}

#[rstest]
#[case("5.54.0", "5.54.0")]
#[case::never_backwards("5.54.0", "4.26.2")]
#[tokio::test]
async fn a_project_whose_form_fits_stays_as_it_is(#[case] version: &str, #[case] wanted: &str) {
    let there = LocationInfo { version: Some(wanted.to_owned()), ..LocationInfo::new(Platform::Strapi, "there") };
    let scene = Scene::new(version);
    assert!(scene.open().suited(&there).await.unwrap().is_none());
    assert!(scene.asked().is_empty(), "nothing is run for the question");
}

#[tokio::test]
async fn a_file_that_is_missing_is_told_once() {
    let scene = Scene::new("5.54.0");
    let uploads = scene.folder().join("made/files/assets/uploads");
    let mut names = fs::read_dir(&uploads).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = names.find(|name| name.starts_with("daviddoe")).unwrap();
    fs::remove_file(uploads.join(&name)).unwrap();
    fs::remove_file(scene.folder().join("made/files/assets/metadata").join(format!("{name}.json"))).unwrap();
    scene.write("behaviour", "[ \"$half\" != files ] || echo '[x] warn: (source) Media item 1 was not found'");
    let project = scene.open();
    let inventory = project.list().await.unwrap();
    let output = scene.root.path().join("out.tar");
    let exported = export(&project, &inventory, &output, Files::With).await.unwrap();
    let count = |code: &str| exported.findings.iter().filter(|finding| finding.code == code).count();
    assert_eq!((count(code::MISSING_FILE), count(code::SERVER_WARNING), count(code::RUNS_PROJECT)), (1, 1, 0));
}

#[rstest]
#[case::busy(
    "echo \"SqliteError: update x set y = 'topsecret' - database is locked\" >&2; exit 1",
    ErrorKind::Busy,
    "database is locked"
)]
#[case::code(
    "echo 'SyntaxError: Unexpected token topsecret' >&2; exit 1",
    ErrorKind::Project,
    "Unexpected token (hidden)"
)]
#[case::silent("exit 3", ErrorKind::Project, "failed with exit 3: it said nothing")]
#[case::killed("kill -KILL $$", ErrorKind::Project, "was killed by signal 9")]
#[case::nothing_written("exit 0", ErrorKind::Project, "wrote nothing")]
#[case::asks("read answer || { echo 'Error: nobody answers' >&2; exit 130; }", ErrorKind::Project, "nobody answers")]
#[tokio::test]
async fn a_command_that_fails_is_told_and_leaves_nothing(
    #[case] behaviour: &str,
    #[case] kind: ErrorKind,
    #[case] words: &str,
) {
    let scene = Scene::new("5.54.0");
    scene.write("behaviour", behaviour);
    let error = scene.open().list().await.expect_err("it failed");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(words) && error.message().contains("/site"), "{error}");
    assert!(error.hint_text().is_some() && !format!("{error} {:?} {:?}", error, scene.said()).contains("topsecret"));
    assert_eq!(scene.spools(), 0);
}

#[tokio::test]
async fn a_command_that_hangs_is_ended_with_whoever_waits() {
    let scene = Scene::new("5.54.0");
    scene.write("behaviour", "trap 'echo ended >>\"$project/ended\"; exit 1' TERM\necho begun\nsleep 600 &\nwait\n");
    let project = Arc::new(scene.open());
    let listing = tokio::spawn({
        let project = project.clone();
        async move { project.list().await.map(drop) }
    });
    while !scene.said().contains(&"begun".to_owned()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    listing.abort();
    assert!(listing.await.is_err());
    scene.farewells.finished(Duration::from_secs(60)).await;
    assert_eq!((scene.read("ended").as_str(), scene.spools()), ("ended\n", 0));
}

#[tokio::test]
async fn an_archive_is_handed_over_in_a_form_that_the_version_takes() {
    for (version, name, handed) in [
        ("5.54.0", "v5.54.0.tar.gz", "/data/strapi/v5.54.0.tar.gz"),
        ("5.54.0", "v5.54.0.tar.gz.enc", "/import.tar"),
        ("4.26.2", "v4.26.2.tar.gz.enc", "/import.tar"),
    ] {
        let scene = Scene::new(version);
        let archive = Path::new(DATA).join(name);
        let findings = scene.open().import(&archive, &KeySource::Given(KEY.into())).await.unwrap();
        assert!(findings.iter().any(|finding| finding.code == code::RUNS_PROJECT));
        let asked = scene.asked();
        assert!(asked[0].starts_with("import --force --file ") && asked[0].ends_with(handed), "{asked:?}");
        assert!(!asked[0].contains(KEY));
        let imported = scene.folder().join("imported");
        let named = imported.with_extension(if handed.ends_with("gz") { "tar.gz" } else { "tar" });
        fs::rename(&imported, &named).unwrap();
        assert_eq!(items_of(&named).await, items_of(&archive).await);
        assert_eq!(scene.spools(), 0);
    }
}

#[rstest]
#[case("5.54.0", true)]
#[case("4.26.2", false)]
#[tokio::test]
async fn an_unpacked_folder_is_packed_where_folders_are_unknown(#[case] version: &str, #[case] as_it_is: bool) {
    let scene = Scene::new(version);
    let folder = scene.folder().join("made/rows");
    scene.open().import(&folder, &KeySource::None).await.unwrap();
    let imported = scene.folder().join("imported");
    assert_eq!(imported.is_dir(), as_it_is);
    assert_eq!(items_of(&imported).await, items_of(&folder).await);
    assert!(scene.asked()[0].ends_with("--exclude files"), "files that it lacks stay: {:?}", scene.asked());
}

#[tokio::test]
async fn an_archive_that_cannot_be_read_is_not_imported() {
    let scene = Scene::new("5.54.0");
    let project = scene.open();
    let sealed = Path::new(DATA).join("v5.54.0.tar.gz.enc");
    let wrong = project.import(&sealed, &KeySource::Given("no".into())).await.expect_err("the key is wrong");
    let bytes = fs::read(scene.folder().join("made/rows.tar")).unwrap();
    let cut = scene.root.path().join("cut.tar");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let cut = project.import(&cut, &KeySource::None).await.expect_err("half of it is missing");
    let files = project.import(&scene.folder().join("made/files.tar"), &KeySource::None).await;
    let files = files.expect_err("files without records");
    assert_eq!([wrong.kind(), cut.kind()], [ErrorKind::WrongKey, ErrorKind::Damaged]);
    assert!(matches!(files.kind(), ErrorKind::Usage | ErrorKind::Damaged), "{files}");
    assert_eq!(scene.asked(), Vec::<String>::new());
}

#[rstest]
#[case::damage("echo '[x] error: [FATAL] not a valid Strapi data file'; exit 1", ErrorKind::Damaged)]
#[case::locked("echo \"  code: 'SQLITE_BUSY'\" >&2; exit 1", ErrorKind::Busy)]
#[tokio::test]
async fn files_come_back_when_an_import_fails(#[case] end: &str, #[case] kind: ErrorKind) {
    let scene = Scene::new("5.54.0");
    scene.write("public/uploads/old.png", "old");
    let aside = "mv public/uploads public/uploads_backup_17; mkdir public/uploads; echo new >public/uploads/new.png; ";
    scene.write("behaviour", &format!("{aside}{end}"));
    let error = scene.open().import(&scene.archive, &KeySource::None).await.expect_err("it failed");
    assert_eq!(error.kind(), kind);
    assert!(error.hint_text().is_some_and(|hint| hint.contains("are back in public/uploads")), "{error:?}");
    assert_eq!(scene.read("public/uploads/old.png"), "old");
}

#[tokio::test]
async fn what_an_import_warns_of_is_found() {
    let scene = Scene::new("5.54.0");
    scene.write("behaviour", "echo '[x] warn: (Schema Integrity) api::a.a.attributes.b does not exist on destination'");
    let findings = scene.open().import(&scene.archive, &KeySource::None).await.unwrap();
    let warned = |finding: &Finding| finding.code == code::SERVER_WARNING && finding.message.contains("attributes.b");
    assert!(findings.iter().any(warned), "{findings:?}");
}

#[test]
fn a_version_that_has_no_export_is_refused() {
    let scene = Scene::new("3.6.8");
    let error = Project::open(&scene.folder(), &OpenOptions::default()).expect_err("it is too old");
    assert_eq!(error.kind(), ErrorKind::Project);
}
