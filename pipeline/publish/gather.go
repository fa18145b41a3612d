package publish

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// keepBytes is how many bytes of decoded tables are held, of all files that are made at once; those beyond are read again
// when their turn comes.
var keepBytes int64 = 128 << 20 // tests hold less

// A part is one instance's table.
type part struct {
	instance *Instance
	rows     frame.Span // of one that is not held: none of its block, which says its fields
	held     bool
}

// A union is the tables of some instances as one: axes first, then the columns of all tables in
// the order in which they come up. Where a table lacks a column that another has, it is null.
type union struct {
	axes   []frame.Field
	fields []frame.Field // without axes
	parts  []part
	stack  frame.Stack // the tables that are held
	// rowBytes is about how much a row takes, of the table that was read last
	rowBytes int64
	keep     int64 // bytes of tables to hold, and of those that wait to be written
	read     func(digest string) ([]byte, error)
}

// newUnion reads the fields of all instances' tables (and the tables themselves while they are not
// too large) and makes one set of fields of them. Of equal tables it reads one.
func newUnion(ctx context.Context, s *Source, instances []*Instance, read func(string) ([]byte, error), keep int64) (*union, error) {
	u := &union{read: read, keep: keep, parts: make([]part, len(instances))}
	seen := map[string]int{} // the first part of each digest
	var fresh []int          // parts to read next
	for i, in := range instances {
		u.parts[i].instance = in
		if _, again := seen[in.Digest]; again {
			continue
		}
		seen[in.Digest] = i
		if fresh = append(fresh, i); len(fresh) == readAhead || i == 0 { // the first says how wide they are
			if err := u.add(ctx, fresh); err != nil {
				return nil, err
			}
			fresh = fresh[:0]
		}
	}
	if err := u.add(ctx, fresh); err != nil {
		return nil, err
	}
	for i, in := range instances {
		first := &u.parts[seen[in.Digest]]
		u.parts[i].rows, u.parts[i].held = first.rows, first.held
	}
	if err := u.unifyAxes(s); err != nil {
		return nil, err
	}
	return u, u.unify(s.Axes)
}

// valueBytes is the size of a number or of the head of a text, by which it is guessed what a table takes.
const valueBytes = 16

// readAhead is how many tables are decoded before they are put together.
const readAhead = 256

// add reads parts, several at once, and puts them together in order.
func (u *union) add(ctx context.Context, parts []int) error {
	tables, held := make([]*frame.Table, len(parts)), make([]bool, len(parts))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	size := u.stack.Bytes()
	for k, i := range parts {
		in := u.parts[i].instance
		size += max(in.Size, in.Rows*u.rowBytes)
		held[k] = size <= u.keep
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			data, err := u.read(in.Digest)
			if err == nil && held[k] {
				tables[k], err = frame.Decode(data)
			} else if err == nil {
				tables[k], _, err = frame.DecodeFields(data)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", in.Address, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for k, i := range parts {
		p, t := &u.parts[i], tables[k]
		u.rowBytes = valueBytes * int64(len(t.Columns))
		if p.held = held[k] && u.stack.Bytes()+t.Bytes() <= u.keep; !p.held {
			t = t.Slice(0, 0)
		}
		p.rows = u.stack.Add(t, nil)
	}
	return nil
}

// all gives the fields of the union, axes first.
func (u *union) all() []frame.Field { return slices.Concat(u.axes, u.fields) }

// selects keeps only the columns with the names, in their order, which may mix axes with others.
// It gives the fields of the result.
func (u *union) selects(names []string) ([]frame.Field, error) {
	all := u.all()
	if names == nil {
		return all, nil
	}
	fields := make([]frame.Field, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(all, func(f frame.Field) bool { return f.Name == name })
		if i < 0 {
			have := make([]string, len(all))
			for j, f := range all {
				have[j] = f.Name
			}
			return nil, stages.NoColumn(name, have)
		}
		if slices.ContainsFunc(fields, func(f frame.Field) bool { return f.Name == name }) {
			return nil, fmt.Errorf("the column %q is asked for twice", name)
		}
		fields = append(fields, all[i])
	}
	return fields, nil
}

// whole gives the i-th instance's own table.
func (u *union) whole(i int) (*frame.Table, error) {
	p := &u.parts[i]
	if p.held {
		return p.rows.Table(), nil
	}
	data, err := u.read(p.instance.Digest)
	if err == nil {
		var t *frame.Table
		if t, err = frame.Decode(data); err == nil {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", p.instance.Address, err)
}

// table gives the i-th instance's table with exactly the fields, which are some of the union's.
func (u *union) table(i int, fields []frame.Field) (*frame.Table, error) {
	return u.chunk([]int{i}, fields)
}

// chunk gives the tables of parts as one with exactly the fields, which are some of the union's. Parts that are not
// held are read for it.
func (u *union) chunk(parts []int, fields []frame.Field) (*frame.Table, error) {
	rows := make([]frame.Span, len(parts))
	for k, i := range parts {
		p := &u.parts[i]
		rows[k] = p.rows
		if !p.held {
			t, err := u.readAgain(p, fields)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.instance.Address, err)
			}
			rows[k] = frame.OfTable(t)
		}
	}
	out := &frame.Table{Columns: make([]frame.Column, len(fields))}
	values := make([]frame.Span, len(rows))
	for k, f := range fields {
		copy(values, rows)
		if a := slices.IndexFunc(u.axes, func(axis frame.Field) bool { return axis.Name == f.Name }); a >= 0 {
			if err := u.setAxis(a, parts, values, f); err != nil {
				return nil, err
			}
		}
		var err error
		if out.Columns[k], err = frame.Join(values, f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// setAxis puts the instances' values of an axis in the place of the parts' rows.
func (u *union) setAxis(a int, parts []int, rows []frame.Span, f frame.Field) error {
	for k, i := range parts {
		in := u.parts[i].instance
		own := rows[k].Block.Column(f.Name)
		if own != nil && !own.Holds(axisValue(in.Axes[a], own.Type), rows[k].From, rows[k].To) {
			return fmt.Errorf("%s: the column %s holds other values than the axis of that name; rename the axis in the spec, and run again: what is computed is kept", in.Address, f.Name)
		}
		rows[k].Value = axisValue(in.Axes[a], f.Type)
	}
	return nil
}

// readAgain reads the part's table: the columns that the fields name, or all if there is none of
// them, for the number of rows.
func (u *union) readAgain(p *part, fields []frame.Field) (*frame.Table, error) {
	data, err := u.read(p.instance.Digest)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, own := range p.rows.Block.Fields {
		if slices.ContainsFunc(fields, func(f frame.Field) bool { return f.Name == own.Name }) {
			names = append(names, own.Name)
		}
	}
	if len(names) == 0 {
		return frame.Decode(data)
	}
	return frame.DecodeColumns(data, names...)
}

// chunkRows is how many rows are written at a time, if they are of several tables.
const chunkRows = 1 << 14

// writeTo writes all tables in order. Those that come next are put together, and read if they are not held, while one is
// written.
func (u *union) writeTo(ctx context.Context, w *frame.Writer, fields []frame.Field, parts []int) error {
	type made struct {
		table *frame.Table
		first *Instance
		bytes int64
		err   error
	}
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	room := semaphore.NewWeighted(u.keep)
	next := make(chan chan made, runtime.GOMAXPROCS(0)-1)
	wg.Go(func() {
		defer close(next)
		for len(parts) > 0 {
			n := u.fitting(parts)
			chunk, now := make(chan made, 1), parts[:n]
			parts = parts[n:]
			bytes := u.weight(now)
			if room.Acquire(ctx, bytes) != nil {
				return
			}
			select {
			case next <- chunk:
			case <-ctx.Done():
				return
			}
			wg.Go(func() {
				t, err := u.chunk(now, fields)
				chunk <- made{t, u.parts[now[0]].instance, bytes, err}
			})
		}
	})
	for chunk := range next {
		m := <-chunk
		if m.err != nil {
			return m.err
		}
		if err := w.Write(m.table); err != nil {
			return fmt.Errorf("%s: %w", m.first.Address, err)
		}
		room.Release(m.bytes)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return w.Close()
}

// weight gives about how many bytes parts take, no more than there is room for.
func (u *union) weight(parts []int) (bytes int64) {
	for _, i := range parts {
		p := &u.parts[i]
		bytes += u.rowBytes * int64(p.rows.Rows())
		if !p.held {
			bytes += max(p.instance.Size, u.rowBytes*p.instance.Rows)
		}
	}
	return min(bytes, u.keep)
}

// fitting gives how many of the parts, at least one, make a chunk: held ones, or one that is not.
func (u *union) fitting(parts []int) int {
	n, rows := 0, 0
	for _, i := range parts {
		p := &u.parts[i]
		if rows += p.rows.Rows(); n > 0 && (!p.held || rows > chunkRows) {
			break
		}
		if n++; !p.held {
			break
		}
	}
	return n
}

// order gives the indices of all parts.
func (u *union) order() []int {
	order := make([]int, len(u.parts))
	for i := range order {
		order[i] = i
	}
	return order
}
