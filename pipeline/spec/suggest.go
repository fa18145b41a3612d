package spec

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	"spurion/stages"
)

// didYouMean gives the end of a detail: ` Did you mean "x"?`, or the list of what there is, or "".
// The form, such as `%q` or `sweep.%s`, writes a candidate; noun names them in the plural.
func didYouMean(name, form, noun string, candidates []string) string {
	if best := stages.Nearest(name, candidates); best != "" {
		return fmt.Sprintf(" Did you mean "+form+"?", best)
	}
	if len(candidates) == 0 {
		return fmt.Sprintf(" There are no %s.", noun)
	}
	list := sortedCopy(candidates)
	for i, c := range list {
		list[i] = fmt.Sprintf(form, c)
	}
	if len(list) > 15 {
		list = append(list[:14:14], fmt.Sprintf("%d more", len(list)-14))
	}
	if len(list) == 1 {
		return fmt.Sprintf(" The only one of the %s is %s.", noun, list[0])
	}
	return fmt.Sprintf(" The %s are %s.", noun, enumerate(list))
}

// insteadOf gives what settings say to write for labels that they do not have.
func insteadOf(s *stages.Schema) map[string]string {
	if r, ok := reflect.New(s.Type).Interface().(stages.Redirector); ok {
		return r.Instead()
	}
	return nil
}

// otherLabel says what to write for a label that a block's settings do not have.
func otherLabel(s *stages.Schema, label string) string {
	if instead, known := insteadOf(s)[label]; known {
		return " " + instead
	}
	return didYouMean(label, "%q", "labels", s.Label.OneOf)
}

// enumerate gives "a", "a and b", "a, b and c".
func enumerate(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// stop ends a sentence that has no end yet.
func stop(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

func sortedCopy(list []string) []string {
	out := append([]string(nil), list...)
	sort.Strings(out)
	return out
}

// keysOf gives the sorted keys of a map.
func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
