# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced by the tests beside: MUX_BUILD is the build folder they belong to.

root=$(cd "$(dirname "$0")/../.." && pwd)
tree=${MUX_BUILD:?the build folder}/package
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail()
{
	echo "FAILED: $*"
	exit 1
}

need()
{
	for program; do
		command -v "$program" >/dev/null || {
			echo "SKIPPED: there is no $program"
			exit 77
		}
	done
}

quietly()
{
	"$@" >"$work/output" 2>&1 || {
		cat "$work/output"
		fail "$*"
	}
}

# Builds what would be packed, which is another build than that of the tests: as the preset says.
build()
{
	launcher=$(sed -n 's/^CMAKE_C_COMPILER_LAUNCHER:[A-Z]*=//p' "$MUX_BUILD/CMakeCache.txt")
	(cd "$root" && quietly cmake --preset package -B "$tree" \
		-DCMAKE_C_COMPILER_LAUNCHER="$launcher")
	quietly cmake --build "$tree" --parallel "$(nproc)"
}

# Compiles the program beside with what lies below the prefix $1, with pkg-config and with CMake.
consume()
{
	libdir=$(dirname "$(find "$1" -name 'libmuxdiag.pc')")/..
	bundle=$root/tests/scenarios/hosts-localhost-missing/bundle
	export PKG_CONFIG_PATH="$libdir/pkgconfig" LD_LIBRARY_PATH="$libdir"

	# Word splitting is wanted.
	# shellcheck disable=SC2046
	quietly cc -Wall -Werror -o "$work/consumer" "$root/tests/package/consumer/main.c" \
		$(pkg-config --cflags --libs libmuxdiag)
	"$work/consumer" "$bundle" | grep -q "localhost" || fail "linked with pkg-config below $1"

	rm -rf "$work/consumer-build"
	quietly cmake -S "$root/tests/package/consumer" -B "$work/consumer-build" \
		-DCMAKE_PREFIX_PATH="$1"
	quietly cmake --build "$work/consumer-build"
	"$work/consumer-build/consumer" "$bundle" | grep -q "localhost" ||
		fail "linked with CMake below $1"
}
