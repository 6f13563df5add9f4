"""Section 8: a machine is lost with a tail that no target had; another one is restored from the target and begins a
new epoch. Crashed after every operation of the restore, and resumed.

What must hold: the shipped prefix is untouched; the new epoch begins exactly once, in a segment of its own; no
(origin, seq) ever names two entries; every erasure whose targets came back is carried out, and no order given for
an entry of the lost tail erases another text that now bears its number.
"""
import random

from .crypto import H, LogKey, path, read_note, split
from .disk import Disk
from .explore import record
from .judge import look
from .layout import Damage, header_of, parse_head
from .machine import Machine
from .scenes import ORIGIN, STAFF, entry
from .startup import start

NEXT = "modrzewie.example/log/2"
KEYS = {ORIGIN: LogKey(ORIGIN), NEXT: LogKey(NEXT)}


def restore(disk, rules, orders, lost_to):
    """One command, resumable. `orders` are the erasures known to anyone (key 12 of their headers)."""
    origin = NEXT if rules.new_origin else ORIGIN
    m = start(disk, rules, KEYS, restoring=True)
    old = disk.read("log/checkpoint").decode() if m.origin != NEXT else None
    if len(m.firsts) < 2:
        entry_13 = {0: 2, 1: origin, 2: old or "", 3: len(m.leaves), 4: max(lost_to, len(m.leaves))}
        if rules.epoch_own_segment:
            if m.seg and len(m.leaves) > m.first:
                m.seal()
            m.open_segment(len(m.leaves), 2)               # an empty last segment is replaced by the rename
        m.append([{"action": "kernel.epoch", 13: entry_13}])
    m.origin = origin
    m.whole("log/vkey", KEYS[origin].vkey().encode())
    m.checkpoint()
    reenter(m, orders)
    m.disk.sync_dir("journal")
    return start(disk, rules, KEYS, mine={origin})         # ends as any start ends: unfinished erasures are finished


def reenter(m, orders):
    """Erasures that the restored log does not hold are entered again, under the same two assertions."""
    for order in orders:
        targets, seq = [], 0
        for delta, _ in order[0]:
            seq += delta
            targets.append(seq)
        frames = look(m.disk, m.rules, KEYS)[0]
        here = [f.map[12] for f in frames if 12 in f.map]
        if max(targets) >= len(m.leaves) or order in here:
            continue
        if m.rules.bind_leaves and order[4] != H(*(m.leaves[t] for t in targets)):
            continue
        m.append([{"action": "kernel.erase", 12: order}])
        m.checkpoint()
        m.carry_out(len(m.leaves) - 1)


def proofs(m, note):
    """(origin, seq) -> leaf, for every entry the note covers, each with its path checked as a stranger would."""
    origin, size, tree = read_note(note, lambda o: KEYS[o].public)
    out = {}
    for seq in range(size):
        assert walk(seq, size, m.leaves[seq], path(seq, m.leaves[:size])) == tree
        out[origin, seq] = m.leaves[seq]
    return out


def walk(index, size, node, nodes):
    """The root an inclusion path leads to (recursive form of RFC 6962 2.1.1)."""
    if size == 1:
        return node
    k = split(size)
    if index < k:
        return H(b"\1", walk(index, k, node, nodes[:-1]), nodes[-1])
    return H(b"\1", nodes[-1], walk(index - k, size - k, node, nodes[:-1]))


def epochs(rules, seed, per, result):
    rnd = random.Random(seed)
    random.seed(seed)
    a = Machine(Disk(), rules, KEYS, 12288, 512)
    a.begin(ORIGIN)
    if seed % 4 == 3:
        a.seal()                                           # shipped with an empty open segment
        a.open_segment(1, 1)
    else:
        for _ in range(rnd.randint(1, 3)):
            a.append([entry(rnd, True, [a.stage_blob(b"plan")]) for _ in range(rnd.randint(1, 2))])
        if seed % 2:
            a.seal()
            a.append([entry(rnd, True)])
    a.checkpoint()
    shipped, k = a.disk.clone(), len(a.leaves)
    lost_entries = [a.append([entry(rnd, True)]) for _ in range(6)]
    prefix = [s for s in range(1, k) if header_of(a.headers[s])[0].get(9)]
    orders = []
    for targets in ([{prefix[0]: 1}] if prefix else []) + [{lost_entries[-1]: 1}]:
        a.erase(targets, STAFF[:2])
        orders.append(header_of(a.headers[[n for n, h in enumerate(a.headers) if 12 in header_of(h)[0]][-1]])[0][12])
    a.checkpoint()
    old_note = a.disk.read("log/checkpoint")
    old_proofs = proofs(a, old_note)
    for name in a.disk.listdir("journal"):                 # keys files are objects of their own: the newest came back
        p = "journal/" + name
        if name.endswith(".keys") and shipped.exists(p):
            n = shipped.inodes[shipped.ino(p)]
            n.live, n.raw, n.size = bytearray(a.disk.read(p)), bytearray(a.disk.read(p)), len(a.disk.read(p))
    b = Machine(shipped, rules, KEYS)
    b.whole("log/checkpoint", old_note)
    wanted = {seq for order in orders[:-1] for seq, _ in [order[0][0]]}
    try:
        moments = record(b, lambda: restore(shipped, rules, orders, len(a.leaves)))
    except Damage as e:
        return result.bad(f"the restore stops: {str(e)[:50]}")
    for what, disk, _ in moments:
        for state in [*disk.states(rnd, per), disk.clone()]:
            result.states += 1
            early = serve_early(state.clone(), rules, result)
            try:
                m = restore(state, rules, orders, len(a.leaves))
            except Damage as e:
                result.bad(f"the restore cannot be resumed: {str(e)[:50]}")
                continue
            result.kinds["early" if early else "refused"] += 1
            check(result, m, a, k, old_proofs, wanted, orders, rnd)


def serve_early(disk, rules, result):
    """An ordinary start in the middle of a restore: it refuses, or the epoch has really begun."""
    try:
        m = start(disk, rules, KEYS, mine={NEXT if rules.new_origin else ORIGIN})
    except Damage as e:
        frames = look(disk, rules, KEYS)[0]
        if "proven durable" in str(e) and sum(13 in f.map for f in frames) > 1:
            result.bad("the new epoch is refused because of the old checkpoint")
        return False
    if len(m.firsts) != 2:
        result.bad("served without the new epoch")
    return True


def check(result, m, a, k, old_proofs, wanted, orders, rnd):
    rules = m.rules
    if m.headers[:k] != a.headers[:k]:
        result.bad("the shipped prefix changed")
    begun = [seq for seq, h in enumerate(m.headers) if 13 in header_of(h)[0]]
    if begun != [0, k]:
        result.bad(f"epochs begin at {'other places' if len(begun) == 2 else str(len(begun)) + ' places'}")
    for _ in range(6):
        m.append([entry(rnd, True)])                       # the lost numbers are given again
    m.checkpoint()
    reenter(m, orders)                                     # the list is applied again, as every restore does
    m.checkpoint()
    frames, verdicts, problems = look(m.disk, rules, KEYS)
    if problems:
        result.bad("verify: " + "".join(c for c in problems[0] if not c.isdigit())[:60])
    erased = {s for (s, _), v in verdicts.items() if v == "erased"}
    if erased - wanted:
        result.bad("a text was erased that nobody ordered erased")
    if wanted - erased:
        result.bad("an erasure did not survive the restore")
    for key, value in proofs(m, m.disk.read("log/checkpoint")).items():
        if old_proofs.get(key, value) != value:
            result.bad("two proofs for one origin and seq")
            break
    ours = {(f.seg, epoch_of(m, f.seg)): f for f in frames}
    for name, epoch in ours:
        if a.disk.exists(name) and epoch == epoch_of(a, name):
            x, y = (look(machine.disk, rules, KEYS)[0] for machine in (a, m))
            x, y = ([f.header for f in fs if f.seg == name] for fs in (x, y))
            n = min(len(x), len(y))
            if x[:n] != y[:n]:
                result.bad("two segments of one name and epoch with different entries")


def epoch_of(m, seg):
    return parse_head(m.disk.read(seg))[3]
