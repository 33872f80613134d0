/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/hosts is long, and every look-up reads it: 0.1 µs a line, where a connection over loopback
 * takes 100 µs. How bad that is is told from the number of lines, since a measured time is mostly
 * the load of the machine.
 */
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"
#include "causes/words.h"

enum { LINES_TO_KNOW = 20 * 1000, LINES_TO_WARN = 100 * 1000 };

/* The fastest answer of the system's resolver for the target, and how many there were. */
static const struct mux_resolution *fastest(const struct evaluation *evaluation, size_t *ret_n)
{
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	const struct mux_resolution *found = NULL;
	size_t i;

	*ret_n = 0;
	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *answer = &snapshot->resolutions[i];

		if (answer->resolver != MUX_GETADDRINFO || answer->lookup != MUX_LOOKUP_SYSTEM ||
		    !answer->answered || answer->status != 0 ||
		    !slice_equal_nocase(answer->name, slice_of(evaluation->target.host)))
			continue;
		++*ret_n;
		if (found == NULL || answer->elapsed_us < found->elapsed_us)
			found = answer;
	}
	return found;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	const struct ev_name *name = subject_name(evaluation);
	const struct mux_resolution *answer;
	struct cause_finding *finding;
	size_t n;

	if (hosts->source.presence != MUX_PRESENT || hosts->n_live < LINES_TO_KNOW ||
	    name == NULL || name->literal || !hosts_are_asked(evaluation))
		return 0;
	finding = finding_add(findings, &cause_hosts_slow,
			      hosts->n_live < LINES_TO_WARN ? MUX_SEVERITY_INFO
							    : MUX_SEVERITY_WARNING);
	finding_title(findings, finding, "every look-up of %s reads the %zu lines of /etc/hosts",
		      cause_escape(findings, name->name), hosts->n_lines);
	finding_evidence(findings, finding, "/etc/hosts", "%zu lines give names an address",
			 hosts->n_live);
	answer = fastest(evaluation, &n);
	if (answer != NULL)
		finding_evidence(findings, finding, "getaddrinfo",
				 n == 1 ? "the look-up took %s"
					: "the fastest of the look-ups took %s",
				 words_duration(findings->arena, answer->elapsed_us));
	finding_hit(finding, "programs that look the name up for each connection");
	finding_fix(findings, finding,
		    "Leave a block list to a name server on this machine, such as dnsmasq or "
		    "unbound, which reads it once",
		    NULL, NULL);
	return finding_result(findings);
}

const struct cause cause_hosts_slow = {
	.id = "hosts-slow",
	.summary = "/etc/hosts is so long that every look-up takes milliseconds",
	.explanation =
		"glibc keeps nothing of /etc/hosts: each look-up opens the file and reads it, to "
		"its "
		"end where `multi on` stands in /etc/host.conf. That takes about a tenth of a "
		"microsecond for each line, 30 ms for a block list of 300 000 lines, for every "
		"name, "
		"localhost included.\n\n"
		"Nothing fails. A browser looks up once and remembers; but programs that connect "
		"anew "
		"for each request look up anew, and a benchmark that is given a name may measure "
		"this "
		"file. Many look-ups at once share the processors, and take longer.\n\n"
		"muxdiag counts the lines and shows what its own look-ups took, which is more on a "
		"busy machine. It warns from 100 000 lines on. No privilege is needed.\n\n"
		"Benchmark 127.0.0.1 or [::1] instead of a name; leave block lists to a name "
		"server "
		"on this machine; or let nscd remember answers.",
	.find = find,
};
