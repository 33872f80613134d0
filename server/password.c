/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password.h"

#include <stdint.h>
#include <string.h>

const char password_alphabet[PASSWORD_CHARS] = {
	'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q',
	'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H',
	'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y',
	'Z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '#', '@', '$',
};

enum {
	REJECT_BELOW = 65536 % PASSWORD_CHARS, /* 16; see the header's proof */
	BLOCK_PASSWORDS = 4,		       /* a divisor of PASSWORD_COUNT */
	BLOCK_CHARS = BLOCK_PASSWORDS * PASSWORD_LEN,
};

_Static_assert(PASSWORD_CHARS == 65, "map_block() multiplies by adding once");

struct layout {
	const char *name;
	char open[3], separator[4], close[3]; /* no NULs */
	size_t open_len, separator_len, close_len;
};

static const struct layout layouts[PASSWORD_N_FORMATS] = {
	[PASSWORD_GO] = {"go", "[", " ", "]", 1, 1, 1},
	[PASSWORD_PYTHON] = {"python", "['", "', '", "']", 2, 4, 2},
	[PASSWORD_JSON] = {"json", "[\"", "\",\"", "\"]", 2, 3, 2},
};

const char *password_format_name(enum password_format format)
{
	return layouts[format].name;
}

size_t password_page_len(enum password_format format)
{
	const struct layout *layout = &layouts[format];

	return layout->open_len + (size_t)PASSWORD_COUNT * PASSWORD_LEN +
	       (PASSWORD_COUNT - 1) * layout->separator_len + layout->close_len;
}

static uint32_t scaled_word(const unsigned char *bytes)
{
	return PASSWORD_CHARS * ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8);
}

bool password_draw(struct password_source *source, char *out, size_t len)
{
	while (len != 0) {
		uint32_t scaled;

		if (source->end - source->next < 2 && !source->refill(source))
			return false;
		scaled = scaled_word(source->next);
		source->next += 2;
		if ((scaled & 0xffff) < REJECT_BELOW)
			continue;
		*out++ = password_alphabet[scaled >> 16];
		len--;
	}
	return true;
}

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

/*
 * Maps a block of words as if none had to be skipped. Returns false when one must be, with out
 * unspecified. 65 * w is w * 64 + w, whose high half is w's own high bits and a carry.
 */
static bool map_block(const unsigned char *bytes, char *out)
{
	lanes skipped = {0};
	size_t i;

	for (i = 0; i < BLOCK_CHARS; i += LANES) {
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

/* Draws a block: in one of 86 cases a word must be skipped, and the careful way starts again. */
static bool draw_block(struct password_source *source, char *out)
{
	const unsigned char *bytes = source->next;

	if (source->end - bytes < (ptrdiff_t)2 * BLOCK_CHARS)
		return password_draw(source, out, BLOCK_CHARS);
	if (!map_block(bytes, out))
		return password_draw(source, out, BLOCK_CHARS);
	source->next = bytes + (size_t)2 * BLOCK_CHARS;
	return true;
}

bool password_page(struct password_source *source, enum password_format format, char *out)
{
	const struct layout *layout = &layouts[format];
	char block[BLOCK_CHARS];
	size_t i;

	memcpy(out, layout->open, layout->open_len);
	out += layout->open_len;
	for (i = 0; i < PASSWORD_COUNT; i++) {
		if (i % BLOCK_PASSWORDS == 0 && !draw_block(source, block))
			return false;
		if (i != 0) {
			memcpy(out, layout->separator, sizeof(layout->separator));
			out += layout->separator_len;
		}
		memcpy(out, block + i % BLOCK_PASSWORDS * PASSWORD_LEN, PASSWORD_LEN);
		out += PASSWORD_LEN;
	}
	memcpy(out, layout->close, layout->close_len);
	explicit_bzero(block, sizeof(block));
	return true;
}
