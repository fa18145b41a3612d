package importing

import (
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"sync"

	"spurion/stages/common/dataset"
	"spurion/stages/common/picture"
)

// findPictures finds the files that a column of the inputs' tables names.
func (j *job) findPictures(column string) {
	known := make(map[string]*file, len(j.files))
	for _, f := range j.files {
		known[f.Path] = f
	}
	j.rows.pictures = make([]*file, j.rows.total)
	named := make(map[*file]int, j.rows.total)
	for _, p := range j.rows.parts {
		base := path.Join(path.Dir(p.file.Path), of(j.s.inputs().Folder, ""))
		names := p.table.values[column]
		found := make([]*file, len(names.names)) // each name is looked for once
		faulty := make([]string, len(names.names))
		for code, name := range names.names {
			found[code], faulty[code] = pictureNamed(known, base, name)
		}
		for i, code := range names.codes {
			row := p.first + i
			switch {
			case code < 0:
				j.faults.add("%s: the column %q names no picture", j.rows.place(row), column)
			case faulty[code] != "":
				j.faults.add("%s: %s", j.rows.place(row), faulty[code])
			default:
				f := found[code]
				if first, twice := named[f]; twice {
					j.faults.add("%s: the picture %q is named by %s already", j.rows.place(row), names.names[code], j.rows.place(first))
				}
				named[f] = row
				j.rows.pictures[row] = f
			}
		}
	}
}

// pictureNamed finds the file that a name below a folder stands for, or says why there is none.
func pictureNamed(known map[string]*file, base, name string) (f *file, fault string) {
	if path.IsAbs(name) || strings.Contains(name, "\\") || len(name) > 1 && name[1] == ':' {
		return nil, listed([]string{name}) + " is no path below a folder, with forward slashes"
	}
	if clean := path.Clean(name); clean == ".." || strings.HasPrefix(clean, "../") {
		return nil, listed([]string{name}) + " leaves the folder " + listed([]string{base})
	}
	at := path.Join(base, name)
	if f = known[at]; f == nil {
		return nil, "there is no picture " + listed([]string{at}) + " among the files"
	}
	return f, ""
}

// workers is how many pictures are decoded at once. It bounds memory, and reaches no result.
const workers = 4

// loadPictures decodes the chosen pictures into their places. Beside them, it holds one picture for each worker.
func (j *job) loadPictures() (m matrix, shape *dataset.Shape, err error) {
	list := make([]*file, len(j.order))
	for to, row := range j.order {
		list[to] = j.rows.pictures[row]
	}
	var first *picture.Image // that can be read: its shape is that of all
	var wrong []error
	for i := 0; first == nil && i < len(list); i++ {
		if err := j.ctx.Err(); err != nil {
			return m, nil, err
		}
		if first, err = j.picture(list[i]); err != nil {
			first, wrong = nil, append(wrong, err)
		}
	}
	if first == nil {
		for _, err := range wrong {
			j.faults.add("%v", err)
		}
		return m, nil, nil
	}
	shape = &dataset.Shape{Channels: first.Channels, Height: first.Height, Width: first.Width}
	m = matrix{width: shape.Size()}
	if err := within(int64(len(list))*int64(m.width), counted(len(list), "picture")+" of "+shape.String()+" take"); err != nil {
		return m, nil, err
	}
	m.bytes = make([]uint8, len(list)*m.width)
	d := &decoding{job: j, list: list, shape: *shape, to: m.bytes}
	return m, shape, d.run()
}

// picture reads a picture as the settings say.
func (j *job) picture(f *file) (*picture.Image, error) {
	data, err := f.content()
	if err != nil {
		return nil, err
	}
	m, err := picture.Decode(data, j.s.MaxPixels)
	if err != nil {
		return nil, &pictureError{f.Path, err}
	}
	if !j.s.Grey {
		m = m.RGB()
	}
	return j.fitted(m), nil
}

// A pictureError says why a file is no picture.
type pictureError struct {
	path string
	err  error
}

func (e *pictureError) Error() string {
	text := e.path + " is " + e.err.Error()
	if large := new(picture.LargeError); errors.As(e.err, &large) {
		text += ", max_pixels"
	}
	return text
}

func (e *pictureError) Unwrap() error { return e.err }

// A decoding is the work on pictures, shared by some goroutines.
type decoding struct {
	job   *job
	list  []*file
	shape dataset.Shape
	to    []uint8

	mu         sync.Mutex
	next, done int
	wrong      []wrongPicture
}

type wrongPicture struct {
	at   int
	text string
}

func (d *decoding) run() error {
	var wg sync.WaitGroup
	for range min(workers, len(d.list)) {
		wg.Go(func() {
			for i := d.take(); i >= 0; i = d.take() {
				d.finish(i, d.decode(i))
			}
		})
	}
	wg.Wait()
	if err := d.job.ctx.Err(); err != nil {
		return err
	}
	sort.Slice(d.wrong, func(a, b int) bool { return d.wrong[a].at < d.wrong[b].at })
	for _, w := range d.wrong {
		d.job.faults.add("%s", w.text)
	}
	return nil
}

// take gives the place of the next picture, -1 if there is none.
func (d *decoding) take() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next == len(d.list) || d.job.ctx.Err() != nil {
		return -1
	}
	d.next++
	return d.next - 1
}

// decode puts a picture in its place, or says what is wrong with it.
func (d *decoding) decode(i int) string {
	m, err := d.job.picture(d.list[i])
	if err != nil {
		return err.Error()
	}
	if have := (dataset.Shape{Channels: m.Channels, Height: m.Height, Width: m.Width}); have != d.shape {
		return d.list[i].Path + " is " + have.String() + ", and others " + d.shape.String() + ": say resize = [" + sides(d.shape) + "]"
	}
	copy(d.to[i*d.shape.Size():], m.Pixels)
	return ""
}

func (d *decoding) finish(i int, fault string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fault != "" {
		d.wrong = append(d.wrong, wrongPicture{i, fault})
	}
	d.done++
	d.job.r.Progress(int64(d.done), int64(len(d.list)))
}

// sides gives height and width as a spec has them.
func sides(s dataset.Shape) string { return fmt.Sprintf("%d, %d", s.Height, s.Width) }
