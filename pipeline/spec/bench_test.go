package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// wide is two levels: one stage of the given size, with 13 settings of which three depend on the
// axes, and one that reads each of its instances.
func wideSpec(n int) string {
	return fmt.Sprintf(`
sweep "grid" {
  strength = linspace(0.5, 0.9, 5)
  seed     = range(%d)
}
stage "generate" "data" {
  dimensions = 50
  core       = parity(4)
  spurious   = parity(2)
  seed       = 1
}
stage "train" "erm" {
  for_each = sweep.grid
  data     = generate.data.dataset
  seed     = each.seed
  steps    = 1000
  batch    = 64
  schedule = [each.strength, 1]
  network { hidden = [100, 50] }
  optimizer "sgd" { rate = each.strength * 0.1 }
}
`, n/5)
}

func benchmarkLoad(b *testing.B, text string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "main.hcl")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	kinds := registry()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if s, diags := Load(file, Options{Kinds: kinds}); s == nil {
			b.Fatal(diags)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{5000, 100_000} {
		b.Run(fmt.Sprintf("instances=%d", n), func(b *testing.B) {
			benchmarkLoad(b, wideSpec(n))
		})
	}
}

// BenchmarkLoadChain is a graph of four levels whose every stage is checked and has axes.
func BenchmarkLoadChain(b *testing.B) {
	for _, n := range []int{1250, 25_000} {
		b.Run(fmt.Sprintf("instances=%d", 4*n), func(b *testing.B) {
			text := fmt.Sprintf(`
sweep "grid" {
  strength = linspace(0.5, 0.9, 5)
  seed     = range(%d)
}
stage "generate" "data" {
  for_each   = sweep.grid
  dimensions = 50
  core       = parity(4)
  spurious   = parity(2)
  strength   = each.strength
}
stage "train" "erm" {
  for_each = generate.data
  data     = each.dataset
  steps    = 1000
  optimizer "sgd" { rate = 0.1 }
}
stage "retrain" "last" {
  for_each = train.erm
  data     = each.dataset
  model    = train.erm.model
}
stage "probe" "decoded" {
  for_each = [retrain.last, train.erm]
  model    = retrain.last.model
}
`, n/5)
			benchmarkLoad(b, text)
		})
	}
}
