"""Wrong orders, each of which the oracle must catch. A model that finds nothing wrong here could not fail."""
from . import epochs, scenes
from .explore import Result
from .rules import Rules

# name, what is wrong, scene, seeds to try at most, states per moment
ORDERS = [
    ("acknowledged before the sync", dict(ack_before_sync=True), scenes.groups, 4, 8),
    ("two groups in one sector", dict(align_groups=False), scenes.groups, 12, 12),
    ("a group opens only behind a 'last' flag", dict(open_needs_last=True), scenes.groups, 24, 16),
    ("zeroing not synced, no prev link", dict(zero_synced=False, prev_link=False), scenes.groups, 60, 16),
    ("slots of blobs not opened at start", dict(check_detached=False), scenes.groups, 24, 24),
    ("no floor", dict(use_floor=False), scenes.damage, 12, 40),
    ("keys dropped whenever the seal is bad", dict(torn_seal_checked=False), scenes.damage, 24, 40),
    ("start trusts what is only in memory", dict(sync_at_start=False), scenes.sealing, 8, 6),
    ("seal before keys", dict(seal_order=("seal", "keys", "zero", "cut")), scenes.sealing, 4, 8),
    ("slots zeroed before the seal", dict(seal_order=("keys", "zero", "seal", "cut")), scenes.sealing, 4, 8),
    ("keys file without a directory sync", dict(keys_dir_sync=False), scenes.sealing, 4, 8),
    ("cut without zeroing", dict(seal_order=("keys", "seal", "cut")), scenes.sealing, 8, 8),
    ("seal in the sector of the header (S 4096)", dict(seal_apart=False), scenes.sealing, 8, 8),
    ("secrets written before the file is durable", dict(keys_room_first=False), scenes.erasure, 6, 10),
    ("leftovers unlinked, not overwritten", dict(wipe_leftovers=False), scenes.erasure, 2, 6),
    ("order not durable before it is obeyed", dict(order_synced=False), scenes.erasure, 2, 6),
    ("no checkpoint before the keys change", dict(checkpoint_first=False), scenes.spoiled, 4, 1),
    ("old keys overwritten before new are durable", dict(old_before_new=True), scenes.erasure, 2, 8),
    ("old keys overwritten before directory sync", dict(sync_after_rename=False), scenes.erasure, 2, 8),
    ("new keys renamed over the old", dict(link_old="none"), scenes.erasure, 2, 6),
    ("link and rename in one directory sync", dict(link_old="unsynced"), scenes.erasure, 3, 12),
    (".keys.old always overwritten at start", dict(old_same_file=False), scenes.erasure, 3, 12),
    ("blob unlinked before the keys change", dict(blobs_after_keys=False), scenes.erasure, 2, 6),
    ("reported done before unlinks are durable", dict(blobs_synced=False), scenes.erasure, 3, 8),
    ("blob after its frame", dict(blob_before_frame=False), scenes.blobs, 2, 8),
    ("blob's directory not synced", dict(blob_dir_sync=False), scenes.blobs, 3, 8),
    ("new blob directory not synced in blobs/", dict(blob_parent_sync=False), scenes.blobs, 3, 8),
    ("rubbish judged by age alone", dict(collect_needs_idle=False), scenes.blobs, 6, 6),
    ("new epoch in the old segment", dict(epoch_own_segment=False), epochs.epochs, 3, 3),
    ("new epoch under the old origin", dict(new_origin=False), epochs.epochs, 2, 1),
    ("old checkpoint binds the new epoch", dict(bound_floor=False), epochs.epochs, 2, 1),
    ("assertions name numbers, not leaves", dict(bind_leaves=False), epochs.epochs, 2, 1),
    ("tombstones of a lost order kept", dict(redo_tombstones=False), epochs.epochs, 4, 1),
]


def run(out=print):
    """True if every wrong order was caught."""
    caught_all = True
    for name, change, scene, seeds, per in ORDERS:
        result = Result(name)
        for seed in range(seeds):
            scene(Rules(**change), seed, per, result)
            if result.violations:
                break
        caught_all &= bool(result.violations)
        first = next(iter(result.violations), "NOT CAUGHT")
        out(f"wrong: {name:44s} {'caught' if result.violations else 'MISSED'} after {result.states:5d} states: {first}")
    return caught_all
