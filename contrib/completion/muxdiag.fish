# SPDX-License-Identifier: GPL-2.0-or-later
# What there is to complete the program says itself, in its help: nothing here has to follow it.

# The argument that an option of a command takes, as the help has it.
function __muxdiag_argument
    muxdiag $argv[1] --help 2>/dev/null |
        string replace -rf -- "^ +(?:-., )?$argv[2] ([^ ]+) .*" '$1'
end

function __muxdiag_candidates
    set -l words (commandline -opc)
    if test (count $words) = 1
        muxdiag --help | string replace -rf '^  ([a-z]+) +(.*)' '$1\t$2'
        printf '%s\n' --help --version
        return
    end
    set -l option $words[-1]
    set -l prefix
    set -l current (commandline -ct)
    if string match -q -- '--*=*' $current
        set option (string replace -r '=.*' '' -- $current)
        set prefix $option=
    end
    if string match -q -- '--*' $option
        set -l argument (__muxdiag_argument $words[2] $option)
        switch "$argument"
            case DIR
                for directory in (__fish_complete_directories (string replace -- "$prefix" '' $current))
                    echo "$prefix$directory"
                end
                return
            case NAME
                muxdiag check --client '?' 2>&1 | string replace -r '.*it knows ' '' |
                    string split ', ' | string replace -r -- '^' "$prefix"
                return
            case '*|*' ok
                string split '|' $argument | string replace -r -- '^' "$prefix"
                return
            case '?*'
                return
        end
    end
    muxdiag $words[2] --help 2>/dev/null |
        string replace -rf '^ +(?:-., )?(--[a-z-]+)(?: [^ ]+)? +(.*)' '$1\t$2'
    if test $words[2] = explain
        muxdiag explain | string replace -rf '^([^ ]+) +(.*)' '$1\t$2'
    else if test $words[2] = summarize
        __fish_complete_path $current
    else
        printf '%s\n' localhost (hostname)
    end
end

complete -c muxdiag -f -a '(__muxdiag_candidates)'
