#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every cause of causes.def has its file, its id with hyphens in it, and a scenario that shows it:
# a folder of its name, whose expected report has the finding. In that, or in one whose name begins
# with it, it is the first one: there is a machine on which it is what is to be said. The page of
# /check names causes that there are, and explains those it names.
set -eu
cd "$(dirname "$0")/../.."
bad=0
complain()
{
	echo "$*"
	bad=1
}

# A guess why nobody listens never comes before the fact that nobody does.
never_first=' server-lost-ipv6 '

first_of()
{
	sed -nE '/"findings": \[/,$ s/^ *"id": "([a-z0-9-]+)",?$/\1/p' "$1" | head -n 1
}

# `is_first ID`: in any of its scenarios?
is_first()
{
	for report in tests/scenarios/"$1"/expect.json tests/scenarios/"$1"-*/expect.json; do
		[ -f "$report" ] && [ "$(first_of "$report")" = "$1" ] && return
	done
	return 1
}

causes=$(sed -nE 's/^CAUSE\(([a-z0-9_]+)\).*/\1/p' diag/causes/causes.def)
[ -n "$causes" ] || complain 'no cause in diag/causes/causes.def'
for cause in $causes; do
	id=$(printf '%s' "$cause" | tr _ -)
	file=diag/causes/$cause.c
	scenario=tests/scenarios/$id
	if [ ! -f "$file" ]; then
		complain "$file is missing"
	elif ! grep -qE "\.id = \"$id\"" "$file"; then
		complain "$file does not have the id \"$id\""
	fi
	for part in make bundle expect.txt expect.json expect.status; do
		[ -e "$scenario/$part" ] || complain "$scenario/$part is missing"
	done
	if [ -f "$scenario/expect.json" ] &&
		! grep -qE "\"id\": *\"$id\"" "$scenario/expect.json"; then
		complain "$scenario does not show $id"
	fi
	case $never_first in
	*" $id "*) ;;
	*) is_first "$id" || complain "$id comes first in none of its scenarios" ;;
	esac
done

ids=$(printf '%s\n' "$causes" | tr _ -)
explained=$(sed -nE 's/.* data-cause="([a-z0-9-]+)".*/\1/p' server/check.html | sort)
named=$(grep -oE '\[("[a-z0-9-]+"(, )?)+\]' server/check.html | grep -oE '[a-z0-9-]+' | sort -u)
[ "$explained" = "$named" ] ||
	complain "server/check.html explains what it does not name, or the other way round"
for id in $explained $(sed -nE 's/.*<code>([a-z0-9]+-[a-z0-9-]+)<.*/\1/p' server/check.html); do
	printf '%s\n' "$ids" | grep -qxF "$id" || complain "server/check.html: no cause $id"
done
exit "$bad"
