/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door through which other people's bytes enter a text: nothing that a terminal would obey or
 * that is not UTF-8 gets through; and names of bundle entries survive encoding. */
#include "fuzz.h"

#include "base/record.h"
#include "base/str.h"

static void check_text(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	for (; *c != '\0'; c++) {
		fuzz_check(*c >= 0x20 && *c != 0x7f);
		/* U+0080…U+009F: C1 controls in UTF-8 */
		fuzz_check(!(c[0] == 0xc2 && c[1] < 0xa0));
		/* U+202A…U+202E and U+2066…U+2069: bidirectional controls */
		fuzz_check(!(c[0] == 0xe2 && c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae));
		fuzz_check(!(c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_slice bytes = fuzz_slice(data, size), decoded;
	struct arena *arena = arena_new();
	const char *text;
	struct str shell;

	if (arena == NULL)
		return 0;
	text = str_escape(arena, bytes);
	if (text != NULL)
		check_text(text);
	str_init(&shell, arena);
	str_add_shell(&shell, bytes);
	text = str_done(&shell);
	if (text != NULL)
		check_text(text);
	text = record_encode_name(arena, bytes);
	if (text != NULL && size != 0) {
		fuzz_check(bundle_name_is_safe(text) && strchr(text, '/') == NULL);
		fuzz_check(record_decode(arena, slice_of(text), &decoded) == 0);
		fuzz_check(slice_equal(decoded, bytes));
	}
	/* any text may be asked for decoding */
	if (record_decode(arena, bytes, &decoded) == 0)
		fuzz_touch(decoded);
	arena_free(arena);
	return 0;
}
