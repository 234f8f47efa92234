# SPDX-License-Identifier: MIT
"""Runs golden cases: a profile, inputs, and what must come out, one case a line of a JSON Lines file.

The file is $DEID_GOLDEN, else ../shared/golden/open.jsonl beside the source tree; without it the test is
skipped. Cases in not-yet.txt (an id and a word why) may fail, and must be taken off the list once they pass.

By hand:  /usr/bin/python3 tests/golden/run_golden.py --build BUILD [--section S] [--id ID] [-v]
"""
import argparse
import base64
import collections
import io
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)

STATUS = {"ok": 0, "skipped": 0, "failed": 1, "profile-error": 2}
REPORT = "r.jsonl"
CASE_KEYS = {"id", "section", "profile", "profile_text", "inputs", "files", "args", "argv", "command", "may_write",
             "then", "expect", "differs_from_reference", "why", "confidence"}
EXPECT_KEYS = {"outcome", "outputs", "in_after", "extra", "phi", "stdout_regex", "output_regex", "report_regex"}


def load(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def load_not_yet():
    out = {}
    with open(os.path.join(HERE, "not-yet.txt"), encoding="utf-8") as f:
        for line in f:
            words = line.split("#")[0].split()
            if words:
                out[words[0]] = words[1] if len(words) > 1 else "?"
    return out


# ---- one step of one case ------------------------------------------------------------------------


def input_bytes(spec):
    import dicom_model
    if "text" in spec:
        return spec["text"].encode("utf-8")
    if "base64" in spec:
        return base64.b64decode(spec["base64"])
    if "dicom_json" in spec:
        return dicom_model.to_file(spec["dicom_json"])
    if "zip_members" in spec:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for m in spec["zip_members"]:
                z.writestr(m["name"], m["text"])
            z.comment = spec.get("comment", "").encode("utf-8")
        return out.getvalue()
    raise ValueError("an input of no known kind: %s" % sorted(spec))


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def tree(root):
    out = {}
    for folder, _, names in os.walk(root):
        for n in names:
            p = os.path.join(folder, n)
            with open(p, "rb") as f:
                out[os.path.relpath(p, root)] = f.read()
    return out


class Step:
    """One run of the program in a folder of its own, and the judgement of what it left."""

    def __init__(self, folder, spec, inputs, files, tool):
        self.folder, self.spec, self.inputs, self.tool = folder, spec, inputs, tool
        self.expect = spec["expect"]
        self.complaints = []
        os.makedirs(os.path.join(folder, "in"))
        for name, data in inputs.items():
            put(os.path.join(folder, "in", name), data)
        for name, text in files.items():
            put(os.path.join(folder, name), text.encode("utf-8"))
        if "profile" in spec or "profile_text" in spec:
            text = spec["profile_text"] if "profile_text" in spec else json.dumps(spec["profile"], ensure_ascii=False)
            put(os.path.join(folder, "profile.yaml"), text.encode("utf-8"))
        self.before = tree(folder)

    def argv(self):
        args = [str(a) for a in self.spec.get("args", [])]
        if "argv" in self.spec:
            return [str(a) for a in self.spec["argv"]]
        if self.spec.get("command", "run") == "check":
            return ["check", "-p", "profile.yaml"] + args
        return ["run", "-p", "profile.yaml", "-o", "out", "--report", REPORT] + args + \
            ["--"] + ["in/" + n for n in self.inputs]

    def run(self):
        env = dict(os.environ, DEID_PLUGIN_PATH=self.tool["plugins"])
        try:
            done = subprocess.run([self.tool["deid"]] + self.argv(), cwd=self.folder, env=env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            self.complaints.append("did not end within two minutes")
            return {}
        self.status, self.out, self.err = done.returncode, _decode(done.stdout), _decode(done.stderr)
        after = tree(self.folder)
        self.judge(after)
        return {n[4:]: d for n, d in after.items() if n.startswith("out/")}

    def judge(self, after):
        self.complaints += ["unknown key: expect.%s" % k for k in set(self.expect) - EXPECT_KEYS]
        want = STATUS[self.expect["outcome"]]
        if self.status != want:
            self.complaints.append("exit status %d, wanted %d (%s)" % (self.status, want, self.expect["outcome"]))
        self.judge_folder("out", after, self.expect.get("outputs", []))
        if "in_after" in self.expect:
            self.judge_folder("in", after, self.expect["in_after"])
        elif {n: d for n, d in after.items() if n.startswith("in/")} != \
                {n: d for n, d in self.before.items() if n.startswith("in/")}:
            self.complaints.append("the inputs were touched")
        self.judge_others(after)
        self.judge_report(after.get(REPORT))
        self.judge_texts(_decode(after.get(REPORT, b"")))

    def judge_folder(self, folder, after, specs):
        from checks import file_complaints
        got = {n[len(folder) + 1:]: d for n, d in after.items() if n.startswith(folder + "/")}
        wanted = [s["name"] for s in specs]
        for name in sorted(set(got) - set(wanted)):
            self.complaints.append("%s/%s: unexpected" % (folder, name))
        for spec in specs:
            if spec["name"] not in got:
                self.complaints.append("%s/%s: missing" % (folder, spec["name"]))
            else:
                self.complaints += ["%s/%s: %s" % (folder, spec["name"], c)
                                    for c in file_complaints(got[spec["name"]], spec)]

    def judge_others(self, after):
        """Files beside in, out and the report: as they were, or asked for."""
        from checks import file_complaints
        extra = {s["name"]: s for s in self.expect.get("extra", [])}
        allowed = set(extra) | set(self.spec.get("may_write", [])) | {REPORT}
        for name in sorted(set(after) | set(self.before)):
            if name.startswith(("in/", "out/")) or name in allowed:
                continue
            if after.get(name) != self.before.get(name):
                self.complaints.append("%s: left behind or changed" % name)
        for name, spec in extra.items():
            if name not in after:
                self.complaints.append("%s: missing" % name)
                continue
            self.complaints += ["%s: %s" % (name, c) for c in file_complaints(after[name], spec)]
            if "mode" in spec:
                want = spec["mode"] if isinstance(spec["mode"], int) else int(spec["mode"], 8)
                got = os.stat(os.path.join(self.folder, name)).st_mode & 0o7777
                if got != want:
                    self.complaints.append("%s: mode %o, wanted %o" % (name, got, want))

    def judge_report(self, report):
        argv = self.argv()
        asked = argv[0] == "run" and "--report" in argv
        outcome = self.expect["outcome"]
        if outcome == "profile-error":
            if report:
                self.complaints.append("a report was written, though nothing may be")
            return
        if report is None:
            if asked:
                self.complaints.append("no report")
            return
        try:
            lines = [json.loads(line) for line in report.decode("utf-8").splitlines()]
        except ValueError as e:
            self.complaints.append("the report is no JSON Lines: %s" % e)
            return
        if not lines or not all(isinstance(line, dict) for line in lines):
            self.complaints.append("the report holds no objects")

    def judge_texts(self, report):
        for text in self.expect.get("phi", []):
            for where, said in (("stdout", self.out), ("stderr", self.err), ("report", report)):
                if text in said:
                    self.complaints.append("%s holds %r" % (where, text))
        for key, said in (("stdout_regex", self.out), ("output_regex", self.out + "\n" + self.err),
                          ("report_regex", report)):
            wanted = self.expect.get(key, [])
            for regex in [wanted] if isinstance(wanted, str) else wanted:
                if not re.search(regex, said):
                    self.complaints.append("%s %r not found" % (key, regex))


def _decode(data):
    return data.decode("utf-8", "replace")


# ---- cases ---------------------------------------------------------------------------------------


def run_case(job):
    """(id, section, complaints, what the program said). For a worker process."""
    case, tool = job
    folder = tempfile.mkdtemp(prefix="deid-test-")
    complaints, said = [], []
    try:
        unknown = set(case) - CASE_KEYS
        if unknown:
            complaints.append("unknown keys: %s" % sorted(unknown))
        inputs = {i["name"]: input_bytes(i) for i in case["inputs"]}
        for n, spec in enumerate([case] + case.get("then", [])):
            step = Step(os.path.join(folder, str(n)), spec, inputs, case.get("files", {}), tool)
            inputs = step.run()
            complaints += ["step %d: %s" % (n, c) if n else c for c in step.complaints]
            said.append("$ deid %s\nstatus %s\n%s%s" % (" ".join(step.argv()), getattr(step, "status", "?"),
                                                        getattr(step, "out", ""), getattr(step, "err", "")))
            if complaints:
                break
    except Exception as e:
        complaints.append("%s: %s" % (type(e).__name__, e))
    finally:
        shutil.rmtree(folder, True)
    return case["id"], case["section"], complaints, "".join(said)


def run_all(cases, tool, workers):
    import checks  # noqa: F401  before the fork: readers are loaded once
    with multiprocessing.Pool(workers) as pool:
        return pool.map(run_case, [(c, tool) for c in cases], chunksize=4)


def golden_file(src):
    return os.environ.get("DEID_GOLDEN") or os.path.join(src, "..", "shared", "golden", "open.jsonl")


def main_tap():
    import tap
    tap.needs("csv", "dicom", "json", "kv")
    path = golden_file(tap.SRC)
    if not os.path.exists(path):
        tap.skip_all("no golden cases here (DEID_GOLDEN names a file of them)")
    try:
        import pydicom  # noqa: F401
    except ImportError:
        tap.skip_all("needs python3-pydicom")
    cases, not_yet = load(path), load_not_yet()
    tool = {"deid": tap.DEID, "plugins": tap.PLUGINS}
    sections = collections.OrderedDict()
    for case_id, section, complaints, _ in run_all(cases, tool, 2):
        done = sections.setdefault(section, {"passed": 0, "waiting": 0, "bad": []})
        if not complaints and case_id in not_yet:
            done["bad"].append("%s: passes; remove it from the list not-yet.txt" % case_id)
        elif not complaints:
            done["passed"] += 1
        elif case_id in not_yet:
            done["waiting"] += 1
        else:
            done["bad"].append("%s: %s" % (case_id, complaints[0][:300]))
    for section, done in sections.items():
        tap.ok(not done["bad"], "%s: %d passed, %d not yet" % (section, done["passed"], done["waiting"]),
               "\n".join(done["bad"]))
    strangers = set(not_yet) - {c["id"] for c in cases}
    tap.note("%d cases, %d on the list of those not yet supported" % (len(cases), len(not_yet) - len(strangers)))
    tap.done()


def main_hand(args):
    build = os.path.abspath(args.build)
    tool = {"deid": os.path.join(build, "deid"), "plugins": os.path.join(build, "plugins")}
    path = args.file or golden_file(os.path.abspath(os.path.join(HERE, "..", "..")))
    if not os.path.exists(path):  # a worktree: look beside the folder that holds it
        path = golden_file(os.path.abspath(os.path.join(HERE, "..", "..", "..")))
    cases, not_yet = load(path), load_not_yet()
    if args.section:
        cases = [c for c in cases if c["section"] in args.section.split(",")]
    if args.id:
        cases = [c for c in cases if c["id"] in args.id.split(",")]
    results = run_all(cases, tool, args.jobs)
    failed = [r for r in results if r[2]]
    for case_id, section, complaints, said in failed:
        if case_id in not_yet and not args.all and not args.id:
            continue
        print("FAIL %s (%s)%s" % (case_id, section, " not yet: " + not_yet[case_id] if case_id in not_yet else ""))
        for c in complaints if args.verbose else complaints[:1]:
            print("    " + c[:2000])
        if args.verbose:
            print("    " + said.strip().replace("\n", "\n    "))
    if args.verbose and args.id:
        for c in cases:
            print(json.dumps(c, ensure_ascii=False, indent=1))
    for case_id, section, complaints, _ in results:
        if not complaints and case_id in not_yet:
            print("PASSES, remove it from not-yet.txt: %s (%s)" % (case_id, section))
    by_section = collections.Counter(r[1] for r in failed)
    total = collections.Counter(r[1] for r in results)
    print(", ".join("%s %d/%d" % (s, total[s] - by_section[s], total[s]) for s in total))
    print("%d cases: %d pass, %d fail, of these %d on the list not-yet.txt" % (
        len(results), len(results) - len(failed), len(failed), sum(1 for r in failed if r[0] in not_yet)))
    return 1 if any(r[0] not in not_yet for r in failed) else 0


def main():
    if len(sys.argv) == 1:
        main_tap()
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", default="build", help="the build folder")
    ap.add_argument("--file", help="the file of cases")
    ap.add_argument("--section", help="only these sections, separated by commas")
    ap.add_argument("--id", help="only these cases")
    ap.add_argument("--all", action="store_true", help="show failures on the list not-yet.txt too")
    ap.add_argument("-j", "--jobs", type=int, default=2)
    ap.add_argument("-v", "--verbose", action="store_true")
    sys.exit(main_hand(ap.parse_args()))


if __name__ == "__main__":
    main()
