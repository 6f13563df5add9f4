"""A directory in memory that answers as `pathlib.Path` does, as far as journal_reader.py asks: so that a hundred
thousand harmed directories can be read without writing one. It knows nothing of what the files mean."""
import pathlib


class Files:
    """What lies where. `at("")` is the root; `put` replaces one file."""

    def __init__(self, folder):
        found = (p for p in pathlib.Path(folder).rglob("*") if p.is_file())
        self.bytes = {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}
        self.folders = {"", *(str(parent) for name in self.bytes for parent in pathlib.PurePosixPath(name).parents)}
        self.paths = {}

    def at(self, name):
        if name not in self.paths:
            self.paths[name] = MemoryPath(self, name)
        return self.paths[name]

    def put(self, name, data):
        assert name in self.bytes, name
        self.bytes[name] = bytes(data)


class MemoryPath:
    def __init__(self, files, whole):
        self.files, self.whole, self.name = files, whole, whole.rsplit("/", 1)[-1]
        self.stem = self.name.rsplit(".", 1)[0]

    def __truediv__(self, name):
        return self.files.at(f"{self.whole}/{name}" if self.whole else str(name))

    def __lt__(self, other):
        return self.whole.split("/") < other.whole.split("/")

    def __str__(self):
        return self.whole

    as_posix = __str__

    @property
    def parent(self):
        return self.files.at(self.whole.rpartition("/")[0])

    def with_suffix(self, suffix):
        return self.parent / (self.stem + suffix)

    def relative_to(self, other):
        assert self.whole.startswith(other.whole + "/"), (self.whole, other.whole)
        return MemoryPath(self.files, self.whole[len(other.whole) + 1:])

    def is_file(self):
        return self.whole in self.files.bytes

    def is_dir(self):
        return self.whole in self.files.folders

    def read_bytes(self):
        return self.files.bytes[self.whole]

    def rglob(self, pattern):
        assert pattern == "*", pattern
        return [self.files.at(name) for name in self.files.bytes if name.startswith(self.whole + "/")]

    def iterdir(self):
        return [path for path in self.rglob("*") if path.parent is self]

    def glob(self, pattern):
        folder, star = pattern.rsplit("/", 1)
        assert star == "*" and "*" not in folder, pattern
        return (self / folder).iterdir()
