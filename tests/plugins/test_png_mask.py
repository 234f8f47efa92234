# SPDX-License-Identifier: MIT
"""mask in png: every color type, depth and interlacing, with every filter. Read back by a decoder of its own."""
import os
import random
import struct
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import tap

tap.needs("image")
W, H = 43, 29
BOXES = [[8, 0, 24, 8], [30, 17, 31, 18], [35, 20, W + 10, H + 10]]
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(0, d) for d in (1, 2, 4, 8, 16)] + [(3, d) for d in (1, 2, 4, 8)] + [(c, d) for c in (2, 4, 6) for d in (8, 16)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def predict(kind, row, above, i, step):
    a, b, c = row[i - step] if i >= step else 0, above[i], above[i - step] if i >= step else 0
    if kind == 4:
        p = a + b - c
        return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
    return (0, a, b, (a + b) // 2)[kind]


def passes(interlaced):
    return PASSES if interlaced else [(0, 0, 1, 1)]


def pack(samples, depth):
    bits = "".join(format(s, "0%db" % depth) for s in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def filtered(pixels, color, depth, interlaced, rng):
    out = bytearray()
    step = max(1, CHANNELS[color] * depth // 8)
    for x0, y0, dx, dy in passes(interlaced):
        above = None
        for y in range(y0, H, dy):
            row = pack([s for x in range(x0, W, dx) for s in pixels[y][x]], depth)
            above = above or bytes(len(row))
            kind = rng.randrange(5)
            out.append(kind)
            out += bytes((row[i] - predict(kind, row, above, i, step)) % 256 for i in range(len(row)))
            above = row
    return bytes(out)


def png(pixels, color, depth, interlaced, rng, extra=b"", data=None):
    z = zlib.compress(filtered(pixels, color, depth, interlaced, rng)) if data is None else data
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, depth, color, 0, 0, interlaced))
    if color == 3:
        palette = [(200, 10 + i % 200, 30) for i in range(1 << depth)]
        palette[1] = (3, 2, 1)
        out += chunk(b"PLTE", b"".join(bytes(p) for p in palette))
    third = len(z) // 3
    return (out + extra + chunk(b"IDAT", z[:third]) + chunk(b"IDAT", b"") + chunk(b"IDAT", z[third:]) +
            chunk(b"tEXt", b"After\0x") + chunk(b"IEND", b""))


def chunks(data):
    at = 8
    while at < len(data):
        n, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + n]
        assert struct.unpack(">I", data[at + 8 + n:at + 12 + n])[0] == zlib.crc32(kind + body)
        yield kind, body
        at += 12 + n


def decode(data, color, depth, interlaced):
    raw = zlib.decompress(b"".join(b for k, b in chunks(data) if k == b"IDAT"))
    pixels = [[None] * W for _ in range(H)]
    at, n, step = 0, CHANNELS[color], max(1, CHANNELS[color] * depth // 8)
    for x0, y0, dx, dy in passes(interlaced):
        columns = range(x0, W, dx)
        size = (len(columns) * n * depth + 7) // 8
        above = bytes(size)
        for y in range(y0, H, dy):
            kind, row = raw[at], bytearray(raw[at + 1:at + 1 + size])
            for i in range(size):
                row[i] = (row[i] + predict(kind, row, above, i, step)) % 256
            bits = "".join(format(b, "08b") for b in row)
            samples = [int(bits[i * depth:(i + 1) * depth], 2) for i in range(len(columns) * n)]
            for k, x in enumerate(columns):
                pixels[y][x] = tuple(samples[k * n:k * n + n])
            at += 1 + size
            above = row
    return pixels if at == len(raw) else None


def masked(x, y, keep):
    return keep != any(b[0] <= x < b[2] and b[1] <= y < b[3] for b in BOXES)


def run(data, section=None):
    return batch.one({"png": section or {"mask": [{"remove": BOXES}]}}, data, "a.png")


rng = random.Random(1)
for color, depth in KINDS:
    top = (1 << depth) - 1
    black = {0: (0,), 2: (0, 0, 0), 3: (1,), 4: (0, top), 6: (0, 0, 0, top)}[color]
    pixels = [[tuple(rng.randrange(top + 1) for _ in range(CHANNELS[color])) for _ in range(W)] for _ in range(H)]
    for interlaced in (0, 1):
        for keep in (False, True) if depth == 8 else (False,):
            name = "color %d, %d bits%s%s" % (color, depth, ", interlaced" if interlaced else "", ", keep" if keep else "")
            data = png(pixels, color, depth, interlaced, rng)
            got, _, r = run(data, {"mask": [{"keep" if keep else "remove": BOXES}]})
            if not tap.ok(got is not None, name, r):
                continue
            after = decode(got, color, depth, interlaced)
            want = [[black if masked(x, y, keep) else pixels[y][x] for x in range(W)] for y in range(H)]
            tap.ok(after == want, name + ": black inside, everything else as it was")
            rest = [[c for c in chunks(d) if c[0] != b"IDAT"] for d in (data, got)]
            tap.ok(rest[0] == rest[1], name + ": the other chunks stay")

grey = [[(rng.randrange(256),) for _ in range(W)] for _ in range(H)]
raw = filtered(grey, 0, 8, 0, rng)


def fails(what, data, word):
    got, line, r = run(data)
    tap.ok(got is None and r.status == 1 and word in r.err + r.out + str(line), what, (line, r))


fails("an animation", png(grey, 0, 8, 0, rng, chunk(b"acTL", bytes([0, 0, 0, 1, 0, 0, 0, 0]))), "animation")
fails("a row is missing", png(grey, 0, 8, 0, rng, data=zlib.compress(raw[:-W - 1])), "end before")
fails("a row too many", png(grey, 0, 8, 0, rng, data=zlib.compress(raw + bytes(W + 1))), "more image data")
fails("no checksum", png(grey, 0, 8, 0, rng, data=zlib.compress(raw)[:-4]), "end before")
fails("a wrong checksum", png(grey, 0, 8, 0, rng, data=zlib.compress(raw)[:-1] + b"\0"), "damaged")
fails("no zlib", png(grey, 0, 8, 0, rng, data=b"x" * 99), "damaged")
fails("a filter that is not defined", png(grey, 0, 8, 0, rng, data=zlib.compress(b"\5" + raw[1:])), "filter")
huge = png(grey, 0, 8, 0, rng)
fails("a row of 2 GiB", huge[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 1, 16, 6, 0, 0, 0)) + huge[33:], "too long")
fails("a depth that is not allowed", huge[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 3, 0, 0, 0, 0)) + huge[33:], "not allowed")
fails("bytes after the image, which may show what is masked", huge + b"tail", "after the end")
tap.done()
