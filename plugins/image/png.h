/* SPDX-License-Identifier: MIT */
/*
 * PNG files (PNG Specification, Third Edition): chunks, and what of them changes. The image's own data are
 * passed over when the file is read, checksums apart, and copied when it is written.
 */
#ifndef IMAGE_PNG_H
#define IMAGE_PNG_H

#include "plugins/common/region.h"
#include "plugins/image/meta.h"

#define PNG_SIGNATURE "\x89PNG\r\n\x1A\n"
#define PNG_TYPE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define PNG_IHDR PNG_TYPE('I', 'H', 'D', 'R')
#define PNG_PLTE PNG_TYPE('P', 'L', 'T', 'E')
#define PNG_IDAT PNG_TYPE('I', 'D', 'A', 'T')
#define PNG_IEND PNG_TYPE('I', 'E', 'N', 'D')
#define PNG_TEXT PNG_TYPE('t', 'E', 'X', 't')
#define PNG_ZTXT PNG_TYPE('z', 'T', 'X', 't')
#define PNG_ITXT PNG_TYPE('i', 'T', 'X', 't')
#define PNG_EXIF PNG_TYPE('e', 'X', 'I', 'f')
#define PNG_TIME PNG_TYPE('t', 'I', 'M', 'E')
#define PNG_ICCP PNG_TYPE('i', 'C', 'C', 'P')
#define PNG_ACTL PNG_TYPE('a', 'c', 'T', 'L')
#define PNG_FCTL PNG_TYPE('f', 'c', 'T', 'L')
#define PNG_FDAT PNG_TYPE('f', 'd', 'A', 'T')
#define PNG_CRITICAL(type) (!((type) >> 24 & 0x20))
#define PNG_PRIVATE(type) (((type) >> 16 & 0x20) != 0)

#define PNG_KEYWORD_MAX 79
#define PNG_HELD_MAX ((size_t)64 << 20)    /* of a chunk that is looked into */
#define PNG_INFLATED_MAX ((size_t)8 << 20) /* of a text, a profile */
#define PNG_CHUNKS_MAX ((size_t)1 << 20)   /* beside the image's data */
#define PNG_XMP_KEYWORD "XML:com.adobe.xmp"

/* A chunk; of IDAT and fdAT all that follow each other without anything between them. */
struct png_chunk {
	uint64_t off; /* of the length before the type */
	uint64_t len; /* of the data; of joined ones of all but the first head and the last checksum */
	uint32_t type;
	struct deid_str keyword; /* of a text, of a colour profile: Latin-1 */
	struct deid_str data;    /* what is in it now, once it was looked at or changed; p NULL: it was not */
	struct meta_block *block; /* it holds one */
	bool removed, changed;
};

struct png_conf {
	struct meta_conf meta;
	bool private;      /* `remove-private-chunks` */
	bool trailer;      /* `remove-trailer` */
	bool keep_trailer; /* an entry names it */
	struct region_mask *mask;
	size_t nmask;
};

struct png_path {
	struct meta_path meta;
	bool trailer;
	uint32_t type;
	bool by_keyword;
	struct deid_str keyword; /* UTF-8, in meta.text */
};

struct png {
	const struct deid_host *host;
	struct deid_job *job;
	const struct png_conf *conf;
	struct deid_source *src;
	struct meta meta;
	struct png_chunk *chunk;
	size_t n, cap;
	struct png_chunk *fresh; /* to come before the image's data */
	size_t nfresh, fresh_cap;
	uint64_t end; /* of IEND */
	uint64_t size;
	bool drop_trailer;
};

/* ---- png_walk.c: reading ------------------------------------------------------------------------- */

int png_walk(struct png *, struct deid_error *);
struct png_chunk *png_push(
    struct png *, struct png_chunk **list, size_t *n, size_t *cap, uint32_t type, struct deid_error *);
/* The chunk's data into chunk->data. */
int png_load(struct png *, struct png_chunk *, struct deid_error *);
/* "tEXt", NUL-terminated. */
void png_type_name(uint32_t type, char out[5]);
/* Whether the image cannot be shown without chunks of this type, or not as it should be. */
bool png_shows(uint32_t type);
/* Whether the length may be that of this type. */
bool png_length_fits(uint32_t type, uint64_t len);

/* ---- png_text.c: what is in chunks of text -------------------------------------------------------- */

bool png_is_text(uint32_t type);
/* The text as UTF-8, memory of the job. */
int png_text_get(struct png *, struct png_chunk *, struct deid_str *, struct deid_error *);
int png_text_set(struct png *, struct png_chunk *, struct deid_str utf8, struct deid_error *);
/* Data of a new chunk. */
int png_text_new(struct png *, uint32_t type, struct deid_str keyword, struct deid_str utf8,
    struct deid_str *data, struct deid_error *);
/* The keyword as UTF-8. */
struct deid_str png_keyword(struct png *, struct deid_str latin1);
/* UTF-8 into Latin-1, memory of the job. False: it does not fit, or no memory. */
bool png_latin1(struct png *, struct deid_str utf8, struct deid_str *);
/* The data of an iCCP chunk without a word; *out n = 0: there is no colour in it. */
int png_blank_profile(struct png *, struct png_chunk *, struct deid_str *out, struct deid_error *);

/* ---- png_write.c --------------------------------------------------------------------------------- */

int png_finish(void *rec, struct deid_error *);
int png_write(void *rec, struct deid_sink *, struct deid_error *);

#endif
