# SPDX-License-Identifier: Apache-2.0
# bench.sh: what the benchmarks of a station share: results, verdicts, the table.  Source it.

rows='' objects='' missed=0
ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
div() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
worst() { printf '%s\n' "$@" | sort -n | tail -n 1; }

# result KEY TEXT VALUE UNIT RELATION TARGET RAW
result() {
	local verdict=pass
	awk -v a="$3" -v b="$6" -v rel="$5" 'BEGIN { exit !(rel == "<=" ? a <= b : a >= b) }' || verdict=MISS
	[ $verdict = pass ] || missed=$((missed + 1))
	rows+="| $2 | $3 $4 | $5 $6 $4 | $verdict | $7 |"$'\n'
	objects+="\"$1\": {\"value\": $3, \"target\": $6, \"pass\": $([ $verdict = pass ] && echo true || echo false)}, "
}

# pss_mib PARENT: proportional memory of a station's processes.
pss_mib() {
	local pid
	for pid in "$1" $(cat "/proc/$1/task/$1/children"); do
		cat "/proc/$pid/smaps_rollup" 2>/dev/null
	done | awk '$1 == "Pss:" { n += $2 } END { printf "%.1f", n / 1024 }'
}

# bench_end NAME HEADING METHOD: table on stdout, in bench/RESULTS.md when $record is yes, JSON
# when $json is yes; ends with 0 when every target was reached.
bench_end() {
	local text cpu results=$top/bench/RESULTS.md new
	cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	text="$2

\`bench/$1${said[*]:+ ${said[*]}}\` on $(date -u +%Y-%m-%d), $(nproc) cores of ${cpu:-unknown kind},
$(. /etc/os-release && echo "$PRETTY_NAME"), $(openssl version | cut -d ' ' -f 1-2).
$3

| quantity | measured | target | | raw |
|---|---|---|---|---|
$rows"
	printf '\n%s\n' "$text"
	if [ "$record" = yes ]; then
		new=$(mktemp) || exit
		TEXT=$text HEADING=$2 awk '
			/^## / { skip = ($0 == ENVIRON["HEADING"]); if (skip && !done++) print ENVIRON["TEXT"] }
			!skip { print }
			END { if (!done) print ENVIRON["TEXT"] }' "$results" >"$new" && cat "$new" >"$results"
		rm -f "$new"
	fi
	[ "$json" = no ] || printf '{%s"missed": %d}\n' "$objects" $missed
	[ $missed -eq 0 ]
	exit
}
