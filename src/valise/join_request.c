/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/join_request.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "member/directory.h"
#include "member/enrol.h"
#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/link_impl.h"
#include "valise/report.h"
#include "wire/front.h"

/*
 * A directory is worth naming when the enrolment officers themselves stand in it: until then
 * there is nobody who could exchange anything.
 */

enum { FOUNDERS_MIN = 2 };

/* How many of the entry's enrolment officers have a credential here. */
static size_t
count_founders(const struct directory *d, const struct entry *entry)
{
	bool is_there[ENTRY_ENROL_MAX] = {false};
	const struct entry_enrol *found;
	struct credential c;
	struct enrol enrol;
	size_t count = 0;

	for (size_t i = 0; i < d->credential_count; i++) {
		struct rd bytes = d->credentials[i].enrol;

		if (enrol_parse(bytes.ptr, bytes.len, &enrol) == 0 &&
			credential_parse(
				enrol.credential.ptr, enrol.credential.len, &c) == 0 &&
			(found = entry_enrol_find(entry, c.subject.enrol)) != NULL)
			is_there[found - entry->enrols] = true;
	}
	for (size_t i = 0; i < entry->enrol_count; i++)
		count += is_there[i];
	return count;
}

/* The hash of a directory of this member in which its founders stand; FAIL_ABSENT. */
static int
judge_directory(struct rd bytes, const struct entry *entry, uint8_t ret_hash[HASH_LEN])
{
	struct directory *d = NULL;
	struct note *note = NULL;
	int r;

	if ((r = note_parse(bytes.ptr, bytes.len, &note)) != 0 ||
		(r = directory_parse(note->text, &d)) != 0 ||
		(r = directory_verify(d, note, entry)) != 0)
		goto out;
	if (count_founders(d, entry) < FOUNDERS_MIN)
		r = FAIL_ABSENT;
	else
		hash_sha256(note->text.ptr, note->text.len, ret_hash);
out:
	directory_free(d);
	note_free(note);
	return r;
}

/* FAIL_ABSENT: there is none yet, or no station runs.  Other failures are reported. */
static int
first_directory(const struct args *args, const char *dir, const struct entry *entry,
	uint8_t ret_hash[HASH_LEN])
{
	struct link *link = NULL;
	struct post_note note;
	struct buf answer;
	int r;

	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = link_new_admin(dir, &link)) != 0) {
		r = exchange_fail(args, "use", dir, NULL, r);
		goto out;
	}
	r = link_ask(link, "directory", NULL, NULL, &answer);
	if (r == FAIL_AGAIN && !link_has_answered(link)) {
		report_say("%s.\n", link_why(link));
		r = FAIL_ABSENT;
	}
	if (r != 0) {
		if (r != FAIL_ABSENT)
			r = link_fail(
				args, link, "ask for the directory at", "the station", r);
		goto out;
	}
	if ((r = codec_parse_whole(
		     &post_note_codec, rd_of(answer.data, answer.len), &note)) == 0)
		r = note.note.len == 0 ? FAIL_ABSENT
				       : judge_directory(note.note, entry, ret_hash);
	if (r != 0 && r != FAIL_ABSENT)
		r = exchange_fail(args, "use the directory of", "the station", NULL, r);
out:
	link_free(link);
	buf_done(&answer);
	return r;
}

/* The words of the file that goes; on stdout when the file does not go there. */
static int
say(const struct args *args, const struct entry *entry)
{
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = entry_hash(entry, hash)) != 0)
		return exchange_fail(args, "write", "the request", NULL, r);
	exchange_words(hash, words);
	if (args_has(args, "json"))
		return exchange_json(args,
			json_pack("{s:s%, s:s, s:b}", "member", entry->name.ptr,
				entry->name.len, "words", words, "first_directory",
				(int)entry->has_first_directory));
	if (!entry->has_first_directory)
		report_say("Its enrolment officers are not enrolled yet: what they sign "
			   "counts only after the roster's enrol-delay.  To exchange at "
			   "once, `valise officer sign` first, and ask again.\n");
	report_say("Send it by ordinary mail, and read its words on the telephone:\n%s\n",
		words);
	return 0;
}

/* Signed anew; the new one is what this station has asked with from now on. */
static int
sign(const struct args *args, const char *path, const struct entry *entry,
	struct buf *out)
{
	struct own_station *station = NULL;
	int r;

	if ((r = exchange_station(args, &station)) != 0)
		return r;
	if (address_compare(address_of(station->member), entry->name) != 0)
		r = exchange_fail(
			args, "sign", path, "It is of another member.", FAIL_MISMATCH);
	else if ((r = entry_note_write(
			  entry, own_station_seed(station, STATION_SIGN), out)) != 0 ||
		(r = disk_write_small(path, out->data, out->len, true)) != 0)
		r = exchange_fail(args, "write", path, NULL, r);
	own_station_free(station);
	return r;
}

static int
make(const struct args *args, const char *dir, const char *path, struct buf *out)
{
	struct note *note = NULL;
	struct entry entry;
	int r;

	if ((r = exchange_entry_read(args, path, &note, &entry)) != 0)
		return r;
	r = first_directory(args, dir, &entry, entry.first_directory);
	if (r == 0) {
		entry.has_first_directory = true;
		r = sign(args, path, &entry, out);
	} else if (r == FAIL_ABSENT) {
		note_write(note, out);
		r = buf_error(out);
	}
	if (r == 0 && (r = exchange_write(args, out->data, out->len)) == 0)
		r = say(args, &entry);
	note_free(note);
	return r;
}

int
join_request(const struct args *args)
{
	char dir[DISK_PATH_MAX], path[DISK_PATH_MAX];
	struct buf out;
	int r;

	if (args_has(args, "json") && args_get(args, "out") == NULL)
		return report_usage("join", "--request with --json needs --out FILE");
	if ((r = home_dir(args, dir)) != 0)
		return r;
	if ((r = link_file_path(dir, "founding", path)) != 0)
		return exchange_fail(args, "use", dir, NULL, r);
	if (!disk_is_there(path))
		return exchange_fail(args, "read", path,
			"The member is not founded yet: `valise officer found`.",
			FAIL_ABSENT);
	buf_init(&out, NOTE_BYTES_MAX);
	r = make(args, dir, path, &out);
	buf_done(&out);
	return r;
}
