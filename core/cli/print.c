/* SPDX-License-Identifier: MIT */
#include "core/cli/print.h"

#include "core/util/utf8.h"
#include <errno.h>
#include <string.h>

/* C0 and C1 controls, DEL, and the characters that turn the direction of writing. */
bool print_harmless(uint32_t cp)
{
	return cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0) && !(cp >= 0x202a && cp <= 0x202e) &&
	       !(cp >= 0x2066 && cp <= 0x2069);
}

void print_text(FILE *f, struct deid_str s)
{
	size_t start = 0; /* of what is harmless and not written yet */
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t n = utf8_next(s, i, &cp);
		if (n && print_harmless(cp)) {
			i += n;
			continue;
		}
		if (i > start)
			fwrite(s.p + start, 1, i - start, f);
		fputc('?', f);
		i += n ? n : 1;
		start = i;
	}
	if (s.n > start)
		fwrite(s.p + start, 1, s.n - start, f);
}

void print_json(FILE *f, struct deid_str s)
{
	fputc('"', f);
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t n = utf8_next(s, i, &cp);
		if (n == 0) {
			fputs("\\ufffd", f);
			i++;
			continue;
		}
		if (cp == '"' || cp == '\\')
			fprintf(f, "\\%c", (int)cp);
		else if (cp < 0x20 || cp == 0x7f)
			fprintf(f, "\\u%04x", (unsigned)cp);
		else
			fwrite(s.p + i, 1, n, f);
		i += n;
	}
	fputc('"', f);
}

void print_diag(FILE *f, const struct diag *d)
{
	if (d->file)
		print_text(f, str_of(d->file));
	if (d->file && d->line)
		fprintf(f, ":%zu:%zu", d->line, d->col);
	if (d->file)
		fputs(": ", f);
	fputs(d->level == DIAG_ERROR ? "error: " : "warning: ", f);
	print_text(f, str_of(d->text));
	fputc('\n', f);
}

void print_error(const struct deid_error *err)
{
	struct buf text = {0};
	fputs("deid: ", stderr);
	if (error_text(err, &text))
		print_text(stderr, buf_view(&text));
	else
		fputs("no memory", stderr);
	fputc('\n', stderr);
	buf_free(&text);
}

bool print_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	fprintf(stderr, "deid: cannot write to standard output: %s\n", strerror(errno));
	return false;
}
