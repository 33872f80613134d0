/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a finding is put together. */
#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "preflight/preflight.h"

__attribute__((format(printf, 2, 0))) static const char *
format_text(struct arena *arena, const char *format, va_list arguments)
{
	struct str text;

	str_init(&text, arena);
	str_vaddf(&text, format, arguments);
	return str_done(&text);
}

struct fit *fit_add(struct preflight *preflight, const struct preflight_check *check,
		    enum mux_fitness fitness, const char *format, ...)
{
	struct fit *fit = arena_list_add(preflight->arena, &preflight->findings);
	va_list arguments;

	if (fit == NULL)
		return NULL;
	fit->evidence.size = sizeof(struct mux_evidence);
	fit->fixes.size = sizeof(struct mux_fix);
	fit->public.id = check->id;
	fit->public.subject = check->subject;
	fit->public.fitness = fitness;
	fit->public.prediction = fit->public.threshold = "";
	va_start(arguments, format);
	fit->public.title = format_text(preflight->arena, format, arguments);
	va_end(arguments);
	return fit;
}

void fit_add_unknown(struct preflight *preflight, const struct preflight_check *check,
		     const struct mux_source *source, const char *what)
{
	const char *name = source->name != NULL ? source->name : "no source";
	struct fit *fit = fit_add(preflight, check, MUX_FIT_UNKNOWN, "%s: not known", what);

	if (source->presence == MUX_NOT_ASKED)
		fit_see(preflight, fit, name, "was not asked");
	else
		fit_see(preflight, fit, name, "%s", strerrordesc_np(source->error));
}

void fit_expect(struct preflight *preflight, struct fit *fit, const char *format, ...)
{
	va_list arguments;

	if (fit == NULL)
		return;
	va_start(arguments, format);
	fit->public.prediction = format_text(preflight->arena, format, arguments);
	va_end(arguments);
}

void fit_want(struct preflight *preflight, struct fit *fit, const char *format, ...)
{
	va_list arguments;

	if (fit == NULL)
		return;
	va_start(arguments, format);
	fit->public.threshold = format_text(preflight->arena, format, arguments);
	va_end(arguments);
}

void fit_see(struct preflight *preflight, struct fit *fit, const char *source, const char *format,
	     ...)
{
	struct mux_evidence *evidence;
	va_list arguments;

	evidence = fit == NULL ? NULL : arena_list_add(preflight->arena, &fit->evidence);
	if (evidence == NULL)
		return;
	evidence->source = source;
	va_start(arguments, format);
	evidence->text = format_text(preflight->arena, format, arguments);
	va_end(arguments);
}

void fit_mend(struct preflight *preflight, struct fit *fit, const char *title, const char *command,
	      const char *command2)
{
	struct mux_fix *fix = fit == NULL ? NULL : arena_list_add(preflight->arena, &fit->fixes);
	const char **commands = arena_array(preflight->arena, 2, sizeof(*commands));

	if (fix == NULL || commands == NULL)
		return;
	fix->title = title;
	fix->commands = commands;
	if (command != NULL)
		commands[fix->n_commands++] = command;
	if (command2 != NULL)
		commands[fix->n_commands++] = command2;
	fix->proved = MUX_UNKNOWN;
	fix->then = "";
}
