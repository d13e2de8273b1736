/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leak_sparse: what the ally's set costs and what it finds, measured.
 *
 *   leak_sparse [--json] CORPUS      .jsonl or .jsonl.zst with id and body
 *
 * Every other document is registered; the rest carries passages and stands for clean text.
 * For each number of sets that may be planned: density, bits, size, speed of the scan,
 * candidates in clean text and in words of the corpus in random order (the chance that the
 * formula speaks of), and recall by the length of the passage.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "leak/jsonl.h"
#include "leak/segment_build.h"
#include "leak/sparse_build.h"
#include "leak/sparse_scan.h"
#include "sys/lines.h"

enum {
	DOCS_MAX = 20000,
	CARRIER = 8192,
	TRIALS = 400,
	NOISE_BYTES = 64 * 1024 * 1024,
	NOISE_ROUNDS = 2,
	LENGTHS = 9
};

static const size_t lengths[LENGTHS] = {
	300, 500, 700, 1000, 1500, 2000, 3000, 5000, 8000};
static const unsigned plans[] = {1, 2, 3, 6};

struct doc {
	size_t at, len; /* in the joined text */
};

struct bench {
	struct buf text; /* all bodies */
	struct doc doc[DOCS_MAX];
	size_t docs;
	struct normal *normal;
	struct buf segment_bytes;
	struct index index;
	uint64_t state;
	uint64_t registered_bytes;
	bool is_json;
};

struct result {
	struct sparse_built built;
	struct sparse_head head;
	size_t file_bytes;
	double leak_ppm, speed_gb, clean_mb, noise_gb, recall[LENGTHS];
	uint64_t clean_found, noise_found;
};

struct sink {
	struct segment_sink sink;
	struct buf *to;
};

struct fixed_rng {
	struct rng rng;
};

static int
fill(struct rng *rng, void *out, size_t len)
{
	(void)rng;
	memset(out, 0x5a, len);
	return 0;
}

static uint64_t
roll(struct bench *b, uint64_t below)
{
	uint64_t x = b->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	b->state = x;
	return (x * UINT64_C(2685821657736338717) >> 11) % below;
}

static double
cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int
put(struct segment_sink *sink, const void *ptr, size_t len)
{
	struct buf *to = ((struct sink *)sink)->to;

	buf_bytes(to, ptr, len);
	return buf_error(to);
}

static int
read_corpus(struct bench *b, const char *path)
{
	struct lines *lines = NULL;
	struct jsonl_doc doc;
	const char *line;
	size_t len;
	int r;

	if ((r = lines_new(path, &lines)) != 0)
		return r;
	while (b->docs < DOCS_MAX && (r = lines_next(lines, &line, &len)) == 0 &&
		line != NULL) {
		if ((r = jsonl_parse(line, len, &doc)) != 0)
			break;
		b->doc[b->docs++] = (struct doc){b->text.len, doc.body_len};
		buf_bytes(&b->text, doc.body, doc.body_len);
		jsonl_done(&doc);
	}
	lines_free(lines);
	return r != 0 ? r : buf_error(&b->text);
}

static int
build_index(struct bench *b)
{
	static const struct gram_key key = {{1234567, 7654321, 998877665544, 55667788}};
	struct sink sink = {{put}, &b->segment_bytes};
	struct segment_build *build = NULL;
	struct segment segment;
	char id[24];
	int r;

	if ((r = segment_build_new(b->normal, cpu_best(), &key, &build)) != 0)
		return r;
	for (size_t i = 0; i < b->docs && r == 0; i += 2) {
		struct segment_text t = {.id = id,
			.text = b->text.data + b->doc[i].at,
			.len = b->doc[i].len};

		t.id_len = (size_t)snprintf(id, sizeof id, "doc-%zu", i);
		b->registered_bytes += t.len;
		r = segment_build_add(build, &t);
	}
	if (r == 0)
		r = segment_build_write(build, &sink.sink);
	segment_build_free(build);
	index_init(&b->index, &key);
	if (r == 0 &&
		(r = segment_map(b->segment_bytes.data, b->segment_bytes.len, &key,
			 &segment)) == 0)
		r = index_add(&b->index, &segment, NULL);
	return r;
}

/* A carrier with `len` bytes of a registered document in its middle: is the place noticed? */
static int
one_trial(struct bench *b, struct sparse_scan *scan, size_t len, bool *ret_is_found)
{
	struct sparse_found found;
	const struct doc *d, *carrier;
	struct buf t;
	size_t from;
	int r;

	do
		d = &b->doc[roll(b, b->docs / 2) * 2];
	while (d->len < len);
	do
		carrier = &b->doc[roll(b, b->docs / 2) * 2 + 1];
	while (carrier->len < CARRIER / 4);
	from = roll(b, d->len - len + 1);
	buf_init(&t, 1 << 26);
	buf_bytes(&t, b->text.data + carrier->at, carrier->len / 2);
	buf_u8(&t, '\n');
	from = (size_t)(d->at + from);
	size_t start = t.len;
	buf_bytes(&t, b->text.data + from, len);
	size_t end = t.len;
	buf_u8(&t, '\n');
	buf_bytes(&t, b->text.data + carrier->at + carrier->len / 2, carrier->len / 2);
	*ret_is_found = false;
	if ((r = buf_error(&t)) == 0 &&
		(r = sparse_scan_text(scan, t.data, t.len, &found)) == 0) {
		for (size_t i = 0; i < found.count; i++)
			*ret_is_found |=
				found.window[i].from < end && found.window[i].to > start;
	}
	buf_done(&t);
	return r;
}

static int
measure_recall(struct bench *b, struct sparse_scan *scan, struct result *res)
{
	int r = 0;

	for (size_t k = 0; k < LENGTHS; k++) {
		unsigned hits = 0;

		for (unsigned i = 0; i < TRIALS && r == 0; i++) {
			bool is_found = false;

			r = one_trial(b, scan, lengths[k], &is_found);
			hits += is_found;
		}
		res->recall[k] = 100.0 * hits / TRIALS;
	}
	return r;
}

/* Words of the corpus in random order: no phrase of it, all of its letters. */
static void
make_noise(struct bench *b, struct buf *noise)
{
	buf_clear(noise);
	while (noise->len < NOISE_BYTES - 64) {
		size_t at = roll(b, b->text.len - 64), n = 0;
		const uint8_t *p = b->text.data + at;

		while (*p > ' ' && p < b->text.data + b->text.len - 40)
			p++;
		p++;
		while (n < 30 && p[n] > ' ')
			n++;
		buf_bytes(noise, p, n);
		buf_u8(noise, ' ');
	}
}

static int
measure_noise(struct bench *b, struct sparse_scan *scan, struct result *res)
{
	struct sparse_found found;
	struct buf noise;
	double start;
	int r = 0;

	buf_init(&noise, NOISE_BYTES);
	for (unsigned i = 0; i < NOISE_ROUNDS && r == 0; i++) {
		make_noise(b, &noise);
		start = cpu_s();
		if ((r = buf_error(&noise)) != 0 ||
			(r = sparse_scan_text(scan, noise.data, noise.len, &found)) != 0)
			break;
		/* The mapping of windows is a second pass; it is part of the price. */
		res->speed_gb +=
			(double)noise.len / 1e9 / (cpu_s() - start) / NOISE_ROUNDS;
		res->noise_found += found.all;
		res->noise_gb += (double)found.chars / 1e9;
	}
	buf_done(&noise);
	return r;
}

static int
measure_clean(struct bench *b, struct sparse_scan *scan, struct result *res)
{
	struct sparse_found found;
	int r = 0;

	for (size_t i = 1; i < b->docs && r == 0; i += 2) {
		r = sparse_scan_text(
			scan, b->text.data + b->doc[i].at, b->doc[i].len, &found);
		res->clean_found += r == 0 && found.all > 0;
		res->clean_mb += (double)b->doc[i].len / 1e6;
	}
	return r;
}

static int
measure(struct bench *b, unsigned sets, struct result *res)
{
	struct fixed_rng rng = {{fill}};
	struct sparse_request request = {"ally", 1, 0};
	static struct sparse_ledger ledger;
	struct sparse_scan *scan = NULL;
	struct sparse set;
	struct buf file;
	int r;

	buf_init(&file, 1 << 30);
	if ((r = sparse_ledger_new("bench", sets, &rng.rng, &ledger)) != 0 ||
		(r = sparse_build(&b->index, &ledger, &request, &file, &res->built)) !=
			0 ||
		(r = sparse_parse(file.data, file.len, &set)) != 0 ||
		(r = sparse_scan_new(&set, b->normal, cpu_best(), &scan)) != 0)
		goto out;
	res->head = set.head;
	res->file_bytes = file.len;
	res->leak_ppm = sparse_ledger_leak_ppm(&ledger, sets * FUSE_BITS);
	b->state = 88172645463325252;
	if ((r = measure_recall(b, scan, res)) == 0 &&
		(r = measure_noise(b, scan, res)) == 0)
		r = measure_clean(b, scan, res);
out:
	sparse_scan_free(scan);
	buf_done(&file);
	return r;
}

static void
print_row(const struct bench *b, unsigned sets, const struct result *res)
{
	const struct sparse_chosen *c = &res->built.chosen;
	double density = (double)c->count / (double)c->chars;
	double per_doc = (double)res->file_bytes * 10240 / (double)b->registered_bytes;
	double expected = sparse_false_per_gb(&res->head.select, res->head.rule);

	if (b->is_json) {
		(void)printf(
			"{\"sets\":%u,\"density\":%.5f,\"bits_per_char_one_set\":%.4f,"
			"\"bits_per_char_all\":%.4f,\"bytes_per_10kb\":%.1f,"
			"\"rule\":[%u,%u],\"scan_gb_s\":%.3f,"
			"\"false_per_gb_computed\":%.3f,\"false_per_gb_measured\":"
			"%.3f,\"clean_documents_hit\":%llu",
			sets, density, density * FUSE_BITS, res->leak_ppm / 1e6, per_doc,
			res->head.rule.hits, res->head.rule.of, res->speed_gb, expected,
			(double)res->noise_found / res->noise_gb,
			(unsigned long long)res->clean_found);
		for (size_t k = 0; k < LENGTHS; k++)
			(void)printf(",\"recall_%zu\":%.2f", lengths[k], res->recall[k]);
		(void)puts("}");
		return;
	}
	(void)printf(
		"%4u  1/%-4.0f %6.4f  %6.4f  %6.1f  %2u/%-2u  %6.3f  %7.3f %7.2f  %5llu ",
		sets, 1 / density, density * FUSE_BITS, res->leak_ppm / 1e6, per_doc,
		res->head.rule.hits, res->head.rule.of, res->speed_gb, expected,
		(double)res->noise_found / res->noise_gb,
		(unsigned long long)res->clean_found);
	for (size_t k = 0; k < LENGTHS; k++)
		(void)printf(" %6.1f", res->recall[k]);
	(void)printf("\n      selected %llu: %.1f %% over cap, %.1f %% common, %.1f %% "
		     "unclear; decoys %.1f %% of the set\n",
		(unsigned long long)c->selected,
		100.0 * (double)c->over_cap / (double)c->selected,
		100.0 * (double)c->common / (double)c->selected,
		100.0 * (double)c->unclear / (double)c->selected,
		100.0 * res->built.decoys / res->built.members);
}

static void
print_head(const struct bench *b)
{
	if (b->is_json)
		return;
	(void)printf("%zu documents registered, %.1f MB; passages in carriers of other "
		     "documents, %d trials each\n\n",
		(b->docs + 1) / 2, (double)b->registered_bytes / 1e6, TRIALS);
	(void)puts(
		"      one     bits a character  bytes    rule    scan  false per GB   "
		"clean  recall %, passage of so many characters");
	(void)printf(
		"sets  gram in one set  all set /10 KB          GB/s  comput. measur. "
		"  hit ");
	for (size_t k = 0; k < LENGTHS; k++)
		(void)printf(" %6zu", lengths[k]);
	(void)puts("");
}

static int
run(struct bench *b, const char *path)
{
	int r;

	if ((r = read_corpus(b, path)) != 0 ||
		(r = normal_new(cpu_best(), &b->normal)) != 0 ||
		(r = build_index(b)) != 0)
		return r;
	print_head(b);
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		struct result res = {0};

		if ((r = measure(b, plans[i], &res)) != 0)
			return r;
		print_row(b, plans[i], &res);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static struct bench b;
	int r;

	b.is_json = argc > 2 && strcmp(argv[1], "--json") == 0;
	if (argc != 2 + b.is_json) {
		(void)fputs("usage: leak_sparse [--json] CORPUS\n", stderr);
		return 2;
	}
	buf_init(&b.text, SIZE_MAX / 4);
	buf_init(&b.segment_bytes, SIZE_MAX / 4);
	if ((r = crypto_init()) == 0)
		r = run(&b, argv[argc - 1]);
	if (r != 0)
		(void)fprintf(
			stderr, "leak_sparse: %s: %s\n", argv[argc - 1], fail_text(r));
	normal_free(b.normal);
	buf_done(&b.text);
	buf_done(&b.segment_bytes);
	return r == 0 ? 0 : 1;
}
