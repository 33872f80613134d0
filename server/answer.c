/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"

#include "check.h"

#include <string.h>

#define METHODS "GET, HEAD, OPTIONS"

/* What is true now only. */
enum { FLEETING = ANSWER_METRICS | ANSWER_READY | ANSWER_INSTANCE | ANSWER_HTML };

const char answer_continue[] = "HTTP/1.1 100 Continue\r\n\r\n";

/* Everything that can be answered; the texts are content of errors as they stand. */
static const struct status {
	uint16_t status;
	const char *text;
} statuses[ANSWER_N_STATUSES] = {
	{200, "200 OK\n"},
	{204, "204 No Content\n"},
	{400, "400 Bad Request\n"},
	{404, "404 Not Found\n"},
	{405, "405 Method Not Allowed\n"},
	{408, "408 Request Timeout\n"},
	{413, "413 Content Too Large\n"},
	{414, "414 URI Too Long\n"},
	{417, "417 Expectation Failed\n"},
	{421, "421 Misdirected Request\n"},
	{431, "431 Request Header Fields Too Large\n"},
	{500, "500 Internal Server Error\n"},
	{501, "501 Not Implemented\n"},
	{503, "503 Service Unavailable\n"},
	{505, "505 HTTP Version Not Supported\n"},
};

size_t answer_index(unsigned status)
{
	size_t i;

	for (i = 0; i < ANSWER_N_STATUSES && statuses[i].status != status; i++)
		;
	return i < ANSWER_N_STATUSES ? i : answer_index(500);
}

unsigned answer_status(size_t index)
{
	return statuses[index].status;
}

static const char *status_text(unsigned status)
{
	return statuses[answer_index(status)].text;
}

struct answer answer_error(int status, unsigned flags)
{
	return (struct answer){
		.text = status_text((unsigned)status),
		.status = (uint16_t)status,
		.flags = (uint16_t)flags,
	};
}

/* Two decimal digits of a number below 100. */
static void put_two(char *out, unsigned number)
{
	out[0] = (char)('0' + number / 10);
	out[1] = (char)('0' + number % 10);
}

/* Day number since the epoch → civil date; days counted from 0000-03-01, so leap days end years. */
static void civil_date(int64_t days, unsigned *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	unsigned shifted = (unsigned)(days + 719468);
	unsigned era = shifted / 146097, in_era = shifted % 146097;
	unsigned year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * in_year + 2) / 153;

	*ret_day = in_year - (153 * month + 2) / 5 + 1;
	*ret_month = month < 10 ? month + 2 : month - 10;
	*ret_year = era * 400 + year + (*ret_month <= 1 ? 1 : 0);
}

void answer_date(int64_t time, char out[static ANSWER_DATE_LEN])
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	unsigned second = (unsigned)(time % 86400), year, month, day;

	civil_date(time / 86400, &year, &month, &day);
	memcpy(out, "Thu, 01 Jan 1970 00:00:00 GMT", ANSWER_DATE_LEN);
	memcpy(out, days + 3 * (time / 86400 % 7), 3);
	put_two(out + 5, day);
	memcpy(out + 8, months + (size_t)3 * month, 3);
	put_two(out + 12, year / 100);
	put_two(out + 14, year % 100);
	put_two(out + 17, second / 3600);
	put_two(out + 20, second / 60 % 60);
	put_two(out + 23, second % 60);
}

static char *put(char *out, const char *bytes, size_t len)
{
	memcpy(out, bytes, len);
	return out + len;
}

/* Of a literal: its length is known when compiling, and the copy is a few moves. */
#define PUT(out, literal) put(out, literal, sizeof(literal) - 1)

static char *put_number(char *out, size_t number)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	while (n != 0)
		*out++ = digits[--n];
	return out;
}

size_t answer_content_len(const struct answer *answer)
{
	if ((answer->flags & ANSWER_PASSWORDS) != 0)
		return password_page_len(&answer->page);
	if ((answer->flags & ANSWER_METRICS) != 0)
		return answer->text_len;
	return answer->text == NULL ? 0 : strlen(answer->text);
}

static char *put_content_fields(const struct answer *answer, char *out)
{
	bool fresh = (answer->flags & ANSWER_PASSWORDS) != 0;

	if (fresh && answer->page.format == PASSWORD_JSON)
		out = PUT(out, "Content-Type: application/json\r\n");
	else if ((answer->flags & ANSWER_HTML) != 0)
		out = PUT(out, "Content-Type: text/html; charset=utf-8\r\n");
	else if ((answer->flags & ANSWER_METRICS) != 0)
		out = PUT(out, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
	else if (fresh || answer->text != NULL)
		out = PUT(out, "Content-Type: text/plain; charset=utf-8\r\n");
	if (fresh || (answer->flags & FLEETING) != 0)
		out = PUT(out, "Cache-Control: no-store\r\n");
	/* RFC 9110 section 8.6: none in a 204. */
	if (answer->status != 204) {
		out = PUT(out, "Content-Length: ");
		out = put_number(out, answer_content_len(answer));
		out = PUT(out, "\r\n");
	}
	return out;
}

/* What few answers have: pages pay for one look at the flags. */
enum { SPECIAL = ANSWER_INSTANCE | ANSWER_HTML | ANSWER_SHARED | ANSWER_ALLOW };

static char *put_special_fields(const struct answer *answer, char *out)
{
	unsigned flags = answer->flags;

	if ((flags & ANSWER_INSTANCE) != 0) {
		out = PUT(out, "Muxd-Instance: ");
		out = put(out, answer->text, strcspn(answer->text, "\n"));
		out = PUT(out, "\r\n");
	}
	if ((flags & ANSWER_HTML) != 0) {
		out = PUT(out, "Content-Security-Policy: ");
		out = put(out, check_policy, strlen(check_policy));
		out = PUT(out, "\r\nReferrer-Policy: no-referrer\r\n"
			       "X-Content-Type-Options: nosniff\r\n");
	}
	if ((flags & ANSWER_SHARED) != 0)
		out = PUT(out, "Access-Control-Allow-Origin: *\r\n");
	/* Also unasked: who has not asked for it (as Private Network Access has it) does not
	 * look for it. */
	if ((flags & ANSWER_SHARED) != 0 && answer->status == 204)
		out = PUT(out, "Access-Control-Allow-Private-Network: true\r\n");
	if ((flags & ANSWER_ALLOW) != 0)
		out = PUT(out, "Allow: " METHODS "\r\n");
	return out;
}

static char *put_head(const struct answer *answer, const char *date, char *out)
{
	const char *text = status_text(answer->status);

	out = PUT(out, "HTTP/1.1 ");
	out = put(out, text, strlen(text) - 1);
	out = PUT(out, "\r\nServer: muxd\r\nDate: ");
	out = put(out, date, ANSWER_DATE_LEN);
	out = PUT(out, "\r\n");
	out = put_content_fields(answer, out);
	if ((answer->flags & SPECIAL) != 0)
		out = put_special_fields(answer, out);
	if ((answer->flags & ANSWER_CLOSE) != 0)
		out = PUT(out, "Connection: close\r\n");
	else if ((answer->flags & ANSWER_KEEP_ALIVE) != 0)
		out = PUT(out, "Connection: keep-alive\r\n");
	return PUT(out, "\r\n");
}

/* Writes on: as much of the text as there is room for. */
static size_t write_text(struct answer *answer, char *out, size_t room)
{
	const char *rest;
	size_t len;

	if (answer->text == NULL)
		return 0;
	rest = answer->text + answer->text_written;
	len = strnlen(rest, room);
	memcpy(out, rest, len);
	answer->text_written += len;
	return len;
}

size_t answer_write(struct answer *answer, const char date[static ANSWER_DATE_LEN],
		    struct password_source *source, char *out, size_t room)
{
	char *end = put_head(answer, date, out);
	size_t head_len = (size_t)(end - out), len;

	if ((answer->flags & (ANSWER_NO_CONTENT | ANSWER_METRICS)) != 0)
		return head_len;
	if ((answer->flags & ANSWER_PASSWORDS) == 0)
		return head_len + write_text(answer, end, room - head_len);
	len = password_page_write(source, &answer->page, end, room - head_len);
	if (len == 0) {
		*answer = answer_error(500, ANSWER_CLOSE);
		return answer_write(answer, date, source, out, room);
	}
	return head_len + len;
}

bool answer_is_written(const struct answer *answer)
{
	if ((answer->flags & ANSWER_NO_CONTENT) != 0)
		return true;
	if ((answer->flags & ANSWER_PASSWORDS) != 0)
		return answer->page.written == answer->page.count;
	return (answer->flags & ANSWER_HTML) == 0 || answer->text[answer->text_written] == '\0';
}

size_t answer_write_on(struct answer *answer, struct password_source *source, char *out,
		       size_t room)
{
	if ((answer->flags & ANSWER_HTML) != 0)
		return write_text(answer, out, room);
	return password_page_write(source, &answer->page, out, room);
}
