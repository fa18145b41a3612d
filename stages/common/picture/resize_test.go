package picture

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// random gives an image of noise, or of one level.
func random(r *rand.Rand, channels, height, width int) *Image {
	m := newImage(channels, height, width)
	level, noisy := uint8(r.UintN(256)), r.IntN(4) > 0
	for i := range m.Pixels {
		m.Pixels[i] = level
		if noisy {
			m.Pixels[i] = uint8(r.UintN(256))
		}
	}
	return m
}

// mean is the resized pixel as the documentation has it, in float64: over all pixels of the plane, by the triangle around
// its place, whose sides are the scale, or a pixel of the image.
func mean(plane []uint8, height, width int, y, x, scaleY, scaleX float64) float64 {
	weight := func(at, center, scale float64) float64 {
		return math.Max(0, 1-math.Abs(at+.5-center)/math.Max(scale, 1))
	}
	sum, total := 0.0, 0.0
	for j := range height {
		wy := weight(float64(j), (y+.5)*scaleY, scaleY)
		if wy == 0 {
			continue
		}
		for i := range width {
			w := wy * weight(float64(i), (x+.5)*scaleX, scaleX)
			sum += w * float64(plane[j*width+i])
			total += w
		}
	}
	return sum / total
}

func TestResizeIsTheWeightedMean(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for range 300 {
		size := func() int { return 1 + r.IntN(1+r.IntN(60)) }
		m := random(r, 1+2*r.IntN(2), size(), size())
		height, width := size(), size()
		fit := Fit(r.IntN(2))
		out := m.Resize(height, width, fit)
		if out.Channels != m.Channels || out.Height != height || out.Width != width || len(out.Pixels) != m.Channels*height*width {
			t.Fatalf("%d x %d x %d with %d values", out.Channels, out.Height, out.Width, len(out.Pixels))
		}
		// where the result begins in the scaled image, and how large that is
		tall, broad, top, left := height, width, 0, 0
		if fit == Cover {
			if m.Width*height >= m.Height*width {
				broad = max(width, m.Width*height/m.Height)
				left = int(math.RoundToEven(float64(broad-width) / 2))
			} else {
				tall = max(height, m.Height*width/m.Width)
				top = int(math.RoundToEven(float64(tall-height) / 2))
			}
		}
		scaleY, scaleX := float64(m.Height)/float64(tall), float64(m.Width)/float64(broad)
		bound := 1 + (2*math.Max(scaleY, 1)+2*math.Max(scaleX, 1)+2)/30000
		for c := range m.Channels {
			for y := range height {
				for x := range width {
					want := mean(m.plane(c), m.Height, m.Width, float64(y+top), float64(x+left), scaleY, scaleX)
					got := float64(out.plane(c)[y*width+x])
					worst = math.Max(worst, math.Abs(got-want))
					if math.Abs(got-want) > bound {
						t.Fatalf("%d x %d to %d x %d, fit %d, at %d, %d: %v, want %v", m.Height, m.Width, height, width, fit, y, x, got, want)
					}
				}
			}
		}
	}
	t.Logf("at most %.3f levels from the mean", worst)
}

// One level stays that level, but for the rounding of weights, and an image of the right size stays what it is.
func TestResizeKeeps(t *testing.T) {
	for _, level := range []uint8{0, 1, 127, 254, 255} {
		for _, c := range []struct{ height, width, within int }{{1, 1, 0}, {7000, 3, 0}, {40, 30, 0}, {1, maxSide, 2}, {maxSide, 2, 2}} {
			m := newImage(1, c.height, c.width)
			for i := range m.Pixels {
				m.Pixels[i] = level
			}
			for _, to := range [][2]int{{1, 1}, {5, 9}, {300, 2}} {
				for _, v := range m.Resize(to[0], to[1], Stretch).Pixels {
					if distance(int(v), int(level)) > c.within {
						t.Fatalf("%v to %v: %d is %d", c, to, level, v)
					}
				}
			}
			if m.Resize(c.height, c.width, Cover) != m {
				t.Errorf("%v is resized to what it is", c)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("no pixels are a size")
		}
	}()
	newImage(1, 2, 2).Resize(0, 1, Stretch)
}

// Colors between two samples are on the line between them, wherever the format has its samples.
func TestChromaIsInterpolated(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	at := func(i, per, n int) (near, far int, share float64) {
		if per == 1 {
			return i, i, 1
		}
		far = i/2 - 1
		if i%2 == 1 {
			far = i/2 + 1
		}
		return i / 2, min(max(far, 0), n-1), .75
	}
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440,
		image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		for range 40 {
			p := image.NewYCbCr(image.Rect(0, 0, 5+r.IntN(20), 1+r.IntN(20)), ratio)
			for _, plane := range [][]uint8{p.Y, p.Cb, p.Cr} {
				for i := range plane {
					plane[i] = uint8(r.UintN(256))
				}
			}
			width, height := p.Rect.Dx(), p.Rect.Dy()
			across, down := spread(ratio)
			w, h := (width+across-1)/across, (height+down-1)/down
			want := func(plane []uint8, y, x int) float64 {
				if across == 4 {
					return float64(plane[y/down*p.CStride+x/across])
				}
				ny, fy, sy := at(y, down, h)
				nx, fx, sx := at(x, across, w)
				v := func(y, x int) float64 { return float64(plane[y*p.CStride+x]) }
				return sy*(sx*v(ny, nx)+(1-sx)*v(ny, fx)) + (1-sy)*(sx*v(fy, nx)+(1-sx)*v(fy, fx))
			}
			jpeg, video := asJPEG.image(p), asVideo.image(p)
			for y := range height {
				for x := range width {
					light, cb, cr := float64(p.Y[y*p.YStride+x]), want(p.Cb, y, x), want(p.Cr, y, x)
					full := [3]float64{light + 1.402*(cr-128), light - .344136*(cb-128) - .714136*(cr-128), light + 1.772*(cb-128)}
					l := 1.164384 * (light - 16)
					limited := [3]float64{l + 1.596027*(cr-128), l - .391762*(cb-128) - .812968*(cr-128), l + 2.017232*(cb-128)}
					for c := range 3 {
						near(t, fmt.Sprint("JPEG ", ratio, y, x, c), jpeg.plane(c)[y*width+x], full[c])
						near(t, fmt.Sprint("video ", ratio, y, x, c), video.plane(c)[y*width+x], limited[c])
					}
				}
			}
		}
	}
}

// near allows what rounding a sample and its products to whole levels makes: half a level of either chroma, times at most 2.02, half a level of the sum, and libwebp's 6 bits.
func near(t *testing.T, where string, got uint8, want float64) {
	t.Helper()
	if want = math.Min(math.Max(want, 0), 255); math.Abs(float64(got)-want) > 2.02*.5+1.2 {
		t.Fatalf("%s: %d, want %.2f", where, got, want)
	}
}

// Grey is the luma of the colors, and color of grey is grey.
func TestGrey(t *testing.T) {
	m := random(rand.New(rand.NewPCG(5, 6)), 3, 64, 64)
	grey := m.Grey()
	if grey.Channels != 1 || len(grey.Pixels) != 64*64 {
		t.Fatalf("%d channels, %d pixels", grey.Channels, len(grey.Pixels))
	}
	for i, v := range grey.Pixels {
		if want := .299*float64(m.plane(0)[i]) + .587*float64(m.plane(1)[i]) + .114*float64(m.plane(2)[i]); math.Abs(float64(v)-want) > .501 {
			t.Fatalf("%d, want %.3f", v, want)
		}
	}
	again := grey.RGB().Grey()
	for i, v := range again.Pixels {
		if v != grey.Pixels[i] {
			t.Fatalf("grey %d becomes %d", grey.Pixels[i], v)
		}
	}
	if grey.Grey() != grey || m.RGB() != m {
		t.Error("what has the channels is copied")
	}
}

func BenchmarkResize(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, c := range []struct{ height, width, to int }{{64, 64, 32}, {28, 28, 32}, {375, 500, 32}, {375, 500, 224}} {
		m := random(r, 3, c.height, c.width)
		b.Run(fmt.Sprintf("from=%dx%d/to=%d", c.height, c.width, c.to), func(b *testing.B) {
			for b.Loop() {
				m.Resize(c.to, c.to, Stretch)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	files := pillow(b)
	for _, name := range []string{"decode/rgb8.png", "decode/420-75.jpg", "decode/loss80.webp", "decode/lossless.webp"} {
		b.Run("file="+name[7:], func(b *testing.B) {
			for b.Loop() {
				if _, err := Decode(files[name], noLimit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
