/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/officer_order.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "member/enrol.h"
#include "sys/clock.h"
#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/people.h"
#include "valise/report.h"
#include "wire/front.h"

/*
 * Revoking names credentials by their hash where one device is meant: the hash is looked up in
 * the station's directory, whose signatures people_load() has verified.
 */

struct ordering {
	const struct args *args;
	struct keys *keys;
	struct link *link;
	struct people *people;
};

static int
begin(const struct args *args, struct ordering *o)
{
	char dir[DISK_PATH_MAX];
	int r;

	*o = (struct ordering){.args = args};
	if ((r = home_dir(args, dir)) != 0 || (r = home_officer(args, &o->keys)) != 0)
		return r;
	if (keys_subject(o->keys)->kind != SUBJECT_SECURITY)
		return exchange_fail(args, "order as", dir,
			"Only security officers revoke and hold.", FAIL_REFUSED);
	r = link_new(dir, o->keys, &o->link);
	return r == 0 ? 0 : exchange_fail(args, "use", dir, NULL, r);
}

static void
end(struct ordering *o)
{
	people_free(o->people);
	link_free(o->link);
	keys_free(o->keys);
}

/* The own member's directory. */
static int
load_directory(struct ordering *o, const struct directory **ret_directory)
{
	int r;

	if ((r = people_load(o->link, &o->people)) != 0)
		return link_fail(
			o->args, o->link, "learn who there is from", "the station", r);
	*ret_directory = people_directory(o->people, keys_subject(o->keys)->member);
	return *ret_directory != NULL ? 0
				      : exchange_fail(o->args, "find", "the directory",
						"Nobody is enrolled yet.", FAIL_ABSENT);
}

static int
post(struct ordering *o, const char *object, const struct buf *bytes)
{
	struct post_order message = {.order = rd_of(bytes->data, bytes->len)};
	struct buf answer;
	int r;

	if (args_get(o->args, "out") != NULL)
		return exchange_write(o->args, bytes->data, bytes->len);
	buf_init(&answer, FRONT_HTTP_MAX);
	r = link_ask(o->link, "order", &post_order_codec, &message, &answer);
	buf_done(&answer);
	return r == 0 ? 0 : link_fail(o->args, o->link, "order about", object, r);
}

/* Sign and send; what and whom stands in the order. */
static int
give(struct ordering *o, struct order *order, const char *object)
{
	const char *reason = args_get(o->args, "reason");
	struct buf bytes;
	int r;

	if (reason != NULL && strlen(reason) > ORDER_REASON_MAX)
		return report_usage(
			o->args->verb, "--reason has at most %d bytes", ORDER_REASON_MAX);
	order->reason = address_of(reason != NULL ? reason : "");
	order->at_s = clock_now_s();
	buf_init(&bytes, ORDER_BYTES_MAX);
	if ((r = keys_sign_order(o->keys, order, &bytes)) != 0)
		r = exchange_fail(o->args, "order about", object,
			r == FAIL_FORMAT ? "A target is such as PT, PT/duty or "
					   "PT/ana.silva; a reason is one line."
					 : NULL,
			r);
	else
		r = post(o, object, &bytes);
	buf_done(&bytes);
	return r;
}

static int
say(const struct ordering *o, const char *done, const char *object, const char *what)
{
	if (args_has(o->args, "json"))
		return exchange_json(o->args,
			json_pack("{s:s, s:s}", "order", done, "target", object));
	report_say("%s%s%s: %s.\n", object, what[0] != '\0' ? " on " : "", what, done);
	return 0;
}

/* Revoke one credential of an officer, or all (hash NULL). */
static int
revoke(struct ordering *o, const char *officer, const uint8_t *hash, const char *device)
{
	struct rd member = keys_subject(o->keys)->member;
	struct order order = {.type = ORDER_REVOKE};
	char target[ADDRESS_MAX + 1];
	int r;

	(void)snprintf(target, sizeof target, "%.*s/%s", (int)member.len,
		(const char *)member.ptr, officer);
	order.target = address_of(target);
	if (hash != NULL)
		order.credential = rd_of(hash, HASH_LEN);
	if ((r = give(o, &order, officer)) != 0)
		return r;
	return say(o, "revoked", officer, device);
}

static bool
is_of(const struct directory_credential *c, const char *officer, const char *device)
{
	return address_compare(c->officer, address_of(officer)) == 0 &&
		(device == NULL || address_compare(c->device, address_of(device)) == 0);
}

static int
check_name(const char *name)
{
	if (address_is_name(address_of(name)))
		return 0;
	return report_usage("officer", "'%s' is no officer: such as ana.silva", name);
}

/* Every credential of that device; at least one. */
static int
revoke_device(struct ordering *o, const char *officer, const char *device)
{
	const struct directory *d;
	bool is_found = false;
	int r;

	if ((r = load_directory(o, &d)) != 0)
		return r;
	for (size_t i = 0; i < d->credential_count; i++) {
		if (!is_of(&d->credentials[i], officer, device))
			continue;
		is_found = true;
		if ((r = revoke(o, officer, d->credentials[i].hash, device)) != 0)
			return r;
	}
	return is_found
		? 0
		: exchange_fail(o->args, "revoke", device,
			  "This officer has no such device; `valise officer list` "
			  "shows them.",
			  FAIL_ABSENT);
}

int
officer_revoke(const struct args *args)
{
	const char *name = args->operands[1], *device = args_get(args, "device");
	struct ordering o;
	int r;

	if ((r = check_name(name)) != 0)
		return r;
	if ((r = begin(args, &o)) == 0)
		r = device == NULL ? revoke(&o, name, NULL, "")
				   : revoke_device(&o, name, device);
	end(&o);
	return r;
}

static uint64_t
from_of(const struct directory_credential *c)
{
	struct credential credential;
	struct enrol enrol;

	if (enrol_parse(c->enrol.ptr, c->enrol.len, &enrol) != 0 ||
		credential_parse(
			enrol.credential.ptr, enrol.credential.len, &credential) != 0)
		return 0;
	return credential.from_s;
}

/* The newest credential of an officer: what the others are replaced by. */
static const struct directory_credential *
newest(const struct directory *d, const char *officer)
{
	const struct directory_credential *best = NULL;

	for (size_t i = 0; i < d->credential_count; i++) {
		const struct directory_credential *c = &d->credentials[i];

		if (is_of(c, officer, NULL) &&
			(best == NULL || from_of(c) > from_of(best)))
			best = c;
	}
	return best;
}

static int
replace(struct ordering *o, const char *officer)
{
	const struct directory_credential *kept;
	const struct directory *d;
	char device[ADDRESS_NAME_MAX + 1];
	size_t count = 0;
	int r;

	if ((r = load_directory(o, &d)) != 0)
		return r;
	kept = newest(d, officer);
	for (size_t i = 0; i < d->credential_count; i++) {
		const struct directory_credential *c = &d->credentials[i];

		if (c == kept || !is_of(c, officer, args_get(o->args, "device")))
			continue;
		(void)snprintf(device, sizeof device, "%.*s", (int)c->device.len,
			(const char *)c->device.ptr);
		if ((r = revoke(o, officer, c->hash, device)) != 0)
			return r;
		count++;
	}
	if (count > 0)
		return 0;
	return exchange_fail(o->args, "replace", officer,
		"The new device must be enrolled first: `valise enrol` on it, then "
		"`valise officer sign` by two.",
		FAIL_ABSENT);
}

int
officer_replace(const struct args *args)
{
	struct ordering o;
	int r;

	if ((r = check_name(args->operands[1])) != 0)
		return r;
	if ((r = begin(args, &o)) == 0)
		r = replace(&o, args->operands[1]);
	end(&o);
	return r;
}

int
officer_hold(const struct args *args)
{
	const char *lifted = args_get(args, "lift");
	const char *target = lifted != NULL ? lifted : args->operands[0];
	struct order order = {.type = lifted != NULL ? ORDER_LIFT : ORDER_HOLD,
		.target = address_of(target)};
	struct rd member, name;
	struct ordering o;
	int r;

	if (!address_is_member(order.target) &&
		address_split(order.target, &member, &name) != 0)
		return report_usage("hold",
			"'%s' is no target: such as CY, CY/duty or CY/eleni.k", target);
	if ((r = begin(args, &o)) == 0 && (r = give(&o, &order, target)) == 0)
		r = say(&o, lifted != NULL ? "lifted" : "held", target, "");
	end(&o);
	return r;
}

int
officer_carry(const struct args *args)
{
	const char *path = args_get(args, "file"), *url = args_get(args, "at");
	struct post_order message;
	struct link *link = NULL;
	struct buf file, answer;
	struct order order;
	int r;

	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = exchange_read(args, path, ORDER_BYTES_MAX, &file)) != 0)
		return r;
	if ((r = order_parse(file.data, file.len, &order)) != 0) {
		r = exchange_fail(args, "read", path,
			"It is not an order of `valise hold --out`, or it was altered.",
			r);
		goto out;
	}
	if ((r = link_new_at(url, &link)) != 0) {
		r = report_usage("hold", "--at %s: such as https://pt.example:7443", url);
		goto out;
	}
	message.order = rd_of(file.data, file.len);
	r = link_ask(link, "order", &post_order_codec, &message, &answer);
	if (r != 0)
		r = link_fail(args, link, "hand in the order at", url, r);
	else
		report_say("Handed in at %s.\n", url);
out:
	link_free(link);
	buf_done(&file);
	buf_done(&answer);
	return r;
}
