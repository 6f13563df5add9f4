#!/usr/bin/env python3
"""Checks a public log from outside, over HTTP: signature, tree, and every tile that it should serve.

    python3 tests/tools/public_log.py ADDRESS [--vkey FILE] [--before FILE]

ADDRESS is where `checkpoint` and `tile/` lie (C2SP tlog-tiles), for instance https://urzad.example.pl/log.
The key is taken from ADDRESS/vkey unless --vkey names a file of a place you trust more.
--before is a checkpoint kept from an earlier day: the log must still hold its tree.
Written from the C2SP pages and RFC 6962 alone; needs Python 3.11 and `pip install cryptography`.
"""

import argparse
import base64
import hashlib
import sys
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Bad(Exception):
    pass


def fetch(address, content_type):
    with urllib.request.urlopen(address, timeout=30) as answer:
        found = answer.headers.get("content-type", "")
        if not found.startswith(content_type):
            raise Bad(f"{address} is {found}, not {content_type}")
        return answer.read()


def opened(note, vkey):
    """Size and root of a checkpoint that the key has signed."""
    name, key_id, key = vkey.strip().split("+", 2)
    key = base64.b64decode(key, validate=True)
    right_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if key[:1] != b"\x01" or right_id.hex() != key_id:
        raise Bad("the key id does not fit the key")
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    origin, size, root = text.splitlines()
    if origin != name:
        raise Bad("the checkpoint is of another log")
    for line in signatures.splitlines():
        dash, who, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        if dash == "\u2014" and who == name and raw[:4] == right_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(raw[4:], text.encode())
            return int(size), base64.b64decode(root, validate=True)
    raise Bad("the key has not signed the checkpoint")


def tree_root(hashes):
    """RFC 6962: the largest power of two smaller than the whole goes left."""
    if len(hashes) == 1:
        return hashes[0]
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_root(hashes[:left]) + tree_root(hashes[left:])).digest()


def place(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


def tiles(address, level, count):
    """All hashes of a level, tile by tile."""
    hashes = []
    while len(hashes) < count:
        width = min(256, count - len(hashes))
        where = place(level, len(hashes) // 256, width)
        data = fetch(f"{address}/{where}", "application/octet-stream")
        if len(data) != 32 * width:
            raise Bad(f"{where} has {len(data)} bytes")
        hashes += [data[at : at + 32] for at in range(0, len(data), 32)]
    return hashes


def check(address, vkey, before):
    vkey = vkey or fetch(f"{address}/vkey", "text/plain").decode()
    size, root = opened(fetch(f"{address}/checkpoint", "text/plain").decode(), vkey)
    leaves = tiles(address, 0, size)
    if tree_root(leaves) != root:
        raise Bad("the tiles do not have the signed root")
    level, below, fetched = 1, leaves, -(-size // 256)
    while len(below) >= 256:
        above = [tree_root(below[at : at + 256]) for at in range(0, len(below) // 256 * 256, 256)]
        if tiles(address, level, len(above)) != above:
            raise Bad(f"tiles of level {level} differ from those below")
        level, below, fetched = level + 1, above, fetched + -(-len(above) // 256)
    if before:
        old_size, old_root = opened(before, vkey)
        if old_size > size or tree_root(leaves[:old_size]) != old_root:
            raise Bad("the log does not continue the checkpoint that was kept")
    return f"ok: {size} entries, {fetched} tiles, root {root.hex()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("address")
    parser.add_argument("--vkey")
    parser.add_argument("--before")
    args = parser.parse_args()
    read = lambda name: Path(name).read_text(encoding="utf-8") if name else None
    try:
        print(check(args.address.rstrip("/"), read(args.vkey), read(args.before)))
        return 0
    except (Bad, InvalidSignature, ValueError, urllib.error.URLError, OSError) as error:
        print(f"failed: {error or 'the signature does not fit'}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
