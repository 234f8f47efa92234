# SPDX-License-Identifier: MIT
"""Random entries on random documents against a model that works on a tree, one entry after the other."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import json_model
import random_json
import tap

ROUNDS = int(os.environ.get("DEID_TEST_ROUNDS", "60"))
EACH = 40


def one_round(seed):
    r = random_json.seeded(seed)
    entries = random_json.entries(r)
    texts = {"%d.json" % i: random_json.document(r) for i in range(EACH)}
    out, _, result = batch.run({"json": {"fields": [e.yaml() for e in entries]}},
                               {k: v.encode("utf-8") for k, v in texts.items()})
    said = "seed %d, entries %r\n" % (seed, [e.yaml() for e in entries])
    if result.status != 0:
        return said + result.err
    for name, text in texts.items():
        tree = json_model.parse(text)
        before = json_model.plain(tree)
        for e in entries:
            e.apply(tree)
        want = json_model.plain(tree)
        try:
            got = json_model.plain(json_model.parse(out[name].decode("utf-8")))
        except (ValueError, KeyError) as e:
            return said + "%r gave %r: %s" % (text, out.get(name), e)
        if got != want:
            return said + "%r gave %r\nwant %r" % (text, out[name].decode("utf-8"), want)
        if want == before and not any(e.action == "replace-with" for e in entries) and \
                out[name].decode("utf-8") != text:
            return said + "%r was touched: %r" % (text, out[name])
    return None


for seed in range(ROUNDS):
    why = one_round(seed)
    if not tap.ok(why is None, "%d documents, entries of seed %d" % (EACH, seed), why or ""):
        break
tap.done()
