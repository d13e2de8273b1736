/* SPDX-License-Identifier: Apache-2.0 */
#include "burglar.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * Of each text a sample of SAMPLE bytes from its middle; every file is passed over once, and at
 * each place the first eight bytes are looked up in a table of all samples.
 */

enum { SAMPLE = 24, SLOTS = 1 << 16, TEXTS_MAX = 30000, WHOLE_MAX = 1 << 30 };

struct sample {
	uint8_t bytes[SAMPLE];
	uint32_t next; /* in the slot, 0: none; samples count from 1 */
	bool is_found;
};

static struct sample *samples;
static uint32_t slots[SLOTS];
static uint32_t sample_count;

static size_t
slot_of(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return (size_t)(v * UINT64_C(0x9e3779b97f4a7c15) >> 48) % SLOTS;
}

static void
add_sample(const struct buf *text)
{
	struct sample *s = &samples[++sample_count];

	memcpy(s->bytes, text->data + (text->len - SAMPLE) / 2, SAMPLE);
	s->next = slots[slot_of(s->bytes)];
	slots[slot_of(s->bytes)] = sample_count;
}

static int
read_samples(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	struct buf text;
	int r = 0;

	if (d == NULL)
		return FAIL_ABSENT;
	buf_init(&text, 32 << 20);
	while (r == 0 && (entry = readdir(d)) != NULL && sample_count < TEXTS_MAX) {
		char path[PATH_LEN + 300];

		if (entry->d_name[0] == '.')
			continue;
		buf_clear(&text);
		(void)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if ((r = whole_file(path, 32 << 20, &text)) == 0 && text.len >= SAMPLE)
			add_sample(&text);
	}
	(void)closedir(d);
	buf_done(&text);
	return r;
}

static void
search(const struct buf *bytes)
{
	for (size_t i = 0; i + SAMPLE <= bytes->len; i++)
		for (uint32_t n = slots[slot_of(bytes->data + i)]; n != 0;
			n = samples[n].next)
			if (memcmp(samples[n].bytes, bytes->data + i, SAMPLE) == 0)
				samples[n].is_found = true;
}

static int
search_file(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	struct buf bytes;

	(void)st;
	(void)at;
	if (kind != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	buf_init(&bytes, WHOLE_MAX);
	if (whole_file(path, WHOLE_MAX, &bytes) == 0)
		search(&bytes);
	buf_done(&bytes);
	return 0;
}

int
plain_search(const char *plain_dir, const char *const *dirs, size_t dir_count,
	size_t *ret_texts, size_t *ret_found)
{
	size_t found = 0;
	int r;

	if ((r = mem_new_array(&samples, TEXTS_MAX + 1, sizeof *samples)) != 0)
		return r;
	r = read_samples(plain_dir);
	for (size_t i = 0; r == 0 && i < dir_count; i++)
		r = nftw(dirs[i], search_file, 16, FTW_PHYS) == 0 ? 0 : FAIL_IO;
	for (uint32_t n = 1; n <= sample_count; n++)
		found += samples[n].is_found;
	*ret_texts = sample_count;
	*ret_found = found;
	mem_free(samples);
	return r;
}
