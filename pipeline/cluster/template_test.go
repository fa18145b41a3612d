package cluster

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestTemplate(t *testing.T) {
	values := map[string]string{"name": "plain-1.2", "dir": `/a b/it's $HOME`}
	for _, c := range []struct{ template, want string }{
		{"qsub {name}", "qsub plain-1.2"},
		{"cd {dir}/x", `cd '/a b/it'\''s $HOME'/x`},
		{`cd "{dir}/x"`, `cd "/a b/it's \$HOME/x"`},
		{`sh -c 'cd {dir}'`, `sh -c 'cd /a b/it'\''s $HOME'`},
		{`-J "{name}[1-2]%{name}"`, `-J "plain-1.2[1-2]%plain-1.2"`},
		{"${name} {{name}} {NAME} {name,b} { name; } ${dir:-x} {}", "${name} {name} {NAME} {name,b} { name; } ${dir:-x} {}"},
		{`it\'s {dir}`, `it\'s '/a b/it'\''s $HOME'`},
		{`"a'" {dir}`, `"a'" '/a b/it'\''s $HOME'`},
		{`'\' {dir}`, `'\' '/a b/it'\''s $HOME'`},
		{"{name", "{name"}, {"", ""}, {`\`, `\`},
	} {
		if got := Template(c.template).Fill(values); got != c.want {
			t.Errorf("%s becomes\n%s, want\n%s", c.template, got, c.want)
		}
		if err := Template(c.template).Check([]string{"name", "dir"}); err != nil {
			t.Errorf("%s: %v", c.template, err)
		}
	}
	err := Template("{name} ${x} {{y}} {tsaks} {z}").Check(AskWords)
	if err == nil || !strings.Contains(err.Error(), "{tsaks}") || !strings.Contains(err.Error(), "{tasks}") {
		t.Errorf("the error names neither the word nor those that there are: %v", err)
	}
}

// TestTemplateIsOneWord has a shell print values, bare and in quotes.
func TestTemplateIsOneWord(t *testing.T) {
	if _, err := exec.LookPath("/bin/sh"); err != nil {
		t.Skip("there is no /bin/sh")
	}
	for _, v := range []string{"a", "a b", "it's", `"`, `\`, "$HOME", "`id`", "*", "a;b", "#", "-n", "~", "é", `$(echo x)`, "{name}", "a\tb", "!"} {
		out, err := exec.Command("/bin/sh", "-c", Template(`printf '<%s>' {name} "{name}" '{name}' x{name}y`).Fill(map[string]string{"name": v})).Output()
		if want := "<" + v + "><" + v + "><" + v + "><x" + v + "y>"; err != nil || string(out) != want {
			t.Errorf("%q: the shell sees %s, %v", v, out, err)
		}
	}
}

// FuzzTemplate: text without words stays, and what Check lets pass leaves no word behind.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{"qsub {name}", `"{dir}'`, "${name}", "{{name}}", "{{{name}}}", `\{name}`, "$${name}", "{a_b} {", "'{name"} {
		f.Add(text)
	}
	values := map[string]string{}
	for _, w := range SubmitWords {
		values[w] = "v"
	}
	words := slices.Sorted(maps.Keys(values))
	f.Fuzz(func(t *testing.T, text string) {
		template := Template(text)
		filled := template.Fill(values)
		if !strings.Contains(text, "{") && filled != text {
			t.Errorf("%q becomes %q", text, filled)
		}
		if template.Check(words) != nil {
			return
		}
		template.each(func(word string, quote byte) string {
			if !slices.Contains(words, word) || quote != 0 && quote != '\'' && quote != '"' {
				t.Errorf("%q has the word %q in %q", text, word, quote)
			}
			return ""
		})
	})
}
