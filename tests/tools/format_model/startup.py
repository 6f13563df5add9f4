"""Section 4: what happens between the lock and the first answer. The order is the page's, with its numbers."""
from . import cbor
from .crypto import H, assertion_ok, opened, read_note, root
from .layout import (MAGIC, SLOT, Damage, area_slot, parse_frame, parse_head, parse_keys, parse_seal, scan, up)
from .machine import Machine, blob_path, keys_path, seg_path, slot_of


def start(disk, rules, keys, restoring=False, mine=None):
    """A running Machine, or Damage. `restoring` is the restore verb: the floor of the lost machine does not bind.
    `mine` are the origins this machine holds the private key of (all, unless said)."""
    if rules.sync_at_start:                               # 0: after a kill, names and bytes may be only in memory
        for folder in ("", "journal", "log"):
            disk.sync_dir(folder)
        for name in [n for n in disk.listdir("journal") if n.endswith(".seg")][-1:]:
            disk.fsync("journal/" + name)
    m = Machine(disk, rules, keys)
    m.status, m.begun, m.firsts, m.note = "clean", 0, [], None
    leftovers(m)
    firsts = [int(n[:20]) for n in disk.listdir("journal") if n.endswith(".seg")]
    if not firsts:
        raise Damage("no segment")
    for first in firsts:                                  # 1: headers, unbroken chain, seals
        read_segment(m, first, first == firsts[-1])
    floor = 0 if restoring or not rules.use_floor else floor_of(m)
    last_segment(m, floor)
    if not rules.use_floor:
        floor_of(m)
    m.ledger.submitted, m.ledger.acked = list(m.headers), len(m.headers)
    if not restoring:
        if m.origin not in (keys if mine is None else mine):
            raise Damage("no key for this origin")
        if m.epoch != m.begun:
            raise Damage(f"epoch {m.epoch} was opened, but has not begun: the restore is not finished")
        finish_erasures(m)
    return m


def leftovers(m):
    """Files of interrupted steps. Those with secrets are overwritten before they go."""
    d = m.disk
    for name in d.listdir("journal"):
        path = "journal/" + name
        if name == "next.tmp":
            d.unlink(path)
        elif name.endswith(".keys.tmp"):
            m.wipe(path)
        elif name.endswith(".keys.old"):
            now = path[:-4]
            if not d.exists(now) or parse_keys(d.read(now)) is None:
                raise Damage(f"{now} is not whole, its predecessor is kept")
            if m.rules.old_same_file and d.read(now) == d.read(path):
                d.unlink(path)                            # the rename did not survive: both names are one file
            else:
                m.wipe(path)
    d.sync_dir("journal")


def read_segment(m, first, is_last):
    """Checks one segment and, if it is sealed, finishes its sealing. The last one is left to `last_segment`."""
    d, path = m.disk, seg_path(first)
    buf = d.read(path)
    size, align, number, epoch = parse_head(buf)
    if number != first or first != len(m.headers):
        raise Damage(f"segment {first}: expected {len(m.headers)}")
    at = m.rules.seal_at(align)
    seal = parse_seal(buf[at:at + 512])
    m.size, m.align, m.first, m.seg, m.epoch = size, align, first, path, epoch
    if seal in (None, "bad"):
        if not is_last:
            raise Damage(f"segment {first} is not sealed, and not the last")
        unsealed(m, buf, at, seal)
        return
    frames_end, slots, end_seq, tree, digest = seal
    begin = m.rules.frames_at(align)
    prev = m.leaves[-1][:8] if m.leaves else bytes(8)
    frames, pos, used = scan(buf, size, align, first, frames_end, prev, m.rules)
    take(m, frames, path)
    if (pos, used, len(m.headers)) != (frames_end, slots, end_seq) or H(buf[begin:frames_end]) != digest \
            or tree != root(m.leaves):
        raise Damage(f"sealed segment {first} does not fit its seal")
    k = parse_keys(d.read(keys_path(first))) if d.exists(keys_path(first)) else None
    if k is None or k[0] != first or len(k[2]) != slots:
        raise Damage(f"keys file of segment {first}")
    end = up(frames_end, align)
    if len(buf) != end:                                   # steps 3 and 4 again
        if any(buf[end:]):
            d.write(path, end, bytes(len(buf) - end))
            d.fsync(path)
        d.truncate(path, end)
        d.fsync(path)
    m.seg = None


def unsealed(m, buf, at, seal):
    """The last segment has no good seal: is it open, or half sealed, or is its seal damaged?
    A keys file may only be dropped while the segment still holds every slot itself."""
    d, path, keys = m.disk, m.seg, keys_path(m.first)
    if not d.exists(keys):
        if seal == "bad" and m.rules.torn_seal_checked or len(buf) != m.size:
            raise Damage("the seal is damaged")
        return
    k = parse_keys(d.read(keys))
    if m.rules.torn_seal_checked:
        still = k and len(buf) == m.size and all(area_slot(buf, m.size, i) == s for i, s in enumerate(k[2]))
        if len(buf) != m.size or (k and not still) or (not k and seal == "bad"):
            raise Damage("the seal is damaged: the slots are only in the keys file")
    if seal == "bad":
        d.write(path, at, bytes(512))
        d.fsync(path)
    m.wipe(keys)
    d.sync_dir("journal")


def take(m, frames, path):
    for f in frames:
        f.seg = path
        if 13 in f.map:
            m.begun, m.origin = f.map[13][0], f.map[13][1]
            m.firsts.append((f.seq, f.map[13][1]))
    m.frames += frames
    m.headers += [f.header for f in frames]
    m.leaves += [f.leaf for f in frames]


def floor_of(m):
    """F from the last signed checkpoint. One of an earlier epoch binds up to where the next epoch began."""
    if not m.disk.exists("log/checkpoint"):
        return 0
    try:
        origin, size, tree = read_note(m.disk.read("log/checkpoint"), lambda o: m.keys[o].public)
    except (ValueError, KeyError, IndexError) as e:
        raise Damage(f"checkpoint: {e!r}") from None
    m.note = (origin, size, tree)
    return size


def last_segment(m, floor):
    """2 to 6: the open segment, read from the device."""
    d, rules = m.disk, m.rules
    if m.seg is None:
        check_note(m, floor)
        return
    buf = d.read(m.seg)
    prev = m.leaves[-1][:8] if m.leaves else bytes(8)
    frames, pos, slots = scan(buf, m.size, m.align, m.first, m.size, prev, rules)
    take(m, frames, m.seg)
    floor = bounded(m, floor)
    e, low = m.first + len(frames), m.size - SLOT * slots
    rest, later, p = any(buf[pos:low]), False, buf.find(MAGIC, pos)
    while rest and p >= 0:                                # 3: damage, or torn?
        g = parse_frame(buf, p, m.size) if p % 8 == 0 else None
        if g and g.group > e:
            raise Damage(f"frame {e} is unreadable, but {g.seq} of a later group is whole")
        later = later or bool(g and frames and g.group > frames[-1].group)
        p = buf.find(MAGIC, p + 1)
    keep, m.damaged = len(frames), []
    for i, f in enumerate(frames):                        # 4: the slots of the last group
        if f.group == frames[-1].group and not slots_open(m, f):
            if f.seq < floor or later:
                m.damaged.append(f.seq)
            else:
                keep = min(keep, i)
    if m.first + keep < floor:                            # 5
        raise Damage(f"the journal ends at {m.first + keep}, but {floor} entries are proven durable")
    if rest or keep < len(frames):                        # 6
        m.status = "torn"
        start_at = frames[keep].pos if keep < len(frames) else pos
        slots = frames[keep - 1].slot + len(frames[keep - 1].bodies) if keep else 0
        zero(m, buf, start_at, m.size - SLOT * slots)
        del m.frames[m.first + keep:], m.headers[m.first + keep:], m.leaves[m.first + keep:]
        pos = frames[keep - 1].end if keep else rules.frames_at(m.align)
        m.firsts = [x for x in m.firsts if x[0] < len(m.headers)]
        m.origin, m.begun = (m.firsts[-1][1], len(m.firsts)) if m.firsts else (None, 0)
    m.pos, m.slots = pos, slots
    check_note(m, floor)


def bounded(m, floor):
    """An earlier epoch's checkpoint proves nothing beyond the entry that began the next epoch."""
    if not m.rules.bound_floor:
        return floor
    for (_, origin), (following, _) in zip(m.firsts, m.firsts[1:]):
        if m.note and m.note[0] == origin:
            return min(floor, following)
    return floor


def check_note(m, floor):
    floor = bounded(m, floor)
    if len(m.headers) < floor:
        raise Damage(f"the journal ends at {len(m.headers)}, but {floor} entries are proven durable")
    if m.note and floor and floor == m.note[1] and root(m.leaves[:floor]) != m.note[2]:
        raise Damage("another history than the one that was signed")


def slots_open(m, f):
    """Every slot of the last group must open, a blob's too; a missing blob file is reported, not cut."""
    for i, descriptor in enumerate(f.bodies):
        secret = slot_of(m.disk, f, i)
        if len(descriptor) == 4:
            if opened(secret, f.stored[i], descriptor[3]) is None:
                return False
        elif m.rules.check_detached and m.disk.exists(blob_path(descriptor[4])):
            if opened(secret, m.disk.read(blob_path(descriptor[4])), descriptor[3], True) is None:
                return False
    return True


def zero(m, buf, a, b):
    """Cut frames (those good by themselves, never slots) are kept aside, then sectors that are not zero are zeroed."""
    d, cut, p = m.disk, [], buf.find(MAGIC, a)
    while 0 <= p < b:
        g = parse_frame(buf, p, b) if p % 8 == 0 else None
        if g:
            cut.append(buf[g.pos:g.end])
        p = buf.find(MAGIC, p + 1)
    if cut:
        if not d.exists("journal/torn"):
            d.mkdir("journal/torn")
        m.whole(f"journal/torn/{d.clock}-{len(m.headers)}.bin", b"".join(cut))
    for k in range(a // m.align, -(-b // m.align)):
        lo, hi = max(a, k * m.align), min(b, (k + 1) * m.align)
        if any(buf[lo:hi]):
            d.write(m.seg, lo, bytes(hi - lo))
    if m.rules.zero_synced:
        d.fsync(m.seg)


# ---------------------------------------------------------------- erasures

def frames_of(m):
    """All frames of a running machine, by seq."""
    out = []
    for name in [n for n in m.disk.listdir("journal") if n.endswith(".seg")]:
        buf = m.disk.read("journal/" + name)
        size, align, first, _ = parse_head(buf)
        at = m.rules.seal_at(align)
        seal = parse_seal(buf[at:at + 512])
        limit = seal[0] if seal not in (None, "bad") else min(size, len(buf))
        frames, _, _ = scan(buf, size, align, first, limit, out[-1].leaf[:8] if out else bytes(8), m.rules)
        for f in frames:
            f.seg = "journal/" + name
        out += frames
    return out


def covered(frames, seq, rules):
    """The (seq, body) pairs that the erasure entry `seq` covers; none if it proves nothing."""
    order = frames[seq].map.get(12)
    if frames[seq].map[7] != "kernel.erase" or order is None:
        return []
    target, pairs, targets = 0, [], []
    for delta, mask in order[0]:
        target += delta
        targets.append(target)
        pairs += [(target, i) for i in range(len(mask) * 8) if mask[i // 8] >> i % 8 & 1]
    for t in targets:
        if t >= frames[seq].group or frames[t].map[7] == "kernel.erase":
            return []
    if any(i >= len(frames[t].bodies) for t, i in pairs):
        return []
    signed = {0: order[0], 1: order[1], 3: order[3]}
    if rules.bind_leaves:
        if order[4] != H(*(frames[t].leaf for t in targets)):
            return []
        signed[4] = order[4]
    digest = H(cbor.enc(signed))
    who = {a[0] for a in order[2] if assertion_ok(a, digest)}
    key = {a[2] for a in order[2]}
    return pairs if len(who) == len(key) == len(order[2]) == 2 else []


def all_covered(frames, rules):
    """(seq, body) -> the erasures that cover it."""
    out = {}
    for f in frames:
        if f.map[7] == "kernel.erase":
            for pair in covered(frames, f.seq, rules):
                out.setdefault(pair, []).append(f.seq)
    return out


def finish_erasures(m):
    """7: everything ordered and not reported as done, behind a checkpoint that covers it."""
    done = {f.map[15] for f in m.frames if 15 in f.map}
    open_orders = [f.seq for f in m.frames if f.map[7] == "kernel.erase" and f.seq not in done]
    covers = m.note and m.note[0] == m.origin and m.note[1] > max(open_orders, default=0)
    if open_orders and m.rules.checkpoint_first and not covers:
        m.checkpoint()
    for seq in open_orders:
        m.carry_out(seq)
