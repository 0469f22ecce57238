#!/bin/sh
# Asks a fresh service what its document allows and forbids: fuzz.sh REFT SCHEMATHESIS FOLDER SECONDS. Exit status 0: no answer contradicts it.
set -eu
reft="$1"
schemathesis="$2"
folder="$(CDPATH='' cd -- "$3" && pwd)"
seconds="$4"
here="$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)"

rm -rf "$folder/data" "$folder/runs" "$folder/model"
mkdir -p "$folder/data" "$folder/model"
"$reft" train "$here/../same/01-sft.yaml" --runs "$folder/runs" >"$folder/train.log" 2>&1
for file in config.json generation_config.json tokenizer.json tokenizer_config.json special_tokens_map.json model.safetensors; do
  cp "$folder/runs/01-sft/checkpoints/step-000008/$file" "$folder/model/"
done
cp "$here/chat_template.jinja" "$folder/model/"
printf 'models: {tiny: "%s"}\njobs: {at-once: 0}\n' "$folder/model" >"$folder/data/server.yaml"
key="$("$reft" keys create --data "$folder/data" --name fuzz --role admin 2>/dev/null | head -n 1)"
"$reft" serve --data "$folder/data" --port 0 >"$folder/serve.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
address=""
while [ -z "$address" ]; do
  kill -0 "$server" 2>/dev/null || { cat "$folder/serve.log" >&2; exit 1; }
  sleep 0.2
  address="$(sed -n 's|^reft: serving .* at \(http://[^/]*\)/v1 .*|\1|p' "$folder/serve.log")"
done
status=0
cd "$folder" # where it keeps what it found
"$schemathesis" --config-file "$here/schemathesis.toml" run "$address/openapi.json" \
  --header "Authorization: Bearer $key" --max-time "$seconds" --phases examples,coverage,fuzzing,stateful \
  --request-timeout 60 --max-redirects 0 --continue-on-failure --no-color >"$folder/fuzz.log" 2>&1 || status=$?
sed -n '/= SUMMARY =/,$p' "$folder/fuzz.log"
# 501 is what the document promises for what it has and the server does not do.
if grep -E '"status":5(0[02-9]|[1-9])' "$folder/data/logs/requests.jsonl" | grep -v '"operation":null' | head -n 5; then
  status=1
fi
echo "all of it: $folder/fuzz.log"
exit "$status"
