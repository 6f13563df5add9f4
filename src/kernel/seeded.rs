//! Wrong orders, built into the production code where they would be made, so that tests can switch one
//! on and must notice it: a test that notices none of them proves nothing about the right order.
//!
//! In a shipped program none can be on, and the compiler knows it.

/// Something done wrongly. What each would cost is said in docs/format.md, section 10, and at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// A group counts as durable before it was synced.
    AcknowledgedBeforeSync,
    /// A sync that failed is asked again, and believed.
    SyncRetried,
    /// Readers and the log see a group before it was synced.
    ShownBeforeSync,
    /// An error behind the first byte of a group is called "not saved", and writing goes on.
    UnknownCalledNotSaved,
    /// A new segment's name is not made durable.
    SegmentNameNotSynced,
    /// A file written whole is renamed before its bytes are durable.
    WholeFileNotSynced,
    /// A file written whole has a name that is not made durable.
    WholeNameNotSynced,
    /// A blob's directory is not made durable.
    BlobDirectoryNotSynced,
    /// A group begins where the last one ended, in the same sector.
    GroupsShareASector,
    /// The slots of a group begin in the sector of the last one.
    SlotsShareASector,
    /// Secrets are written into a file whose name is not yet durable.
    KeysNameNotSynced,
    /// The seal is written before the keys file.
    SealedBeforeKeys,
    /// The slots are zeroed before the seal is durable.
    SlotsZeroedBeforeSeal,
    /// A torn keys file is dropped though the segment does not hold its secrets any more.
    KeysDroppedUnasked,
    /// A start judges by the device and goes on with what memory holds, after a sync that failed.
    MemoryBelieved,
    /// A start does not make durable what it relies on.
    StartDoesNotSync,
    /// A start cuts below what was signed.
    CutBelowTheFloor,
    /// A start takes damage in the middle for a torn end.
    CutInTheMiddle,
    /// A start does not look at the secrets of the last group.
    SecretsOfTheLastGroupUnread,
    /// A start does not zero what it cut.
    TornTailLeft,
    /// The zeros behind a frame are not looked at.
    PaddingUnchecked,
    /// The hints of positions are believed unseen.
    HintsBelieved,
    /// A refusal does not wait for what it rests on.
    RefusedWithoutWaiting,
    /// A repeated submission is answered before the first one is durable.
    RepetitionNotWaitedFor,
    /// A decision does not see what is pending.
    DecidedOnOldState,
    /// A permit is minted from what is durable, not from what the decision sees.
    StalePermit,
    /// The overlay lets go of keys before the index has them.
    OverlayDroppedBeforeTheIndexHasIt,
    /// The index is told how far it is before it is there.
    MarkerOutsideItsBatch,
    /// A keys file is replaced by a rename, which frees the secrets as they are.
    OldKeysNotWiped,
    /// The old generation of a keys file has a name that is not made durable.
    OldKeysNameNotSynced,
    /// An order is carried out before its entry is durable.
    ErasedBeforeItsEntry,
    /// An order is carried out before a checkpoint covers it.
    ErasedBeforeItsCheckpoint,
    /// An order is called done before its files are gone.
    ErasedTooSoonSaid,
    /// An order is called done though the index still has what it made of the texts.
    IndexNotRenewed,
    /// A new epoch does not begin a segment of its own.
    EpochInTheOldSegment,
    /// The checkpoint of the epoch before is part of the floor whole, also behind the new epoch's first entry.
    OldCheckpointBindsTheNewEpoch,
    /// A start serves though an epoch was opened and has not begun.
    UnfinishedEpochServed,
    /// The index of what was lost stays until the new epoch has begun.
    IndexOfTheLostKept,
    /// Tiles of what was lost stay where the new epoch's tree has others.
    TilesOfTheLostKept,
    /// A new epoch counts as begun because memory says so, after a sync that failed.
    EpochReadFromMemory,
    /// The new epoch's first entry is there before its key is.
    EpochBeforeItsKey,
}

/// Whether a wrong order is on.
#[cfg(not(test))]
pub const fn is_on(_wrong: Wrong) -> bool {
    false
}

#[cfg(test)]
thread_local! {
    static ON: std::cell::Cell<Option<Wrong>> = const { std::cell::Cell::new(None) };
}

/// Whether a wrong order is on, for this thread.
#[cfg(test)]
pub fn is_on(wrong: Wrong) -> bool {
    ON.get() == Some(wrong)
}

/// Switches a wrong order off when the run with it is over, however it ends.
#[cfg(test)]
struct Off(Option<Wrong>);

#[cfg(test)]
impl Drop for Off {
    fn drop(&mut self) {
        ON.set(self.0);
    }
}

/// Runs something with one wrong order on, or none.
#[cfg(test)]
pub fn with<T>(wrong: Option<Wrong>, run: impl FnOnce() -> T) -> T {
    let _off = Off(ON.replace(wrong));
    run()
}
