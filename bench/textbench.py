# SPDX-License-Identifier: MIT
"""The rows of bench.py about text formats: the same job for deid and for tools that read such files.

All of them run on one processor (taskset). What each wrote is compared with what Python says it should be: deid's
output byte by byte.
"""
import csv
import json
import os
import shlex
import shutil

import maketext

CSV_ROWS, JSON_RECORDS, XML_RECORDS, FILES, SUBJECTS, STRING = 1000000, 238000, 250000, 20000, 10000, 1 << 30

MLR = ['$id = sha256("bench" . $id)[1:16]; $visit_date = strftime(strptime($visit_date, "%Y-%m-%d") - 17 * 86400, '
       '"%Y-%m-%d")', "then", "cut", "-x", "-f", "name,phone"]
JQ = 'map(.name = "Anonymous" | .id = "x" | del(.birth, .address))'
NODE = """const fs = require('fs'), crypto = require('crypto');
const records = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
for (const r of records) {
  r.name = 'Anonymous';
  r.id = crypto.createHash('sha256').update('bench' + r.id).digest('hex').slice(0, 16);
  delete r.birth;
  delete r.address;
}
fs.writeFileSync(process.argv[3], JSON.stringify(records, null, 2));
"""
XML = ["-N", "b=urn:bench", "-u", "/b:study/b:subject/b:name", "-v", "Anonymous", "-u", "/b:study/b:subject/@id", "-v", "x",
       "-d", "/b:study/b:subject/b:birth", "-d", "/b:study/b:subject/b:address"]


class Text:
    def __init__(self, bench):
        self.b = bench
        self.part = 50 if bench.o.quick else 1
        self.profile = bench.write("text.yaml", maketext.PROFILE)
        self.node = bench.write("bench.js", NODE)
        self.plain = bench.write("plain.yaml", maketext.subject_profile(False))
        self.filled = bench.write("filled.yaml", maketext.subject_profile(True))
        self.core = str(min(os.sched_getaffinity(0)))
        self.results = {}

    def count(self, n):
        return n // self.part

    def make(self):
        for name in ("text-csv", "text-json", "text-xml", "text-string"):
            os.makedirs(self.b.path(name))
        maketext.whole(self.file("text-csv"), *self.csv(False))
        maketext.whole(self.file("text-json"), *self.json(False))
        maketext.whole(self.file("text-xml"), *self.xml(False))
        maketext.sidecars(self.b.path("text-small"), self.count(FILES))
        maketext.subjects(self.b.path("text-subjects"), self.b.path("subjects.csv"), self.count(SUBJECTS))
        maketext.string(self.file("text-string"), self.count(STRING))

    def file(self, what):
        end = {"text-csv": "csv", "text-xml": "xml"}.get(what, "json")
        return os.path.join(self.b.path(what), "big." + end)

    # What maketext.whole() and same() take.

    def csv(self, done):
        return (maketext.TABLE_DONE if done else maketext.TABLE_HEAD,
                maketext.table_row_done if done else maketext.table_row, self.count(CSV_ROWS), "")

    def json(self, done):
        return ("", maketext.record_json_done if done else maketext.record_json, self.count(JSON_RECORDS), "\n]\n")

    def xml(self, done, number=None):
        def record(i):
            return maketext.record_xml_done(i, number)
        return (maketext.XML_HEAD, record if done else maketext.record_xml, self.count(XML_RECORDS), maketext.XML_TAIL)

    # ---- commands ----

    def alone(self, command):
        return ["taskset", "-c", self.core, *command]

    def deid(self, what, *options):
        return self.alone(self.b.deid(what, "-j1", "--no-sync", *options, profile=self.profile))

    def cp(self, what):
        return self.alone(self.b.cp(what))

    def by_subject(self, what):
        return self.alone(self.b.deid(what, "-j1", "--no-sync", "--subject-csv", self.b.path("subjects.csv"),
                                      "--subject-from", "path:.*sub-([^/.]*)", profile=self.filled))

    def filter(self, *command):
        """A program that writes to standard output."""
        def build(what):
            line = " ".join(shlex.quote(w) for w in command + (self.file(what),))
            return self.alone(["sh", "-c", "mkdir %s && exec %s >%s/out" % (self.b.out, line, self.b.out)])
        return build

    def node_js(self, what):
        return self.alone(["sh", "-c", "mkdir %s && exec node %s %s %s/out" % (self.b.out, self.node, self.file(what),
                                                                           self.b.out)])

    # ---- reading back ----

    def need(self, good, tool, what):
        if not good:
            raise SystemExit("%s: %s: not what the job should give" % (what, tool))

    def out(self, tool, what):
        return os.path.join(self.b.out, os.path.basename(self.file(what)) if tool.startswith("deid") else "out")

    def check_csv(self, tool, what):
        if tool == "sha256sum":
            return
        path = self.out(tool, what)
        if tool.startswith("deid"):
            self.need(maketext.same(path, *self.csv(True)), tool, what)
            return
        with open(path, encoding="utf-8", newline="") as f:
            rows = csv.reader(f)
            good = ",".join(next(rows)) + "\n" == maketext.TABLE_DONE
            n = 0
            for n, row in enumerate(rows, 1):
                good = good and [row] == list(csv.reader([maketext.table_row_done(n - 1)]))
        self.need(good and n == self.count(CSV_ROWS), tool, what)

    def check_json(self, tool, what):
        path = self.out(tool, what)
        if tool.startswith("deid"):
            self.need(maketext.same(path, *self.json(True)), tool, what)
            return
        with open(path, encoding="utf-8") as f:
            got = json.load(f)
        self.need(len(got) == self.count(JSON_RECORDS), tool, what)
        for i, record in enumerate(got):
            want = json.loads(maketext.record_json_done(i).lstrip(",[\n "))
            if tool == "jq":  # it has no hash
                want["id"] = "x"
            self.need(record == want, tool, what)

    def check_xml(self, tool, what):
        number = None if tool.startswith("deid") else "x"  # nor has xmlstarlet
        self.need(maketext.same(self.out(tool, what), *self.xml(True, number)), tool, what)

    def check_small(self, tool, what):
        if tool.startswith("cp"):
            return
        for i in range(self.count(FILES)):
            with open(os.path.join(self.b.out, maketext.sidecar_name(i)), encoding="utf-8", newline="") as f:
                self.need(f.read() == maketext.sidecar_done(i), tool, what)

    def check_subjects(self, tool, what):
        for i in range(self.count(SUBJECTS)):
            with open(os.path.join(self.b.out, maketext.subject_name(i)), encoding="utf-8", newline="") as f:
                self.need(f.read() == maketext.subject_done(i, "variables" in tool), tool, what)

    def check_string(self, tool, what):
        head = b'{"PatientID": "P1"'
        new = head if tool.startswith("cp") else head.replace(b"P1", maketext.hashed("P1", "bench").encode())
        out = os.path.join(self.b.out, os.path.basename(self.file(what)))
        with open(self.file(what), "rb") as f, open(out, "rb") as g:
            good = f.read(len(head)) == head and g.read(len(new)) == new
            while good:
                a = f.read(1 << 20)
                good = a == g.read(1 << 20)
                if not a:
                    break
        self.need(good, tool, what)

    # ---- rows ----

    def measure(self, case, tools, verify):
        """Leaves out what is not installed."""
        there = {name: build for name, build in tools.items() if name.startswith("deid") or
                 shutil.which(name.split()[0])}
        self.results[case] = self.b.measure(case, there, verify=verify)

    def run(self):
        self.measure("text-csv", {
            "sha256sum": lambda w: self.alone(["sha256sum", self.file(w)]),
            "deid -j1": self.deid,
            "mlr": self.filter("mlr", "--csv", "put", *MLR)}, self.check_csv)
        self.measure("text-json", {
            "deid -j1": self.deid, "jq": self.filter("jq", JQ), "node": self.node_js}, self.check_json)
        self.measure("text-xml", {
            "deid -j1": self.deid, "xmlstarlet ed": self.filter("xmlstarlet", "ed", "-P", *XML)}, self.check_xml)
        self.measure("text-small", {"cp -r": self.cp, "deid -j1": self.deid}, self.check_small)
        self.measure("text-subjects", {
            "deid -j1": lambda w: self.alone(self.b.deid(w, "-j1", "--no-sync", profile=self.plain)),
            "deid -j1, variables": self.by_subject}, self.check_subjects)
        self.measure("text-string", {"cp -r": self.cp, "deid -j1": self.deid}, self.check_string)

    def tables(self):
        """[(title, results, the tool that the others are compared with)]."""
        titles = [("text-csv", "A table: 1 million rows of 12 columns; hash one, drop two, shift one date", "sha256sum"),
                  ("text-json", "JSON, 100 MB: an array of records; replace one member, hash one, drop two", "deid -j1"),
                  ("text-xml", "XML, 100 MB: records; replace one element, hash one attribute, drop two elements",
                   "deid -j1"),
                  ("text-small", "20,000 small JSON files", "cp -r"),
                  ("text-subjects", "10,000 JSON files of 10,000 subjects, 30 fields, three of them variables", "deid -j1"),
                  ("text-string", "JSON with one string of 1 GiB that no entry names", "cp -r")]
        return [(title, self.results[case], base) for case, title, base in titles]

    def goals(self, median, peak):
        """[(what, measured, bound, whether that is the least)]."""
        r = self.results
        mine = {case: median(r[case], "deid -j1") for case in r}

        def speed(case):  # millions of bytes of input a second
            return os.path.getsize(self.file(case)) / mine[case] / 1e6

        def faster(case, tool):
            return median(r[case], tool) / mine[case] if tool in r[case] else None

        rows = [("table, of sha256sum", mine["text-csv"] / median(r["text-csv"], "sha256sum"), 3, False),
                ("table, MB/s", speed("text-csv"), 150, True),
                ("table, times faster than mlr", faster("text-csv", "mlr"), 4, True),
                ("JSON, MB/s", speed("text-json"), 150, True),
                ("JSON, times faster than jq", faster("text-json", "jq"), 10, True),
                ("JSON, times faster than node", faster("text-json", "node"), 4, True),
                ("XML, MB/s", speed("text-xml"), 100, True),
                ("XML, times faster than xmlstarlet", faster("text-xml", "xmlstarlet ed"), 3, True),
                ("20,000 small files, of cp -r", mine["text-small"] / median(r["text-small"], "cp -r"), 1.5, False),
                ("subjects with variables, of the same without", faster("text-subjects", "deid -j1, variables"), 1.5,
                 False)]
        rows += [("%s, peak MiB" % case, peak(r[case], "deid -j1"), 32, False) for case in r]
        return [row for row in rows if row[1] is not None]
