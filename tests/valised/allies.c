/* SPDX-License-Identifier: Apache-2.0 */
#include "allies.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envelope/trailer.h"
#include "store/chunks.h"
#include "valised/store_core.h"

static struct sim_officer *
enrol(struct allies *w, size_t station, const char *name, const char *clearance,
	const char *desk)
{
	const struct sim_officer_plan plan = {station, name, clearance, desk, 0};

	return sim_enrol(w->sim, &plan);
}

int
allies_make(void **ctx)
{
	static struct allies allies;
	struct allies *w = &allies;
	const struct sim_plan plan = {0};

	(void)snprintf(w->dir, sizeof w->dir, "/tmp/valise-allies-XXXXXX");
	CHECK(mkdtemp(w->dir) != NULL);
	w->sim = sim_new(&plan);
	/* One directory for all: ids differ, and each station has rows of its own. */
	for (size_t i = 0; i < SIM_STATIONS; i++)
		w->sim->stations[i].store->plan.chunks_dir = w->dir;
	w->ana = enrol(w, SIM_PT, "ana.silva", "SECRET", "policy");
	w->rui = enrol(w, SIM_PT, "rui.costa", "SECRET", "policy");
	w->bea = enrol(w, SIM_PT, "bea.reis", "SECRET", NULL);
	w->eleni = enrol(w, SIM_CY, "eleni.k", "SECRET", "duty");
	w->nikos = enrol(w, SIM_CY, "nikos.p", "RESTRICTED", NULL);
	w->marie = enrol(w, SIM_FR, "marie.d", "SECRET", "duty");
	*ctx = w;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
allies_end(void **ctx)
{
	struct allies *w = *ctx;

	sim_free(w->sim);
	return nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
allies_plan(struct allies *w, const char *to, const char *info,
	struct sim_cable_plan *ret_plan)
{
	*ret_plan = (struct sim_cable_plan){.author = w->ana,
		.label = "SECRET",
		.to = {to},
		.info = {info},
		.text = "The courier leaves at dawn."};
}

void
allies_send(struct allies *w, const char *to, const char *info, struct sim_cable *cable)
{
	struct sim_cable_plan plan;

	allies_plan(w, to, info, &plan);
	sim_send(w->sim, &plan, cable);
}

static struct rd
credential_of(const struct sim_officer *officer)
{
	struct enrol enrol;

	CHECK(enrol_parse(officer->enrol.data, officer->enrol.len, &enrol) == 0);
	return enrol.credential;
}

void
allies_seal_long(
	struct allies *w, const char *to, uint64_t plain_len, struct sim_cable *cable)
{
	struct trailer trailer = {.signer_count = 1};
	uint8_t message[TRAILER_SIGNED_LEN];
	struct sim_cable_plan plan;
	struct header header;
	size_t len;

	allies_plan(w, to, NULL, &plan);
	sim_seal(w->sim, &plan, cable);
	CHECK(header_parse(rd_of(cable->header.data, cable->header.len), &header, &len) ==
		0);
	trailer.sums.body_len = plain_len;
	trailer.sums.segments = (uint32_t)((plain_len + 65535) / 65536);
	trailer.signers[0].role = SIGNER_AUTHOR;
	trailer.signers[0].kind = SIGNER_CREDENTIAL;
	trailer.signers[0].identity = credential_of(w->ana);
	trailer_signed(header.hash, &trailer.sums, message);
	sign_message(
		w->ana->sign_seed, message, sizeof message, trailer.signers[0].signature);
	buf_clear(&cable->trailer);
	CHECK(trailer_write(&trailer, &cable->trailer) == 0);
	trailer_envelope_hash(header.hash, &trailer.sums, cable->envelope_hash);
	buf_clear(&cable->body);
	cable->body_len = plain_len + (uint64_t)trailer.sums.segments * 20 + 4;
}

uint16_t
allies_ask(struct allies *w, const struct sim_officer *officer, const char *path,
	const uint8_t *document_id, uint32_t chunk)
{
	const struct post_which which = {
		.document_id = rd_of(document_id, CORE_DOCUMENT_ID_LEN), .chunk = chunk};

	return sim_ask(w->sim, officer, path, &post_which_codec, &which);
}

void
allies_chunk(const struct sim_cable *cable, uint32_t n, struct buf *out)
{
	const uint64_t rest = cable->body_len - (uint64_t)n * ALLIES_MIB;
	const size_t len = rest < ALLIES_MIB ? (size_t)rest : ALLIES_MIB;
	struct post_chunk post = {.document_id = cable->document_id, .number = n};
	uint8_t hash[HASH_LEN], *bytes;

	CHECK((bytes = malloc(len)) != NULL);
	memset(bytes, (int)n + 1, len);
	hash_sha256(bytes, len, hash);
	post.hash = hash;
	post.bytes = rd_of(bytes, len);
	codec_write(&post_chunk_codec, &post, out);
	CHECK(buf_error(out) == 0);
	free(bytes);
}

uint16_t
allies_put_chunk(struct allies *w, const struct sim_officer *officer,
	const struct sim_cable *cable, uint32_t n)
{
	struct buf body;
	uint16_t status;

	buf_init(&body, POST_BODY_MAX);
	allies_chunk(cable, n, &body);
	status = sim_ask_bytes(w->sim, officer, "chunk", rd_of(body.data, body.len));
	buf_done(&body);
	return status;
}

struct post_arrival
allies_arrival(const struct allies *w)
{
	struct post_arrival arrival;

	CHECK(codec_parse_whole(&post_arrival_codec,
		      rd_of(w->sim->reply.data, w->sim->reply.len), &arrival) == 0);
	return arrival;
}

const char *
allies_box(struct allies *w, const struct sim_officer *officer, struct post_inbox asked)
{
	static char text[256];
	struct post_list list;
	struct post_row row;
	size_t at = 0;

	CHECK(sim_ask(w->sim, officer, "inbox", &post_inbox_codec, &asked) == 200);
	CHECK(codec_parse_whole(&post_list_codec,
		      rd_of(w->sim->reply.data, w->sim->reply.len), &list) == 0);
	text[0] = '\0';
	while (list.items.len > 0) {
		CHECK(codec_parse(&post_row_codec, &list.items, &row) == 0);
		at += (size_t)snprintf(
			text + at, sizeof text - at, "%u ", (unsigned)row.number);
		CHECK(at < sizeof text);
	}
	return text;
}
