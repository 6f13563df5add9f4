"""Sections 2, 6 and 8: sealing, the tree, signed notes, and software passkeys for the assertions."""
import base64, functools, hashlib, hmac, json, os

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256

from . import cbor

CHUNK = 65536


def H(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def commit(secret, plain):
    return H(b"ostoja/body/1", secret, plain)


def _cipher(secret, commitment):
    return ChaCha20Poly1305(hmac.new(secret, b"ostoja/key/1" + commitment + b"\x01", "sha256").digest())


def seal(secret, plain, commitment):
    return _cipher(secret, commitment).encrypt(bytes(12), plain, None)


def seal_blob(secret, plain, commitment):
    cuts = list(range(0, len(plain), CHUNK)) or [0]
    cipher = _cipher(secret, commitment)
    return b"".join(cipher.encrypt(n.to_bytes(11, "big") + bytes([at == cuts[-1]]), plain[at:at + CHUNK], None)
                    for n, at in enumerate(cuts))


@functools.lru_cache(20000)
def opened(secret, stored, commitment, detached=False):
    """The plaintext if the slot really is this body's secret, else None. (The model asks the same often.)"""
    if secret is None:
        return None
    cipher = _cipher(secret, commitment)
    try:
        if not detached:
            plain = cipher.decrypt(bytes(12), bytes(stored), None)
        else:
            cuts = list(range(0, len(stored), CHUNK + 16)) or [0]
            plain = b"".join(cipher.decrypt(n.to_bytes(11, "big") + bytes([at == cuts[-1]]),
                                            bytes(stored[at:at + CHUNK + 16]), None) for n, at in enumerate(cuts))
    except (InvalidTag, ValueError):
        return None
    return plain if commit(secret, plain) == commitment else None


# ---- RFC 6962

def leaf(header):
    return H(b"\0", header)


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    return _root(tuple(leaves))


@functools.lru_cache(20000)
def _root(leaves):
    if not leaves:
        return H()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return H(b"\1", _root(leaves[:k]), _root(leaves[k:]))


def path(index, leaves):
    """Inclusion path, from the leaf upwards."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return path(index, leaves[:k]) + [root(leaves[k:])]
    return path(index - k, leaves[k:]) + [root(leaves[:k])]


# ---- signed note

class LogKey:
    def __init__(self, origin):
        self.origin, self.private = origin, Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes_raw()
        self.key_id = H(origin.encode(), b"\n\x01", self.public)[:4]

    def vkey(self):
        tail = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.origin}+{self.key_id.hex()}+{tail}\n"

    def note(self, size, root_hash):
        text = f"{self.origin}\n{size}\n{base64.b64encode(root_hash).decode()}\n"
        sig = base64.b64encode(self.key_id + self.private.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.origin} {sig}\n".encode()


def read_note(data, public_of):
    """(origin, size, root) of a canonical note signed by the key `public_of` gives for its origin."""
    origin, size, b64root, _, sig_line, _ = data.decode().split("\n")
    sig = base64.b64decode(sig_line.rsplit(" ", 1)[1], validate=True)
    root_hash = base64.b64decode(b64root, validate=True)
    text = f"{origin}\n{int(size)}\n{base64.b64encode(root_hash).decode()}\n"
    if data != f"{text}\n\u2014 {origin} {base64.b64encode(sig).decode()}\n".encode():
        raise ValueError("not canonical")
    public = public_of(origin)
    if sig[:4] != H(origin.encode(), b"\n\x01", public)[:4] or not _ed25519_ok(public, sig[4:], text.encode()):
        raise ValueError("not signed by the log's key")
    return origin, int(size), root_hash


@functools.lru_cache(4096)
def _ed25519_ok(public, sig, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(sig, message)
    except InvalidSignature:
        return False
    return True


# ---- WebAuthn, as a software passkey makes it

KNOWN = {}          # COSE_Key bytes -> public key of every passkey made here


class Passkey:
    """`staff` is the pseudonym, `enrolment` the seq of the entry that enrolled the key."""

    def __init__(self, staff, enrolment=0, kind="EdDSA"):
        self.staff, self.enrolment, self.kind = staff, enrolment, kind
        if kind == "EdDSA":
            self.private = Ed25519PrivateKey.generate()
            cose = {1: 1, 3: -8, -1: 6, -2: self.private.public_key().public_bytes_raw()}
        elif kind == "ES256":
            self.private = ec.generate_private_key(ec.SECP256R1())
            n = self.private.public_key().public_numbers()
            cose = {1: 2, 3: -7, -1: 1, -2: n.x.to_bytes(32, "big"), -3: n.y.to_bytes(32, "big")}
        else:
            self.private = rsa.generate_private_key(65537, 2048)
            n = self.private.public_key().public_numbers()
            cose = {1: 3, 3: -257, -1: n.n.to_bytes(256, "big"), -2: n.e.to_bytes(3, "big")}
        self.cose = cbor.enc(cose)
        KNOWN[self.cose] = self.private.public_key()

    def assertion(self, digest, flags=0x05):
        random = os.urandom(32)
        challenge = base64.urlsafe_b64encode(H(b"ostoja/erase/1", random, digest)).rstrip(b"=").decode()
        client = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": "https://modrzewie.example",
                             "crossOrigin": False}, separators=(",", ":")).encode()
        auth = H(b"modrzewie.example") + bytes([flags]) + (7).to_bytes(4, "big")
        message = auth + H(client)
        if self.kind == "EdDSA":
            sig = self.private.sign(message)
        elif self.kind == "ES256":
            sig = self.private.sign(message, ec.ECDSA(SHA256()))
        else:
            sig = self.private.sign(message, padding.PKCS1v15(), SHA256())
        return {0: self.staff, 1: self.enrolment, 2: self.cose, 3: auth, 4: client, 5: sig, 6: random}


@functools.lru_cache(4096)
def _signature_ok(cose, sig, message):
    public = KNOWN[cose]
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(sig, message)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(sig, message, ec.ECDSA(SHA256()))
        else:
            public.verify(sig, message, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def assertion_ok(a, digest):
    """By a key the model made itself; reading foreign COSE keys is the reader's business."""
    client = json.loads(a[4])
    challenge = base64.urlsafe_b64encode(H(b"ostoja/erase/1", a[6], digest)).rstrip(b"=").decode()
    return (client["type"] == "webauthn.get" and client["challenge"] == challenge and a[3][32] & 5 == 5
            and a[2] in KNOWN and _signature_ok(a[2], a[5], a[3] + H(a[4])))
