package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"spurion/artifacts"
)

// How long is waited for the other side: for it to be started, and for its answers, which a network disk may show late.
const (
	patience     = 5 * time.Minute
	answersLate  = 3 * time.Minute
	shortestLook = 2 * time.Millisecond
	longestLook  = 100 * time.Millisecond
)

// ErrAlone says that no other process came to the meeting.
var ErrAlone = errors.New("no other process came")

// A talk is two processes that write each other files in one folder.
type talk struct {
	ctx       context.Context
	disk      artifacts.FS
	dir       string
	me, other string
	sent, got int
}

// An identity is what a process says of itself.
type identity struct{ Name, Host, Machine string }

// meet waits for another process that meets by the same name in the same store, and gives a talk with it and what it is.
func meet(ctx context.Context, disk artifacts.FS, dir string, me identity) (*talk, identity, error) {
	t := &talk{ctx: ctx, disk: disk, dir: dir, me: me.Name}
	if err := t.put(me.Name+".hello", me); err != nil {
		return nil, identity{}, err
	}
	var other identity
	offered := map[string]bool{}
	err := t.until(patience, func() (bool, error) {
		files, err := disk.ReadDir(dir)
		if err != nil {
			return false, err
		}
		for _, f := range files {
			name, ok := strings.CutSuffix(f.Name(), ".hello")
			if !ok || name == me.Name {
				continue
			}
			if !offered[name] { // what a process that died left does not answer
				offered[name] = true
				if err := t.put(me.Name+"."+name+".pair", me); err != nil {
					return false, err
				}
			}
			if there, err := t.take(name+"."+me.Name+".pair", &other); there || err != nil {
				return there, err
			}
		}
		return false, nil
	})
	if errors.Is(err, errLate) {
		err = fmt.Errorf("%w within %v", ErrAlone, patience)
	}
	t.other = other.Name
	return t, other, err
}

// leads reports whether this side asks, and the other answers.
func (t *talk) leads() bool { return t.me < t.other }

var errLate = errors.New("too late")

// until looks again and again, less and less often.
func (t *talk) until(limit time.Duration, look func() (bool, error)) error {
	pause := shortestLook
	for waited := time.Duration(0); ; waited += pause {
		done, err := look()
		if done || err != nil {
			return err
		}
		if waited > limit {
			return errLate
		}
		if err := t.disk.Sleep(t.ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, longestLook)
	}
}

// put writes a value to a file, which gets its name when it is whole.
func (t *talk) put(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return replace(t.disk, filepath.Join(t.dir, name), string(data))
}

// take reads a value that the other side has put.
func (t *talk) take(name string, v any) (there bool, err error) {
	_ = t.disk.Refresh(t.dir)
	data, _, err := t.disk.ReadFile(filepath.Join(t.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(data, v)
}

// say sends a value; hear receives the next one.
func (t *talk) say(v any) error {
	t.sent++
	return t.put(fmt.Sprintf("%s.%d", t.me, t.sent), v)
}

func (t *talk) hear(v any) error {
	t.got++
	name := fmt.Sprintf("%s.%d", t.other, t.got)
	err := t.until(answersLate, func() (bool, error) { return t.take(name, v) })
	if errors.Is(err, errLate) {
		err = fmt.Errorf("the other process has not answered for %v", answersLate)
	}
	return err
}

// ask sends a request and receives its answer.
func (t *talk) ask(r request) (a answer, err error) {
	if err := t.say(r); err != nil {
		return a, err
	}
	return a, t.hear(&a)
}
