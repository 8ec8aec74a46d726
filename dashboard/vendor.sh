#!/usr/bin/env bash
# Fetches the libraries of the dashboard again, at the versions below, and writes
# static/library and VENDOR.md. Needs npm; nobody who builds the program does.
#
# npm checks each package against the registry's checksum; git shows whether a
# file is another than before.
set -euo pipefail
cd "$(dirname "$0")"

packages=(
	preact@11.2.0
	htm@3.1.1
	uplot@1.6.32
	@picocss/pico@2.1.1
)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --silent "${packages[@]}"
from=$work/node_modules
to=static/library
rm -rf "$to"
mkdir -p "$to"

# Comments that point to source maps, which are not served, are left out.
without_map() { sed -e 's|^//# sourceMappingURL=.*$||' -e 's|/\*# sourceMappingURL=.*\*/||' "$1"; }

without_map "$from/preact/dist/preact.mjs" >"$to/preact.js"
# A browser finds no package by its bare name: the import becomes relative.
without_map "$from/preact/hooks/dist/hooks.mjs" | sed 's|from"preact"|from"./preact.js"|' >"$to/hooks.js"
without_map "$from/htm/dist/htm.module.js" >"$to/htm.js"
# The small build of uPlot is a script with one global; as a module it exports it.
{ without_map "$from/uplot/dist/uPlot.iife.min.js"; echo "export default uPlot;"; } >"$to/uplot.js"
without_map "$from/uplot/dist/uPlot.min.css" >"$to/uplot.css"
without_map "$from/@picocss/pico/css/pico.min.css" >"$to/pico.css"
grep -q 'from"./preact.js"' "$to/hooks.js"

licence() { # licence NAME FILE: the licence of a package, as it came
	cp "$(ls "$from/$1"/LICENSE* | head -n 1)" "$to/$2.licence.txt"
}
licence preact preact
licence htm htm
licence uplot uplot
licence @picocss/pico pico

# HTM's own file says Apache-2.0; the others are MIT.
row() { # row FILE PACKAGE
	local version licence
	version=$(node -p "require('$from/$2/package.json').version")
	licence=$(node -p "require('$from/$2/package.json').license")
	printf '| `%s` | %s | %s | %s | `%s` |\n' "$1" "$2" "$version" "$licence" "$(sha256sum "$to/$1" | cut -d' ' -f1)"
}
{
	cat <<'TEXT'
# Libraries of the dashboard

They stand in `static/library` so that a program that is built with xcaddy has
them without npm. `vendor.sh` wrote them and this file; a test compares the sums.
Their licences are beside them. Changes: comments about source maps are left out;
`hooks.js` imports `./preact.js` in place of `preact`; `uplot.js` ends with an
`export` line.

| file | package | version | licence | SHA-256 of the file here |
|---|---|---|---|---|
TEXT
	row preact.js preact
	row hooks.js preact
	row htm.js htm
	row uplot.js uplot
	row uplot.css uplot
	row pico.css @picocss/pico
} >VENDOR.md
echo "wrote $to and VENDOR.md"
