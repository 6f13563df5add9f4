"""A simulated disk with two planes: what programs see (live) and what survives (durable).

File contents become durable sector by sector at `fsync`, file sizes too; names only when their directory is
synced, and a new directory only when its parent is. `crash` decides freely which un-synced changes survive.
Nothing is ever really freed: the bytes of unlinked files and of cut ends stay in `inodes`, so that a forensic
look (`remnant`) can tell whether a secret was overwritten or merely forgotten.
"""
import itertools, posixpath, random

DIR = -1          # the inode number that stands for "a directory"


class Inode:
    def __init__(self):
        self.live, self.raw, self.size, self.dirty, self.mtime = bytearray(), bytearray(), 0, set(), 0

    def clone(self):
        c = Inode()
        c.live, c.raw, c.size = bytearray(self.live), bytearray(self.raw), self.size
        c.dirty, c.mtime = set(self.dirty), self.mtime
        return c


class Disk:
    def __init__(self, sector=512):
        self.sector, self.inodes, self.hook, self.clock = sector, {}, None, 0
        self.dirs = {"": ({}, {}, [])}          # path -> (live names, durable names, un-synced changes)
        self.made = 0

    def clone(self):
        d = Disk(self.sector)
        d.inodes = {i: n.clone() for i, n in self.inodes.items()}
        d.dirs = {p: (dict(a), dict(b), list(c)) for p, (a, b, c) in self.dirs.items()}
        d.clock, d.made = self.clock, self.made
        return d

    def _done(self, what):
        if self.hook:
            self.hook(what)

    # ---- names

    def _dir(self, path):
        folder, name = posixpath.split(path)
        return self.dirs[folder], name

    def _change(self, path, change):
        (live, _, log), _ = self._dir(path)
        _apply(live, change)
        log.append(change)

    def ino(self, path):
        folder, name = posixpath.split(path)
        return self.dirs[folder][0].get(name) if folder in self.dirs else None

    def exists(self, path):
        return self.ino(path) is not None

    def listdir(self, path):
        return sorted(self.dirs[path][0]) if path in self.dirs else []

    def mkdir(self, path):
        self._change(path, [(posixpath.basename(path), DIR)])
        self.dirs[path] = ({}, {}, [])
        self._done(f"mkdir {path}")

    def create(self, path):
        """O_CREAT|O_TRUNC: a name that exists is emptied (its old bytes stay on the platter)."""
        if self.exists(path):
            return self.truncate(path, 0)
        self.made += 1
        self.inodes[self.made] = Inode()
        self.inodes[self.made].mtime = self.clock
        self._change(path, [(posixpath.basename(path), self.made)])
        self._done(f"create {path}")

    def link(self, old, new):
        self._change(new, [(posixpath.basename(new), self.ino(old))])
        self._done(f"link {new}")

    def rename(self, old, new):
        """Within one directory; atomic, but not durable."""
        a, b = posixpath.basename(old), posixpath.basename(new)
        self._change(new, [(a, None), (b, self.ino(old))])
        self._done(f"rename {new}")

    def unlink(self, path):
        self._change(path, [(posixpath.basename(path), None)])
        self._done(f"unlink {path}")

    def sync_dir(self, path):
        live, durable, log = self.dirs[path]
        durable.clear()
        durable.update(live)
        log.clear()
        self._done(f"sync {path}/")

    # ---- contents

    def read(self, path):
        return bytes(self.inodes[self.ino(path)].live)

    def mtime(self, path):
        return self.inodes[self.ino(path)].mtime

    def write(self, path, at, data):
        n = self.inodes[self.ino(path)]
        if at + len(data) > len(n.live):
            n.live.extend(bytes(at + len(data) - len(n.live)))
        n.live[at:at + len(data)] = data
        n.dirty.update(range(at // self.sector, (at + len(data) - 1) // self.sector + 1) if data else ())
        self._done(f"write {path} {at}")

    def truncate(self, path, size):
        n = self.inodes[self.ino(path)]
        del n.live[size:]
        n.dirty = {k for k in n.dirty if k * self.sector < size}
        self._done(f"truncate {path}")

    def fsync(self, path):
        n = self.inodes[self.ino(path)]
        for k in n.dirty:
            self._settle(n, k, "new")
        n.size = len(n.live)
        n.dirty.clear()
        self._done(f"fsync {path}")

    # ---- the crash

    def _settle(self, n, k, choice):
        """One un-synced sector reaches the platter as `choice`: new, old, zero, junk, or (tear, bytes)."""
        a, b = k * self.sector, (k + 1) * self.sector
        if len(n.raw) < b:
            n.raw.extend(bytes(b - len(n.raw)))
        new = bytes(n.live[a:b]).ljust(self.sector, b"\0")
        if choice == "new":
            n.raw[a:b] = new
        elif choice == "zero":
            n.raw[a:b] = bytes(self.sector)
        elif choice == "junk":
            n.raw[a:b] = random.randbytes(self.sector)
        elif choice and choice != "old":
            n.raw[a:a + choice[1]] = new[:choice[1]]

    def points(self):
        """Everything that is undecided: (kind, where, index)."""
        out = [("name", p, i) for p, (_, _, log) in sorted(self.dirs.items()) for i in range(len(log))]
        for i, n in sorted(self.inodes.items()):
            out += [("sector", i, k) for k in sorted(n.dirty)]
            if n.size != len(n.live):
                out.append(("size", i, 0))
        return out

    def crash(self, decide):
        """The disk after power loss. `decide(point)` says for a name or size whether it survives (true/false),
        for a sector what becomes of it."""
        d = self.clone()
        d.hook = None
        for path, (live, durable, log) in d.dirs.items():
            for i, change in enumerate(log):
                if decide(("name", path, i)):
                    _apply(durable, change)
        for i, n in d.inodes.items():
            for k in sorted(n.dirty):
                d._settle(n, k, decide(("sector", i, k)))
            if n.size != len(n.live) and decide(("size", i, 0)):
                n.size = len(n.live)
            n.dirty.clear()
            n.live = bytearray(n.raw[:n.size].ljust(n.size, b"\0"))
        for path, (live, durable, log) in d.dirs.items():
            live.clear()
            live.update(durable)
            log.clear()
        for path in sorted(d.dirs):          # a directory whose own name was lost takes its contents with it
            folder, name = posixpath.split(path)
            if path and (folder not in d.dirs or d.dirs[folder][0].get(name) != DIR):
                del d.dirs[path]
        return d

    def states(self, rnd, most, wild=True):
        """Crash states of this moment: all of them if they are few, else a mixed sample of `most`."""
        points = self.points()
        sector = ["old", "new"] + (["zero", "junk"] if wild else [])
        options = [[False, True] if p[0] != "sector" else sector for p in points]
        total = 1
        for o in options:
            total *= len(o)
        if total <= most:
            for picks in itertools.product(*options):
                yield self.crash(dict(zip(points, picks)).__getitem__)
            return
        for n in range(most):
            style = ("none", "all", "few", "most", "mix")[n if n < 2 else rnd.randrange(2, 5)]
            share = {"none": 0, "all": 1, "few": 0.2, "most": 0.85, "mix": 0.5}[style]
            names = rnd.choice([share, share, 0, 1])

            def decide(point):
                if point[0] != "sector":
                    return rnd.random() < (names if style not in ("none", "all") else share)
                if style in ("none", "all") or rnd.random() < share:
                    return "old" if style == "none" else "new"
                return rnd.choice(["old", "old", "tear"] + (["zero", "junk"] if wild else [])) \
                    if style != "few" else "old"
            yield self.crash(lambda p: _torn(decide(p), rnd, self.sector))

    def remnant(self, secret):
        """Is this secret anywhere on the platter, in files, cut ends or unlinked files?"""
        return any(secret in n.raw or secret in n.live for n in self.inodes.values())

    def image(self):
        """All names with contents, for comparing two states."""
        return {posixpath.join(p, name): bytes(self.inodes[i].live)
                for p, (live, _, _) in self.dirs.items() for name, i in live.items() if i != DIR}


def _apply(names, change):
    for name, ino in change:
        if ino is None:
            names.pop(name, None)
        else:
            names[name] = ino


def _torn(choice, rnd, sector):
    return ("tear", rnd.randrange(1, sector)) if choice == "tear" else choice
