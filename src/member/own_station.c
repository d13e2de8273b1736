/* SPDX-License-Identifier: Apache-2.0 */
#include "member/own_station.h"

#include <string.h>

#include "base/mem.h"

enum { SEED_LEN = 32 };

const uint8_t *
own_station_seed(const struct own_station *station, enum own_station_seed which)
{
	return station->seeds->bytes + (size_t)which * SEED_LEN;
}

void
own_station_free(struct own_station *station)
{
	if (station == NULL)
		return;
	secret_free(station->seeds);
	mem_free(station);
}

/* The texts in their grammar, copied; the seeds still empty. */
static int
new_of(struct rd member, struct rd domain, struct rd url,
	struct own_station **ret_station)
{
	struct own_station *s = NULL;
	int r;

	if (!address_is_member(member) || !address_is_host(domain) ||
		!address_is_url(url))
		return FAIL_FORMAT;
	if ((r = mem_new(&s, sizeof *s)) != 0)
		return r;
	if ((r = secret_new(STATION_SEEDS * SEED_LEN, &s->seeds)) != 0) {
		mem_free(s);
		return r;
	}
	memcpy(s->member, member.ptr, member.len);
	memcpy(s->domain, domain.ptr, domain.len);
	memcpy(s->url, url.ptr, url.len);
	*ret_station = s;
	return 0;
}

int
own_station_new(const char *member, const char *domain, const char *url, struct rng *rng,
	struct own_station **ret_station)
{
	struct own_station *s = NULL;
	int r;

	if ((r = new_of(address_of(member), address_of(domain), address_of(url), &s)) !=
		0)
		return r;
	if ((r = rng_fill(rng, s->seeds->bytes, s->seeds->len)) != 0) {
		own_station_free(s);
		return r;
	}
	*ret_station = s;
	return 0;
}

static int
parse_body(struct rd in, struct own_station **ret_station)
{
	struct rd member, domain, url;
	const uint8_t *seeds;
	int r;

	if ((r = rd_vec8(&in, 1, ADDRESS_MEMBER_MAX, &member)) != 0 ||
		(r = rd_vec8(&in, 1, ADDRESS_HOST_MAX, &domain)) != 0 ||
		(r = rd_vec16(&in, 1, ADDRESS_URL_MAX, &url)) != 0 ||
		(r = rd_bytes(&in, STATION_SEEDS * SEED_LEN, &seeds)) != 0 ||
		(r = rd_end(&in)) != 0 ||
		(r = new_of(member, domain, url, ret_station)) != 0)
		return r;
	memcpy((*ret_station)->seeds->bytes, seeds, STATION_SEEDS * SEED_LEN);
	return 0;
}

int
own_station_open(const void *ptr, size_t len, const struct secret *passphrase,
	struct own_station **ret_station)
{
	struct secret *body = NULL;
	int r;

	if ((r = keyfile_open_body(ptr, len, KEYFILE_KIND_STATION, passphrase, &body)) !=
		0)
		return r;
	r = parse_body(rd_of(body->bytes, body->len), ret_station);
	secret_free(body);
	return r;
}

int
own_station_seal(const struct own_station *station, const struct secret *passphrase,
	struct rng *rng, struct buf *out)
{
	struct buf body;
	int r;

	buf_init(&body, KEYFILE_MAX);
	buf_vec(&body, 1, station->member, strlen(station->member));
	buf_vec(&body, 1, station->domain, strlen(station->domain));
	buf_vec(&body, 2, station->url, strlen(station->url));
	buf_bytes(&body, station->seeds->bytes, station->seeds->len);
	if ((r = buf_error(&body)) == 0)
		r = keyfile_seal_body(KEYFILE_KIND_STATION, rd_of(body.data, body.len),
			passphrase, rng, out);
	buf_done(&body);
	return r;
}

void
own_station_entry(const struct own_station *station, struct entry *ret_entry)
{
	struct entry e = {.log_number = 1};

	e.name = address_of(station->member);
	e.domain = address_of(station->domain);
	e.url = address_of(station->url);
	sign_public(own_station_seed(station, STATION_TLS), e.tls);
	sign_public(own_station_seed(station, STATION_LOG), e.log);
	sign_public(own_station_seed(station, STATION_WITNESS), e.witness);
	sign_public(own_station_seed(station, STATION_SIGN), e.sign);
	*ret_entry = e;
}
