package ink

import "math"

// A raster adds up how much of each pixel a shape covers. Coordinates are 1/256 of a pixel. Outlines
// that overlap in one direction add up and are cut off at full cover, so that a stroke may be made of
// one rectangle a segment and a disc a corner.
type raster struct {
	width, height int
	// cover holds, for each pixel, 65536 times the change of the covered share along its row
	cover    []int32
	top, end int // rows that were touched
}

func newRaster(width, height int) *raster {
	return &raster{width: width, height: height, cover: make([]int32, (width+2)*height), top: height}
}

// polygon adds a closed outline.
func (r *raster) polygon(points []Point) {
	for i, p := range points {
		q := points[(i+1)%len(points)]
		r.edge(p.X, p.Y, q.X, q.Y)
	}
}

// edge adds one edge of an outline, row by row.
func (r *raster) edge(x0, y0, x1, y1 int) {
	direction := 1
	if y0 > y1 {
		x0, y0, x1, y1, direction = x1, y1, x0, y0, -1
	}
	at := func(y int) int {
		x := x0
		if y1 > y0 {
			x += (x1 - x0) * (y - y0) / (y1 - y0)
		}
		return min(max(x, 0), r.width<<8)
	}
	for y := max(y0, 0); y < min(y1, r.height<<8); {
		row := y >> 8
		next := min((row+1)<<8, y1)
		r.top, r.end = min(r.top, row), max(r.end, row+1)
		r.span(r.cover[row*(r.width+2):], at(y), at(next), (next-y)*direction)
		y = next
	}
}

// span adds the part of an edge inside one row: from xa to xb, dy high.
func (r *raster) span(row []int32, xa, xb, dy int) {
	if xa > xb {
		xa, xb = xb, xa // only the area to the right counts, which is the same
	}
	done := 0
	for x := xa; ; {
		column := x >> 8
		next := min((column+1)<<8, xb)
		part := dy - done
		if xb > xa {
			part = dy*(next-xa)/(xb-xa) - done
		}
		done += part
		left := (x - column<<8) + (next - column<<8) // twice the mean distance from the pixel's left
		row[column] += int32(part * (512 - left) / 2)
		row[column+1] += int32(part*256 - part*(512-left)/2)
		if x = next; x >= xb {
			return
		}
	}
}

// paint calls set for every covered pixel, with its cover of 1 to 255, and forgets the shape.
func (r *raster) paint(set func(x, y, cover int)) {
	for y := r.top; y < r.end; y++ {
		row := r.cover[y*(r.width+2) : (y+1)*(r.width+2)]
		sum := int32(0)
		for x := range r.width {
			sum += row[x]
			if c := (min(max(sum, -sum), 65536)*255 + 32768) >> 16; c > 0 {
				set(x, y, int(c))
			}
		}
		clear(row)
	}
	r.top, r.end = r.height, 0
}

// stroke adds the outline of a line of a width: a rectangle for each segment, a disc at each
// corner.
func (r *raster) stroke(line []Point, closed bool, width int) {
	if closed && len(line) > 2 {
		line = append(line[:len(line):len(line)], line[0])
	}
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		dx, dy := b.X-a.X, b.Y-a.Y
		if dx == 0 && dy == 0 {
			continue
		}
		length := distance(a, b)
		nx, ny := scaled(-dy, width, length+length), scaled(dx, width, length+length) // half the width
		r.polygon([]Point{{a.X + nx, a.Y + ny}, {a.X - nx, a.Y - ny}, {b.X - nx, b.Y - ny}, {b.X + nx, b.Y + ny}})
		if width > 256 && (i < len(line)-1 || closed) {
			corner := Disc(b, width/2)
			r.polygon(corner)
		}
	}
}

// distance is exact to the last bit on every machine: a square root is.
func distance(a, b Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	return math.Sqrt(float64(dx*dx + dy*dy))
}

// scaled gives n*by/length, rounded.
func scaled(n, by int, length float64) int {
	return int(math.Round(float64(n*by) / length))
}

// dashed cuts a line into its dashes.
func dashed(line []Point, closed bool, dash []int) [][]Point {
	total := 0
	for _, d := range dash {
		total += d
	}
	if total <= 0 {
		return [][]Point{line}
	}
	if closed {
		line = append(line[:len(line):len(line)], line[0])
	}
	var out [][]Point
	index, left, on := 0, float64(dash[0]), true
	current := []Point{line[0]}
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		length, at := distance(a, b), 0.0
		for length-at > left {
			at += left
			p := Point{a.X + scaled(b.X-a.X, int(math.Round(at)), length), a.Y + scaled(b.Y-a.Y, int(math.Round(at)), length)}
			if on {
				out = append(out, append(current, p))
			}
			on, index = !on, (index+1)%len(dash)
			current, left = []Point{p}, float64(dash[index])
		}
		left -= length - at
		if on {
			current = append(current, b)
		}
	}
	if on && len(current) > 1 {
		out = append(out, current)
	}
	return out
}
