# SPDX-License-Identifier: MIT
"""`deid gear`: gear roots laid out as the platform does, run, and looked at. The config.json here follow the public
gear specification (github.com/flywheel-io/gears, spec/readme.md v0.1.3, "The input configuration" and "Output
metadata"); the manifest is held against its manifest.schema.json by the rules that matter."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

TOKEN = "Zq7DoeJane"  # a patient: in inputs only
PROFILE = """json:
  fields:
  - {name: patient, replace-with: nobody}
"""
INPUT = '{"patient": "%s", "n": 1}' % TOKEN
OUTPUT = '{"patient": "nobody", "n": 1}'
TABLE = "subject.label,WHO\n001,Patient_IDA\n002,Patient_IDB\n"
SESSIONS = "subject.label,session.label,WHO\n001,SCREEN,a\n001,WK1,b\n"
BY_TABLE = 'json:\n  fields:\n  - {name: patient, replace-with: "{{ WHO }}"}\n'
ID = "5988d38b3b49ee001bde0853"


def file_input(root, name, file, path=None, **more):
    """An input as the specification shows it."""
    return dict({"base": "file", "hierarchy": {"type": "acquisition", "id": ID},
                 "location": {"path": path or "%s/input/%s/%s" % (root, name, file), "name": file},
                 "object": {"info": {}, "mimetype": "application/octet-stream", "tags": [], "measurements": [],
                            "type": "source code", "modality": None, "size": 3}}, **more)


def lay_out(config=None, profile=PROFILE, data=INPUT, table=None, name="a.json", change=None, path=None, **more):
    """A gear root with its config.json; change(document, root) has the last word."""
    root = tap.scratch()
    os.mkdir(root + "/output")
    tap.write("%s/input/input-file/%s" % (root, name), data)
    tap.write(root + "/input/deid-profile/p.yaml", profile)
    document = {"config": dict({"debug": False, "tag": "deid-inplace"}, **(config or {})),
                "inputs": {"api-key": {"base": "api-key", "key": "site:secret"},
                           "deid-profile": file_input(root, "deid-profile", "p.yaml"),
                           "input-file": file_input(root, "input-file", name, path, **more)}}
    if table:
        tap.write(root + "/input/subject-csv/s.csv", table)
        document["inputs"]["subject-csv"] = file_input(root, "subject-csv", "s.csv")
    if change:
        document = change(document, root) or document
    tap.write(root + "/config.json", document if isinstance(document, str) else json.dumps(document))
    return root


def gear(root, *args):
    return tap.deid("gear", "--root", root, *args)


def outputs(root):
    return tap.tree(root + "/output")


def metadata(root, container="acquisition"):
    """The one file of .metadata.json."""
    document = json.loads(tap.read(root + "/output/.metadata.json"))
    assert list(document) == [container] and list(document[container]) == ["files"], document
    assert len(document[container]["files"]) == 1, document
    return document[container]["files"][0]


def original(root, name="a.json"):
    path = root + "/input/input-file/" + name
    return tap.read(path).decode() if os.path.exists(path) else None


def passes(what, root, *args, output=OUTPUT, name="a.json", deleted=True, **meta):
    r = gear(root, *args)
    out = outputs(root)
    kept = original(root)
    tap.ok(r.status == 0 and sorted(out) == sorted([".metadata.json", name]) and out[name].decode() == output and
           (kept is None) == deleted and TOKEN not in r.err + r.out, what, "%r %r" % (r, out))
    if out.get(".metadata.json"):
        tap.is_(metadata(root, meta.pop("container", "acquisition")),
                dict({"name": name, "tags": ["deid-inplace-PASS"]}, **meta), what + ": metadata")
    return r


def fails(what, root, status, says, *args, keep=(), tags=("deid-inplace-FAIL",), noted=True):
    """Nothing but the note of the failure, and the original as it was."""
    before = original(root)
    r = gear(root, *args)
    out = outputs(root)
    want = sorted(([".metadata.json"] if noted else []) + list(keep))
    tap.ok(r.status == status and re.search(says, r.err) and sorted(out) == want and original(root) == before and
           TOKEN not in r.err + r.out, what, "%r %r" % (r, out))
    if noted and ".metadata.json" in out:
        tap.is_(metadata(root), {"name": "a.json", "tags": list(tags)}, what + ": metadata")
    return r


# ---- it works ----
passes("one file", lay_out())
passes("the original is kept", lay_out({"delete-original": False}), deleted=False)
passes("a path of the platform", lay_out(path="/flywheel/v0/input/input-file/a.json"))
passes("a path below the root", lay_out(path="input/input-file/a.json"))


def only_name(document, _root):
    del document["inputs"]["input-file"]["location"]["path"]


passes("a name without a path", lay_out(change=only_name))
for container in ("session", "subject", "project", "analysis"):
    passes("the input hangs on a " + container, lay_out(hierarchy={"type": container, "id": ID}), container=container)
passes("an unknown kind of container", lay_out(hierarchy={"type": TOKEN, "id": ID}))
passes("an empty tag is the default one", lay_out({"tag": ""}))
passes("null stands for nothing", lay_out({"tag": None, "debug": None, "secret_key": None, "delete-original": None}))
root = lay_out({"tag": "done"}, object={"tags": ["keep me", "done-FAIL", "done-PASS", "deid-inplace-PASS", 7]})
passes("earlier tags of this prefix are replaced", root, tags=["keep me", "deid-inplace-PASS", "done-PASS"])
r = passes("debug", lay_out({"debug": True}))
tap.ok(re.search(r"json: patient is changed by replace-with in line 3", r.err), "debug names fields and rules", r.err)
root = lay_out(change=lambda d, _: d["inputs"].update({"other": dict(d["inputs"]["input-file"])}))
r = passes("a further file among the inputs", root)
tap.ok('the input "other" is not used' in r.err, "a further file is told", r.err)

log = tap.scratch() + "/log.csv"
passes("a profile with a deid-log", lay_out(profile="deid-log: %s\n" % log + PROFILE))
tap.ok(TOKEN in tap.read(log).decode() and "nobody" in tap.read(log).decode() and os.stat(log).st_mode & 0o777 == 0o600,
       "values before and after, for the owner alone", tap.read(log))
root = lay_out()
tap.write(root + "/input/deid-profile/p.yaml", "deid-log: %s/output/log.csv\n" % root + PROFILE)
fails("a deid-log among the outputs", root, 2, "the deid-log")

# ---- metadata of the file ----
OBJECT = {"type": "dicom", "modality": "MR", "classification": {"Intent": ["Structural"]}, "tags": [],
          "info": {"who": "Dr X", "header": {"dicom": {"PatientName": TOKEN}}}, "mimetype": "x", "size": 1}
ALL = PROFILE + "flywheel:\n  file:\n    all: true\n"
passes("without a section the file's metadata are left out", lay_out(object=OBJECT))
passes("the file's metadata", lay_out(object=OBJECT, profile=ALL), type="dicom", modality="MR",
       classification={"Intent": ["Structural"]}, info={"who": "Dr X"})
passes("rules over the file's metadata",
       lay_out(object=OBJECT, hierarchy={"type": "acquisition", "subject": {"label": "001"}}, profile=PROFILE + """flywheel:
  file:
    fields:
    - name: info.who
      regex-sub:
      - input-regex: .*
        output: "physician of {subject.label}"
        groups: [{name: subject.label, keep: true}]
    - {name: modality, remove: true}
"""), info={"who": "physician of 001"})
root = lay_out(object=dict(OBJECT, modality=["MR"]), profile=ALL)
fails("metadata that do not fit their type", root, 1, "takes text")
root = lay_out(object=dict(OBJECT, modality=["MR"]))
passes("nobody looks at metadata that are left out", root)

# ---- it fails ----
fails("a damaged file", lay_out(data=INPUT[:-1]), 1, "the input file: ")
fails("a file that no section claims", lay_out(profile="csv: {}\n"), 1, "no section")
fails("a file that is not there", lay_out(path="/nowhere/a.json"), 1, "cannot read the input file")
fails("tags when it fails", lay_out(data="{", object={"tags": ["x", "deid-inplace-PASS"]}), 1, "the input file: ",
      tags=("x", "deid-inplace-FAIL"))
fails("a rule that cannot be carried out", lay_out(profile="json:\n  fields:\n  - {name: patient, hashuid: true}\n"), 1,
      "patient")
fails("a profile with errors", lay_out(profile="json:\n  feilds: []\n"), 2, 'p.yaml:2:3: error: unknown key "feilds"')
root = lay_out()
tap.write(root + "/output/a.json", "an earlier one")
fails("the output is there already", root, 2, "exists already", keep=("a.json",))
tap.is_(outputs(root)["a.json"], b"an earlier one", "what was there is left alone")
root = lay_out()
os.rmdir(root + "/output")
tap.write(root + "/output", "no folder")
r = gear(root)
tap.ok(r.status == 2 and original(root) == INPUT, "output is no folder", r)
root = lay_out(name=".metadata.json")
r = gear(root)
tap.ok(r.status == 2 and list(outputs(root)) == [".metadata.json"] and original(root, ".metadata.json") == INPUT,
       "an output with the name of the metadata", r)
root = lay_out()
tap.write(root + "/elsewhere.json", INPUT)
os.unlink(root + "/input/input-file/a.json")
os.symlink("../../elsewhere.json", root + "/input/input-file/a.json")
fails("an original that cannot be deleted", root, 3, "symbolic link")
root = lay_out({"delete-original": False}, path=None)
os.rename(root + "/input/input-file/a.json", root + "/elsewhere.json")
os.symlink("../../elsewhere.json", root + "/input/input-file/a.json")
passes("a link to an original that is kept", root, deleted=False)
if os.geteuid() == 0:
    tap.skip("an original in a folder that cannot be written to", "root can delete anything")
else:
    root = lay_out()
    os.chmod(root + "/input/input-file", 0o555)
    fails("an original in a folder that cannot be written to", root, 3, "cannot delete the original")
    os.chmod(root + "/input/input-file", 0o755)

# ---- labels ----
for what, arguments, more in (
        ("--subject", ("--subject", "002"), {}),
        ("--subject goes over the config key", ("--subject", "002"), {"config": {"subject-label": "001"}}),
        ("the config key", (), {"config": {"subject-label": "002"}}),
        ("the hierarchy", (), {"hierarchy": {"type": "acquisition", "subject": {"id": ID, "label": "002"}}}),
        ("a hierarchy that is the subject", (), {"hierarchy": {"type": "subject", "id": ID, "label": "002"}}),
        ("parents of the hierarchy", (), {"hierarchy": {"type": "file", "parents": {"subject": {"label": "002"}}}}),
        ("parents of the input", (), {"parents": {"subject": {"label": "002"}}})):
    container = more.get("hierarchy", {}).get("type", "acquisition")
    passes("the subject by " + what, lay_out(profile=BY_TABLE, table=TABLE, **more), *arguments,
           output=OUTPUT.replace("nobody", "Patient_IDB"), container=container if container != "file" else "acquisition")
HOW = r"needs the subject's label, .*--subject LABEL, .*config key \"subject-label\""
fails("no label for a table", lay_out(profile=BY_TABLE, table=TABLE), 2, "subject-csv " + HOW)
fails("an id is no label", lay_out(profile=BY_TABLE, table=TABLE, hierarchy={"type": "acquisition", "id": ID,
      "parents": {"subject": "001", "session": "SCREEN"}}), 2, "subject-csv " + HOW)
fails("an empty label is none", lay_out({"subject-label": ""}, profile=BY_TABLE, table=TABLE), 2, HOW)
fails("a label that the table does not have", lay_out({"subject-label": TOKEN}, profile=BY_TABLE, table=TABLE), 2,
      'no row of .* has this "subject.label"')
fails("no label for the profile", lay_out(profile=BY_TABLE.replace("WHO", "subject.label")), 2, "the profile " + HOW)
passes("the profile's label", lay_out({"subject-label": "S"}, profile=BY_TABLE.replace("WHO", "subject.label")),
       output=OUTPUT.replace("nobody", "S"))
fails("variables without a table", lay_out(profile=BY_TABLE), 2, '"WHO" has no value')
passes("a session", lay_out({"session-level-profile": True, "subject-label": "001", "session-label": "WK1"},
                            profile=BY_TABLE, table=SESSIONS), output=OUTPUT.replace("nobody", "b"))
passes("--session", lay_out({"session-level-profile": True}, profile=BY_TABLE, table=SESSIONS), "--subject", "001",
       "--session", "SCREEN", output=OUTPUT.replace("nobody", "a"))
fails("no session", lay_out({"session-level-profile": True, "subject-label": "001"}, profile=BY_TABLE, table=SESSIONS),
      2, "needs the session's label.*--session LABEL")
passes("sessions mean nothing without a table", lay_out({"session-level-profile": True}))

# ---- config.json ----
root = lay_out(change=lambda d, _: d["inputs"].update({"input-file": [d["inputs"]["input-file"]] * 2}))
fails("several files for one input", root, 2, "names several files", noted=False)
for what, says, change in (
        ("no input file", '"input-file" is missing', lambda d, _: d["inputs"].pop("input-file") and None),
        ("no inputs", '"input-file" is missing', lambda d, _: d.pop("inputs") and None),
        ("an input that is text", '"input-file" is no file', lambda d, _: d["inputs"].update({"input-file": TOKEN})),
        ("another kind of input", '"input-file" is no file', lambda d, _: d["inputs"]["input-file"].update(base="context")),
        ("no location", '"input-file" has no path', lambda d, _: d["inputs"]["input-file"].pop("location") and None),
        ("a name that leads elsewhere", "has no path",
         lambda d, _: d["inputs"]["input-file"].update(location={"name": "../deid-profile/p.yaml"})),
        ("a list", "config.json is no mapping", lambda d, _: json.dumps([d])),
        ("half a document", "config.json is not JSON", lambda d, _: json.dumps(d)[:-9]),
        ("two documents", "config.json is not JSON", lambda d, _: json.dumps(d) * 2),
        ("nothing", "config.json is not JSON", lambda d, _: " "),
        ("no UTF-8", "config.json is not JSON", lambda d, root: tap.write(root + "/x", b"") and "{\"\udcff\": 1}"),
        ("a NUL in a text", "NUL character", lambda d, _: json.dumps({"a": TOKEN + "\0"})),
        ("deep", "nested more than", lambda d, _: "[" * 100000 + "]" * 100000)):
    root = tap.scratch()
    os.mkdir(root + "/output")
    document = {"config": {}, "inputs": {"deid-profile": file_input(root, "deid-profile", "p.yaml"),
                                         "input-file": file_input(root, "input-file", "a.json")}}
    document = change(document, root) or document
    text = document if isinstance(document, str) else json.dumps(document)
    tap.write(root + "/config.json", text.encode("utf-8", "surrogateescape"))
    fails("config.json: " + what, root, 2, says, noted=False)
fails("no config.json", tap.scratch() + "/none", 2, "config.json cannot be read", noted=False)
fails("no profile", lay_out(change=lambda d, _: d["inputs"].pop("deid-profile") and None), 2, '"deid-profile" is missing')
for key, value in (("debug", "yes"), ("delete-original", 1), ("session-level-profile", "true"), ("tag", 7),
                   ("secret_key", [TOKEN]), ("subject-label", {"label": TOKEN})):
    fails("config key %s of a wrong type" % key, lay_out({key: value}), 2, '"%s" takes' % key,
          tags=("deid-inplace-FAIL",))
r = tap.deid("gear", "--root", tap.scratch(), "input")
tap.ok(r.status == 2 and "is not expected" in r.err, "an operand", r)

# ---- keys ----
CRYPT = "json:\n  fields:\n  - {name: patient, %s: true}\n"
KEY = "000102030405060708090a0b0c0d0e0f"
keys = tap.scratch()
for place in ("lab/study/files/k.txt", "lab/study/S1/files/k.txt", "lab/study/S1/WK1/T1/k.txt"):
    os.chmod(tap.write(os.path.join(keys, place), KEY + "\n"), 0o600)
    root = lay_out({"secret_key": place}, profile=CRYPT % "encrypt")
    r = gear(root, "--key-root", keys)
    secret = outputs(root).get("a.json", b"")
    tap.ok(r.status == 0 and re.fullmatch(r'\{"patient": "[\w+/=]{50,}", "n": 1\}', secret.decode()) and
           TOKEN not in r.err, "encrypt with " + place, r)
    passes("decrypt with " + place, lay_out({"secret_key": place}, profile=CRYPT % "decrypt", data=secret),
           "--key-root", keys, output=INPUT)
fails("no key at all", lay_out(profile=CRYPT % "encrypt"), 2, "key")
fails("no --key-root", lay_out({"secret_key": "lab/study/files/k.txt"}), 2, "needs --key-root")
for place in ("../%s/lab/study/files/k.txt" % os.path.basename(keys), "/etc/passwd", "k.txt", "lab/study/k.txt",
              "lab//files/k.txt", "lab/study/files/sub/k.txt", "lab/study/S1/../files/k.txt", "a/b/c/d/e/f/k.txt"):
    fails("no resolver path: " + place.replace(os.path.basename(keys), "x"), lay_out({"secret_key": place}), 2,
          "\"secret_key\" is no resolver path", "--key-root", keys)
fails("a key that is not there", lay_out({"secret_key": "lab/other/files/k.txt"}, profile=CRYPT % "encrypt"), 2,
      "k.txt", "--key-root", keys)
tap.write(keys + "/lab/study/files/a.pem", "x")
tap.write(keys + "/lab/study/files/b.pem", "x")
fails("one of several keys is not there",
      lay_out({"public_key": "lab/study/files/a.pem, lab/study/files/c.pem"}), 2, "c.pem", "--key-root", keys)
passes("several keys", lay_out({"public_key": "lab/study/files/a.pem, lab/study/files/b.pem"},
                               profile=BY_TABLE.replace("WHO", "PUBLIC_KEY")), "--key-root", keys,
       output=OUTPUT.replace("nobody", "%s/lab/study/files/a.pem, %s/lab/study/files/b.pem" % (keys, keys)))

# ---- names ----
passes("filenames", lay_out(profile=PROFILE + "  filenames:\n  - {input-regex: '.*', output: '{patient}.json'}\n"),
       name="nobody.json")
if os.path.exists(os.path.join(tap.PLUGINS, "dicom.la")):
    try:
        import pydicom.data
        sample = tap.read(pydicom.data.get_testdata_file("CT_small.dcm"))
    except (ImportError, OSError):
        sample = None
    if sample:
        root = lay_out(profile="dicom:\n  fields:\n  - {name: PatientName, replace-with: X}\n", data=sample, name="a.dcm")
        r = gear(root)
        tap.ok(r.status == 0 and sorted(outputs(root)) == [".metadata.json", "a.dcm"], "DICOM keeps the input's name", r)
    else:
        tap.skip("DICOM keeps the input's name", "no pydicom")

# ---- the manifest ----
manifest = json.loads(tap.read(os.path.join(tap.SRC, "profiles", "manifest.json")))
required = {"author", "config", "description", "inputs", "label", "license", "name", "source", "url", "version"}
allowed = required | {"maintainer", "cite", "custom", "environment", "command", "capabilities", "flywheel"}
tap.ok(required <= set(manifest) <= allowed, "the manifest has the keys it must have, and no other", sorted(manifest))
tap.ok(re.fullmatch("[a-z0-9-]+", manifest["name"]) and max(len(manifest[k]) for k in ("author", "label", "version")) <= 100,
       "the manifest's texts are of the form they must have")
tap.is_(manifest["version"], tap.deid("--version").out.split(",")[0].split()[-1], "the manifest has the program's version")
tap.is_(sorted(manifest["inputs"]), ["deid-profile", "input-file", "subject-csv"], "the manifest's inputs")
tap.ok(all(i["base"] == "file" for i in manifest["inputs"].values()), "they are files")
tap.is_(sorted(manifest["config"]), sorted(["debug", "tag", "delete-original", "private_key", "public_key", "secret_key",
        "session-level-profile", "subject-label", "session-label"]), "the manifest's config")
tap.ok(not any({"default", "optional"} <= set(c) for c in manifest["config"].values()),
       "what has a default is not optional besides")
root = lay_out(change=lambda d, _: d.update(config={k: v["default"] for k, v in manifest["config"].items() if "default" in v}))
passes("the manifest's defaults", root)
tap.done()
