//! From the proposal to the certificate's ground, and everything that must refuse on the way.

use super::office::{Office, file};
use crate::kernel::{
    durable::RealDisk,
    erasure::{self, Erasure, ErasureState, HoldId, gather::gather},
    identity::{Actor, evidence::Purpose},
    journal::{
        self,
        keys::KeysFile,
        verify::{Options, Verdict, verify},
    },
    log::proof::ProofFile,
    store::{
        start::IndexChoice,
        tests::{Memo, memo},
    },
};

fn sound(office: &Office) -> verify::Report {
    let report = verify(&RealDisk, &office.data(), &Options { in_use: true, ..Options::default() });
    let report = report.unwrap();
    assert!(report.is_ok(), "{:?}", report.findings);
    let check = office.store.check_index().unwrap();
    assert!(check.differences.is_empty(), "{:?}", check.differences);
    report
}

use crate::kernel::journal::verify;

fn proof(office: &Office, seq: u64) -> ProofFile {
    assert!(office.store.wait_signed(seq, std::time::Duration::from_secs(5)));
    let (reader, log) = (office.store.reader(), office.store.log());
    ProofFile::make(reader, log, seq, |_, _| true).unwrap().unwrap()
}

#[test]
fn a_file_goes_with_all_versions_and_blobs_and_the_rest_stays() {
    for index in [IndexChoice::Memory, IndexChoice::Sled] {
        let mut office = Office::new(index);
        let first = office.memo(1, "goes, first version");
        let stays = office.memo(2, "stays");
        let with_file = office.memo_with_file(1, "goes, with a file", b"a file that goes");
        let file_stays = office.memo_with_file(3, "stays too", b"a file that stays");
        let (goes, kept) = (proof(&office, first), proof(&office, stays));
        let verifier = office.store.log().verifier();

        let id = office.propose(&office.jan, file(1)).unwrap();
        office.approve(false, id).unwrap();
        assert_eq!(office.store.view().get::<Erasure>(&id).unwrap().unwrap().approvals.len(), 1);
        assert!(office.store.view().get::<Memo>(&memo(1, "").id).unwrap().is_some());
        let order = office.approve(true, id).unwrap();
        office.finish();

        let view = office.store.view();
        let erasure = view.get::<Erasure>(&id).unwrap().unwrap();
        assert_eq!((erasure.state, erasure.order), (ErasureState::Done, Some(order)));
        // Two entries, each with who-and-why and a record, and one file.
        assert_eq!((erasure.entries, erasure.bodies, erasure.blobs), (2, 5, 1));
        assert_eq!(view.get::<Memo>(&memo(1, "").id).unwrap(), None);
        assert_eq!(view.get::<Memo>(&memo(2, "").id).unwrap().unwrap().text, "stays");
        let other = view.get::<Memo>(&memo(3, "").id).unwrap().unwrap();
        assert_eq!(view.blob(other.file.unwrap()).unwrap(), b"a file that stays");
        assert!(gather(&view, file(1)).unwrap().is_none());
        assert!(view.entry(first).unwrap().1.is_none() && view.entry(stays).unwrap().1.is_some());
        let report = sound(&office);
        assert_eq!((report.erased, report.erasures), (5, 1));

        // What was confirmed before stays confirmed.
        for proof in [&goes, &kept] {
            proof.verify(&verifier).unwrap();
        }
        proof(&office, file_stays).verify(&verifier).unwrap();
        proof(&office, with_file).verify(&verifier).unwrap();
        office.restart(index);
        office.finish();
        assert_eq!(office.store.view().get::<Memo>(&memo(1, "").id).unwrap(), None);
        sound(&office);
    }
}

#[test]
fn no_secret_and_no_key_of_what_was_erased_is_left_in_a_file() {
    let mut office = Office::new(IndexChoice::Sled);
    let seq = office.memo(1, "unmistakable words");
    let owned = office.store.reader().frame(seq).unwrap();
    let secrets: Vec<Vec<u8>> = (0..2)
        .map(|body| office.store.reader().secret(&owned.frame, body).unwrap().unwrap().0.to_vec())
        .collect();
    let everywhere = |office: &Office, wanted: &[u8]| {
        let mut found = Vec::new();
        let mut left = vec![office.data()];
        while let Some(path) = left.pop() {
            if path.is_dir() {
                left.extend(std::fs::read_dir(&path).unwrap().map(|it| it.unwrap().path()));
            } else if std::fs::read(&path).unwrap().windows(wanted.len()).any(|it| it == wanted) {
                found.push(path);
            }
        }
        found
    };
    office.store.close();
    assert_eq!(everywhere(&office, &secrets[0]).len(), 1);
    assert!(!everywhere(&office, b"unmistakable words").is_empty(), "the index has columns");
    office.restart(IndexChoice::Sled);
    let id = office.propose(&office.jan, file(1)).unwrap();
    office.approve(false, id).unwrap();
    office.approve(true, id).unwrap();
    office.finish();
    office.restart(IndexChoice::Sled);
    office.store.close();
    for secret in &secrets {
        assert_eq!(everywhere(&office, secret), Vec::<std::path::PathBuf>::new());
    }
    assert_eq!(everywhere(&office, b"unmistakable words"), Vec::<std::path::PathBuf>::new());
}

#[test]
fn what_must_refuse_refuses() {
    let mut office = Office::new(IndexChoice::Memory);
    office.memo(1, "one");
    office.memo(2, "two");
    let code = |refused: Result<_, crate::kernel::store::Refusal>| match refused {
        Ok(()) => "may",
        Err(refusal) => refusal.code,
    };
    // No such file; proposed twice.
    assert_eq!(code(office.propose(&office.jan, file(9)).map(drop)), "unknown");
    let id = office.propose(&office.jan, file(1)).unwrap();
    assert_eq!(code(office.propose(&office.jan, file(1)).map(drop)), "erasure-proposed-already");
    // One person is not two.
    office.approve(false, id).unwrap();
    assert_eq!(code(office.approve(false, id).map(drop)), "erasure-same-person");
    // Evidence for something else is no approval, and an approval of another proposal is none of this.
    let content = erasure::approve_content(&office.store.view(), id).unwrap();
    let signed = office.sign(true, &content, Purpose::Evidence);
    assert_eq!(code(office.approve_with(true, id, signed).map(drop)), "erasure-key-unfit");
    let other = office.propose(&office.jan, file(2)).unwrap();
    let of_other = erasure::approve_content(&office.store.view(), other).unwrap();
    let signed = office.sign(true, &of_other, Purpose::Erasure);
    assert_eq!(code(office.approve_with(true, id, signed).map(drop)), "confirm-changed");
    // Another's key.
    let signed = office.sign(false, &content, Purpose::Erasure);
    assert_eq!(code(office.approve_with(true, id, signed).map(drop)), "confirm-no-key");
    // The file changed after it was proposed.
    office.memo(1, "one, and something was added");
    assert_eq!(code(office.approve(true, id).map(drop)), "erasure-changed");
    // A hold, also on a file that is proposed already.
    let hold = HoldId::new();
    let jan = Actor::Staff(office.jan.person);
    let placed = office.store.desk(jan.clone()).commit(|view, authority| {
        erasure::place_hold(view, authority, hold, file(2), "sygn. akt II K 1/26")
    });
    placed.unwrap().wait().unwrap();
    assert_eq!(code(office.approve(true, other).map(drop)), "erasure-held");
    let lifted = office
        .store
        .desk(jan)
        .commit(|view, authority| erasure::lift(view, authority, hold, "koniec postępowania"));
    assert_eq!(lifted.unwrap_err().refusal.code, "denied", "only an administrator lifts");
    let anna = Actor::Staff(office.anna.person);
    let lifted = office
        .store
        .desk(anna)
        .commit(|view, authority| erasure::lift(view, authority, hold, "koniec postępowania"));
    lifted.unwrap().wait().unwrap();
    office.approve(true, other).unwrap();
    office.approve(false, other).unwrap();
    office.finish();
    sound(&office);
}

#[test]
fn what_came_back_from_a_copy_is_erased_again() {
    let mut office = Office::new(IndexChoice::Memory);
    office.memo_with_file(1, "comes back", b"and its file too");
    let id = office.propose(&office.jan, file(1)).unwrap();
    office.approve(false, id).unwrap();
    // Sealed by a start elsewhere: here the order seals it, so the copy is made while it is carried out.
    office.store.close();
    let directory = journal::directory(&office.data());
    let copy = office.directory.path().join("copy");
    copy_tree(&office.data().join("blobs"), &copy);
    office.restart(IndexChoice::Memory);
    office.approve(true, id).unwrap();
    office.finish();
    let erased = KeysFile::read(&RealDisk, &directory, 0).unwrap();
    assert_eq!(erased.generation, 2);
    copy_tree(&copy, &office.data().join("blobs"));
    let report = verify(&RealDisk, &office.data(), &Options::default()).unwrap();
    let verdicts: Vec<Verdict> = report.findings.iter().map(|it| it.verdict).collect();
    assert_eq!(verdicts, [Verdict::ErasureUnfinished], "{:?}", report.findings);
    office.restart(IndexChoice::Memory);
    office.finish();
    sound(&office);
}

fn copy_tree(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
