/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/counters.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/record.h"
#include "base/slice.h"

/* The whole of any of these files; netstat is the longest with some 4 KiB. */
enum { FILE_BYTES = 16 * 1024 };

static const struct name {
	const char *mib; /* as the kernel spells it, without "Ip6" */
	const char *key; /* as a record spells it */
} names[N_COUNTERS] = {
	[COUNTER_OUT_REQUESTS] = {"OutRequests", "out_requests"},
	[COUNTER_OUT_TRANSMITS] = {"OutTransmits", "out_transmits"},
	[COUNTER_IN_RECEIVES] = {"InReceives", "in_receives"},
	[COUNTER_IN_DELIVERS] = {"InDelivers", "in_delivers"},
	[COUNTER_LISTEN_OVERFLOWS] = {"ListenOverflows", "listen_overflows"},
};

/* Returns what is in the file; empty when it cannot be read. */
static struct mux_slice read_file(const char *path, char buffer[static FILE_BYTES])
{
	struct mux_slice bytes = {.data = buffer};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return bytes;
	while (bytes.len < FILE_BYTES &&
	       (n = read(fd, buffer + bytes.len, FILE_BYTES - bytes.len)) > 0)
		bytes.len += (size_t)n;
	close(fd);
	return bytes;
}

/* Cuts the next word off *line. */
static struct mux_slice next_word(struct mux_slice *line)
{
	struct mux_slice word;

	*line = slice_trim(*line);
	word = *line;
	for (word.len = 0; word.len < line->len && !strchr(" \t", word.data[word.len]);)
		word.len++;
	line->data += word.len;
	line->len -= word.len;
	return word;
}

static void set(struct counters *ret, struct mux_slice name, struct mux_slice value)
{
	uint64_t number;
	size_t i;

	for (i = 0; i < N_COUNTERS; i++)
		if (slice_is(name, names[i].mib) && slice_parse_u64(value, 10, &number) == 0 &&
		    number <= INT64_MAX)
			ret->values[i] = (int64_t)number;
}

/* snmp6: "Ip6OutRequests    17", a line each. */
static void take_lines(struct mux_slice bytes, struct counters *ret)
{
	struct mux_slice line, name;

	while (record_next(&bytes, &line)) {
		name = next_word(&line);
		if (!slice_starts_with(name, "Ip6"))
			continue;
		name.data += strlen("Ip6");
		name.len -= strlen("Ip6");
		set(ret, name, next_word(&line));
	}
}

/* snmp, netstat: "Ip: Forwarding DefaultTTL …", and below it "Ip: 1 64 …". */
static void take_columns(struct mux_slice bytes, const char *group, struct counters *ret)
{
	struct mux_slice head, values;

	while (record_next(&bytes, &head) && record_next(&bytes, &values)) {
		if (!slice_is(next_word(&head), group) || !slice_is(next_word(&values), group))
			continue;
		while (head.len != 0 && values.len != 0) {
			struct mux_slice name = next_word(&head);

			set(ret, name, next_word(&values));
		}
	}
}

void counters_read(int family, struct counters *ret)
{
	char buffer[FILE_BYTES];
	size_t i;

	for (i = 0; i < N_COUNTERS; i++)
		ret->values[i] = -1;
	if (family == AF_INET6)
		take_lines(read_file("/proc/self/net/snmp6", buffer), ret);
	else
		take_columns(read_file("/proc/self/net/snmp", buffer), "Ip:", ret);
	take_columns(read_file("/proc/self/net/netstat", buffer), "TcpExt:", ret);
}

void counters_record(const struct counters *before, const struct counters *after,
		     struct str *records)
{
	size_t i;

	for (i = 0; i < N_COUNTERS; i++)
		if (before->values[i] >= 0 && after->values[i] >= before->values[i])
			record_add_number(records, names[i].key,
					  after->values[i] - before->values[i]);
}
