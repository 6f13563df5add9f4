"""The writer: groups, sealing, checkpoints, blobs, erasure. Start-up is in startup.py, restore in epochs.py.

Every step goes through the simulated disk, in the order of the page (or of a wrong `Rules`). What was promised to
callers is noted in the `Ledger`, which the oracle later compares with what a crash left.
"""
import posixpath, random

from . import cbor
from .crypto import H, commit, leaf, opened, root, seal, seal_blob
from .layout import (SLOT, area_slot, header_of, pack_frame, pack_head, pack_keys, pack_seal, parse_keys, tombstone, up)

LOG_ID = b"gmina modrzewie."
AT = 1794000000000


class Ledger:
    """What callers know: entries handed in, how many were acknowledged, and every text with its secret."""

    def __init__(self):
        self.submitted, self.acked, self.texts, self.done = [], 0, {}, set()

    def mark(self):
        m = Ledger()
        m.submitted, m.acked, m.texts, m.done = list(self.submitted), self.acked, self.texts, set(self.done)
        return m


class Full(Exception):
    """The group has no room in this segment."""


def seg_path(first):
    return f"journal/{first:020d}.seg"


def keys_path(first):
    return f"journal/{first:020d}.keys"


def blob_path(digest):
    return f"blobs/{digest.hex()[:2]}/{digest.hex()}"


class Machine:
    def __init__(self, disk, rules, keys, size=16384, align=512):
        """`keys`: origin -> LogKey. The last one is the key of the current epoch."""
        self.disk, self.rules, self.keys, self.size, self.align = disk, rules, keys, size, align
        self.headers, self.leaves, self.frames = [], [], []
        self.ledger, self.staged, self.tiles = Ledger(), {}, False
        self.seg = None                 # path of the open segment, or None
        self.epoch, self.origin = 0, None

    # ---- files written whole

    def whole(self, path, data, secret=False):
        """tmp, fsync, rename, sync directory."""
        folder, d = posixpath.dirname(path), self.disk
        if secret:
            self.write_secret(path + ".tmp", data)
        else:
            d.create(path + ".tmp")
            d.write(path + ".tmp", 0, data)
            d.fsync(path + ".tmp")
        d.rename(path + ".tmp", path)
        if self.rules.keys_dir_sync or not secret:
            d.sync_dir(folder)

    def write_secret(self, path, data):
        """A file with secrets has its name and its full length durable, in zeros, before the first secret is
        written over them. Else a crash could leave secrets in blocks that no name leads to."""
        d = self.disk
        d.create(path)
        if self.rules.keys_room_first:
            d.write(path, 0, bytes(len(data)))
            d.fsync(path)
            d.sync_dir(posixpath.dirname(path))
        d.write(path, 0, data)
        d.fsync(path)

    def wipe(self, path):
        """Overwrites, syncs, unlinks."""
        d = self.disk
        if self.rules.wipe_leftovers:
            d.write(path, 0, bytes(len(d.read(path))))
            d.fsync(path)
        d.unlink(path)

    # ---- segments

    def begin(self, origin):
        """A new data directory, up to the first entry."""
        for folder in ("journal", "blobs", "log"):
            self.disk.mkdir(folder)
        self.disk.sync_dir("")
        self.open_segment(0, 1)
        self.append([{"action": "kernel.epoch", 13: {0: 1, 1: origin}}])
        self.epoch, self.origin = 1, origin
        self.whole("log/vkey", self.keys[origin].vkey().encode())

    def prepare(self):
        d = self.disk
        d.create("journal/next.tmp")
        d.write("journal/next.tmp", 0, bytes(self.size))
        d.fsync("journal/next.tmp")

    def open_segment(self, first, epoch):
        d = self.disk
        if not d.exists("journal/next.tmp"):
            self.prepare()
        d.write("journal/next.tmp", 0, pack_head(self.size, self.align, self.size // 2, first, epoch, LOG_ID))
        d.fsync("journal/next.tmp")
        d.rename("journal/next.tmp", seg_path(first))
        d.sync_dir("journal")
        self.seg, self.first, self.epoch = seg_path(first), first, epoch
        self.pos, self.slots = self.rules.frames_at(self.align), 0

    def seal(self):
        """Section 3, sealing; each step durable before the next."""
        d, size = self.disk, self.size
        buf = d.read(self.seg)
        slots = [area_slot(buf, size, i) for i in range(self.slots)]
        begin = self.rules.frames_at(self.align)
        sector = pack_seal(self.pos, self.slots, len(self.leaves), root(self.leaves), H(buf[begin:self.pos]))
        for step in self.rules.seal_order:
            if step == "keys":
                self.whole(keys_path(self.first), pack_keys(self.first, 1, slots), secret=True)
            elif step == "seal":
                d.write(self.seg, self.rules.seal_at(self.align), sector)
                d.fsync(self.seg)
            elif step == "zero":
                area = SLOT * up(self.slots, self.align // SLOT)
                d.write(self.seg, size - area, bytes(area))
                d.fsync(self.seg)
            else:
                d.truncate(self.seg, up(self.pos, self.align))
                d.fsync(self.seg)
        self.seg = None

    # ---- groups

    def lay_out(self, entries):
        """The bytes of a group: (start, frames, first slot, slots, frame list)."""
        boundary = self.align if self.rules.align_groups else 8
        start, slot = up(self.pos, boundary), up(self.slots, boundary // SLOT or 1)
        out, slots, group, headers = b"", [], len(self.leaves), []
        prev = self.leaves[-1][:8] if self.leaves else bytes(8)
        for n, entry in enumerate(entries):
            header = {0: group + n, 1: AT + group + n, 2: 2, 3: 1, 4: b"program1", 5: 1, 6: 7, 7: entry["action"]}
            header |= {k: v for k, v in entry.items() if isinstance(k, int)}
            first_slot, descriptors, stored = slot + len(slots), [], b""
            for i, body in enumerate(entry.get("bodies", [])):
                if "digest" in body:                         # a staged blob
                    secret, text, commitment = body["secret"], body["text"], body["commitment"]
                    descriptors.append([1, 1, len(text), commitment, body["digest"]])
                else:
                    secret, text = random.randbytes(32), body["text"]
                    commitment = commit(secret, text)
                    descriptors.append([body["kind"], 1, len(text), commitment])
                    stored += seal(secret, text, commitment)
                slots.append(secret)
                self.ledger.texts[H(commitment)] = (text, secret)
            header |= {9: descriptors, 11: H(stored)} if descriptors else {10: random.randbytes(16)}
            raw = cbor.enc(header)
            out += pack_frame(raw, stored, first_slot, group + n, group, prev, n == len(entries) - 1)
            prev = leaf(raw)[:8] if self.rules.prev_link else bytes(8)
            headers.append(raw)
        if up(start + len(out), boundary) > self.size - SLOT * up(slot + len(slots), boundary // SLOT or 1):
            raise Full
        return start, out, slot, slots, headers

    def append(self, entries, sync=True):
        """One group; acknowledged when it is durable. Returns the seq of its first entry."""
        try:
            laid = self.lay_out(entries) if self.seg else None
        except Full:
            self.seal()
            laid = None
        if laid is None:
            if self.seg is None:
                self.open_segment(len(self.leaves), self.epoch)
            laid = self.lay_out(entries)
        start, out, slot, slots, headers = laid
        seq, d = len(self.leaves), self.disk
        self.ledger.submitted = self.headers + headers
        if self.rules.ack_before_sync:
            self.ledger.acked = seq + len(headers)
        d.write(self.seg, start, out)
        if slots:
            d.write(self.seg, self.size - SLOT * (slot + len(slots)), b"".join(reversed(slots)))
        if sync:
            d.fsync(self.seg)
            self.ledger.acked = seq + len(headers)
        self.pos, self.slots = start + len(out), slot + len(slots)
        self.headers += headers
        self.leaves += map(leaf, headers)
        for entry in entries:
            for body in entry.get("bodies", []):
                self.staged.pop(body.get("digest"), None)
        return seq

    # ---- blobs

    def stage_blob(self, text):
        """A blob whose file is durable before anything names it; the secret stays in memory until then."""
        blob = self.make_blob(text)
        self.write_blob(blob)
        return blob

    def make_blob(self, text):
        secret = random.randbytes(32)
        commitment = commit(secret, text)
        stored = seal_blob(secret, text, commitment)
        return {"digest": H(stored), "stored": stored, "secret": secret, "text": text, "commitment": commitment}

    def write_blob(self, blob):
        d, path = self.disk, blob_path(blob["digest"])
        self.staged[blob["digest"]] = True
        folder = posixpath.dirname(path)
        if folder not in d.dirs:
            d.mkdir(folder)
            if self.rules.blob_parent_sync:
                d.sync_dir("blobs")
        d.create(path + ".tmp")
        d.write(path + ".tmp", 0, blob["stored"])
        d.fsync(path + ".tmp")
        d.rename(path + ".tmp", path)
        if self.rules.blob_dir_sync:
            d.sync_dir(folder)

    def collect(self):
        """Rubbish: blob files that no entry names. Age alone is no proof: a clock may jump a day while a
        staged blob waits for its frame."""
        d = self.disk
        named = {b[4] for h in self.headers for b in header_of(h)[0].get(9, []) if len(b) == 5}
        for folder in d.listdir("blobs"):
            for name in d.listdir("blobs/" + folder):
                path = f"blobs/{folder}/{name}"
                digest = bytes.fromhex(name.split(".")[0])
                young = d.clock - d.mtime(path) < 24
                waiting = self.rules.collect_needs_idle and digest in self.staged
                if digest not in named and not young and not waiting:
                    d.unlink(path)

    # ---- checkpoint and erasure

    def checkpoint(self):
        if self.tiles:
            self.write_tiles()
        self.whole("log/checkpoint", self.keys[self.origin].note(len(self.leaves), root(self.leaves)))

    def write_tiles(self):
        """Tiles of all full and partial levels; only the names the current size asks for."""
        d, nodes, level = self.disk, self.leaves, 0
        while nodes:
            for n in range(0, len(nodes), 256):
                part = nodes[n:n + 256]
                stem = f"log/tile/{level}/{n // 256:03d}"
                path = stem if len(part) == 256 else f"{stem}.p/{len(part)}"
                for i in range(2, path.count("/") + 1):
                    folder = "/".join(path.split("/")[:i])
                    if folder not in d.dirs:
                        d.mkdir(folder)
                if not d.exists(path):
                    self.whole(path, b"".join(part))
            nodes, level = [root(nodes[i:i + 256]) for i in range(0, len(nodes) - 255, 256)], level + 1

    def order(self, targets, passkeys):
        """Header key 12 for `targets`, a map of seq -> body mask (int)."""
        rows, before = [], 0
        for seq in sorted(targets):
            mask = targets[seq].to_bytes((targets[seq].bit_length() + 7) // 8, "little")
            rows.append([seq - before, mask])
            before = seq
        order = {0: rows, 1: "rodo-17-1-b", 3: 0}
        if self.rules.bind_leaves:
            order[4] = H(*(self.leaves[s] for s in sorted(targets)))
        digest = H(cbor.enc(order))
        return order | {2: [p.assertion(digest) for p in passkeys]}

    def erase(self, targets, passkeys):
        """Section 6, whole."""
        entry = {"action": "kernel.erase", 12: self.order(targets, passkeys)}
        seq = self.append([entry], sync=self.rules.order_synced)
        if self.rules.checkpoint_first:
            self.checkpoint()
        self.carry_out(seq)
        if not self.rules.checkpoint_first:
            self.checkpoint()

    def carry_out(self, seq):
        """Everything behind the order and its checkpoint; each step can be done again."""
        from .startup import covered, frames_of
        frames = frames_of(self)
        pairs = covered(frames, seq, self.rules)
        if self.seg and any(frames[s].seg == self.seg for s, _ in pairs):
            self.seal()
        if not self.rules.blobs_after_keys:
            self.unlink_blobs(frames, pairs)
        for path in sorted({frames[s].seg for s, _ in pairs}):
            here = {p: frames[p[0]] for p in pairs if frames[p[0]].seg == path}
            self.new_keys(path, here, seq, frames)
        self.unlink_blobs(frames, pairs)
        if not any(f.map.get(15) == seq for f in frames):
            self.append([{"action": "kernel.erased", 15: seq}])
        self.ledger.done.add(seq)

    def new_keys(self, path, here, seq, frames):
        """The next generation of one keys file, and the end of the old one."""
        from .startup import all_covered
        d, keys = self.disk, path.replace(".seg", ".keys")
        first, generation, slots = parse_keys(d.read(keys))
        orders = all_covered(frames, self.rules)
        new = list(slots)
        for (s, b), f in here.items():
            right = [tombstone(e, frames[e].leaf, s, b) for e in orders[s, b]]
            old = slots[f.slot + b]
            if old not in right and (self.rules.redo_tombstones or not old.startswith(b"OSTERASE")):
                new[f.slot + b] = tombstone(seq, frames[seq].leaf, s, b)
        if new == slots:
            return
        data = pack_keys(first, generation + 1, new)
        self.replace_keys(keys, data)

    def replace_keys(self, keys, data):
        """link, sync, rename, sync, overwrite, sync, unlink. The first sync matters: if the rename alone
        survived, the old file's bytes would be free blocks that nothing leads to."""
        d, r = self.disk, self.rules
        if d.exists(keys + ".old"):
            d.unlink(keys + ".old")
        self.write_secret(keys + ".tmp", data)
        if r.link_old != "none":
            d.link(keys, keys + ".old")
        if r.link_old == "synced":
            d.sync_dir("journal")
        if r.old_before_new:
            d.write(keys + ".old", 0, bytes(len(d.read(keys))))
            d.fsync(keys + ".old")
        d.rename(keys + ".tmp", keys)
        if r.sync_after_rename:
            d.sync_dir("journal")
        if r.link_old != "none":
            self.wipe(keys + ".old")
            d.sync_dir("journal")

    def unlink_blobs(self, frames, pairs):
        d, folders = self.disk, set()
        for s, b in sorted(pairs):
            descriptor = frames[s].bodies[b]
            if len(descriptor) == 5:
                path = blob_path(descriptor[4])
                folders.add(posixpath.dirname(path))
                if d.exists(path):
                    d.unlink(path)
        for folder in sorted(folders & set(d.dirs)):
            if self.rules.blobs_synced:
                d.sync_dir(folder)

    def read_body(self, frame, i):
        """The plaintext of a body, or None."""
        d, descriptor = self.disk, frame.bodies[i]
        slot = slot_of(d, frame, i)
        if slot is None:
            return None
        if len(descriptor) == 4:
            return opened(slot, frame.stored[i], descriptor[3])
        path = blob_path(descriptor[4])
        if not d.exists(path) or H(d.read(path)) != descriptor[4]:
            return None
        return opened(slot, d.read(path), descriptor[3], True)


def slot_of(disk, frame, i):
    """From the keys file if there is one, else from the end of the segment."""
    keys = frame.seg.replace(".seg", ".keys")
    if disk.exists(keys):
        k = parse_keys(disk.read(keys))
        return k[2][frame.slot + i] if k and frame.slot + i < len(k[2]) else None
    buf = disk.read(frame.seg)
    at = int.from_bytes(buf[12:16], "little") - SLOT * (frame.slot + i + 1)
    return buf[at:at + SLOT] if at + SLOT <= len(buf) else None
