#!/usr/bin/env python3
"""Writes the directories of test_reader.py, good, forged, broken and half done, with the reader's verdicts on each.

  export_cases.py OUT      OUT/<case>/ and OUT/verdicts.json: {case: sorted verdict names}

What it is for: the program's own audit must name the same verdicts on bytes that neither of the two wrote.
"""
import contextlib, io, json, pathlib, sys

import journal_reader as reader
import test_reader


def main():
    out = pathlib.Path(sys.argv[1])
    suite = test_reader.Suite()
    suite.root = out
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for scene in (test_reader.good_directories, test_reader.forged_erasures, test_reader.broken_directories,
                      test_reader.crash_states):
            scene(suite)
    if suite.failed:
        print(said.getvalue(), file=sys.stderr)
        return 1
    verdicts = {}
    for case in sorted(p for p in out.iterdir() if (p / "journal").is_dir()):
        journal = reader.Journal(case)
        verdicts[case.name] = sorted({problem[0] for problem in journal.problems})
    (out / "verdicts.json").write_text(json.dumps(verdicts))
    print(f"{len(verdicts)} directories")
    return 0


if __name__ == "__main__":
    sys.exit(main())
