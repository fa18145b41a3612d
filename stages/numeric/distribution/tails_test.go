package distribution_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/kernel"
)

// studentTails are upper tails of Student's t, by the incomplete beta function with 40 digits of mpmath 1.3.
var studentTails = []struct{ t, df, want float64 }{
	{0.01, 0.7, 0.49705375629818678}, {0.5, 0.7, 0.36520084334116501}, {1, 0.7, 0.27519333625998568},
	{2, 0.7, 0.18457407583326128}, {2.5, 0.7, 0.15985218134063689}, {4, 0.7, 0.11667226029268567},
	{9, 0.7, 0.06663888032183547}, {40, 0.7, 0.023498366939382575}, {0.01, 1, 0.49681700723509174},
	{0.5, 1, 0.35241638234956673}, {1, 1, 0.25}, {2, 1, 0.14758361765043327},
	{2.5, 1, 0.1211189415908434}, {4, 1, 0.077979130377369325}, {9, 1, 0.035223287477277274},
	{40, 1, 0.0079560899120258133}, {0.01, 1.37, 0.49663845472975526}, {0.5, 1.37, 0.34275883542772806},
	{1, 1.37, 0.23059539861777265}, {2, 1.37, 0.11934771322854909}, {2.5, 1.37, 0.092203767075154775},
	{4, 1.37, 0.051257378698791519}, {9, 1.37, 0.017418883478831983}, {40, 1.37, 0.0022742778936040668},
	{0.01, 2, 0.49646455447910049}, {0.5, 2, 0.33333333333333333}, {1, 2, 0.21132486540518712},
	{2, 2, 0.091751709536136984}, {2.5, 2, 0.064805860110755405}, {4, 2, 0.028595479208968317},
	{9, 2, 0.0060608300463934341}, {40, 2, 0.00031220733609237032}, {0.01, 2.9, 0.49633459637161169},
	{0.5, 2.9, 0.32627054538260048}, {1, 2.9, 0.19664636738599846}, {2, 2.9, 0.071237700581388253},
	{2.5, 2.9, 0.045307413290726614}, {4, 2.9, 0.014911960379947043}, {9, 2.9, 0.0016537016736923722},
	{40, 2.9, 2.2726261039959832e-5}, {0.01, 3, 0.49632455570642599}, {0.5, 3, 0.3257239824240755},
	{1, 3, 0.19550110947788532}, {2, 3, 0.069662984279421588}, {2.5, 3, 0.043853323504032774},
	{4, 3, 0.014004228005073083}, {9, 3, 0.0014479060809320735}, {40, 3, 1.7190340394579264e-5},
	{0.01, 5.5, 0.49618700994977632}, {0.5, 5.5, 0.31822017435770655}, {1, 5.5, 0.17962668740656014},
	{2, 5.5, 0.048377195115592502}, {2.5, 5.5, 0.025060042934610823}, {4, 5.5, 0.0042524577874150367},
	{9, 5.5, 8.5249998583925596e-5}, {40, 5.5, 2.7052549945230502e-8}, {0.01, 9, 0.49611972276816263},
	{0.5, 9, 0.31453564991301324}, {1, 9, 0.17171819806895676}, {2, 9, 0.038276411885350521},
	{2.5, 9, 0.01693091384149287}, {4, 9, 0.0015552141551929277}, {9, 9, 4.2690256115831374e-6},
	{40, 9, 9.4914992246699132e-12}, {0.01, 14.21, 0.49608016362245299}, {0.5, 14.21, 0.31236426983109391},
	{1, 14.21, 0.16701786390297645}, {2, 14.21, 0.032495025237752898}, {2.5, 14.21, 0.012626359348207582},
	{4, 14.21, 0.00064012961510913312}, {9, 14.21, 1.5070394519462915e-7}, {40, 14.21, 2.6018718183853025e-16},
	{0.01, 29.99, 0.49604375727446862}, {0.5, 29.99, 0.31036210731048667}, {1, 29.99, 0.16265562984339766},
	{2, 29.99, 0.027314062309020478}, {2.5, 29.99, 0.009058836435675174}, {4, 29.99, 0.00019100956893285056},
	{9, 29.99, 2.5149810697294731e-10}, {40, 29.99, 6.968342109821748e-28}, {0.01, 58.3, 0.49602771437624345},
	{0.5, 58.3, 0.30947857149727512}, {1, 58.3, 0.1607215503502468}, {2, 58.3, 0.025083080625808584},
	{2.5, 58.3, 0.0076270083192917587}, {4, 58.3, 9.0438976970504719e-5}, {9, 58.3, 6.3382191217524213e-13},
	{40, 58.3, 2.1866639551360667e-44}, {0.01, 120, 0.49601894664982313}, {0.5, 120, 0.30899536216919853},
	{1, 120, 0.15966136193221062}, {2, 120, 0.023879263670164189}, {2.5, 120, 0.0068847674625152115},
	{4, 120, 5.4971921312108269e-5}, {9, 120, 2.0500117598832322e-15}, {40, 120, 1.5668241993082684e-71},
	{0.01, 1234.5, 0.49601145154641596}, {0.5, 1234.5, 0.30858209385741683}, {1, 1234.5, 0.15875323761559555},
	{2, 1234.5, 0.02285951161552739}, {2.5, 1234.5, 0.0062741302014264709}, {4, 1234.5, 3.3552572620727301e-5},
	{9, 1234.5, 4.1613210125079225e-19}, {40, 1234.5, 2.2949140086702654e-225}, {0.01, 100000, 0.49601065365941158},
	{0.5, 100000, 0.30853808882720902}, {1, 100000, 0.15865646378205501}, {2, 100000, 0.022751481728753232},
	{2.5, 100000, 0.0062104595962795227}, {4, 100000, 3.169399877859767e-5}, {9, 100000, 1.1477045025115785e-19},
	{0.01, 7654321.25, 0.4960106438156746}, {0.5, 7654321.25, 0.30853754591280391}, {1, 7654321.25, 0.15865526973760816},
	{2, 7654321.25, 0.022750149582326018}, {2.5, 7654321.25, 0.0062096757022856056}, {4, 7654321.25, 3.1671539066715127e-5},
	{9, 7654321.25, 1.1288362154037173e-19},
}

// normalTails are upper tails of the normal distribution, by mpmath's erfc.
var normalTails = []struct{ z, want float64 }{
	{0, 0.5}, {0.001, 0.49960105778608894}, {0.5, 0.3085375387259869},
	{1, 0.15865525393145705}, {1.96, 0.024997895148220434}, {2.4999, 0.006211418374944586},
	{2.5, 0.0062096653257761352}, {3, 0.0013498980316300945}, {5, 2.8665157187919391e-7},
	{8, 6.2209605742717841e-16}, {12.5, 3.7325642988777134e-36}, {20, 2.7536241186062337e-89},
	{37, 5.7255712225245768e-300},
}

func TestTails(t *testing.T) {
	for _, c := range studentTails {
		if got := distribution.StudentTail(c.t, c.df); math.Abs(got/c.want-1) > 1e-12 && (c.want > 1e-20 || math.Abs(got/c.want-1) > 1e-6) {
			t.Errorf("t of %v with %v degrees of freedom: %v, want %v", c.t, c.df, got, c.want)
		}
		if got := distribution.StudentTail(-c.t, c.df); math.Abs(got-(1-c.want)) > 1e-13 {
			t.Errorf("t of %v with %v degrees of freedom: %v, want %v", -c.t, c.df, got, 1-c.want)
		}
	}
	for _, c := range normalTails {
		if got := distribution.NormalTail(c.z); math.Abs(got/c.want-1) > 2e-13 {
			t.Errorf("z of %v: %v, want %v", c.z, got, c.want)
		}
	}
}

// TestTailsAtTheEnds: infinite numbers, and none.
func TestTailsAtTheEnds(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ got, want float64 }{
		{distribution.StudentTail(inf, 3), 0}, {distribution.StudentTail(-inf, 3), 1}, {distribution.StudentTail(0, 2.5), 0.5},
		{distribution.NormalTail(inf), 0}, {distribution.NormalTail(-inf), 1}, {distribution.NormalTail(40), 0},
		{distribution.StudentTail(2, inf), distribution.NormalTail(2)}, {distribution.StudentTail(1e200, 2), 0},
		{distribution.NormalAbove(0.5), 0}, {distribution.StudentAbove(0.5, 4), 0},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	if !math.IsNaN(distribution.StudentTail(math.NaN(), 3)) || !math.IsNaN(distribution.NormalTail(math.NaN())) {
		t.Error("NaN is answered with a number")
	}
	for _, f := range []func(){
		func() { distribution.StudentTail(1, 0) }, func() { distribution.StudentTail(1, math.NaN()) },
		func() { distribution.StudentAbove(0, 3) }, func() { distribution.NormalAbove(1) }, func() { distribution.NormalAbove(math.NaN()) },
	} {
		if !panics(f) {
			t.Error("what makes no sense is answered")
		}
	}
}

// TestTailsInvert: the point above which p lies has that tail, the number before it a larger one, and it agrees with gonum.
func TestTailsInvert(t *testing.T) {
	stream := kernel.NewStream(3, "test/tails")
	for range 300 {
		p, df := stream.Float64(), 1+20*stream.Float64()*stream.Float64()
		if p == 0 || df == 0 {
			continue
		}
		x := distribution.StudentAbove(p, df)
		if got := distribution.StudentTail(x, df); math.Abs(got/p-1) > 1e-11 {
			t.Errorf("tail of StudentAbove(%v, %v) is %v", p, df, got)
		}
		if want := (distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}).Quantile(1 - p); math.Abs(x-want) > 1e-9*max(1, math.Abs(want)) {
			t.Errorf("StudentAbove(%v, %v) is %v, gonum has %v", p, df, x, want)
		}
		if z, want := distribution.NormalAbove(p), distuv.UnitNormal.Quantile(1-p); math.Abs(z-want) > 1e-9*max(1, math.Abs(want)) {
			t.Errorf("NormalAbove(%v) is %v, gonum has %v", p, z, want)
		}
	}
	for _, df := range []int{1, 2, 7, 30, 120, 1000} {
		if got, want := distribution.StudentAbove(0.025, float64(df)), distribution.Student(0.975, df); math.Abs(got/want-1) > 5.1e-9 {
			t.Errorf("with %d degrees of freedom: %v and %v", df, got, want)
		}
	}
}

// TestTailsFall as the number grows, also where one way of computing them takes over from another.
func TestTailsFall(t *testing.T) {
	for _, df := range []float64{0.5, 1, 3.3, 29.9, 30.1, 400, 1e6, math.Inf(1)} {
		last := 1.0
		for i := -400; i <= 1200; i++ {
			x := float64(i) / 100
			got := distribution.StudentTail(x, df)
			if got > last || got == last && got < 0.999 && got > 1e-300 {
				t.Errorf("tail of %v with %v degrees of freedom is %v after %v", x, df, got, last)
			}
			last = got
		}
	}
}
