# SPDX-License-Identifier: MIT
"""Makes the benchmark's text files, and says what they should become. Standard library only; the same at every
run."""
import hashlib
import os
import random
from datetime import date, timedelta

WORDS = ("patient seen again after two weeks no change in size or shape of the lesion left upper lobe follow up "
         "advised contrast given without reaction images compared with those of last year").split()
NAMES = ("Ana Brandt;Chloé Dubois;Erik Holm;Fátima Gómez;Henk de Vries;Ines Keller;Jan Novák;Karin Larsen;"
         "Maria Rossi;Olga Petrova;Paul Quinn;Sven Tamm").split(";")


def texts(seed, count, words):
    """Some texts of so many words, to choose from by a number."""
    r = random.Random(seed)
    return [" ".join(r.choice(WORDS) for _ in range(r.randint(words // 2, words))) for _ in range(count)]


NOTES = texts(1, 997, 14)
DAY = date(2020, 1, 1)


def day(i):
    return (DAY + timedelta(i % 1461)).isoformat()


def hashed(text, salt):
    return hashlib.sha256((salt + text).encode("utf-8")).hexdigest()[:16]


def whole(path, head, record, count, tail):
    """A file of records; some thousand at a time."""
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(head)
        for i in range(0, count, 5000):
            f.write("".join(record(k) for k in range(i, min(count, i + 5000))))
        f.write(tail)


def same(path, head, record, count, tail):
    """Whether the file is what whole() would write."""
    with open(path, "rb") as f:
        good = f.read(len(head.encode("utf-8"))) == head.encode("utf-8")
        for i in range(0, count, 5000):
            want = "".join(record(k) for k in range(i, min(count, i + 5000))).encode("utf-8")
            good = good and f.read(len(want)) == want
        return good and f.read() == tail.encode("utf-8")


# ---- a table: hash one column, drop two, shift one date ------------------------------------------------

TABLE_HEAD = "id,name,birth_date,visit_date,sex,site,weight,height,study_uid,series,phone,note\n"
TABLE_DONE = "id,birth_date,visit_date,sex,site,weight,height,study_uid,series,note\n"


def table_cells(i, shift=0):
    note = NOTES[i % 997]
    return ["P%07d" % (i % 50000), '"%s, %s"' % tuple(reversed(NAMES[i % 12].split(" ", 1))),
            (date(1940, 1, 1) + timedelta(i % 25000)).isoformat(),
            (DAY + timedelta(i % 1461 + shift)).isoformat(), "FM"[i % 2], "Site %d" % (i % 17),
            "%d.%d" % (45 + i % 70, i % 10), str(150 + i % 50), "2.999.20.%d.%d" % (i % 50000, i), str(i % 9),
            "+45 55 %04d %02d" % (i % 10000, i % 100), '"%s, %s"' % (note[:20], note[20:]) if i % 3 else note]


def table_row(i):
    return ",".join(table_cells(i)) + "\n"


def table_row_done(i):
    c = table_cells(i, -17)
    return ",".join([hashed(c[0], "bench")] + c[2:10] + c[11:]) + "\n"


# ---- an array of records: replace one member, hash one, drop two ----------------------------------------

def record_json(i):
    name = NAMES[i % 12]
    return ('%s{\n    "id": "P%07d",\n    "name": "%s",\n    "birth": "%s",\n    "address": {"street": "%d Long Street", '
            '"city": "Somewhere"},\n    "visits": [{"date": "%s", "weight": %d.%d, "tags": ["a", "b"]}, {"date": "%s", '
            '"weight": %d, "tags": []}],\n    "active": %s,\n    "note": "%s \\u00e9\\n %s"\n  }' %
            (",\n  " if i else "[\n  ", i, name, day(i), i % 300, day(i + 5), 45 + i % 70, i % 10, day(i + 90),
             45 + i % 71, "true" if i % 3 else "null", NOTES[i % 997], NOTES[i * 7 % 997]))


def record_json_done(i):
    return ('%s{\n    "id": "%s",\n    "name": "Anonymous",\n    "visits": [{"date": "%s", "weight": %d.%d, "tags": '
            '["a", "b"]}, {"date": "%s", "weight": %d, "tags": []}],\n    "active": %s,\n    "note": "%s \\u00e9\\n %s"'
            '\n  }' %
            (",\n  " if i else "[\n  ", hashed("P%07d" % i, "bench"), day(i + 5), 45 + i % 70, i % 10, day(i + 90),
             45 + i % 71, "true" if i % 3 else "null", NOTES[i % 997], NOTES[i * 7 % 997]))


# ---- a document of the same records ---------------------------------------------------------------------

XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- made for a benchmark -->\n<study xmlns="urn:bench">\n'
XML_TAIL = "</study>\n"


def record_xml(i):
    return ('  <subject id="P%07d" sex="%s">\n    <name><given>%s</given><family>%s</family></name>\n    <birth>%s</birth>\n'
            '    <address><street>%d Long Street</street><city>Somewhere</city></address>\n    <visit date="%s"><weight '
            'unit="kg">%d.%d</weight><note>%s &amp; %s</note></visit>\n  </subject>\n' %
            ((i, "FM"[i % 2]) + tuple(NAMES[i % 12].split(" ", 1)) +
             (day(i), i % 300, day(i + 5), 45 + i % 70, i % 10, NOTES[i % 997], NOTES[i * 7 % 997])))


def record_xml_done(i, number=None):
    return ('  <subject id="%s" sex="%s">\n    <name>Anonymous</name>\n    \n    \n    <visit date="%s"><weight '
            'unit="kg">%d.%d</weight><note>%s &amp; %s</note></visit>\n  </subject>\n' %
            (number or hashed("P%07d" % i, "bench"), "FM"[i % 2], day(i + 5), 45 + i % 70, i % 10, NOTES[i % 997],
             NOTES[i * 7 % 997]))


# ---- many small files -----------------------------------------------------------------------------------

def sidecar(i):
    return ('{\n\t"Modality": "MR",\n\t"PatientName": "%s",\n\t"PatientID": "P%07d",\n\t"PatientBirthDate": "%s",\n'
            '\t"SeriesDescription": "%s",\n\t"EchoTime": 0.00%d,\n\t"RepetitionTime": 2.%d,\n\t"ImageType": ["ORIGINAL", '
            '"PRIMARY"],\n\t"ReferringPhysicianName": "%s",\n\t"SliceTiming": [%s]\n}\n' %
            (NAMES[i % 12], i, day(i), NOTES[i % 997][:30], 1 + i % 9, i % 10, NAMES[i * 5 % 12],
             ", ".join("%.4f" % (k * 0.05) for k in range(40))))


def sidecar_done(i):
    return ('{\n\t"Modality": "MR",\n\t"PatientName": "Anonymous",\n\t"PatientID": "%s",\n'
            '\t"SeriesDescription": "%s",\n\t"EchoTime": 0.00%d,\n\t"RepetitionTime": 2.%d,\n\t"ImageType": ["ORIGINAL", '
            '"PRIMARY"],\n\t"SliceTiming": [%s]\n}\n' %
            (hashed("P%07d" % i, "bench"), NOTES[i % 997][:30], 1 + i % 9, i % 10,
             ", ".join("%.4f" % (k * 0.05) for k in range(40))))


def sidecar_name(i):
    return "%03d/%05d.json" % (i // 200, i)


def files(folder, count, name, text):
    for i in range(count):
        path = os.path.join(folder, name(i))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text(i))


def sidecars(folder, count):
    files(folder, count, sidecar_name, sidecar)


# ---- a file for each subject ----------------------------------------------------------------------------

def subject_name(i):
    return "%03d/sub-%05d.json" % (i // 200, i)


def subject_text(i, value):
    """value(k): how member k is spelled; None: it is not there."""
    members = ["\t\"f%02d\": %s" % (k, value(k)) for k in range(40) if value(k) is not None]
    return "{\n%s\n}\n" % ",\n".join(members)


def subject(i):
    return subject_text(i, lambda k: '"%s %d"' % (NAMES[(i + k) % 12], i * 40 + k))


def subject_done(i, filled):
    def value(k):
        text = "%s %d" % (NAMES[(i + k) % 12], i * 40 + k)
        if k < 2:
            return '"S%05d-%d"' % (i, k) if filled else '"nobody"'
        if k == 2 or 20 <= k < 30:
            return None if k > 2 or i % 2 or not filled else '"%s"' % text
        return '"R%d"' % k if k < 10 else '"%s"' % hashed(text, "bench") if k < 20 else '"%s"' % text
    return subject_text(i, value)


def subject_profile(filled):
    """30 entries; three hold a variable, or what it would stand for."""
    lines = ["name: subjects", "json:", "  salt: bench", "  fields:"]
    lines += ['  - {name: f%02d, replace-with: "%s"}' % (k, "{{ ID%d }}" % k if filled else "nobody") for k in range(2)]
    lines += ["  - {name: f02, remove: %s}" % ('"{{ GO }}"' if filled else "true")]
    lines += ["  - {name: f%02d, replace-with: R%d}" % (k, k) for k in range(3, 10)]
    lines += ["  - {name: f%02d, hash: true}" % k for k in range(10, 20)]
    lines += ["  - {name: f%02d, remove: true}" % k for k in range(20, 30)]
    return "\n".join(lines) + "\n"


def subjects(folder, table, count):
    files(folder, count, subject_name, subject)
    with open(table, "w", encoding="ascii", newline="") as f:
        f.write("subject.label,ID0,ID1,GO\n")
        for i in range(count):
            f.write("%05d,S%05d-0,S%05d-1,%s\n" % (i, i, i, "true" if i % 2 else "false"))


# ---- one long string ------------------------------------------------------------------------------------

def string(path, size):
    block = ("".join(NOTES) * 20)[:1 << 20].encode("ascii").ljust(1 << 20, b".")
    with open(path, "wb") as f:
        f.write(b'{"PatientID": "P1", "long": "')
        for _ in range(size >> 20):
            f.write(block)
        f.write(b'", "last": 1}\n')


PROFILE = """name: text
csv:
  salt: bench
  date-increment: -17
  date-format: "%Y-%m-%d"
  fields:
  - {name: id, hash: true}
  - {name: name, remove: true}
  - {name: phone, remove: true}
  - {name: visit_date, increment-date: true}
json:
  salt: bench
  fields:
  - {name: "*.name", replace-with: Anonymous, replace-with-insert: false}
  - {name: "*.id", hash: true}
  - {name: "*.birth", remove: true}
  - {name: "*.address", remove: true}
  - {name: PatientName, replace-with: Anonymous, replace-with-insert: false}
  - {name: PatientID, hash: true}
  - {name: PatientBirthDate, remove: true}
  - {name: ReferringPhysicianName, remove: true}
xml:
  salt: bench
  fields:
  - {name: /study/subject/name, replace-with: Anonymous}
  - {name: /study/subject/@id, hash: true}
  - {name: /study/subject/birth, remove: true}
  - {name: /study/subject/address, remove: true}
"""
