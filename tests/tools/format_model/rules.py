"""The switches of the model. Every default is what docs/format.md says; every other value is a wrong order that
a developer could plausibly write. `wrong.py` shows that the oracle catches each of them."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    # groups and recovery
    align_groups: bool = True           # a group begins on a sector of its own, in frames and in slots
    prev_link: bool = True              # `prev` ties a frame to the leaf before it
    open_needs_last: bool = False       # wrong: a group may only open behind a frame flagged "last"
    ack_before_sync: bool = False
    use_floor: bool = True
    zero_synced: bool = True            # recovery's zeroing is durable before anything new is written
    check_detached: bool = True         # recovery opens the slots of blobs too
    seal_apart: bool = True             # the seal has a sector of size `align` of its own
    sync_at_start: bool = True          # names and the last segment are synced before anything is decided
    torn_seal_checked: bool = True      # a keys file is dropped only if the slot area still holds all slots
    # sealing
    seal_order: tuple = ("keys", "seal", "zero", "cut")
    keys_dir_sync: bool = True          # the directory is synced after `.keys` was renamed into place
    keys_room_first: bool = True        # `.keys.tmp` is durable in zeros before a secret is written into it
    wipe_leftovers: bool = True         # `.keys.tmp` and `.keys.old` are overwritten before they are unlinked
    # erasure
    order_synced: bool = True           # the order is durable before anything is done about it
    checkpoint_first: bool = True       # the checkpoint that covers the order is durable before the keys change
    link_old: str = "synced"            # or "unsynced" (one directory sync for link and rename), "none"
    sync_after_rename: bool = True
    old_before_new: bool = False        # wrong: the old file is overwritten before the new one is durable
    old_same_file: bool = True          # at start: `.keys.old` that equals `.keys` is only unlinked
    blobs_after_keys: bool = True
    blobs_synced: bool = True           # the unlinks are durable before `kernel.erased`
    bind_leaves: bool = True            # the assertions name the targets' leaves, not only their numbers
    # blobs
    blob_before_frame: bool = True
    blob_dir_sync: bool = True
    blob_parent_sync: bool = True       # a new blobs/xx directory is made durable in blobs/
    collect_needs_idle: bool = True     # rubbish: never what the running program has staged
    # epochs
    epoch_own_segment: bool = True
    new_origin: bool = True
    bound_floor: bool = True            # an earlier epoch's checkpoint binds only up to the next epoch's first entry
    redo_tombstones: bool = True        # a tombstone of an erasure that is not in this log is replaced

    def seal_at(self, align):
        return align if self.seal_apart else 512

    def frames_at(self, align):
        return 2 * align if self.seal_apart else up2(align)


def up2(align):
    """The draft's rule: frames from 1024, or from 4096 if S is 4096."""
    return max(1024, align)


GOOD = Rules()
