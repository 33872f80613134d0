/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/render.h"

#define WORD(words, number)                                                                        \
	((size_t)(number) < sizeof(words) / sizeof((words)[0]) ? (words)[number] : "unknown")

static const char *const answers[] = {
	[MUX_NO] = "no",
	[MUX_YES] = "yes",
	[MUX_UNKNOWN] = "unknown",
};

static const char *const severities[] = {
	[MUX_SEVERITY_INFO] = "info",
	[MUX_SEVERITY_UNKNOWN] = "unknown",
	[MUX_SEVERITY_WARNING] = "warning",
	[MUX_SEVERITY_CRITICAL] = "critical",
};

static const char *const statuses[] = {
	[MUX_STATUS_OK] = "ok",
	[MUX_STATUS_WARNING] = "warning",
	[MUX_STATUS_FAILS] = "fails",
	[MUX_STATUS_UNKNOWN] = "unknown",
};

static const char *const stages[] = {
	[MUX_STAGE_ROUTE] = "route", [MUX_STAGE_OUTPUT] = "output",
	[MUX_STAGE_INPUT] = "input", [MUX_STAGE_LISTENER] = "listener",
	[MUX_STAGE_PROBE] = "probe",
};

const char *render_answer(enum mux_answer answer)
{
	return WORD(answers, answer);
}

const char *render_severity(enum mux_severity severity)
{
	return WORD(severities, severity);
}

const char *render_status(enum mux_status status)
{
	return WORD(statuses, status);
}

const char *render_stage(enum mux_stage stage)
{
	return WORD(stages, stage);
}

void render_add(struct str *str, const char *text)
{
	str_add_text(str, text);
}
