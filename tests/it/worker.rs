//! Workers from outside: real processes, real photos, real walls, and workers that misbehave.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat, RgbImage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ostoja::worker::probe::{self, Cell, Outcome};
use ostoja::worker::{Picture, PictureKind, Pool, Reason, StartError, WorkerError};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostoja");

/// With more patience than the server has: builds for tests are slow, and so are busy machines.
/// The tests that are about the deadline set their own.
fn pool(count: usize) -> Pool {
    let pool = Pool::start(Path::new(PROGRAM), &["worker"], count).unwrap();
    pool.with_deadline(Duration::from_secs(60))
}

fn upload(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/data/uploads/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn pixels(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.into().write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// Mean difference of two pictures of one size, 0 (same) to 255.
fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let parts = one.as_raw().iter().zip(other.as_raw());
    let sum: u64 = parts.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.as_raw().len() as f64
}

fn exif_of(file: &[u8]) -> Result<exif::Exif, exif::Error> {
    exif::Reader::new().read_from_container(&mut Cursor::new(file))
}

fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
}

#[test]
fn a_photo_loses_the_place_where_it_was_taken() {
    let original = upload("gps.jpg");
    let told = exif_of(&original).unwrap();
    assert!(told.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_some(), "bad sample");
    let pool = pool(1);
    let picture = pool.picture(&original).unwrap();
    assert_eq!((picture.width, picture.height, picture.kind), (640, 480, PictureKind::Jpeg));
    for made in [&picture.jpeg, &picture.thumbnail] {
        assert!(matches!(exif_of(made), Err(exif::Error::NotFound(_))));
        assert!(!made.windows(5).any(|part| part == b"NIKON"));
    }
    let change = difference(&pixels(&original), &pixels(&picture.jpeg));
    assert!(change < 5.0, "the picture has changed by {change}");
    assert_eq!(pixels(&picture.thumbnail).dimensions(), (320, 240));
}

#[test]
fn a_photo_stored_lying_is_shown_upright() {
    let pool = pool(1);
    let lying = upload("portrait_6.jpg");
    assert_eq!(pixels(&lying).dimensions(), (600, 450), "bad sample");
    let turned = pool.picture(&lying).unwrap();
    let upright = pool.picture(&upload("portrait_1.jpg")).unwrap();
    assert_eq!((turned.width, turned.height), (450, 600));
    // Two exposures of one scene, so they are alike and not the same.
    let (upright, turned) = (pixels(&upright.thumbnail), pixels(&turned.thumbnail));
    let alike = difference(&upright, &turned);
    let upside_down = difference(&upright, &image::imageops::rotate180(&turned));
    assert!(2.0 * alike < upside_down, "{alike} upright, {upside_down} upside down");
}

#[test]
fn a_phones_photo_with_broken_metadata_is_taken_all_the_same() {
    let picture = pool(1).picture(&upload("phone_broken_exif.jpg")).unwrap();
    assert_eq!((picture.width, picture.height), (1600, 798));
    assert!(exif_of(&picture.jpeg).is_err());
}

#[test]
fn bad_files_are_refused_and_the_next_good_one_is_served() {
    let pool = pool(1);
    let good = png(RgbImage::from_pixel(30, 20, image::Rgb([9, 99, 199])));
    let rows = [
        ("fuzz_36829.jpeg", Reason::Damaged),
        ("bad_width.bmp", Reason::NotAPicture),
        ("SOURCES.md", Reason::NotAPicture),
    ];
    for (name, reason) in rows {
        let outcome = pool.picture(&upload(name)).map(|picture| picture.jpeg.len());
        assert_eq!(outcome, Err(WorkerError::Refused(reason)), "{name}");
        assert_eq!(pool.picture(&good).unwrap().width, 30, "after {name}");
    }
    assert_eq!(pool.picture(b""), Err(WorkerError::Refused(Reason::NotAPicture)));
    assert_eq!(pool.picture(&vec![0xFF; (12 << 20) + 1]), Err(WorkerError::TooBig));
    let tally = pool.tally();
    assert_eq!((tally.done, tally.refused, tally.too_big, tally.crashes), (3, 4, 1, 0));
    // It made a decoder panic once; this version reads it.
    assert_eq!(pool.picture(&upload("panic.webp")).unwrap().kind, PictureKind::Webp);
}

/// Real files with an octet changed or the end missing: whatever comes of it, the pool lives and
/// nothing crashes a worker. The changes are the same on every run.
#[test]
fn damaged_copies_of_real_files_crash_no_worker() {
    let pool = pool(2);
    let mut picture = 0x9E37_79B9_u32;
    for name in ["portrait_1.jpg", "transparent.png", "panic.webp"] {
        let original = upload(name);
        for round in 0..40 {
            let mut file = original.clone();
            for _ in 0..=round % 4 {
                picture = picture.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = picture as usize % file.len().min(2000 * (1 + round));
                file[at] ^= 1 << (picture >> 29);
            }
            if round % 5 == 4 {
                file.truncate(file.len() * (round + 1) / 41);
            }
            let outcome = pool.picture(&file);
            assert!(
                matches!(outcome, Ok(_) | Err(WorkerError::Refused(_)) | Err(WorkerError::TooBig)),
                "{name}, round {round}: {outcome:?}"
            );
        }
    }
    let tally = pool.tally();
    assert!(tally.refused > 10 && tally.done > 10, "the damage is of one kind only: {tally:?}");
}

/// A PNG with the given size, bit depth and colour type whose rows are all zero, cut after `octets`.
fn zeros(width: u32, height: u32, depth: u8, colour: u8, octets: u64) -> Vec<u8> {
    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let named = [kind.as_slice(), body].concat();
        let mut checksum = flate2::Crc::new();
        checksum.update(&named);
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [length.as_slice(), &named, &checksum.sum().to_be_bytes()].concat()
    }
    let mut rows = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), octets), &mut rows).unwrap();
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        chunk(b"IHDR", &[size, vec![depth, colour, 0, 0, 0]].concat()),
        chunk(b"IDAT", &rows.finish().unwrap()),
        chunk(b"IEND", b""),
    ]
    .concat()
}

#[test]
fn a_small_file_that_unfolds_into_gigabytes_is_refused_at_once() {
    let pool = pool(1);
    let start = Instant::now();
    // 900 million pixels, in a file of 40 KB.
    let bomb = zeros(30_000, 30_000, 8, 2, 8 << 20);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    assert_eq!(pool.picture(&bomb), Err(WorkerError::TooBig));
    // Within the pixels and, at eight octets each, beyond the memory.
    assert_eq!(pool.picture(&zeros(5_900, 5_900, 16, 6, 1 << 20)), Err(WorkerError::TooBig));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// 40 million pixels with transparency: the way that needs most memory and time.
fn biggest() -> Vec<u8> {
    zeros(8_000, 5_000, 8, 6, 5_000 * (1 + 4 * 8_000))
}

#[test]
fn the_biggest_picture_allowed_is_made_within_the_memory_ceiling() {
    let pool = pool(1);
    let limits = fs::read_to_string(format!("/proc/{}/limits", pool.idle_pids()[0])).unwrap();
    let ceiling = limits.lines().find(|line| line.starts_with("Max address space")).unwrap();
    assert!(ceiling.contains(&(1_u64 << 30).to_string()), "{ceiling}");
    let picture = pool.picture(&biggest()).unwrap();
    assert_eq!((picture.width, picture.height), (1600, 1000));
}

#[test]
fn the_limits_stand_around_an_idle_worker() {
    let pool = pool(1);
    assert!(pool.walls().suffice());
    let pid = pool.idle_pids()[0];
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    for (name, value) in [
        ("Max cpu time", "30"),
        ("Max open files", "0"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
        ("Max processes", "0"),
    ] {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        let mut values = line[name.len()..].split_whitespace();
        assert_eq!((values.next(), values.next()), (Some(value), Some(value)), "{line}");
    }
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "Seccomp_filters:\t2", "Threads:\t1"] {
        assert!(status.lines().any(|known| known == line), "{line} not in {status}");
    }
    let Ok(held) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        // Not even the same user may look into a process that is not dumpable; root may.
        assert!(!nix::unistd::Uid::effective().is_root());
        return;
    };
    let held: Vec<_> = held.map(|entry| fs::read_link(entry.unwrap().path()).unwrap()).collect();
    let of_kind = |prefix: &str| held.iter().filter(|to| to.starts_with(prefix)).count();
    let sockets = held.iter().filter(|to| to.to_string_lossy().starts_with("socket:")).count();
    // Standard input, its copy, and two ends that lead nowhere.
    assert_eq!((sockets, of_kind("/dev/null"), held.len()), (2, 2, 4), "{held:?}");
}

#[test]
fn every_forbidden_act_is_refused_and_is_possible_without_walls() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, cell| {
        let folder = folder.path().join(name);
        probe::probe(Path::new(PROGRAM), &["worker-probe"], &folder, cell).unwrap()
    };
    let shut_in = run("shut-in", Cell::ShutIn);
    assert!(shut_in.len() >= 30);
    let escaped: Vec<_> = shut_in.iter().filter(|finding| !finding.held()).collect();
    assert!(escaped.is_empty(), "{escaped:?}");
    let killed = shut_in.iter().filter(|finding| finding.outcome == Outcome::Killed).count();
    assert!(killed >= 5, "{shut_in:?}");
    // Landlock for itself: seccomp stands before it and would hide that it is not there.
    let paths_only = run("paths-only", Cell::PathsOnly);
    for act in [
        "read-passwd",
        "list-root",
        "create-file",
        "write-file",
        "remove-file",
        "rename-file",
        "execute",
    ] {
        let finding = paths_only.iter().find(|finding| finding.act == act).unwrap();
        assert!(finding.held(), "{finding:?}");
    }
    // Without walls most acts succeed even for a user without rights: else this test proves nothing.
    let open = run("open", Cell::Open);
    let done = open.iter().filter(|finding| finding.outcome == Outcome::Done).count();
    assert!(done >= open.len() * 3 / 4, "only {done} of {} succeed: {open:?}", open.len());
}

/// Resident memory of a process in KiB, or `None` when it is gone.
fn memory_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_worker_killed_at_work_is_a_crash_and_the_next_picture_is_served() {
    let pool = pool(1);
    let pid = pool.idle_pids()[0];
    let file = biggest();
    std::thread::scope(|scope| {
        let at_work = scope.spawn(|| pool.picture(&file));
        // It is decoding when its memory grows.
        while memory_kib(pid).unwrap() < 50_000 {
            std::thread::yield_now();
        }
        signal(pid, Signal::SIGKILL);
        assert_eq!(at_work.join().unwrap(), Err(WorkerError::Crashed));
    });
    assert_eq!(pool.picture(&png(RgbImage::new(40, 40))).unwrap().width, 40);
    assert_eq!(pool.tally().crashes, 1);
}

#[test]
fn a_worker_killed_while_idle_costs_nobody_a_picture() {
    let pool = pool(2);
    let good = png(RgbImage::new(40, 40));
    for _ in 0..3 {
        pool.idle_pids().into_iter().for_each(|pid| signal(pid, Signal::SIGKILL));
        assert_eq!(pool.picture(&good).unwrap().width, 40);
    }
    assert_eq!(pool.tally().crashes, 0);
}

#[test]
fn a_pool_without_a_worker_says_so_until_one_can_be_started_again() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("ostoja");
    std::os::unix::fs::symlink(PROGRAM, &program).unwrap();
    let pool = Pool::start(&program, &["worker"], 2).unwrap();
    assert!(pool.tend());
    let wait_until = |well: bool| {
        let until = Instant::now() + Duration::from_secs(60);
        while pool.tend() != well {
            assert!(Instant::now() < until, "it stays {}", !well);
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    fs::remove_file(&program).unwrap();
    for pid in pool.idle_pids() {
        signal(pid, Signal::SIGKILL);
    }
    wait_until(false);
    assert!(pool.idle_pids().is_empty() && pool.tally().failed_starts > 0);
    std::os::unix::fs::symlink(PROGRAM, &program).unwrap();
    wait_until(true);
    assert!(!pool.idle_pids().is_empty());
}

#[test]
fn a_worker_that_hangs_is_given_up_at_the_deadline() {
    let pool = pool(1).with_deadline(Duration::from_millis(700));
    let good = png(RgbImage::new(40, 40));
    signal(pool.idle_pids()[0], Signal::SIGSTOP);
    let start = Instant::now();
    assert_eq!(pool.picture(&good), Err(WorkerError::Timeout));
    let waited = start.elapsed();
    assert!(waited >= Duration::from_millis(700) && waited < Duration::from_secs(3), "{waited:?}");
    assert_eq!(pool.with_deadline(Duration::from_secs(60)).picture(&good).unwrap().width, 40);
}

#[test]
fn eight_people_share_two_workers_and_each_gets_their_own_picture() {
    let pool = pool(2);
    std::thread::scope(|scope| {
        for person in 1..=8_u32 {
            let pool = &pool;
            scope.spawn(move || {
                for round in 0..4 {
                    let shade = u8::try_from(person * 30).unwrap();
                    let drawn = RgbImage::from_pixel(
                        100 + person,
                        100 + round,
                        image::Rgb([shade, 0, 255 - shade]),
                    );
                    let picture = pool.picture(&png(drawn)).unwrap();
                    assert_eq!((picture.width, picture.height), (100 + person, 100 + round));
                    let [red, _, _] = pixels(&picture.jpeg).get_pixel(50, 50).0;
                    assert!(red.abs_diff(shade) < 6, "person {person} got another's picture");
                }
            });
        }
    });
    assert_eq!(pool.tally().done, 32);
}

#[test]
fn with_every_worker_taken_the_wait_ends_at_the_deadline() {
    let pool = pool(1).with_deadline(Duration::from_millis(900));
    let good = png(RgbImage::new(40, 40));
    signal(pool.idle_pids()[0], Signal::SIGSTOP);
    std::thread::scope(|scope| {
        let both = [scope.spawn(|| pool.picture(&good)), scope.spawn(|| pool.picture(&good))];
        let mut outcomes = both.map(|person| person.join().unwrap());
        outcomes.sort_by_key(|outcome| *outcome == Err(WorkerError::Busy));
        assert_eq!(outcomes, [Err(WorkerError::Timeout), Err(WorkerError::Busy)]);
    });
}

/// A "worker" written in shell, for what ours never says.
fn impostor(script: &str) -> Result<Pool, StartError> {
    Pool::start(Path::new("/bin/sh"), &["-c", script], 1)
}

#[test]
fn a_program_that_is_no_worker_starts_no_pool() {
    assert!(matches!(impostor("exit 0"), Err(StartError::Silent)));
    assert!(matches!(impostor("printf hello >&0"), Err(StartError::Silent)));
    let missing = Pool::start(Path::new("/nowhere/ostoja"), &["worker"], 1);
    assert!(matches!(missing, Err(StartError::Spawn { .. })));
    assert!(matches!(Pool::start(Path::new(PROGRAM), &["worker"], 0), Err(StartError::Empty)));
    let bare = r"printf '\021\000\000\000\014no landlock!' >&0";
    match impostor(bare) {
        Err(StartError::Unprotected(why)) => assert_eq!(why, "no landlock!"),
        other => panic!("{:?}", other.map(|pool| pool.walls())),
    }
}

#[test]
fn an_answer_that_is_cut_or_nonsense_is_a_crash() {
    const READY: &str = r"printf '\020\000\000\000\001\017' >&0; /usr/bin/head -c 40 >/dev/null; \
                         printf '\025\000\000\000\000' >&0; ";
    let good = png(RgbImage::new(40, 40));
    for (what, answer) in [
        ("nothing", "true"),
        ("half a head", r"printf '\022\000' >&0"),
        ("a cut picture", r"printf '\022\000\000\001\000\001\000' >&0"),
        ("an impossible length", r"printf '\022\377\377\377\377' >&0"),
        ("an unknown word", r"printf 'GET / HTTP/1.1\r\n' >&0"),
        ("an unknown reason", r"printf '\023\000\000\000\001\011' >&0"),
        ("taken again", r"printf '\025\000\000\000\000' >&0"),
        ("ready again", r"printf '\020\000\000\000\001\017' >&0"),
        (
            "a picture that is no JPEG",
            r"printf '\022\000\000\000\025\001\000\000\000\050\000\000\000\050\000\000\000\004junkjunk' >&0",
        ),
    ] {
        let pool = impostor(&format!("{READY}{answer}")).unwrap();
        assert_eq!(pool.picture(&good), Err(WorkerError::Crashed), "{what}");
    }
    let refusing = impostor(&format!(r"{READY}printf '\023\000\000\000\001\002' >&0")).unwrap();
    let refused = Err(WorkerError::Refused(Reason::Damaged));
    assert_eq!(refusing.picture(&good), refused, "the impostor itself works");
}

#[test]
fn workers_that_die_before_they_take_anything_are_replaced_at_a_walking_pace() {
    let dying = r"printf '\020\000\000\000\001\017' >&0; exit";
    let pool = impostor(dying).unwrap().with_deadline(Duration::from_secs(2));
    assert_eq!(pool.picture(&png(RgbImage::new(40, 40))), Err(WorkerError::Busy));
    // 0.1, 0.2, 0.4, 0.8 and 1.6 s of pause do not fit into two seconds more than once.
    let starts = pool.tally().failed_starts;
    assert!((2..=8).contains(&starts), "{starts} starts in two seconds");
}

#[test]
fn a_worker_whose_server_talks_nonsense_ends() {
    use std::io::Write;
    use std::os::fd::OwnedFd;
    use std::process::{Command, Stdio};
    for said in [&[1_u8, 0xFF, 0xFF, 0xFF, 0xFF][..], &[18, 0, 0, 0, 0], &[1, 0, 0, 1, 0, 7], &[]] {
        let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut child = Command::new(PROGRAM)
            .arg("worker")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .spawn()
            .unwrap();
        ours.write_all(said).unwrap();
        drop(ours);
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "still alive after {said:?}");
            std::thread::yield_now();
        };
        assert!(status.code().is_some(), "{said:?} ended it by a signal: {status}");
    }
}

#[test]
fn no_worker_outlives_its_pool() {
    let pool = pool(3);
    let pids = pool.idle_pids();
    drop(pool);
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| !Path::new(&format!("/proc/{pid}")).exists()));
}

#[test]
fn one_file_always_makes_the_same_picture() {
    let pool = pool(2);
    let file = upload("phone_broken_exif.jpg");
    let start = Instant::now();
    let made: Vec<Picture> = (0..3).map(|_| pool.picture(&file).unwrap()).collect();
    println!("8 Mpx photo: {:?} each, {} octets", start.elapsed() / 3, made[0].jpeg.len());
    assert!(made.windows(2).all(|pair| pair[0] == pair[1]));
}
