//go:build !noasm

package kernel

// poolLanes gives how many of the channels that are left are the next vector: AVX2 cannot store a part of places.
func poolLanes(left int) int {
	switch {
	case path == avx512:
		return min(left, 16)
	case path == avx2 && left >= 8:
		return 8
	}
	return 0
}

func maxPoolRow(z []float32, places []uint16, x []float32, from, to int, s *PoolShape) {
	pixel, c := 4*uintptr(s.Channels), 0
	for lanes := poolLanes(s.Channels); lanes > 0; lanes = poolLanes(s.Channels - c) {
		var place *uint16
		if len(places) > 0 {
			place = &places[to+c]
		}
		if path == avx512 {
			maxPoolAVX512(&z[to+c], place, &x[from+c], pixel, pixel*uintptr(s.Stride), pixel, pixel*uintptr(s.Width),
				uintptr(s.OutWidth()), uintptr(s.WindowHeight), uintptr(s.WindowWidth), uintptr(lanes))
		} else {
			maxPoolAVX2(&z[to+c], place, &x[from+c], pixel, pixel*uintptr(s.Stride), pixel, pixel*uintptr(s.Width),
				uintptr(s.OutWidth()), uintptr(s.WindowHeight), uintptr(s.WindowWidth), uintptr(lanes))
		}
		c += lanes
	}
	if c < s.Channels {
		maxPoolRowPortable(z, places, x, from, to, c, s)
	}
}

func maxPoolGradientRow(dx, d []float32, places []uint16, to, from int, s *PoolShape) {
	run := maxPoolGradientAVX2
	switch apart := s.apart(); {
	case path == avx512 && apart:
		run = maxPoolGradientApartAVX512
	case path == avx512:
		run = maxPoolGradientAVX512
	case apart:
		run = maxPoolGradientApartAVX2
	}
	pixel, c := 4*uintptr(s.Channels), 0
	for lanes := poolLanes(s.Channels); lanes > 0; lanes = poolLanes(s.Channels - c) {
		run(&d[from+c], &places[from+c], &dx[to+c], pixel, pixel*uintptr(s.Stride), pixel, pixel*uintptr(s.Width),
			uintptr(s.OutWidth()), uintptr(s.WindowHeight), uintptr(s.WindowWidth), uintptr(lanes))
		c += lanes
	}
	if c < s.Channels {
		maxPoolGradientRowPortable(dx, d, places, to, from, c, s)
	}
}
