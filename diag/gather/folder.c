/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/folder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "base/str.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
const char folder_byte_order[] = "little";
#else
const char folder_byte_order[] = "big";
#endif

const char *folder_errno_name(int error, char number[static FOLDER_ERRNO_MAX])
{
	const char *name = strerrorname_np(error);

	if (name != NULL)
		return name;
	snprintf(number, FOLDER_ERRNO_MAX, "%d", error);
	return number;
}

int folder_errno(const char *name)
{
	uint64_t number;
	int error;

	if (slice_parse_u64(slice_of(name), 10, &number) == 0 && number > 0 && number < 4096)
		return (int)number;
	for (error = 1; error < 256; error++) {
		const char *known = strerrorname_np(error);

		if (known != NULL && strcmp(known, name) == 0)
			return error;
	}
	return EIO;
}

/* Copies what fits of a UTF-8 text, without cutting a character in two. */
static void copy_text(char *to, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size)
		for (len = size - 1; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	memcpy(to, text, len);
	to[len] = '\0';
}

int folder_fail(struct mux_error *reterr, int error, const char *format, ...)
{
	struct arena *arena = reterr == NULL ? NULL : arena_new();
	const char *message = "out of memory";
	va_list arguments;
	struct str text;

	if (reterr == NULL)
		return -error;
	if (arena != NULL) {
		str_init(&text, arena);
		va_start(arguments, format);
		str_vaddf(&text, format, arguments);
		va_end(arguments);
		if (!arena_failed(arena))
			message = str_escape(arena, slice_of(str_done(&text)));
	}
	reterr->code = error;
	copy_text(reterr->message, sizeof(reterr->message),
		  message == NULL ? "out of memory" : message);
	arena_free(arena);
	return -error;
}
