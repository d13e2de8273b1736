/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "fixture.h"
#include "sys/disk.h"
#include "valise/courier.h"
#include "valise/parcel.h"

/*
 * A station in memory that takes an envelope chunk by chunk, and hands it out again; it breaks
 * off, forgets or lies as a test says.
 */

enum { CHUNKS_MAX = 8, MIB = 1 << 20 };

struct station {
	struct buf chunks[CHUNKS_MAX];
	bool has[CHUNKS_MAX];
	uint32_t total;
	struct buf header, trailer, send, enrols;
	uint64_t body_len;
	size_t asked, chunk_asked;
	size_t breaks_after; /* questions; 0: never */
	bool names_a_chunk_that_is_not;
	bool never_whole;
	bool cuts_chunks;
	bool hands_out_inline;
	size_t missing_max;
};

static char root[] = "/tmp/valise-courier-XXXXXX";

static void
station_init(struct station *s)
{
	memset(s, 0, sizeof *s);
	s->missing_max = CHUNKS_MAX;
	for (size_t i = 0; i < CHUNKS_MAX; i++)
		buf_init(&s->chunks[i], MIB);
	buf_init(&s->header, HEADER_LEN_MAX);
	buf_init(&s->trailer, TRAILER_LEN_MAX);
	buf_init(&s->send, 4096);
	buf_init(&s->enrols, 65536);
}

static void
station_done(struct station *s)
{
	for (size_t i = 0; i < CHUNKS_MAX; i++)
		buf_done(&s->chunks[i]);
	buf_done(&s->header);
	buf_done(&s->trailer);
	buf_done(&s->send);
	buf_done(&s->enrols);
}

static void
arrival(struct station *s, struct buf *out)
{
	struct post_arrival a = {.state = 1, .number = 7};
	struct buf missing;
	size_t named = 0;

	buf_init(&missing, 4 * CHUNKS_MAX);
	for (uint32_t i = 0; i < s->total && named < s->missing_max; i++)
		if (!s->has[i]) {
			buf_u32(&missing, s->names_a_chunk_that_is_not ? 99 : i);
			named++;
		}
	if (s->never_whole && named == 0) {
		buf_u32(&missing, 0);
		named = 1;
	}
	a.state = named == 0;
	a.missing = rd_of(missing.data, missing.len);
	codec_write(&post_arrival_codec, &a, out);
	buf_done(&missing);
}

static int
announced(struct station *s, const struct post_document *d, struct buf *out)
{
	buf_clear(&s->header);
	buf_clear(&s->trailer);
	buf_bytes(&s->header, d->header.ptr, d->header.len);
	buf_bytes(&s->trailer, d->trailer.ptr, d->trailer.len);
	s->body_len = d->body_len;
	s->total = envelope_file_chunks(d->body_len);
	if (d->body.len > 0) {
		buf_bytes(&s->chunks[0], d->body.ptr, d->body.len);
		s->has[0] = true;
	}
	arrival(s, out);
	return 0;
}

static int
hand_out(struct station *s, struct buf *out)
{
	struct post_document d = {.header = rd_of(s->header.data, s->header.len),
		.trailer = rd_of(s->trailer.data, s->trailer.len),
		.body_len = s->body_len,
		.send = rd_of(s->send.data, s->send.len)};

	if (s->hands_out_inline)
		d.body = rd_of(s->chunks[0].data, s->chunks[0].len);
	codec_write(&post_document_codec, &d, out);
	return 0;
}

static int
chunk_out(struct station *s, const struct post_which *which, struct buf *out)
{
	uint8_t hash[HASH_LEN] = {0};
	const struct buf *bytes = &s->chunks[which->chunk];
	struct post_chunk c = {.document_id = hash,
		.number = which->chunk,
		.hash = hash,
		.bytes = rd_of(bytes->data, bytes->len - (s->cuts_chunks ? 1 : 0))};

	s->chunk_asked++;
	codec_write(&post_chunk_codec, &c, out);
	return 0;
}

static int
ask(void *ctx, const char *path, const struct codec *codec, const void *message,
	struct buf *out)
{
	struct station *s = ctx;

	(void)codec;
	if (s->breaks_after != 0 && s->asked == s->breaks_after)
		return FAIL_AGAIN;
	s->asked++;
	if (strcmp(path, "announce") == 0)
		return announced(s, message, out);
	if (strcmp(path, "document") == 0)
		return hand_out(s, out);
	if (strcmp(path, "chunk-get") == 0)
		return chunk_out(s, message, out);
	if (strcmp(path, "chunk") == 0) {
		const struct post_chunk *c = message;

		assert_true(c->number < s->total);
		buf_clear(&s->chunks[c->number]);
		buf_bytes(&s->chunks[c->number], c->bytes.ptr, c->bytes.len);
		s->has[c->number] = true;
		s->chunk_asked++;
		arrival(s, out);
		return 0;
	}
	return FAIL_ABSENT;
}

/* letter.valise with a body of so many bytes. */
static void
write_envelope(size_t body_len)
{
	struct fixture_spec spec = fixture_solo();
	struct sealed sealed;

	spec.body_len = body_len;
	sealed_init(&sealed);
	fixture_sealed(&spec, &sealed);
	assert_int_equal(disk_write_small("letter.valise", sealed.bytes.data,
				 sealed.bytes.len, true),
		0);
	sealed_done(&sealed);
}

static int
upload(struct station *s, uint64_t *ret_number)
{
	struct courier courier = {.ask = ask, .ctx = s};
	struct envelope_file file;
	struct courier_upload up = {.path = "announce", .file = &file};
	int r;

	assert_int_equal(envelope_file_open("letter.valise", NULL, &file), 0);
	r = courier_upload(&courier, &up, ret_number);
	envelope_file_done(&file);
	return r;
}

static int
download(struct station *s, const char *path)
{
	struct courier courier = {.ask = ask, .ctx = s};
	struct post_which which = {.number = 7};
	struct courier_document d;
	uint8_t id[CORE_DOCUMENT_ID_LEN] = {0};
	int r;

	courier_document_init(&d);
	if ((r = courier_document(&courier, &which, &d)) == 0)
		r = courier_download(&courier, &d, rd_of(id, sizeof id), path, NULL);
	courier_document_done(&d);
	return r;
}

static void
must_be_same(const char *a, const char *b)
{
	struct buf x, y;

	buf_init(&x, 16 * MIB);
	buf_init(&y, 16 * MIB);
	assert_int_equal(disk_read_small(a, 16 * MIB, &x), 0);
	assert_int_equal(disk_read_small(b, 16 * MIB, &y), 0);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.data, y.data, x.len);
	buf_done(&x);
	buf_done(&y);
}

static void
what_is_small_goes_in_one_message(void **state)
{
	struct station s;
	uint64_t number = 0;

	(void)state;
	station_init(&s);
	write_envelope(5000);
	assert_int_equal(upload(&s, &number), 0);
	assert_int_equal(number, 7);
	assert_int_equal(s.asked, 1);
	s.hands_out_inline = true;
	assert_int_equal(download(&s, "again.valise"), 0);
	must_be_same("letter.valise", "again.valise");
	station_done(&s);
}

static void
what_is_large_goes_in_chunks_and_comes_back(void **state)
{
	struct station s;
	uint64_t number = 0;

	(void)state;
	station_init(&s);
	/* A station that names two at a time is asked again for the rest. */
	s.missing_max = 2;
	write_envelope(3 * MIB + 1234);
	assert_int_equal(upload(&s, &number), 0);
	assert_int_equal(s.total, 4);
	assert_int_equal(s.chunk_asked, 4);
	s.chunk_asked = 0;
	assert_int_equal(download(&s, "again.valise"), 0);
	assert_int_equal(s.chunk_asked, 4);
	must_be_same("letter.valise", "again.valise");
	station_done(&s);
}

static void
a_broken_upload_sends_only_what_is_missing(void **state)
{
	struct station s;
	uint64_t number = 0;

	(void)state;
	station_init(&s);
	write_envelope(3 * MIB + 1234);
	s.breaks_after = 3; /* the announcement and two chunks */
	assert_int_equal(upload(&s, &number), FAIL_AGAIN);
	assert_int_equal(number, 0);
	assert_int_equal(s.chunk_asked, 2);
	s.breaks_after = 0;
	s.chunk_asked = 0;
	assert_int_equal(upload(&s, &number), 0);
	assert_int_equal(s.chunk_asked, 2);
	station_done(&s);
}

static void
a_broken_download_fetches_only_what_is_missing(void **state)
{
	struct station s;
	uint64_t number = 0;

	(void)state;
	station_init(&s);
	write_envelope(3 * MIB + 1234);
	assert_int_equal(upload(&s, &number), 0);
	(void)unlink("part");
	s.asked = s.chunk_asked = 0;
	s.breaks_after = 3;
	assert_int_equal(download(&s, "part"), FAIL_AGAIN);
	assert_int_equal(s.chunk_asked, 2);
	s.breaks_after = 0;
	s.chunk_asked = 0;
	assert_int_equal(download(&s, "part"), 0);
	assert_int_equal(s.chunk_asked, 2);
	must_be_same("letter.valise", "part");
	/* What is whole is not fetched again, but for a last chunk that is not full. */
	s.chunk_asked = 0;
	assert_int_equal(download(&s, "part"), 0);
	assert_in_range(s.chunk_asked, 0, 1);
	must_be_same("letter.valise", "part");
	/* Another document's beginning is of no use. */
	s.header.data[30] ^= 1;
	s.chunk_asked = 0;
	assert_int_equal(download(&s, "part"), 0);
	assert_int_equal(s.chunk_asked, 4);
	station_done(&s);
}

static void
a_station_that_lies_keeps_nobody_for_ever(void **state)
{
	struct station s;
	uint64_t number = 0;

	(void)state;
	write_envelope(2 * MIB);
	station_init(&s);
	s.names_a_chunk_that_is_not = true;
	assert_int_equal(upload(&s, &number), FAIL_FORMAT);
	station_done(&s);
	station_init(&s);
	s.never_whole = true;
	assert_int_equal(upload(&s, &number), FAIL_FORMAT);
	station_done(&s);
	station_init(&s);
	assert_int_equal(upload(&s, &number), 0);
	s.cuts_chunks = true;
	(void)unlink("part");
	assert_int_equal(download(&s, "part"), FAIL_FORMAT);
	/* Part of a body where all or nothing is due. */
	s.hands_out_inline = true;
	assert_int_equal(download(&s, "part"), FAIL_FORMAT);
	station_done(&s);
	assert_int_equal(number, 7);
}

static void
an_altered_envelope_does_not_leave(void **state)
{
	struct envelope_file file;
	struct buf bytes;

	(void)state;
	write_envelope(200000);
	buf_init(&bytes, 16 * MIB);
	assert_int_equal(disk_read_small("letter.valise", 16 * MIB, &bytes), 0);
	bytes.data[100000] ^= 1;
	assert_int_equal(
		disk_write_small("altered.valise", bytes.data, bytes.len, true), 0);
	assert_int_equal(envelope_file_open("altered.valise", NULL, &file), FAIL_ALTERED);
	envelope_file_done(&file);
	assert_int_equal(
		disk_write_small("cut.valise", bytes.data, bytes.len / 2, true), 0);
	assert_int_not_equal(envelope_file_open("cut.valise", NULL, &file), 0);
	envelope_file_done(&file);
	assert_int_equal(envelope_file_open("absent.valise", NULL, &file), FAIL_ABSENT);
	envelope_file_done(&file);
	buf_done(&bytes);
}

static void
a_parcel_is_what_it_says_or_refused(void **state)
{
	static struct sending sending;
	struct session session = {.args = NULL};
	struct station s;
	struct parcel parcel;
	struct buf bytes;
	uint64_t number;

	(void)state;
	station_init(&s);
	write_envelope(2 * MIB + 5);
	assert_int_equal(upload(&s, &number), 0);
	buf_text(&s.send, "a SEND");
	session.courier = (struct courier){.ask = ask, .ctx = &s};
	assert_int_equal(envelope_file_open("letter.valise", NULL, &sending.file), 0);
	(void)unlink("parcel");
	assert_int_equal(parcel_fetch(&session, &sending, "parcel"), EXIT_OK);
	assert_int_equal(parcel_open("parcel", &parcel), 0);
	assert_int_equal(parcel.file.body_len, sending.file.body_len);
	assert_int_equal(parcel.document.send.len, 6);
	assert_memory_equal(parcel.file.document_id, sending.file.document_id, 16);
	buf_init(&bytes, MIB);
	assert_int_equal(envelope_file_chunk(&parcel.file, 2, &bytes), 0);
	assert_memory_equal(bytes.data, s.chunks[2].data, bytes.len);
	buf_done(&bytes);
	parcel_done(&parcel);
	envelope_file_done(&sending.file);
	/* Shorter and longer than it says, and no parcel at all. */
	buf_init(&bytes, 16 * MIB);
	assert_int_equal(disk_read_small("parcel", 16 * MIB, &bytes), 0);
	assert_int_equal(disk_write_small("p", bytes.data, bytes.len - 1, true), 0);
	assert_int_equal(parcel_open("p", &parcel), FAIL_TRUNCATED);
	parcel_done(&parcel);
	buf_u8(&bytes, 0);
	assert_int_equal(disk_write_small("p", bytes.data, bytes.len, true), 0);
	assert_int_equal(parcel_open("p", &parcel), FAIL_FORMAT);
	parcel_done(&parcel);
	for (size_t len = 0; len < 200; len += 7) {
		assert_int_equal(disk_write_small("p", bytes.data, len, true), 0);
		assert_int_not_equal(parcel_open("p", &parcel), 0);
		parcel_done(&parcel);
	}
	bytes.data[9] ^= 2;
	assert_int_equal(disk_write_small("p", bytes.data, bytes.len, true), 0);
	assert_int_equal(parcel_open("p", &parcel), FAIL_VERSION);
	parcel_done(&parcel);
	buf_done(&bytes);
	station_done(&s);
}

/* The station's own memory comes from the same place, so it is made first. */
static void
memory_fails_at_every_point(void **state)
{
	struct station s;
	uint64_t number = 0;
	int r = FAIL_NOMEM;

	(void)state;
	station_init(&s);
	write_envelope(MIB + 5);
	assert_int_equal(upload(&s, &number), 0);
	for (long n = 0; r != 0; n++) {
		mem_fail_after(n, true);
		r = download(&s, "part");
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM || r == FAIL_FORMAT);
		assert_true(n < 1000);
	}
	must_be_same("letter.valise", "part");
	station_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_small_goes_in_one_message),
		cmocka_unit_test(what_is_large_goes_in_chunks_and_comes_back),
		cmocka_unit_test(a_broken_upload_sends_only_what_is_missing),
		cmocka_unit_test(a_broken_download_fetches_only_what_is_missing),
		cmocka_unit_test(a_station_that_lies_keeps_nobody_for_ever),
		cmocka_unit_test(an_altered_envelope_does_not_leave),
		cmocka_unit_test(a_parcel_is_what_it_says_or_refused),
		cmocka_unit_test(memory_fails_at_every_point),
	};
	static const char *const left[] = {"letter.valise", "again.valise", "part",
		"altered.valise", "cut.valise", "parcel", "p"};
	int failed;

	if (crypto_init() != 0 || mkdtemp(root) == NULL || chdir(root) != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
		(void)unlink(left[i]);
	return failed != 0 || chdir("/") != 0 || rmdir(root) != 0;
}
