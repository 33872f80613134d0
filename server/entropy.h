/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A key stream of libgcrypt's AES-256-CTR, made in bulk, one per worker. (libgcrypt rather than
 * libcrypto: it knows VAES in counter mode, three times as fast, and initialises in a third of the
 * memory.)
 *
 * Fast key erasure: the first bytes of every block made become the key of the next one, and bytes
 * that were handed out are wiped, so what was served cannot be reconstructed from the memory of a
 * later moment. The seed comes from getrandom(2), and fresh seed is mixed in every
 * ENTROPY_RESEED_BLOCKS. The state lies in pages that fork(2) wipes: a child starts from a seed of
 * its own instead of repeating its parent's passwords.
 */
#ifndef MUXD_ENTROPY_H
#define MUXD_ENTROPY_H

#include "password.h"

#include <stddef.h>

enum {
	ENTROPY_BLOCK = 16384,	     /* bytes made at once */
	ENTROPY_RESEED_BLOCKS = 1024 /* 16 MiB between two seeds */
};

struct entropy;

/*
 * Makes a seeded key stream; the first one before there are threads. Returns 0 with *ret_entropy,
 * to be freed with entropy_free(), or -errno: -ENOMEM, -EIO when libgcrypt refuses, or what
 * getrandom(2) says.
 */
int entropy_new(struct entropy **ret_entropy);

/* Wipes and frees it. NULL is allowed. */
void entropy_free(struct entropy *entropy);

/*
 * Returns the stream to draw from. To be asked for again before each batch of answers: this is
 * where a child notices that it is one. Its refill fails only when libgcrypt or getrandom(2)
 * fails, and then hands out nothing.
 */
struct password_source *entropy_source(struct entropy *entropy);

/* Wipes the bytes drawn so far. To be called after each batch of answers. */
void entropy_forget(struct entropy *entropy);

#endif
