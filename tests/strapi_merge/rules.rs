//! The rules that matter most on the wire of a transfer, each held against what one merge really sent. Those about failing, and
//! about types that the destination lacks, have their tests elsewhere: the table says where.
//!
//! | rule | test |
//! | --- | --- |
//! | 1 deletion is opt-out | `rule_1_…` |
//! | 2 without `beforeTransfer` nothing is deleted | `rule_2_…` |
//! | 3 a condition deletes only what it names | `rule_3_…`, `wire::session::push::a_condition_that_names_nothing_is_never_sent` |
//! | 4 rows may name rows of the destination | `rule_4_…` |
//! | 5 links join only what is pushed with them | `rule_5_…` |
//! | 6 files are never sent by a transfer that deletes | `rule_6_…` |
//! | 7 the last word is said, also after a failure | `rule_7_…`, `breaks`, `signals` |
//! | 8 nothing of the admin panel is deleted or written, whatever the version | `rule_8_…`, `refusals::older_servers_are_merged_into_all_the_same` |
//! | 9 what a pull sends of the admin panel never reaches the disk | `remote::tests` (`an_export_of_it_holds_files_and_no_rows_of_the_admin_panel`) |
//! | 10 no type is named that the destination lacks | `merge::tests::a_type_that_the_destination_lacks_is_never_sent` |
//! | 11 row ids change; documents and times stay | `rule_11_…` |
//! | 12 between `bootstrap` and `close` nobody is asked anything | `rule_12_…` |
//!
//! What a merge is made of is held by tests of `merge::tests` (lines), of this folder (a played server) and of the live matrix
//! (real ones): adding only (`files`), replacing some documents (`decisions`), attaching to kept rows
//! (`a_new_document_names_kept_ones_in_their_order`), attaching kept owners again (`kept_documents_are_attached_again_through_the_other_side`),
//! replaced files (`a_replaced_file_is_shown_by_kept_documents_again`), new files (`every_file_of_the_source_arrives_with_its_renditions`).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

use crate::files::word;
use crate::world::{ARTICLE, World, list, text};

/// What a merge of two articles, one of them new and with a new file, sent and left.
struct Seen {
    frames: Vec<Value>,
    /// Rows of articles before and after.
    before: Vec<Value>,
    after: Vec<Value>,
    source: Vec<Value>,
}

static SEEN: LazyLock<Seen> = LazyLock::new(|| {
    let world = World::new();
    let rows = |server: &str| world.site(server).rows(ARTICLE);
    let (before, source) = (rows("prod"), rows("dev"));
    merge(&world);
    Seen { frames: world.pushed(), before, after: rows("prod"), source }
});

fn merge(world: &World) {
    let ids = ["Coffee art", "Only on dev"].map(|title| world.document("dev", ARTICLE, "title", title));
    let arguments = ["transfer", "dev", "prod", "--overwrite", "--force", "--json", "--ids", &ids[0], &ids[1]];
    world.haul(&arguments).exits(0);
}

/// The frames of each transfer, from `init` to `end`.
fn transfers() -> Vec<Vec<&'static Value>> {
    let mut transfers: Vec<Vec<&Value>> = Vec::new();
    for frame in &SEEN.frames {
        if word(frame) == "/init" {
            transfers.push(Vec::new());
        }
        transfers.last_mut().expect("a transfer begins with init").push(frame);
    }
    assert_eq!(transfers.len(), 2, "files first, then everything else");
    transfers
}

fn restore<'a>(transfer: &[&'a Value]) -> &'a Value {
    &transfer[0]["params"]["options"]["restore"]
}

fn has(transfer: &[&Value], wanted: &str) -> bool {
    transfer.iter().any(|frame| word(frame) == wanted)
}

/// What a stage sent, in order.
fn sent<'a>(transfer: &[&'a Value], stage: &str) -> Vec<&'a Value> {
    let frames = transfer.iter().filter(|frame| word(frame) == format!("/{stage}/stream"));
    frames.flat_map(|frame| list(frame, "data")).collect()
}

#[test]
fn rule_1_every_transfer_says_what_it_may_delete() {
    for transfer in transfers() {
        let restore = restore(&transfer);
        assert!(restore["entities"]["include"].is_array(), "{restore}");
        for setting in ["coreStore", "webhook"] {
            assert_eq!(restore["configuration"][setting], false, "{restore}");
        }
    }
}

#[test]
fn rule_2_and_6_files_come_in_a_transfer_that_deletes_nothing() {
    for transfer in transfers() {
        assert_eq!(has(&transfer, "/beforeTransfer"), restore(&transfer)["assets"] == false);
        assert_eq!(has(&transfer, "/assets/start"), restore(&transfer)["assets"] == true);
    }
}

#[test]
fn rule_3_a_transfer_that_deletes_names_documents() {
    let deleting: Vec<_> = transfers().into_iter().filter(|transfer| has(transfer, "/beforeTransfer")).collect();
    assert!(!deleting.is_empty());
    for transfer in deleting {
        let documents = list(&restore(&transfer)["entities"]["params"]["where"]["documentId"], "$in");
        assert!(!documents.is_empty() && !list(&restore(&transfer)["entities"], "include").is_empty());
    }
}

/// Authors stay at the destination, under numbers of their own.
#[test]
fn rule_4_rows_name_rows_of_the_destination() {
    let transfers = transfers();
    let articles: Vec<_> = sent(&transfers[1], "entities").into_iter().filter(|row| row["type"] == ARTICLE).collect();
    assert!(articles.iter().any(|row| row["data"]["author"].is_array()), "{articles:?}");
}

#[test]
fn rule_5_links_join_only_what_is_pushed_with_them() {
    for transfer in transfers() {
        let mut pushed: BTreeSet<(String, u64)> = BTreeSet::new();
        for row in sent(&transfer, "entities") {
            pushed.insert((text(row, "type"), row["id"].as_u64().expect("a number")));
            parts(&row["data"], &mut pushed);
        }
        for link in sent(&transfer, "links") {
            for end in [&link["left"], &link["right"]] {
                let Some(number) = end["ref"].as_u64() else { continue };
                let uid = text(end, "type");
                let is_part = !uid.contains("::") && pushed.iter().any(|(of, id)| of.is_empty() && *id == number);
                assert!(is_part || pushed.contains(&(uid, number)), "{link}");
            }
        }
    }
}

/// Numbers of components, whose type only dynamic zones say.
fn parts(value: &Value, pushed: &mut BTreeSet<(String, u64)>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| parts(value, pushed)),
        Value::Object(fields) => {
            pushed.extend(value["id"].as_u64().map(|id| (String::new(), id)));
            fields.values().for_each(|value| parts(value, pushed));
        }
        _ => {}
    }
}

#[test]
fn rule_7_every_transfer_is_closed_and_ended() {
    for transfer in transfers() {
        let last: Vec<String> = transfer.iter().rev().take(2).map(|frame| word(frame)).collect();
        assert_eq!(last, ["/end", "/close"]);
    }
}

#[test]
fn rule_8_nothing_of_the_admin_panel_is_deleted_or_written() {
    for transfer in transfers() {
        let types = list(&restore(&transfer)["entities"], "include").iter();
        assert!(types.filter_map(Value::as_str).all(|uid| !uid.starts_with("admin::")));
        for row in sent(&transfer, "entities") {
            assert!(!text(row, "type").starts_with("admin::"), "{row}");
            assert!(row["data"].get("createdBy").is_none() && row["data"].get("updatedBy").is_none(), "{row}");
        }
    }
}

#[test]
fn rule_11_documents_and_times_stay_while_row_ids_change() {
    let title = |row: &&Value| row["data"]["title"] == "Coffee art!" || row["data"]["title"] == "Coffee art";
    let rows = |rows: &'static [Value]| rows.iter().filter(title).collect::<Vec<_>>();
    let (before, after, source) = (rows(&SEEN.before), rows(&SEEN.after), rows(&SEEN.source));
    assert!(!before.is_empty() && before.len() == after.len());
    for row in after {
        let data = &row["data"];
        let ours = source.iter().find(|ours| {
            ["documentId", "locale", "publishedAt"].iter().all(|field| ours["data"][*field] == data[*field])
        });
        let ours = ours.unwrap_or_else(|| panic!("no row of the source is like {row}"));
        for field in ["createdAt", "updatedAt"] {
            assert_eq!(data[field], ours["data"][field], "{field}");
        }
        assert!(before.iter().all(|old| old["id"] != row["id"]), "a new row: {row}");
    }
}

/// A server on SQLite would not answer.
#[test]
fn rule_12_nothing_is_read_while_a_transfer_that_writes_is_open() {
    let world = World::new();
    merge(&world);
    let mut open = false;
    for record in world.site("prod").frames().into_iter().filter(|record| record.received) {
        match (record.transfer, &*word(&record.frame)) {
            ("push", "/bootstrap") => open = true,
            ("push", "/close") => open = false,
            (transfer, what) => assert!(transfer == "push" || !open, "{what} while a transfer that writes is open"),
        }
    }
}
