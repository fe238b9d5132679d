package main

import "strings"

// welcome tells on one screen where everything is and what to try.
func welcome(address string, settings settings) string {
	kept := settings.data + "/keyward.db (SQLite)"
	if settings.store == storeDynamoDB {
		kept = "DynamoDB, table " + settings.config.Table
	}
	return strings.NewReplacer("{base}", "http://"+address, "{kept}", kept).Replace(`
keyward is running. Stop it with Ctrl-C.

  Admin API   {base}/v1
  Sample API  {base}/sample/production/zones
  Health      {base}/healthz
  Data        {kept}

In another terminal, get a session token, create a key and use it:

  TOKEN=$(make -s token)
  KEY=$(curl -s {base}/v1/keys -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' -d '{"name": "first", "tier": "free"}' \
    | sed 's/.*"api_key":"\([^"]*\)".*/\1/')
  curl -i {base}/sample/production/zones -H "X-API-Key: $KEY"

`)
}
