package spec

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const secretive = `
variable "token" {
  type      = string
  sensitive = true
}
variable "pin" {
  default   = 123456
  sensitive = true
}
variable "open" { default = "hello" }
locals {
  b = "Bearer ${local.a}"
  a = var.token
  c = var.open
}
`

// What depends on a sensitive variable, through any number of local values, is a sensitive setting, and nothing else is.
func TestSensitiveSettings(t *testing.T) {
	s, ds := load(t, secretive+`
stage "exec" "a" {
  command     = ["sh", local.c]
  environment = { A = local.b }
  output "t" { path = var.open }
}
stage "exec" "b" {
  command = ["sh", var.pin == 3 ? "a" : local.a]
  output "t" { path = var.open }
}
`, Options{Vars: []string{"token=s3cr3t/\"x\""}})
	if s == nil {
		t.Fatal(ds)
	}
	if got := s.Stages[0].Sensitive; !slices.Equal(got, []string{"environment"}) {
		t.Errorf("of a: %q", got)
	}
	b := s.Stages[1]
	if !b.IsSensitive("command") || b.IsSensitive("comm") || b.IsSensitive("output.t.path") {
		t.Errorf("of b: %q", b.Sensitive)
	}
	value, _ := b.Instances[0].Settings.Get("command")
	if !strings.Contains(value, "s3cr3t") || b.Shown("command", value) != Hidden || strings.Contains(b.Keyed("command", value), "s3cr3t") {
		t.Errorf("%s is shown as %s and keyed as %s", value, b.Shown("command", value), b.Keyed("command", value))
	}
	if b.Keyed("command", value) == b.Keyed("output.t.path", `"other"`) || b.Keyed("output.t.path", value) != value {
		t.Error("what is keyed of a value does not stand for it")
	}
	for _, v := range s.Variables {
		if v.Sensitive != (v.Name != "open") || v.Sensitive != (v.Value == `"(sensitive)"`) {
			t.Errorf("%+v", v)
		}
	}
}

// Texts and command lines are masked, also as JSON has them.
func TestMask(t *testing.T) {
	s, ds := load(t, secretive, Options{Vars: []string{"token=s3cr3t/\"x\""}})
	if s == nil {
		t.Fatal(ds)
	}
	for text, want := range map[string]string{
		`a s3cr3t/"x" b`:                       "a (sensitive) b",
		`{"a":"s3cr3t/\"x\""}`:                 `{"a":"(sensitive)"}`,
		"pin 123456 and 12345":                 "pin (sensitive) and 12345",
		"hello":                                "hello",
		"s3cr3t/\"x\"s3cr3t/\"x\" sh 12345678": "(sensitive)(sensitive) sh (sensitive)78",
	} {
		if got := s.Mask(text); got != want {
			t.Errorf("%s is masked as %s, want %s", text, got, want)
		}
	}
	args := []string{"run", "--var", "pin=1", "--var=token=ab", "--var", "open=1", "--note=123456", "pin=2", "a.hcl"}
	want := []string{"run", "--var", "pin=(sensitive)", "--var=token=(sensitive)", "--var", "open=1", "--note=(sensitive)", "pin=2", "a.hcl"}
	if got := s.MaskArgs(args); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What would be seen may not depend on a sensitive variable, and no message says its value.
func TestSensitiveElsewhere(t *testing.T) {
	for name, text := range map[string]string{
		"for_each":     "stage \"exec\" \"a\" {\n for_each = { x = local.b }\n command = [\"sh\"]\n}",
		"axis":         `sweep "s" { x = [var.token] }`,
		"input":        "stage \"exec\" \"a\" {\n command = [\"sh\"]\n inherit = [local.a]\n}",
		"output":       "stage \"exec\" \"a\" {\n command = [\"sh\"]\n output \"t\" { path = local.a }\n}",
		"result":       `stage "generate" "a" { dimensions = length(var.token) }`,
		"wrong type":   `stage "exec" "a" { command = local.a }`,
		"wrong number": "stage \"exec\" \"a\" {\n command = [\"sh\"]\n timeout = var.token\n}",
		"operand":      "stage \"exec\" \"a\" {\n command = [\"sh\"]\n timeout = var.token + 1\n}",
		"function":     "stage \"exec\" \"a\" {\n command = [\"sh\"]\n timeout = parity(local.a)\n}",
		"validation":   "variable \"v\" {\n default = 1\n validation {\n condition = var.token == \"\"\n error_message = \"it is ${var.token}\"\n}\n}",
	} {
		_, ds := load(t, secretive+text, Options{Vars: []string{"token=s3cr3t-s3cr3t"}})
		if !ds.HasErrors() {
			t.Errorf("%s: no error", name)
		}
		for i := range ds {
			if out := ds[i].Text(200, false); strings.Contains(out, "s3cr3t") {
				t.Errorf("%s: %s", name, out)
			}
		}
		if slices.Contains([]string{"for_each", "axis", "input", "output", "result"}, name) {
			if !slices.ContainsFunc(ds, func(d Diagnostic) bool { return errors.Is(d.Err, ErrSensitive) }) {
				t.Errorf("%s: %v", name, ds)
			}
		}
	}
	if _, ds := load(t, `variable "a" { sensitive = "yes" }`, Options{}); !ds.HasErrors() {
		t.Error("sensitive takes text")
	}
}

// A mistake in a file of variables is told without its lines, if one of them is sensitive.
func TestSensitiveFiles(t *testing.T) {
	for name, text := range map[string]string{
		"a.hcl":  "pin = \"topsecret\"\ntoken = \"x\"\n",
		"b.hcl":  "token = \"topsecret\"\nnobody = 1\n",
		"c.hcl":  "token = \"topsecret\n",
		"d.json": "{\"token\": \"topsecret\", \"nobody\": 1}",
		"e.json": "{\"token\": \"topsecret\" 3}",
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, ds := load(t, strings.Replace(secretive, "default   = 123456", "type = number\n  default   = 123456", 1), Options{VarFiles: []string{path}})
		if !ds.HasErrors() {
			t.Errorf("%s: no error", name)
		}
		for i := range ds {
			if out := ds[i].Text(200, false); strings.Contains(out, "topsecret") {
				t.Errorf("%s: %s", name, out)
			}
		}
	}
}
