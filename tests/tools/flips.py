#!/usr/bin/env python3
"""Flips every single bit of a small data directory, one at a time, and says what the independent reader finds.

  flips.py DIR      one JSON line a run of bits: {"file", "from", "to", "verdicts"}; bit 8 n is the lowest of byte n

What it is not: a judge of the verdicts. The test that calls it knows what the page says of each place, and what the
program's own audit found there. DIR itself is only read: the flips are made in memory, and a sample of them on a copy,
to show that memory and shortcuts change no word. Exit code 1 if DIR is not good to begin with or a sample differs.
"""
import concurrent.futures, copy, functools, itertools, json, multiprocessing, os, pathlib, shutil, sys, tempfile

import journal_bytes as page
import journal_reader as reader
from memory_files import Files

SHARE = 2048                      # bits a worker takes at a time
SAMPLE = 5                        # one bit of every so many shares is tried on the disk as well


def memoise():
    """The reader recomputes everything for each of some 100,000 flips; its pure functions may remember, and what
    it asks for under the name of a directory in memory comes from there."""
    page.cbor_decode = functools.lru_cache(4096)(page.cbor_decode)
    plain_open, plain_assertion, plain_subtree = page.open_body, page.check_assertion, page.subtree
    opened = functools.lru_cache(4096)(lambda secret, stored, d: plain_open(secret, stored, list(d)))
    reader.open_body = lambda secret, stored, d: opened(secret, stored, tuple(d))
    known = {}

    def check_assertion(a, digest):
        key = (repr(a), digest)
        if key not in known:
            known[key] = plain_assertion(a, digest)
        return known[key]
    page.check_assertion = check_assertion
    trees = functools.lru_cache(4096)(lambda hashes: plain_subtree(list(hashes)))
    page.subtree = reader.subtree = lambda hashes: trees(tuple(hashes))
    # A frame is judged by its reader, who writes on it: each gets a copy of its own.
    frames = functools.lru_cache(512)(page.sound_frame)
    reader.sound_frame = lambda buf, pos: copy.copy(frames(buf, pos))
    plain_note = page.read_checkpoint
    notes = functools.lru_cache(64)(lambda data, key: plain_note(data, key))
    reader.read_checkpoint = lambda data, key: notes(data, key)
    path = reader.Path
    reader.Path = lambda where: where.at("") if isinstance(where, Files) else path(where)


def flipped(data, bit):
    bad = bytearray(data)
    bad[bit // 8] ^= 1 << bit % 8
    return bytes(bad)


def problems(where):
    """What the reader reports. A reader that dies has not reported anything that the page has a name for."""
    try:
        return reader.Journal(where).problems
    except Exception as e:
        return [("the reader died", "", repr(e))]


def in_memory(files, name, bit):
    good = files.bytes[name]
    files.put(name, flipped(good, bit))
    found = problems(files)
    files.put(name, good)
    return found


def on_disk(folder, name, bit):
    good = (folder / name).read_bytes()
    (folder / name).write_bytes(flipped(good, bit))
    found = problems(folder)
    (folder / name).write_bytes(good)
    return found


def share(job):
    """One worker: the verdicts on its bits of one file."""
    name, begin, end = job
    return [sorted({problem[0] for problem in in_memory(share.files, name, bit)}) for bit in range(begin, end)]


def main():
    source = pathlib.Path(sys.argv[1])
    if before := reader.Journal(source).problems:
        print(f"the directory is not good to begin with: {before[:3]}")
        return 1
    files = share.files = Files(source)
    jobs = [(name, at, min(at + SHARE, 8 * len(data))) for name, data in sorted(files.bytes.items())
            for at in range(0, 8 * len(data), SHARE)]
    samples = [(name, begin + (end - begin) * 3 // 7) for name, begin, end in jobs[::SAMPLE]]
    with tempfile.TemporaryDirectory() as folder:
        copied = pathlib.Path(shutil.copytree(source, folder, dirs_exist_ok=True))
        plain = [on_disk(copied, *sample) for sample in samples]
    memoise()
    for sample, words in zip(samples, plain):
        if in_memory(files, *sample) != words:
            print(f"read from memory, {sample} is judged otherwise: {in_memory(files, *sample)}, not {words}")
            return 1
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
        for (name, begin, _), verdicts in zip(jobs, pool.map(share, jobs)):
            for found, run in itertools.groupby(enumerate(verdicts, begin), key=lambda it: it[1]):
                bits = [bit for bit, _ in run]
                print(json.dumps({"file": name, "from": bits[0], "to": bits[-1] + 1, "verdicts": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
