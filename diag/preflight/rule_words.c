/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/rule_words.h"

#include <stddef.h>
#include <string.h>

struct word {
	const char *text;
	size_t len;
};

/* Cuts the next word off, quoted text as one. */
static struct word next_word(const char **rest)
{
	struct word word = {.text = *rest + strspn(*rest, " ")};
	const char *at = word.text;

	while (*at != '\0' && *at != ' ') {
		const char *end = *at == '"' ? strchr(at + 1, '"') : NULL;

		at = end != NULL ? end + 1 : at + 1;
	}
	word.len = (size_t)(at - word.text);
	*rest = at;
	return word;
}

static bool is(struct word word, const char *text)
{
	return strlen(text) == word.len && memcmp(text, word.text, word.len) == 0;
}

static bool is_any(struct word word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (is(word, *list))
			return true;
	return false;
}

struct rule_words rule_words_read(const char *rule)
{
	static const char *const limits[] = {"limit", "hashlimit", "connlimit", "quota", NULL};
	static const char *const logs[] = {"log", "LOG", "NFLOG", NULL};
	static const char *const queues[] = {"queue", "NFQUEUE", NULL};
	static const char *const verdicts[] = {"accept", "drop",   "reject", "return", "ACCEPT",
					       "DROP",	 "REJECT", "RETURN", NULL};
	/* What follows is a name. */
	static const char *const naming[] = {"jump",   "goto",	       "comment", "--comment",
					     "prefix", "--log-prefix", NULL};
	struct rule_words words = {.sets = 0};
	struct word before = {"", 0}, word;
	bool limited = false, decides = false;

	while ((word = next_word(&rule)).len != 0) {
		if (!is_any(before, naming)) {
			limited |= is_any(word, limits) || (is(before, "ct") && is(word, "count"));
			words.logs |= is_any(word, logs);
			words.queues |= is_any(word, queues);
			words.sets += word.text[0] == '@' || is(word, "set");
			decides |= is_any(word, verdicts);
		}
		before = word;
	}
	/* A log that is limited keeps the limit for itself. */
	words.limits = limited && (decides || !words.logs);
	return words;
}
