/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/reading.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cable/delivery.h"
#include "member/counts.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "sys/workers.h"
#include "valise/opener.h"
#include "valise/register.h"
#include "valise/report.h"

enum { ASK_RECALLED_MS = 1000, ASK_MS = 60 * 1000 };

static int
fail(struct reading *rd, const char *where, int r)
{
	struct report report = {.verb = rd->session->args->verb,
		.attempt = "open",
		.object = rd->word,
		.where = where};

	return report_fail(&report, r);
}

/* The ENROL whose credential is this one. */
static int
find_enrol(struct rd list, struct rd credential, struct enrol *ret_enrol)
{
	struct post_enrol item;
	int r;

	while (list.len > 0) {
		if ((r = codec_parse(&post_enrol_codec, &list, &item)) != 0 ||
			(r = enrol_parse(item.enrol.ptr, item.enrol.len, ret_enrol)) != 0)
			return r;
		if (address_compare(ret_enrol->credential, credential) == 0)
			return 0;
	}
	return FAIL_SIGNER;
}

/* Two enrolment officers of the originator signed for who signed; when, custodians judged. */
static int
check_signer(struct reading *rd, const struct signer *signer)
{
	struct counts_kept kept = {.is_first = true};
	struct credential c;
	struct enrol enrol;
	uint64_t from_s;
	int r;

	if ((r = find_enrol(rd->enrols, signer->identity, &enrol)) != 0 ||
		(r = credential_parse(signer->identity.ptr, signer->identity.len, &c)) !=
			0 ||
		(r = counts_enrol(
			 rd->session->circle.roster, &enrol, &kept, 0, &from_s)) != 0)
		return r == FAIL_ABSENT ? FAIL_SIGNER : r;
	if (address_compare(c.subject.member, rd->file.header->core.originator) != 0)
		return FAIL_SIGNER;
	if (signer->role == SIGNER_AUTHOR)
		(void)snprintf(rd->author, sizeof rd->author, "%.*s/%.*s",
			(int)c.subject.member.len, (const char *)c.subject.member.ptr,
			(int)c.subject.officer.len, (const char *)c.subject.officer.ptr);
	return 0;
}

static int
check_signers(struct reading *rd)
{
	const struct trailer *trailer = &rd->file.trailer;
	int r;

	if (core_is_solo(&rd->file.header->core))
		return FAIL_REFUSED;
	for (size_t i = 0; i < trailer->signer_count; i++)
		if ((r = check_signer(rd, &trailer->signers[i])) != 0)
			return r;
	return rd->author[0] != '\0' ? 0 : FAIL_SIGNER;
}

static int
parse_header(struct reading *rd)
{
	struct rd label = rd->file.header->core.label;
	int r;

	if ((r = mem_new(&rd->addressing, sizeof *rd->addressing)) != 0 ||
		(r = addressing_parse(rd->file.header->addressing, rd->addressing)) != 0)
		return r;
	return label_parse(&label, &rd->label);
}

/* Form, root and signatures; then who signed. */
static int
verify(struct reading *rd)
{
	struct report report = {.verb = rd->session->args->verb,
		.attempt = "open",
		.object = rd->word,
		.where = "signer",
		.why = "no two enrolment officers of the originator have signed for who "
		       "signed it",
		.remedy = "Do not trust it; report it to your security officer."};
	int r;

	rd->is_open = true;
	if ((r = envelope_file_open(rd->path, NULL, &rd->file)) != 0) {
		/* What is damaged on our disk must not be taken for the whole next time. */
		if (r != FAIL_NOMEM)
			disk_unlink(AT_FDCWD, rd->path);
		return fail(rd, rd->file.where, r);
	}
	if ((r = check_signers(rd)) == FAIL_SIGNER)
		return report_fail(&report, r);
	if (r != 0)
		return fail(rd, "signer", r);
	return (r = parse_header(rd)) == 0 ? EXIT_OK : fail(rd, "header", r);
}

/* The document that came is the one whose header it shows. */
static int
check_arrival(struct reading *rd)
{
	const struct post_document *d = &rd->document.document;

	if (rd->file.body_len != d->body_len ||
		rd->file.header_bytes.len != d->header.len)
		return FAIL_MISMATCH;
	return 0;
}

static int
fetch(struct reading *rd)
{
	struct post_which which = {.number = rd->number};
	struct post_document *d = &rd->document.document;
	struct progress *progress = NULL;
	struct header header;
	struct rd id;
	size_t len;
	int r;

	if ((r = courier_document(&rd->session->courier, &which, &rd->document)) != 0)
		return session_fail(rd->session, "fetch", rd->word, r);
	if ((r = header_parse(d->header, &header, &len)) != 0)
		return fail(rd, "header", r);
	id = rd_of(header.core.document_id, CORE_DOCUMENT_ID_LEN);
	if ((r = kept_path(
		     rd->session->dir, header.core.document_id, "part", rd->path)) != 0 ||
		(r = progress_new(
			 "Fetching", d->body_len, report_is_quiet(), &progress)) != 0)
		return fail(rd, NULL, r);
	r = courier_download(
		&rd->session->courier, &rd->document, id, rd->path, progress);
	progress_free(progress);
	if (r != 0)
		return session_fail(rd->session, "fetch", rd->word, r);
	rd->enrols = d->enrols;
	return EXIT_OK;
}

/* From before; its people are those held, so that nothing is asked of anybody. */
static bool
find_kept(struct reading *rd)
{
	struct session *s = rd->session;

	if (kept_find(s->dir, rd->number, clock_now_s(), &rd->kept_bytes, &rd->kept) !=
			0 ||
		kept_path(s->dir, rd->kept.document_id, "valise", rd->path) != 0 ||
		!disk_is_there(rd->path))
		return false;
	rd->is_kept = true;
	rd->enrols = rd->kept.enrols;
	return true;
}

static int
report_recalled(struct reading *rd, const struct post_row *row)
{
	struct report report = {.verb = rd->session->args->verb,
		.attempt = "read",
		.object = rd->word,
		.why = row->state == DELIVERY_EXPIRED ? "it has expired"
						      : "it was recalled",
		.remedy = "The copy that was kept has been removed."};

	return report_fail(&report, FAIL_REFUSED);
}

/* The network is not needed to read again; but where there is one, a recall must be heard. */
static int
ask_recalled(struct reading *rd)
{
	struct session *s = rd->session;
	struct post_row row;
	struct buf bytes;
	int r, status = EXIT_OK;

	if (s->is_away)
		return EXIT_OK;
	buf_init(&bytes, COURIER_ANSWER_MAX);
	if (s->link != NULL)
		link_set_timeout(s->link, ASK_RECALLED_MS);
	r = register_row(s, rd->number, &bytes, &row);
	if (s->link != NULL)
		link_set_timeout(s->link, ASK_MS);
	/* register_page() has removed the copy then. */
	if (r == 0 && (row.state == DELIVERY_RECALLED || row.state == DELIVERY_EXPIRED))
		status = report_recalled(rd, &row);
	else if (r == FAIL_AGAIN)
		s->is_away = true;
	else if (r == FAIL_REFUSED || r == FAIL_SIGNER || r == FAIL_SIGNATURE)
		status = session_fail(s, "read", rd->word, r);
	buf_done(&bytes);
	return status;
}

int
reading_begin(struct session *session, uint64_t number, struct reading *ret_reading)
{
	struct reading *rd = ret_reading;
	int r, status;

	memset(rd, 0, sizeof *rd);
	rd->session = session;
	rd->number = number;
	(void)snprintf(rd->word, sizeof rd->word, "%" PRIu64, number);
	courier_document_init(&rd->document);
	buf_init(&rd->kept_bytes, POST_HEADER_MAX);
	buf_init(&rd->head_bytes, BODY_HEAD_MAX + 4);
	buf_init(&rd->text, READING_TEXT_MAX);
	session->is_offline = find_kept(rd);
	if ((rd->is_kept && (status = ask_recalled(rd)) != EXIT_OK) ||
		(status = session_people(session)) != EXIT_OK ||
		(!rd->is_kept && (status = fetch(rd)) != EXIT_OK) ||
		(status = verify(rd)) != EXIT_OK)
		return status;
	if (!rd->is_kept && (r = check_arrival(rd)) != 0)
		return fail(rd, "body", r);
	return EXIT_OK;
}

/* The key that was kept, out of its slot. */
static int
kept_key(struct reading *rd)
{
	struct own_slot own = {.role = OWN_ROLE_KEPT,
		.suite = rd->kept.suite,
		.enc_len = (uint16_t)kem_enc_len(rd->kept.suite)};

	if (memcmp(rd->kept.envelope_hash, rd->file.envelope_hash, HASH_LEN) != 0)
		return FAIL_MISMATCH;
	memcpy(own.key_id, rd->kept.slot.key_id, KEM_ID_LEN);
	memcpy(own.core_hash, rd->file.header->core_hash, HASH_LEN);
	memcpy(own.enc, rd->kept.slot.enc, own.enc_len);
	memcpy(own.sealed, rd->kept.slot.sealed, SLOT_SEALED_LEN);
	rd->asked.copy = rd->kept.copy;
	(void)snprintf(rd->asked.shares, sizeof rd->asked.shares, "%.*s",
		(int)rd->kept.shares.len, (const char *)rd->kept.shares.ptr);
	return keys_unwrap(rd->session->keys, &own, rd->body_key);
}

/* Where no slot is ours, a later grant may have come to our station. */
static int
ask_granted(struct reading *rd, struct buf *bytes, struct rd *ret_grant)
{
	struct post_which which = {
		.document_id = rd_of(rd->file.document_id, CORE_DOCUMENT_ID_LEN)};
	struct courier_question question = {.path = "granted",
		.codec = &post_which_codec,
		.message = &which,
		.answer_codec = &post_object_codec};
	struct post_object object;
	int r;

	*ret_grant = rd->document.document.grant;
	if (ret_grant->len > 0)
		return 0;
	if ((r = courier_ask(&rd->session->courier, &question, bytes, &object)) == 0)
		*ret_grant = object.object;
	return r;
}

static bool
is_reader(const struct reading *rd)
{
	uint8_t id[KEM_ID_LEN];
	size_t at;

	kem_id(&keys_subject(rd->session->keys)->reader, id);
	return slots_find(&rd->file.header->r, id, &at) == 0;
}

static int
report_opening(struct reading *rd, int r)
{
	const struct asked *asked = &rd->asked;
	char attempt[128];

	if (r == FAIL_NO_KEY)
		return fail(rd, "it is not addressed to this device", FAIL_NO_KEY);
	if (asked->is_answered)
		return fail(rd, asked->where, r);
	(void)snprintf(attempt, sizeof attempt, "have %s answer for", asked->where);
	return session_fail(rd->session, attempt, rd->word, r);
}

int
reading_key(struct reading *rd, const char *purpose)
{
	struct asking asking = {.session = rd->session,
		.header = rd->file.header,
		.envelope_hash = rd->file.envelope_hash,
		.purpose = purpose};
	struct buf grant;
	int r = 0;

	if (rd->is_kept)
		return (r = kept_key(rd)) == 0 ? EXIT_OK : fail(rd, "kept copy", r);
	buf_init(&grant, COURIER_ANSWER_MAX);
	if (!is_reader(rd))
		r = ask_granted(rd, &grant, &asking.grant);
	if (r == FAIL_ABSENT)
		r = FAIL_NO_KEY;
	rd->asked.is_answered = true;
	if (r == 0)
		r = asking_run(&asking, &rd->asked, rd->body_key);
	buf_done(&grant);
	return r == 0 ? EXIT_OK : report_opening(rd, r);
}

int
reading_r(struct reading *rd, uint8_t ret_r[SCHEDULE_LEN])
{
	struct asking asking = {.session = rd->session,
		.header = rd->file.header,
		.envelope_hash = rd->file.envelope_hash,
		.purpose = ""};
	struct buf grant;
	int r = 0;

	buf_init(&grant, COURIER_ANSWER_MAX);
	if (!is_reader(rd))
		r = ask_granted(rd, &grant, &asking.grant);
	if (r == FAIL_ABSENT)
		r = FAIL_NO_KEY;
	rd->asked.is_answered = true;
	if (r == 0)
		r = asking_r(&asking, ret_r);
	buf_done(&grant);
	return r == 0 ? EXIT_OK : report_opening(rd, r);
}

int
reading_open(struct reading *rd, struct outbatch *attachments, size_t only)
{
	struct opener opener = {.keys = rd->session->keys,
		.body_key = rd->body_key,
		.text = attachments == NULL || only == 0 ? &rd->text : NULL,
		.head = &rd->head_bytes,
		.attachments = attachments,
		.only = only,
		.thread_count = workers_cpu_count()};
	struct opened opened = {.where = ""};
	size_t len;
	int r;

	if ((r = infile_new(rd->path, &opener.in)) != 0)
		return fail(rd, NULL, r);
	r = opener_run(&opener, &opened);
	infile_free(opener.in);
	if (r != 0)
		return fail(rd, opened.where, r);
	if ((r = mem_new(&rd->head, sizeof *rd->head)) != 0 ||
		(r = body_parse(rd_of(rd->head_bytes.data, rd->head_bytes.len), rd->head,
			 &len)) != 0)
		return fail(rd, "head", r);
	return EXIT_OK;
}

static uint64_t
kept_until(const struct reading *rd, uint64_t now_s)
{
	uint64_t expiry_s = rd->file.header->core.expiry_s;
	uint64_t until_s = now_s + KEPT_FOR_S;

	return expiry_s != 0 && expiry_s < until_s ? expiry_s : until_s;
}

static int
keep(struct reading *rd)
{
	const struct subject *self = keys_subject(rd->session->keys);
	struct kept_copy copy = {.number = rd->number,
		.opened_s = clock_now_s(),
		.copy = rd->asked.copy,
		.shares = rd_of(rd->asked.shares, strnlen(rd->asked.shares, UINT8_MAX)),
		.enrols = rd->enrols};
	char key[DISK_PATH_MAX], envelope[DISK_PATH_MAX];
	struct buf bytes;
	int r;

	memcpy(copy.document_id, rd->file.document_id, sizeof copy.document_id);
	memcpy(copy.envelope_hash, rd->file.envelope_hash, HASH_LEN);
	copy.until_s = kept_until(rd, copy.opened_s);
	buf_init(&bytes, POST_HEADER_MAX);
	if ((r = kept_key_path(rd->session->dir, rd->number, key)) != 0 ||
		(r = kept_path(rd->session->dir, copy.document_id, "valise", envelope)) !=
			0 ||
		(r = kept_copy_write(&copy, rd->file.header, &self->reader,
			 random_system(), rd->body_key, &bytes)) != 0 ||
		(r = disk_write_small(key, bytes.data, bytes.len, true)) != 0)
		goto out;
	/* The envelope last: a key without it is of no use and is not found. */
	r = rename(rd->path, envelope) == 0 ? 0 : FAIL_IO;
out:
	buf_done(&bytes);
	return r;
}

void
reading_keep(struct reading *rd)
{
	if (!rd->is_kept && keep(rd) != 0)
		report_say("The copy could not be kept; reading it again will ask for it "
			   "again.\n");
}

void
reading_end(struct reading *rd)
{
	if (rd->is_open)
		envelope_file_done(&rd->file);
	courier_document_done(&rd->document);
	buf_done(&rd->kept_bytes);
	buf_done(&rd->head_bytes);
	buf_done(&rd->text);
	mem_free_wiped(rd->head, sizeof *rd->head);
	mem_free(rd->addressing);
	label_free(rd->label);
	mem_wipe(rd->body_key, sizeof rd->body_key);
}
