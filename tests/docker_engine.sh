#!/usr/bin/env bash
# Everything that tests marked needs("docker") ask for, on a Debian machine without an image registry: an engine
# that answers, and an image named as learners' Dockerfiles name it. Run as root. What is there already stays.
set -euo pipefail

IMAGE=python:3.11-slim
CERTIFICATES=/etc/ssl/certs/ca-certificates.crt

engine_answers() { docker info >/dev/null 2>&1; }

start_engine() {
  engine_answers && return
  command -v dockerd >/dev/null || apt-get install --quiet --yes --no-install-recommends docker.io iptables
  setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &
  for _ in $(seq 60); do engine_answers && return; sleep 1; done
  echo "dockerd does not answer; its log ends with:" >&2
  tail -n 20 /var/log/dockerd.log >&2
  return 1
}

# Debian's own Python, laid out as the official image's users expect. The machine's certificates and pip settings go
# in as well, so that packages can be installed through whatever stands between this machine and the index.
build_image() {
  docker image inspect "$IMAGE" >/dev/null 2>&1 && return
  command -v debootstrap >/dev/null || apt-get install --quiet --yes --no-install-recommends debootstrap
  local root
  root=$(mktemp -d)
  debootstrap --variant=minbase --include=python3,python3-pip,python3-venv,ca-certificates bookworm "$root" \
    >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; return 1; }
  rm -f "$root"/usr/lib/python3*/EXTERNALLY-MANAGED
  ln -s /usr/bin/python3 "$root/usr/local/bin/python"
  if [ -f "$CERTIFICATES" ]; then cp "$CERTIFICATES" "$root$CERTIFICATES"; fi
  if [ -f /etc/pip.conf ]; then cp /etc/pip.conf "$root/etc/pip.conf"; fi
  tar --directory "$root" --create --exclude './proc/*' --exclude './sys/*' --exclude './dev/*' . \
    | docker import --change "ENV SSL_CERT_FILE=$CERTIFICATES PIP_CERT=$CERTIFICATES REQUESTS_CA_BUNDLE=$CERTIFICATES" \
      - "$IMAGE" >/dev/null
  rm -rf "$root" "$root.log"
}

start_engine
build_image
echo "Docker answers, and $IMAGE is there."
