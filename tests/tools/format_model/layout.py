"""Section 3: the bytes of frames, segment headers, seals, keys files and tombstones."""
import functools, struct, zlib

from . import cbor
from .crypto import H, leaf

SLOT, SECTOR = 32, 512
MAGIC, LAST = b"OJf1", 1
PREFIX = struct.Struct("<4sBBHIIQQ8s")
HEAD = struct.Struct("<8sIIIIQI16s")
SEAL = struct.Struct("<8sIIQ32s32s")


class Damage(Exception):
    """The start stops here: something durable is gone or altered."""


def up(n, a):
    return -(-n // a) * a


def crc(data):
    return struct.pack("<I", zlib.crc32(data))


@functools.lru_cache(20000)
def header_of(raw):
    """(map, leaf) of header bytes; the model reads the same few headers many thousand times."""
    return cbor.dec(raw), leaf(raw)


class Frame:
    __slots__ = "pos end seq group flags slot prev header map bodies stored leaf seg".split()


def pack_frame(header, stored, slot, seq, group, prev, last):
    raw = PREFIX.pack(MAGIC, 1, LAST if last else 0, len(header), len(stored), slot, seq, group, prev) + header + stored
    raw += crc(raw)
    return raw + bytes(up(len(raw), 8) - len(raw))


def parse_frame(buf, pos, limit):
    """The frame at `pos` if it is good by itself (section 4, step 2), else None."""
    if pos + 48 > limit or buf[pos:pos + 4] != MAGIC:
        return None
    _, version, flags, header_len, bodies_len, slot, seq, group, prev = PREFIX.unpack_from(buf, pos)
    body, end = pos + 40 + header_len, pos + 40 + header_len + bodies_len
    if version != 1 or flags > 1 or up(end + 4, 8) > limit or crc(buf[pos:end]) != buf[end:end + 4] \
            or any(buf[end + 4:up(end + 4, 8)]):
        return None
    f = Frame()
    f.pos, f.end, f.seq, f.group, f.flags, f.slot, f.prev = pos, up(end + 4, 8), seq, group, flags, slot, prev
    f.header = bytes(buf[pos + 40:body])
    try:
        f.map, f.leaf = header_of(f.header)
    except (ValueError, IndexError):
        return None
    f.bodies, f.stored, at = f.map.get(9, []), [], body
    for d in f.bodies:
        n = d[2] + 16 if len(d) == 4 else 0
        f.stored.append(bytes(buf[at:at + n]) if len(d) == 4 else None)
        at += n
    good = at == end and f.map[0] == seq and f.map.get(11, H()) == H(bytes(buf[body:end]))
    return f if good else None


def pack_head(size, align, max_entry, first, epoch, log_id):
    raw = HEAD.pack(b"OSTJSEG1", 1, size, align, max_entry, first, epoch, log_id)
    return (raw + crc(raw)).ljust(SECTOR, b"\0")


def parse_head(buf):
    """(size, align, first seq, epoch), or Damage."""
    raw = buf[:SECTOR]
    if len(raw) < SECTOR or raw[:8] != b"OSTJSEG1" or crc(raw[:HEAD.size]) != raw[HEAD.size:HEAD.size + 4] \
            or any(raw[HEAD.size + 4:]):
        raise Damage("segment header")
    _, version, size, align, _, first, epoch, _ = HEAD.unpack_from(raw)
    if version != 1:
        raise Damage("segment version")
    return size, align, first, epoch


def pack_seal(frames_end, slots, end_seq, root, digest):
    raw = SEAL.pack(b"OSTJSEAL", frames_end, slots, end_seq, root, digest)
    return (raw + crc(raw)).ljust(SECTOR, b"\0")


def parse_seal(raw):
    """None if zero, "bad", or (frames_end, slots, end_seq, root, hash)."""
    if not any(raw):
        return None
    if raw[:8] != b"OSTJSEAL" or crc(raw[:SEAL.size]) != raw[SEAL.size:SEAL.size + 4] or any(raw[SEAL.size + 4:]):
        return "bad"
    return SEAL.unpack_from(raw)[1:]


def pack_keys(first, generation, slots):
    raw = struct.pack("<8sQII", b"OSTJKEY1", first, len(slots), generation) + b"".join(slots)
    return raw + H(raw)


def parse_keys(raw):
    """(first seq, generation, slots), or None if the file is not whole."""
    if len(raw) < 56 or raw[:8] != b"OSTJKEY1" or H(raw[:-32]) != raw[-32:]:
        return None
    _, first, count, generation = struct.unpack_from("<8sQII", raw)
    if len(raw) != 56 + SLOT * count:
        return None
    return first, generation, [raw[24 + SLOT * i:56 + SLOT * i] for i in range(count)]


def tombstone(erase_seq, erase_leaf, seq, body):
    return b"OSTERASE" + struct.pack("<Q", erase_seq) + H(
        b"ostoja/tomb/1", erase_leaf, struct.pack("<QI", seq, body))[:16]


def area_slot(buf, size, i):
    return bytes(buf[size - SLOT * (i + 1):size - SLOT * i])


def scan(buf, size, align, first, limit, prev, rules):
    """The longest run of frames that are good here. Returns (frames, end, slots used)."""
    frames, pos, slots, e, last = [], rules.frames_at(align), 0, first, None
    boundary = align if rules.align_groups else 8
    while True:
        start, first_slot = up(pos, boundary), up(slots, boundary // SLOT or 1)
        good = None
        for at in {pos, start}:
            f = parse_frame(buf, at, limit)
            if f is None or f.seq != e or (rules.prev_link and f.prev != prev) or any(buf[pos:at]):
                continue
            joins = last and not last.flags & LAST and f.group == last.group and at == pos and f.slot == slots
            opens = f.group == e and at == start and f.slot == first_slot
            if rules.open_needs_last and last and not last.flags & LAST:
                opens = False
            if (joins or opens) and f.end <= size - SLOT * (f.slot + len(f.bodies)):
                good = f
        if good is None:
            return frames, pos, slots
        frames.append(good)
        pos, slots, last, e, prev = good.end, good.slot + len(good.bodies), good, e + 1, good.leaf[:8]
