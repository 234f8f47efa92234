/* SPDX-License-Identifier: MIT */
/* Whether text is a value of a VR: PS3.5 section 6.2. */
#ifndef DICOM_CHECK_H
#define DICOM_CHECK_H

#include "plugins/dicom/vr.h"

/* Why a file must not hold this text (one component of DA, TM, DT, DS, IS); NULL when it may. */
const char *check_value(enum vr, struct deid_str component);
/* What is against it though it can be written: length and repertoire of the other text VRs. NULL: nothing. */
const char *check_doubt(enum vr, struct deid_str component);

#endif
