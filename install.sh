#!/bin/sh
# Builds Ostoja on Debian 12 and runs it or its checks: './install.sh help' lists the verbs.
#
# It installs what is missing with apt-get, never touches what is there, and may be run again at any
# time. It does not install Ostoja as a service: systemd/README.md says how that is done.
set -eu

cd "$(dirname "$0")"

RUST_MIN=1.95
RUSTUP_VERSION=1.29.0
DEMO_DIR=${OSTOJA_DIR:-./demo-data}
DEMO_PORT=${OSTOJA_PORT:-8080}
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}
# Programs that only the checks need and that are taken out of a package or chosen among several.
TOOLS=$CACHE/ostoja-tools
apt_is_fresh=no

usage() {
    cat <<EOF
Usage: ./install.sh VERB

  demo   build the program and serve the made-up commune "Gmina Modrzewie" on this machine;
         prints the address and the codes to get in; Ctrl-C stops it, the data stays in $DEMO_DIR
  test   run every check: formatting, lints, dependencies, the format's tools, tests, 30 seconds of
         fuzzing for each reader
  fuzz SECONDS
         look for so long, for each reader of bytes, for an input that breaks it
  docs   make the documentation of the code, and refuse what is wrong with it
  help   show this

Settings, as environment variables:
  OSTOJA_FAST=1     demo: build quickly, without optimisation
  OSTOJA_DIR=DIR    demo: data directory (default ./demo-data)
  OSTOJA_PORT=PORT  demo: port on localhost (default 8080)
  CARGO_TARGET_DIR  where to build (default ./target; with CI=true a folder under the user's cache)

For Debian 12 as root, or as a user with sudo. Needs about 3 GB of disk for 'demo', 6 GB for 'test'.
EOF
}

say() { printf '== %s\n' "$*"; }

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# ---- packages

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif has sudo; then
        sudo "$@"
    else
        fail "this needs root: run as root, install sudo, or run yourself: $*"
    fi
}

# A fresh machine has no package lists, or old ones; one look a run is enough.
refresh_apt() {
    [ "$apt_is_fresh" = no ] || return 0
    has apt-get || fail "no apt-get here: this script knows Debian; install by hand: $*"
    say "reading Debian's package lists"
    as_root apt-get update -qq </dev/null || fail "apt-get update failed: is there a network?"
    apt_is_fresh=yes
}

apt_install() {
    refresh_apt "$@"
    say "installing Debian packages: $*"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null ||
        fail "apt-get could not install: $*"
}

# need COMMAND PACKAGE: installs the package if the command is missing.
need() {
    has "$1" || apt_install "$2"
}

# ---- Rust

# is_new_enough "cargo 1.95.0 (…)": compares with RUST_MIN.
is_new_enough() {
    found=$(printf '%s\n' "$1" | sed -n 's/^[a-z]* \([0-9]*\.[0-9]*\).*/\1/p')
    [ -n "$found" ] || return 1
    [ "${found%%.*}" -gt "${RUST_MIN%%.*}" ] ||
        { [ "${found%%.*}" -eq "${RUST_MIN%%.*}" ] && [ "${found#*.}" -ge "${RUST_MIN#*.}" ]; }
}

rust_is_ready() {
    has cargo && is_new_enough "$(cargo --version 2>/dev/null)"
}

need_rust() {
    # rustup installs here, and not every shell has it in its path.
    if [ -d "${HOME:-/root}/.cargo/bin" ]; then
        PATH=${HOME:-/root}/.cargo/bin:$PATH
    fi
    rust_is_ready && return 0
    # Debian 12 has no rustup and its Rust is 1.63; later Debians have rustup.
    if ! has rustup && has apt-cache; then
        refresh_apt rustup
        if apt-cache policy rustup 2>/dev/null | grep -q 'Candidate: [0-9]'; then
            apt_install rustup
        fi
    fi
    has rustup || fetch_rustup
    say "fetching Rust $RUST_MIN with rustup"
    if rustup toolchain install "$RUST_MIN" --profile minimal -c clippy -c rustfmt; then
        RUSTUP_TOOLCHAIN=$RUST_MIN
        export RUSTUP_TOOLCHAIN
    fi
    rust_is_ready ||
        fail "Ostoja needs Rust $RUST_MIN or newer, and there is $(cargo --version 2>/dev/null || echo 'no cargo') here.
Install it as its makers describe at https://rustup.rs, then run this script again."
}

# The installer of Rust's makers, the very file that was looked at: its hash is written here, not fetched.
fetch_rustup() {
    case $(uname -m) in
        x86_64)
            platform=x86_64-unknown-linux-gnu
            sum=4acc9acc76d5079515b46346a485974457b5a79893cfb01112423c89aeb5aa10
            ;;
        aarch64)
            platform=aarch64-unknown-linux-gnu
            sum=9732d6c5e2a098d3521fca8145d826ae0aaa067ef2385ead08e6feac88fa5792
            ;;
        *) fail "there is no Rust installer for $(uname -m) here: install Rust $RUST_MIN, then run this script again" ;;
    esac
    say "fetching rustup $RUSTUP_VERSION; it installs under ${HOME:-/root}/.cargo and .rustup"
    scratch=$(mktemp -d)
    curl --proto '=https' --tlsv1.2 -sSf -o "$scratch/rustup-init" \
        "https://static.rust-lang.org/rustup/archive/$RUSTUP_VERSION/$platform/rustup-init" ||
        fail "rustup could not be fetched from static.rust-lang.org: is there a network?"
    printf '%s  %s\n' "$sum" "$scratch/rustup-init" | sha256sum --check --quiet ||
        fail "rustup-init is not the file that was expected; nothing of it was run"
    chmod +x "$scratch/rustup-init"
    "$scratch/rustup-init" -y --quiet --no-modify-path --profile minimal --default-toolchain none ||
        fail "rustup could not be installed"
    rm -rf "$scratch"
    PATH=${HOME:-/root}/.cargo/bin:$PATH
}

need_rust_checkers() {
    for checker in fmt clippy; do
        cargo "$checker" --version >/dev/null 2>&1 && continue
        part=$checker
        [ "$checker" = fmt ] && part=rustfmt
        has rustup || fail "'cargo $checker' is missing: install the Rust component $part"
        say "adding the Rust component $part"
        rustup component add "$part"
    done
}

need_builder() {
    need cc build-essential
    need curl curl
    [ -e /etc/ssl/certs/ca-certificates.crt ] || apt_install ca-certificates
    need_rust
    if [ "${CI:-}" = true ]; then
        # A clone is thrown away, its build need not be: the next run compiles only what changed.
        : "${CARGO_TARGET_DIR:=$CACHE/ostoja-target}"
        # Another clone has another path, so these files would only cost disk.
        : "${CARGO_INCREMENTAL:=0}"
        export CARGO_TARGET_DIR CARGO_INCREMENTAL
    fi
    say "$(cargo --version), building in ${CARGO_TARGET_DIR:-./target}"
}

# ---- what only the checks need

# promtool checks the metrics. It is taken out of its package, because installing the package would
# also start a Prometheus server on this machine.
need_promtool() {
    has promtool && return 0
    refresh_apt prometheus
    say "taking promtool out of Debian's prometheus package"
    scratch=$(mktemp -d)
    # A pipe hides a failed download, so each step is on its own.
    (cd "$scratch" && apt-get download -qq prometheus </dev/null >/dev/null 2>&1) ||
        fail "apt-get could not download prometheus"
    dpkg-deb -x "$scratch"/prometheus_*.deb "$scratch/files"
    install -m 0755 "$scratch/files/usr/bin/promtool" "$TOOLS/promtool"
    rm -rf "$scratch"
}

# The reader for auditors needs 'cryptography'; the verifier that others wrote is 'tlog-scales', which
# needs version 48 of it. Debian 12 packages 38.
knows_libraries() {
    has "$1" &&
        "$1" -c 'import cryptography as c, tlog_scales; exit(int(c.__version__.split(".")[0]) < 48)' \
            2>/dev/null
}

# If the python3 in the path lacks them, one with its own modules goes before it; the system's Python
# stays as it is.
need_python() {
    knows_libraries python3 && return 0
    if ! knows_libraries "$TOOLS/python/bin/python3"; then
        /usr/bin/python3 -c 'import ensurepip' 2>/dev/null || apt_install python3 python3-venv
        say "fetching the Python modules cryptography and tlog-scales"
        /usr/bin/python3 -m venv --clear "$TOOLS/python"
        "$TOOLS/python/bin/python3" -m pip install --quiet --disable-pip-version-check \
            'cryptography>=48' 'tlog-scales==0.0.3' </dev/null ||
            fail "pip could not install cryptography and tlog-scales"
    fi
    PATH=$TOOLS/python/bin:$PATH
    knows_libraries python3 ||
        fail "python3 finds no modules 'tlog_scales' and 'cryptography' of version 48 or newer"
}

# The client of Go's checksum database is the other verifier that others wrote. GCC's Go is half as
# large as Go's own toolchain: 43 MB to fetch.
need_go_verifier() {
    need gccgo gccgo
    [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] || apt_install golang-golang-x-mod-dev
}

# libFuzzer is C++ and is built with the crate that carries it.
need_fuzzer() {
    need c++ g++
}

need_test_tools() {
    mkdir -p "$TOOLS"
    PATH=$TOOLS:$PATH
    export PATH
    need chromium chromium
    need openssl openssl
    need pdftotext poppler-utils
    need zbarimg zbar-tools
    # The tests of failing disks mount file systems of their own where they may.
    need mount mount
    [ -e /sbin/mkfs.ext4 ] || apt_install e2fsprogs
    need_promtool
    need_python
    need_go_verifier
    need_fuzzer
    need_rust_checkers
}

# ---- verbs

demo() {
    need_builder
    set -- --locked --quiet
    if [ "${OSTOJA_FAST:-}" = 1 ]; then
        say "building, without optimisation"
    else
        say "building; the first time takes minutes"
        set -- "$@" --release
    fi
    cargo build "$@"
    say "serving on this machine only, data in $DEMO_DIR"
    exec cargo run "$@" -- demo --dir "$DEMO_DIR" --port "$DEMO_PORT"
}

# with_lints CARGO…: builds with clippy in the compiler's place, warnings being errors. 'cargo clippy' would look
# at all four hundred dependencies once more, because what it makes of them no test can use.
with_lints() {
    RUSTC_WORKSPACE_WRAPPER=clippy-driver \
        CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__ "$@"
}

# beside NAME COMMAND…: runs something while this script goes on; 'settle NAME' waits for it.
beside() {
    name=$1
    shift
    "$@" >"$BESIDE/$name.said" 2>&1 &
    echo $! >"$BESIDE/$name.pid"
}

settle() {
    if ! wait "$(cat "$BESIDE/$1.pid")"; then
        cat "$BESIDE/$1.said"
        fail "$1: a fault was found, see above"
    fi
    rm "$BESIDE/$1.pid"
    cat "$BESIDE/$1.said"
}

end_beside() {
    for left in "$BESIDE"/*.pid; do
        [ ! -e "$left" ] || kill "$(cat "$left")" 2>/dev/null || true
    done
    rm -rf "$BESIDE"
}

format_tools() {
    cd tests/tools
    python3 -m format_model --quick
    python3 test_reader.py
}

# ---- fuzzing

# Readers whose properties stand in src/kernel/properties.
PROPERTIES='cbor cursors frame note positions proof recovery scratch'
# Inputs that were found to reach something new stay here, so that the next run begins where this one ended.
FUZZED=$CACHE/ostoja-fuzz

build_fuzzer() {
    RUSTC_WORKSPACE_WRAPPER=$PWD/fuzz/instrumented.sh cargo build --locked --quiet -p ostoja-fuzz
}

# fuzz_one PROPERTY SECONDS: what breaks it becomes a regression test, which fails from then on.
fuzz_one() {
    found=$FUZZED/$1
    broken=$(mktemp -d)
    mkdir -p "$found" "fuzz/regressions/$1"
    if OSTOJA_PROPERTY=$1 "${CARGO_TARGET_DIR:-target}/debug/ostoja-fuzz" -max_total_time="$2" \
        -max_len=4096 -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$broken/" "$found" "fuzz/corpus/$1" "fuzz/regressions/$1" \
        >"$broken/said" 2>&1; then
        printf '%s: %s inputs, %s of them reached something new; %s\n' "$1" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$broken/said")" \
            "$(sed -n 's/^stat::new_units_added: *//p' "$broken/said")" \
            "$(sed -n 's/^#.* \(cov: [0-9]*\).*/\1/p' "$broken/said" | tail -n 1)"
        rm -rf "$broken"
        rmdir "fuzz/regressions/$1" 2>/dev/null || true
        return 0
    fi
    cat "$broken/said"
    for input in "$broken"/crash-* "$broken"/timeout-* "$broken"/oom-*; do
        [ -e "$input" ] || continue
        kept=fuzz/regressions/$1/$(sha256sum "$input" | cut -c 1-16)
        cp "$input" "$kept"
        printf 'fuzz: %s is broken by this input, kept as %s:\n' "$1" "$kept"
        od -A x -t x1z "$input"
    done
    rm -rf "$broken"
    return 1
}

# fuzz_all SECONDS: two at a time.
fuzz_all() {
    left=
    for property in $PROPERTIES; do
        beside "fuzz-$property" fuzz_one "$property" "$1"
        if [ -n "$left" ]; then
            settle "fuzz-$left"
            settle "fuzz-$property"
            left=
        else
            left=$property
        fi
    done
    [ -z "$left" ] || settle "fuzz-$left"
}

fuzz() {
    case ${1:-} in
        '' | *[!0-9]*) fail "say for how many seconds each reader is tried: ./install.sh fuzz 600" ;;
    esac
    need_builder
    need_fuzzer
    BESIDE=$(mktemp -d)
    trap end_beside EXIT
    say "building the fuzzer"
    build_fuzzer
    say "fuzzing: $PROPERTIES, $1 seconds each, two at a time"
    fuzz_all "$1"
}

check() {
    need_builder
    need_test_tools
    BESIDE=$(mktemp -d)
    trap end_beside EXIT
    say "formatting"
    cargo fmt --all --check
    say "lints and building, as it is tested"
    with_lints cargo test --locked --all-features --no-run --quiet
    # One crate keeps one processor busy, and these keep the other.
    beside format-tools format_tools
    say "lints and building, as it is used"
    with_lints cargo build --locked --lib --quiet
    if cargo deny --version >/dev/null 2>&1; then
        say "dependencies: bans, licences, sources"
        cargo deny --offline check bans licenses sources
    else
        say "dependencies: not checked, because cargo-deny is not installed"
    fi
    say "the format's crash model with its wrong orders, and the reader for auditors"
    settle format-tools
    say "fuzzing: $PROPERTIES, 30 seconds each, two at a time"
    build_fuzzer
    fuzz_all 30
    say "tests"
    if cargo nextest --version >/dev/null 2>&1; then
        with_lints cargo nextest run --locked --all-features --no-fail-fast 2>&1
    else
        with_lints cargo test --locked --all-features --no-fail-fast 2>&1
    fi
}

docs() {
    need_builder
    say "documentation of the code"
    RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items --quiet
}

case ${1:-help} in
    demo) demo ;;
    test) check ;;
    docs) docs ;;
    fuzz) fuzz "${2:-}" ;;
    help | -h | --help) usage ;;
    *)
        usage >&2
        fail "there is no verb '$1'"
        ;;
esac
