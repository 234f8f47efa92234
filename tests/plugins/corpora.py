# SPDX-License-Identifier: MIT
"""Public collections of files, where somebody has put them: $DEID_CORPORA, else ../shared/data/files beside the
source tree. Tests that read them have the main cases in themselves too."""
import os

import batch
import tap

ROOT = os.environ.get("DEID_CORPORA") or os.path.join(tap.SRC, "..", "shared", "data", "files")


def files(end, *folders):
    """{path below the root: bytes} of the files with this ending in some of the root's folders; all when none is
    named."""
    found = {}
    for folder in folders or sorted(os.listdir(ROOT) if os.path.isdir(ROOT) else []):
        for path, data in tap.tree(os.path.join(ROOT, folder)).items():
            if path.endswith(end):
                found[os.path.join(folder, path)] = data
    return found


def unchanged(what, profiles, cases, end):
    """cases: {name: (bytes, verdict)}; verdict True: well-formed, passes unchanged; False: refused, with a code; None:
    either. Every profile (none of which changes anything) gives the same verdict."""
    names = {name: "%04d%s" % (i, end) for i, name in enumerate(cases)}
    first = None
    for label, profile in profiles:
        out, lines, r = batch.run(profile, {names[n]: data for n, (data, _) in cases.items()})
        wrong = []
        for name, (data, good) in cases.items():
            got, line = out.get(names[name]), lines.get(names[name], {})
            if got is not None and got != data:
                wrong.append("%s: changed" % name)
            elif good is not None and (got is not None) != good:
                wrong.append("%s: %s" % (name, "taken" if got is not None else line.get("reason")))
            elif got is None and (line.get("code") not in ("format", "truncated", "limit", "unsupported") or
                                  not line.get("reason")):
                wrong.append("%s: fails with %r" % (name, line))
        tap.ok(not wrong and len(lines) == len(cases), "%s, %s: %d files" % (what, label, len(cases)),
               "\n".join(wrong[:20]) or r)
        first = set(out) if first is None else first
        tap.is_(sorted(set(out) ^ first), [], "… and the verdicts are those without entries")
