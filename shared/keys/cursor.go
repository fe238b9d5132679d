package keys

import (
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// cursors seal positions in a list, so that a cursor reveals nothing and belongs to one organization, one sort and
// one set of filters.
type cursors struct {
	aead cipher.AEAD
	list []byte // what the cursor belongs to
}

func newCursors(organization org.Organization, query Query) cursors {
	query.Cursor, query.Limit, query.Order = "", 0, query.order()
	key := sha256.Sum256(organization.CursorKey)
	return cursors{newAEAD(key[:]), fmt.Appendf(nil, "%s\x00%#v", organization.ID, query)}
}

func (c cursors) seal(position string) string {
	if position == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(c.aead.Seal(nil, nil, []byte(position), c.list))
}

func (c cursors) open(cursor string) (position string, err error) {
	if cursor == "" {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		var opened []byte
		if opened, err = c.aead.Open(nil, nil, sealed, c.list); err == nil {
			return string(opened), nil
		}
	}
	return "", &fault.Error{
		Code:   fault.InvalidParameter,
		Field:  "cursor",
		Detail: "cursor is not one that this list gave. Send next_cursor of the page before, with the same filters and sort.",
		Err:    err,
	}
}
