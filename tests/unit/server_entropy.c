/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key stream: fresh, never repeated, not by a child either, and forgotten when drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "entropy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DRAWN = 64 };

static int new_entropy(void **state)
{
	struct entropy *entropy;

	if (entropy_new(&entropy) != 0)
		return -1;
	*state = entropy;
	return 0;
}

static int free_entropy(void **state)
{
	entropy_free(*state);
	return 0;
}

static void draw(struct entropy *entropy, char out[static DRAWN])
{
	assert_true(password_draw(entropy_source(entropy), PASSWORD_DEFAULT, out, DRAWN));
}

/* Draws in a child process and returns what it drew. */
static void draw_in_child(struct entropy *entropy, char out[static DRAWN])
{
	int pipe_fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char drawn[DRAWN];
		bool ok = password_draw(entropy_source(entropy), PASSWORD_DEFAULT, drawn, DRAWN) &&
			  write(pipe_fds[1], drawn, DRAWN) == DRAWN;

		_exit(ok ? 0 : 1);
	}
	assert_int_equal(read(pipe_fds[0], out, DRAWN), DRAWN);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void test_fork(void **state)
{
	char mine[DRAWN], first[DRAWN], second[DRAWN];
	struct entropy *entropy = *state;

	draw(entropy, mine); /* the stream is in the middle of a block */
	draw_in_child(entropy, first);
	draw_in_child(entropy, second);
	draw(entropy, mine);
	assert_memory_not_equal(first, second, DRAWN);
	assert_memory_not_equal(first, mine, DRAWN);
	assert_memory_not_equal(second, mine, DRAWN);
}

static void test_two_streams_differ(void **state)
{
	struct entropy *other;
	char a[DRAWN], b[DRAWN];

	assert_int_equal(entropy_new(&other), 0);
	draw(*state, a);
	draw(other, b);
	assert_memory_not_equal(a, b, DRAWN);
	entropy_free(other);
}

static void test_forgets(void **state)
{
	struct entropy *entropy = *state;
	const unsigned char *start = entropy_source(entropy)->next;
	static const unsigned char zeros[DRAWN];
	char drawn[DRAWN];

	draw(entropy, drawn);
	assert_memory_not_equal(start, zeros, DRAWN);
	entropy_forget(entropy);
	assert_memory_equal(start, zeros, DRAWN);
	/* and what comes next is still there */
	assert_memory_not_equal(entropy_source(entropy)->next, zeros, DRAWN);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, PASSWORD_LEN);
}

/*
 * A million passwords over many blocks and a reseed: none twice (chance 65^-12 * 5e11),
 * and chi-square over the alphabet within what chance gives in all but one of 10^6 runs
 * (64 degrees of freedom).
 */
static void test_many(void **state)
{
	enum { N = 10000 };
	char *passwords = malloc((size_t)N * PASSWORD_COUNT * PASSWORD_LEN), page[2048];
	unsigned counts[256] = {0};
	double chi = 0, mean = N * 100.0 * PASSWORD_LEN / PASSWORD_CHARS;
	size_t i, j, n = 0;

	assert_non_null(passwords);
	for (i = 0; i < N; i++) {
		struct password_page asked = password_page_default();

		assert_int_equal(
			password_page_write(entropy_source(*state), &asked, page, sizeof(page)),
			1301);
		entropy_forget(*state);
		for (j = 0; j < PASSWORD_COUNT; j++, n++)
			memcpy(passwords + n * PASSWORD_LEN, page + 1 + j * 13, PASSWORD_LEN);
	}
	for (i = 0; i < n * PASSWORD_LEN; i++)
		counts[(unsigned char)passwords[i]]++;
	for (i = 0; i < PASSWORD_CHARS; i++) {
		double off =
			counts[(unsigned char)password_alphabet_chars(PASSWORD_DEFAULT)[i]] - mean;

		chi += off * off / mean;
	}
	assert_true(chi > 20 && chi < 135);
	qsort(passwords, n, PASSWORD_LEN, compare);
	for (i = 1; i < n; i++)
		assert_int_not_equal(
			compare(passwords + (i - 1) * PASSWORD_LEN, passwords + i * PASSWORD_LEN),
			0);
	free(passwords);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fork, new_entropy, free_entropy),
		cmocka_unit_test_setup_teardown(test_two_streams_differ, new_entropy, free_entropy),
		cmocka_unit_test_setup_teardown(test_forgets, new_entropy, free_entropy),
		cmocka_unit_test_setup_teardown(test_many, new_entropy, free_entropy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
