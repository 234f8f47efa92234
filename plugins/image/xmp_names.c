/* SPDX-License-Identifier: MIT */
#include "plugins/image/xmp_tree.h"

#include <string.h>

/* ISO 16684-1 and -2, CIPA DC-010, IPTC Photo Metadata, and the makers'. */
static const struct {
	const char *prefix, *uri;
} known[] = {
    {"rdf", XMP_RDF},
    {"x", "adobe:ns:meta/"},
    {"dc", "http://purl.org/dc/elements/1.1/"},
    {"xmp", "http://ns.adobe.com/xap/1.0/"},
    {"xmpRights", "http://ns.adobe.com/xap/1.0/rights/"},
    {"xmpMM", "http://ns.adobe.com/xap/1.0/mm/"},
    {"xmpBJ", "http://ns.adobe.com/xap/1.0/bj/"},
    {"xmpDM", "http://ns.adobe.com/xmp/1.0/DynamicMedia/"},
    {"xmpTPg", "http://ns.adobe.com/xap/1.0/t/pg/"},
    {"xmpNote", "http://ns.adobe.com/xmp/note/"},
    {"xmpGImg", "http://ns.adobe.com/xap/1.0/g/img/"},
    {"stEvt", "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"},
    {"stRef", "http://ns.adobe.com/xap/1.0/sType/ResourceRef#"},
    {"photoshop", "http://ns.adobe.com/photoshop/1.0/"},
    {"tiff", "http://ns.adobe.com/tiff/1.0/"},
    {"exif", "http://ns.adobe.com/exif/1.0/"},
    {"exifEX", "http://cipa.jp/exif/1.0/"},
    {"aux", "http://ns.adobe.com/exif/1.0/aux/"},
    {"crs", "http://ns.adobe.com/camera-raw-settings/1.0/"},
    {"Iptc4xmpCore", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"},
    {"Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"},
    {"plus", "http://ns.useplus.org/ldf/xmp/1.0/"},
    {"pdf", "http://ns.adobe.com/pdf/1.3/"},
    {"lr", "http://ns.adobe.com/lightroom/1.0/"},
    {"GPano", "http://ns.google.com/photos/1.0/panorama/"},
    {"GCamera", "http://ns.google.com/photos/1.0/camera/"},
    {"GImage", "http://ns.google.com/photos/1.0/image/"},
    {"MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0/"},
    {"MP", "http://ns.microsoft.com/photo/1.2/"},
    {"mwg-rs", "http://www.metadataworkinggroup.com/schemas/regions/"},
    {"digiKam", "http://www.digikam.org/ns/1.0/"},
};

struct deid_str xmp_prefix_of(struct deid_str uri)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eqz(uri, known[i].uri))
			return str_of(known[i].prefix);
	return (struct deid_str){NULL, 0};
}

const char *xmp_uri_of(struct deid_str *prefix)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_caseeq(*prefix, str_of(known[i].prefix))) {
			*prefix = str_of(known[i].prefix);
			return known[i].uri;
		}
	return NULL;
}

char xmp_array_of(struct deid_str prefix, struct deid_str local)
{
	static const struct {
		const char *prefix, *local;
		char array;
	} arrays[] = {
	    {"dc", "creator", 'S'},
	    {"dc", "date", 'S'},
	    {"dc", "subject", 'B'},
	    {"dc", "contributor", 'B'},
	    {"dc", "publisher", 'B'},
	    {"dc", "language", 'B'},
	    {"dc", "relation", 'B'},
	    {"dc", "type", 'B'},
	    {"dc", "title", 'A'},
	    {"dc", "description", 'A'},
	    {"dc", "rights", 'A'},
	    {"xmpRights", "UsageTerms", 'A'},
	    {"xmpRights", "Owner", 'B'},
	    {"xmp", "Identifier", 'B'},
	    {"exif", "UserComment", 'A'},
	    {"tiff", "ImageDescription", 'A'},
	    {"tiff", "Copyright", 'A'},
	    {"photoshop", "SupplementalCategories", 'B'},
	    {"lr", "hierarchicalSubject", 'B'},
	};

	for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
		if (str_eqz(prefix, arrays[i].prefix) && str_eqz(local, arrays[i].local))
			return arrays[i].array;
	return 0;
}

/* Letters, digits, and what XML has in names besides. */
static bool word(struct deid_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7F || (c < 0x80 && memchr("<>&\"'=/:[](){}", c, 14)))
			return false;
	}
	return s.n > 0 && !memchr("-.0123456789", s.p[0], 12);
}

bool xmp_name_parse(struct deid_str text, struct xmp_name *out)
{
	struct deid_str part;

	*out = (struct xmp_name){.n = 0};
	while (str_split(&text, '/', &part)) {
		size_t colon = str_find(part, ':', 0);
		struct xmp_step *s = &out->step[out->n];

		if (out->n++ == XMP_STEPS)
			return false;
		s->local = part;
		if (colon < part.n) {
			s->prefix = str_sub(part, 0, colon);
			s->local = str_sub(part, colon + 1, part.n);
			if (!word(s->prefix))
				return false;
		}
		if (!word(s->local))
			return false;
	}
	if (out->n == 1 && out->step[0].prefix.n)
		out->creates = xmp_uri_of(&out->step[0].prefix) && !str_eqz(out->step[0].prefix, "rdf") &&
			       !str_eqz(out->step[0].prefix, "x");
	return out->n > 0;
}
