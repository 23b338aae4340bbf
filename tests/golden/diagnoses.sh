#!/bin/sh
# What `boottap diagnose` says about the samples, against captures/diagnoses.txt.
# usage: diagnoses.sh BOOTTAP CAPTURES DOCS
#
# A line of that file: NAME: VERDICT RULE... [/ VERDICT RULE...]..., a part a session.
# captures/rules.txt names for each rule a sample that triggers it and one that nearly does.
set -eu

boottap=$1
captures=$2
docs=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

tell()
{
    echo "$*" >&2
    failed=1
}

# said SAMPLE: verdicts and rules in one line
said()
{
    status=0
    "$boottap" diagnose --json "$1" >"$work/json" 2>"$work/messages" || status=$?
    test "$status" -le 1 || tell "$1: exit status $status"
    grep -o '"verdict":"[^"]*"\|"rule":"[^"]*"' "$work/json" |
        sed 's/^"verdict":"\(.*\)"$/\/ \1/; s/^"rule":"\(.*\)"$/\1/' | tr '\n' ' ' |
        sed 's/^\/ //; s/ *$//; s/ \// \//g'
    case $(cat "$work/json") in
    *'"verdict":"failed"'* | *'"verdict":"cut-short"'* | '') wanted=1 ;;
    *) wanted=0 ;;
    esac
    test "$status" -eq "$wanted" || tell "$1: exit status $status, should be $wanted"
}

for sample in "$captures"/*.pcap "$captures"/*.pcapng "$captures"/*.log; do
    name=$(basename "$sample")
    echo "${name%.*}: $(said "$sample")"
done | sort >"$work/said"
grep -v '^#' "$captures/diagnoses.txt" | sort >"$work/expected"
diff "$work/expected" "$work/said" >&2 || tell 'the samples are diagnosed in another way'

# of NAME: what is expected of a sample
of()
{
    sed -n "s/^$1: /  /p" "$work/expected" | sed 's/$/ /'
}

# Every rule has samples, which trigger it and do not.
check_samples()
{
    sed "/^\(#.*\)*$/d" "$captures/rules.txt" | while read -r rule trigger near; do
        case $(of "$trigger") in
        *" $rule "*) ;;
        *) echo "rule $rule: $trigger does not trigger it" ;;
        esac
        case "$(of "$near")" in
        *" $rule "*) echo "rule $rule: $near must not trigger it" ;;
        '') echo "rule $rule: no sample $near" ;;
        esac
    done
    "$boottap" help rules | while read -r _ _ rule _; do
        grep -q "^$rule [^ ]* [^ ]*$" "$captures/rules.txt" || echo "rule $rule has no samples"
    done
}

# The table of the documentation is that of the program.
check_table()
{
    "$boottap" help rules |
        sed 's/^\([a-z]*\)  *\([a-z]*\)  *\([a-z0-9-]*\)  *\(.*\)$/| \3 | \1 | \2 | \4 |/' >"$work/rows"
    sed -n '/^| [a-z0-9-]* | \(cause\|doubt\|capture\|oddity\) |/p' "$docs/diagnose.md" |
        diff "$work/rows" - || echo 'docs/diagnose.md has other rules than the program'
}

{
    check_samples
    check_table
} >"$work/wrong"
if [ -s "$work/wrong" ]; then
    cat "$work/wrong" >&2
    failed=1
fi
exit $failed
