/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/office.h"

#include <expat.h>
#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

/*
 * Elements are told by their local names: the namespaces of the two standards do not clash in
 * the few names that matter, and a producer may choose any prefix.
 */

struct office {
	XML_Parser parser;
	struct prose *out;
	unsigned depth;
	unsigned aside;	 /* depth at which text set aside began; 0: none */
	unsigned ignore; /* the same for text that is none */
	bool is_cell_shared;
	int error;
};

/* Expat's realloc() brings no old size, so each block carries its own. */
union block {
	size_t size;
	max_align_t align;
};

static void *
block_new(size_t size)
{
	union block *b = NULL;

	if (size > SIZE_MAX - sizeof *b || mem_new(&b, sizeof *b + size) != 0)
		return NULL;
	b->size = size;
	return b + 1;
}

static void
block_free(void *ptr)
{
	if (ptr != NULL)
		mem_free((union block *)ptr - 1);
}

static void *
block_resize(void *ptr, size_t size)
{
	const union block *old = ptr != NULL ? (union block *)ptr - 1 : NULL;
	void *new = block_new(size);

	if (new == NULL || old == NULL)
		return new;
	memcpy(new, ptr, old->size < size ? old->size : size);
	block_free(ptr);
	return new;
}

static bool
is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof list / sizeof list[0])

static const char *
local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon != NULL ? colon + 1 : name;
}

static uint64_t
position(const struct office *o)
{
	XML_Index at = XML_GetCurrentByteIndex(o->parser);

	return at > 0 ? (uint64_t)at : 0;
}

/* What ends a line, and what is a blank within one. */
static void
put_break(struct office *o, const char *name, bool is_start)
{
	static const char *const lines[] = {"p", "h", "br", "cr", "line-break", "row",
		"tr", "table-row", "si", "comment", "list-item", "sectPr", "footnote",
		"endnote", "annotation", "lpwstr", "title", "subject", "creator",
		"keywords", "description", "lastModifiedBy", "category", "user-defined",
		"author"};
	static const char *const blanks[] = {
		"tab", "s", "tc", "c", "table-cell", "noBreakHyphen", "ptab"};
	char c;

	if (IS_ONE_OF(name, lines))
		c = '\n';
	else if (IS_ONE_OF(name, blanks))
		c = strcmp(name, "noBreakHyphen") == 0 ? '-' : '\t';
	else
		return;
	/* Once for each element: tabs and line breaks are empty, the others end. */
	if (is_start != (c != '\n' || strcmp(name, "br") == 0))
		return;
	if (o->aside != 0)
		prose_aside(o->out, &c, 1, position(o), position(o));
	else
		prose_char(o->out, (uint32_t)c, position(o), position(o));
}

/* Is this cell's value an index into the shared strings? */
static bool
is_shared(const char **attributes)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(attributes[0], "t") == 0 && strcmp(attributes[1], "s") == 0)
			return true;
	return false;
}

static void XMLCALL
on_start(void *arg, const char *full_name, const char **attributes)
{
	/* Deleted runs, field codes, formulas; ODF keeps its deletions in tracked-changes. */
	static const char *const aside[] = {"delText", "instrText", "delInstrText", "f",
		"tracked-changes", "annotation", "moveFrom"};
	const char *name = local_name(full_name);
	struct office *o = arg;

	if (++o->depth > OFFICE_DEPTH) {
		o->error = FAIL_LIMIT;
		(void)XML_StopParser(o->parser, XML_FALSE);
		return;
	}
	if (strcmp(name, "c") == 0)
		o->is_cell_shared = is_shared(attributes);
	if (o->aside == 0 && IS_ONE_OF(name, aside)) {
		o->aside = o->depth;
		prose_aside(o->out, "\n", 1, position(o), position(o));
	}
	if (o->ignore == 0 && o->is_cell_shared && strcmp(name, "v") == 0)
		o->ignore = o->depth;
	put_break(o, name, true);
}

static void XMLCALL
on_end(void *arg, const char *full_name)
{
	struct office *o = arg;

	put_break(o, local_name(full_name), false);
	if (o->aside == o->depth)
		o->aside = 0;
	if (o->ignore == o->depth)
		o->ignore = 0;
	o->depth--;
}

static void XMLCALL
on_text(void *arg, const char *ptr, int len)
{
	struct office *o = arg;
	uint64_t from = position(o);
	size_t n = (size_t)len;

	if (o->ignore != 0)
		return;
	if (o->aside != 0)
		prose_aside(o->out, ptr, n, from, from + n);
	else
		prose_put(o->out, ptr, n, from, from + n);
	/* Nobody listens any more: do not read on for nothing. */
	if (emit_error(o->out->emit) != 0)
		(void)XML_StopParser(o->parser, XML_FALSE);
}

static void XMLCALL
on_doctype(
	void *arg, const char *name, const char *sysid, const char *pubid, int has_subset)
{
	struct office *o = arg;

	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_subset;
	o->error = FAIL_FORMAT;
	(void)XML_StopParser(o->parser, XML_FALSE);
}

int
office_new(struct prose *out, struct office **ret_office)
{
	static const XML_Memory_Handling_Suite memory = {
		block_new, block_resize, block_free};
	struct office *o = NULL;
	int r;

	if ((r = mem_new(&o, sizeof *o)) != 0)
		return r;
	o->out = out;
	if ((o->parser = XML_ParserCreate_MM(NULL, &memory, NULL)) == NULL) {
		office_free(o);
		return FAIL_NOMEM;
	}
	/* The names hashed are few and the part is small: a fixed salt keeps runs alike. */
	(void)XML_SetHashSalt(o->parser, 0x76616c69);
	XML_SetUserData(o->parser, o);
	XML_SetElementHandler(o->parser, on_start, on_end);
	XML_SetCharacterDataHandler(o->parser, on_text);
	XML_SetStartDoctypeDeclHandler(o->parser, on_doctype);
	*ret_office = o;
	return 0;
}

void
office_free(struct office *o)
{
	if (o == NULL)
		return;
	if (o->parser != NULL)
		XML_ParserFree(o->parser);
	mem_free(o);
}

static int
parse(struct office *o, const uint8_t *ptr, size_t len, bool is_last)
{
	/* XML_Parse takes an int; blocks are far smaller. */
	CHECK(len <= 1 << 30);
	if (XML_Parse(o->parser, (const char *)ptr, (int)len, is_last) !=
		XML_STATUS_ERROR)
		return 0;
	if (o->error != 0)
		return o->error;
	if (XML_GetErrorCode(o->parser) == XML_ERROR_NO_MEMORY)
		return FAIL_NOMEM;
	return FAIL_FORMAT;
}

int
office_feed(struct office *o, const uint8_t *ptr, size_t len)
{
	return parse(o, ptr, len, false);
}

int
office_end(struct office *o)
{
	return parse(o, (const uint8_t *)"", 0, true);
}

static bool
begins(const char *name, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(name, with, strlen(with)) == 0;
}

static bool
ends(const char *name, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(name + len - n, with, n) == 0;
}

static uint32_t
number_before_xml(const char *name, size_t len)
{
	size_t i = len - 4;
	uint32_t n = 0;

	while (i > 0 && name[i - 1] >= '0' && name[i - 1] <= '9')
		i--;
	for (; i < len - 4 && n < 1000000; i++)
		n = n * 10 + (uint32_t)(name[i] - '0');
	return n;
}

/* Where the part's own name begins. */
static size_t
folder_len(const char *name, size_t len)
{
	while (len > 0 && name[len - 1] != '/')
		len--;
	return len;
}

static bool
is_formatting(const char *base, size_t len)
{
	static const char *const names[] = {"styles.xml", "settings.xml", "fontTable.xml",
		"numbering.xml", "webSettings.xml", "presProps.xml", "viewProps.xml",
		"tableStyles.xml", "calcChain.xml", "[Content_Types].xml"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i]) == len && memcmp(base, names[i], len) == 0)
			return true;
	return false;
}

static bool
is_about(const char *name, size_t len)
{
	return begins(name, len, "docProps/") || begins(name, len, "customXml/") ||
		(len == 8 && begins(name, len, "meta.xml"));
}

/* What is no XML, or says nothing in any office: OFFICE_TEXT when neither. */
static enum office_use
use_by_kind(const char *name, size_t len)
{
	if (len == 0 || name[len - 1] == '/' || ends(name, len, ".rels") ||
		(len == 8 && begins(name, len, "mimetype")))
		return OFFICE_IGNORE;
	if (begins(name, len, "META-INF/"))
		return ends(name, len, "manifest.xml") ? OFFICE_MANIFEST : OFFICE_IGNORE;
	if (!ends(name, len, ".xml"))
		return OFFICE_CHILD;
	return is_about(name, len) ? OFFICE_META : OFFICE_TEXT;
}

enum office_use
office_part(const char *name, size_t len, uint32_t *ret_page)
{
	size_t folder = folder_len(name, len);
	enum office_use use = use_by_kind(name, len);
	const char *base = name + folder;

	*ret_page = 0;
	/* ODF keeps headers and footers in its styles.xml; OOXML has only formatting there. */
	if (use != OFFICE_TEXT || (folder == 0 && begins(name, len, "styles.xml")))
		return use;
	len -= folder;
	if (is_formatting(base, len) || memmem(name, folder, "/theme/", 7) != NULL)
		return OFFICE_IGNORE;
	if (begins(base, len, "slide") || begins(base, len, "sheet") ||
		begins(base, len, "notesSlide"))
		*ret_page = number_before_xml(base, len);
	return OFFICE_TEXT;
}
