/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/index_add.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "valise/ids.h"
#include "valise/report.h"

struct index_adder {
	struct indexdir *d;
	struct normal *normal;
	struct segment_build *build;
	struct ids ids;
	uint32_t *dead; /* documents that this commit replaces */
	size_t dead_count, dead_cap;
	struct index_add_result result;
};

int
index_adder_commit(struct index_adder *a)
{
	int r;

	if (segment_build_docs(a->build) == 0 && a->dead_count == 0)
		return 0;
	if ((r = indexdir_commit(a->d, a->build, a->dead, a->dead_count)) != 0)
		return r;
	segment_build_clear(a->build);
	a->dead_count = 0;
	/* Documents have new numbers now. */
	ids_done(&a->ids);
	return ids_load(&a->ids, a->d);
}

static int
note_dead(struct index_adder *a, uint32_t doc)
{
	size_t cap = a->dead_cap > 0 ? a->dead_cap * 2 : 64;
	int r;

	if (a->dead_count == a->dead_cap) {
		if ((r = mem_grow(&a->dead, a->dead_cap * sizeof a->dead[0],
			     cap * sizeof a->dead[0])) != 0)
			return r;
		a->dead_cap = cap;
	}
	a->dead[a->dead_count++] = doc;
	return 0;
}

/* What becomes of an id that is known: *ret_is_same when nothing is to do. */
static int
meet_known(struct index_adder *a, uint32_t doc, const uint8_t *digest, bool *ret_is_same)
{
	const struct segment *s;
	struct segment_doc known;
	int r;

	if ((r = index_doc(indexdir_index(a->d), doc, &s, &known)) != 0)
		return r;
	*ret_is_same = memcmp(known.digest, digest, SEGMENT_DIGEST_LEN) == 0;
	if (*ret_is_same) {
		a->result.unchanged++;
		return 0;
	}
	a->result.replaced++;
	return note_dead(a, doc);
}

int
index_adder_add(struct index_adder *a, const struct index_input_doc *doc)
{
	struct segment_text text = {
		.id = doc->id, .id_len = doc->id_len, .text = doc->text, .len = doc->len};
	uint8_t digest[HASH_LEN];
	bool is_same = false;
	uint32_t known;
	int r;

	hash_sha256(doc->text, doc->len, digest);
	memcpy(text.digest, digest, sizeof text.digest);
	/* The same id twice in one commit: the first must count before it is replaced. */
	if (ids_is_pending(&a->ids, doc->id, doc->id_len) &&
		(r = index_adder_commit(a)) != 0)
		return r;
	if (ids_find(&a->ids, doc->id, doc->id_len, &known)) {
		if ((r = meet_known(a, known, digest, &is_same)) != 0 || is_same)
			return r;
	} else {
		a->result.added++;
	}
	if ((r = ids_note_pending(&a->ids, doc->id, doc->id_len)) != 0 ||
		(r = segment_build_add(a->build, &text)) != 0)
		return r;
	a->result.bytes += doc->len;
	return segment_build_grams(a->build) >= INDEX_ADD_GRAMS_MAX
		? index_adder_commit(a)
		: 0;
}

int
index_adder_new(struct indexdir *d, struct index_adder **ret_adder)
{
	struct index_adder *a = NULL;
	int r;

	if ((r = mem_new(&a, sizeof *a)) != 0)
		return r;
	a->d = d;
	if ((r = normal_new(cpu_best(), &a->normal)) != 0 ||
		(r = segment_build_new(a->normal, cpu_best(), &indexdir_index(d)->key,
			 &a->build)) != 0 ||
		(r = ids_load(&a->ids, d)) != 0) {
		index_adder_free(a);
		return r;
	}
	*ret_adder = a;
	return 0;
}

void
index_adder_free(struct index_adder *a)
{
	if (a == NULL)
		return;
	ids_done(&a->ids);
	segment_build_free(a->build);
	normal_free(a->normal);
	mem_free(a->dead);
	mem_free(a);
}

const struct index_add_result *
index_adder_result(const struct index_adder *a)
{
	return &a->result;
}

static int
add_doc(void *arg, const struct index_input_doc *doc)
{
	return index_adder_add(arg, doc);
}

static void
note_skipped(void *arg, const char *name, uint64_t line, const char *why)
{
	struct index_adder *a = arg;

	a->result.skipped++;
	if (line > 0)
		report_say("%s: line %" PRIu64 ": %s\n", name, line, why);
	else
		report_say("%s: not wholly read: %s\n", name, why);
}

int
index_add_all(struct indexdir *d, char *const *paths, size_t count,
	struct index_add_result *ret_result, const char **ret_object)
{
	struct index_adder *a = NULL;
	struct index_input in = {add_doc, note_skipped, NULL};
	int r;

	if ((r = index_adder_new(d, &a)) != 0)
		return r;
	in.arg = a;
	for (size_t i = 0; i < count; i++) {
		*ret_object = paths[i];
		if ((r = index_input_take(&in, paths[i])) != 0)
			goto out;
	}
	if ((r = index_adder_commit(a)) == 0)
		*ret_result = a->result;
out:
	index_adder_free(a);
	return r;
}

int
index_remove_ids(
	struct indexdir *d, char *const *ids, size_t count, const char **ret_missing)
{
	struct ids known = {0};
	uint32_t *dead = NULL;
	int r;

	if ((r = mem_new_array(&dead, count, sizeof dead[0])) != 0 ||
		(r = ids_load(&known, d)) != 0)
		goto out;
	r = FAIL_ABSENT;
	for (size_t i = 0; i < count; i++) {
		if (!ids_find(&known, ids[i], strlen(ids[i]), &dead[i])) {
			*ret_missing = ids[i];
			goto out;
		}
	}
	r = indexdir_commit(d, NULL, dead, count);
out:
	ids_done(&known);
	mem_free(dead);
	return r;
}
