#!/bin/sh
# Durable commits a second: ours and PostgreSQL 15's, on one machine and one file system, round after round.
#
#   benches/postgres.sh DIR [ROUNDS] [SECONDS]
#
# DIR must not exist; both data directories are made in it, and it is left behind.
# OSTOJA names the program (target/release/ostoja). It installs nothing: PostgreSQL 15 and pgbench must be there
# (Debian: postgresql-15), and where they are not, it says so and ends. A server of its own is started on a socket in
# DIR and stopped at the end; one that runs already is left alone. Started by root, the server runs as "postgres".
#
# Ours: 64 threads in one process, each through the store's whole commit path and then waiting for its entry to be
# durable: decision, submission key, sealing, journal, fdatasync, index keys of a filed notice. No socket, no HTTP.
# Theirs: 64 connections over a Unix socket, prepared statements, one statement a transaction (one way there and one
# back): a case in a table with three indexes, and a row of audit. synchronous_commit, fsync and full_page_writes on.
set -eu

directory=${1:?usage: benches/postgres.sh DIR [ROUNDS] [SECONDS]}
rounds=${2:-5}
seconds=${3:-20}
program=${OSTOJA:-target/release/ostoja}
here=$(cd "$(dirname "$0")" && pwd)
binaries=${PGBIN:-/usr/lib/postgresql/15/bin}

for need in "$program" "$binaries/initdb" "$binaries/pg_ctl" "$binaries/pgbench" "$binaries/psql"; do
    if [ ! -x "$need" ]; then
        echo "$need is not there; nothing was installed or started" >&2
        exit 2
    fi
done
if [ -e "$directory" ]; then
    echo "$directory exists; the comparison wants a new directory" >&2
    exit 2
fi
mkdir -p "$directory/postgres" "$directory/ours"
directory=$(cd "$directory" && pwd)
socket=$directory/postgres
data=$directory/postgres/data

server() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}
if [ "$(id -u)" = 0 ]; then chown postgres "$directory/postgres"; fi

server "$binaries/initdb" -D "$data" -U postgres -A trust --no-sync > "$directory/initdb.log"
server tee -a "$data/postgresql.conf" > /dev/null << SETTINGS
listen_addresses = ''
unix_socket_directories = '$socket'
max_connections = 100
synchronous_commit = on
fsync = on
full_page_writes = on
wal_sync_method = fdatasync
shared_buffers = 512MB
max_wal_size = 8GB
checkpoint_timeout = 15min
autovacuum = on
SETTINGS
server "$binaries/pg_ctl" -D "$data" -l "$data/server.log" -w start > /dev/null
trap 'server "$binaries/pg_ctl" -D "$data" -m fast -w stop > /dev/null' EXIT
trap 'exit 1' INT TERM
query() { "$binaries/psql" -h "$socket" -U postgres -v ON_ERROR_STOP=1 -qAtX "$@" postgres; }
query -f "$here/postgres/schema.sql"

theirs() {
    query -c CHECKPOINT
    "$binaries/pgbench" -h "$socket" -U postgres -n -M prepared -c 64 -j "$(nproc)" -T "$seconds" \
        -f "$here/postgres/commit.sql" postgres 2> "$directory/pgbench.log" |
        sed -n 's/^tps = \([0-9]*\).*/\1/p'
}
ours() {
    "$program" bench --part commits --dir "$directory/ours/$1" --records 1000000000 --seconds "$seconds" |
        sed -n 's/^durable entries, 64 clients, in process: \([0-9]*\)\/s.*/\1/p'
    rm -rf "$directory/ours/${1:?}"
}
stolen() { awk '/^cpu / { print $9 }' /proc/stat; }

echo "machine: $(nproc) cores, $(awk '/MemTotal/ { print int($2 / 1048576) }' /proc/meminfo) GB, Linux $(uname -r), $(df --output=fstype "$directory" | tail -1)"
echo "theirs: $(query -c 'show server_version'); synchronous_commit $(query -c 'show synchronous_commit'), fsync $(query -c 'show fsync'), full_page_writes $(query -c 'show full_page_writes'), wal_sync_method $(query -c 'show wal_sync_method')"
round=1
while [ "$round" -le "$rounds" ]; do
    before=$(stolen)
    # Who comes first changes, so that what one leaves to the other is shared.
    if [ $((round % 2)) = 1 ]; then a=$(ours "$round"); b=$(theirs); else b=$(theirs); a=$(ours "$round"); fi
    echo "round $round: ours $a, theirs $b commits a second; load $(cut -d' ' -f1 /proc/loadavg), $(($(stolen) - before)) ticks stolen"
    echo "$a" >> "$directory/ours.txt"
    echo "$b" >> "$directory/theirs.txt"
    round=$((round + 1))
done
middle() { sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
for who in ours theirs; do
    echo "$who: least $(sort -n "$directory/$who.txt" | head -1), median $(middle "$directory/$who.txt"), most $(sort -n "$directory/$who.txt" | tail -1)"
done
echo "$(middle "$directory/ours.txt") $(middle "$directory/theirs.txt")" | awk '{ printf "ours for one of theirs, by the medians: %.2f\n", $1 / $2 }'
echo "written by theirs: $(query -c "select count(*) || ' cases and ' || (select count(*) from audit) || ' rows of audit' from cases")"
