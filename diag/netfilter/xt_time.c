/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_time.c: the time of day. What the hour decides is not said; rules that hold at any hour are.
 */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_time.h>

#include "netfilter/xt.h"

enum { LAST_SECOND = 24 * 60 * 60 - 1 };

static bool is_always(const struct xt_time_info *info)
{
	return info->date_start == 0 && info->date_stop >= INT32_MAX && info->daytime_start == 0 &&
	       info->daytime_stop == LAST_SECOND &&
	       (info->monthdays_match & XT_TIME_ALL_MONTHDAYS) == XT_TIME_ALL_MONTHDAYS &&
	       (info->weekdays_match & XT_TIME_ALL_WEEKDAYS) == XT_TIME_ALL_WEEKDAYS;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_time_info info;

	nf_xt_info(use, &info);
	return is_always(&info) ? NF_STEP_NEXT : nf_doubt(machine, "the time of day");
}

static void print_daytime(struct nf_printer *printer, const char *option, unsigned seconds)
{
	str_addf(&printer->text, " --%s %02u:%02u:%02u", option, seconds / 3600, seconds / 60 % 60,
		 seconds % 60);
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_time_info info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m time");
	print_daytime(printer, "timestart", info.daytime_start);
	print_daytime(printer, "timestop", info.daytime_stop);
	if (!is_always(&info))
		str_add(&printer->text, " [...]");
	return true;
}

const struct nf_xt nf_xt_time[] = {
	{
		.name = "time",
		.size = {sizeof(struct xt_time_info)},
		.run = run,
		.print = print,
	},
	{.name = NULL},
};
