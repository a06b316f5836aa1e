#!/bin/sh
# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Copies every image of images.txt to a registry, under its full name, and every chart of charts.txt to its folder charts.
# Log in first: skopeo login REGISTRY; helm registry login REGISTRY
#   [HELM_PUSH_OPTIONS=…] ./mirror.sh REGISTRY [options of skopeo copy]
set -u
registry=${1:?say which registry to copy to}
shift
lists=$(dirname "$0")
charts=$(mktemp -d)
trap 'rm -rf "$charts"' EXIT
failed=0

not_copied() {
    echo "not copied: $1" >&2
    failed=1
}

push_chart() { # reference version [repository]
    # shellcheck disable=SC2086 # may be several options
    helm pull "$1" --version "$2" ${3:+--repo "$3"} --destination "$charts" </dev/null &&
        helm push "$charts/$(basename "$1")-$2.tgz" "oci://$registry/charts" ${HELM_PUSH_OPTIONS-} </dev/null
}

while read -r image; do
    echo "$image"
    skopeo copy --all --preserve-digests --retry-times 3 "$@" "docker://$image" "docker://$registry/$image" </dev/null ||
        not_copied "$image"
done <"$lists/images.txt"
while read -r chart version repository; do
    echo "$chart $version"
    push_chart "$chart" "$version" "$repository" || not_copied "$chart $version"
done <"$lists/charts.txt"
exit $failed
