/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "access_log.h"

#include "chars.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	BUFFER_SIZE = 65536,
	LINE_MAX_LEN = 4096, /* of a line; PIPE_BUF, so that lines of workers never mix */
	FIELD_MAX_LEN = 900, /* of each of the three texts that clients choose, escaped */
};

struct access_log {
	int fd;
	bool is_file; /* writing to it does not wait for anybody */
	struct counters *counters;
	time_t second; /* that `date` says */
	char date[72];
	size_t len;
	char buffer[BUFFER_SIZE];
};

int access_log_new(int fd, struct counters *counters, struct access_log **ret_log)
{
	struct access_log *log = malloc(sizeof(*log));
	struct stat status;

	if (log == NULL)
		return -ENOMEM;
	log->fd = fd;
	log->is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	log->counters = counters;
	log->second = -1;
	log->len = 0;
	*ret_log = log;
	return 0;
}

void access_log_free(struct access_log *log)
{
	if (log == NULL)
		return;
	access_log_flush(log);
	free(log);
}

/* Whole lines, as many as may be written at once without waiting. */
static size_t piece_len(const struct access_log *log, size_t start)
{
	size_t len = log->len - start;

	if (log->is_file || len <= PIPE_BUF)
		return len;
	len = PIPE_BUF;
	while (len != 0 && log->buffer[start + len - 1] != '\n')
		len--;
	return len;
}

void access_log_flush(struct access_log *log)
{
	struct pollfd out = {.fd = log->fd, .events = POLLOUT};
	size_t start = 0;

	while (start < log->len) {
		size_t len = piece_len(log, start);
		ssize_t written;

		/* A pipe that is writable takes PIPE_BUF bytes at once (pipe(7)). */
		if (!log->is_file && (poll(&out, 1, 0) != 1 || (out.revents & POLLOUT) == 0))
			break;
		written = write(log->fd, log->buffer + start, len);
		if (written <= 0)
			break;
		start += (size_t)written;
	}
	log->len -= start;
	memmove(log->buffer, log->buffer + start, log->len);
}

bool access_log_is_pending(const struct access_log *log)
{
	return log->len != 0;
}

static char *put(char *out, const char *text)
{
	size_t len = strlen(text);

	memcpy(out, text, len);
	return out + len;
}

/* Quoted; bytes that could be taken for something else as \xHH. */
static char *put_quoted(char *out, const char *text, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const char *end = out + FIELD_MAX_LEN;
	size_t i;

	*out++ = '"';
	for (i = 0; i < len && out < end; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\') {
			*out++ = (char)byte;
			continue;
		}
		*out++ = '\\';
		*out++ = 'x';
		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
	*out++ = '"';
	return out;
}

static char *put_client(char *out, int client)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t len = sizeof(address);
	const char *text = NULL;

	(void)getpeername(client, &address.any, &len);
	if (address.any.sa_family == AF_INET)
		text = inet_ntop(AF_INET, &address.v4.sin_addr, out, INET6_ADDRSTRLEN);
	else if (address.any.sa_family == AF_INET6)
		text = inet_ntop(AF_INET6, &address.v6.sin6_addr, out, INET6_ADDRSTRLEN);
	return text == NULL ? put(out, "-") : out + strlen(out);
}

static void update_date(struct access_log *log)
{
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t now = time(NULL);
	struct tm parts;

	if (now == log->second)
		return;
	log->second = now;
	/* Not strftime(3): months in English, whatever the locale. */
	gmtime_r(&now, &parts);
	snprintf(log->date, sizeof(log->date), "%02d/%s/%d:%02d:%02d:%02d +0000", parts.tm_mday,
		 months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
		 parts.tm_sec);
}

/* The value of a field of the head, or NULL. The parser has found the head well-formed. */
static const char *find_field(const char *head, size_t len, const char *name, size_t *ret_len)
{
	const char *line = head, *end = head + len;

	while (line < end) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		const char *colon = lf == NULL ? NULL : memchr(line, ':', (size_t)(lf - line));

		if (lf == NULL)
			return NULL;
		if (colon != NULL && chars_equal_nocase(line, (size_t)(colon - line), name)) {
			colon++;
			while (*colon == ' ' || *colon == '\t')
				colon++;
			while (lf > colon && strchr("\r \t", lf[-1]) != NULL)
				lf--;
			*ret_len = lf > colon ? (size_t)(lf - colon) : 0;
			return colon;
		}
		line = lf + 1;
	}
	return NULL;
}

static char *put_field(char *out, const char *head, size_t len, const char *name)
{
	size_t value_len = 0;
	const char *value = find_field(head, len, name, &value_len);

	*out++ = ' ';
	return value == NULL ? put(out, "\"-\"") : put_quoted(out, value, value_len);
}

/* Room for one more line, or NULL when nobody took the last ones. */
static char *begin_line(struct access_log *log, int client)
{
	char *out;

	if (BUFFER_SIZE - log->len < LINE_MAX_LEN)
		access_log_flush(log);
	if (BUFFER_SIZE - log->len < LINE_MAX_LEN) {
		counter_add(&log->counters->log_dropped, 1);
		return NULL;
	}
	update_date(log);
	out = put_client(log->buffer + log->len, client);
	out = put(out, " - - [");
	out = put(out, log->date);
	return put(out, "] ");
}

/* The first line that is not empty. */
static char *put_request_line(char *out, const char *bytes, size_t len)
{
	const char *lf;

	while (len != 0 && (*bytes == '\r' || *bytes == '\n')) {
		bytes++;
		len--;
	}
	lf = memchr(bytes, '\n', len);
	if (lf != NULL)
		len = (size_t)(lf - bytes);
	if (len != 0 && bytes[len - 1] == '\r')
		len--;
	return put_quoted(out, bytes, len);
}

void access_log_request(struct access_log *log, int client, const char *head, size_t len,
			const struct answer *answer)
{
	char *out = begin_line(log, client);

	if (out == NULL)
		return;
	out = put_request_line(out, head, len);
	out += sprintf(out, " %u %zu", answer->status, answer_content_len(answer));
	out = put_field(out, head, len, "referer");
	out = put_field(out, head, len, "user-agent");
	*out++ = '\n';
	log->len = (size_t)(out - log->buffer);
}

void access_log_bad(struct access_log *log, int client, const char *bytes, size_t len,
		    unsigned status)
{
	char *out = begin_line(log, client);

	if (out == NULL)
		return;
	out = put_request_line(out, bytes, len);
	out += sprintf(out, " %u 0 \"-\" \"-\"\n", status);
	log->len = (size_t)(out - log->buffer);
}
