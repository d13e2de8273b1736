#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every format that the unpacker reads: the same sentence goes in, and must come out under the
# right path.  Usage: formats.sh LIST PACK HELPERS [DRAW]
set -u
list=$1 pack=$2 helpers=$3 drawer=${4:-}
# The drawing library leaves its fonts behind; that is no leak of ours.
draw() { ASAN_OPTIONS=detect_leaks=0 "$drawer" "$@"; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
passed=0 failed=0 skipped=0

sentence='The ambassador reported that the talks in Lisbon had failed again.'

# look FILE PATH [KEY=VALUE...]: the sentence is in a member of this path.
look() {
	file=$1 path=$2
	shift 2
	"$list" helpers="$helpers" "$@" "$file" >out.txt 2>err.txt
	if awk -v path="M $path (" -v want="$sentence" '
		/^M / { inside = index($0, path) == 1; text = "" }
		/^T / && inside { sub(/^T [0-9]+ [0-9]+ -?[0-9]+ [0-9]+: /, "")
			text = text $0; gsub(/\302\240/, " ", text); gsub(/[ \t]+/, " ", text)
			if (index(text, want)) found = 1 }
		END { exit !found }' out.txt; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $file: not found in $path"
		head -20 out.txt err.txt
	fi
}

# said FILE LINE [KEY=VALUE...]: the list has this line.
said() {
	file=$1 line=$2
	shift 2
	"$list" helpers="$helpers" --quiet "$@" "$file" >out.txt 2>err.txt
	if grep -qxF -- "$line" out.txt; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $file: no line '$line'"
		head -20 out.txt err.txt
	fi
}

utf16() { sed 's/./&\n/g' | while IFS= read -r c; do
	[ -n "$c" ] && { [ "$1" = le ] && printf '%s\000' "$c" || printf '\000%s' "$c"; }
	done; }

# Encodings
printf '%s\n' "$sentence" >plain.txt
look plain.txt plain.txt
{ printf '\377\376'; utf16 le <plain.txt; } >le.txt
look le.txt le.txt
{ printf '\376\377'; utf16 be <plain.txt; } >be.txt
look be.txt be.txt
utf16 le <plain.txt >nomark.txt
look nomark.txt nomark.txt
utf16 be <plain.txt >nomark-be.txt
look nomark-be.txt nomark-be.txt
{ printf '\357\273\277'; cat plain.txt; } >mark8.txt
look mark8.txt mark8.txt

# Base64 and quoted-printable inside text
{ echo 'Attached:'; for i in 1 2 3; do cat plain.txt; done | base64; echo 'Regards.'; } >b64.txt
look b64.txt b64.txt
printf 'caf=C3=A9 a=\nb c=3D=\nd =E9\nThe ambass=\nador reported that the t=\nalks in Lisbon had failed again.\n' >qp.txt
look qp.txt qp.txt

# Text inside quotes
printf '{"id": 1, "body": "caf\\u00e9\\nThe ambassador\\nreported that\\nthe talks in Lisbon\\nhad failed again."}\n' >dump.json
look dump.json dump.json

# Containers
for f in zip 7z iso cpio tar tgz tbz2 txz tzst rar; do
	"$pack" $f a.$f note.txt=plain.txt || echo "cannot pack $f"
	look a.$f "a.$f!note.txt"
done
for f in gz bz2 xz zst; do
	"$pack" $f plain.txt.$f x=plain.txt
	look plain.txt.$f "plain.txt.$f!plain.txt"
done
"$pack" zip inner.zip papers/note.txt=plain.txt
"$pack" zip outer.zip inner.zip=inner.zip
look outer.zip 'outer.zip!inner.zip!papers/note.txt'
"$pack" tgz mixed.tgz deep/outer.zip=outer.zip
look mixed.tgz 'mixed.tgz!deep/outer.zip!inner.zip!papers/note.txt'
cat a.7z >tail.bin && { head -c 3000 /dev/urandom; cat inner.zip; } >sfx.bin
look sfx.bin 'sfx.bin!papers/note.txt'
"$pack" -p secret zip locked.zip note.txt=plain.txt
said locked.zip 'S locked.zip!note.txt: encrypted ()'

# Mail
cat >plain.eml <<MAIL
From: =?iso-8859-1?Q?Andr=E9?= <a@example.org>
To: b@example.org
Subject: =?utf-8?B?$(printf '%s' "$sentence" | base64 -w0)?=
Date: Mon, 1 Jan 2024 00:00:00 +0000
MIME-Version: 1.0

Nothing here.
MAIL
look plain.eml plain.eml
cat >parts.eml <<MAIL
From: a@example.org
To: b@example.org
Subject: parts
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="cut"

--cut
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

$(base64 plain.txt)
--cut
Content-Type: application/zip
Content-Disposition: attachment; filename="outer.zip"
Content-Transfer-Encoding: base64

$(base64 outer.zip)
--cut
Content-Type: text/plain; name="qp.txt"
Content-Disposition: attachment; filename="qp.txt"
Content-Transfer-Encoding: quoted-printable

The ambass=
ador reported that the talks in Lisbon=20had failed again.
--cut--
MAIL
look parts.eml parts.eml
look parts.eml 'parts.eml!outer.zip!inner.zip!papers/note.txt'
look parts.eml 'parts.eml!qp.txt'
{ for i in 1 2 3; do echo "From a@example.org Mon Jan  1 00:00:00 2024"
	echo "From: a@example.org"; echo "Date: Mon, 1 Jan 2024 00:00:00 +0000"; echo "Subject: $i"; echo; echo "message $i"; echo; done
	echo "From a@example.org Mon Jan  1 00:00:00 2024"; cat parts.eml; echo; } >spool.mbox
look spool.mbox spool.mbox
look spool.mbox 'spool.mbox!4/outer.zip!inner.zip!papers/note.txt'

# Pages and rich text
echo "<html><body><script>no</script><p>The am<b>bass</b>ador&nbsp;reported that the talks in <i>Lisbon</i> had failed again.</p></body></html>" >page.html
look page.html page.html
printf '{\\rtf1\\ansi{\\fonttbl{\\f0 Times;}}\\f0 The am{\\b bass}ador reported that the talks in Lisbon had failed again.\\par}' >note.rtf
look note.rtf note.rtf

# Office documents
types='<?xml version="1.0"?><Types/>'
printf '%s' "$types" >types.xml
cat >document.xml <<XML
<?xml version="1.0"?><w:document xmlns:w="w"><w:body><w:p><w:r><w:t>The ambass</w:t></w:r><w:r><w:t>ador reported that </w:t></w:r><w:del><w:r><w:delText>not </w:delText></w:r></w:del><w:r><w:t>the talks in Lisbon had failed again.</w:t></w:r></w:p></w:body></w:document>
XML
echo "<w:hdr xmlns:w='w'><w:p><w:t>$sentence</w:t></w:p></w:hdr>" >part.xml
echo "<w:d xmlns:w='w'/>" >none.xml
"$pack" zip a.docx '[Content_Types].xml=types.xml' word/document.xml=document.xml
look a.docx a.docx
for p in word/header1.xml word/footer2.xml word/comments.xml word/footnotes.xml customXml/item1.xml docProps/core.xml; do
	"$pack" zip p.docx '[Content_Types].xml=types.xml' word/document.xml=none.xml $p=part.xml
	look p.docx p.docx
done
echo "<sst><si><r><t>The ambassador </t></r><r><t>reported that the talks in Lisbon had failed again.</t></r></si></sst>" >strings.xml
"$pack" zip a.xlsx '[Content_Types].xml=types.xml' xl/sharedStrings.xml=strings.xml
look a.xlsx a.xlsx
echo "<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:r><a:t>$sentence</a:t></a:r></a:p></p:sld>" >slide.xml
"$pack" zip a.pptx '[Content_Types].xml=types.xml' ppt/slides/slide1.xml=slide.xml
look a.pptx a.pptx
printf 'application/vnd.oasis.opendocument.text' >mimetype
echo "<o xmlns:text='t'><text:p>The ambass<text:span>ador</text:span> reported that the talks in Lisbon had failed again.</text:p></o>" >content.xml
"$pack" zip a.odt mimetype=mimetype content.xml=content.xml '[Content_Types].xml=types.xml'
look a.odt a.odt
"$pack" zip a.ods mimetype=mimetype content.xml=none.xml styles.xml=content.xml '[Content_Types].xml=types.xml'
look a.ods a.ods
"$pack" zip e.docx '[Content_Types].xml=types.xml' word/document.xml=none.xml word/embeddings/x.zip=inner.zip
look e.docx 'e.docx!word/embeddings/x.zip!papers/note.txt'
printf '<manifest><encryption-data/></manifest>' >manifest.xml
"$pack" zip l.odt mimetype=mimetype content.xml=types.xml META-INF/manifest.xml=manifest.xml '[Content_Types].xml=types.xml'
said l.odt 'S l.odt: encrypted ()'

# What nothing recognises
{ head -c 5000 /dev/zero; printf '\001\002'; cat plain.txt; printf '\000\001'; head -c 300 /dev/zero; } >image.raw
look image.raw image.raw
{ printf '\320\317\021\340\241\261\032\341'; head -c 600 /dev/zero; utf16 le <plain.txt; head -c 99 /dev/zero; } >old.doc
look old.doc old.doc

# PDF and pictures
if [ -n "$drawer" ] && [ -x "$helpers/valise-unpack-pdf" ]; then
	draw pdf a.pdf "$sentence"
	look a.pdf a.pdf
	"$pack" zip pdf.zip papers/a.pdf=a.pdf
	look pdf.zip 'pdf.zip!papers/a.pdf'
	printf 'From: a@b\nTo: c@d\nSubject: x\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nMIME-Version: 1.0\nContent-Type: application/zip; name="p.zip"\nContent-Disposition: attachment; filename="p.zip"\nContent-Transfer-Encoding: base64\n\n%s\n' "$(base64 pdf.zip)" >pdf.eml
	look pdf.eml 'pdf.eml!p.zip!papers/a.pdf'
	# An attachment, a comment, text that is drawn invisibly.
	invisible="BT 3 Tr /F 9 Tf 9 9 Td ($sentence) Tj ET"
	cat >att.pdf <<PDF
%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(n.txt) 6 0 R]>>>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R 9 0 R]/Count 2>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length ${#invisible}>>stream
$invisible
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
6 0 obj<</Type/Filespec/F(n.txt)/UF(n.txt)/EF<</F 7 0 R>>>>endobj
7 0 obj<</Type/EmbeddedFile/Length $((${#sentence} + 1))>>stream
$sentence
endstream endobj
8 0 obj<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents($sentence)>>endobj
9 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Annots[8 0 R]>>endobj
trailer<</Root 1 0 R>>
PDF
	look att.pdf att.pdf
	look att.pdf 'att.pdf!n.txt'
	grep -q "^T [01] 1 -1 0: .*$sentence" out.txt && grep -q "^T [45] 2 -1 0: $sentence" out.txt &&
		passed=$((passed + 1)) || { failed=$((failed + 1)); echo 'FAIL: att.pdf: invisible text or comment'; cat out.txt; }
	sed 's|^trailer.*|10 0 obj<</Filter/Standard/V 1/R 2/O(0123456789abcdef0123456789abcdef)/U(0123456789abcdef0123456789abcdef)/P -4>>endobj\ntrailer<</Root 1 0 R/Encrypt 10 0 R/ID[<00><00>]>>|' att.pdf >locked.pdf
	said locked.pdf 'S locked.pdf: encrypted ()'
else
	skipped=$((skipped + 7))
	echo 'SKIP: no PDF helper in this build'
fi
if [ -n "$drawer" ] && [ -x "$helpers/valise-unpack-ocr" ]; then
	draw png a.png "$sentence"
	look a.png a.png
	"$pack" zip png.zip scan/a.png=a.png
	look png.zip 'png.zip!scan/a.png'
	{ printf '{\\rtf1 before {\\pict\\pngblip\\picw9 '; od -An -v -tx1 a.png | tr -d ' '; printf '} after}'; } >pict.rtf
	at=$("$list" helpers="$helpers" --quiet pict.rtf | sed -n 's/^M pict.rtf!\(picture@[0-9]*\).*/\1/p')
	look pict.rtf "pict.rtf!$at"
	said a.png 'S a.png: no-ocr (no character recognition)' ocr=0
	if [ -x "$helpers/valise-unpack-pdf" ]; then
		draw scan s.pdf "$sentence"
		look s.pdf s.pdf
		said s.pdf 'S s.pdf: no-ocr (pages that are pictures)' ocr=0
	fi
else
	skipped=$((skipped + 6))
	echo 'SKIP: no character recognition in this build'
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
