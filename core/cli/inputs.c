/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int inputs_from(struct walk *w, const struct inputs_from *from, struct deid_error *err)
{
	bool standard = strcmp(from->file, "-") == 0;
	int end = from->nul ? '\0' : '\n', rc = DEID_OK;
	FILE *f = standard ? stdin : fopen(from->file, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	if (!f)
		return error_errno(err, DEID_FATAL, "cannot read the list %s", from->file);
	while (rc == DEID_OK && (n = getdelim(&line, &cap, end, f)) >= 0) {
		if (n > 0 && line[n - 1] == end)
			line[--n] = '\0';
		/* A text file with a NUL is the other kind of list. */
		if (strlen(line) != (size_t)n)
			rc = error_fail(err, DEID_FATAL, DEID_E_FORMAT,
			    "the list %s holds NUL characters (see -0)", from->file);
		else if (n > 0)
			rc = walk_add(w, line, err);
	}
	if (rc == DEID_OK && ferror(f))
		rc = error_errno(err, DEID_FATAL, "cannot read the list %s", from->file);
	free(line);
	if (!standard)
		fclose(f);
	return rc;
}
