#!/usr/bin/env python3
"""Flips bits of a small data directory and asks the independent reader, in one process a core.

  flip_driver.py DIR [--all]

Every bit of checkpoint, vkey, keys files, tiles, hints and blobs; of segments one bit of every byte that is not zero
and of every 16th zero byte (the bit changes with the place), or with --all every bit. Each flip must be reported under
one of the verdicts that docs/format.md gives for its place. Prints one line with the counts; exit code 1 if one flip
passed in silence or under a wrong name.
"""
import concurrent.futures, os, pathlib, shutil, sys, tempfile
from collections import Counter

import journal_reader as reader
import test_reader


def chosen(name, data, every):
    """The bits of one file to flip."""
    for at, byte in enumerate(data):
        if every or not name.endswith(".seg"):
            yield from (at * 8 + bit for bit in range(8))
        elif byte or at % 16 == 0:
            yield at * 8 + at % 8


def share(args):
    """One worker: flips the given bits of one file in a copy of its own."""
    source, name, bits, regions = args
    if not hasattr(share, "folder"):
        test_reader.memoise()
        share.folder = pathlib.Path(tempfile.mkdtemp(dir=pathlib.Path(source).parent))
        shutil.copytree(source, share.folder, dirs_exist_ok=True)
    path, counts, wrong = share.folder / name, Counter(), []
    good = path.read_bytes()
    for bit in bits:
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bad)
        found = {problem[0] for problem in reader.Journal(share.folder).problems}
        wanted = test_reader.expected(pathlib.PurePath(name), bit // 8, regions)
        if not found or (wanted and not found & wanted):
            wrong.append((name, bit, sorted(found)))
        counts[sorted(found & wanted)[0] if wanted and found & wanted else next(iter(sorted(found)), "silent")] += 1
    path.write_bytes(good)
    return counts, wrong


def main():
    source = pathlib.Path(sys.argv[1])
    every = "--all" in sys.argv[2:]
    before = reader.Journal(source).problems
    if before:
        print(f"the directory is not good to begin with: {before[:3]}")
        return 1
    regions, jobs = test_reader.regions_of(source), []
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        name = path.relative_to(source).as_posix()
        bits = list(chosen(name, path.read_bytes(), every))
        jobs += [(str(source), name, bits[at:at + 500], regions) for at in range(0, len(bits), 500)]
    counts, wrong = Counter(), []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for part, bad in pool.map(share, jobs):
            counts, wrong = counts + part, wrong + bad
    print(f"{sum(counts.values())} bits flipped, {len(wrong)} wrong, {dict(sorted(counts.items()))} {wrong[:5] or ''}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
