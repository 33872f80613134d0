/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/words.h"

#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

const char *words_error(struct arena *arena, int error)
{
	const char *name = strerrorname_np(error), *text = strerrordesc_np(error);

	if (name == NULL || text == NULL)
		return or_empty(arena_printf(arena, "error %d", error));
	return or_empty(arena_printf(arena, "%s: %s", name, text));
}

/* In integers: the decimal point of printf's %f depends on the caller's locale. */
const char *words_duration(struct arena *arena, int64_t elapsed_us)
{
	long long tenths = (elapsed_us + 50) / 100;

	if (elapsed_us < 50)
		return "0.1 ms";
	if (tenths >= 100)
		return or_empty(arena_printf(arena, "%lld ms", (tenths + 5) / 10));
	return or_empty(arena_printf(arena, "%lld.%lld ms", tenths / 10, tenths % 10));
}

const char *words_probe(struct arena *arena, const struct mux_probe *probe)
{
	const char *duration = words_duration(arena, probe->elapsed_us);
	const char *text;

	if (probe->connected)
		text = arena_printf(arena, "%s after %s",
				    probe->protocol == MUX_TCP ? "connected" : "sent", duration);
	else if (probe->error != 0)
		text = arena_printf(arena, "%s after %s", words_error(arena, probe->error),
				    duration);
	else
		text = arena_printf(arena, "no answer for %s", duration);
	return or_empty(text);
}

const char *words_address(struct arena *arena, const struct mux_address *address)
{
	char text[ADDR_TEXT_MAX];

	addr_format(address, text);
	return or_empty(arena_copy(arena, text, strlen(text)));
}

const char *words_endpoint(struct arena *arena, const struct mux_address *address, uint16_t port)
{
	char text[ADDR_TEXT_MAX];

	if (port == 0)
		return words_address(arena, address);
	addr_format_port(address, port, text);
	return or_empty(arena_copy(arena, text, strlen(text)));
}

const char *words_target(struct arena *arena, const struct mux_target *target)
{
	bool brackets = target->port != 0 && strchr(target->host, ':') != NULL;
	struct str text;

	str_init(&text, arena);
	str_add(&text, brackets ? "[" : "");
	str_add_escaped(&text, slice_of(target->host));
	str_add(&text, brackets ? "]" : "");
	if (target->port != 0)
		str_addf(&text, ":%u", (unsigned)target->port);
	return or_empty(str_done(&text));
}
