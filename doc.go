// Package spurion is the root of the module. It holds no code, only the tests that hold for all of
// it: what each folder may import (imports_test.go, which is also the map of the project) and the
// rules of style that a program can check (lint_test.go). The program is in cmd/spurion.
package spurion
