package screen

import (
	"encoding/json"
	"html"
	"strconv"
	"strings"

	"spurion/stages/common/markup"
)

// written gives the forms in which a text stands in files: as it is, and escaped, as those who write a text for others to
// interpret do. Some escape a sign only in some places, so it is tried alone and within a word. Figures have spaces for
// underscores.
func written(text string) []string {
	forms := []string{text}
	if spaced := strings.ReplaceAll(text, "_", " "); spaced != text {
		forms = append(forms, spaced, xmlAttribute(spaced))
	}
	for _, escape := range []func(string) string{quoted, quotedForHTML, xmlText, xmlAttribute, xmlNamed, inPage, html.EscapeString, markup.Markdown, markup.LaTeX} {
		forms = append(forms, escape(text))
		if within, ok := strings.CutPrefix(escape("x"+text+"x"), "x"); ok {
			forms = append(forms, strings.TrimSuffix(within, "x"))
		}
	}
	return forms
}

func quoted(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

// quotedForHTML is what encoding/json makes of a text: <, > and & are numbers.
func quotedForHTML(s string) string {
	q, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(q[1 : len(q)-1])
}

// What has to be escaped in XML depends on where it stands, and quotes have two forms each.
var (
	xmlText      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	xmlAttribute = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
	xmlNamed     = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace
	inPage       = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace // as the report has them
)
