package apikey

import "math/big"

// alphabet is base62 in byte order, so that encoded numbers of one length sort as the numbers do.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var base62 = big.NewInt(62)

// encode62 writes n in exactly length digits, the most significant first. n must fit.
func encode62(n *big.Int, length int) string {
	digits := make([]byte, length)
	rest, digit := new(big.Int).Set(n), new(big.Int)
	for i := length - 1; i >= 0; i-- {
		rest.DivMod(rest, base62, digit)
		digits[i] = alphabet[digit.Int64()]
	}
	return string(digits)
}

func isBase62(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
