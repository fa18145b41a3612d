// Package publish writes what people open: the tables of all instances together, figures and other
// files, the verdicts on the claims, and an index of it all. It also exports single outputs in other
// formats. It knows tables and files, but neither specs nor plans nor kinds.
package publish

import (
	"context"
	"fmt"

	"spurion/stages"
)

// A Source is one output of one stage, with all instances of the stage, in spec order.
type Source struct {
	Kind, Name, Output string
	Doc                string // of the output, one line
	// Claim is set for the verdicts of a claim or a check, which Kind tells: they go to claims.parquet or checks.parquet
	// instead of tables/.
	Claim     *ClaimText
	Axes      []string // names
	Instances []Instance
}

// A ClaimText is what claims.parquet says of a claim (checks.parquet of a check) beside its verdicts.
type ClaimText struct {
	Name string
	Test string
	Of   []AssertionText // parallel to Source.Instances
}

// An AssertionText is what one instance of a claim asserts.
type AssertionText struct {
	Says       string
	Source     string
	SourceSays string
	Setting    string // "paper", "ours" or empty
}

// An Instance is one artifact, or the place of one that is missing.
type Instance struct {
	Address string
	Axes    []stages.Axis // parallel to Source.Axes
	Key     string        // hex
	// Digest names the artifact's blob, in hex; it is empty if there is no result.
	Digest      string
	KindVersion int
	Size        int64
	Rows        int64
	Extension   string // of an output of raw bytes, such as ".png"
	// Lacks says in words without what it was made, as that failed; usually empty.
	Lacks string
}

// An Out is where and for what experiment to write, and where from.
type Out struct {
	Dir         string
	Spec        string
	SpecPath    string // see SpecPath; the folder is that of one spec only. Empty: it is not checked
	Description string
	Partial     string            // how much there is, where a budget left some for later
	Program     string            // the program's version
	Variables   map[string]string // canonical JSON by name
	// ReadBlob gives the bytes of a blob; it is called from several goroutines.
	ReadBlob func(digest string) ([]byte, error)
	// Hide masks in the index what is not to be seen; nil if there is nothing. Files hold what they hold.
	Hide func(text string) string
	// Page is the report; nil if none is to be written.
	Page *Page
}

// A Report is what Write did.
type Report struct {
	Files   []File
	Absent  []Absent // outputs of which no instance has a result
	Removed []string // paths of files that the experiment no longer has
	// NotComputed are paths of files that were taken away since their instances, of outputs that the experiment
	// still has, have no result under the present variables.
	NotComputed []string
}

// A File is one file under the folder.
type File struct {
	Path    string // relative, with forward slashes
	Stage   string // "KIND.NAME"; empty for claims.parquet and checks.parquet
	Output  string
	Rows    int64 // of a table
	Bytes   int64
	Missing int  // instances that have no result
	Written bool // false: it was up to date
}

// An Absent output has no file, since none of its instances has a result.
type Absent struct {
	Stage   string `json:"stage"`
	Output  string `json:"output"`
	Missing int    `json:"missing"`
}

// Write brings the folder up to date:
//
//	tables/KIND.NAME.OUTPUT.parquet     all instances together, axes first
//	figures/KIND.NAME.OUTPUT/AXES.png   outputs of raw bytes that are images, one file an instance
//	files/KIND.NAME.OUTPUT/AXES.EXT     other outputs of raw bytes
//	claims.parquet                      the verdicts of all claims, with p-values as one family
//	checks.parquet                      the verdicts of all checks, whose p-values stand for themselves
//	report.html                         Out.Page
//	index.json                          what there is
//	.spurion-state                      for this program alone: whose the folder is, and what to tell changed files by
//
// The error wraps ErrTaken if the folder is another spec's. Each file appears whole or not at all. What is up to date is not written again. Files that an
// earlier Write listed in the index and that are no longer made are removed; no other file is
// touched, and nothing outside the folder. An error with one file does not keep the others from
// being written; all errors are returned, joined.
func Write(ctx context.Context, out Out, sources []Source) (Report, error) {
	dir, err := openFolder(out.Dir)
	if err != nil {
		return Report{}, fmt.Errorf("publish: %w", err)
	}
	defer dir.Close()
	dir.sweep()
	p := &publisher{out: out, folder: dir, old: map[string]*Entry{}, state: dir.loadState()}
	if err := p.claim(); err != nil {
		return Report{}, fmt.Errorf("publish: %w", err)
	}
	data, err := dir.read(indexPath)
	if err != nil && !isMissing(err) {
		return Report{}, fmt.Errorf("publish: %s: %w", indexPath, err)
	}
	p.previous = decodeIndex(data)
	trusted := p.state.trusts(data)
	for i := range p.previous.Files {
		e := &p.previous.Files[i]
		if !trusted {
			*e = Entry{Path: e.Path, Stage: e.Stage, Output: e.Output} // to be made again
		}
		p.old[e.Path] = e
	}
	if err := p.write(ctx, sources); err != nil {
		return p.report, fmt.Errorf("publish: %w", err)
	}
	return p.report, nil
}
