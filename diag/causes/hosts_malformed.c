/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of /etc/hosts speaks of a name that matters, but is written so that glibc drops it without
 * a word. It is no cause as long as another line says the same. CRLF line ends, a missing last
 * newline and odd blanks are taken by glibc and c-ares alike, and never accused.
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"

enum { SHOWN_LINES = 4, LONGEST_REPAIR = 512, MARK_BYTES = 3 };

/* A name, and the line that would have given it an address. */
struct loss {
	const struct mux_hosts_entry *entry;
	const struct ev_name *name; /* NULL = localhost, which is not the target */
	struct mux_slice text;
	struct hosts_meaning meaning;
};

/* Is the name given an address of that family (0 = any) by a line that is read? */
static bool is_given(const struct mux_hosts *hosts, struct mux_slice name, int family)
{
	size_t i, j;

	for (i = 0; i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];

		if (entry->commented || entry->address.family == 0 ||
		    (family != 0 && entry->address.family != family))
			continue;
		for (j = 0; j < entry->n_names; j++)
			if (slice_equal_nocase(entry->names[j], name))
				return true;
	}
	return false;
}

/* Finds the first line that garbles the name and that no other line makes up for. */
static bool find_loss(struct findings *findings, struct mux_slice text, const struct ev_name *name,
		      struct loss *ret)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	size_t i;

	for (i = 0; i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];
		struct hosts_meaning meaning;

		if (!hosts_garbles(findings, entry, text))
			continue;
		meaning = hosts_meaning_of(findings, entry);
		if (is_given(hosts, text, meaning.address.family))
			continue;
		*ret = (struct loss){entry, name, text, meaning};
		return true;
	}
	return false;
}

/* The target first, then the host name, then localhost. */
static bool find_worst(struct findings *findings, struct loss *ret)
{
	const struct evaluation *evaluation = findings->evaluation;
	size_t i;

	for (i = 0; i < evaluation->n_names; i++) {
		const struct ev_name *name = &evaluation->names[i];

		if (!name->literal && find_loss(findings, name->name, name, ret))
			return true;
	}
	return find_loss(findings, slice_of("localhost"), NULL, ret);
}

static bool target_has(const struct evaluation *evaluation, const struct mux_address *address)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    addr_equal(&evaluation->candidates[i].address, address))
			return true;
	return false;
}

/* Does the address that the line was to give work, as far as that is known? */
static bool would_work(const struct evaluation *evaluation, const struct loss *loss)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (addr_equal(&evaluation->candidates[i].address, &loss->meaning.address) &&
		    evaluation->candidates[i].works == MUX_YES)
			return true;
	return false;
}

static enum mux_severity severity_of(const struct evaluation *evaluation, const struct loss *loss)
{
	if (loss->name == NULL || !loss->name->of_target)
		return MUX_SEVERITY_INFO;
	if (!subject_resolves(evaluation))
		return hosts_are_asked(evaluation) ? MUX_SEVERITY_CRITICAL : MUX_SEVERITY_INFO;
	if (loss->meaning.address.family == 0 || target_has(evaluation, &loss->meaning.address))
		return MUX_SEVERITY_INFO;
	if (!subject_works(evaluation) && would_work(evaluation, loss))
		return MUX_SEVERITY_CRITICAL;
	return would_work(evaluation, loss) ? MUX_SEVERITY_WARNING : MUX_SEVERITY_INFO;
}

/* --- words -------------------------------------------------------------------------------- */

static bool is_utf16(const struct mux_hosts *hosts)
{
	const struct mux_slice text =
		hosts->n_entries != 0 ? hosts->entries[0].text : (struct mux_slice){0};

	return hosts->binary && hosts->entries[0].line == 1 &&
	       (slice_starts_with(text, "\xff\xfe") || slice_starts_with(text, "\xfe\xff"));
}

/* Does the line begin with the name, and the address come later? */
static bool is_swapped(const struct loss *loss)
{
	const struct mux_hosts_entry *entry = loss->entry;
	struct mux_address address;
	size_t i;

	for (i = 0; i < entry->n_names; i++)
		if (addr_parse(entry->names[i], &address) == 0)
			return true;
	return false;
}

static const char *fault_text(struct findings *findings, const struct loss *loss)
{
	switch (loss->entry->fault) {
	case MUX_HOSTS_BOM:
		return "the file begins with a byte order mark";
	case MUX_HOSTS_BAD_ADDRESS:
		return is_swapped(loss) ? "the name stands before the address"
					: "it does not begin with an address as resolvers read it";
	case MUX_HOSTS_NO_NAME:
		return "nothing but a comment follows the address";
	case MUX_HOSTS_BAD_NAME:
		return "a dot, a comma or the like makes another name of it";
	case MUX_HOSTS_BINARY:
		return is_utf16(&findings->evaluation->snapshot->hosts)
			       ? "the file is written in UTF-16"
			       : "it holds NUL bytes";
	case MUX_HOSTS_OK:
		break;
	}
	return "it is faulty";
}

static void add_lines(struct findings *findings, struct cause_finding *finding,
		      const struct loss *loss)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	size_t i, n = 0;

	for (i = 0; i < hosts->n_entries && n < SHOWN_LINES; i++)
		if (&hosts->entries[i] == loss->entry ||
		    hosts_garbles(findings, &hosts->entries[i], loss->text)) {
			finding_evidence(findings, finding,
					 hosts_place(findings, &hosts->entries[i]), "%s",
					 cause_escape(findings, hosts->entries[i].text));
			n++;
		}
}

/* --- fixes -------------------------------------------------------------------------------- */

/* The line as it was meant, a tab before each name; NULL when that is not clear. */
static const char *meant_line(struct findings *findings, const struct mux_hosts_entry *entry)
{
	struct hosts_meaning meaning = hosts_meaning_of(findings, entry);
	char address[ADDR_TEXT_MAX];

	if (meaning.address.family == 0 || meaning.names == NULL || meaning.names[0] == '\0' ||
	    entry->text.len > LONGEST_REPAIR)
		return NULL;
	return arena_printf(findings->arena, "%s%s", addr_format(&meaning.address, address),
			    meaning.names);
}

/* One command of sed for each line. Returns the number of lines. */
static size_t add_script(struct findings *findings, const struct loss *loss, struct str *script)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	const char *line, *c;
	size_t i, n = 0;

	for (i = 0; i < hosts->n_entries && n < SHOWN_LINES; i++) {
		if (!hosts_garbles(findings, &hosts->entries[i], loss->text))
			continue;
		line = meant_line(findings, &hosts->entries[i]);
		if (line == NULL)
			continue;
		str_addf(script, "%s%zus/.*/", n++ == 0 ? "" : ";", hosts->entries[i].line);
		for (c = line; *c != '\0'; c++)
			str_addf(script, *c == '\t' ? "\\t" : "%c", *c);
		str_add(script, "/");
	}
	return n;
}

/* Says so of the fix added last. */
static void add_changes(struct findings *findings, struct cause_finding *finding,
			const struct loss *loss)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	size_t i, n = 0;

	for (i = 0; i < hosts->n_entries && n < SHOWN_LINES; i++)
		if (hosts_garbles(findings, &hosts->entries[i], loss->text)) {
			const char *line = meant_line(findings, &hosts->entries[i]);

			hosts_rewrites(findings, finding, hosts->entries[i].line, line);
			n += line != NULL;
		}
}

static void add_rewrite(struct findings *findings, struct cause_finding *finding,
			const struct loss *loss)
{
	struct str script;
	size_t n;

	str_init(&script, findings->arena);
	n = add_script(findings, loss, &script);
	if (n == 0)
		return;
	finding_fix(findings, finding,
		    n == 1 ? "Write the line of /etc/hosts anew"
			   : "Write these lines of /etc/hosts anew",
		    arena_printf(findings->arena, "sed -i '%s' /etc/hosts", str_done(&script)),
		    NULL);
	add_changes(findings, finding, loss);
}

static void add_fix(struct findings *findings, struct cause_finding *finding,
		    const struct loss *loss)
{
	if (loss->entry->fault == MUX_HOSTS_BOM && loss->entry->text.len > MARK_BYTES) {
		finding_fix(findings, finding, "Take the byte order mark off /etc/hosts",
			    "sed -i '1s/^\\xef\\xbb\\xbf//' /etc/hosts", NULL);
		hosts_rewrites(findings, finding, 1,
			       arena_copy(findings->arena, loss->entry->text.data + MARK_BYTES,
					  loss->entry->text.len - MARK_BYTES));
	} else if (is_utf16(&findings->evaluation->snapshot->hosts)) {
		finding_fix(findings, finding, "Write /etc/hosts in UTF-8",
			    "iconv -f UTF-16 -t UTF-8 -o /etc/hosts.new /etc/hosts",
			    "cp /etc/hosts.new /etc/hosts");
	} else {
		add_rewrite(findings, finding, loss);
	}
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	struct cause_finding *finding;
	enum mux_severity severity;
	struct loss loss;

	if (evaluation->snapshot->hosts.source.presence != MUX_PRESENT ||
	    evaluation->snapshot->hosts.source.truncated || !find_worst(findings, &loss))
		return 0;
	severity = severity_of(evaluation, &loss);
	finding = finding_add(findings, &cause_hosts_malformed, severity);
	finding_title(findings, finding, "line %zu of /etc/hosts gives %s no address: %s",
		      loss.entry->line, cause_escape(findings, loss.text),
		      fault_text(findings, &loss));
	add_lines(findings, finding, &loss);
	if (severity < MUX_SEVERITY_CRITICAL)
		finding_hit(finding, "programs that read /etc/hosts alone");
	finding_blocks(finding, severity == MUX_SEVERITY_CRITICAL ? CAUSE_BLOCKS_NAME : 0,
		       loss.meaning.address.family);
	add_fix(findings, finding, &loss);
	return finding_result(findings);
}

const struct cause cause_hosts_malformed = {
	.id = "hosts-malformed",
	.summary = "a line of /etc/hosts is written so that the resolver drops it",
	.explanation =
		"The system's resolver drops a line of /etc/hosts without a word when its first "
		"word "
		"is no address as inet_pton(3) takes it: leading zeros (127.000.000.001), short "
		"forms "
		"(127.1), a prefix length, port or brackets, the name before the address, a "
		"no-break "
		"space that was pasted from a web page. A byte order mark, as editors of other "
		"systems write, makes the first line such a line; in UTF-16 all lines are. A name "
		"with a comma or a dot behind it is another name, which nobody asks for.\n\n"
		"The name then fails (\"Name or service not known\"), although it seems to be in "
		"the "
		"file. With a byte order mark before 127.0.0.1 localhost and a good line for ::1 "
		"it "
		"fails for IPv4 only. c-ares is less strict with addresses and takes 127.0.0.1/8, "
		"or "
		"127.1 as 127.1.0.0, so programs differ.\n\n"
		"muxdiag reads the bytes as glibc does, and speaks of a faulty line only when it "
		"mentions the target, the host name or localhost and no other line makes up for "
		"it. "
		"Line ends of DOS, a missing last newline, tabs and capital letters are harmless. "
		"No "
		"privilege is needed.\n\n"
		"Write the line anew: the address, a blank, the names, parted by blanks.",
	.find = find,
};
