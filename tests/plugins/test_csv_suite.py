# SPDX-License-Identifier: MIT
"""Tables in the manner of csv-spectrum, and that collection itself where it is there: each passes unchanged under
profiles that change nothing, and every cell is read as it should be, which its hash shows."""
import csv
import hashlib
import io
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import corpora
import tap

tap.needs("csv")

PROFILES = [("no entries", {"csv": {"fields": []}, "tsv": {"fields": []}}),
            ("every column looked at", {s: {"fields": [{"regex": ".*", "keep": True}]} for s in ("csv", "tsv")})]
HASHES = {s: {"hash-digits": 0, "fields": [{"regex": ".*", "hash": True}]} for s in ("csv", "tsv")}

SPECTRUM = {
    "comma_in_quotes": ('first,last,address,city,zip\nJohn,Doe,120 any st.,"Anytown, WW",08123\n',
                        [["first", "last", "address", "city", "zip"], ["John", "Doe", "120 any st.", "Anytown, WW", "08123"]]),
    "empty": ('a,b,c\n1,"",""\n2,3,4\n', [["a", "b", "c"], ["1", "", ""], ["2", "3", "4"]]),
    "empty_crlf": ('a,b,c\r\n1,"",""\r\n2,3,4\r\n', [["a", "b", "c"], ["1", "", ""], ["2", "3", "4"]]),
    "escaped_quotes": ('a,b\n1,"ha ""ha"" ha"\n3,4\n', [["a", "b"], ["1", 'ha "ha" ha'], ["3", "4"]]),
    "json": ('key,val\n1,"{""type"": ""Point"", ""coordinates"": [102.0, 0.5]}"\n',
             [["key", "val"], ["1", '{"type": "Point", "coordinates": [102.0, 0.5]}']]),
    "newlines": ('a,b,c\n1,2,3\n"Once upon \na time",5,6\n7,8,9\n',
                 [["a", "b", "c"], ["1", "2", "3"], ["Once upon \na time", "5", "6"], ["7", "8", "9"]]),
    "newlines_crlf": ('a,b,c\r\n1,2,3\r\n"Once upon \r\na time",5,6\r\n7,8,9\r\n',
                      [["a", "b", "c"], ["1", "2", "3"], ["Once upon \r\na time", "5", "6"], ["7", "8", "9"]]),
    "quotes_and_newlines": ('a,b\n1,"ha \n""ha"" \nha"\n3,4\n', [["a", "b"], ["1", 'ha \n"ha" \nha'], ["3", "4"]]),
    "simple": ("a,b,c\n1,2,3\n", [["a", "b", "c"], ["1", "2", "3"]]),
    "simple_crlf": ("a,b,c\r\n1,2,3\r\n", [["a", "b", "c"], ["1", "2", "3"]]),
    "utf8": ("a,b,c\n1,2,3\n4,5,ʤ\n", [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "ʤ"]]),
    # RFC 4180 section 2
    "no line end at the end": ("aaa,bbb,ccc\nzzz,yyy,xxx", [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]),
    "all in quotes": ('"aaa","b""bb","ccc"\n"zzz","y\ry","x,x"\n', [["aaa", 'b"bb', "ccc"], ["zzz", "y\ry", "x,x"]]),
    "blanks are text": ('a, b ,c\n 1 , "2" ,3\n', [["a", " b ", "c"], [" 1 ", ' "2" ', "3"]]),
    "quotes alone": ('a,b\n"""","""""""\n"\n', [["a", "b"], ['"', '"""\n']]),
    "CR alone": ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
    "a mark": ("\ufeffa,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    "a long cell": ("a,b\n%s,\"%s\"\n" % ("x" * 1000, "y\n" * 1000), [["a", "b"], ["x" * 1000, "y\n" * 1000]]),
}
BAD = {"a quote left open": 'a,b\n1,"2\n3,4\n', "text behind a quote": 'a,b\n1,"2"x\n', "a cell too many": "a,b\n1,2,3\n",
       "a cell too few": "a,b\n1,2\n3\n", "a quote in quotes": 'a,b\n"1"2",3\n', "cut in a row": "a,b\n1,2\n3",
       "cut in quotes": 'a,b\n1,"2""', "nothing but a quote": '"'}


def hashed(rows):
    return rows[:1] + [[c and hashlib.sha256(c.encode("utf-8")).hexdigest() for c in row] for row in rows[1:]]


def read(data, name):
    text = data.decode("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True,
                                      delimiter="\t" if name.endswith(".tsv") else ",") if row]


def check_cells(what, cases):
    """cases: {name: (bytes, rows)}."""
    names = {name: "%04d%s" % (i, os.path.splitext(name)[1] or ".csv") for i, name in enumerate(cases)}
    out, _, r = batch.run(HASHES, {names[n]: data for n, (data, _) in cases.items()})
    wrong = [n for n, (_, rows) in cases.items() if read(out.get(names[n], b""), n) != hashed(rows)]
    tap.ok(not wrong and cases, "%s: every cell of %d tables is read as it should be" % (what, len(cases)), "%s\n%r" % (wrong, r))


corpora.unchanged("in the manner of csv-spectrum", PROFILES,
                  {n: (t.encode("utf-8"), True) for n, (t, _) in SPECTRUM.items()}, ".csv")
check_cells("in the manner of csv-spectrum", {n: (t.encode("utf-8"), rows) for n, (t, rows) in SPECTRUM.items()})
corpora.unchanged("broken tables", PROFILES, {n: (t.encode("utf-8"), False) for n, t in BAD.items()}, ".csv")
corpora.unchanged("other encodings", PROFILES, {"latin-1": ("a,b\né,2\n".encode("latin-1"), False),
                                                "UTF-16": ("a,b\n1,2\n".encode("utf-16"), False)}, ".csv")


def verdict(data, name):
    try:
        rows = read(data, name)
    except (csv.Error, UnicodeDecodeError):
        return None
    return rows if len({len(row) for row in rows}) <= 1 else None


spectrum = corpora.files(".csv", "csv-spectrum")
if spectrum:
    told = {os.path.splitext(os.path.basename(n))[0]: json.loads(d.decode("utf-8")) for n, d in
            corpora.files(".json", "csv-spectrum").items()}
    tables = {n: (d, verdict(d, n)) for n, d in spectrum.items()}
    for name, (_, rows) in tables.items():
        want = told.get(os.path.splitext(os.path.basename(name))[0])
        if isinstance(want, list):
            tap.is_([dict(zip(rows[0], row)) for row in rows[1:]], want, "%s: as csv-spectrum has it" % name)
    corpora.unchanged("csv-spectrum", PROFILES, {n: (d, rows is not None) for n, (d, rows) in tables.items()}, ".csv")
    check_cells("csv-spectrum", {n: t for n, t in tables.items() if t[1] is not None})
    for end in (".csv", ".tsv"):
        rest = {n: (d, verdict(d, n)) for n, d in corpora.files(end).items() if "spectrum" not in n}
        corpora.unchanged("tables that people use", PROFILES, {n: (d, rows is not None) for n, (d, rows) in rest.items()}, end)
        check_cells("tables that people use", {n: t for n, t in rest.items() if t[1]})
else:
    tap.skip("csv-spectrum", "not here (DEID_CORPORA names a folder that has it)")
tap.done()
