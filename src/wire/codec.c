/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/codec.h"

#include <stdbool.h>

/* The width in bytes of an integer or of a vector's length. */
static size_t
width_of(enum codec_type type)
{
	static const uint8_t widths[] = {[CODEC_U8] = 1,
		[CODEC_U16] = 2,
		[CODEC_U32] = 4,
		[CODEC_U64] = 8,
		[CODEC_V8] = 1,
		[CODEC_V16] = 2,
		[CODEC_V24] = 3,
		[CODEC_V32] = 4};

	CHECK(type <= CODEC_V32 && type != CODEC_FIXED);
	return widths[type];
}

static bool
is_within(const struct codec_field *f, uint64_t v)
{
	return v >= f->min && v <= f->max;
}

static int
parse_number(const struct codec_field *f, struct rd *in, uint8_t *ret_field)
{
	size_t width = width_of(f->type);
	const uint8_t *p;
	uint64_t v = 0;
	int r;

	if ((r = rd_bytes(in, width, &p)) != 0)
		return r;
	for (size_t i = 0; i < width; i++)
		v = v << 8 | p[i];
	if (f->type != CODEC_U64 && !is_within(f, v))
		return FAIL_FORMAT;
	switch (width) {
	case 1:
		*ret_field = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)(void *)ret_field = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)(void *)ret_field = (uint32_t)v;
		break;
	default:
		*(uint64_t *)(void *)ret_field = v;
		break;
	}
	return 0;
}

static int
parse_field(const struct codec_field *f, struct rd *in, uint8_t *ret_field)
{
	switch (f->type) {
	case CODEC_U8:
	case CODEC_U16:
	case CODEC_U32:
	case CODEC_U64:
		return parse_number(f, in, ret_field);
	case CODEC_FIXED:
		return rd_bytes(in, f->max, (const uint8_t **)(void *)ret_field);
	case CODEC_V8:
		return rd_vec8(in, f->min, f->max, (struct rd *)(void *)ret_field);
	case CODEC_V16:
		return rd_vec16(in, f->min, f->max, (struct rd *)(void *)ret_field);
	case CODEC_V24:
		return rd_vec24(in, f->min, f->max, (struct rd *)(void *)ret_field);
	case CODEC_V32:
		return rd_vec32(in, f->min, f->max, (struct rd *)(void *)ret_field);
	}
	return FAIL_FORMAT;
}

int
codec_parse(const struct codec *codec, struct rd *in, void *ret_message)
{
	struct rd at = *in;
	int r;

	for (size_t i = 0; i < codec->count; i++) {
		const struct codec_field *f = &codec->fields[i];

		if ((r = parse_field(f, &at, (uint8_t *)ret_message + f->offset)) != 0)
			return r;
	}
	*in = at;
	return 0;
}

int
codec_parse_whole(const struct codec *codec, struct rd in, void *ret_message)
{
	int r;

	if ((r = codec_parse(codec, &in, ret_message)) != 0)
		return r;
	return rd_end(&in);
}

static uint64_t
number_of(const struct codec_field *f, const uint8_t *field)
{
	switch (width_of(f->type)) {
	case 1:
		return *field;
	case 2:
		return *(const uint16_t *)(const void *)field;
	case 4:
		return *(const uint32_t *)(const void *)field;
	default:
		return *(const uint64_t *)(const void *)field;
	}
}

static void
refuse(struct buf *out)
{
	if (out->error == 0)
		out->error = FAIL_FORMAT;
}

static void
write_number(const struct codec_field *f, const uint8_t *field, struct buf *out)
{
	uint64_t v = number_of(f, field);

	if (f->type != CODEC_U64 && !is_within(f, v)) {
		refuse(out);
		return;
	}
	for (size_t i = width_of(f->type); i-- > 0;)
		buf_u8(out, (uint8_t)(v >> (8 * i)));
}

static void
write_vector(const struct codec_field *f, const struct rd *vec, struct buf *out)
{
	if (!is_within(f, vec->len)) {
		refuse(out);
		return;
	}
	buf_vec(out, width_of(f->type), vec->ptr, vec->len);
}

void
codec_write(const struct codec *codec, const void *message, struct buf *out)
{
	for (size_t i = 0; i < codec->count; i++) {
		const struct codec_field *f = &codec->fields[i];
		const uint8_t *field = (const uint8_t *)message + f->offset;

		if (f->type < CODEC_FIXED)
			write_number(f, field, out);
		else if (f->type == CODEC_FIXED)
			buf_bytes(out, *(const uint8_t *const *)(const void *)field,
				f->max);
		else
			write_vector(f, (const struct rd *)(const void *)field, out);
	}
}
