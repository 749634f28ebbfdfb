#!/usr/bin/env bash
# What action.yml does once docs-chat is installed: index, and tell the job's page. The inputs come as variables.
set -uo pipefail

summary="$RUNNER_TEMP/docs-chat-summary.md"
: > "$summary"

if [ -z "${DOCS_CHAT_INGEST_TARGET:-}" ]; then
  # The service reads folders of its own machine and keeps nothing, so the runner gets one of its own.
  port="${INGEST_PORT:-50053}"
  log="$RUNNER_TEMP/docs-chat-ingest.log"
  INGEST_HOST=127.0.0.1 INGEST_PORT="$port" INGEST_RETRIEVER_TARGET="$DOCS_CHAT_RETRIEVER_TARGET" \
    "$BIN/python" -m services.ingest > "$log" 2>&1 &
  service=$!
  trap 'kill "$service" 2> /dev/null; wait "$service"' EXIT
  until "$BIN/docs-chat" health "127.0.0.1:$port" > /dev/null 2>&1; do
    kill -0 "$service" 2> /dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.5
  done
  export DOCS_CHAT_INGEST_TARGET="127.0.0.1:$port"
fi

arguments=("$SITE" --kind "${KIND:-auto}" --summary-markdown "$summary")
[ -n "${BASE_URL:-}" ] && arguments+=(--base-url "$BASE_URL")
[ -n "${NAME:-}" ] && arguments+=(--site "$NAME")
[ -n "${BUILD:-}" ] && arguments+=(--build "$BUILD")
[ -n "${SETTINGS:-}" ] && arguments+=(--settings "$SETTINGS")
[ "${STRICT:-}" = true ] && arguments+=(--strict)
[ "${FORCE:-}" = true ] && arguments+=(--force)

"$BIN/docs-chat" ingest "${arguments[@]}"
code=$?
cat "$summary" >> "$GITHUB_STEP_SUMMARY"
printf '%s\n' "exit-code=$code" "summary-file=$summary" >> "$GITHUB_OUTPUT"
exit "$code"
