#!/usr/bin/env bash
# hardened-node.sh TREE FOLDER ./strongroom-sim --world WORLD node --host-data HEX --config FILE
# Runs the simulated world's node from a built image by ops/image/run: FOLDER gets its configuration and state. The image's
# jars are written anew, so the chip is told by MEASUREMENT what it measured at launch.
set -euo pipefail
if [ "${1-}" != --inside ]; then
    exec unshare --mount --propagation private "$BASH" "$0" --inside "$@"
fi
shift
tree=$1 folder=$2 world=$5 host_data=$8 config=${10}
# The simulated world holds a vault as well, which needs more modules than a node.
mount --bind "$JAVA_HOME" "$tree/strongroom/runtime"
mount -o remount,bind,ro "$tree/strongroom/runtime"
mkdir -p "$folder/configuration" "$folder/state"
identity=$(sed -n 's/^identity: {ca: \(.*\)\/ca\.pem, .*/\1/p' "$config")
cp "$identity"/{ca,cert,key}.pem "$folder/configuration"
cp -r "$world" "$folder/configuration/world"
sed -e "s#$identity#/etc/strongroom#g" -e 's#^dataDir: .*#dataDir: /var/lib/strongroom#' "$config" \
    > "$folder/configuration/node.yaml"
echo 'posture: hardened' >> "$folder/configuration/node.yaml"
chown -R 65532:65532 "$folder/configuration" "$folder/state"
chmod 700 "$folder/state"
exec ops/image/run "$tree" "$folder/configuration" "$folder/state" \
    --world /etc/strongroom/world --host-data "$host_data" --measurement "$MEASUREMENT" --config /etc/strongroom/node.yaml
