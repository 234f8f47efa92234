/* SPDX-License-Identifier: MIT */
/* Patient's Age from the birth date and the study date. */
#include "core/util/civil.h"
#include "core/util/str.h"
#include "plugins/dicom/record.h"

#define TAG_STUDY_DATE 0x00080020u
#define TAG_BIRTH_DATE 0x00100030u
#define TAG_AGE 0x00101010u
#define COUNT_MAX 960

static const struct place top = {NODE_NONE, NULL};
static const struct deid_str field = {"PatientAge", 10};

/* DA, PS3.5 section 6.2: YYYYMMDD, and nothing else. */
static bool read_date(struct deid_str s, struct civil *out)
{
	uint64_t n;

	if (s.n != 8 || !str_u64(s, &n))
		return false;
	*out = (struct civil){.year = (int)(n / 10000), .month = (int)(n / 100 % 100), .day = (int)(n % 100)};
	return civil_valid(out);
}

/* False where the file has no such date; *rc says whether that is an error. */
static bool date_of(struct record *r, uint32_t tag, struct civil *out, int *rc, struct deid_error *err)
{
	struct deid_str text;

	return place_text(r, top, tag, &r->value, &text, rc, err) && read_date(text, out);
}

/* Whole months. A day that the month does not have is its last one: who is born on 29 February is a year
 * older on 28 February. */
static int64_t months_between(const struct civil *from, const struct civil *to)
{
	int64_t months = (int64_t)(to->year - from->year) * 12 + to->month - from->month;
	int days = civil_month_days(to->year, to->month);

	return to->day < (from->day < days ? from->day : days) ? months - 1 : months;
}

/* The first unit, from `unit` on to coarser ones, that counts less than 960. */
static void count_age(const struct civil *birth, const struct civil *study, char unit, char text[4])
{
	int64_t days = civil_days(study->year, study->month, study->day) -
		       civil_days(birth->year, birth->month, birth->day);
	int64_t months = months_between(birth, study), n = months / 12;

	if (unit == 'D' && days < COUNT_MAX)
		n = days;
	else if (unit != 'Y' && months < COUNT_MAX)
		n = months, unit = 'M';
	else
		unit = 'Y';
	if (n > COUNT_MAX)
		n = COUNT_MAX;
	text[0] = (char)('0' + n / 100);
	text[1] = (char)('0' + n / 10 % 10);
	text[2] = (char)('0' + n % 10);
	text[3] = unit;
}

static int put_age(struct record *r, struct deid_str age, struct deid_error *err)
{
	const struct deid_value v = {.size = sizeof v, .kind = DEID_AGE, .v = &age, .n = 1};
	struct content content;
	struct element e;

	if (content_make(r, top, VR_AS, place_syntax(r, top), field, &v, &content, err) != DEID_OK)
		return DEID_FAILED;
	if (!place_find(r, top, TAG_AGE, &e)) {
		e = (struct element){NODE_NONE, added_new(r, top, TAG_AGE, VR_AS)};
		if (!e.added)
			return record_nomem(r, err);
	}
	return element_put(r, e, &content, err);
}

int age_set(struct record *r, struct deid_error *err)
{
	struct civil birth, study;
	char text[4];
	int rc;
	bool ok = date_of(r, TAG_BIRTH_DATE, &birth, &rc, err);

	if (ok)
		ok = date_of(r, TAG_STUDY_DATE, &study, &rc, err);
	if (rc != DEID_OK)
		return rc;
	if (!ok) {
		r->host->warn(r->job, field,
		    "PatientBirthDate or StudyDate is missing or no date: the age is not computed");
		return DEID_OK;
	}
	if (civil_days(study.year, study.month, study.day) < civil_days(birth.year, birth.month, birth.day)) {
		r->host->warn(r->job, field, "StudyDate is before PatientBirthDate: the age is not computed");
		return DEID_OK;
	}
	count_age(&birth, &study, r->conf->age_unit, text);
	return put_age(r, (struct deid_str){text, sizeof text}, err);
}
