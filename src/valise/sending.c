/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/sending.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cable/delivery.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "valise/report.h"
#include "valise/sending_seal.h"

/*
 * The sealed file is complete and durable before the first byte leaves: a cable whose number
 * was taken can always be sent again as it is, and never under two document ids.
 */

enum { FIRST_PAUSE_MS = 20, PAUSE_MAX_MS = 1000 };

static int
fail(struct sending *s, const char *attempt, int r)
{
	struct report report = {.verb = s->session->args->verb,
		.attempt = attempt,
		.object = s->word,
		.where = s->file.where};

	return report_fail(&report, r);
}

/* Does a file begin as an envelope does? */
static bool
is_envelope(const char *path)
{
	static const char magic[] = "VALISE\r\n";
	char head[sizeof magic - 1] = "";
	size_t got = 0;
	int fd = -1, r;

	if (disk_open(AT_FDCWD, path, O_RDONLY, 0, &fd) != 0)
		return false;
	r = disk_read(fd, head, sizeof head, &got);
	disk_close(fd);
	return r == 0 && got == sizeof head && memcmp(head, magic, sizeof head) == 0;
}

/* Reference and date-time group as they are sealed. */
static int
read_addressing(struct sending *s)
{
	struct addressing *a = NULL;
	int r;

	if ((r = mem_new(&a, sizeof *a)) != 0)
		return r;
	if ((r = addressing_parse(s->file.header->addressing, a)) == 0) {
		s->dtg_s = a->dtg_s;
		(void)snprintf(s->reference, sizeof s->reference, "%.*s",
			(int)a->reference.len, (const char *)a->reference.ptr);
	}
	mem_free(a);
	return r;
}

static int
open_file(struct sending *s)
{
	struct progress *progress = NULL;
	int r;

	if ((r = progress_new("Checking", 0, report_is_quiet(), &progress)) != 0)
		return fail(s, "read", r);
	s->is_open = true;
	if ((r = envelope_file_open(s->path, progress, &s->file)) == 0)
		r = read_addressing(s);
	progress_free(progress);
	if (r == 0 && core_is_solo(&s->file.header->core)) {
		(void)snprintf(s->file.where, sizeof s->file.where, "a solo envelope");
		r = FAIL_REFUSED;
	}
	return r == 0 ? EXIT_OK : fail(s, "send", r);
}

int
sending_begin(struct session *session, const char *word, struct sending *ret_sending)
{
	struct sending *s = ret_sending;
	int status;

	memset(s, 0, sizeof *s);
	s->session = session;
	s->word = word;
	s->began_ms = clock_monotonic_ms();
	s->is_draft = drafts_is_number(word);
	buf_init(&s->state_bytes, COURIER_ANSWER_MAX);
	if (drafts_path(session->dir, word, s->source) != 0)
		return fail(s, "find", FAIL_USAGE);
	if (!s->is_draft && is_envelope(s->source)) {
		memcpy(s->path, s->source, sizeof s->path);
		return open_file(s);
	}
	if ((status = sending_seal(s)) != EXIT_OK)
		return status;
	s->is_ours = true;
	return open_file(s);
}

/* The station could not be reached, or broke off: the sealed file is the way on. */
static int
stays(struct sending *s, int r)
{
	int status = session_fail(s->session, "send", s->word, r);

	if (s->is_ours)
		report_say("It is sealed, in %s; `valise send %s` sends it when the "
			   "station answers.\n",
			s->path, s->path);
	return status;
}

static int
put_enrol(const struct session *session, struct buf *out)
{
	struct post_enrol enrol = {.enrol = session->circle.enrol};

	codec_write(&post_enrol_codec, &enrol, out);
	return buf_error(out);
}

int
sending_upload(struct sending *s)
{
	struct courier_upload upload = {.path = "announce", .file = &s->file};
	struct progress *progress = NULL;
	struct buf enrols;
	int r, status;

	if ((status = session_people(s->session)) != EXIT_OK)
		return status;
	buf_init(&enrols, 2 * ENROL_BYTES_MAX);
	if ((r = put_enrol(s->session, &enrols)) != 0 ||
		(r = progress_new("Sending", s->file.body_len, report_is_quiet(),
			 &progress)) != 0) {
		buf_done(&enrols);
		return fail(s, "send", r);
	}
	upload.enrols = rd_of(enrols.data, enrols.len);
	upload.progress = progress;
	r = courier_upload(&s->session->courier, &upload, &s->number);
	progress_free(progress);
	buf_done(&enrols);
	s->is_uploaded = r == 0;
	return r == 0 ? EXIT_OK : stays(s, r);
}

static size_t
count_names(struct rd list)
{
	struct post_name name;
	size_t count = 0;

	while (list.len > 0 && codec_parse(&post_name_codec, &list, &name) == 0)
		count++;
	return count;
}

int
sending_ask(struct sending *s)
{
	struct post_which which = {.document_id = rd_of(s->file.header->core.document_id,
					   CORE_DOCUMENT_ID_LEN)};
	struct courier_question question = {.path = "state",
		.codec = &post_which_codec,
		.message = &which,
		.answer_codec = &post_state_codec};
	int r;

	if ((r = courier_ask(
		     &s->session->courier, &question, &s->state_bytes, &s->state)) != 0)
		return session_fail(s->session, "ask how far it is:", s->word, r);
	s->number = s->state.number;
	if (!s->is_kept && count_names(s->state.kept_by) >= s->state.threshold) {
		s->is_kept = true;
		s->kept_ms = clock_monotonic_ms() - s->began_ms;
	}
	return EXIT_OK;
}

static bool
is_on_its_way(uint8_t state)
{
	return state == DELIVERY_QUEUED || state == DELIVERY_SENT ||
		state == DELIVERY_KEPT || state == DELIVERY_NOT_KEPT;
}

/* Is there an addressee that may still get it? */
static bool
is_any_on_its_way(const struct sending *s)
{
	struct rd list = s->state.addressees;
	struct post_progress p;

	while (list.len > 0 && codec_parse(&post_progress_codec, &list, &p) == 0)
		if (is_on_its_way(p.state))
			return true;
	return false;
}

static void
pause_ms(unsigned ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	(void)nanosleep(&t, NULL);
}

int
sending_wait(struct sending *s, uint64_t until_ms, bool is_delivered)
{
	unsigned pause = FIRST_PAUSE_MS;
	int status;

	for (;;) {
		if ((status = sending_ask(s)) != EXIT_OK)
			return status;
		if (s->is_kept && !(is_delivered && is_any_on_its_way(s)))
			return EXIT_OK;
		if (clock_monotonic_ms() >= until_ms)
			return s->is_kept ? EXIT_OK : EXIT_LATER;
		pause_ms(pause);
		pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
	}
}

void
sending_end(struct sending *s)
{
	if (s->is_open)
		envelope_file_done(&s->file);
	buf_done(&s->state_bytes);
	/* The station has it on its disk: neither the sealed file nor the draft is needed. */
	if (s->is_uploaded && s->is_ours)
		disk_unlink(AT_FDCWD, s->path);
	if (s->is_uploaded && s->is_draft)
		disk_unlink(AT_FDCWD, s->source);
}
