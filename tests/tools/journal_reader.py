#!/usr/bin/env python3
"""Reads and verifies an Ostoja data directory. Written from docs/format.md alone.

What it is: a second opinion. It shares no code with the program that writes the
journal, needs Python 3.11, the standard library and `cryptography`, opens files
for reading only, and follows the page section by section (the numbers in the
comments). What it is not: a repair tool, and no judge of who was enrolled or
granted what; that needs records, see --enrolled.

  journal_reader.py list   DIR [--json]                       one line an entry
  journal_reader.py show   DIR SEQ                            one entry, its texts opened
  journal_reader.py verify DIR [--vkey VKEY] [--enrolled FILE] [--json]
  journal_reader.py proof  FILE [--vkey VKEY]                 a confirmation, offline

Exit code: 0 all well, 1 problems (each on its own line), 2 wrong usage.
"""
import argparse, base64, json, re, struct, sys
from collections import Counter
from pathlib import Path

from journal_bytes import (SECTOR, SLOT, Bad, H, cbor_decode, check_erasure, crc, header_faults, hurt_frame, is_uint,
                           open_body, read_checkpoint, read_earlier_vkeys, read_statements, read_vkey, sound_frame,
                           subtree, tombstone, tree_root, up, verify_proof)


# ---------------------------------------------------------------- the data directory

class Segment:
    """One `.seg` with its `.keys`: what it says of itself, and where slots are read."""

    def __init__(self, path, first, fallback, report):
        self.name, self.first, self.buf = path.name, first, path.read_bytes()
        self.align, self.epoch, self.log_id, self.size = fallback, None, None, len(self.buf)
        self.max_entry, self.frames, self.seal, self.keys, self.gap = None, [], None, None, False
        h = self.buf[:SECTOR]
        fields = struct.unpack_from("<8sIIIIQI16s", h.ljust(SECTOR, b"\0"))
        magic, version, size, align, max_entry, number, epoch, log_id = fields
        if (len(h) == SECTOR and magic == b"OSTJSEG1" and version == 1 and align in (512, 4096) and size % align == 0
                and crc(h[:52]) == h[52:56] and not any(h[56:]) and not any(self.buf[SECTOR:align])):
            self.size, self.align, self.max_entry, self.epoch, self.log_id = size, align, max_entry, epoch, log_id
            if number != first:
                report("segment header", self.name, f"says it begins at {number}")
        else:
            report("segment header", self.name, "not whole; read on with guesses")
        self.begin = 2 * self.align
        s = self.buf[self.align:self.begin]
        self.seal_sector_zero = not any(s)
        if not self.seal_sector_zero:
            if s[:8] == b"OSTJSEAL" and crc(s[:88]) == s[88:92] and not any(s[92:]):
                self.seal = struct.unpack_from("<8sIIQ32s32s", s)[1:]     # frames_end, slots, end_seq, root, hash
            else:
                report("seal", self.name, "not whole")

    def read_keys(self, path, report):
        raw = path.read_bytes()
        magic, first, count, generation = struct.unpack_from("<8sQII", raw.ljust(24, b"\0"))
        self.keys = [raw[24 + SLOT * i:24 + SLOT * (i + 1)] for i in range(max(0, len(raw) - 56) // SLOT)]
        if magic != b"OSTJKEY1" or len(raw) != 56 + SLOT * count or H(raw[:-32]) != raw[-32:]:
            report("keys file", path.name, "not whole")
        elif first != self.first or generation < 1:
            report("keys file", path.name, f"says first seq {first}, generation {generation}")
        if self.max_entry is None:                         # the size is a guess: the slots were cut off
            self.size = len(self.buf) + up(SLOT * len(self.keys), self.align)

    def slot(self, i):
        """Slot i from the keys file if there is one, else from the end of the segment."""
        if self.keys is not None:
            return self.keys[i] if i < len(self.keys) else None
        at = self.size - SLOT * (i + 1)
        return self.buf[at:at + SLOT] if self.begin <= at and at + SLOT <= len(self.buf) else None


class Journal:
    """Reads a whole data directory and judges it (sections 4 and 5)."""

    def __init__(self, root, vkey=None, enrolled=None):
        self.root, self.enrolled, self.problems = Path(root), enrolled, []
        self.segments, self.frames, self.missing, self.verdicts = [], {}, [], {}
        self.entries, self.checkpoint, self.covered_by = 0, None, {}
        self.read_log(vkey)
        self.read_segments()
        self.check_tree()
        self.check_headers()
        self.check_epochs()
        self.check_erasures()
        self.check_blob_files()
        self.judge_bodies()
        self.check_positions()
        self.check_names()

    def report(self, verdict, where, detail):
        self.problems.append((verdict, str(where), detail))

    # ---- log/

    def read_log(self, vkey):
        """log/vkey and log/checkpoint. A key given from outside outranks the one in the directory."""
        self.vkey, key_file, note = vkey, self.root / "log/vkey", self.root / "log/checkpoint"
        if key_file.is_file():
            try:
                text = key_file.read_bytes().decode(errors="replace")
                own = read_vkey(text.removesuffix("\n"))
                if not text.endswith("\n"):
                    raise Bad("no newline at its end")
                if vkey and own != vkey:
                    raise Bad("differs from the key given")
                self.vkey = vkey or own
            except Bad as e:
                self.report("checkpoint", "log/vkey", str(e))
        if note.is_file():
            try:
                self.checkpoint = read_checkpoint(note.read_bytes(), self.vkey)
                if not self.vkey:
                    raise Bad("no vkey to check the signature with")
            except Bad as e:
                self.report("checkpoint", "log/checkpoint", str(e))
                self.checkpoint = None

    def check_tree(self):
        """The tree over all leaves, the seals' roots, the tiles, the checkpoint.
        A leaf whose frame is lost is taken from a tile, so that the rest can still be judged."""
        tiles = self.root / "log/tile"
        leaves = [self.leaf_of(s) for s in range(self.entries)]
        self.leaves_known = None not in leaves
        known = leaves[:leaves.index(None)] if None in leaves else leaves
        self.leaves, self.tree = leaves, tree_root(leaves) if self.leaves_known else None
        for seg in self.segments:
            if seg.seal and seg.seal[2] <= len(known) and tree_root(known[:seg.seal[2]]) != seg.seal[3]:
                self.report("seal", seg.name, f"its root is not that of the first {seg.seal[2]} leaves")
        self.root_fits = False
        if self.checkpoint:
            _, size, root = self.checkpoint
            if size > self.entries:
                self.report("checkpoint", "log/checkpoint", f"covers {size} entries, the journal has {self.entries}")
            elif size > len(known):
                self.report("checkpoint", "log/checkpoint", "a leaf below it is lost, its root cannot be computed")
            elif tree_root(known[:size]) != root:
                self.report("checkpoint", "log/checkpoint", f"its root is not that of the first {size} leaves")
            else:
                self.root_fits = True
        elif self.entries and not (self.root / "log/checkpoint").is_file():
            self.report("checkpoint", "log/checkpoint", "missing")
        if tiles.is_dir():
            self.check_tiles(tiles, known)

    def leaf_of(self, seq):
        """From the frame. If the frame is not good, from whatever vouches for a leaf: next frame, else tile."""
        f = self.frames.get(seq)
        if f is None or f.problem:
            after = self.frames.get(seq + 1)
            if f and after and not after.problem and after.prev == f.leaf[:8]:
                f.confirmed = True
            else:
                return self.tile_leaf(seq) or (f.leaf if f else None)
        return f.leaf

    def tile_leaf(self, seq):
        stem = self.root / "log/tile/0" / tile_name(seq >> 8)
        for path in [stem, *sorted(stem.parent.glob(stem.name + ".p/*"))]:
            data = path.read_bytes() if path.is_file() else b""
            if len(data) >= (seq % 256 + 1) * 32:
                return data[seq % 256 * 32:][:32]
        return None

    def check_tiles(self, tiles, known):
        levels = [known]
        while len(levels[-1]) >= 256:
            lower = levels[-1]
            levels.append([subtree(lower[i:i + 256]) for i in range(0, len(lower) - 255, 256)])
        for path in sorted(p for p in tiles.rglob("*") if p.is_file() and not p.name.endswith(".tmp")):
            name = path.relative_to(tiles).as_posix()
            match = re.fullmatch(r"(\d{1,2})/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", name)
            level = int(match[1]) if match else 99
            number = int(re.sub(r"[x/]", "", match[2])) if match else 0
            width = int(match[3]) if match and match[3] else 256
            nodes = levels[level] if level < len(levels) else []
            want = nodes[number * 256:number * 256 + width]
            if not match or tile_name(number) != match[2] or width > 256 or (match[3] and width == 256) \
                    or str(level) != match[1] or len(want) < width:
                self.report("tile", f"log/tile/{name}", "not expected")
            elif path.read_bytes() != b"".join(want):
                self.report("tile", f"log/tile/{name}", "differs from the leaves")

    # ---- journal/

    def read_segments(self):
        folder = self.root / "journal"
        if not folder.is_dir():
            raise Bad(f"{folder} is not a directory")
        paths = sorted(p for p in folder.iterdir() if re.fullmatch(r"\d{20}\.seg", p.name))
        for path in paths:
            fallback = self.segments[-1].align if self.segments else 512
            seg = Segment(path, int(path.stem), fallback, self.report)
            self.segments.append(seg)
            if path.with_suffix(".keys").is_file():
                seg.read_keys(path.with_suffix(".keys"), self.report)
        seals = [s.seal[2] for s in self.segments if s.seal]
        # F, as far as it can be known without index and backup targets.
        self.floor = max(seals + [self.checkpoint[1] if self.checkpoint else 0], default=0)
        for seg in self.segments:
            if seg.first != self.entries:
                self.report("chain", seg.name, f"entry {self.entries} should come next")
                if seg.first > self.entries:
                    lost = f"entries {self.entries} to {seg.first - 1}"
                    self.report("damaged header", lost, "their segment is missing")
                    self.missing += range(self.entries, seg.first)
                    self.entries = seg.first
            self.scan(seg)
            self.check_segment(seg)
        if len({s.log_id for s in self.segments if s.log_id is not None}) > 1:
            self.report("chain", "journal", "segments of different logs")

    def scan(self, seg):
        """Walks the frames of a segment. Behind a place that is not good it goes on with the
        next frame that is good by itself, so that one fault does not hide the others."""
        end = seg.seal[0] if seg.seal else len(seg.buf) if seg.keys is not None else seg.size
        limit, pos, slots, last, e = min(end, len(seg.buf)), seg.begin, 0, None, seg.first
        while True:
            before = self.frames.get(e - 1)
            prev = before.leaf[:8] if before else bytes(8) if e == 0 else None
            start, first_slot, frame = up(pos, seg.align), up(slots, seg.align // SLOT), None
            for at in dict.fromkeys((pos, start)):
                f = sound_frame(seg.buf, at) if at < limit else None
                joins = f and last and not last.flags & 1 and f.group == last.group and (at, f.slot) == (pos, slots)
                opens = f and f.group == e and (at, f.slot) == (start, first_slot)
                if (joins or opens) and f.seq == e and prev in (None, f.prev) and not any(seg.buf[pos:at]) \
                        and f.end <= min(limit, seg.size - SLOT * (f.slot + len(f.bodies))):
                    frame = f
                    break
            if frame is None:
                rest_end = limit if seg.seal or seg.keys is not None else max(pos, seg.size - SLOT * slots)
                if not any(seg.buf[pos:rest_end]):
                    break
                frame = self.after_damage(seg, pos, rest_end, e, last, slots)
                if frame is None:
                    break
            seg.frames.append(frame)
            frame.segment, self.frames[frame.seq] = seg, frame
            pos, slots, last, e = frame.end, frame.slot + len(frame.bodies), frame, frame.seq + 1
        if seg.seal and e < seg.seal[2]:
            self.report("damaged header", f"entries {e} to {seg.seal[2] - 1}", f"no good frame in {seg.name}")
            self.missing += range(e, seg.seal[2])
            e = seg.seal[2]
        self.entries, seg.end, seg.slots = e, pos, slots

    def after_damage(self, seg, pos, end, e, last, slots):
        """Section 4, step 3: at `pos` the bytes are neither zero nor the next frame. None: torn from here."""
        found = seg.buf.find(b"OJf1", pos)
        later = None
        while found >= 0 and later is None:
            f = sound_frame(seg.buf, found) if found % 8 == 0 else None
            later = f if f and f.seq > e else None
            found = seg.buf.find(b"OJf1", found + 1)
        tail = not seg.seal and seg is self.segments[-1]
        if tail and e >= self.floor and not (later and later.group > e):
            self.report("bytes that are no frame", seg.name, f"{pos} to {end}, a torn tail behind entry {e - 1}")
            return None
        hurt = None
        for at in dict.fromkeys((pos, up(pos, seg.align))):
            hurt = hurt or (hurt_frame(seg.buf, at, e) if not any(seg.buf[pos:at]) else None)
        if hurt and hurt.end <= end:
            rounded = up(slots, seg.align // SLOT)
            if hurt.slot not in (slots, rounded):          # the field itself may be what is damaged
                hurt.slot = slots if last and not last.flags & 1 and hurt.pos == pos else rounded
            hurt.seq, hurt.problem = e, "damaged header"
            return hurt
        where = f"{seg.name}, {pos} to {later.pos if later else end}"
        missing = range(e, later.seq if later else max(e + 1, self.floor if tail else e + 1))
        if later and later.seq == e + 1 or not later:
            self.report("damaged header", f"entry {e}" if len(missing) == 1 else f"entries {e} to {missing[-1]}",
                        f"no good frame: {where}")
        else:
            self.report("damaged header", f"entries {e} to {later.seq - 1}", f"no good frame: {where}")
        self.missing += missing
        seg.gap = True                                     # which slots the lost frames used is not known
        if not later:
            self.entries = missing[-1] + 1
        return later

    def check_segment(self, seg):
        """Seal, keys file, unused slots, and that every other byte is zero."""
        is_last = seg is self.segments[-1]
        if seg.seal:
            frames_end, slots, end_seq, _, digest = seg.seal
            want = (seg.end, seg.slots, self.entries)
            if (frames_end, slots, end_seq) != want or not seg.frames:
                self.report("seal", seg.name, f"says end, slots, seq {frames_end, slots, end_seq}, found {want}")
            if H(seg.buf[seg.begin:frames_end]) != digest:
                self.report("seal", seg.name, "the hash of its frames does not fit")
            if len(seg.buf) != up(frames_end, seg.align):
                self.report("seal", seg.name, "sealing unfinished: slots not zeroed or file not cut")
            elif any(seg.buf[frames_end:]):
                self.report("bytes that are no frame", seg.name, f"behind {frames_end}")
            if seg.keys is None:
                self.report("keys file", seg.name, "missing")
            elif len(seg.keys) != slots:
                self.report("keys file", seg.name, f"{len(seg.keys)} slots instead of {slots}")
        else:
            if seg.seal_sector_zero and (not is_last or len(seg.buf) != seg.size):
                self.report("seal", seg.name, "missing" if not is_last else f"missing, and {len(seg.buf)} bytes long")
            if seg.keys is not None:
                self.report("keys file", seg.name, "a keys file beside a segment that is not sealed")
        used = {f.slot + i for f in seg.frames for i in range(len(f.bodies))}
        for i in range(seg.slots):
            if i not in used and not seg.gap and any(seg.slot(i) or b""):
                self.report("unused slots that are not zero", seg.name, f"slot {i}")

    # ---- rules over all entries

    def check_headers(self):
        for seq, f in sorted(self.frames.items()):
            if f.problem:
                # The header is still the right one if the next frame or the tree vouches for it.
                under_root = self.root_fits and seq < self.checkpoint[1] and self.leaves[seq] == f.leaf
                f.confirmed = f.confirmed or under_root
                if f.confirmed and not f.stored_ok:
                    f.problem = "damaged body"
                self.report(f.problem, f"entry {seq}", f"frame at {f.pos} of {f.segment.name} is not good")
            # A header that is not the one written breaks no rule of those who wrote.
            for fault in header_faults(f.header) if f.confirmed else ():
                self.report("header rule", f"entry {seq}", fault)
        if self.checkpoint and not self.root_fits and not self.missing and all(f.sound for f in self.frames.values()):
            size = min(self.checkpoint[1], self.entries)
            wrong = [s for s in range(size) if s in self.frames and self.tile_leaf(s) not in (None, self.leaves[s])]
            for s in wrong or range(size):
                if s in self.frames:
                    self.frames[s].problem = "damaged header"
                    self.report("damaged header", f"entry {s}", "not under the checkpoint's root")

    def check_epochs(self):
        """Section 8: an epoch begins a segment; numbers go up by one, origins differ."""
        epoch, origins, firsts, begins = 0, [], {s.first for s in self.segments}, {}
        self.earlier = self.log_file("earlier-vkeys", read_earlier_vkeys)
        for seq, f in sorted(self.frames.items()):
            if seq == 0 and 13 not in f.header:
                self.report("chain", "entry 0", "is not kernel.epoch")
            e = f.header.get(13)
            if isinstance(e, dict):
                faults = []
                if e.get(0) != epoch + 1 or seq not in firsts or f.segment.epoch not in (None, e.get(0)):
                    faults.append(f"epoch {e.get(0)} after {epoch} does not begin a segment of its own")
                if not isinstance(e.get(1), str) or e[1] in origins:
                    faults.append("its origin is missing or was used before")
                if {2, 3, 4} & set(e) and not ({2, 3, 4} <= set(e) and e[3] == seq and is_uint(e[4]) and e[4] >= seq):
                    faults.append("after a restore it names the old checkpoint and the lost range, from its own seq on")
                if isinstance(e.get(2), str):
                    faults += self.old_checkpoint_faults(e[2], seq, origins)
                for text in faults:
                    self.report("chain", f"entry {seq}", text)
                epoch = e.get(0) if is_uint(e.get(0)) else epoch + 1
                origins.append(e.get(1))
                begins[e.get(1)] = seq
            if f.segment.epoch not in (None, epoch):
                self.report("chain", f"entry {seq}", f"epoch {epoch} in a segment of epoch {f.segment.epoch}")
        last = self.segments[-1] if self.segments else None
        if last and not last.frames and self.entries and last.epoch not in (None, epoch):
            self.report("chain", last.name, f"opened for epoch {last.epoch}, which has not begun")
        if self.checkpoint and origins and self.checkpoint[0] != origins[-1]:
            self.report("checkpoint", "log/checkpoint", f"of origin {self.checkpoint[0]}, not {origins[-1]}")
        for origin, _, _ in self.earlier:
            if origin not in origins[:-1]:
                self.report("checkpoint", "log/earlier-vkeys", f"{origin} is of no earlier epoch")
        for (origin, _, _), size, root in self.log_file("statements", read_statements):
            if begins.get(origin) != size:
                self.report("checkpoint", "log/statements", f"{origin} does not begin at entry {size}")
            elif None not in self.leaves[:size] and tree_root(self.leaves[:size]) != root:
                self.report("checkpoint", "log/statements", f"another tree of {size} entries")

    def log_file(self, name, read):
        try:
            path = self.root / "log" / name
            return read(path.read_bytes()) if path.is_file() else []
        except Bad as e:
            self.report("checkpoint", f"log/{name}", str(e))
            return []

    def old_checkpoint_faults(self, text, seq, origins):
        try:
            origin, size, root = read_checkpoint(text.encode(), None)
            for key in [key for key in self.earlier if key[0] == origin]:
                read_checkpoint(text.encode(), key)
        except Bad as e:
            return [f"old checkpoint: {e}"]
        faults = [] if origin in origins else ["the old checkpoint is of no earlier epoch"]
        if size <= seq and None not in self.leaves[:size] and tree_root(self.leaves[:size]) != root:
            faults.append("the old checkpoint is not of this tree")
        return faults

    def check_erasures(self):
        self.erasures_seen = False
        for seq, f in sorted(self.frames.items()):
            if f.header.get(7) == "kernel.erase" and isinstance(f.header.get(12), dict) and f.confirmed:
                self.erasures_seen = True
                try:
                    for pair in check_erasure(f, self.frames, self.enrolled):
                        self.covered_by.setdefault(pair, []).append(f)
                except Bad as e:
                    self.report("erasure", f"entry {seq}", str(e))
            done = f.header.get(15)
            if done is not None and not (is_uint(done) and done < seq and done in self.frames
                                         and self.frames[done].header.get(7) == "kernel.erase"):
                self.report("erasure", f"entry {seq}", f"says erasure {done} is done, which is none")

    def check_blob_files(self):
        self.blob_ok, folder = {}, self.root / "blobs"
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            name = path.relative_to(folder).as_posix()
            if path.is_dir() or name.endswith(".tmp"):
                continue
            good = re.fullmatch(r"([0-9a-f]{2})/(\1[0-9a-f]{62})", name) and H(path.read_bytes()).hex() == path.name
            self.blob_ok[path.name] = bool(good)
            if not good:
                self.report("blob file", f"blobs/{name}", "its name is not the hash of its bytes")

    # ---- 5 verdicts

    def judge_bodies(self):
        self.last_group = max((f.group for f in self.frames.values()), default=0)
        for seq, f in sorted(self.frames.items()):
            for i in range(len(f.bodies)):
                verdict = self.verdicts[seq, i] = self.judge(f, i)
                if verdict not in ("readable", "erased") and not f.problem:
                    self.report(verdict, f"entry {seq} body {i}", f"kind {f.bodies[i][0]}, {f.header.get(7)}")

    def judge(self, f, i):
        """The verdict on body i of frame f: the first of section 5 that fits."""
        if f.problem and not (f.problem == "damaged body" and len(f.bodies[i]) == 5):
            return f.problem
        d, slot, pair = f.bodies[i], f.segment.slot(f.slot + i), (f.seq, i)
        stored = f.stored[i]
        if len(d) == 5:
            path = self.root / "blobs" / d[4].hex()[:2] / d[4].hex()
            stored = path.read_bytes() if path.is_file() else None
            if stored is not None and H(stored) != d[4]:
                return "damaged body"
        missing = stored is None
        covering = self.covered_by.get(pair, [])
        if not missing and open_body(slot, stored, d) is not None:
            return "erasure unfinished" if covering else "readable"
        if slot and slot[:8] == b"OSTERASE":
            if not any(slot == tombstone(e, *pair) for e in covering):
                return "erased without ground"
            return "erasure unfinished" if len(d) == 5 and not missing else "erased"
        if covering:
            return "erased, slot irregular"
        if missing:
            return "blob missing"
        unsealed = f.segment is self.segments[-1] and not f.segment.seal
        return "torn" if unsealed and f.seq >= self.floor and f.group == self.last_group else "text lost"

    # ---- hints and names

    def check_positions(self):
        path = self.root / "journal/positions"
        data = path.read_bytes() if path.is_file() else b""
        if len(data) % 4 or len(data) // 4 > self.entries:
            self.report("position hint", "journal/positions", f"{len(data)} bytes for {self.entries} entries")
        for seq in range(min(len(data) // 4, self.entries)):
            offset = struct.unpack_from("<I", data, seq * 4)[0] * 8
            if seq in self.frames and offset != self.frames[seq].pos:
                self.report("position hint", f"entry {seq}", f"says {offset}, the frame is at {self.frames[seq].pos}")

    def check_names(self):
        """Files the page does not know, and leftovers that hold secrets."""
        stems = {Path(s.name).stem for s in self.segments}
        for path in sorted((self.root / "journal").iterdir()):
            name, stem = path.name, path.name.split(".")[0]
            if name == "next.tmp":
                if any(path.read_bytes()):
                    self.report("bytes that are no frame", "journal/next.tmp", "the prepared segment is not all zero")
            elif re.fullmatch(r"\d{20}\.keys(\.old|\.tmp)", name):
                self.report("keys file", f"journal/{name}", "left over: not yet overwritten and removed")
            elif re.fullmatch(r"\d{20}\.keys", name):
                if stem not in stems:
                    self.report("keys file", f"journal/{name}", "without a segment")
            elif not re.fullmatch(r"\d{20}\.seg|positions|torn", name):
                self.report("chain", f"journal/{name}", "not a file the page knows")

    # ---- output

    def summary(self):
        count = Counter(self.verdicts.values())
        if self.problems:
            return f"failed: {len(self.problems)} problem{'s' * (len(self.problems) != 1)}"
        line = (f"ok: {self.entries} entries, {count['readable']} bodies readable, {count['erased']} erased, "
                f"root {base64.b64encode(self.tree).decode()}")
        if self.erasures_seen and self.enrolled is None:
            line += " (whether the erasing keys were enrolled was not checked)"
        return line

    def lines(self):
        """One dictionary an entry, in order; lost entries are named too."""
        for seq in range(self.entries):
            f = self.frames.get(seq)
            if f is None:
                yield {"seq": seq, "verdict": "damaged header", "bodies": []}
                continue
            yield {"seq": seq, "at_ms": f.header.get(1), "action": f.header.get(7), "bodies": [
                {"body": i, "kind": d[0], "version": d[1], "length": d[2], "verdict": self.verdicts[seq, i]}
                for i, d in enumerate(f.bodies)]}


def tile_name(n):
    """C2SP: three digits an element, all but the last with an x."""
    name = f"{n % 1000:03d}"
    while n >= 1000:
        n //= 1000
        name = f"x{n % 1000:03d}/{name}"
    return name


# ---------------------------------------------------------------- commands

def plain_json(v):
    """CBOR values for people: bytes as hex, map keys as text."""
    if isinstance(v, bytes):
        return v.hex()
    if isinstance(v, list):
        return [plain_json(x) for x in v]
    return {str(k): plain_json(x) for k, x in v.items()} if isinstance(v, dict) else v


def show(journal, seq):
    f = journal.frames.get(seq)
    if f is None:
        raise Bad(f"there is no readable entry {seq}")
    print(json.dumps({"header": plain_json(f.header), "leaf": f.leaf.hex()}, ensure_ascii=False, indent=1))
    for i, d in enumerate(f.bodies):
        verdict, text = journal.verdicts[seq, i], None
        if verdict == "readable" and len(d) == 4:
            raw = open_body(f.segment.slot(f.slot + i), f.stored[i], d)
            try:
                text = plain_json(cbor_decode(raw))
            except Bad:
                text = raw.hex()
        print(json.dumps({"body": i, "verdict": verdict, "text": text}, ensure_ascii=False, indent=1))


def stamp(at_ms):
    from datetime import datetime, timezone
    try:
        return datetime.fromtimestamp(at_ms / 1000, timezone.utc).isoformat(timespec="milliseconds")
    except (TypeError, ValueError, OverflowError, OSError):
        return str(at_ms)


def main(argv=None):
    parser = argparse.ArgumentParser(prog="journal_reader.py", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("list", "show", "verify", "proof"):
        p = commands.add_parser(name)
        p.add_argument("path")
        if name == "show":
            p.add_argument("seq", type=int)
        if name in ("list", "verify"):
            p.add_argument("--json", action="store_true")
        if name in ("verify", "proof"):
            p.add_argument("--vkey", help="the log's key, from a place you trust")
        if name == "verify":
            p.add_argument("--enrolled", help="file of enrolled COSE keys, one in hex a line")
    args = parser.parse_args(argv)
    try:
        vkey = read_vkey(args.vkey.strip()) if getattr(args, "vkey", None) else None
        enrolled = getattr(args, "enrolled", None)
        enrolled = {bytes.fromhex(x) for x in Path(enrolled).read_text().split()} if enrolled else None
        data = Path(args.path).read_bytes() if args.command == "proof" else None
        if data is None and not (Path(args.path) / "journal").is_dir():
            raise Bad(f"{args.path} has no journal/ in it")
    except (OSError, ValueError, Bad) as e:
        print(f"usage: {e}", file=sys.stderr)
        return 2
    if args.command == "proof":
        try:
            print("\n".join(verify_proof(data, vkey)))
            return 0
        except (Bad, ValueError, KeyError, TypeError, AttributeError, IndexError) as e:
            print(f"failed: {e if isinstance(e, Bad) else f'not a proof file ({e!r})'}")
            return 1
    journal = Journal(args.path, vkey, enrolled)
    if args.command == "show":
        try:
            show(journal, args.seq)
        except Bad as e:
            print(f"failed: {e}")
            return 1
    elif args.command == "list":
        for line in journal.lines():
            bodies = " ".join(f"{b['body']}:{b['kind']}:{b['verdict'].replace(' ', '-')}" for b in line["bodies"])
            print(json.dumps(line, ensure_ascii=False) if args.json else
                  f"{line['seq']} {stamp(line.get('at_ms'))} {line.get('action', 'damaged header')} {bodies}".rstrip())
    elif args.json:
        count = Counter(journal.verdicts.values())
        print(json.dumps({"ok": not journal.problems, "entries": journal.entries, "readable": count["readable"],
                          "erased": count["erased"], "root": journal.tree and base64.b64encode(journal.tree).decode(),
                          "enrolment_checked": enrolled is not None,
                          "problems": [dict(zip(("verdict", "where", "detail"), p)) for p in journal.problems]},
                         ensure_ascii=False))
    else:
        for problem in journal.problems:
            print(": ".join(problem))
        print(journal.summary())
    return 1 if journal.problems else 0


if __name__ == "__main__":
    sys.exit(main())
