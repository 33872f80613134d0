/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of key stream to pairs of characters, many at once: with AVX-512, with AVX2, and in plain
 * C. A word in 30 is skipped, too many to go back and draw with care: the vectors close the gaps.
 */
#include "password.h"

#include <string.h>

enum { PAIRS = PASSWORD_CHARS * PASSWORD_CHARS, REJECT_BELOW = 65536 % PAIRS };

_Static_assert(REJECT_BELOW == 2161, "as in the header's proof");

static bool works_everywhere(void)
{
	return true;
}

static size_t map_portable(struct password_source *source, char *out, size_t len)
{
	const char *chars = password_alphabet_chars(PASSWORD_DEFAULT), *start = out;
	const char *last = out + len;
	const unsigned char *next = source->next, *end = source->end;

	while (end - next >= 2 && last - out >= 2) {
		uint32_t first = PASSWORD_CHARS * ((uint32_t)next[0] | (uint32_t)next[1] << 8);
		uint32_t second = PASSWORD_CHARS * (first & 0xffff);

		next += 2;
		out[0] = chars[first >> 16];
		out[1] = chars[second >> 16];
		/* Without a branch, which would be foreseen wrongly once a skip. */
		out += (second & 0xffff) < REJECT_BELOW ? 0 : 2;
	}
	source->next = next;
	return (size_t)(out - start);
}

#if defined(__x86_64__)

#include <immintrin.h>

/* --- AVX2: 16 words at once -------------------------------------------------------------- */

#define AVX2 __attribute__((target("avx2,popcnt")))

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

/*
 * For each set of kept words, a bit each, where they are: the byte 2n for word n, lowest first. A
 * word of the set pushes those above it up by a byte.
 */
#define PLACE(mask, n, above)                                                                      \
	((above) << ((mask) >> (n)&1) * 8 | ((mask) >> (n)&1) * UINT64_C(2) * (n))
#define PLACES(mask)                                                                               \
	PLACE(mask, 0,                                                                             \
	      PLACE(mask, 1,                                                                       \
		    PLACE(mask, 2,                                                                 \
			  PLACE(mask, 3,                                                           \
				PLACE(mask, 4,                                                     \
				      PLACE(mask, 5,                                               \
					    PLACE(mask, 6, PLACE(mask, 7, UINT64_C(0)))))))))
#define PLACES_4(mask)	PLACES(mask), PLACES(mask + 1), PLACES(mask + 2), PLACES(mask + 3)
#define PLACES_16(mask) PLACES_4(mask), PLACES_4(mask + 4), PLACES_4(mask + 8), PLACES_4(mask + 12)
#define PLACES_64(mask)                                                                            \
	PLACES_16(mask), PLACES_16(mask + 16), PLACES_16(mask + 32), PLACES_16(mask + 48)

static const uint64_t places[256] = {PLACES_64(0), PLACES_64(64), PLACES_64(128), PLACES_64(192)};

/* Stores those of eight pairs whose bit is set, without gaps. Returns where they end. */
AVX2 static inline char *store_kept(__m128i pairs, uint64_t kept, char *out)
{
	__m128i even = _mm_cvtsi64_si128((long long)places[kept]);
	__m128i odd = _mm_add_epi8(even, _mm_set1_epi8(1));

	pairs = _mm_shuffle_epi8(pairs, _mm_unpacklo_epi8(even, odd));
	memcpy(out, &pairs, sizeof(pairs));
	return out + 2 * _mm_popcnt_u64(kept);
}

/* Maps 16 words, or of these only the lower eight. */
AVX2 static inline char *map_words(__m256i words, char *out, bool all)
{
	const __m256i factor = _mm256_set1_epi16(PASSWORD_CHARS);
	const __m256i most = _mm256_set1_epi16(REJECT_BELOW);
	__m256i rest, firsts, seconds, pairs, keep;
	uint32_t kept;

	firsts = _mm256_mulhi_epu16(words, factor);
	rest = _mm256_mullo_epi16(words, factor);
	seconds = _mm256_mulhi_epu16(rest, factor);
	rest = _mm256_mullo_epi16(rest, factor);
	pairs = chars_of(_mm256_or_si256(firsts, _mm256_slli_epi16(seconds, 8)));
	keep = _mm256_cmpeq_epi16(_mm256_max_epu16(rest, most), rest);
	kept = (uint32_t)_mm256_movemask_epi8(_mm256_packs_epi16(keep, keep));
	out = store_kept(_mm256_castsi256_si128(pairs), kept & 0xff, out);
	if (!all)
		return out;
	return store_kept(_mm256_extracti128_si256(pairs, 1), kept >> 16 & 0xff, out);
}

AVX2 static size_t map_avx2(struct password_source *source, char *out, size_t len)
{
	const char *start = out, *last = out + len;
	const unsigned char *next = source->next, *end = source->end;

	for (; end - next >= 32 && last - out >= 32; next += 32)
		out = map_words(_mm256_loadu_si256((const __m256i *)next), out, true);
	for (; end - next >= 16 && last - out >= 16; next += 16)
		out = map_words(_mm256_zextsi128_si256(_mm_loadu_si128((const __m128i *)next)), out,
				false);
	source->next = next;
	return (size_t)(out - start);
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

/* --- AVX-512: 32 words at once ----------------------------------------------------------- */

#define AVX512 __attribute__((target("avx512bw,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

/* What does not change from one step to the next. */
struct avx512_chars {
	__m512i all_but_last, last;
};

/* Draws from those of 32 words whose bit is set: their pairs, and which of them are kept. */
AVX512 static inline __m512i pairs_of(const struct avx512_chars *chars, __m512i words,
				      __mmask32 *inout_words)
{
	const __m512i factor = _mm512_set1_epi16(PASSWORD_CHARS);
	const __m512i most = _mm512_set1_epi16(REJECT_BELOW);
	__m512i firsts = _mm512_mulhi_epu16(words, factor);
	__m512i rest = _mm512_mullo_epi16(words, factor);
	__m512i seconds = _mm512_mulhi_epu16(rest, factor);
	__m512i pairs = _mm512_or_si512(firsts, _mm512_slli_epi16(seconds, 8));

	rest = _mm512_mullo_epi16(rest, factor);
	*inout_words = _mm512_mask_cmpge_epu16_mask(*inout_words, rest, most);
	/* Number 64 has the bit that picks from the second table. */
	return _mm512_permutex2var_epi8(chars->all_but_last, pairs, chars->last);
}

/* The last step: of 32 words or of those that are left, as many as still are wanted. */
AVX512 static size_t map_few(struct password_source *source, const struct avx512_chars *chars,
			     char *out, size_t len)
{
	size_t left = (size_t)(source->end - source->next) / 2, n_words = left < 32 ? left : 32;
	__mmask32 words = (__mmask32)_bzhi_u64(UINT32_MAX, (uint32_t)n_words), keep = words;
	__m512i pairs = pairs_of(chars, _mm512_maskz_loadu_epi16(words, source->next), &keep);
	size_t n = (size_t)_mm_popcnt_u64(keep);

	/* What comes behind the last word that is wanted stays in the stream. */
	if (n >= len / 2) {
		n = len / 2;
		keep = _pdep_u32((uint32_t)_bzhi_u64(UINT32_MAX, (uint32_t)n), keep);
		n_words = 32 - (size_t)_lzcnt_u32(keep);
	}
	_mm512_mask_storeu_epi16(out, (__mmask32)_bzhi_u64(UINT32_MAX, (uint32_t)n),
				 _mm512_maskz_compress_epi16(keep, pairs));
	source->next += 2 * n_words;
	return 2 * n;
}

AVX512 static size_t map_avx512(struct password_source *source, char *out, size_t len)
{
	const char *alphabet = password_alphabet_chars(PASSWORD_DEFAULT);
	const struct avx512_chars chars = {_mm512_loadu_si512(alphabet),
					   _mm512_set1_epi8(alphabet[PASSWORD_CHARS - 1])};
	const char *start = out, *last = out + len;
	const unsigned char *next = source->next, *end = source->end;

	for (; end - next >= 64 && last - out >= 64; next += 64) {
		__mmask32 keep = UINT32_MAX;
		__m512i pairs = pairs_of(&chars, _mm512_loadu_si512(next), &keep);

		_mm512_storeu_si512(out, _mm512_maskz_compress_epi16(keep, pairs));
		out += 2 * _mm_popcnt_u64(keep);
	}
	source->next = next;
	/* Again when the last 32 words had too many to be skipped. */
	while (source->end - source->next >= 2 && last - out >= 2)
		out += map_few(source, &chars, out, (size_t)(last - out));
	return (size_t)(out - start);
}

/* Four passwords at once: 48 bytes become 52, the separators where the mask has no bit. */
AVX512 static void spread_avx512(const char *chars, size_t n, char separator, char *out)
{
	enum { STRIDE = PASSWORD_LEN + 1, IN = PASSWORD_SPREAD * PASSWORD_LEN };
	const uint64_t one = (UINT64_C(1) << PASSWORD_LEN) - 1;
	const __mmask64 from_chars = one | one << STRIDE | one << 2 * STRIDE | one << 3 * STRIDE;
	const __m512i separators = _mm512_set1_epi8(separator);
	size_t i;

	for (i = 0; i < n; i += PASSWORD_SPREAD, chars += IN, out += PASSWORD_SPREAD * STRIDE) {
		__m512i four = _mm512_maskz_loadu_epi8((UINT64_C(1) << IN) - 1, chars);

		_mm512_storeu_si512(out, _mm512_mask_expand_epi8(separators, from_chars, four));
	}
}

static bool has_avx512(void)
{
	/* Each of them has bmi, bmi2, lzcnt and popcnt, too. */
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi2");
}

#endif

const struct password_way password_ways[] = {
#if defined(__x86_64__)
	{"AVX-512", has_avx512, map_avx512, spread_avx512},
	{"AVX2", has_avx2, map_avx2, NULL},
#endif
	{"portable", works_everywhere, map_portable, NULL},
};

const size_t password_n_ways = sizeof(password_ways) / sizeof(password_ways[0]);

const struct password_way *password_way_best(void)
{
	const struct password_way *way = password_ways;

	while (!way->works_here())
		way++;
	return way;
}
