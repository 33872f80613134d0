# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What there is to complete the program says itself, in its help: nothing here has to follow it.

# The line of an option in the help of a command, from its argument on.
_muxdiag_argument()
{
	"$1" "$2" --help 2>/dev/null | sed -nE "s/^ +(-., )?$3 ?//p"
}

_muxdiag()
{
	local program=${1/#\~/$HOME} current=$2 option=$3 command=${COMP_WORDS[1]} words=

	# --format=json comes as three words.
	if [[ $current == = ]]; then
		current=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		words=$("$program" --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p')
		words+=' --help --version'
	elif [[ $option == --* ]]; then
		words=$(_muxdiag_argument "$program" "$command" "$option")
		words=${words%% *}
	fi
	case $words in
	DIR)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return
		;;
	NAME)
		words=$("$program" check --client '?' 2>&1 | sed 's/.*it knows//; s/,//g')
		;;
	*'|'*) words=${words//|/ } ;;
	[A-Z]*) return ;;
	esac
	if [[ -z $words && $current == -* ]]; then
		words=$("$program" "$command" --help 2>/dev/null |
			sed -nE 's/^ +(-., )?(--[a-z-]+).*/\2/p')
	elif [[ -z $words && $command == summarize ]]; then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
	elif [[ -z $words && $command == explain ]]; then
		words=$("$program" explain 2>/dev/null | sed 's/ .*//')
	elif [[ -z $words ]]; then
		words="localhost $HOSTNAME"
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _muxdiag muxdiag
