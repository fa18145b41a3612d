package screen

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"html"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/valyala/quicktemplate"

	"spurion/stages/common/markup"
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
		if len(slices.Compact(written(secret))) == 1 && !strings.Contains(text, masked) && strings.ReplaceAll(string(want), masked, secret) != text {
			t.Errorf("%q without %q is %q", text, secret, want)
		}
	})
}

// TestWritten: a secret is masked in whatever a writer of this program, or another one, makes of a text that holds it.
func TestWritten(t *testing.T) {
	inJSON := func(s string) string {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	inXML := func(s string) string {
		var b strings.Builder
		if err := xml.EscapeText(&b, []byte(s)); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	inPage := func(s string) string {
		var b strings.Builder
		w := quicktemplate.AcquireWriter(&b)
		w.E().S(s)
		quicktemplate.ReleaseWriter(w)
		return b.String()
	}
	single := strings.NewReplacer("&", "&amp;", "<", "&lt;", "'", "&apos;", `"`, "&quot;", ">", "&gt;").Replace
	writers := map[string]func(string) string{
		"as it is": func(s string) string { return s }, "quoted": strconv.Quote, "JSON": inJSON, "XML": inXML, "XML, named": single,
		"HTML": html.EscapeString, "a template": inPage, "Markdown": markup.Markdown, "LaTeX": markup.LaTeX,
	}
	for _, secret := range []string{
		"0123456789", "sk_live_0123*45", `a"b'c<d>&é1|x`, "_begins_and_ends_", `p\a$s{s}w^o~rd%#`, "- an item--", "[x]`yz`[0]", "# heading", "*starred*", "ﬁ–→ß中文字",
	} {
		secrets := NewSecrets(secret)
		for name, write := range writers {
			for _, text := range []string{secret, "token: " + secret + " ends", "x" + secret + "x", "two: " + secret + "," + secret} {
				got := secrets.Hide(write(text))
				if want := write(strings.ReplaceAll(text, secret, masked)); bare(got) != bare(want) {
					t.Errorf("%s: %q in %q is %q, not %q", name, secret, write(text), got, want)
				}
			}
		}
	}
}

// bare leaves out what a writer may add beside a secret: it escapes what stands at the beginning of a text.
func bare(s string) string { return strings.NewReplacer(`\`, "", "{}", "").Replace(s) }
