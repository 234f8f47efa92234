/* SPDX-License-Identifier: MIT */
/* The walker and the reader of the front on their own: trees, syntaxes, and everything that must be refused.
 */
#include "core/engine/host.h"
#include "core/engine/job.h"
#include "core/util/bytes.h"
#include "core/util/str.h"
#include "plugins/dicom/head.h"
#include "plugins/dicom/walk.h"
#include <criterion/criterion.h>

/* A data set under construction. */
struct made {
	struct buf b;
	unsigned in;
};

static void put(struct made *m, unsigned bytes, uint32_t v)
{
	for (unsigned i = 0; i < bytes; i++)
		cr_assert(buf_c(&m->b, (char)(v >> 8 * (m->in & NODE_IN_BIG ? bytes - 1 - i : i))));
}

static void head_of(struct made *m, uint32_t tag, const char *vr, uint32_t len)
{
	put(m, 2, tag >> 16);
	put(m, 2, tag & 0xFFFF);
	if (!(m->in & NODE_IN_IMPLICIT) && tag >> 16 != 0xFFFE) {
		cr_assert(buf_add(&m->b, vr, 2));
		if (!(vr_info(vr_of_letters((uint8_t)vr[0], (uint8_t)vr[1]))->flags & VR_F_LONG)) {
			put(m, 2, len);
			return;
		}
		put(m, 2, 0);
	}
	put(m, 4, len);
}

static void element(struct made *m, uint32_t tag, const char *vr, const char *value)
{
	head_of(m, tag, vr, (uint32_t)strlen(value));
	cr_assert(buf_z(&m->b, value));
}

struct walk {
	struct deid_error err;
	struct deid_job *job;
	struct tree t;
	int rc;
};

static void walk(struct walk *w, const struct made *m, size_t n)
{
	struct job_options o = {.host = &host_services};

	error_init(&w->err);
	w->job = job_new(&o);
	tree_init(&w->t, &host_services, w->job);
	w->t.file = w->t.data = host_services.src_mem(w->job, m->b.p, n);
	cr_assert_not_null(w->t.data);
	w->t.syntax = m->in;
	w->rc = walk_data(&w->t, 0, &w->err);
}

static void done(struct walk *w)
{
	error_free(&w->err);
	job_free(w->job);
}

/* PatientName, a sequence of two items (defined or not), Rows. */
static void sample(struct made *m, bool undefined)
{
	uint32_t u = WALK_UNDEFINED;

	element(m, 0x00100010u, "PN", "A^B ");
	head_of(m, 0x00101002u, "SQ", undefined ? u : 8 + 10 + 8);
	head_of(m, TAG_ITEM, "", undefined ? u : 10);
	element(m, 0x00100020u, "LO", "ID");
	if (undefined)
		head_of(m, TAG_ITEM_END, "", 0);
	head_of(m, TAG_ITEM, "", undefined ? u : 0);
	if (undefined)
		head_of(m, TAG_ITEM_END, "", 0);
	if (undefined)
		head_of(m, TAG_SEQ_END, "", 0);
	element(m, 0x00280010u, "US", "ab");
}

static const unsigned syntaxes[] = {0, NODE_IN_IMPLICIT, NODE_IN_BIG};

Test(walk, trees)
{
	for (size_t s = 0; s < 6; s++) {
		struct made m = {.in = syntaxes[s / 2]};
		static const uint32_t tags[] = {
		    0x00100010u, 0x00101002u, TAG_ITEM, 0x00100020u, TAG_ITEM, 0x00280010u};
		static const uint32_t next[] = {1, 5, 4, 4, 5, 6},
				      parent[] = {NODE_NONE, NODE_NONE, 1, 2, 1, NODE_NONE};
		struct walk w;

		sample(&m, s % 2);
		walk(&w, &m, m.b.n);
		cr_assert_eq(w.rc, DEID_OK, "%zu", s);
		cr_assert_eq(w.t.n, 6u);
		for (uint32_t i = 0; i < 6; i++) {
			cr_expect_eq(tree_node(&w.t, i)->tag, tags[i], "%zu: node %u", s, i);
			cr_expect_eq(tree_node(&w.t, i)->next, next[i], "%zu: node %u", s, i);
			cr_expect_eq(tree_node(&w.t, i)->parent, parent[i], "%zu: node %u", s, i);
		}
		cr_expect_eq(tree_node(&w.t, 3)->vr, VR_LO);
		cr_expect_eq(node_end(tree_node(&w.t, 1)), tree_node(&w.t, 5)->off,
		    "the length counts the delimiter in");
		cr_expect_eq(w.t.end, m.b.n);
		cr_expect_eq(w.t.trailing, 0u);
		done(&w);
		buf_free(&m.b);
	}
}

/* Every byte position: only cuts between two elements at the top leave a data set. */
Test(walk, cut_files)
{
	for (size_t s = 0; s < 6; s++) {
		struct made m = {.in = syntaxes[s / 2]};
		struct walk whole;

		sample(&m, s % 2);
		walk(&whole, &m, m.b.n);
		for (size_t n = 1; n < m.b.n; n++) {
			struct walk w;
			bool between = false;

			for (uint32_t i = 0; i < whole.t.n; i = tree_node(&whole.t, i)->next)
				between |= tree_node(&whole.t, i)->off == n;
			walk(&w, &m, n);
			cr_expect_eq(w.rc == DEID_OK, between, "syntax %zu, cut at %zu", s, n);
			if (w.rc != DEID_OK)
				cr_expect_eq(w.err.code, DEID_E_TRUNCATED, "syntax %zu, cut at %zu", s, n);
			done(&w);
		}
		done(&whole);
		buf_free(&m.b);
	}
}

static void nest(struct made *m, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++) {
		head_of(m, 0x00081115u, "SQ", WALK_UNDEFINED);
		head_of(m, TAG_ITEM, "", WALK_UNDEFINED);
	}
	for (unsigned i = 0; i < depth; i++) {
		head_of(m, TAG_ITEM_END, "", 0);
		head_of(m, TAG_SEQ_END, "", 0);
	}
}

Test(walk, nesting)
{
	for (unsigned depth = WALK_DEPTH; depth <= WALK_DEPTH + 1; depth++) {
		struct made m = {0};
		struct walk w;

		nest(&m, depth);
		walk(&w, &m, m.b.n);
		cr_expect_eq(w.rc == DEID_OK, depth == WALK_DEPTH, "%u", depth);
		if (depth > WALK_DEPTH)
			cr_expect_eq(w.err.code, DEID_E_LIMIT);
		done(&w);
		buf_free(&m.b);
	}
}

Test(walk, misplaced_marks)
{
	static const uint32_t marks[] = {TAG_ITEM, TAG_ITEM_END, TAG_SEQ_END, 0xFFFEFFFFu, 0x00000001u};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		struct made m = {.in = NODE_IN_IMPLICIT};
		struct walk w;

		element(&m, 0x00100020u, "LO", "ID");
		head_of(&m, marks[i], "", 0);
		element(&m, 0x00100040u, "CS", "M ");
		walk(&w, &m, m.b.n);
		cr_expect_eq(w.rc, DEID_FAILED, "%zu", i);
		cr_expect_eq(w.err.code, DEID_E_FORMAT, "%zu", i);
		cr_expect_eq(w.err.offset, 10u, "%zu: says where", i);
		done(&w);
		buf_free(&m.b);
	}
}

Test(walk, an_unknown_that_holds_items)
{
	struct made m = {0}, items = {.in = NODE_IN_IMPLICIT};
	struct walk w;

	head_of(&items, TAG_ITEM, "", 10);
	element(&items, 0x00100020u, "LO", "ID");
	head_of(&m, 0x00091010u, "UN", (uint32_t)items.b.n);
	cr_assert(buf_str(&m.b, buf_view(&items.b)));
	walk(&w, &m, m.b.n);
	cr_assert_eq(w.rc, DEID_OK);
	cr_assert_eq(w.t.n, 3u);
	cr_expect_eq(tree_node(&w.t, 2)->tag, 0x00100020u);
	done(&w);
	/* The same, but the item's element says too much: then it is bytes. */
	m.b.p[12 + 8 + 4] = 3;
	walk(&w, &m, m.b.n);
	cr_assert_eq(w.rc, DEID_OK);
	cr_expect_eq(w.t.n, 1u);
	cr_expect_eq(tree_node(&w.t, 0)->next, 1u);
	cr_expect_not(tree_node(&w.t, 0)->flags & NODE_PARENT);
	done(&w);
	buf_free(&m.b);
	buf_free(&items.b);
}

Test(walk, headers)
{
	static const uint8_t question[] = {8, 0, 0x16, 0, '?', '?', 2, 0, 'a', 'b'};
	static const uint8_t future[] = {8, 0, 0x16, 0, 'Z', 'Z', 0, 0, 2, 0, 0, 0};
	static const uint8_t none[] = {8, 0, 0x16, 0, 2, 0, 0, 0};
	struct walk_header h;

	cr_assert(walk_header(question, sizeof question, 0, &h));
	cr_expect_eq(h.len, 2u, "a VR that is none has the short header");
	cr_expect_not(h.flags & NODE_LONG);
	cr_assert(walk_header(future, sizeof future, 0, &h));
	cr_expect_eq(h.len, 2u, "one that may come has the long one");
	cr_expect(h.flags & NODE_LONG);
	cr_assert(walk_header(none, sizeof none, 0, &h));
	cr_expect(h.flags & NODE_IMPLICIT);
	cr_expect_not(walk_header(future, 11, 0, &h));
	cr_expect_not(walk_header(none, 7, NODE_IN_IMPLICIT, &h));
}

Test(walk, many_elements)
{
	struct made m = {.in = NODE_IN_IMPLICIT};
	uint32_t items = 100000;
	struct walk w;

	head_of(&m, 0x52009230u, "SQ", items * 26);
	for (uint32_t i = 0; i < items; i++) {
		head_of(&m, TAG_ITEM, "", 18);
		element(&m, 0x00100020u, "LO", "ID");
		head_of(&m, 0x00100030u, "DA", 0);
	}
	walk(&w, &m, m.b.n);
	cr_assert_eq(w.rc, DEID_OK);
	cr_expect_eq(w.t.n, 1 + 3 * items);
	cr_expect_eq(tree_node(&w.t, 0)->next, w.t.n);
	cr_expect_eq(tree_node(&w.t, 3 * items)->vr, VR_DA);
	done(&w);
	buf_free(&m.b);
}

Test(front, what_looks_like_a_data_set)
{
	for (size_t s = 0; s < 3; s++) {
		struct made m = {.in = syntaxes[s]};

		element(&m, 0x00080016u, "UI", "1.2.3.4.");
		element(&m, 0x00080060u, "CS", "MR");
		cr_expect(head_plausible((const uint8_t *)m.b.p, m.b.n, m.b.n, true), "%zu", s);
		cr_expect_not(
		    head_plausible((const uint8_t *)m.b.p, m.b.n - 3, m.b.n - 3, true), "%zu: cut", s);
		m.b.p[m.in & NODE_IN_BIG ? 1 : 0] = 0x7F; /* the first group is too high */
		cr_expect_not(head_plausible((const uint8_t *)m.b.p, m.b.n, m.b.n, true), "%zu", s);
		buf_free(&m.b);
	}
	cr_expect_not(head_plausible((const uint8_t *)"# a text that is no data set at all", 35, 35, false));
	cr_expect_not(head_plausible((const uint8_t *)"", 0, 0, false));
}
