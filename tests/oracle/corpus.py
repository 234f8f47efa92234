# SPDX-License-Identifier: MIT
"""The DICOM files that Debian's python3-pydicom brings along (2.3.1-1 in Debian 12)."""
import os
import sys
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
sys.dont_write_bytecode = True
import tap

try:
    import pydicom
except ImportError:
    tap.skip_all("needs python3-pydicom (and a Python that sees it)")

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
# As the file has it: pydicom would otherwise turn what it knows in UN into the VR of its dictionary.
pydicom.config.replace_un_with_known_vr = False

DATA = os.path.join(os.path.dirname(pydicom.__file__), "data")
NO_DICOM = (".txt", ".json", ".gz", ".dump", ".py", ".pyc", "README")


def files():
    """[(name below the data folder, bytes)], sorted; all that are meant to be DICOM, damaged ones too."""
    out = []
    for part in ("test_files", "charset_files"):
        for folder, _, names in os.walk(os.path.join(DATA, part)):
            for n in names:
                if not n.endswith(NO_DICOM):
                    path = os.path.join(folder, n)
                    out.append((os.path.relpath(path, DATA), tap.read(path)))
    if not out:
        tap.skip_all("python3-pydicom is here without its data files")
    return sorted(out)


def read(data):
    import io
    return pydicom.dcmread(io.BytesIO(data), force=True)
