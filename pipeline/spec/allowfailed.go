package spec

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// allowFailed is the attribute of stages that gather, and of claims.
const allowFailed = "allow_failed"

// An Allowance says how many of the instances that feed a stage may fail: a number of them, or a share of
// all. The zero value allows none.
type Allowance struct {
	Count int
	Share float64 // above 0 and below 1, or 0 if Count says it
}

// Of gives how many of n instances may fail. A share is rounded down.
func (a Allowance) Of(n int) int {
	const rounding = 1e-9 // a share of 0.29 of 100 is 29
	return max(a.Count, int(math.Floor(a.Share*float64(n)+rounding)))
}

// metaAttributes gives the attributes that a stage of the kind has beside settings and inputs.
func metaAttributes(k *stages.Kind) []string {
	if k.Gathers() {
		return append(slices.Clone(commonAttributes), allowFailed)
	}
	return commonAttributes
}

// gathering gives the kinds of stages that may have allow_failed.
func (l *loader) gathering() []string {
	var names []string
	for _, name := range l.kindNames() {
		if l.o.Kinds.Kind(name).Gathers() {
			names = append(names, name)
		}
	}
	return names
}

// allowance reads allow_failed, of a claim beside its test.
func (l *loader) allowance(st *stage) {
	attr := st.attribute(allowFailed)
	if st.claim != nil {
		attr = st.claim.Body.Attributes[allowFailed]
	} else if !st.kind.Gathers() {
		return // it is reported as unknown
	}
	if attr == nil {
		return
	}
	if !st.kind.Gathers() {
		l.report(&problem{Err: ErrUnknown, Summary: "Test of a single table", At: attr.NameRange,
			Detail: fmt.Sprintf("The test %q takes one table, and needs it: allow_failed works where the tables of several instances are gathered.", st.kind.Name)})
		return
	}
	v, ok := l.constant(attr.Expr, &scope{where: allowFailed, eachHint: "allow_failed is the same for all instances of a stage."})
	if !ok || v.IsNull() {
		return
	}
	if v.Type() == cty.Number {
		if a, fits := allowanceOf(v.AsBigFloat()); fits {
			st.out.AllowFailed = a
			return
		}
	}
	l.report(&problem{Err: ErrValue, Summary: `Invalid value for "allow_failed"`, At: attr.Expr.Range(), Expr: attr.Expr,
		Detail: fmt.Sprintf("allow_failed is how many of the instances that feed the %s may fail: a whole number, or a share of them between 0 and 1, such as 0.1. It is %s.",
			nounOf(st.out.KindName), describe(v))})
}

// allowanceOf reads a number of instances, or a share below 1.
func allowanceOf(x *big.Float) (Allowance, bool) {
	if n, whole := toInt64(x); whole {
		return Allowance{Count: int(min(n, math.MaxInt32))}, n >= 0
	}
	share, _ := x.Float64()
	return Allowance{Share: share}, share > 0 && share < 1
}
