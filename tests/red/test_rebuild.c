/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Red: how far does somebody get who has stolen an index, or sets, with their keys?
 *
 * The dense index is the planted success: if the program could not rebuild text from it, its
 * failing on sparse sets would say nothing.  So are three lossy sets with every gram in them,
 * 3 bits for each character: what the budget refuses.
 *
 * Sparse sets are not worth nothing to this attacker.  At 0.84 bit a character a gram of 20 is
 * worth 17 bits: he can go through all likely grams and meet those that left.  So he gets
 * scraps of about a gram, one for each 140 characters, a seventh of the text at most; what the
 * budget denies him is to join them.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/crypto.h"
#include "leak/segment_build.h"
#include "leak/sparse_build.h"
#include "rebuild.h"

enum { DOCS = 80, DOC_WORDS = 600, TRIALS = 8, KNOWN = 60, UNKNOWN = 150 };

struct doc {
	uint16_t word[DOC_WORDS];
};

static struct language language;
static struct doc doc[DOCS];
static struct normal *normal;
static struct buf segment_bytes, all; /* all: the documents without spaces */
static struct index dense;
static uint64_t state = 42;

static uint64_t
mix(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Words of letters that recognition does not confuse: what is folded stays itself. */
static void
make_language(void)
{
	static const char letters[] = "adhijkmopqrstuvwxyzn";
	double total = 0;

	for (size_t w = 0; w < REBUILD_WORDS; w++) {
		size_t len = 3 + mix() % 6;

		for (size_t i = 0; i < len; i++)
			language.word[w][i] =
				(char)normal_fold((uint8_t)letters[mix() % 20]);
		for (size_t i = 0; i < REBUILD_FAN; i++)
			language.follower[w][i] = (uint16_t)(mix() % REBUILD_WORDS);
	}
	for (size_t i = 0; i < REBUILD_FAN; i++)
		total += 1.0 / (double)(i + 3);
	for (size_t i = 0; i < REBUILD_FAN; i++)
		language.cost[i] = (float)log2(total * (double)(i + 3));
}

/* The next word, by the language's chances. */
static uint16_t
speak(uint16_t last)
{
	double dice = (double)(mix() >> 11) / 9007199254740992.0;
	size_t i = 0;

	while (i + 1 < REBUILD_FAN && dice > exp2(-(double)language.cost[i]))
		dice -= exp2(-(double)language.cost[i++]);
	return language.follower[last][i];
}

/* Bits for each character of the texts. */
static double
entropy(void)
{
	double bits = 0, chars = 0;

	for (size_t i = 0; i < REBUILD_FAN; i++)
		bits += exp2(-(double)language.cost[i]) * (double)language.cost[i];
	for (size_t w = 0; w < REBUILD_WORDS; w++)
		chars += (double)strlen(language.word[w]) / REBUILD_WORDS;
	return bits / chars;
}

struct sink {
	struct segment_sink sink;
};

static int
put(struct segment_sink *sink, const void *ptr, size_t len)
{
	(void)sink;
	buf_bytes(&segment_bytes, ptr, len);
	return buf_error(&segment_bytes);
}

static void
make_index(void)
{
	static const struct gram_key key = {{12345, 999, 777777, 31415926}};
	struct sink sink = {{put}};
	struct segment_build *build = NULL;
	struct segment segment;
	struct buf text;
	char id[16];

	assert_int_equal(normal_new(cpu_best(), &normal), 0);
	assert_int_equal(segment_build_new(normal, cpu_best(), &key, &build), 0);
	buf_init(&text, 1 << 20);
	buf_init(&segment_bytes, 1 << 28);
	buf_init(&all, 1 << 24);
	for (size_t d = 0; d < DOCS; d++) {
		struct segment_text t = {.id = id};
		uint16_t w = (uint16_t)(mix() % REBUILD_WORDS);

		buf_clear(&text);
		for (size_t i = 0; i < DOC_WORDS; i++) {
			doc[d].word[i] = w;
			buf_text(&text, language.word[w]);
			buf_text(&all, language.word[w]);
			buf_u8(&text, ' ');
			w = speak(w);
		}
		t.id_len = (size_t)snprintf(id, sizeof id, "doc-%zu", d);
		t.text = text.data;
		t.len = text.len;
		assert_int_equal(segment_build_add(build, &t), 0);
	}
	assert_int_equal(segment_build_write(build, &sink.sink), 0);
	assert_int_equal(
		segment_map(segment_bytes.data, segment_bytes.len, &key, &segment), 0);
	index_init(&dense, &key);
	assert_int_equal(index_add(&dense, &segment, NULL), 0);
	segment_build_free(build);
	buf_done(&text);
}

/* Share of the unknown characters that came back, over TRIALS passages. */
static double
attack(const struct loot *loot)
{
	size_t right = 0, one;
	uint64_t keep = state;

	state = 4711; /* the same passages for everybody */
	for (unsigned i = 0; i < TRIALS; i++) {
		const struct doc *d = &doc[mix() % DOCS];
		size_t w = 40 + mix() % 400, known = w;
		uint8_t text[KNOWN + UNKNOWN + 64];
		size_t len = 0, known_len = 0;
		struct rebuild_task task;

		for (size_t n = 0; n < KNOWN; known--)
			n += strlen(language.word[d->word[known - 1]]);
		for (size_t k = known; len < KNOWN + UNKNOWN + 16; k++) {
			if (k == w)
				known_len = len;
			memcpy(text + len, language.word[d->word[k]],
				strlen(language.word[d->word[k]]));
			len += strlen(language.word[d->word[k]]);
		}
		task = (struct rebuild_task){.last = d->word[w - 1],
			.unknown = UNKNOWN,
			.known = rd_of(text, known_len),
			.all = rd_of(all.data, all.len)};
		assert_int_equal(rebuild(&language, loot, &task, &one), 0);
		right += one;
	}
	state = keep;
	return 100.0 * (double)right / (TRIALS * UNKNOWN);
}

static int
fill(struct rng *rng, void *out, size_t len)
{
	(void)rng;
	memset(out, 0x3c, len);
	return 0;
}

static void
make_sets(struct sparse set[3], struct buf file[3])
{
	static const char *const ally[] = {"Lusitania", "Hesperia", "Caledonia"};
	static struct sparse_ledger ledger;
	struct rng rng = {fill};
	struct sparse_built built;

	assert_int_equal(sparse_ledger_new("red", 3, &rng, &ledger), 0);
	for (size_t i = 0; i < 3; i++) {
		struct sparse_request request = {ally[i], 1, 0};

		buf_init(&file[i], 1 << 24);
		assert_int_equal(
			sparse_build(&dense, &ledger, &request, &file[i], &built), 0);
		assert_int_equal(sparse_parse(file[i].data, file[i].len, &set[i]), 0);
	}
}

/* Sets as nobody may make them: every gram. */
static void
make_full_sets(struct sparse set[3], struct buf file[3])
{
	static const uint8_t fill_key[SHORTHASH_KEY_LEN] = {1};
	struct sparse_head head = {
		.compartment = "red", .ally = "nobody", .rule = {3, 4}};
	struct sparse_chosen chosen = {0};

	head.select = (struct sparse_select){{7}, UINT32_MAX, 1000000};
	assert_int_equal(sparse_choose(&dense, &head.select, &chosen), 0);
	(void)printf("%.0f %% of the grams may leave at all\n",
		100.0 * (double)chosen.count / (double)chosen.selected);
	for (size_t i = 0; i < 32; i++)
		head.gram_key[i] = (uint8_t)(dense.key.word[i / 8] >> 8 * (i % 8));
	head.members = (uint32_t)chosen.count;
	for (size_t i = 0; i < 3; i++) {
		head.ally_key[0] = (uint8_t)i;
		buf_init(&file[i], 1 << 24);
		assert_int_equal(sparse_write(&head, chosen.hash, fill_key, &file[i]), 0);
		assert_int_equal(sparse_parse(file[i].data, file[i].len, &set[i]), 0);
	}
	sparse_chosen_done(&chosen);
}

static double
say(const char *what, double bits, double share, double chance)
{
	(void)printf("%-34s %6.2f bit/char  %5.1f %% recovered, %5.1f beyond chance\n",
		what, bits, share, share - chance);
	return share - chance;
}

static void
test_only_the_dense_index_gives_text_back(void **unused)
{
	struct loot nothing = {0}, index = {.dense = &dense}, loot = {0};
	struct sparse set[3], full[3];
	struct buf file[3], full_file[3];
	double chance;

	(void)unused;
	make_sets(set, file);
	make_full_sets(full, full_file);
	(void)printf(
		"texts of %.2f bit/char; %d passages of %d characters, the %d before "
		"known\n",
		entropy(), TRIALS, UNKNOWN, KNOWN);
	chance = attack(&nothing);
	(void)say("nothing but the language", 0, chance, chance);
	assert_true(say("stolen index with its key", 0.154 * GRAM_HASH_BITS,
			    attack(&index), chance) > 75);
	loot = (struct loot){.set = {&full[0], &full[1], &full[2]}, .sets = 3};
	assert_true(say("three sets of every gram", 0.154 * 3 * FUSE_BITS, attack(&loot),
			    chance) > 40);
	loot = (struct loot){.set = {&set[0]}, .sets = 1};
	assert_true(say("one sparse set", 0.05, attack(&loot), chance) < 20);
	loot = (struct loot){.set = {&set[0], &set[1], &set[2]}, .sets = 3};
	assert_true(say("three sparse sets together", 0.15, attack(&loot), chance) < 30);
	for (size_t i = 0; i < 3; i++) {
		buf_done(&file[i]);
		buf_done(&full_file[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_dense_index_gives_text_back),
	};
	int failed;

	if (crypto_init() != 0)
		return 1;
	make_language();
	make_index();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	normal_free(normal);
	buf_done(&segment_bytes);
	buf_done(&all);
	return failed;
}
