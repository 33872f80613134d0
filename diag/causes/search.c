/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/search.h"

#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/name_service.h"
#include "causes/place.h"
#include "causes/subject.h"

/* Cuts off the next word; blanks and tabs part them (res_vinit_1(), res_setoptions()). Returns
 * false when there is none. */
static bool next_word(struct mux_slice *rest, struct mux_slice *ret)
{
	*ret = (struct mux_slice){rest->data, 0};
	for (; rest->len != 0; rest->data++, rest->len--) {
		bool parts = rest->data[0] == ' ' || rest->data[0] == '\t';

		if (parts && ret->len != 0)
			return true;
		ret->len += !parts;
		if (parts)
			ret->data = rest->data + 1;
	}
	return ret->len != 0;
}

static bool take_option(struct mux_slice word, const char *option, unsigned largest, unsigned *ret)
{
	size_t len = strlen(option);
	struct mux_slice digits;
	uint64_t value;

	if (!slice_starts_with(word, option) || word.len <= len || word.data[len] != ':')
		return false;
	digits = (struct mux_slice){word.data + len + 1, word.len - len - 1};
	if (slice_parse_u64(digits, 10, &value) != 0)
		return false;
	*ret = value > largest ? largest : (unsigned)value;
	return true;
}

unsigned search_option(const struct evaluation *evaluation, const char *option, unsigned otherwise,
		       unsigned largest)
{
	const struct mux_resolv *resolv = &evaluation->snapshot->resolv;
	const struct mux_variable *variable = place_variable(evaluation, "RES_OPTIONS");
	struct mux_slice rest = variable != NULL ? variable->value : (struct mux_slice){"", 0};
	struct mux_slice word;
	unsigned ret = otherwise;
	size_t i;

	for (i = 0; i < resolv->n_options; i++)
		take_option(resolv->options[i], option, largest, &ret);
	/* The variable is read last (res_vinit_1()). */
	while (next_word(&rest, &word))
		take_option(word, option, largest, &ret);
	return ret;
}

/* LOCALDOMAIN, where it is set, takes the place of every search and domain line (res_vinit_1()). It
 * ends at its first line's end; set to nothing it means no domain. */
static void take_variable(const struct mux_variable *variable, struct search_list *ret)
{
	const char *end = memchr(variable->value.data, '\n', variable->value.len);
	struct mux_slice rest = {
		variable->value.data,
		end != NULL ? (size_t)(end - variable->value.data) : variable->value.len,
	};
	struct mux_slice word;

	ret->variable = variable;
	while (next_word(&rest, &word))
		if (ret->n++ == 0)
			ret->first = word;
}

struct search_list search_list(const struct evaluation *evaluation)
{
	const struct mux_resolv *resolv = &evaluation->snapshot->resolv;
	const struct mux_variable *variable = place_variable(evaluation, "LOCALDOMAIN");
	struct search_list list = {.n = 0};

	if (variable != NULL) {
		take_variable(variable, &list);
	} else if (resolv->source.presence == MUX_PRESENT && resolv->n_search != 0) {
		list.n = resolv->n_search;
		list.first = resolv->search[0];
	}
	return list;
}

bool search_is_tried(const struct evaluation *evaluation)
{
	const char *host = evaluation->target.host;
	size_t len = strlen(host);

	return search_list(evaluation).n != 0 && len != 0 && host[len - 1] != '.';
}

static bool is_denied(const struct mux_resolution *answer)
{
	return answer != NULL && answer->n_addresses == 0;
}

bool search_captures(const struct evaluation *evaluation)
{
	const struct ev_name *name = subject_name(evaluation);
	const struct mux_nsswitch *nsswitch = &evaluation->snapshot->nsswitch;

	return search_is_tried(evaluation) && name != NULL && !name->literal &&
	       name->resolution != NULL && name->resolves == MUX_YES &&
	       service_find(nsswitch, "dns") != NULL &&
	       service_find(nsswitch, "myhostname") == NULL &&
	       service_find(nsswitch, "resolve") == NULL &&
	       !hosts_has(&evaluation->snapshot->hosts, evaluation->target.host, 0) &&
	       is_denied(service_dns_answer(evaluation, AF_INET)) &&
	       is_denied(service_dns_answer(evaluation, AF_INET6));
}
