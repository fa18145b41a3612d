package spec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// verdictOutput is what every test writes.
const verdictOutput = "verdict"

// The roles of a block with a test, which are the words that begin the block and the addresses of its instances: a claim
// is what the experiment asserts, a check what must hold for its claims to mean anything.
const (
	ClaimRole = "claim"
	CheckRole = "check"
)

// isRole reports whether a word begins such a block.
func isRole(word string) bool { return word == ClaimRole || word == CheckRole }

// role gives the word for a block that has a test, in messages.
func (st *stage) role() string { return st.out.KindName }

// claimColumns are columns of the table of all verdicts of a role that no test writes, beside one with the role's name: see
// package publish.
var claimColumns = []string{"says", "source", "source_says", "setting", "test", "p_adjusted"}

// claimAttributes are what a claim or a check has beside its test.
var claimAttributes = []string{"for_each", "says", "source", "source_says", "setting", figuresAttribute, allowFailed}

// declareClaim notes a block of either role.
func (l *loader) declareClaim(b *hclsyntax.Block, quiet bool) {
	st := &stage{
		out:    &Stage{KindName: b.Type, Name: b.Labels[0], Ranges: map[string]Range{}, Claim: &Claim{}},
		header: b.DefRange(), nameAt: b.LabelRanges[0], unreadable: quiet,
	}
	if quiet {
		l.addStage(st, true)
		return
	}
	named := l.checkName(b.Type, b.Labels[0], b.LabelRanges[0])
	st.claim = b
	if test := l.claimTest(b); test == nil {
		st.unreadable = true
	} else {
		st.body = test.Body
		st.out.Claim.Test = test.Labels[0]
		st.kind = l.o.Kinds.Test(test.Labels[0])
		if st.kind == nil {
			st.unreadable = true
			var names []string
			for _, k := range l.o.Kinds.Tests {
				names = append(names, k.Name)
			}
			detail := fmt.Sprintf("There is no test %q.%s", test.Labels[0], didYouMean(test.Labels[0], "%q", "tests", names))
			if former := l.o.Kinds.FormerTests[test.Labels[0]]; former != "" {
				detail = fmt.Sprintf("There is no test %q any more. %s", test.Labels[0], former)
			}
			l.report(&problem{Err: ErrUnknownKind, Summary: "Unknown test " + quoted(clip(test.Labels[0], 40)), At: test.LabelRanges[0], Detail: detail})
		}
	}
	if named {
		l.addStage(st, false)
	}
}

// claimTest finds the one test of a claim or check, and reports what else is in it.
func (l *loader) claimTest(b *hclsyntax.Block) *hclsyntax.Block {
	var tests []*hclsyntax.Block
	for _, inner := range b.Body.Blocks {
		switch {
		case inner.Type != "test":
			l.report(&problem{Err: ErrUnknown, Summary: "Unknown block " + quoted(clip(inner.Type, 40)), At: inner.TypeRange,
				Detail: fmt.Sprintf("A %s has no block %q.%s", b.Type, inner.Type, didYouMean(inner.Type, "%q", "blocks", []string{"test"}))})
		case l.checkLabels(inner, []string{"TYPE"}, false):
			tests = append(tests, inner)
		default:
			return nil
		}
	}
	for _, attr := range attributesInOrder(b.Body) {
		if !slices.Contains(claimAttributes, attr.Name) {
			l.report(&problem{Err: ErrUnknown, Summary: "Unknown attribute " + quoted(clip(attr.Name, 40)), At: attr.NameRange,
				Detail: fmt.Sprintf("A %s has no attribute %q.%s The settings of its test belong in the test block.",
					b.Type, attr.Name, didYouMean(attr.Name, "%q", "attributes", claimAttributes))})
		}
	}
	if len(tests) == 0 {
		l.report(&problem{Err: ErrMissing, Summary: sentence(b.Type) + " without a test", At: b.DefRange(),
			Detail: fmt.Sprintf(`A %s needs one block test "TYPE" { ... } that decides it.`, b.Type)})
		return nil
	}
	if len(tests) > 1 {
		l.report(&problem{Err: ErrDuplicate, Summary: sentence(b.Type) + " with several tests", At: tests[1].DefRange(),
			Detail: fmt.Sprintf("A %s has exactly one test; the first is at %s. Make another %[1]s of it.", b.Type, l.place(tests[0].DefRange()))})
	}
	return tests[0]
}
