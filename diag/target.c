/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TARGET → host, port, scheme, path. Strict: what a resolver or a URL would understand differently
 * from a person is refused here, with a message that says what is wrong. Pure.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <muxdiag/muxdiag.h>

#include "base/addr.h"
#include "base/slice.h"

enum { MAX_NAME = 253, MAX_LABEL = 63, SHOWN = 80 };

__attribute__((format(printf, 2, 3))) static int fail(struct mux_error *reterr, const char *format,
						      ...)
{
	va_list arguments;

	reterr->code = EINVAL;
	va_start(arguments, format);
	vsnprintf(reterr->message, sizeof(reterr->message), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* Every byte visible ASCII? What follows may then be shown as it is. */
static int check_bytes(const char *text, struct mux_error *reterr)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return fail(reterr, "byte %zu of the target, \\x%02x, is no visible ASCII",
				    i + 1, (unsigned char)text[i]);
	if (i == 0)
		return fail(reterr, "the target is empty");
	return 0;
}

static int parse_port(struct mux_slice text, uint16_t *ret_port, struct mux_error *reterr)
{
	uint64_t port = 0;

	if (text.len > 5 || slice_parse_u64(text, 10, &port) != 0 || port == 0 || port > UINT16_MAX)
		return fail(reterr, "'%.*s' is no port: 1 to 65535",
			    (int)(text.len < SHOWN ? text.len : SHOWN), text.data);
	*ret_port = (uint16_t)port;
	return 0;
}

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

/* RFC 1035 section 2.3.4 for the lengths; a trailing dot is that of the root. */
static int check_name(struct mux_slice name, struct mux_error *reterr)
{
	size_t i, label = 0, len = name.len;

	if (len != 0 && name.data[len - 1] == '.')
		len--;
	if (len == 0)
		return fail(reterr, "the target has no host name");
	if (len > MAX_NAME)
		return fail(reterr, "the host name has %zu bytes, more than %d", len, MAX_NAME);
	for (i = 0; i < len; i++) {
		if (!is_name_character(name.data[i]))
			return fail(reterr, "'%c' cannot be in a host name", name.data[i]);
		label = name.data[i] == '.' ? 0 : label + 1;
		if (label > MAX_LABEL)
			return fail(reterr, "a part of the host name has more than %d bytes",
				    MAX_LABEL);
		if (label == 0 && (i == 0 || name.data[i - 1] == '.'))
			return fail(reterr, "a part of the host name is empty");
	}
	return 0;
}

static int set_host(struct mux_slice name, struct mux_target *target)
{
	memcpy(target->host, name.data, name.len);
	target->host[name.len] = '\0';
	return 0;
}

/* "[::1]", "[::1]:8000" */
static int parse_bracketed(struct mux_slice text, struct mux_target *target,
			   struct mux_error *reterr)
{
	const char *end = memchr(text.data, ']', text.len);
	struct mux_address address;
	struct mux_slice inner, rest;

	if (end == NULL)
		return fail(reterr, "the ']' of the address is missing");
	inner = (struct mux_slice){text.data + 1, (size_t)(end - text.data) - 1};
	rest = (struct mux_slice){end + 1, text.len - inner.len - 2};
	if (addr_parse(inner, &address) != 0 || address.family != AF_INET6)
		return fail(reterr, "what stands in [] is no IPv6 address");
	set_host(inner, target);
	if (rest.len == 0)
		return 0;
	if (rest.data[0] != ':')
		return fail(reterr, "only :port may follow the ']'");
	return parse_port((struct mux_slice){rest.data + 1, rest.len - 1}, &target->port, reterr);
}

static int parse_authority(struct mux_slice text, struct mux_target *target,
			   struct mux_error *reterr)
{
	struct mux_address address;
	struct mux_slice name;
	const char *colon;
	int error;

	/* RFC 3986 section 3.2.3: an empty port of a URL is that of its scheme. */
	if (target->scheme[0] != '\0' && text.len != 0 && text.data[text.len - 1] == ':')
		text.len--;
	if (memchr(text.data, '@', text.len) != NULL)
		return fail(reterr, "user information in the target is not used: leave it out");
	if (text.len != 0 && text.data[0] == '[')
		return parse_bracketed(text, target, reterr);
	if (addr_parse(text, &address) == 0 && address.family == AF_INET6)
		return set_host(text, target);
	name = text;
	colon = memchr(text.data, ':', text.len);
	if (colon != NULL)
		name.len = (size_t)(colon - text.data);
	error = check_name(name, reterr);
	if (error == 0 && colon != NULL)
		error = parse_port((struct mux_slice){colon + 1, text.len - name.len - 1},
				   &target->port, reterr);
	/* A name of 253 bytes with its dot is one byte more than there is room for. */
	if (error == 0 && name.len > MAX_NAME)
		name.len = MAX_NAME;
	return error != 0 ? error : set_host(name, target);
}

/* Everything behind the authority but the fragment, which is never sent (RFC 3986 section 3.5). */
static int parse_path(const char *text, struct mux_target *target, struct mux_error *reterr)
{
	size_t len = strcspn(text, "#"), slash = text[0] != '/';

	if (len + slash >= sizeof(target->path))
		return fail(reterr, "the URL's path has more than %zu bytes",
			    sizeof(target->path) - 1);
	memcpy(target->path, "/", 1);
	memcpy(target->path + slash, text, len);
	target->path[slash + len] = '\0';
	return 0;
}

static int parse_url(const char *text, size_t scheme_len, struct mux_target *target,
		     struct mux_error *reterr)
{
	struct mux_slice scheme = {text, scheme_len}, authority;
	bool is_https = slice_equal_nocase(scheme, slice_of("https"));
	int error;

	if (!is_https && !slice_equal_nocase(scheme, slice_of("http")))
		return fail(reterr, "only http:// and https:// are known, not '%.*s://'",
			    (int)(scheme_len < SHOWN ? scheme_len : SHOWN), text);
	authority.data = text + scheme_len + strlen("://");
	authority.len = strcspn(authority.data, "/?#");
	target->port = is_https ? 443 : 80;
	memcpy(target->scheme, "https", sizeof("https"));
	target->scheme[is_https ? 5 : 4] = '\0';
	error = parse_authority(authority, target, reterr);
	if (error == 0)
		error = parse_path(authority.data + authority.len, target, reterr);
	return error;
}

int mux_target_parse(const char *text, struct mux_target *ret_target, struct mux_error *reterr)
{
	struct mux_target target = {.port = 0};
	const char *scheme_end = strstr(text, "://");
	int error = check_bytes(text, reterr);

	if (error != 0)
		return error;
	if (scheme_end != NULL)
		error = parse_url(text, (size_t)(scheme_end - text), &target, reterr);
	else if (strchr(text, '/') != NULL)
		error = fail(reterr, "a path needs http:// in front");
	else
		error = parse_authority(slice_of(text), &target, reterr);
	if (error == 0)
		*ret_target = target;
	return error;
}
