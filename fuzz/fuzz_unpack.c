/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <gmime/gmime.h>

#include "base/mem.h"
#include "unpack_check.h"
#include "valise-unpack/walk.h"

/*
 * The unpacker as a whole, in one process: text, archives, mail, office documents, nested as the
 * input likes, under small limits.  It always ends with a total that agrees with its records.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;
	struct unpack_check c;
	struct walk *w = NULL;
	struct source input;

	if (!is_ready)
		g_mime_init();
	is_ready = true;
	unpack_check_begin(&c);
	CHECK(mem_new(&w, sizeof *w) == 0);
	walk_limits_init(&w->limits);
	w->limits.depth_max = 5;
	w->limits.members_max = 200;
	w->limits.unpacked_max = 1 << 22;
	w->limits.load_max = 1 << 22;
	w->limits.is_pdf = w->limits.is_ocr = true;
	w->emit = &c.emit;
	source_open_mem(&input, data, size);
	CHECK(walk_run(w, &input, "input.eml") == 0);
	CHECK(w->depth == 0);
	CHECK(w->members <= 210);
	mem_free(w);
	CHECK(unpack_finish(&c.parser) == 0);
	prose_done(&c.prose);
	emit_done(&c.emit);
	return 0;
}
