#!/bin/sh
# Runs the benchmark with the Node of this folder; ./run.sh --help lists its options.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=$here
[ -w "$here" ] || home=${TMPDIR:-/tmp}/drift-bench
# What is packed is unpacked once, here or, where this folder cannot be written, among temporary files.
if [ ! -e "$home/unpacked" ]; then
  if [ "$home" != "$here" ]; then mkdir -p "$home" && cp -R "$here/." "$home/"; fi
  find "$home" -name '*.gz' -exec gzip -d -f {} +
  chmod +x "$home/node"
  : > "$home/unpacked"
fi
# NVIDIA's containers keep their driver's description where the Vulkan loader does not look.
nvidia=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
if [ -z "${VK_DRIVER_FILES:-}" ] && [ -e "$nvidia" ]; then
  export VK_DRIVER_FILES="$nvidia"
fi
# The loader that came along is the last resort.
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$home/lib"
exec "$home/node" "$home/bench.mjs" "$@"
