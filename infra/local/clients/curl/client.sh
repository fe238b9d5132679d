#!/bin/sh
# The curl calls printed in the Veriglob document. Only the base URL and the session token are from the environment,
# and the key's id from the key that was made. Each answer is a line.
set -eu

created=$(curl -X POST "$KEYWARD_URL/v1/keys/generate" \
  -H "Authorization: Bearer $KEYWARD_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{
    "name": "Production API Key"
  }')
echo "$created"
key_id=$(echo "$created" | sed 's/.*"key_id":"\([^"]*\)".*/\1/')

curl -X GET "$KEYWARD_URL/v1/keys" \
  -H "Authorization: Bearer $KEYWARD_TOKEN"
echo

curl -X GET "$KEYWARD_URL/v1/keys/$key_id" \
  -H "Authorization: Bearer $KEYWARD_TOKEN"
echo

curl -X PATCH "$KEYWARD_URL/v1/keys/$key_id" \
  -H "Authorization: Bearer $KEYWARD_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{
    "name": "Renamed Production Key"
  }'
echo

curl -X DELETE "$KEYWARD_URL/v1/keys/$key_id" \
  -H "Authorization: Bearer $KEYWARD_TOKEN"
echo
