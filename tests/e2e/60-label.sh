#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Labels as people meet them: shown, joined, and refused with a sentence.
. "$(dirname "$0")/lib.sh"

begin "a label in three languages"
must valise label show 'secreto divulgável a pt, fr'
for words in 'CONCORD:SECRET REL TO FR, PT' 'SECRETO DIVULGÁVEL A' 'COMMUNICABLE À' '#C62828'; do
	must_say "$words"
done
must valise label show --json 'tlp:white'
jq -e '.label == "TLP:CLEAR" and .markings.pt == "TLP:CLEAR" and .categories == []' >/dev/null <<<"$out" ||
	complain "$out"

begin "allowed, and refused with rule and remedy"
must valise label check 'SECRET REL TO FR, PT' --clearance 'SECRET REL TO PT'
must_say '^allowed$'
must_fail 4 'SECRET.*; ask the security officer' valise label check SECRET --clearance RESTRICTED
must_fail 4 'LANTERN.*; ask' valise label check 'SECRET LANTERN' --clearance 'SECRET HARBOUR'
must_fail 4 'FR, PT only.*; ask the originator' valise label check 'SECRET REL TO FR, PT' --clearance SECRET
must_fail 4 'class RESTRICTED' valise label check RESTRICTED --clearance 'ONLY SECRET'
must_fail 4 'policy TLP' valise label check TLP:CLEAR --clearance 'TOP SECRET'
must_fail 4 'originator' valise label check 'SECRET REL TO ORIGINATOR ONLY' --clearance 'TOP SECRET REL TO PT'
must_fail 4 '' valise label check --json SECRET --clearance RESTRICTED
jq -e '.allowed == false and .rule == "class" and (.sentence | test("SECRET"))' >/dev/null <<<"$out" ||
	complain "$out"

begin "a whole is what its parts are together"
must valise label join 'SECRET REL TO FR, PT' 'RESTRICTED REL TO CY, FR' 'CONFIDENTIAL LANTERN'
must_say 'CONCORD:SECRET LANTERN REL TO FR$'
must valise label join 'SECRET REL TO PT' 'SECRET REL TO FR'
must_say 'ORIGINATOR ONLY'
must_fail 4 'another policy' valise label join SECRET TLP:RED

begin "policies"
must valise policy list
for words in CONCORD TLP BUSINESS 'AMBER\+STRICT'; do must_say "$words"; done
must valise policy show alliance
for words in LANTERN 'TRÈS SECRET' 'from CONFIDENTIAL up'; do must_say "$words"; done
must valise policy list --json
jq -e 'length == 3 and .[0].policy == "CONCORD" and (.[0].classes | length == 5)' >/dev/null <<<"$out" ||
	complain "$out"
must valise policy show --json tlp
jq -e '.tags == [] and (.classes | length == 5)' >/dev/null <<<"$out" || complain "$out"

begin "colour on a terminal only"
must valise label show SECRET
! grep -q $'\033' <<<"$out" || complain "colour in a pipe"
must env -u NO_COLOR TERM=xterm script -qec 'valise label show SECRET' /dev/null
grep -q $'48;2;198;40;40m *CONCORD SECRET' <<<"$out" || complain "no colour on a terminal: $out"
must env NO_COLOR=1 TERM=xterm script -qec 'valise label show SECRET' /dev/null
! grep -q $'48;2' <<<"$out" || complain "colour under NO_COLOR"
end_of_tests
