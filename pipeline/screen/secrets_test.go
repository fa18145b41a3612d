package screen

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
)

// FuzzMask: in whatever pieces a text comes, a secret in it is masked, and the rest is as it was.
func FuzzMask(f *testing.F) {
	f.Add("the key is 0123456789 and more", "0123456789", byte(3))
	f.Add("aaaaaaaaaaaaaaaaaaaaaaab", "aaaaaaaab", byte(1))
	f.Add("a word: token, tokens", "token", byte(5))
	f.Add("two\nlines of it", "two\nlines of", byte(2))
	f.Add("spaces around 0123456789 go", " 0123456789\t", byte(2))
	f.Add(`it is "0123\"456789" between quotes`, `0123"456789`, byte(2))
	f.Fuzz(func(t *testing.T, text, secret string, piece byte) {
		whole := NewSecrets(secret).Stream()
		want := append(bytes.Clone(whole.Add([]byte(text))), whole.End()...)
		cut := NewSecrets(secret).Stream()
		var got []byte
		for rest := []byte(text); len(rest) > 0; {
			n := min(int(piece)+1, len(rest))
			got = append(got, cut.Add(bytes.Clone(rest[:n]))...)
			rest = rest[n:]
		}
		got = append(got, cut.End()...)
		if !bytes.Equal(got, want) {
			t.Errorf("%q without %q is %q whole and %q in pieces of %d", text, secret, want, got, int(piece)+1)
		}
		secret = strings.TrimSpace(secret)
		if len(secret) >= wordSecret && !strings.ContainsAny(secret, masked+"\r\n") && bytes.Contains(want, []byte(secret)) {
			t.Errorf("%q without %q is %q", text, secret, want)
		}
		if strconv.Quote(secret) == `"`+secret+`"` && !strings.Contains(text, masked) && strings.ReplaceAll(string(want), masked, secret) != text {
			t.Errorf("%q without %q is %q", text, secret, want)
		}
	})
}
