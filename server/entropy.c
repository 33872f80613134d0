/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "entropy.h"

#include <errno.h>
#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

enum { KEY_LEN = 32, IV_LEN = 16, SEED_LEN = KEY_LEN + IV_LEN };

/*
 * What must not survive a fork, in pages of its own with MADV_WIPEONFORK: a child finds them zero,
 * so there is nothing to hand out, `owner` is NULL, and its first draw seeds.
 */
struct stream {
	struct password_source source; /* first: refill() is given its address */
	struct entropy *owner;
	unsigned char *wiped; /* bytes of the block before it are zero again */
	bool seeded;
	unsigned n_blocks; /* since the last seed */
	unsigned char block[ENTROPY_BLOCK];
};

struct entropy {
	gcry_cipher_hd_t cipher;
	struct stream *stream;
};

static int read_random(unsigned char *bytes, size_t len)
{
	while (len != 0) {
		ssize_t n = getrandom(bytes, len, 0);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Sets the next block's key from the SEED_LEN bytes at `seed`, and wipes them. */
static int set_key(gcry_cipher_hd_t cipher, unsigned char *seed)
{
	gcry_error_t error = gcry_cipher_setkey(cipher, seed, KEY_LEN);

	if (error == 0)
		error = gcry_cipher_setctr(cipher, seed + KEY_LEN, IV_LEN);
	explicit_bzero(seed, SEED_LEN);
	return error == 0 ? 0 : -EIO;
}

/* Mixes fresh seed into the key to be, or is the first key when there was none. */
static int mix_seed(struct stream *stream, unsigned char *seed)
{
	unsigned char fresh[SEED_LEN];
	int error = read_random(fresh, sizeof(fresh));
	size_t i;

	if (error != 0)
		return error;
	for (i = 0; i < SEED_LEN; i++)
		seed[i] ^= fresh[i];
	explicit_bzero(fresh, sizeof(fresh));
	stream->n_blocks = 0;
	stream->seeded = true;
	return 0;
}

/* Fills the zeroed block with key stream. */
static int encrypt_block(gcry_cipher_hd_t cipher, unsigned char *block)
{
	return gcry_cipher_encrypt(cipher, block, ENTROPY_BLOCK, NULL, 0) == 0 ? 0 : -EIO;
}

/* Makes key stream in the zeroed block and takes the next key from its front. */
static int make_stream(struct stream *stream)
{
	gcry_cipher_hd_t cipher = stream->owner->cipher;
	int error = 0;

	if (!stream->seeded) {
		/* Also in a child after fork(2), whose cipher context is a copy of its parent's. */
		error = mix_seed(stream, stream->block);
		if (error == 0)
			error = set_key(cipher, stream->block);
	}
	if (error == 0)
		error = encrypt_block(cipher, stream->block);
	if (error == 0 && ++stream->n_blocks >= ENTROPY_RESEED_BLOCKS)
		error = mix_seed(stream, stream->block);
	if (error == 0)
		error = set_key(cipher, stream->block);
	return error;
}

static bool refill(struct password_source *source)
{
	struct stream *stream = (struct stream *)source;
	unsigned char *block = stream->block;
	int error;

	memset(stream->wiped, 0, (size_t)(block + ENTROPY_BLOCK - stream->wiped));
	error = make_stream(stream);
	if (error != 0) {
		stream->seeded = false;
		explicit_bzero(block, ENTROPY_BLOCK);
		source->next = source->end = stream->wiped = block;
		return false;
	}
	source->next = stream->wiped = block + SEED_LEN;
	source->end = block + ENTROPY_BLOCK;
	return true;
}

/* Maps the pages that a fork wipes. Returns NULL with errno. */
static struct stream *stream_new(void)
{
	const size_t size = sizeof(struct stream);
	struct stream *stream;

	stream = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stream == MAP_FAILED)
		return NULL;
	if (madvise(stream, size, MADV_WIPEONFORK) != 0) {
		munmap(stream, size);
		return NULL;
	}
	/* Not in core files; a kernel without it loses nothing else. */
	(void)madvise(stream, size, MADV_DONTDUMP);
	return stream;
}

/*
 * Once per process. No locked memory: the keys here live for 16 KiB, and the pages of passwords
 * made from them lie in the same memory.
 */
static bool init_library(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) != 0)
		return true;
	if (gcry_check_version("1.8.0") == NULL)
		return false;
	return gcry_control(GCRYCTL_DISABLE_SECMEM, 0) == 0 &&
	       gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0;
}

int entropy_new(struct entropy **ret_entropy)
{
	struct entropy *entropy;
	int error = -EIO;

	if (!init_library())
		return -EIO;
	entropy = calloc(1, sizeof(*entropy));
	if (entropy == NULL)
		return -ENOMEM;
	entropy->stream = stream_new();
	if (entropy->stream == NULL) {
		error = -errno;
		goto out;
	}
	if (gcry_cipher_open(&entropy->cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_CTR, 0) != 0)
		goto out;
	if (!refill(entropy_source(entropy)))
		goto out;
	*ret_entropy = entropy;
	return 0;
out:
	entropy_free(entropy);
	return error;
}

void entropy_free(struct entropy *entropy)
{
	if (entropy == NULL)
		return;
	gcry_cipher_close(entropy->cipher);
	if (entropy->stream != NULL) {
		explicit_bzero(entropy->stream, sizeof(*entropy->stream));
		munmap(entropy->stream, sizeof(*entropy->stream));
	}
	free(entropy);
}

struct password_source *entropy_source(struct entropy *entropy)
{
	struct stream *stream = entropy->stream;

	if (stream->owner == NULL) {
		stream->owner = entropy;
		stream->source.refill = refill;
		stream->source.way = password_way_best();
		stream->source.next = stream->source.end = stream->wiped = stream->block;
	}
	return &stream->source;
}

void entropy_forget(struct entropy *entropy)
{
	struct stream *stream = entropy->stream;
	unsigned char *next = stream->block + (stream->source.next - stream->block);

	/*
	 * The next block is made from these zeros, so no compiler may leave this out. In pieces,
	 * because memset(3) of 2 KiB and more has the microcode do it, which starts slowly.
	 */
	while (stream->wiped < next) {
		size_t left = (size_t)(next - stream->wiped), len = left < 1024 ? left : 1024;

		memset(stream->wiped, 0, len);
		stream->wiped += len;
	}
}
