/* SPDX-License-Identifier: Apache-2.0 */

/*
 * valise-unpack: text and structure out of any file, one process an input, locked in.
 */

#include <gmime/gmime.h>
#include <iconv.h>
#include <locale.h>
#include <stddef.h>

#include "base/mem.h"
#include "valise-unpack/helper.h"

/*
 * Everything that a library would load later is loaded here.  GMime asks iconv for the charsets
 * of header parameters; those that mail is made of stay open for good.
 */
static int
prepare(void)
{
	static const char *const charsets[] = {
		"ISO-8859-1", "ISO-8859-15", "WINDOWS-1252", "UTF-16"};

	/* Archive member names are UTF-8 or bytes; this locale needs no files. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	g_mime_init();
	for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++)
		(void)iconv_open("UTF-8", charsets[i]);
	return 0;
}

static int
run(const struct helper_job *job)
{
	struct walk *w = NULL;
	struct source input;
	int r;

	if ((r = mem_new(&w, sizeof *w)) != 0)
		return r;
	w->emit = job->emit;
	w->limits = job->limits;
	w->is_time_up = job->is_time_up;
	if ((r = source_open_fd(&input, job->in_fd)) == 0)
		r = walk_run(w, &input, job->name);
	mem_free(w);
	return r;
}

int
main(int argc, char **argv)
{
	static const struct helper helper = {"valise-unpack", 0, prepare, run};

	return helper_main(argc, argv, &helper);
}
