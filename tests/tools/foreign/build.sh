#!/bin/sh
# Builds log_check from Debian's packages: './build.sh FILE' writes the program to FILE.
#
# Needs 'apt-get install gccgo golang-golang-x-mod-dev'. With Go's own toolchain instead of gccgo:
#   GO111MODULE=off GOPATH=/usr/share/gocode go build -o FILE log_check.go
set -eu

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "give the name of the program to write"
sources=/usr/share/gocode/src/golang.org/x/mod/sumdb
command -v gccgo >/dev/null || fail "gccgo is missing: apt-get install gccgo"
[ -d "$sources" ] ||
    fail "the client of Go's checksum database is missing: apt-get install golang-golang-x-mod-dev"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
packages=$scratch/golang.org/x/mod/sumdb
mkdir -p "$packages"

# package NAME FILE…: compiles one package of the library.
package() {
    name=$1
    shift
    gccgo -O1 -c "-fgo-pkgpath=golang.org/x/mod/sumdb/$name" -o "$packages/$name.o" "$@"
}

package note "$sources/note/note.go"
package tlog "$sources/tlog/note.go" "$sources/tlog/tile.go" "$sources/tlog/tlog.go"
gccgo -O1 -static-libgo -I "$scratch" -o "$1" "$(dirname "$0")/log_check.go" \
    "$packages/note.o" "$packages/tlog.o"
