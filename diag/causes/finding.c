/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of causes, and what a cause uses to build its finding. */
#include <errno.h>
#include <stdarg.h>

#include "causes/cause.h"

#define CAUSE(identifier) &cause_##identifier,
const struct cause *const causes[] = {
#include "causes/causes.def"
};
#undef CAUSE

const size_t n_causes = sizeof(causes) / sizeof(causes[0]);

const char *mux_cause_id(size_t number)
{
	return number < n_causes ? causes[number]->id : NULL;
}

const char *mux_cause_summary(size_t number)
{
	return number < n_causes ? causes[number]->summary : NULL;
}

const char *mux_cause_explanation(size_t number)
{
	return number < n_causes ? causes[number]->explanation : NULL;
}

struct cause_finding *finding_add(struct findings *findings, const struct cause *cause,
				  enum mux_severity severity)
{
	struct cause_finding *finding = arena_list_add(findings->arena, &findings->list);

	if (finding == NULL)
		return NULL;
	finding->public.id = cause->id;
	finding->public.severity = severity;
	finding->public.title = cause->summary;
	finding->public.hit = "";
	finding->evidence.size = sizeof(struct mux_evidence);
	finding->fixes.size = sizeof(struct cause_fix);
	return finding;
}

__attribute__((format(printf, 2, 0))) static const char *
format_text(struct findings *findings, const char *format, va_list arguments)
{
	struct str text;

	str_init(&text, findings->arena);
	str_vaddf(&text, format, arguments);
	return str_done(&text);
}

void finding_title(struct findings *findings, struct cause_finding *finding, const char *format,
		   ...)
{
	va_list arguments;

	if (finding == NULL)
		return;
	va_start(arguments, format);
	finding->public.title = format_text(findings, format, arguments);
	va_end(arguments);
}

void finding_hit(struct cause_finding *finding, const char *text)
{
	if (finding != NULL)
		finding->public.hit = text;
}

void finding_blocks(struct cause_finding *finding, unsigned blocks, int family)
{
	if (finding == NULL)
		return;
	finding->blocks = blocks;
	finding->family = family;
}

void finding_evidence(struct findings *findings, struct cause_finding *finding, const char *source,
		      const char *format, ...)
{
	struct mux_evidence *evidence;
	va_list arguments;

	if (finding == NULL)
		return;
	evidence = arena_list_add(findings->arena, &finding->evidence);
	if (evidence == NULL)
		return;
	evidence->source = source;
	va_start(arguments, format);
	evidence->text = format_text(findings, format, arguments);
	va_end(arguments);
}

void finding_fix(struct findings *findings, struct cause_finding *finding, const char *title,
		 const char *command, const char *command2)
{
	const char **commands;
	struct cause_fix *fix;

	if (finding == NULL)
		return;
	fix = arena_list_add(findings->arena, &finding->fixes);
	if (fix == NULL)
		return;
	fix->changes.size = sizeof(struct change);
	commands = arena_array(findings->arena, 2, sizeof(*commands));
	if (commands == NULL)
		return;
	fix->public = (struct mux_fix){
		.title = title,
		.commands = commands,
		.proved = MUX_UNKNOWN,
		.then = "",
	};
	if (command != NULL)
		commands[fix->public.n_commands++] = command;
	if (command2 != NULL)
		commands[fix->public.n_commands++] = command2;
}

static struct cause_fix *last_fix(struct cause_finding *finding)
{
	struct cause_fix *fixes;

	if (finding == NULL || finding->fixes.n == 0)
		return NULL;
	fixes = finding->fixes.items;
	return &fixes[finding->fixes.n - 1];
}

void finding_change(struct findings *findings, struct cause_finding *finding,
		    const struct change *change)
{
	struct cause_fix *fix = last_fix(finding);
	struct change *added;

	if (fix == NULL)
		return;
	added = arena_list_add(findings->arena, &fix->changes);
	if (added != NULL)
		*added = *change;
}

void finding_lasting(struct findings *findings, struct cause_finding *finding, const char *command)
{
	struct cause_fix *fix = last_fix(finding);
	const char **commands;
	size_t i;

	if (fix == NULL)
		return;
	commands = arena_array(findings->arena, fix->public.n_lasting + 1, sizeof(*commands));
	if (commands == NULL)
		return;
	for (i = 0; i < fix->public.n_lasting; i++)
		commands[i] = fix->public.lasting[i];
	commands[fix->public.n_lasting++] = command;
	fix->public.lasting = commands;
}

int finding_result(const struct findings *findings)
{
	return arena_failed(findings->arena) ? -ENOMEM : 0;
}

const char *cause_escape(struct findings *findings, struct mux_slice bytes)
{
	const char *text = str_escape(findings->arena, bytes);

	return text != NULL ? text : "";
}
