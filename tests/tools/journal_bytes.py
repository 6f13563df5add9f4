"""The bytes of docs/format.md: CBOR, headers, sealed bodies, frames, assertions, the tree, signed notes, proofs.

Part of the independent reader (journal_reader.py), written from the page alone. Functions here take bytes and return
values or raise `Bad`; they open no file. The numbers in the section lines are the page's.
"""
import base64, binascii, hashlib, hmac, json, re, struct, zlib

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256

SLOT, SECTOR, CHUNK, TAG = 32, 512, 65536, 16


def H(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def crc(data):
    return struct.pack("<I", zlib.crc32(data))


def up(n, a):
    return -(-n // a) * a


class Bad(Exception):
    """Something does not follow the page; the text says what."""


# ---------------------------------------------------------------- 1 CBOR

def cbor_encode(value):
    """The one permitted spelling of a value."""
    def head(major, n):
        if n < 24:
            return bytes([major << 5 | n])
        for code, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if n < 1 << 8 * width:
                return bytes([major << 5 | code]) + n.to_bytes(width, "big")
        raise Bad("integer beyond 64 bits")
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return head(3, len(text)) + text
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor_encode, value))
    pairs = sorted((cbor_encode(k), cbor_encode(v)) for k, v in value.items())
    return head(5, len(pairs)) + b"".join(k + v for k, v in pairs)


def cbor_item(data, at=0, depth=0, negative_keys=False):
    """One item and the place behind it. `depth` counts the arrays and maps around it."""
    if at >= len(data):
        raise Bad("CBOR ends early")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        if info not in (20, 21):
            raise Bad("CBOR: floats, null and other simple values are not allowed")
        return info == 21, at
    if info > 27 or major == 6:
        raise Bad("CBOR: indefinite length, tag or reserved form")
    if info < 24:
        n = info
    else:
        width = 1 << info - 24
        if at + width > len(data):
            raise Bad("CBOR ends early")
        n, at = int.from_bytes(data[at:at + width], "big"), at + width
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if n > len(data) - at:
        raise Bad("CBOR ends early")
    if major in (2, 3):
        raw = bytes(data[at:at + n])
        try:
            return (raw if major == 2 else raw.decode()), at + n
        except UnicodeDecodeError:
            raise Bad("CBOR: text is not UTF-8") from None
    if depth == 8:
        raise Bad("CBOR: nested deeper than 8")
    if major == 4:
        items = []
        for _ in range(n):
            item, at = cbor_item(data, at, depth + 1, negative_keys)
            items.append(item)
        return items, at
    result = {}
    for _ in range(n):
        key, at = cbor_item(data, at, depth + 1, negative_keys)
        if isinstance(key, bool) or not isinstance(key, int) or key in result or (key < 0 and not negative_keys):
            raise Bad("CBOR: a map key is not an unsigned integer, or comes twice")
        result[key], at = cbor_item(data, at, depth + 1, negative_keys)
    return result, at


def cbor_decode(data):
    """Decodes, encodes again and compares: any other spelling is refused."""
    value, end = cbor_item(data)
    if end != len(data) or cbor_encode(value) != bytes(data):
        raise Bad("CBOR is not in its one permitted spelling")
    return value


def is_uint(v):
    return isinstance(v, int) and not isinstance(v, bool) and v >= 0


def is_bytes(v, length):
    return isinstance(v, bytes) and len(v) == length


# ---------------------------------------------------------------- 2 entry: header, commitment, sealing

def check_descriptors(header):
    """The descriptors (key 9), after their types were checked."""
    bodies = header.get(9, [])
    if not isinstance(bodies, list) or len(bodies) > 1000 or (9 in header and not bodies):
        raise Bad("key 9 is not an array of 1 to 1,000 descriptors")
    for d in bodies:
        if not (isinstance(d, list) and len(d) in (4, 5) and all(map(is_uint, d[:3]))
                and all(is_bytes(b, 32) for b in d[3:])):
            raise Bad("a descriptor has wrong parts")
    return bodies


def header_faults(header):
    """What the page demands of a header beyond being decodable."""
    faults = [f"key {k} is missing or not unsigned" for k in (0, 1, 2, 3, 5, 6) if not is_uint(header.get(k))]
    if header.get(2) not in (0, 1, 2):
        faults.append("key 2 (clock) is not 0, 1 or 2")
    if header.get(3) != 1:
        faults.append(f"format level {header.get(3)} is not known to this reader")
    action = header.get(7)
    if not is_bytes(header.get(4), 8):
        faults.append("key 4 (program) is not 8 bytes")
    if not isinstance(action, str) or not 0 < len(action.encode()) <= 48:
        faults.append("key 7 (action) is not a text of 1 to 48 bytes")
    if 8 in header and not is_bytes(header[8], 8):
        faults.append("key 8 (staff) is not 8 bytes")
    wanted, other = ((11, 32), 10) if 9 in header else ((10, 16), 11)
    if not is_bytes(header.get(wanted[0]), wanted[1]) or other in header:
        faults.append("a header has key 9 with key 11, or key 10 alone")
    for key, name in ((12, "kernel.erase"), (13, "kernel.epoch"), (14, "kernel.level")):
        if (key in header) != (action == name) or not isinstance(header.get(key, {}), dict):
            faults.append(f"key {key} and the action {name} come together or not at all")
    bodies = check_descriptors(header)
    rank = [0 if d[0] == 0 else 1 if d[0] == 1 else 2 for d in bodies]
    if bodies and (bodies[0][:2] != [0, 1] or rank.count(0) > 1 or rank != sorted(rank)):
        faults.append("bodies are not: one who-and-why, then blobs, then records")
    if any((d[0] == 1) != (len(d) == 5) or (d[0] == 1 and d[1] != 1) for d in bodies):
        faults.append("blobs (kind 1, version 1), and only they, are detached")
    return faults


def leaf_hash(header_bytes):
    return H(b"\0", header_bytes)


def open_body(secret, stored, descriptor):
    """The plaintext, or None. Opening alone proves nothing (the cipher does not bind
    its key), so the commitment is computed again and compared."""
    commitment = descriptor[3]
    if secret is None:
        return None
    cipher = ChaCha20Poly1305(hmac.new(secret, b"ostoja/key/1" + commitment + b"\x01", "sha256").digest())
    try:
        if len(descriptor) == 4:
            plain = cipher.decrypt(bytes(12), stored, None)
        else:                                          # a blob file: chunks, the last one marked
            cuts = range(0, max(len(stored), 1), CHUNK + TAG)
            plain = b"".join(cipher.decrypt(i.to_bytes(11, "big") + bytes([at == cuts[-1]]),
                                            stored[at:at + CHUNK + TAG], None) for i, at in enumerate(cuts))
    except (InvalidTag, ValueError):
        return None
    return plain if len(plain) == descriptor[2] and H(b"ostoja/body/1", secret, plain) == commitment else None


# ---------------------------------------------------------------- 3 frames

PREFIX = struct.Struct("<4sBBHIIQQ8s")


class Frame:
    """One frame as found. `sound`: good by itself. `stored_ok`: key 11 fits."""

    def __init__(self, buf, pos, header_len):
        (self.magic, self.version, self.flags, self.header_len, self.bodies_len, self.slot,
         self.seq, self.group, self.prev) = PREFIX.unpack_from(buf, pos)
        self.pos, body_at = pos, pos + 40 + header_len
        self.header_bytes = bytes(buf[pos + 40:body_at])
        self.header = cbor_decode(self.header_bytes)
        if not isinstance(self.header, dict):
            raise Bad("the header is not a map")
        self.leaf = leaf_hash(self.header_bytes)
        self.bodies, self.stored, at = check_descriptors(self.header), [], body_at
        for d in self.bodies:
            length = d[2] + TAG if len(d) == 4 else 0
            self.stored.append(bytes(buf[at:at + length]) if len(d) == 4 else None)
            at += length
        self.crc_at, self.end = at, up(at + 4, 8)
        if self.end > len(buf):
            raise Bad("the frame leaves the file")
        self.stored_ok = self.header.get(11, H()) == H(bytes(buf[body_at:at]))
        self.sound = (self.magic == b"OJf1" and self.version == 1 and self.flags <= 1
                      and self.header_len == header_len and self.bodies_len == at - body_at
                      and crc(buf[pos:at]) == buf[at:at + 4] and not any(buf[at + 4:self.end])
                      and self.header.get(0) == self.seq and self.stored_ok)
        self.confirmed = self.sound       # the header is the one in the tree, even if the frame is not sound
        self.problem = None               # set to a verdict if the frame is not good


def sound_frame(buf, pos):
    """The frame at `pos` if it is good by itself, else None."""
    if buf[pos:pos + 4] != b"OJf1" or pos + 48 > len(buf):
        return None
    try:
        frame = Frame(buf, pos, struct.unpack_from("<H", buf, pos + 6)[0])
    except Bad:
        return None
    return frame if frame.sound else None


def hurt_frame(buf, pos, seq):
    """A frame that is not sound, but whose header still decodes and carries `seq`.
    CBOR says itself where it ends, so no field of the prefix is needed."""
    try:
        _, end = cbor_item(buf, pos + 40)
        frame = Frame(buf, pos, end - pos - 40)
    except (Bad, struct.error):
        return None
    return frame if frame.header.get(0) == seq else None


# ---------------------------------------------------------------- 6 assertions and tombstones

def cose_key(data):
    """A COSE_Key as (verifier, identity). Two spellings of one key have one identity."""
    key, end = cbor_item(data, negative_keys=True)
    if end != len(data) or not isinstance(key, dict):
        raise Bad("COSE_Key is not one map")
    kind = (key.get(1), key.get(3))
    try:
        if kind == (2, -7) and key.get(-1) == 1:
            point = b"\x04" + key[-2].rjust(32, b"\0") + key[-3].rjust(32, b"\0")
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            return (lambda sig, msg: public.verify(sig, msg, ec.ECDSA(SHA256()))), ("ES256", point)
        if kind == (1, -8) and key.get(-1) == 6:
            public = Ed25519PublicKey.from_public_bytes(key[-2])
            return public.verify, ("EdDSA", key[-2])
        if kind == (3, -257):
            numbers = int.from_bytes(key[-2], "big"), int.from_bytes(key[-1], "big")          # e, n
            public = rsa.RSAPublicNumbers(*numbers).public_key()
            return (lambda sig, msg: public.verify(sig, msg, padding.PKCS1v15(), SHA256())), ("RS256", numbers)
    except (KeyError, ValueError, TypeError, AttributeError) as e:
        raise Bad(f"COSE_Key cannot be read ({e})") from None
    raise Bad(f"COSE_Key of kind {kind} is not ES256, EdDSA or RS256")


def check_assertion(a, digest):
    """A WebAuthn assertion over `digest`. Returns (staff pseudonym, key identity)."""
    if not (isinstance(a, dict) and sorted(a) == list(range(7)) and is_bytes(a[0], 8) and is_uint(a[1])
            and all(isinstance(a[i], bytes) for i in (2, 3, 4, 5)) and is_bytes(a[6], 32)):
        raise Bad("an assertion has wrong parts")
    verify, identity = cose_key(a[2])
    try:
        client = json.loads(a[4])
        challenge = base64.urlsafe_b64encode(H(b"ostoja/erase/1", a[6], digest)).rstrip(b"=").decode()
        fits = client["type"] == "webauthn.get" and client["challenge"] == challenge
    except (ValueError, KeyError, TypeError):
        raise Bad("clientDataJSON cannot be read") from None
    if not fits:
        raise Bad("an assertion answers another challenge")
    if len(a[3]) < 37 or a[3][32] & 0x05 != 0x05:
        raise Bad("an assertion without user presence and user verification")
    try:
        verify(a[5], a[3] + H(a[4]))
    except InvalidSignature:
        raise Bad("an assertion's signature does not verify") from None
    return a[0], identity, a[2]


def erasure_targets(order):
    """The (seq, body) pairs an erasure order (key 12) names, spelled in the one permitted way."""
    if not (sorted(order) == [0, 1, 2, 3, 4] and isinstance(order[0], list) and order[0]
            and isinstance(order[1], str) and isinstance(order[2], list) and is_uint(order[3])
            and is_bytes(order[4], 32)):
        raise Bad("the order has wrong parts")
    seq, pairs, seqs = 0, [], []
    for n, target in enumerate(order[0]):
        if not (isinstance(target, list) and len(target) == 2 and is_uint(target[0]) and isinstance(target[1], bytes)):
            raise Bad("a target is not [delta, mask]")
        delta, mask = target
        if (n and not delta) or not mask or not mask[-1]:
            raise Bad("targets do not ascend, or a mask is not in its shortest form")
        seq += delta
        seqs.append(seq)
        pairs += [(seq, i) for i in range(len(mask) * 8) if mask[i // 8] >> i % 8 & 1]
    return seqs, pairs


def check_erasure(frame, frames, enrolled):
    """The bodies a `kernel.erase` entry covers; Bad if it proves nothing."""
    order = frame.header[12]
    seqs, pairs = erasure_targets(order)
    for seq in seqs:
        target = frames.get(seq)
        if target is None or seq >= frame.group:
            raise Bad(f"target {seq} is not an entry of an earlier group")
        if target.header.get(7) == "kernel.erase":
            raise Bad(f"target {seq} is itself an erasure")
    if any(i >= len(frames[seq].bodies) for seq, i in pairs):
        raise Bad("a target body does not exist")
    if order[4] != H(*(frames[s].leaf for s in seqs)):
        raise Bad("the order was given for other entries than those that stand at these numbers")
    digest = H(cbor_encode({k: order[k] for k in (0, 1, 3, 4)}))
    if len(order[2]) != 2:
        raise Bad("not exactly two assertions")
    (who1, key1, raw1), (who2, key2, raw2) = (check_assertion(a, digest) for a in order[2])
    if who1 == who2 or key1 == key2:
        raise Bad("both assertions are of one person or one key")
    if enrolled is not None and not {raw1, raw2} <= enrolled:
        raise Bad("an assertion's key is not in the list of enrolled keys")
    return pairs


def tombstone(erasure, seq, body):
    return b"OSTERASE" + struct.pack("<Q", erasure.seq) + H(
        b"ostoja/tomb/1", erasure.leaf, struct.pack("<QI", seq, body))[:16]


# ---------------------------------------------------------------- 8 tree, signed note, proof

def subtree(hashes):
    """RFC 6962 root of a non-empty list of node hashes."""
    while len(hashes) > 1:          # pairing level by level gives the same tree; an odd one is carried up
        hashes = [H(b"\1", *hashes[i:i + 2]) if i + 1 < len(hashes) else hashes[i] for i in range(0, len(hashes), 2)]
    return hashes[0]


def tree_root(leaves):
    return subtree(leaves) if leaves else H()


def b64(data):
    """Standard base64 with no spare bits set."""
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Bad("base64 cannot be read") from None
    if base64.b64encode(raw) != (data.encode() if isinstance(data, str) else data):
        raise Bad("base64 is not in its one permitted spelling")
    return raw


def read_vkey(line):
    """`<origin>+<key id>+<base64>` as (origin, key id, public key bytes)."""
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", line)
    raw = b64(match[3]) if match else b""
    if len(raw) != 33 or raw[0] != 1:
        raise Bad("not a vkey of an Ed25519 key")
    if H(match[1].encode(), b"\n", raw)[:4].hex() != match[2]:
        raise Bad("the vkey's key id does not fit its origin and key")
    return match[1], bytes.fromhex(match[2]), raw[1:]


def read_checkpoint(data, vkey):
    """A signed note as (origin, size, root). It is written again and compared as bytes,
    because base64 has spare bits that no signature covers."""
    match = re.fullmatch("([^\\s+]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/=]{44})\n\n"
                         "\u2014 ([^\\s+]+) ([A-Za-z0-9+/=]+)\n", data.decode(errors="replace"))
    if not match or match[1] != match[4]:
        raise Bad("not a canonical signed note")
    root, sig = b64(match[3]), b64(match[5])
    text = f"{match[1]}\n{match[2]}\n{base64.b64encode(root).decode()}\n"
    if len(root) != 32 or f"{text}\n\u2014 {match[1]} {base64.b64encode(sig).decode()}\n".encode() != data:
        raise Bad("not a canonical signed note")
    if vkey is not None:
        origin, key_id, public = vkey
        if origin != match[1] or sig[:4] != key_id:
            raise Bad(f"signed under another origin or key than {origin}")
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(sig[4:], text.encode())
        except (InvalidSignature, ValueError):
            raise Bad("the signature does not verify") from None
    return match[1], int(match[2]), root


def read_earlier_vkeys(data):
    """log/earlier-vkeys: keys of earlier epochs, one a line."""
    lines = data.decode(errors="replace").split("\n")
    if lines.pop() != "":
        raise Bad("not one key a line")
    keys = [read_vkey(line) for line in lines]
    for line, (_, _, public) in zip(lines, keys):
        if line.split("+", 2)[2] != base64.b64encode(b"\x01" + public).decode():
            raise Bad("not one key a line")
    return keys


def read_statements(data):
    """log/statements as [(vkey, from, root)], oldest first. The root key is not at hand: form and chain only."""
    text, at, before, out = data.decode(errors="replace"), 0, "nothing", []
    form = re.compile("ostoja-log-key/2\n([^\n]+)\nfrom (0|[1-9][0-9]{0,19}) ([A-Za-z0-9+/=]{44})\n"
                      "after (nothing|[A-Za-z0-9+/=]{44})\n\n((?:\u2014 [^\\s+]+ [A-Za-z0-9+/=]+\n)+)")
    while at < len(text):
        match = form.match(text, at)
        if not match:
            raise Bad("not a chain of statements")
        coded = [match[3]] + [line.rsplit(" ", 1)[-1] for line in match[5].splitlines()]
        if any(base64.b64encode(b64(word)).decode() != word for word in coded):
            raise Bad("a statement is not spelt canonically")
        vkey = read_vkey(match[1])
        if match[4] != before:
            raise Bad("a statement does not name the one before it")
        if out and (int(match[2]) < out[-1][1] or vkey[0] in [key[0] for key, _, _ in out]):
            raise Bad("a statement does not continue the one before it")
        out.append((vkey, int(match[2]), b64(match[3])))
        before, at = base64.b64encode(H(match[0].encode())).decode(), match.end()
    return out


def inclusion_root(index, size, leaf, path):
    """RFC 9162 2.1.3.2: the root that this path leads to."""
    if index >= size:
        raise Bad("the index is not below the size of the tree")
    fn, sn, r = index, size - 1, leaf
    for node in path:
        if sn == 0:
            raise Bad("the path is too long")
        if fn & 1 or fn == sn:
            r = H(b"\1", node, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = H(b"\1", r, node)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Bad("the path is too short")
    return r


def no_twice(pairs):
    if len({k for k, _ in pairs}) != len(pairs):
        raise Bad("a JSON key comes twice")
    return dict(pairs)


def verify_proof(data, trusted):
    """Checks a proof file; returns the lines to print. Bad if it proves nothing."""
    doc = json.loads(data, object_pairs_hook=no_twice)
    if not isinstance(doc, dict) or doc.get("format") != "ostoja-proof/1":
        raise Bad("not an ostoja-proof/1 file")
    if set(doc) != {"format", "vkey", "header", "bodies", "blobs", "tlog_proof"}:
        raise Bad("a key of the file is missing or unknown")
    own = read_vkey(doc["vkey"])
    if trusted and trusted != own:
        raise Bad("the proof is signed by another key than the one given")
    header_bytes = b64(doc["header"])
    header = cbor_decode(header_bytes)
    faults = header_faults(header)
    if faults:
        raise Bad(faults[0])
    top, _, note = doc["tlog_proof"].partition("\n\n")
    lines = top.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or not re.fullmatch(r"index (0|[1-9][0-9]*)", lines[1]):
        raise Bad("tlog_proof does not begin as a tlog-proof without extra data")
    index, path = int(lines[1][6:]), [b64(x) for x in lines[2:]]
    if index != header.get(0) or any(len(x) != 32 for x in path):
        raise Bad("the proof's index is not the entry's seq, or a hash has a wrong length")
    origin, size, root = read_checkpoint(note.encode(), own)
    if inclusion_root(index, size, leaf_hash(header_bytes), path) != root:
        raise Bad("the inclusion proof does not lead to the signed root")
    bodies, seen, out = header.get(9, []), set(), []
    for item in doc["bodies"] + doc["blobs"]:
        n = item["body"]
        if set(item) - {"text", "stored"} != {"body", "kind", "version", "secret"}:
            raise Bad(f"disclosed body {n}: a key is missing or unknown")
        if not is_uint(n) or n >= len(bodies) or n in seen or [item["kind"], item["version"]] != bodies[n][:2]:
            raise Bad(f"disclosed body {n} is not one of the entry's")
        seen.add(n)
        secret, d = b64(item["secret"]), bodies[n]
        if "text" in item:
            plain = b64(item["text"])
            if len(plain) != d[2] or H(b"ostoja/body/1", secret, plain) != d[3]:
                raise Bad(f"body {n}: text and secret do not give the commitment")
        elif "stored" in item:
            stored = b64(item["stored"])
            plain = open_body(secret, stored, d)
            if plain is None or (len(d) == 5 and H(stored) != d[4]):
                raise Bad(f"body {n}: the stored bytes do not open to the commitment")
        elif len(d) == 5:
            # The owner has the file; whoever checks it hashes it with this secret.
            out.append(f"body {n}: a file of {d[2]} bytes, not in the proof; its secret is")
            if not item in doc["blobs"]:
                raise Bad(f"body {n} stands in the wrong list")
            continue
        else:
            raise Bad(f"body {n} has neither text nor stored bytes")
        if (len(d) == 5) != (item in doc["blobs"]):
            raise Bad(f"body {n} stands in the wrong list")
        out.append(f"body {n}: kind {d[0]} version {d[1]}, {len(plain)} bytes, commitment fits")
    trust = "the key given" if trusted else "the key inside the proof (compare it with one from elsewhere: --vkey)"
    return out + [f"ok: entry {index} of {origin}, {header[7]}, in the tree of {size} entries, "
                  f"root {base64.b64encode(root).decode()}, signed by {trust}"]
