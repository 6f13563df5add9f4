#!/usr/bin/env python3
"""Checks an Ostoja log with a library that nobody of Ostoja wrote: tlog-scales, by a monitor of other logs.

    python3 log_check.py log ADDRESS VKEY [KEPT]          everything that is served; KEPT is an older checkpoint
    python3 log_check.py proof FILE VKEY                  a confirmation (.ostoja-proof)
    python3 log_check.py consistency KEPT PROOF VKEY      what 'ostoja log consistency' printed
    python3 log_check.py cosigned CHECKPOINT LINES VKEY   what a witness answered; VKEY is the witness's

ADDRESS is where the log is served (http…), or a folder with the same files. Here is only glue: which bytes
are fetched and given to the library. Prints one line, 'ok: …' or 'failed: …'; exit code 0 or 1.
Needs `pip install tlog-scales==0.0.3`.
"""

import base64
import json
import sys
from pathlib import Path

try:
    from tlog_scales.backend import make_backend
    from tlog_scales.reader import TilesReader
    from tlog_scales.signing import NoteSignature, Vkey
    from tlog_scales.tiles import leaf_hash
    from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof
except ImportError as missing:
    sys.exit(f"log_check.py needs tlog-scales ({missing}): pip install tlog-scales==0.0.3")


def read(name):
    return Path(name).read_text(encoding="utf-8")


def opened(text, vkey):
    """A checkpoint that the key has signed, of the key's own log."""
    vkey = Vkey.from_string(vkey.strip())
    checkpoint = Checkpoint.from_text(text)
    checkpoint.verify(vkey)
    # The library signs and checks what it understood; a file must be that and nothing else.
    if checkpoint.serialize() != text:
        raise ValueError("the checkpoint is spelt otherwise than the library spells it")
    if checkpoint.origin != vkey.name:
        raise ValueError("the checkpoint is of another log")
    return checkpoint


def check_log(address, vkey, kept=None):
    if not address.startswith("http"):
        address = str(Path(address).resolve())
    backend = make_backend(address.rstrip("/"))
    served = backend.get("checkpoint")
    if served is None:
        raise ValueError("there is no checkpoint")
    new = opened(served.decode(), read(vkey))
    reader = TilesReader(backend)
    reader.set_size(new.size)
    if reader.calculate_root_hash() != new.root_hash:
        raise ValueError("the tiles do not have the signed root")
    # Every leaf by itself, so that no tile is left out.
    for index in range(new.size):
        leaf = reader.mth(index, index + 1)
        reader.get_inclusion_proof(index, new.size).check(leaf, new.root_hash)
    said = f"ok: {new.size} entries"
    if kept is None:
        return said
    old = opened(read(kept), read(vkey))
    if old.size > new.size:
        raise ValueError(f"the log is shorter than the kept checkpoint, which has {old.size} entries")
    reader.get_consistency_proof(old.size, new.size).check(old.root_hash, new.root_hash)
    return f"{said}, continues the {old.size} kept"


def check_proof(file, vkey):
    confirmation = json.loads(read(file))
    head, checkpoint = confirmation["tlog_proof"].split("\n\n", 1)
    magic, index, *hashes = head.split("\n")
    if magic != "c2sp.org/tlog-proof@v1" or not index.startswith("index "):
        raise ValueError("not a tlog-proof")
    index = int(index.removeprefix("index "))
    signed = opened(checkpoint, read(vkey))
    hashes = [base64.b64decode(line, validate=True) for line in hashes]
    leaf = leaf_hash(base64.b64decode(confirmation["header"], validate=True))
    InclusionProof(index, signed.size, hashes).check(leaf, signed.root_hash)
    return f"ok: entry {index} is one of the {signed.size} entries signed"


def check_consistency(kept, proof, vkey):
    old = opened(read(kept), read(vkey))
    head, checkpoint = read(proof).split("\n\n", 1)
    first, *hashes = head.split("\n")
    if first != f"old {old.size}":
        raise ValueError("the proof starts from another size")
    new = opened(checkpoint, read(vkey))
    hashes = [base64.b64decode(line, validate=True) for line in hashes]
    ConsistencyProof(old.size, new.size, hashes).check(old.root_hash, new.root_hash)
    return f"ok: the {new.size} entries continue the {old.size} kept"


def check_cosigned(checkpoint, lines, vkey):
    checkpoint = Checkpoint.from_text(read(checkpoint))
    vkey = Vkey.from_string(read(vkey).strip())
    signatures = [NoteSignature.from_line(line) for line in read(lines).splitlines()]
    fitting = [signature for signature in signatures if vkey.match(signature)]
    if not fitting:
        raise ValueError("the witness has not cosigned it")
    for signature in fitting:
        vkey.get_verifier().verify(signature.payload, checkpoint)
    return f"ok: cosigned by {vkey.name}"


CHECKS = {"log": check_log, "proof": check_proof, "consistency": check_consistency, "cosigned": check_cosigned}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in CHECKS:
        sys.exit(__doc__)
    try:
        print(CHECKS[sys.argv[1]](*sys.argv[2:]))
        return 0
    # Whatever the library does not accept, it says in exceptions of many kinds.
    except Exception as error:  # noqa: BLE001
        print(f"failed: {type(error).__name__} {error}".rstrip())
        return 1


if __name__ == "__main__":
    sys.exit(main())
