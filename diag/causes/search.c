/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/search.h"

#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/name_service.h"
#include "causes/place.h"
#include "causes/subject.h"

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
	unsigned ret = otherwise;
	size_t i;

	for (i = 0; i < resolv->n_options; i++)
		take_option(resolv->options[i], option, largest, &ret);
	/* The variable is read last (res_vinit_1()). */
	while (rest.len != 0) {
		const char *blank = memchr(rest.data, ' ', rest.len);
		size_t len = blank != NULL ? (size_t)(blank - rest.data) : rest.len;

		take_option((struct mux_slice){rest.data, len}, option, largest, &ret);
		len += blank != NULL;
		rest = (struct mux_slice){rest.data + len, rest.len - len};
	}
	return ret;
}

bool search_is_tried(const struct evaluation *evaluation)
{
	const char *host = evaluation->target.host;
	size_t len = strlen(host);

	return evaluation->snapshot->resolv.source.presence == MUX_PRESENT &&
	       evaluation->snapshot->resolv.n_search != 0 && len != 0 && host[len - 1] != '.';
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
