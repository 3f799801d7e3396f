#!/bin/sh
# Runs devices, check, the WebGPU tests and bench on this machine's GPU; leaves JSON in results/. Needs Linux on x64, glibc 2.34 and a GPU driver, and no network.
# Usage: ./run.sh [--software] [--quick] [--only devices,check,tests,bench,peers]
#   --software   the software adapter that the bundle carries instead of a GPU: tries the bundle out anywhere
#   --quick      small shapes in bench
here=$(cd "$(dirname "$0")" && pwd)

# What a bare machine may lack: the C++ library, the Vulkan loader.
"$here/node" --version >/dev/null 2>&1 || export LD_LIBRARY_PATH="$here/lib/standard${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
loader=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null)
case "$loader" in
  *libvulkan.so.1*) ;;
  *) export LD_LIBRARY_PATH="$here/lib/vulkan${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ;;
esac

software=no
for argument in "$@"; do [ "$argument" = --software ] && software=yes; done
if [ "$software" = yes ]; then
  export VK_DRIVER_FILES="$here/software/vk_swiftshader_icd.json" VK_ICD_FILENAMES="$here/software/vk_swiftshader_icd.json"
elif [ -z "$VK_DRIVER_FILES$VK_ICD_FILENAMES" ] && ! ls /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json >/dev/null 2>&1; then
  # Containers often have the driver's libraries without the file that names them.
  for found in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json /opt/nvidia/share/vulkan/icd.d/nvidia_icd.json "$here/lib/nvidia_icd.json"; do
    if [ -f "$found" ]; then
      export VK_DRIVER_FILES="$found" VK_ICD_FILENAMES="$found"
      break
    fi
  done
fi
exec "$here/node" "$here/run.mjs" "$@"
