"""Writes what lies on the simulated disk into a real directory, with position hints, and makes proof files: material
for the test of the independent reader."""
import base64, json, pathlib, struct

from .crypto import path as tree_path, read_note
from .machine import blob_path, slot_of
from .startup import frames_of


def write_positions(m):
    frames = frames_of(m)
    if not m.disk.exists("journal/positions"):
        m.disk.create("journal/positions")
    m.disk.write("journal/positions", 0, b"".join(struct.pack("<I", f.pos // 8) for f in frames))


def export(m, folder):
    write_positions(m)
    for path, data in m.disk.image().items():
        target = pathlib.Path(folder) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def b64(data):
    return base64.b64encode(data).decode()


def proof(m, seq, as_text=(), key=None):
    """The proof file of one entry under the checkpoint on the disk. Bodies in `as_text` are disclosed as plaintext,
    the others as stored bytes with their secret."""
    note = m.disk.read("log/checkpoint")
    _, size, _ = read_note(note, lambda o: m.keys[o].public)
    frame = frames_of(m)[seq]
    shown = {"bodies": [], "blobs": []}
    for i, d in enumerate(frame.bodies):
        stored = m.disk.read(blob_path(d[4])) if len(d) == 5 else frame.stored[i]
        item = {"body": i, "kind": d[0], "version": d[1], "secret": b64(slot_of(m.disk, frame, i))}
        item |= {"text": b64(m.read_body(frame, i))} if i in as_text else {"stored": b64(stored)}
        shown["blobs" if len(d) == 5 else "bodies"].append(item)
    lines = ["c2sp.org/tlog-proof@v1", f"index {seq}", *map(b64, tree_path(seq, m.leaves[:size]))]
    doc = {"format": "ostoja-proof/1", "vkey": (key or m.keys[m.origin]).vkey().strip(), "header": b64(frame.header)}
    doc |= shown | {"tlog_proof": "\n".join(lines) + "\n\n" + note.decode()}
    return json.dumps(doc, separators=(",", ":")).encode()
