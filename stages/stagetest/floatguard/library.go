package floatguard

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// library is the path below which packages compute with floats in ways that differ between builds.
const library = "gonum.org/v1/gonum/"

// settling are the functions that round off what differs.
var settling = []string{"spurion/stages/numeric/distribution.Settle", "spurion/stages/numeric/distribution.settle"}

// ofLibrary gives the library's function or method that a selector names; nil if it names none.
func (g *guard) ofLibrary(s *ast.SelectorExpr) *types.Func {
	f, ok := g.info.Uses[s.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || !strings.HasPrefix(f.Pkg().Path(), library) {
		return nil
	}
	return f
}

// settled reports whether a use of a library's function is a call of one number within a call that settles it,
// in one expression.
func (g *guard) settled(f *types.Func, use *ast.SelectorExpr, parents []ast.Node) bool {
	results := f.Signature().Results()
	if results.Len() != 1 {
		return false
	}
	if b, ok := results.At(0).Type().Underlying().(*types.Basic); !ok || b.Info()&types.IsFloat == 0 {
		return false
	}
	last := len(parents) - 1
	if call, ok := parents[last].(*ast.CallExpr); !ok || call.Fun != use {
		return false
	}
	for _, p := range slices.Backward(parents[:last]) {
		switch p := p.(type) {
		case *ast.CallExpr:
			if slices.Contains(settling, g.called(p)) {
				return true
			}
		case *ast.FuncLit, ast.Stmt:
			return false
		}
	}
	return false
}

// called gives the full name of the function that is called; "" for others.
func (g *guard) called(call *ast.CallExpr) string {
	var name *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return ""
	}
	if f, ok := g.info.Uses[name].(*types.Func); ok {
		return f.FullName()
	}
	return ""
}
