/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTE_WORDLIST_H
#define NOTE_WORDLIST_H
/*
 * wordlist: the fixed list of words for the telephone; see note/words.h for their use.
 *
 * Each entry is padded with zero bytes to WORDLIST_WIDTH, so that a search compares whole
 * entries and takes the same time for each.
 */

enum { WORDLIST_COUNT = 2048, WORDLIST_WIDTH = 8 };

extern const char wordlist[WORDLIST_COUNT][WORDLIST_WIDTH];

#endif
