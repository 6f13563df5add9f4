//! The store on a real directory, through its public doors.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::kernel::{
    cbor::{Malformed, Map, Value},
    clock::Clock,
    identity::{Action, Actor, PersonId, Who, people::short},
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
static WRITE: Action = Action { name: "memo.write", who: Who::Anyone, sentence: "memo-write" };
const MEMOS: &[KindInfo] = &[KindInfo::of::<Memo>()];

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
        Retention::Permanent
    }
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

fn settings(index: IndexChoice) -> StoreSettings {
    StoreSettings {
        segment_bytes: 128 * 1024,
        index,
        clock: Clock::standing("2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap()),
        checkpoint_every: Duration::from_millis(20),
        on_unknown: |why| panic!("{why}"),
        ..StoreSettings::default()
    }
}

fn open(data: &Path, index: IndexChoice) -> (Arc<Store>, StartReport) {
    start::open(data, &[MEMOS], &settings(index)).unwrap()
}

fn town() -> tempfile::TempDir {
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

fn memo(n: u128, text: &str) -> Memo {
    Memo { id: MemoId(uuid::Uuid::from_u128(n)), text: text.to_owned(), owner: None, file: None }
}

fn put(store: &Store, memo: &Memo) -> u64 {
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
