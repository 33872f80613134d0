#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts a hosts file of a million lines over /etc/hosts in a mount namespace of its own and lets
# hosts_parse compare itself with getent there. usage: hosts_parse.sh PROGRAM
# Exit status: 0 within the limit, 1 beyond it, 77 when no namespace can be had.
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Both families are there, so that getent needs one pass over the file only: the harder case.
awk 'BEGIN {
	print "127.0.0.1 localhost"
	print "::1 localhost"
	for (i = 0; i < 1000000; i++)
		printf "0.0.0.0 ads%d.example%d.com\n", i, i % 97
}' >"$folder/hosts"

if [ "$(id -u)" -eq 0 ]; then
	namespace="unshare -m"
else
	namespace="unshare -rm"
fi
# shellcheck disable=SC2086
if ! $namespace mount --bind "$folder/hosts" /etc/hosts 2>/dev/null; then
	echo "hosts_parse: skipped, no mount namespace"
	exit 77
fi
# shellcheck disable=SC2086
$namespace sh -c 'mount --bind "$1" /etc/hosts && exec "$2"' sh "$folder/hosts" "$program"
