package artifacts

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// A Store is a folder of artifacts. Its methods may be called from any goroutine.
type Store struct {
	dir      string
	fs       FS
	readOnly bool
	settings Settings
	remote   bool // other hosts may use it: see FS.Remote
	warn     func(error)
	behind   func(Digest) ([]byte, bool) // nil, or who is asked for blobs that are not here: see SetBehind

	name    string // this store's, in names of temporary files: random, so that no two collide
	counter atomic.Int64

	session atomic.Pointer[session]
	opening sync.Mutex  // guards the making of session
	failed  atomic.Bool // a reader could not make one

	// removal keeps this store's own GC and Evict apart from its writers. Among other stores sessions
	// and the gate do that.
	removal sync.RWMutex

	stripes [16]sync.Mutex // see lockStripe

	// anchored tells which parts of manifests/ and of blobs/ are known to have durable names.
	anchored [2][256]atomic.Bool

	packs         *packs
	packsAnchored atomic.Bool // the name of packs/ is known to be durable
	saver         saver
	merger        merger
	sights        sights

	mu      sync.Mutex
	held    map[Digest]*holder // keys that goroutines of this store have or wait for
	pending map[Digest]int     // blobs put here and not yet published, and how many manifests want them
}

// Options of Open.
type Options struct {
	FS       FS              // nil: the real disk
	ReadOnly bool            // never write, not even to note that an entry was used
	Warn     func(err error) // told of damage that was found, set aside or skipped; nil: nobody is
}

// The folders of a store, and its files.
const (
	manifestsDir = "manifests"
	blobsDir     = "blobs"
	packsDir     = "packs"
	runsDir      = "runs"
	entriesDir   = "entries"
	locksDir     = "locks"
	tempDir      = "temp"
	damagedDir   = "damaged"

	formatFile = "format"
	format     = "spurion store 1\n"
)

// fanned lists the folders that are divided by the first byte of what they hold, so that none grows
// too large. Their parts are made when they are needed: hundreds of folders would take a small store
// longer than what it is for.
var fanned = []string{manifestsDir, blobsDir}

var layout = []string{
	manifestsDir, blobsDir, packsDir, runsDir, entriesDir, logsDir, locksDir, tempDir, damagedDir,
	keysDir, sessionsDir, stripesDir,
}

// leaflets are for people and for other programs.
var leaflets = []struct{ name, text string }{
	{"CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n" +
		"# This file marks a cache that backups may leave out. See https://bford.info/cachedir/\n"},
	{"README", `This folder is Spurion's store: what its stages computed, so that nothing is computed twice.

    manifests/   what each action wrote, named by the action's key
    blobs/       the bytes, named by their SHA-256
    packs/       both, of many small results in one file
    runs/        a record of every run, with its log; entries/ belongs to it
    logs/        what programs printed ("spurion log" shows it); they may be removed
    damaged/     files that failed verification, set aside to be looked at; they may be removed
    locks/ temp/ nothing that outlives the programs that run

The tables to open are not here but in out/. "spurion cache du" says what takes the space, "spurion
cache gc" frees some, "spurion cache verify" checks everything. While no program runs, the whole folder
may be moved, copied or deleted; what is gone is computed again.
`},
}

// Open opens the store in dir, and makes it unless o.ReadOnly. A store that another process makes at
// the same time, or whose making was cut short, is completed. A store of a newer format is refused
// (ErrFormat), and so is a folder that holds something else; a store on a disk that cannot be written
// opens, and only what must write fails (ErrReadOnly).
func Open(dir string, o Options) (*Store, error) {
	s := &Store{
		dir: filepath.Clean(dir), fs: o.FS, readOnly: o.ReadOnly, warn: o.Warn,
		held: map[Digest]*holder{}, pending: map[Digest]int{}, packs: newPacks(), sights: sights{seen: map[string]sight{}},
	}
	if s.fs == nil {
		s.fs = disk{}
	}
	s.fs = steady{s.fs}
	if s.warn == nil {
		s.warn = func(error) {}
	}
	var name [8]byte
	_, _ = rand.Read(name[:]) // never fails
	s.name = hex.EncodeToString(name[:])

	data, _, err := s.fs.ReadFile(s.path(formatFile))
	switch {
	case err == nil:
		if err := checkFormat(s.path(formatFile), string(data)); err != nil {
			return nil, err
		}
		return s.configured(o.FS == nil)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, explain("opening the store "+s.dir, err)
	case s.readOnly:
		if s.beingMade() {
			err = fmt.Errorf("%w: %w", ErrBeingMade, err)
		}
		return nil, fmt.Errorf("artifacts: there is no store in %s: %w", s.dir, err)
	}
	if err := s.create(); err != nil {
		return nil, explain("making the store "+s.dir, err)
	}
	return s.configured(o.FS == nil)
}

// configured gives the store as its settings want it. The disk is the store's own choice unless it was given one.
func (s *Store) configured(own bool) (*Store, error) {
	var err error
	if s.settings, err = s.readSettings(); err != nil {
		return nil, err
	}
	s.fs = s.withLocks(own)
	s.remote = s.fs.Remote(s.dir)
	return s, nil
}

// Close lets go of what the store holds open, and makes one pack of many small ones. It removes nothing that matters: a store that is not
// closed leaves a small file in locks/, which the next GC removes.
func (s *Store) Close() error {
	s.endMerging()
	s.opening.Lock()
	defer s.opening.Unlock()
	if open := s.session.Swap(nil); open != nil {
		return explain("closing the store "+s.dir, open.end())
	}
	return nil
}

// Dir gives the folder that was opened.
func (s *Store) Dir() string { return s.dir }

func checkFormat(path, content string) error {
	if content == format {
		return nil
	}
	number, found := strings.CutPrefix(strings.TrimSpace(content), "spurion store ")
	if n, ok := parseNumber(number); found && ok && n > 1 {
		return fmt.Errorf("artifacts: %s says that a newer Spurion made this store (format %d; this one reads 1): "+
			"update Spurion, or choose another store with --store: %w", path, n, ErrFormat)
	}
	return fmt.Errorf("artifacts: %s holds %q instead of %q: restore that line if this is a Spurion store: %w",
		path, shorten(content), format, ErrFormat)
}

// create makes a store. The format file is the last to get its name, so that a store that has it is
// whole. Every step may be one that another process, or an earlier one that died, has done.
func (s *Store) create() error {
	if err := s.refuseStrangers(); err != nil {
		return err
	}
	if err := s.makeFolder(s.dir); err != nil {
		return err
	}
	for _, folder := range layout {
		if err := s.fs.Mkdir(s.path(folder)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	for _, leaflet := range leaflets {
		if err := s.writeFile(s.path(leaflet.name), []byte(leaflet.text)); err != nil {
			return err
		}
	}
	if err := s.fs.SyncDir(s.dir); err != nil {
		return err
	}
	if err := s.writeFile(s.path(formatFile), []byte(format)); err != nil {
		return err
	}
	return s.fs.SyncDir(s.dir)
}

// beingMade reports whether a folder without a format is a store that create has not finished, or never will: it is
// empty, or has folders of a store and no result.
func (s *Store) beingMade() bool {
	if _, err := s.fs.Stat(s.dir); err != nil || s.refuseStrangers() != nil {
		return false
	}
	for _, root := range []string{manifestsDir, packsDir, runsDir} {
		if files, err := s.list(root); err != nil || len(files) > 0 {
			return false
		}
	}
	return true
}

// refuseStrangers keeps a mistyped --store from filling a folder that holds something else.
func (s *Store) refuseStrangers() error {
	found, err := s.fs.ReadDir(s.dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	ours := map[string]bool{formatFile: true, SettingsFile: true}
	for _, name := range layout {
		ours[name] = true
	}
	for _, leaflet := range leaflets {
		ours[leaflet.name] = true
	}
	for _, f := range found {
		if !ours[f.Name()] {
			return fmt.Errorf("the folder holds other things (%s): name an empty or a new one: %w", f.Name(), ErrFormat)
		}
	}
	return nil
}

// makeFolder makes a folder and those above it, and makes their names durable.
func (s *Store) makeFolder(name string) error {
	err := s.fs.Mkdir(name)
	parent := filepath.Dir(name)
	if errors.Is(err, fs.ErrNotExist) && parent != name {
		if err := s.makeFolder(parent); err != nil {
			return err
		}
		err = s.fs.Mkdir(name)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.fs.SyncDir(parent)
}

func (s *Store) path(name string) string {
	if name == "" {
		return s.dir
	}
	return s.dir + string(filepath.Separator) + name
}

// fannedPath gives the path of a file in one of the fanned folders.
func (s *Store) fannedPath(root string, d Digest) string {
	const sep = filepath.Separator
	var space [256]byte // keeps most paths to one allocation: Get is measured in microseconds
	b := append(append(space[:0], s.dir...), sep)
	b = append(append(b, root...), sep)
	b = append(hex.AppendEncode(b, d[:1]), sep)
	return string(hex.AppendEncode(b, d[:]))
}

// part gives the path of the part of a fanned folder that d belongs to.
func (s *Store) part(root string, d Digest) string {
	const sep = string(filepath.Separator)
	return s.dir + sep + root + sep + hex.EncodeToString(d[:1])
}

func (s *Store) manifestPath(key Digest) string { return s.fannedPath(manifestsDir, key) }

func (s *Store) blobPath(d Digest) string { return s.fannedPath(blobsDir, d) }

// writable is asked first by whatever writes.
func (s *Store) writable(doing string) error {
	if s.readOnly {
		return fmt.Errorf("artifacts: %s: %w: it was opened for reading only", doing, ErrReadOnly)
	}
	return nil
}
