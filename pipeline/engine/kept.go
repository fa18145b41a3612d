package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"spurion/artifacts"
	"spurion/stages"
)

// When a program ended well but what it wrote cannot be read as the spec declares it, the hours that it ran are not
// lost: its raw outputs are stored under a key of the command alone, and an instance with other declarations that runs
// the same command reads them instead. An instance whose settings are unchanged runs its program again, as whatever
// made the outputs unfit may have been mended where no key sees it. The entry is removed once it was read well.
// What no declaration mends, such as a damaged file, is not kept.

// A ran program is one that ended in this job, or whose outputs were kept.
type ran struct {
	command *stages.Command
	result  *stages.CommandResult
	key     artifacts.Digest // of the command
	text    string
	kept    bool // it ran in an earlier job
}

// commandText gives what the key of a command hashes: all that the program is given, and what is collected. Arguments and
// variables may be secret, so they stand there by their digests. ok is false if the content of a file is not known by one.
func commandText(c *stages.Command) (text string, ok bool) {
	b := []byte("spurion command 1\n")
	line := func(label, value string) {
		b = append(append(b, label...), ' ')
		b = append(strconv.AppendQuote(b, value), '\n')
	}
	for _, arg := range c.Args {
		line("argument", fmt.Sprintf("%x", sha256.Sum256([]byte(arg))))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		line("environment", fmt.Sprintf("%s %x", name, sha256.Sum256([]byte(c.Env[name]))))
	}
	for _, path := range slices.Sorted(maps.Keys(c.Files)) {
		source := c.Files[path]
		if source.Digest == "" && source.WriteTo != nil {
			return "", false
		}
		line("file", path+" "+source.Digest)
		if source.Executable {
			line("executable", path)
		}
	}
	for _, path := range c.Collect {
		line("collect", path)
	}
	for _, path := range c.Folders {
		line("folder", path)
	}
	return string(b), true
}

// newRan gives the record of a command, to be completed with its result.
func newRan(c *stages.Command) *ran {
	text, ok := commandText(c)
	if !ok {
		return &ran{command: c}
	}
	return &ran{command: c, key: artifacts.Sum([]byte(text)), text: text}
}

// unreadText is what the key of the mark hashes that says that this instance could not read what the command wrote.
func (j *job) unreadText(r *ran) string {
	return fmt.Sprintf("spurion unread 1\ncommand %v\ninstance %v\n", r.key, j.node.Key)
}

// readKept finds the kept outputs of a command, if the job may use them. What is damaged or gone is not there.
func (j *job) readKept(r *ran) bool {
	if r.text == "" || j.node.Forced {
		return false
	}
	store := j.runner.options.Store
	m, err := store.Get(r.key)
	if err != nil {
		return false
	}
	if _, err := store.Get(artifacts.Sum([]byte(j.unreadText(r)))); err == nil {
		return false
	}
	result := &stages.CommandResult{Collected: map[string][]byte{}}
	for i, path := range slices.Concat(r.command.Collect, r.command.Folders) {
		o := m.Output(keptName(i))
		if o == nil {
			return false
		}
		if result.Collected[path], err = store.Blob(o.Digest); err != nil {
			return false
		}
	}
	r.result, r.kept = result, true
	return true
}

func keptName(i int) string { return "collected " + strconv.Itoa(i) }

// keep stores what a program wrote that ended well, after the kind failed to read it as it is declared, and adds to the
// error that it did. It leaves the error alone if there is nothing to keep, or another declaration would not help.
func (j *job) keep(ctx context.Context, failure error) error {
	r := j.ran
	if r == nil || r.text == "" || r.result == nil || r.result.ExitCode != 0 || j.recheck(ctx) != nil {
		return failure
	}
	for _, path := range slices.Concat(r.command.Collect, r.command.Folders) {
		if _, ok := r.result.Collected[path]; !ok {
			return failure
		}
	}
	var declared *stages.DeclarationError
	mendable := errors.As(failure, &declared)
	if !mendable && !r.kept {
		return failure
	}
	if !r.kept {
		if err := j.publishKept(r); err != nil {
			return failure // it is the more important one
		}
	}
	if err := j.publishRaw(j.unreadText(r), nil); err != nil || !mendable {
		return failure
	}
	return fmt.Errorf("%w\nwhat the program wrote is kept: once the output's declaration in the spec is mended, the program need not run again (--force runs it)", failure)
}

// publishKept replaces what was kept of the command before, which an instance that runs its program again may do.
func (j *job) publishKept(r *ran) error {
	var outputs []written
	for i, path := range slices.Concat(r.command.Collect, r.command.Folders) {
		outputs = append(outputs, written{name: keptName(i), data: r.result.Collected[path]})
	}
	err := j.publishRaw(r.text, outputs)
	if errors.Is(err, artifacts.ErrConflict) {
		if _, err = j.runner.options.Store.Evict(r.key); err == nil {
			err = j.publishRaw(r.text, outputs)
		}
	}
	return err
}

// publishRaw stores raw files under the key of a text.
func (j *job) publishRaw(text string, outputs []written) error {
	m := &artifacts.Manifest{
		Key: artifacts.Sum([]byte(text)), Text: text, Kind: j.node.Stage.Kind.Name, Version: j.node.Stage.Kind.Version,
		Address: j.node.Address(), Spec: j.runner.options.Spec, Created: time.Now().UTC(),
	}
	for _, w := range outputs {
		d, err := j.runner.options.Store.Put(w.data)
		if err != nil {
			return err
		}
		m.Outputs = append(m.Outputs, artifacts.Output{Name: w.name, Digest: d, Size: int64(len(w.data)), Rows: -1})
	}
	return j.runner.options.Store.Publish(m)
}

// readWell notes that kept outputs were read, and are not needed any more.
func (j *job) readWell() bool {
	if j.ran == nil || !j.ran.kept {
		return false
	}
	j.runner.spend(j.ran.key)
	return true
}

// spend notes that an entry is not needed after the run.
func (r *runner) spend(key artifacts.Digest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spent = append(r.spent, key)
}

// forgetSpent removes the kept outputs that were read in this run; what is left when that fails is garbage for GC.
func (r *runner) forgetSpent() {
	if len(r.spent) > 0 {
		_, _ = r.options.Store.Evict(r.spent...)
	}
}
