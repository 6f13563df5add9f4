//! An index made from the whole journal at once is the one that entry after entry makes.

use std::{fs, path::Path, sync::Arc};

use proptest::prelude::*;

use super::{
    Change, Op, Refusal, Store,
    btree::BTreeIndex,
    desk::Submission,
    index::Index,
    keys::{APPLIED, IndexNumber, Key, Keys},
    record::{Kind, KindInfo, Record, Retention},
    refill::Source,
    sled_index::SledIndex,
    start::{self, IndexChoice},
    tests::{MEMOS, Memo, WRITE, memo, settings},
};
use crate::kernel::{
    cbor::{Malformed, Map, Value},
    durable::RealDisk,
    identity::{Actor, PersonId},
    journal::{self, keys::KeysFile},
};

crate::fields! {
    /// Its id and its key have any length, so that keys of two notes can be the same.
    pub struct Note {
        0 id: String,
        1 mark: String,
    }
}

impl Record for Note {
    const KIND: Kind = Kind { number: 901, name: "note" };
    const VERSION: u16 = 1;
    type Id = String;
    fn id(&self) -> String {
        self.id.clone()
    }
    fn index(&self, keys: &mut Keys) {
        let columns = Map::from([(0, Value::Text(self.mark.clone()))]);
        keys.add(IndexNumber(0), Key(self.mark.clone().into_bytes()), columns);
        keys.add(IndexNumber(1), Key::new().text("all"), Map::new());
    }
    fn subjects(&self) -> Vec<PersonId> {
        Vec::new()
    }
    fn retention(&self) -> Retention {
        Retention::Permanent
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(_version: u16, map: Map) -> Result<Note, Malformed> {
        Note::fields_from_map(map)
    }
}

const NOTES: &[KindInfo] = &[KindInfo::of::<Note>()];

/// One record of few, so that they are changed often.
#[derive(Clone, Debug)]
enum Deed {
    Memo { number: u8, text: u8, owner: Option<u8> },
    RetractMemo(u8),
    Note { id: u8, mark: u8 },
    RetractNote(u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0u8..6, 0u8..4, proptest::option::of(0u8..3))
            .prop_map(|(number, text, owner)| Deed::Memo { number, text, owner }),
        1 => (0u8..6).prop_map(Deed::RetractMemo),
        4 => (1u8..5, 0u8..4).prop_map(|(id, mark)| Deed::Note { id, mark }),
        1 => (1u8..5).prop_map(Deed::RetractNote),
    ]
}

fn op(deed: &Deed) -> Op {
    let person = |n: u8| PersonId(uuid::Uuid::from_u128(n.into()));
    // Long, so that segments are sealed and their secrets can be taken away.
    let memo = |number: u8, text: u8| memo(number.into(), &format!("{text} {}", "x".repeat(3_000)));
    let note = |id: u8, mark: u8| Note { id: "a".repeat(id.into()), mark: "a".repeat(mark.into()) };
    match deed {
        Deed::Memo { number, text, owner } => {
            Op::put(&Memo { owner: owner.map(person), ..memo(*number, *text) })
        }
        Deed::RetractMemo(number) => Op::retract(&memo(*number, 0)),
        Deed::Note { id, mark } => Op::put(&note(*id, *mark)),
        Deed::RetractNote(id) => Op::retract(&note(*id, 0)),
    }
}

fn open(data: &Path) -> Arc<Store> {
    start::open(data, &[MEMOS, NOTES], &settings(IndexChoice::Memory)).unwrap().0
}

/// Enters the deeds, one entry a group of them.
fn write(data: &Path, entries: &[Vec<Deed>]) {
    let store = open(data);
    for (number, deeds) in entries.iter().enumerate() {
        let submission = Submission::new(&Actor::Visitor, &format!("form {number}"), b"content");
        let desk = store.desk(Actor::Visitor);
        let desk = if number % 3 == 0 { desk.once(submission) } else { desk };
        let ticket = desk.commit(|_, authority| {
            let change = Change::new(authority.permit(&WRITE, &[])?, op(&deeds[0]));
            let change = deeds[1..].iter().fold(change, |change, deed| change.and(op(deed)));
            Ok::<_, Refusal>(change.answer("/memo"))
        });
        ticket.unwrap().wait().unwrap();
    }
    store.close();
}

/// Puts tombstones in the place of every so many secrets of sealed segments. Says how many.
fn erase(data: &Path, every: usize) -> usize {
    let (journal, mut erased) = (journal::directory(data), 0);
    for file in fs::read_dir(&journal).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "keys") {
            let mut keys = KeysFile::decode(&fs::read(&path).unwrap()).unwrap();
            for slot in keys.slots.iter_mut().step_by(every) {
                slot[..8].copy_from_slice(b"OSTERASE");
                erased += 1;
            }
            keys.write(&RealDisk, &journal).unwrap();
        }
    }
    erased
}

fn rows(index: &dyn Index) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = index.range(&[1], None, usize::MAX).unwrap();
    rows.extend(index.get(APPLIED).unwrap().map(|marker| (APPLIED.to_vec(), marker)));
    rows
}

/// The index made in both ways, and the first once more from the disk.
fn made_both_ways(data: &Path, beside: &Path) -> usize {
    let store = open(data);
    let length = store.reader().length();
    let source = Source { reader: store.reader(), kinds: store.kinds(), length };
    let oracle = BTreeIndex::default();
    source.replay(&oracle).unwrap();
    let (path, runs) = (beside.join("index"), beside.join("runs"));
    let index = SledIndex::open(&path).unwrap();
    source.fill(&index, &runs).unwrap();
    assert!(!runs.exists(), "the runs stay");
    assert_eq!(rows(&index), rows(&oracle));
    index.flush().unwrap();
    drop(index);
    let index = SledIndex::open(&path).unwrap();
    assert_eq!(rows(&index), rows(&oracle));
    assert!(source.fill(&index, &runs).is_err(), "a full index was filled again");
    store.close();
    rows(&oracle).len()
}

/// Few, and those that sled is not given as they are.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(1u8), Just(2), Just(3), Just(0xfd), Just(0xfe), Just(0xff)]
}

/// Blocks whose keys hold long rows of the highest byte: sled, given these keys as they are, goes round for ever
/// where it looks for the block below one of them.
#[test]
fn keys_of_the_highest_bytes_are_found_from_above() {
    let directory = tempfile::tempdir().unwrap();
    let (index, oracle) =
        (SledIndex::open(&directory.path().join("index")).unwrap(), BTreeIndex::default());
    let key = |number: u64| [&[2, 1][..], &(!number).to_be_bytes()].concat();
    for chunk in 0..40u64 {
        let mut batch: super::index::Batch =
            (0..50).map(|n| (key(chunk * 50 + n), Some(vec![7; 100]))).collect();
        batch.insert([&[2, 2][..], &chunk.to_be_bytes()].concat(), Some(vec![7; 500]));
        index.apply(&batch).unwrap();
        oracle.apply(&batch).unwrap();
    }
    for byte in 0..=255u8 {
        for looked_for in [vec![2, 2, byte], vec![2, 1, 255, byte], vec![2, byte], vec![byte]] {
            assert_eq!(index.get(&looked_for).unwrap(), oracle.get(&looked_for).unwrap());
            let range = |index: &dyn Index| index.range(&looked_for, None, 3).unwrap();
            assert_eq!(range(&index), range(&oracle));
        }
    }
    assert_eq!(rows(&index), rows(&oracle));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn filled_from_the_whole_journal_it_is_as_entry_after_entry_makes_it(
        entries in proptest::collection::vec(proptest::collection::vec(deed(), 1..5), 1..60),
        every in 2usize..9,
    ) {
        let town = tempfile::tempdir().unwrap();
        let data = town.path().join("data");
        start::create(&data, "test.example/log/1", &[MEMOS, NOTES], &settings(IndexChoice::Memory)).unwrap();
        write(&data, &entries);
        let whole = made_both_ways(&data, &town.path().join("whole"));
        if erase(&data, every) > 0 {
            let less = made_both_ways(&data, &town.path().join("erased"));
            prop_assert!(less <= whole);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Batches in any order, against the oracle: rows of blocks that grow, are parted and become empty.
    #[test]
    fn batches_make_of_an_index_on_the_disk_what_they_make_of_one_in_memory(
        batches in proptest::collection::vec(
            proptest::collection::btree_map(
                proptest::collection::vec(byte(), 1..7),
                proptest::option::weighted(0.6, 0usize..700),
                1..60,
            ),
            1..12,
        ),
        from in proptest::collection::vec(byte(), 0..4),
        to in proptest::option::of(proptest::collection::vec(byte(), 0..4)),
        limit in 0usize..50,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("index");
        let (mut index, oracle) = (SledIndex::open(&path).unwrap(), BTreeIndex::default());
        for (number, batch) in batches.into_iter().enumerate() {
            let batch = batch
                .into_iter()
                .map(|(key, length)| (key, length.map(|length| vec![7; length])))
                .collect();
            index.apply(&batch).unwrap();
            oracle.apply(&batch).unwrap();
            for key in batch.keys() {
                prop_assert_eq!(index.get(key).unwrap(), oracle.get(key).unwrap());
            }
            prop_assert_eq!(index.get(&from).unwrap(), oracle.get(&from).unwrap());
            let (ours, theirs) = (
                index.range(&from, to.as_deref(), limit).unwrap(),
                oracle.range(&from, to.as_deref(), limit).unwrap(),
            );
            prop_assert_eq!(ours, theirs);
            if number % 4 == 3 {
                index.flush().unwrap();
                drop(index);
                index = SledIndex::open(&path).unwrap();
            }
        }
        prop_assert_eq!(rows(&index), rows(&oracle));
    }
}
