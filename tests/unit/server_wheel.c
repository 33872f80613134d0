/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timer wheel against a list of deadlines, and its own promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wheel.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { N = 200 };

struct model {
	struct wheel wheel;
	struct timer timers[N];
	bool set[N];
	uint32_t deadlines[N];
};

static void turn(struct model *model, uint32_t now)
{
	struct timer *timer = wheel_turn(&model->wheel, now);
	size_t i;

	while (timer != NULL) {
		size_t index = (size_t)(timer - model->timers);

		assert_true(model->set[index]);
		assert_true((int32_t)(now - model->deadlines[index]) >= 0);
		model->set[index] = false;
		timer = timer->next;
	}
	for (i = 0; i < N; i++)
		assert_false(model->set[i] && (int32_t)(now - model->deadlines[i]) >= 0);
}

static void set(struct model *model, size_t i, uint32_t ticks)
{
	wheel_set(&model->wheel, &model->timers[i], ticks);
	model->set[i] = true;
	model->deadlines[i] = model->wheel.now + (ticks == 0 ? 1 : ticks);
}

static void drop(struct model *model, size_t i)
{
	wheel_drop(&model->timers[i]);
	model->set[i] = false;
}

/* No set timer may be due before the tick that wheel_next() names. */
static void check_next(const struct model *model)
{
	int next = wheel_next(&model->wheel);
	size_t i;

	for (i = 0; i < N; i++)
		if (model->set[i]) {
			assert_true(next > 0);
			assert_true(model->deadlines[i] - model->wheel.now >= (uint32_t)next);
		}
}

/* Starts just before the tick counter wraps. */
static void test_random(void **state)
{
	static struct model model;
	uint32_t now = UINT32_MAX - 5000;
	unsigned step;

	(void)state;
	srandom(2);
	wheel_init(&model.wheel, now);
	for (step = 0; step < 200000; step++) {
		size_t i = (size_t)random() % N;

		switch (random() % 8) {
		case 0:
			now += (uint32_t)random() % (random() % 50 == 0 ? 3000 : 4);
			turn(&model, now);
			break;
		case 1:
			drop(&model, i);
			break;
		default:
			set(&model, i, (uint32_t)random() % (random() % 4 == 0 ? 3000 : 200));
		}
		check_next(&model);
	}
}

static void test_empty(void **state)
{
	static struct wheel wheel;
	struct timer timer = {0};

	(void)state;
	wheel_init(&wheel, 7);
	assert_int_equal(wheel_next(&wheel), -1);
	wheel_drop(&timer);
	wheel_set(&wheel, &timer, 1023);
	assert_int_equal(wheel_next(&wheel), 1023);
	assert_null(wheel_turn(&wheel, 7 + 1022));
	assert_ptr_equal(wheel_turn(&wheel, 7 + 1023), &timer);
	assert_null(timer.link);
	assert_int_equal(wheel_next(&wheel), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
