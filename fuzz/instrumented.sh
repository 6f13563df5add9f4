#!/bin/sh
# In rustc's place for the crates of this workspace: counts which edges of Ostoja's own code an input
# reaches, as cargo-fuzz does. The four hundred dependencies stay as they were built.
set -eu

case " $* " in
*" --crate-name ostoja "*)
    exec "$@" --cfg fuzzing -C opt-level=1 -C codegen-units=1 \
        -C passes=sancov-module \
        -C llvm-args=-sanitizer-coverage-level=4 \
        -C llvm-args=-sanitizer-coverage-inline-8bit-counters \
        -C llvm-args=-sanitizer-coverage-pc-table \
        -C llvm-args=-sanitizer-coverage-trace-compares
    ;;
*) exec "$@" ;;
esac
