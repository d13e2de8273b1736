#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What hostile files do, and what must come of it: bounded in time and memory, listed, never
# silent.  Usage: hostile.sh LIST PACK HELPERS
set -u
list=$1 pack=$2 helpers=$3
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
passed=0 failed=0 skipped=0

sentence='The ambassador reported that the talks in Lisbon had failed again.'
printf '%s\n' "$sentence" >plain.txt

pass() { passed=$((passed + 1)); }
fail() {
	failed=$((failed + 1))
	echo "FAIL: $1"
	head -12 out.txt err.txt
}

# run SECONDS FILE [KEY=VALUE...]: the list ends in time, well.
run() {
	limit=$1 file=$2
	shift 2
	timeout "$limit" "$list" helpers="$helpers" "$@" "$file" >out.txt 2>err.txt
	status=$?
	if [ $status -ne 0 ]; then fail "$file: status $status"; return 1; fi
	tail -1 out.txt | grep -q '^= ' || { fail "$file: no total"; return 1; }
}
# said LINE-PATTERN: the last list has such a line.
said() { if grep -qE -- "$1" out.txt; then pass; else fail "$file: no line like $1"; fi; }
silent() { if grep -qE -- "$1" out.txt; then fail "$file: a line like $1"; else pass; fi; }

# A zip bomb: 200 MB of zeros in 200 KB, and the same nested.
head -c 60000000 /dev/zero >zeros
"$pack" zip bomb.zip a=zeros b=zeros c=zeros d=zeros
run 30 bomb.zip --quiet && said '^(E|S bomb.zip.*:) limit'
"$pack" zip twice.zip bomb.zip=bomb.zip
run 30 twice.zip --quiet && said 'limit'
run 30 bomb.zip --quiet unpacked=1000000 && said 'limit'

# An endless gz: it unfolds for ever as long as we read (a pipe, so without a size).
(head -c 300000000 /dev/zero | gzip -1) >endless.gz 2>/dev/null
run 30 endless.gz --quiet && said 'limit'
file=pipe
cat endless.gz | timeout 30 "$list" helpers="$helpers" --quiet - >out.txt 2>err.txt
said 'limit'

# Deep nesting: level 20 of 16; everything above is still read.
cp plain.txt level
for i in $(seq 20); do "$pack" zip next inner.zip=level note.txt=plain.txt && mv next level; done
mv level deep.zip
run 30 deep.zip && said '^S deep.zip!(inner.zip!?)*: limit \(nested too deep\)' && said "^T .*$sentence"
run 30 deep.zip depth=3 && said '^S deep.zip!inner.zip!inner.zip!inner.zip!inner.zip: limit|^S deep.zip!inner.zip!inner.zip!inner.zip!note.txt: limit'

# 100,000 members: all of them; over the limit: said.
"$pack" tgz many.tgz @100000=plain.txt
run 60 many.tgz --quiet && said '^= 100000 0 '
run 60 many.tgz --quiet members=1000 && said '^S many.tgz: limit'

# Path tricks are names, spelt so that they harm nobody.
"$pack" tar tricks.tar ../../etc/passwd=plain.txt /etc/shadow=plain.txt "$(printf 'a\033[2Jb')"=plain.txt 'x!y'=plain.txt "$(printf 'caf\351')"=plain.txt 2>/dev/null
run 30 tricks.tar && said '^M tricks.tar!\.\./\.\./etc/passwd ' && said '^M tricks.tar!a%1B\[2Jb ' && said '^M tricks.tar!x%21y ' && said '^M tricks.tar!caf%E9 '
[ ! -e ../../etc/passwd-valise ] && pass

# Damage: cut, flipped, and garbage behind a good beginning.
"$pack" zip good.zip one.txt=plain.txt two.txt=plain.txt
size=$(wc -c <good.zip)
head -c $((size - 40)) good.zip >cut.zip
run 30 cut.zip && said "(damaged|$sentence)"
{ printf 'PK\003\004'; head -c 3000 /dev/urandom; } >junk.zip
run 30 junk.zip --quiet && said '^S junk.zip.*: damaged'
gzip -c plain.txt | head -c 40 >cut.gz
run 30 cut.gz --quiet && said 'damaged'
printf '{\\rtf1 an open group' >open.rtf
run 30 open.rtf && said '^E damaged' && said 'an open group'
printf '%%PDF-1.7\n garbage' >bad.pdf
if [ -x "$helpers/valise-unpack-pdf" ]; then
	run 30 bad.pdf --quiet && said '^S bad.pdf: damaged'
	# A page tree that bites its tail, and a page of 300 km with a picture all over it.
	cat >loop.pdf <<'PDF'
%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R 2 0 R]/Count 100000000/Parent 2 0 R>>endobj
trailer<</Root 1 0 R>>
PDF
	run 60 loop.pdf --quiet cpu=5 && said '^S loop.pdf: (limit|damaged)'
	cat >huge.pdf <<'PDF'
%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 900000000 900000000]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>endobj
4 0 obj<</Length 37>>stream
900000000 0 0 900000000 0 0 cm /I Do 
endstream endobj
5 0 obj<</Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceGray/BitsPerComponent 8/Length 5>>stream
abcde
endstream endobj
trailer<</Root 1 0 R>>
PDF
	run 90 huge.pdf --quiet cpu=5 && said '^S huge.pdf: (limit|damaged|no-ocr)'
fi
printf '\211PNG\r\n\032\n garbage' >bad.png
if [ -x "$helpers/valise-unpack-ocr" ]; then
	run 30 bad.png --quiet && said '^E damaged'
	# A picture of 60,000 x 60,000 by its header.
	printf '\211PNG\r\n\032\n\000\000\000\015IHDR\000\000\352\140\000\000\352\140\010\000\000\000\000\000\000\000\000' >bomb.png
	run 30 bomb.png --quiet && said '^E (limit|damaged)'
	{ printf 'P5\n60000 60000\n255\n'; head -c 1000 /dev/zero; } >bomb.pgm
	run 30 bomb.pgm --quiet && said '^E (limit|damaged)'
else
	skipped=$((skipped + 3))
fi
printf 'PK\005\006%018d' 0 | tr 0 '\000' >empty.zip
run 30 empty.zip --quiet && said '^= '
: >nothing
run 30 nothing --quiet && said '^= '

# Entities that unfold, elements that nest.
printf '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>' >bomb.xml
"$pack" zip bomb.docx '[Content_Types].xml=plain.txt' word/document.xml=bomb.xml
run 30 bomb.docx --quiet && said '^E damaged'
awk 'BEGIN { for (i = 0; i < 200000; i++) printf "<a>" }' >nest.xml
"$pack" zip nest.docx '[Content_Types].xml=plain.txt' word/document.xml=nest.xml
run 30 nest.docx --quiet && said '^E limit'

# Mail that nests: multiparts in multiparts, messages in messages.
{ printf 'From: a@b\nTo: b@c\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nMIME-Version: 1.0\n'
	for i in $(seq 3000); do printf 'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' "$i" "$i"; done; } >nest.eml
run 60 nest.eml --quiet && said '^= '

# An endless line, invalid encodings, nothing but zeros, a sparse giant.
tr '\n' ' ' </dev/zero | head -c 40000000 | tr '\000' 'x' >line.txt
run 30 line.txt --quiet && said '^E complete'
head -c 3000000 /dev/urandom >noise
run 30 noise --quiet && said '^M noise \(raw\)'
run 30 zeros --quiet && said '^= 1 0 0 '
if truncate -s 500G sparse 2>/dev/null; then
	printf '%s\n' "$sentence" | dd of=sparse bs=1 seek=250000000000 conv=notrunc 2>/dev/null
	run 10 sparse && said "$sentence" && said '^T [0-9]+ 0 250000000000 '
else
	skipped=$((skipped + 2))
	echo 'SKIP: no sparse files of 500 GB here'
fi

# A file that changes while it is read: once the first text is heard, the reader stands in a full
# pipe until we go on.
head -c 60000000 /dev/urandom | od -An -tx1 >grow.txt
mkfifo heard
# changed COMMAND: run it when the reader has begun.
changed() {
	timeout 60 "$list" helpers="$helpers" grow.txt >heard 2>err.txt &
	exec 4<heard
	read -r _ <&4
	"$@"
	cat <&4 >out.txt
	exec 4<&-
	wait $!
	file=grow.txt
	said '^S grow.txt: changed'
}
append() { echo 'one line more' >>grow.txt; }
truncate_it() { : >grow.txt; }
changed append
changed truncate_it

# Time and memory: one second of work for what takes more; little memory for what needs much.
head -c 400000000 /dev/urandom >slow
run 60 slow --quiet cpu=1 wall=60 && said '^(E|S slow:) (limit|complete)'
rm -f slow
"$pack" zip outer.zip big.zip=bomb.zip
run 30 outer.zip --quiet memory=1000000 && said 'limit|damaged'

# Base64 without end, and base64 in base64 in base64.
cp plain.txt layer
for i in $(seq 12); do base64 layer >next && mv next layer; done
run 30 layer && said "$sentence"
base64 zeros >zeros.b64
run 30 zeros.b64 --quiet && said '^= '

# An unpacker that is killed from outside: the input is reported, the next one is read.
: >out.txt
mkfifo pipe
"$list" helpers="$helpers" --quiet pipe plain.txt >out.txt 2>err.txt &
reader=$!
exec 3>pipe
printf 'some text\n' >&3
# kill_reader: the child of the list that holds the pipe open, once there is one.
kill_reader() {
	for child in $(pgrep -P $reader); do
		for fd in /proc/"$child"/fd/*; do
			[ "$(readlink "$fd")" = "$dir/pipe" ] && kill -9 "$child" && return 0
		done
	done
	return 1
}
for _ in $(seq 100); do
	kill_reader && break
	sleep 0.1
done
wait $reader
exec 3>&-
file=pipe
said '^S pipe: (limit|damaged)' && said '^M plain.txt '

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
