#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares deid with cp, dcmodify and gdcmanon on the same job, and writes a table in Markdown.

bench/run.sh builds what this needs and calls it. The rules: all tools run in turn in one session, on warm
caches, into a folder that is removed before every run; nobody forces data to disk in the main table (deid has
--no-sync, the others never do); before anything is timed, what each tool wrote is read back and must hold the
job's values. Times are of whole processes; memory is the peak that the kernel counted for the process.
"""
import argparse
import glob
import hashlib
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import makedata  # noqa: E402
import textbench  # noqa: E402

# The job: remove 10, replace 3, hash 3 UIDs, shift 4 dates.
REMOVE = {"InstitutionAddress": "0008,0081", "ReferringPhysicianName": "0008,0090", "StationName": "0008,1010",
          "InstitutionalDepartmentName": "0008,1040", "PerformingPhysicianName": "0008,1050",
          "OperatorsName": "0008,1070", "PatientAge": "0010,1010", "PatientAddress": "0010,1040",
          "PatientTelephoneNumbers": "0010,2154", "PatientComments": "0010,4000"}
REPLACE = {"InstitutionName": ("0008,0080", "Site 1"), "PatientName": ("0010,0010", "Anonymous"),
           "PatientID": ("0010,0020", "SUBJ-01")}
UIDS = {"SOPInstanceUID": "0008,0018", "StudyInstanceUID": "0020,000d", "SeriesInstanceUID": "0020,000e"}
DATES = {"StudyDate": ("0008,0020", "20230326"), "SeriesDate": ("0008,0021", "20230327"),
         "AcquisitionDate": ("0008,0022", "20230328"), "ContentDate": ("0008,0023", "20230329")}
SHIFT, SALT = -17, "bench"
# The peers cannot hash: they write a value of the same length instead.
PEER_UID = "2.999.123456.123456.123456.123456.123456.123456.1"


def note(text):
    print(text, file=sys.stderr, flush=True)


def hashuid(uid):
    """profile language, 4.4, with the default prefix and suffix."""
    parts = uid.split(".")
    digits = "".join(str(b) for b in hashlib.sha256((SALT + uid).encode()).digest())
    groups = [digits[6 * k:6 * k + 6] for k in range(6)]
    groups = ["1" + g[1:] if g[0] == "0" else g for g in groups]
    return ".".join(parts[:4] + groups + [parts[-1][-6:]])


def profile_text():
    lines = ["name: bench", "dicom:", "  salt: %s" % SALT, "  date-increment: %d" % SHIFT, "  fields:"]
    lines += ["  - {name: %s, remove: true}" % n for n in REMOVE]
    lines += ['  - {name: %s, replace-with: "%s"}' % (n, v) for n, (_, v) in REPLACE.items()]
    lines += ["  - {name: %s, hashuid: true}" % n for n in UIDS]
    lines += ["  - {name: %s, increment-date: true}" % n for n in DATES]
    return "\n".join(lines) + "\n"


SPANS_PROFILE = """name: spans
dicom:
  fields:
  - {name: PerFrameFunctionalGroupsSequence.*.FrameComments, replace-with: "seen by nobody"}
csv:
  fields:
  - {name: name, replace-with: "nobody"}
"""


class Bench:
    def __init__(self, options):
        self.o = options
        self.dir = tempfile.mkdtemp(prefix="deid-bench-", dir=options.dir)
        self.out = os.path.join(self.dir, "out")
        self.rounds = options.rounds or (3 if options.quick else 7)
        self.job = self.write("job.yaml", profile_text())
        self.spans = self.write("spans.yaml", SPANS_PROFILE)

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return path

    def path(self, name):
        return os.path.join(self.dir, name)

    def make(self):
        quick = self.o.quick
        note("making data in " + self.dir)
        makedata.ct_files(self.path("many"), 100 if quick else 2000)
        makedata.enhanced_files(self.path("enhanced"), 2 if quick else 20, (1 if quick else 7) << 20)
        makedata.multiframe_file(self.path("large"), (64 if quick else 1024) << 20)
        makedata.small_file(self.path("small"))
        makedata.spans_dicom(self.path("spans-dicom"), 10000 if quick else 100000, 2000)
        makedata.spans_csv(self.path("spans-csv"), 10000 if quick else 100000, 2000)

    # ---- commands ----

    def deid(self, what, *options, profile=None):
        command = [self.o.deid]
        if self.o.plugin_dir:
            command += ["--plugin-dir", self.o.plugin_dir]
        return command + ["run", "-q", "-p", profile or self.job, "-o", self.out, *options, self.path(what)]

    def cp(self, what):
        return ["cp", "-r", self.path(what), self.out]

    def cp_twice(self, what):
        both = "mkdir %s && { cp -r %s/a %s & cp -r %s/b %s & wait; }"
        return ["sh", "-c", both % (self.out, self.path(what), self.out, self.path(what), self.out)]

    def dcmodify(self, _):
        command = ["dcmodify", "-nb", "-q"]
        for tag in REMOVE.values():
            command += ["-e", "(%s)" % tag]
        for tag, value in list(REPLACE.values()) + list(DATES.values()):
            command += ["-m", "(%s)=%s" % (tag, value)]
        for tag in UIDS.values():
            command += ["-m", "(%s)=%s" % (tag, PEER_UID)]
        return command + sorted(glob.glob(self.out + "/**/*.dcm", recursive=True))

    def cp_dcmodify(self, what):
        """What it takes to leave the input alone, as the others do."""
        edit = " ".join(shlex.quote(w) for w in self.dcmodify(what)[:3 + 2 * (len(REMOVE) + len(REPLACE) +
                                                                              len(DATES) + len(UIDS))])
        return ["sh", "-c", "cp -r %s %s && find %s -name '*.dcm' -exec %s {} +" %
                (self.path(what), self.out, self.out, edit)]

    def gdcmanon(self, what):
        command = ["gdcmanon", "--dumb", "-r"]
        for tag in REMOVE.values():
            command += ["--remove", tag]
        for tag, value in list(REPLACE.values()) + list(DATES.values()):
            command += ["--replace", "%s=%s" % (tag, value)]
        for tag in UIDS.values():
            command += ["--replace", "%s=%s" % (tag, PEER_UID)]
        return command + ["-i", self.path(what), "-o", self.out]

    # ---- running ----

    def prepare(self, tool, what):
        """An empty place for the output; dcmodify works in place, so it gets a copy, which is not timed."""
        shutil.rmtree(self.out, ignore_errors=True)
        if tool == "dcmodify":
            subprocess.run(self.cp(what), check=True)
        elif tool == "gdcmanon":
            os.mkdir(self.out)

    def run(self, command):
        """(seconds, peak in KiB) of a command."""
        result = self.path("measured")
        log = self.path("log")
        with open(log, "wb") as f:
            subprocess.run([self.o.measure, result, *command], stdin=subprocess.DEVNULL, stdout=f, stderr=f,
                           check=True)
        with open(result, encoding="ascii") as f:
            seconds, peak, status = f.read().split()
        if int(status) != 0:
            with open(log, errors="replace") as f:
                sys.exit("failed with status %s: %s\n%s" % (status, " ".join(command)[:400], f.read()[-2000:]))
        return float(seconds), int(peak)

    def measure(self, what, tools, rounds=None, verify=None):
        """{tool: [(seconds, peak), …]}. The tools take turns, each round beginning with another one; the
        round before the first, which warms the caches, is the one whose output is read back."""
        names = list(tools)
        results = {name: [] for name in names}
        for turn in range(-1, rounds or self.rounds):
            for k in range(len(names)):
                name = names[(k + turn) % len(names)]
                self.prepare(name.split()[0], what)
                os.sync()  # or the write-back of one tool's output is paid by the next
                measured = self.run(tools[name](what))
                if turn < 0 and verify:
                    verify(name, what)
                elif turn >= 0:
                    results[name].append(measured)
            note("%s: round %d of %d" % (what, turn + 1, rounds or self.rounds))
        shutil.rmtree(self.out, ignore_errors=True)
        return results

    # ---- reading back ----

    def verify(self, tool, what):
        """Every output against its input: the job's values, and the pixel data. Reading hundreds of thousands
        of nested elements takes pydicom minutes, so those are compared in one file of each kind of length."""
        if tool.startswith("cp"):
            return
        mine = tool.startswith("deid")
        inputs = {}
        for k, path in enumerate(sorted(glob.glob(self.path(what) + "/**/*.dcm", recursive=True))):
            ds, at = read_header(path, what == "enhanced" and k > 1)
            relative = os.path.relpath(path, self.path(what))
            if mine:
                name = "%s.%s.dcm" % (hashuid(ds.SOPInstanceUID), ds.Modality)
                relative = os.path.join(os.path.dirname(relative), name)
            inputs[relative] = (path, ds, at)
        outputs = {os.path.relpath(p, self.out) for p in glob.glob(self.out + "/**/*", recursive=True)
                   if os.path.isfile(p)}
        if outputs != set(inputs):
            sys.exit("%s: %d outputs for %d inputs, or other names" % (tool, len(outputs), len(inputs)))
        for relative, (path, before, at) in inputs.items():
            after, end = read_header(os.path.join(self.out, relative), at is None)
            if at is None:
                at, end = tail_of(path, before), tail_of(os.path.join(self.out, relative), before)
            expected = {n: v for n, (_, v) in list(REPLACE.items()) + list(DATES.items())}
            expected.update({n: hashuid(before[n].value) if mine else PEER_UID for n in UIDS})
            wrong = [n for n in REMOVE if n in after] + [n for n, v in expected.items() if after.get(n) != v]
            others = [e.tag for e in before if e.keyword not in REMOVE and e.keyword not in expected and
                      after.get(e.tag) != e]
            if wrong or others or not same_rest(path, at, os.path.join(self.out, relative), end):
                sys.exit("%s: %s: wrong %s, changed %s, or the pixel data differ" %
                         (tool, relative, wrong, others))

    def verify_spans(self, tool, what):
        if tool.startswith("cp"):
            return
        old = glob.glob(self.path(what) + "/*")
        new = glob.glob(self.out + "/*")
        before, after = (open(p, "rb").read() for p in (old[0], new[0]))
        if what == "spans-csv":
            wanted = b"\n".join(b",".join([r.split(b",", 2)[0], b"nobody" if i else b"name", r.split(b",", 2)[2]])
                                if r else r for i, r in enumerate(before.split(b"\n")))
            if after != wanted:
                sys.exit("spans-csv: not the expected bytes")
            return
        import pydicom
        items = pydicom.dcmread(new[0]).PerFrameFunctionalGroupsSequence
        source = pydicom.dcmread(old[0]).PerFrameFunctionalGroupsSequence
        if len(items) != len(source) or any(a.FrameComments != "seen by nobody" or
                                            a.SpectroscopyData != b.SpectroscopyData
                                            for a, b in zip(items, source)):
            sys.exit("spans-dicom: an item is not as expected")

    # ---- the report ----

    def tools(self, folders):
        tools = {"cp -r": self.cp,
                 "deid -j1": lambda w: self.deid(w, "-j1", "--no-sync")}
        if folders:
            tools["deid -j2"] = lambda w: self.deid(w, "-j2", "--no-sync")
            tools["cp -r, two halves side by side"] = self.cp_twice
        if shutil.which("dcmodify"):
            tools["dcmodify"] = self.dcmodify
            tools["copy, then dcmodify"] = self.cp_dcmodify
        if shutil.which("gdcmanon"):
            tools["gdcmanon"] = self.gdcmanon
        return tools

    def synced(self):
        def cp_sync(what):
            return ["sh", "-c", "cp -r %s %s && sync -f %s" % (self.path(what), self.out, self.out)]
        return {"cp -r, then sync -f": cp_sync,
                "deid -j1": lambda w: self.deid(w, "-j1"),
                "deid -j2": lambda w: self.deid(w, "-j2")}


def read_header(path, top=False):
    """The elements before PixelData, and where PixelData begins; top: those before the functional groups, and
    None."""
    import pydicom
    from pydicom.filereader import read_partial
    with open(path, "rb") as f:
        if top:
            return read_partial(f, stop_when=lambda tag, vr, length: tag >= 0x52000000), None
        return pydicom.dcmread(f, stop_before_pixels=True), f.tell()


def tail_of(path, ds):
    """Where the 16-bit pixel values begin, which end the file."""
    return os.path.getsize(path) - 2 * ds.Rows * ds.Columns * int(ds.NumberOfFrames)


def same_rest(a, at, b, bt):
    """Whether two files have the same bytes from these offsets on."""
    with open(a, "rb") as f, open(b, "rb") as g:
        f.seek(at)
        g.seek(bt)
        while True:
            x, y = f.read(1 << 20), g.read(1 << 20)
            if x != y:
                return False
            if not x:
                return True


def table(title, results, base):
    """Markdown of one case; medians, spread, ratio to the first tool, peak."""
    unit, scale = ("ms", 1000) if statistics.median(s for s, _ in results[base]) < 0.1 else ("s", 1)
    lines = ["", "### " + title, "",
             "| tool | median %s | min–max | of `%s` | peak MiB |" % (unit, base), "|---|---:|---:|---:|---:|"]
    floor = statistics.median(s for s, _ in results[base])
    for tool, runs in results.items():
        times = [s for s, _ in runs]
        lines.append("| %s | %.3f | %.3f–%.3f | %.2f | %.1f |" % (
            tool, statistics.median(times) * scale, min(times) * scale, max(times) * scale,
            statistics.median(times) / floor, max(p for _, p in runs) / 1024))
    return "\n".join(lines)


def median(results, tool):
    return statistics.median(s for s, _ in results[tool]) if tool in results else None


def peak(results, tool):
    return max(p for _, p in results[tool]) / 1024


def goals(r):
    """[(what is wanted, what was measured, the bound, whether that is the least)] for what was measured."""
    def ratio(case, a, b):
        return median(r[case], a) / median(r[case], b) if a in r[case] and b in r[case] else None
    rows = [
        ("many small files, -j1 of cp -r", ratio("many", "deid -j1", "cp -r"), 1.3),
        ("many small files, -j2 of -j1", ratio("many", "deid -j2", "deid -j1"), 0.75),
        ("many small files, -j1 of copy and dcmodify", ratio("many", "deid -j1", "copy, then dcmodify"), 1),
        ("many small files, -j1 of gdcmanon", ratio("many", "deid -j1", "gdcmanon"), 1),
        ("enhanced headers, -j1 of cp -r", ratio("enhanced", "deid -j1", "cp -r"), 3),
        ("one large file, -j1 of cp -r", ratio("large", "deid -j1", "cp -r"), 1.15),
        ("one large file, peak MiB", peak(r["large"], "deid -j1"), 24),
        ("one small file, of dcmodify", ratio("small", "deid -j1", "dcmodify"), 0.5),
        ("100,000 edits in DICOM, of cp -r", ratio("spans-dicom", "deid -j1", "cp -r"), 2),
        ("100,000 edits in CSV, of cp -r", ratio("spans-csv", "deid -j1", "cp -r"), 2),
    ]
    return [row + (False,) for row in rows if row[1] is not None]


def version(*command):
    try:
        out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout
    except OSError:
        return "%s: not installed" % command[0]
    line = out.decode(errors="replace").strip().split("\n")[0].split(" $Date")[0].strip("$ ")
    return line if line[:1].isalpha() and not line[1:2].isdigit() else "%s %s" % (command[0], line)


def peers(options):
    return [(options.deid, "--version"), ("cp", "--version"), ("dcmodify", "--version"), ("gdcmanon", "--version"),
            ("sha256sum", "--version"), ("mlr", "--version"), ("jq", "--version"), ("node", "--version"),
            ("xmlstarlet", "--version")]


def machine(directory):
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    kind = version("stat", "-f", "-c", "%T", directory)
    return "%s, nproc %d, Linux %s, file system %s" % (
        model, len(os.sched_getaffinity(0)), os.uname().release, kind)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--deid", required=True, help="the program")
    p.add_argument("--plugin-dir", help="its plugins, when it is not installed")
    p.add_argument("--measure", required=True, help="bench/measure, built")
    p.add_argument("--dir", help="where to work; default: the system's temporary folder (needs 6 GB)")
    p.add_argument("--rounds", type=int, help="timed runs of each tool (default 7, at least)")
    p.add_argument("--only", choices=["dicom", "text"], help="these rows alone (dicom: all that are not about text)")
    p.add_argument("--quick", action="store_true", help="small data, 3 rounds: to see that it works")
    options = p.parse_args()
    b = Bench(options)
    try:
        report(b, options)
    finally:
        shutil.rmtree(b.dir, ignore_errors=True)


def report(b, options):
    tables, wanted = [], []
    if options.only != "text":
        b.make()
        tables, wanted = dicom_rows(b, options)
    if options.only != "dicom":
        text = textbench.Text(b)
        note("making text files in " + b.dir)
        text.make()
        text.run()
        tables += text.tables()
        wanted += text.goals(median, peak)

    print("%s" % ("Quick run: the data are small, the figures mean little.\n" if options.quick else ""), end="")
    print("Machine: %s." % machine(b.dir))
    print("Tools: %s." % "; ".join(version(*c) for c in peers(options)))
    print("Medians of %d (small file: %d), all tools in turn, warm cache, output removed before each run." %
          (b.rounds, small_rounds(b, options)))
    for title, results, base in tables:
        print(table(title, results, base))
    print("\n### Goals\n\n| what | measured | bound | |\n|---|---:|---:|---|")
    for what, value, bound, least in wanted:
        good = value >= bound if least else value <= bound
        print("| %s | %.2f | %s %g | %s |" % (what, value, "≥" if least else "≤", bound, "reached" if good else "missed"))


def small_rounds(b, options):
    return max(b.rounds, 9 if options.quick else 51)


def dicom_rows(b, options):
    """([(title, results, the tool that the others are compared with)], goals)."""
    r = {}
    r["many"] = b.measure("many", b.tools(True), verify=b.verify)
    r["enhanced"] = b.measure("enhanced", b.tools(True), verify=b.verify)
    r["large"] = b.measure("large", b.tools(False), verify=b.verify)
    r["small"] = b.measure("small", b.tools(False), rounds=small_rounds(b, options), verify=b.verify)
    plain = {k: v for k, v in b.tools(False).items() if k.startswith("cp")}
    plain["deid -j1"] = lambda w: b.deid(w, "-j1", "--no-sync", profile=b.spans)
    for case in ("spans-dicom", "spans-csv"):
        r[case] = b.measure(case, plain, verify=b.verify_spans)
    synced = b.measure("many", b.synced())
    titles = {"many": "Many small files (CT-like, 0.5 MB each; no sync)",
              "enhanced": "Enhanced multi-frame headers (nested functional groups; no sync)",
              "large": "One large multi-frame file (no sync)",
              "small": "One small file, whole process (no sync)",
              "spans-dicom": "Many small edits in one DICOM file (no sync)",
              "spans-csv": "Many small edits in one CSV file (no sync)"}
    tables = [(title, r[case], "cp -r") for case, title in titles.items()]
    tables.append(("Many small files, data forced to disk (deid's default --sync)", synced, "cp -r, then sync -f"))
    return tables, goals(r)


if __name__ == "__main__":
    main()
