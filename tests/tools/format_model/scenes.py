"""The scenes: groups, damage, sealing, erasure, blobs. Each builds a small journal, then crashes one activity.
Epochs have a file of their own. A scene takes rules, a seed and how many states to try per moment."""
import random

from .crypto import LogKey, Passkey
from .disk import Disk
from .explore import check_start, explore, record
from .judge import look
from .layout import Damage
from .machine import Machine
from .startup import start

ORIGIN = "modrzewie.example/log/1"
KEYS = {ORIGIN: LogKey(ORIGIN)}
STAFF = [Passkey(bytes([n]) * 8, 3 + n) for n in range(3)]


def entry(rnd, fixed=False, blobs=()):
    """One entry of the pilot procedure: who-and-why, blobs, records. `fixed` makes all frames equally long."""
    texts = 1 if fixed else rnd.choice([0, 1, 2, 2, 3])
    bodies = [{"kind": 0, "text": rnd.randbytes(40)}] if texts or blobs else []
    bodies += list(blobs)
    bodies += [{"kind": 12, "text": rnd.randbytes(120 if fixed else rnd.randint(0, 260))} for _ in range(texts - 1)]
    return {"action": "srod-drzewa-zgl.file", "bodies": bodies}


def town(rules, rnd, groups, align=512, size=None, fixed=False, blobs=False):
    """A journal with a few durable groups and one checkpoint somewhere among them."""
    m = Machine(Disk(align), rules, KEYS, size or (rnd.choice([12288, 16384]) if align == 512 else 32768), align)
    m.begin(ORIGIN)
    at = rnd.randrange(groups + 1)
    for n in range(groups):
        if n == at:
            m.checkpoint()
        b = [m.stage_blob(rnd.randbytes(rnd.randint(1, 300)))] if blobs and rnd.random() < 0.6 else []
        m.append([entry(rnd, fixed, b if k == 0 else ()) for k in range(rnd.randint(1, 3))])
    return m


def groups(rules, seed, per, result):
    """A group in flight; then a second group on what the crash left, and a second crash."""
    rnd = random.Random(seed)
    random.seed(seed)
    fixed = seed % 3 == 0
    m = town(rules, rnd, rnd.randint(1, 4), 4096 if seed % 5 == 4 else 512, fixed=fixed, blobs=seed % 2 == 0)
    # Enough slots to fill more than one sector, so that a slot sector can be lost alone.
    many = [m.stage_blob(b"photo %d" % n) for n in range(8)] if seed % 4 == 1 else []
    group = [entry(rnd, fixed) for _ in range(rnd.randint(1, 6))]
    if many:
        group = [{"action": "srod-drzewa-zgl.file", "bodies": [{"kind": 0, "text": b"who"}] + many},
                 {"action": "srod-drzewa-zgl.file", "bodies": [{"kind": 0, "text": b"who"}] + [
                     m.stage_blob(b"plan %d" % n) for n in range(12)]}]

    def again(result, m, ledger, rnd):
        if rnd.random() < 0.25:
            m.append([entry(rnd, fixed) for _ in range(rnd.randint(1, 2))], sync=False)
            for state in m.disk.states(rnd, 3, wild=False):
                check_start(result, state, m.ledger, rules, KEYS, " (second crash)")
        elif rnd.random() < 0.25:                          # and a group that is acknowledged
            m.append([entry(rnd, fixed)])
            check_start(result, m.disk.crash(lambda p: p[0] == "sector" and "old"), m.ledger, rules, KEYS,
                        " (second group)")
    explore(result, record(m, lambda: m.append(group)), rules, KEYS, rnd, per, more=again)


def damage(rules, seed, per, result):
    """One durable sector turns to zeros or rubbish, or one bit flips. The start may stop or report, but it must
    not cut, and what it did must not stand in the way of a repair."""
    rnd = random.Random(seed)
    random.seed(seed)
    m = town(rules, rnd, rnd.randint(2, 4), blobs=seed % 2 == 0)
    stage = seed % 3
    if stage == 1:
        m.seal()
    elif stage == 2:
        m.seal()
        m.append([entry(rnd)])
    m.checkpoint()
    for _ in range(per):
        disk = m.disk.clone()
        path = rnd.choice([n for n in disk.listdir("journal") if n.endswith((".seg", ".keys"))])
        node = disk.inodes[disk.ino("journal/" + path)]
        k = rnd.randrange(-(-len(node.live) // 512)) * 512
        k = 512 if rnd.random() < 0.25 and path.endswith(".seg") else k
        good = bytes(node.live[k:k + 512])
        bad = rnd.choice([bytes(len(good)), rnd.randbytes(len(good)), flip(good, rnd)])
        if bad == good:
            continue
        node.live[k:k + 512] = node.raw[k:k + len(good)] = bad
        result.states += 1
        try:
            n = start(disk, rules, KEYS)
            frames, verdicts, problems = look(n.disk, rules, KEYS)
            result.kinds["started"] += 1
            if len(n.headers) < len(m.headers):
                result.bad("a durable entry was cut silently")
            elif not problems and any(n.read_body(f, i) is None for f in frames for i in range(len(f.bodies))):
                result.bad("a lost text goes unreported")
        except Damage:
            result.kinds["stopped"] += 1
        again = disk.inodes.get(disk.ino("journal/" + path) or 0)
        if again is None:
            result.bad("the start removed the damaged file")
            continue
        again.live[k:k + len(good)] = again.raw[k:k + len(good)] = good
        _, verdicts, _ = look(disk, rules, KEYS)
        if len(verdicts) < sum(len(f.bodies) for f in look(m.disk, rules, KEYS)[0]) \
                or any(v != "readable" for v in verdicts.values()):
            result.bad("after the repair a text is gone: the start had destroyed it")


def flip(data, rnd):
    data = bytearray(data)
    data[rnd.randrange(len(data))] ^= 1 << rnd.randrange(8)
    return bytes(data)


def sealing(rules, seed, per, result):
    """Keys, seal, zero, cut, next segment: crashed after each operation; a later erasure must still be complete."""
    rnd = random.Random(seed)
    random.seed(seed)
    m = town(rules, rnd, rnd.randint(1, 3), 4096 if seed % 2 else 512, blobs=seed % 3 == 0)

    def work():
        m.seal()
        m.append([entry(rnd, True)])

    def erase_later(result, m, ledger, rnd):
        frames = look(m.disk, rules, KEYS)[0]
        targets = {f.seq: 1 for f in frames if f.bodies}
        if targets and rnd.random() < 0.3:
            m.erase(dict(rnd.sample(sorted(targets.items()), 1)), STAFF[:2])
            check_start(result, m.disk.clone(), m.ledger, rules, KEYS, " (erased later)")
    explore(result, record(m, work), rules, KEYS, rnd, per, more=erase_later)


def erasure(rules, seed, per, result):
    """An erasure over two segments, with blobs. In no state may a text that is not covered suffer; a covered one is
    readable, unfinished or erased, and after the start its secret is nowhere."""
    rnd = random.Random(seed)
    random.seed(seed)
    m = town(rules, rnd, 2, size=12288, blobs=True)
    m.append([entry(rnd, False, [m.stage_blob(b"photo with a face")]), entry(rnd, True)])
    if seed % 2:
        m.seal()
        m.append([entry(rnd, True, [m.stage_blob(b"plan")]), entry(rnd, True)])
    frames = look(m.disk, rules, KEYS)[0]
    full = [f for f in frames if f.bodies]
    targets = {f.seq: rnd.randrange(1, 1 << len(f.bodies)) for f in rnd.sample(full, min(len(full), 2))}
    for f in full[-3:]:                                    # always one blob
        if any(len(d) == 5 for d in f.bodies):
            targets[f.seq] = (1 << len(f.bodies)) - 1

    def work():
        m.erase(targets, STAFF[:2])

    def raw(result, disk, ledger):
        try:
            _, verdicts, _ = look(disk, rules, KEYS)
        except (ValueError, KeyError, TypeError):
            return
        for (s, _), v in verdicts.items():
            if s < ledger.acked and v not in ("readable", "erasure unfinished", "erased"):
                result.bad(f"before the start: {v}")
                break

    def second(result, m, ledger, rnd):
        left = {f.seq: 1 for f in full if f.seq not in targets}
        if left and rnd.random() < 0.1:
            m.erase(dict([rnd.choice(sorted(left.items()))]), STAFF[1:])
            check_start(result, m.disk.clone(), m.ledger, rules, KEYS, " (second erasure)")
    explore(result, record(m, work), rules, KEYS, rnd, per, raw=raw, more=second)


def spoiled(rules, seed, per, result):
    """While an erasure is carried out, the sector of its order turns bad: the start must stop, not forget why."""
    rnd = random.Random(seed)
    random.seed(seed)
    m = town(rules, rnd, 2)
    m.append([entry(rnd, True)])
    m.seal()
    m.append([entry(rnd, True)])
    moments = record(m, lambda: m.erase({len(m.leaves) - 2: 1}, STAFF[:2]))
    for what, disk, ledger in moments:
        order = [f for f in look(disk, rules, KEYS)[0] if 12 in f.map]
        if not order:
            continue
        node, k = disk.inodes[disk.ino(order[0].seg)], order[0].pos
        node.live[k:k + 512] = bytes(512)
        node.raw = bytearray(node.live)
        result.states += 1
        try:
            n = start(disk, rules, KEYS)
        except Damage:
            result.kinds["stopped"] += 1
            continue
        result.kinds["started"] += 1
        if "erased without ground" in look(n.disk, rules, KEYS)[1].values():
            result.bad("the order was cut, its erasure has lost its ground")


def blobs(rules, seed, per, result):
    """Staging, naming, rubbish collection across a clock that jumps."""
    rnd = random.Random(seed)
    random.seed(seed)
    m = town(rules, rnd, 1, blobs=True)

    def work():
        waiting = [m.make_blob(rnd.randbytes(rnd.choice([0, 1, 700]))) for _ in range(2)]
        if rules.blob_before_frame:
            for b in waiting:
                m.write_blob(b)
        m.stage_blob(b"nobody will name this")
        if seed % 2:
            m.disk.clock += rnd.choice([1, 30])
            m.collect()
        m.append([entry(rnd, False, waiting)])
        if not rules.blob_before_frame:
            for b in waiting:
                m.write_blob(b)
        m.disk.clock += 30
        m.collect()

    def collected(result, m, ledger, rnd):
        m.disk.clock += 30
        m.collect()
        files = [n for f in m.disk.listdir("blobs") for n in m.disk.listdir("blobs/" + f)]
        named = sum(len(d) == 5 for f in look(m.disk, rules, KEYS)[0] for d in f.bodies)
        if len(files) != named:
            result.bad(f"blob files {'more' if len(files) > named else 'fewer'} than named ones")
    explore(result, record(m, work), rules, KEYS, rnd, per, more=collected)
