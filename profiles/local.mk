# SPDX-License-Identifier: MIT
dist_profile_DATA += profiles/basic-research.yaml profiles/keep-private.yaml profiles/ps315-basic.yaml \
	profiles/flywheel-archive.yaml profiles/images-strip.yaml profiles/shifted-dates.yaml
EXTRA_DIST += profiles/ps315-basic.tab profiles/ps315.py
# What the platform reads of `deid gear`.
dist_pkgdata_DATA += profiles/manifest.json
# Catalogs of devices (`detect`), found by name like profiles.
detectdir = $(profiledir)/detect
dist_detect_DATA = profiles/detect/ctp.yaml profiles/detect/dicom-dre.yaml profiles/detect/pydicom-deid.yaml \
	profiles/detect/CATALOGS.md
EXTRA_DIST += profiles/detect/catalogs.py profiles/detect/ctp.tab profiles/detect/dicom-dre.tab profiles/detect/pydicom-deid.tab
