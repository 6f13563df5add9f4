"""Section 5 as the model's oracle: the verdict on every body, and everything else that must not be there."""
from .crypto import H, opened, read_note, root
from .layout import (SLOT, Damage, parse_head, parse_keys, parse_seal, scan, tombstone, up)
from .machine import blob_path, slot_of
from .startup import all_covered


def look(disk, rules, keys):
    """(frames, verdicts by (seq, body), problems) of a data directory as it lies there."""
    frames, problems, leaves, last_open = [], [], [], None
    names = [n for n in disk.listdir("journal") if n.endswith(".seg")]
    for name in names:
        path = "journal/" + name
        buf = disk.read(path)
        try:
            size, align, first, epoch = parse_head(buf)
        except Damage as e:
            problems.append(f"{name}: {e}")
            continue
        if first != len(frames) or first != int(name[:20]):
            problems.append(f"{name}: chain broken at {len(frames)}")
        at = rules.seal_at(align)
        seal = parse_seal(buf[at:at + 512])
        sealed = seal not in (None, "bad")
        limit = seal[0] if sealed else min(size, len(buf))
        here, pos, slots = scan(buf, size, align, first, limit, leaves[-1][:8] if leaves else bytes(8), rules)
        for f in here:
            f.seg = path
            if 13 in f.map and (f is not here[0] or f.map[13][0] != epoch):
                problems.append(f"entry {f.seq}: an epoch that does not begin a segment")
        frames += here
        leaves += [f.leaf for f in here]
        problems += [f"{name}: {p}" for p in segment_problems(disk, path, buf, (size, align, first), seal, here,
                                                              pos, slots, leaves, rules, name == names[-1])]
        last_open = None if sealed else path
    orders = all_covered(frames, rules)
    note = disk.exists("log/checkpoint") and read_note(disk.read("log/checkpoint"), lambda o: keys[o].public)
    floor = note[1] if note else 0
    if note and (floor > len(leaves) or root(leaves[:floor]) != note[2]):
        problems.append("the checkpoint does not fit")
    last_group = frames[-1].group if frames else 0
    verdicts = {}
    for f in frames:
        for i in range(len(f.bodies)):
            v = verdict(disk, f, i, orders.get((f.seq, i), []), frames)
            if v == "text lost" and f.seg == last_open and f.seq >= floor and f.group == last_group:
                v = "torn"
            verdicts[f.seq, i] = v
    problems += [f"{pair}: {v}" for pair, v in verdicts.items() if v not in ("readable", "erased")]
    problems += [f"left over: {n}" for n in disk.listdir("journal") if n.endswith((".old", ".keys.tmp"))]
    return frames, verdicts, problems


def segment_problems(disk, path, buf, head, seal, frames, pos, slots, leaves, rules, is_last):
    size, align, first = head
    keys = path.replace(".seg", ".keys")
    k = parse_keys(disk.read(keys)) if disk.exists(keys) else None
    if seal in (None, "bad"):
        if seal == "bad" or not is_last or len(buf) != size:
            yield "not sealed"
        if disk.exists(keys):
            yield "a keys file beside an open segment"
        if any(buf[pos:size - SLOT * slots]):
            yield "bytes that are no frame"
    else:
        digest = H(buf[rules.frames_at(align):seal[0]])
        if seal != (pos, slots, first + len(frames), root(leaves), digest):
            yield "the seal does not fit"
        if len(buf) != up(seal[0], align) or any(buf[seal[0]:]):
            yield "the sealed file is not cut"
        if k is None or k[0] != first or len(k[2]) != slots:
            yield "the keys file does not fit"
    used = {f.slot + j for f in frames for j in range(len(f.bodies))}
    for i in range(slots):
        if i not in used:
            at = size - SLOT * (i + 1)
            if any((k[2][i] if i < len(k[2]) else b"") if k else buf[at:at + SLOT]):
                yield f"unused slot {i}"


def verdict(disk, f, i, covering, frames):
    descriptor, slot = f.bodies[i], slot_of(disk, f, i)
    detached, stored = len(descriptor) == 5, f.stored[i]
    if detached:
        path = blob_path(descriptor[4])
        stored = disk.read(path) if disk.exists(path) else None
        if stored is not None and H(stored) != descriptor[4]:
            return "damaged body"
    if slot and stored is not None and opened(slot, stored, descriptor[3], detached) is not None:
        return "erasure unfinished" if covering else "readable"
    if slot and slot.startswith(b"OSTERASE"):
        if slot not in [tombstone(e, frames[e].leaf, f.seq, i) for e in covering]:
            return "erased without ground"
        return "erasure unfinished" if detached and stored is not None else "erased"
    if covering:
        return "erased, slot irregular"
    return "blob missing" if stored is None else "text lost"
