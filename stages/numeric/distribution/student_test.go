package distribution_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"spurion/stages/numeric/distribution"
)

// students are quantiles of Student's t, computed with 40 digits by mpmath 1.3: the root of the distribution
// function, by the incomplete beta function; for 1,000,000 degrees of freedom and more by Abramowitz and
// Stegun's 26.7.5, whose error is below 1e-26 there.
var students = []struct {
	p    float64
	df   int
	want float64
}{
	{0.975, 1, 12.706204736174693}, {0.975, 2, 4.3026527297494618}, {0.975, 3, 3.1824463052837084},
	{0.975, 4, 2.7764451051977935}, {0.975, 5, 2.5705818356363148}, {0.975, 6, 2.4469118511449693},
	{0.975, 7, 2.3646242515927847}, {0.975, 8, 2.3060041352041661}, {0.975, 9, 2.262157162798205},
	{0.975, 10, 2.2281388519862742}, {0.975, 11, 2.2009851600916394}, {0.975, 12, 2.1788128296672284},
	{0.975, 13, 2.160368656462792}, {0.975, 14, 2.1447866879178034}, {0.975, 15, 2.1314495455597752},
	{0.975, 16, 2.1199052992212542}, {0.975, 17, 2.1098155778333166}, {0.975, 18, 2.100922040241038},
	{0.975, 19, 2.0930240544083093}, {0.975, 20, 2.0859634472658644}, {0.975, 21, 2.07961384472768},
	{0.975, 22, 2.0738730679040257}, {0.975, 23, 2.0686576104190482}, {0.975, 24, 2.0638985616280254},
	{0.975, 25, 2.0595385527532973}, {0.975, 26, 2.0555294386428728}, {0.975, 27, 2.0518305164802851},
	{0.975, 28, 2.0484071417952447}, {0.975, 29, 2.0452296421327039}, {0.975, 30, 2.0422724563012379},
	{0.975, 31, 2.0395134463964081}, {0.975, 32, 2.0369333434601015}, {0.975, 33, 2.0345152974493383},
	{0.975, 34, 2.0322445093177185}, {0.975, 35, 2.0301079282503428}, {0.975, 36, 2.0280940009804505},
	{0.975, 37, 2.0261924630291094}, {0.975, 38, 2.0243941639119692}, {0.975, 39, 2.0226909200367607},
	{0.975, 40, 2.021075390306273}, {0.975, 59, 2.0009953780882673}, {0.975, 60, 2.0002978220142601},
	{0.975, 119, 1.9800998764569395}, {0.975, 120, 1.9799304050824405}, {0.975, 200, 1.971896223633909},
	{0.975, 500, 1.9647198374673674}, {0.975, 999, 1.9623414611334496}, {0.975, 1000, 1.9623390808264081},
	{0.75, 1, 1.0}, {0.75, 2, 0.81649658092772603}, {0.75, 3, 0.76489232840434528},
	{0.75, 30, 0.68275569332129255}, {0.75, 1000, 0.67473516460700944}, {0.95, 1, 6.3137515146750374},
	{0.95, 2, 2.9199855803537242}, {0.95, 3, 2.3533634348018229}, {0.95, 30, 1.6972608865939574},
	{0.95, 1000, 1.6463788172854643}, {0.995, 1, 63.656741162871524}, {0.995, 2, 9.9248432009182886},
	{0.995, 3, 5.8409093097333554}, {0.995, 30, 2.749995653567225}, {0.995, 1000, 2.5807546980659508},
	{0.9995, 1, 636.61924876878973}, {0.9995, 2, 31.599054576445363}, {0.9995, 3, 12.923978636687964},
	{0.9995, 30, 3.6459586350420628}, {0.9995, 1000, 3.3002826484239442}, {0.75, 1001, 0.67473491935844706},
	{0.75, 5000, 0.674538820360874}, {0.75, 1000000, 0.67448999553108738}, {0.75, 1000000000, 0.67448975044141667},
	{0.975, 1001, 1.9623367052808795}, {0.975, 5000, 1.9604385517065075}, {0.975, 1000000, 1.9599663568141067},
	{0.975, 1000000000, 1.9599639869123251}, {0.9995, 1001, 3.3002728760660404}, {0.9995, 5000, 3.2924737233708823},
	{0.9995, 1000000, 3.2905364612487221}, {0.9995, 1000000000, 3.2905267412216565},
}

func TestStudent(t *testing.T) {
	for _, c := range students {
		got := distribution.Student(c.p, c.df)
		if math.Abs(got-c.want) > 5.001e-9*c.want || got != distribution.Settle(got) {
			t.Errorf("%v with %d degrees of freedom: %v, want %v", c.p, c.df, got, c.want)
		}
		if nine := distribution.Settle(c.want); got != nine {
			t.Errorf("%v with %d degrees of freedom: %v, want %v of nine digits", c.p, c.df, got, nine)
		}
	}
}

// TestStudentClosedForms: with 1, 2 and 4 degrees of freedom the quantile is a formula.
func TestStudentClosedForms(t *testing.T) {
	for _, p := range []float64{0.75, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9995} {
		a := 4 * p * (1 - p)
		for df, want := range map[int]float64{
			1: math.Tan(math.Pi * (p - 0.5)),
			2: 2 * (p - 0.5) * math.Sqrt(2/a),
			4: 2 * math.Sqrt(math.Cos(math.Acos(math.Sqrt(a))/3)/math.Sqrt(a)-1),
		} {
			if got := distribution.Student(p, df); math.Abs(got/want-1) > 5.1e-9 {
				t.Errorf("%v with %d degrees of freedom: %v, want %v", p, df, got, want)
			}
		}
	}
}

// TestStudentFalls from each number of degrees of freedom to the next, also where the normal distribution takes
// over, and stays above that.
func TestStudentFalls(t *testing.T) {
	for p, normal := range map[float64]float64{0.75: 0.674489750196, 0.975: 1.95996398454, 0.9995: 3.29052673149} {
		last := math.Inf(1)
		for df := 1; df <= 1100; df++ {
			got := distribution.Student(p, df)
			if got >= last || got < normal {
				t.Errorf("%v with %d degrees of freedom: %v after %v, %v in the limit", p, df, got, last, normal)
			}
			last = got
		}
	}
}

// TestIntervalsMeetNoBoundary: gonum's quantiles at 0.975 differ by less than 1e-13 of their size between
// processors and builds, and none of them is as near as twenty times that to where rounding turns.
func TestIntervalsMeetNoBoundary(t *testing.T) {
	const apart = 2e-12
	for df := 1; df <= 1000; df++ {
		x := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(df)}.Quantile(0.975)
		want := distribution.Student(0.975, df)
		if a, b := distribution.Settle(x*(1-apart)), distribution.Settle(x*(1+apart)); a != want || b != want {
			t.Errorf("%d degrees of freedom: %v is at a boundary: %v and %v", df, x, a, b)
		}
	}
}

func TestStudentRefuses(t *testing.T) {
	for _, c := range []struct {
		p  float64
		df int
	}{{0.975, 0}, {0.975, -1}, {0.5, 3}, {1, 3}, {0.99999, 3}, {math.NaN(), 3}} {
		if !panics(func() { distribution.Student(c.p, c.df) }) {
			t.Errorf("%+v is answered", c)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
