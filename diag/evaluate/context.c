/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evaluate/context.h"

#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"

struct mux_address ev_wire_address(const struct mux_address *address)
{
	struct mux_address wire = *address;

	if (addr_is_mapped(address)) {
		memset(&wire, 0, sizeof(wire));
		wire.family = AF_INET;
		memcpy(wire.bytes, address->bytes + 12, 4);
	}
	if (addr_is_unspecified(&wire))
		return wire.family == AF_INET ? addr_loopback4 : addr_loopback6;
	return wire;
}

/* In integers: the decimal point of printf's %f depends on the caller's locale. */
const char *ev_duration(struct arena *arena, int64_t elapsed_us)
{
	long long tenths = (elapsed_us + 50) / 100;

	if (tenths < 1)
		tenths = 1;
	if (tenths >= 100)
		return arena_printf(arena, "%lld ms", (tenths + 5) / 10);
	return arena_printf(arena, "%lld.%lld ms", tenths / 10, tenths % 10);
}

const char *ev_error_text(struct arena *arena, int error)
{
	const char *known = strerrordesc_np(error);
	char *text;

	if (known == NULL)
		return arena_printf(arena, "error %d", error);
	text = arena_copy(arena, known, strlen(known));
	if (text != NULL && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z')
		text[0] = (char)(text[0] - 'A' + 'a');
	return text;
}

const char *ev_endpoint(struct arena *arena, const struct mux_address *address, uint16_t port)
{
	char text[ADDR_TEXT_MAX];

	addr_format_port(address, port, text);
	return arena_copy(arena, text, strlen(text));
}
