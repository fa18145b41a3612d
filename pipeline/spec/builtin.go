package spec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// A price gives the units that a call will take, from its arguments, before it is made; or says why it cannot be made.
// A price without a function of its own is what the arguments hold.
type price func(args []cty.Value) (int64, error)

// A callee is a function before it is metered.
type callee struct {
	params []function.Parameter
	rest   *function.Parameter
	impl   func(args []cty.Value) (cty.Value, error)
}

// library gives a function of the library.
func library(f function.Function) callee { return callee{f.Params(), f.VarParam(), f.Call} }

// libraryFuncs gives functions of the library by their names.
func libraryFuncs(fs map[string]function.Function) map[string]callee {
	out := make(map[string]callee, len(fs))
	for name, f := range fs {
		out[name] = library(f)
	}
	return out
}

// parameter gives that of the i-th argument.
func (c *callee) parameter(i int) *function.Parameter {
	if i < len(c.params) {
		return &c.params[i]
	}
	return c.rest
}

// builtin makes a function of the language: its arguments are converted in time that grows with their size alone, it is
// charged before it builds, and a fault in it becomes a sentence. All checks are left to the call, since the types of an
// evaluation's values are never asked for alone, and finding them twice would cost as much as most calls.
func (l *loader) builtin(c callee, cost price) function.Function {
	spec := &function.Spec{Type: function.StaticReturnType(cty.DynamicPseudoType)}
	for _, p := range c.params {
		spec.Params = append(spec.Params, open(p))
	}
	if c.rest != nil {
		p := open(*c.rest)
		spec.VarParam = &p
	}
	spec.Impl = func(given []cty.Value, _ cty.Type) (cty.Value, error) {
		v, err := l.budget.call(&c, cost, given)
		if l.budget.broken() {
			return cty.NilVal, errOverspent
		}
		return v, sentenceOf(err)
	}
	return function.New(spec)
}

// call charges, converts and calls.
func (b *budget) call(c *callee, cost price, given []cty.Value) (cty.Value, error) {
	args := make([]cty.Value, len(given))
	for i, v := range given {
		if args[i] = unseal(v); !args[i].IsKnown() {
			return cty.DynamicVal, nil // a loop asks for the type of its condition before it has an element
		}
		if args[i].IsNull() && !c.parameter(i).AllowNull {
			return cty.NilVal, function.NewArgErrorf(i, "argument must not be null")
		}
	}
	if err := b.charge(cost, args); err != nil {
		return cty.NilVal, err
	}
	for i, v := range args {
		var err error
		if args[i], err = b.conform(v, c.parameter(i).Type); err != nil {
			return cty.NilVal, function.NewArgErrorf(i, "%s", errorText(err))
		}
	}
	v, err := c.impl(args)
	if err == nil {
		b.take(sizeOf(v))
	}
	return v, err
}

// open makes a parameter that takes what comes: the call looks at it.
func open(p function.Parameter) function.Parameter {
	if customdecode.CustomExpressionDecoderForType(p.Type) == nil {
		p.Type = cty.DynamicPseudoType
	}
	p.AllowNull, p.AllowMarked, p.AllowUnknown, p.AllowDynamicType = true, true, true, true
	return p
}

// charge takes the price of a call.
func (b *budget) charge(cost price, args []cty.Value) error {
	if b.broken() {
		return errOverspent
	}
	n := int64(8)
	if cost == nil {
		n += deepSizes(args, b.left)
	} else if known(args) {
		units, err := cost(args)
		if err != nil {
			return err
		}
		n += units
	}
	if !b.take(n) {
		return errOverspent
	}
	return nil
}

func known(args []cty.Value) bool {
	for _, v := range args {
		if !v.IsKnown() || v.IsNull() || v.IsMarked() {
			return false
		}
	}
	return true
}

// deepSizes gives the units of all arguments.
func deepSizes(args []cty.Value, limit int64) int64 {
	n := int64(0)
	for _, v := range args {
		if n += deepSizeOf(v, limit-n); n > limit {
			return n
		}
	}
	return n
}

// sentenceOf words a fault of a function's own code, which cty catches with its stack, for people.
func sentenceOf(err error) error {
	var fault function.PanicError
	if !errors.As(err, &fault) {
		return err
	}
	return fmt.Errorf("it cannot deal with these arguments (%s); this is a fault of Spurion, please report it", faultText(fault.Value))
}

// faultText gives the first line of what was panicked with, without Go's words for it.
func faultText(fault any) string {
	text, _, _ := strings.Cut(fmt.Sprint(fault), "\n")
	return clip(strings.TrimPrefix(text, "runtime error: "), 100)
}
