"""Section 1: deterministic CBOR. The decoder encodes again and refuses any other spelling."""


def _head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * width:
            return bytes([major << 5 | info]) + n.to_bytes(width, "big")
    raise ValueError("integer too large")


def enc(v):
    if v is True or v is False:
        return b"\xf5" if v else b"\xf4"
    if isinstance(v, int):
        return _head(0, v) if v >= 0 else _head(1, -1 - v)
    if isinstance(v, (bytes, bytearray)):
        return _head(2, len(v)) + bytes(v)
    if isinstance(v, str):
        raw = v.encode()
        return _head(3, len(raw)) + raw
    if isinstance(v, (list, tuple)):
        return _head(4, len(v)) + b"".join(map(enc, v))
    return _head(5, len(v)) + b"".join(k + x for k, x in sorted((enc(k), enc(x)) for k, x in v.items()))


def dec(data):
    v, end = _item(data, 0, 0)
    if end != len(data) or enc(v) != bytes(data):
        raise ValueError("not the one permitted spelling")
    return v


def _item(b, i, depth):
    major, info, i = b[i] >> 5, b[i] & 31, i + 1
    if major == 7 and info in (20, 21):
        return info == 21, i
    if info > 27 or major in (6, 7):
        raise ValueError("not allowed")
    n = info
    if info > 23:
        width = 1 << info - 24
        n, i = int.from_bytes(b[i:i + width], "big"), i + width
    if major < 2:
        return (n if major == 0 else -1 - n), i
    if n > len(b) - i or depth > 7:
        raise ValueError("too long or too deep")
    if major < 4:
        raw = bytes(b[i:i + n])
        return (raw if major == 2 else raw.decode()), i + n
    if major == 4:
        items = []
        for _ in range(n):
            v, i = _item(b, i, depth + 1)
            items.append(v)
        return items, i
    pairs = {}
    for _ in range(n):
        k, i = _item(b, i, depth + 1)
        if not isinstance(k, int) or k in pairs:
            raise ValueError("map key")
        pairs[k], i = _item(b, i, depth + 1)
    return pairs, i
