# SPDX-License-Identifier: MIT
"""Random JSON documents, laid out in every way that JSON allows, and random entries that hit them."""
import json
import random

from json_model import Entry

KEYS = ["a", "b", "c", "0", "1", "é", "k.d", ""]
NUMBERS = ["0", "-0", "7", "-12", "1.50", "1e5", "2E-3", "123456789012345678901234567890", "0.1e+10"]
TEXTS = ["", "x", "Doe^Jane", "é名", "q\"\\\n\t", "\u0001", "2020-02-20", "𝄞"]
BLANKS = ["", "", "", " ", "\n", "\n  ", "\t", "\r\n", "  "]


def spell(r, text):
    """A string token: any character may come as an escape."""
    out = json.dumps(text, ensure_ascii=r.random() < 0.5)
    if text and r.random() < 0.2:
        first = text[0].encode("utf-16-be")
        units = [first[i:i + 2].hex() for i in range(0, len(first), 2)]
        out = '"' + "".join("\\u" + (u.upper() if r.random() < 0.5 else u) for u in units) + \
            json.dumps(text[1:])[1:]
    return out


def value(r, depth):
    kind = r.random()
    if depth > 0 and kind < 0.55:
        return container(r, depth)
    if kind < 0.75:
        return spell(r, r.choice(TEXTS))
    if kind < 0.9:
        return r.choice(NUMBERS)
    return r.choice(["true", "false", "null"])


def container(r, depth):
    b = lambda: r.choice(BLANKS)
    n = r.choice([0, 1, 1, 2, 3, 4])
    if r.random() < 0.35:
        return "[" + b() + ",".join(b() + value(r, depth - 1) + b() for _ in range(n)) + b() + "]"
    keys = [r.choice(KEYS) for _ in range(n)]
    return "{" + b() + ",".join(
        b() + spell(r, k) + b() + ":" + b() + value(r, depth - 1) + b() for k in keys) + b() + "}"


def document(r):
    return r.choice(BLANKS) + container(r, 4) + r.choice(BLANKS)


def name(r, creates):
    """An entry that appends further than one is not made: members of one list are made in the order of the
    names' first appearance, and the model takes the entries one by one."""
    steps = ["a", "b", "c", "0", "é", "*"] + ([] if creates else ["1", "2"])
    return ".".join(r.choice(steps) for _ in range(r.choice([1, 1, 2, 2, 3])))


REGEXES = ["a", ".*b$", r".*\.\d+$", "0|1", "c.*", ".*", r"[^.]*\.a"]
VALUES = ["R", "", 5, 2.5, True, {"a": "n", "b": {"c": "m"}}, {"0": 1}, [{"a": 1}, "t"], {}]


def entry(r):
    action = r.choice(["remove", "replace-with", "replace-with", "hash", "hash", "keep"])
    insert = r.random() < 0.7
    creates = action == "replace-with" and insert
    where = {"regex": r.choice(REGEXES)} if r.random() < 0.25 else {"name": name(r, creates)}
    return Entry(action, value=r.choice(VALUES), insert=insert,
                 on_error=r.choice(["keep", "remove"]), **where)


def entries(r):
    return [entry(r) for _ in range(r.randint(1, 5))]


def seeded(n):
    return random.Random(n)
