# SPDX-License-Identifier: MIT
"""DICOM files of golden cases: made from, and compared with, the DICOM JSON model (PS3.18 annex F).

Needs pydicom. A data set is compared in a plain form, `{tag: (vr, values)}`: tags as eight upper-case hex
digits, text without padding, numbers as Decimal, binary values as bytes, sequences as lists of such.
"""
import base64
import decimal
import io
import struct

import pydicom
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.dataset import Dataset, FileMetaDataset

pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE

IMPLEMENTATION = "1.2.3.4.999"
BYTES = ("OB", "OW", "OF", "OD", "OL", "OV", "UN")
PACKED = {"FL": "f", "FD": "d", "US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q"}
NUMBERS = tuple(PACKED) + ("DS", "IS")
ONE_VALUE = ("LT", "ST", "UT", "UR")
BY_CHARSET = ("SH", "LO", "ST", "LT", "UC", "UT", "PN")


def to_file(model):
    """The bytes of a file that holds the model: Explicit VR Little Endian, preamble, file meta."""
    ds = Dataset.from_json(model)
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    if "SOPClassUID" in ds:
        meta.MediaStorageSOPClassUID = ds.SOPClassUID
    if "SOPInstanceUID" in ds:
        meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION
    ds.file_meta = meta
    ds.is_little_endian, ds.is_implicit_VR = True, False
    ds.preamble = b"\0" * 128
    out = io.BytesIO()
    # write_like_original: a data set without SOPInstanceUID is a test, not an error
    pydicom.dcmwrite(out, _with_group_length(ds), write_like_original=True)
    return out.getvalue()


def _with_group_length(ds):
    ds.file_meta.FileMetaInformationGroupLength = 0  # pydicom fills it in
    return ds


def from_file(data):
    """(file meta, data set) in the plain form."""
    ds = pydicom.dcmread(io.BytesIO(data), force=True)
    return plain(ds.file_meta), plain(ds)


def from_explicit_le(data):
    """A bare data set, Explicit VR Little Endian."""
    return plain(pydicom.filereader.read_dataset(io.BytesIO(data), False, True))


def plain(ds, charset=None):
    charset = convert_encodings(ds["SpecificCharacterSet"].value) if "SpecificCharacterSet" in ds else charset
    charset = charset or ["iso8859"]
    out = {}
    for tag in ds.keys():
        raw = ds.get_item(tag)
        key = "%08X" % tag
        if raw.VR == "SQ":
            out[key] = ("SQ", [plain(item, charset) for item in ds[tag].value])
        elif isinstance(raw, pydicom.dataelem.RawDataElement):
            out[key] = (raw.VR, _values(raw.VR, raw.value or b"", raw.is_little_endian, charset))
        else:  # read already (the character set)
            v = raw.value
            v = [] if v is None or v == "" else list(v) if raw.VM > 1 else [v]
            out[key] = (raw.VR, [_number(x) if raw.VR in NUMBERS else _trim(str(x)) for x in v])
    return out


def _values(vr, data, little, charset):
    if vr in BYTES:
        return [data] if data else []
    end = "<" if little else ">"
    if vr in PACKED:
        size = struct.calcsize("<" + PACKED[vr])
        return [decimal.Decimal(v) for (v,) in struct.iter_unpack(end + PACKED[vr], data[:len(data) // size * size])]
    if vr == "AT":
        return ["%04X%04X" % v for v in struct.iter_unpack(end + "HH", data)]
    text = decode_bytes(data, charset, {0x5C, 0x5E, 0x3D}) if vr in BY_CHARSET else data.decode("iso8859-1")
    text = _trim(text)
    if not text:
        return []
    parts = [text] if vr in ONE_VALUE else [_trim(p) for p in text.split("\\")]
    return [_number(p) for p in parts] if vr in NUMBERS else parts


def _trim(text):
    return text.rstrip(" \0")


def _number(text):
    try:
        return decimal.Decimal(str(text).strip())
    except decimal.InvalidOperation:
        return str(text)


def of_model(model):
    """The plain form of a JSON model, group 0002 apart."""
    out = {}
    for key, element in model.items():
        if key.startswith("0002"):
            continue
        vr = element["vr"]
        if "InlineBinary" in element:
            data = base64.b64decode(element["InlineBinary"])
            values = [data] if data else []
        elif vr == "SQ":
            values = [of_model(item or {}) for item in element.get("Value", [])]
        else:
            values = [_model_value(vr, v) for v in element.get("Value", [])]
            if values == [""]:
                values = []
        out[key.upper()] = (vr, values)
    return out


def _model_value(vr, value):
    if value is None:
        return ""
    if isinstance(value, dict):  # a person's name
        return _trim("=".join(value.get(k, "") for k in ("Alphabetic", "Ideographic", "Phonetic")).rstrip("="))
    if vr == "AT":
        return str(value).upper()
    return _number(value) if vr in NUMBERS else _trim(str(value))


def diff(got, want, path=""):
    """Lines that say where two plain data sets differ."""
    lines = []
    for key in sorted(set(got) | set(want)):
        where = path + key
        if key not in want:
            lines.append("%s: unexpected %r" % (where, got[key]))
        elif key not in got:
            lines.append("%s: missing, wanted %r" % (where, want[key]))
        else:
            lines += _diff_element(got[key], want[key], where)
    return lines


def _diff_element(got, want, where):
    if got[0] != want[0]:
        return ["%s: VR %s, wanted %s" % (where, got[0], want[0])]
    if got[0] == "SQ":
        if len(got[1]) != len(want[1]):
            return ["%s: %d items, wanted %d" % (where, len(got[1]), len(want[1]))]
        lines = []
        for i, (g, w) in enumerate(zip(got[1], want[1])):
            lines += diff(g, w, "%s.%d." % (where, i))
        return lines
    same = got[1] == want[1]
    if not same and got[0] in BYTES:  # an odd length is padded with one byte
        g, w = b"".join(got[1]), b"".join(want[1])
        same = len(w) % 2 == 1 and g == w + b"\0"
    return [] if same else ["%s: got %r, wanted %r" % (where, got[1], want[1])]


def lookup(meta, ds, path):
    """The values at 00101002.0.00100020; None when there is no such element."""
    steps = path.upper().split(".")
    here = meta if steps[0].startswith("0002") else ds
    for i in range(0, len(steps), 2):
        if steps[i] not in here:
            return None
        vr, values = here[steps[i]]
        if i + 1 == len(steps):
            return values
        if vr != "SQ" or int(steps[i + 1]) >= len(values):
            return None
        here = values[int(steps[i + 1])]
    return None


def same_text(values, want):
    """Values of an element against a scalar or list of a case: text as text, numbers by value."""
    want = want if isinstance(want, list) else [want]
    want = ["=".join(w.values()) if isinstance(w, dict) else w for w in want]
    if len(values) != len(want):
        joined = "\\".join(str(v) for v in values)
        return len(want) == 1 and joined == str(want[0])
    return all(_number(v) == _number(w) or str(v) == str(w) for v, w in zip(values, want))
