//! The store on a real directory, through its public doors.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::kernel::{
    cbor::{Malformed, Map, Value},
    clock::Clock,
    identity::{
        Action, Actor, PersonId, Who,
        people::{Role, short},
    },
    store::{
        Change, Op, Refusal, Store,
        desk::Submission,
        keys::{IndexNumber, Key, Keys},
        record::{BlobRef, Kind, KindInfo, Record, Retention},
        start::{self, IndexChoice, StartReport, StoreSettings},
    },
};

crate::uuid_id! {
    pub struct MemoId;
}

crate::fields! {
    pub struct Memo {
        0 id: MemoId,
        1 text: String,
        2 owner: Option<PersonId>,
        3 file: Option<BlobRef>,
    }
}

const BY_TEXT: IndexNumber = IndexNumber(0);
pub(in crate::kernel) static WRITE: Action =
    Action { name: "memo.write", who: Who::Anyone, sentence: "memo-write" };
pub(in crate::kernel) static DECIDE: Action =
    Action { name: "memo.decide", who: Who::Staff(&[Role::Clerk]), sentence: "memo-decide" };
pub(in crate::kernel) const MEMOS: &[KindInfo] = &[KindInfo::of::<Memo>()];

impl Record for Memo {
    const KIND: Kind = Kind { number: 900, name: "memo" };
    const VERSION: u16 = 1;
    type Id = MemoId;
    fn id(&self) -> MemoId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        let short = short(&self.text);
        keys.add(BY_TEXT, Key::new().text(&short), Map::from([(0, Value::Text(short))]));
    }
    fn subjects(&self) -> Vec<PersonId> {
        self.owner.into_iter().collect()
    }
    fn retention(&self) -> Retention {
        Retention::CaseFile(self.id.0)
    }
    fn ended(&self) -> Option<String> {
        Some(format!("M/{}", self.id.0.as_u128()))
    }
    const HEAD: Option<&'static str> = Some("memos");
    fn blobs(&self) -> Vec<BlobRef> {
        self.file.into_iter().collect()
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(_version: u16, map: Map) -> Result<Memo, Malformed> {
        Memo::fields_from_map(map)
    }
}

pub(in crate::kernel) fn settings(index: IndexChoice) -> StoreSettings {
    StoreSettings {
        segment_bytes: 128 * 1024,
        index,
        clock: Clock::standing("2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap()),
        checkpoint_every: Duration::from_millis(20),
        on_unknown: |why| panic!("{why}"),
        ..StoreSettings::default()
    }
}

pub(in crate::kernel) fn open(data: &Path, index: IndexChoice) -> (Arc<Store>, StartReport) {
    start::open(data, &[MEMOS], &settings(index)).unwrap()
}

pub(in crate::kernel) fn town() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    start::create(
        &directory.path().join("data"),
        "test.example/log/1",
        &[MEMOS],
        &settings(IndexChoice::Memory),
    )
    .unwrap();
    directory
}

pub(in crate::kernel) fn memo(n: u128, text: &str) -> Memo {
    Memo { id: MemoId(uuid::Uuid::from_u128(n)), text: text.to_owned(), owner: None, file: None }
}

pub(in crate::kernel) fn put(store: &Store, memo: &Memo) -> u64 {
    let ticket = store.desk(Actor::Visitor).commit(|_, authority| {
        Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, Op::put(memo)))
    });
    ticket.unwrap().wait().unwrap().seq
}

#[test]
fn what_was_acknowledged_is_there_after_a_restart_over_many_segments() {
    let town = town();
    let data = town.path().join("data");
    for index in [IndexChoice::Sled, IndexChoice::Memory, IndexChoice::Sled] {
        let (store, report) = open(&data, index);
        let before = report.entries;
        for n in 0..150u128 {
            let text = format!("memo {n} {}", "x".repeat(1_500));
            assert_eq!(put(&store, &memo(n, &text)), before + n as u64);
        }
        let view = store.view();
        assert_eq!(
            view.get::<Memo>(&MemoId(uuid::Uuid::from_u128(7))).unwrap().unwrap().text.len(),
            1_500 + 7
        );
        let list = view.list::<Memo>(BY_TEXT, &Key::new(), None, 100).unwrap();
        assert_eq!(list.rows.len(), 100);
        let rest = view.list::<Memo>(BY_TEXT, &Key::new(), list.next.as_deref(), 100).unwrap();
        assert_eq!((rest.rows.len(), rest.next), (50, None));
        assert_eq!(store.check_index().unwrap().differences, Vec::<String>::new());
        assert!(store.wait_signed(before + 149, Duration::from_secs(5)));
        store.close();
    }
    let (store, report) = open(&data, IndexChoice::Sled);
    assert_eq!(report.entries, 451);
    assert_eq!(store.view().history::<Memo>(&MemoId(uuid::Uuid::from_u128(3))).unwrap().len(), 3);
    assert!(store.log().prove(450).unwrap().is_some());
    store.close();
}

#[test]
fn a_submission_sent_twice_does_one_thing_and_other_content_is_a_conflict() {
    let town = town();
    let (store, _) = open(&town.path().join("data"), IndexChoice::Memory);
    let send = |content: &[u8]| {
        let desk =
            store.desk(Actor::Visitor).once(Submission::new(&Actor::Visitor, "key", content));
        desk.commit(|_, authority| {
            Ok::<_, Refusal>(
                Change::new(authority.permit(&WRITE, &[])?, Op::put(&memo(1, "a")))
                    .answer("/memo/1"),
            )
        })
    };
    let first = send(b"content").unwrap().wait().unwrap();
    let again = send(b"content").unwrap().wait().unwrap();
    assert_eq!((first.seq, again.seq, again.answer.as_deref()), (1, 1, Some("/memo/1")));
    assert_eq!(send(b"other").unwrap_err().wait().unwrap(), Refusal::conflict());
    assert_eq!(store.view().length(), 2);
    store.close();
}

#[test]
fn decisions_see_what_was_decided_before_them_and_a_panic_harms_only_itself() {
    let town = town();
    let (store, _) = open(&town.path().join("data"), IndexChoice::Memory);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let counted = store.desk(Actor::Visitor).commit(|view, authority| {
                        let id = MemoId(uuid::Uuid::from_u128(1));
                        let count: u64 =
                            view.get::<Memo>(&id)?.map_or(0, |memo| memo.text.parse().unwrap());
                        Ok::<_, Refusal>(Change::new(
                            authority.permit(&WRITE, &[])?,
                            Op::put(&memo(1, &(count + 1).to_string())),
                        ))
                    });
                    counted.unwrap().wait().unwrap();
                    let panicked = store
                        .desk(Actor::Visitor)
                        .commit(|_, _| -> Result<Change, Refusal> { panic!("a rule is wrong") });
                    assert_eq!(panicked.unwrap_err().wait().unwrap().code, "fault");
                }
            });
        }
    });
    let memo = store.view().get::<Memo>(&MemoId(uuid::Uuid::from_u128(1))).unwrap().unwrap();
    assert_eq!(memo.text, "200");
    assert_eq!(store.check_index().unwrap().differences, Vec::<String>::new());
    store.close();
}

#[test]
fn a_blob_is_read_back_and_a_damaged_one_is_not() {
    let town = town();
    let data = town.path().join("data");
    let (store, _) = open(&data, IndexChoice::Memory);
    let text = vec![7; 100_000];
    let staged = store.stage_blob(&text).unwrap();
    let ticket = store.desk(Actor::Visitor).commit(|_, authority| {
        let mut attachments = Change::attachments(authority.permit(&WRITE, &[])?);
        let file = attachments.attach(staged);
        Ok::<_, Refusal>(attachments.change(Op::put(&Memo { file: Some(file), ..memo(1, "a") })))
    });
    ticket.unwrap().wait().unwrap();
    let file =
        store.view().get::<Memo>(&MemoId(uuid::Uuid::from_u128(1))).unwrap().unwrap().file.unwrap();
    assert_eq!(store.view().blob(file).unwrap(), text);
    let group = std::fs::read_dir(data.join("blobs")).unwrap().next().unwrap().unwrap().path();
    let path = std::fs::read_dir(group).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[50] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(store.view().blob(file).is_err());
    store.close();
}

#[test]
fn a_second_process_is_kept_out() {
    let town = town();
    let data = town.path().join("data");
    let (store, _) = open(&data, IndexChoice::Memory);
    assert!(
        start::open(&data, &[MEMOS], &settings(IndexChoice::Memory))
            .is_err_and(|fault| fault.0.contains("in use"))
    );
    store.close();
}

/// Every file under a directory with its bytes.
fn files_of(directory: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_of(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_start_without_what_it_rests_on_names_it_and_touches_nothing() {
    let town = town();
    let data = town.path().join("data");
    let (store, _) = open(&data, IndexChoice::Memory);
    put(&store, &memo(1, "a"));
    put(&store, &memo(2, "b"));
    store.close();
    drop(store);
    // The last entry is torn too: without a floor it would be cut.
    let segment = data.join("journal/00000000000000000000.seg");
    let whole = std::fs::read(&segment).unwrap();
    let last = whole.windows(4).rposition(|bytes| bytes == b"OJf1").unwrap();
    let mut torn = whole.clone();
    torn[last + 60] ^= 1;
    std::fs::write(&segment, &torn).unwrap();
    let refused = || {
        start::open(&data, &[MEMOS], &settings(IndexChoice::Memory))
            .err()
            .unwrap_or_else(|| panic!("it starts"))
            .0
    };
    for name in [
        "log/checkpoint",
        "secrets/log.id",
        "secrets/log.key",
        "secrets/origin",
        "secrets/pseudonym.key",
    ] {
        let aside = town.path().join("aside");
        std::fs::rename(data.join(name), &aside).unwrap();
        let before = files_of(&data.join("journal"));
        let said = refused();
        assert!(said.starts_with(&format!("damage in {name}: it is missing")), "{said}");
        assert!(said.contains("put") && said.contains("back"), "says what to do: {said}");
        assert_eq!(files_of(&data.join("journal")), before, "{name}");
        assert!(!data.join(name).exists(), "{name} is not made anew");
        std::fs::rename(&aside, data.join(name)).unwrap();
    }
    assert!(refused().contains("proven durable"), "with the floor, a lost end is damage");
    std::fs::write(&segment, &whole).unwrap();
    for (name, bytes) in [("log.id", 15), ("log.id", 16), ("pseudonym.key", 31)] {
        let path = data.join("secrets").join(name);
        let right = std::fs::read(&path).unwrap();
        std::fs::write(&path, vec![9; bytes]).unwrap();
        assert!(refused().starts_with(&format!("damage in secrets/{name}: ")), "{name} {bytes}");
        std::fs::write(&path, right).unwrap();
    }
    // The format says that this one may be lost.
    std::fs::remove_file(data.join("log/vkey")).unwrap();
    let (store, report) = open(&data, IndexChoice::Memory);
    assert_eq!((report.entries, report.cut), (3, 0));
    assert!(data.join("log/vkey").exists());
    store.close();
}

#[test]
fn a_log_at_its_beginning_is_signed_before_its_second_entry() {
    let town = town();
    let data = town.path().join("data");
    std::fs::remove_file(data.join("log/checkpoint")).unwrap();
    let never = StoreSettings {
        checkpoint_every: Duration::from_secs(3600),
        ..settings(IndexChoice::Memory)
    };
    let (store, _) = start::open(&data, &[MEMOS], &never).unwrap();
    assert_eq!(store.log().current().unwrap().checkpoint.size, 1);
    assert!(data.join("log/checkpoint").exists());
    put(&store, &memo(1, "a"));
    store.close();
    drop(store);
    std::fs::remove_file(data.join("log/checkpoint")).unwrap();
    assert!(start::open(&data, &[MEMOS], &never).is_err_and(|fault| fault.0.contains("missing")));
}

/// A memo with a file, decided and not yet waited for.
pub(in crate::kernel) fn put_file(
    store: &Store,
    n: u128,
    staged: crate::kernel::blobs::StagedBlob,
) -> super::Ticket {
    let ticket = store.desk(Actor::Visitor).commit(|_, authority| {
        let mut attachments = Change::attachments(authority.permit(&WRITE, &[])?);
        let file = attachments.attach(staged);
        Ok::<_, Refusal>(attachments.change(Op::put(&Memo { file: Some(file), ..memo(n, "a") })))
    });
    ticket.unwrap()
}

fn file_of(store: &Store, n: u128) -> Result<Vec<u8>, super::Fault> {
    let id = MemoId(uuid::Uuid::from_u128(n));
    store.view().blob(store.view().get::<Memo>(&id).unwrap().unwrap().file.unwrap())
}

#[test]
fn old_files_that_no_entry_names_go_and_staged_ones_stay_though_the_clock_jumps() {
    let town = town();
    let data = town.path().join("data");
    let clock = Clock::standing(Timestamp::now());
    let later = StoreSettings { clock: clock.clone(), ..settings(IndexChoice::Memory) };
    let (store, _) = start::open(&data, &[MEMOS], &later).unwrap();
    let collect = || store.collect_rubbish(&|| false);
    put_file(&store, 1, store.stage_blob(b"named").unwrap()).wait().unwrap();
    let staged = store.stage_blob(b"staged").unwrap();
    drop(store.stage_blob(b"nobody wants it").unwrap());
    let (unfinished, foreign) = (format!("blobs/aa/{}.tmp", "ab".repeat(32)), "blobs/aa/notes.txt");
    std::fs::create_dir_all(data.join("blobs/aa")).unwrap();
    for name in [unfinished.as_str(), foreign] {
        std::fs::write(data.join(name), b"?").unwrap();
    }
    assert_eq!(collect().unwrap(), 0, "nothing is old");
    clock.set(clock.now() + jiff::SignedDuration::from_hours(24 * 400));
    assert_eq!(store.collect_rubbish(&|| true).unwrap(), 0, "a stop comes first");
    assert_eq!(collect().unwrap(), 2, "the unwanted and the unfinished one");
    assert!(!data.join(unfinished).exists() && data.join(foreign).exists());
    assert_eq!(file_of(&store, 1).unwrap(), b"named");
    put_file(&store, 2, staged).wait().unwrap();
    assert_eq!(collect().unwrap(), 0);
    assert_eq!(file_of(&store, 2).unwrap(), b"staged");
    // A change that was refused leaves rubbish.
    let staged = store.stage_blob(b"refused").unwrap();
    let refused = store.desk(Actor::Visitor).commit(|_, authority| {
        let mut attachments = Change::attachments(authority.permit(&WRITE, &[])?);
        attachments.attach(staged);
        Err::<Change, _>(Refusal::denied())
    });
    assert!(refused.is_err());
    assert_eq!(collect().unwrap(), 1);
    // Who cannot read what is named removes nothing.
    drop(store.stage_blob(b"again").unwrap());
    let before = files_of(&data.join("blobs"));
    let segment = data.join("journal/00000000000000000000.seg");
    let mut bytes = std::fs::read(&segment).unwrap();
    let last = bytes.windows(4).rposition(|bytes| bytes == b"OJf1").unwrap();
    bytes[last + 60] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    assert!(collect().is_err());
    assert_eq!(files_of(&data.join("blobs")), before);
    store.close();
}

#[test]
fn no_file_is_collected_between_staging_and_its_durable_entry() {
    let town = town();
    let clock = Clock::standing(Timestamp::now() + jiff::SignedDuration::from_hours(24 * 400));
    let later = StoreSettings { clock, ..settings(IndexChoice::Memory) };
    let (store, _) = start::open(&town.path().join("data"), &[MEMOS], &later).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let collector = scope.spawn(|| {
            let mut gone = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                gone += store.collect_rubbish(&|| false).unwrap();
            }
            gone
        });
        for n in 0..150 {
            put_file(&store, n, store.stage_blob(&n.to_be_bytes()).unwrap()).wait().unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(collector.join().unwrap(), 0);
    });
    for n in 0..150u128 {
        assert_eq!(file_of(&store, n).unwrap(), n.to_be_bytes());
    }
    store.close();
}

/// Asks until the answer is this, for as long as a busy machine may take.
fn wait_until_unwell(store: &Store, parts: &[&str]) {
    for _ in 0..600 {
        if store.unwell() == parts {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("unwell: {:?}, and not {parts:?}", store.unwell());
}

#[test]
fn the_store_is_unwell_while_something_fails_and_well_when_it_works_again() {
    let town = town();
    let data = town.path().join("data");
    let (store, _) = open(&data, IndexChoice::Sled);
    assert_eq!(store.unwell(), Vec::<&str>::new());
    // A directory stands where the next checkpoint is written.
    std::fs::create_dir(data.join("log/checkpoint.tmp")).unwrap();
    put(&store, &memo(1, "a"));
    wait_until_unwell(&store, &["checkpoint"]);
    std::fs::remove_dir(data.join("log/checkpoint.tmp")).unwrap();
    wait_until_unwell(&store, &[]);
    // And where the next segment is prepared: entries are refused once this one is full.
    std::fs::create_dir(data.join("journal/next.tmp")).unwrap();
    let saved = (0..200u128).find_map(|n| {
        let text = "x".repeat(2_000);
        let ticket = store.desk(Actor::Visitor).commit(|_, authority| {
            Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, Op::put(&memo(n, &text))))
        });
        ticket.unwrap().wait().err()
    });
    assert!(saved.is_some_and(|error| error.0.contains("preparing a segment")));
    assert_eq!(store.unwell(), ["journal"]);
    std::fs::remove_dir(data.join("journal/next.tmp")).unwrap();
    put(&store, &memo(2, "b"));
    wait_until_unwell(&store, &[]);
    store.close();
    assert_eq!(store.unwell()[0], "journal", "a closed store saves nothing");
}
