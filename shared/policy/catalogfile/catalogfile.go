// Package catalogfile reads the catalog as people write it: YAML. No function imports it; they read the JSON that
// command tojson makes of it.
package catalogfile

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Load reads and validates a catalog. Its errors name the line or the field, and the rule.
func Load(data []byte) (*policy.Catalog, error) {
	var catalog policy.Catalog
	decoder := yaml.NewDecoder(bytes.NewReader(data), yaml.DisallowUnknownField(), yaml.CustomUnmarshaler(organizations))
	if err := decoder.Decode(&catalog); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	if err := catalog.Validate(); err != nil {
		return nil, err
	}
	return &catalog, nil
}

// organizations reads all or a list of ids.
func organizations(o *policy.Organizations, data []byte) error {
	var word string
	if yaml.Unmarshal(data, &word) == nil {
		if word != "all" {
			return fmt.Errorf("organizations must be all or a list of ids, not %q", word)
		}
		*o = policy.Organizations{All: true}
		return nil
	}
	var ids []org.ID
	err := yaml.Unmarshal(data, &ids)
	*o = policy.Organizations{IDs: ids}
	return err
}
