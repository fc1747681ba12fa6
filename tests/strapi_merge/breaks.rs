//! The connection, the server or the program breaks at every frame of a merge: the destination is as before or as planned,
//! and going on leads to the end of an unbroken run.

use crate::decisions::assert_rest;
use crate::files::assert_files_stay;
use crate::picture::Picture;
use crate::world::{ARTICLE, World};

const TRANSFER: [&str; 8] = ["transfer", "dev", "prod", "--overwrite", "--types", ARTICLE, "--force", "--json"];
const RESUME: [&str; 5] = ["runs", "resume", "last", "--force", "--json"];

/// What an unbroken run leaves, and how many frames it takes.
fn unbroken() -> (Picture, Picture, usize) {
    let world = World::new();
    let before = world.picture("prod");
    world.haul(&TRANSFER).exits(0);
    (before, world.picture("prod"), world.pushed().len())
}

/// Every row as before, or every row as planned; files that nothing uses may lie beside it.
#[track_caller]
fn assert_never_between(world: &World, before: &Picture, planned: &Picture) {
    let found = world.picture("prod");
    if found.rows != planned.rows {
        assert_files_stay(before, &found);
    } else {
        assert_rest(planned, &found);
    }
}

#[track_caller]
fn go_on(world: &World, planned: &Picture, place: &str) {
    let again = world.haul(&RESUME);
    assert_eq!(again.code, 0, "{place}: {again:#?}");
    assert_eq!(again.json()["status"], "succeeded", "{place}");
    assert_files_stay(planned, &world.picture("prod"));
}

#[test]
fn a_connection_that_breaks_once_costs_nothing() {
    let (before, planned, frames) = unbroken();
    for fault in ["frame-cut", "frame-cut-after"] {
        for frame in (1..=frames).skip(usize::from(fault == "frame-cut")).step_by(3) {
            let place = format!("{fault} at frame {frame} of {frames}");
            let world = World::faulty(&[&format!("prod/{fault}={frame}:PUSH *")]);
            let answer = world.haul(&TRANSFER);
            if answer.code == 0 {
                assert_files_stay(&planned, &world.picture("prod"));
                continue;
            }
            assert_eq!((answer.code, &*answer.error().0), (1, "unreachable"), "{place}: {answer:#?}");
            assert_never_between(&world, &before, &planned);
            go_on(&world, &planned, &place);
        }
    }
}

#[test]
fn a_server_that_dies_is_as_before_or_as_planned() {
    let (before, planned, frames) = unbroken();
    for frame in (1..=frames).step_by(4) {
        let place = format!("the server died at frame {frame} of {frames}");
        let world = World::faulty(&[&format!("prod/frame-crash={frame}:PUSH *")]);
        let answer = world.haul(&TRANSFER);
        assert_eq!((answer.code, &*answer.error().0), (1, "unreachable"), "{place}: {answer:#?}");
        world.heal();
        world.site("prod").revive();
        if !answer.error().1.contains("could not be taken back") {
            assert_never_between(&world, &before, &planned);
        }
        go_on(&world, &planned, &place);
    }
}

#[test]
fn a_server_that_answers_nothing_but_pings_is_given_up_and_takes_everything_back() {
    let (before, planned, _) = unbroken();
    for at in ["/beforeTransfer", "2:PUSH /entities/stream", "/links/stream", "/assets/stream"] {
        let trigger = if at.contains("PUSH") { at.to_owned() } else { format!("PUSH {at}") };
        let world = World::faulty(&[&format!("prod/frame-stall={trigger}")]);
        let answer = world.haul(&[&TRANSFER[..], &["--timeout", "1"]].concat());
        if answer.code != 0 {
            let (code, said) = answer.error();
            assert_eq!((answer.code, &*code), (1, "timed-out"), "{at}: {said}");
            assert!(said.contains("answers pings"), "{at}: {said}");
            if !said.contains("could not be taken back") {
                assert_never_between(&world, &before, &planned);
            }
            world.heal();
            go_on(&world, &planned, at);
        }
        assert_files_stay(&planned, &world.picture("prod"));
    }
}

/// The answer to `close` is lost: nobody knows whether it counts until the destination is asked.
#[test]
fn what_was_committed_without_an_answer_is_not_taken_back() {
    let (_, planned, _) = unbroken();
    for at in ["PUSH /close", "2:PUSH /close"] {
        let world = World::faulty(&[&format!("prod/frame-cut-after={at}")]);
        let answer = world.haul(&TRANSFER);
        if answer.code != 0 {
            go_on(&world, &planned, at);
        }
        assert_files_stay(&planned, &world.picture("prod"));
    }
}
