package stack

import (
	"os"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/policy/catalogfile"
	"github.com/keyward/keyward/shared/session"
)

// Keys is what keys are like, and what there is to choose from.
type Keys struct {
	Catalog      *policy.Catalog // catalog names its file; nil: the shipped one
	Brand        string          // how secrets begin; empty: vg
	KeyIssuer    string          // the iss of keys in JWT format; empty: keyward
	KeyAlgorithm string          // of the keys that sign those: EdDSA or ES256
}

func readKeys(r *reader) Keys {
	k := Keys{
		Catalog:      readCatalog(r, r.text("catalog", "")),
		Brand:        r.text("brand", ""),
		KeyIssuer:    r.text("keyIssuer", ""),
		KeyAlgorithm: r.text("keyAlgorithm", string(jwtkey.EdDSA)),
	}
	r.must(k.Brand == "" || apikey.ValidBrand(k.Brand), "brand must be 1 to 12 of a-z and 0-9, not %q", k.Brand)
	r.must(k.KeyIssuer == "" || jwtkey.ValidIssuer(k.KeyIssuer), "keyIssuer must be 1 to 200 printable ASCII characters, none of them a space, not %q", k.KeyIssuer)
	_, err := jwtkey.ParseAlgorithm(k.KeyAlgorithm)
	r.must(err == nil, "keyAlgorithm %v", err)
	return k
}

// readCatalog reads and validates a catalog of YAML or JSON, which is YAML too. Its problems name the line.
func readCatalog(r *reader, path string) *policy.Catalog {
	if path == "" {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		r.must(false, "catalog: %v", err)
		return nil
	}
	catalog, err := catalogfile.Load(data)
	r.must(err == nil, "catalog: %s breaks these rules: %v", path, err)
	return catalog
}

// signup is who may sign up where the deployment does not say so itself.
func (k Keys) signup() string {
	if k.Catalog != nil && k.Catalog.Signup != "" {
		return k.Catalog.Signup
	}
	return string(session.SignupClosed)
}
