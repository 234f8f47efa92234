/* SPDX-License-Identifier: MIT */
/* XML as bytes of a file in its encoding: new text, and where the attributes of a start tag are. */
#ifndef DEID_PLUGINS_XML_TEXT_H
#define DEID_PLUGINS_XML_TEXT_H

#include "plugins/common/charset.h"

struct xml_encoding {
	size_t unit;            /* 1, or 2: UTF-16 */
	bool big;               /* UTF-16: the high byte comes first */
	struct charset charset; /* unit 1 */
};

/* What the head of the file says, before its declaration is known; *mark: bytes of the byte order mark. */
bool xml_encoding_head(struct xml_encoding *, struct deid_str head, size_t *mark);

/* Whether XML 1.0 section 2.2 allows every character. */
bool xml_allowed(struct deid_str utf8);
/* Adds text to out as it stands; false when memory is spent. Only for what is known to fit: markup, names. */
bool xml_put(const struct xml_encoding *, struct deid_str utf8, struct buf *out);
/* Adds the text of an element (quote = 0) or an attribute. What the encoding lacks becomes a reference. */
bool xml_put_text(const struct xml_encoding *, struct deid_str utf8, char quote, struct buf *out);

/* An attribute in its tag, in bytes from where the tag begins. */
struct xml_spot_in_tag {
	size_t gap;          /* the blank before it */
	size_t value, close; /* its value, and the quote after it */
	size_t end;          /* after that quote */
	char quote;
	bool entity; /* the value has a reference to an entity that XML does not define itself */
};

/* The next attribute of a well-formed start tag; *at is 0 at first. False: there are no more. */
bool xml_next_attr(const struct xml_encoding *, struct deid_str tag, size_t *at, struct xml_spot_in_tag *);

#endif
