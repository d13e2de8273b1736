/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "note/words.h"
#include "sys/passphrase.h"
#include "sys/random.h"
#include "valise/exchange.h"

/*
 * Three words of twelve are 33 bits: who wants to pass a file of his own off must find, before
 * the call, keys whose words agree in places that he does not know beforehand.
 */

enum { ASKED = 3, SHORTEST = 4 };

void
exchange_words(const uint8_t hash[HASH_LEN], char ret_text[EXCHANGE_WORDS_MAX])
{
	struct buf words;

	buf_init(&words, EXCHANGE_WORDS_MAX - 1);
	words_fingerprint_write(hash, &words);
	CHECK(buf_error(&words) == 0);
	memcpy(ret_text, words.data, words.len);
	ret_text[words.len] = '\0';
	buf_done(&words);
}

static int
confirm_given(const struct args *args, const char *whose, const char *words,
	const uint8_t *hash)
{
	size_t unknown = 0;
	char remedy[96];
	int r = words_fingerprint_check(words, strlen(words), hash, &unknown);

	if (r == 0)
		return 0;
	if (r == FAIL_MISMATCH)
		return exchange_fail(args, "accept", whose,
			"These are not its words: do not go on; ask on the telephone "
			"whose "
			"file this is.",
			r);
	(void)snprintf(
		remedy, sizeof remedy, "Word %zu is not one of the list.", unknown + 1);
	return exchange_fail(args, "accept", whose,
		r == FAIL_ABSENT ? remedy : "--words takes 12 words.", FAIL_USAGE);
}

/* Three different places of 1..12, ascending. */
static int
choose(unsigned ret_places[ASKED])
{
	uint8_t byte;
	size_t count = 0;
	bool is_chosen[WORDS_FINGERPRINT] = {false};
	int r;

	while (count < ASKED) {
		if ((r = rng_fill(random_system(), &byte, 1)) != 0)
			return r;
		/* 252 is the largest multiple of 12 in a byte: no place is likelier. */
		if (byte >= 252 || is_chosen[byte % WORDS_FINGERPRINT])
			continue;
		is_chosen[byte % WORDS_FINGERPRINT] = true;
		count++;
	}
	for (unsigned i = 0, k = 0; i < WORDS_FINGERPRINT; i++)
		if (is_chosen[i])
			ret_places[k++] = i + 1;
	return 0;
}

/* The word at a place of 1..12, without its neighbours. */
static struct rd
word_at(const char *words, unsigned place)
{
	const char *end;

	while (--place > 0)
		words = strchr(words, ' ') + 1;
	end = strchr(words, ' ');
	return rd_of(words, end != NULL ? (size_t)(end - words) : strlen(words));
}

/* Typed whole, or cut short after the fourth letter, in any case. */
static bool
is_word(const char *typed, size_t len, struct rd word)
{
	return len <= word.len && (len >= SHORTEST || len == word.len) &&
		strncasecmp(typed, (const char *)word.ptr, len) == 0;
}

static bool
are_words(struct rd typed, const char *words, const unsigned places[ASKED])
{
	for (size_t i = 0; i < ASKED; i++) {
		size_t len = 0;

		while (typed.len > 0 && typed.ptr[0] == ' ')
			typed = rd_of(typed.ptr + 1, typed.len - 1);
		while (len < typed.len && typed.ptr[len] != ' ')
			len++;
		if (!is_word((const char *)typed.ptr, len, word_at(words, places[i])))
			return false;
		typed = rd_of(typed.ptr + len, typed.len - len);
	}
	return typed.len == 0;
}

static int
confirm_asked(const struct args *args, const char *whose, const uint8_t *hash)
{
	char words[EXCHANGE_WORDS_MAX], prompt[256];
	struct secret *typed = NULL;
	unsigned places[ASKED];
	bool is_same;
	int r;

	if ((r = choose(places)) != 0)
		return exchange_fail(args, "accept", whose, NULL, r);
	(void)snprintf(prompt, sizeof prompt,
		"%s reads 12 words on the telephone.  Words %u, %u and %u (not shown): ",
		whose, places[0], places[1], places[2]);
	if ((r = passphrase_ask(prompt, &typed)) != 0)
		return exchange_fail(args, "accept", whose,
			r == FAIL_ABSENT ? "There is no terminal: give its 12 words with "
					   "--words."
					 : NULL,
			r);
	exchange_words(hash, words);
	is_same = are_words(rd_of(typed->bytes, typed->len), words, places);
	secret_free(typed);
	if (is_same)
		return 0;
	return exchange_fail(args, "accept", whose,
		"These are not its words: do not go on; ask on the telephone whose file "
		"this is.",
		FAIL_MISMATCH);
}

int
exchange_confirm(const struct args *args, const char *whose, const uint8_t hash[HASH_LEN],
	size_t *at)
{
	const char *given = args_next(args, "words", at);

	if (given != NULL)
		return confirm_given(args, whose, given, hash);
	return confirm_asked(args, whose, hash);
}
