/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_CHARSET_TABLES_H
#define VALISE_UNPACK_CHARSET_TABLES_H
/*
 * charset_tables: the upper half of each one-byte encoding, in the order of enum charset.
 */
#include <stdint.h>

#include "valise-unpack/charset.h"

extern const uint16_t charset_tables[CHARSET_COUNT - CHARSET_TABLES][128];

#endif
