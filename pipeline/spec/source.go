package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxFileBytes is the size beyond which a source file is taken for a mistake.
const maxFileBytes = 10 << 20

// A source is one file of a spec. HCL sees text, which lacks a byte order mark and the carriage
// returns of CRLF, so that a checkout on Windows means the same; ranges point into the file.
type source struct {
	name    string
	text    []byte
	removed []int // offsets in text before which a byte of the file was removed, ascending
	body    *hclsyntax.Body
	// broken says that the file did not parse: what it defines is known in part at best.
	broken bool
	// values says that it holds the values of variables, some of which may be sensitive.
	values bool
}

// newSource takes the bytes of a file as they are.
func newSource(name string, data []byte) *source {
	s := &source{name: name}
	for bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		s.removed = append(s.removed, 0, 0, 0)
		data = data[3:]
	}
	if bytes.IndexByte(data, '\r') < 0 {
		s.text = data
		return s
	}
	s.text = make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		run := i
		for run < len(data) && data[run] == '\r' {
			run++
		}
		if run == len(data) || data[run] == '\n' {
			for ; i < run; i++ {
				s.removed = append(s.removed, len(s.text))
			}
		}
		for ; i < run; i++ {
			s.text = append(s.text, '\r') // a lone one is the parser's to judge
		}
		if i < len(data) {
			s.text = append(s.text, data[i])
		}
	}
	return s
}

// offset turns an offset in text into one in the file.
func (s *source) offset(at int) int {
	at = max(0, min(at, len(s.text)))
	return at + sort.SearchInts(s.removed, at+1)
}

// endOffset is offset for the end of a range, which does not take in a carriage return after it.
func (s *source) endOffset(at int) int {
	at = max(0, min(at, len(s.text)))
	return at + sort.SearchInts(s.removed, at)
}

// rangeOf turns HCL's range into ours.
func (s *source) rangeOf(r hcl.Range) Range {
	return Range{
		File: s.name, Line: r.Start.Line, Column: r.Start.Column, EndLine: r.End.Line, EndColumn: r.End.Column,
		StartOffset: s.offset(r.Start.Byte), EndOffset: max(s.offset(r.Start.Byte), s.endOffset(r.End.Byte)),
	}
}

// position gives the line and column (in characters) of an offset in text.
func (s *source) position(at int) hcl.Pos {
	before := s.text[:at]
	line := 1 + bytes.Count(before, []byte("\n"))
	start := bytes.LastIndexByte(before, '\n') + 1
	return hcl.Pos{Line: line, Column: 1 + utf8.RuneCount(before[start:]), Byte: at}
}

// span gives the range of n bytes at an offset in text.
func (s *source) span(at, n int) hcl.Range {
	end := s.position(at)
	end.Byte += n
	end.Column += n
	return hcl.Range{Filename: s.name, Start: s.position(at), End: end}
}

// listFiles gives the names of a spec's source files, sorted, and the spec's name.
func listFiles(path string) (files []string, name string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, "", err
	}
	name = filepath.Base(full)
	if !info.IsDir() {
		if !strings.HasSuffix(name, ".hcl") || !info.Mode().IsRegular() {
			return nil, "", fmt.Errorf("%s is not a file whose name ends in .hcl, nor a folder of such files", path)
		}
		return []string{filepath.ToSlash(path)}, strings.TrimSuffix(name, ".hcl"), nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, "", err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || !strings.HasSuffix(e.Name(), ".hcl") {
			continue
		}
		file := filepath.Join(path, e.Name())
		if i, err := os.Stat(file); err == nil && i.IsDir() {
			continue
		}
		files = append(files, filepath.ToSlash(file))
	}
	if len(files) == 0 {
		return nil, "", fmt.Errorf("the folder %s holds no file whose name ends in .hcl", path)
	}
	return files, name, nil
}

// readFile reads a file of bounded size.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() && info.Size() > maxFileBytes {
		return nil, fmt.Errorf("%s has %d bytes; a source file may have at most %d", path, info.Size(), maxFileBytes)
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// readProblem words an error of the file system without the system call's name.
func readProblem(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Sprintf("%s: %v.", pe.Path, pe.Err)
	}
	return err.Error() + "."
}

// parse reads the file's grammar; all that is wrong with it is reported.
func (l *loader) parse(s *source) {
	l.sources[s.name] = s
	if !l.checkText(s) {
		s.broken = true
		return
	}
	file, diags := hclsyntax.ParseConfig(s.text, s.name, hcl.InitialPos)
	s.body, _ = file.Body.(*hclsyntax.Body)
	for _, d := range diags {
		cause := ErrSyntax
		if d.Summary == "Attribute redefined" {
			cause = ErrDuplicate // the tree is whole: the rest of the file can be checked
		} else {
			s.broken = true
		}
		l.fromHCL(d, cause)
	}
}

// checkText refuses what the parser would take badly: bytes that are not text, and nesting that
// would exhaust its stack.
func (l *loader) checkText(s *source) bool {
	if len(s.text) > maxFileBytes {
		l.report(&problem{Err: ErrLimit, Summary: "File too large", At: s.span(0, 0),
			Detail: fmt.Sprintf("The file has %d bytes; a source file may have at most %d.", len(s.text), maxFileBytes)})
		return false
	}
	if i := bytes.IndexByte(s.text, 0); i >= 0 {
		l.report(&problem{Err: ErrSyntax, Summary: "NUL byte in the source", At: s.span(i, 1),
			Detail: "A source file is text in UTF-8. This one holds a byte 0: it may be binary, or text in UTF-16. Save it as UTF-8."})
		return false
	}
	if !utf8.Valid(s.text) {
		i := 0
		for i < len(s.text) {
			r, n := utf8.DecodeRune(s.text[i:])
			if r == utf8.RuneError && n <= 1 {
				break
			}
			i += n
		}
		l.report(&problem{Err: ErrSyntax, Summary: "Invalid UTF-8 in the source", At: s.span(i, 1),
			Detail: fmt.Sprintf("A source file is text in UTF-8, but the byte 0x%02x stands here. Save the file as UTF-8.", s.text[i])})
		return false
	}
	return l.checkNesting(s)
}

// SourceFiles lists the .hcl files that a path names: itself, or those in the folder, sorted.
func SourceFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	matches, err := fs.Glob(os.DirFS(path), "*.hcl")
	if err != nil {
		return nil, err
	}
	for i := range matches {
		matches[i] = filepath.Join(path, matches[i])
	}
	return matches, nil
}
