/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of key stream to blocks of characters, many at once: in plain vectors, which every
 * compiler cuts to what its machine has, and in AVX2 where the CPU turns out to have that.
 */
#include "password.h"

#include <string.h>

enum { REJECT_BELOW = 65536 % PASSWORD_CHARS }; /* 16; see the header's proof */

_Static_assert(PASSWORD_CHARS == 65, "the portable way multiplies by adding once");

/* Eight words at once: what every x86-64 and AArch64 has, and compilers cut up for others. */
typedef uint16_t lanes __attribute__((vector_size(16)));
typedef char narrow_lanes __attribute__((vector_size(8)));

enum { LANES = sizeof(narrow_lanes) };

static void load_words(const unsigned char *bytes, lanes *ret_words)
{
	memcpy(ret_words, bytes, sizeof(*ret_words));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	*ret_words = *ret_words << 8 | *ret_words >> 8;
#endif
}

/*
 * The alphabet as arithmetic, because a table cannot be looked up in all lanes at once: letters,
 * then capitals, digits, and the three others by their distances. Comparisons give 0 or all ones.
 */
static void put_chars(const lanes *numbers, char *out)
{
	lanes n = *numbers, c = n + 'a';
	narrow_lanes narrow;

	c -= (lanes)(n >= 26) & ('a' + 26 - 'A');
	c -= (lanes)(n >= 52) & ('Z' + 1 - '0');
	c -= (lanes)(n >= 62) & ('9' + 1 - '#');
	c += (lanes)(n >= 63) & ('@' - 1 - '#');
	c -= (lanes)(n >= 64) & ('@' + 1 - '$');
	narrow = __builtin_convertvector(c, narrow_lanes);
	memcpy(out, &narrow, sizeof(narrow));
}

static bool is_zero(const lanes *mask)
{
	uint64_t parts[sizeof(*mask) / sizeof(uint64_t)];

	memcpy(parts, mask, sizeof(parts));
	return (parts[0] | parts[1]) == 0;
}

/* 65 * w is w * 64 + w, whose high half is w's own high bits and a carry. */
static bool map_block(const unsigned char *bytes, char *out)
{
	lanes skipped = {0};
	size_t i;

	for (i = 0; i < PASSWORD_BLOCK_CHARS; i += LANES) {
		lanes words, shifted, low, number;

		load_words(bytes + 2 * i, &words);
		shifted = words << 6;
		low = shifted + words;
		number = (words >> 10) - (lanes)(low < shifted);
		skipped |= (lanes)(low < REJECT_BELOW);
		put_chars(&number, out + i);
	}
	return is_zero(&skipped);
}

size_t password_map_portable(const unsigned char *bytes, char *out, size_t n)
{
	size_t i = 0;

	while (i < n &&
	       map_block(bytes + i * 2 * PASSWORD_BLOCK_CHARS, out + i * PASSWORD_BLOCK_CHARS))
		i++;
	return i;
}

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/*
 * The alphabet as distances between numbers and characters, one for each of its runs: after
 * subtracting 51, with zero for what is less, the runs but the first two are told apart by their
 * number, which picks the distance; the first, `a-z`, is given 14.
 */
AVX2 static inline __m256i chars_of(__m256i numbers)
{
	const __m256i distances = _mm256_broadcastsi128_si256(_mm_setr_epi8(
		'A' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
		'0' - 52, '0' - 52, '0' - 52, '#' - 62, '@' - 63, '$' - 64, 'a', 0));
	__m256i runs = _mm256_subs_epu8(numbers, _mm256_set1_epi8(51));
	__m256i first = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), numbers);

	runs = _mm256_or_si256(runs, _mm256_and_si256(first, _mm256_set1_epi8(14)));
	return _mm256_add_epi8(numbers, _mm256_shuffle_epi8(distances, runs));
}

/* Maps 32 words; *smallest keeps the smallest low halves. */
AVX2 static inline void map_32(const unsigned char *bytes, char *out, __m256i *smallest)
{
	const __m256i factor = _mm256_set1_epi16(PASSWORD_CHARS);
	__m256i first, second, numbers;

	memcpy(&first, bytes, sizeof(first));
	memcpy(&second, bytes + sizeof(first), sizeof(second));
	*smallest = _mm256_min_epu16(*smallest, _mm256_mullo_epi16(first, factor));
	*smallest = _mm256_min_epu16(*smallest, _mm256_mullo_epi16(second, factor));
	/* Packing works within 128-bit halves: the quarters come out as 0 2 1 3. */
	numbers = _mm256_packus_epi16(_mm256_mulhi_epu16(first, factor),
				      _mm256_mulhi_epu16(second, factor));
	numbers = chars_of(_mm256_permute4x64_epi64(numbers, 0xd8));
	memcpy(out, &numbers, sizeof(numbers));
}

/* Is none of the low halves, of which these are the smallest, one to be skipped? */
AVX2 static inline bool has_no_skip(__m256i smallest)
{
	const __m256i most = _mm256_set1_epi16(REJECT_BELOW - 1);
	__m256i below = _mm256_cmpeq_epi16(_mm256_min_epu16(smallest, most), smallest);

	return _mm256_testz_si256(below, below) != 0;
}

/* One block is one and a half vectors: 48 = 32 + 32 - 16, and what is mapped twice is the same. */
AVX2 static inline bool map_one(const unsigned char *bytes, char *out)
{
	__m256i smallest = _mm256_set1_epi16(-1);

	map_32(bytes, out, &smallest);
	map_32(bytes + 32, out + 16, &smallest);
	return has_no_skip(smallest);
}

AVX2 static inline bool map_two(const unsigned char *bytes, char *out)
{
	__m256i smallest = _mm256_set1_epi16(-1);

	map_32(bytes, out, &smallest);
	map_32(bytes + 64, out + 32, &smallest);
	map_32(bytes + 128, out + 64, &smallest);
	return has_no_skip(smallest);
}

AVX2 static size_t map_avx2(const unsigned char *bytes, char *out, size_t n)
{
	enum { WORD_BYTES = 2 * PASSWORD_BLOCK_CHARS };
	size_t i = 0;

	while (n - i >= 2 && map_two(bytes + i * WORD_BYTES, out + i * PASSWORD_BLOCK_CHARS))
		i += 2;
	/* The last block of an odd number; or one of two has a word to skip: the second, perhaps.
	 */
	if (i < n && map_one(bytes + i * WORD_BYTES, out + i * PASSWORD_BLOCK_CHARS))
		i++;
	return i;
}

size_t (*password_map_best(void))(const unsigned char *bytes, char *out, size_t n)
{
	return __builtin_cpu_supports("avx2") ? map_avx2 : password_map_portable;
}

#else

size_t (*password_map_best(void))(const unsigned char *bytes, char *out, size_t n)
{
	return password_map_portable;
}

#endif
