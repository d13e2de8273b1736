/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#include <string.h>

#include "base/mem.h"
#include "leak/jsonl.h"
#include "sys/lines.h"

static int
copy(const char *from, size_t len, char **ret_copy)
{
	int r;

	if ((r = mem_new(ret_copy, len + 1)) == 0)
		memcpy(*ret_copy, from, len);
	return r;
}

static int
append(struct corpus *c, const struct jsonl_doc *doc)
{
	struct corpus_doc *to;
	size_t cap = c->cap > 0 ? c->cap * 2 : 1024;
	int r;

	if (c->count == c->cap) {
		if ((r = mem_grow(&c->doc, c->cap * sizeof c->doc[0],
			     cap * sizeof c->doc[0])) != 0)
			return r;
		c->cap = cap;
	}
	to = &c->doc[c->count++];
	to->id_len = doc->id_len;
	to->body_len = doc->body_len;
	c->bytes += doc->body_len;
	if ((r = copy(doc->id, doc->id_len, &to->id)) != 0)
		return r;
	return copy(doc->body, doc->body_len, &to->body);
}

int
corpus_read(const char *path, size_t max, struct corpus *ret_corpus)
{
	struct lines *lines = NULL;
	struct corpus c = {0};
	struct jsonl_doc doc;
	const char *line;
	size_t len;
	int r;

	if ((r = lines_new(path, &lines)) != 0)
		goto out;
	while (c.count < max && (r = lines_next(lines, &line, &len)) == 0 &&
		line != NULL) {
		if ((r = jsonl_parse(line, len, &doc)) != 0)
			goto out;
		r = append(&c, &doc);
		jsonl_done(&doc);
		if (r != 0)
			goto out;
	}
	if (r != 0)
		goto out;
	*ret_corpus = c;
	c = (struct corpus){0};
out:
	corpus_done(&c);
	lines_free(lines);
	return r;
}

void
corpus_done(struct corpus *c)
{
	for (size_t i = 0; i < c->count; i++) {
		mem_free(c->doc[i].id);
		mem_free(c->doc[i].body);
	}
	mem_free(c->doc);
	*c = (struct corpus){0};
}
