/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/http_head.h"

#include <string.h>
#include <strings.h>

enum { VERSION_LEN = 8, STATUS_LEN = 3, LEN_DIGITS_MAX = 10 };

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 9110, section 5.6.2. */
static bool
is_token(uint8_t c)
{
	return is_alnum(c) || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_value(uint8_t c)
{
	return c == '\t' || (c >= ' ' && c <= '~');
}

static bool
is_all(struct rd span, bool (*is_such)(uint8_t c))
{
	for (size_t i = 0; i < span.len; i++) {
		if (!is_such(span.ptr[i]))
			return false;
	}
	return true;
}

static bool
is_word(struct rd span, const char *word)
{
	return span.len == strlen(word) &&
		strncasecmp((const char *)span.ptr, word, span.len) == 0;
}

/* The next line without its CRLF; nothing but CRLF ends one. */
static int
take_line(struct rd *in, struct rd *ret_line)
{
	const uint8_t *lf = memchr(in->ptr, '\n', in->len);
	size_t len;

	if (lf == NULL || lf == in->ptr || lf[-1] != '\r')
		return FAIL_FORMAT;
	len = (size_t)(lf - in->ptr) - 1;
	*ret_line = rd_of(in->ptr, len);
	*in = rd_of(lf + 1, in->len - len - 2);
	return 0;
}

/* What stands before the next separator, which is taken too. */
static int
take_until(struct rd *in, char separator, struct rd *ret_span)
{
	const uint8_t *at = memchr(in->ptr, separator, in->len);
	size_t len;

	if (at == NULL)
		return FAIL_FORMAT;
	len = (size_t)(at - in->ptr);
	*ret_span = rd_of(in->ptr, len);
	*in = rd_of(at + 1, in->len - len - 1);
	return 0;
}

static bool
is_path(uint8_t c)
{
	return is_alnum(c) || (c != 0 && strchr("._~-/?=&", c) != NULL);
}

static int
check_version(struct rd version)
{
	if (version.len != VERSION_LEN || memcmp(version.ptr, "HTTP/", 5) != 0)
		return FAIL_FORMAT;
	return memcmp(version.ptr + 5, "1.1", 3) == 0 ? 0 : FAIL_VERSION;
}

bool
http_head_is_path(struct rd path)
{
	if (path.len == 0 || path.len > HTTP_PATH_MAX || path.ptr[0] != '/')
		return false;
	return is_all(path, is_path);
}

static int
request_line(struct rd line, struct http_head *h)
{
	int r;

	if ((r = take_until(&line, ' ', &h->method)) != 0 ||
		(r = take_until(&line, ' ', &h->path)) != 0 ||
		(r = check_version(line)) != 0)
		return r;
	if (h->method.len == 0 || !is_all(h->method, is_token))
		return FAIL_FORMAT;
	if (h->path.len > HTTP_PATH_MAX)
		return FAIL_LIMIT;
	return http_head_is_path(h->path) ? 0 : FAIL_FORMAT;
}

static int
status_line(struct rd line, struct http_head *h)
{
	struct rd version, code;
	int r;

	if ((r = take_until(&line, ' ', &version)) != 0 ||
		(r = check_version(version)) != 0 ||
		(r = take_until(&line, ' ', &code)) != 0)
		return r;
	if (code.len != STATUS_LEN)
		return FAIL_FORMAT;
	for (size_t i = 0; i < STATUS_LEN; i++) {
		if (code.ptr[i] < '0' || code.ptr[i] > '9')
			return FAIL_FORMAT;
		h->status = h->status * 10 + (code.ptr[i] - '0');
	}
	return h->status >= 100 && h->status <= 599 ? 0 : FAIL_FORMAT;
}

static int
content_length(struct rd value, struct http_head *h)
{
	if (h->has_len || value.len == 0 || value.len > LEN_DIGITS_MAX)
		return FAIL_FORMAT;
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < '0' || value.ptr[i] > '9')
			return FAIL_FORMAT;
		h->body_len = h->body_len * 10 + (value.ptr[i] - '0');
	}
	h->has_len = true;
	return 0;
}

/* The few fields that change how the message is read; of others only the form counts. */
static int
use_field(struct rd name, struct rd value, struct http_head *h)
{
	if (is_word(name, "content-length"))
		return content_length(value, h);
	if (is_word(name, "transfer-encoding"))
		return FAIL_UNSUPPORTED;
	if (is_word(name, "host"))
		h->hosts++;
	else if (is_word(name, "connection"))
		h->is_close |= is_word(value, "close");
	else if (is_word(name, "expect")) {
		if (!is_word(value, "100-continue"))
			return FAIL_FORMAT;
		h->is_expecting = true;
	}
	return 0;
}

static bool
is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

static struct rd
trimmed(struct rd value)
{
	while (value.len > 0 && is_blank(value.ptr[0]))
		value = rd_of(value.ptr + 1, value.len - 1);
	while (value.len > 0 && is_blank(value.ptr[value.len - 1]))
		value.len--;
	return value;
}

static int
field_line(struct rd line, struct http_head *h)
{
	struct rd name;
	int r;

	if ((r = take_until(&line, ':', &name)) != 0)
		return r;
	if (!is_all(name, is_token) || name.len == 0 || !is_all(line, is_value))
		return FAIL_FORMAT;
	return use_field(name, trimmed(line), h);
}

static int
parse(struct rd head, int (*start)(struct rd line, struct http_head *h),
	struct http_head *ret_head)
{
	struct http_head h = {.has_len = false};
	struct rd line;
	size_t fields = 0;
	int r;

	if ((r = take_line(&head, &line)) != 0 || (r = start(line, &h)) != 0)
		return r;
	for (;;) {
		if ((r = take_line(&head, &line)) != 0)
			return r;
		if (line.len == 0)
			break;
		if (fields++ == HTTP_HEAD_FIELDS_MAX)
			return FAIL_LIMIT;
		if ((r = field_line(line, &h)) != 0)
			return r;
	}
	if (head.len > 0)
		return FAIL_FORMAT;
	*ret_head = h;
	return 0;
}

int
http_head_request(struct rd head, struct http_head *ret_head)
{
	struct http_head h;
	int r;

	if ((r = parse(head, request_line, &h)) != 0)
		return r;
	if (h.hosts != 1)
		return FAIL_FORMAT;
	*ret_head = h;
	return 0;
}

int
http_head_answer(struct rd head, struct http_head *ret_head)
{
	return parse(head, status_line, ret_head);
}

const char *
http_head_reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *text;
	} reasons[] = {
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{400, "Bad Request"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{409, "Conflict"},
		{413, "Content Too Large"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Supported"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].status == status)
			return reasons[i].text;
	}
	return "Answer";
}
