package spec

import (
	"math/big"
	"sort"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// identity gives a text that two values of one type share if and only if they are equal, as == has it.
func identity(v cty.Value) string {
	var b strings.Builder
	writeIdentity(&b, v)
	return b.String()
}

func writeIdentity(b *strings.Builder, v cty.Value) {
	switch ty := v.Type(); {
	case v.IsNull():
		b.WriteByte('~')
	case !v.IsKnown():
		b.WriteByte('?')
	case ty == cty.String:
		text := v.AsString()
		b.WriteString(strconv.Itoa(len(text)))
		b.WriteByte(':')
		b.WriteString(text)
	case ty == cty.Number:
		b.WriteByte('#')
		b.WriteString(numberIdentity(v.AsBigFloat()))
	case ty == cty.Bool:
		b.WriteString(strconv.FormatBool(v.True()))
	case ty == callType:
		b.WriteString("!" + callOf(v).text)
	case ty.IsSetType():
		elems := make([]string, 0, v.LengthInt())
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			elems = append(elems, identity(e))
		}
		sort.Strings(elems) // the order of a set of lists may differ between equal ones
		b.WriteString("{" + strings.Join(elems, ",") + "}")
	case v.CanIterateElements():
		keyed := ty.IsMapType() || ty.IsObjectType()
		b.WriteByte('[')
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			if keyed {
				writeIdentity(b, k)
				b.WriteByte('=')
			}
			writeIdentity(b, e)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	}
}

// numberIdentity follows cty: whole numbers are equal as such, others where their shortest decimals are.
func numberIdentity(x *big.Float) string {
	if x.Sign() == 0 {
		return "0"
	}
	if i, ok := toInt64(x); ok {
		return strconv.FormatInt(i, 10)
	}
	if x.IsInt() {
		return "=" + x.Text('p', 0)
	}
	return decimal(x)
}

// same reports whether two values are equal, quickly where they are single.
func same(a, b cty.Value) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	ty := a.Type()
	switch {
	case !ty.IsPrimitiveType() && ty != callType:
		return ty.Equals(b.Type()) && identity(a) == identity(b)
	case ty != b.Type():
		return false
	case ty == cty.Number:
		x, y := a.AsBigFloat(), b.AsBigFloat()
		if x.IsInt() || y.IsInt() {
			return x.Cmp(y) == 0
		}
		f, _ := x.Float64()
		g, _ := y.Float64()
		return f == g && numberIdentity(x) == numberIdentity(y)
	case ty == cty.String:
		return a.AsString() == b.AsString()
	case ty == cty.Bool:
		return a.True() == b.True()
	}
	return callOf(a).text == callOf(b).text
}
