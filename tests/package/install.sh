#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `cmake --install` under DESTDIR and under another prefix, moved afterwards; and a program that is
# linked with what was installed, shared and static.
set -eu
. "$(dirname "$0")/lib.sh"
need cmake pkg-config readelf
build

# Shared, as of the packages: for /usr, below a DESTDIR, which is what a packager takes away.
export DESTDIR="$work/staged"
quietly cmake --install "$tree"
unset DESTDIR
mv "$work/staged/usr" "$work/moved"
[ -z "$(find "$work/staged" ! -type d)" ] || fail "something lies outside of /usr"
library=$(find "$work/moved" -name 'libmuxdiag.so.1')
readelf -d "$library" | grep -q 'SONAME.*\[libmuxdiag\.so\.1\]' || fail 'another soname'
needed=$(readelf -d "$library" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
[ "$needed" = 'libc.so.6 libcares.so.2 libjansson.so.4 libmnl.so.0 libnftnl.so.11 ' ] ||
	fail "the library needs $needed"
"$root/tests/meta/symbols.sh" "$library" || fail 'the symbols differ from the headers'
consume "$work/moved"
readelf -d "$work/consumer-build/consumer" | grep -q 'NEEDED.*libmuxdiag' ||
	fail 'not linked with the shared library'

# Where the system does not look for libraries the programs find theirs, moved as well.
quietly cmake -DCMAKE_SKIP_INSTALL_RPATH=OFF "$tree"
quietly cmake --build "$tree"
quietly cmake --install "$tree" --prefix "$work/beside"
mv "$work/beside" "$work/beside-moved"
for program in bin/muxdiag sbin/muxd; do
	env -u LD_LIBRARY_PATH "$work/beside-moved/$program" --version >/dev/null ||
		fail "$program does not start with the library beside it"
done

# The names of where it was built, or is going to be, are not in what may be moved.
found=$(grep -rlE "$work|$tree|$root" "$work/moved" || true)
[ -z "$found" ] || fail "these know where they were built: $found"

# Static, as of the tests, with another prefix than the one it was configured for.
quietly cmake --install "$MUX_BUILD" --prefix "$work/prefix"
mv "$work/prefix" "$work/elsewhere"
"$work/elsewhere/bin/muxdiag" --version | grep -q '^muxdiag ' || fail 'muxdiag does not start'
consume "$work/elsewhere"
if readelf -d "$work/consumer-build/consumer" | grep -q 'NEEDED.*libmuxdiag'; then
	fail 'linked with a shared library where there is a static one'
fi
