package acceptance

import (
	"crypto/rand"
	"encoding/hex"
	"hash/crc32"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// forged is a secret of the right form and with the right checksum, for a key id, that nobody ever made.
func forged(id, environment string) string {
	random := make([]byte, 11)
	_, _ = rand.Read(random) // never fails: it ends the program first
	text := "vg_" + tags[environment] + "_" + id + hex.EncodeToString(random)
	sum := crc32.ChecksumIEEE([]byte(text)) % (62 * 62)
	return text + string([]byte{base62[sum/62], base62[sum%62]})
}

// flipped is a secret with one character changed, so that its checksum is wrong.
func flipped(secret string) string {
	changed := []byte(secret)
	if changed[20] = '1'; secret[20] == '1' {
		changed[20] = '2'
	}
	return string(changed)
}
