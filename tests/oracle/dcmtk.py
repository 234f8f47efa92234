# SPDX-License-Identifier: MIT
"""DCMTK's view of a file: dcmdump as {place: [text]}, places as in choose.py. And the messages of checkers."""
import collections
import re
import shutil
import subprocess

LINE = re.compile(r"^( *)\(([0-9a-f]{4}),([0-9a-f]{4})\) (\S\S) (.*)$", re.S)
TRAILER = re.compile(r"\s+#\s+(\d+|u/l),\s*\d+ \S.*$", re.S)


def have(tool):
    return shutil.which(tool) is not None


def dump(path):
    """{place: [texts]} (several: duplicates), or None when dcmdump refuses the file."""
    done = subprocess.run(["dcmdump", "-q", "-M", "+L", "-Un", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    return parse(done.stdout.decode("latin-1")) if done.returncode == 0 else None


def parse(text):
    out = collections.defaultdict(list)
    prefix, item = {0: ()}, {}
    for line in joined(text):
        m = LINE.match(line)
        depth, tag = len(m.group(1)) // 2, int(m.group(2) + m.group(3), 16)
        said = TRAILER.sub("", m.group(5)).strip()
        if tag in (0xFFFEE00D, 0xFFFEE0DD):
            continue
        if tag == 0xFFFEE000:
            item[depth] = item.get(depth, -1) + 1
            prefix[depth + 1] = prefix[depth] + (item[depth],)
            if m.group(4) == "pi":
                out[prefix[depth + 1]].append(said)
            continue
        place = prefix[depth] + (tag,)
        out[place].append(m.group(4) + " " + said)
        prefix[depth + 1] = place
        item[depth + 1] = -1
    return dict(out)


def joined(text):
    """Lines, with the continuation of a value that holds line ends put back to its first."""
    held = None
    for line in text.split("\n"):
        if LINE.match(line):
            if held is not None:
                yield held
            held = line
        elif line.startswith("# ") or not line.strip():
            continue
        elif held is not None:
            held += "\n" + line
    if held is not None:
        yield held


def value(said):
    """The text between the brackets of a dump line, or of the bytes of a UN."""
    if said.startswith("UN "):
        return bytes(int(b, 16) for b in said[3:].split("\\")).rstrip(b"\0").decode("latin-1")
    m = re.match(r"^\S\S \[(.*)\]$", said, re.S)
    return m.group(1) if m else None


def compare(before, after, changes):
    """(places compared, complaints). Group lengths and the offsets of a DICOMDIR are judged elsewhere."""
    complaints, compared = [], 0
    for place in sorted(set(before) | set(after), key=str):
        if place[-1] in (0x00041200, 0x00041202, 0x00041400, 0x00041420):
            continue
        if place[-1] & 0xFFFF == 0 and place[-1] > 0xFFFF or (len(place) == 1 and place[0] == 0x00020000):
            continue
        gone = [place[:n] for n in range(1, len(place)) if changes.get(place[:n], b"") is None]
        got = after.get(place)
        if place in changes or gone:
            want = changes.get(place)
            compared += 1
            if want is None or gone:
                if got is not None:
                    complaints.append("dcmdump: %s should be gone" % name(place))
            elif got is None or len(got) != 1 or (value(got[0]) or "").rstrip() != want.decode("ascii"):
                complaints.append("dcmdump: %s is %s, not the new value" % (name(place), got))
        elif got != before.get(place):
            complaints.append("dcmdump: %s is %r, was %r" % (name(place), got, before.get(place)))
        else:
            compared += 1
    return compared, complaints


def name(place):
    return ".".join("%08x" % p if n % 2 == 0 else str(p) for n, p in enumerate(place))


def messages(tool, path):
    """What a checker says of a file, the file's name apart."""
    done = subprocess.run([tool, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode("latin-1").replace(path, "FILE")
    return collections.Counter(line.strip() for line in text.split("\n") if line.strip())
