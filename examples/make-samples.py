#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the samples of this folder: one CT slice as DICOM, the JSON sidecar of its series, the study's
subject table, and a MetaImage header. Nobody in them exists. The same bytes at every run.

    examples/make-samples.py [FOLDER]
"""
import json
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "support"))
sys.dont_write_bytecode = True
from dicomfile import element, file_head, sequence  # noqa: E402

ROOT = "2.999.10"  # the arc for examples (X.660)
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY, SERIES, INSTANCE, FRAME = (ROOT + s for s in (".4711.1", ".4711.1.2", ".4711.1.2.17", ".4711.1.99"))
SIDE = 64  # pixels


def phantom():
    """A disc of water in air, with a denser disc inside: 16-bit, HU + 1024."""
    pixels = []
    for y in range(SIDE):
        for x in range(SIDE):
            d = (x - SIDE // 2) ** 2 + (y - SIDE // 2) ** 2
            inner = (x - 40) ** 2 + (y - 28) ** 2
            pixels.append(1324 if inner < 36 else 1024 if d < 28 ** 2 else 24)
    return struct.pack("<%dH" % len(pixels), *pixels)


def ct():
    """Bytes of one CT image with names, dates, UIDs, nested items and private data."""
    patient = "S\u00f8rensen^K\u00e5re"
    data = [
        element(0x00080005, "CS", "ISO_IR 100"),
        element(0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        element(0x00080016, "UI", CT),
        element(0x00080018, "UI", INSTANCE),
        element(0x00080020, "DA", "20230412"),
        element(0x00080021, "DA", "20230412"),
        element(0x0008002A, "DT", "20230412101530.250000"),
        element(0x00080030, "TM", "101500"),
        element(0x00080050, "SH", "ACC-0093"),
        element(0x00080060, "CS", "CT"),
        element(0x00080080, "LO", "Sankt Olav Sygehus"),
        element(0x00080090, "PN", "Holm^Inger"),
        element(0x00081030, "LO", "Thorax"),
        sequence(0x00081140, [element(0x00081150, "UI", CT) + element(0x00081155, "UI", INSTANCE + ".1")]),
        element(0x00090010, "LO", "ACME CT 1.0"),
        element(0x00091001, "LO", "ward 7, bed 3"),
        element(0x00100010, "PN", patient),
        element(0x00100020, "LO", "PT-004711"),
        element(0x00100030, "DA", "19571103"),
        element(0x00100040, "CS", "M"),
        sequence(0x00101002, [element(0x00100020, "LO", "REG-88123") + element(0x00100022, "CS", "TEXT")]),
        element(0x00101010, "AS", "065Y"),
        element(0x00101040, "LO", "Havnegade 12, Odense"),
        element(0x00180050, "DS", "2.5"),
        element(0x00180060, "DS", "120"),
        element(0x0020000D, "UI", STUDY),
        element(0x0020000E, "UI", SERIES),
        element(0x00200010, "SH", "4711"),
        element(0x00200013, "IS", "17"),
        element(0x00200032, "DS", "-160\\-160\\42.5"),
        element(0x00200037, "DS", "1\\0\\0\\0\\1\\0"),
        element(0x00200052, "UI", FRAME),
        element(0x00280002, "US", 1),
        element(0x00280004, "CS", "MONOCHROME2"),
        element(0x00280010, "US", SIDE),
        element(0x00280011, "US", SIDE),
        element(0x00280030, "DS", "5\\5"),
        element(0x00280100, "US", 16),
        element(0x00280101, "US", 12),
        element(0x00280102, "US", 11),
        element(0x00280103, "US", 0),
        element(0x00281052, "DS", "-1024"),
        element(0x00281053, "DS", "1"),
        element(0x7FE00010, "OW", phantom()),
    ]
    return file_head(CT, INSTANCE) + b"".join(data)


def sidecar():
    """What a converter writes beside the image of a series."""
    return json.dumps({
        "Modality": "CT",
        "Manufacturer": "ACME",
        "InstitutionName": "Sankt Olav Sygehus",
        "PatientName": "S\u00f8rensen^K\u00e5re",
        "PatientID": "PT-004711",
        "PatientBirthDate": "1957-11-03",
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": SERIES,
        "AcquisitionDateTime": "2023-04-12 10:15:30.250000",
        "SeriesNumber": 2,
        "SliceThickness": 2.5,
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "Operators": [{"Name": "Holm, Inger", "Shift": "day"}, {"Name": "Dahl, Per", "Shift": "night"}],
        "ConversionSoftware": "sidecar 1.4",
    }, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"


def table():
    """A subject table as it leaves a spreadsheet: CRLF, a quoted comma, an id with leading zeros."""
    rows = [
        "PatientID,Name,BirthDate,Sex,VisitDate,Site,Score",
        'PT-004711,"S\u00f8rensen, K\u00e5re",1957-11-03,M,2023-04-12,Odense,007',
        'PT-004712,"Lund, Mette",1964-02-29,F,2023-04-13,Odense,012',
        'PT-004713,"Bak, Jens ""JB""",1971-07-19,M,2023-05-02,Aarhus,NA',
    ]
    return ("\r\n".join(rows) + "\r\n").encode("utf-8")


def header():
    """A MetaImage header whose pixels stand in a file of their own."""
    return "\n".join([
        "ObjectType = Image",
        "NDims = 3",
        "PatientName = S\u00f8rensen^K\u00e5re",
        "PatientID = PT-004711",
        "AcquisitionDate = 20230412",
        "StudyInstanceUID = " + STUDY,
        "Comment = repeat of the scan for K. S\u00f8rensen",
        "DimSize = 64 64 40",
        "ElementSpacing = 5 5 2.5",
        "ElementType = MET_SHORT",
        "ElementDataFile = ct-thorax.raw",
        "",
    ]).encode("utf-8")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else HERE
    os.makedirs(folder, exist_ok=True)
    for name, data in (("ct-thorax.dcm", ct()), ("ct-thorax.json", sidecar()), ("ct-thorax.mhd", header()),
                       ("subjects.csv", table())):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
