package artifacts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// A Digest is a SHA-256. The zero Digest stands for "not known" and is the digest of nothing.
type Digest [sha256.Size]byte

// Sum gives the digest of data.
func Sum(data []byte) Digest { return sha256.Sum256(data) }

// ParseDigest reads the 64 lowercase hexadecimal digits that String writes; nothing else is taken.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	if !parseDigest(&d, s) {
		return Digest{}, fmt.Errorf("artifacts: %q is not a digest: 64 lowercase hexadecimal digits are wanted", shorten(s))
	}
	return d, nil
}

// String gives 64 lowercase hexadecimal digits.
func (d Digest) String() string {
	var b [2 * sha256.Size]byte
	hex.Encode(b[:], d[:])
	return string(b[:])
}

// Short gives the first 12 digits, for people.
func (d Digest) Short() string { return hex.EncodeToString(d[:6]) }

// IsZero reports whether d is the zero Digest.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText gives what String gives.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText takes what ParseDigest takes.
func (d *Digest) UnmarshalText(text []byte) error {
	parsed, err := ParseDigest(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// parseDigest is ParseDigest without an error to allocate: it is on the path of every Get.
func parseDigest(d *Digest, s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for i := range d {
		hi, lo := hexValue(s[2*i]), hexValue(s[2*i+1])
		if hi > 15 || lo > 15 {
			return false
		}
		d[i] = hi<<4 | lo
	}
	return true
}

// hexValue gives the value of a lowercase hexadecimal digit, 255 for any other byte.
func hexValue(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

// shorten keeps an error message readable when what it quotes is not.
func shorten(s string) string {
	if len(s) > 80 {
		return s[:77] + "..."
	}
	return s
}
