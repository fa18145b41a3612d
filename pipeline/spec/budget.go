package spec

import (
	"errors"
	"math/bits"
	"reflect"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// A budget bounds what one evaluation may do and make: nested loops over small lists can ask for more than any machine
// has. A unit is a byte of text, or the work of about 30 ns: a value costs 8, a list 8 for each element, a number of
// many digits what it would be as text. There are 32 units for each element of the longest list, so a list of that
// length costs a quarter of the budget. Who has spent it stays so, whatever catches the error, until the next start.
type budget struct {
	left    int64
	choices map[*choice]outcome // what a conditional holds between its two results
}

// overspent is what spend panics with; eval recovers it.
type overspent struct{}

// errOverspent is what a function fails with; eval tells what it means.
var errOverspent = errors.New("the expression makes too much")

func (b *budget) start(units int64) { b.left = units }

// broken reports whether more was asked for than there was.
func (b *budget) broken() bool { return b.left < 0 }

// take reports whether n units were left.
func (b *budget) take(n int64) bool {
	if n < 0 || n > b.left {
		b.left = -1
	} else {
		b.left -= n
	}
	return b.left >= 0
}

func (b *budget) spend(n int64) {
	if !b.take(n) {
		panic(overspent{})
	}
}

// budgetName is what contexts of evaluation have their budget under: a name that no expression can write.
const budgetName = " budget"

var budgetType = cty.Capsule("budget", reflect.TypeFor[budget]())

// budgetOf finds the budget of an evaluation; nil where nothing is metered.
func budgetOf(ctx *hcl.EvalContext) *budget {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[budgetName]; ok {
			return v.EncapsulatedValue().(*budget)
		}
	}
	return nil
}

// sizeOf gives the units of a value without its nested parts, which were charged when they were made.
func sizeOf(v cty.Value) int64 {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() {
		return 8
	}
	switch ty := v.Type(); {
	case ty == cty.String:
		return 8 + int64(len(v.AsString()))
	case ty == cty.Number:
		x := v.AsBigFloat()
		if e := int64(x.MantExp(nil)); e > 1100 || e < -1100 {
			return 8 + max(e, -e)/3 // about its digits
		}
		return 8
	case ty.IsSetType():
		return 8 + 8*int64(v.LengthInt()) + sortingOf(ty.ElementType(), int64(v.LengthInt()))
	case v.CanIterateElements():
		return 8 + 8*int64(v.LengthInt())
	}
	return 8
}

// sortingOf gives the units of going through a set, which the library sorts each time.
func sortingOf(ty cty.Type, n int64) int64 {
	each := int64(90)
	switch {
	case ty == cty.Number:
		each = 16
	case ty == cty.String:
		each = 4
	case ty == cty.Bool:
		each = 0
	case ty.IsTupleType():
		each *= int64(ty.Length())
	case ty.IsObjectType():
		each *= int64(len(ty.AttributeTypes()))
	}
	return times(n*int64(bits.Len64(uint64(n))), each)
}

// deepSizeOf gives the units of a value with all that is in it, or a number above the limit.
func deepSizeOf(v cty.Value, limit int64) int64 {
	n := sizeOf(v)
	v, _ = v.Unmark()
	if n > limit || !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return n
	}
	if ty := v.Type(); ty.IsSetType() && (ty.ElementType() == cty.Number || ty.ElementType() == cty.Bool) {
		return n + 8*int64(v.LengthInt())
	}
	for it := v.ElementIterator(); it.Next() && n <= limit; {
		_, e := it.Element()
		n += deepSizeOf(e, limit-n)
	}
	return n
}

// square gives n², or the largest number.
func square(n int64) int64 {
	if n > 1<<31 {
		return 1 << 62
	}
	return n * n
}

// times gives a·b for sizes, or the largest number.
func times(a, b int64) int64 {
	if a > 0 && b > (1<<62)/a {
		return 1 << 62
	}
	return a * b
}
