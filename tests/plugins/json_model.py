# SPDX-License-Identifier: MIT
"""What entries do to a JSON document, said the slow way: on a tree, one entry after the other.

A removed member leaves a gap (None), so that later entries may fill its place and list indices stay those of
the input. Leaves are ("n", spelling), ("s", text), ("b", "true"), ("z",).
"""
import hashlib
import json
import re

REMOVED = None


class Obj:
    def __init__(self, members):
        self.members = members  # [[key, node or None], …]


class Arr:
    def __init__(self, items):
        self.members = [[str(i), n] for i, n in enumerate(items)]


def is_index(step):
    return re.fullmatch("0|[1-9][0-9]{0,17}", step) is not None


def parse(text):
    """A tree that keeps number spellings, duplicate keys and the order of keys."""
    def pairs(p):
        return Obj([[k, v] for k, v in p])

    def fix(v):
        if isinstance(v, Obj):
            for m in v.members:
                m[1] = fix(m[1])
            return v
        if isinstance(v, list):
            return Arr([fix(x) for x in v])
        if isinstance(v, tuple):
            return v
        if isinstance(v, bool):
            return ("b", "true" if v else "false")
        return ("z",) if v is None else ("s", v)

    def number(s):
        return ("n", s)

    return fix(json.loads(text, object_pairs_hook=pairs, parse_int=number, parse_float=number))


def plain(node):
    """For comparing: the order of keys does not count, their number does."""
    if isinstance(node, Obj):
        return ("obj", sorted(((k, plain(n)) for k, n in node.members if n is not REMOVED), key=repr))
    if isinstance(node, Arr):
        return ("arr", [plain(n) for _, n in node.members if n is not REMOVED])
    return node


class Entry:
    def __init__(self, action, name=None, regex=None, value=None, insert=True, on_error="keep"):
        self.action, self.name, self.regex, self.value = action, name, regex, value
        self.insert, self.on_error = insert, on_error

    def yaml(self):
        out = {"on-error": self.on_error}
        if self.name is not None:
            out["name"] = self.name
        else:
            out["regex"] = self.regex
        if self.action == "replace-with":
            out["replace-with"] = self.value
            out["replace-with-insert"] = self.insert
        else:
            out[self.action] = True
        return out

    def act(self, node, many):
        """The node that takes the place of node."""
        container = isinstance(node, (Obj, Arr))
        if self.action == "remove":
            return REMOVED
        if self.action == "replace-with":
            return parse(json.dumps(self.value))
        if self.action != "hash" or (container and many):
            return node
        if container:
            return REMOVED if self.on_error == "remove" else node
        text = node[1] if len(node) > 1 else ""
        return ("s", hashlib.sha256(text.encode()).hexdigest()[:16]) if text else node

    def apply(self, root):
        if self.regex is not None:
            self._walk(root, None)
        else:
            steps = self.name.split(".")
            self._place(root, steps, "*" in steps)

    def _creates(self):
        return self.action == "replace-with" and self.insert

    def _walk(self, node, path):
        for m in node.members if isinstance(node, (Obj, Arr)) else []:
            if m[1] is REMOVED:
                continue
            here = m[0] if path is None else path + "." + m[0]
            if re.match(self.regex, here):
                old, m[1] = m[1], self.act(m[1], True)
                if m[1] is not old:
                    continue
            self._walk(m[1], here)

    def _place(self, node, steps, many):
        if not isinstance(node, (Obj, Arr)):
            return  # a scalar: nothing is below, and nothing can be made there
        step, rest = steps[0], steps[1:]
        for m in [m for m in node.members if step in ("*", m[0])]:
            if m[1] is REMOVED:
                if step != "*":
                    m[1] = self._make(rest)
            elif rest:
                self._place(m[1], rest, many)
            else:
                m[1] = self.act(m[1], many)
        if step == "*" or any(m[0] == step for m in node.members):
            return
        if isinstance(node, Arr) and step != str(len(node.members)):
            return
        made = self._make(rest)
        if made is not None:
            node.members.append([step, made])

    def _make(self, rest):
        if not self._creates() or "*" in rest:
            return None
        if not rest:
            return parse(json.dumps(self.value))
        below = self._make(rest[1:])
        if below is None or (is_index(rest[0]) and rest[0] != "0"):
            return None
        return Arr([below]) if rest[0] == "0" else Obj([[rest[0], below]])
