/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/front.h"

int
wire_parse(struct rd in, struct wire_message *ret_message)
{
	struct wire_message m;
	int r;

	if ((r = rd_u8(&in, &m.type)) != 0 || (r = rd_u64(&in, &m.number)) != 0)
		return r;
	if (in.len > WIRE_BODY_MAX)
		return FAIL_FORMAT;
	m.body = in;
	*ret_message = m;
	return 0;
}

void
wire_write(const struct wire_message *message, struct buf *out)
{
	buf_u8(out, message->type);
	buf_u64(out, message->number);
	buf_bytes(out, message->body.ptr, message->body.len);
}

/* Who may say what, and how long its body may be. */
static const struct {
	enum role sender;
	size_t body_max;
} permits[] = {
	[FRONT_ASK] = {ROLE_FRONT, FRONT_HTTP_MAX + 256},
	[FRONT_REPLY] = {ROLE_STORE, FRONT_HTTP_MAX + 64},
	[FRONT_CALL] = {ROLE_STORE, FRONT_HTTP_MAX + 512},
	[FRONT_RESULT] = {ROLE_FRONT, FRONT_HTTP_MAX + 64},
	[FRONT_PINS] = {ROLE_STORE, 65536},
	[FRONT_FIGURES] = {ROLE_STORE, 65536},
};

bool
front_may(enum role sender, uint8_t type, size_t body_len)
{
	return type >= FRONT_ASK && type <= FRONT_FIGURES &&
		permits[type].sender == sender && body_len <= permits[type].body_max;
}

static const struct codec_field ask_fields[] = {
	CODEC_FIELD(U8, front_ask, source, FRONT_CLIENT, FRONT_ADMIN),
	CODEC_FIELD(V8, front_ask, peer, 0, FRONT_KEY_LEN),
	CODEC_FIELD(V8, front_ask, path, 1, FRONT_PATH_MAX),
	CODEC_FIELD(V32, front_ask, body, 0, FRONT_HTTP_MAX),
};
const struct codec front_ask_codec = CODEC(ask_fields);

static const struct codec_field reply_fields[] = {
	CODEC_FIELD(U16, front_reply, status, 200, 599),
	CODEC_FIELD(V32, front_reply, body, 0, FRONT_HTTP_MAX),
};
const struct codec front_reply_codec = CODEC(reply_fields);

static const struct codec_field call_fields[] = {
	CODEC_FIELD(FIXED, front_call, tls, 0, FRONT_KEY_LEN),
	CODEC_FIELD(V8, front_call, url, 1, 255),
	CODEC_FIELD(V8, front_call, path, 1, FRONT_PATH_MAX),
	CODEC_FIELD(V32, front_call, body, 0, FRONT_HTTP_MAX),
	CODEC_FIELD(U32, front_call, timeout_ms, 1, 600000),
};
const struct codec front_call_codec = CODEC(call_fields);

static const struct codec_field result_fields[] = {
	CODEC_FIELD(U8, front_result, outcome, FRONT_ANSWERED, FRONT_MALFORMED),
	CODEC_FIELD(U16, front_result, status, 0, 599),
	CODEC_FIELD(V32, front_result, body, 0, FRONT_HTTP_MAX),
};
const struct codec front_result_codec = CODEC(result_fields);

static const struct codec_field pins_fields[] = {
	CODEC_FIELD(V16, front_pins, keys, 0, 32 * FRONT_KEY_LEN),
};
const struct codec front_pins_codec = CODEC(pins_fields);

static const struct codec_field figures_fields[] = {
	CODEC_FIELD(V16, front_figures, text, 0, 65535),
};
const struct codec front_figures_codec = CODEC(figures_fields);
