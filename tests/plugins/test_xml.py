# SPDX-License-Identifier: MIT
"""xml: bytes in, bytes out; XPath against xmlstarlet; encodings; what is refused; memory."""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import tap


def h(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def rule(name, **action):
    return dict({"name": name}, **action)


def regex(text, **action):
    return dict({"regex": text}, **action)


def becomes(what, fields, text, want, **settings):
    """want None: no output."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    got, line, r = batch.one({"xml": dict(settings, fields=fields)}, data, "a.xml")
    want = want.encode("utf-8") if isinstance(want, str) else want
    tap.ok(got == want and r.status == (1 if want is None else 0), what,
           "%r\ngave %r\nwant %r\n%r" % (data[:300], got and got[:300], want and want[:300], r))
    return line


R = {"replace-with": "R"}
REMOVE = {"remove": True}
HASH = {"hash": True}
KEEP = {"on-error": "keep"}

# ---- elements -------------------------------------------------------------------------------------

becomes("only the text of an element is replaced", [rule("/a/b", **R)], "<a>\n <b x='1' >old</b >\n</a>\n",
        "<a>\n <b x='1' >R</b >\n</a>\n")
becomes("an empty tag gets an end", [rule("/a/b", **R)], "<a><b/><b /><b></b></a>", "<a><b>R</b><b >R</b><b>R</b></a>")
becomes("… not for an empty text", [rule("/a/b", **{"replace-with": ""})], "<a><b/><b>x</b></a>", "<a><b/><b></b></a>")
becomes("new text is escaped", [rule("/a", **{"replace-with": "<&>\"']]>\r\n\t"})], "<a>x</a>",
        "<a>&lt;&amp;&gt;\"']]&gt;&#13;\n\t</a>")
becomes("old text is read", [rule("/a", **HASH)], "<a>&lt;x&#65;<![CDATA[<&]]>\r\n<!-- c -->y<?pi z?></a>",
        "<a>%s</a>" % h("<xA<&\ny"))
becomes("remove keeps the text that follows", [rule("//b", **REMOVE)], "<a>1<b>2<b/>3</b>4<b/>5</a>", "<a>145</a>")
becomes("replace-with on a container replaces its content", [rule("/a/b", **R)], "<a><b k='1'>x<c>y</c>z</b></a>",
        "<a><b k='1'>R</b></a>")
becomes("hash on a container fails", [rule("/a", **HASH)], "<a><b>x</b></a>", None)
becomes("… on-error keep", [rule("/a", **HASH, **KEEP)], "<a><b>x</b></a>", "<a><b>x</b></a>")
becomes("through * a container is skipped", [rule("//*", **HASH)], "<a>x<b>y</b></a>", "<a>x<b>%s</b></a>" % h("y"))
becomes("the root cannot be removed", [rule("/a", **REMOVE)], "<a>x</a>", None)
becomes("… on-error keep", [rule("/a", **REMOVE, **KEEP)], "<a>x</a>", "<a>x</a>")
becomes("an element without text is left alone by hash", [rule("//b", **HASH)], "<a><b/><b></b></a>", "<a><b/><b></b></a>")
becomes("nothing is created", [rule("/a/n", **R), rule("/a/@n", **R)], "<a>x</a>", "<a>x</a>")
becomes("a character that XML has not", [rule("/a", **{"replace-with": "\u0001"})], "<a>x</a>", None)
becomes("… on-error remove", [rule("/a/b", **{"replace-with": "\u0001", "on-error": "remove"})], "<a><b>x</b>y</a>", "<a>y</a>")

# ---- attributes -----------------------------------------------------------------------------------

becomes("an attribute goes with the blank before it", [rule("/a/@b", **REMOVE)], "<a  b = '1'\tc=\"2\" >x</a>",
        "<a\tc=\"2\" >x</a>")
becomes("the last one", [rule("/a/@c", **REMOVE)], "<a b='1' c='2'/>", "<a b='1'/>")
becomes("all of them", [rule("/a/@*", **REMOVE)], "<a b='1' c='2' xmlns:p='u' p:d='3'/>", "<a xmlns:p='u'/>")
becomes("quotes stay", [rule("//@*", **{"replace-with": "'\"<&>\n"})], "<a b='1' c=\"2\"/>",
        "<a b='&apos;\"&lt;&amp;>&#10;' c=\"'&quot;&lt;&amp;>&#10;\"/>")
becomes("a value is read as XML says", [rule("/a/@b", **HASH)], "<a b='x\n&#10;&quot;'/>", "<a b='%s'/>" % h("x \n\""))
becomes("element and attributes", [rule("/a/b", **R), rule("//@k", **HASH), rule("//@l", **REMOVE)],
        "<a l='x'><b k='1' l='2'/><b l='' k=''>x</b></a>", "<a><b k='%s'>R</b><b k=''>R</b></a>" % h("1"))
becomes("> in a value", [rule("/a/b", **R)], "<a><b k='/>' l=\">\"/></a>", "<a><b k='/>' l=\">\">R</b></a>")

# ---- the order of entries -------------------------------------------------------------------------

DATE = {"increment-date": True, "date-increment": 1}
becomes("removed before it could fail", [rule("/a/b", **REMOVE), rule("//@d", **DATE), rule("//c", **DATE)],
        "<a><b d='x'><c>x</c></b></a>", "<a></a>")
becomes("fails before it is removed", [rule("//c", **DATE), rule("/a/b", **REMOVE)], "<a><b><c>x</c></b></a>", None)
becomes("replaced before it could fail", [rule("/a/b", **R), rule("//c", **DATE)], "<a><b><c>x</c></b></a>", "<a><b>R</b></a>")
becomes("one after the other", [rule("/a/b", **R), rule("//b", **HASH)], "<a><b>x</b></a>", "<a><b>%s</b></a>" % h("R"))
becomes("removed in removed", [rule("//c", **REMOVE), rule("//b", **REMOVE)], "<a>1<b>2<c>3</c>4<c/></b>5<c>6</c>7</a>",
        "<a>157</a>")
SUB = {"regex-sub": [{"input-regex": "(?P<x>.*)", "output": "{x}-{/a/@id}-{/a/n}-{/a/m[last()]}",
                      "groups": [rule("/a/@id", **HASH), rule("/a/n", keep=True), rule("/a/m[last()]", keep=True)]}]}
becomes("other fields are read ahead", [rule("/a/@id", **R), rule("/a/n", **REMOVE), rule("/a/b", **SUB)],
        "<a id='1'><b>x</b><m>3</m><m>4</m><n>2</n></a>", "<a id='R'><b>x-%s-2-4</b><m>3</m><m>4</m></a>" % h("1"))

# ---- regex ----------------------------------------------------------------------------------------

DOC = "<a><b k='1'>x</b><c/><b k='2'>y</b></a>"
becomes("regex with positions", [regex(r"/a/b\[2\]/@k", **R)], DOC, DOC.replace("'2'", "'R'"))
becomes("regex without positions", [regex(r"/a/b/@k", **R)], DOC, "<a><b k='R'>x</b><c/><b k='R'>y</b></a>")
becomes("regex on elements skips containers", [regex(".*", **HASH)], "<a k='1'><b>x</b></a>",
        "<a k='%s'><b>%s</b></a>" % (h("1"), h("x")))
becomes("regex begins at the beginning", [regex("b", **R)], DOC, DOC)
becomes("regex leaves declarations of namespaces", [regex(".*@", **R)], "<a xmlns='u' k='1'/>", "<a xmlns='u' k='R'/>")
becomes("positions are per parent and name", [regex(r"/a/b\[2\]/c\[1\]$", **R)],
        "<a><b><c>1</c></b><b><d/><c>2</c><c>3</c></b></a>", "<a><b><c>1</c></b><b><d/><c>R</c><c>3</c></b></a>")

# ---- XPath, against xmlstarlet --------------------------------------------------------------------

TREE = """<r id="0"><p k="n"><v>1</v><w>x</w></p><p k="m"><v>2</v><v>3</v><q><v>2</v></q></p>
<p><v>2<u>0</u></v></p><q k="n"><p k="m"><v>4</v><p><v>5</v></p></p></q><x:v xmlns:x="u" x:k="9">6</x:v><v/><p k="m"/></r>"""
PATHS = """/r/p/v;//v;//p/v;//p//v;/r/*/v;//@k;/r/p/@*;/r//@k;//p[1];//p[last()];//p[2]/v;/r/p[last()]/@k;/r/p[last()-1]/v
/r/p[last()-2]/v;//v[last()];//v[1];//p[@k="m"];//p[@k="m"][2];//p[2][@k="m"];/r/p[@k='m'][last()];/r/p[last()][@k='m']
//p[v="2"];//p[v="2"]/v[1];/r/p[v="20"]/v;//p[v="2"][last()];//p[v="2"][@k="m"]/@k;/r/p[v="1"][w="x"]/v;//*[local-name()="v"]
//*[local-name()="v"][1];//x:v;//x:v/@x:k;//@*[local-name()="k"];/r/p/v|//q/@k;/r/p[v="2"][2];/r/p[v="3"]/q/v;//q[p="45"]/@k
//p[p="5"]/v;/r/v;/*/p[3];//*[last()];//*[2];/r/p[9];//p[v=""];/r[p="1x"]/@id;/r/p[w="x"][1]/v;//p[q="2"][last()]/v"""
starlet = shutil.which("xmlstarlet")
# xmlstarlet edits all places: each place gets the same text, and containers lose their content.
for path in re.split(r"[;\n]", PATHS):
    if not starlet:
        tap.skip(path, "no xmlstarlet")
        continue
    with tempfile.TemporaryDirectory() as d:
        source = tap.write(os.path.join(d, "a.xml"), TREE)
        done = subprocess.run([starlet, "ed", "-O", "-P", "-N", "x=u", "-u", path, "-v", "R", source],
                              stdout=subprocess.PIPE, check=True).stdout
    got, _, r = batch.one({"xml": {"fields": [rule(path, **R)]}}, TREE.encode(), "a.xml")
    same = got is not None and ET.canonicalize(got.decode()) == ET.canonicalize(done.decode())
    tap.ok(same, "as xmlstarlet: " + path, "%r\n%s\n%s" % (r, got, done))

becomes("./ starts at the root", [rule("./b", **R), rule(".//@k", **HASH), rule("./@i", **REMOVE)],
        "<a i='1'><b><b k='2'/></b></a>", "<a><b>R</b></a>")
for path in ("b", "//", "/", "/a/", "/a/text()", "/a[b]", "/a[0]", "/a[contains(.,'x')]", "/a/..", "/a/./b", "/child::a", "/a[last(]",
             "/a[@b=c]", "/a[@b='c]", "/a/@b/c", "/a/@b[1]", "/a[1][2]", "/a[1][last()]", "/a | b", "/a b", "/a[last()-65]", "",
             "/a[1", "/1a", "/a|", "/a[b='1' and c='2']"):
    _, _, r = batch.one({"xml": {"fields": [rule(path, **REMOVE)]}}, b"<a/>", "a.xml")
    tap.is_(r.status, 2, "no XPath of ours: " + path)

# ---- encodings ------------------------------------------------------------------------------------

TEXT = "<?xml version='1.0'%s?>\n<a k='ä'>\n<b l='ü' k='ß'>é</b><c>ö</c></a>\n"
for name, codec, mark in (("UTF-8", "utf-8", b""), ("UTF-8", "utf-8", b"\xef\xbb\xbf"), (None, "utf-8", b""),
                          ("UTF-16", "utf-16-le", b"\xff\xfe"), ("UTF-16", "utf-16-be", b"\xfe\xff"), (None, "utf-16-le", b"\xff\xfe"),
                          ("UTF-16LE", "utf-16-le", b""), ("UTF-16BE", "utf-16-be", b""), ("ISO-8859-1", "latin-1", b""),
                          ("windows-1252", "cp1252", b""), ("ISO-8859-15", "iso-8859-15", b"")):
    text = TEXT % (" encoding='%s'" % name if name else "")
    want = text.replace("'ß'", "'%s'" % h("ß")).replace("é", "ñ").replace(" l='ü'", "").replace("<c>ö</c>", "")
    becomes("encoding %s %r" % (name, mark), [rule("//b/@k", **HASH), rule("/a/b", **{"replace-with": "ñ"}), rule("//@l", **REMOVE),
            rule("//c", **REMOVE)], mark + text.encode(codec), mark + want.encode(codec))
    empty = "<?xml version='1.0'%s?><a><b /></a>" % (" encoding='%s'" % name if name else "")
    becomes("… an empty tag", [rule("/a/b", **{"replace-with": "é"})], mark + empty.encode(codec),
            mark + empty.replace("<b />", "<b >é</b>").encode(codec))
becomes("US-ASCII, a character that it lacks", [rule("//b", **{"replace-with": "名é"}), rule("//@k", **{"replace-with": "é"})],
        "<?xml version='1.0' encoding='US-ASCII'?><a k='1'><b/></a>",
        "<?xml version='1.0' encoding='US-ASCII'?><a k='&#233;'><b>&#21517;&#233;</b></a>")
becomes("UTF-16, beyond the first plane", [rule("/a", **{"replace-with": "\U0001f600"})], "<a>x</a>".encode("utf-16"),
        "<a>\U0001f600</a>".encode("utf-16"))
for what, data in (("UTF-8 mark, latin-1 declared", b"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
                   ("UTF-16 declared, 8 bits", b"<?xml version='1.0' encoding='UTF-16'?><a/>"),
                   ("UTF-8 declared, UTF-16", "<?xml version='1.0' encoding='UTF-8'?><a/>".encode("utf-16")),
                   ("an unknown encoding", b"<?xml version='1.0' encoding='nonsense'?><a/>"),
                   ("Shift_JIS", b"<?xml version='1.0' encoding='Shift_JIS'?><a/>"),
                   ("UTF-32", "<a/>".encode("utf-32")), ("not UTF-8", b"<a>\xe9</a>"), ("half a pair", "<a>".encode("utf-16") + b"\x00\xd8</a>")):
    becomes(what, [], data, None)

# ---- hazards --------------------------------------------------------------------------------------

LAUGHS = "<!DOCTYPE l [<!ENTITY l0 'ha'>%s]><l>&l9;</l>" % "".join(
    "<!ENTITY l%d '%s'>" % (i, ("&l%d;" % (i - 1)) * 10) for i in range(1, 10))
for what, text in (("billion laughs", LAUGHS), ("an entity that is not used", "<!DOCTYPE a [<!ENTITY e 'x'>]><a/>"),
                   ("an external entity", "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>"),
                   ("a parameter entity", "<!DOCTYPE a [<!ENTITY %% e SYSTEM 'file:///etc/passwd'> %%e;]><a/>"),
                   ("an entity that is not declared", "<a>&e;</a>"), ("a NUL", "<a>\0</a>"), ("a NUL at the end", "<a/>\0"),
                   ("two roots", "<a/><b/>"), ("text after the root", "<a/>x"), ("an attribute twice", "<a b='1' b='2'/>"),
                   ("no root", "<?xml version='1.0'?>"), ("nothing", ""), ("a bad character reference", "<a>&#0;</a>"),
                   ("a wrong end", "<a><b></a></b>"), ("1001 elements deep", "<a>" * 1001 + "</a>" * 1001)):
    becomes(what, [rule("//a", **HASH)], text, None)
becomes("1000 elements deep", [rule("//b", **R)], "<a>" * 999 + "<b>1</b>" + "</a>" * 999, "<a>" * 999 + "<b>R</b>" + "</a>" * 999)
OUTER = "<!DOCTYPE a SYSTEM 'file:///nowhere/a.dtd'><a k='%s'>%s</a>"
becomes("an external DTD is not read", [rule("/a/b", **R)], OUTER % ("", "&x;<b>1</b>"), OUTER % ("", "&x;<b>R</b>"))
becomes("… a value with its entity", [rule("/a", **HASH)], OUTER % ("", "1&x;"), None)
becomes("… an attribute with its entity", [rule("/a/@k", **HASH)], OUTER % ("1&x;", ""), None)
becomes("… that a test asks for", [rule("/a[@k='1']", **HASH)], OUTER % ("1&x;", "1"), None)
becomes("… in a text that a test asks for", [rule("/a[b='1']/@k", **HASH)], OUTER % ("1", "<b>1&x;</b>"), None)
ATTLIST = "<!DOCTYPE a [<!ATTLIST a k CDATA 'x'>]><a/>"
becomes("a DTD that gives attributes values", [rule("/a/@k", **REMOVE)], ATTLIST, None)
becomes("… that nobody asks for", [rule("/a/b", **REMOVE)], ATTLIST, ATTLIST)

WHOLE = b"<?xml version='1.0'?>\n<a k='1'>x<b><![CDATA[y]]>&amp;</b><!-- c --><c/></a>"
for profile in ([rule("//b", **HASH), rule("//@k", **REMOVE)], [rule("/a[b='y&']/c[last()]", **R)], [regex(".*", **HASH)]):
    files = {"%03d.xml" % i: WHOLE[:i] for i in range(len(WHOLE))}
    out, lines, r = batch.run({"xml": {"fields": profile}}, files)
    tap.ok(not out and r.status == 1 and len(lines) == len(files), "every truncation is refused", sorted(out))
line = becomes("a cut file", [], WHOLE[:-3], None)
tap.is_(line["code"], "truncated", "… is called so")
line = becomes("a broken file", [rule("/a", **HASH)], "<a>\n<secret</a>", None)
tap.ok("line 2" in line["reason"] and "secret" not in line["reason"], "… says where, not what", line)

# ---- sizes ----------------------------------------------------------------------------------------

for n in (262140, 262141, 262143, 262144, 600000):
    becomes("a text of %d bytes" % n, [rule("/a/b", **HASH), rule("/a/@k", **HASH)], "<a k='%s'><b>%s</b></a>" % ("y" * n, "x" * n),
            "<a k='%s'><b>%s</b></a>" % (h("y" * n), h("x" * n)))
becomes("a text of 9 MB that no entry names", [rule("/a/c", **REMOVE)], "<a><b>%s</b><c/></a>" % ("x" * 9000000),
        "<a><b>%s</b></a>" % ("x" * 9000000))
line = becomes("… that one names", [rule("/a/b", **HASH)], "<a><b>%s</b></a>" % ("x" * 9000000), None)
tap.is_(line["code"], "limit", "… is a limit")
line = becomes("a comment of 6 MB", [], "<a><!--%s--></a>" % ("x" * 6000000), None)
tap.is_(line["code"], "limit", "… is a limit")
line = becomes("more names than are counted", [regex("/a/b", **R)], "<a>%s</a>" % "".join("<n%d/>" % i for i in range(100001)), None)
tap.is_(line["code"], "limit", "… is a limit")
becomes("… whoever asks", [], "<a>%s</a>" % "".join("<b n%d=''/>" % i for i in range(100001)), None)
becomes("names of open elements of 4 MiB", [], "".join("<%s>" % ("n" * 100000) for i in range(50)), None)
becomes("many children", [rule("/a/b[last()]", **R), rule("/a/b[x='77777']/x", **R)],
        "<a>%s</a>" % "".join("<b><x>%d</x></b>" % i for i in range(100000)),
        "<a>%s<b>R</b></a>" % "".join("<b><x>%s</x></b>" % ("R" if i == 77777 else i) for i in range(99999)))

# ---- by content, and the listing ------------------------------------------------------------------

for data in (b"<?xml version='1.0'?><a/>", b"\xef\xbb\xbf\n<a/>", "<a/>".encode("utf-16"), b"<!-- c --><a/>"):
    out, _, r = batch.run({"xml": {"fields": []}}, {"noname": data})
    tap.ok(out == {"noname": data}, "known by its content: %r" % data[:10], r)
out, _, r = batch.run({"xml": {"fields": []}}, {"noname": b"a < b"})
tap.ok(not out, "not an XML document")
d = tap.scratch()
r = tap.deid("fields", tap.write(os.path.join(d, "a.xml"), "<a k='1'><b>x</b><b l='2'/></a>"))
tap.ok(r.status == 0 and all(re.search(r"(?m)^.*%s\b" % f, r.out) for f in ("/a/@k", "/a/b", "/a/b/@l")) and "/a/b[2]" not in r.out,
       "deid fields lists names as a profile has them", r)

tap.done()
