package floatguard

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Check looks at the packages that the go command's patterns select, seen from dir, without their
// tests. Findings come in the order of packages and files.
func Check(dir string, patterns ...string) ([]Finding, error) {
	const mode = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedExportFile |
		packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo
	list, err := packages.Load(&packages.Config{Mode: mode, Dir: dir}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("floatguard: %w", err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("floatguard: no package is %s", strings.Join(patterns, " or "))
	}
	var findings []Finding
	for _, p := range list {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("floatguard: %s: %w", p.PkgPath, p.Errors[0])
		}
		if strings.HasSuffix(p.PkgPath, "test") { // helpers of tests reach no artifact
			continue
		}
		for _, f := range p.Syntax {
			findings = append(findings, inspect(p.Fset, f, p.TypesInfo)...)
		}
	}
	return findings, nil
}
