#!/usr/bin/env python3
"""Tests journal_reader.py against data directories that the format model wrote. The two share no code: what they agree
on, docs/format.md says.

  python3 test_reader.py

Prints `N passed, M failed`; exit code 1 if anything failed. Every bit of a directory is flipped elsewhere, see flips.py.
"""
import contextlib, io, json, os, pathlib, shutil, sys, tempfile

import journal_bytes as page
import journal_reader as reader
from format_model import epochs
from format_model.cbor import enc
from format_model.crypto import Passkey
from format_model.disk import Disk
from format_model.explore import record
from format_model.export import export, proof
from format_model.judge import look
from format_model.layout import pack_keys, parse_keys, tombstone
from format_model.machine import Machine
from format_model.rules import GOOD
from format_model.startup import start

ES, ED, RS = Passkey(b"staff-01", 3, "ES256"), Passkey(b"staff-02", 4, "EdDSA"), Passkey(b"staff-03", 5, "RS256")
NAME = "srod-drzewa-zgl.file"
FIRST = "00000000000000000000"


def who(text=b"who and why"):
    return {"kind": 0, "text": text}


def small(passkeys=(ES, ED), rules=GOOD, size=5120, upto=None):
    """Two epochs, two sealed segments and an open one, an erased text and an erased blob, a live blob, tiles, hints."""
    m = Machine(Disk(), rules, epochs.KEYS, size)
    m.begin(epochs.ORIGIN)
    m.append([{"action": NAME, "bodies": [who(), m.stage_blob(b"a face"), {"kind": 12, "text": b"to be erased"}]},
              {"action": NAME, "bodies": [who(), {"kind": 12, "text": b"stays"}]}])
    if upto == "open":
        m.checkpoint()
        return m
    m.erase({1: 6}, passkeys)
    if upto == "erased":
        return m
    note = m.disk.read("log/checkpoint")
    m = epochs.restore(m.disk, rules, [], len(m.leaves))
    m.append([{"action": NAME, "bodies": [who(), m.stage_blob(b"a tree"), {"kind": 12, "text": b"the record"}]}])
    m.tiles = True
    m.checkpoint()
    m.append([{"action": NAME, "bodies": [who(b"later than the checkpoint")]}])
    assert note != m.disk.read("log/checkpoint")
    return m


class Suite:
    def __init__(self):
        self.passed, self.failed, self.root = 0, 0, pathlib.Path(tempfile.mkdtemp(prefix="reader-"))

    def check(self, name, good, detail=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        if not good:
            print(f"FAILED {name}: {detail}")

    def folder(self, m):
        path = pathlib.Path(tempfile.mkdtemp(dir=self.root))
        export(m, path)
        return path

    def verdicts(self, name, folder, want, enrolled=None):
        """The set of verdict names that verify reports must be exactly `want`."""
        found = sorted({p[0] for p in reader.Journal(folder, None, enrolled).problems})
        self.check(name, found == sorted(want), f"wanted {sorted(want)}, found {found}")


def command(*args):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = reader.main([str(a) for a in args])
        except SystemExit as e:
            code = e.code
    return code, out.getvalue()


# ---------------------------------------------------------------- whole directories

def good_directories(s):
    for name, keys in (("ES256 and EdDSA", (ES, ED)), ("RS256 and ES256", (RS, ES))):
        m = small(keys, size=8192)
        folder = s.folder(m)
        code, out = command("verify", folder)
        begin = f"ok: {len(m.leaves)} entries, 7 bodies readable, 2 erased, "
        s.check(f"verify {name}", code == 0 and out.startswith(begin), out)
        s.check(f"verify says enrolment was not checked, {name}", "enrolled was not checked" in out, out)
        enrolled = folder.parent / "enrolled"
        enrolled.write_text("\n".join(k.cose.hex() for k in keys))
        code, out = command("verify", folder, "--enrolled", enrolled)
        s.check(f"verify with the enrolled keys, {name}", code == 0 and "not checked" not in out, out)
        enrolled.write_text(keys[0].cose.hex())
        code, out = command("verify", folder, "--enrolled", enrolled, "--json")
        s.check("a key that was never enrolled", code == 1 and not json.loads(out)["ok"] and "enrolled" in out, out)
    key = (folder / "log/vkey").read_text().strip()
    s.check("the right vkey", command("verify", folder, "--vkey", key)[0] == 0)
    s.check("another vkey", command("verify", folder, "--vkey", epochs.KEYS[epochs.ORIGIN].vkey())[0] == 1)
    s.check("no vkey at all", command("verify", folder, "--vkey", "nonsense")[0] == 2)
    s.check("not a directory", command("verify", folder / "nowhere")[0] == 2)
    code, out = command("list", folder)
    s.check("list", code == 0 and len(out.splitlines()) == len(m.leaves) and "1:1:erased" in out, out)
    code, out = command("list", folder, "--json")
    s.check("list --json", code == 0 and json.loads(out.splitlines()[1])["bodies"][2]["verdict"] == "erased", out)
    code, out = command("show", folder, 2)
    s.check("show", code == 0 and b"stays".hex() in out, out)
    many = Machine(Disk(), GOOD, epochs.KEYS, 1 << 17)
    many.begin(epochs.ORIGIN)
    many.tiles = True
    for _ in range(10):
        many.append([{"action": NAME} for _ in range(30)])
        many.checkpoint()
    s.check("301 entries, a full tile and two levels", command("verify", s.folder(many))[0] == 0)
    wide = Machine(Disk(4096), GOOD, epochs.KEYS, 1 << 16, 4096)
    wide.begin(epochs.ORIGIN)
    for n in range(3):
        wide.append([{"action": NAME, "bodies": [who()]}])
    wide.seal()
    wide.append([{"action": NAME, "bodies": [who()]}])
    wide.checkpoint()
    s.check("sectors of 4096", command("verify", s.folder(wide))[0] == 0)
    large = Machine(Disk(), GOOD, epochs.KEYS, 8192)
    large.begin(epochs.ORIGIN)
    for n in (0, 1, 65535, 65536, 65537, 131072):
        large.append([{"action": NAME, "bodies": [who(), large.stage_blob(os.urandom(n))]}])
    large.checkpoint()
    s.check("blobs around the chunk size", command("verify", s.folder(large))[0] == 0)


def with_slot(m, seq, body, change):
    """Rewrites one slot in a keys file of the model's disk; `change` maps old to new bytes."""
    f = look(m.disk, m.rules, m.keys)[0][seq]
    path = f.seg.replace(".seg", ".keys")
    first, generation, slots = parse_keys(m.disk.read(path))
    slots[f.slot + body] = change(slots[f.slot + body], f)
    m.disk.write(path, 0, pack_keys(first, generation, slots))
    return m


def forged_erasures(s):
    def forged(passkeys=(ES, ED), targets=None, edit=None):
        """An erasure entry carried out by hand, whether it proves anything or not."""
        m = small(upto="open")
        order = m.order(targets or {1: 6}, passkeys)
        m.seal()
        seq = m.append([{"action": "kernel.erase", 12: edit(order) if edit else order}])
        m.checkpoint()
        leaf = m.leaves[seq]
        return with_slot(m, 1, 2, lambda old, f: tombstone(seq, leaf, 1, 2))

    unground = ["erased without ground", "erasure"]
    s.verdicts("one key twice", s.folder(forged((ES, ES))), unground)
    twin = Passkey(ES.staff, 9, "EdDSA")
    s.verdicts("two keys of one person", s.folder(forged((ES, twin))), unground)
    other = small(upto="open").order({1: 6}, (ES, ED))
    s.verdicts("an order given for other entries", s.folder(forged(edit=lambda o: other)), unground)
    s.verdicts("targets swapped after signing", s.folder(forged(edit=lambda o: o | {0: [[1, b"\x04"]]})), unground)
    s.verdicts("only one assertion", s.folder(forged(edit=lambda o: o | {2: o[2][:1]})), unground)

    def presence_only(order):
        digest = page.H(enc({k: order[k] for k in (0, 1, 3, 4)}))
        return order | {2: [ES.assertion(digest), ED.assertion(digest, flags=0x01)]}
    s.verdicts("presence without verification", s.folder(forged(edit=presence_only)), unground)
    s.verdicts("an entry that covers another body", s.folder(forged(targets={2: 1})),
               ["erased without ground", "erasure unfinished"])
    m = small(upto="erased")
    s.verdicts("an erased text, as it should be", s.folder(m), [])
    secret = b"S" * 32
    m = with_slot(small(upto="erased"), 1, 2, lambda old, f: secret)
    s.verdicts("covered, other bytes", s.folder(m), ["erased, slot irregular"])
    m = with_slot(small(upto="erased"), 1, 2, lambda old, f: b"OSTERASE" + secret[8:])
    s.verdicts("another tombstone", s.folder(m), ["erased without ground"])
    m = small(upto="erased")
    m = with_slot(m, 2, 1, lambda old, f: bytes(32))
    s.verdicts("zeroed without an order", s.folder(m), ["text lost"])
    m = small(upto="open")
    m.append([{"action": "kernel.erase", 12: m.order({1: 4}, (ES, ED))}])
    m.checkpoint()
    s.verdicts("ordered, not carried out", s.folder(m), ["erasure unfinished"])
    before = small(upto="open")
    blob = [n for n in before.disk.image() if n.startswith("blobs/")][0]
    kept = before.disk.read(blob)
    before.erase({1: 6}, (ES, ED))
    folder = s.folder(before)
    (folder / blob).parent.mkdir(exist_ok=True, parents=True)
    (folder / blob).write_bytes(kept)
    s.verdicts("an erased blob that is still there", folder, ["erasure unfinished"])


def broken_directories(s):
    def broken(name, want, change, m=None):
        folder = s.folder(m or small())
        change(folder)
        s.verdicts(name, folder, want)

    def live_blob(folder):
        return next((folder / "blobs").rglob("?" * 64))
    broken("a blob is missing", ["blob missing"], lambda d: live_blob(d).unlink())
    broken("a blob is another", ["blob file", "damaged body"], lambda d: live_blob(d).write_bytes(b"x"))
    broken("a blob that no entry names is no problem", [], lambda d: add_blob(d, b"nobody names this"))
    broken("rubbish in the prepared segment", ["bytes that are no frame"],
           lambda d: (d / "journal/next.tmp").write_bytes(bytes(100) + b"x"))
    broken("a keys file is missing", ["erased, slot irregular", "keys file", "text lost"],
           lambda d: (d / f"journal/{FIRST}.keys").unlink())
    broken("a superseded keys file was left", ["keys file"],
           lambda d: (d / f"journal/{FIRST}.keys.old").write_bytes(b"secrets"))
    broken("a keys.tmp was left", ["keys file"], lambda d: (d / f"journal/{FIRST}.keys.tmp").write_bytes(b"secrets"))
    broken("keys without a segment", ["keys file"],
           lambda d: shutil.copy(d / f"journal/{FIRST}.keys", d / "journal/00000000000000000099.keys"))
    broken("a file the page does not know", ["chain"], lambda d: (d / "journal/notes.txt").write_text("?"))
    broken("the checkpoint is missing", ["checkpoint"], lambda d: (d / "log/checkpoint").unlink())
    broken("the vkey is missing", ["checkpoint"], lambda d: (d / "log/vkey").unlink())
    broken("a tile wider than the tree", ["tile"],
           lambda d: (d / "log/tile/0/000.p/99").write_bytes(bytes(99 * 32)))
    broken("a tile of a level that is not there", ["tile"],
           lambda d: [(d / "log/tile/1/000.p").mkdir(parents=True), (d / "log/tile/1/000.p/1").write_bytes(bytes(32))])
    broken("hints for entries that are not there", ["position hint"],
           lambda d: (d / "journal/positions").write_bytes((d / "journal/positions").read_bytes() + bytes(4)))
    broken("tiles and hints may be lost", [],
           lambda d: [shutil.rmtree(d / "log/tile"), (d / "journal/positions").unlink()])
    folder = s.folder(small())
    sorted((folder / "journal").glob("*.seg"))[1].unlink()
    found = {p[0] for p in reader.Journal(folder).problems}
    s.check("a segment in the middle is missing", {"chain", "damaged header"} <= found, found)
    folder = s.folder(small())
    note = folder / "log/checkpoint"
    note.write_bytes(epochs.KEYS[epochs.NEXT].note(5, bytes(32)))
    s.check("a signed checkpoint of another tree", {"checkpoint", "damaged header"} <= {
        p[0] for p in reader.Journal(folder).problems})
    m = small(upto="open")
    m.append([{"action": "kernel.epoch", 13: {0: 2, 1: "elsewhere.example/log", 2: "", 3: 3, 4: 3}}])
    s.check("an epoch in the middle of a segment", "chain" in {p[0] for p in reader.Journal(s.folder(m)).problems})
    # A torn group: the frames of the last group arrived, its slots did not.
    m = small(upto="open")
    m.append([{"action": NAME, "bodies": [who()]}], sync=False)
    m.disk.write(m.seg, m.size - 32 * m.slots, bytes(32))
    s.verdicts("torn", s.folder(m), ["torn"])
    m = small(upto="open")
    m.append([{"action": NAME, "bodies": [who()]}])
    m.disk.write(m.seg, m.pos - 512 + 8, b"rubbish!")
    s.verdicts("a torn frame", s.folder(m), ["bytes that are no frame"])
    m = small(upto="open")
    m.append([{"action": "no.spaces", 2: 7}])
    m.checkpoint()
    s.verdicts("a header that breaks a rule", s.folder(m), ["header rule"])


def add_blob(folder, data):
    name = page.H(data).hex()
    (folder / "blobs" / name[:2]).mkdir(exist_ok=True)
    (folder / "blobs" / name[:2] / name).write_bytes(data)


def crash_states(s):
    """The reader judges half-done erasures and sealings as the model does."""
    m = small(upto="open")
    work = record(m, lambda: m.erase({1: 6}, (ES, ED)))
    agreed, n = True, 0
    for what, disk, _ in work[::3]:
        _, verdicts, _ = look(disk, GOOD, m.keys)
        x = Machine(disk, GOOD, m.keys)
        folder = pathlib.Path(tempfile.mkdtemp(dir=s.root))
        for path, data in disk.image().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        mine = reader.Journal(folder).verdicts
        n += 1
        if mine != verdicts:
            agreed = False
            print(what, {k: (v, mine.get(k)) for k, v in verdicts.items() if mine.get(k) != v})
        start(x.disk, GOOD, m.keys)
        s.check("after the start of that state", not reader.Journal(s.folder(x)).problems, what)
    s.check(f"reader and model agree on {n} half-done states", agreed)


# ---------------------------------------------------------------- CBOR and proofs

def cbor_spellings(s):
    for text in ("1817", "9fff", "bf0000ff", "a201000000", "a100", "c000", "f6", "fa00000000", "61ff", "f7",
                 "1b0000000000000001", "a12000", "a1616100", "818181818181818180", "5f4100ff", "0000", ""):
        try:
            value = page.cbor_decode(bytes.fromhex(text))
            s.check(f"CBOR {text} is refused", False, value)
        except page.Bad:
            s.check(f"CBOR {text} is refused", True)
    for text in ("a2000001f5", "8181818181818180", "3903e7", "1bffffffffffffffff", "6161", "4100", "f4"):
        s.check(f"CBOR {text}", page.cbor_encode(page.cbor_decode(bytes.fromhex(text))).hex() == text)


def proofs(s):
    m = small()
    seq = len(m.leaves) - 2
    old = small(upto="open")
    key = m.keys[m.origin].vkey().strip()
    path = s.root / "a.ostoja-proof"
    for texts in ((), (0,), (0, 1, 2)):
        path.write_bytes(proof(m, seq, texts))
        code, out = command("proof", path, "--vkey", key)
        s.check(f"a proof, {len(texts)} bodies as text", code == 0 and out.count("commitment fits") == 3, out)
    s.check("a proof without --vkey says whose key it trusts", "inside the proof" in command("proof", path)[1])
    s.check("a proof of the next epoch is none of the first",
            command("proof", path, "--vkey", epochs.KEYS[epochs.ORIGIN].vkey())[0] == 1)
    path.write_bytes(proof(m, seq, (), epochs.KEYS[epochs.ORIGIN]))
    s.check("a proof under the other epoch's key", command("proof", path)[0] == 1)
    path.write_bytes(proof(old, 1, (2,)))
    first = epochs.KEYS[epochs.ORIGIN].vkey()
    s.check("an old epoch's proof stays good", command("proof", path, "--vkey", first)[0] == 0)
    s.check("and is none of the new epoch", command("proof", path, "--vkey", key)[0] == 1)
    good, missed = proof(m, seq, (0,)), []
    for at in range(len(good)):
        for bit in range(8):
            bad = bytearray(good)
            bad[at] ^= 1 << bit
            try:
                page.verify_proof(bytes(bad), None)
                missed.append((at, bit))
            except (page.Bad, ValueError, KeyError, TypeError, AttributeError, IndexError):
                s.passed += 1
    s.check(f"every flipped bit of a proof of {len(good)} bytes is refused", not missed, missed[:5])


def main():
    s = Suite()
    try:
        good_directories(s)
        forged_erasures(s)
        broken_directories(s)
        crash_states(s)
        cbor_spellings(s)
        proofs(s)
    finally:
        shutil.rmtree(s.root, ignore_errors=True)
    print(f"{s.passed} passed, {s.failed} failed")
    return 1 if s.failed else 0


if __name__ == "__main__":
    sys.exit(main())
