// Package floatguard is a source check for tests: it finds floating point whose bits a compiler or
// processor may change, in packages whose results reach artifacts.
//
// Go may compute x*y + z with one rounding instead of two, also across statements and inlined
// calls, and does so on some processors and at GOAMD64=v3. Only an explicit conversion of the product
// forbids it. So every product of floats must stand inside a conversion, float64(x*y), unless it
// goes straight into another product, a quotient, a comparison, or a function of package math.
// Package math's transcendental functions differ between processors (spurion/stages/numeric/kernel has
// portable ones), float32(math.FMA(...)) rounds twice, and math/rand may change between releases.
//
// Libraries of floating point differ as package math does. So a number that gonum returns must stand inside a
// call that settles it (Settle of spurion/stages/numeric/distribution) and go nowhere else before; what returns
// anything but one number, or is kept for a later call, cannot be looked at and is found as well.
package floatguard

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Finding is one thing to change.
type Finding struct {
	Pos  token.Position
	Text string
}

func (f Finding) String() string { return fmt.Sprintf("%v: %s", f.Pos, f.Text) }

// exact are the functions of package math whose result IEEE 754 or their definition fixes; all
// others are found.
var exact = strings.Fields(`Abs Ceil Copysign Dim Float32bits Float32frombits Float64bits
	Float64frombits Floor FMA Frexp Inf IsInf IsNaN Ldexp Logb Ilogb Max Min Mod Modf NaN Nextafter
	Nextafter32 Remainder Round RoundToEven Signbit Sqrt Trunc`)

// inspect looks at one file's syntax with its types.
func inspect(fset *token.FileSet, file *ast.File, info *types.Info) []Finding {
	g := &guard{fset: fset, info: info}
	for _, spec := range file.Imports {
		if path := strings.Trim(spec.Path.Value, `"`); path == "math/rand" || path == "math/rand/v2" {
			g.report(spec.Pos(), "imports "+path+"; draw from a kernel.Stream")
		}
	}
	var parents []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			parents = parents[:len(parents)-1]
			return false
		}
		g.node(n, parents)
		parents = append(parents, n)
		return true
	})
	return g.findings
}

type guard struct {
	fset     *token.FileSet
	info     *types.Info
	findings []Finding
}

func (g *guard) report(pos token.Pos, text string) {
	g.findings = append(g.findings, Finding{g.fset.Position(pos), text})
}

func (g *guard) node(n ast.Node, parents []ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.MUL && g.isFloat(n) && !g.absorbed(n, parents) {
			g.report(n.OpPos, "a product that may be fused with a sum; convert it: float64(x*y)")
		}
	case *ast.AssignStmt:
		if n.Tok == token.MUL_ASSIGN && g.isFloat(n.Lhs[0]) {
			g.report(n.TokPos, "a product that may be fused with a sum; write x = float64(x*y)")
		}
	case *ast.SelectorExpr:
		if g.isMath(n) && !slices.Contains(exact, n.Sel.Name) && g.isFunction(n) {
			g.report(n.Pos(), "math."+n.Sel.Name+" differs between processors; use spurion/stages/numeric/kernel")
		}
		if f := g.ofLibrary(n); f != nil && !g.settled(f, n, parents) {
			g.report(n.Pos(), f.Name()+" of "+f.Pkg().Path()+" differs between builds; settle its number at once: distribution.Settle(...)")
		}
	case *ast.CallExpr:
		if g.convertsTo(n, types.Float32) && len(n.Args) == 1 && g.isFMA(n.Args[0]) {
			g.report(n.Pos(), "float32(math.FMA(...)) rounds twice; use kernel.FMA32")
		}
	}
}

// isFloat reports whether e is a float or complex number (or may be one, in a generic function) that
// is not a constant.
func (g *guard) isFloat(e ast.Expr) bool {
	tv := g.info.Types[e]
	if tv.Value != nil || tv.Type == nil {
		return false
	}
	return floatType(tv.Type)
}

func floatType(t types.Type) bool {
	switch u := types.Unalias(t).(type) {
	case *types.TypeParam:
		return mayHoldFloat(u.Constraint())
	default:
		b, ok := u.Underlying().(*types.Basic)
		return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0
	}
}

func mayHoldFloat(constraint types.Type) bool {
	i, ok := constraint.Underlying().(*types.Interface)
	if !ok {
		return floatType(constraint)
	}
	for k := range i.NumEmbeddeds() {
		switch e := i.EmbeddedType(k).(type) {
		case *types.Union:
			for m := range e.Len() {
				if mayHoldFloat(e.Term(m).Type()) {
					return true
				}
			}
		default:
			if mayHoldFloat(e) {
				return true
			}
		}
	}
	return false
}

// absorbed reports whether the value of e goes where no sum can take it in unrounded.
func (g *guard) absorbed(e ast.Expr, parents []ast.Node) bool {
	for i := len(parents) - 1; i >= 0; i-- {
		switch p := parents[i].(type) {
		case *ast.ParenExpr, *ast.UnaryExpr:
			continue // a sign does not round
		case *ast.BinaryExpr:
			switch p.Op {
			case token.ADD, token.SUB:
				return false
			}
			return true // a product, itself looked at; a quotient; a comparison
		case *ast.CallExpr:
			if tv := g.info.Types[p.Fun]; tv.IsType() {
				return true
			}
			s, ok := p.Fun.(*ast.SelectorExpr)
			return ok && g.isMath(s)
		case *ast.IndexExpr:
			return true
		default:
			return false
		}
	}
	return false
}

func (g *guard) isMath(s *ast.SelectorExpr) bool {
	id, ok := s.X.(*ast.Ident)
	if !ok {
		return false
	}
	pkg, ok := g.info.Uses[id].(*types.PkgName)
	return ok && pkg.Imported().Path() == "math"
}

func (g *guard) isFunction(s *ast.SelectorExpr) bool {
	_, ok := g.info.Uses[s.Sel].(*types.Func)
	return ok
}

func (g *guard) convertsTo(call *ast.CallExpr, kind types.BasicKind) bool {
	tv := g.info.Types[call.Fun]
	if !tv.IsType() {
		return false
	}
	b, ok := tv.Type.Underlying().(*types.Basic)
	return ok && b.Kind() == kind
}

func (g *guard) isFMA(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	return ok && g.isMath(s) && s.Sel.Name == "FMA"
}
