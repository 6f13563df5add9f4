//! Who waits for whom, on a disk whose sync does not come back until it is let: readers wait for none, and a
//! decision that panics harms its own request alone, also while others are neither durable nor lost.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use super::{
    Change, Op, Refusal, Store, Ticket,
    commit::Turn,
    desk::Submission,
    keys::{IndexNumber, Key},
    shelf::MemoryShelf,
    start::{self, IndexChoice},
    tests::{MEMOS, Memo, MemoId, WRITE, memo, put, settings},
};
use crate::kernel::{
    durable::Disk,
    identity::Actor,
    simulation::disk::{Event, SimDisk},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A store with its threads on a disk that can be made to hang.
struct Hanging {
    store: Arc<Store>,
    disk: SimDisk,
}

/// A sync of the journal that hangs.
struct Hung {
    begun: Receiver<()>,
    go_on: Sender<()>,
}

fn stand(disk: &SimDisk) -> Arc<Store> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let settings = settings(IndexChoice::Memory);
    let shelf = Arc::new(MemoryShelf);
    let stood = start::stand(shared, Path::new("/data"), &[MEMOS], &settings, shelf, None).unwrap();
    stood.store.run(stood.writer).unwrap();
    stood.store
}

impl Hanging {
    fn new() -> Hanging {
        let disk = SimDisk::empty(Path::new("/"));
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let settings = settings(IndexChoice::Memory);
        start::create_on(&shared, Path::new("/data"), "test.example/log/1", &[MEMOS], &settings)
            .unwrap();
        Hanging { store: stand(&disk), disk }
    }

    /// The next sync of the journal hangs until it is let go.
    fn hang(&self) -> Hung {
        let ((begin, begun), (go_on, wait)) = (channel(), channel::<()>());
        let wait = Mutex::new(Some(wait));
        self.disk.meanwhile(Some(Box::new(move |event| {
            let of_journal = matches!(event, Event::Sync(path) if path.extension().is_some_and(|it| it == "seg"));
            if of_journal && let Some(wait) = wait.lock().unwrap().take() {
                begin.send(()).unwrap();
                wait.recv_timeout(PATIENCE).unwrap();
            }
        })));
        Hung { begun, go_on }
    }
}

fn id(n: u128) -> MemoId {
    MemoId(uuid::Uuid::from_u128(n))
}

fn write(store: &Store, n: u128, text: &str) -> Ticket {
    let ticket = store.desk(Actor::Visitor).commit(|_, authority| {
        Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, Op::put(&memo(n, text))))
    });
    ticket.unwrap()
}

/// What a reader sees of one memo: its text, and how many there are.
fn read(store: &Store, n: u128) -> (Option<String>, usize) {
    let view = store.view();
    let list = view.list::<Memo>(IndexNumber(0), &Key::new(), None, 100).unwrap();
    (view.get::<Memo>(&id(n)).unwrap().map(|memo| memo.text), list.rows.len())
}

#[test]
fn readers_and_deciders_do_not_wait_for_a_sync_that_hangs() {
    let hanging = Hanging::new();
    let store = Arc::clone(&hanging.store);
    put(&store, &memo(1, "durable"));
    let hung = hanging.hang();
    let ticket = write(&store, 1, "on its way");
    hung.begun.recv_timeout(PATIENCE).expect("nothing was synced");
    // From here on the sync thread hangs in the disk. Eight readers look a hundred times each.
    let (tell, told) = channel();
    for _ in 0..8 {
        let (store, tell) = (Arc::clone(&store), tell.clone());
        std::thread::spawn(move || {
            for _ in 0..100 {
                assert_eq!(read(&store, 1), (Some("durable".to_owned()), 1));
            }
            tell.send(()).unwrap();
        });
    }
    for _ in 0..8 {
        told.recv_timeout(PATIENCE / 2).expect("a reader waited for the disk");
    }
    // Who decides sees what is on its way, and goes on too.
    let seen = store.desk(Actor::Visitor).commit(|view, authority| {
        assert_eq!(view.get::<Memo>(&id(1))?.unwrap().text, "on its way");
        let change = Change::new(authority.permit(&WRITE, &[])?, Op::put(&memo(2, "behind it")));
        Ok::<_, Refusal>(change)
    });
    assert_eq!(read(&store, 2), (None, 1), "shown before it was durable");
    hung.go_on.send(()).unwrap();
    assert_eq!(ticket.wait().unwrap().seq + 1, seen.unwrap().wait().unwrap().seq);
    assert_eq!(read(&store, 2), (Some("behind it".to_owned()), 2));
    store.close();
}

#[test]
fn a_decision_that_panics_between_entries_on_their_way_leaves_no_trace() {
    let hanging = Hanging::new();
    let store = Arc::clone(&hanging.store);
    put(&store, &memo(1, "before"));
    let hung = hanging.hang();
    let first = write(&store, 1, "first");
    hung.begun.recv_timeout(PATIENCE).expect("nothing was synced");
    let form = || {
        let submission = Submission::new(&Actor::Visitor, "form", b"content");
        store.desk(Actor::Visitor).once(submission)
    };
    let panicked = form().commit(|view, authority| -> Result<Change, Refusal> {
        let _permit = authority.permit(&WRITE, &[])?;
        assert_eq!(view.get::<Memo>(&id(1))?.unwrap().text, "first");
        panic!("a rule is wrong");
    });
    let refused = panicked.unwrap_err();
    // The lock is free, the number is given to the next, and the same form may come again.
    let second = write(&store, 2, "second");
    let again = form().commit(|view, authority| {
        assert_eq!(view.get::<Memo>(&id(2))?.unwrap().text, "second");
        Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, Op::put(&memo(3, "third"))))
    });
    hung.go_on.send(()).unwrap();
    assert_eq!(refused.wait().unwrap().code, "fault");
    let seqs = [first, second, again.unwrap()].map(|ticket| ticket.wait().unwrap().seq);
    assert_eq!(seqs, [2, 3, 4]);
    let there = || [1, 2, 3].map(|n| read(&store, n).0.unwrap());
    assert_eq!(there(), ["first", "second", "third"]);
    assert_eq!(store.unwell(), Vec::<&str>::new());
    assert_eq!(store.check_index().unwrap().differences, Vec::<String>::new());
    store.close();
    // And after a start from what is on the disk.
    let after = stand(&hanging.disk);
    assert_eq!(after.reader().length(), 5);
    assert_eq!(read(&after, 3), (Some("third".to_owned()), 3));
    after.close();
}

#[test]
fn a_page_of_a_list_is_right_however_far_the_index_is_behind() {
    // Nobody gives the apply thread its turns, so that all but the first entries stay in the overlay.
    let disk = SimDisk::empty(Path::new("/"));
    let shared: Arc<dyn Disk> = Arc::new(disk);
    let settings = settings(IndexChoice::Memory);
    start::create_on(&shared, Path::new("/data"), "test.example/log/1", &[MEMOS], &settings)
        .unwrap();
    let shelf = Arc::new(MemoryShelf);
    let stood = start::stand(shared, Path::new("/data"), &[MEMOS], &settings, shelf, None).unwrap();
    let (store, mut writer) = (stood.store, stood.writer);
    let mut enter = |n: u128, text: &str| {
        let ticket = write(&store, n, text);
        store.save_turn(&mut writer);
        ticket.wait().unwrap();
    };
    (0..100).for_each(|n| enter(n, &format!("{n:03} a")));
    while store.apply_turn() == Turn::Worked {}
    // The first ninety move behind all others: a long row of keys that are gone comes first.
    (0..90).for_each(|n| enter(n, &format!("{:03} b", 200 + n)));
    let view = store.view();
    let mut texts = Vec::new();
    let mut behind = None;
    loop {
        let list = view.list::<Memo>(IndexNumber(0), &Key::new(), behind.as_deref(), 7).unwrap();
        texts.extend(list.rows.iter().map(|row| row.text(0).to_owned()));
        behind = list.next;
        if behind.is_none() {
            break;
        }
    }
    let wanted: Vec<String> = (90..100)
        .map(|n| format!("{n:03} a"))
        .chain((0..90).map(|n| format!("{:03} b", 200 + n)))
        .collect();
    assert_eq!(texts, wanted);
}
