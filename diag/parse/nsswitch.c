/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The `hosts:` line of nsswitch.conf as nss_database_reload_1(), process_line() and
 * __nss_action_parse() of glibc 2.36 read it, surprises included (each was seen on that version):
 * '#' begins no comment, the last `hosts` line counts, a last line without its newline is ignored,
 * the colon may be missing, and one bad [STATUS=action] on the line of any database that glibc
 * knows makes every look-up fail. Then nothing can be believed: the source becomes MUX_DENIED with
 * EBADMSG, and `line` and `text` are those of the bad line.
 */
#include <errno.h>
#include <string.h>

#include "parse/parse.h"
#include "parse/text.h"

/* nss/databases.def: lines of other names ("sudoers", "automount") are skipped unread. */
static const char *const databases[] = {
	"aliases",    "ethers",	  "group",    "group_compat", "gshadow",       "hosts",
	"initgroups", "netgroup", "networks", "passwd",	      "passwd_compat", "protocols",
	"publickey",  "rpc",	  "services", "shadow",	      "shadow_compat",
};

struct criterion {
	bool negated;
	enum mux_nss_status status;
	enum mux_nss_action action;
};

static bool is_known_database(struct mux_slice name)
{
	size_t i;

	for (i = 0; i < sizeof(databases) / sizeof(databases[0]); i++)
		if (slice_is(name, databases[i]))
			return true;
	return false;
}

static bool begins_with(struct mux_slice rest, char c)
{
	return rest.len != 0 && rest.data[0] == c;
}

static bool skip_char(struct mux_slice *rest, char c)
{
	if (!begins_with(*rest, c))
		return false;
	rest->data++;
	rest->len--;
	return true;
}

/* Cuts off everything up to white space or one of the characters of `stop`. */
static struct mux_slice take_until(struct mux_slice *rest, const char *stop)
{
	struct mux_slice word = {.data = rest->data, .len = 0};

	while (word.len < rest->len && !text_is_space(rest->data[word.len]) &&
	       strchr(stop, rest->data[word.len]) == NULL)
		word.len++;
	rest->data += word.len;
	rest->len -= word.len;
	return word;
}

/* Returns the position of the word in the table, or -1. */
static int find_word(struct mux_slice word, const char *const *table, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (slice_equal_nocase(word, slice_of(table[i])))
			return i;
	return -1;
}

/* Parses `!`? STATUS `=` ACTION. */
static int parse_criterion(struct mux_slice *rest, struct criterion *ret)
{
	static const char *const statuses[] = {
		[MUX_NSS_SUCCESS] = "SUCCESS",
		[MUX_NSS_NOTFOUND] = "NOTFOUND",
		[MUX_NSS_UNAVAIL] = "UNAVAIL",
		[MUX_NSS_TRYAGAIN] = "TRYAGAIN",
	};
	static const char *const actions[] = {
		[MUX_NSS_CONTINUE] = "CONTINUE",
		[MUX_NSS_RETURN] = "RETURN",
		[MUX_NSS_MERGE] = "MERGE",
	};
	int status, action;

	ret->negated = skip_char(rest, '!');
	status = find_word(take_until(rest, "=]"), statuses, 4);
	text_skip_space(rest);
	if (status < 0 || !skip_char(rest, '='))
		return -EINVAL;
	text_skip_space(rest);
	action = find_word(take_until(rest, "=]"), actions, 3);
	if (action < 0)
		return -EINVAL;
	text_skip_space(rest);
	ret->status = (enum mux_nss_status)status;
	ret->action = (enum mux_nss_action)action;
	return 0;
}

static void apply(const struct criterion *criterion, struct mux_nss_service *service)
{
	enum mux_nss_action saved = service->actions[criterion->status];
	size_t i;

	if (criterion->negated)
		for (i = 0; i < 4; i++)
			service->actions[i] = criterion->action;
	service->actions[criterion->status] = criterion->negated ? saved : criterion->action;
}

/* Parses the criteria behind a service name, from behind the '[' on. At least one is needed. */
static int parse_criteria(struct mux_slice *rest, struct mux_nss_service *service)
{
	struct criterion criterion;
	int error;

	text_skip_space(rest);
	do {
		error = parse_criterion(rest, &criterion);
		if (error != 0)
			return error;
		apply(&criterion, service);
	} while (!skip_char(rest, ']'));
	return 0;
}

/* Parses a list of services. With a list of size 0 nothing is kept: only errors matter then. */
static int parse_services(struct mux_slice rest, struct arena *arena, struct arena_list *list)
{
	for (;;) {
		struct mux_nss_service service = {
			.actions = {[MUX_NSS_SUCCESS] = MUX_NSS_RETURN},
		};
		struct mux_nss_service *item;
		int error;

		text_skip_space(&rest);
		service.name = take_until(&rest, "[");
		/* A '[' without a service in front ends the list, and nobody complains. */
		if (service.name.len == 0)
			return 0;
		text_skip_space(&rest);
		error = skip_char(&rest, '[') ? parse_criteria(&rest, &service) : 0;
		if (error != 0)
			return error;
		if (list->size == 0)
			continue;
		item = arena_list_add(arena, list);
		if (item == NULL)
			return -ENOMEM;
		*item = service;
	}
}

/* Cuts a line into the database's name and the rest. Returns false when glibc would skip it. */
static bool split(struct mux_slice line, struct mux_slice *ret_name, struct mux_slice *ret_rest)
{
	text_skip_space(&line);
	*ret_name = take_until(&line, ":");
	if (ret_name->len == 0 || line.len == 0)
		return false;
	while (line.len != 0 && (text_is_space(line.data[0]) || line.data[0] == ':')) {
		line.data++;
		line.len--;
	}
	*ret_rest = line;
	return is_known_database(*ret_name);
}

/* Parses one line that counts; a `hosts` line replaces what an earlier one said. */
static int parse_line(struct mux_slice line, size_t number, struct arena *arena,
		      struct mux_nsswitch *ret)
{
	struct arena_list list = {0};
	struct mux_slice name, rest;
	int error;

	if (!split(line, &name, &rest))
		return 0;
	if (slice_is(name, "hosts"))
		list.size = sizeof(struct mux_nss_service);
	error = parse_services(rest, arena, &list);
	if (error == -ENOMEM || (error == 0 && list.size == 0))
		return error;
	ret->services = error == 0 ? list.items : NULL;
	ret->n_services = error == 0 ? list.n : 0;
	ret->line = number;
	ret->text = slice_trim(line);
	return error;
}

int parse_nsswitch(struct mux_slice bytes, struct arena *arena, struct mux_nsswitch *ret)
{
	/* nss_database_select_default(); older versions had "dns [!UNAVAIL=return] files". */
	static const char by_default[] = "hosts: files dns";
	struct text_lines lines;
	struct mux_slice line;
	int error;

	error = parse_line(slice_of(by_default), 0, arena, ret);
	ret->text.len = 0;
	text_begin(&lines, bytes);
	while (error == 0 && text_next_line(&lines, &line) && lines.terminated)
		error = parse_line(line, lines.line, arena, ret);
	if (error != -EINVAL)
		return error;
	ret->source.presence = MUX_DENIED;
	ret->source.error = EBADMSG;
	return 0;
}
