package importing

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/arrayfile"
	"spurion/stages/common/dataset"
)

// isArray reports whether a format is one of arrays.
func isArray(format string) bool {
	return format != "" && !isTable(format) && format != picturesFormat
}

// withArrays looks into an array file.
func (f *file) withArrays(use func(a *arrayfile.File) error) error {
	return f.read(func(r io.ReaderAt, size int64) error {
		a, err := arrayfile.Open(r, size, arrayfile.Options{Format: arrayfile.Format(f.format), Limit: frame.Limit()})
		if err != nil {
			return err
		}
		return use(a)
	})
}

// entries gives the arrays of a file.
func (f *file) entries() (list []arrayfile.Entry, err error) {
	err = f.withArrays(func(a *arrayfile.File) error { list = a.Entries; return nil })
	return list, err
}

// array reads an array of a file.
func (f *file) array(name string, rows []int) (array *arrayfile.Array, err error) {
	err = f.withArrays(func(a *arrayfile.File) error {
		array, err = a.Read(name, rows)
		return err
	})
	return array, err
}

// named gives the entries that a name stands for, in which * may stand for any letters, with those letters.
func named(list []arrayfile.Entry, name string) (found []arrayfile.Entry, letters []string) {
	before, after, pattern := strings.Cut(name, "*")
	for _, e := range list {
		switch {
		case e.Name == name:
			found, letters = append(found, e), append(letters, "")
		case pattern && len(e.Name) >= len(before)+len(after) && strings.HasPrefix(e.Name, before) && strings.HasSuffix(e.Name, after):
			found, letters = append(found, e), append(letters, e.Name[len(before):len(e.Name)-len(after)])
		}
	}
	return found, letters
}

// described gives the arrays of a file in words.
func described(list []arrayfile.Entry) string {
	var words []string
	for _, e := range list {
		shape := make([]string, len(e.Shape))
		for i, n := range e.Shape {
			shape[i] = fmt.Sprint(n)
		}
		words = append(words, fmt.Sprintf("%q (%s of [%s])", e.Name, e.Type, strings.Join(shape, ", ")))
	}
	return strings.Join(words, ", ")
}

// placed names an array with its file, or a file that has no names for arrays.
func placed(f *file, array string) string {
	if array == "" {
		return f.Path
	}
	return fmt.Sprintf("array %q of %s", array, f.Path)
}

// inputArrays gives the parts of the inputs in a file: arrays of samples.
func (j *job) inputArrays(file *file) (parts []part) {
	list, err := file.entries()
	if err != nil {
		j.faults.add("%v", err)
		return nil
	}
	if name := j.s.inputs().Array; name != nil {
		found, letters := named(list, *name)
		if len(found) == 0 {
			j.faults.add("%s has no array %q; it has %s", file.Path, *name, described(list))
		}
		for i, e := range found {
			parts = append(parts, part{file: file, array: e.Name, letters: letters[i], rows: first(e.Shape)})
		}
		return parts
	}
	var several []arrayfile.Entry
	for _, e := range list {
		if len(e.Shape) >= 2 && !slices.Contains(j.arraysOfMarks(), e.Name) {
			several = append(several, e)
		}
	}
	if len(several) != 1 {
		j.faults.add("%s: say which array holds the inputs, inputs { array = %q }; it has %s", file.Path, suggestion(list), described(list))
		return nil
	}
	return []part{{file: file, array: several[0].Name, rows: first(several[0].Shape)}}
}

// suggestion names an array that may be the inputs: that of most values.
func suggestion(list []arrayfile.Entry) string {
	best, most := "x", 0
	for _, e := range list {
		n := 1
		for _, d := range e.Shape {
			n *= d
		}
		if n > most {
			best, most = e.Name, n
		}
	}
	return best
}

func first(shape []int) int {
	if len(shape) == 0 {
		return 1
	}
	return shape[0]
}

// arraysOfMarks lists the arrays that labels and the like are in.
func (j *job) arraysOfMarks() (names []string) {
	for _, v := range j.places() {
		if v.v.Array != nil {
			names = append(names, *v.v.Array)
		}
	}
	return names
}

// markOfArray gives a label or the like from an array.
func markOfArray(file *file, name string, index *int) (*coded, error) {
	file.used = true
	a, err := file.array(name, nil)
	if err != nil {
		return nil, err
	}
	width := a.RowLen()
	switch {
	case index == nil && width != 1:
		return nil, fmt.Errorf("%s: the array %q has %d values in a row: say which, index = 0", file.Path, name, width)
	case index != nil && *index >= width:
		return nil, fmt.Errorf("%s: the array %q has %s in a row, and there is no index %d; they are counted from 0", file.Path, name, counted(width, "value"), *index)
	}
	texts, err := a.Strings()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Path, err)
	}
	to := newCoder(a.Rows())
	for i := range a.Rows() {
		at := i * width
		if index != nil {
			at += *index
		}
		if texts[at] == "" {
			to.none()
		} else {
			to.add(canonical(texts[at]))
		}
	}
	return &to.coded, nil
}

// shapeOf gives the shape of a sample of an array, and whether its channels come last.
func (in *Inputs) shapeOf(sample []int) (shape *dataset.Shape, last bool) {
	switch len(sample) {
	case 2:
		return &dataset.Shape{Channels: 1, Height: sample[0], Width: sample[1]}, false
	case 3:
		last = channels(sample[2]) && !channels(sample[0])
		if in.Channels != nil {
			last = *in.Channels == "last"
		}
		if last {
			return &dataset.Shape{Channels: sample[2], Height: sample[0], Width: sample[1]}, true
		}
		return &dataset.Shape{Channels: sample[0], Height: sample[1], Width: sample[2]}, false
	}
	return nil, false
}

func channels(n int) bool { return n == 1 || n == 3 || n == 4 }

// samplesOf reads the rows of a part, ascending, as a matrix.
func (j *job) samplesOf(p *part, rows []int) (m matrix, shape *dataset.Shape, ok bool) {
	p.file.used = true
	a, err := p.file.array(p.array, rows)
	if err != nil {
		j.faults.add("%v", err)
		return m, nil, false
	}
	m.width = a.RowLen()
	var last bool
	if len(a.Shape) > 0 {
		shape, last = j.s.inputs().shapeOf(a.Shape[1:])
	}
	if a.Type == arrayfile.Uint8 {
		m.bytes, _ = a.Bytes()
	} else if m.floats, err = a.Float32(); err != nil {
		j.unfit(p, a, err)
		return m, nil, false
	}
	if last && shape.Channels > 1 {
		channelsFirst(m.bytes, *shape)
		channelsFirst(m.floats, *shape)
	}
	return m, shape, true
}

// unfit tells every row with a value that is no finite float32, or that the array has no numbers; err is that of the first.
func (j *job) unfit(p *part, a *arrayfile.Array, err error) {
	if !errors.Is(err, arrayfile.ErrValue) {
		j.faults.add("%s: %v", p.file.Path, err)
		return
	}
	row := make([]float32, a.RowLen())
	for i := range a.Rows() {
		if err := a.CopyFloat32(row, i); err != nil {
			j.faults.add("%s: %v", p.file.Path, err)
		}
	}
}

// channelsFirst brings samples of [height, width, channels] into the order [channels, height, width], in place.
func channelsFirst[T any](values []T, s dataset.Shape) {
	n, area := s.Size(), s.Height*s.Width
	held := make([]T, n)
	for ; len(values) > 0; values = values[n:] {
		copy(held, values[:n])
		for i := range area {
			for c := range s.Channels {
				values[c*area+i] = held[i*s.Channels+c]
			}
		}
	}
}
