/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_impl.h"
#include "wire/post_sign.h"

/* Asks of officers, members and administrators, each settled before it returns. */

static uint16_t
ask(struct sim *sim, size_t at, const struct front_ask *front)
{
	sim->status = 0;
	sim->client_number = sim_wait_for(sim, at, SIM_STATIONS, 0);
	sim_put_front(&sim->stations[at], FRONT_ASK, sim->client_number, &front_ask_codec,
		front);
	sim_settle(sim);
	CHECK(sim->status != 0);
	return sim->status;
}

static void
sign_request(struct sim *sim, const struct sim_officer *officer, struct rd path,
	struct rd body, struct buf *out)
{
	struct post_signed message = {.version = 1,
		.key_kind = POST_BY_CREDENTIAL,
		.key_id = officer->hash,
		.time_s = sim->now_ms / 1000,
		.body = body};
	uint8_t nonce[16], signature[SIGN_LEN];
	struct buf bytes;

	CHECK(rng_fill(&sim->rng.rng, nonce, sizeof nonce) == 0);
	message.nonce = nonce;
	message.signature = signature;
	buf_init(&bytes, POST_SIGNED_MESSAGE_MAX);
	post_signed_message(path, &message, &bytes);
	CHECK(buf_error(&bytes) == 0);
	sign_message(officer->sign_seed, bytes.data, bytes.len, signature);
	buf_done(&bytes);
	codec_write(&post_signed_codec, &message, out);
	CHECK(buf_error(out) == 0);
}

uint16_t
sim_ask_bytes(struct sim *sim, const struct sim_officer *officer, const char *path,
	struct rd body)
{
	struct front_ask front = {
		.source = FRONT_CLIENT, .peer = rd_of("", 0), .path = address_of(path)};
	struct buf bytes;
	uint16_t status;

	buf_init(&bytes, FRONT_HTTP_MAX);
	sign_request(sim, officer, front.path, body, &bytes);
	front.body = rd_of(bytes.data, bytes.len);
	status = ask(sim, officer->station, &front);
	buf_done(&bytes);
	return status;
}

uint16_t
sim_ask(struct sim *sim, const struct sim_officer *officer, const char *path,
	const struct codec *codec, const void *message)
{
	struct buf body;
	uint16_t status;

	buf_init(&body, FRONT_HTTP_MAX);
	if (codec != NULL)
		codec_write(codec, message, &body);
	CHECK(buf_error(&body) == 0);
	status = sim_ask_bytes(sim, officer, path, rd_of(body.data, body.len));
	buf_done(&body);
	return status;
}

void
sim_ask_begin(struct sim *sim, const struct sim_officer *officer, const char *path,
	struct rd body)
{
	struct front_ask front = {
		.source = FRONT_CLIENT, .peer = rd_of("", 0), .path = address_of(path)};
	struct buf bytes;

	buf_init(&bytes, FRONT_HTTP_MAX);
	sign_request(sim, officer, front.path, body, &bytes);
	front.body = rd_of(bytes.data, bytes.len);
	sim_put_front(&sim->stations[officer->station], FRONT_ASK,
		sim_wait_for(sim, officer->station, SIM_STATIONS, 0), &front_ask_codec,
		&front);
	buf_done(&bytes);
}

uint16_t
sim_peer(struct sim *sim, size_t from, size_t to, const char *path, struct rd body)
{
	uint8_t tls[SIGN_PUBLIC_LEN];
	const struct front_ask front = {.source = FRONT_PEER,
		.peer = rd_of(tls, sizeof tls),
		.path = address_of(path),
		.body = body};

	sign_public(own_station_seed(sim->stations[from].keys, STATION_TLS), tls);
	return ask(sim, to, &front);
}

uint16_t
sim_open_path(struct sim *sim, size_t at, const char *path, const struct codec *codec,
	const void *message)
{
	struct front_ask front = {
		.source = FRONT_CLIENT, .peer = rd_of("", 0), .path = address_of(path)};
	struct buf body;
	uint16_t status;

	buf_init(&body, FRONT_HTTP_MAX);
	codec_write(codec, message, &body);
	CHECK(buf_error(&body) == 0);
	front.body = rd_of(body.data, body.len);
	status = ask(sim, at, &front);
	buf_done(&body);
	return status;
}

uint16_t
sim_admin(struct sim *sim, size_t at, const char *path, struct rd body)
{
	const struct front_ask front = {.source = FRONT_ADMIN,
		.peer = rd_of("", 0),
		.path = address_of(path),
		.body = body};

	return ask(sim, at, &front);
}

const char *
sim_why(const struct sim *sim)
{
	static char text[1100];
	struct post_error error;

	if (codec_parse_whole(&post_error_codec, rd_of(sim->reply.data, sim->reply.len),
		    &error) != 0)
		return "";
	(void)snprintf(text, sizeof text, "%.*s", (int)error.text.len,
		(const char *)error.text.ptr);
	return text;
}

struct rd
sim_name(const struct sim *sim, size_t station)
{
	return address_of(sim->stations[station].name);
}
