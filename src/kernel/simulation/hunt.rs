//! Every wrong order is switched on, one after the other, and must be noticed.

use crate::kernel::{
    journal::tests::{crash, damage, leftovers},
    seeded::{self, Wrong},
    simulation::{epochs, runs, tally::Tally},
};

/// After so many states a wrong order has passed unnoticed.
const PATIENCE: u64 = 30_000;

const ALL: [Wrong; 34] = [
    Wrong::AcknowledgedBeforeSync,
    Wrong::SyncRetried,
    Wrong::ShownBeforeSync,
    Wrong::UnknownCalledNotSaved,
    Wrong::SegmentNameNotSynced,
    Wrong::WholeFileNotSynced,
    Wrong::WholeNameNotSynced,
    Wrong::BlobDirectoryNotSynced,
    Wrong::GroupsShareASector,
    Wrong::SlotsShareASector,
    Wrong::KeysNameNotSynced,
    Wrong::SealedBeforeKeys,
    Wrong::SlotsZeroedBeforeSeal,
    Wrong::KeysDroppedUnasked,
    Wrong::StartDoesNotSync,
    Wrong::MemoryBelieved,
    Wrong::CutBelowTheFloor,
    Wrong::CutInTheMiddle,
    Wrong::SecretsOfTheLastGroupUnread,
    Wrong::TornTailLeft,
    Wrong::PaddingUnchecked,
    Wrong::HintsBelieved,
    Wrong::RefusedWithoutWaiting,
    Wrong::RepetitionNotWaitedFor,
    Wrong::DecidedOnOldState,
    Wrong::StalePermit,
    Wrong::OverlayDroppedBeforeTheIndexHasIt,
    Wrong::MarkerOutsideItsBatch,
    Wrong::OldKeysNotWiped,
    Wrong::OldKeysNameNotSynced,
    Wrong::ErasedBeforeItsEntry,
    Wrong::ErasedBeforeItsCheckpoint,
    Wrong::ErasedTooSoonSaid,
    Wrong::IndexNotRenewed,
];

/// Where wrong orders are looked for: crashes of a store and of a journal alone, damage, sealings, erasures.
const GROUNDS: [fn(u64) -> Tally; 5] =
    [runs::crashes, damage::damage, leftovers::sealing, crash::crashes, runs::erasures];

/// Those of a new epoch, which are looked for where one begins.
const OF_EPOCHS: [Wrong; 7] = [
    Wrong::EpochInTheOldSegment,
    Wrong::OldCheckpointBindsTheNewEpoch,
    Wrong::UnfinishedEpochServed,
    Wrong::IndexOfTheLostKept,
    Wrong::TilesOfTheLostKept,
    Wrong::EpochBeforeItsKey,
    Wrong::EpochReadFromMemory,
];

/// Looks until a wrong order is noticed.
fn hunt(wrong: Wrong, grounds: &[fn(u64) -> Tally]) -> Tally {
    let mut tally = Tally::default();
    for seed in 0.. {
        for ground in grounds {
            tally.add_run(seed, || seeded::with(Some(wrong), || ground(seed)));
            if !tally.violations.is_empty() || tally.states > PATIENCE {
                return tally;
            }
        }
    }
    tally
}

#[test]
fn every_wrong_order_is_noticed() {
    let mut unnoticed = Vec::new();
    // `OSTOJA_WRONG=Erased` hunts only those whose name has that in it.
    let only = std::env::var("OSTOJA_WRONG").unwrap_or_default();
    let grounds: &[fn(u64) -> Tally] = &GROUNDS;
    let of_epochs: &[fn(u64) -> Tally] = &[epochs::losses];
    let all = ALL.map(|wrong| (wrong, grounds)).into_iter();
    let all = all.chain(OF_EPOCHS.map(|wrong| (wrong, of_epochs)));
    for (wrong, grounds) in all.filter(|(wrong, _)| format!("{wrong:?}").contains(&only)) {
        let tally = hunt(wrong, grounds);
        let what = tally.violations.keys().next();
        match (tally.first, what) {
            (Some(first), Some(what)) => println!("{wrong:?}: after {first} states: {what}"),
            _ => unnoticed.push(wrong),
        }
    }
    assert!(unnoticed.is_empty(), "passed unnoticed: {unnoticed:?}");
}
