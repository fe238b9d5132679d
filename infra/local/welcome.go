package main

import (
	"net"
	"net/netip"
	"strings"
)

// welcome tells on one screen where everything is and what to try.
func welcome(address string, settings settings) string {
	kept := settings.data + "/keyward.db (SQLite)"
	if settings.store == storeDynamoDB {
		kept = "DynamoDB, table " + settings.config.Table
	}
	return strings.NewReplacer("{base}", "http://"+address, "{kept}", kept, "{warning}", exposure(settings)).Replace(`
keyward is running. Stop it with Ctrl-C.

  Admin API   {base}/v1
  Sample API  {base}/sample/production/zones
  Health      {base}/healthz
  Data        {kept}
{warning}
In another terminal, get a session token, create a key and use it:

  TOKEN=$(make -s token)
  KEY=$(curl -sf {base}/v1/keys -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' -d "{\"name\": \"try $(date +%s)\", \"tier\": \"free\"}" \
    | sed 's/.*"api_key":"\([^"]*\)".*/\1/')
  curl -i {base}/sample/production/zones -H "X-API-Key: $KEY"

`)
}

// exposure warns of an address that others can reach. Whoever has the data folder signs in as anybody; whoever has the
// address can at least try keys.
func exposure(settings settings) string {
	host, _, _ := net.SplitHostPort(settings.addr)
	address, err := netip.ParseAddr(host)
	if host == "localhost" || (err == nil && address.IsLoopback()) {
		return ""
	}
	return "\n  Others can reach it: KEYWARD_ADDR=" + settings.addr + " is not this machine alone.\n"
}
