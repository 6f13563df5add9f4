//! A real file system that is full, or that can only be read.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use super::{
    client::clerk_and_resident,
    image::Image,
    judge::exactly_once,
    stage::{Gone, Stage, aborted},
};
use crate::support::Program;

const MEBIBYTES: u64 = 24;
/// Room that is left, in bytes: for nothing, a draft, a few files, one segment, some segments.
const ROOMS: [u64; 6] = [0, 12 << 10, 80 << 10, 270 << 10, 600 << 10, 1 << 20];
/// More than it takes to use any of these rooms up.
const PATIENCE: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(100);
const NOT_SAVED: &str = "Nie udało się zapisać, bo na serwerze zabrakło miejsca albo dysk nie odpowiedział. Nic nie przepadło.";
#[test]
fn a_full_disk_stops_writing_only() {
    let image = match Image::try_new(MEBIBYTES) {
        Ok(image) => image,
        Err(why) => return println!("UNTESTED: a full disk: {why}"),
    };
    let mut clients = clerk_and_resident(&image.data());
    let mut stage = Stage::enter(Program::demo(&image.data()), &mut clients);
    stage.play().unwrap();
    for room in ROOMS {
        image.fill(room);
        let written = write_until_full(&mut stage);
        // Files need room at once.
        let mut filed = stage.clients[1].offer();
        while matches!(filed, Ok(None)) {
            filed = stage.clients[1].offer();
        }
        look_around(&mut stage);
        println!("room for {room} bytes: {written} notices, then none");
        image.empty();
        stage.write(0).unwrap();
        stage.write(1).unwrap();
    }

    // A start without room, after a kill that left entries without tiles, hints and index.
    image.fill(0);
    for _notice in 0..20 {
        stage.write(0).unwrap();
    }
    stage.program.kill();
    let mut stage = Stage::enter(Program::demo(&image.data()), &mut clients);
    write_until_full(&mut stage);
    look_around(&mut stage);
    image.empty();
    stage.settle();
    stage.play().unwrap();
    assert_eq!(stage.program.stop(), Some(0));
    exactly_once(&image.data(), &clients);
}

/// Writes notices until a page says that one was not saved; gives how many were.
fn write_until_full(stage: &mut Stage<'_>) -> usize {
    let (mut written, until) = (0, Instant::now() + PATIENCE);
    while Instant::now() < until {
        match stage.clients[0].offer().unwrap() {
            None => written += 1,
            Some(refused) if refused.status == 503 => {
                assert!(refused.text().contains(NOT_SAVED), "{}", refused.text());
                return written;
            }
            Some(refused) => {
                // For a moment, while the index is made again in memory.
                assert_eq!(refused.status, 500, "{refused}");
                sleep(MOMENT);
            }
        }
    }
    panic!("no page says that it is full:\n{}", stage.program.said());
}

/// Reading goes on: what was written last, a case with its file, a list.
fn look_around(stage: &mut Stage<'_>) {
    let notice = stage.clients[0].last_place();
    let confirmation = stage.clients[1].last_place();
    let case = confirmation.rsplit_once('/').unwrap().0;
    for (who, path) in [(0, &notice), (1, &case.to_owned()), (1, &format!("{case}/pliki/1"))] {
        stage.read(who, path).unwrap();
    }
    stage.read(0, "/komunikaty").unwrap();
}

#[test]
fn a_file_system_that_can_only_be_read_stops_the_program_until_it_is_repaired() {
    let mut image = match Image::try_new(MEBIBYTES) {
        Ok(image) => image,
        Err(why) => return println!("UNTESTED: a read-only file system: {why}"),
    };
    let mut clients = clerk_and_resident(&image.data());
    let mut stage = Stage::enter(Program::demo(&image.data()), &mut clients);
    stage.play().unwrap();
    if let Err(why) = image.break_it() {
        return println!("UNTESTED: a read-only file system: {why}");
    }
    look_around(&mut stage);
    assert!(matches!(stage.write(0), Err(Gone)), "it wrote");
    let status = stage.program.wait();
    assert!(aborted(status), "{status}\n{}", stage.program.said());
    let (out, err, code) = Program::run(&Program::demo_arguments(&image.data()));
    assert_eq!(code, 4, "{out}{err}");
    image.repair();
    image.mount().unwrap();
    let mut stage = Stage::enter(Program::demo(&image.data()), &mut clients);
    stage.settle();
    stage.play().unwrap();
    assert_eq!(stage.program.stop(), Some(0));
    exactly_once(&image.data(), &clients);
}
